//! Logins that nothing disturbs.

use flexlogin::ciba::Hint;
use flexlogin::flow::{Event, Key, Outcome, Page};
use flexlogin::simulator::{Broker, Decide, Happened, KEY_ID, Options, RSA_KEY_ID};

use crate::device::*;

#[test]
fn an_approved_login_hands_over_the_person_and_the_signed_token() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    let words = device.wait().words.unwrap();
    let request = on_the_phone(&broker);
    assert_eq!(request.reference_text, words.reference_text);
    assert!(words.reference_text.contains(&words.code) && words.code.len() == 4);
    assert_eq!((request.service.as_str(), request.action.as_str()), ("Nordlys TV", "LOG_ON"));
    assert!(broker.phone().approve(&request.id));

    let Outcome::Approved { granted, reference_id } = device.end() else { panic!("not approved") };
    assert_eq!(granted.identity.name.as_deref(), Some("Anna Testesen"));
    assert_eq!(granted.identity.date_of_birth.as_deref(), Some("1990-01-07"));
    assert_eq!(granted.id_token.expose().split('.').count(), 3);
    assert_eq!(reference_id.len(), 32);
    let Page::Approved(approved) = device.app.view().page else { panic!("another screen") };
    assert_eq!(approved.first_name.as_deref(), Some("Anna"));
    let polled = Happened::Polled { too_early: false };
    let answered = Happened::Answered { error: None };
    let expected =
        [Happened::Discovered, Happened::Started, Happened::Approved, polled, answered, Happened::KeysRead];
    assert_eq!(log(&broker), expected);
}

#[test]
fn the_next_login_has_another_code_and_asks_neither_for_the_document_nor_for_the_keys_again() {
    let broker = Broker::start(approving()).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    let first = device.wait();
    assert!(matches!(device.end(), Outcome::Approved { .. }));
    device.press(Key::Ok);
    device.ask_for("6701901235");
    let second = device.wait();
    assert_ne!(first.words, second.words);
    let Outcome::Approved { granted, .. } = device.end() else { panic!("not approved") };
    assert_eq!(granted.identity.name.as_deref(), Some("Anders Testesen"));
    for (happened, times) in [(Happened::Discovered, 1), (Happened::KeysRead, 1), (Happened::Started, 2)] {
        assert_eq!(count(&broker, &happened), times, "{happened:?}");
    }
}

#[test]
fn row_43_a_rejected_login_is_rejected() {
    let options = Options { decide: Decide::RejectAfter(secs(0)), ..by_hand() };
    let broker = Broker::start(options).unwrap();
    assert_eq!(told(&Device::new(&broker).log_in()), ("rejected", ""));
    assert_eq!(log(&broker).last(), Some(&Happened::Answered { error: Some("access_denied") }));
}

#[test]
fn row_44_a_login_that_nobody_answers_expires_by_the_brokers_word() {
    let broker = Broker::start(Options { expires_in: secs(2), ..by_hand() }).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    assert_eq!(device.wait().lifetime, secs(2));
    assert_eq!(told(&device.end()), ("expired", ""));
    let polls_until_then = polls(&broker).len();
    device.live(millis(1500));
    assert_eq!(polls(&broker).len(), polls_until_then, "nobody asks after the end");
}

#[test]
fn row_42_the_brokers_own_codes_reach_the_host() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for("6701900000");
    assert_eq!(told(&device.end()), ("unavailable", "unknown_user_id"));
    device.press(Key::Ok);
    device.ask_for("6701900001");
    assert_eq!(told(&device.end()), ("unavailable", "mitid_flex_app.mitid_error_CAP008"));
}

