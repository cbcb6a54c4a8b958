//! The app against the simulated broker: real TLS, real bytes, and what comes of each fault.
//!
//! A name that begins with `row_` tells the row of the fault matrix (tests/faults.md); `beyond_` is a fault
//! that has no row there.
#![cfg(all(feature = "net", feature = "simulator"))]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod desk;
mod device;

mod age;
mod answers;
mod cancelling;
mod connections;
mod deadlines;
mod defects;
mod faults;
mod lasting;
mod logins;
mod pace;
mod scanning;
mod starting;
mod terms;
mod tokens;
mod trust;
