//! `flexlogin keys`, run as a technician does.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};

use evdev::KeyCode;

use crate::bench::{Bench, Listener, PATIENCE, keyboard, remote};

type Scenario = (&'static str, fn(&Path));

pub(crate) const SCENARIOS: [Scenario; 2] = [
    ("`flexlogin keys` shows what each key is, and Ctrl-C ends it", it_shows_keys),
    ("without permission `flexlogin keys` says what to do", it_says_what_to_do),
];

/// Somebody who belongs to no group.
const NOBODY: u32 = 65534;

struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(program: &Path, user: Option<u32>) -> Running {
        let mut command = Command::new(program);
        command.arg("keys").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = mpsc::channel();
        let read = move || output.lines().map_while(Result::ok).for_each(|line| drop(tell.send(line)));
        std::thread::Builder::new().spawn(read).unwrap();
        Running { child, lines }
    }

    fn expect(&self, wanted: &str) {
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line == wanted => return,
                Ok(line) => seen.push(line),
                Err(_) => panic!("{wanted:?} is missing in\n{}", seen.join("\n")),
            }
        }
    }

    /// The exit code, and what went to standard error.
    fn end(mut self) -> (Option<i32>, String) {
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        (self.child.wait().unwrap().code(), errors)
    }
}

fn it_shows_keys(program: &Path) {
    let mut remote = remote("Nordlys Remote");
    let running = Running::start(program, None);
    running.expect("Nordlys Remote (1d6b:0104) is here.");
    remote.strike(KeyCode::KEY_OK);
    running.expect("Nordlys Remote: KEY_OK (0x160) is ok");
    remote.strike(KeyCode::KEY_NUMERIC_5);
    running.expect("Nordlys Remote: KEY_NUMERIC_5 (0x205) is 5");
    remote.strike(KeyCode::KEY_PROG1);
    running.expect("Nordlys Remote: KEY_PROG1 (0x094) is nothing");
    let mut keyboard = keyboard("Late Keyboard");
    running.expect("Late Keyboard (1d6b:0104) is here.");
    assert!(!Listener::of("Late Keyboard").can_hold());
    keyboard.strike(KeyCode::KEY_RIGHTBRACE);
    keyboard.chord(&[KeyCode::KEY_LEFTSHIFT, KeyCode::KEY_A]);
    running.expect("Late Keyboard: KEY_A (0x01e) is A");
    drop(remote);
    running.expect("Nordlys Remote is gone.");
    keyboard.chord(&[KeyCode::KEY_LEFTCTRL, KeyCode::KEY_C]);
    running.expect("[[keys.model]]");
    running.expect("name = \"Nordlys Remote\"");
    running.expect("0x094 = \"none\" # KEY_PROG1");
    assert_eq!(running.end(), (Some(0), String::new()));
    // And it lets go of them.
    drop(Bench::new());
    assert!(Listener::of("Late Keyboard").can_hold());
}

fn it_says_what_to_do(program: &Path) {
    let _remote = remote("Forbidden");
    let (code, errors) = Running::start(program, Some(NOBODY)).end();
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.starts_with("No remote control can be read: /dev/input/event"), "{errors}");
    assert!(
        errors
            .contains("cannot be read: permission denied. Let the user of this program into the group input")
    );
}
