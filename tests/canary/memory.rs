//! What is left in the memory of a device, one second after it went back to its first screen.
//!
//! The device is this test once more, in a process of its own: another process of the same user may not look into the
//! program itself, so it has to show its memory. It has the program's own allocator.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flexlogin::clock::uptime;
use flexlogin::host;
use flexlogin::simulator::{Alteration, Broker, Decide, Endpoint, Fault, Happened};
use serde_json::{Value, json};

use crate::search::{Canary, places};
use crate::{CPR, HANDLE, House, PATIENCE, answer, device};

/// Begins the name of the configuration in the arguments of a device.
const DEVICE: &str = "a-device-with:";
const ACCESS_TOKEN: &str = "access-token-canary.Zm9yLW9uZS1sb2dpbg.0123456789abcdef";

#[global_allocator]
static MEMORY: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

#[test]
fn a_device_shows_its_whole_memory() {
    if let Some(config) = config_of_a(DEVICE) {
        device::run(&config);
    }
    let house = House::new(Decide::ByHand, "client_secret_post");
    let mut device = Device::start(&house);
    assert_eq!(device.look(), known("secret"));
    device.order(&format!("remember\n{CPR}"));
    device.order(&format!("remember\n{}", STANDARD.encode(format!("a{CPR}"))));
    device.order(&format!("remember\n{}", &ACCESS_TOKEN[7..40]));
    let found = device.look();
    assert_eq!((found["cpr"], found["access token"], found["secret"]), (2, 1, 1), "{found:?}");
}

#[test]
fn nothing_of_a_login_is_in_the_memory_a_second_after_it() {
    for method in ["client_secret_post", "client_secret_basic", "client_secret_jwt", "private_key_jwt"] {
        let house = House::new(Decide::ApproveAfter(Duration::ZERO), method);
        let mut device = Device::start(&house);
        let ours = known(if method == "private_key_jwt" { "key" } else { "secret" });
        for how in ["given", "typed"] {
            // The broker's own token is nowhere to be seen, so it is replaced by one that is known.
            let token = Fault::Member { name: "access_token".into(), value: Some(ACCESS_TOKEN.into()) };
            house.broker.faults().next(Endpoint::Token, Fault::Delay(Duration::ZERO));
            house.broker.faults().next(Endpoint::Token, token);
            let no_hash = Alteration::Claim { name: "at_hash".into(), value: None };
            house.broker.faults().next_id_token(vec![no_hash]);
            device.log_in(how, "approved");
            assert_eq!(device.look(), ours, "{method}, {how}");
        }
    }
}

