//! Devices into words: what the keys of remote controls, receivers and keyboards mean, and where a
//! finger is.
//!
//! The core is pure and built without features: told which key of which device went down or up, and when, it answers
//! with a key of [`flow`](crate::flow); told of the fingers on a touch screen, with what the first of them does. The
//! devices themselves are read behind the feature `input`. What has no meaning here is inert. Names no room but `flow`;
//! nothing here shows a key in its `Debug`, because a person's number is typed with keys.

mod codes;
#[cfg(feature = "input")]
pub mod devices;
mod layout;
mod model;
mod presses;
mod rotation;
mod stream;
mod touch;
mod words;

pub use codes::Code;
pub use layout::Layout;
pub use model::{Identity, Model};
pub use presses::{Change, Device, Presses, Repeat, Settings};
pub use rotation::{Rotation, Spot};
pub use stream::Stream;
pub use touch::{Axis, Fingers, Glass, Protocol, Touch};
pub use words::{called, name_of, names};
