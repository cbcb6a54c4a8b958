//! The names of keys, as people write and read them.

use crate::flow::Key;

const NAMED: [(&str, Key); 21] = [
    ("ok", Key::Ok),
    ("back", Key::Back),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("erase", Key::Erase),
    ("red", Key::Red),
    ("green", Key::Green),
    ("yellow", Key::Yellow),
    ("blue", Key::Blue),
    ("0", Key::Digit(0)),
    ("1", Key::Digit(1)),
    ("2", Key::Digit(2)),
    ("3", Key::Digit(3)),
    ("4", Key::Digit(4)),
    ("5", Key::Digit(5)),
    ("6", Key::Digit(6)),
    ("7", Key::Digit(7)),
    ("8", Key::Digit(8)),
    ("9", Key::Digit(9)),
];

/// The key with this name, if there is one.
pub fn called(name: &str) -> Option<Key> {
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, key)| *key)
}

/// The names that there are.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMED.iter().map(|(name, _)| *name)
}

/// What a key is called; it tells what was typed, so it is for a technician alone.
pub fn name_of(key: Key) -> String {
    match key {
        Key::Character(' ') => "a space".into(),
        Key::Character(character) => character.into(),
        other => {
            NAMED.iter().find(|(_, key)| *key == other).map_or_else(String::new, |(name, _)| (*name).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_to_its_key_and_back() {
        for (name, key) in NAMED {
            assert_eq!(called(name), Some(key));
            assert_eq!(name_of(key), name);
        }
        assert_eq!(called("power"), None);
        assert_eq!(name_of(Key::Character('å')), "å");
        assert_eq!(name_of(Key::Character(' ')), "a space");
    }
}
