//! Pipes in a folder stand in for nodes: what the kernel would write is written into them.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

use rustix::fs::{CWD, Mode, OFlags, mkfifoat};
use tempfile::TempDir;

use super::*;
use crate::input::Code;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(100);
const SOON: Duration = Duration::from_millis(10);

/// A machine with a folder for its devices.
struct Machine {
    root: TempDir,
}

impl Machine {
    fn new() -> Machine {
        let machine = Machine { root: tempfile::tempdir().unwrap() };
        fs::create_dir(machine.folder()).unwrap();
        machine
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("input")
    }

    /// A device is plugged in; it is unplugged when what is given back is dropped and its node is removed.
    fn plug(&self, name: &str) -> File {
        let path = self.folder().join(name);
        mkfifoat(CWD, &path, Mode::from_raw_mode(0o600)).unwrap();
        OpenOptions::new().read(true).write(true).custom_flags(without_waiting()).open(path).unwrap()
    }

    fn unplug(&self, name: &str, device: File) {
        fs::remove_file(self.folder().join(name)).unwrap();
        drop(device);
    }

    fn devices(&self) -> Devices {
        Devices::within(self.root.path(), "input", Box::new(open), SOON).unwrap()
    }
}

fn without_waiting() -> i32 {
    i32::try_from(OFlags::NONBLOCK.bits()).unwrap()
}

/// Opens what everybody may read; an empty plain file has no keys; a file with text is held by somebody.
fn open(path: &Path) -> Result<Node, Refusal> {
    let data = fs::metadata(path).map_err(|_| Refusal::Absent)?;
    if data.permissions().mode() & 0o077 == 0o070 {
        return Err(Refusal::Denied);
    }
    if data.is_file() {
        return Err(if data.len() == 0 { Refusal::NoKeys } else { Refusal::Busy });
    }
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let fd = rustix::fs::open(path, flags, Mode::empty())?;
    let name = path.file_name().unwrap().to_str().unwrap();
    Ok(Node { fd, identity: Identity::new(name, 1, 2), glass: None })
}

/// The next news; there have to be some.
fn hear(devices: &mut Devices) -> Vec<News> {
    for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
        let news = devices.wait(Some(LOOK)).unwrap();
        if !news.is_empty() {
            return news;
        }
    }
    panic!("nothing happened");
}

fn came(device: u64, name: &str) -> News {
    News::Came(Device(device), Identity::new(name, 1, 2))
}

fn changed(device: u64, change: Change) -> News {
    News::Changed(Device(device), change)
}

/// What a kernel writes for one key, with its scan code before and a report after.
fn event(code: u16, value: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, code, value) in [(4_u16, 4_u16, 0xc0041_i32), (1, code, value), (0, 0, 0)] {
        bytes.extend([0; 2 * size_of::<usize>()]);
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(code.to_ne_bytes());
        bytes.extend(value.to_ne_bytes());
    }
    bytes
}

#[test]
fn what_is_plugged_in_is_there_at_once_in_order_and_is_read() {
    let machine = Machine::new();
    let _others = ["event10", "mouse0", "js0", "by-id", "event", "eventx"].map(|name| machine.plug(name));
    let mut remote = machine.plug("event2");
    let mut devices = machine.devices();
    assert_eq!(devices.wait(None).unwrap(), [came(0, "event2"), came(1, "event10")]);
    remote.write_all(&event(352, 1)).unwrap();
    assert_eq!(hear(&mut devices), [changed(0, Change::Pressed(Code(352)))]);
    remote.write_all(&[event(352, 0), event(513, 1), event(513, 2), event(513, 0)].concat()).unwrap();
    let expected = [Change::Released(Code(352)), Change::Pressed(Code(513)), Change::Released(Code(513))];
    assert_eq!(hear(&mut devices), expected.map(|change| changed(0, change)));
    assert_eq!(devices.wait(Some(Duration::ZERO)).unwrap(), []);
}

#[test]
fn two_remotes_at_once_are_told_apart() {
    let machine = Machine::new();
    let (mut one, mut two) = (machine.plug("event0"), machine.plug("event1"));
    let mut devices = machine.devices();
    assert_eq!(hear(&mut devices).len(), 2);
    one.write_all(&event(103, 1)).unwrap();
    two.write_all(&event(352, 1)).unwrap();
    let mut heard = hear(&mut devices);
    while heard.len() < 2 {
        heard.extend(hear(&mut devices));
    }
    assert!(heard.contains(&changed(0, Change::Pressed(Code(103)))), "{heard:?}");
    assert!(heard.contains(&changed(1, Change::Pressed(Code(352)))), "{heard:?}");
}

