//! One poll for the result (CIBA 10.1, 11).
//!
//! The result comes once. An answer that may have carried it is never mistaken for "not yet".

use std::time::Duration;

use super::client_auth::{Client, Unsigned};
use super::json::Object;
use super::provider::{GRANT_TYPE, Provider};
use super::wire::{AuthReqId, Call, Form, Moment, Reply, Secret, error_code, seconds};

/// No wait that a server asks for is taken for longer; the login has ended before.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

/// Whoever says this, with or without a code, means `slow_down`.
const TOO_MANY_REQUESTS: u16 = 429;
const SERVICE_UNAVAILABLE: u16 = 503;

/// What one poll brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `authorization_pending`: the person has not decided.
    Pending(Pause),
    /// `slow_down` or status 429: as pending, and every later poll comes at least five seconds later.
    SlowDown(Pause),
    Granted(Tokens),
    /// `access_denied`: the person said no.
    Denied,
    /// `expired_token`: the login is over in CIBA 11; at Signaturgruppen the client assertion is too old.
    Expired,
    /// `invalid_grant`: the id is unknown, over, or its result was already fetched.
    InvalidGrant,
    /// `invalid_client`: the client did not authenticate.
    InvalidClient,
    /// Any other code, cleaned; final.
    Failed {
        error: String,
    },
    /// Status 503: the server cannot answer now, and says that nothing was done.
    Busy(Pause),
    /// The answer is not the provider's own word: a server that fails, or something before it. It may stand in the
    /// place of one that had the tokens.
    Failing(Pause),
    /// A success without usable tokens: the result is used up and cannot be asked for again.
    Lost,
}

/// How long the server asks to wait, where it says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pause {
    /// The `Retry-After` header, for the next poll only; at most an hour.
    pub retry_after: Option<Duration>,
    /// An `interval` beside the error, for all later polls.
    pub interval: Option<Duration>,
}

/// A token response (OpenID Connect Core 3.1.3.3); nothing in it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub id_token: Secret,
    pub access_token: Secret,
    /// Never used; the ID token may hold its hash.
    pub refresh_token: Option<Secret>,
    /// The granted scope; absent means the scope that was asked for.
    pub scope: Option<String>,
}

/// Asks for the result (CIBA 10.1).
pub fn request(
    provider: &Provider,
    client: &Client,
    auth_req_id: &AuthReqId,
    moment: &Moment,
) -> Result<Call, Unsigned> {
    let mut form = Form::default();
    form.add("grant_type", GRANT_TYPE);
    form.add("auth_req_id", auth_req_id.0.expose());
    let authorization = client.authenticate(&provider.issuer, moment, &mut form)?;
    Ok(Call::post(provider.token_endpoint.clone(), authorization, form))
}

/// Understands the answer to a poll. The `error` member speaks first, whatever the status, then the status.
pub fn read(reply: &Reply) -> Answer {
    if (300..400).contains(&reply.status) {
        return Answer::Failed { error: "redirect".into() };
    }
    let answer = Object::parse(&reply.body);
    let pause = Pause {
        retry_after: retry_after(reply),
        interval: answer.as_ref().and_then(|answer| answer.get("interval")).and_then(seconds),
    };
    if let Some(error) = answer.as_ref().and_then(error_code) {
        return match error.as_str() {
            "authorization_pending" => Answer::Pending(pause),
            "slow_down" => Answer::SlowDown(pause),
            "access_denied" => Answer::Denied,
            "expired_token" => Answer::Expired,
            "invalid_grant" => Answer::InvalidGrant,
            "invalid_client" => Answer::InvalidClient,
            code if reply.status == TOO_MANY_REQUESTS && !is_final(code) => Answer::SlowDown(pause),
            code if reply.is_overloaded() && !is_final(code) => without_a_word(reply, pause),
            _ => Answer::Failed { error },
        };
    }
    match (reply.status, answer) {
        (200, Some(answer)) => tokens(&answer).map_or(Answer::Lost, Answer::Granted),
        (200..300, _) => Answer::Lost,
        (TOO_MANY_REQUESTS, _) => Answer::SlowDown(pause),
        _ => without_a_word(reply, pause),
    }
}

