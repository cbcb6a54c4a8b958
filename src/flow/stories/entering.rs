//! A person says who they are.

use super::*;

#[test]
fn a_cpr_number_is_masked_and_sent_whole() {
    let story = story()
        .shows(Entering)
        .shows_typed("")
        .types("670190123")
        .shows_typed("•••••••••")
        .can_be_sent(false)
        .types("4")
        .shows_typed("••••••••••")
        .can_be_sent(true)
        .complains(None)
        .presses(Key::Ok)
        .asks_the_broker();
    assert!(matches!(&story.orders[0].hint, Hint::Cpr(digits) if digits.expose() == "6701901234"));
}

#[test]
fn the_arrows_and_ok_alone_log_in() {
    story()
        .focuses(Cap::Type('5'))
        .types_with_arrows("670190123")
        .focuses(Cap::Type('3'))
        .types_with_arrows("4")
        .focuses(Cap::Ok)
        .presses(Key::Ok)
        .asks_the_broker()
        .hears(acknowledged(secs(5)))
        .shows(Waiting);
}

#[test]
fn number_keys_move_the_focus_to_ok_so_that_ok_sends() {
    story().types("67").focuses(Cap::Ok).presses(Key::Ok).shows_typed("••").complains(Complaint::Incomplete);
}

#[test]
fn a_finger_alone_logs_in() {
    let mut story = story();
    for digit in "6701901234".chars() {
        story = story.taps_the_key(Cap::Type(digit));
    }
    story.focuses(None).taps(Control::Continue).asks_the_broker();
}

#[test]
fn the_ok_on_the_screen_sends_as_continue_does() {
    story().types("6701901234").taps_the_key(Cap::Ok).asks_the_broker();
}

#[test]
fn a_touch_hides_the_focus_and_an_arrow_brings_it_back() {
    story()
        .presses(Key::Up)
        .focuses(Cap::Type('2'))
        .taps_the_key(Cap::Type('6'))
        .focuses(None)
        .presses(Key::Left)
        .focuses(Cap::Type('5'))
        .shows_typed("•");
}

#[test]
fn a_finger_that_completes_the_number_needs_no_focus() {
    story().types("670190123").taps_the_key(Cap::Type('4')).focuses(None).presses(Key::Ok).asks_the_broker();
}

#[test]
fn a_finger_beside_the_keys_does_nothing() {
    story().taps(Control::Cap(12)).taps(Control::Cap(usize::MAX)).taps(Control::Again).shows_typed("");
}

#[test]
fn erase_takes_the_last_digit_back() {
    story()
        .types("67")
        .presses(Key::Erase)
        .shows_typed("•")
        .taps_the_key(Cap::Erase)
        .shows_typed("")
        .presses(Key::Erase)
        .shows_typed("")
        .presses(Key::Up)
        .types_with_arrows("6")
        .presses_all(&[Key::Down, Key::Down, Key::Right])
        .focuses(Cap::Erase)
        .presses(Key::Ok)
        .shows_typed("");
}

#[test]
fn a_wrong_date_is_told_at_the_tenth_digit_and_the_complaint_goes_with_it() {
    story()
        .types("911390123")
        .complains(None)
        .types("4")
        .complains(Complaint::NoSuchDate)
        .can_be_sent(false)
        .presses(Key::Ok)
        .complains(Complaint::NoSuchDate)
        .presses(Key::Erase)
        .complains(None)
        .shows_typed("•••••••••");
}

#[test]
fn missing_digits_are_told_when_they_are_missed_and_forgiven_at_the_next() {
    story()
        .presses_all(&[Key::Down, Key::Down, Key::Right, Key::Ok])
        .complains(Complaint::Incomplete)
        .types("6")
        .complains(None)
        .taps(Control::Continue)
        .complains(Complaint::Incomplete)
        .presses(Key::Erase)
        .complains(None);
}

#[test]
fn a_hyphen_does_no_harm() {
    story().types("670190-1234").shows_typed("••••••••••").presses(Key::Ok).asks_the_broker();
}

#[test]
fn an_eleventh_digit_does_no_harm() {
    let story = story().types("67019012345").shows_typed("••••••••••").presses(Key::Ok).asks_the_broker();
    assert!(matches!(&story.orders[0].hint, Hint::Cpr(digits) if digits.expose() == "6701901234"));
}

#[test]
fn a_uuid_is_seen_while_it_is_typed() {
    let story = story_with(Kind::Uuid)
        .types("8A9856E0")
        .shows_typed("8a9856e0")
        .types("f12d4217b320c8a076be9320")
        .presses(Key::Ok)
        .asks_the_broker();
    assert!(
        matches!(&story.orders[0].hint, Hint::Uuid(uuid) if uuid.expose() == "8a9856e0-f12d-4217-b320-c8a076be9320")
    );
}

#[test]
fn a_number_has_its_own_length() {
    story_with(Kind::Number { digits: 4 })
        .types("123")
        .presses(Key::Ok)
        .complains(Complaint::Incomplete)
        .types("4")
        .shows_typed("1234")
        .presses(Key::Ok)
        .asks_the_broker();
}

#[test]
fn a_user_id_is_complete_before_it_is_full() {
    story_with(Kind::UserId)
        .types("anna")
        .can_be_sent(false)
        .types(" ")
        .presses(Key::Ok)
        .complains(Complaint::NoUserId)
        .types("j")
        .complains(None)
        .can_be_sent(true)
        .presses(Key::Ok)
        .asks_the_broker();
}

#[test]
fn an_identifier_that_comes_whole_needs_no_typing() {
    story().types("67").comes_with(cpr()).asks_the_broker().comes_with(cpr()).does_nothing().shows(Starting);
}

