//! Rows 31 and 46 of the fault matrix: a broker that is busy or away.

use super::*;

/// A start that reaches nobody.
fn fails_to_start(desk: &mut Desk, attempt: u64) -> NotStarted {
    desk.starts(attempt);
    for last in [false, false, true] {
        desk.fails_for(DISCOVERY, Stage::NotSent, Why::network("connection refused"));
        if !last {
            desk.waits();
        }
    }
    desk.not_started()
}

fn away() -> NotStarted {
    NotStarted::NotSent(Cause::words("connection refused"))
}

/// A desk whose last three starts reached nobody.
fn resting_desk() -> Desk {
    let mut desk = desk();
    for attempt in 1..=3 {
        assert_eq!(fails_to_start(&mut desk, attempt), away());
    }
    desk
}

#[test]
fn row_31_a_busy_broker_says_how_long_to_wait() {
    for (status, retry_after, expected) in [
        (429, Some("20".to_owned()), Some(secs(20))),
        (503, Some(date_of(TODAY + 45)), Some(secs(45))),
        (429, None, None),
        (500, Some("soon".to_owned()), None),
    ] {
        let mut desk = desk();
        desk.starts(1);
        desk.answers(DISCOVERY, discovery());
        desk.answers(START, Reply { retry_after, ..answer(status, "<html>") });
        assert_eq!(desk.not_started(), NotStarted::Busy { status, retry_after: expected });
        desk.is_idle();
    }
}

#[test]
fn row_46_after_three_starts_that_reached_nobody_the_next_is_answered_at_once() {
    let mut desk = resting_desk();
    for attempt in 4..=6 {
        desk.passes(secs(9));
        desk.starts(attempt);
        assert_eq!(desk.not_started(), away());
        desk.is_idle();
    }
}

#[test]
fn row_46_two_are_not_three() {
    let mut desk = desk();
    for attempt in 1..=2 {
        fails_to_start(&mut desk, attempt);
    }
    desk.starts(3);
    assert!(desk.is_asked(DISCOVERY));
}

#[test]
fn row_46_after_thirty_seconds_one_start_is_the_probe() {
    let mut desk = resting_desk();
    for attempt in [4, 6] {
        desk.passes(secs(30));
        assert_eq!(fails_to_start(&mut desk, attempt), away(), "tried in earnest");
        desk.starts(attempt + 1);
        assert_eq!(desk.not_started(), away());
        desk.is_idle();
    }
    desk.passes(secs(30));
    desk.comes_to_wait(8);
    desk.comes_to_wait(9);
}

#[test]
fn row_46_any_answer_ends_the_rest() {
    let mut desk = resting_desk();
    desk.cancels(1);
    desk.answers(DISCOVERY, discovery());
    desk.starts(4);
    assert!(desk.is_asked(START));
}

#[test]
fn row_46_a_start_that_got_no_answer_counts_and_one_that_was_refused_does_not() {
    let mut desk = waiting_desk();
    for attempt in 2..=4 {
        desk.starts(attempt);
        desk.fails(START, Stage::NoAnswer);
        assert!(matches!(desk.not_started(), NotStarted::MaybeSent(_)));
    }
    desk.starts(5);
    assert!(matches!(desk.not_started(), NotStarted::NotSent(_)));
    desk.is_idle();

    let mut desk = waiting_desk();
    for attempt in 2..=9 {
        desk.starts(attempt);
        desk.answers(START, error("unknown_user_id"));
        assert!(matches!(desk.not_started(), NotStarted::Refused { .. }));
    }
}

#[test]
fn row_46_polls_that_reach_nobody_keep_no_start_back() {
    let mut desk = waiting_desk();
    for _ in 0..9 {
        desk.polls(1);
        desk.fails(TOKEN, Stage::NotSent);
        desk.news();
    }
    desk.starts(2);
    assert!(desk.is_asked(START));
}
