//! Hours of the week: when a service is open, and when it is night.

use std::fmt;
use std::time::Duration;

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;
const WEEK: u64 = 7 * DAY;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const FORM: &str = "must be hours such as \"Mon-Fri 08:00-20:00, Sat 10:00-16:00\"; without a day they are \
                    every day's.";
const UNKNOWN_DAY: &str = "names a day that is none of Mon, Tue, Wed, Thu, Fri, Sat and Sun.";
const UNKNOWN_TIME: &str = "has a time that is none. Write hours and minutes, from 00:00 to 24:00.";
const NO_TIME: &str = "begins and ends at the same time. Write 00:00-24:00 for a whole day.";

/// A local time of the week, since Monday 00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeekTime(Duration);

impl WeekTime {
    /// From seconds since 1970-01-01 00:00, a Thursday, by a local clock.
    pub fn of_local(seconds: i64) -> WeekTime {
        let week = WEEK.cast_signed();
        let since_monday = (seconds.rem_euclid(week) + 3 * DAY.cast_signed()).rem_euclid(week);
        WeekTime(Duration::from_secs(since_monday.unsigned_abs()))
    }

    pub(super) fn after(self, time: Duration) -> WeekTime {
        let (seconds, nanos) = (self.0.as_secs() + time.as_secs() % WEEK, self.0.subsec_nanos());
        let sum = Duration::new(seconds % WEEK, nanos) + Duration::from_nanos(time.subsec_nanos().into());
        WeekTime(Duration::new(sum.as_secs() % WEEK, sum.subsec_nanos()))
    }

    /// How long until the next minute begins.
    pub(super) fn to_the_minute(self) -> Duration {
        let gone = Duration::new(self.0.as_secs() % MINUTE, self.0.subsec_nanos());
        Duration::from_secs(MINUTE) - gone
    }

    fn weekday(self) -> usize {
        (self.0.as_secs() / DAY) as usize
    }

    pub(super) fn time_of_day(self) -> TimeOfDay {
        let minutes = self.0.as_secs() % DAY / MINUTE;
        TimeOfDay { hour: (minutes / 60) as u8, minute: (minutes % 60) as u8 }
    }
}

impl fmt::Display for WeekTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TimeOfDay { hour, minute } = self.time_of_day();
        write!(f, "{} {hour:02}:{minute:02}", DAYS[self.weekday() % 7])
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay {
    pub hour: u8,
    pub minute: u8,
}

/// When a closed service opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    pub day: Day,
    pub time: TimeOfDay,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    Today,
    Tomorrow,
    /// From 0, a Monday, to 6.
    Weekday(u8),
}

/// Hours that come back every week, at least a minute of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// From and to in seconds since Monday 00:00, in order; none meets another.
    spans: Vec<(u64, u64)>,
}

/// Why hours cannot be read, to be said after the name of their setting. Nothing of them is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHours(pub &'static str);

