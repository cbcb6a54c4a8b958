//! An address as the squares of a QR code (ISO/IEC 18004), with the quiet zone that a camera needs around it.
//!
//! Dark squares on light ones, whatever the theme: many cameras read nothing else. The lowest level of error correction
//! makes the largest squares, and no screen is torn or stained.

use std::fmt;

use qrcode::{Color, EcLevel, QrCode};

/// So many light squares on each side belong to the code.
const QUIET: usize = 4;

/// Square, light around, the first line first.
pub struct Squares {
    side: usize,
    dark: Vec<bool>,
}

impl fmt::Debug for Squares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Squares({})", self.side)
    }
}

impl Squares {
    /// `None` if it is more than any code can hold.
    pub fn of(text: &str) -> Option<Squares> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let inside = code.width();
        let side = inside + 2 * QUIET;
        let mut dark = vec![false; side * side];
        for (at, color) in code.to_colors().into_iter().enumerate() {
            dark[(at / inside + QUIET) * side + at % inside + QUIET] = color == Color::Dark;
        }
        Some(Squares { side, dark })
    }

    /// How many squares there are across, the quiet zone among them.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Whatever lies outside is light.
    pub fn is_dark(&self, across: usize, down: usize) -> bool {
        across < self.side && self.dark.get(down * self.side + across) == Some(&true)
    }

    /// The largest whole number of pixels for each square in so much room; at least one.
    pub fn scale(&self, room: usize) -> usize {
        (room / self.side).max(1)
    }

    /// As lines of a terminal, two squares above one another in each character, in colours of their own.
    pub fn lines(&self) -> Vec<String> {
        let half = |across, down| match (self.is_dark(across, down), self.is_dark(across, down + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        };
        let line = |down| (0..self.side).map(|across| half(across, down)).collect::<String>();
        (0..self.side).step_by(2).map(|down| format!("\u{1b}[30;107m{}\u{1b}[0m", line(down))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "https://op.example/op/connect/authorize?request_uri=urn:x:4BEE";

    #[test]
    fn four_light_squares_lie_around_a_dark_corner() {
        let squares = Squares::of(URI).unwrap();
        let side = squares.side();
        assert!(squares.is_dark(4, 4) && squares.is_dark(side - 5, 4) && squares.is_dark(4, side - 5));
        for at in 0..side {
            for edge in (0..4).chain(side - 4..side) {
                assert!(!squares.is_dark(at, edge) && !squares.is_dark(edge, at));
            }
        }
        assert!(!squares.is_dark(side, 4) && !squares.is_dark(4, side));
    }

    #[test]
    fn squares_are_whole_pixels_and_never_less_than_one() {
        let squares = Squares::of(URI).unwrap();
        let side = squares.side();
        assert_eq!((squares.scale(side * 3), squares.scale(side * 4 - 1), squares.scale(1)), (3, 3, 1));
    }

    #[test]
    fn what_no_code_holds_is_none() {
        assert!(Squares::of(&"x".repeat(2953)).is_some());
        assert!(Squares::of(&"x".repeat(2954)).is_none());
    }

    #[test]
    fn a_terminal_shows_two_squares_in_each_character() {
        let squares = Squares::of(URI).unwrap();
        let lines = squares.lines();
        assert_eq!(lines.len(), squares.side().div_ceil(2));
        let inside = lines[2].trim_start_matches("\u{1b}[30;107m").trim_end_matches("\u{1b}[0m");
        assert_eq!(inside.chars().count(), squares.side());
        assert!(inside.starts_with("    █▀▀▀▀▀█"), "{inside}");
    }
}
