//! A login that names nobody, and the address that a phone has to open for it.

use super::*;
use crate::ciba::Hint;

const INVITE: &str = "/op/api/ciba/broker-oidc/init-auth";

fn invitation() -> Reply {
    let uri = "https://op.example/op/connect/authorize?request_uri=urn:x:4BEE";
    answer(200, &format!(r#"{{"request_uri":"urn:x:4BEE","expires_in":600,"authentication_uri":"{uri}"}}"#))
}

/// A desk whose first login is acknowledged.
fn inviting_desk() -> Desk {
    let mut desk = desk();
    desk.starts_for(1, Hint::WhoeverScans);
    desk.answers(DISCOVERY, discovery());
    desk.answers(START, acknowledged(1));
    assert!(desk.told.is_empty(), "there is nothing to scan yet");
    desk
}

fn cancelled_at_the_broker(mut desk: Desk) {
    desk.answers(CANCEL, answer(204, ""));
    desk.is_idle();
    assert!(desk.kept.is_empty());
}

#[test]
fn a_login_to_scan_is_started_and_its_address_asked_for() {
    let mut desk = inviting_desk();
    assert_eq!(desk.kept, [id(1)], "whoever comes after a crash can cancel it");
    let (_, call, within) = desk.under_way_to(INVITE);
    assert_eq!(call.json.unwrap().expose(), r#"{"requestId":"id-1"}"#);
    assert_eq!(within, secs(15));
    desk.answers(INVITE, invitation());
    let News::Invited(ack, invitation) = desk.news() else { panic!("no invitation") };
    assert_eq!((ack.auth_req_id, invitation.expires_in), (id(1), secs(600)));
    desk.is_idle();
}

#[test]
fn nobody_needs_the_address_of_this_device_for_a_code() {
    let mut desk = Desk::with(Settings { ip: Ip::Auto, ..settings(secret()) });
    desk.starts_for(1, Hint::WhoeverScans);
    desk.answers(DISCOVERY, discovery());
    assert!(desk.is_asked(START));
}

#[test]
fn an_address_that_does_not_come_is_told_and_the_login_cancelled() {
    type Case = (fn(&mut Desk), NotStarted);
    let cases: [Case; 5] = [
        (|desk| desk.fails(INVITE, Stage::NoAnswer), NotStarted::MaybeSent(Cause::words("connection reset"))),
        (|desk| desk.hangs(INVITE), NotStarted::MaybeSent(Cause::words("timeout"))),
        (
            |desk| desk.answers(INVITE, error("access_denied")),
            NotStarted::Refused { error: "access_denied".into() },
        ),
        (|desk| desk.answers(INVITE, answer(503, "")), NotStarted::Busy { status: 503, retry_after: None }),
        (
            |desk| desk.answers(INVITE, answer(200, r#"{"expires_in":600}"#)),
            NotStarted::Malformed { clause: "the invitation has no authentication_uri" },
        ),
    ];
    for (happens, told) in cases {
        let mut desk = inviting_desk();
        happens(&mut desk);
        assert_eq!(desk.not_started(), told);
        cancelled_at_the_broker(desk);
    }
}

#[test]
fn an_address_is_asked_for_again_only_while_it_certainly_was_not_asked_for() {
    let mut desk = inviting_desk();
    desk.fails(INVITE, Stage::NotSent);
    assert_eq!(desk.waits(), millis(500));
    desk.fails(INVITE, Stage::NotSent);
    assert_eq!(desk.waits(), millis(1500));
    assert!(!desk.is_asked(START), "the login itself is not started again");
    desk.fails(INVITE, Stage::NotSent);
    assert!(matches!(desk.not_started(), NotStarted::NotSent(_)));
    cancelled_at_the_broker(desk);
}

#[test]
fn whoever_leaves_before_the_address_comes_has_the_login_cancelled_at_once() {
    let mut desk = inviting_desk();
    let (late, _, _) = desk.under_way_to(INVITE);
    desk.gives_up(1);
    assert!(desk.calls.has_obligations());
    desk.hears_late(late, invitation());
    assert!(desk.told.is_empty());
    cancelled_at_the_broker(desk);
    // Between two tries it is the same.
    let mut desk = inviting_desk();
    desk.fails(INVITE, Stage::NotSent);
    desk.gives_up(1);
    cancelled_at_the_broker(desk);
    // On its way to the broker it has no handle yet.
    let mut desk = self::desk();
    desk.starts_for(1, Hint::WhoeverScans);
    desk.answers(DISCOVERY, discovery());
    desk.gives_up(1);
    desk.answers(START, acknowledged(1));
    assert!(!desk.is_asked(INVITE));
    cancelled_at_the_broker(desk);
}

#[test]
fn whoever_leaves_with_the_code_on_the_screen_has_the_login_cancelled() {
    let mut desk = inviting_desk();
    desk.answers(INVITE, invitation());
    assert!(matches!(desk.news(), News::Invited(..)));
    desk.cancels(1);
    cancelled_at_the_broker(desk);
}

#[test]
fn a_token_for_a_login_that_was_scanned_is_tied_to_it_by_its_nonce() {
    let browser = |claims: &mut serde_json::Value, nonce: &str| {
        let claims = claims.as_object_mut().unwrap();
        ["ciba_nonce", "mitid.reference_text"].iter().for_each(|name| drop(claims.remove(*name)));
        claims.insert("idtoken_type".into(), "strict".into());
        claims.insert("nonce".into(), nonce.into());
    };
    for (nonce, good) in [("n", true), ("another", false)] {
        let mut desk = inviting_desk();
        desk.answers(INVITE, invitation());
        assert!(matches!(desk.news(), News::Invited(..)));
        desk.polls(1);
        let reply = tokens_with(&desk, 1, "one", |claims| browser(claims, nonce));
        desk.answers(TOKEN, reply);
        desk.answers(JWKS, keys(&["one"]));
        let news = desk.news();
        assert_eq!(matches!(news, News::Granted(_)), good, "{news:?}");
        assert!(desk.notes.is_empty(), "{:?}", desk.notes);
    }
}
