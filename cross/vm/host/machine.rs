//! The machine: an emulated ARM board with a display, started, looked at, spoken to and switched off.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use flexlogin::clock::uptime;
use serde_json::{Value, json};

use crate::picture::Picture;
use crate::words::{Hear, Say};

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(20);

/// What a machine is made of.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) qemu: PathBuf,
    pub(crate) kernel: PathBuf,
    pub(crate) disk: PathBuf,
}

pub(crate) struct Machine {
    emulator: Child,
    control: Line,
    guest: Line,
    room: tempfile::TempDir,
}

impl Machine {
    /// Switches it on and waits until it can be spoken to.
    pub(crate) fn boot(parts: &Parts, (width, height): (u32, u32)) -> Result<Machine, String> {
        let room = tempfile::tempdir().map_err(|error| format!("No room for the machine: {error}."))?;
        let socket = |name: &str| room.path().join(name).display().to_string();
        let log = fs::File::create(room.path().join("emulator.log")).map_err(|error| error.to_string())?;
        let emulator = Command::new(&parts.qemu)
            .args(["-L", "/usr/share/qemu", "-M", "virt", "-cpu", "cortex-a53", "-smp", "2", "-m", "512"])
            .args(["-nodefaults", "-display", "none", "-no-reboot"])
            .arg("-kernel")
            .arg(&parts.kernel)
            .arg("-initrd")
            .arg(&parts.disk)
            .arg("-append")
            .arg("console=ttyAMA0 quiet loglevel=3 panic=-1 vt.global_cursor_default=0")
            .args(["-serial", &format!("file:{}", socket("serial.log"))])
            .args(["-qmp", &format!("unix:{},server=on,wait=off", socket("control"))])
            .args(["-device", &format!("virtio-gpu-pci,xres={width},yres={height}")])
            .args(["-device", "virtio-serial-pci"])
            .args(["-chardev", &format!("socket,id=guest,path={},server=on,wait=off", socket("guest"))])
            .args(["-device", "virtserialport,chardev=guest,name=flexlogin"])
            .args(["-rtc", "base=utc"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{}: {error}.", parts.qemu.display()))?;
        let mut machine = Machine {
            control: Line::connect(&room.path().join("control"))?,
            guest: Line::connect(&room.path().join("guest"))?,
            emulator,
            room,
        };
        machine.control.read()?;
        machine.order("qmp_capabilities", &json!({}))?;
        match machine.hear() {
            Ok(Hear::Ready) => Ok(machine),
            other => Err(format!("The machine does not come up: {other:?}.\n{}", machine.console())),
        }
    }

    /// Says it and waits until it is done.
    pub(crate) fn say(&mut self, say: &Say) -> Result<(), String> {
        match self.ask(say)? {
            Hear::Done => Ok(()),
            other => Err(format!("{say:?} was answered with {other:?}")),
        }
    }

    pub(crate) fn ask(&mut self, say: &Say) -> Result<Hear, String> {
        self.guest.write(&serde_json::to_string(say).map_err(|error| error.to_string())?)?;
        match self.hear()? {
            Hear::Failed(sentence) => Err(format!("{say:?}: {sentence}\n{}", self.console())),
            heard => Ok(heard),
        }
    }

    fn hear(&mut self) -> Result<Hear, String> {
        let line = self.guest.read()?;
        serde_json::from_str(&line).map_err(|error| format!("the guest said {line:?}: {error}"))
    }

    /// What the display shows.
    pub(crate) fn look(&mut self) -> Result<Picture, String> {
        let file = self.room.path().join("screen.ppm");
        self.order("screendump", &json!({ "filename": file }))?;
        Picture::read(&file)
    }

    fn order(&mut self, order: &str, arguments: &Value) -> Result<(), String> {
        self.control.write(&json!({ "execute": order, "arguments": arguments }).to_string())?;
        // Whatever happens meanwhile is told in between.
        for _ in 0..1000 {
            let answer: Value =
                serde_json::from_str(&self.control.read()?).map_err(|error| error.to_string())?;
            if answer.get("return").is_some() {
                return Ok(());
            }
            if let Some(error) = answer.get("error") {
                return Err(format!("{order}: {error}"));
            }
        }
        Err(format!("{order} was not answered"))
    }

    /// The end of what stands on its console and of what the emulator had to say.
    pub(crate) fn console(&self) -> String {
        let read = |name| fs::read(self.room.path().join(name)).unwrap_or_default();
        let text = [read("emulator.log"), read("serial.log")].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.emulator.kill();
        let _ = self.emulator.wait();
    }
}

/// One line there, one line back.
struct Line {
    input: BufReader<UnixStream>,
}

impl Line {
    fn connect(path: &Path) -> Result<Line, String> {
        let until = uptime() + PATIENCE;
        loop {
            match UnixStream::connect(path) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
                    return Ok(Line { input: BufReader::new(stream) });
                }
                Err(error) if uptime() > until => return Err(format!("{}: {error}", path.display())),
                Err(_) => std::thread::sleep(LOOK),
            }
        }
    }

    fn write(&mut self, line: &str) -> Result<(), String> {
        let written = self.input.get_mut().write_all(format!("{line}\n").as_bytes());
        written.map_err(|error| format!("the machine does not listen: {error}"))
    }

    fn read(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.input.read_line(&mut line) {
            Ok(0) => Err("the machine is off".into()),
            Ok(_) => Ok(line),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                Err(format!("the machine says nothing for {} s", PATIENCE.as_secs()))
            }
            Err(error) => Err(format!("the machine cannot be heard: {error}")),
        }
    }
}
