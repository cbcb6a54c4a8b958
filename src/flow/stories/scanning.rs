//! Nobody types: a code is on the screen, and whoever scans it says on the phone who they are.

use super::*;

fn either() -> Story {
    Story::of(Settings { methods: Methods::TypedOrScanned, ..settings() })
}

fn only_codes() -> Story {
    Story::of(Settings { methods: Methods::Scanned, ..settings() })
}

/// A story in which the code has just come.
fn shown() -> Story {
    only_codes().presses(Key::Ok).asks_the_broker().after(secs(2)).hears(invited()).shows(Code)
}

#[test]
fn a_person_logs_in_without_typing() {
    only_codes()
        .shows(Offering)
        .presses(Key::Ok)
        .asks_the_broker()
        .after(ms(800))
        .hears(invited())
        .shows(Code)
        .after(secs(5))
        .polls()
        .hears(pending())
        .after(secs(5))
        .polls()
        .hears(anna())
        .ends(Approved("Anna"));
}

#[test]
fn the_start_names_nobody_and_carries_no_text() {
    let story = shown();
    let order = &story.orders[0];
    assert!(matches!(order.hint, Hint::WhoeverScans) && order.reference_text.is_empty());
    assert_eq!((order.ciba_nonce.len(), order.reference_id.len()), (32, 32));
}

#[test]
fn beside_the_keys_the_code_is_reached_by_arrows_and_by_touch() {
    let keys = [Key::Up, Key::Up];
    either()
        .presses_all(&keys)
        .focuses(Cap::Scan)
        .presses(Key::Ok)
        .asks_the_broker()
        .hears(invited())
        .shows(Code);
    let keys = [Key::Down, Key::Ok];
    either().types("67").presses_all(&keys).asks_the_broker();
    either().taps(Control::Scan).asks_the_broker();
    either().taps(Control::Cap(12)).asks_the_broker();
    only_codes().taps(Control::Scan).asks_the_broker();
}

#[test]
fn where_no_code_is_offered_nothing_leads_to_one() {
    story().presses_all(&[Key::Up, Key::Up]).focuses(Cap::Type('0'));
    story().taps(Control::Scan).taps(Control::Cap(12)).taps(Control::Enlarge).shows(Entering);
}

#[test]
fn no_code_is_shown_before_somebody_asks_for_it() {
    let story = only_codes().after(secs(86_400)).does_nothing().shows(Offering);
    story
        .types("6701901234")
        .presses_all(&[Key::Up, Key::Left, Key::Red, Key::Erase])
        .does_nothing()
        .shows(Offering);
}

#[test]
fn a_code_is_withdrawn_before_it_is_too_late_to_begin_and_who_has_begun_goes_on() {
    let almost = shown().hears_for_ever_until(secs(270) - TICK).shows(Code);
    assert_eq!((almost.scans().left, almost.scans().lifetime), (secs(1), secs(270)));
    let over = almost.after(TICK).shows(Withdrawn);
    assert_eq!(over.scans().left, secs(30));
    over.taps(Control::Enlarge)
        .shows(Withdrawn)
        .hears_for_ever(pending)
        .at(secs(300))
        .cancels()
        .ends(Expired);
}

#[test]
fn an_address_that_dies_before_its_login_takes_the_code_along() {
    let story = only_codes().presses(Key::Ok).asks_the_broker().after(secs(10));
    let story = story.hears(invited_for(secs(300), secs(60))).shows(Code);
    assert_eq!(story.scans().lifetime, secs(45), "counted from the start, with a quarter left to log in");
    let story = story.hears_for_ever_until(secs(45)).shows(Withdrawn);
    assert_eq!(story.scans().left, secs(255));
}

#[test]
fn whoever_scanned_at_the_last_moment_is_still_let_in() {
    shown()
        .hears_for_ever_until(secs(290))
        .shows(Withdrawn)
        .polls_when_due()
        .hears(anna())
        .ends(Approved("Anna"));
}

#[test]
fn a_withdrawn_code_is_renewed_by_a_key_or_a_finger_and_never_by_itself() {
    let again: [fn(Story) -> Story; 2] = [|story| story.presses(Key::Ok), |story| story.taps(Control::Scan)];
    for again in again {
        let story = again(shown().hears_for_ever_until(secs(280)).shows(Withdrawn));
        story.cancels_login(1).tells_the_host(Expired).asks_the_broker().hears(invited()).shows(Code);
    }
    shown().taps(Control::Scan).does_nothing().shows(Code);
}

