//! The text of a key, as Slint delivers it, becomes a key of the remote.

use slint::platform::Key as Named;

use crate::flow::Key;

const NAMED: [(Named, Key); 13] = [
    (Named::Return, Key::Ok),
    (Named::Escape, Key::Back),
    (Named::Back, Key::Back),
    (Named::Backspace, Key::Erase),
    (Named::Delete, Key::Erase),
    (Named::UpArrow, Key::Up),
    (Named::DownArrow, Key::Down),
    (Named::LeftArrow, Key::Left),
    (Named::RightArrow, Key::Right),
    (Named::F1, Key::Red),
    (Named::F2, Key::Green),
    (Named::F3, Key::Yellow),
    (Named::F4, Key::Blue),
];

/// The key with this text, or `None` for one that has no meaning here.
pub fn key(text: &str) -> Option<Key> {
    let mut characters = text.chars();
    let (Some(character), None) = (characters.next(), characters.next()) else { return None };
    // The Enter of a number block arrives as a carriage return.
    if character == '\r' {
        return Some(Key::Ok);
    }
    if let Some((_, key)) = NAMED.iter().find(|(named, _)| char::from(*named) == character) {
        return Some(*key);
    }
    if let Some(digit) = character.to_digit(10) {
        return u8::try_from(digit).ok().map(Key::Digit);
    }
    printable(character).then_some(Key::Character(character))
}

/// Slint writes keys without a character as control characters or from the private use area.
fn printable(character: char) -> bool {
    !character.is_control() && !('\u{e000}'..='\u{f8ff}').contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyboard_stands_in_for_the_remote() {
        let named = |named: Named| key(&String::from(char::from(named)));
        assert_eq!(named(Named::Return), Some(Key::Ok));
        assert_eq!(key("\r"), Some(Key::Ok));
        assert_eq!(named(Named::Escape), Some(Key::Back));
        assert_eq!(named(Named::Backspace), Some(Key::Erase));
        assert_eq!(named(Named::LeftArrow), Some(Key::Left));
        assert_eq!(named(Named::F4), Some(Key::Blue));
        assert_eq!(key("7"), Some(Key::Digit(7)));
        assert_eq!(key("å"), Some(Key::Character('å')));
        assert_eq!(key(" "), Some(Key::Character(' ')));
    }

    #[test]
    fn keys_without_a_meaning_say_nothing() {
        let shift = String::from(char::from(Named::Shift));
        for text in ["", "\0", "\t", "ab", &shift] {
            assert_eq!(key(text), None, "{text:?}");
        }
    }
}
