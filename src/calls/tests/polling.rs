//! Polls, and what their answers are told as.

use super::*;

#[test]
fn a_poll_may_be_held_and_its_answer_is_told() {
    let mut desk = waiting_desk();
    desk.polls(1);
    assert_eq!(desk.under_way_to(TOKEN).2, secs(35));
    desk.answers(TOKEN, error("authorization_pending"));
    assert!(matches!(desk.news(), News::Heard(Answer::Pending(_))));
    desk.is_idle();
}

#[test]
fn a_poll_without_an_answer_is_silence_and_says_whether_one_may_be_lost() {
    let mut desk = waiting_desk();
    for (stage, maybe) in
        [(Stage::NotSent, false), (Stage::NoAnswer, true), (Stage::BrokenBody { status: 400 }, true)]
    {
        desk.polls(1);
        desk.fails(TOKEN, stage);
        assert!(matches!(desk.news(), News::Silence { maybe_answered } if maybe_answered == maybe));
        desk.is_idle();
    }
    desk.polls(1);
    desk.fails(TOKEN, Stage::BrokenBody { status: 200 });
    assert!(matches!(desk.news(), News::Heard(Answer::Lost)));
    desk.is_idle();
}

#[test]
fn a_success_without_tokens_is_lost_and_the_operator_is_told() {
    let mut desk = waiting_desk();
    desk.polls(1);
    desk.answers(TOKEN, answer(200, "{}"));
    assert!(matches!(desk.news(), News::Heard(Answer::Lost)));
    assert!(matches!(desk.notes.as_slice(), [Notice::Contract(_)]), "{:?}", desk.notes);
}

#[test]
fn a_second_poll_takes_the_place_of_the_first() {
    let mut desk = waiting_desk();
    desk.polls(1);
    let (first, _, _) = desk.under_way_to(TOKEN);
    desk.polls(1);
    desk.hears_late(first, error("access_denied"));
    desk.answers(TOKEN, error("authorization_pending"));
    assert!(matches!(desk.news(), News::Heard(Answer::Pending(_))));
    desk.is_idle();
}

#[test]
fn a_poll_of_a_login_that_is_cancelled_is_dropped() {
    let mut desk = waiting_desk();
    desk.polls(1);
    desk.cancels(1);
    assert!(!desk.is_asked(TOKEN));
    desk.answers(CANCEL, answer(204, ""));
    desk.is_idle();
}

#[test]
fn a_poll_of_another_login_is_not_dropped() {
    let mut desk = waiting_desk();
    desk.polls(2);
    desk.cancels(1);
    assert!(desk.is_asked(TOKEN));
}

#[test]
fn a_token_is_checked_with_keys_that_are_fetched_once() {
    let mut desk = waiting_desk();
    desk.polls(1);
    desk.answers(TOKEN, tokens(&desk, 1, "one"));
    desk.answers(JWKS, keys(&["one"]));
    assert!(matches!(desk.news(), News::Granted(granted) if granted.identity.sub == "s"));
    desk.comes_to_wait(2);
    desk.polls(2);
    desk.answers(TOKEN, tokens(&desk, 2, "one"));
    assert!(matches!(desk.news(), News::Granted(_)));
    desk.is_idle();
}

#[test]
fn a_token_for_the_text_of_another_login_is_not_trusted() {
    let mut desk = waiting_desk();
    desk.polls(1);
    desk.answers(TOKEN, tokens(&desk, 2, "one"));
    desk.answers(JWKS, keys(&["one"]));
    assert!(matches!(desk.news(), News::Untrusted(Untrusted::ReferenceText)));
}

#[test]
fn a_token_for_another_person_than_the_one_who_was_asked_is_not_trusted() {
    let mut desk = desk();
    desk.starts_for(1, crate::ciba::Hint::Uuid("8a9856e0-f12d-4217-b320-c8a076be9320".into()));
    desk.answers(DISCOVERY, discovery());
    desk.answers(START, acknowledged(1));
    desk.news();
    desk.polls(1);
    desk.answers(TOKEN, tokens(&desk, 1, "one"));
    desk.answers(JWKS, keys(&["one"]));
    assert!(matches!(desk.news(), News::Untrusted(Untrusted::Uuid)));
}

#[test]
fn a_token_after_another_login_has_begun_cannot_be_checked() {
    let mut desk = waiting_desk();
    desk.polls(1);
    desk.starts(2);
    desk.answers(TOKEN, tokens(&desk, 1, "one"));
    desk.answers(JWKS, keys(&["one"]));
    assert!(matches!(desk.news(), News::Unverifiable(_)));
}

#[test]
fn a_token_whose_keys_come_after_the_cancel_is_nobodys() {
    let mut desk = waiting_desk();
    desk.polls(1);
    desk.answers(TOKEN, tokens(&desk, 1, "one"));
    desk.cancels(1);
    desk.answers(JWKS, keys(&["one"]));
    desk.answers(CANCEL, answer(409, ""));
    desk.is_idle();
}

#[test]
fn a_token_that_is_signed_with_the_clients_secret_needs_no_keys() {
    let mut desk = Desk::with(Settings { id_token_alg: Algorithm::Hs256, ..settings(assertion()) });
    desk.comes_to_wait(1);
    desk.polls(1);
    desk.answers(TOKEN, tokens(&desk, 1, "one"));
    assert!(matches!(desk.news(), News::Untrusted(Untrusted::WrongAlgorithm)));
    desk.is_idle();
}

#[test]
fn a_token_that_waited_for_the_poll_is_as_good_as_a_fresh_one() {
    let mut desk = waiting_desk();
    desk.passes(secs(10));
    let made = tokens(&desk, 1, "one");
    desk.passes(secs(200));
    desk.polls(1);
    desk.answers(TOKEN, made);
    desk.answers(JWKS, keys(&["one"]));
    assert!(matches!(desk.news(), News::Granted(_)));
}
