//! The on-screen keys and how arrows move over them.

use super::{Key, Kind};

/// What one on-screen key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    Type(char),
    Erase,
    Ok,
    /// A code to scan instead of typing.
    Scan,
}

/// A grid of keys, filled row by row; the last row may be short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pad {
    pub columns: usize,
    pub caps: &'static [Cap],
    /// Whether one more key lies below the others, as wide as all of them: [`Cap::Scan`].
    pub scans: bool,
}

impl Pad {
    pub fn of(kind: Kind) -> Pad {
        match kind {
            Kind::Cpr | Kind::Number { .. } | Kind::UserCode { .. } => {
                Pad { columns: 3, caps: &DIGITS, scans: false }
            }
            Kind::Uuid => Pad { columns: 5, caps: &HEXADECIMAL, scans: false },
            Kind::UserId => Pad { columns: 9, caps: &LETTERS, scans: false },
        }
    }

    /// Where the focus stands before anything is pressed: in the middle of what is typed most.
    pub fn home(&self) -> usize {
        let middle = if self.caps.len() > 20 { 'n' } else { '5' };
        self.caps.iter().position(|cap| *cap == Cap::Type(middle)).unwrap_or(0)
    }

    /// Where OK is.
    pub fn ok(&self) -> usize {
        self.caps.iter().position(|cap| *cap == Cap::Ok).unwrap_or(0)
    }

    /// The key at this place.
    pub fn cap(&self, at: usize) -> Option<Cap> {
        let below = (self.scans && at == self.caps.len()).then_some(Cap::Scan);
        self.caps.get(at).copied().or(below)
    }

    /// Where an arrow leads from `from`; the grid wraps around at its edges.
    pub fn step(&self, from: usize, arrow: Key) -> usize {
        if from == self.caps.len() {
            return match arrow {
                Key::Up => (self.caps.len() - 1)
                    .min((self.caps.len() - 1) / self.columns * self.columns + self.columns / 2),
                Key::Down => self.columns / 2,
                _ => from,
            };
        }
        let (row, column) = (from / self.columns, from % self.columns);
        let rows = self.caps.len().div_ceil(self.columns);
        let width = self.columns.min(self.caps.len() - row * self.columns);
        let leaves = arrow == Key::Up && row == 0 || arrow == Key::Down && row + 1 == rows;
        if self.scans && leaves {
            return self.caps.len();
        }
        let (row, column) = match arrow {
            Key::Up => ((row + rows - 1) % rows, column),
            Key::Down => ((row + 1) % rows, column),
            Key::Left => (row, (column + width - 1) % width),
            Key::Right => (row, (column + 1) % width),
            _ => (row, column),
        };
        (row * self.columns + column).min(self.caps.len() - 1)
    }
}

const fn caps<const N: usize>(keys: &[u8; N]) -> [Cap; N] {
    let mut caps = [Cap::Ok; N];
    let mut at = 0;
    while at < N {
        caps[at] = match keys[at] {
            b'<' => Cap::Erase,
            b'>' => Cap::Ok,
            // Latin-1 for the Danish letters.
            letter => Cap::Type(letter as char),
        };
        at += 1;
    }
    caps
}

static DIGITS: [Cap; 12] = caps(b"123456789<0>");
// In their order, as everybody knows it, and nearly square: the fewest steps over the edges.
static HEXADECIMAL: [Cap; 18] = caps(b"0123456789abcdef<>");
// The alphabet in order, because nobody learns another for one login, beside the digits as they lie on a phone.
static LETTERS: [Cap; 61] = caps(
    b"abcdef123\
      ghijkl456\
      mnopqr789\
      stuvwx.0-\
      yz\xe6\xf8\xe5_@ +\
      *#!?=,:;(\
      ){}$^<>",
);

#[cfg(test)]
mod tests {
    use super::*;

    const ARROWS: [Key; 4] = [Key::Up, Key::Down, Key::Left, Key::Right];

    fn walk(pad: Pad, from: char, arrows: &[Key]) -> Cap {
        let from = pad.caps.iter().position(|cap| *cap == Cap::Type(from)).unwrap();
        pad.caps[arrows.iter().fold(from, |at, arrow| pad.step(at, *arrow))]
    }

    #[test]
    fn the_digits_lie_as_on_a_phone_and_wrap() {
        let pad = Pad::of(Kind::Cpr);
        assert_eq!(walk(pad, '5', &[Key::Up]), Cap::Type('2'));
        assert_eq!(walk(pad, '2', &[Key::Up]), Cap::Type('0'));
        assert_eq!(walk(pad, '0', &[Key::Left]), Cap::Erase);
        assert_eq!(walk(pad, '0', &[Key::Left, Key::Left]), Cap::Ok);
        assert_eq!(walk(pad, '6', &[Key::Right]), Cap::Type('4'));
    }

    #[test]
    fn every_key_is_reached_from_home_by_arrows() {
        for kind in [Kind::Cpr, Kind::Uuid, Kind::UserId] {
            let pad = Pad::of(kind);
            let mut reached = vec![pad.home()];
            let mut next = 0;
            while next < reached.len() {
                for arrow in ARROWS {
                    let to = pad.step(reached[next], arrow);
                    if !reached.contains(&to) {
                        reached.push(to);
                    }
                }
                next += 1;
            }
            assert_eq!(reached.len(), pad.caps.len(), "{kind:?}");
        }
    }

    #[test]
    fn the_key_below_is_reached_over_both_edges_and_left_again() {
        let pad = Pad { scans: true, ..Pad::of(Kind::Cpr) };
        let walk = |from: char, arrows: &[Key]| {
            let from = pad.caps.iter().position(|cap| *cap == Cap::Type(from)).unwrap();
            pad.cap(arrows.iter().fold(from, |at, arrow| pad.step(at, *arrow))).unwrap()
        };
        assert_eq!(walk('5', &[Key::Up, Key::Up]), Cap::Scan);
        assert_eq!(walk('5', &[Key::Down, Key::Down, Key::Down]), Cap::Scan);
        assert_eq!(walk('1', &[Key::Up, Key::Left, Key::Right, Key::Up]), Cap::Type('0'));
        assert_eq!(walk('0', &[Key::Down, Key::Down]), Cap::Type('2'));
        let plain = Pad::of(Kind::Cpr);
        assert_eq!((plain.cap(12), pad.cap(12), pad.cap(13)), (None, Some(Cap::Scan), None));
    }

    #[test]
    fn every_pad_can_type_all_that_its_identifier_takes() {
        let user_id = "abcdefghijklmnopqrstuvwxyzæøå0123456789 {}!#$^,*()_+-=:;?.@";
        for (kind, needed) in
            [(Kind::Cpr, "0123456789"), (Kind::Uuid, "0123456789abcdef"), (Kind::UserId, user_id)]
        {
            let caps = Pad::of(kind).caps;
            for character in needed.chars() {
                assert_eq!(caps.iter().filter(|cap| **cap == Cap::Type(character)).count(), 1, "{character}");
            }
            assert_eq!(caps.len(), needed.chars().count() + 2, "{kind:?}");
        }
    }
}
