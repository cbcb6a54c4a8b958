//! Nobody can be pestered from this device: how often a login may be started.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::flow::Rate;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

fn limited() -> Story {
    limited_to(Limits::default())
}

fn limited_to(limits: Limits) -> Story {
    Story::of(Settings { limits, ..settings() })
}

/// Limits of a person alone, and of a device alone.
fn of_a_person() -> Limits {
    Limits { person: Limits::default().person, after_no: secs(60), ..Limits::none() }
}

fn of_the_device() -> Limits {
    Limits { person: Vec::new(), after_no: Duration::ZERO, people: None, ..Limits::default() }
}

fn maybe_sent() -> NotStarted {
    NotStarted::MaybeSent(Cause::words("timeout"))
}

/// A test person: the day is 60 too high.
fn number(person: usize) -> String {
    format!("670190{person:04}")
}

impl Story {
    /// Types a number and presses OK, from the first page.
    #[track_caller]
    fn wants(self, person: usize) -> Story {
        self.types(&number(person)).presses(Key::Ok)
    }

    /// Asks for a person who does nothing, and gives it up at once.
    #[track_caller]
    fn tries_in_vain(self, person: usize) -> Story {
        self.wants(person).asks_the_broker().hears(acknowledged(secs(5))).presses(Key::Back).cancels()
    }

    #[track_caller]
    fn begins_anew(self) -> Story {
        self.ends(Cancelled).presses(Key::Ok).shows(Entering)
    }

    /// The field is empty again, as it is for the next person.
    #[track_caller]
    fn clears_the_field(self) -> Story {
        self.presses_all(&[Key::Erase; 10]).shows_typed("")
    }

    fn can_start(&self, person: usize) -> bool {
        let hint = Hint::Cpr(number(person).as_str().into());
        self.flow.limiter.wait_of(self.flow.limiter.person(&hint), self.now).is_none()
    }
}

#[test]
fn one_person_is_asked_once_a_minute() {
    let tried = limited().tries_in_vain(1).begins_anew().after(secs(20));
    let told = tried.wants(1).does_nothing().waits_for(secs(40)).can_be_sent(false);
    let still = told.after(secs(39)).waits_for(secs(1)).presses(Key::Ok).waits_for(secs(1));
    still.after(secs(1)).complains(None).can_be_sent(true).presses(Key::Ok).asks_the_broker();
}

#[test]
fn the_wait_of_one_person_is_not_the_next_ones() {
    let told = limited().tries_in_vain(1).begins_anew().wants(1).waits_for(secs(60));
    told.clears_the_field().complains(None).wants(2).asks_the_broker();
}

#[test]
fn what_is_wrong_with_the_number_is_told_before_the_wait() {
    let told = limited().tries_in_vain(1).begins_anew().wants(1).waits_for(secs(60));
    told.presses(Key::Erase).complains(None).presses(Key::Ok).complains(Complaint::Incomplete);
}

#[test]
fn the_wait_counts_down_once_a_second() {
    let mut story = limited().tries_in_vain(1).begins_anew().wants(1).after(ms(400));
    for left in (1..=60).rev() {
        story = story.waits_for(secs(left));
        let pause = story.flow.redraw_at(story.now).unwrap() - story.now;
        assert!(pause > Duration::ZERO && pause <= secs(1));
        if left == 3 {
            // The minute that forgets the number is over first, and then nobody is waiting for anything.
            return;
        }
        story = story.after(pause);
    }
}

#[test]
fn one_person_is_asked_three_times_in_a_quarter_of_an_hour_and_five_times_a_day() {
    let mut story = limited_to(of_a_person());
    let mut starts = Vec::new();
    for _ in 0..30 * HOUR / 30 {
        if story.can_start(1) {
            starts.push((story.now - BEGINNING).as_secs());
            story = story.tries_in_vain(1).begins_anew();
        }
        story = story.after(secs(30));
    }
    let day = 24 * HOUR;
    let expected = [0, 60, 120, 15 * MINUTE, 16 * MINUTE, day, day + 60, day + 120, day + 15 * MINUTE];
    assert_eq!(starts[..9], expected);
}

