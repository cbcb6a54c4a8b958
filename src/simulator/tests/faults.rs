//! Scripted faults do what they say.

use super::*;

const DISCOVERY: &str = "/.well-known/openid-configuration";

fn member(name: &str, value: Option<Value>) -> Fault {
    Fault::Member { name: name.to_owned(), value }
}

#[test]
fn an_answer_can_be_replaced_changed_late_or_missing() {
    let device = Device::new(hurried());
    let faults = device.broker.faults();
    let retry = vec![("Retry-After".to_owned(), "7".to_owned())];
    faults.next(
        Endpoint::Discovery,
        Fault::Answer { status: 503, headers: retry, body: b"{\"a\":1}".to_vec() },
    );
    faults.next(Endpoint::Discovery, Fault::Redirect("https://127.0.0.1:1/".to_owned()));
    faults.next(Endpoint::Jwks, Fault::Delay(Duration::from_millis(100)));
    faults.next(Endpoint::Discovery, member("issuer", Some(json!("https://example.org"))));
    faults.next(Endpoint::Discovery, member("jwks_uri", None));

    let busy = device.get(DISCOVERY);
    assert_eq!(
        (busy.status, &busy.json["a"], &busy.headers["retry-after"]),
        (503, &json!(1), &"7".parse().unwrap())
    );
    let moved = device.get(DISCOVERY);
    assert_eq!((moved.status, &moved.headers["location"]), (307, &"https://127.0.0.1:1/".parse().unwrap()));
    assert_eq!(device.get(DISCOVERY).json["issuer"], "https://example.org");
    assert!(device.get(DISCOVERY).json.get("jwks_uri").is_none());
    assert_eq!(device.get(DISCOVERY).json["issuer"], device.broker.issuer());
    let began = now().instant;
    assert_eq!(device.get("/.well-known/openid-configuration/jwks").status, 200);
    assert!(began.elapsed() >= Duration::from_millis(100));
    assert!(device.broker.log().contains(&Happened::Interfered(Endpoint::Discovery)));
}

#[test]
fn a_connection_can_break_before_the_answer_and_in_its_middle() {
    let device = Device::new(hurried());
    let faults = device.broker.faults();
    let fields = |id: &str| {
        let assertion = device.assertion(Algorithm::ES256, &device.claims());
        form(&[
            ("grant_type", CIBA_GRANT),
            ("auth_req_id", id),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ])
    };
    let url = format!("{}/connect/token", device.broker.issuer());
    let poll_within = |time: Duration, id: &str| {
        let request = device.http.post(&url).header("content-type", "application/x-www-form-urlencoded");
        let request = request.timeout(time).body(fields(id));
        device.runtime.block_on(async { request.send().await })
    };
    let poll = |id: &str| poll_within(Duration::from_secs(10), id);
    let approved = || {
        let id = device.start("6701901234");
        assert!(device.broker.phone().approve(&device.broker.phone().requests()[0].id));
        id
    };

    let id = approved();
    faults.next(Endpoint::Token, Fault::Reset);
    let reset = poll(&id).unwrap_err();
    assert!(reset.is_request() && !reset.is_timeout());
    faults.next(Endpoint::Token, Fault::Hang);
    assert!(poll_within(Duration::from_millis(300), &id).unwrap_err().is_timeout());
    assert_eq!(poll(&id).unwrap().status(), 200);

    let id = approved();
    faults.next(Endpoint::Token, Fault::Lost);
    assert!(!poll(&id).unwrap_err().is_timeout());
    assert_eq!(device.poll_error(&id), "invalid_grant");

    let id = approved();
    faults.next(Endpoint::Token, Fault::CutBody);
    let half = poll(&id).unwrap();
    assert_eq!(half.status(), 200);
    assert!(!device.runtime.block_on(half.bytes()).unwrap_err().is_timeout());
    assert_eq!(device.poll_error(&id), "invalid_grant");
}

#[test]
fn an_id_token_can_be_altered_and_its_key_rotated() {
    let device = Device::new(hurried());
    let faults = device.broker.faults();
    let id_token = || {
        let id = device.start("6701901234");
        device.broker.phone().approve(&device.broker.phone().requests()[0].id);
        device.poll(&id).json["id_token"].as_str().unwrap().to_owned()
    };
    faults.next_id_token(vec![Alteration::WrongKey]);
    faults.next_id_token(vec![
        Alteration::Claim { name: "mitid.reference_text".to_owned(), value: Some(json!("another")) },
        Alteration::Claim { name: "at_hash".to_owned(), value: None },
    ]);
    faults.next_id_token(vec![Alteration::Header { name: "typ".to_owned(), value: Some(json!("at+jwt")) }]);
    assert_eq!(device.verified(&id_token()), None);
    let altered = device.verified(&id_token()).unwrap();
    assert_eq!(altered["mitid.reference_text"], "another");
    assert!(altered.get("at_hash").is_none());
    assert_eq!(jsonwebtoken::decode_header(id_token()).unwrap().typ.as_deref(), Some("at+jwt"));

    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let before = id_token();
    faults.rotate_key().unwrap();
    let after = id_token();
    assert_ne!(kid(&before), kid(&after));
    assert!(device.verified(&before).is_some() && device.verified(&after).is_some());
}
