//! SIGINT, SIGTERM and SIGHUP, turned into a call.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Calls `leave` once for each signal, on a thread of its own that lives as long as the process.
pub fn on_leave(leave: impl Fn() + Send + 'static) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("Signals cannot be received: {error}.");
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(cannot)?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || signals.forever().for_each(|_| leave()))
        .map_err(cannot)?;
    Ok(())
}
