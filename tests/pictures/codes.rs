//! What a camera reads from the screen, by a decoder that knows nothing of ours.

use flexlogin::ciba::{Issuer, ScanUri};
use flexlogin::flow::{Language, Page, ScanCode};
use flexlogin::platform::panel::Panel;
use flexlogin::platform::pictures::{Example, SIZES, URI, examples, looks};
use flexlogin::screen;

use crate::{MORE_SIZES, found_on, nothing};

/// Pixels for each square. A camera that is held before a small panel needs no more.
const FEWEST: usize = 3;

#[test]
fn the_code_on_the_screen_says_the_address_in_every_size_and_look() {
    nothing(SIZES.into_iter().chain(MORE_SIZES).flat_map(|(width, height)| {
        found_on(width, height, move |panel| {
            let mut found = Vec::new();
            for (look_name, look) in looks() {
                screen::furnish(panel.app(), &look).unwrap();
                for name in ["scan", "scan-alone"] {
                    let Example { view, .. } =
                        examples(Language::DANISH).into_iter().find(|example| example.name == name).unwrap();
                    screen::show(panel.app(), &view);
                    panel.draw();
                    let place = format!("{name} {look_name} {width}×{height}");
                    match Code::read(panel) {
                        Ok(code) => found.extend(
                            code.complaints(panel).into_iter().map(|what| format!("{place}: {what}")),
                        ),
                        Err(what) => found.push(format!("{place}: {what}")),
                    }
                }
            }
            found
        })
    }));
}

/// The longest address that is taken is still one that can be read, on the smallest screen.
#[test]
fn the_longest_address_can_be_read_on_the_smallest_screen() {
    nothing(
        found_on(320, 240, |panel| {
            let issuer = Issuer::parse("https://op.example").unwrap();
            let text = format!("https://op.example/{}", "x7Y".repeat(200));
            let text = &text[..flexlogin::ciba::invitation::LONGEST];
            let mut view =
                examples(Language::DANISH).into_iter().find(|one| one.name == "scan").unwrap().view;
            if let Page::Scan(page) = &mut view.page {
                page.code = ScanCode::Shown(ScanUri::parse(text, &issuer).unwrap());
            }
            screen::show(panel.app(), &view);
            panel.draw();
            match Code::read(panel) {
                Ok(code) if code.text == text => Vec::new(),
                Ok(code) => vec![format!("it says {}", code.text)],
                Err(what) => vec![what],
            }
        })
        .into_iter(),
    );
}

/// From three metres a code has to be 30 cm wide: so many pixels of a TV of 43 inches.
#[test]
fn on_a_tv_the_code_is_a_tenth_as_wide_as_the_sofa_is_away() {
    nothing(
        found_on(1920, 1080, |panel| {
            let Example { view, .. } =
                examples(Language::DANISH).into_iter().find(|one| one.name == "scan").unwrap();
            screen::show(panel.app(), &view);
            panel.draw();
            let width_mm = 43.0 * 25.4 * 16.0 / f64::hypot(16.0, 9.0);
            let needed = (300.0 * 1920.0 / width_mm) as usize;
            match Code::read(panel) {
                Ok(code) if code.side * code.scale >= needed => Vec::new(),
                Ok(code) => vec![format!(
                    "the code is {} pixels wide, and {needed} are needed",
                    code.side * code.scale
                )],
                Err(what) => vec![what],
            }
        })
        .into_iter(),
    );
}

struct Code {
    text: String,
    /// Squares across, without the quiet zone.
    side: usize,
    /// Pixels for each.
    scale: usize,
    /// Of the corner of the first square.
    x: usize,
    y: usize,
}

impl Code {
    fn read(panel: &Panel) -> Result<Code, String> {
        let (width, height) = panel.size();
        let (width, height) = (width as usize, height as usize);
        let grey = |x: usize, y: usize| {
            let pixel = panel.pixels()[y * width + x];
            ((u32::from(pixel.r) * 3 + u32::from(pixel.g) * 6 + u32::from(pixel.b)) / 10) as u8
        };
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
        let grids = picture.detect_grids();
        let [grid] = grids.as_slice() else { return Err(format!("{} codes are found", grids.len())) };
        let (about, text) = grid.decode().map_err(|error| format!("the code cannot be read: {error}"))?;
        let side = about.version.to_size();
        let [top_left, top_right, ..] = grid.bounds;
        let wide = (top_right.x - top_left.x) as usize;
        let scale = (wide + side / 2) / side;
        let near = |at: i32| (at as usize).saturating_sub(scale)..=at as usize + scale;
        // The decoder's corner is a guess; the dark corner itself is not.
        let dark = |x: usize, y: usize| grey(x, y) == 0;
        let corner = near(top_left.y)
            .flat_map(|y| near(top_left.x).map(move |x| (x, y)))
            .find(|(x, y)| dark(*x, *y) && !dark(x - 1, *y) && !dark(*x, y - 1));
        let (x, y) = corner.ok_or("the code has no corner")?;
        // The first line of a corner is seven dark squares.
        let scale = (0..wide).take_while(|along| dark(x + along, y)).count() / 7;
        Ok(Code { text, side, scale, x, y })
    }

    fn complaints(&self, panel: &Panel) -> Vec<String> {
        let mut found = Vec::new();
        let width = panel.size().0 as usize;
        let is = |x: usize, y: usize, value: u8| {
            let pixel = panel.pixels()[y * width + x];
            [pixel.r, pixel.g, pixel.b] == [value; 3]
        };
        if self.text != URI {
            found.push(format!("it says {}", self.text));
        }
        if self.scale < FEWEST {
            found.push(format!("a square has {} pixels", self.scale));
        }
        // Every pixel of a square is as its first, so nothing was stretched or smoothed.
        let (inside, quiet) = (self.side * self.scale, 4 * self.scale);
        for y in 0..inside {
            for x in 0..inside {
                let first = (self.x + x / self.scale * self.scale, self.y + y / self.scale * self.scale);
                let value = if is(first.0, first.1, 0) { 0 } else { 255 };
                if !is(self.x + x, self.y + y, value) {
                    found.push(format!("the pixel {x}, {y} is not as its square"));
                    return found;
                }
            }
        }
        // Four white squares on each side, whatever the theme.
        for along in 0..inside + 2 * quiet {
            for deep in 0..quiet {
                let (left, top) = (self.x - quiet, self.y - quiet);
                let far = inside + 2 * quiet - 1 - deep;
                for (x, y) in [(along, deep), (deep, along), (along, far), (far, along)] {
                    if !is(left + x, top + y, 255) {
                        found.push(format!("the quiet zone is not white at {x}, {y}"));
                        return found;
                    }
                }
            }
        }
        found
    }
}
