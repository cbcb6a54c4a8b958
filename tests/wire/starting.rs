//! What breaks before there is anything on the phone, or when that is not known. A start is never repeated.

use flexlogin::flow::Key;
use flexlogin::simulator::{Broker, Endpoint, Fault, Happened};
use serde_json::json;

use crate::device::*;

#[test]
fn row_04_a_start_that_gets_no_answer_leaves_the_outcome_unknown_and_is_not_repeated() {
    for (fault, started) in [(Fault::Reset, 0), (Fault::Lost, 1), (Fault::CutBody, 1)] {
        let broker = Broker::start(by_hand()).unwrap();
        broker.faults().next(Endpoint::Start, fault.clone());
        let mut device = Device::new(&broker);
        let outcome = device.log_in();
        assert_eq!(told(&outcome).0, "unknown", "{fault:?} {outcome:?}");
        device.live(millis(700));
        assert_eq!(count(&broker, &Happened::Interfered(Endpoint::Start)), 1, "{fault:?}");
        assert_eq!(count(&broker, &Happened::Started), started, "{fault:?}");
    }
}

#[test]
fn row_27_a_start_that_the_broker_cannot_serve_is_not_repeated() {
    // A server that breaks may have got as far as the phone; one that is busy has not.
    for (status, name) in [(500, "unknown"), (502, "unknown"), (503, "unavailable")] {
        is_not_repeated_after(status, name);
    }
}

#[test]
fn row_31_a_start_that_is_one_too_many_is_not_repeated() {
    is_not_repeated_after(429, "unavailable");
}

fn is_not_repeated_after(status: u16, name: &str) {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Start, answer(status, &[("retry-after", "1")], "<html>"));
    let mut device = Device::new(&broker);
    assert_eq!(told(&device.log_in()), (name, format!("http_{status}").as_str()));
    device.live(millis(1200));
    assert_eq!(count(&broker, &Happened::Interfered(Endpoint::Start)), 1);
    assert_eq!(count(&broker, &Happened::Started), 0);
}

#[test]
fn row_35_and_36_an_interval_that_is_missing_or_says_nothing_is_five_seconds() {
    std::thread::scope(|scope| {
        for interval in [None, Some(json!(0)), Some(json!(-1)), Some(json!("1"))] {
            scope.spawn(move || {
                let broker = Broker::start(approving()).unwrap();
                let fault = Fault::Member { name: "interval".into(), value: interval.clone() };
                broker.faults().next(Endpoint::Start, fault);
                assert_eq!(told(&Device::new(&broker).log_in()), ("approved", ""));
                let waited = polls(&broker)[0] - seen_at(&broker, &Happened::Started);
                assert!((secs(5)..secs(10)).contains(&waited), "{interval:?}: {waited:?}");
            });
        }
    });
}

#[test]
fn row_36_an_interval_longer_than_the_login_makes_the_service_unavailable() {
    refuses_the_acknowledgement("interval", &[Some(json!(61)), Some(json!(1_000_000_000))]);
}

#[test]
fn row_37_an_acknowledgement_without_a_life_makes_the_service_unavailable() {
    let lives = [None, Some(json!(0)), Some(json!(-5)), Some(json!("300")), Some(json!(30.5))];
    refuses_the_acknowledgement("expires_in", &lives);
}

#[test]
fn row_37_a_login_lives_ten_minutes_at_most() {
    let broker = Broker::start(by_hand()).unwrap();
    let fault = Fault::Member { name: "expires_in".into(), value: Some(json!(1_000_000_000)) };
    broker.faults().next(Endpoint::Start, fault);
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    assert_eq!(device.wait().lifetime, secs(600));
}

#[test]
fn row_38_an_acknowledgement_without_an_id_makes_the_service_unavailable() {
    refuses_the_acknowledgement("auth_req_id", &[None, Some(json!("")), Some(json!(7))]);
}

