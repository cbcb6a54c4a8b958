//! A kiosk's display sleeps while nobody needs it.

use super::hours::{HOUR, at_with, on_monday, shop};
use super::*;
use crate::flow::{Display, Standby};

fn sleeping(standby: Standby) -> Settings {
    let mut settings = shop();
    if let Some(kiosk) = &mut settings.kiosk {
        kiosk.standby = Some(standby);
    }
    settings
}

/// On a Monday, with a display that is on.
fn at(standby: Standby, time: Duration) -> Story {
    at_with(sleeping(standby), time).turns(Display::On)
}

impl Story {
    #[track_caller]
    fn turns(mut self, expected: Display) -> Story {
        match self.untold.pop_front() {
            Some(Effect::Display(display)) if display == expected => {}
            other => {
                self.untold.extend(other);
                self.fails(&format!("that the display is told {expected:?}"));
            }
        }
        self
    }
}

#[test]
fn it_sleeps_a_while_after_closing_and_wakes_when_the_kiosk_opens() {
    let closing =
        at(Standby::Closed, secs(19 * HOUR)).after(secs(HOUR)).turns(Display::Standby).shows(Closed);
    closing.after(secs(12 * HOUR)).turns(Display::On).shows(Idle).after(secs(11 * HOUR)).does_nothing();

    let late = at(Standby::Closed, secs(20 * HOUR - 60)).presses(Key::Ok).after(secs(60)).shows(Closed);
    late.after(secs(300)).turns(Display::Standby);
}

#[test]
fn a_key_wakes_a_display_that_sleeps_and_does_nothing_else() {
    let asleep = || at(Standby::Closed, secs(19 * HOUR)).after(secs(HOUR)).turns(Display::Standby);
    for key in [Key::Digit(6), Key::Ok, Key::Blue] {
        let read = asleep().presses(key).turns(Display::On).shows(Closed).says(Language::DANISH);
        read.after(secs(300)).turns(Display::Standby);
    }
    let idle = || at_with(sleeping(Standby::Idle), secs(9 * HOUR)).wakes().does_nothing();
    idle().presses(Key::Digit(6)).turns(Display::On).shows(Entering).shows_typed("");
    idle().taps(Control::Wake).turns(Display::On).shows(Entering);
    idle().comes_with(cpr()).turns(Display::On).asks_the_broker();
}

#[test]
fn where_it_sleeps_whenever_nobody_is_there_it_waits_five_minutes() {
    let woken = at_with(sleeping(Standby::Idle), secs(9 * HOUR)).presses(Key::Ok).turns(Display::On);
    woken.after(secs(90)).shows(Idle).after(secs(300)).turns(Display::Standby).shows(Idle);
}

#[test]
fn where_it_sleeps_at_night_somebody_who_comes_then_sees_what_they_do() {
    let night = at(Standby::Night, secs(21 * HOUR)).after(secs(HOUR)).turns(Display::Standby);
    night.after(secs(8 * HOUR)).turns(Display::On);
}

#[test]
fn a_kiosk_that_starts_while_its_display_should_sleep_looks_whether_somebody_is_there_and_tells_it_once() {
    for standby in [Standby::Closed, Standby::Idle] {
        let started =
            at_with(sleeping(standby), secs(3 * HOUR)).does_nothing().after(secs(299)).does_nothing();
        started.after(secs(1)).turns(Display::Standby).after(secs(HOUR)).does_nothing();
    }
}

#[test]
fn a_display_is_told_nothing_while_nobody_knows_the_time() {
    let story = Story::of(sleeping(Standby::Night)).wakes().does_nothing();
    story.meets("hears the clock", Event::Clock(on_monday(secs(12 * HOUR)))).turns(Display::On);
}
