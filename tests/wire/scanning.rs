//! A login that names nobody, from the code on the screen to the person who scanned it.

use flexlogin::ciba::Hint;
use flexlogin::config::Config;
use flexlogin::flow::{Event, Outcome, Page, ScanCode};
use flexlogin::simulator::{Alteration, Broker, Decide, Endpoint, Fault, Happened, Options, Tester};
use serde_json::json;

use crate::device::*;

fn scanning(broker: &Broker) -> Config {
    config(broker, |text| text.replace("[login]\n", "[login]\nmethods = [\"identifier\", \"qr\"]\n"))
}

impl Device {
    fn asks_for_a_code(&mut self) {
        self.hear(Event::Given { hint: Hint::WhoeverScans, user_code: None });
    }

    /// Lets time pass until there is something to scan.
    fn code(&mut self) -> String {
        self.until("a code", |app| app.view().page.name() == "scan");
        let Page::Scan(page) = self.app.view().page else { panic!("another screen") };
        let ScanCode::Shown(uri) = page.code else { panic!("no code") };
        self.secrets.push(uri.expose().to_owned());
        uri.expose().to_owned()
    }
}

#[test]
fn whoever_scans_the_code_is_let_in() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device = Device::with(&scanning(&broker));
    device.asks_for_a_code();
    let uri = device.code();
    assert!(uri.starts_with(&format!("{}/connect/authorize?client_id=", broker.issuer())));
    assert!(broker.phone().requests().is_empty(), "no phone is asked by a code");
    assert!(broker.phone().scan(&uri, Tester::Anders));
    assert!(broker.phone().approve(&on_the_phone(&broker).id));
    let Outcome::Approved { granted, .. } = device.end() else { panic!("not approved") };
    assert_eq!(granted.identity.name.as_deref(), Some("Anders Testesen"));
    assert_eq!(granted.identity.loa.as_deref(), Some("https://data.gov.dk/concept/core/nsis/Substantial"));
    let log = log(&broker);
    let expected =
        [Happened::Discovered, Happened::Started, Happened::Invited, Happened::Scanned, Happened::Approved];
    assert_eq!(log[..5], expected);
}

#[test]
fn whoever_scans_the_code_and_says_no_ends_it() {
    let broker = Broker::start(Options { decide: Decide::RejectAfter(secs(0)), ..by_hand() }).unwrap();
    let mut device = Device::with(&scanning(&broker));
    device.asks_for_a_code();
    assert_eq!(told(&device.end()), ("rejected", ""));
}

#[test]
fn a_token_that_answers_another_code_is_refused() {
    let claim = |name: &str, value| Alteration::Claim { name: name.into(), value: Some(value) };
    for (alteration, clause) in [
        (claim("nonce", json!("another")), "`nonce` is not the one that was sent"),
        (claim("ciba_nonce", json!("x")), "`ciba_nonce` is not the one that was sent"),
        (claim("idtoken_type", json!("idbroker.dk")), "`idtoken_type` is not ciba"),
        (claim("auth_time", json!(1_000_000_000)), "`auth_time` is before this login was started"),
    ] {
        let broker = Broker::start(approving()).unwrap();
        broker.faults().next_id_token(vec![alteration]);
        let mut device = Device::with(&scanning(&broker));
        device.asks_for_a_code();
        assert_eq!(told(&device.end()), ("refused", clause));
    }
}

#[test]
fn an_address_that_does_not_come_or_is_not_the_brokers_is_not_shown() {
    let uri = |uri: &str| Fault::Member { name: "authentication_uri".into(), value: Some(json!(uri)) };
    for (fault, error) in [
        (
            uri("https://evil.example/op/connect/authorize"),
            "broken answer: the authentication_uri leads to another host than the issuer's",
        ),
        (uri("http://127.0.0.1/op"), "broken answer: the authentication_uri is not on https"),
        (Fault::Lost, "connection closed"),
        (Fault::Answer { status: 500, headers: Vec::new(), body: Vec::new() }, "http_500"),
        (
            Fault::Answer {
                status: 400,
                headers: Vec::new(),
                body: b"{\"error\":\"invalid_request\"}".to_vec(),
            },
            "invalid_request",
        ),
    ] {
        let broker = Broker::start(by_hand()).unwrap();
        broker.faults().next(Endpoint::Invite, fault.clone());
        let mut device = Device::with(&scanning(&broker));
        device.asks_for_a_code();
        let outcome = device.end();
        let (word, told) = told(&outcome);
        assert_eq!(word, "unavailable", "{fault:?}");
        // What a broken connection is called is the network's matter.
        assert!(told == error || matches!(fault, Fault::Lost), "{told}");
        drop(device);
        assert_eq!(count(&broker, &Happened::Cancelled), 1, "{fault:?}");
    }
}

#[test]
fn a_code_that_is_given_up_is_cancelled_at_the_broker() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device = Device::with(&scanning(&broker));
    device.asks_for_a_code();
    let uri = device.code();
    assert!(matches!(device.app.part(), Some(Outcome::Cancelled)));
    assert_eq!(log(&broker).last(), Some(&Happened::Cancelled));
    assert!(!broker.phone().scan(&uri, Tester::Anna), "nobody can log in with it any more");
}
