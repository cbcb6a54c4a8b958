//! The start of a login: who should approve what, and the handle by which the answer is asked for (CIBA 7).
//!
//! A start is one prompt on one phone. Nothing here ever asks for a second one.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use super::client_auth::{Client, Unsigned};
use super::json::Object;
use super::provider::{GRANT_TYPE, Provider};
use super::wire::{AuthReqId, Call, Fault, Form, Moment, Reply, Secret, error_code, seconds};

mod login_hint_token;

/// CIBA 7.3.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);

/// No screen should wait longer for one person, whatever the provider allows.
const LONGEST_LIFE: Duration = Duration::from_secs(600);

/// How the provider wants the request to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// MitID Flex at Signaturgruppen Broker.
    Signaturgruppen,
    /// Plain CIBA Core.
    Ciba,
}

/// What the person does in the MitID app; it decides the words on the app's button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    LogOn,
    Approve,
    Confirm,
    Accept,
    Sign,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::LogOn => "LOG_ON",
            Action::Approve => "APPROVE",
            Action::Confirm => "CONFIRM",
            Action::Accept => "ACCEPT",
            Action::Sign => "SIGN",
        })
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Action, String> {
        match text {
            "LOG_ON" => Ok(Action::LogOn),
            "APPROVE" => Ok(Action::Approve),
            "CONFIRM" => Ok(Action::Confirm),
            "ACCEPT" => Ok(Action::Accept),
            "SIGN" => Ok(Action::Sign),
            _ => Err("The action must be LOG_ON, APPROVE, CONFIRM, ACCEPT or SIGN.".into()),
        }
    }
}

/// Who is asked.
#[derive(Clone, Debug)]
pub enum Hint {
    /// Ten digits, without a hyphen.
    Cpr(Secret),
    /// A MitID UUID.
    Uuid(Secret),
    /// A name that the provider knows. Only plain CIBA takes it; the Signaturgruppen profile has no member for it.
    Login(Secret),
}

impl Hint {
    fn secret(&self) -> &Secret {
        match self {
            Hint::Cpr(secret) | Hint::Uuid(secret) | Hint::Login(secret) => secret,
        }
    }
}

/// One login to start.
#[derive(Clone, Debug)]
pub struct Start {
    pub hint: Hint,
    /// Contains `openid`.
    pub scope: String,
    /// What the person reads in the app, with the code that the screen shows.
    pub reference_text: String,
    pub action: Action,
    /// The person's address, for the broker's risk data; left out if unknown.
    pub ip: Option<IpAddr>,
    pub reference_id: String,
    pub ciba_nonce: String,
}

/// The provider took the start (CIBA 7.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    pub auth_req_id: AuthReqId,
    /// Counts from the moment the provider received the start; at most ten minutes.
    pub expires_in: Duration,
    /// The least time between two polls; at least a second, at most `expires_in`.
    pub interval: Duration,
}

/// Asks for one login (CIBA 7.1).
pub fn request(
    provider: &Provider,
    client: &Client,
    profile: Profile,
    start: &Start,
    moment: &Moment,
) -> Result<Call, Unsigned> {
    let mut form = Form::default();
    // The broker's own samples send the grant type here too, unlike CIBA 7.1.
    if profile == Profile::Signaturgruppen {
        form.add("grant_type", GRANT_TYPE);
    }
    form.add("scope", &start.scope);
    let authorization = client.authenticate(&provider.issuer, moment, &mut form)?;
    match profile {
        Profile::Signaturgruppen => {
            let token = login_hint_token::of(start).ok_or(Unsigned)?;
            form.add("login_hint_token", std::str::from_utf8(&token).map_err(|_| Unsigned)?);
        }
        Profile::Ciba => {
            form.add("login_hint", start.hint.secret().expose());
            form.add("binding_message", &start.reference_text);
        }
    }
    Ok(Call::post(provider.backchannel_authentication_endpoint.clone(), authorization, form))
}

/// Understands the answer to the start. An `error` counts whatever the status; without an id and a lifetime
/// there is nothing to poll for (CIBA 7.3, 13).
pub fn read(reply: &Reply) -> Result<Acknowledgement, Fault> {
    let answer = Object::parse(&reply.body);
    if let Some(error) = answer.as_ref().and_then(error_code) {
        return Err(Fault::Refused { error });
    }
    if reply.is_overloaded() {
        return Err(Fault::Busy { status: reply.status });
    }
    if reply.status != 200 {
        return Err(Fault::Malformed("the start is answered with neither status 200 nor an error"));
    }
    let answer = answer.ok_or(Fault::Malformed("the acknowledgement is not one JSON object"))?;
    let auth_req_id = match answer.text("auth_req_id") {
        Ok(Some(id)) if !id.is_empty() => AuthReqId(id.into()),
        _ => return Err(Fault::Malformed("the acknowledgement has no auth_req_id")),
    };
    let expires_in = match answer.whole("expires_in") {
        Ok(Some(life)) if life > 0 => Duration::from_secs(life).min(LONGEST_LIFE),
        _ => return Err(Fault::Malformed("the acknowledgement has no positive expires_in")),
    };
    let interval = answer.get("interval").and_then(seconds).unwrap_or(DEFAULT_INTERVAL);
    if interval > expires_in {
        return Err(Fault::Malformed("the interval is longer than the login lives"));
    }
    Ok(Acknowledgement { auth_req_id, expires_in, interval })
}

#[cfg(test)]
mod tests {
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
        }
    }

    fn sent(auth: &str, profile: Profile, start: &Start) -> Vec<(String, String)> {
        let client = client(match auth {
            "basic" => ClientAuth::SecretBasic("word".into()),
            "post" => ClientAuth::SecretPost("word".into()),
            _ => ClientAuth::SecretJwt("a client secret of 32 bytes or so".into()),
        });
        let call = request(&provider(), &client, profile, start, &moment()).unwrap();
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
        assert_eq!(names(&fields), ["grant_type", "scope", "client_id", "client_secret", "login_hint_token"]);
        assert_eq!(fields[0].1, "urn:openid:params:grant-type:ciba");
        assert_eq!(fields[1].1, "openid mitid");
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
    fn an_assertion_goes_along_when_that_is_the_method() {
        let fields = sent("jwt", Profile::Ciba, &start(Hint::Login("anna".into())));
        assert_eq!(
            names(&fields),
            [
                "scope",
                "client_id",
                "client_assertion_type",
                "client_assertion",
                "login_hint",
                "binding_message"
            ]
        );
    }

    #[test]
    fn a_client_that_cannot_sign_sends_nothing() {
        let client = client(ClientAuth::SecretJwt("short".into()));
        let start = start(Hint::Cpr(CPR.into()));
        assert_eq!(request(&provider(), &client, Profile::Ciba, &start, &moment()).unwrap_err(), Unsigned);
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
        for interval in
            ["", r#","interval":0"#, r#","interval":-1"#, r#","interval":"9""#, r#","interval":null"#]
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

    #[test]
    fn a_wire_code_is_cleaned() {
        let fault = read(&reply(400, r#"{"error":"a\u001b[0m\"b"}"#)).unwrap_err();
        assert_eq!(fault, Fault::Refused { error: "a[0mb".into() });
    }

    #[test]
    fn without_an_error_the_status_speaks() {
        for status in [408, 429, 500, 502, 503] {
            assert_eq!(read(&reply(status, "<html>")), Err(Fault::Busy { status }));
        }
        for status in [201, 204, 302, 307, 400, 404] {
            assert!(
                is_malformed(read(&reply(status, r#"{"auth_req_id":"a","expires_in":300}"#))),
                "{status}"
            );
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
}
