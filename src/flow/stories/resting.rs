//! A kiosk between two people: it rests, wakes, and nothing of the one is left for the other.

use super::*;
use crate::flow::{Kiosk, Rest};

pub(super) fn kiosk() -> Settings {
    let kiosk = Kiosk { idle_after: secs(90), open: None, night: None, standby: None };
    Settings { kiosk: Some(kiosk), ..settings() }
}

pub(super) fn resting() -> Story {
    Story::of(kiosk()).shows(Idle)
}

/// A kiosk that somebody waits at for their phone.
fn waiting_at_a_kiosk() -> Story {
    resting().types("6701901234").presses(Key::Ok).asks_the_broker().hears(acknowledged(secs(5)))
}

#[test]
fn a_kiosk_begins_at_rest_and_the_first_key_wakes_it_and_does_nothing_else() {
    for key in [Key::Ok, Key::Back, Key::Up, Key::Right, Key::Erase, Key::Red, Key::Green, Key::Yellow] {
        let woken = resting().presses(key).does_nothing().shows(Entering).overlaid(None);
        woken.shows_typed("").focuses(Cap::Type('5'));
    }
}

#[test]
fn a_finger_anywhere_wakes_it() {
    resting().taps(Control::Wake).does_nothing().shows(Entering).shows_typed("");
    for late in [Control::Cancel, Control::Cap(0), Control::Again, Control::Continue] {
        resting().taps(late).does_nothing().shows(Entering).shows_typed("");
    }
}

#[test]
fn whoever_begins_at_once_loses_no_digit() {
    resting().types("670190").shows(Entering).shows_typed("••••••");
    let letters = Story::of(Settings { kind: Kind::UserId, ..kiosk() });
    letters.types("anna").shows_typed("anna");
}

#[test]
fn an_ok_that_is_pressed_twice_wakes_and_types_nothing() {
    resting()
        .presses(Key::Ok)
        .after(ms(400))
        .presses(Key::Ok)
        .shows_typed("")
        .after(secs(1))
        .presses(Key::Ok)
        .shows_typed("•");
}

#[test]
fn a_finger_that_taps_twice_wakes_and_types_nothing() {
    let woken = resting().taps(Control::Wake).after(ms(200)).taps_the_key(Cap::Type('4')).shows_typed("");
    woken.after(ms(100)).taps_the_key(Cap::Type('4')).shows_typed("•");
}

#[test]
fn a_finger_that_taps_cancel_twice_does_not_close_what_it_brought() {
    let waiting = story().types("6701901234").taps(Control::Continue).asks_the_broker().after(secs(1));
    let cancelled = waiting.taps(Control::Cancel).drops_the_start().ends(Cancelled).after(ms(200));
    let seen =
        cancelled.taps(Control::Close).does_nothing().shows(Cancelled).taps(Control::Again).does_nothing();
    seen.taps(Control::Language).says(Language::ENGLISH).after(ms(100)).taps(Control::Again).shows(Entering);
}

#[test]
fn the_key_for_the_language_wakes_it_in_that_language_which_goes_with_the_person() {
    for story in [resting().presses(Key::Blue), resting().taps(Control::Language)] {
        story.shows(Entering).says(Language::ENGLISH).after(secs(90)).shows(Idle).says(Language::DANISH);
    }
}

#[test]
fn a_key_that_something_lies_on_wakes_nobody() {
    resting().meets("holds an arrow", Event::Held(Key::Down)).does_nothing().shows(Idle);
}

#[test]
fn an_empty_page_rests_after_the_configured_time_and_any_key_prolongs_it() {
    let story = resting().presses(Key::Ok).after(ms(89_999)).shows(Entering).presses(Key::Up);
    story.after(ms(89_999)).shows(Entering).after(ms(1)).does_nothing().shows(Idle);
}

#[test]
fn what_was_typed_is_forgotten_first_and_then_the_screen_rests() {
    resting().types("670190").after(secs(60)).shows_typed("").after(secs(30)).does_nothing().shows(Idle);
    let hasty = Kiosk { idle_after: secs(20), open: None, night: None, standby: None };
    let story = Story::of(Settings { kiosk: Some(hasty), ..settings() });
    story.types("670190").after(secs(20)).does_nothing().shows(Idle).presses(Key::Ok).shows_typed("");
}

