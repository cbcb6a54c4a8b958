//! What the codes of the kernel's `include/uapi/linux/input-event-codes.h` mean without any configuration.

use std::fmt;

use super::Layout;
use crate::flow::Key;

/// The number of a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub u16);

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// Keys that mean the same on every device. F1 to F4 stand for the colours that a keyboard lacks.
const KEYS: [(u16, Key); 22] = [
    (28, Key::Ok),      // KEY_ENTER
    (96, Key::Ok),      // KEY_KPENTER
    (352, Key::Ok),     // KEY_OK
    (353, Key::Ok),     // KEY_SELECT
    (1, Key::Back),     // KEY_ESC
    (158, Key::Back),   // KEY_BACK
    (174, Key::Back),   // KEY_EXIT
    (103, Key::Up),     // KEY_UP
    (108, Key::Down),   // KEY_DOWN
    (105, Key::Left),   // KEY_LEFT
    (106, Key::Right),  // KEY_RIGHT
    (14, Key::Erase),   // KEY_BACKSPACE
    (111, Key::Erase),  // KEY_DELETE
    (355, Key::Erase),  // KEY_CLEAR
    (398, Key::Red),    // KEY_RED
    (399, Key::Green),  // KEY_GREEN
    (400, Key::Yellow), // KEY_YELLOW
    (401, Key::Blue),   // KEY_BLUE
    (59, Key::Red),     // KEY_F1
    (60, Key::Green),   // KEY_F2
    (61, Key::Yellow),  // KEY_F3
    (62, Key::Blue),    // KEY_F4
];

/// KEY_KP0 to KEY_KP9. The lock of the number block does not matter: there are arrows elsewhere.
const NUMBER_BLOCK: [u16; 10] = [82, 79, 80, 81, 75, 76, 77, 71, 72, 73];

/// What is held while another key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modifier {
    Shift,
    AltGr,
    /// Ctrl, Alt, the key with the logo, and SysRq: a chord with one of them is a wish to the system, and means nothing
    /// here.
    Chord,
}

pub(super) fn modifier(code: Code) -> Option<Modifier> {
    match code.0 {
        42 | 54 => Some(Modifier::Shift),
        100 => Some(Modifier::AltGr),
        29 | 97 | 56 | 125 | 126 | 99 => Some(Modifier::Chord),
        _ => None,
    }
}

/// What a key means that is pressed alone or with Shift or AltGr.
pub(super) fn meaning(code: Code, layout: Layout, shift: bool, alt_gr: bool) -> Option<Key> {
    let character = |shift| layout.character(code, shift, alt_gr).map(Key::Character);
    if alt_gr {
        return character(shift);
    }
    if let Some((_, key)) = KEYS.iter().find(|(known, _)| *known == code.0) {
        return Some(*key);
    }
    match digit(code) {
        // The digits above the letters carry signs too.
        Some(_) if shift && code.0 <= 11 => character(true),
        Some(digit) => Some(Key::Digit(digit)),
        None => character(shift),
    }
}

fn digit(code: Code) -> Option<u8> {
    let digit = match code.0 {
        // KEY_1 to KEY_9, KEY_0.
        row @ 2..=10 => row - 1,
        11 => 0,
        // KEY_NUMERIC_0 to KEY_NUMERIC_9.
        numeric @ 512..=521 => numeric - 512,
        other => u16::try_from(NUMBER_BLOCK.iter().position(|known| *known == other)?).ok()?,
    };
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(code: u16) -> Option<Key> {
        meaning(Code(code), Layout::Danish, false, false)
    }

    #[test]
    fn all_three_kinds_of_digits_are_digits() {
        let row = [11, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        let block = [82, 79, 80, 81, 75, 76, 77, 71, 72, 73];
        let numeric: [u16; 10] = std::array::from_fn(|digit| 512 + digit as u16);
        for kind in [row, block, numeric] {
            for (digit, code) in kind.into_iter().enumerate() {
                assert_eq!(plain(code), Some(Key::Digit(digit as u8)), "{code}");
            }
        }
    }

    #[test]
    fn every_word_for_ok_back_and_erase_is_understood() {
        for (codes, key) in [
            (vec![352, 353, 28, 96], Key::Ok),
            (vec![158, 174, 1], Key::Back),
            (vec![14, 111, 355], Key::Erase),
        ] {
            for code in codes {
                assert_eq!(plain(code), Some(key), "{code}");
            }
        }
        assert_eq!([398, 399, 400, 401].map(plain), [Key::Red, Key::Green, Key::Yellow, Key::Blue].map(Some));
        assert_eq!([103, 108, 105, 106].map(plain), [Key::Up, Key::Down, Key::Left, Key::Right].map(Some));
    }

    #[test]
    fn whatever_else_a_remote_or_keyboard_has_is_inert() {
        // POWER, POWER2, SLEEP, SYSRQ, VOLUMEUP, HOMEPAGE, MENU, F5, F12, TAB, CAPSLOCK, NUMLOCK, PLAY, CHANNELUP,
        // NUMERIC_STAR, BTN_LEFT, BTN_TOUCH, and what no kernel knows.
        for code in
            [116, 356, 142, 99, 115, 172, 139, 63, 88, 15, 58, 69, 207, 402, 522, 272, 330, 0, 767, u16::MAX]
        {
            for (shift, alt_gr) in [(false, false), (true, false), (false, true), (true, true)] {
                assert_eq!(meaning(Code(code), Layout::Danish, shift, alt_gr), None, "{code}");
                assert_eq!(meaning(Code(code), Layout::American, shift, alt_gr), None, "{code}");
            }
        }
    }
}
