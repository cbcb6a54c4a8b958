//! MitID login over OpenID CIBA for screens without a browser.
//!
//! The rooms, in reading order; each may name only rooms above it.
//!
//! - [`ciba`]: the protocol, as pure pairs of `request` and `read`; usable alone.
//! - [`flow`]: the decisions; told events and the time, it answers with effects and a view.
pub mod ciba;
pub mod flow;
