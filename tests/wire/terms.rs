//! What is asked beyond a plain login: signed starts, a user code, a shorter life, a level; and the pins.

use std::fs;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flexlogin::ciba::Hint;
use flexlogin::config::Config;
use flexlogin::flow::{Event, Notice, Outcome};
use flexlogin::simulator::{Broker, Happened, RSA_KEY_ID};

use crate::desk::Desk;
use crate::device::*;

/// The configuration of a plain provider, with these lines more.
fn plain_ciba(broker: &Broker, more_of_broker: &str, auth: &str, login: &str) -> Config {
    config(broker, |text| {
        let text = text
            .replace(r#"profile = "signaturgruppen""#, r#"profile = "ciba""#)
            .replace(r#"identifier = "cpr""#, r#"identifier = "user-id""#);
        with(text, more_of_broker, auth, login)
    })
}

fn with(text: String, broker: &str, auth: &str, login: &str) -> String {
    let text = text
        .replace("\nid_token_alg = \"RS256\"", &format!("\nid_token_alg = \"RS256\"\n{broker}"))
        .replace("ip = \"auto\"", &format!("ip = \"auto\"\n{login}"));
    if auth.is_empty() {
        return text;
    }
    let start = text.rfind("[broker.auth]").unwrap();
    let end = text.find("[login]").unwrap();
    format!("{}[broker.auth]\n{auth}\n\n{}", &text[..start], &text[end..])
}

fn rsa(alg: &str) -> String {
    format!(
        "method = \"private_key_jwt\"\nkey_file = \"key-rsa.pem\"\nkey_id = \"{RSA_KEY_ID}\"\nalg = \"{alg}\""
    )
}

fn anna() -> Hint {
    Hint::Login("anna.testesen".into())
}

/// The simulator refuses a parameter beside the object, and a name that it has seen before.
#[test]
fn a_start_may_go_out_signed_with_each_algorithm() {
    let typed = "request_typ = \"oauth-authz-req+jwt\"";
    for (alg, auth, typ) in
        [("ES256", String::new(), typed), ("PS256", rsa("RS256"), ""), ("RS256", rsa("PS256"), typed)]
    {
        let broker = Broker::start(approving()).unwrap();
        let config = plain_ciba(&broker, &format!("request_alg = \"{alg}\"\n{typ}"), &auth, "");
        let (outcome, notes) = Desk::new(&config).log_in_as(anna(), None);
        assert_eq!((told(&outcome), notes), (("approved", ""), Vec::new()), "{alg}");
        assert_eq!(count(&broker, &Happened::Unsealed), 1, "{alg}");
    }
}

#[test]
fn a_flex_start_may_go_out_signed_with_the_secret_or_a_key() {
    let secret = "method = \"client_secret_jwt\"\nsecret_file = \"secret.txt\"";
    let posted = "method = \"client_secret_post\"\nsecret_file = \"secret.txt\"";
    for (alg, auth) in [("HS256", secret), ("HS256", posted), ("ES256", "")] {
        let broker = Broker::start(approving()).unwrap();
        let config = config(&broker, |text| with(text, &format!("request_alg = \"{alg}\""), auth, ""));
        let (outcome, notes) = Desk::new(&config).log_in();
        assert_eq!((told(&outcome), notes), (("approved", ""), Vec::new()), "{alg}");
        assert_eq!(count(&broker, &Happened::Unsealed), 1, "{alg}");
    }
}

#[test]
fn a_user_code_goes_along_when_it_is_given() {
    let broker = Broker::start(approving()).unwrap();
    let config = plain_ciba(&broker, "", "", "");
    let log_in = |code: Option<&str>| {
        let hint = Hint::Login("anna.code".into());
        let (outcome, _) = Desk::new(&config).log_in_as(hint, code.map(Into::into));
        let (name, error) = told(&outcome);
        (name, error.to_owned())
    };
    assert_eq!(log_in(None), ("unavailable", "missing_user_code".to_owned()));
    assert_eq!(log_in(Some("0042")), ("unavailable", "invalid_user_code".to_owned()));
    assert_eq!(log_in(Some("4711")), ("approved", String::new()));
}

#[test]
fn a_login_lives_as_short_as_it_is_asked_to() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device =
        Device::with(&plain_ciba(&broker, "request_alg = \"ES256\"", "", "requested_expiry = 7"));
    device.app.tell(Event::Given { hint: anna(), user_code: None });
    assert_eq!(device.wait().lifetime, secs(7));
}

#[test]
fn a_way_to_authenticate_that_was_asked_for_and_told_is_taken() {
    let broker = Broker::start(approving()).unwrap();
    let config =
        plain_ciba(&broker, "", "", "acr_values = [\"urn:other\", \"urn:simulator:acr:substantial\"]");
    let (outcome, notes) = Desk::new(&config).log_in_as(anna(), None);
    assert_eq!((told(&outcome), notes), (("approved", ""), Vec::new()));
}

/// SHA-256 of the certificate of the broker's CA, in hexadecimal digits.
fn root(broker: &Broker) -> String {
    let pem = fs::read_to_string(broker.ca_file()).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let hash = digest(&SHA256, &STANDARD.decode(body).unwrap());
    hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

fn log_in_with(broker: &Broker, pins: &str) -> (Outcome, Vec<Notice>) {
    Desk::new(&config(broker, |text| with(text, pins, "", ""))).log_in()
}

const OTHER: &str = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";

#[test]
fn a_pinned_root_lets_the_login_through_and_any_other_gives_an_error_of_its_own() {
    let broker = Broker::start(approving()).unwrap();
    let pins = format!("root_sha256 = [\"{OTHER}\", \"{}\"]", root(&broker));
    let (outcome, notes) = log_in_with(&broker, &pins);
    assert_eq!((told(&outcome), notes), (("approved", ""), Vec::new()));
    let seen = broker.log().len();

    let (outcome, notes) = log_in_with(&broker, &format!("root_sha256 = [\"{OTHER}\"]"));
    let pin = "pin: the broker's certificate leads to none of the pinned roots";
    assert_eq!(told(&outcome), ("unavailable", pin));
    assert_eq!(notes, [Notice::Pin]);
    assert_eq!(broker.log().len(), seen, "no byte of a request leaves");
}

#[test]
fn pins_whose_day_has_passed_lock_nobody_out_and_are_told_of() {
    let broker = Broker::start(approving()).unwrap();
    let expired =
        format!("root_sha256 = [\"{OTHER}\"]\nkey_ids = [\"{OTHER}\"]\npins_expire = \"2001-01-01\"");
    let (outcome, notes) = log_in_with(&broker, &expired);
    assert_eq!((told(&outcome), notes), (("approved", ""), vec![Notice::PinsExpired]));
}

#[test]
fn a_pin_never_makes_up_for_a_certificate_that_is_not_trusted() {
    let (broker, other) = (Broker::start(approving()).unwrap(), Broker::start(by_hand()).unwrap());
    fs::copy(other.ca_file(), broker.ca_file().with_file_name("other.pem")).unwrap();
    for pinned in [root(&broker), root(&other)] {
        let pins = format!("root_sha256 = [\"{pinned}\"]");
        let config = config(&broker, |text| {
            with(text, &pins, "", "").replace("ca_file = \"ca.pem\"", "ca_file = \"other.pem\"")
        });
        let (outcome, _) = Desk::new(&config).log_in();
        let Outcome::Unavailable(cause) = &outcome else { panic!("{outcome:?}") };
        assert!(cause.to_string().starts_with("tls: "), "{cause}");
    }
}

#[test]
fn a_pinned_signing_key_is_believed_until_the_broker_signs_with_another() {
    let broker = Broker::start(approving()).unwrap();
    let kid = signing_key(&broker);
    let pins = format!("key_ids = [\"{kid}\", \"next\"]");
    assert_eq!(told(&log_in_with(&broker, &pins).0), ("approved", ""));
    broker.faults().rotate_key().unwrap();
    let (outcome, _) = log_in_with(&broker, &pins);
    assert_eq!(told(&outcome), ("refused", "the signing key is none of the pinned ones"));
}

/// The `kid` of the key that signs, by the header of a token.
fn signing_key(broker: &Broker) -> String {
    let Outcome::Approved { granted, .. } = log_in_with(broker, "").0 else { panic!("not approved") };
    flexlogin::ciba::id_token::key_id(&granted.id_token).unwrap()
}