#[test]
fn row_52_twenty_times_ok_is_one_start() {
    story()
        .types("6701901234")
        .presses(Key::Ok)
        .asks_the_broker()
        .presses_all(&[Key::Ok; 19])
        .does_nothing()
        .taps(Control::Continue)
        .shows(Starting);
}

#[test]
fn row_52_an_ok_that_is_held_or_pressed_twice_does_not_cancel_what_it_started() {
    let started = || story().types("6701901234").presses(Key::Ok).asks_the_broker().after(ms(200));
    let hurried = || started().hears(acknowledged(secs(30))).after(ms(300));
    hurried().presses(Key::Ok).shows(Waiting);
    hurried().presses(Key::Back).cancels().ends(Cancelled);
    hurried().presses(Key::Up).presses(Key::Ok).cancels().ends(Cancelled);
    hurried().taps(Control::Cancel).cancels().ends(Cancelled);

    let mut held = started().presses(Key::Ok).hears(acknowledged(secs(30)));
    for _ in 0..40 {
        held = held.after(ms(100)).presses(Key::Ok).shows(Waiting);
    }
    held = held.after(ms(999)).presses(Key::Ok).shows(Waiting);
    held.after(secs(1)).presses(Key::Ok).cancels().ends(Cancelled);
}

#[test]
fn row_53_an_ok_that_cancels_and_is_pressed_twice_does_not_wipe_the_page_that_says_so() {
    let cancelled = || waiting().after(secs(3)).presses(Key::Ok).cancels().ends(Cancelled).after(ms(150));
    cancelled().presses(Key::Ok).does_nothing().shows(Cancelled);
    cancelled().presses(Key::Back).leaves().shows(Entering);
    cancelled().after(ms(850)).presses(Key::Ok).shows(Entering);
}

#[test]
fn arrows_and_ok_may_be_as_fast_as_they_like() {
    story().presses_all(&[Key::Ok; 9]).shows_typed("•••••••••");
}

#[test]
fn keys_that_mean_nothing_here_do_nothing() {
    let keys: Vec<Key> = (0..10)
        .map(Key::Digit)
        .chain("a-æ".chars().map(Key::Character))
        .chain([Key::Up, Key::Down, Key::Left, Key::Right, Key::Erase, Key::Red, Key::Green])
        .collect();
    story()
        .comes_with(cpr())
        .asks_the_broker()
        .presses_all(&keys)
        .shows(Starting)
        .hears(acknowledged(secs(5)))
        .presses_all(&keys)
        .shows(Waiting)
        .after(secs(5))
        .polls()
        .presses_all(&keys)
        .hears(Answer::Denied)
        .ends(Rejected)
        .presses_all(&keys)
        .shows(Rejected);
}

#[test]
fn the_blue_key_switches_the_language_and_nothing_else() {
    let mut story = story().says(Language::DANISH).types("67").presses(Key::Blue).says(Language::ENGLISH);
    let english = story.page();
    story = story.taps(Control::Language).says(Language::DANISH);
    assert_eq!(story.page(), english);
    story
        .types("01901234")
        .presses(Key::Ok)
        .asks_the_broker()
        .presses(Key::Blue)
        .says(Language::ENGLISH)
        .hears(acknowledged(secs(5)))
        .after(secs(3))
        .taps(Control::Language)
        .says(Language::DANISH)
        .after(secs(2))
        .polls()
        .presses(Key::Blue)
        .hears(anna())
        .ends(Approved("Anna"))
        .presses(Key::Blue)
        .says(Language::DANISH)
        .after(secs(10))
        .leaves()
        .says(Language::DANISH)
        .shows(Entering);
}

#[test]
fn a_user_code_goes_with_one_start_and_is_not_kept_for_the_next() {
    let story = story().comes_with_a_code(cpr(), "0042").asks_the_broker();
    assert_eq!(story.orders[0].user_code.as_ref().map(Secret::expose), Some("0042"));
    let story = story
        .hears(NotStarted::Refused { error: "invalid_user_code".into() })
        .tells_the_host(Unavailable("invalid_user_code"))
        .taps(Control::Again)
        .comes_with(cpr())
        .asks_the_broker();
    assert_eq!(story.orders[1].user_code, None);
}

#[test]
fn back_before_a_start_sends_nothing_and_forgets_what_was_typed() {
    story()
        .types("670190")
        .presses(Key::Back)
        .ends(Cancelled)
        .presses(Key::Ok)
        .shows(Entering)
        .shows_typed("")
        .taps(Control::Cancel)
        .ends(Cancelled)
        .presses(Key::Back)
        .leaves()
        .shows_typed("");
}

impl Story {
    /// Walks over the on-screen digits without ever stepping over an edge.
    #[track_caller]
    fn types_with_arrows(mut self, text: &str) -> Story {
        let pad = Pad::of(Kind::Cpr);
        for character in text.chars() {
            let to = pad.caps.iter().position(|cap| *cap == Cap::Type(character)).unwrap();
            let from = match self.page() {
                Page::Enter(enter) => enter.focus.unwrap(),
                _ => self.fails("the enter page"),
            };
            let rows = (to / 3).abs_diff(from / 3);
            let columns = (to % 3).abs_diff(from % 3);
            self = self
                .presses_all(&vec![if to / 3 > from / 3 { Key::Down } else { Key::Up }; rows])
                .presses_all(&vec![if to % 3 > from % 3 { Key::Right } else { Key::Left }; columns])
                .focuses(Cap::Type(character))
                .presses(Key::Ok);
        }
        self
    }
}
