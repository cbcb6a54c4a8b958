//! A device that runs for months, while the provider changes: what the suite, which watches for minutes, cannot see.

use std::time::Duration;

use flexlogin::ciba::Untrusted;
use flexlogin::flow::{Notice, Outcome};
use serde_json::{Value, json};

use super::case::Case;
use crate::broker::{DISCOVERY, JWKS};
use crate::signing::{other_rsa, rsa};

const AN_HOUR: Duration = Duration::from_secs(3600);
const A_DAY: Duration = Duration::from_secs(86_400);

#[test]
fn a_key_that_was_withdrawn_is_believed_no_longer() {
    let run = Case::oidc().runs_again_after(2 * AN_HOUR, |provider| {
        // Whoever signs with the old key has stolen it.
        provider.keys = vec![other_rsa().jwk("new")];
        provider.good = false;
    });
    assert!(
        matches!(run.outcomes[..], [Outcome::Approved { .. }, Outcome::Refused(_)]),
        "{:?}",
        run.outcomes
    );
    assert_eq!(run.notices, [Notice::Untrusted(Untrusted::UnknownKey)]);
}

#[test]
fn the_keys_are_not_fetched_for_every_login() {
    let run = Case::oidc().runs_again_after(AN_HOUR / 2, |_| {});
    assert_eq!(run.accepts().len(), 2);
    assert_eq!(run.times(JWKS).len(), 1);
}

#[test]
fn new_keys_that_have_no_names_are_found() {
    let nameless = |mut key: Value| {
        key.as_object_mut().unwrap().remove("kid");
        vec![key]
    };
    let run = Case::oidc()
        .with(|provider| (provider.keys, provider.kid) = (nameless(rsa().jwk("")), None))
        .runs_again_after(AN_HOUR / 2, |provider| {
            (provider.keys, provider.key) = (nameless(other_rsa().jwk("")), other_rsa());
        });
    assert_eq!(run.accepts().len(), 2);
    assert_eq!(run.times(JWKS).len(), 2);
}

#[test]
fn a_provider_that_has_moved_is_found_a_day_later() {
    // The server complains of a call to the address that was.
    let run = Case::oidc().runs_again_after(2 * A_DAY, |provider| {
        provider.discovery["jwks_uri"] = json!("https://op.example/op/keys");
    });
    assert_eq!(run.accepts().len(), 2);
    assert_eq!(run.times(DISCOVERY).len(), 2);
    let soon = Case::oidc().runs_again_after(AN_HOUR, |_| {});
    assert_eq!(soon.times(DISCOVERY).len(), 1);
}

#[test]
fn what_is_old_decides_while_nothing_new_can_be_had() {
    for down in [JWKS, DISCOVERY] {
        let run = Case::oidc().runs_again_after(2 * A_DAY, |provider| provider.down = vec![down]);
        assert_eq!(run.accepts().len(), 2, "{down}");
        assert_eq!(run.times(down).len(), 4, "{down} is tried three times more");
    }
}

#[test]
fn keys_that_do_not_come_make_the_next_login_look_where_they_are() {
    let case = Case::oidc().with(|provider| {
        provider.discovery["jwks_uri"] = json!("https://op.example/op/old-keys");
        provider.down = vec!["/op/old-keys"];
    });
    let run = case.runs_again_after(AN_HOUR, |provider| {
        provider.discovery["jwks_uri"] = json!("https://op.example/op/keys");
    });
    let [Outcome::Unknown(_), Outcome::Approved { .. }] = &run.outcomes[..] else {
        panic!("{:?}", run.outcomes)
    };
}
