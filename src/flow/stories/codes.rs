//! Where the provider asks for a code that only the person knows, it is typed after the identifier.

use super::*;

const DIGITS: u8 = 4;

fn asking() -> Settings {
    Settings { kind: Kind::Number { digits: 8 }, user_code: Some(DIGITS), ..settings() }
}

/// The number is typed, and the code is asked for.
fn asked() -> Story {
    Story::of(asking()).types("12345678").presses(Key::Ok).does_nothing().asks_for_a_code()
}

#[test]
fn the_code_goes_with_the_start_and_both_are_gone_then() {
    let story = asked().shows_typed("").types("0042").presses(Key::Ok).asks_the_broker();
    assert!(matches!(&story.orders[0].hint, Hint::Login(number) if number.expose() == "12345678"));
    assert_eq!(story.orders[0].user_code.as_ref().map(Secret::expose), Some("0042"));
    let again = story.hears(refused("invalid_user_code")).tells_the_host(Unavailable("invalid_user_code"));
    let again = again.taps(Control::Again).shows_typed("").types("12345678").presses(Key::Ok);
    again.asks_for_a_code().shows_typed("");
}

#[test]
fn a_wrong_code_and_a_person_who_does_not_exist_look_alike() {
    for code in ["unknown_user_id", "invalid_user_code", "missing_user_code"] {
        let refused = asked().types("0042").presses(Key::Ok).asks_the_broker().hears(refused(code));
        let page = refused.tells_the_host(Unavailable(code)).page();
        assert_eq!(page, Page::Unavailable { reason: Reason::UserCode, error: "not_started".into() });
    }
}

#[test]
fn the_code_is_masked_and_can_be_shown() {
    let typed = asked().types("004").shows_now("••4").after(ms(400)).shows_now("•••");
    typed.presses(Key::Red).shows_now("004").after(secs(5)).shows_now("•••");
}

#[test]
fn a_code_is_complete_or_it_is_not_sent() {
    asked()
        .types("004")
        .presses(Key::Ok)
        .complains(Complaint::Incomplete)
        .types("2")
        .presses(Key::Ok)
        .asks_the_broker();
}

#[test]
fn whoever_waits_is_told_before_the_code_is_asked_for() {
    let limits = Limits { device: None, people: None, ..Limits::default() };
    let story = Story::of(Settings { limits, ..asking() }).types("12345678").presses(Key::Ok).types("0042");
    let ended = story
        .presses(Key::Ok)
        .asks_the_broker()
        .hears(acknowledged(secs(5)))
        .presses(Key::Back)
        .cancels()
        .ends(Cancelled);
    let again = ended.presses(Key::Back).leaves().types("12345678").presses(Key::Ok).does_nothing();
    again.complains(Complaint::Wait { left: secs(60) });
}

#[test]
fn a_person_who_leaves_before_the_code_is_forgotten_like_any_other() {
    asked().after(secs(59)).asks_for_a_code().after(secs(1)).asks_for_a_number();
    asked().presses(Key::Back).ends(Cancelled).presses(Key::Back).leaves().asks_for_a_number();
    let begun_anew = asked().presses(Key::Back).ends(Cancelled).taps(Control::Again).types("12345678");
    begun_anew.presses(Key::Ok).asks_for_a_code().must_leave().tells_the_host(Cancelled).leaves();
}

#[test]
fn the_arrows_and_ok_alone_type_a_code() {
    let keys = [Key::Ok, Key::Ok, Key::Ok, Key::Ok, Key::Ok];
    let story = asked().focuses(Cap::Type('5')).after(secs(1)).presses_all(&keys).asks_the_broker();
    assert_eq!(story.orders[0].user_code.as_ref().map(Secret::expose), Some("5555"));
}

#[test]
fn row_52_an_ok_that_is_pressed_twice_types_nothing_on_the_page_that_it_brought() {
    asked().after(ms(150)).presses(Key::Ok).shows_typed("").after(secs(1)).presses(Key::Ok).shows_typed("•");
}

#[test]
fn a_held_ok_on_the_key_that_erases_knows_which_keys_are_there() {
    let letters = Settings { kind: Kind::UserId, ..asking() };
    let story = Story::of(letters).types("anna1").presses(Key::Ok).asks_for_a_code().types("00");
    let erased =
        story.presses_all(&[Key::Right, Key::Ok]).after(secs(1)).meets("holds OK", Event::Held(Key::Ok));
    erased.shows_typed("").asks_for_a_code();
}

impl Story {
    #[track_caller]
    fn asks_for_a_code(self) -> Story {
        self.asks_for(Kind::UserCode { digits: DIGITS })
    }

    #[track_caller]
    fn asks_for_a_number(self) -> Story {
        self.asks_for(Kind::Number { digits: 8 })
    }

    #[track_caller]
    fn asks_for(self, kind: Kind) -> Story {
        let Page::Enter(enter) = self.page() else { self.fails("a page to type on") };
        self.expects("what is asked for", &kind, &enter.kind);
        self
    }
}
