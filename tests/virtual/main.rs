//! The client in a virtual world: the same decisions as on a device, in no time, with no socket.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod broker;
mod chance;
mod conformance;
mod history;
mod signing;
mod storm;
mod world;