#[test]
fn row_03_a_start_that_was_never_sent_is_not_counted() {
    for _ in 0..2 {
        let again = limited().wants(1).asks_the_broker().hears(not_sent());
        let again = again.tells_the_host(Unavailable("no route")).shows(Unavailable(""));
        again.taps(Control::Again).wants(1).asks_the_broker();
    }
}

#[test]
fn row_03_nor_is_one_that_was_given_up_before_it_left() {
    let given_up = limited().wants(1).asks_the_broker().presses(Key::Back).drops_the_start();
    let again = given_up.begins_anew().hears(not_sent()).does_nothing();
    again.wants(1).asks_the_broker();
}

#[test]
fn row_03_what_was_never_sent_is_not_held_against_the_device_either() {
    let unsent = |mut story: Story, people: std::ops::Range<usize>| {
        for person in people {
            story = story.wants(person).asks_the_broker().presses(Key::Back).drops_the_start();
            story = story.begins_anew().hears(not_sent()).does_nothing().complains(None);
        }
        story
    };
    let mut story = unsent(limited_to(of_the_device()), 0..5);
    for person in 5..11 {
        story = story.complains(None).tries_in_vain(person).begins_anew();
    }
    story.waits_for(secs(10 * MINUTE));

    let mut story = unsent(limited_to(Limits { people: Some(4), ..Limits::none() }), 0..3);
    for person in 3..6 {
        story = story.tries_in_vain(person).begins_anew();
    }
    story.tries_in_vain(6).notes("many_people").begins_anew();
}

#[test]
fn row_03_nor_does_the_device_rest_for_what_was_never_sent() {
    let nearly = |limits: Limits| {
        let mut story = limited_to(limits);
        for person in 0..3 {
            story = story.tries_in_vain(person).begins_anew().after(secs(1));
        }
        story.wants(3).asks_the_broker().presses(Key::Back).drops_the_start()
    };
    let people = Limits { person: Vec::new(), device: None, ..Limits::default() };
    let starts =
        Limits { device: Some(Rate { starts: 4, within: secs(600) }), people: None, ..people.clone() };
    for (limits, with_a_notice) in [(people, true), (starts, false)] {
        let given_up = nearly(limits);
        let given_up = if with_a_notice { given_up.notes("many_people") } else { given_up };
        let mut story = given_up.begins_anew().waits_for(secs(10 * MINUTE));
        story = story.hears(not_sent()).does_nothing().complains(None);
        // The first rest that is deserved is a first one still.
        story = story.wants(4).asks_the_broker().hears(acknowledged(secs(5))).presses(Key::Back).cancels();
        let story = if with_a_notice { story.notes("many_people") } else { story };
        story.begins_anew().waits_for(secs(10 * MINUTE));
    }
}

#[test]
fn row_04_a_start_that_may_have_arrived_is_counted() {
    let again = limited().wants(1).asks_the_broker().hears(maybe_sent()).tells_the_host(Unknown("timeout"));
    again.taps(Control::Again).wants(1).does_nothing().waits_for(secs(60));
}

#[test]
fn a_start_that_is_refused_counts_like_any_other() {
    let refused = limited().wants(1).asks_the_broker().hears(refused("unknown_user_id"));
    let again = refused.tells_the_host(Unavailable("unknown_user_id")).taps(Control::Again);
    again.wants(1).waits_for(secs(60));
}

#[test]
fn who_approves_may_log_in_again_at_once() {
    let mut story = limited();
    for _ in 0..20 {
        story = story.wants(1).asks_the_broker().hears(acknowledged(secs(5))).after(secs(5)).polls();
        story = story.hears(anna()).ends(Approved("Anna")).presses(Key::Ok).leaves();
    }
}

