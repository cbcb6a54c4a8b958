//! What is done with what is typed can be read before anything is typed.

use super::*;

#[test]
fn one_key_opens_it_before_anything_is_typed_and_three_close_it() {
    for key in [Key::Green, Key::Back, Key::Ok] {
        let read = story().presses(Key::Green).overlaid(Overlay::Privacy).presses(key).does_nothing();
        read.overlaid(None).shows(Entering).types("6701901234").presses(Key::Ok).asks_the_broker();
    }
}

#[test]
fn a_finger_opens_and_closes_it() {
    story().taps(Control::Privacy).overlaid(Overlay::Privacy).taps(Control::Privacy).overlaid(None);
}

#[test]
fn the_page_below_hears_no_key_and_no_finger() {
    story()
        .types("67")
        .presses(Key::Green)
        .types("01")
        .presses_all(&[Key::Up, Key::Erase, Key::Red, Key::Yellow])
        .taps(Control::Cap(0))
        .taps(Control::Sight)
        .taps(Control::Continue)
        .taps(Control::Cancel)
        .overlaid(Overlay::Privacy)
        .presses(Key::Back)
        .shows_typed("••")
        .focuses(Cap::Ok);
}

#[test]
fn the_language_can_be_changed_while_reading() {
    story().presses(Key::Green).presses(Key::Blue).says(Language::ENGLISH).overlaid(Overlay::Privacy);
}

#[test]
fn it_is_offered_where_something_is_typed_and_nowhere_else() {
    waiting().presses(Key::Green).overlaid(None).taps(Control::Privacy).overlaid(None).does_nothing();
}

#[test]
fn whoever_reads_for_long_reads_on_when_what_was_typed_is_forgotten() {
    let read = story().types("67").presses(Key::Green).after(secs(60)).overlaid(Overlay::Privacy);
    read.presses(Key::Back).shows_typed("");
}

#[test]
fn it_closes_when_the_login_begins_without_it() {
    story().presses(Key::Green).comes_with(cpr()).asks_the_broker().overlaid(None);
}

#[test]
fn the_services_own_words_come_with_every_view() {
    let privacy = Privacy { text: Some("Own words".into()), basis: None };
    let story = Story::of(Settings { privacy: privacy.clone(), ..settings() });
    assert_eq!(story.flow.view(story.now).privacy, privacy);
}
