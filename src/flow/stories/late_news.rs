//! What comes too late, or twice, or for somebody else.

use super::*;

#[test]
fn a_start_that_is_answered_after_it_was_given_up_is_cancelled_by_its_id() {
    let given_up =
        || story().comes_with(cpr()).asks_the_broker().presses(Key::Back).drops_the_start().ends(Cancelled);
    given_up().after(secs(3)).hears(acknowledged(secs(5))).cancels().shows(Cancelled);
    given_up()
        .presses(Key::Back)
        .leaves()
        .after(secs(3))
        .hears(acknowledged(secs(5)))
        .cancels()
        .shows(Entering);
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .after(secs(60))
        .drops_the_start()
        .ends(Unknown("no_answer"))
        .hears(acknowledged(secs(5)))
        .cancels()
        .shows(Unknown("no_answer"));
}

#[test]
fn a_start_that_fails_after_it_was_given_up_changes_nothing() {
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .presses(Key::Back)
        .drops_the_start()
        .ends(Cancelled)
        .hears(refused("unknown_user_id"))
        .does_nothing()
        .shows(Cancelled);
}

#[test]
fn row_54_a_token_that_comes_after_the_cancel_is_dropped() {
    waiting()
        .after(secs(5))
        .polls()
        .presses(Key::Back)
        .cancels()
        .ends(Cancelled)
        .after(ms(20))
        .hears(anna())
        .does_nothing()
        .shows(Cancelled);
}

#[test]
fn a_token_that_comes_after_the_deadline_is_dropped() {
    waiting().after(secs(5)).polls().sleeps(secs(400)).hears(anna()).cancels().ends(Expired);
    waiting()
        .after(secs(5))
        .polls()
        .after(ms(294_900))
        .at(secs(300))
        .cancels()
        .ends(Expired)
        .hears(anna())
        .does_nothing()
        .shows(Expired);
}

#[test]
fn an_acknowledgement_after_a_long_sleep_is_cancelled() {
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .sleeps(secs(400))
        .hears(acknowledged(secs(5)))
        .drops_the_start()
        .tells_the_host(Unknown("no_answer"))
        .cancels()
        .shows(Unknown("no_answer"));
}

#[test]
fn late_news_is_ignored() {
    let news: [fn() -> News; 12] = [
        pending,
        slow_down,
        busy,
        silence,
        lost_answer,
        anna,
        || Answer::Denied.into(),
        || Answer::Expired.into(),
        || Answer::InvalidGrant.into(),
        || Untrusted::Issuer.into(),
        || News::Unverifiable(Cause::words("no keys")),
        || refused("access_denied").into(),
    ];
    let second = || {
        waiting()
            .presses(Key::Back)
            .cancels()
            .ends(Cancelled)
            .presses(Key::Ok)
            .comes_with(cpr())
            .asks_the_broker()
    };
    for late in news {
        second()
            .hears_of(1, late())
            .does_nothing()
            .shows(Starting)
            .hears(acknowledged(secs(5)))
            .hears_of(1, late())
            .does_nothing()
            .shows_trouble(false)
            .after(secs(5))
            .polls()
            .hears_of(1, late())
            .does_nothing()
            .hears(pending())
            .hears_of(1, late())
            .after(secs(5))
            .polls()
            .hears(anna())
            .ends(Approved("Anna"))
            .hears_of(1, late())
            .shows(Approved("Anna"));
    }
}

#[test]
fn an_earlier_start_is_cancelled_while_a_new_one_waits() {
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .presses(Key::Back)
        .drops_the_start()
        .ends(Cancelled)
        .presses(Key::Ok)
        .comes_with(cpr())
        .asks_the_broker()
        .hears_of(1, acknowledged(secs(1)))
        .cancels_login(1)
        .shows(Starting)
        .hears(acknowledged(secs(5)))
        .after(secs(5))
        .polls()
        .hears(anna())
        .ends(Approved("Anna"));
}

#[test]
fn an_end_that_is_told_twice_is_reached_once() {
    let asked = || waiting().after(secs(5)).polls();
    asked().hears(anna()).ends(Approved("Anna")).hears(anna()).hears(Answer::Denied).shows(Approved("Anna"));
    asked().hears(Answer::Denied).ends(Rejected).hears(Answer::Denied).hears(anna()).shows(Rejected);
    asked()
        .hears(failed("x"))
        .notes("broker_error")
        .cancels()
        .ends(Unavailable("x"))
        .hears(failed("x"))
        .does_nothing()
        .shows(Unavailable("x"));
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .hears(refused("a"))
        .notes("broker_error")
        .ends(Unavailable("a"))
        .hears(refused("a"))
        .does_nothing()
        .shows(Unavailable("a"));
}

#[test]
fn a_start_that_is_answered_twice_is_one_login() {
    waiting()
        .after(secs(3))
        .hears(acknowledged(secs(60)))
        .does_nothing()
        .hears(refused("x"))
        .does_nothing()
        .after(secs(2))
        .polls()
        .hears(pending());
}

#[test]
fn news_of_a_poll_means_nothing_before_there_is_an_id() {
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .hears(anna())
        .hears(pending())
        .hears(Answer::Denied)
        .does_nothing()
        .shows(Starting);
}

#[test]
fn an_answer_that_comes_twice_is_heard_once() {
    for answer in [slow_down, silence, pending, busy] {
        let once = waiting().after(secs(5)).polls().hears(answer());
        let expected = once.flow.wake_at();
        let twice = once.after(secs(2)).hears(answer()).does_nothing();
        assert_eq!(twice.flow.wake_at(), expected, "{:?}", answer());
    }
}

#[test]
fn an_answer_to_no_question_means_nothing() {
    waiting()
        .after(secs(3))
        .hears(anna())
        .hears(Answer::Denied)
        .hears(Untrusted::Issuer)
        .hears(failed("x"))
        .does_nothing()
        .shows(Waiting)
        .after(secs(2))
        .polls()
        .hears(pending())
        .sleeps(secs(60))
        .hears(Answer::Denied)
        .polls_at_once()
        .shows(Waiting)
        .hears(anna())
        .ends(Approved("Anna"));
}

#[test]
fn a_key_for_a_page_that_time_has_taken_away_does_nothing_to_the_next() {
    let keys = [Key::Ok, Key::Back, Key::Digit(6), Key::Up];
    for key in keys {
        waiting().sleeps(secs(400)).presses(key).cancels().ends(Expired);
        let starting = story().comes_with(cpr()).asks_the_broker();
        starting.sleeps(secs(400)).presses(key).drops_the_start().ends(Unknown("no_answer"));
        let approved = waiting().after(secs(5)).polls().hears(anna()).ends(Approved("Anna"));
        approved.sleeps(secs(60)).presses(key).leaves().shows_typed("").focuses(Cap::Type('5'));
    }
    let blue = waiting().sleeps(secs(400)).presses(Key::Blue).cancels().ends(Expired);
    blue.says(Language::ENGLISH);
    waiting().sleeps(secs(400)).taps(Control::Cancel).cancels().ends(Expired);
    waiting().sleeps(secs(400)).must_leave().cancels().tells_the_host(Expired).leaves().shows(Entering);
}

#[test]
fn a_cancel_that_comes_with_the_time_of_a_poll_asks_no_more() {
    waiting().sleeps(secs(60)).presses(Key::Back).cancels().ends(Cancelled);
}
