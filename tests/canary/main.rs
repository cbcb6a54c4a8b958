//! A number, a secret, a key and a handle are planted, logins of every kind are run, and everything that came out
//! is searched for them.
#![cfg(feature = "simulator")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod age;
mod device;
mod memory;
#[cfg(feature = "panel")]
mod panel;
mod search;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flexlogin::clock::uptime;
use flexlogin::simulator::{Alteration, Broker, Decide, Endpoint, Fault, Happened, Options};
use serde_json::Value;

use search::Canary;

const CPR: &str = "6701901234";
const HANDLE: &str = "canary/handle+of=one-login";
/// Nothing takes longer.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn logins_by_secret_leave_nothing_behind() {
    for method in ["client_secret_post", "client_secret_basic", "client_secret_jwt"] {
        let house = House::new(Decide::ApproveAfter(Duration::ZERO), method);
        house.log_in(&[], 0);
    }
}

#[test]
fn a_login_by_key_leaves_nothing_behind() {
    House::new(Decide::ApproveAfter(Duration::ZERO), "private_key_jwt").log_in(&[], 0);
}

#[test]
fn a_login_through_every_fault_leaves_nothing_behind() {
    let house = House::new(Decide::ApproveAfter(Duration::from_secs(3)), "client_secret_post");
    // A page that repeats what it was asked, as error pages do.
    let page = format!("<html>client_secret={} login_hint_token={CPR}</html>", house.secret());
    let faults = house.broker.faults();
    faults.next(Endpoint::Discovery, Fault::Reset);
    faults.next(Endpoint::Token, answer(502, page.clone()));
    faults.next(Endpoint::Token, Fault::CutBody);
    faults.next(Endpoint::Jwks, answer(500, page));
    house.log_in(&[], 0);
}

#[test]
fn a_broker_that_repeats_what_it_was_asked_is_not_repeated() {
    let house = House::new(Decide::ByHand, "client_secret_post");
    let about = format!("no cpr {CPR} for secret {}", house.secret());
    let body = format!(r#"{{"error":"invalid_request","error_description":"{about}"}}"#);
    house.broker.faults().next(Endpoint::Start, answer(400, body.clone()));
    house.log_in(&[], 14);
    house.broker.faults().next(Endpoint::Token, answer(400, body));
    house.log_in(&[], 14);
}

#[test]
fn a_token_that_is_refused_is_not_shown() {
    let house = House::new(Decide::ApproveAfter(Duration::ZERO), "client_secret_basic");
    let cpr = Alteration::Claim { name: "idp".into(), value: Some(format!("cpr {CPR}").into()) };
    house.broker.faults().next_id_token(vec![cpr]);
    house.log_in(&[], 13);
}

#[test]
fn the_handle_of_a_login_is_in_no_error_about_its_address() {
    let house = House::new(Decide::ByHand, "client_secret_post");
    for fault in
        [Fault::Reset, answer(404, HANDLE), Fault::Redirect(format!("https://127.0.0.1:1/?id={HANDLE}"))]
    {
        // Nobody polls before the end.
        let acknowledged = format!(r#"{{"auth_req_id":"{HANDLE}","expires_in":60,"interval":30}}"#);
        house.broker.faults().next(Endpoint::Start, answer(200, acknowledged));
        // The cancel carries the handle in its path.
        house.broker.faults().next(Endpoint::Cancel, fault);
        house.log_in(&["--timeout", "6"], 11);
    }
    house.broker.faults().next(Endpoint::Start, handle());
    let to = format!("https://127.0.0.1:1/op/{HANDLE}");
    house.broker.faults().next(Endpoint::Token, Fault::Redirect(to));
    house.log_in(&[], 14);
    house.broker.faults().next(Endpoint::Start, handle());
    // The broker itself does not know this handle.
    house.log_in(&[], 14);
}

#[test]
fn a_login_that_is_ended_by_a_signal_leaves_nothing_behind() {
    let house = House::new(Decide::ByHand, "client_secret_post");
    let running = house.start(&["login", "--config", &house.config, "--cpr", "-"], CPR);
    house.wait_for(&Happened::Started);
    running.signal("TERM");
    house.search(running, 12);
}

#[test]
fn the_handle_is_in_the_ticket_alone() {
    let mut house = House::new(Decide::ByHand, "client_secret_post");
    let running = house.start(&["login", "--config", &house.config, "--cpr", "-"], CPR);
    house.wait_for(&Happened::Polled { too_early: false });
    let [ticket] = &files_in(house.runtime.path())[..] else { panic!("one login has one ticket") };
    let handle = fs::read_to_string(ticket).unwrap();
    house.canaries.extend(Canary::pieces("handle", handle.trim_end()));
    let name = ticket.file_name().unwrap().as_encoded_bytes();
    assert!(!house.canaries.iter().any(|canary| canary.is_in(name)));
    running.signal("TERM");
    house.search(running, 12);
}

#[test]
fn numbers_that_are_wrong_are_not_repeated() {
    let house = House::new(Decide::ByHand, "client_secret_post");
    for input in [format!("{CPR}5"), format!("x{CPR}"), format!("{CPR} {CPR}")] {
        let running = house.start(&["login", "--config", &house.config, "--cpr", "-"], &input);
        house.search(running, 64);
    }
    fs::write(
        house.out.path().join("secret.toml"),
        format!("[broker]\nsecret = \"{}\"\n{CPR}\n", house.secret()),
    )
    .unwrap();
    let path = house.out.path().join("secret.toml");
    let running = house.start(&["check", "--config", path.to_str().unwrap()], "");
    house.search_but(running, 78, &[&path]);
}

#[cfg(feature = "panel")]
#[test]
fn journeys_on_the_panel_leave_nothing_in_their_pictures() {
    let house = House::new(Decide::ApproveAfter(Duration::from_secs(2)), "client_secret_post");
    house.play(
        "type 6701901234\nshot typed\nkey ok\nwait waiting 20\nshot waiting\nwait approved 20\nshot approved",
        0,
    );
    house.broker.faults().next(Endpoint::Start, handle());
    house.play("type 6701901234\nkey ok\nwait unavailable 20\nshot unavailable", 14);
    house.play("type 6701901234\nkey ok\nwait waiting 20\nwait expired 0.1", 1);
    house.play("type 6701901234\ntyp 6701901234", 64);
}

#[test]
fn what_is_planted_in_any_of_the_places_is_found() {
    let house = House::new(Decide::ByHand, "client_secret_post");
    let program = |script: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).env_clear().current_dir(house.out.path());
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        shell
    };
    let found = |mut command: Command| {
        let running = Running::watch(command.spawn().unwrap());
        house.found(running, &[]).1
    };
    assert_eq!(found(program("echo nothing; sleep 0.2")), [""; 0]);
    assert_eq!(
        found(program(&format!("echo {CPR} >&2; sleep 0.2"))),
        ["cpr in the arguments", "cpr on standard error"]
    );
    let mut environment = program("sleep 0.2");
    environment.env("WHO", CPR);
    assert_eq!(found(environment), ["cpr in the environment"]);
    // Put together in the shell, so that it does not stand in the arguments.
    assert_eq!(found(program("echo 67019''01234; sleep 0.2")), ["cpr on standard output"]);
    assert_eq!(found(program("echo 67019''01234 >left.txt; sleep 0.2")), ["cpr in left.txt"]);
}

