//! Whoever starts a kiosk that ended: what the unit does with `Restart=always`, `WatchdogSec=` and a preserved runtime
//! folder.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use flexlogin::clock::uptime;
use rustix::process::{Pid, Signal, kill_process};

use crate::host::Host;
use crate::manager::{Manager, SOCKET};
use crate::words::{patience, restarts_after};

const PROGRAM: &str = "/bin/flexlogin";
const RUNTIME_FOLDER: &str = "/run/flexlogin";
const LOOK: Duration = Duration::from_millis(10);
/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Kiosk {
    /// The process that lives now, if one does.
    id: Arc<Mutex<Option<u32>>>,
    manager: Arc<Mutex<Manager>>,
    host: Arc<Mutex<Host>>,
    /// Stopped by us: an emulator on a busy machine may be late by itself, and is forgiven.
    is_frozen: Arc<AtomicBool>,
    dismiss: Option<Sender<()>>,
    keeper: Option<JoinHandle<()>>,
}

impl Kiosk {
    pub(crate) fn keep(configuration: &Path) -> Result<Kiosk, String> {
        // It outlives a process, and no dismissal.
        let _ = fs::remove_dir_all(RUNTIME_FOLDER);
        let made = fs::DirBuilder::new().mode(0o700).create(RUNTIME_FOLDER);
        made.map_err(|error| format!("{RUNTIME_FOLDER}: {error}"))?;
        let id = Arc::new(Mutex::new(None));
        let (dismiss, dismissed) = mpsc::channel();
        let (manager, is_frozen) = (Arc::new(Mutex::new(Manager::new()?)), Arc::new(AtomicBool::new(false)));
        let host = Arc::new(Mutex::new(Host::default()));
        let (configuration, living) = (configuration.to_owned(), id.clone());
        let (hearing, reading, frozen) = (manager.clone(), host.clone(), is_frozen.clone());
        let keep = move || {
            loop {
                hearing.lock().unwrap().begin();
                let output = reading.lock().unwrap().begin();
                let mut child = start(&configuration, output);
                *living.lock().unwrap() = Some(child.id());
                let over = loop {
                    let mut manager = hearing.lock().unwrap();
                    manager.listen();
                    if frozen.load(Ordering::Relaxed) && manager.has_lost_patience() {
                        frozen.store(false, Ordering::Relaxed);
                        child.kill().unwrap();
                    }
                    drop(manager);
                    reading.lock().unwrap().listen();
                    if child.try_wait().unwrap().is_some() {
                        break false;
                    }
                    if dismissed.recv_timeout(LOOK) != Err(mpsc::RecvTimeoutError::Timeout) {
                        break true;
                    }
                };
                *living.lock().unwrap() = None;
                if over {
                    end(&mut child);
                    return;
                }
                if dismissed.recv_timeout(restarts_after()) != Err(mpsc::RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        let keeper = std::thread::Builder::new().spawn(keep).map_err(|error| error.to_string())?;
        Ok(Kiosk { id, manager, host, is_frozen, dismiss: Some(dismiss), keeper: Some(keeper) })
    }

    /// The process that lives, at the latest after it was started again.
    pub(crate) fn id(&self) -> Result<u32, String> {
        wait("the kiosk does not run", || *self.id.lock().unwrap())
    }

    pub(crate) fn kill(&self) -> Result<(), String> {
        self.signal(Signal::KILL)
    }

    pub(crate) fn freeze(&self) -> Result<(), String> {
        self.signal(Signal::STOP)?;
        self.is_frozen.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn signal(&self, signal: Signal) -> Result<(), String> {
        let id = i32::try_from(self.id()?).ok().and_then(Pid::from_raw).ok_or("no process")?;
        kill_process(id, signal).map_err(|error| error.to_string())
    }

    /// The service manager, since this was asked last.
    pub(crate) fn told(&self) -> Vec<String> {
        self.manager.lock().unwrap().take()
    }

    /// The outcomes that the host has read since this was asked last.
    pub(crate) fn results(&self) -> Vec<String> {
        self.host.lock().unwrap().take()
    }

    /// The host goes; the next process finds another.
    pub(crate) fn abandon(&self) {
        self.host.lock().unwrap().leave();
    }

    /// The host no longer reads; the next process finds another.
    pub(crate) fn deafen(&self) -> Result<(), String> {
        let id = self.id()?;
        self.host.lock().unwrap().go_deaf(id);
        Ok(())
    }

    /// Waits until it reads this device.
    pub(crate) fn takes(&self, node: &Path) -> Result<(), String> {
        let id = self.id()?;
        wait(&format!("the kiosk does not take {}", node.display()), || {
            let open = fs::read_dir(format!("/proc/{id}/fd")).ok()?;
            let mut open = open.flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
            open.any(|path: PathBuf| path == node).then_some(())
        })
    }
}

impl Drop for Kiosk {
    fn drop(&mut self) {
        drop(self.dismiss.take());
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }
}

fn start(configuration: &Path, output: impl Into<Stdio>) -> Child {
    let mut command = Command::new(PROGRAM);
    command.arg("kiosk").arg("--config").arg(configuration).env("RUNTIME_DIRECTORY", RUNTIME_FOLDER);
    command.env("NOTIFY_SOCKET", SOCKET).env("WATCHDOG_USEC", patience().as_micros().to_string());
    command.stdout(output).spawn().unwrap()
}

/// As a system does that shuts down.
fn end(child: &mut Child) {
    if let Some(id) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process(id, Signal::TERM);
    }
    let ended = wait("the kiosk does not end", || child.try_wait().ok().flatten().map(drop));
    if ended.is_err() {
        let _ = child.kill();
    }
}

fn wait<T>(complaint: &str, mut there: impl FnMut() -> Option<T>) -> Result<T, String> {
    let until = uptime() + PATIENCE;
    loop {
        if let Some(found) = there() {
            return Ok(found);
        }
        if uptime() > until {
            return Err(complaint.to_owned());
        }
        std::thread::sleep(LOOK);
    }
}
