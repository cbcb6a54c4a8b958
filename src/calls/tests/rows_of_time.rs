//! Rows 18 to 25 and 33 of the fault matrix: clocks.

use super::*;

const HOUR: i64 = 3600;

/// Asks, and lets the broker approve after 20 s; the poll gets its tokens.
fn approves(desk: &mut Desk) -> News {
    desk.passes(secs(20));
    desk.polls(1);
    desk.answers(TOKEN, tokens(desk, 1, "one"));
    desk.answers(JWKS, keys(&["one"]));
    desk.news()
}

const EXPIRED: Why = Why::Tls(Unsafe::Expired);
const NOT_YET_VALID: Why = Why::Tls(Unsafe::NotYetValid);

fn wrong_by(seconds: i64) -> Desk {
    Desk { wrong_by: seconds, ..desk() }
}

fn refused_for(why: &Why, clock: i64) -> (NotStarted, Vec<Notice>) {
    let mut desk = wrong_by(clock);
    desk.starts(1);
    for _ in 0..2 {
        desk.fails_for(DISCOVERY, Stage::NotSent, why.clone());
        desk.waits();
    }
    desk.fails_for(DISCOVERY, Stage::NotSent, why.clone());
    let not_started = desk.not_started();
    desk.is_idle();
    (not_started, desk.notes)
}

#[test]
fn row_18_an_expired_certificate_under_a_right_clock_is_told_as_such() {
    let (why, notes) = refused_for(&EXPIRED, 0);
    assert_eq!(why, NotStarted::NotSent(Cause::words("tls: the certificate has expired")));
    assert_eq!(notes, [Notice::Tls("the certificate has expired".into())], "told once");
}

#[test]
fn row_18_a_certificate_that_expires_again_is_told_again() {
    let mut desk = waiting_desk();
    for _ in 0..2 {
        for _ in 0..2 {
            desk.polls(1);
            desk.fails_for(TOKEN, Stage::NotSent, EXPIRED);
        }
        desk.polls(1);
        desk.answers(TOKEN, error("authorization_pending"));
    }
    let told = Notice::Tls("the certificate has expired".into());
    assert_eq!(desk.notes, [told.clone(), told], "once for each time that the connection was not safe");
}

#[test]
fn row_19_a_certificate_that_a_clock_of_1970_cannot_judge_is_told_as_the_clock() {
    for tls in [EXPIRED, NOT_YET_VALID] {
        let (why, notes) = refused_for(&tls, -(TODAY as i64));
        assert_eq!(why, NotStarted::NotSent(Cause::code("clock")), "{tls}");
        assert_eq!(notes.len(), 1);
    }
    let (why, _) = refused_for(&NOT_YET_VALID, -HOUR);
    assert_eq!(why, NotStarted::NotSent(Cause::code("clock")));
}

#[test]
fn row_19_a_clock_of_1970_rests_nobody() {
    let mut desk = wrong_by(-(TODAY as i64));
    for attempt in 1..=4 {
        desk.starts(attempt);
        for last in [false, false, true] {
            desk.fails_for(DISCOVERY, Stage::NotSent, NOT_YET_VALID);
            if !last {
                desk.waits();
            }
        }
        assert_eq!(desk.not_started(), NotStarted::NotSent(Cause::code("clock")));
    }
    desk.wrong_by = 0;
    desk.starts(5);
    assert!(desk.is_asked(DISCOVERY), "the clock is right, so the broker is asked");
}

#[test]
fn row_20_a_clock_that_is_an_hour_wrong_gives_way_to_the_brokers_and_is_told_once() {
    for clock in [HOUR, -HOUR, -(TODAY as i64)] {
        let mut desk = wrong_by(clock);
        desk.comes_to_wait(1);
        assert!(matches!(approves(&mut desk), News::Granted(_)), "{clock}");
        assert_eq!(desk.notes, [Notice::ClockWrong { ahead: clock }]);
    }
}

#[test]
fn row_20_a_clock_within_the_leeway_is_not_told() {
    for clock in [0, 59, -59] {
        let mut desk = wrong_by(clock);
        desk.comes_to_wait(1);
        assert!(matches!(approves(&mut desk), News::Granted(_)), "{clock}");
        assert_eq!(desk.notes, []);
    }
}

