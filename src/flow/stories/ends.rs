//! Every way a login ends, once each, and what can be done then.

use super::*;

#[test]
fn a_person_says_no() {
    waiting().after(secs(5)).polls().hears(Answer::Denied).ends(Rejected);
}

#[test]
fn a_person_who_says_no_before_the_broker_answers_is_heard() {
    story().comes_with(cpr()).asks_the_broker().hears(refused("access_denied")).ends(Rejected);
}

#[test]
fn back_while_starting_gives_the_start_up() {
    let starting = || story().comes_with(cpr()).asks_the_broker();
    starting().presses(Key::Back).drops_the_start().ends(Cancelled);
    starting().taps(Control::Cancel).drops_the_start().ends(Cancelled);
}

#[test]
fn whoever_waits_can_cancel_at_any_time() {
    waiting().presses(Key::Back).cancels().ends(Cancelled);
    waiting().taps(Control::Cancel).cancels().ends(Cancelled);
    waiting().after(secs(3)).presses(Key::Ok).cancels().ends(Cancelled);
    waiting().after(secs(5)).polls().presses(Key::Back).cancels().ends(Cancelled);
    waiting().after(secs(5)).polls().hears(silence()).presses(Key::Back).cancels().ends(Cancelled);
}

#[test]
fn row_53_back_and_ok_together_cancel_once() {
    waiting().presses(Key::Back).cancels().ends(Cancelled).presses(Key::Ok).shows(Entering).shows_typed("");
}

#[test]
fn row_03_a_start_that_was_never_sent_is_unavailable() {
    let why = NotStarted::NotSent(Cause::words("no connection"));
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .hears(why)
        .tells_the_host(Unavailable("no connection"))
        .shows(Unavailable(""));
}

#[test]
fn row_04_a_start_that_may_have_arrived_is_unknown() {
    let why = NotStarted::MaybeSent(Cause::words("timeout"));
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .after(secs(15))
        .hears(why)
        .tells_the_host(Unknown("timeout"))
        .shows(Unknown("no_answer"));
}

#[test]
fn a_refused_start_shows_the_brokers_code() {
    let asked = || story().comes_with(cpr()).asks_the_broker();
    asked().hears(refused("invalid_scope")).notes("broker_error").ends(Unavailable("invalid_scope"));
}

#[test]
fn the_screen_does_not_tell_whether_there_is_such_a_person() {
    for code in ["unknown_user_id", "mitid_flex_app.mitid_error_X"] {
        story()
            .comes_with(cpr())
            .asks_the_broker()
            .hears(refused(code))
            .tells_the_host(Unavailable(code))
            .shows(Unavailable("not_started"));
    }
}

#[test]
fn row_71_a_client_that_the_broker_does_not_know_is_the_operators_matter() {
    let asked = story().comes_with(cpr()).asks_the_broker();
    asked.hears(refused("invalid_client")).notes("client_refused").ends(Unavailable("invalid_client"));
}

#[test]
fn ok_pressed_twice_for_one_wish_leaves_what_came_of_it() {
    let sent = || story().types("6701901234").presses(Key::Ok).asks_the_broker().after(ms(50));
    let failed = sent().hears(not_sent()).tells_the_host(Unavailable("no route"));
    failed
        .after(ms(200))
        .presses(Key::Ok)
        .does_nothing()
        .shows(Unavailable(""))
        .after(secs(1))
        .presses(Key::Ok)
        .shows(Entering);
    let refused = sent().hears(refused("access_denied")).tells_the_host(Rejected);
    refused.after(ms(200)).presses(Key::Ok).does_nothing().shows(Rejected);
}

#[test]
fn a_start_that_is_never_answered_ends_after_a_minute() {
    story().comes_with(cpr()).asks_the_broker().after(secs(60)).drops_the_start().ends(Unknown("no_answer"));
}

