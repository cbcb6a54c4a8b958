//! Pictures for the markup, drawn once: strokes of our own, and the mark of a brand in the size that is needed.
//!
//! Slint 1.18's software renderer draws the whole of a `Path` even where a part of it is repainted, so that its smooth
//! edges darken; a picture is copied, and stays as it is.

use slint::{Image, Rgb8Pixel, Rgba8Pixel, SharedPixelBuffer};
use zeno::{Cap, Join, Mask, Stroke, Transform};

use crate::qr::Squares;

/// The side of the field that strokes are written for.
const FIELD: f32 = 96.0;
/// No icon is larger, in pixels.
const LARGEST: u32 = 2048;

/// Strokes in the language of SVG paths, in white: the markup gives them their colour.
pub(super) fn strokes(path: &str, weight: f32, pixels: i32) -> Image {
    let side = side(pixels);
    let scale = side as f32 / FIELD;
    let mut covered = vec![0; (side * side) as usize];
    let mut stroke = Stroke::new(weight);
    stroke.cap(Cap::Round).join(Join::Round);
    Mask::new(path)
        .style(stroke)
        .transform(Some(Transform::scale(scale, scale)))
        .size(side, side)
        .render_into(&mut covered, None);
    let mut picture = SharedPixelBuffer::<Rgba8Pixel>::new(side, side);
    for (pixel, covered) in picture.make_mut_slice().iter_mut().zip(covered) {
        *pixel = Rgba8Pixel { r: covered, g: covered, b: covered, a: covered };
    }
    Image::from_rgba8_premultiplied(picture)
}

/// So many sixtieths of a ring, from the top clockwise. In short straight lines: an arc of exactly half a ring has
/// two centres, and a drawing program may find neither.
pub(super) fn ring(sixtieths: i32, weight: f32, pixels: i32) -> Image {
    let lines = sixtieths.clamp(0, 60) * 2;
    let radius = (FIELD - weight) / 2.0 - 1.0;
    let point = |at: i32| {
        let (across, up) = (at as f32 * 3.0).to_radians().sin_cos();
        format!("{} {}", FIELD / 2.0 + radius * across, FIELD / 2.0 - radius * up)
    };
    let mut path = format!("M{}", point(0));
    (1..=lines).for_each(|at| path.push_str(&format!(" L{}", point(at))));
    strokes(&path, weight, pixels)
}

/// The code of an address, as large as it goes in so many pixels with every square as large as the next; nothing of it
/// is smoothed, and what is light is white in every theme.
pub(super) fn code(uri: &str, room: i32) -> Image {
    let Some(squares) = Squares::of(uri) else { return Image::default() };
    let scale = squares.scale(usize::try_from(room).unwrap_or(0).min(LARGEST as usize));
    let side = squares.side() * scale;
    let mut picture = SharedPixelBuffer::<Rgb8Pixel>::new(side as u32, side as u32);
    for (at, pixel) in picture.make_mut_slice().iter_mut().enumerate() {
        let dark = squares.is_dark(at % side / scale, at / side / scale);
        *pixel = if dark { Rgb8Pixel { r: 0, g: 0, b: 0 } } else { Rgb8Pixel { r: 255, g: 255, b: 255 } };
    }
    Image::from_rgb8(picture)
}

/// A picture with its colours multiplied by their opacity.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: Vec<[u8; 4]>,
}

impl Mark {
    /// The mark in another size: each pixel is the mean of what it covers.
    pub(super) fn sized(&self, width: i32, height: i32) -> Image {
        let (width, height) = (side(width), side(height));
        let mut picture = SharedPixelBuffer::<Rgba8Pixel>::new(width, height);
        for (at, pixel) in (0..).zip(picture.make_mut_slice()) {
            let across = part(at % width, width, self.width);
            let down = part(at / width, height, self.height);
            let [r, g, b, a] = self.mean(across, down);
            *pixel = Rgba8Pixel { r, g, b, a };
        }
        Image::from_rgba8_premultiplied(picture)
    }

    fn mean(&self, across: std::ops::Range<u32>, down: std::ops::Range<u32>) -> [u8; 4] {
        let mut sums = [0_u32; 4];
        for y in down.clone() {
            for x in across.clone() {
                let pixel = self.pixels.get((y * self.width + x) as usize).copied().unwrap_or_default();
                sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u32::from(value));
            }
        }
        let count = (across.len() * down.len()).max(1) as u32;
        sums.map(|sum| ((sum + count / 2) / count).min(255) as u8)
    }
}

/// Which of `from` pixels the pixel at `at` of `to` covers; at least one.
fn part(at: u32, to: u32, from: u32) -> std::ops::Range<u32> {
    let start = (u64::from(at) * u64::from(from) / u64::from(to)) as u32;
    let end = ((u64::from(at) + 1) * u64::from(from) / u64::from(to)) as u32;
    start..end.max(start + 1).min(from.max(1))
}

fn side(pixels: i32) -> u32 {
    u32::try_from(pixels).unwrap_or(1).clamp(1, LARGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stroke_is_drawn_where_its_path_leads() {
        let picture = strokes("M48 0 V96", 6.0, 32).to_rgba8_premultiplied().unwrap();
        let covered = |x: usize, y: usize| picture.as_slice()[y * 32 + x].a;
        assert_eq!((covered(16, 16), covered(4, 16), covered(28, 16)), (255, 0, 0));
    }

    #[test]
    fn no_size_and_no_path_make_it_fail() {
        for (path, pixels) in [("", 32), ("M", 32), ("nonsense", 32), ("M0 0 H96", 0), ("M0 0 H96", -5)] {
            strokes(path, 6.0, pixels);
        }
        assert_eq!(strokes("M0 0 H96", 6.0, i32::MAX).size().width, LARGEST);
    }

    #[test]
    fn a_code_has_whole_squares_and_no_colour_between() {
        let picture = code("https://op.example/x", 200).to_rgb8().unwrap();
        // 25 squares and the quiet zone, six pixels each.
        assert_eq!((picture.width(), picture.height()), (198, 198));
        assert!(
            picture
                .as_slice()
                .iter()
                .all(|pixel| matches!(pixel.r, 0 | 255) && pixel.r == pixel.g && pixel.g == pixel.b)
        );
        let dark = |x: usize, y: usize| picture.as_slice()[y * 198 + x].r == 0;
        assert!(!dark(23, 24) && dark(24, 24) && dark(29, 29));
        assert_eq!(code(&"x".repeat(9000), 200).size().width, 0);
    }

    #[test]
    fn a_ring_loses_a_sixtieth_at_a_time() {
        let covered = |sixtieths| {
            let picture = ring(sixtieths, 7.0, 160).to_rgba8_premultiplied().unwrap();
            picture.as_slice().iter().map(|pixel| u32::from(pixel.a)).sum::<u32>()
        };
        assert!((0..60).all(|sixtieths| covered(sixtieths) < covered(sixtieths + 1)));
        assert_eq!((covered(-1), covered(61)), (covered(0), covered(60)));
    }

    #[test]
    fn a_mark_is_made_smaller_and_larger_without_new_colours() {
        let mark = Mark { width: 2, height: 1, pixels: vec![[255, 0, 0, 255], [0, 0, 255, 255]] };
        let small = mark.sized(1, 1).to_rgba8_premultiplied().unwrap();
        assert_eq!(small.as_slice()[0], Rgba8Pixel { r: 128, g: 0, b: 128, a: 255 });
        let large = mark.sized(4, 2).to_rgba8_premultiplied().unwrap();
        assert_eq!((large.as_slice()[1].r, large.as_slice()[2].b), (255, 255));
    }
}
