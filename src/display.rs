//! The display of a kiosk, told over HDMI-CEC to sleep and to wake.
//!
//! `cec-ctl` of v4l-utils speaks to the kernel: a program with arguments of ours alone, and no shell. It runs on a
//! thread of its own, nobody waits for it, and one that does not end is ended. Of several orders the last one counts.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use crate::defects;
use crate::flow::{Display, Notice};

const PROGRAM: &str = "cec-ctl";
/// A message and its repetitions on the slow bus take less.
const PATIENCE: Duration = Duration::from_secs(10);
const SOON: Duration = Duration::from_millis(50);

/// Where orders for the display go to; they are carried out for as long as the process lives.
#[derive(Debug)]
pub struct Cec(Sender<Display>);

impl Cec {
    /// The error is a sentence.
    pub fn start(device: PathBuf, note: impl Fn(&Notice) + Send + 'static) -> Result<Cec, String> {
        let (tell, orders) = mpsc::channel();
        let obey = move || obey(&orders, &device, &note);
        defects::beside("cec", obey)
            .map_err(|error| format!("The display cannot be told anything: {error}."))?;
        Ok(Cec(tell))
    }

    pub fn tell(&self, display: Display) {
        // Fails only after a defect of the thread, which has been told.
        let _ = self.0.send(display);
    }
}

fn obey(orders: &Receiver<Display>, device: &Path, note: &impl Fn(&Notice)) {
    let mut was_told = true;
    while let Ok(order) = orders.recv() {
        let order = orders.try_iter().last().unwrap_or(order);
        let told = carry_out(order, device);
        // The operator hears of it once, and again after it has worked.
        if let (Err(reason), true) = (&told, was_told) {
            note(&Notice::Display(reason.clone()));
        }
        was_told = told.is_ok();
    }
}

/// The error is a phrase.
fn carry_out(order: Display, device: &Path) -> Result<(), String> {
    let run = || -> io::Result<Option<ExitStatus>> {
        let mut child = Command::new(PROGRAM)
            .args(arguments(order, device))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut waited = Duration::ZERO;
        while waited < PATIENCE {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            std::thread::sleep(SOON);
            waited += SOON;
        }
        child.kill()?;
        child.wait()?;
        Ok(None)
    };
    match run() {
        Ok(Some(status)) if status.success() => Ok(()),
        Ok(Some(status)) => Err(format!("{PROGRAM} ended with {status}")),
        Ok(None) => Err(format!("{PROGRAM} did not end")),
        Err(error) => Err(format!("{PROGRAM} cannot be run: {}", error.kind())),
    }
}

/// Logical address 0 is the TV; whoever tells it anything plays something to it.
fn arguments(order: Display, device: &Path) -> [OsString; 6] {
    let message = match order {
        Display::On => "--image-view-on",
        Display::Standby => "--standby",
    };
    ["--device".into(), device.into(), "--playback".into(), "--to".into(), "0".into(), message.into()]
}
