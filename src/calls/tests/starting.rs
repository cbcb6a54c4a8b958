//! The start of a login, and what becomes of it when it is given up.

use super::*;

#[test]
fn a_start_discovers_asks_and_tells_the_acknowledgement() {
    let mut desk = desk();
    desk.starts(1);
    assert!(desk.calls.has_obligations());
    desk.answers(DISCOVERY, discovery());
    let (_, _, within) = desk.under_way_to(START);
    assert_eq!(within, secs(15));
    desk.answers(START, acknowledged(1));
    let News::Acknowledged(ack) = desk.news() else { panic!("no acknowledgement") };
    assert_eq!((ack.auth_req_id, ack.interval), (id(1), secs(5)));
    desk.is_idle();
}

#[test]
fn the_second_start_needs_no_discovery() {
    let mut desk = waiting_desk();
    desk.starts(2);
    assert!(!desk.is_asked(DISCOVERY) && desk.is_asked(START));
}

#[test]
fn the_address_towards_the_broker_goes_along_if_there_is_one() {
    for (address, expected) in [(Some("192.0.2.44"), true), (None, false)] {
        let mut desk = Desk::with(Settings { ip: Ip::Auto, ..settings(secret()) });
        desk.starts(1);
        desk.answers(DISCOVERY, discovery());
        desk.is_at(address);
        let (_, call, _) = desk.sent(START);
        assert_eq!(call.form.unwrap().expose().contains("192.0.2.44"), expected);
    }
}

#[test]
fn a_discovery_that_fails_is_tried_three_times_and_then_nothing_was_sent() {
    let mut desk = desk();
    desk.starts(1);
    desk.fails(DISCOVERY, Stage::NoAnswer);
    assert_eq!(desk.waits(), millis(500));
    desk.answers(DISCOVERY, answer(503, "later"));
    assert_eq!(desk.waits(), millis(1500));
    desk.answers(DISCOVERY, answer(502, "later"));
    assert_eq!(desk.not_started(), NotStarted::NotSent(Cause::status(502)));
    desk.is_idle();
}

#[test]
fn a_discovery_that_breaks_the_protocol_is_not_tried_again_and_the_operator_is_told() {
    let mut desk = desk();
    desk.starts(1);
    desk.answers(DISCOVERY, answer(200, "<html>"));
    let clause = "discovery is not one JSON object";
    assert_eq!(desk.not_started(), NotStarted::NotSent(Cause::Malformed(clause)));
    assert!(matches!(desk.notes.as_slice(), [Notice::Contract(_)]), "{:?}", desk.notes);
    desk.is_idle();
}

#[test]
fn a_start_is_repeated_only_while_it_certainly_was_not_sent() {
    let mut desk = desk();
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    desk.fails(START, Stage::NotSent);
    assert_eq!(desk.waits(), millis(500));
    desk.fails(START, Stage::NotSent);
    assert_eq!(desk.waits(), millis(1500));
    desk.fails(START, Stage::NotSent);
    assert_eq!(desk.not_started(), NotStarted::NotSent(Cause::words("connection reset")));
    desk.is_idle();
    for stage in [Stage::NoAnswer, Stage::BrokenBody { status: 200 }] {
        desk.starts(2);
        desk.fails(START, stage);
        assert_eq!(desk.not_started(), NotStarted::MaybeSent(Cause::words("connection reset")));
        desk.is_idle();
    }
}

/// A network that swallows everything is not tried for half a minute while somebody looks at the screen.
#[test]
fn row_03_a_try_that_took_long_is_the_last() {
    let timeout = || NotStarted::NotSent(Cause::words("timeout"));
    let mut desk = desk();
    desk.starts(1);
    desk.passes(secs(10));
    desk.fails_for(DISCOVERY, Stage::NotSent, Why::Timeout);
    assert_eq!(desk.not_started(), timeout());
    desk.is_idle();

    desk.starts(2);
    desk.answers(DISCOVERY, discovery());
    desk.passes(secs(10));
    desk.fails_for(START, Stage::NotSent, Why::Timeout);
    assert_eq!(desk.not_started(), timeout());
    desk.is_idle();
}

#[test]
fn a_broker_that_says_no_is_not_asked_twice() {
    let mut desk = desk();
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    desk.answers(START, error("unknown_user_id"));
    assert_eq!(desk.not_started(), NotStarted::Refused { error: "unknown_user_id".into() });
    desk.is_idle();
}

#[test]
fn a_start_that_is_given_up_before_it_left_ends_at_once() {
    let mut desk = Desk::with(Settings { ip: Ip::Auto, ..settings(secret()) });
    let given_up = |desk: &mut Desk, attempt| {
        desk.gives_up(attempt);
        assert_eq!(desk.not_started(), NotStarted::NotSent(Cause::words("cancelled")));
        assert!(!desk.calls.has_obligations());
    };
    desk.starts(1);
    given_up(&mut desk, 1);
    desk.answers(DISCOVERY, discovery());
    desk.is_idle();
    desk.starts(2);
    given_up(&mut desk, 2);
    desk.is_idle();
    desk.starts(3);
    desk.is_at(None);
    desk.fails(START, Stage::NotSent);
    given_up(&mut desk, 3);
    desk.is_idle();
}

#[test]
fn a_start_that_is_given_up_on_its_way_is_cancelled_when_it_is_acknowledged_and_not_told() {
    let mut desk = desk();
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    desk.gives_up(1);
    assert!(desk.calls.has_obligations());
    desk.answers(START, acknowledged(1));
    assert!(desk.calls.has_obligations());
    desk.answers(CANCEL, answer(204, ""));
    desk.is_idle();
}

#[test]
fn a_start_that_is_given_up_on_its_way_is_not_repeated() {
    let mut desk = desk();
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    desk.gives_up(1);
    desk.fails(START, Stage::NotSent);
    assert!(matches!(desk.not_started(), NotStarted::NotSent(_)));
    desk.is_idle();
}

#[test]
fn whoever_gives_up_and_has_not_heard_of_the_id_cancels_once_all_the_same() {
    let mut desk = waiting_desk();
    desk.gives_up(1);
    assert!(desk.is_asked(CANCEL));
    // The acknowledgement reached the flow in the end.
    desk.cancels(1);
    desk.gives_up(1);
    desk.answers(CANCEL, answer(204, ""));
    desk.is_idle();
}

#[test]
fn two_requests_of_one_instant_have_assertions_of_two_names() {
    let mut desk = Desk::with(settings(assertion()));
    desk.starts(1);
    desk.polls(7);
    desk.answers(DISCOVERY, discovery());
    let names = [START, TOKEN].map(|path| assertion_in(&desk.sent(path).1)["jti"].to_string());
    assert_ne!(names[0], names[1]);
}

#[test]
fn each_try_of_a_start_has_an_assertion_of_its_own() {
    let mut desk = Desk::with(settings(assertion()));
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    let first = assertion_in(&desk.under_way_to(START).1);
    desk.fails(START, Stage::NotSent);
    desk.waits();
    let second = assertion_in(&desk.sent(START).1);
    assert_ne!(first["jti"], second["jti"]);
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    let mut desk = desk();
    desk.hears_late(Task(1), discovery());
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    desk.hears_late(Task(1), discovery());
    desk.hears_late(Task(900), acknowledged(1));
    assert!(desk.is_asked(START));
    desk.answers(START, acknowledged(1));
    assert!(matches!(desk.news(), News::Acknowledged(_)));
    desk.is_idle();
}
