//! A login that names nobody, from its start to the token.

use super::*;

const HINT: &str = r#"{"flow_type":"broker_oidc","idp_values":"mitid","prompt":"login","nonce":"n-1"}"#;

impl Device {
    fn invite(&self, body: &Value) -> Reply {
        let headers = [("content-type", "application/json")];
        self.send(Method::POST, "/api/ciba/broker-oidc/init-auth", &headers, &body.to_string()).unwrap()
    }

    fn invited(&self) -> (String, String) {
        let id = self.start_with(HINT).json["auth_req_id"].as_str().unwrap().to_owned();
        let reply = self.invite(&json!({ "requestId": id }));
        assert_eq!((reply.status, &reply.json["expires_in"]), (200, &json!(600)), "{}", reply.json);
        let uri = reply.json["authentication_uri"].as_str().unwrap().to_owned();
        assert!(uri.ends_with(reply.json["request_uri"].as_str().unwrap()));
        assert!(uri.starts_with(&format!("{}/connect/authorize?client_id=", self.broker.issuer())));
        (id, uri)
    }

    fn opened(&self, uri: &str) -> (u16, String) {
        self.runtime.block_on(async {
            let response = self.http.get(uri).send().await.unwrap();
            (response.status().as_u16(), response.text().await.unwrap())
        })
    }
}

#[test]
fn whoever_scans_the_code_is_the_one_who_logs_in() {
    let device = Device::new(hurried());
    let (id, uri) = device.invited();
    assert!(device.broker.phone().requests().is_empty(), "nobody is asked before somebody scans");
    assert_eq!(device.poll_error(&id), "authorization_pending");
    let phone = device.broker.phone();
    assert!(phone.scan(&uri, Tester::Anders) && !phone.scan(&uri, Tester::Anna));
    assert!(phone.approve(&phone.requests()[0].id));
    let claims = device.verified(device.poll(&id).json["id_token"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&claims["nonce"], &claims["idp"], &claims["idtoken_type"]),
        (&json!("n-1"), &json!("mitid"), &json!("strict"))
    );
    assert_eq!(claims["mitid.identity_name"], "Anders Testesen");
    assert!(claims.get("mitid.reference_text").is_none() && claims.get("ciba_nonce").is_none());
    let log = device.broker.log();
    assert!(log.contains(&Happened::Invited) && log.contains(&Happened::Scanned));
}

#[test]
fn the_page_behind_the_code_asks_who_it_is_and_serves_once() {
    let device = Device::new(hurried());
    let (id, uri) = device.invited();
    let (status, page) = device.opened(&uri);
    assert_eq!(status, 200);
    for text in
        ["Simulation – not MitID", "Anna Testesen", "Anders Testesen", "Alma Testesen (15)", "Nordlys TV"]
    {
        assert!(page.contains(text), "{text}");
    }
    let request_uri = uri.split("request_uri=").nth(1).unwrap();
    let decide = |fields: &[(&str, &str)]| device.post("/connect/authorize", fields).status;
    assert_eq!(decide(&[("request_uri", request_uri), ("who", "Nobody"), ("decision", "approve")]), 400);
    assert_eq!(decide(&[("request_uri", "urn:x"), ("who", "Anna"), ("decision", "approve")]), 400);
    assert_eq!(decide(&[("request_uri", request_uri), ("who", "Anna"), ("decision", "reject")]), 200);
    assert_eq!(decide(&[("request_uri", request_uri), ("who", "Anna"), ("decision", "approve")]), 400);
    assert_eq!(device.opened(&uri).0, 400);
    assert_eq!(device.poll_error(&id), "access_denied");
}

#[test]
fn an_address_is_for_a_login_that_waits_for_one_and_once() {
    let device = Device::new(hurried());
    let named = device.start("6701901234");
    for id in [named.as_str(), "unknown", ""] {
        assert_eq!(device.invite(&json!({ "requestId": id })).error(), (400, "invalid_request"), "{id}");
    }
    let (id, _) = device.invited();
    assert_eq!(device.invite(&json!({ "requestId": id })).error(), (400, "invalid_request"));
    let id = device.start_with(HINT).json["auth_req_id"].clone();
    for body in [json!({}), json!({"requestId": 1}), json!({"requestId": id, "more": 1}), json!([id])] {
        assert_eq!(device.invite(&body).error(), (400, "invalid_request"), "{body}");
    }
    let plain = json!({ "requestId": id }).to_string();
    let path = "/api/ciba/broker-oidc/init-auth";
    assert_eq!(device.send(Method::POST, path, &[], &plain).unwrap().error(), (400, "invalid_request"));
    assert_eq!(device.invite(&json!({ "requestId": id })).status, 200);
}

#[test]
fn a_start_that_is_not_as_documented_is_refused() {
    let device = Device::new(hurried());
    for hint in [
        r#"{"flow_type":"flex","prompt":"login"}"#,
        r#"{"flow_type":"broker_oidc"}"#,
        r#"{"flow_type":"broker_oidc","prompt":"none"}"#,
        r#"{"flow_type":"broker_oidc","prompt":"login","idp_values":"mitid_erhverv"}"#,
        r#"{"flow_type":"broker_oidc","prompt":"login","cpr":"6701901234"}"#,
        r#"{"flow_type":"broker_oidc","prompt":"login","nonce":""}"#,
    ] {
        assert_eq!(device.start_with(hint).error(), (400, "invalid_request"), "{hint}");
    }
}

#[test]
fn a_decision_made_beforehand_scans_the_code_too() {
    let decide = Decide::ApproveAfter(Duration::ZERO);
    let device = Device::new(Options { decide, ..hurried() });
    let (id, _) = device.invited();
    let reply = (0..100).map(|_| device.poll(&id)).find(|reply| reply.status == 200).unwrap();
    assert_eq!(
        device.verified(reply.json["id_token"].as_str().unwrap()).unwrap()["mitid.identity_name"],
        "Anna Testesen"
    );
}
