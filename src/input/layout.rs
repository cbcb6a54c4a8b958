//! What is printed on the keys of a keyboard, as far as an identifier can hold it. Letters of either case are one:
//! the flow writes them small.

use super::Code;

/// The keyboards that are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    #[default]
    Danish,
    American,
}

/// The letters in rows, each from its first code.
const ROWS: [(u16, &str); 3] = [(16, "qwertyuiop"), (30, "asdfghjkl"), (44, "zxcvbnm")];

/// The digits' row with Shift, from KEY_1 to KEY_0; a space stands for what no identifier holds.
const DANISH_DIGITS: &str = "! #    ()=";
const AMERICAN_DIGITS: &str = "!@#$ ^ *()";

/// A code, what is printed on its key, and what is printed above that; a space as before.
const DANISH: [(u16, char, char); 8] = [
    (12, '+', '?'),
    (26, 'å', 'Å'),
    (27, ' ', '^'),
    (39, 'æ', 'Æ'),
    (40, 'ø', 'Ø'),
    (43, ' ', '*'),
    (51, ',', ';'),
    (52, '.', ':'),
];
const AMERICAN: [(u16, char, char); 8] = [
    (12, '-', '_'),
    (13, '=', '+'),
    (26, ' ', '{'),
    (27, ' ', '}'),
    (39, ';', ':'),
    (51, ',', ' '),
    (52, '.', ' '),
    (53, ' ', '?'),
];

/// With AltGr on a Danish keyboard.
const DANISH_ALT_GR: [(u16, char); 4] = [(3, '@'), (5, '$'), (8, '{'), (11, '}')];

/// The signs of a number block.
const NUMBER_BLOCK: [(u16, char); 4] = [(55, '*'), (74, '-'), (78, '+'), (117, '=')];

const SPACE: u16 = 57;

impl Layout {
    pub(super) fn character(self, Code(code): Code, shift: bool, alt_gr: bool) -> Option<char> {
        if alt_gr {
            let signs = (self == Layout::Danish && !shift).then_some(DANISH_ALT_GR);
            return signs
                .and_then(|signs| signs.into_iter().find(|(at, _)| *at == code))
                .map(|(_, sign)| sign);
        }
        if code == SPACE {
            return Some(' ');
        }
        let letter =
            ROWS.iter().find_map(|(first, row)| row.chars().nth(usize::from(code.checked_sub(*first)?)));
        if let Some(letter) = letter {
            return Some(if shift { letter.to_ascii_uppercase() } else { letter });
        }
        let block = NUMBER_BLOCK.iter().find(|(at, _)| *at == code).map(|(_, sign)| *sign);
        block.or_else(|| self.sign(code, shift)).filter(|sign| *sign != ' ')
    }

    fn sign(self, code: u16, shift: bool) -> Option<char> {
        let (digits, signs) = match self {
            Layout::Danish => (DANISH_DIGITS, DANISH),
            Layout::American => (AMERICAN_DIGITS, AMERICAN),
        };
        if let 2..=11 = code {
            return digits.chars().nth(usize::from(code - 2)).filter(|_| shift);
        }
        if (self, code) == (Layout::Danish, 53) {
            return Some(if shift { '_' } else { '-' });
        }
        let (_, plain, above) = signs.into_iter().find(|(at, ..)| *at == code)?;
        Some(if shift { above } else { plain })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything(layout: Layout) -> String {
        let mut found: Vec<char> = Vec::new();
        for (shift, alt_gr) in [(false, false), (true, false), (false, true)] {
            // The number block has some signs twice.
            let main = (0..255).filter(|code| NUMBER_BLOCK.iter().all(|(at, _)| at != code));
            found.extend(main.filter_map(|code| layout.character(Code(code), shift, alt_gr)));
        }
        found.sort_unstable();
        found.into_iter().collect()
    }

    #[test]
    fn every_character_of_a_user_id_is_on_the_danish_keyboard() {
        let found = everything(Layout::Danish);
        for wanted in ('a'..='z').chain("æøå {}!#$^,*()_+-=:;?.@".chars()) {
            assert!(found.contains(wanted), "{wanted}");
        }
    }

    #[test]
    fn an_american_keyboard_lacks_the_danish_letters_alone() {
        let found = everything(Layout::American);
        for wanted in ('a'..='z').chain(" {}!#$^,*()_+-=:;?.@".chars()) {
            assert!(found.contains(wanted), "{wanted}");
        }
        assert!(!found.contains(['æ', 'ø', 'å']));
    }

    #[test]
    fn no_character_stands_on_two_keys_but_the_space_with_shift() {
        for layout in [Layout::Danish, Layout::American] {
            let found: Vec<char> = everything(layout).chars().filter(|character| *character != ' ').collect();
            let twice: Vec<_> = found.windows(2).filter(|pair| pair[0] == pair[1]).collect();
            assert!(twice.is_empty(), "{layout:?} {twice:?}");
        }
    }

    #[test]
    fn the_keys_have_what_is_printed_on_them() {
        let danish = |code, shift, alt_gr| Layout::Danish.character(Code(code), shift, alt_gr);
        assert_eq!(danish(30, false, false), Some('a'));
        assert_eq!(danish(30, true, false), Some('A'));
        assert_eq!(danish(26, false, false), Some('å'));
        assert_eq!(danish(39, false, false), Some('æ'));
        assert_eq!(danish(40, false, false), Some('ø'));
        assert_eq!(danish(3, false, true), Some('@'));
        assert_eq!(danish(53, true, false), Some('_'));
        assert_eq!(danish(11, true, false), Some('='));
        assert_eq!(danish(3, true, false), None);
        let american = |code, shift| Layout::American.character(Code(code), shift, false);
        assert_eq!(american(3, true), Some('@'));
        assert_eq!(american(13, true), Some('+'));
        assert_eq!(american(39, false), Some(';'));
    }
}
