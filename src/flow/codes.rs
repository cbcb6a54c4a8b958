//! The four-digit codes and opaque identifiers of the logins, drawn from one seed.

use std::collections::VecDeque;
use std::fmt;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// No code comes again within this many logins.
const REMEMBERED: usize = 1000;

pub struct Codes {
    source: StdRng,
    recent: VecDeque<u16>,
}

impl Codes {
    pub fn new(seed: [u8; 32]) -> Codes {
        Codes { source: StdRng::from_seed(seed), recent: VecDeque::with_capacity(REMEMBERED) }
    }

    /// Four digits that tell one login from the next.
    pub(super) fn code(&mut self) -> String {
        let code = loop {
            let code = self.source.random_range(0..10_000);
            if !self.recent.contains(&code) {
                break code;
            }
        };
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(code);
        format!("{code:04}")
    }

    /// 128 random bits as hexadecimal digits.
    pub(super) fn opaque(&mut self) -> String {
        format!("{:032x}", self.source.random::<u128>())
    }
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Codes(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_comes_again_within_a_thousand_logins() {
        let mut codes = Codes::new([7; 32]);
        let drawn: Vec<String> = (0..10_000).map(|_| codes.code()).collect();
        for (at, code) in drawn.iter().enumerate() {
            assert!(code.len() == 4 && code.bytes().all(|digit| digit.is_ascii_digit()));
            assert!(!drawn[at + 1..drawn.len().min(at + REMEMBERED)].contains(code), "{code} at {at}");
        }
    }

    #[test]
    fn two_seeds_draw_two_sequences() {
        let draw = |seed| (0..8).map(|_| Codes::new([seed; 32]).opaque()).next();
        assert_ne!(draw(1), draw(2));
    }
}