fn handle() -> Fault {
    Fault::Member { name: "auth_req_id".into(), value: Some(HANDLE.into()) }
}

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Fault {
    Fault::Answer { status, headers: Vec::new(), body: body.into() }
}

/// A broker, a configuration for it, and a folder in which everything is searched.
struct House {
    broker: Broker,
    config: String,
    out: tempfile::TempDir,
    /// Where tickets are written.
    runtime: tempfile::TempDir,
    canaries: Vec<Canary>,
}

impl House {
    fn new(decide: Decide, method: &str) -> House {
        let (interval, expires_in) = (Duration::from_secs(1), Duration::from_secs(60));
        let broker = Broker::start(Options { interval, expires_in, decide, out: None }).unwrap();
        let path = broker.config_file();
        let text = fs::read_to_string(path).unwrap();
        let (before, rest) = text.rsplit_once("[broker.auth]").unwrap();
        let after = &rest[rest.find("[login]").unwrap()..];
        let auth = match method {
            "private_key_jwt" => &rest[..rest.find("[login]").unwrap()],
            _ => &format!("\nmethod = \"{method}\"\nsecret_file = \"secret.txt\"\n\n"),
        };
        let config = path.with_file_name("canary.toml");
        fs::write(&config, format!("{before}[broker.auth]{auth}{after}")).unwrap();
        let file = |name: &str| fs::read_to_string(path.with_file_name(name)).unwrap();
        let key = file("key.pem").lines().nth(1).unwrap().to_owned();
        let canaries = vec![
            Canary::new("cpr", CPR),
            Canary::new("cpr with a hyphen", "670190-1234"),
            Canary::new("secret", file("secret.txt").trim_end()),
            Canary::new("key", &key),
            Canary::new("handle", HANDLE),
        ];
        House {
            config: config.to_str().unwrap().to_owned(),
            broker,
            out: tempfile::tempdir().unwrap(),
            runtime: tempfile::tempdir_in("/dev/shm").unwrap(),
            canaries,
        }
    }

