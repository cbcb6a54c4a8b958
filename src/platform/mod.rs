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
