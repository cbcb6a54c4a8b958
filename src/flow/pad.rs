//! The on-screen keys and how arrows move over them.

use super::{Key, Kind};

/// What one on-screen key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cap {
    Type(char),
    Erase,
    Ok,
}

/// A grid of keys, filled row by row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pad {
    pub columns: usize,
    pub caps: &'static [Cap],
}

const DIGITS: Pad = Pad {
    columns: 3,
    caps: &[
        Cap::Type('1'), Cap::Type('2'), Cap::Type('3'),
        Cap::Type('4'), Cap::Type('5'), Cap::Type('6'),
        Cap::Type('7'), Cap::Type('8'), Cap::Type('9'),
        Cap::Erase, Cap::Type('0'), Cap::Ok,
    ],
};