#[test]
fn a_person_can_be_named_by_uuid() {
    let uuid = "8a9856e0-f12d-4217-b320-c8a076be9320";
    let broker = Broker::start(approving()).unwrap();
    let config = config(&broker, |text| text.replace(r#"identifier = "cpr""#, r#"identifier = "uuid""#));
    let mut device = Device::with(&config);
    device.app.tell(Event::Given { hint: Hint::Uuid(uuid.into()), user_code: None });
    let Outcome::Approved { granted, .. } = device.end() else { panic!("not approved") };
    assert_eq!(granted.identity.mitid_uuid.as_deref(), Some(uuid));
}

#[test]
fn any_standard_provider_takes_a_login_hint_and_a_binding_message() {
    let broker = Broker::start(by_hand()).unwrap();
    let config = config(&broker, |text| {
        text.replace(r#"profile = "signaturgruppen""#, r#"profile = "ciba""#)
            .replace(r#"identifier = "cpr""#, r#"identifier = "user-id""#)
            .replace(r#"scope = "openid mitid""#, r#"scope = "openid""#)
    });
    let mut device = Device::with(&config);
    device.app.tell(Event::Given { hint: Hint::Login("anna.testesen".into()), user_code: None });
    let words = device.wait().words.unwrap();
    let request = on_the_phone(&broker);
    assert_eq!(request.reference_text, words.reference_text);
    broker.phone().approve(&request.id);
    assert_eq!(told(&device.end()), ("approved", ""));

    // Standard CIBA knows no cancel.
    device.press(Key::Ok);
    device.app.tell(Event::Given { hint: Hint::Login("anna.testesen".into()), user_code: None });
    device.wait();
    device.press(Key::Back);
    assert_eq!(told(&device.end()), ("cancelled", ""));
    assert!(matches!(device.app.part(), Some(Outcome::Cancelled)));
    assert_eq!(count(&broker, &Happened::Cancelled), 0);
}

#[test]
fn the_client_proves_itself_by_a_secret_in_the_form() {
    logs_in_with(r#"method = "client_secret_post""#, r#"secret_file = "secret.txt""#);
}

#[test]
fn the_client_proves_itself_by_a_secret_in_the_header() {
    logs_in_with(r#"method = "client_secret_basic""#, r#"secret_file = "secret.txt""#);
}

#[test]
fn the_client_proves_itself_by_an_assertion_under_its_secret() {
    logs_in_with(r#"method = "client_secret_jwt""#, r#"secret_file = "secret.txt""#);
}

#[test]
fn the_client_proves_itself_by_an_assertion_under_its_private_key() {
    for (file, key_id, alg) in [
        ("key.pem", KEY_ID, "ES256"),
        ("key-rsa.pem", RSA_KEY_ID, "RS256"),
        ("key-rsa.pem", RSA_KEY_ID, "PS256"),
    ] {
        let key = format!("key_file = \"{file}\"\nkey_id = \"{key_id}\"\nalg = \"{alg}\"");
        logs_in_with(r#"method = "private_key_jwt""#, &key);
    }
}

fn logs_in_with(method: &str, key: &str) {
    let broker = Broker::start(approving()).unwrap();
    let config = config(&broker, |text| {
        let (before, rest) = text.split_once("[broker.auth]").unwrap();
        // The first mention of the table is in a comment.
        let (between, rest) = rest.split_once("[broker.auth]").unwrap();
        let after = &rest[rest.find("[login]").unwrap()..];
        format!("{before}[broker.auth]{between}[broker.auth]\n{method}\n{key}\n\n{after}")
    });
    assert_eq!(told(&Device::with(&config).log_in()), ("approved", ""), "{method} {key}");
    assert_eq!(count(&broker, &Happened::Answered { error: None }), 1);
}

#[test]
fn row_71_a_client_that_the_broker_does_not_know_is_told_so_at_once() {
    let (broker, stranger) = (Broker::start(by_hand()).unwrap(), Broker::start(by_hand()).unwrap());
    let key = stranger.config_file().with_file_name("key.pem");
    std::fs::copy(key, broker.config_file().with_file_name("other.pem")).unwrap();
    let config = config(&broker, |text| text.replace(r#"key_file = "key.pem""#, r#"key_file = "other.pem""#));
    assert_eq!(told(&Device::with(&config).log_in()), ("unavailable", "invalid_client"));
    assert_eq!(count(&broker, &Happened::StartRefused { error: "invalid_client" }), 1);
}

#[test]
fn a_broker_without_tls_is_refused_by_the_configuration() {
    let broker = Broker::start(by_hand()).unwrap();
    let text = std::fs::read_to_string(broker.config_file()).unwrap();
    let plain = text.replace("https://", "http://");
    let folder = broker.config_file().parent().unwrap();
    let errors = flexlogin::config::parse(&plain, folder, None).unwrap_err().to_string();
    assert!(errors.contains("broker.authority") && errors.contains("https"), "{errors}");
}
