//! Handing the result over: one JSON line and an exit code.

use serde_json::{Value, json};

use crate::flow::Outcome;

/// The exit code of a run that failed on this machine, apart from any login: no display, no folder, or a script
/// that did not go as it is written.
pub const FAILED: u8 = 1;
/// The exit code of a run that did not get as far as a login: the command line is wrong.
pub const USAGE: u8 = 64;
/// The exit code of a run that did not get as far as a login: the configuration is wrong.
pub const CONFIGURATION: u8 = 78;

/// The result as one line of JSON. It holds the identity and the raw ID token only if the login was approved.
pub fn line(outcome: &Outcome) -> String {
    let value = match outcome {
        Outcome::Approved { granted, reference_id } => {
            let identity = &granted.identity;
            json!({
                "outcome": "approved",
                "reference_id": reference_id,
                "identity": {
                    "sub": identity.sub,
                    "mitid_uuid": identity.mitid_uuid,
                    "name": identity.name,
                    "date_of_birth": identity.date_of_birth,
                    "age": identity.age,
                    "loa": identity.loa,
                },
                "auth_time": identity.auth_time,
                "id_token": granted.id_token.expose(),
            })
        }
        Outcome::Rejected => ended("rejected", "access_denied"),
        Outcome::Expired => ended("expired", "expired"),
        Outcome::Cancelled => ended("cancelled", "cancelled"),
        Outcome::Refused { error } => ended("refused", error),
        Outcome::Unavailable { error } => ended("unavailable", error),
        Outcome::Unknown { error } => ended("unknown", error),
    };
    value.to_string()
}

fn ended(outcome: &str, error: &str) -> Value {
    json!({ "outcome": outcome, "error": error })
}

pub fn exit_code(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Approved { .. } => 0,
        Outcome::Rejected => 10,
        Outcome::Expired => 11,
        Outcome::Cancelled => 12,
        Outcome::Refused { .. } => 13,
        Outcome::Unavailable { .. } => 14,
        Outcome::Unknown { .. } => 15,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciba::{Identity, Secret};
    use crate::flow::Granted;

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
        let value: Value = serde_json::from_str(&line).unwrap();
        let expected = json!({
            "outcome": "approved", "reference_id": "r", "auth_time": 1_700_000_000, "id_token": "a.b.c",
            "identity": {"sub": "s", "mitid_uuid": "u", "name": "Anna Testesen", "date_of_birth": "1936-04-08",
                         "age": 88, "loa": null},
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn every_other_end_says_why_and_nothing_else() {
        let error = || "code".to_owned();
        for (outcome, name, exit) in [
            (Outcome::Rejected, "rejected", 10),
            (Outcome::Expired, "expired", 11),
            (Outcome::Cancelled, "cancelled", 12),
            (Outcome::Refused { error: error() }, "refused", 13),
            (Outcome::Unavailable { error: error() }, "unavailable", 14),
            (Outcome::Unknown { error: error() }, "unknown", 15),
        ] {
            let value: Value = serde_json::from_str(&line(&outcome)).unwrap();
            assert_eq!(value["outcome"], name);
            assert!(value["error"].as_str().is_some_and(|error| !error.is_empty()));
            assert_eq!(value.as_object().unwrap().len(), 2);
            assert_eq!(exit_code(&outcome), exit);
        }
        assert_eq!(exit_code(&approved()), 0);
    }
}
