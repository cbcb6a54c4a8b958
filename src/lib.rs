//! MitID login over OpenID CIBA for screens without a browser.
//!
//! The rooms, in reading order; each may name only rooms above it.
//!
//! - [`ciba`]: the protocol, as pure pairs of `request` and `read`; usable alone.
//! - [`flow`]: the decisions; told events and the time, it answers with effects and a view.
//! - [`calls`]: which request goes out next and what its answer means; told answers and the time, it says what to do.
//! - [`input`]: devices into words: what the keys of remote controls and keyboards mean.
//! - [`clock`]: the one place that reads the time.
//! - [`defects`]: what becomes of a panic, on whichever thread.
//! - [`memory`]: what the process holds in its memory stays there, and no longer than it is needed.
//! - [`ticket`]: how the next process learns of a login that this one leaves on a phone if it is killed.
//! - [`net`]: the transport; carries out the calls on one tokio runtime on a thread of its own.
//! - [`config`]: one TOML file, read once, or refused with clear sentences.
//! - [`display`]: the display of a kiosk, told to sleep and to wake.
//! - [`app`]: the spine: event → flow → effects → view.
//! - [`host`]: handing the result over.
//! - [`qr`]: an address as the squares of a QR code.
//! - [`screen`]: a view becomes Slint, Slint becomes events; decides nothing.
//! - [`check`]: what is right and wrong between this device and the broker, in plain words.
//! - [`platform`]: where the app runs: a terminal, a window, a headless panel.
//! - [`simulator`]: a MitID broker and a phone on loopback, for the demo and the tests; names no other room.

pub mod calls;
pub mod ciba;
pub mod flow;
pub mod input;

#[cfg(feature = "net")]
pub mod app;
#[cfg(feature = "net")]
pub mod check;
#[cfg(feature = "net")]
pub mod clock;
#[cfg(feature = "net")]
pub mod config;
#[cfg(feature = "net")]
pub mod defects;
#[cfg(feature = "net")]
pub mod display;
#[cfg(feature = "net")]
pub mod host;
#[cfg(feature = "net")]
pub mod memory;
#[cfg(feature = "net")]
pub mod net;
#[cfg(feature = "net")]
pub mod platform;
#[cfg(feature = "net")]
pub mod qr;
#[cfg(feature = "screen")]
pub mod screen;
#[cfg(feature = "simulator")]
pub mod simulator;
#[cfg(feature = "net")]
pub mod ticket;