impl Hours {
    /// Reads `Mon-Fri 08:00-20:00, Sat 10:00-16:00`, or `22:00-06:00` for every day. What ends before it begins ends
    /// on the next day.
    pub fn parse(text: &str) -> Result<Hours, BadHours> {
        let mut spans = Vec::new();
        for entry in text.split(',') {
            let entry = entry.split('-').map(str::trim).collect::<Vec<_>>().join("-");
            let (days, times) = match entry.rsplit_once(char::is_whitespace) {
                Some((days, times)) => (weekdays(days.trim())?, times),
                None => ((0..7).collect(), entry.as_str()),
            };
            let (from, to) = times.split_once('-').ok_or(BadHours(FORM))?;
            let (from, to) = (seconds(from)?, seconds(to)?);
            if from == to {
                return Err(BadHours(NO_TIME));
            }
            if from == DAY {
                return Err(BadHours(UNKNOWN_TIME));
            }
            let lasts = if to > from { to - from } else { DAY - from + to };
            for day in days {
                let (from, to) = (day * DAY + from, day * DAY + from + lasts);
                spans.push((from, to.min(WEEK)));
                spans.extend((to > WEEK).then(|| (0, to - WEEK)));
            }
        }
        spans.sort_unstable();
        let mut apart: Vec<(u64, u64)> = Vec::with_capacity(spans.len());
        for (from, to) in spans {
            match apart.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => apart.push((from, to)),
            }
        }
        Ok(Hours { spans: apart })
    }

    pub fn contain(&self, at: WeekTime) -> bool {
        let at = at.0.as_secs();
        self.spans.iter().any(|(from, to)| (*from..*to).contains(&at))
    }

    /// How long until they begin or end; `None` if they never do.
    pub fn change_in(&self, at: WeekTime) -> Option<Duration> {
        let until = |edge: u64| {
            let edge = Duration::from_secs(edge);
            // An edge that is here now comes again in a week.
            if edge > at.0 { edge - at.0 } else { edge + Duration::from_secs(WEEK) - at.0 }
        };
        let edges = self.spans.iter().flat_map(|(from, to)| [*from, *to]).map(until);
        edges.filter(|wait| self.contain(at.after(*wait)) != self.contain(at)).min()
    }

    /// When they begin next, for somebody who comes outside of them.
    pub fn opening(&self, at: WeekTime) -> Option<Opening> {
        let opens = at.after(self.change_in(at)?);
        let day = match (7 + opens.weekday() - at.weekday()) % 7 {
            // In a week, if it is over for today.
            0 if opens.0 > at.0 => Day::Today,
            1 => Day::Tomorrow,
            _ => Day::Weekday(opens.weekday() as u8),
        };
        Some(Opening { day, time: opens.time_of_day() })
    }
}

/// A day, or several in a row that may lead over Sunday.
fn weekdays(text: &str) -> Result<Vec<u64>, BadHours> {
    let day = |name: &str| {
        let at = DAYS.iter().position(|day| day.eq_ignore_ascii_case(name)).ok_or(BadHours(UNKNOWN_DAY))?;
        Ok(at as u64)
    };
    match text.split_once('-') {
        None => Ok(vec![day(text)?]),
        Some((from, to)) => {
            let (from, to) = (day(from)?, day(to)?);
            Ok((0..=(7 + to - from) % 7).map(|more| (from + more) % 7).collect())
        }
    }
}

