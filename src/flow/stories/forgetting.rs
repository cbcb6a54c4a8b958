//! Time passes while somebody types, and the device sleeps.

use super::*;

#[test]
fn a_number_is_forgotten_though_something_lies_on_the_glass() {
    let mut left = story().types("6701");
    for _ in 0..120 {
        left = left.after(ms(600)).taps(Control::Hold(0)).does_nothing();
    }
    left.shows_typed("");
}

#[test]
fn what_was_typed_is_gone_after_a_minute_without_a_key() {
    story()
        .types("670190")
        .after(secs(59))
        .shows_typed("••••••")
        .types("1")
        .after(ms(59_999))
        .shows_typed("•••••••")
        .after(ms(1))
        .does_nothing()
        .shows_typed("")
        .complains(None)
        .focuses(Cap::Type('5'));
}

#[test]
fn any_key_shows_that_somebody_is_there() {
    let mut story = story().types("670190");
    for key in [Key::Up, Key::Blue, Key::Yellow, Key::Left] {
        story = story.after(secs(40)).presses(key).shows_typed("••••••");
    }
    story.after(secs(40)).taps(Control::Language).after(secs(59)).shows_typed("••••••");
}

#[test]
fn an_empty_field_waits_for_ever_and_wakes_nobody() {
    let story = story().after(secs(86_400)).does_nothing().shows_typed("");
    assert_eq!(story.flow.wake_at(), None);
    let erased = story.types("6").presses(Key::Erase);
    assert_eq!(erased.flow.wake_at(), None);
}

#[test]
fn the_time_to_think_is_the_settings() {
    let hasty = Settings { forgets_after: secs(5), ..settings() };
    Story::of(hasty).types("67").after(ms(4_999)).shows_typed("••").after(ms(1)).shows_typed("");
}

#[test]
fn row_26_a_device_that_slept_forgets_what_was_typed() {
    story().types("670190123").sleeps(secs(3600)).wakes().does_nothing().shows_typed("");
    for key in [Key::Digit(4), Key::Ok, Key::Erase, Key::Up, Key::Back] {
        // The key was pressed at a number that is no longer there.
        let woken = story().types("670190123").sleeps(secs(3600)).presses(key).does_nothing();
        woken.shows_typed("").complains(None).focuses(Cap::Type('5'));
    }
    let tapped = story().types("6701901234").sleeps(secs(60)).taps(Control::Continue).does_nothing();
    tapped.shows_typed("");
}

#[test]
fn row_26_the_complaint_goes_with_what_was_typed() {
    story()
        .types("9113901234")
        .complains(Complaint::NoSuchDate)
        .sleeps(secs(60))
        .wakes()
        .complains(None)
        .types("6701901234")
        .presses(Key::Ok)
        .asks_the_broker();
}

#[test]
fn row_66_who_waits_may_take_the_time_that_the_broker_gives() {
    waiting().hears_for_ever(pending).at(secs(300)).cancels().ends(Expired);
}

#[test]
fn row_02_typing_needs_no_network() {
    let why = NotStarted::NotSent(Cause::words("no route"));
    story()
        .types("6701901234")
        .does_nothing()
        .can_be_sent(true)
        .presses(Key::Ok)
        .asks_the_broker()
        .after(secs(2))
        .hears(why)
        .tells_the_host(Unavailable("no route"))
        .shows(Unavailable(""))
        .presses(Key::Ok)
        .types("6701901234")
        .presses(Key::Ok)
        .asks_the_broker();
}

#[test]
fn row_22_nothing_is_reckoned_from_a_clock_that_can_be_set() {
    // All that the flow knows of time is how much of it has passed.
    let paced = |beginning: Duration| {
        let mut story = story();
        story.now = beginning;
        let mut story = story.comes_with(cpr()).asks_the_broker().hears(acknowledged(secs(5)));
        let mut pace = Vec::new();
        for answer in [pending, slow_down, silence, busy, pending] {
            let at = story.flow.wake_at().unwrap();
            story.move_to(at);
            pace.push((at - beginning, story.waits().left));
            story = story.polls_at_once().hears(answer());
        }
        pace
    };
    assert_eq!(paced(BEGINNING), paced(BEGINNING + secs(50 * 365 * 86_400)));
}

#[test]
fn row_51_two_devices_that_ask_for_the_same_person_ask_for_different_logins() {
    let order = |seed| {
        let mut flow = Flow::new(settings(), [seed; 32]);
        match flow.update(Event::Given { hint: cpr(), user_code: None }, BEGINNING).remove(0) {
            Effect::Start { order, .. } => order,
            other => panic!("{other:?}"),
        }
    };
    let (one, other) = (order(1), order(2));
    assert_ne!(one.reference_text, other.reference_text);
    assert_ne!(one.ciba_nonce, other.ciba_nonce);
    assert_ne!(one.reference_id, other.reference_id);
}

#[test]
fn row_69_a_second_identifier_while_one_is_asked_changes_nothing() {
    let other = || Hint::Cpr("6701905678".into());
    story().comes_with(cpr()).asks_the_broker().comes_with(other()).does_nothing().shows(Starting);
    let pending = waiting().comes_with(other()).does_nothing().shows(Waiting);
    pending.after(secs(5)).polls().hears(anna()).ends(Approved("Anna"));
}

#[test]
fn back_is_afbryd_however_much_is_typed() {
    // As MitID's own Afbryd: it leaves at once, and takes nothing back digit by digit; that is the key beside 0.
    for typed in ["", "6", "6701901234"] {
        story().types(typed).presses(Key::Back).ends(Cancelled).presses(Key::Back).leaves().shows_typed("");
    }
}
