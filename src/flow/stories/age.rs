//! Somebody is asked only whether they are old enough.

use super::*;
use crate::ciba::{AgeAnswer, AgeCheck, AgeForm};

const UUID: &str = "8a9856e0-f12d-4217-b320-c8a076be9320";

fn asking(form: AgeForm) -> Settings {
    let reference_text = match form {
        AgeForm::Verify => ReferenceText::without_code("Er du mindst 18 år?"),
        AgeForm::Over => ReferenceText::parse("Er du mindst 18 år? Kode {code}.", "").unwrap(),
    };
    let age = Some(AgeCheck { years: 18, form });
    Settings { kind: Kind::Uuid, age, reference_text, ..settings() }
}

fn waiting_for(form: AgeForm) -> Story {
    let asked = Story::of(asking(form)).comes_with(Hint::Uuid(UUID.into())).asks_the_broker();
    asked.hears(acknowledged(secs(5))).shows(Waiting)
}

fn asked() -> Story {
    waiting_for(AgeForm::Verify).after(secs(5)).polls()
}

fn says(is_old_enough: bool) -> News {
    News::AgeTold(AgeAnswer { years: 18, is_old_enough })
}

#[test]
fn a_yes_and_a_no_are_both_an_end_and_both_go_after_ten_seconds() {
    for (answer, end) in [(true, OldEnough), (false, TooYoung)] {
        let ended = asked().hears(says(answer)).ends(end);
        assert_eq!(ended.view().age, Some(18));
        ended.after(secs(9)).shows(end).after(secs(1)).leaves().shows(Entering).shows_typed("");
    }
}

#[test]
fn a_yes_leads_on_by_every_key_and_a_no_lets_the_next_one_try() {
    for key in [Key::Ok, Key::Back] {
        asked().hears(says(true)).ends(OldEnough).presses(key).leaves().shows(Entering);
    }
    asked().hears(says(true)).ends(OldEnough).taps(Control::Again).does_nothing().shows(OldEnough);
    asked().hears(says(false)).ends(TooYoung).presses(Key::Ok).shows(Entering);
    asked().hears(says(false)).ends(TooYoung).taps(Control::Again).shows(Entering);
    asked().hears(says(false)).ends(TooYoung).presses(Key::Back).leaves().shows(Entering);
}

#[test]
fn the_host_gets_the_answer_and_nothing_that_another_could_not_have() {
    let ended = asked().hears(says(false));
    let Some(Effect::Finish(outcome)) = ended.untold.front() else { panic!("another end") };
    assert!(matches!(outcome, Outcome::AgeTold(AgeAnswer { years: 18, is_old_enough: false })));
    ended.ends(TooYoung);
}

#[test]
fn the_screen_shows_no_words_that_it_cannot_know() {
    assert_eq!(waiting_for(AgeForm::Verify).waits().words, None);
    let story = waiting_for(AgeForm::Over);
    let words = story.waits().words.unwrap();
    assert_eq!(words.reference_text, story.orders[0].reference_text);
    assert!(words.reference_text.contains(&words.code));
}

#[test]
fn an_age_check_ends_like_any_other_login_where_nobody_answers() {
    asked().hears(Answer::Denied).ends(Rejected);
    asked().presses(Key::Back).cancels().ends(Cancelled);
    let clause = Untrusted::AgeOther;
    asked()
        .hears(clause)
        .notes("untrusted")
        .cancels()
        .ends(Refused("the answer is about another age than was asked for"));
}

/// Whoever is too young has approved: that is no sign of somebody who tries other people's numbers.
#[test]
fn a_no_counts_as_approved_for_the_limits() {
    let limits = Limits { people: Some(2), cool_down: secs(600), ..Limits::none() };
    let mut story = Story::of(Settings { limits, ..asking(AgeForm::Verify) });
    for person in 0..5 {
        let hint = Hint::Uuid(format!("00000000-0000-4000-8000-00000000000{person}").as_str().into());
        let asked = story.comes_with(hint).asks_the_broker().hears(acknowledged(secs(5)));
        story =
            asked.after(secs(5)).polls().hears(says(false)).ends(TooYoung).presses(Key::Ok).shows(Entering);
    }
}
