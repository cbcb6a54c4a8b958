//! A kiosk with opening hours, and what it does with a clock.

use super::resting::kiosk;
use super::*;
use crate::flow::{Day, Hours, Opening, TimeOfDay, WeekTime};

pub(super) const HOUR: u64 = 3600;

/// A Monday at midnight, by the local clock.
const MONDAY: i64 = 4 * 86_400;

pub(super) fn shop() -> Settings {
    let mut shop = kiosk();
    if let Some(kiosk) = &mut shop.kiosk {
        kiosk.open = Some(Hours::parse("Mon-Fri 08:00-20:00").unwrap());
        kiosk.night = Some(Hours::parse("22:00-06:00").unwrap());
    }
    shop
}

/// So long after midnight on a Monday.
pub(super) fn on_monday(time: Duration) -> Option<WeekTime> {
    Some(WeekTime::of_local(MONDAY + time.as_secs().cast_signed()))
}

fn at(time: Duration) -> Story {
    at_with(shop(), time)
}

#[track_caller]
pub(super) fn at_with(settings: Settings, time: Duration) -> Story {
    Story::of(settings).clock_says(on_monday(time))
}

impl Story {
    #[track_caller]
    fn clock_says(self, time: Option<WeekTime>) -> Story {
        self.meets("hears the clock", Event::Clock(time))
    }

    #[track_caller]
    fn opens(self, day: Day, hour: u8) -> Story {
        let Page::Closed(closed) = self.page() else { self.fails("the closed page") };
        self.expects("opening", &Opening { day, time: TimeOfDay { hour, minute: 0 } }, &closed.opens);
        self
    }

    #[track_caller]
    fn looks_dark(self, expected: bool) -> Story {
        let (Page::Idle(rest) | Page::Closed(crate::flow::Closed { rest, .. })) = self.page() else {
            self.fails("a resting page")
        };
        self.expects("darkness", &expected, &rest.dark);
        self
    }
}

#[test]
fn outside_its_hours_a_kiosk_says_when_it_opens_and_nothing_can_be_begun() {
    for key in [Key::Ok, Key::Digit(6), Key::Yellow, Key::Back] {
        at(secs(7 * HOUR)).shows(Closed).opens(Day::Today, 8).presses(key).does_nothing().shows(Closed);
    }
    at(secs(21 * HOUR)).opens(Day::Tomorrow, 8).taps(Control::Wake).does_nothing().shows(Closed);
    at(secs(21 * HOUR)).comes_with(cpr()).does_nothing().shows(Closed);
    at(secs((4 * 24 + 21) * HOUR)).opens(Day::Weekday(0), 8);
}

#[test]
fn it_opens_and_closes_by_itself() {
    let story = at(secs(7 * HOUR)).after(secs(HOUR) - TICK).shows(Closed).after(TICK).shows(Idle);
    story.after(secs(12 * HOUR) - TICK).shows(Idle).after(TICK).shows(Closed).presses(Key::Ok).shows(Closed);
}

#[test]
fn an_empty_page_closes_at_once() {
    at(secs(20 * HOUR - 30))
        .presses(Key::Ok)
        .after(secs(30) - TICK)
        .shows(Entering)
        .after(TICK)
        .shows(Closed);
}

#[test]
fn whoever_has_begun_at_closing_time_is_served_to_the_end_and_no_longer() {
    let begun = at(secs(20 * HOUR - 5)).types("67019012").after(secs(20)).shows_typed("••••••••").types("34");
    let waiting = begun.presses(Key::Ok).asks_the_broker().hears(acknowledged(secs(5))).shows(Waiting);
    let rejected = waiting.after(secs(5)).polls().hears(Answer::Denied).ends(Rejected);
    rejected.presses(Key::Ok).does_nothing().shows(Closed);

    let waiting = at(secs(20 * HOUR - 9)).types("6701901234").presses(Key::Ok).asks_the_broker();
    let approved = waiting.hears(acknowledged(secs(15))).after(secs(15)).polls().hears(anna());
    approved.ends(Approved("Anna")).after(secs(10)).shows(Closed);

    at(secs(20 * HOUR - 5)).types("670190").after(secs(60)).does_nothing().shows(Closed);
}

