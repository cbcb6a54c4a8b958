//! Where the app runs. Each platform owns an [`App`](crate::app::App) and gives back how the last login ended.

#[cfg(feature = "simulator")]
pub mod broker;
#[cfg(feature = "desktop")]
pub mod desktop;
#[cfg(feature = "panel")]
pub mod panel;
pub mod signals;
pub mod terminal;
#[cfg(feature = "desktop")]
mod window;
