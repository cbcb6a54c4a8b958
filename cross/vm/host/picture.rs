//! Pictures: what the display shows, what the panel would show, and whether that is the same.

use std::fs;
use std::io::BufWriter;
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use flexlogin::flow::{Control, View};
use flexlogin::platform::panel::Panel;
use flexlogin::screen;

/// Two pixels are the same if no colour differs by more: the two processors round differently.
const SHADE: u8 = 8;
/// A renderer that turns what it draws rounds the edges of round corners otherwise.
const TURNED_SHADE: u8 = 64;
/// Pictures are alike if no more pixels differ.
const ALIKE: usize = 16;

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pixels: Vec<[u8; 3]>,
    /// How far another's colours may be from these.
    shade: u8,
}

impl Picture {
    fn new(width: usize, height: usize, pixels: Vec<[u8; 3]>) -> Picture {
        Picture { width, height, pixels, shade: SHADE }
    }

    /// Reads a PPM of eight bits a colour, as the emulator writes it.
    pub(crate) fn read(path: &Path) -> Result<Picture, String> {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Picture::of_ppm(&bytes).ok_or_else(|| format!("{} is no such picture", path.display()))
    }

    fn of_ppm(bytes: &[u8]) -> Option<Picture> {
        let mut rest = bytes;
        let mut word = || {
            let end = rest.iter().position(u8::is_ascii_whitespace)?;
            let (word, after) = rest.split_at(end);
            rest = &after[1..];
            std::str::from_utf8(word).ok()
        };
        let magic = word()?;
        let (width, height) = (word()?.parse().ok()?, word()?.parse().ok()?);
        let most = word()?;
        let (pixels, tail) = rest.as_chunks::<3>();
        let whole = magic == "P6" && most == "255" && tail.is_empty() && pixels.len() == width * height;
        whole.then(|| Picture::new(width, height, pixels.to_vec()))
    }

    /// How many pixels differ; all, if the sizes do.
    pub(crate) fn differences(&self, other: &Picture) -> usize {
        if self.fits(other) {
            self.differing(other).count()
        } else {
            self.pixels.len().max(other.pixels.len())
        }
    }

    pub(crate) fn is_like(&self, other: &Picture) -> bool {
        self.fits(other) && self.differing(other).nth(ALIKE).is_none()
    }

    fn fits(&self, other: &Picture) -> bool {
        (self.width, self.height) == (other.width, other.height)
    }

    fn differing(&self, other: &Picture) -> impl Iterator<Item = ()> {
        let shade = self.shade.max(other.shade);
        let far = move |one: &u8, two: &u8| one.abs_diff(*two) > shade;
        let lines = self.pixels.chunks(self.width).zip(other.pixels.chunks(self.width));
        // Most are the same to the last bit, which is quickly seen.
        let lines = lines.filter(|(one, two)| one.as_flattened() != two.as_flattened());
        let pixels = lines.flat_map(|(one, two)| one.iter().zip(two));
        let differ = move |one: &[u8; 3], two: &[u8; 3]| one.iter().zip(two).any(|(one, two)| far(one, two));
        pixels.filter(move |(one, two)| differ(one, two)).map(drop)
    }

    /// A quarter to the right, as a picture hangs on a display that stands upright.
    fn turned(&self) -> Picture {
        let (width, height) = (self.height, self.width);
        let from = |at: usize| (self.height - 1 - at % width) * self.width + at / width;
        let pixels = (0..width * height).map(|at| self.pixels[from(at)]).collect();
        Picture { shade: TURNED_SHADE, ..Picture::new(width, height, pixels) }
    }

    pub(crate) fn save(&self, path: &Path) -> Result<(), String> {
        let cannot = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let file = fs::File::create(path).map_err(|error| cannot(&error))?;
        let (width, height) = (self.width as u32, self.height as u32);
        let mut encoder = png::Encoder::new(BufWriter::new(file), width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(|error| cannot(&error))?;
        writer.write_image_data(self.pixels.as_flattened()).map_err(|error| cannot(&error))
    }
}

/// How the panel stands behind the display.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Stand {
    Level,
    /// The display stands on its left edge, and the picture is turned a quarter to the right.
    Upright,
}

/// Where a finger meets what.
pub(crate) struct Places {
    met: Vec<(Control, (u32, u32))>,
}

impl Places {
    /// About in the middle.
    pub(crate) fn of(&self, control: Control) -> Result<(i32, i32), String> {
        let places: Vec<_> = self.met.iter().filter(|(met, _)| *met == control).collect();
        let middle = places.get(places.len() / 2).ok_or_else(|| format!("no finger finds {control:?}"))?;
        let (x, y) = middle.1;
        Ok((x as i32, y as i32))
    }
}

type Wish = Box<dyn FnOnce(&mut Panel) + Send>;

/// A panel of the display's size, on the thread that Slint keeps it on.
pub(crate) struct Painter {
    wishes: Sender<Wish>,
    stand: Stand,
    /// Of the panel.
    size: (u32, u32),
}

impl Painter {
    pub(crate) fn new((width, height): (u32, u32), stand: Stand) -> Result<Painter, String> {
        let size = if stand == Stand::Upright { (height, width) } else { (width, height) };
        let (wishes, wished) = mpsc::channel::<Wish>();
        let paint = move || {
            if let Ok(mut panel) = Panel::new(size.0, size.1, || Duration::ZERO) {
                wished.into_iter().for_each(|wish| wish(&mut panel));
            }
        };
        std::thread::Builder::new().spawn(paint).map_err(|error| error.to_string())?;
        Ok(Painter { wishes, stand, size })
    }

    /// What the display has to show.
    pub(crate) fn paint(&self, view: &View) -> Result<Picture, String> {
        let view = view.clone();
        let picture = self.wish(move |panel| {
            screen::show(panel.app(), &view);
            panel.draw();
            let (width, height) = panel.size();
            let pixels = panel.pixels().iter().map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
            Picture::new(width as usize, height as usize, pixels)
        })?;
        Ok(if self.stand == Stand::Upright { picture.turned() } else { picture })
    }

    /// What a finger meets on the display, and where.
    pub(crate) fn places(&self, view: &View) -> Result<Places, String> {
        const STEP: usize = 16;
        let (view, (width, height)) = (view.clone(), self.size);
        let met = self.wish(move |panel| {
            screen::show(panel.app(), &view);
            panel.draw();
            let (tell, told) = mpsc::channel();
            screen::on_tap(panel.app(), move |met| {
                let _ = tell.send(met);
            });
            let rows = (0..height).step_by(STEP);
            let grid = rows.flat_map(|y| (0..width).step_by(STEP).map(move |x| (x, y)));
            let meets = |(x, y): (u32, u32)| {
                panel.tap(x, y);
                told.try_iter().last().map(|met| (met, (x, y)))
            };
            grid.filter_map(meets).collect::<Vec<_>>()
        })?;
        let hangs = |(x, y)| if self.stand == Stand::Upright { (self.size.1 - 1 - y, x) } else { (x, y) };
        Ok(Places { met: met.into_iter().map(|(control, place)| (control, hangs(place))).collect() })
    }

    fn wish<T: Send + 'static>(
        &self,
        wish: impl FnOnce(&mut Panel) -> T + Send + 'static,
    ) -> Result<T, String> {
        let (tell, told) = mpsc::channel();
        let gone = |_| "the panel is gone".to_owned();
        self.wishes
            .send(Box::new(move |panel| drop(tell.send(wish(panel)))))
            .map_err(|_| "the panel is gone".to_owned())?;
        told.recv().map_err(gone)
    }
}
