//! Somebody reads the help, and the login goes on under it.

use super::*;

#[test]
fn the_yellow_key_opens_the_help_and_yellow_back_and_ok_close_it() {
    for key in [Key::Yellow, Key::Back, Key::Ok] {
        let open = story().types("670190").presses(Key::Yellow);
        let open = open.overlaid(Overlay::Help);
        let closed = open.presses(key).does_nothing();
        let closed = closed.overlaid(None);
        // What lay under the help is as it was.
        closed.types("1234").presses(Key::Ok).asks_the_broker();
    }
}

#[test]
fn what_lies_under_the_help_hears_no_key_and_no_finger() {
    let read = story().taps(Control::Help).types("670190").presses(Key::Down).taps(Control::Cancel);
    let view = read.does_nothing().taps(Control::Help);
    let view = view.flow.view(view.now);
    let Page::Enter(enter) = view.page else { panic!("another page") };
    assert!(enter.typed.is_empty() && view.overlay.is_none());
    assert_eq!(enter.focus, Some(enter.pad.home()));
}

#[test]
fn the_language_can_be_changed_in_the_help() {
    let read = story().presses(Key::Yellow).presses(Key::Blue);
    let view = read.flow.view(read.now);
    assert!(view.overlay == Some(Overlay::Help) && view.language == Language::ENGLISH);
}

#[test]
fn polling_goes_on_under_the_help_and_the_end_closes_it() {
    let read = waiting().presses(Key::Yellow).after(secs(5)).polls();
    let read = read.overlaid(Overlay::Help);
    let ended = read.hears(anna()).ends(Approved("Anna"));
    ended.overlaid(None);
}
