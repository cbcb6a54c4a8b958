use std::num::NonZeroU16;

use super::super::client_auth::ClientAuth;
use super::super::testing::{client, fields, moment, provider, reply};
use super::*;

const CPR: &str = "6701901234";

fn start(hint: Hint) -> Start {
    Start {
        hint,
        scope: "openid mitid".into(),
        reference_text: "Log på \"Stuen\" 😀 1234".into(),
        action: Action::LogOn,
        ip: Some("::ffff:192.0.2.7".parse().unwrap()),
        reference_id: "ref-1".into(),
        ciba_nonce: "nonce-1".into(),
        user_code: None,
    }
}

fn sent(auth: &str, profile: Profile, start: &Start) -> Vec<(String, String)> {
    let client = client(match auth {
        "basic" => ClientAuth::SecretBasic("word".into()),
        "post" => ClientAuth::SecretPost("word".into()),
        _ => ClientAuth::SecretJwt("a client secret of 32 bytes or so".into()),
    });
    let call = request(&provider(), &client, profile, &Terms::default(), start, &moment()).unwrap();
    assert_eq!(call.url.as_str(), "https://op.example/op/connect/ciba");
    assert_eq!(call.authorization.is_some(), auth == "basic");
    fields(call.form.unwrap())
}

fn names(fields: &[(String, String)]) -> Vec<&str> {
    fields.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn the_broker_gets_the_grant_type_and_a_flat_hint_token() {
    let fields = sent("post", Profile::Signaturgruppen, &start(Hint::Cpr(CPR.into())));
    assert_eq!(names(&fields), ["grant_type", "client_id", "client_secret", "scope", "login_hint_token"]);
    assert_eq!(fields[0].1, "urn:openid:params:grant-type:ciba");
    assert_eq!(fields[3].1, "openid mitid");
    assert!(fields[4].1.starts_with(r#"{"idp":"mitid","cpr":"6701901234","#), "{}", fields[4].1);
}

#[test]
fn plain_ciba_gets_login_hint_and_binding_message() {
    for hint in [Hint::Login(CPR.into()), Hint::Cpr(CPR.into()), Hint::Uuid(CPR.into())] {
        let fields = sent("basic", Profile::Ciba, &start(hint));
        assert_eq!(names(&fields), ["scope", "login_hint", "binding_message"]);
        assert_eq!(fields[1].1, CPR);
        assert_eq!(fields[2].1, "Log på \"Stuen\" 😀 1234");
    }
}

#[test]
fn a_login_to_scan_names_nobody_and_is_no_start_of_plain_ciba() {
    let fields = sent("post", Profile::Signaturgruppen, &start(Hint::WhoeverScans));
    assert_eq!(names(&fields), ["grant_type", "client_id", "client_secret", "scope", "login_hint_token"]);
    assert!(!fields[4].1.contains("Stuen") && !fields[4].1.contains("192.0.2.7"), "{}", fields[4].1);
    let client = client(ClientAuth::SecretPost("word".into()));
    let (terms, start) = (Terms::default(), start(Hint::WhoeverScans));
    assert!(request(&provider(), &client, Profile::Ciba, &terms, &start, &moment()).is_err());
}

#[test]
fn an_assertion_goes_along_when_that_is_the_method() {
    let fields = sent("jwt", Profile::Ciba, &start(Hint::Login("anna".into())));
    assert_eq!(
        names(&fields),
        ["client_id", "client_assertion_type", "client_assertion", "scope", "login_hint", "binding_message"]
    );
}

#[test]
fn a_client_that_cannot_sign_sends_nothing() {
    let client = client(ClientAuth::SecretJwt("short".into()));
    let start = start(Hint::Cpr(CPR.into()));
    let terms = Terms::default();
    let unsigned = request(&provider(), &client, Profile::Ciba, &terms, &start, &moment()).unwrap_err();
    assert_eq!(unsigned, Unsigned);
}

#[test]
fn what_is_asked_beyond_the_profile_goes_to_plain_ciba_alone() {
    let terms = Terms {
        acr_values: vec!["urn:a:high".into(), "urn:a:low".into()],
        requested_expiry: NonZeroU16::new(120),
        ..Terms::default()
    };
    let start = Start { user_code: Some("4711 æ".into()), ..start(Hint::Uuid(CPR.into())) };
    let client = client(ClientAuth::SecretBasic("word".into()));
    let sent = |profile| {
        fields(request(&provider(), &client, profile, &terms, &start, &moment()).unwrap().form.unwrap())
    };
    let plain = sent(Profile::Ciba);
    assert_eq!(
        names(&plain),
        ["scope", "login_hint", "binding_message", "acr_values", "requested_expiry", "user_code"]
    );
    assert_eq!((plain[3].1.as_str(), plain[4].1.as_str()), ("urn:a:high urn:a:low", "120"));
    assert_eq!(plain[5].1, "4711 æ");
    assert_eq!(names(&sent(Profile::Signaturgruppen)), ["grant_type", "scope", "login_hint_token"]);
    assert!(!format!("{start:?}").contains("4711"));
}

fn acknowledged(members: &str) -> Result<(u64, u64), Fault> {
    let body = format!(r#"{{"auth_req_id":"id-1"{members}}}"#);
    read(&reply(200, &body)).map(|ack| {
        assert_eq!(ack.auth_req_id.0.expose(), "id-1");
        (ack.expires_in.as_secs(), ack.interval.as_secs())
    })
}

fn is_malformed<T>(result: Result<T, Fault>) -> bool {
    matches!(result, Err(Fault::Malformed(_)))
}

#[test]
fn an_acknowledgement_is_read_and_unknown_members_are_ignored() {
    assert_eq!(acknowledged(r#","expires_in":300,"interval":3,"new":{"a":[]}"#), Ok((300, 3)));
}

#[test]
fn an_interval_that_says_nothing_useful_is_five_seconds() {
    for interval in ["", r#","interval":0"#, r#","interval":-1"#, r#","interval":"9""#, r#","interval":null"#]
    {
        assert_eq!(acknowledged(&format!(r#","expires_in":300{interval}"#)), Ok((300, 5)), "{interval}");
    }
}

#[test]
fn a_fraction_of_an_interval_is_rounded_up() {
    assert_eq!(acknowledged(r#","expires_in":300,"interval":0.2"#), Ok((300, 1)));
    assert_eq!(acknowledged(r#","expires_in":300,"interval":7.5"#), Ok((300, 8)));
}

#[test]
fn an_interval_longer_than_the_life_is_refused() {
    for members in [
        r#","expires_in":300,"interval":301"#,
        r#","expires_in":300,"interval":1000000000"#,
        r#","expires_in":300,"interval":1e300"#,
        r#","expires_in":3600,"interval":601"#,
        r#","expires_in":4"#,
    ] {
        assert!(is_malformed(acknowledged(members)), "{members}");
    }
    assert_eq!(acknowledged(r#","expires_in":31,"interval":31"#), Ok((31, 31)));
}

#[test]
fn a_long_life_is_cut_to_ten_minutes() {
    for life in ["601", "3600", "18446744073709551615"] {
        assert_eq!(acknowledged(&format!(r#","expires_in":{life}"#)), Ok((600, 5)));
    }
}

#[test]
fn without_a_life_there_is_nothing_to_poll() {
    for life in ["", r#","expires_in":0"#, r#","expires_in":-5"#, r#","expires_in":"300""#] {
        assert!(is_malformed(acknowledged(life)), "{life}");
    }
    assert!(is_malformed(acknowledged(r#","expires_in":30.5"#)));
}

#[test]
fn without_an_id_there_is_nothing_to_poll() {
    for id in ["", r#""auth_req_id":"","#, r#""auth_req_id":7,"#, r#""auth_req_id":null,"#] {
        assert!(is_malformed(read(&reply(200, &format!(r#"{{{id}"expires_in":300}}"#)))), "{id}");
    }
    for body in ["", "<html>", "[]", r#"{"auth_req_id":"a","auth_req_id":"b","expires_in":300}"#] {
        assert!(is_malformed(read(&reply(200, body))), "{body}");
    }
}

#[test]
fn an_error_counts_whatever_the_status() {
    for status in [200, 302, 400, 401, 403, 429, 503] {
        let body = r#"{"error":"unknown_user_id","auth_req_id":"id-1","expires_in":300}"#;
        let refused = Fault::Refused { error: "unknown_user_id".into() };
        assert_eq!(read(&reply(status, body)), Err(refused), "{status}");
    }
}

/// Gateways and frameworks write such bodies, and the start may have got past them to the phone.
#[test]
fn row_27_the_word_of_a_broken_server_is_no_code_of_the_provider() {
    for status in [408, 429, 500, 502, 503, 504] {
        for word in ["Internal Server Error", "Bad Gateway", "server_error", "temporarily_unavailable"] {
            let body = format!(r#"{{"status":{status},"error":"{word}","path":"/connect/ciba"}}"#);
            assert_eq!(read(&reply(status, &body)), Err(Fault::Busy { status }), "{word}");
        }
        let code = "mitid_flex_app.mitid_error_X";
        let refused = Err(Fault::Refused { error: code.into() });
        assert_eq!(read(&reply(status, &format!(r#"{{"error":"{code}"}}"#))), refused, "{status}");
    }
    let refused = Err(Fault::Refused { error: "server_error".into() });
    assert_eq!(read(&reply(400, r#"{"error":"server_error"}"#)), refused);
}

#[test]
fn a_wire_code_is_cleaned() {
    let fault = read(&reply(400, r#"{"error":"a\u001b[0m\"b"}"#)).unwrap_err();
    assert_eq!(fault, Fault::Refused { error: "a?[0m?b".into() });
}

#[test]
fn without_an_error_the_status_speaks() {
    for status in [408, 429, 500, 502, 503] {
        assert_eq!(read(&reply(status, "<html>")), Err(Fault::Busy { status }));
    }
    for status in [201, 204, 302, 307, 400, 404] {
        assert!(is_malformed(read(&reply(status, r#"{"auth_req_id":"a","expires_in":300}"#))), "{status}");
    }
    assert!(is_malformed(read(&reply(400, r#"{"error":7}"#))));
}

#[test]
fn actions_carry_the_names_of_the_broker() {
    for name in ["LOG_ON", "APPROVE", "CONFIRM", "ACCEPT", "SIGN"] {
        assert_eq!(name.parse::<Action>().unwrap().to_string(), name);
    }
    assert!("log_on".parse::<Action>().is_err());
}

#[test]
fn the_person_is_not_seen_in_debug() {
    for hint in [Hint::Cpr(CPR.into()), Hint::Uuid(CPR.into()), Hint::Login(CPR.into())] {
        assert!(!format!("{:?}", start(hint)).contains(CPR));
    }
    let ack = read(&reply(200, r#"{"auth_req_id":"id-1","expires_in":300}"#)).unwrap();
    assert!(!format!("{ack:?}").contains("id-1"));
}
