//! How much of what is typed is seen by whoever sits beside.

use super::*;

#[test]
fn the_last_digit_is_seen_for_less_than_half_a_second() {
    let typed = story().types("67").shows_now("•7");
    assert!(typed.flow.redraw_at(typed.now).unwrap() - typed.now < ms(500));
    typed.after(ms(399)).shows_now("•7").after(ms(1)).shows_now("••").types("0").shows_now("••0");
}

#[test]
fn nothing_is_drawn_anew_when_nothing_changes() {
    let typed = story().types("67").after(ms(400));
    assert_eq!(typed.flow.redraw_at(typed.now), None);
    let seen = typed.presses(Key::Red).after(secs(5));
    assert_eq!(seen.flow.redraw_at(seen.now), None);
}

#[test]
fn a_digit_that_was_hidden_does_not_come_back_by_erasing() {
    story().types("670").presses(Key::Erase).shows_now("••").types("1").shows_now("••1");
}

#[test]
fn the_red_key_shows_all_digits_for_five_seconds_and_hides_them_again() {
    let shown = || story().types("670190").offers(Toggle::Show).presses(Key::Red).shows_now("670190");
    shown().offers(Toggle::Hide).presses(Key::Red).shows_now("••••••").offers(Toggle::Show);
    let left = shown().after(ms(4_999)).shows_now("670190");
    assert_eq!(left.flow.redraw_at(left.now), Some(left.now + ms(1)));
    left.after(ms(1)).shows_now("••••••").offers(Toggle::Show).presses(Key::Red).shows_now("670190");
}

#[test]
fn a_finger_shows_and_hides_as_the_red_key_does() {
    story().types("67").taps(Control::Sight).shows_now("67").taps(Control::Sight).shows_now("••");
}

#[test]
fn what_is_typed_while_all_is_shown_is_shown_and_masked_with_the_rest() {
    story()
        .types("67")
        .presses(Key::Red)
        .after(secs(3))
        .types("01")
        .shows_now("6701")
        .after(secs(2))
        .shows_now("••••");
}

#[test]
fn every_digit_is_masked_when_the_page_is_left_and_nothing_stays_shown_for_the_next() {
    let left = story().types("6701901234").presses(Key::Red).presses(Key::Back).ends(Cancelled);
    left.taps(Control::Again).offers(Toggle::Show).types("1").after(ms(400)).shows_now("•");
    let shown = story().types("6701901234").presses(Key::Red).after(secs(1)).presses(Key::Ok);
    shown.asks_the_broker().shows(Starting);
    // The number is forgotten, and so is that it was shown.
    story()
        .presses(Key::Red)
        .after(secs(4))
        .types("6")
        .shows_now("6")
        .after(secs(60))
        .types("7")
        .after(ms(400))
        .shows_now("•");
}

#[test]
fn a_user_id_is_seen_until_it_is_hidden() {
    story_with(Kind::UserId)
        .types("anna")
        .after(secs(30))
        .shows_now("anna")
        .offers(Toggle::Hide)
        .presses(Key::Red)
        .shows_now("••••")
        .types("b")
        .shows_now("••••b")
        .after(ms(400))
        .shows_now("•••••")
        .after(secs(10))
        .presses(Key::Red)
        .after(secs(10))
        .shows_now("annab");
}

#[test]
fn what_is_no_secret_of_the_room_is_never_hidden() {
    for kind in [Kind::Uuid, Kind::Number { digits: 8 }] {
        story_with(kind).offers(None).types("12").presses(Key::Red).taps(Control::Sight).shows_now("12");
    }
}

#[test]
fn erase_takes_one_back_and_all_when_it_is_held() {
    let typed = || story().types("670190").presses(Key::Erase).shows_typed("•••••");
    let held = typed().after(ms(599)).holds(Key::Erase).shows_typed("•••••");
    held.after(ms(1)).holds(Key::Erase).shows_typed("").holds(Key::Erase).does_nothing();
    // Held since before the page came, or another key since then.
    story().types("67").holds(Key::Erase).after(secs(1)).holds(Key::Erase).shows_typed("••");
    typed().presses(Key::Up).after(secs(1)).holds(Key::Erase).shows_typed("•••••");
}

#[test]
fn ok_held_on_the_key_that_erases_erases_all() {
    let on_erase = story().types("670190").presses_all(&[Key::Right]).focuses(Cap::Erase);
    let held = on_erase.presses(Key::Ok).shows_typed("•••••").after(ms(700)).holds(Key::Ok).shows_typed("");
    held.focuses(Cap::Erase);
}

#[test]
fn a_finger_that_stays_on_the_key_that_erases_erases_all() {
    let erase = Pad::of(Kind::Cpr).caps.iter().position(|cap| *cap == Cap::Erase).unwrap();
    story()
        .types("670190")
        .taps(Control::Hold(0))
        .shows_typed("••••••")
        .taps(Control::Hold(erase))
        .shows_typed("");
}

#[test]
fn a_held_arrow_walks_and_a_held_digit_or_ok_does_nothing() {
    let story = story().holds(Key::Right).focuses(Cap::Type('6')).holds(Key::Digit(1)).shows_typed("");
    story.presses(Key::Ok).after(secs(1)).holds(Key::Ok).shows_typed("•").holds(Key::Back).shows(Entering);
}

impl Story {
    /// The key is still down.
    #[track_caller]
    fn holds(self, key: Key) -> Story {
        self.meets(&format!("holds {key:?}"), Event::Held(key))
    }
}
