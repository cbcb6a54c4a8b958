//! `flexlogin broker` and `flexlogin demo`: the whole system as a newcomer meets it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::program::*;

#[test]
fn the_broker_announces_itself_and_a_script_holds_the_phone() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("broker");
    let mut running = start(&["broker", "--out", out.to_str().unwrap(), "--interval", "1"], "");
    let mut announced = BufReader::new(running.standard_output());
    let mut line = String::new();
    announced.read_line(&mut line).unwrap();
    let announced: Value = serde_json::from_str(&line).unwrap();
    let text = |name: &str| announced[name].as_str().unwrap().to_owned();
    assert_eq!(text("config_file"), out.join("flexlogin.toml").to_str().unwrap());
    assert_eq!(text("ca_file"), out.join("ca.pem").to_str().unwrap());
    assert!(text("issuer").starts_with("https://127.0.0.1:"));

    let checked = run(&["check", "--config", &text("config_file")], "");
    assert_eq!(checked.code, 0, "{checked:?}");
    for (press, code) in [("approve", 0), ("reject", 10)] {
        let login = start(&["login", "--config", &text("config_file"), "--cpr", "-"], "6701901234\n");
        let phone = text("phone_url");
        let mut requests = Value::Null;
        wait_until("a request", || {
            requests = serde_json::from_str(&http(&phone, "GET /phone").1).unwrap();
            requests.as_array().is_some_and(|requests| !requests.is_empty())
        });
        let request = &requests[0];
        assert!(request["reference_text"].as_str().unwrap().starts_with("Log på Nordlys TV. Kode "));
        let id = request["id"].as_str().unwrap();
        assert_eq!(http(&phone, &format!("POST /phone/{id}/{press}")).0, 204);
        assert_eq!(login.end().code, code);
    }

    running.signal("TERM");
    let run = running.end();
    assert_eq!(run.code, 0, "{run:?}");
    assert!(TcpStream::connect(address(&text("phone_url"))).is_err(), "the port is closed");
}

#[test]
fn the_broker_can_hold_the_phone_itself() {
    for (option, code) in [("--approve-after", 0), ("--reject-after", 10)] {
        let mut running = start(&["broker", "--interval", "1", option, "0"], "");
        let mut line = String::new();
        let mut announced = BufReader::new(running.standard_output());
        announced.read_line(&mut line).unwrap();
        let announced: Value = serde_json::from_str(&line).unwrap();
        let config = announced["config_file"].as_str().unwrap();
        assert_eq!(log_in(config).code, code);
        running.signal("INT");
        assert_eq!(running.end().code, 0);
        assert!(!std::path::Path::new(config).exists(), "its private folder is gone");
    }
}

#[cfg(feature = "panel")]
#[test]
fn without_a_display_the_demo_plays_its_journeys_and_shows_where_the_pictures_are() {
    let folder = tempfile::tempdir().unwrap();
    let screens = [
        "enter",
        "starting",
        "waiting",
        "approved",
        "rejected",
        "cancelled",
        "expired",
        "refused",
        "unavailable",
        "scan",
        "unknown",
    ];
    let run = run(&["demo", "--headless", "--out", folder.path().to_str().unwrap()], "");
    let (pictures, result) = played(&run, (1280, 720));
    assert_eq!(pictures, screens);
    assert_eq!(result["identity"]["name"], "Anna Testesen");
    assert!(!run.stderr.contains("670190"), "{run:?}");
}

#[cfg(feature = "panel")]
#[test]
fn the_demo_asks_for_an_age_alone() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let run = run(&["demo", "--age", "--headless", "--out", out, "--size", "320x240"], "");
    let screens = ["enter", "waiting", "old_enough", "too_young", "scan"];
    let (pictures, result) = played(&run, (320, 240));
    assert_eq!(pictures, screens);
    assert_eq!(result, serde_json::json!({"outcome": "approved", "age_over": 18, "answer": true}));
}

/// The names of the pictures that were made, in their order, and the result of the first login.
#[cfg(feature = "panel")]
fn played(run: &Run, size: (u32, u32)) -> (Vec<String>, Value) {
    assert_eq!(run.code, 0, "{run:?}");
    let mut lines: Vec<&str> = run.stdout.lines().collect();
    let result = serde_json::from_str(lines.pop().unwrap()).unwrap();
    let named = |line: &str| {
        let path = std::path::Path::new(line);
        assert_eq!(size_of(path), size, "{line}");
        path.file_stem().unwrap().to_str().unwrap().to_owned()
    };
    (lines.into_iter().map(named).collect(), result)
}

/// One request over plain HTTP, as a script makes it.
fn http(url: &str, request: &str) -> (u16, String) {
    let address = address(url);
    let mut stream = TcpStream::connect(&address).unwrap();
    write!(stream, "{request} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn address(url: &str) -> String {
    url.trim_start_matches("http://").trim_end_matches('/').to_owned()
}
