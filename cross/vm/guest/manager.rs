//! What a service manager hears of the kiosk (sd_notify(3)), and when it would end it.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use flexlogin::clock::uptime;

use crate::words::patience;

pub(crate) const SOCKET: &str = "/run/notify";

/// Listens to one process.
pub(crate) struct Manager {
    socket: UnixDatagram,
    said: Vec<String>,
    patience: Duration,
    beat_at: Duration,
}

impl Manager {
    pub(crate) fn new() -> Result<Manager, String> {
        let cannot = |error: std::io::Error| format!("{SOCKET}: {error}");
        let _ = fs::remove_file(SOCKET);
        let socket = UnixDatagram::bind(SOCKET).map_err(cannot)?;
        socket.set_nonblocking(true).map_err(cannot)?;
        Ok(Manager { socket, said: Vec::new(), patience: patience(), beat_at: uptime() })
    }

    /// A new process begins.
    pub(crate) fn begin(&mut self) {
        (self.patience, self.beat_at) = (patience(), uptime());
    }

    /// Hears what has come.
    pub(crate) fn listen(&mut self) {
        let mut room = [0; 4096];
        while let Ok(length) = self.socket.recv(&mut room) {
            for line in String::from_utf8_lossy(&room[..length]).lines() {
                if line == "WATCHDOG=1" {
                    self.beat_at = uptime();
                }
                let asked = line.strip_prefix("WATCHDOG_USEC=").and_then(|micros| micros.parse().ok());
                self.patience = asked.map_or(self.patience, Duration::from_micros);
                self.said.push(line.to_owned());
            }
        }
    }

    pub(crate) fn has_lost_patience(&self) -> bool {
        uptime() > self.beat_at + self.patience
    }

    /// What was heard since this was asked last.
    pub(crate) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.said)
    }
}
