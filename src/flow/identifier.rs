//! What a person types to say who they are, checked as far as the rules allow and not further.

use std::fmt;

use time::{Date, Month};
use zeroize::Zeroizing;

use super::view::Complaint;
use crate::ciba::{Hint, Secret};

/// Which identifier the service asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Danish CPR number: DDMMYY and four digits.
    Cpr,
    /// A MitID UUID: 8-4-4-4-12 hexadecimal digits.
    Uuid,
    /// A number of exactly this many digits.
    Number { digits: u8 },
    /// A MitID user ID: 5 to 48 characters.
    UserId,
    /// The code that only the person and the provider know (CIBA 7.1), asked for after the identifier: digits. MitID
    /// has none, and no screen ever asks for a password or code of MitID.
    UserCode { digits: u8 },
}

const USER_ID_PUNCTUATION: &str = " {}!#$^,*()_+-=:;?.@";

impl Kind {
    /// How many characters a complete identifier has at the most.
    pub fn places(self) -> usize {
        match self {
            Kind::Cpr => 10,
            Kind::Uuid => 32,
            Kind::Number { digits } | Kind::UserCode { digits } => usize::from(digits),
            Kind::UserId => 48,
        }
    }

    /// Whether the characters are kept off the screen.
    pub fn masked(self) -> bool {
        matches!(self, Kind::Cpr | Kind::UserCode { .. })
    }

    /// Whether a person can hide the characters and show them again.
    pub fn hides(self) -> bool {
        matches!(self, Kind::Cpr | Kind::UserId | Kind::UserCode { .. })
    }

    fn takes(self, character: char) -> bool {
        match self {
            Kind::Cpr | Kind::Number { .. } | Kind::UserCode { .. } => character.is_ascii_digit(),
            Kind::Uuid => character.is_ascii_hexdigit(),
            Kind::UserId => {
                character.is_ascii_alphanumeric()
                    || "æøåÆØÅ".contains(character)
                    || USER_ID_PUNCTUATION.contains(character)
            }
        }
    }
}

/// The characters typed so far, without separators; wiped when dropped.
#[derive(Clone)]
pub struct Identifier {
    kind: Kind,
    text: Zeroizing<String>,
}

impl Identifier {
    pub fn new(kind: Kind) -> Identifier {
        // Room for every character at once: a buffer that grows leaves copies behind.
        let text = Zeroizing::new(String::with_capacity(kind.places() * 2));
        Identifier { kind, text }
    }

