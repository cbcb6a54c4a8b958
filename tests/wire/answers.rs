//! Answers that are dressed up: sizes, encodings, headers, and words that mean something else elsewhere.

use flexlogin::flow::Key;
use flexlogin::simulator::{Broker, Endpoint, Fault, Happened};
use serde_json::json;

use crate::device::*;

const JSON: (&str, &str) = ("content-type", "application/json");
const PENDING: &str = r#"{"error":"authorization_pending"}"#;

/// The first poll gets this; the login goes on, and the screen tells of trouble or does not.
fn goes_on_after(fault: Fault, troubled: bool) {
    let what = format!("{fault:?}").chars().take(200).collect::<String>();
    let broker = Broker::start(approving()).unwrap();
    broker.faults().next(Endpoint::Token, fault);
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    let seen = std::cell::Cell::new(false);
    device.until("the end", |app| {
        seen.set(seen.get() || is_troubled(app));
        app.outcome().is_some()
    });
    assert_eq!(told(&device.end()), ("approved", ""), "{what}");
    assert_eq!((seen.get(), polls(&broker).len()), (troubled, 2), "{what}");
}

/// A login goes on over each of these, one beside the other.
fn go_on_after(faults: Vec<Fault>, troubled: bool) {
    std::thread::scope(|scope| {
        for fault in faults {
            scope.spawn(move || goes_on_after(fault, troubled));
        }
    });
}

#[test]
fn row_28_an_answer_that_says_nothing_is_no_answer() {
    go_on_after(
        vec![
            answer(504, &[], ""),
            answer(500, &[JSON], "{"),
            answer(400, &[JSON], ""),
            answer(404, &[("content-type", "text/html")], "<html>"),
            answer(403, &[JSON], r#"{"message":"Forbidden"}"#),
        ],
        true,
    );
}

#[test]
fn beyond_a_byte_order_mark_makes_an_answer_unreadable() {
    goes_on_after(answer(400, &[JSON], format!("\u{feff}{PENDING}")), true);
}

#[test]
fn beyond_an_answer_is_read_whatever_it_calls_itself() {
    let html = ("content-type", "text/html; charset=iso-8859-1");
    go_on_after(vec![answer(400, &[html], PENDING), answer(400, &[], PENDING)], false);
}

#[test]
fn beyond_a_compressed_bomb_is_not_opened() {
    let bomb = gzipped_spaces(1_000_000);
    assert!(bomb.len() < 10_000);
    goes_on_after(answer(400, &[JSON, ("content-encoding", "gzip")], bomb), true);
}

#[test]
fn beyond_a_head_within_bounds_is_read() {
    let padding = "x".repeat(24 * 1024);
    goes_on_after(answer(400, &[JSON, ("x-padding", &padding)], PENDING), false);
}

#[test]
fn beyond_a_head_that_is_too_large_is_no_answer() {
    let faults = [40, 600].map(|kibibytes| {
        let padding = "x".repeat(kibibytes * 1024);
        answer(400, &[JSON, ("x-padding", &padding)], PENDING)
    });
    let many: Vec<(String, String)> = (0..400).map(|n| (format!("x-{n}"), "x".repeat(100))).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    go_on_after([&faults[..], &[answer(400, &many, PENDING)]].concat(), true);
}

/// Every look at the broker's log is a look for a cookie that came back.
#[test]
fn beyond_a_cookie_is_not_kept() {
    let broker = Broker::start(approving()).unwrap();
    for endpoint in [Endpoint::Discovery, Endpoint::Start, Endpoint::Token, Endpoint::Jwks] {
        let name = "set-cookie".into();
        broker.faults().next(endpoint, Fault::Header { name, value: "seen=1; Path=/; Secure".into() });
    }
    let mut device = Device::new(&broker);
    assert_eq!(told(&device.log_in()), ("approved", ""));
    device.press(Key::Ok);
    assert_eq!(told(&device.log_in()), ("approved", ""));
    assert_eq!(count(&broker, &Happened::Started), 2);
}

#[test]
fn beyond_a_no_is_a_no_under_any_status() {
    for status in [200, 401, 403] {
        let broker = Broker::start(by_hand()).unwrap();
        broker.faults().next(Endpoint::Token, answer(status, &[JSON], r#"{"error":"access_denied"}"#));
        assert_eq!(told(&Device::new(&broker).log_in()), ("rejected", ""), "{status}");
    }
}

#[test]
fn beyond_a_nonce_for_a_proof_that_was_never_offered_ends_the_login() {
    let broker = Broker::start(by_hand()).unwrap();
    let nonce = [JSON, ("dpop-nonce", "n-1")];
    broker.faults().next(Endpoint::Token, answer(401, &nonce, r#"{"error":"use_dpop_nonce"}"#));
    let mut device = Device::new(&broker);
    assert_eq!(told(&device.log_in()), ("unavailable", "use_dpop_nonce"));
    seen_at(&broker, &Happened::Cancelled);
}

#[test]
fn beyond_a_retry_after_that_says_nothing_changes_nothing() {
    let long_ago = "Sun, 06 Nov 1994 08:49:37 GMT";
    for retry_after in ["soon", "-5", "0", long_ago] {
        let broker = Broker::start(approving()).unwrap();
        broker.faults().next(Endpoint::Token, answer(400, &[("retry-after", retry_after)], PENDING));
        assert_eq!(told(&Device::new(&broker).log_in()), ("approved", ""));
        let polls = polls(&broker);
        assert!(polls[1] - polls[0] < secs(5), "{retry_after}: {polls:?}");
    }
}

#[test]
fn beyond_tokens_in_something_that_is_no_object_are_lost() {
    for body in [json!([{"id_token": "a.b.c"}]).to_string(), "true".into(), String::new()] {
        let broker = Broker::start(by_hand()).unwrap();
        broker.faults().next(Endpoint::Token, answer(200, &[JSON], body.clone()));
        broker.faults().next(Endpoint::Token, answer(400, &[JSON], r#"{"error":"invalid_grant"}"#));
        assert_eq!(told(&Device::new(&broker).log_in()), ("unknown", "answer_lost"), "{body}");
    }
}

/// A gzip file (RFC 1952) of so many spaces, in one block of fixed codes (RFC 1951 3.2.6).
fn gzipped_spaces(length: u32) -> Vec<u8> {
    let copies = length / 258;
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut byte, mut filled) = (0_u8, 0);
    let mut put = |bits: &str| {
        for bit in bits.bytes() {
            byte |= (bit - b'0') << filled;
            filled += 1;
            if filled == 8 {
                file.push(byte);
                (byte, filled) = (0, 0);
            }
        }
    };
    put("110");
    put("01010000");
    // 258 times what stands one place before.
    (0..copies).for_each(|_| put("1100010100000"));
    put("0000000");
    put("0000000");
    let length = 1 + copies * 258;
    let eight_bits = |mut word: u32| {
        (0..8).for_each(|_| word = if word & 1 == 1 { 0xedb8_8320 ^ (word >> 1) } else { word >> 1 });
        word
    };
    let check = (0..length).fold(u32::MAX, |crc, _| eight_bits((crc ^ 0x20) & 0xff) ^ (crc >> 8));
    file.extend((!check).to_le_bytes());
    file.extend(length.to_le_bytes());
    file
}
