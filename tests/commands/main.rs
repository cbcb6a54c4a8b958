//! The program as scripts and people call it: exit codes, one line on standard output, sentences on standard error.
#![cfg(feature = "simulator")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod program;

mod age;
mod disk;
#[cfg(feature = "panel")]
mod display;
mod handing;
#[cfg(feature = "kiosk")]
mod kiosk;
mod leaving;
mod login;
#[cfg(feature = "panel")]
mod panel;
mod privacy;
mod simulated;
mod usage;
