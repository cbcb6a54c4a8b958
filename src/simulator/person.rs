//! The made-up people who can log in, and the numbers that name them.

use std::collections::HashMap;
use std::fmt::Write;

use aws_lc_rs::digest;
use time::{Date, Month, OffsetDateTime};

use super::{now, random};

/// Ten digits whose first six are a date; the day may be 60 too high, as in test and replacement numbers.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Cpr {
    digits: String,
    born: Date,
}

impl Cpr {
    pub(super) fn parse(text: &str) -> Option<Cpr> {
        if text.len() != 10 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let two = |at: usize| text.get(at..at + 2)?.parse::<u8>().ok();
        let (day, month, year) = (two(0)?, two(2)?, two(4)?);
        let day = if day > 60 { day - 60 } else { day };
        let century = match (text.as_bytes().get(6)?, year) {
            (b'0'..=b'3', _) => 1900,
            (b'4' | b'9', 0..=36) | (b'5'..=b'8', 0..=57) => 2000,
            (b'4' | b'9', _) => 1900,
            _ => 1800,
        };
        let born =
            Date::from_calendar_date(century + i32::from(year), Month::try_from(month).ok()?, day).ok()?;
        Some(Cpr { digits: text.to_owned(), born })
    }

    pub(super) fn ends_with(&self, end: &str) -> bool {
        self.digits.ends_with(end)
    }

    fn name(&self) -> &'static str {
        let odd = self.digits.bytes().last().is_some_and(|digit| digit % 2 == 1);
        match odd {
            _ if self.ends_with("0002") => "NAVNE & ADRESSEBESKYTTET",
            _ if self.ends_with(ALMA) => Tester::Alma.name(),
            true => Tester::Anders.name(),
            false => Tester::Anna.name(),
        }
    }
}

/// How Alma's number ends; its seventh digit says that she was born after 1999.
const ALMA: &str = "4016";

/// Somebody who can scan a code: three of those whom the end of a CPR number tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tester {
    Anna,
    Anders,
    /// Not of age, in whatever year: she turns fifteen on the first of January.
    Alma,
}

impl Tester {
    pub const ALL: [Tester; 3] = [Tester::Anna, Tester::Anders, Tester::Alma];

    pub fn name(self) -> &'static str {
        match self {
            Tester::Anna => "Anna Testesen",
            Tester::Anders => "Anders Testesen",
            Tester::Alma => "Alma Testesen",
        }
    }

    /// The name with the age, in any language.
    pub fn introduction(self) -> String {
        let unix = now().unix;
        match self.cpr(unix) {
            Some(cpr) => format!("{} ({})", self.name(), age(cpr.born, unix)),
            None => self.name().to_owned(),
        }
    }

    pub(super) fn who(self, unix: u64) -> Option<Who> {
        self.cpr(unix).map(Who::Cpr)
    }

    fn cpr(self, unix: u64) -> Option<Cpr> {
        match self {
            Tester::Anna => Cpr::parse("6701901234"),
            Tester::Anders => Cpr::parse("6701901235"),
            Tester::Alma => Cpr::parse(&format!("6101{:02}{ALMA}", born_before(15, unix)?.year() % 100)),
        }
    }
}

/// Who is to be asked.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Who {
    Cpr(Cpr),
    /// In lower case.
    Uuid(String),
    /// Any other name that a standard `login_hint` may carry.
    Other(String),
}

impl Who {
    pub(super) fn uuid(text: &str) -> Option<Who> {
        let groups: Vec<&str> = text.split('-').collect();
        let hex = groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        (hex && lengths == [8, 4, 4, 4, 12]).then(|| Who::Uuid(text.to_ascii_lowercase()))
    }
}

/// Someone with a MitID.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) uuid: String,
    pub(super) sub: String,
    pub(super) name: &'static str,
    born: Date,
}

impl Person {
    pub(super) fn date_of_birth(&self) -> String {
        let (year, month, day) = self.born.to_calendar_date();
        format!("{year:04}-{:02}-{day:02}", u8::from(month))
    }

    /// Whole years at the given time, in seconds since 1970.
    pub(super) fn age(&self, unix: u64) -> u16 {
        age(self.born, unix)
    }
}

/// The people met so far. A person keeps the same `uuid` and `sub` while the broker runs.
pub(super) struct People {
    /// Fresh for each broker, so that nothing it hands out can be turned back into a CPR number.
    salt: [u8; 32],
    by_uuid: HashMap<String, Person>,
}

impl People {
    const MOST: usize = 10_000;

    pub(super) fn new() -> Result<People, String> {
        Ok(People { salt: random()?, by_uuid: HashMap::new() })
    }

