//! The app against the simulated broker: real TLS, real bytes, and what comes of each fault.
#![cfg(all(feature = "net", feature = "simulator"))]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod device;

mod cancelling;
mod clocks;
mod faults;
mod logins;
mod pace;
mod starting;
mod trust;