fn refuses_the_acknowledgement(name: &str, values: &[Option<serde_json::Value>]) {
    let broker = Broker::start(by_hand()).unwrap();
    for value in values {
        broker.faults().next(Endpoint::Start, Fault::Member { name: name.into(), value: value.clone() });
        let mut device = Device::new(&broker);
        let outcome = device.log_in();
        assert_eq!(told(&outcome).0, "unavailable", "{name} = {value:?}: {outcome:?}");
    }
    assert_eq!(count(&broker, &Happened::Interfered(Endpoint::Start)), values.len());
    assert!(polls(&broker).is_empty());
}

#[test]
fn row_03_a_broker_that_is_away_is_unavailable_and_hears_nothing() {
    let broker = Broker::start(by_hand()).unwrap();
    // A port that no other test is given.
    let config = config(&broker, |text| text.replace(broker.issuer(), "https://127.0.0.1:1/op"));
    assert_eq!(told(&Device::with(&config).log_in()), ("unavailable", "connection refused"));
}

#[test]
fn a_broker_that_goes_away_between_two_logins_is_unavailable() {
    let broker = Broker::start(approving()).unwrap();
    let mut device = Device::new(&broker);
    assert_eq!(told(&device.log_in()), ("approved", ""));
    drop(broker);
    device.press(Key::Ok);
    let outcome = device.log_in();
    // The old connection may look alive until something is written to it.
    assert!(matches!(told(&outcome), ("unavailable", "connection refused") | ("unknown", _)), "{outcome:?}");
}

#[test]
fn row_14_a_broker_with_another_authoritys_certificate_is_unavailable_and_hears_nothing() {
    let (broker, other) = (Broker::start(by_hand()).unwrap(), Broker::start(by_hand()).unwrap());
    let config = config(&other, |text| text.replace(other.issuer(), broker.issuer()));
    let outcome = Device::with(&config).log_in();
    let (name, error) = told(&outcome);
    assert!(name == "unavailable" && error.starts_with("tls: "), "{outcome:?}");
    assert!(log(&broker).is_empty() && log(&other).is_empty());
}

#[test]
fn a_discovery_document_that_cannot_be_trusted_makes_the_service_unavailable() {
    for (name, value) in [
        ("issuer", Some(json!("https://127.0.0.1:1/op"))),
        ("issuer", None),
        ("token_endpoint", Some(json!("http://127.0.0.1:1/token"))),
        ("backchannel_authentication_endpoint", None),
        ("backchannel_token_delivery_modes_supported", Some(json!(["ping"]))),
    ] {
        let broker = Broker::start(by_hand()).unwrap();
        broker.faults().next(Endpoint::Discovery, Fault::Member { name: name.into(), value: value.clone() });
        let outcome = Device::new(&broker).log_in();
        assert_eq!(told(&outcome).0, "unavailable", "{name} = {value:?}: {outcome:?}");
        assert_eq!(log(&broker), [Happened::Interfered(Endpoint::Discovery), Happened::Discovered]);
    }
}

#[test]
fn row_03_a_discovery_that_fails_twice_is_tried_again() {
    let broker = Broker::start(approving()).unwrap();
    broker.faults().next(Endpoint::Discovery, Fault::Reset);
    broker.faults().next(Endpoint::Discovery, answer(503, &[], ""));
    assert_eq!(told(&Device::new(&broker).log_in()), ("approved", ""));
    assert_eq!(count(&broker, &Happened::Started), 1);
}

#[test]
fn row_39_a_discovery_document_without_end_makes_the_service_unavailable() {
    let broker = Broker::start(by_hand()).unwrap();
    for _ in 0..3 {
        broker.faults().next(Endpoint::Discovery, answer(200, &[], vec![b' '; 10_000_000]));
    }
    assert_eq!(told(&Device::new(&broker).log_in()), ("unavailable", "the answer is too large"));
    assert_eq!(count(&broker, &Happened::Started), 0);
}

#[test]
fn row_52_ok_pressed_twenty_times_starts_one_login() {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Start, Fault::Delay(millis(500)));
    let mut device = Device::new(&broker);
    CPR.chars().for_each(|digit| device.press(Key::Digit(digit.to_digit(10).unwrap() as u8)));
    (0..20).for_each(|_| device.press(Key::Ok));
    device.wait();
    assert_eq!(count(&broker, &Happened::Started), 1);
}