#[test]
fn a_code_that_was_withdrawn_after_closing_time_is_not_renewed() {
    let again: [fn(Story) -> Story; 2] = [|story| story.presses(Key::Ok), |story| story.taps(Control::Scan)];
    for again in again {
        let codes = Settings { methods: Methods::Scanned, ..shop() };
        let story = at_with(codes, secs(20 * HOUR - 60)).presses(Key::Ok).shows(Offering).after(secs(2));
        let story = story.presses(Key::Ok).asks_the_broker().hears(invited()).shows(Code);
        let story = again(story.hears_for_ever_until(secs(280)).shows(Withdrawn));
        let story = story.cancels_login(1).tells_the_host(Expired).shows(Closed).opens(Day::Tomorrow, 8);
        again(story.after(secs(2))).does_nothing().shows(Closed);
    }
}

#[test]
fn a_closed_screen_is_read_in_another_language_which_goes_again() {
    let story = at(secs(7 * HOUR)).presses(Key::Blue).shows(Closed).says(Language::ENGLISH);
    let story = story.after(secs(90) - TICK).says(Language::ENGLISH).after(TICK).says(Language::DANISH);
    story.taps(Control::Language).shows(Closed).says(Language::ENGLISH);
}

#[test]
fn a_clock_that_has_not_been_set_locks_nobody_out_and_the_operator_is_told_once() {
    let story =
        Story::of(shop()).shows(Idle).clock_says(None).notes("clock_unset").shows(Idle).looks_dark(false);
    let story = story.clock_says(None).does_nothing().presses(Key::Ok).shows(Entering);
    // Then the network sets it.
    story.clock_says(on_monday(secs(3 * HOUR))).does_nothing().opens(Day::Today, 8).looks_dark(true);
    Story::of(kiosk()).clock_says(None).does_nothing().shows(Idle);
}

#[test]
fn a_clock_that_is_set_anew_is_followed() {
    let story = at(secs(7 * HOUR)).shows(Closed).clock_says(on_monday(secs(12 * HOUR))).shows(Idle);
    let story = story.presses(Key::Ok).clock_says(on_monday(secs(6 * HOUR))).does_nothing().shows(Closed);
    // Also by somebody who comes.
    story.clock_says(on_monday(secs(12 * HOUR))).types("6").shows_typed("•");
}

#[test]
fn a_closed_screen_tells_what_it_takes_for_the_time() {
    let story = at(secs(7 * HOUR + 59)).after(secs(60));
    let Page::Closed(closed) = story.page() else { story.fails("the closed page") };
    assert_eq!(closed.clock, TimeOfDay { hour: 7, minute: 1 });
    // Each redraw shows something new, and nothing changes between.
    let (mut now, mut shown) = (story.now, story.view());
    for _ in 0..20 {
        let at = story.flow.redraw_at(now).unwrap();
        assert_eq!(story.flow.view(at - TICK), shown);
        assert_ne!(story.flow.view(at), shown);
        (now, shown) = (at, story.flow.view(at));
    }
    assert!(now - story.now <= secs(600) + TICK, "two redraws a minute");
}

#[test]
fn at_night_a_resting_screen_is_dark_and_whoever_comes_sees_what_they_do() {
    at(secs(21 * HOUR))
        .looks_dark(false)
        .after(secs(HOUR) - TICK)
        .looks_dark(false)
        .after(TICK)
        .looks_dark(true);
    let mut always_open = shop();
    if let Some(kiosk) = &mut always_open.kiosk {
        kiosk.open = None;
    }
    let night = Story::of(always_open).clock_says(on_monday(secs(5 * HOUR))).shows(Idle).looks_dark(true);
    let redraw_at = night.flow.redraw_at(night.now + secs(HOUR) - TICK).unwrap();
    assert_eq!(redraw_at, night.now + secs(HOUR), "it becomes light in time");
    night.presses(Key::Ok).shows(Entering).after(secs(90)).shows(Idle).looks_dark(true);
}
