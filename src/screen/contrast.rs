//! How well two colours can be told apart: WCAG 2.2, relative luminance and contrast ratio.

/// Text has at least this contrast (success criterion 1.4.3).
pub const TEXT: f64 = 4.5;
/// The frames of controls and the focus have at least this (success criterion 1.4.11).
pub const CONTROL: f64 = 3.0;

/// A colour as red, green and blue.
pub type Rgb = [u8; 3];

/// From 1, the same, to 21, black on white.
pub fn ratio(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Rgb) -> f64 {
    let [red, green, blue] = colour.map(|value| {
        let part = f64::from(value) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_pairs_have_their_known_contrast() {
        let known = [
            ([0, 0, 0], [255, 255, 255], 21.0),
            ([119, 119, 119], [255, 255, 255], 4.48),
            ([0x00, 0x60, 0xE6], [255, 255, 255], 5.5),
            ([1, 2, 3], [1, 2, 3], 1.0),
        ];
        for (one, other, expected) in known {
            assert!((ratio(one, other) - expected).abs() < 0.05, "{one:?} {other:?} {}", ratio(one, other));
            assert_eq!(ratio(one, other), ratio(other, one));
        }
    }
}
