//! The display of a kiosk, told over HDMI-CEC who plays to it, and to sleep and to wake.
//!
//! `cec-ctl` of v4l-utils speaks to the kernel: a program with arguments of ours alone, and no shell. It runs on a
//! thread of its own, nobody waits for it, and one that does not end is ended. Of several orders the last one counts.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use crate::defects;
use crate::flow::{Display, Notice};

const PROGRAM: &str = "cec-ctl";
/// The logical address of the display.
const TV: &str = "0";
/// Bytes of what cec-ctl says.
const LONGEST: u64 = 16 * 1024;
/// A bus is busy, and a display that falls asleep or wakes may not listen: so much later an order that failed is given
/// again, the last one again and again.
const AGAIN_IN: [Duration; 5] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(300),
];
/// An adapter may come later than this program, or never: so much later it is looked for.
const COMES_IN: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(300)];
/// A message and its repetitions on the slow bus take less.
const PATIENCE: Duration = Duration::from_secs(10);
const SOON: Duration = Duration::from_millis(50);

/// Where orders for the display go to; they are carried out for as long as the process lives.
#[derive(Debug)]
pub struct Cec(Sender<Display>);

impl Cec {
    /// The display hears at once that somebody plays to it: the kernel gives the keys of its own remote to nobody else.
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
    let Ok(mut order) = adapter_or_order(orders, device) else { return };
    let mut failed = 0;
    loop {
        let told = match order {
            Some(order) => carry_out(order, device),
            None => plays(device).map(drop),
        };
        let news = match told {
            Ok(()) => {
                failed = 0;
                orders.recv().map_err(|_| RecvTimeoutError::Disconnected)
            }
            Err(reason) => {
                // The operator hears of it once, and again after it has worked.
                if failed == 0 {
                    note(&Notice::Display(reason));
                }
                let pause = AGAIN_IN[failed.min(AGAIN_IN.len() - 1)];
                failed += 1;
                orders.recv_timeout(pause)
            }
        };
        match news {
            Ok(news) => order = Some(orders.try_iter().last().unwrap_or(news)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Waits for the adapter, or for the first order, which it gives. The error is that nobody gives orders any more.
fn adapter_or_order(orders: &Receiver<Display>, device: &Path) -> Result<Option<Display>, RecvTimeoutError> {
    let mut looks_again_in = COMES_IN.into_iter();
    while !device.exists() {
        match orders.recv_timeout(looks_again_in.next().unwrap_or(COMES_IN[1])) {
            Ok(order) => return Ok(Some(orders.try_iter().last().unwrap_or(order))),
            Err(RecvTimeoutError::Timeout) => {}
            Err(nobody) => return Err(nobody),
        }
    }
    Ok(None)
}

/// The error is a phrase.
fn carry_out(order: Display, device: &Path) -> Result<(), String> {
    match order {
        // One that wakes shows what it showed last, unless it is told who plays now.
        Display::On => {
            let shows = plays(device)?.map(|address| format!("--active-source=phys-addr={address}"));
            let wakes = ["--to".into(), TV.into(), "--image-view-on".into()];
            run(device, wakes.into_iter().chain(shows)).map(drop)
        }
        Display::Standby => run(device, ["--to".into(), TV.into(), "--standby".into()]).map(drop),
    }
}

/// Takes the part of a player again, which may have been lost with a cable. Gives the plug of the display that this
/// machine is in, as cec-ctl writes it, if the display has told. The error is a phrase.
fn plays(device: &Path) -> Result<Option<String>, String> {
    run(device, []).map(|told| physical_address(&told))
}

/// `Physical Address : 1.0.0.0`, and f.f.f.f while there is no display.
fn physical_address(told: &str) -> Option<String> {
    let mut fields = told.lines().filter_map(|line| line.split_once(':'));
    let address = fields.find(|(name, _)| name.trim() == "Physical Address")?.1.trim();
    let digits: Vec<&str> = address.split('.').collect();
    let is_one = |digit: &str| digit.len() == 1 && digit.chars().all(|one| one.is_ascii_hexdigit());
    (digits.len() == 4 && address != "f.f.f.f" && digits.into_iter().all(is_one)).then(|| address.to_owned())
}

/// What cec-ctl says. The error is a phrase.
fn run(device: &Path, arguments: impl IntoIterator<Item = String>) -> Result<String, String> {
    let run = || -> io::Result<Option<(ExitStatus, String)>> {
        let mut child = Command::new(PROGRAM)
            .arg("--device")
            .arg(device)
            .arg("--playback")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut told = child.stdout.take();
        let mut waited = Duration::ZERO;
        while waited < PATIENCE {
            if let Some(status) = child.try_wait()? {
                let mut said = String::new();
                // What it writes of an adapter fits into a pipe; it has ended, so nobody waits here.
                if let Some(told) = told.take() {
                    told.take(LONGEST).read_to_string(&mut said)?;
                }
                return Ok(Some((status, said)));
            }
            std::thread::sleep(SOON);
            waited += SOON;
        }
        child.kill()?;
        child.wait()?;
        Ok(None)
    };
    match run() {
        Ok(Some((status, said))) if status.success() => Ok(said),
        Ok(Some((status, _))) => Err(format!("{PROGRAM} ended with {status}")),
        Ok(None) => Err(format!("{PROGRAM} did not end")),
        Err(error) => Err(format!("{PROGRAM} cannot be run: {}", error.kind())),
    }
}

#[cfg(test)]
mod tests {
    use super::physical_address;

    #[test]
    fn the_plug_is_found_in_what_cec_ctl_says_and_nothing_else_is_taken_for_one() {
        let said = |address: &str| {
            format!(
                "Driver Info:\n\tDriver Name                : vc4_hdmi\n\tPhysical Address           : {address}\n\
                 \tLogical Address Mask       : 0x0010\n"
            )
        };
        assert_eq!(physical_address(&said("1.0.0.0")).as_deref(), Some("1.0.0.0"));
        assert_eq!(physical_address(&said("3.2.0.0")).as_deref(), Some("3.2.0.0"));
        for not_a_plug in ["f.f.f.f", "", "1.0.0", "1.0.0.0 --standby", "--stand"] {
            assert_eq!(physical_address(&said(not_a_plug)), None, "{not_a_plug}");
        }
        assert_eq!(physical_address(""), None);
    }
}