#[test]
fn one_key_makes_the_code_fill_the_screen_and_the_same_key_brings_the_page_back() {
    let large = |story: &Story| story.scans().large;
    let story = shown();
    assert!(!large(&story));
    let story = story.presses(Key::Ok).shows(Code);
    assert!(large(&story));
    let story = story.after(secs(1)).presses(Key::Ok);
    assert!(!large(&story));
    let story = story.taps(Control::Enlarge);
    assert!(large(&story));
    let story = story.presses(Key::Back).shows(Code);
    assert!(!large(&story), "Back leads from the code alone to its page");
    story.presses(Key::Back).cancels().tells_the_host(Cancelled).shows(Offering);
}

#[test]
fn a_key_that_bounces_neither_enlarges_the_code_nor_asks_twice() {
    let story = only_codes().presses(Key::Ok).asks_the_broker().hears(invited()).presses(Key::Ok).shows(Code);
    assert!(!story.scans().large);
}

#[test]
fn back_leads_to_where_the_code_was_asked_for() {
    let back = |story: Story| story.hears(invited()).presses(Key::Back).cancels().tells_the_host(Cancelled);
    back(either().taps(Control::Scan).asks_the_broker()).shows(Entering).shows_typed("");
    back(only_codes().presses(Key::Ok).asks_the_broker()).shows(Offering);
    let story = only_codes().presses(Key::Ok).asks_the_broker().presses(Key::Back);
    let story = story.drops_the_start().tells_the_host(Cancelled).shows(Offering);
    story.hears(invited()).cancels_login(1).shows(Offering).presses(Key::Back).ends(Cancelled);
}

#[test]
fn a_person_who_leaves_takes_the_code_along() {
    shown().must_leave().cancels().tells_the_host(Cancelled).leaves().shows(Offering);
    shown().taps(Control::Cancel).cancels().tells_the_host(Cancelled).shows(Offering);
}

#[test]
fn a_code_that_does_not_come_is_on_no_phone() {
    let asked = || only_codes().presses(Key::Ok).asks_the_broker();
    let lost = NotStarted::MaybeSent(Cause::words("timeout"));
    let ended = asked().hears(lost).tells_the_host(Unavailable("timeout"));
    assert_eq!(ended.page(), Page::Unavailable { reason: Reason::Network, error: String::new() });
    for status in [500, 503] {
        let busy = NotStarted::Busy { status, retry_after: None };
        asked().hears(busy).tells_the_host(Unavailable(if status == 500 { "http_500" } else { "http_503" }));
    }
    let broken = NotStarted::Malformed { clause: "x" };
    asked()
        .hears(broken)
        .notes("broker_contract")
        .tells_the_host(Unavailable("broken answer: x"))
        .shows(Unavailable("broken_answer"));
}

#[test]
fn the_end_of_a_login_that_was_scanned_is_told_as_any_other() {
    let asked = || shown().after(secs(5)).polls();
    assert!(asked().hears(Answer::Denied).ends(Rejected).view().scanned, "nobody typed a number to check");
    assert!(!waiting().after(secs(5)).polls().hears(Answer::Denied).ends(Rejected).view().scanned);
    asked()
        .hears(Untrusted::Nonce)
        .notes("untrusted")
        .cancels()
        .ends(Refused("`nonce` is not the one that was sent"));
}

#[test]
fn codes_are_limited_for_the_device_and_for_nobody_else() {
    let limits = Limits::default();
    let mut story = Story::of(Settings { methods: Methods::TypedOrScanned, limits, ..settings() });
    for _ in 0..6 {
        story = story.taps(Control::Scan).asks_the_broker().hears(invited()).presses(Key::Back);
        story = story.cancels().tells_the_host(Cancelled).shows(Entering);
    }
    let story = story.taps(Control::Scan).does_nothing().complains(Complaint::Wait { left: secs(600) });
    story.after(secs(600)).taps(Control::Scan).asks_the_broker();
}

#[test]
fn a_device_that_rests_says_so_where_only_codes_are_offered() {
    let limits = Limits { device: Some(crate::flow::Rate { starts: 1, within: secs(60) }), ..Limits::none() };
    let story = Story::of(Settings { methods: Methods::Scanned, limits, ..settings() });
    let story = story.presses(Key::Ok).asks_the_broker().hears(invited()).presses(Key::Back);
    let story = story.cancels().tells_the_host(Cancelled).after(secs(20)).presses(Key::Ok).does_nothing();
    assert_eq!(story.page(), Page::Offer { wait: Some(secs(40)) });
    assert_eq!(story.flow.redraw_at(story.now), Some(story.now + secs(1)));
    story.after(secs(40)).presses(Key::Ok).asks_the_broker();
}

#[test]
fn nothing_of_the_address_shows_in_debug() {
    let story = shown();
    assert!(!format!("{:?} {:?} {:?}", story.flow, story.view(), invited()).contains("4BEE"));
}
