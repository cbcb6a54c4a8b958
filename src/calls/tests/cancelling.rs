//! A cancel goes on until the broker has heard it.

use super::*;

#[test]
fn a_cancel_is_repeated_at_growing_distances_until_the_login_would_be_over() {
    let mut desk = waiting_desk();
    desk.cancels(1);
    let (began, mut pauses) = (desk.uptime, Vec::new());
    while desk.calls.has_obligations() {
        assert_eq!(desk.under_way_to(CANCEL).2, secs(5));
        match pauses.len() % 2 {
            0 => desk.fails(CANCEL, Stage::NoAnswer),
            _ => desk.answers(CANCEL, answer(503, "later")),
        }
        if desk.calls.has_obligations() {
            pauses.push(desk.waits().as_secs());
        }
    }
    assert_eq!(pauses[..6], [1, 2, 4, 8, 16, 30]);
    assert!(pauses[6..].iter().all(|pause| *pause == 30));
    assert!(desk.uptime - began < secs(600) && desk.uptime - began >= secs(560));
    desk.is_idle();
}

#[test]
fn a_refusal_of_a_cancel_is_final() {
    for status in [200, 204, 400, 404, 409] {
        let mut desk = waiting_desk();
        desk.cancels(1);
        desk.answers(CANCEL, answer(status, ""));
        desk.is_idle();
    }
}

#[test]
fn a_cancel_waits_for_a_broker_that_cannot_be_found_at_first() {
    let mut desk = desk();
    desk.cancels(1);
    for pause in [1, 2] {
        for last in [false, false, true] {
            desk.fails(DISCOVERY, Stage::NotSent);
            assert_eq!(desk.waits() == secs(pause), last);
        }
    }
    desk.answers(DISCOVERY, discovery());
    desk.answers(CANCEL, answer(204, ""));
    desk.is_idle();
}

#[test]
fn row_36_and_37_a_login_whose_acknowledgement_cannot_be_used_is_cancelled() {
    for members in ["", r#","expires_in":0"#, r#","expires_in":300,"interval":301"#] {
        let mut desk = desk();
        desk.starts(1);
        desk.answers(DISCOVERY, discovery());
        desk.answers(START, answer(200, &format!(r#"{{"auth_req_id":"id-1"{members}}}"#)));
        assert!(matches!(desk.not_started(), NotStarted::Malformed { .. }));
        assert_eq!(desk.kept, [id(1)]);
        desk.answers(CANCEL, answer(204, ""));
        assert_eq!(desk.kept, []);
        desk.is_idle();
    }
}

#[test]
fn where_there_is_no_cancel_nothing_is_sent() {
    let mut desk = Desk::with(Settings { profile: Profile::Ciba, ..settings(secret()) });
    desk.comes_to_wait(1);
    desk.cancels(1);
    desk.is_idle();
}

#[test]
fn row_25_a_cancel_that_slept_past_the_end_of_the_login_is_not_repeated() {
    let mut desk = waiting_desk();
    desk.cancels(1);
    desk.fails(CANCEL, Stage::NoAnswer);
    desk.passes(secs(3600));
    desk.waits();
    desk.is_idle();
}