fn seconds(text: &str) -> Result<u64, BadHours> {
    let read = || {
        let (hour, minute) = text.split_once(':')?;
        let plain = |part: &str| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        let (hour, minute): (u64, u64) = match plain(hour) && plain(minute) && minute.len() == 2 {
            true => (hour.parse().ok()?, minute.parse().ok()?),
            false => return None,
        };
        (minute < 60 && hour * 60 + minute <= 24 * 60).then_some((hour * 60 + minute) * MINUTE)
    };
    read().ok_or(BadHours(UNKNOWN_TIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday is 0.
    fn at(day: u64, hour: u64, minute: u64) -> WeekTime {
        WeekTime(Duration::from_secs(day * DAY + (hour * 60 + minute) * MINUTE))
    }

    fn opening(day: Day, hour: u8, minute: u8) -> Option<Opening> {
        Some(Opening { day, time: TimeOfDay { hour, minute } })
    }

    #[test]
    fn the_week_begins_on_monday_whenever_1970_did() {
        // 2026-11-27 08:22:31 was a Friday.
        assert_eq!(WeekTime::of_local(1_795_767_751).weekday(), 4);
        assert_eq!(WeekTime::of_local(1_795_767_751).time_of_day(), TimeOfDay { hour: 8, minute: 22 });
        assert_eq!(WeekTime::of_local(1_795_767_751).to_string(), "Fri 08:22");
        assert_eq!(WeekTime::of_local(0), at(3, 0, 0));
        assert_eq!(WeekTime::of_local(-1).0, at(3, 0, 0).0 - Duration::from_secs(1));
        assert_eq!(at(6, 23, 59).after(Duration::from_secs(60)), at(0, 0, 0));
        assert_eq!(at(6, 23, 59).after(Duration::from_secs(60 + 5 * WEEK)), at(0, 0, 0));
    }

    #[test]
    fn shop_hours_are_read_and_kept() {
        let hours = Hours::parse("Mon-Fri 08:00-20:00, Sat 10:00-16:00").unwrap();
        let open = |day, hour, minute| hours.contain(at(day, hour, minute));
        assert!(open(0, 8, 0) && open(4, 19, 59) && open(5, 10, 0));
        assert!(!open(0, 7, 59) && !open(0, 20, 0) && !open(5, 8, 0) && !open(6, 12, 0));
        assert_eq!(hours.change_in(at(0, 8, 0)), Some(Duration::from_secs(12 * 60 * MINUTE)));
        assert_eq!(hours.opening(at(0, 7, 0)), opening(Day::Today, 8, 0));
        assert_eq!(hours.opening(at(0, 21, 0)), opening(Day::Tomorrow, 8, 0));
        assert_eq!(hours.opening(at(5, 16, 0)), opening(Day::Weekday(0), 8, 0));
        assert_eq!(hours, Hours::parse(" mon - FRI  8:00 - 20:00,Sat 10:00-16:00").unwrap());
    }

    #[test]
    fn a_night_lasts_until_the_next_day_also_over_the_end_of_the_week() {
        let night = Hours::parse("22:00-06:00").unwrap();
        for day in 0..7 {
            assert!(night.contain(at(day, 23, 0)) && night.contain(at(day, 5, 59)));
            assert!(!night.contain(at(day, 6, 0)) && !night.contain(at(day, 21, 59)));
        }
        // Midnight between Sunday and Monday is no end.
        assert_eq!(night.change_in(at(6, 22, 0)), Some(Duration::from_secs(8 * 60 * MINUTE)));
        let party = Hours::parse("Sun 20:00-02:00").unwrap();
        assert!(party.contain(at(0, 1, 59)) && !party.contain(at(0, 2, 0)) && !party.contain(at(6, 1, 0)));
    }

    #[test]
    fn a_week_without_an_end_never_changes_and_one_that_is_over_for_today_names_the_day() {
        let always = Hours::parse("00:00-24:00").unwrap();
        assert_eq!((always.change_in(at(2, 3, 4)), always.contain(at(6, 23, 59))), (None, true));
        let once = Hours::parse("Mon 08:00-09:00").unwrap();
        assert_eq!(once.opening(at(0, 10, 0)), opening(Day::Weekday(0), 8, 0));
        let weekend = Hours::parse("Sat-Mon 09:00-10:00").unwrap();
        assert_eq!(weekend.opening(at(0, 11, 0)), opening(Day::Weekday(5), 9, 0));
    }

    #[test]
    fn hours_that_overlap_are_one() {
        let hours = Hours::parse("08:00-12:00, 11:00-13:00, 13:00-14:00").unwrap();
        assert_eq!(hours.change_in(at(0, 8, 0)), Some(Duration::from_secs(6 * 60 * MINUTE)));
    }

    #[test]
    fn what_is_no_hours_is_refused_with_the_reason() {
        for (text, why) in [
            ("", FORM),
            ("Mon", FORM),
            ("8-20", UNKNOWN_TIME),
            ("always", FORM),
            ("08:00", FORM),
            ("Mon-Fri 08:00-20:00,", FORM),
            ("man-fre 08:00-20:00", UNKNOWN_DAY),
            ("Mon-Fri-Sun 08:00-20:00", UNKNOWN_DAY),
            ("Mon Tue 08:00-20:00", UNKNOWN_DAY),
            ("08.00-20.00", UNKNOWN_TIME),
            ("08:00-24:01", UNKNOWN_TIME),
            ("24:00-08:00", UNKNOWN_TIME),
            ("08:60-09:00", UNKNOWN_TIME),
            ("08:0-09:00", UNKNOWN_TIME),
            ("+8:00-09:00", UNKNOWN_TIME),
            ("008:00-09:00", UNKNOWN_TIME),
            ("08:00-08:00", NO_TIME),
        ] {
            assert_eq!(Hours::parse(text), Err(BadHours(why)), "{text}");
        }
    }
}
