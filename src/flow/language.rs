//! The languages of the screens. Each catalogue in `assets/translations` is one, found when the program is built;
//! English stands in the markup itself.

use std::fmt;

/// A language that every text of the screens has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Language {
    code: &'static str,
    name: &'static str,
}

/// As the key that switches goes round.
static ALL: &[Language] = &include!(concat!(env!("OUT_DIR"), "/languages.rs"));

impl Language {
    pub const DANISH: Language = Language { code: "da", name: "Dansk" };
    pub const ENGLISH: Language = Language { code: "en", name: "English" };

    pub fn all() -> &'static [Language] {
        ALL
    }

    /// The language with this code of ISO 639.
    pub fn parse(code: &str) -> Option<Language> {
        ALL.iter().find(|language| language.code == code).copied()
    }

    /// The code of ISO 639, for instance `da`.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// The language's name in itself.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// The one that the key switches to.
    pub fn next(self) -> Language {
        let at = ALL.iter().position(|language| *language == self).unwrap_or_default();
        ALL.get(at + 1).or(ALL.first()).copied().unwrap_or(self)
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn danish_and_english_are_there_and_the_key_goes_round_all() {
        assert_eq!(ALL[..2], [Language::DANISH, Language::ENGLISH]);
        let mut seen = vec![Language::DANISH];
        while seen.last().unwrap().next() != Language::DANISH {
            seen.push(seen.last().unwrap().next());
        }
        assert_eq!(seen, ALL);
        assert!(ALL.iter().all(|language| Language::parse(language.code()) == Some(*language)));
        assert_eq!(Language::parse("xx"), None);
    }
}
