//! What time it is, by the best witness.
//!
//! A device may start in 1970. The broker's `Date` comes over TLS from the one who also signs the tokens, so where
//! our clock is plainly wrong the broker's is taken, advanced by the time that the machine has been up since.

use std::time::{Duration, UNIX_EPOCH};

use super::Now;

/// Below this, in seconds, a difference between our clock and the broker's is left to the leeway of the token checks.
const SKEW_THAT_MATTERS: u64 = 60;

/// The time of one run.
#[derive(Clone, Debug)]
pub struct Time {
    built: u64,
    broker: Option<Told>,
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
        Time { built, broker: None }
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
            None => now.unix.max(self.built),
        }
    }

    fn broker(&self, now: &Now) -> Option<u64> {
        let told = self.broker?;
        Some(told.unix.saturating_add(now.uptime.saturating_sub(told.at).as_secs()))
    }
}

/// Seconds since 1970 of an HTTP date.
fn seconds_of(date: &str) -> Option<u64> {
    let since = httpdate::parse_http_date(date.trim()).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(since.as_secs())
}