#[test]
fn row_20_an_error_of_another_size_is_told_again() {
    let mut desk = wrong_by(HOUR);
    desk.comes_to_wait(1);
    for clock in [HOUR + 30, 0, HOUR, 2 * HOUR, 2 * HOUR] {
        desk.wrong_by = clock;
        desk.polls(1);
        desk.answers(TOKEN, error("authorization_pending"));
    }
    assert_eq!(desk.notes, [Notice::ClockWrong { ahead: HOUR }, Notice::ClockWrong { ahead: 2 * HOUR }]);
}

#[test]
fn row_20_an_assertion_is_dated_by_the_broker_when_our_clock_is_wrong() {
    for (clock, expected) in [(-HOUR, TODAY), (30, TODAY + 30), (-(TODAY as i64), TODAY)] {
        let mut desk = Desk { wrong_by: clock, ..Desk::with(settings(assertion())) };
        desk.starts(1);
        desk.answers(DISCOVERY, discovery());
        assert_eq!(assertion_in(&desk.sent(START).1)["iat"], expected, "{clock}");
    }
}

#[test]
fn row_20_a_date_that_no_true_clock_shows_is_passed_over() {
    let mut desk = desk();
    desk.starts(1);
    let long_ago = Some(date_of(BUILT - 1));
    desk.answers(DISCOVERY, Reply { date: long_ago, ..discovery() });
    desk.answers(START, acknowledged(1));
    desk.news();
    assert!(matches!(approves(&mut desk), News::Granted(_)));
    assert_eq!(desk.notes, []);
}

#[test]
fn row_21_a_token_that_only_an_unwitnessed_clock_refuses_is_the_clocks_fault() {
    for clock in [HOUR, -HOUR, -(TODAY as i64)] {
        let mut desk = Desk { dated: false, ..wrong_by(clock) };
        desk.comes_to_wait(1);
        assert!(matches!(approves(&mut desk), News::Untimely(_)), "{clock}");
        desk.is_idle();
    }
}

#[test]
fn row_21_a_witnessed_clock_refuses_what_is_expired_or_early_or_stale() {
    type Bend = fn(&mut serde_json::Value);
    let wrong: [(Bend, Untrusted); 3] = [
        (|claims| claims["exp"] = (TODAY - 100).into(), Untrusted::Expired),
        (|claims| claims["iat"] = (TODAY + 900).into(), Untrusted::NotYetValid),
        (|claims| claims["iat"] = (TODAY - 7 * 86_400).into(), Untrusted::Stale),
    ];
    for clock in [0, HOUR] {
        for (bend, clause) in wrong {
            let mut desk = wrong_by(clock);
            desk.comes_to_wait(1);
            desk.polls(1);
            desk.answers(TOKEN, tokens_with(&desk, 1, "one", bend));
            desk.answers(JWKS, keys(&["one"]));
            assert!(matches!(desk.news(), News::Untrusted(found) if found == clause), "{clause}");
        }
    }
}

#[test]
fn row_21_a_wrong_clock_excuses_no_other_clause() {
    let mut desk = Desk { dated: false, ..wrong_by(HOUR) };
    desk.comes_to_wait(1);
    desk.polls(1);
    desk.answers(TOKEN, tokens_with(&desk, 1, "one", |claims| claims["ciba_nonce"] = "another".into()));
    desk.answers(JWKS, keys(&["one"]));
    assert!(matches!(desk.news(), News::Untrusted(Untrusted::CibaNonce)));
}

#[test]
fn row_22_a_clock_that_is_set_in_the_middle_of_a_login_changes_nothing() {
    for (before, after) in [(0, 86_400), (0, -86_400), (-(TODAY as i64), 0), (HOUR, 0)] {
        for dated in [true, false] {
            let mut desk = Desk { dated, ..wrong_by(before) };
            desk.comes_to_wait(1);
            desk.wrong_by = after;
            let news = approves(&mut desk);
            let granted = matches!(news, News::Granted(_));
            assert!(granted || !dated && after != 0, "{before} {after} {dated} {news:?}");
        }
    }
}

