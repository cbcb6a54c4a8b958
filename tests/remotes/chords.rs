//! The ways out of a kiosk: what a keyboard does to the machine while nobody holds it, and does not while we do.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

use evdev::KeyCode;
use flexlogin::clock::uptime;
use rustix::fs::OFlags;

use crate::bench::{Bench, PATIENCE, Plugged, keyboard};

pub(crate) const SCENARIOS: [(&str, fn()); 3] = [
    ("Ctrl-Alt-F2 changes the terminal, and not while the keyboard is held", terminals),
    ("Alt-SysRq-H is heard by the kernel, and not while the keyboard is held", sysrq),
    ("Ctrl-Alt-Delete does not restart the machine while the keyboard is held", restart),
];

/// Long enough for the kernel to do what it would do.
const A_MOMENT: Duration = Duration::from_millis(500);

const FIRST: [KeyCode; 3] = [KeyCode::KEY_LEFTCTRL, KeyCode::KEY_LEFTALT, KeyCode::KEY_F1];
const SECOND: [KeyCode; 3] = [KeyCode::KEY_LEFTCTRL, KeyCode::KEY_LEFTALT, KeyCode::KEY_F2];
const HELP: [KeyCode; 3] = [KeyCode::KEY_LEFTALT, KeyCode::KEY_SYSRQ, KeyCode::KEY_H];
const RESTART: [KeyCode; 3] = [KeyCode::KEY_LEFTCTRL, KeyCode::KEY_LEFTALT, KeyCode::KEY_DELETE];

fn active() -> String {
    fs::read_to_string("/sys/class/tty/tty0/active").unwrap().trim().to_owned()
}

/// A chord that comes while the terminal is still being changed is lost, so it is pressed until it was heard.
fn change(keyboard: &mut Plugged, chord: &[KeyCode], terminal: &str) {
    let since = uptime();
    while active() != terminal {
        assert!(uptime() - since < PATIENCE, "{terminal} is not shown: the chord does nothing here anyway");
        keyboard.chord(chord);
        let pressed = uptime();
        while active() != terminal && uptime() - pressed < A_MOMENT {
            std::thread::yield_now();
        }
    }
}

/// No key of ours comes of it, either.
fn press_while_held(keyboard: &mut Plugged, chord: &[KeyCode]) {
    let mut bench = Bench::new();
    keyboard.chord(chord);
    assert!(bench.keys_within(A_MOMENT).is_empty(), "{chord:?}");
}

fn terminals() {
    let mut keyboard = keyboard("Chords");
    for _ in 0..2 {
        change(&mut keyboard, &SECOND, "tty2");
        change(&mut keyboard, &FIRST, "tty1");
        press_while_held(&mut keyboard, &SECOND);
        assert_eq!(active(), "tty1");
    }
}

fn sysrq() {
    fs::write("/proc/sys/kernel/sysrq", "1").unwrap();
    let mut log = OpenOptions::new();
    let mut log = log
        .read(true)
        .custom_flags(i32::try_from(OFlags::NONBLOCK.bits()).unwrap())
        .open("/dev/kmsg")
        .unwrap();
    let mut helps = || {
        let mut line = [0; 8192];
        let mut found = 0;
        loop {
            match log.read(&mut line) {
                Ok(length) => {
                    found += usize::from(String::from_utf8_lossy(&line[..length]).contains("sysrq: HELP"))
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return found,
                // Older lines were overwritten meanwhile.
                Err(_) => {}
            }
        }
    };
    helps();
    let mut keyboard = keyboard("SysRq");
    keyboard.chord(&HELP);
    let since = uptime();
    while helps() == 0 {
        assert!(uptime() - since < PATIENCE, "SysRq does nothing here anyway");
        std::thread::yield_now();
    }
    press_while_held(&mut keyboard, &HELP);
    assert_eq!(helps(), 0);
}

fn restart() {
    // From here on the chord would restart the machine at once, without asking anybody.
    fs::write("/proc/sys/kernel/ctrl-alt-del", "1").unwrap();
    press_while_held(&mut keyboard("Restart"), &RESTART);
    fs::write("/proc/sys/kernel/ctrl-alt-del", "0").unwrap();
}
