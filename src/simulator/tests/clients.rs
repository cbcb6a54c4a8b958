//! Who may ask: the four ways of client authentication, and how each fails.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

/// Authenticates one poll for an unknown login; a known client hears `invalid_grant`.
const POLL: [(&str, &str); 2] = [("grant_type", CIBA_GRANT), ("auth_req_id", "unknown")];
const KNOWN: (u16, &str) = (400, "invalid_grant");
const STRANGER: (u16, &str) = (401, "invalid_client");

#[test]
fn a_secret_works_in_the_body_and_in_the_header_if_it_is_encoded() {
    let device = Device::new(hurried());
    let secret = device.file("secret.txt");
    let posted = |id: &str, secret: &str| {
        device.post("/connect/token", &[&POLL[..], &[("client_id", id), ("client_secret", secret)]].concat())
    };
    assert_eq!(posted(CLIENT_ID, &secret).error(), KNOWN);
    assert_eq!(posted(CLIENT_ID, "wrong").error(), STRANGER);
    assert_eq!(posted("another", &secret).error(), STRANGER);

    let basic = |credentials: &str, fields: &[(&str, &str)]| {
        let authorization = format!("Basic {}", STANDARD.encode(credentials));
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        device.send(Method::POST, "/connect/token", &headers, &form(fields)).unwrap()
    };
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    assert_eq!(basic(&format!("{CLIENT_ID}:{encoded}"), &POLL).error(), KNOWN);
    let raw = basic(&format!("{CLIENT_ID}:{secret}"), &POLL);
    assert_eq!(raw.error(), STRANGER);
    assert!(raw.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    let twice = [&POLL[..], &[("client_id", CLIENT_ID), ("client_secret", &secret)]].concat();
    assert_eq!(basic(&format!("{CLIENT_ID}:{encoded}"), &twice).error(), (400, "invalid_request"));
    assert_eq!(device.post("/connect/token", &POLL).error(), STRANGER);
    let start = [("scope", "openid"), ("login_hint", "x"), ("binding_message", "y")];
    assert_eq!(device.post("/connect/ciba", &start).error(), STRANGER);
    assert!(device.broker.log().contains(&Happened::StartRefused { error: "invalid_client" }));
}

#[test]
fn an_assertion_works_with_each_registered_algorithm_and_once() {
    let device = Device::new(hurried());
    for alg in [Algorithm::ES256, Algorithm::RS256, Algorithm::PS256, Algorithm::HS256] {
        let assertion = device.assertion(alg, &device.claims());
        assert_eq!(device.signed_by(&assertion, "/connect/token", &POLL).error(), KNOWN, "{alg:?}");
        assert_eq!(device.signed_by(&assertion, "/connect/token", &POLL).error(), STRANGER, "{alg:?} again");
    }
    let unregistered = device.assertion(Algorithm::RS512, &device.claims());
    assert_eq!(device.signed_by(&unregistered, "/connect/token", &POLL).error(), STRANGER);
}

#[test]
fn an_assertion_with_a_wrong_claim_or_signature_is_refused() {
    let device = Device::new(hurried());
    let unix = now().unix;
    let poll = |claims: &Value| {
        let assertion = device.assertion(Algorithm::ES256, claims);
        device.signed_by(&assertion, "/connect/token", &POLL)
    };
    let token_endpoint = format!("{}/connect/token", device.broker.issuer());
    for (name, value) in [
        ("iss", json!("another")),
        ("sub", json!("another")),
        ("aud", json!(token_endpoint)),
        ("aud", json!([device.broker.issuer()])),
        ("exp", json!(unix + 400)),
        ("exp", json!("soon")),
        ("iat", json!(unix + 60)),
        ("nbf", json!(unix + 60)),
        ("jti", json!("")),
    ] {
        let mut claims = device.claims();
        claims[name] = value;
        assert_eq!(poll(&claims).error(), STRANGER, "{name}");
    }
    for name in ["iss", "sub", "aud", "exp", "jti"] {
        let mut claims = device.claims();
        claims.as_object_mut().unwrap().remove(name);
        assert_eq!(poll(&claims).error(), STRANGER, "without {name}");
    }
    let mut expired = device.claims();
    expired["exp"] = json!(unix - 1);
    assert_eq!(poll(&expired).error(), (400, "expired_token"));
    let expired = device.assertion(Algorithm::ES256, &expired);
    let start = [("scope", "openid"), ("login_hint", "x"), ("binding_message", "y")];
    assert_eq!(device.signed_by(&expired, "/connect/ciba", &start).error(), STRANGER);

    let good = device.assertion(Algorithm::ES256, &device.claims());
    let broken = format!("{}A{}", &good[..good.len() - 9], &good[good.len() - 8..]);
    let broken = if broken == good { good.replace('A', "B") } else { broken };
    assert_eq!(device.signed_by(&broken, "/connect/token", &POLL).error(), STRANGER);
    assert_eq!(device.signed_by("nonsense", "/connect/token", &POLL).error(), STRANGER);
    let no_type = [&POLL[..], &[("client_assertion", good.as_str())]].concat();
    assert_eq!(device.post("/connect/token", &no_type).error(), STRANGER);
}