    /// `unix` is now, for those whose age is in their UUID.
    pub(super) fn find(&mut self, who: &Who, unix: u64) -> Person {
        let nineteen_thirty_six = Date::from_ordinal_date(1936, 99).unwrap_or(Date::MIN);
        let (uuid, name, born) = match who {
            Who::Cpr(cpr) => (self.derive("cpr", &cpr.digits), cpr.name(), cpr.born),
            Who::Uuid(uuid) => {
                let born =
                    aged(uuid).and_then(|years| born_before(years, unix)).unwrap_or(nineteen_thirty_six);
                (uuid.clone(), "Anna Testesen", born)
            }
            Who::Other(name) => (self.derive("other", name), "Anna Testesen", nineteen_thirty_six),
        };
        if let Some(person) = self.by_uuid.get(&uuid) {
            return person.clone();
        }
        let person = Person { sub: self.derive("sub", &uuid), uuid, name, born };
        if self.by_uuid.len() == People::MOST {
            self.by_uuid.clear();
        }
        self.by_uuid.insert(person.uuid.clone(), person.clone());
        person
    }

    fn derive(&self, kind: &str, text: &str) -> String {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(&self.salt);
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(text.as_bytes());
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
        uuid(bytes)
    }
}

fn age(born: Date, unix: u64) -> u16 {
    let today = i64::try_from(unix).ok().and_then(|unix| OffsetDateTime::from_unix_timestamp(unix).ok());
    let today = today.map_or(Date::MIN, OffsetDateTime::date);
    let birthday_to_come = (today.month() as u8, today.day()) < (born.month() as u8, born.day());
    u16::try_from(today.year() - born.year() - i32::from(birthday_to_come)).unwrap_or(0)
}

/// A UUID that ends in ten zeros and two digits names somebody of so many years.
fn aged(uuid: &str) -> Option<i32> {
    uuid.rsplit('-').next()?.strip_prefix("0000000000")?.parse().ok().filter(|years| *years > 0)
}

/// The first day of that year's January, so that the age is whole until the end of the year.
fn born_before(years: i32, unix: u64) -> Option<Date> {
    let today = OffsetDateTime::from_unix_timestamp(i64::try_from(unix).ok()?).ok()?.date();
    Date::from_ordinal_date(today.year() - years, 1).ok()
}

/// The text of a version 4 UUID made from these bytes.
pub(super) fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpr_number_tells_the_day_of_birth_and_never_has_to_pass_modulus_11() {
        let born = |digits| Cpr::parse(digits).map(|cpr| cpr.born.to_string());
        assert_eq!(born("6701901234").as_deref(), Some("1990-01-07"));
        assert_eq!(born("6804369994").as_deref(), Some("2036-04-08"));
        assert_eq!(born("6804364000").as_deref(), Some("2036-04-08"));
        assert_eq!(born("9102995000").as_deref(), None);
        assert_eq!(born("8902000000").as_deref(), None);
        assert_eq!(born("8902004000").as_deref(), Some("2000-02-29"));
        for text in ["670190-1234", "670190123", "67019012345", "6701a01234", "9213901234", "6013901234"] {
            assert!(Cpr::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn among_those_who_can_scan_one_is_a_minor_in_whatever_year() {
        for unix in [1_715_000_000, 1_798_671_600, 1_798_758_000, 2_082_754_800] {
            let mut people = People::new().unwrap();
            let mut found = |tester: Tester| people.find(&tester.who(unix).unwrap(), unix);
            assert_eq!(Tester::ALL.map(|tester| found(tester).name), Tester::ALL.map(Tester::name));
            assert_eq!(found(Tester::Alma).age(unix), 15, "{unix}");
            assert!(found(Tester::Anna).age(unix) >= 18 && found(Tester::Anders).age(unix) >= 18);
        }
        assert_eq!(Tester::Alma.introduction(), "Alma Testesen (15)");
    }

    #[test]
    fn a_person_found_by_cpr_is_found_again_by_uuid() {
        let mut people = People::new().unwrap();
        let mut find = |who: &Who| people.find(who, 1_715_000_000);
        let anders = find(&Who::Cpr(Cpr::parse("6701901235").unwrap()));
        assert_eq!(anders.name, "Anders Testesen");
        let again = find(&Who::uuid(&anders.uuid.to_ascii_uppercase()).unwrap());
        assert_eq!((again.name, &again.sub), ("Anders Testesen", &anders.sub));
        let stranger = find(&Who::uuid("8a9856e0-f12d-4217-b320-c8a076be9320").unwrap());
        assert_eq!(stranger.date_of_birth(), "1936-04-08");
        assert_eq!(stranger.age(1_715_000_000), 88);
        assert_eq!(stranger.age(1_712_000_000), 87);
        let young = find(&Who::uuid("00000000-0000-4000-8000-000000000017").unwrap());
        assert_eq!(young.age(1_715_000_000), 17);
    }
}