#[test]
fn no_end_of_a_login_leaves_anything_in_the_memory() {
    let house = House::new(Decide::ByHand, "client_secret_post");
    let mut device = Device::start(&house);
    let faults = house.broker.faults();
    let page = format!("<html>client_secret={} login_hint_token={CPR}</html>", house.secret());
    let about = format!(r#"{{"error":"invalid_request","error_description":"no cpr {CPR}"}}"#);
    let member = |name: &str, value: Value| Fault::Member { name: name.into(), value: Some(value) };

    faults.next(Endpoint::Start, Fault::Reset);
    device.log_in("given", "unknown");
    assert_eq!(device.look(), known("secret"), "a start without an answer");

    faults.next(Endpoint::Start, answer(400, about.clone()));
    device.log_in("typed", "unavailable");
    assert_eq!(device.look(), known("secret"), "a start that is refused");

    faults.next(Endpoint::Start, member("auth_req_id", HANDLE.into()));
    faults.next(Endpoint::Cancel, Fault::Delay(Duration::ZERO));
    for fault in [answer(502, page), Fault::CutBody, answer(400, about)] {
        faults.next(Endpoint::Token, fault);
    }
    device.log_in("given", "unavailable");
    house.wait_for(&Happened::Interfered(Endpoint::Cancel));
    assert_eq!(device.look(), known("secret"), "polls that go wrong");

    device.order(&format!("typed\n{CPR}"));
    device.order("wait");
    assert_eq!(device.look().get("cpr"), None, "the number is gone as soon as it is sent");
    device.order("back");
    device.end("cancelled");
    house.wait_for(&Happened::Cancelled);
    assert_eq!(device.look(), known("secret"), "a login that is cancelled");

    faults.next(Endpoint::Start, member("expires_in", json!(2)));
    device.log_in("given", "expired");
    house.wait_for_more(&Happened::Cancelled, 1);
    assert_eq!(device.look(), known("secret"), "a login that expires");
}

#[test]
fn a_token_that_is_refused_is_gone_from_the_memory_too() {
    let house = House::new(Decide::ApproveAfter(Duration::ZERO), "client_secret_post");
    let mut device = Device::start(&house);
    // With an access token that is not the one of the hash.
    let token = Fault::Member { name: "access_token".into(), value: Some(ACCESS_TOKEN.into()) };
    house.broker.faults().next(Endpoint::Token, token);
    let name =
        Alteration::Claim { name: "mitid.identity_name".into(), value: Some("Canary Testesen".into()) };
    house.broker.faults().next_id_token(vec![name]);
    device.canaries.push(Canary::new("person", "Canary Testesen"));
    device.log_in("typed", "refused");
    assert_eq!(device.look(), known("secret"));
}

#[test]
fn row_59_a_panic_ends_the_process_after_its_cancel_and_shows_nothing() {
    for place in ["break here", "break there", "break beside"] {
        let house = House::new(Decide::ByHand, "client_secret_post");
        let mut device = Device::start(&house);
        device.order(&format!("given\n{CPR}"));
        device.order("wait");
        let began = uptime();
        device.begin(place);
        house.wait_for(&Happened::Cancelled);
        let heard =
            if place == "break there" { after_the_last_poll(&house.broker) } else { uptime() - began };
        assert!(heard < Duration::from_secs(5), "{place}: {heard:?}");
        let (code, shown) = device.ended();
        assert_eq!(code, Some(i32::from(host::DEFECT)), "{place}: {shown}");
        assert!(shown.contains("flexlogin has a defect and stops here"), "{place}: {shown}");
        assert!(!device.canaries.iter().any(|canary| canary.is_in(shown.as_bytes())), "{place}: {shown}");
        assert!(house.broker.phone().requests().is_empty());
    }
}

/// How long after the poll that was too much for the device its cancel came.
fn after_the_last_poll(broker: &Broker) -> Duration {
    let log = broker.timed_log();
    let last = |wanted: fn(&Happened) -> bool| log.iter().rfind(|(_, happened)| wanted(happened)).unwrap().0;
    last(|happened| *happened == Happened::Cancelled)
        - last(|happened| matches!(happened, Happened::Polled { .. }))
}

/// The configuration of the device that this process is, if it is one.
pub(crate) fn config_of_a(kind: &str) -> Option<PathBuf> {
    std::env::args().find_map(|argument| Some(argument.strip_prefix(kind)?.into()))
}

/// What belongs into the memory, and how often.
pub(crate) fn known(name: &'static str) -> BTreeMap<&'static str, usize> {
    BTreeMap::from([(name, 1)])
}

/// A device under way, and what must not be found in it.
pub(crate) struct Device {
    child: Child,
    stdin: Option<ChildStdin>,
    /// Whoever listens gives up in the end, which a pipe would not let them do.
    stdout: BufReader<UnixStream>,
    pub(crate) canaries: Vec<Canary>,
    result: Value,
}

impl Device {
    fn start(house: &House) -> Device {
        Device::start_as(DEVICE, "memory::a_device_shows_its_whole_memory", house)
    }

    /// The test with this name runs as a device of this kind.
    pub(crate) fn start_as(kind: &str, test: &str, house: &House) -> Device {
        let (stdout, its_stdout) = UnixStream::pair().unwrap();
        stdout.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            // Otherwise the name of the test may stand before its first word, and a minute later in what it shows.
            .args(["--exact", test, "--nocapture", "--quiet", "--test-threads=1"])
            .arg(format!("{kind}{}", house.config))
            .env_clear()
            .env("XDG_RUNTIME_DIR", house.runtime.path())
            .stdin(Stdio::piped())
            .stdout(OwnedFd::from(its_stdout))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take(), BufReader::new(stdout));
        let mut canaries = house.canaries.clone();
        canaries.extend(Canary::pieces("access token", ACCESS_TOKEN));
        canaries.extend(house.key());
        let mut device = Device { child, stdin, stdout, canaries, result: Value::Null };
        device.hear();
        device
    }

    /// One login with a number that comes whole or is typed.
    fn log_in(&mut self, how: &str, outcome: &str) {
        self.order(&format!("{how}\n{CPR}"));
        self.end(outcome);
    }

    pub(crate) fn end(&mut self, outcome: &str) {
        self.order("end");
        assert_eq!(self.result["outcome"], outcome, "{}", self.result);
    }

    pub(crate) fn order(&mut self, order: &str) {
        self.begin(order);
        self.hear();
    }

    fn begin(&mut self, order: &str) {
        self.stdin.as_mut().unwrap().write_all(format!("{order}\n").as_bytes()).unwrap();
    }

    /// Hears what there is to know until the order is carried out.
    fn hear(&mut self) {
        loop {
            let line = self.line();
            if line == "done" {
                return;
            } else if let Some(handle) = line.strip_prefix("handle ") {
                self.canaries.extend(Canary::pieces("handle", handle));
            } else if line.starts_with("{\"outcome") {
                self.result = serde_json::from_str(&line).unwrap();
                self.learn_from_the_result();
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(
            self.stdout.read_line(&mut line).unwrap(),
            0,
            "the device is gone: {:?}",
            self.child.wait()
        );
        line.trim_end().to_owned()
    }

    fn learn_from_the_result(&mut self) {
        let Some(token) = self.result["id_token"].as_str() else { return };
        // The header is the same for every token.
        self.canaries.extend(Canary::pieces("id token", token.split_once('.').unwrap().1));
        for member in ["sub", "mitid_uuid", "name", "date_of_birth"] {
            self.canaries.push(Canary::new("person", self.result["identity"][member].as_str().unwrap()));
        }
    }

    /// What is found in the memory, and how often.
    pub(crate) fn look(&mut self) -> BTreeMap<&'static str, usize> {
        self.begin("look");
        let mut found = BTreeMap::new();
        loop {
            let line = self.line();
            if line == "done" {
                return found;
            }
            let length = line.strip_prefix("piece ").unwrap_or_else(|| panic!("{line}"));
            let mut piece = vec![0; length.parse().unwrap()];
            self.stdout.read_exact(&mut piece).unwrap();
            for (canary, _) in places(&self.canaries, &piece) {
                *found.entry(canary).or_insert(0) += 1;
            }
        }
    }

    /// How it ended, and what it wrote on standard error.
    fn ended(&mut self) -> (Option<i32>, String) {
        self.stdin = None;
        let mut shown = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut shown).unwrap();
        (self.child.wait().unwrap().code(), shown)
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
