//! Rows 47 and 48 of the fault matrix: the keys that tokens are checked with.

use super::*;

/// A desk that knows the key `one`, with a login that waits for its second poll.
fn desk_with_keys() -> Desk {
    let mut desk = waiting_desk();
    desk.polls(1);
    desk.answers(TOKEN, tokens(&desk, 1, "one"));
    desk.answers(JWKS, keys(&["one"]));
    assert!(matches!(desk.news(), News::Granted(_)));
    desk
}

/// Another login comes to its tokens, under the name of this key.
fn next(desk: &mut Desk, attempt: u64, kid: &str) {
    desk.comes_to_wait(attempt);
    desk.polls(attempt);
    desk.answers(TOKEN, tokens(desk, attempt, kid));
}

#[test]
fn row_47_keys_that_are_known_are_enough_while_the_others_are_away() {
    let mut desk = desk_with_keys();
    desk.passes(secs(3000));
    next(&mut desk, 2, "one");
    assert!(matches!(desk.news(), News::Granted(_)));
    desk.is_idle();

    desk.passes(secs(3600));
    next(&mut desk, 3, "one");
    for _ in 0..2 {
        desk.hangs(JWKS);
        desk.waits();
    }
    desk.hangs(JWKS);
    assert!(matches!(desk.news(), News::Granted(_)), "old keys are looked for anew, and do if nothing comes");
}

#[test]
fn row_48_a_key_that_was_withdrawn_an_hour_ago_is_believed_no_longer() {
    let mut desk = desk_with_keys();
    desk.passes(secs(3600));
    next(&mut desk, 2, "one");
    desk.answers(JWKS, keys(&["two"]));
    assert!(matches!(desk.news(), News::Untrusted(Untrusted::UnknownKey)));
}

#[test]
fn row_47_keys_are_tried_for_three_times_within_ten_seconds_and_then_the_outcome_is_unknown() {
    for hangs in [[true, true, true], [false, true, true], [false, false, false]] {
        let mut desk = waiting_desk();
        desk.polls(1);
        desk.answers(TOKEN, tokens(&desk, 1, "one"));
        let began = desk.uptime;
        for (at, hangs) in hangs.into_iter().enumerate() {
            match hangs {
                true => desk.hangs(JWKS),
                false => desk.answers(JWKS, answer(503, "later")),
            }
            if at < 2 {
                desk.waits();
            }
        }
        assert!(matches!(desk.news(), News::Unverifiable(_)));
        assert!(desk.uptime - began <= secs(10), "{:?}", desk.uptime - began);
        desk.is_idle();
    }
}

#[test]
fn row_47_each_try_has_time_enough() {
    let mut desk = waiting_desk();
    desk.polls(1);
    desk.answers(TOKEN, tokens(&desk, 1, "one"));
    for _ in 0..2 {
        assert!(desk.under_way_to(JWKS).2 > millis(2500));
        desk.hangs(JWKS);
        desk.waits();
    }
    assert!(desk.under_way_to(JWKS).2 > millis(2500));
}

#[test]
fn row_47_a_token_waits_in_memory_for_keys_that_come_at_the_third_try() {
    let mut desk = waiting_desk();
    desk.polls(1);
    desk.answers(TOKEN, tokens(&desk, 1, "one"));
    desk.fails(JWKS, Stage::NotSent);
    desk.waits();
    desk.hangs(JWKS);
    desk.waits();
    desk.answers(JWKS, keys(&["one"]));
    assert!(matches!(desk.news(), News::Granted(_)));
    desk.is_idle();
}

#[test]
fn row_47_a_new_key_whose_set_does_not_come_leaves_the_outcome_unknown_and_not_refused() {
    let mut desk = desk_with_keys();
    for attempt in [2, 3] {
        next(&mut desk, attempt, "two");
        for _ in 0..2 {
            desk.fails(JWKS, Stage::NotSent);
            desk.waits();
        }
        desk.fails(JWKS, Stage::NotSent);
        assert!(matches!(desk.news(), News::Unverifiable(_)), "{attempt}");
    }
    next(&mut desk, 4, "two");
    desk.answers(JWKS, keys(&["one", "two"]));
    assert!(matches!(desk.news(), News::Granted(_)), "what did not come is asked for again");
}

#[test]
fn row_48_a_key_that_is_new_costs_one_more_look_and_is_taken() {
    let mut desk = desk_with_keys();
    next(&mut desk, 2, "two");
    desk.answers(JWKS, keys(&["one", "two"]));
    assert!(matches!(desk.news(), News::Granted(_)));
    desk.is_idle();
}

#[test]
fn row_48_a_hundred_names_of_keys_that_are_nowhere_cost_two_looks_in_five_minutes() {
    let mut desk = waiting_desk();
    let (mut looks, began) = (0, desk.uptime);
    for attempt in 1..=100 {
        if attempt > 1 {
            desk.comes_to_wait(attempt);
        }
        desk.polls(attempt);
        desk.answers(TOKEN, tokens(&desk, attempt, &format!("nobodys-{attempt}")));
        if desk.is_asked(JWKS) {
            looks += 1;
            desk.answers(JWKS, keys(&["one"]));
        }
        assert!(matches!(desk.news(), News::Untrusted(Untrusted::UnknownKey)));
        desk.is_idle();
        desk.passes(millis(2900));
    }
    assert!(desk.uptime - began < secs(300));
    assert_eq!(looks, 2);
    desk.passes(secs(300));
    next(&mut desk, 101, "nobodys");
    assert!(desk.is_asked(JWKS), "after five minutes one more");
}