#[test]
fn row_49_a_token_that_cannot_be_trusted_is_refused_and_only_the_clause_is_told() {
    let story = waiting().after(secs(5)).polls().hears(Untrusted::BadSignature);
    let told = format!("{:?}", story.untold);
    assert!(told.starts_with("[Note(Untrusted(BadSignature)), Cancel {"), "{told}");
    assert!(told.ends_with(r#"Finish(Refused(BadSignature))]"#), "{told}");
    story.notes("untrusted").cancels().ends(Refused("the signature does not verify"));
}

#[test]
fn row_47_a_token_that_cannot_be_checked_is_unknown() {
    let news = News::Unverifiable(Cause::words("the keys do not come"));
    waiting()
        .after(secs(5))
        .polls()
        .hears(news)
        .cancels()
        .tells_the_host(Unknown("the keys do not come"))
        .shows(Unknown("no_answer"));
}

#[test]
fn row_07_a_lost_answer_and_then_invalid_grant_is_unknown_and_never_no() {
    for lost in [lost_answer(), Answer::Lost.into()] {
        waiting()
            .after(secs(5))
            .polls()
            .hears(lost)
            .after(secs(5))
            .polls()
            .hears(Answer::InvalidGrant)
            .cancels()
            .ends(Unknown("answer_lost"));
    }
    waiting()
        .after(secs(5))
        .polls()
        .hears(Answer::Lost)
        .after(secs(5))
        .polls()
        .hears(Answer::Lost)
        .cancels()
        .ends(Unknown("answer_lost"));
}

#[test]
fn row_44_invalid_grant_out_of_the_blue_is_unavailable() {
    let asked = || waiting().after(secs(5)).polls();
    let ended = asked().hears(Answer::InvalidGrant);
    ended.notes("broker_error").cancels().ends(Unavailable("invalid_grant"));
    asked().hears(Answer::Expired).ends(Expired);
    waiting()
        .after(secs(5))
        .polls()
        .hears(silence())
        .after(secs(5))
        .polls()
        .hears(Answer::InvalidGrant)
        .notes("broker_error")
        .cancels()
        .ends(Unavailable("invalid_grant"));
}

#[test]
fn row_41_a_final_code_ends_the_polling_and_is_shown() {
    for code in ["invalid_request", "transaction_failed", "something_new"] {
        let ended = waiting().after(secs(5)).polls().hears(failed(code));
        ended.notes("broker_error").cancels().ends(Unavailable(code));
    }
    waiting()
        .after(secs(5))
        .polls()
        .hears(Answer::InvalidClient)
        .notes("client_refused")
        .cancels()
        .ends(Unavailable("invalid_client"));
}

#[test]
fn row_15_a_redirect_is_no_answer_and_no_code() {
    let ended = waiting().after(secs(5)).polls().hears(failed("redirect"));
    ended.notes("broker_contract").cancels().ends(Unavailable("redirect"));
}

#[test]
fn row_42_a_code_of_the_mitid_app_is_shown_as_it_is() {
    let code = "mitid_flex_app.mitid_error_X";
    waiting().after(secs(5)).polls().hears(failed(code)).cancels().ends(Unavailable(code));
}

#[test]
fn row_50_a_token_of_another_person_is_an_alarm() {
    let clause = "`mitid.uuid` is not the person who was asked";
    let ended = waiting().after(secs(5)).polls().hears(Untrusted::Uuid);
    ended.notes("another_person").cancels().ends(Refused(clause));
}

#[test]
fn row_21_a_token_that_only_the_clock_speaks_against_is_no_fraud() {
    let news = News::Untimely(Untrusted::Expired);
    waiting().after(secs(5)).polls().hears(news).notes("clock_suspect").cancels().ends(Unavailable("clock"));
}

#[test]
fn row_10_nobody_waits_for_the_cancel_to_arrive() {
    let gone = waiting().presses(Key::Back).cancels().ends(Cancelled);
    gone.presses(Key::Ok).comes_with(cpr()).asks_the_broker().hears(acknowledged(secs(5))).shows(Waiting);
}

#[test]
fn row_55_whatever_becomes_of_the_cancel_the_person_sees_nothing_of_it() {
    let gone = waiting().presses(Key::Back).cancels().ends(Cancelled);
    gone.after(secs(600)).does_nothing().shows(Cancelled);
}

#[test]
fn no_end_starts_again_by_itself() {
    for story in every_end() {
        let story = story.after(secs(7200)).does_nothing();
        assert_eq!(story.flow.wake_at(), None);
    }
}

#[test]
fn every_end_leads_back_to_an_empty_field_or_away() {
    for story in every_end() {
        story.presses(Key::Ok).does_nothing().shows(Entering).shows_typed("").focuses(Cap::Type('5'));
    }
    for story in every_end() {
        story.taps(Control::Again).does_nothing().shows(Entering).shows_typed("");
    }
    for story in every_end() {
        story.presses(Key::Back).leaves().shows(Entering).shows_typed("");
    }
    for story in every_end() {
        story.taps(Control::Close).leaves().shows(Entering).shows_typed("");
    }
}

#[test]
fn a_second_login_is_as_good_as_the_first() {
    for story in every_end() {
        story
            .presses(Key::Ok)
            .types("6701901234")
            .presses(Key::Ok)
            .asks_the_broker()
            .hears(acknowledged(secs(5)))
            .after(secs(5))
            .polls()
            .hears(anna())
            .ends(Approved("Anna"));
    }
}

#[test]
fn the_result_goes_after_ten_seconds_and_takes_the_person_with_it() {
    let untouched = story().page();
    let approved = || waiting().after(secs(5)).polls().hears(anna()).ends(Approved("Anna"));
    let gone = approved().after(ms(9_999)).shows(Approved("Anna")).after(ms(1)).leaves().shows(Entering);
    assert_eq!(gone.page(), untouched);
    for key in [Key::Ok, Key::Back] {
        assert_eq!(approved().presses(key).leaves().page(), untouched);
    }
    assert_eq!(approved().taps(Control::Close).leaves().page(), untouched);
}

#[test]
fn nobody_is_greeted_by_a_protected_name() {
    for name in ["NAVNE & ADRESSEBESKYTTET", "Navne- og adressebeskyttet", "", "   ", "12345", "\u{202e}"] {
        waiting().after(secs(5)).polls().hears(approved_by(name)).ends(ApprovedNameless);
    }
}

#[test]
fn a_name_is_greeted_without_what_does_not_belong_in_one() {
    for (name, greeted) in [
        ("Søren Ø. Å.", "Søren"),
        ("Anne-Marie Jensen", "Anne-Marie"),
        ("An\u{202e}na\u{7} Jensen", "Anna"),
        ("O'Neil", "O'Neil"),
    ] {
        waiting().after(secs(5)).polls().hears(approved_by(name)).ends(Approved(greeted));
    }
    let long = waiting().after(secs(5)).polls().hears(approved_by(&"x".repeat(5000)));
    long.ends(Approved("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
}

#[test]
fn a_process_that_ends_leaves_nothing_behind() {
    story().types("67").must_leave().tells_the_host(Cancelled).leaves().shows(Entering);
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .must_leave()
        .drops_the_start()
        .tells_the_host(Cancelled)
        .leaves()
        .shows(Entering);
    waiting().must_leave().cancels().tells_the_host(Cancelled).leaves().shows(Entering);
    waiting()
        .after(secs(5))
        .polls()
        .must_leave()
        .cancels()
        .tells_the_host(Cancelled)
        .leaves()
        .shows(Entering);
    for story in every_end() {
        story.must_leave().leaves().shows(Entering);
    }
    let approved = waiting().after(secs(5)).polls().hears(anna()).ends(Approved("Anna"));
    approved.must_leave().leaves().shows(Entering);
}

#[test]
fn the_outcome_stands_when_the_process_ends_after_the_person_has_left() {
    let approved = || waiting().after(secs(5)).polls().hears(anna()).ends(Approved("Anna"));
    approved().presses(Key::Ok).leaves().must_leave().leaves().shows(Entering);
    approved().after(secs(10)).leaves().after(secs(60)).must_leave().leaves().shows(Entering);
    for key in [Key::Ok, Key::Back] {
        for story in every_end() {
            let mut story = story.presses(key);
            if key == Key::Back {
                story = story.leaves();
            }
            story.presses_all(&[Key::Up, Key::Blue]).must_leave().leaves().shows(Entering);
        }
    }
}

#[test]
fn a_second_try_that_is_begun_and_given_up_is_told() {
    for story in every_end() {
        story.presses(Key::Ok).types("6").must_leave().tells_the_host(Cancelled).leaves().shows(Entering);
    }
    for story in every_end() {
        story.presses(Key::Ok).presses(Key::Back).ends(Cancelled).must_leave().leaves().shows(Entering);
    }
}

/// A story for each end that stays on the screen.
fn every_end() -> Vec<Story> {
    let asked = || waiting().after(secs(5)).polls();
    vec![
        asked().hears(Answer::Denied).ends(Rejected),
        asked().hears(Answer::Expired).ends(Expired),
        waiting().presses(Key::Back).cancels().ends(Cancelled),
        asked()
            .hears(Untrusted::Audience)
            .notes("untrusted")
            .cancels()
            .ends(Refused("`aud` does not name this client")),
        story()
            .comes_with(cpr())
            .asks_the_broker()
            .hears(NotStarted::Busy { status: 503, retry_after: None })
            .ends(Unavailable("http_503")),
        story()
            .comes_with(cpr())
            .asks_the_broker()
            .after(secs(60))
            .drops_the_start()
            .ends(Unknown("no_answer")),
    ]
}
