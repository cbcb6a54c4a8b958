//! What is asked beyond a plain login, on its way to the request and to the operator.

use super::*;
use crate::ciba::Hint;
use crate::ciba::request_object::{RequestObject, Signer};
use crate::ciba::terms::{LeastLoa, Loa, LoaPolicy};

fn desk_with(terms: Terms) -> Desk {
    Desk::with(Settings { terms, ..settings(secret()) })
}

#[test]
fn pins_that_are_over_are_told_of_once_and_hold_nobody_back() {
    let over = Terms { key_ids: vec!["two".into()], pins_expire: Some(TODAY), ..Terms::default() };
    let mut desk = desk_with(over);
    desk.comes_to_wait(1);
    desk.polls(1);
    desk.answers(TOKEN, tokens(&desk, 1, "one"));
    desk.answers(JWKS, keys(&["one"]));
    assert!(matches!(desk.news(), News::Granted(_)));
    desk.comes_to_wait(2);
    assert_eq!(desk.notes, [Notice::PinsExpired]);
}

#[test]
fn pins_that_count_are_not_told_of_and_refuse_another_key() {
    let pinned = Terms { key_ids: vec!["two".into()], pins_expire: Some(TODAY + 3600), ..Terms::default() };
    let mut desk = desk_with(pinned);
    desk.comes_to_wait(1);
    desk.polls(1);
    desk.answers(TOKEN, tokens(&desk, 1, "one"));
    desk.answers(JWKS, keys(&["one", "two"]));
    assert!(matches!(desk.news(), News::Untrusted(Untrusted::UnpinnedKey)));
    assert_eq!(desk.notes, []);
}

#[test]
fn the_brokers_own_word_for_the_time_ends_no_pin() {
    let tomorrow = TODAY + 24 * 3600;
    let pinned = Terms { key_ids: vec!["two".into()], pins_expire: Some(tomorrow), ..Terms::default() };
    let mut desk = desk_with(pinned);
    let later = |mut reply: Reply| {
        reply.date = Some(date_of(tomorrow + 60));
        reply
    };
    desk.starts(1);
    desk.answers(DISCOVERY, later(discovery()));
    desk.answers(START, later(acknowledged(1)));
    assert!(matches!(desk.news(), News::Acknowledged(_)));
    desk.polls(1);
    let tokens = tokens_with(&desk, 1, "one", |claims| {
        for time in ["iat", "auth_time", "exp"] {
            claims[time] = (claims[time].as_u64().unwrap() + 24 * 3600 + 60).into();
        }
    });
    desk.answers(TOKEN, later(tokens));
    desk.answers(JWKS, later(keys(&["one", "two"])));
    assert!(matches!(desk.news(), News::Untrusted(Untrusted::UnpinnedKey)));
    desk.starts(2);
    assert!(!desk.notes.contains(&Notice::PinsExpired), "{:?}", desk.notes);
}

#[test]
fn a_root_that_is_not_pinned_is_told_of_once_and_by_its_own_name() {
    let mut desk = desk();
    desk.starts(1);
    for _ in 0..2 {
        desk.fails_for(DISCOVERY, Stage::NotSent, Why::NotPinned);
        desk.waits();
    }
    desk.fails_for(DISCOVERY, Stage::NotSent, Why::NotPinned);
    assert_eq!(desk.not_started(), NotStarted::NotSent(Why::NotPinned.into()));
    assert_eq!(desk.notes, [Notice::Pin]);
}

#[test]
fn a_token_without_a_level_is_told_of_only_if_it_is_believed() {
    for (policy, told) in [(LoaPolicy::Warn, true), (LoaPolicy::Require, false)] {
        let loa = Some(LeastLoa { loa: Loa::Substantial, policy });
        let mut desk = desk_with(Terms { loa, ..Terms::default() });
        desk.comes_to_wait(1);
        desk.polls(1);
        desk.answers(TOKEN, tokens(&desk, 1, "one"));
        desk.answers(JWKS, keys(&["one"]));
        assert_eq!(matches!(desk.news(), News::Granted(_)), told);
        assert_eq!(desk.notes == [Notice::LoaMissing], told, "{:?}", desk.notes);
    }
}

const REPEATED: [(&str, &str); 3] = [
    ("mitid.reference_text", "Kode 1"),
    ("ciba_nonce", "n"),
    ("urn:openid:params:jwt:claim:auth_req_id", "id-1"),
];

/// One login of a person with this hint, answered with a token that repeats only this much of it.
fn repeats(desk: &mut Desk, hint: Hint, repeated: &[(&str, &str)]) {
    desk.starts_for(1, hint);
    if desk.is_asked(DISCOVERY) {
        desk.answers(DISCOVERY, discovery());
    }
    desk.answers(START, acknowledged(1));
    desk.news();
    desk.polls(1);
    let tokens = tokens_with(desk, 1, "one", |claims| {
        let claims = claims.as_object_mut().unwrap();
        claims.insert("mitid.uuid".into(), "u".into());
        REPEATED.iter().for_each(|(name, _)| drop(claims.remove(*name)));
        repeated.iter().for_each(|(name, value)| drop(claims.insert((*name).into(), (*value).into())));
    });
    desk.answers(TOKEN, tokens);
    if desk.is_asked(JWKS) {
        desk.answers(JWKS, keys(&["one"]));
    }
    assert!(matches!(desk.news(), News::Granted(_)));
}

#[test]
fn a_token_that_repeats_nothing_of_the_login_is_taken_and_told_of_once() {
    let cpr = || Hint::Cpr("6701901234".into());
    let mut desk = desk();
    repeats(&mut desk, cpr(), &[]);
    assert_eq!(desk.notes, [Notice::Unbound]);
    desk.ends(1);
    repeats(&mut desk, cpr(), &[]);
    assert_eq!(desk.notes, [Notice::Unbound]);
    for one in REPEATED {
        let mut desk = Desk::with(settings(secret()));
        repeats(&mut desk, cpr(), &[one]);
        assert_eq!(desk.notes, [], "{one:?} is enough");
    }
}

#[test]
fn a_token_that_names_the_person_who_was_asked_for_belongs_to_the_login() {
    let mut desk = desk();
    repeats(&mut desk, Hint::Uuid("u".into()), &[]);
    assert_eq!(desk.notes, []);
    let mut desk = Desk::with(Settings { profile: Profile::Ciba, ..settings(secret()) });
    repeats(&mut desk, Hint::Login("anna".into()), &[]);
    assert_eq!(desk.notes, [], "plain CIBA promises none of it");
}

#[test]
fn a_start_that_is_sent_again_is_signed_again() {
    let signer = Signer::Secret("a client secret of 32 bytes or so".into());
    let mut desk =
        desk_with(Terms { request_object: Some(RequestObject { signer, typed: false }), ..Terms::default() });
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    let first = desk.under_way_to(START).1.form.unwrap();
    desk.fails(START, Stage::NotSent);
    desk.waits();
    let second = desk.under_way_to(START).1.form.unwrap();
    assert!(first.expose().contains("&request=") && second.expose().contains("&request="));
    assert_ne!(first, second);
}
