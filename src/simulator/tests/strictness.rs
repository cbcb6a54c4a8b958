//! What a start or a poll must not be.

use super::*;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[test]
fn a_start_with_anything_wrong_is_refused_and_never_reaches_the_phone() {
    let device = Device::new(hurried());
    let altered = |name: &str, value: Value| {
        let mut hint = hint("6701901234");
        signing::set(&mut hint, name, Some(&value).filter(|value| !value.is_null()));
        device.start_with(&hint.to_string())
    };
    let uuid = json!("8a9856e0-f12d-4217-b320-c8a076be9320");
    for (name, value) in [
        ("idp", json!("bankid")),
        ("idp", Value::Null),
        ("uuid", uuid.clone()),
        ("cpr", Value::Null),
        ("cpr", json!(6_701_901_234_u64)),
        ("cpr", json!("670190-1234")),
        ("cpr", json!("6713901234")),
        ("referenceTextBody", Value::Null),
        ("referenceTextBody", json!(" ")),
        ("referenceTextBody", json!("x".repeat(131))),
        ("referenceTextBody", json!("📺".repeat(66))),
        ("referenceTextBody", json!("to\nlinjer")),
        ("ip", json!("127.0.0")),
        ("action", json!("LOGON")),
        ("action", Value::Null),
        ("reference_id", json!("twice")),
        ("language", json!("da")),
    ] {
        let label = format!("{name}: {value}");
        assert_eq!(altered(name, value).error(), (400, "invalid_request"), "{label}");
    }
    let by_uuid = |uuid: &str| {
        let hint = json!({ "idp": "mitid", "uuid": uuid, "referenceTextBody": "x", "ip": "::1", "action": "ACCEPT" });
        device.start_with(&hint.to_string())
    };
    assert_eq!(by_uuid("8a9856e0f12d4217b320c8a076be9320").error(), (400, "invalid_request"));
    for token in ["", "{", "[]", "bm8=", "{\"idp\":\"mitid\",\"idp\":\"mitid\"}"] {
        assert_eq!(device.start_with(token).error(), (400, "invalid_request"), "{token}");
    }
    let whole = hint("6701901234").to_string();
    let doubled = whole.replacen('{', "{\"cpr\":\"6701901234\",", 1);
    assert_eq!(device.start_with(&doubled).error(), (400, "invalid_request"));
    assert!(device.broker.phone().requests().is_empty());

    assert_eq!(by_uuid(uuid.as_str().unwrap()).status, 200);
    assert_eq!(altered("referenceTextBody", json!("x".repeat(130))).status, 200);
    assert_eq!(altered("ip", Value::Null).status, 200);
    assert_eq!(device.broker.phone().requests().len(), 3);
}

#[test]
fn the_parameters_of_a_start_are_those_of_ciba() {
    let device = Device::new(hurried());
    let start = |fields: &[(&str, &str)]| device.signed("/connect/ciba", fields);
    let whole = hint("6701901234").to_string();
    let (hint, message) = (("login_hint", "anna"), ("binding_message", "Kode 4711"));
    let flex = ("login_hint_token", whole.as_str());
    for (fields, error) in [
        (vec![hint, message], "invalid_scope"),
        (vec![("scope", "mitid"), flex], "invalid_scope"),
        (vec![("scope", "openid")], "invalid_request"),
        (vec![("scope", "openid"), flex, hint, message], "invalid_request"),
        (vec![("scope", "openid"), ("id_token_hint", "x")], "invalid_request"),
        (vec![("scope", "openid"), flex, ("request", "x")], "invalid_request"),
        (vec![("request", "x")], "invalid_request_object"),
        (vec![("scope", "openid"), flex, ("grant_type", "authorization_code")], "invalid_request"),
        (vec![("scope", "openid"), flex, ("scope", "openid")], "invalid_request"),
        (vec![("scope", "openid"), hint], "invalid_binding_message"),
        (vec![("scope", "openid"), hint, ("binding_message", "a\tb")], "invalid_binding_message"),
    ] {
        assert_eq!(start(&fields).error(), (400, error), "{fields:?}");
    }
    assert_eq!(start(&[("scope", "openid"), flex, ("unknown", "is ignored")]).status, 200);
    assert_eq!(start(&[("scope", "openid"), ("login_hint_token", ""), hint, message]).status, 200);
}

#[test]
fn an_age_is_asked_for_alone_and_in_one_of_two_forms() {
    let device = Device::new(hurried());
    let whole = hint("6701901234").to_string();
    let start = |scope| device.signed("/connect/ciba", &[("scope", scope), ("login_hint_token", &whole)]);
    for scope in [
        "openid age_verify:18",
        "openid minimal",
        "openid minimal age",
        "openid minimal age_verify:18 mitid",
        "openid minimal age age_verify:18",
        "openid minimal age_verify:018",
        "openid minimal age_verify:0",
        "openid minimal age_verify:",
        "openid age_over:18 age_over:21",
        "openid minimal age_over:18",
        "openid mitid age_over:18",
    ] {
        assert_eq!(start(scope).error(), (400, "invalid_scope"), "{scope}");
    }
    assert_eq!(start("openid minimal age_verify:18").status, 200);
    assert_eq!(start("openid age_over:18").status, 200);
    let [verified, over] = &device.broker.phone().requests()[..] else { panic!("two requests") };
    assert_eq!((verified.action.as_str(), over.action.as_str()), ("CONFIRM", "LOG_ON"));
    assert_ne!(verified.reference_text, over.reference_text, "the broker asks in its own words");
}

#[test]
fn a_poll_is_a_form_with_the_grant_of_ciba() {
    let device = Device::new(hurried());
    let id = device.start("6701901234");
    let poll = |fields: &[(&str, &str)]| device.signed("/connect/token", fields);
    let (grant, auth_req_id) = (("grant_type", CIBA_GRANT), ("auth_req_id", id.as_str()));
    assert_eq!(poll(&[auth_req_id]).error(), (400, "invalid_request"));
    assert_eq!(poll(&[grant]).error(), (400, "invalid_request"));
    assert_eq!(poll(&[grant, auth_req_id, auth_req_id]).error(), (400, "invalid_request"));
    let other = poll(&[("grant_type", "authorization_code"), auth_req_id]);
    assert_eq!(other.error(), (400, "unsupported_grant_type"));

    let send = |headers: &[(&str, &str)], body: &str| {
        device.send(Method::POST, "/connect/token", headers, body).unwrap().error().0
    };
    assert_eq!(send(&[("content-type", "application/json")], "{}"), 400);
    assert_eq!(send(&[], &form(&[grant, auth_req_id])), 400);
    assert_eq!(send(&[FORM], &"a".repeat(70_000)), 413);
    assert_eq!(device.get("/connect/token").status, 405);
    assert_eq!(device.get("/connect/endsession").status, 404);
    assert_eq!(device.poll_error(&id), "authorization_pending");
}