#[test]
fn a_receiver_that_comes_later_is_found_and_one_that_is_pulled_is_gone() {
    let machine = Machine::new();
    let mut devices = machine.devices();
    assert!(devices.are_none());
    let mut first = machine.plug("event0");
    assert_eq!(hear(&mut devices), [came(0, "event0")]);
    first.write_all(&event(103, 1)).unwrap();
    assert_eq!(hear(&mut devices).len(), 1);
    machine.unplug("event0", first);
    assert_eq!(hear(&mut devices), [changed(0, Change::Gone)]);
    assert!(devices.are_none());
    // Under the same name, and with a number of its own.
    let mut second = machine.plug("event0");
    assert_eq!(hear(&mut devices), [came(1, "event0")]);
    second.write_all(&event(108, 1)).unwrap();
    assert_eq!(hear(&mut devices), [changed(1, Change::Pressed(Code(108)))]);
}

#[test]
fn the_folder_may_come_after_us_and_go_with_its_last_device() {
    let machine = Machine::new();
    fs::remove_dir(machine.folder()).unwrap();
    let mut devices = machine.devices();
    for number in 0..3 {
        fs::create_dir(machine.folder()).unwrap();
        let device = machine.plug("event0");
        assert_eq!(hear(&mut devices), [came(number, "event0")]);
        machine.unplug("event0", device);
        fs::remove_dir(machine.folder()).unwrap();
        assert_eq!(hear(&mut devices), [changed(number, Change::Gone)]);
    }
}

#[test]
fn a_node_that_is_made_ready_in_a_moment_is_not_complained_of() {
    let machine = Machine::new();
    let mut devices = Devices::within(machine.root.path(), "input", Box::new(open), PATIENCE).unwrap();
    let path = machine.folder().join("event0");
    let _device = machine.plug("event0");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o670)).unwrap();
    assert_eq!(devices.wait(Some(Duration::ZERO)).unwrap(), []);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o660)).unwrap();
    assert_eq!(hear(&mut devices), [came(0, "event0")]);
}

#[test]
fn another_device_that_says_nothing_new_does_not_cut_the_wait_short() {
    let machine = Machine::new();
    let mut remote = machine.plug("event0");
    let forbidden = machine.plug("event1");
    forbidden.set_permissions(fs::Permissions::from_mode(0o070)).unwrap();
    let patient = Duration::from_secs(3600);
    let mut devices = Devices::within(machine.root.path(), "input", Box::new(open), patient).unwrap();
    assert_eq!(devices.wait(None).unwrap(), [came(0, "event0")]);
    // A key that is held.
    remote.write_all(&event(352, 2)).unwrap();
    assert_eq!(devices.wait(None).unwrap(), []);
}

#[test]
fn a_node_that_stays_forbidden_is_told_once_and_taken_when_it_is_allowed() {
    let machine = Machine::new();
    let path = machine.folder().join("event0");
    let _device = machine.plug("event0");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o670)).unwrap();
    let mut devices = machine.devices();
    assert_eq!(hear(&mut devices), [News::Refused(path.clone(), Refusal::Denied)]);
    assert_eq!(devices.wait(Some(SOON * 5)).unwrap(), []);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o660)).unwrap();
    assert_eq!(hear(&mut devices), [came(0, "event0")]);
}

#[test]
fn a_device_that_another_program_lets_go_is_taken_though_nothing_tells_of_it() {
    let machine = Machine::new();
    let path = machine.folder().join("event0");
    fs::write(&path, "held").unwrap();
    let mut devices = machine.devices();
    assert_eq!(hear(&mut devices), [News::Refused(path.clone(), Refusal::Busy)]);
    // Nothing in the folder changes from here on.
    devices.open = Box::new(|_| {
        Ok(Node {
            fd: std::os::fd::OwnedFd::from(File::open("/dev/null").unwrap()),
            identity: Identity::new("free", 1, 2),
            glass: None,
        })
    });
    assert_eq!(hear(&mut devices)[0], came(0, "free"));
}

#[test]
fn what_has_no_keys_is_looked_at_once_and_keeps_nobody_awake() {
    let machine = Machine::new();
    fs::write(machine.folder().join("event0"), "").unwrap();
    let mut devices = machine.devices();
    let _second = machine.plug("event1");
    devices.open = Box::new(|path: &Path| {
        assert!(!path.ends_with("event0"), "looked at again");
        open(path)
    });
    assert_eq!(hear(&mut devices), [came(0, "event1")]);
    assert!(!devices.left.values().any(Left::may_change));
}

#[test]
fn what_was_refused_and_went_is_forgotten() {
    let machine = Machine::new();
    let path = machine.folder().join("event0");
    fs::write(&path, "held").unwrap();
    let mut devices = machine.devices();
    assert_eq!(hear(&mut devices).len(), 1);
    fs::remove_file(&path).unwrap();
    let _next = machine.plug("event1");
    assert_eq!(hear(&mut devices), [came(0, "event1")]);
    assert!(devices.left.is_empty());
}
