//! The compiled program, run in an empty environment and folder.

use std::fs;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
#[cfg(feature = "panel")]
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use flexlogin::clock::uptime;
use flexlogin::simulator::{Broker, Decide, Happened, Options};
use serde_json::Value;

pub(crate) const CPR: &str = "6701901234";
/// No run takes longer.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The one JSON line on standard output.
    pub(crate) fn result(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        assert!(self.stdout.ends_with('\n'), "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The outcome and its reason.
    pub(crate) fn told(&self) -> (String, String) {
        let result = self.result();
        let members = result.as_object().unwrap();
        assert!(members.len() == 2, "only an approved login tells more: {self:?}");
        let text = |name: &str| members[name].as_str().unwrap().to_owned();
        (text("outcome"), text("error"))
    }

    /// A sentence and nothing else.
    pub(crate) fn refused_with(&self, code: i32, word: &str) {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{self:?}");
        assert!(self.stderr.contains(word), "{self:?}");
        self.shows_no_person();
    }

    pub(crate) fn shows_no_person(&self) {
        for secret in [CPR, "670190", "Anna", "Testesen", "eyJ"] {
            assert!(!self.stderr.contains(secret), "{self:?}");
        }
    }
}

/// A run under way.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Sends it a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        send(self.id(), name);
    }

    pub(crate) fn standard_output(&mut self) -> std::process::ChildStdout {
        self.0.stdout.take().unwrap()
    }

    /// Ends it as the system does that has no memory left, or nobody with patience.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        let output = self.0.wait_with_output().unwrap();
        assert!(output.status.signal() == Some(9) && output.stdout.is_empty(), "{output:?}");
    }

    /// Waits for its end; a run that does not end is ended.
    pub(crate) fn end(mut self) -> Run {
        let end = uptime() + PATIENCE;
        while self.0.try_wait().unwrap().is_none() {
            if uptime() > end {
                self.0.kill().unwrap();
                panic!("the program does not end: {:?}", self.0.wait_with_output());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let output = self.0.wait_with_output().unwrap();
        Run {
            code: output.status.code().expect("the program ended by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Sends a signal by its name.
pub(crate) fn send(process: u32, signal: &str) {
    let kill = format!("kill -{signal} {process}");
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

/// Starts the program, and writes all of its standard input.
pub(crate) fn start(arguments: &[&str], input: &str) -> Running {
    start_open(arguments, input).0
}

/// The same with more to come on standard input.
pub(crate) fn start_open(arguments: &[&str], input: &str) -> (Running, ChildStdin) {
    start_with(&[], arguments, input)
}

/// The same in an environment.
pub(crate) fn start_with(
    environment: &[(&str, &Path)],
    arguments: &[&str],
    input: &str,
) -> (Running, ChildStdin) {
    start_into(Stdio::piped(), environment, arguments, input)
}

/// The same with another standard output.
pub(crate) fn start_into(
    output: impl Into<Stdio>,
    environment: &[(&str, &Path)],
    arguments: &[&str],
    input: &str,
) -> (Running, ChildStdin) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_flexlogin"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::piped())
        .stdout(output)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its command line reads nothing.
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(input.as_bytes());
    (Running(child), stdin)
}

pub(crate) fn run(arguments: &[&str], input: &str) -> Run {
    start(arguments, input).end()
}

pub(crate) fn broker(decide: Decide) -> Broker {
    let (interval, expires_in) = (Duration::from_secs(1), Duration::from_secs(60));
    Broker::start(Options { interval, expires_in, decide, out: None }).unwrap()
}

pub(crate) fn approving() -> Broker {
    broker(Decide::ApproveAfter(Duration::ZERO))
}

pub(crate) fn by_hand() -> Broker {
    broker(Decide::ByHand)
}

pub(crate) fn config_of(broker: &Broker) -> String {
    broker.config_file().to_str().unwrap().to_owned()
}

/// Writes a changed configuration beside the broker's own.
pub(crate) fn changed(broker: &Broker, change: impl Fn(String) -> String) -> String {
    let text = change(fs::read_to_string(broker.config_file()).unwrap());
    let path = broker.config_file().with_file_name("changed.toml");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Logs in the person of [`CPR`].
pub(crate) fn log_in(config: &str) -> Run {
    run(&["login", "--config", config, "--cpr", "-"], &format!("{CPR}\n"))
}

pub(crate) fn wait_until(what: &str, mut there: impl FnMut() -> bool) {
    let end = uptime() + PATIENCE;
    while !there() {
        assert!(uptime() < end, "{what} never came");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn wait_for(broker: &Broker, happened: &Happened) {
    wait_until("what the broker should see", || broker.log().contains(happened));
}

/// A folder for pictures, and a script in it.
#[cfg(feature = "panel")]
pub(crate) fn folder_with(script: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script.txt");
    fs::write(&path, script).unwrap();
    (folder, path)
}

/// The width and height that a PNG file tells of itself.
#[cfg(feature = "panel")]
pub(crate) fn size_of(picture: &Path) -> (u32, u32) {
    let bytes = fs::read(picture).unwrap_or_else(|error| panic!("{}: {error}", picture.display()));
    assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "{} is no PNG", picture.display());
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}
