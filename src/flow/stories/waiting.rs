//! The person looks at the phone and the device asks how far it is.

use super::*;

#[test]
fn a_person_logs_in() {
    story()
        .types("6701901234")
        .presses(Key::Ok)
        .asks_the_broker()
        .after(ms(800))
        .hears(acknowledged(secs(5)))
        .shows(Waiting)
        .after(secs(5))
        .polls()
        .after(ms(300))
        .hears(pending())
        .after(secs(5))
        .polls()
        .hears(anna())
        .ends(Approved("Anna"));
}

#[test]
fn row_34_slow_down_three_times_stays_slow() {
    story()
        .types("6701901234")
        .presses(Key::Ok)
        .asks_the_broker()
        .hears(acknowledged(secs(5)))
        .after(secs(5))
        .polls()
        .hears(slow_down())
        .after(secs(9))
        .does_nothing()
        .after(secs(1))
        .polls()
        .hears(slow_down())
        .after(secs(15))
        .polls()
        .hears(slow_down())
        .after(secs(20))
        .polls()
        .hears(pending())
        .after(secs(20))
        .polls()
        .hears(silence())
        .after(secs(20))
        .polls()
        .hears(anna())
        .ends(Approved("Anna"));
}

#[test]
fn the_first_poll_comes_an_interval_after_the_acknowledgement() {
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .after(secs(4))
        .hears(acknowledged(secs(7)))
        .after(secs(7))
        .does_nothing()
        .polls();
}

#[test]
fn a_poll_that_takes_long_is_the_only_one_and_the_next_waits_for_its_answer() {
    waiting()
        .after(secs(5))
        .polls()
        .after(secs(34))
        .does_nothing()
        .hears(pending())
        .after(secs(5))
        .polls()
        .hears(pending());
}

#[test]
fn row_45_who_never_decides_has_until_the_deadline_and_not_longer() {
    waiting().hears_for_ever(pending).at(secs(300)).cancels().ends(Expired);
}

#[test]
fn row_06_a_broker_that_is_gone_does_not_prolong_the_login() {
    for answer in [silence, lost_answer, busy] {
        waiting().hears_for_ever(answer).at(secs(300)).cancels().ends(Expired);
    }
}

#[test]
fn a_poll_without_an_answer_ends_at_the_deadline_too() {
    waiting().after(secs(5)).polls().after(ms(294_900)).at(secs(300)).cancels().ends(Expired);
}

#[test]
fn the_deadline_counts_from_the_start_and_not_from_its_answer() {
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .after(secs(20))
        .hears(acknowledged_for(secs(5), secs(60)))
        .has_left(secs(40))
        .hears_for_ever(pending)
        .at(secs(60))
        .cancels()
        .ends(Expired);
}

#[test]
fn an_acknowledgement_that_is_already_over_expires_at_once() {
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .after(secs(20))
        .hears(acknowledged_for(secs(5), secs(20)))
        .cancels()
        .ends(Expired);
}

#[test]
fn no_login_waits_longer_than_the_patience() {
    Story::of(Settings { patience: secs(30), ..settings() })
        .comes_with(cpr())
        .asks_the_broker()
        .hears(acknowledged(secs(5)))
        .has_left(secs(30))
        .hears_for_ever(pending)
        .at(secs(30))
        .cancels()
        .ends(Expired);
}

#[test]
fn the_patience_covers_the_start_too() {
    Story::of(Settings { patience: secs(20), ..settings() })
        .comes_with(cpr())
        .asks_the_broker()
        .after(secs(20))
        .drops_the_start()
        .ends(Unknown("no_answer"));
}

#[test]
fn the_patience_never_prolongs_what_the_broker_gives() {
    Story::of(Settings { patience: secs(600), ..settings() })
        .comes_with(cpr())
        .asks_the_broker()
        .hears(acknowledged_for(secs(5), secs(31)))
        .hears_for_ever(pending)
        .at(secs(31))
        .cancels()
        .ends(Expired);
}

#[test]
fn row_05_silence_is_shown_until_the_broker_is_heard_again() {
    waiting()
        .shows_trouble(false)
        .after(secs(5))
        .polls()
        .shows_trouble(false)
        .hears(silence())
        .shows_trouble(true)
        .after(secs(5))
        .polls()
        .shows_trouble(true)
        .hears(busy())
        .shows_trouble(true)
        .after(secs(10))
        .polls()
        .hears(pending())
        .shows_trouble(false)
        .after(secs(5))
        .polls()
        .shows_trouble(false)
        .hears(anna())
        .ends(Approved("Anna"));
}

#[test]
fn row_28_a_broker_that_stays_away_is_asked_less_and_less_often() {
    for answer in [silence, busy] {
        let mut story = waiting().after(secs(5));
        for pause in [5, 10, 20, 30, 30] {
            story = story.polls().hears(answer()).shows_trouble(true).after(secs(pause));
        }
        story.polls().hears(pending()).after(secs(5)).polls().hears(pending());
    }
}