#[test]
fn row_23_a_proof_of_the_wrong_time_is_made_anew_once_when_the_answer_tells_the_time() {
    for code in ["invalid_client", "expired_token"] {
        let mut desk = Desk { wrong_by: -HOUR, dated: false, ..Desk::with(settings(assertion())) };
        desk.starts(1);
        desk.answers(DISCOVERY, discovery());
        assert_eq!(assertion_in(&desk.under_way_to(START).1)["iat"], TODAY - 3600);
        desk.dated = true;
        desk.answers(START, error(code));
        assert_eq!(assertion_in(&desk.under_way_to(START).1)["iat"], TODAY);
        desk.answers(START, error(code));
        assert_eq!(desk.not_started(), NotStarted::Refused { error: code.into() });
        desk.is_idle();
    }
}

#[test]
fn row_23_no_proof_is_made_anew_for_a_login_that_was_given_up() {
    let mut desk = Desk { wrong_by: -HOUR, dated: false, ..Desk::with(settings(assertion())) };
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    desk.gives_up(1);
    desk.dated = true;
    desk.answers(START, error("invalid_client"));
    assert!(matches!(desk.not_started(), NotStarted::Refused { .. }));
    desk.is_idle();
}

#[test]
fn row_23_a_broker_that_changes_its_mind_about_the_time_gets_no_third_start() {
    let mut desk = Desk::with(settings(assertion()));
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    for hours in [1, 2] {
        let date = Some(date_of(desk.true_unix() + 3600 * hours));
        desk.answers(START, Reply { date, ..error("invalid_client") });
    }
    assert_eq!(desk.not_started(), NotStarted::Refused { error: "invalid_client".into() });
    desk.is_idle();
}

#[test]
fn row_23_a_proof_that_was_made_after_the_clock_was_set_is_not_made_anew() {
    let mut desk = Desk { wrong_by: -HOUR, dated: false, ..Desk::with(settings(assertion())) };
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    desk.fails(START, Stage::NotSent);
    desk.wrong_by = 0;
    desk.waits();
    desk.answers(START, error("invalid_client"));
    assert_eq!(desk.not_started(), NotStarted::Refused { error: "invalid_client".into() });
    desk.is_idle();
}

#[test]
fn row_23_a_proof_of_the_right_time_is_not_made_anew() {
    let mut desk = Desk::with(settings(assertion()));
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    desk.passes(secs(15));
    desk.answers(START, error("invalid_client"));
    assert_eq!(desk.not_started(), NotStarted::Refused { error: "invalid_client".into() });
    desk.is_idle();
}

#[test]
fn row_23_a_secret_is_not_sent_again_whatever_the_time() {
    let mut desk = Desk { dated: false, ..wrong_by(-HOUR) };
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    desk.dated = true;
    desk.answers(START, error("invalid_client"));
    assert_eq!(desk.not_started(), NotStarted::Refused { error: "invalid_client".into() });
    desk.is_idle();
}

#[test]
fn row_23_without_any_right_time_it_is_the_clocks_fault() {
    let lost = Desk { wrong_by: -(TODAY as i64), dated: false, ..Desk::with(settings(assertion())) };
    let mut desk = lost;
    desk.starts(1);
    desk.answers(DISCOVERY, discovery());
    desk.answers(START, error("invalid_client"));
    assert_eq!(desk.not_started(), NotStarted::NotSent(Cause::code("clock")));
    desk.is_idle();
}

#[test]
fn row_24_the_brokers_time_goes_on_while_the_machine_sleeps() {
    let mut desk = Desk { wrong_by: HOUR, ..Desk::with(settings(assertion())) };
    desk.comes_to_wait(1);
    desk.passes(secs(10));
    desk.polls(1);
    assert_eq!(assertion_in(&desk.sent(TOKEN).1)["iat"], TODAY + 10);
}

#[test]
fn row_33_a_date_to_retry_after_is_measured_from_the_brokers_own_date() {
    for clock in [0, HOUR, -(TODAY as i64)] {
        let mut desk = wrong_by(clock);
        desk.comes_to_wait(1);
        desk.polls(1);
        let then = Some(date_of(desk.true_unix() + 20));
        desk.answers(TOKEN, Reply { retry_after: then, ..answer(503, "later") });
        let expected = Pause { retry_after: Some(secs(20)), interval: None };
        assert!(matches!(desk.news(), News::Heard(Answer::Busy(pause)) if pause == expected));
    }
}
