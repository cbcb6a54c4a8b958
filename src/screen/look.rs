//! How the screens look: theme, large mode and brand, and what of it is not good enough.

use slint::Global;

use super::drawing::{self, Mark};
use super::palette::{NIGHT, Palette};
use super::ui::{self, Bridge, Theme};
use crate::config::{BrandFolder, Look};

/// The height of a capital H of IBM Plex Sans, as a part of the font size.
const CAPITAL: f64 = 0.698;
/// The largest text that the pages have room for on a 16:9 screen, as a part of its diagonal; `Theme.largest` in
/// `ui/theme.slint` says the same.
const LARGEST: f64 = 1080.0 / 10.0 / 2203.0;
/// A mark that is drawn larger than this cannot be seen to be.
const LARGEST_MARK: u32 = 2048;

/// Gives the screens their pictures and their look; before anything is drawn. The error is a sentence.
pub fn furnish<'a, C>(component: &'a C, look: &Look) -> Result<(), String>
where
    Bridge<'a>: Global<'a, C>,
    Theme<'a>: Global<'a, C>,
{
    let bridge = Bridge::get(component);
    bridge.on_drawn(|path, weight, pixels| drawing::strokes(&path, weight, pixels));
    bridge.on_ring(drawing::ring);
    bridge.on_qr(|uri, room| drawing::code(&uri, room));
    let mut brand = ui::Brand::default();
    if let Some(folder) = &look.brand {
        brand.name = folder.name.as_deref().unwrap_or_default().into();
        if let Some(mark) = mark(folder)? {
            brand.proportion = mark.width as f32 / mark.height as f32;
            bridge.on_mark(move |width, height| mark.sized(width, height));
        }
    }
    bridge.set_brand(brand);
    let theme = Theme::get(component);
    theme.set_palette(Palette::of(look.theme, look.brand.as_ref()).shown());
    theme.set_night_palette(NIGHT.shown());
    theme.set_large(look.large.map_or(0.0, |large| (large.height() / CAPITAL) as f32));
    Ok(())
}

/// What is wrong with a look, each as what and remedy.
pub fn look_lines(look: &Look) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for faint in Palette::of(look.theme, look.brand.as_ref()).faint() {
        lines.push((
            format!(
                "The colour {} on {} has a contrast of {:.1}:1, and needs {}:1.",
                faint.front, faint.behind, faint.ratio, faint.needed
            ),
            "Change it in brand.toml.".to_owned(),
        ));
    }
    if let Some(Err(sentence)) = look.brand.as_ref().map(mark) {
        lines.push((sentence, "Save the mark as PNG with 8 bits a colour.".to_owned()));
    }
    if let Some(large) = look.seen
        && large.height() / CAPITAL > LARGEST
    {
        let nearest = f64::from(large.distance_cm) * LARGEST * CAPITAL / large.height();
        lines.push((
            format!(
                "From {} cm, text on a screen of {} inches cannot be as large as EN 301 549 5.1.4 asks, even in the large mode.",
                large.distance_cm, large.diagonal_inches
            ),
            format!("Use a larger screen, or sit within {nearest:.0} cm."),
        ));
    }
    lines
}

/// The error is a sentence.
fn mark(brand: &BrandFolder) -> Result<Option<Mark>, String> {
    let Some(bytes) = &brand.mark else { return Ok(None) };
    let wrong = |why: String| format!("The mark.png of the brand cannot be shown: {why}.");
    let mut decoder = png::Decoder::new_with_limits(
        std::io::Cursor::new(bytes.as_slice()),
        png::Limits { bytes: 64 * 1024 * 1024 },
    );
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().map_err(|error| wrong(error.to_string()))?;
    let (width, height) = (reader.info().width, reader.info().height);
    if width > LARGEST_MARK || height > LARGEST_MARK {
        return Err(wrong(format!("it is larger than {LARGEST_MARK} pixels")));
    }
    let size = reader.output_buffer_size().ok_or_else(|| wrong("it is too large".into()))?;
    let mut bytes = vec![0; size];
    let frame = reader.next_frame(&mut bytes).map_err(|error| wrong(error.to_string()))?;
    let samples = frame.color_type.samples();
    let pixels = bytes[..frame.buffer_size()]
        .chunks_exact(samples)
        .map(|pixel| match *pixel {
            [grey, alpha] => premultiplied([grey, grey, grey], alpha),
            [red, green, blue, alpha] => premultiplied([red, green, blue], alpha),
            _ => [0; 4],
        })
        .collect();
    Ok(Some(Mark { width, height, pixels }))
}

fn premultiplied([red, green, blue]: [u8; 3], alpha: u8) -> [u8; 4] {
    let times = |value: u8| (u16::from(value) * u16::from(alpha) / 255) as u8;
    [times(red), times(green), times(blue), alpha]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Large;

    fn png(width: u32, height: u32, pixel: [u8; 4]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgba);
        let pixels = pixel.repeat((width * height) as usize);
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        bytes
    }

    #[test]
    fn our_own_look_has_nothing_wrong() {
        assert_eq!(look_lines(&Look::default()), []);
        let seen = Some(Large { distance_cm: 300, diagonal_inches: 43 });
        assert_eq!(look_lines(&Look { seen, ..Look::default() }), []);
    }

    #[test]
    fn a_screen_too_far_for_large_text_is_told_with_the_distance_that_works() {
        let seen = Some(Large { distance_cm: 300, diagonal_inches: 32 });
        let lines = look_lines(&Look { seen, ..Look::default() });
        assert_eq!(lines.len(), 1);
        assert!(lines[0].1.ends_with("sit within 228 cm."), "{lines:?}");
    }

    #[test]
    fn the_mark_of_a_brand_is_read_and_a_broken_one_is_told() {
        let brand = |mark| BrandFolder { mark: Some(mark), ..Default::default() };
        let read = mark(&brand(png(4, 2, [200, 100, 0, 128]))).unwrap().unwrap();
        assert_eq!((read.width, read.height, read.pixels[7]), (4, 2, [100, 50, 0, 128]));
        let broken = brand(b"GIF89a".to_vec());
        assert!(mark(&broken).unwrap_err().starts_with("The mark.png of the brand cannot be shown"));
        assert_eq!(look_lines(&Look { brand: Some(broken), ..Look::default() }).len(), 1);
        assert!(mark(&brand(png(LARGEST_MARK + 1, 1, [0; 4]))).is_err());
    }
}