#[test]
fn an_approval_clears_what_was_counted_of_the_person_and_shortens_the_next_rest() {
    let approves = |story: Story, person| {
        let story = story.wants(person).asks_the_broker().hears(acknowledged(secs(5))).after(secs(5)).polls();
        story.hears(anna()).ends(Approved("Anna")).presses(Key::Ok).leaves()
    };
    let tried = limited().tries_in_vain(1).begins_anew().after(secs(60)).tries_in_vain(1).begins_anew();
    let cleared = approves(tried.after(secs(60)), 1).tries_in_vain(1).begins_anew().after(secs(60));
    cleared.tries_in_vain(1).begins_anew().after(secs(60)).wants(1).asks_the_broker();

    let mut story = limited_to(of_the_device());
    for _ in 0..3 {
        for person in 0..6 {
            story = story.tries_in_vain(person).begins_anew();
        }
        story = approves(story.waits_for(secs(10 * MINUTE)).after(secs(10 * MINUTE)), 1);
    }
}

#[test]
fn another_letter_is_another_person() {
    let mut story = Story::of(Settings { kind: Kind::UserId, limits: of_a_person(), ..settings() });
    story = story.types("anna1").presses(Key::Ok).asks_the_broker().hears(maybe_sent());
    story = story.tells_the_host(Unknown("timeout")).taps(Control::Again).types("anna1").presses(Key::Ok);
    story.waits_for(secs(60)).types("2").complains(None).presses(Key::Ok).asks_the_broker();
}

#[test]
fn row_43_who_said_no_is_not_asked_again_for_a_minute() {
    let no = limited().wants(1).asks_the_broker().hears(acknowledged(secs(5))).after(secs(5)).polls();
    let again = no.hears(Answer::Denied).ends(Rejected).presses(Key::Ok).shows(Entering).complains(None);
    let told = again.wants(1).does_nothing().waits_for(secs(60));
    let later = told.after(secs(59)).waits_for(secs(1)).clears_the_field();
    later.wants(2).asks_the_broker();
}

#[test]
fn an_identifier_that_comes_whole_too_often_is_told_to_the_host() {
    let again = limited().tries_in_vain(1).begins_anew();
    let refused = again.comes_with(Hint::Cpr(number(1).as_str().into()));
    refused.ends(Unavailable("too_many_tries"));
}

#[test]
fn a_device_asks_six_times_in_ten_minutes_and_then_rests_longer_and_longer() {
    let mut story = limited_to(of_the_device());
    let mut person = 0;
    for rest in [10, 20, 40, 60, 60] {
        for _ in 0..6 {
            person += 1;
            story = story.complains(None).tries_in_vain(person).begins_anew();
        }
        // Nobody need type anything to learn it.
        story = story.waits_for(secs(rest * MINUTE)).after(secs(rest * MINUTE - 1)).waits_for(secs(1));
        story = story.after(secs(1));
    }
}

#[test]
fn a_device_that_rested_for_a_day_is_forgiven() {
    let mut story = limited_to(of_the_device());
    for person in 0..6 {
        story = story.tries_in_vain(person).begins_anew();
    }
    story = story.waits_for(secs(10 * MINUTE)).after(secs(25 * HOUR));
    for person in 0..6 {
        story = story.tries_in_vain(person).begins_anew();
    }
    story.waits_for(secs(10 * MINUTE));
}

#[test]
fn a_script_that_tries_numbers_gets_six_prompts_in_ten_minutes() {
    let mut story = limited_to(of_the_device());
    let mut starts = Vec::new();
    for person in 0..6000 {
        if story.can_start(person) {
            starts.push(story.now);
            story = story.tries_in_vain(person).begins_anew();
        }
        story = story.after(secs(1));
    }
    assert!(starts.len() > 12, "{}", starts.len());
    assert!(starts.windows(7).all(|seven| seven[6] - seven[0] > secs(10 * MINUTE)));
}

#[test]
fn four_people_in_a_row_who_do_not_approve_close_the_device_and_are_told_once_as_a_number() {
    let limits = Limits { device: None, ..Limits::default() };
    let mut story = limited_to(limits);
    for person in 1..4 {
        story = story.tries_in_vain(person).begins_anew().after(secs(60)).complains(None);
        // The same person again is no other person.
        story = story.tries_in_vain(person).begins_anew();
    }
    story = story.tries_in_vain(4).notes("many_people").begins_anew();
    story = story.waits_for(secs(10 * MINUTE)).after(secs(10 * MINUTE));
    story.tries_in_vain(5).begins_anew().waits_for(secs(20 * MINUTE));
}

