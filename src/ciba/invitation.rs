//! From a login that names nobody to an address that any phone can open (Signaturgruppen Broker, CIBA + PAR).
//!
//! The address is shown to everybody who sees the screen. Opening it sends no request to any phone: whoever opens it
//! says there who they are. Nothing is believed of an address that does not belong to the issuer.

use std::fmt;
use std::time::Duration;

use serde_json::json;
use url::{Host, Url};

use super::json::Object;
use super::provider::{Issuer, Provider};
use super::wire::{AuthReqId, Call, Fault, Reply, Secret, error_code};

/// In bytes. An address with a `request_uri` has about 200; a code of more than this is too fine for a small screen.
pub const LONGEST: usize = 512;

/// No code is shown for longer, whatever the provider allows.
const LONGEST_LIFE: Duration = Duration::from_secs(600);

/// What is to be opened on a phone, and until when it can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub authentication_uri: ScanUri,
    /// Counts from the moment the provider was asked; the login itself may be over sooner.
    pub expires_in: Duration,
}

/// An `https` address at the issuer, at most [`LONGEST`] bytes, in plain ASCII. Whoever has it can log themselves in on
/// this screen, so it stands there and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct ScanUri(Secret);

impl ScanUri {
    /// The error names the clause that is broken.
    pub fn parse(text: &str, issuer: &Issuer) -> Result<ScanUri, &'static str> {
        if text.len() > LONGEST {
            return Err("the authentication_uri is longer than 512 characters");
        }
        // What a phone makes of any other character is its own.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the authentication_uri holds a space, a control character or one outside ASCII");
        }
        let url = Url::parse(text).map_err(|_| "the authentication_uri is not an address")?;
        if url.scheme() != "https" || !text.starts_with("https://") {
            return Err("the authentication_uri is not on https");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the authentication_uri holds a user name");
        }
        // Others read an address by other rules, and find a host behind a backslash or an @.
        let authority = text["https://".len()..].split(['/', '?', '#']).next();
        if authority.is_none_or(|authority| !authority.eq_ignore_ascii_case(url.authority())) {
            return Err("the authentication_uri does not begin with its host alone");
        }
        if !belongs_to(&url, &issuer.url()) {
            return Err("the authentication_uri leads to another host than the issuer's");
        }
        Ok(ScanUri(text.into()))
    }

    /// The address itself. Call it only where it is shown.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for ScanUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScanUri(…)")
    }
}

/// The issuer's own host, or one below its name; an address of numbers has none below it.
fn belongs_to(url: &Url, issuer: &Url) -> bool {
    match (url.host(), issuer.host()) {
        (Some(Host::Domain(host)), Some(Host::Domain(own))) => {
            host == own || host.strip_suffix(own).is_some_and(|below| below.ends_with('.'))
        }
        (host, own) => host.is_some() && host == own,
    }
}

/// Asks for the address. It names the login by its handle alone, as the broker's sample does.
pub fn request(provider: &Provider, auth_req_id: &AuthReqId) -> Call {
    let url = provider.issuer.below("api/ciba/broker-oidc/init-auth");
    let json = json!({ "requestId": auth_req_id.0.expose() }).to_string();
    Call::post_json(url, Secret::new(json))
}

