//! Which tokens are believed.

use std::sync::Mutex;
use std::thread;

use flexlogin::flow::{Key, Outcome};
use flexlogin::simulator::{Alteration, Broker, Endpoint, Happened};
use serde_json::{Value, json};

use crate::device::*;

#[test]
fn row_48_a_key_that_is_new_since_the_last_login_costs_one_more_look_at_the_keys() {
    let broker = Broker::start(approving()).unwrap();
    let mut device = Device::new(&broker);
    assert_eq!(told(&device.log_in()), ("approved", ""));
    assert_eq!(count(&broker, &Happened::KeysRead), 1);
    device.press(Key::Ok);
    device.ask_for(CPR);
    device.wait();
    broker.faults().rotate_key().unwrap();
    assert_eq!(told(&device.end()), ("approved", ""));
    assert_eq!(count(&broker, &Happened::KeysRead), 2);
}

#[test]
fn row_48_a_key_that_is_nowhere_costs_one_more_look_and_no_more() {
    let broker = Broker::start(approving()).unwrap();
    let mut device = Device::new(&broker);
    assert_eq!(told(&device.log_in()), ("approved", ""));
    for _ in 0..2 {
        broker
            .faults()
            .next_id_token(vec![Alteration::Header { name: "kid".into(), value: Some(json!("nobodys")) }]);
        device.press(Key::Ok);
        assert_eq!(told(&device.log_in()), ("refused", "the JWKS has no key for `kid`"));
    }
    assert_eq!(count(&broker, &Happened::KeysRead), 2);
}

#[test]
fn row_49_a_token_under_another_key_is_refused_and_costs_no_look_at_the_keys() {
    let broker = Broker::start(approving()).unwrap();
    broker.faults().next_id_token(vec![Alteration::WrongKey]);
    assert_eq!(told(&Device::new(&broker).log_in()), ("refused", "the signature does not verify"));
    assert_eq!(count(&broker, &Happened::KeysRead), 1);
}

#[test]
fn row_47_keys_that_do_not_come_leave_the_outcome_unknown() {
    let broker = Broker::start(approving()).unwrap();
    for _ in 0..3 {
        broker.faults().next(Endpoint::Jwks, answer(503, &[], ""));
    }
    assert_eq!(told(&Device::new(&broker).log_in()), ("unknown", "http_503"));
}

#[test]
fn row_47_keys_that_come_at_the_third_try_are_enough() {
    let broker = Broker::start(approving()).unwrap();
    for _ in 0..2 {
        broker.faults().next(Endpoint::Jwks, answer(503, &[], ""));
    }
    assert_eq!(told(&Device::new(&broker).log_in()), ("approved", ""));
}

/// Every login is at one broker and side by side, so the tokens may come in any order.
#[test]
fn row_49_a_token_with_one_wrong_claim_is_refused_and_the_clause_is_told() {
    let claim = |name: &str, value: Value| Alteration::Claim { name: name.into(), value: Some(value) };
    let without = |name: &str| Alteration::Claim { name: name.into(), value: None };
    let header = |name: &str, value: Value| Alteration::Header { name: name.into(), value: Some(value) };
    let wrong = [
        (claim("aud", json!("another-client")), "`aud` does not name this client"),
        (claim("aud", json!(["flexlogin-simulator", "another"])), "`aud` names another client too"),
        (claim("azp", json!("another-client")), "`azp` is not this client"),
        (claim("iss", json!("https://127.0.0.1:1/op")), "`iss` is not the issuer"),
        (
            claim(
                "mitid.reference_text",
                json!("Log på Nordlys TV. Kode 0000. Afvis, hvis det ikke er dig."),
            ),
            "`mitid.reference_text` is not the text that was sent",
        ),
        (claim("idp", json!("nemid")), "`idp` is not mitid"),
        (claim("idtoken_type", json!("login")), "`idtoken_type` is not ciba"),
        (claim("ciba_nonce", json!("another")), "`ciba_nonce` is not the one that was sent"),
        (claim("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ")), "`at_hash` does not match the access token"),
        (claim("exp", json!(1_700_000_000)), "`exp` is past; check the clock"),
        (
            claim("nbf", json!(9_000_000_000_u64)),
            "`iat`, `nbf` or `auth_time` is in the future; check the clock",
        ),
        (claim("auth_time", json!(1_700_000_000)), "`auth_time` is before this login was started"),
        (without("sub"), "`sub` is missing or is not 1 to 255 printable ASCII characters"),
        (header("alg", json!("none")), "`alg` is not the pinned algorithm"),
        (header("alg", json!("HS256")), "`alg` is not the pinned algorithm"),
        (header("crit", json!(["b64"])), "`crit` names an extension; none is supported"),
    ];
    let broker = Broker::start(approving()).unwrap();
    let mut expected = Vec::new();
    for (alteration, clause) in wrong {
        broker.faults().next_id_token(vec![alteration]);
        expected.push(clause.to_owned());
    }
    let clauses = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in &expected {
            scope.spawn(|| {
                let outcome = Device::new(&broker).log_in();
                let Outcome::Refused(clause) = outcome else { panic!("{outcome:?}") };
                clauses.lock().unwrap().push(clause.to_string());
            });
        }
    });
    let mut clauses = clauses.into_inner().unwrap();
    clauses.sort();
    expected.sort();
    assert_eq!(clauses, expected);
}

#[test]
fn row_50_a_token_for_another_person_than_the_one_who_was_asked_is_refused() {
    let broker = Broker::start(approving()).unwrap();
    let other = json!("00000000-f12d-4217-b320-c8a076be9320");
    broker.faults().next_id_token(vec![Alteration::Claim { name: "mitid.uuid".into(), value: Some(other) }]);
    let config = config(&broker, |text| text.replace(r#"identifier = "cpr""#, r#"identifier = "uuid""#));
    let mut device = Device::with(&config);
    let uuid = flexlogin::ciba::Hint::Uuid("8a9856e0-f12d-4217-b320-c8a076be9320".into());
    device.app.tell(flexlogin::flow::Event::Given { hint: uuid, user_code: None });
    assert_eq!(told(&device.end()), ("refused", "`mitid.uuid` is not the person who was asked"));
}

#[test]
fn row_49_a_token_that_is_not_signed_as_the_configuration_pins_is_refused() {
    let broker = Broker::start(approving()).unwrap();
    let config =
        config(&broker, |text| text.replace(r#"id_token_alg = "RS256""#, r#"id_token_alg = "ES256""#));
    assert_eq!(told(&Device::with(&config).log_in()), ("refused", "`alg` is not the pinned algorithm"));
}

#[test]
fn a_configuration_shows_neither_its_secret_nor_its_key() {
    let broker = Broker::start(by_hand()).unwrap();
    let config = config(&broker, |text| text);
    let key = std::fs::read_to_string(broker.config_file().with_file_name("key.pem")).unwrap();
    let shown = format!("{config:?} {:?}", config.net_settings());
    for line in key.lines() {
        assert!(!shown.contains(line));
    }
    assert!(shown.contains("flexlogin-simulator"), "the search can find something");
}