#[test]
fn an_approval_ends_the_row() {
    let mut story = limited_to(Limits { device: None, ..Limits::default() });
    for person in 1..40 {
        story = story.complains(None);
        if person % 4 == 0 {
            story = story.wants(person).asks_the_broker().hears(acknowledged(secs(5))).after(secs(5)).polls();
            story = story.hears(anna()).ends(Approved("Anna")).presses(Key::Ok).leaves();
        } else {
            story = story.tries_in_vain(person).begins_anew();
        }
    }
}

#[test]
fn row_71_a_client_that_is_refused_is_not_tried_again_and_again() {
    let refused = limited().wants(1).asks_the_broker().hears(refused("invalid_client"));
    let ended = refused.notes("client_refused").ends(Unavailable("invalid_client"));
    ended.after(secs(1)).presses(Key::Ok).leaves().waits_for(secs(10 * MINUTE - 1));
}

#[test]
fn whatever_is_tried_no_limit_is_broken() {
    let limits = of_a_person();
    let mut chance = StdRng::seed_from_u64(5);
    for _ in 0..20 {
        let mut story = limited_to(limits.clone());
        let mut starts: Vec<(usize, Duration)> = Vec::new();
        for _ in 0..400 {
            let person = chance.random_range(0..3);
            if story.can_start(person) {
                starts.push((person, story.now));
                story = story.tries_in_vain(person).begins_anew();
            } else if chance.random_range(0..20) == 0 {
                story = story.wants(person).does_nothing().clears_the_field();
            }
            let longest = [30, 300, 3000][chance.random_range(0..3)];
            let pause = chance.random_range(1..longest);
            story = story.after(secs(pause));
        }
        for person in 0..3 {
            let own: Vec<Duration> =
                starts.iter().filter(|(of, _)| *of == person).map(|(_, at)| *at).collect();
            assert!(own.len() > 5);
            for Rate { starts, within } in &limits.person {
                let held = own.windows(starts + 1).all(|some| some[*starts] - some[0] >= *within);
                assert!(held, "{starts} within {within:?}: {own:?}");
            }
        }
    }
}

#[test]
fn no_crowd_makes_the_memory_grow() {
    let mut story = limited_to(Limits { device: None, people: None, ..Limits::default() });
    for person in 0..3000 {
        story = story.tries_in_vain(person).begins_anew();
    }
    assert_eq!(story.flow.limiter.remembered(), 1024);
    assert!(!story.can_start(2999));
    story = story.after(secs(25 * HOUR)).tries_in_vain(1).begins_anew();
    assert_eq!(story.flow.limiter.remembered(), 1, "after a day nobody is remembered");
}

#[test]
fn a_person_has_another_hash_in_every_run_and_for_every_kind() {
    let hash = |seed, hint: Hint| Flow::new(settings(), [seed; 32]).limiter.person(&hint);
    assert!(hash(1, cpr()) == hash(1, cpr()));
    assert!(hash(1, cpr()) != hash(2, cpr()));
    assert!(hash(1, cpr()) != hash(1, Hint::Login("6701901234".into())));
    assert!(hash(1, cpr()) != hash(1, Hint::Cpr("6701901235".into())));
}

#[test]
fn row_03_a_start_that_was_never_sent_is_not_counted_though_the_next_person_has_begun() {
    let limits = Limits { people: Some(3), device: None, ..of_a_person() };
    let mut story =
        limited_to(limits).wants(1).asks_the_broker().after(secs(3)).presses(Key::Back).drops_the_start();
    for person in 2..6 {
        story = story.begins_anew().wants(person).asks_the_broker().hears_of(person as u64 - 1, not_sent());
        story = story.does_nothing().after(secs(3)).presses(Key::Back).drops_the_start();
    }
    let back = story.begins_anew();
    assert!(back.can_start(1) && back.can_start(4), "nobody was asked");
    assert!(!back.can_start(5), "of this one nothing is known yet");
}
