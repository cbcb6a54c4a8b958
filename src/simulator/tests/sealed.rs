//! Starts that come as a signed request object, and how each fails.

use super::*;

fn inside(device: &Device, parameters: &Value) -> Value {
    let unix = now().unix;
    let mut claims = json!({
        "iss": CLIENT_ID, "aud": device.broker.issuer(), "iat": unix, "nbf": unix - 10, "exp": unix + 60,
        "jti": person::uuid(random().unwrap()),
    });
    claims.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
    claims
}

fn flex() -> Value {
    json!({"scope": "openid mitid", "login_hint_token": hint("6701901234").to_string(), "client_id": CLIENT_ID})
}

fn plain() -> Value {
    json!({"scope": "openid", "login_hint": "anna", "binding_message": "Kode 4711"})
}

impl Device {
    fn sealed(&self, object: &str) -> Reply {
        self.signed("/connect/ciba", &[("request", object)])
    }
}

#[test]
fn a_start_may_come_signed_with_each_registered_algorithm_and_once() {
    let device = Device::new(hurried());
    for (alg, parameters) in [
        (Algorithm::ES256, plain()),
        (Algorithm::PS256, plain()),
        (Algorithm::RS256, flex()),
        (Algorithm::HS256, flex()),
    ] {
        let object = device.assertion(alg, &inside(&device, &parameters));
        assert_eq!(device.sealed(&object).status, 200, "{alg:?}");
        assert_eq!(device.sealed(&object).error(), (400, "invalid_request_object"), "{alg:?} again");
    }
    assert_eq!(device.broker.phone().requests().len(), 4);
    let opened = device.broker.log().into_iter().filter(|happened| *happened == Happened::Unsealed);
    assert_eq!(opened.count(), 4);
    let by_secret = device.assertion(Algorithm::HS256, &inside(&device, &plain()));
    assert_eq!(device.sealed(&by_secret).error(), (400, "invalid_request_object"), "HS256 is for Flex alone");
}

#[test]
fn what_signs_a_call_does_not_sign_its_start() {
    let device = Device::new(hurried());
    let mut claims = inside(&device, &plain());
    let assertion = device.claims();
    claims["jti"] = assertion["jti"].clone();
    let assertion = device.assertion(Algorithm::ES256, &assertion);
    let object = device.assertion(Algorithm::ES256, &claims);
    let reply = device.signed_by(&assertion, "/connect/ciba", &[("request", object.as_str())]);
    assert_eq!(reply.error(), (400, "invalid_request_object"));
}

#[test]
fn a_request_object_with_anything_wrong_is_refused() {
    let device = Device::new(hurried());
    let unix = now().unix;
    for (name, value) in [
        ("iss", json!("another")),
        ("aud", json!("https://another.example")),
        ("aud", json!([device.broker.issuer()])),
        ("exp", json!(unix - 1)),
        ("exp", json!(unix + 3700)),
        ("nbf", json!(unix + 60)),
        ("iat", json!(unix + 60)),
        ("jti", json!("")),
        ("sub", json!(CLIENT_ID)),
        ("request", json!("x")),
        ("client_id", json!("another")),
        ("requested_expiry", json!({"seconds": 1})),
    ] {
        let mut claims = inside(&device, &plain());
        claims[name] = value.clone();
        let object = device.assertion(Algorithm::ES256, &claims);
        assert_eq!(device.sealed(&object).error(), (400, "invalid_request_object"), "{name}: {value}");
    }
    for name in ["iss", "aud", "iat", "nbf", "exp", "jti"] {
        let mut claims = inside(&device, &plain());
        claims.as_object_mut().unwrap().remove(name);
        let object = device.assertion(Algorithm::ES256, &claims);
        assert_eq!(device.sealed(&object).error(), (400, "invalid_request_object"), "without {name}");
    }
    let good = device.assertion(Algorithm::ES256, &inside(&device, &plain()));
    let beside = device.signed("/connect/ciba", &[("request", &good), ("scope", "openid")]);
    assert_eq!(beside.error(), (400, "invalid_request"));
    assert!(device.broker.phone().requests().is_empty());
    assert_eq!(device.sealed(&good).status, 200);
}

#[test]
fn a_standard_start_may_ask_for_a_way_a_time_and_a_code() {
    let device = Device::new(hurried());
    let start = |more: &[(&str, &str)]| {
        let fields = [("scope", "openid"), ("login_hint", "anna.code"), ("binding_message", "Kode 4711")];
        device.signed("/connect/ciba", &[&fields, more].concat())
    };
    assert_eq!(start(&[]).error(), (400, "missing_user_code"));
    assert_eq!(start(&[("user_code", "0042")]).error(), (400, "invalid_user_code"));
    let code = ("user_code", "4711");
    assert_eq!(start(&[code, ("requested_expiry", "0")]).error(), (400, "invalid_request"));
    assert_eq!(start(&[code, ("requested_expiry", "120")]).json["expires_in"], 120);
    assert_eq!(start(&[code, ("requested_expiry", "9000")]).json["expires_in"], 300);

    let asked = start(&[code, ("acr_values", "urn:other urn:simulator:acr:substantial")]);
    let id = asked.json["auth_req_id"].as_str().unwrap();
    let phone = device.broker.phone();
    assert!(phone.requests().iter().all(|request| phone.approve(&request.id)));
    let claims = device.verified(device.poll(id).json["id_token"].as_str().unwrap()).unwrap();
    assert_eq!(claims["acr"], "urn:simulator:acr:substantial");
}
