//! SIGINT, SIGTERM and SIGHUP, turned into a call.

use std::sync::Arc;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::defects;

/// Calls `leave` once for each signal, on a thread of its own that lives as long as the process, and after a defect of any
/// thread beside the main one.
pub fn on_leave(leave: impl Fn() + Send + Sync + 'static) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("Signals cannot be received: {error}.");
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(cannot)?;
    let leave = Arc::new(leave);
    defects::leave_by(leave.clone());
    defects::beside("signals", move || signals.forever().for_each(|_| leave())).map_err(cannot)
}
