//! Handing the result over: one JSON line and an exit code; and telling the operator what they should know.

use std::io::Write;

use serde::Serialize;

use crate::ciba::AgeAnswer;
pub use crate::defects::EXIT_CODE as DEFECT;
use crate::flow::{Notice, Outcome};

/// The exit code of a run that failed on this machine, apart from any login: no display, no folder, or a script
/// that did not go as it is written.
pub const FAILED: u8 = 1;
/// The exit code of a run that did not get as far as a login: the command line is wrong.
pub const USAGE: u8 = 64;
/// The exit code of a run that did not get as far as a login: the configuration is wrong.
pub const CONFIGURATION: u8 = 78;

/// What the host reads, in the order that people read it.
#[derive(Serialize)]
struct Line<'a> {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    login: Option<Login<'a>>,
    #[serde(flatten)]
    age: Option<Age>,
}

/// The answer and its question: nothing here is anybody's alone, not even a number that the broker knows too.
#[derive(Serialize)]
struct Age {
    age_over: u8,
    answer: bool,
}

#[derive(Serialize)]
struct Login<'a> {
    reference_id: &'a str,
    identity: Person<'a>,
    auth_time: Option<u64>,
    id_token: &'a str,
}

#[derive(Serialize)]
struct Person<'a> {
    sub: &'a str,
    mitid_uuid: Option<&'a str>,
    name: Option<&'a str>,
    date_of_birth: Option<&'a str>,
    age: Option<u16>,
    loa: Option<&'a str>,
}

/// The result as one line of JSON. It holds the identity and the raw ID token only if the login was approved.
pub fn line(outcome: &Outcome) -> String {
    let line = match outcome {
        Outcome::Approved { granted, reference_id } => {
            let identity = &granted.identity;
            let login = Login {
                reference_id,
                identity: Person {
                    sub: &identity.sub,
                    mitid_uuid: identity.mitid_uuid.as_deref(),
                    name: identity.name.as_deref(),
                    date_of_birth: identity.date_of_birth.as_deref(),
                    age: identity.age,
                    loa: identity.loa.as_deref(),
                },
                auth_time: identity.auth_time,
                id_token: granted.id_token.expose(),
            };
            Line { outcome: "approved", error: None, login: Some(login), age: None }
        }
        Outcome::AgeTold(answer) => Line {
            outcome: if answer.is_old_enough { "approved" } else { "too_young" },
            error: None,
            login: None,
            age: Some(Age { age_over: answer.years, answer: answer.is_old_enough }),
        },
        Outcome::Rejected => ended("rejected", "access_denied"),
        Outcome::Expired => ended("expired", "expired"),
        Outcome::Cancelled => ended("cancelled", "cancelled"),
        Outcome::Refused(clause) => ended("refused", clause),
        Outcome::Unavailable(cause) => ended("unavailable", cause),
        Outcome::Unknown(cause) => ended("unknown", cause),
    };
    // Only maps with keys that are no text cannot be written, and there are none.
    serde_json::to_string(&line).unwrap_or_default()
}

fn ended(outcome: &'static str, error: impl ToString) -> Line<'static> {
    Line { outcome, error: Some(error.to_string()), login: None, age: None }
}

/// Zero lets somebody in. A no to an age check is no success, so that a till that looks at nothing else sells nothing.
pub fn exit_code(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Approved { .. } | Outcome::AgeTold(AgeAnswer { is_old_enough: true, .. }) => 0,
        Outcome::AgeTold(AgeAnswer { is_old_enough: false, .. }) => 16,
        Outcome::Rejected => 10,
        Outcome::Expired => 11,
        Outcome::Cancelled => 12,
        Outcome::Refused(_) => 13,
        Outcome::Unavailable(_) => 14,
        Outcome::Unknown(_) => 15,
    }
}

/// Tells the operator, in one line on standard error, which a service manager keeps.
pub fn note(notice: &Notice) {
    // Standard error may be closed; the login goes on without it.
    let _ = std::io::stderr().write_all(notice_line(notice).as_bytes());
}

fn notice_line(notice: &Notice) -> String {
    format!("flexlogin: notice: {}: {notice}\n", notice.code())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::ciba::{Identity, Secret, Untrusted};
    use crate::flow::{Cause, Granted};

    fn approved() -> Outcome {
        let identity = Identity {
            sub: "s".into(),
            mitid_uuid: Some("u".into()),
            name: Some("Anna Testesen".into()),
            date_of_birth: Some("1936-04-08".into()),
            age: Some(88),
            loa: None,
            auth_time: Some(1_700_000_000),
        };
        let granted = Granted { identity, id_token: Secret::from("a.b.c") };
        Outcome::Approved { granted: Box::new(granted), reference_id: "r".into() }
    }

    #[test]
    fn an_approved_login_hands_over_the_identity_and_the_signed_token() {
        let line = line(&approved());
        assert!(!line.contains('\n'));
        assert!(line.starts_with(r#"{"outcome":"approved","reference_id":"#));
        let value: Value = serde_json::from_str(&line).unwrap();
        let expected = json!({
            "outcome": "approved", "reference_id": "r", "auth_time": 1_700_000_000, "id_token": "a.b.c",
            "identity": {"sub": "s", "mitid_uuid": "u", "name": "Anna Testesen", "date_of_birth": "1936-04-08",
                         "age": 88, "loa": null},
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn an_age_check_hands_over_the_answer_alone_and_only_a_yes_is_a_success() {
        for (is_old_enough, expected, exit) in [
            (true, r#"{"outcome":"approved","age_over":18,"answer":true}"#, 0),
            (false, r#"{"outcome":"too_young","age_over":18,"answer":false}"#, 16),
        ] {
            let outcome = Outcome::AgeTold(AgeAnswer { years: 18, is_old_enough });
            assert_eq!((line(&outcome).as_str(), exit_code(&outcome)), (expected, exit));
        }
    }

    #[test]
    fn a_notice_is_one_line_that_a_machine_finds() {
        let line = notice_line(&Notice::ClientRefused);
        assert!(line.starts_with("flexlogin: notice: client_refused: The broker"));
        assert_eq!(line.matches('\n').count(), 1);
    }

    #[test]
    fn every_other_end_says_why_and_nothing_else() {
        for (outcome, expected, exit) in [
            (Outcome::Rejected, r#"{"outcome":"rejected","error":"access_denied"}"#, 10),
            (Outcome::Expired, r#"{"outcome":"expired","error":"expired"}"#, 11),
            (Outcome::Cancelled, r#"{"outcome":"cancelled","error":"cancelled"}"#, 12),
            (
                Outcome::Refused(Untrusted::BadSignature),
                r#"{"outcome":"refused","error":"the signature does not verify"}"#,
                13,
            ),
            (
                Outcome::Unavailable(Cause::code("invalid_scope")),
                r#"{"outcome":"unavailable","error":"invalid_scope"}"#,
                14,
            ),
            (
                Outcome::Unavailable(Cause::Malformed("the acknowledgement has no auth_req_id")),
                r#"{"outcome":"unavailable","error":"broken answer: the acknowledgement has no auth_req_id"}"#,
                14,
            ),
            (Outcome::Unknown(Cause::status(502)), r#"{"outcome":"unknown","error":"http_502"}"#, 15),
            (
                Outcome::Unknown(Cause::words("connection reset")),
                r#"{"outcome":"unknown","error":"connection reset"}"#,
                15,
            ),
        ] {
            assert_eq!((line(&outcome).as_str(), exit_code(&outcome)), (expected, exit));
        }
        assert_eq!(exit_code(&approved()), 0);
    }
}