/// Understands the answer.
pub fn read(provider: &Provider, reply: &Reply) -> Result<Invitation, Fault> {
    let answer = Object::parse(&reply.body);
    match answer.as_ref().and_then(error_code) {
        _ if reply.is_overloaded() => return Err(Fault::Busy { status: reply.status }),
        Some(error) => return Err(Fault::Refused { error }),
        None => {}
    }
    if !matches!(reply.status, 200 | 201) {
        return Err(Fault::Malformed("the invitation is answered with neither success nor an error"));
    }
    let answer = answer.ok_or(Fault::Malformed("the invitation is not one JSON object"))?;
    let text = answer.text("authentication_uri").ok().flatten();
    let text = text.ok_or(Fault::Malformed("the invitation has no authentication_uri"))?;
    let authentication_uri = ScanUri::parse(text, &provider.issuer).map_err(Fault::Malformed)?;
    let expires_in = match answer.whole("expires_in") {
        Ok(Some(life)) if life > 0 => Duration::from_secs(life).min(LONGEST_LIFE),
        _ => return Err(Fault::Malformed("the invitation has no positive expires_in")),
    };
    Ok(Invitation { authentication_uri, expires_in })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::testing::{provider, reply};
    use super::super::wire::Method;
    use super::*;

    const URI: &str = "https://op.example/op/connect/authorize?client_id=tv-1&request_uri=urn:ietf:params:oauth:request_uri:4BEE";

    fn invited(name: &str, value: Value) -> Result<Invitation, Fault> {
        let mut answer = json!({"request_uri": "urn:ietf:params:oauth:request_uri:4BEE", "expires_in": 600, "authentication_uri": URI});
        answer[name] = value;
        read(&provider(), &reply(200, &answer.to_string()))
    }

    fn is_malformed(result: &Result<Invitation, Fault>) -> bool {
        matches!(result, Err(Fault::Malformed(_)))
    }

    #[test]
    fn the_login_is_named_by_its_handle_in_json() {
        let call = request(&provider(), &AuthReqId("a\"b-1".into()));
        assert_eq!(call.url.as_str(), "https://op.example/op/api/ciba/broker-oidc/init-auth");
        assert_eq!((call.method, call.json.unwrap().expose()), (Method::Post, r#"{"requestId":"a\"b-1"}"#));
        assert!(call.form.is_none() && call.authorization.is_none());
    }

    #[test]
    fn an_invitation_is_an_address_and_its_life() {
        let invitation = invited("something_new", json!([1])).unwrap();
        assert_eq!(invitation.authentication_uri.expose(), URI);
        assert_eq!(invitation.expires_in, Duration::from_secs(600));
        assert_eq!(invited("expires_in", json!(86_400)).unwrap().expires_in, LONGEST_LIFE);
        assert!(!format!("{invitation:?}").contains("authorize"));
    }

    #[test]
    fn an_address_leads_to_the_issuer_or_below_its_name_and_nowhere_else() {
        for good in [
            "https://op.example",
            "https://OP.example/x",
            "https://login.op.example/x#y",
            "https://op.example:8443/",
        ] {
            assert!(invited("authentication_uri", json!(good)).is_ok(), "{good}");
        }
        for bad in [
            "http://op.example/x",
            "HTTPS://op.example/x",
            "https:op.example/x",
            "https:\\\\op.example/x",
            "av://op.example/x",
            "javascript:alert(1)",
            "//op.example/x",
            "https://evil.example/op.example",
            "https://evilop.example/",
            "https://op.example.evil.example/",
            "https://op.example@evil.example/",
            "https://someone@op.example/",
            "https://op.example:word@op.example/",
            "https://op.example\\@evil.example/",
            "https://\\op.example/",
            "https:///op.example/",
            "https://@op.example/",
            "https://op%2eexample/",
            "https://op.example/ x",
            "https://op.example/\n",
            "https://op.example/\u{202e}x",
            "https://op.example/\u{0}",
            "https://öp.example/",
            "https://",
            "",
        ] {
            assert!(is_malformed(&invited("authentication_uri", json!(bad))), "{bad}");
        }
    }

    #[test]
    fn an_issuer_that_is_a_number_has_nothing_below_it() {
        let issuer = Issuer::parse("https://127.0.0.1:8443/op").unwrap();
        assert!(ScanUri::parse("https://127.0.0.1:8443/x", &issuer).is_ok());
        assert!(ScanUri::parse("https://evil.127.0.0.1/x", &issuer).is_err());
        assert!(ScanUri::parse("https://127.0.0.2/x", &issuer).is_err());
    }

    #[test]
    fn an_address_is_no_longer_than_a_screen_can_show() {
        let longest = format!("https://op.example/{}", "x".repeat(LONGEST - 19));
        assert_eq!(longest.len(), LONGEST);
        assert!(invited("authentication_uri", json!(longest)).is_ok());
        assert!(is_malformed(&invited("authentication_uri", json!(format!("{longest}x")))));
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_told() {
        for name in ["authentication_uri", "expires_in"] {
            for bad in [json!(null), json!([]), json!(0), json!(-1), json!("600"), json!({})] {
                assert!(is_malformed(&invited(name, bad.clone())), "{name} {bad}");
            }
        }
        for body in ["", "<html>", "[]", r#"{"authentication_uri":"a","authentication_uri":"b"}"#] {
            assert!(is_malformed(&read(&provider(), &reply(200, body))), "{body}");
        }
    }

    #[test]
    fn a_broker_that_says_no_or_cannot_answer_is_told_apart() {
        let refused = Fault::Refused { error: "invalid_request".into() };
        assert_eq!(read(&provider(), &reply(400, r#"{"error":"invalid_request"}"#)), Err(refused));
        for status in [408, 429, 500, 503] {
            assert_eq!(read(&provider(), &reply(status, r#"{"error":"x"}"#)), Err(Fault::Busy { status }));
        }
        for status in [204, 302, 404] {
            assert!(is_malformed(&read(&provider(), &reply(status, "{}"))), "{status}");
        }
    }
}