#[test]
fn whoever_reads_is_not_hurried() {
    for (key, overlay) in [(Key::Yellow, Overlay::Help), (Key::Green, Overlay::Privacy)] {
        let reading = resting().presses(Key::Ok).presses(key).after(ms(119_999)).overlaid(overlay);
        reading.after(ms(1)).shows(Idle).overlaid(None);
    }
}

#[test]
fn every_end_leaves_by_itself_and_a_bad_one_can_be_read_for_two_minutes() {
    let approved = waiting_at_a_kiosk().after(secs(5)).polls().hears(anna()).ends(Approved("Anna"));
    approved.after(secs(10)).does_nothing().shows(Idle);
    let rejected = waiting_at_a_kiosk().after(secs(5)).polls().hears(Answer::Denied).ends(Rejected);
    rejected.after(ms(119_999)).shows(Rejected).after(ms(1)).does_nothing().shows(Idle);
    let cancelled = waiting_at_a_kiosk().presses(Key::Back).cancels().ends(Cancelled);
    // A key that does nothing there says that somebody reads.
    let read = cancelled.after(secs(100)).presses(Key::Left).after(secs(119)).shows(Cancelled);
    read.after(secs(1)).shows(Idle);
}

#[test]
fn whoever_closes_an_end_leaves_the_kiosk_at_rest_and_the_kiosk_stays() {
    for key in [Key::Ok, Key::Back] {
        let approved = waiting_at_a_kiosk().after(secs(5)).polls().hears(anna()).ends(Approved("Anna"));
        approved.presses(key).does_nothing().shows(Idle);
    }
    waiting_at_a_kiosk().presses(Key::Back).cancels().ends(Cancelled).taps(Control::Close).shows(Idle);
}

#[test]
fn a_kiosk_never_rests_while_a_login_is_under_way() {
    waiting_at_a_kiosk()
        .hears_for_ever(pending)
        .at(secs(300))
        .cancels()
        .ends(Expired)
        .after(secs(120))
        .shows(Idle);
}

#[test]
fn row_26_a_kiosk_that_slept_rests_and_a_key_only_wakes_it() {
    let slept = || resting().types("670190123").sleeps(secs(3600));
    slept().wakes().does_nothing().shows(Idle);
    for key in [Key::Digit(4), Key::Ok, Key::Blue] {
        slept().presses(key).does_nothing().shows(Entering).shows_typed("").says(Language::DANISH);
    }
}

#[test]
fn late_news_wakes_nobody() {
    let gone =
        waiting_at_a_kiosk().presses(Key::Back).cancels().ends(Cancelled).presses(Key::Back).shows(Idle);
    gone.hears(anna()).does_nothing().shows(Idle).hears(acknowledged(secs(5))).cancels().shows(Idle);
}

#[test]
fn a_kiosk_that_is_told_to_end_leaves_whatever_it_shows() {
    resting().must_leave().leaves();
    resting().presses(Key::Ok).must_leave().leaves();
    resting().types("67").must_leave().tells_the_host(Cancelled).leaves();
    waiting_at_a_kiosk().must_leave().cancels().tells_the_host(Cancelled).leaves();
}

#[test]
fn a_card_wakes_a_kiosk_and_is_asked_for() {
    resting().comes_with(cpr()).asks_the_broker();
}

#[test]
fn at_rest_nothing_happens_but_that_the_picture_moves_once_a_minute() {
    let story = resting();
    assert_eq!(story.flow.wake_at(), None);
    let (mut now, mut shown, mut moved) = (story.now, story.view(), 0);
    while let Some(at) = story.flow.redraw_at(now).filter(|at| *at <= story.now + secs(3600)) {
        assert_eq!(story.flow.view(at - TICK), shown, "nothing moves before it is told");
        assert_ne!(story.flow.view(at), shown, "a redraw shows something new");
        (now, shown, moved) = (at, story.flow.view(at), moved + 1);
    }
    assert_eq!(moved, 60);
}

#[test]
fn the_picture_stands_in_its_place_when_the_machine_starts() {
    let flow = Flow::new(kiosk(), [1; 32]);
    let rest = Rest::default();
    assert_eq!(flow.view(secs(3)).page, Page::Idle(rest));
}