fn without_a_word(reply: &Reply, pause: Pause) -> Answer {
    if reply.status == SERVICE_UNAVAILABLE { Answer::Busy(pause) } else { Answer::Failing(pause) }
}

/// Codes that end the login even beside a status that says "not now". Any other code there is a gateway's own
/// word ("Service Unavailable") and says nothing about the login.
fn is_final(code: &str) -> bool {
    let known = [
        "invalid_request",
        "invalid_scope",
        "transaction_failed",
        "unauthorized_client",
        "unsupported_grant_type",
    ];
    known.contains(&code) || code.starts_with("mitid_flex_app.")
}

fn tokens(answer: &Object) -> Option<Tokens> {
    let text = |name| answer.text(name).ok().flatten().filter(|text| !text.is_empty());
    text("token_type").filter(|kind| kind.eq_ignore_ascii_case("Bearer"))?;
    Some(Tokens {
        id_token: text("id_token")?.into(),
        access_token: text("access_token")?.into(),
        refresh_token: text("refresh_token").map(Secret::from),
        scope: text("scope").map(str::to_owned),
    })
}

/// `Retry-After` in seconds or as a date (RFC 9110 10.2.3). A date is measured from the answer's own `Date`,
/// because the device's clock may be years off.
pub fn retry_after(reply: &Reply) -> Option<Duration> {
    let text = reply.retry_after.as_deref()?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_or(LONGEST_PAUSE, Duration::from_secs)
    } else {
        let then = httpdate::parse_http_date(text).ok()?;
        let now = httpdate::parse_http_date(reply.date.as_deref()?.trim()).ok()?;
        then.duration_since(now).ok()?
    };
    Some(wait.min(LONGEST_PAUSE)).filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::client_auth::ClientAuth;
    use super::super::testing::{client, fields, moment, provider, reply};
    use super::*;

    fn failed(error: &str) -> Answer {
        Answer::Failed { error: error.into() }
    }

    fn answered(status: u16, error: &str) -> Answer {
        read(&reply(status, &json!({ "error": error }).to_string()))
    }

    fn granted(members: serde_json::Value) -> Answer {
        let mut body = json!({"access_token": "access", "token_type": "Bearer", "id_token": "a.b.c"});
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        read(&reply(200, &body.to_string()))
    }

    #[test]
    fn a_poll_asks_with_the_grant_type_the_id_and_the_clients_proof() {
        let id = AuthReqId("id/1-1".into());
        let post = client(ClientAuth::SecretPost("word".into()));
        let call = request(&provider(), &post, &id, &moment()).unwrap();
        assert_eq!(call.url.as_str(), "https://op.example/op/connect/token");
        let expected = [
            ("grant_type", "urn:openid:params:grant-type:ciba"),
            ("auth_req_id", "id/1-1"),
            ("client_id", "tv-1"),
            ("client_secret", "word"),
        ];
        assert_eq!(
            fields(call.form.unwrap()),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );

        let basic = client(ClientAuth::SecretBasic("word".into()));
        let call = request(&provider(), &basic, &id, &moment()).unwrap();
        assert_eq!(call.authorization.unwrap().expose(), "Basic dHYtMTp3b3Jk");
        assert_eq!(fields(call.form.unwrap()).len(), 2);
    }

    #[test]
    fn two_polls_never_carry_the_same_assertion() {
        let client = client(ClientAuth::SecretJwt("a client secret of 32 bytes or so".into()));
        let assertion = |random| {
            let moment = Moment { random: [random; 16], ..moment() };
            let call = request(&provider(), &client, &AuthReqId("id".into()), &moment).unwrap();
            fields(call.form.unwrap()).pop().unwrap()
        };
        assert_eq!(assertion(1).0, "client_assertion");
        assert_ne!(assertion(1), assertion(2));
    }

    #[test]
    fn tokens_are_granted_whatever_the_case_of_bearer() {
        for kind in ["Bearer", "bearer", "bEARER"] {
            let tokens = Tokens {
                id_token: "a.b.c".into(),
                access_token: "access".into(),
                refresh_token: None,
                scope: None,
            };
            assert_eq!(
                granted(json!({"token_type": kind, "expires_in": "x", "new": []})),
                Answer::Granted(tokens)
            );
        }
        let Answer::Granted(tokens) = granted(json!({"scope": "openid mitid", "refresh_token": "again"}))
        else {
            panic!("not granted")
        };
        assert_eq!(tokens.scope.as_deref(), Some("openid mitid"));
        assert_eq!(tokens.refresh_token.as_ref().map(Secret::expose), Some("again"));
        assert!(!format!("{tokens:?}").contains("again"));
        assert!(!format!("{tokens:?}").contains("a.b.c") && !format!("{tokens:?}").contains("access\""));
    }

    #[test]
    fn a_success_without_usable_tokens_is_lost() {
        for name in ["access_token", "token_type", "id_token"] {
            for bad in [json!(null), json!(""), json!(1), json!(["Bearer"])] {
                assert_eq!(granted(json!({name: bad})), Answer::Lost, "{name} {bad}");
            }
        }
        assert_eq!(granted(json!({"token_type": "DPoP"})), Answer::Lost);
        for body in ["", "{", "<html>", "[]", "{}", "\u{feff}{}", r#"{"id_token":"a","id_token":"b"}"#] {
            assert_eq!(read(&reply(200, body)), Answer::Lost, "{body}");
        }
        assert_eq!(read(&reply(204, "")), Answer::Lost);
    }

    #[test]
    fn an_error_counts_whatever_the_status() {
        let still = Pause::default();
        for status in [200, 400, 401, 403, 429, 500, 503] {
            assert_eq!(answered(status, "authorization_pending"), Answer::Pending(still));
            assert_eq!(answered(status, "slow_down"), Answer::SlowDown(still));
            assert_eq!(answered(status, "access_denied"), Answer::Denied);
            assert_eq!(answered(status, "expired_token"), Answer::Expired);
            assert_eq!(answered(status, "invalid_grant"), Answer::InvalidGrant);
            assert_eq!(answered(status, "invalid_client"), Answer::InvalidClient);
            for code in ["invalid_request", "unauthorized_client", "invalid_scope", "transaction_failed"] {
                assert_eq!(answered(status, code), failed(code));
            }
            assert_eq!(
                answered(status, "mitid_flex_app.mitid_error_X"),
                failed("mitid_flex_app.mitid_error_X")
            );
        }
        assert_eq!(granted(json!({"error": "access_denied"})), Answer::Denied);
    }

    #[test]
    fn an_unknown_code_is_final_and_cleaned() {
        for status in [200, 400, 401, 403, 404] {
            assert_eq!(answered(status, "something_new"), failed("something_new"));
        }
        assert_eq!(answered(400, "no\u{1b}[0m\"pe\""), failed("no?[0m?pe?"));
        assert_eq!(answered(400, "access\u{7f}_denied"), failed("access?_denied"));
        assert_eq!(answered(400, "Authorization_Pending"), failed("Authorization_Pending"));
    }

    #[test]
    fn a_gateways_own_error_does_not_end_the_login() {
        for (status, code) in [(500, "Internal Server Error"), (502, "server_error"), (408, "timeout")] {
            assert_eq!(answered(status, code), Answer::Failing(Pause::default()));
        }
        assert_eq!(answered(503, "server_error"), Answer::Busy(Pause::default()));
    }

    #[test]
    fn too_many_requests_means_slow_down_whatever_the_body() {
        for body in ["", "<html>", r#"{"error":null}"#, r#"{"error":"too_many_requests"}"#] {
            let mut reply = reply(429, body);
            assert_eq!(read(&reply), Answer::SlowDown(Pause::default()), "{body}");
            reply.retry_after = Some("20".into());
            let pause = Pause { retry_after: Some(Duration::from_secs(20)), interval: None };
            assert_eq!(read(&reply), Answer::SlowDown(pause), "{body}");
        }
        assert_eq!(answered(429, "authorization_pending"), Answer::Pending(Pause::default()));
        assert_eq!(answered(429, "invalid_request"), failed("invalid_request"));
    }

    #[test]
    fn a_redirect_is_never_followed_and_ends_the_login() {
        for status in [301, 302, 303, 307, 308] {
            assert_eq!(read(&reply(status, "")), failed("redirect"));
            assert_eq!(answered(status, "authorization_pending"), failed("redirect"));
        }
    }

    #[test]
    fn what_is_no_answer_of_the_provider_may_stand_in_the_place_of_one_but_503() {
        for status in [400, 401, 403, 404, 408, 500, 502, 503, 504] {
            let wanted = if status == 503 { Answer::Busy } else { Answer::Failing };
            for body in
                ["", "<html>", "{", r#"{"message":"Forbidden"}"#, r#"{"error":null}"#, r#"{"error":""}"#]
            {
                assert_eq!(read(&reply(status, body)), wanted(Pause::default()), "{status} {body}");
            }
        }
    }

    fn pause(retry_after: &str, date: Option<&str>) -> Option<u64> {
        let mut reply = reply(503, "");
        reply.retry_after = Some(retry_after.into());
        reply.date = date.map(str::to_owned);
        let Answer::Busy(pause) = read(&reply) else { panic!("not busy") };
        pause.retry_after.map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_is_read_in_seconds() {
        assert_eq!(pause("20", None), Some(20));
        assert_eq!(pause(" 7 ", None), Some(7));
    }

    #[test]
    fn retry_after_as_a_date_is_measured_from_the_answers_own_date() {
        let date = Some("Sun, 06 Nov 1994 08:49:07 GMT");
        assert_eq!(pause("Sun, 06 Nov 1994 08:49:37 GMT", date), Some(30));
        assert_eq!(pause("Sunday, 06-Nov-94 08:49:37 GMT", date), Some(30));
        assert_eq!(pause("Sun, 06 Nov 1994 08:49:37 GMT", None), None);
        assert_eq!(pause("Sun, 06 Nov 1994 08:49:37 GMT", Some("yesterday")), None);
    }

    #[test]
    fn retry_after_in_the_past_or_as_garbage_is_ignored() {
        let date = Some("Sun, 06 Nov 1994 08:49:07 GMT");
        assert_eq!(pause("Sun, 06 Nov 1994 08:49:06 GMT", date), None);
        for garbage in ["", "0", "-5", "+5", "1.5", "soon", "5 s", "٥", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(pause(garbage, date), None, "{garbage}");
        }
    }

    #[test]
    fn retry_after_is_never_more_than_an_hour() {
        let date = Some("Sun, 06 Nov 1994 08:49:07 GMT");
        for long in
            ["3601", "18446744073709551615", "99999999999999999999999", "Sat, 06 Nov 2094 08:49:37 GMT"]
        {
            assert_eq!(pause(long, date), Some(3600), "{long}");
        }
    }

    #[test]
    fn a_pause_comes_along_with_every_answer_that_goes_on() {
        let mut slow = reply(400, r#"{"error":"slow_down","interval":12}"#);
        slow.retry_after = Some("20".into());
        let pause =
            Pause { retry_after: Some(Duration::from_secs(20)), interval: Some(Duration::from_secs(12)) };
        assert_eq!(read(&slow), Answer::SlowDown(pause));
        slow.body = reply(400, r#"{"error":"authorization_pending","interval":"12"}"#).body;
        assert_eq!(read(&slow), Answer::Pending(Pause { interval: None, ..pause }));
    }
}