#[test]
fn row_29_retry_after_is_obeyed_for_one_round() {
    waiting()
        .after(secs(5))
        .polls()
        .hears(busy_for(secs(20)))
        .shows_trouble(true)
        .after(secs(20))
        .polls()
        .hears(pending())
        .after(secs(5))
        .polls()
        .hears(pending());
}

#[test]
fn row_30_retry_after_beyond_the_deadline_ends_the_login() {
    waiting().after(secs(5)).polls().hears(busy_for(secs(3600))).cancels().ends(Unavailable("retry_after"));
}

#[test]
fn row_40_a_broken_success_is_asked_for_again() {
    waiting()
        .after(secs(5))
        .polls()
        .hears(Answer::Lost)
        .shows_trouble(true)
        .after(secs(5))
        .polls()
        .hears(anna())
        .ends(Approved("Anna"));
}

#[test]
fn row_23_an_assertion_that_is_too_old_is_replaced_once() {
    let signaturgruppen = Settings { retries: Retries::AfterInvalidClientOrExpiredToken, ..settings() };
    Story::of(signaturgruppen)
        .comes_with(cpr())
        .asks_the_broker()
        .hears(acknowledged(secs(5)))
        .after(secs(5))
        .polls()
        .hears(Answer::Expired)
        .shows(Waiting)
        .after(secs(5))
        .polls()
        .hears(Answer::Expired)
        .ends(Expired);
}

/// `invalid-expired-token-test` of the conformance suite.
#[test]
fn a_client_that_signs_assertions_believes_another_provider_that_the_login_expired() {
    let signing = Settings { retries: Retries::AfterInvalidClient, ..settings() };
    Story::of(signing)
        .comes_with(cpr())
        .asks_the_broker()
        .hears(acknowledged(secs(5)))
        .after(secs(5))
        .polls()
        .hears(Answer::Expired)
        .ends(Expired);
}

#[test]
fn row_24_after_a_short_sleep_one_poll_goes_out_at_once() {
    for asleep in [10, 100] {
        waiting()
            .sleeps(secs(asleep))
            .wakes()
            .polls_at_once()
            .has_left(secs(300 - asleep))
            .hears(pending())
            .after(secs(5))
            .polls()
            .hears(pending());
    }
    waiting().sleeps(secs(3)).wakes().does_nothing().has_left(secs(297)).after(secs(2)).polls();
}

#[test]
fn row_25_after_a_sleep_past_the_deadline_the_login_is_over() {
    let slept = |asleep| waiting().after(secs(5)).polls().sleeps(secs(asleep));
    slept(295).wakes().cancels().ends(Expired).hears(anna()).does_nothing().shows(Expired);
    slept(7200).hears(anna()).cancels().ends(Expired);
}

#[test]
fn the_countdown_steps_once_a_second_and_the_screen_is_drawn_only_then() {
    let mut story = story()
        .comes_with(cpr())
        .asks_the_broker()
        .after(ms(1_700))
        .hears(acknowledged_for(secs(12), secs(12)))
        .has_left(secs(11));
    for left in (1..11).rev() {
        let shown = story.view();
        let pause = story.flow.redraw_at(story.now).unwrap() - story.now;
        assert!(pause > Duration::ZERO && pause <= secs(1), "the next drawing is due within a second");
        story = story.after(pause - TICK);
        assert_eq!(story.view(), shown, "nothing changes between two drawings");
        story = story.after(TICK).has_left(secs(left)).at(secs(12 - left));
    }
    story.after(secs(1)).at(secs(12)).cancels().ends(Expired);
}

#[test]
fn only_the_waiting_page_changes_by_itself() {
    let story = story();
    assert_eq!(story.flow.redraw_at(story.now), None);
    let story = story.comes_with(cpr()).asks_the_broker();
    assert_eq!(story.flow.redraw_at(story.now), None);
    let story =
        story.hears(acknowledged(secs(5))).after(secs(5)).polls().hears(anna()).ends(Approved("Anna"));
    assert_eq!(story.flow.redraw_at(story.now), None);
}

#[test]
fn every_login_has_its_own_code_and_the_phone_shows_it_too() {
    let mut story = story();
    let mut codes = Vec::new();
    for number in 0..50 {
        story = story.comes_with(cpr()).asks_the_broker().hears(acknowledged(secs(5)));
        let shown = story.waits().words.unwrap();
        let order = &story.orders[number];
        assert_eq!(shown.reference_text, order.reference_text);
        assert_eq!(order.reference_text, format!("Log på Nordlys TV. Kode {}.", shown.code));
        assert!(!codes.contains(&shown.code), "{} comes twice", shown.code);
        codes.push(shown.code);
        story = story.presses(Key::Back).cancels().ends(Cancelled).presses(Key::Ok).shows(Entering);
    }
    let mut words: Vec<&str> = story
        .orders
        .iter()
        .flat_map(|order| [order.reference_id.as_str(), order.ciba_nonce.as_str()])
        .collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), 100, "each login has an identifier and a nonce of its own");
}
