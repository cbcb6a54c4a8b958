//! What may be on a phone is remembered until it is over, and nothing longer.

use super::*;

#[test]
fn what_is_on_a_phone_is_kept_until_it_is_over() {
    let mut desk = waiting_desk();
    assert_eq!(desk.kept, [id(1)]);
    assert!(!desk.calls.is_idle());
    desk.ends(2);
    assert_eq!(desk.kept, [id(1)]);
    desk.ends(1);
    assert_eq!(desk.kept, []);
    assert!(desk.calls.is_idle() && desk.calls.asked.is_none(), "nothing of the login is known any more");
}

#[test]
fn a_poll_that_is_under_way_at_the_end_is_dropped() {
    let mut desk = waiting_desk();
    desk.polls(1);
    desk.ends(1);
    desk.is_idle();
    assert!(desk.calls.is_idle());
}

#[test]
fn what_is_cancelled_is_kept_until_the_broker_has_heard_it() {
    let mut desk = waiting_desk();
    desk.cancels(1);
    desk.ends(1);
    desk.fails(CANCEL, Stage::NoAnswer);
    desk.waits();
    assert_eq!(desk.kept, [id(1)]);
    assert!(!desk.calls.is_idle());
    desk.answers(CANCEL, answer(404, ""));
    assert_eq!(desk.kept, []);
    assert!(desk.calls.is_idle());
}

#[test]
fn a_cancel_that_never_arrives_is_forgotten_when_the_login_is_over_anyway() {
    let mut desk = waiting_desk();
    desk.cancels(1);
    desk.fails(CANCEL, Stage::NoAnswer);
    desk.passes(secs(600));
    desk.waits();
    assert_eq!(desk.kept, [], "the machine slept");
    desk.is_idle();

    let mut desk = waiting_desk();
    desk.cancels(1);
    while desk.calls.has_obligations() {
        assert_eq!(desk.kept, [id(1)]);
        desk.fails(CANCEL, Stage::NoAnswer);
        if desk.calls.has_obligations() {
            desk.waits();
        }
    }
    assert_eq!(desk.kept, []);
}

#[test]
fn what_nobody_can_speak_for_any_more_is_cancelled_once() {
    let mut desk = waiting_desk();
    desk.polls(1);
    desk.abandons();
    assert!(!desk.is_asked(TOKEN));
    assert_eq!(desk.kept, [id(1)]);
    desk.abandons();
    desk.answers(CANCEL, answer(204, ""));
    desk.is_idle();
    assert_eq!(desk.kept, []);
    desk.abandons();
    desk.is_idle();
}

#[test]
fn what_is_cancelled_already_is_not_cancelled_again() {
    let mut desk = waiting_desk();
    desk.cancels(1);
    desk.abandons();
    desk.answers(CANCEL, answer(204, ""));
    desk.is_idle();
}

#[test]
fn a_start_that_is_on_its_way_is_cancelled_when_it_is_acknowledged() {
    let mut desk = desk();
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    desk.abandons();
    assert!(desk.calls.has_obligations());
    desk.answers(START, acknowledged(1));
    assert_eq!(desk.kept, [id(1)], "whoever is killed now has left something behind");
    desk.answers(CANCEL, answer(204, ""));
    assert_eq!(desk.kept, []);
    desk.is_idle();
}

#[test]
fn row_57_what_an_earlier_process_left_behind_is_cancelled_beside_a_login() {
    let mut desk = desk();
    desk.takes_back(vec![id(1)]);
    assert!(!desk.calls.is_idle());
    desk.starts(2);
    desk.answers(DISCOVERY, discovery());
    desk.answers(START, acknowledged(2));
    assert!(matches!(desk.news(), News::Acknowledged(_)), "the login does not wait for the cancel");
    desk.kept.push(id(1));
    desk.answers(CANCEL, answer(204, ""));
    assert_eq!(desk.kept, [id(2)]);
}

#[test]
fn a_departing_process_waits_for_its_own_cancels_and_leaves_older_ones_to_the_next() {
    let mut desk = desk();
    desk.kept.push(id(1));
    desk.takes_back(vec![id(1)]);
    assert!(!desk.calls.has_obligations(), "nothing of its own is under way");
    desk.answers(DISCOVERY, discovery());
    desk.fails(CANCEL, Stage::NoAnswer);
    assert!(!desk.calls.has_obligations() && !desk.calls.is_idle());
    assert_eq!(desk.kept, [id(1)], "whoever comes next finds it");

    desk.starts(2);
    desk.answers(START, acknowledged(2));
    desk.abandons();
    assert!(desk.calls.has_obligations());
}

#[test]
fn nothing_is_kept_where_the_provider_has_no_cancel() {
    let mut desk = Desk::with(Settings { profile: Profile::Ciba, ..settings(secret()) });
    desk.comes_to_wait(1);
    assert_eq!(desk.kept, []);
    desk.kept.push(id(2));
    desk.takes_back(vec![id(2)]);
    assert_eq!(desk.kept, []);
    desk.ends(1);
    desk.is_idle();
}
