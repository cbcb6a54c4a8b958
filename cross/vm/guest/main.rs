//! What lives in the machine beside the kiosk: the broker, the remotes and the finger, whoever starts a kiosk that
//! ended, whoever reads its results, and the scales. It does what the driving program says through a port.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod devices;
mod host;
mod kiosk;
mod manager;
mod refusals;
mod scales;
#[path = "../words.rs"]
mod words;

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use flexlogin::simulator::{Broker, Decide, Options};

use devices::Devices;
use kiosk::Kiosk;
use words::{Hear, Request, Say};

/// Where the broker leaves its files, and the configuration is.
const FOLDER: &str = "/run/broker";
const CONFIGURATION: &str = "/run/broker/kiosk.toml";

fn main() {
    let port = std::env::args().nth(1).unwrap();
    // It can be opened once.
    let mut output = OpenOptions::new().read(true).write(true).open(&port).unwrap();
    let input = BufReader::new(output.try_clone().unwrap());
    let mut guest = Guest::default();
    answer(&mut output, &Hear::Ready);
    for line in input.lines() {
        let said = serde_json::from_str(&line.unwrap()).unwrap();
        let heard = guest.hear(said).unwrap_or_else(Hear::Failed);
        answer(&mut output, &heard);
    }
}

fn answer(output: &mut File, heard: &Hear) {
    let line = serde_json::to_string(heard).unwrap() + "\n";
    output.write_all(line.as_bytes()).unwrap();
}

#[derive(Default)]
struct Guest {
    broker: Option<Broker>,
    /// How much of the broker's journal was told.
    told: usize,
    kiosk: Option<Kiosk>,
    devices: Devices,
}

impl Guest {
    fn hear(&mut self, said: Say) -> Result<Hear, String> {
        match said {
            Say::Broker { interval_s } => {
                // Both would write the same files.
                drop(self.broker.take());
                (self.broker, self.told) = (Some(broker(interval_s)?), 0);
            }
            Say::Keep { settings } => {
                configure(&settings)?;
                self.kiosk = Some(Kiosk::keep(Path::new(CONFIGURATION))?);
            }
            Say::Dismiss => drop(self.kiosk.take()),
            Say::Kill => self.kiosk()?.kill()?,
            Say::Freeze => self.kiosk()?.freeze()?,
            Say::Told => return Ok(Hear::Told(self.kiosk()?.told())),
            Say::Results => return Ok(Hear::Told(self.kiosk()?.results())),
            Say::Abandon => self.kiosk()?.abandon(),
            Say::Deafen => self.kiosk()?.deafen()?,
            Say::Display { plugged } => display(plugged)?,
            Say::Obstruct(obstacle) => {
                return refusals::run_into(obstacle, Path::new(FOLDER)).map(Hear::Ended);
            }
            Say::Network { up } => network(up)?,
            Say::Plug { name } => {
                let node = self.devices.plug(name)?;
                self.kiosk()?.takes(&node)?;
            }
            Say::Glass { width, height } => {
                let node = self.devices.glass(width, height)?;
                self.kiosk()?.takes(&node)?;
            }
            Say::Pull { name } => self.devices.pull(&name)?,
            Say::Press { name, key } => self.devices.emit(&name, key, 1)?,
            Say::Release { name, key } => self.devices.emit(&name, key, 0)?,
            Say::Stroke { name, key } => {
                let drawn = scales::stroke(|| self.devices.emit(&name, key, 1))?;
                self.devices.emit(&name, key, 0)?;
                return Ok(Hear::Drawn { ms: drawn.as_secs_f64() * 1000.0 });
            }
            Say::Touch { x, y } => self.devices.touch(x, y)?,
            Say::Phone => return Ok(Hear::Requests(self.requests()?)),
            Say::Approve => self.approve()?,
            Say::Journal => return Ok(Hear::Happened(self.journal()?)),
            Say::Weigh => return scales::weigh(self.kiosk()?.id()?).map(Hear::Weighed),
            Say::Count { seconds } => {
                let time = Duration::from_secs(seconds);
                return scales::count(self.kiosk()?.id()?, time).map(Hear::Counted);
            }
        }
        Ok(Hear::Done)
    }

    fn kiosk(&self) -> Result<&Kiosk, String> {
        self.kiosk.as_ref().ok_or_else(|| "there is no kiosk".to_owned())
    }

    fn broker(&self) -> Result<&Broker, String> {
        self.broker.as_ref().ok_or_else(|| "there is no broker".to_owned())
    }

    fn requests(&self) -> Result<Vec<Request>, String> {
        let requests = self.broker()?.phone().requests().into_iter();
        Ok(requests
            .map(|request| Request {
                reference_text: request.reference_text,
                seconds_left: request.seconds_left,
            })
            .collect())
    }

    fn approve(&self) -> Result<(), String> {
        let phone = self.broker()?.phone();
        let request = phone.requests().pop().ok_or("the phone shows nothing")?;
        if phone.approve(&request.id) { Ok(()) } else { Err("the request is over".into()) }
    }

    fn journal(&mut self) -> Result<Vec<String>, String> {
        let journal = self.broker()?.log();
        let news = journal[self.told.min(journal.len())..].iter().map(|happened| format!("{happened:?}"));
        let news = news.collect();
        self.told = journal.len();
        Ok(news)
    }
}

fn broker(interval_s: u64) -> Result<Broker, String> {
    Broker::start(Options {
        interval: Duration::from_secs(interval_s),
        expires_in: Duration::from_secs(300),
        decide: Decide::ByHand,
        out: Some(FOLDER.into()),
    })
}

/// The broker's configuration and some lines more.
fn configure(settings: &str) -> Result<(), String> {
    let written = fs::read_to_string(Path::new(FOLDER).join("flexlogin.toml"))
        .and_then(|text| fs::write(CONFIGURATION, format!("{text}\n{settings}")));
    written.map_err(|error| format!("{CONFIGURATION}: {error}"))
}

fn network(up: bool) -> Result<(), String> {
    let state = if up { "up" } else { "down" };
    let done = Command::new("/bin/busybox").args(["ip", "link", "set", "lo", state]).status();
    match done {
        Ok(status) if status.success() => Ok(()),
        other => Err(format!("the loopback does not go {state}: {other:?}")),
    }
}

/// As if somebody had moved the plug: the kernel is told what to take its display for, and tells of it.
fn display(plugged: bool) -> Result<(), String> {
    let card = "/sys/class/drm/card0";
    let outputs = fs::read_dir(card).map_err(|error| format!("{card}: {error}"))?;
    let output = outputs.flatten().map(|entry| entry.path()).find(|path| path.join("status").exists());
    let status = output.ok_or_else(|| format!("{card} has no output"))?.join("status");
    let is = if plugged { "detect" } else { "off" };
    fs::write(&status, is)
        .and_then(|()| fs::write(format!("{card}/uevent"), "change"))
        .map_err(|error| format!("{}: {error}", status.display()))
}
