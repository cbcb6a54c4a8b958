//! What time it is, by the best witness.
//!
//! A device may start in 1970. The broker's `Date` comes over TLS from the one who also signs the tokens, so where
//! our clock is plainly wrong the broker's is taken, advanced by the time that the machine has been up since. No
//! check is left out for want of a clock: what cannot be checked fails, and is told as a clock that is wrong.

use std::time::{Duration, UNIX_EPOCH};

use super::{Now, Unsafe, Why};
use crate::ciba::Untrusted;
use crate::flow::Notice;

/// Below this, in seconds, a difference between our clock and the broker's is left to the leeway of the token
/// checks.
const SKEW_THAT_MATTERS: u64 = 60;

/// The time of one run.
#[derive(Clone, Debug)]
pub struct Time {
    built: u64,
    broker: Option<Told>,
    /// The difference that the operator has last heard of.
    noted: Option<i64>,
}

/// The broker's clock when it last told the time.
#[derive(Clone, Copy, Debug)]
struct Told {
    unix: u64,
    at: Duration,
}

impl Time {
    /// `built` is in seconds since 1970-01-01 UTC: no true clock is earlier.
    pub fn new(built: u64) -> Time {
        Time { built, broker: None, noted: None }
    }

    /// Takes the `Date` of an answer that came over TLS. One that cannot be true is passed over.
    pub fn hear(&mut self, date: Option<&str>, now: &Now) {
        let told = date.and_then(seconds_of).filter(|unix| *unix >= self.built);
        if let Some(unix) = told {
            self.broker = Some(Told { unix, at: now.uptime });
        }
    }

    /// Seconds since 1970-01-01 UTC.
    pub fn unix(&self, now: &Now) -> u64 {
        match self.broker(now) {
            Some(broker) if broker.abs_diff(now.unix) > SKEW_THAT_MATTERS => broker,
            Some(_) => now.unix,
            None => self.unaided(now),
        }
    }

    /// Seconds since 1970-01-01 UTC by no word of the broker's, as certificates are verified: whoever may be an
    /// impostor does not say how long they are guarded against.
    pub(super) fn unaided(&self, now: &Now) -> u64 {
        now.unix.max(self.built)
    }

    /// What the operator should hear of our clock, once for each size of its error.
    pub(super) fn notice(&mut self, now: &Now) -> Option<Notice> {
        let ahead = signed(now.unix).saturating_sub(signed(self.broker(now)?));
        let is_news = self.noted.is_none_or(|noted| noted.abs_diff(ahead) > SKEW_THAT_MATTERS);
        if ahead.unsigned_abs() <= SKEW_THAT_MATTERS || !is_news {
            return None;
        }
        self.noted = Some(ahead);
        Some(Notice::ClockWrong { ahead })
    }

    /// Whether a certificate was refused for want of a right clock: nothing begins later than today, and nothing
    /// is known to have ended by a clock that stands before this program was made.
    pub(super) fn hides_the_peer(&self, why: &Why, now: &Now) -> bool {
        match why {
            Why::Tls(Unsafe::NotYetValid) => true,
            Why::Tls(Unsafe::Expired) => now.unix < self.built,
            _ => false,
        }
    }

    /// Whether a token that breaks nothing but this clause may be a good one under a wrong clock: nobody has
    /// vouched for ours.
    pub(super) fn hides_the_token(&self, clause: Untrusted) -> bool {
        self.broker.is_none()
            && matches!(clause, Untrusted::Expired | Untrusted::NotYetValid | Untrusted::Stale)
    }

    /// Whether our clock is certainly wrong and nothing is known that would put it right.
    pub(super) fn is_lost(&self, now: &Now) -> bool {
        self.broker.is_none() && now.unix < self.built
    }

    /// Whether the clock that counted from then to now was put right in between.
    pub(super) fn has_moved(&self, then: Stamp, now: &Now) -> bool {
        let expected = then.unix.saturating_add(now.uptime.saturating_sub(then.uptime).as_secs());
        expected.abs_diff(self.unix(now)) > SKEW_THAT_MATTERS
    }

    pub(super) fn stamp(&self, now: &Now) -> Stamp {
        Stamp { unix: self.unix(now), uptime: now.uptime }
    }

    fn broker(&self, now: &Now) -> Option<u64> {
        let told = self.broker?;
        Some(told.unix.saturating_add(now.uptime.saturating_sub(told.at).as_secs()))
    }
}

/// What we took for the time once.
#[derive(Clone, Copy)]
pub(super) struct Stamp {
    unix: u64,
    uptime: Duration,
}

/// Seconds since 1970 of an HTTP date.
fn seconds_of(date: &str) -> Option<u64> {
    let since = httpdate::parse_http_date(date.trim()).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(since.as_secs())
}

fn signed(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}
