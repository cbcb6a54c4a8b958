//! Where the app runs. Each platform owns an [`App`](crate::app::App) and gives back how the last login ended.

#[cfg(feature = "simulator")]
pub mod broker;
#[cfg(feature = "simulator")]
pub mod demo;
#[cfg(feature = "desktop")]
pub mod desktop;
pub mod handing;
#[cfg(feature = "input")]
pub mod keys;
#[cfg(feature = "kiosk")]
pub mod kiosk;
#[cfg(feature = "panel")]
pub mod panel;
#[cfg(feature = "panel")]
pub mod pictures;
#[cfg(feature = "input")]
pub mod remotes;
pub mod script;
pub mod signals;
pub mod terminal;
#[cfg(any(feature = "desktop", feature = "kiosk"))]
mod window;

/// Why a run on a screen did not end with the outcome of its last login alone.
#[cfg(any(feature = "desktop", feature = "panel"))]
#[derive(Debug)]
pub enum Stop {
    /// What the command line names cannot be used; nothing was done.
    Usage(String),
    /// Something on this machine is missing.
    Machine(String),
    /// The window went, or the script did not go as it is written.
    Failed { sentence: String, outcome: Box<crate::flow::Outcome> },
}

#[cfg(any(feature = "desktop", feature = "panel"))]
impl From<String> for Stop {
    fn from(sentence: String) -> Stop {
        Stop::Machine(sentence)
    }
}

/// Reads a size such as 1280x720. The error is a phrase.
#[cfg(any(feature = "panel", feature = "simulator"))]
fn size(written: &str) -> Result<(u32, u32), String> {
    let read = || {
        let (width, height) = written.split_once(['x', 'X', '×'])?;
        Some((width.parse().ok()?, height.parse().ok()?))
    };
    read().filter(|(width, height)| (160..=7680).contains(width) && (120..=4320).contains(height)).ok_or_else(
        || "a size is a width and a height in pixels, as in 1280x720, from 160x120 to 7680x4320".to_owned(),
    )
}
