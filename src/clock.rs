//! The only clock, the earliest time that it can truly show, and what that time is called here.

use std::time::{Duration, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};
use tz::TimeZone;

/// The time since the machine was started, asleep or awake. Setting the wall clock does not move it.
pub fn uptime() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs() as u32)
}

/// Seconds since 1970-01-01 UTC by the wall clock, which may be wrong.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
pub fn unix() -> u64 {
    std::time::SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// When this program was built, in seconds since 1970-01-01 UTC. No true clock is earlier.
pub fn built() -> u64 {
    // The build script writes digits; without them there is no floor, and nothing else depends on it.
    env!("FLEXLOGIN_BUILT").parse().unwrap_or(0)
}

/// A time zone, as it was when the program began.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Default for Zone {
    fn default() -> Zone {
        Zone(TimeZone::utc())
    }
}

impl Zone {
    /// The zone with a name as the variable `TZ` has one, or that of `/etc/localtime`.
    pub fn find(named: Option<&str>) -> Option<Zone> {
        named.map_or_else(TimeZone::local, TimeZone::from_posix_tz).ok().map(Zone)
    }

    /// Seconds since 1970-01-01 00:00 by a clock on the wall here.
    fn local(&self, unix: u64) -> i64 {
        let unix = unix.cast_signed();
        // A time that no rule reaches is told as it is.
        let offset = self.0.find_local_time_type(unix).map_or(0, |kind| kind.ut_offset());
        unix.saturating_add(offset.into())
    }
}

/// Seconds since 1970-01-01 00:00 by the local clock; `None` if it has certainly not been set.
pub fn local(zone: &Zone) -> Option<i64> {
    let unix = unix();
    (unix >= built()).then(|| zone.local(unix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_knows_its_summer() {
        // Copenhagen's rule, so that no file of the system is needed.
        let zone = Zone::find(Some("CET-1CEST,M3.5.0,M10.5.0/3")).unwrap();
        // 2026-01-01 12:00 and 2026-07-01 12:00, both UTC.
        assert_eq!(zone.local(1_767_268_800) - 1_767_268_800, 3600);
        assert_eq!(zone.local(1_782_907_200) - 1_782_907_200, 7200);
        assert_eq!(Zone::default().local(1_782_907_200), 1_782_907_200);
    }

    #[test]
    fn a_zone_that_is_none_is_not_found() {
        assert!(Zone::find(Some("Nowhere/At_All")).is_none());
    }

    #[test]
    fn a_clock_that_is_set_tells_the_time() {
        assert!(local(&Zone::default()).is_some_and(|local| local >= built().cast_signed()));
    }
}
