//! The only clock, and the earliest time that it can truly show.

use std::time::{Duration, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

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
