//! The program as scripts and people call it: exit codes, one line on standard output, sentences on standard error.
#![cfg(all(feature = "net", feature = "panel", feature = "simulator"))]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod program;

mod login;
mod panel;
mod simulated;
mod usage;