    fn secret(&self) -> String {
        fs::read_to_string(self.broker.config_file().with_file_name("secret.txt"))
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// The private key as it stands in its file, decoded.
    fn key(&self) -> Vec<Canary> {
        let pem = fs::read_to_string(self.broker.config_file().with_file_name("key.pem")).unwrap();
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(base64).unwrap();
        vec![Canary::of_bytes("key", &der)]
    }

    fn log_in(&self, more: &[&str], code: i32) {
        let arguments = [&["login", "--config", &self.config, "--cpr", "-"], more].concat();
        self.search(self.start(&arguments, CPR), code);
    }

    #[cfg(feature = "panel")]
    /// The script lies outside the folder that is searched: what is typed stands in it.
    fn play(&self, script: &str, code: i32) {
        let path = self.broker.config_file().with_file_name("script.txt");
        fs::write(&path, script).unwrap();
        let out = self.out.path().to_str().unwrap();
        let arguments = ["panel", "--config", &self.config, "--script", path.to_str().unwrap(), "--out", out];
        self.search(self.start(&arguments, ""), code);
    }

    /// Everything that makes programs talk is set.
    fn start(&self, arguments: &[&str], input: &str) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_flexlogin"))
            .args(arguments)
            .env_clear()
            .envs([("RUST_LOG", "trace"), ("RUST_BACKTRACE", "full"), ("SLINT_DEBUG_PERFORMANCE", "console")])
            .env("SSLKEYLOGFILE", self.out.path().join("keys.log"))
            .env("TMPDIR", self.out.path())
            .env("XDG_RUNTIME_DIR", self.runtime.path())
            .current_dir(self.out.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let running = Running::watch(child);
        let _ = stdin.write_all(input.as_bytes());
        running
    }

    fn wait_for(&self, happened: &Happened) {
        self.wait_for_more(happened, 0);
    }

    /// Waits until the broker has seen it once more than so many times.
    fn wait_for_more(&self, happened: &Happened, times: usize) {
        let end = uptime() + PATIENCE;
        while self.broker.log().iter().filter(|other| *other == happened).count() <= times {
            assert!(uptime() < end, "{:?}", self.broker.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn search(&self, running: Running, code: i32) {
        self.search_but(running, code, &[]);
    }

    fn search_but(&self, running: Running, code: i32, known: &[&Path]) {
        let (ended_with, found) = self.found(running, known);
        assert_eq!(found, [""; 0]);
        assert_eq!(ended_with, Some(code));
    }

    /// How the run ended, and every canary that can be seen.
    fn found(&self, running: Running, known: &[&Path]) -> (Option<i32>, Vec<String>) {
        let seen = running.end();
        assert!(files_in(self.runtime.path()).is_empty(), "a ticket outlives its login");
        let mut places = vec![
            ("in the arguments".to_owned(), seen.arguments),
            ("in the environment".to_owned(), seen.environment),
            ("on standard error".to_owned(), seen.stderr),
        ];
        let mut canaries = self.canaries.clone();
        // The result of an approved login is where its token belongs, and nowhere else.
        match serde_json::from_slice::<Value>(&seen.stdout) {
            Ok(result) if result["id_token"].is_string() => {
                canaries.push(Canary::new("token", result["id_token"].as_str().unwrap()));
                canaries.push(Canary::new("name", "Anna Testesen"));
                canaries.push(Canary::new("person", result["identity"]["mitid_uuid"].as_str().unwrap()));
                // A JWT is base64 by itself: its claims are searched for as they are.
                let mut known = result;
                known["id_token"] = Value::Null;
                known["identity"] = Value::Null;
                places.push(("on standard output".to_owned(), known.to_string().into_bytes()));
            }
            _ => places.push(("on standard output".to_owned(), seen.stdout)),
        }
        for file in files_in(self.out.path()).into_iter().filter(|file| !known.contains(&file.as_path())) {
            let name = file.strip_prefix(self.out.path()).unwrap().display().to_string();
            let mut bytes = fs::read(&file).unwrap();
            bytes.extend(name.as_bytes());
            places.push((format!("in {name}"), bytes));
        }
        let mut found = Vec::new();
        for (place, bytes) in &places {
            for canary in canaries.iter().filter(|canary| canary.is_in(bytes)) {
                found.push(format!("{} {place}", canary.name));
            }
        }
        (seen.code, found)
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

/// A run under way, and what everybody on the machine can see of it.
struct Running {
    child: Child,
    arguments: Vec<u8>,
    environment: Vec<u8>,
}

struct Seen {
    code: Option<i32>,
    arguments: Vec<u8>,
    environment: Vec<u8>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Running {
    fn watch(child: Child) -> Running {
        let mut running = Running { child, arguments: Vec::new(), environment: Vec::new() };
        running.look();
        running
    }

    fn look(&mut self) {
        let read = |what: &str| fs::read(format!("/proc/{}/{what}", self.child.id())).unwrap_or_default();
        let (arguments, environment) = (read("cmdline"), read("environ"));
        self.arguments.extend(arguments);
        self.environment.extend(environment);
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    fn end(mut self) -> Seen {
        let end = uptime() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            assert!(uptime() < end, "the program does not end");
            self.look();
            std::thread::sleep(Duration::from_millis(50));
        }
        let output = self.child.wait_with_output().unwrap();
        Seen {
            code: output.status.code(),
            arguments: self.arguments,
            environment: self.environment,
            stdout: output.stdout,
            stderr: output.stderr,
        }
    }
}