    /// Reads a whole identifier, with the separators that people write: a CPR number may have one hyphen after
    /// six digits, a UUID has its four.
    pub fn parse(kind: Kind, written: &str) -> Result<Identifier, Complaint> {
        let mut identifier = Identifier::new(kind);
        let places: &[usize] = match kind {
            Kind::Cpr => &[6],
            Kind::Uuid => &[8, 12, 16, 20],
            Kind::Number { .. } | Kind::UserId | Kind::UserCode { .. } => &[],
        };
        let mut separators = 0;
        let mut free = places;
        for character in written.chars() {
            if character == '-' && free.contains(&identifier.len()) {
                // Each place holds one separator, and they come in order.
                free = free.split_first().map_or(&[], |(_, rest)| rest);
                separators += 1;
            } else if !identifier.push(character) {
                return Err(identifier.malformed());
            }
        }
        if kind == Kind::Uuid && !matches!(separators, 0 | 4) {
            return Err(identifier.malformed());
        }
        identifier.check().map(|()| identifier)
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The number of characters typed.
    pub fn len(&self) -> usize {
        self.text.chars().count()
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn characters(&self) -> impl Iterator<Item = char> + '_ {
        self.text.chars()
    }

    /// Takes one more character, if it may stand there.
    pub fn push(&mut self, character: char) -> bool {
        let fits = self.kind.takes(character) && self.len() < self.kind.places();
        if fits {
            self.text.extend(character.to_lowercase());
        }
        fits
    }

    /// Takes the last character back.
    pub fn erase(&mut self) {
        self.text.pop();
    }

    pub fn clear(&mut self) {
        self.text = Zeroizing::new(String::with_capacity(self.kind.places() * 2));
    }

    /// The hint for the provider, or why it would be wrong to send one.
    pub fn complete(&self) -> Result<Hint, Complaint> {
        self.check()?;
        Ok(match self.kind {
            Kind::Cpr => Hint::Cpr(self.secret()),
            Kind::Uuid => Hint::Uuid(Secret::new(hyphenated(&self.text))),
            Kind::Number { .. } | Kind::UserId | Kind::UserCode { .. } => Hint::Login(self.secret()),
        })
    }

    /// There is no modulus 11 check: CPR numbers that fail it are issued and fully valid.
    fn check(&self) -> Result<(), Complaint> {
        let fewest = if self.kind == Kind::UserId { 5 } else { self.kind.places() };
        match self.kind {
            _ if self.len() < fewest => Err(Complaint::Incomplete),
            Kind::Cpr if !has_a_date(&self.text) => Err(Complaint::NoSuchDate),
            Kind::UserId if !self.is_a_user_id() => Err(Complaint::NoUserId),
            _ => Ok(()),
        }
    }

    pub(super) fn secret(&self) -> Secret {
        Secret::new(self.text.to_string())
    }

    fn is_a_user_id(&self) -> bool {
        let edges = self.text.starts_with(' ') || self.text.ends_with(' ');
        let like_a_cpr_number = self.len() == 10 && self.text.chars().all(|c| c.is_ascii_digit());
        !edges && !like_a_cpr_number
    }

    fn malformed(&self) -> Complaint {
        match self.kind {
            Kind::Cpr | Kind::Number { .. } | Kind::UserCode { .. } => Complaint::Incomplete,
            Kind::Uuid => Complaint::NoUuid,
            Kind::UserId => Complaint::NoUserId,
        }
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({:?}, …)", self.kind)
    }
}

fn hyphenated(hex: &str) -> String {
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Whether the first six of ten digits are a day that exists in the century that the seventh tells.
/// Replacement numbers have 60 added to the day.
fn has_a_date(digits: &str) -> bool {
    let pair = |at: usize| digits[at..at + 2].parse::<u8>().unwrap_or(0);
    let (day, month, year) = (pair(0), pair(2), i32::from(pair(4)));
    let century = match (digits.as_bytes()[6], year) {
        (b'0'..=b'3', _) | (b'4' | b'9', 37..) => 1900,
        (b'5'..=b'8', 58..) => 1800,
        _ => 2000,
    };
    let day = if day > 60 { day - 60 } else { day };
    Month::try_from(month).is_ok_and(|month| Date::from_calendar_date(century + year, month, day).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpr(text: &str) -> Result<Identifier, Complaint> {
        Identifier::parse(Kind::Cpr, text)
    }

    #[test]
    fn a_cpr_number_is_ten_digits_with_or_without_its_hyphen() {
        for good in ["6701901234", "670190-1234"] {
            let hint = cpr(good).unwrap().complete().unwrap();
            assert!(matches!(hint, Hint::Cpr(digits) if digits.expose() == "6701901234"), "{good}");
        }
        for bad in [
            "",
            "670190123",
            "67019012345",
            "670190--1234",
            "6701-901234",
            "670190 1234",
            "-6701901234",
            "6701901234-",
        ] {
            assert_eq!(cpr(bad).unwrap_err(), Complaint::Incomplete, "{bad}");
        }
    }

    #[test]
    fn a_cpr_number_has_a_date_that_exists_in_its_century() {
        // 1900 was no leap year, 2000 was; the seventh digit tells which is meant.
        for (good, why) in
            [("8902004000", "29 February 2000"), ("9112995000", "31 December 1899"), ("6101370000", "1937")]
        {
            assert!(cpr(good).is_ok(), "{why}");
        }
        for (bad, why) in [
            ("8902000000", "29 February 1900"),
            ("9102904000", "31 February"),
            ("6113900000", "month 13"),
            ("6100900000", "month 0"),
            ("0001900000", "day 0"),
            ("6001900000", "day 60"),
            ("9201900000", "day 92"),
        ] {
            assert_eq!(cpr(bad).unwrap_err(), Complaint::NoSuchDate, "{why}");
        }
    }

    #[test]
    fn a_cpr_number_that_fails_modulus_11_is_taken() {
        let weights = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
        let passes = |digits: &str| {
            digits.bytes().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum::<u32>() % 11 == 0
        };
        let numbers: Vec<String> = (0..20).map(|last| format!("67019012{last:02}")).collect();
        assert!(numbers.iter().any(|number| !passes(number)));
        assert!(numbers.iter().all(|number| cpr(number).is_ok()));
    }

    #[test]
    fn a_uuid_is_sent_with_its_hyphens_in_lower_case() {
        for written in ["8A9856E0-F12D-4217-B320-C8A076BE9320", "8a9856e0f12d4217b320c8a076be9320"] {
            let hint = Identifier::parse(Kind::Uuid, written).unwrap().complete().unwrap();
            assert!(matches!(hint, Hint::Uuid(u) if u.expose() == "8a9856e0-f12d-4217-b320-c8a076be9320"));
        }
        for bad in ["8a9856e0-f12d4217-b320-c8a0-76be9320", "8a9856e0f12d-4217b320c8a076be9320", "xyz"] {
            assert_eq!(Identifier::parse(Kind::Uuid, bad).unwrap_err(), Complaint::NoUuid, "{bad}");
        }
    }

    #[test]
    fn a_user_id_follows_mitids_rules() {
        for good in ["anna1", "Søren Å.", "a@b.c", &"x".repeat(48)] {
            assert!(Identifier::parse(Kind::UserId, good).is_ok(), "{good}");
        }
        for (bad, complaint) in [
            ("anna", Complaint::Incomplete),
            (" anna1", Complaint::NoUserId),
            ("anna1 ", Complaint::NoUserId),
            ("6701901234", Complaint::NoUserId),
            ("anna\"1", Complaint::NoUserId),
            ("anna\u{202e}1", Complaint::NoUserId),
        ] {
            assert_eq!(Identifier::parse(Kind::UserId, bad).unwrap_err(), complaint, "{bad}");
        }
    }

    #[test]
    fn a_number_has_exactly_its_digits() {
        let kind = Kind::Number { digits: 8 };
        assert!(Identifier::parse(kind, "12345678").is_ok());
        for bad in ["1234567", "123456789", "1234567a", "1234-5678"] {
            assert_eq!(Identifier::parse(kind, bad).unwrap_err(), Complaint::Incomplete, "{bad}");
        }
    }

    #[test]
    fn nothing_of_it_is_seen_in_debug() {
        assert_eq!(format!("{:?}", cpr("6701901234").unwrap()), "Identifier(Cpr, …)");
    }
}
