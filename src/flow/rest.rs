//! A kiosk's rest: what a screen that is everybody's does while nobody is there.
//!
//! It forgets whoever was there, keeps its hours, is dark at night, and moves its picture so that none burns in.
//! The time of the week is told by [`Event::Clock`]; while nobody knows it, the kiosk is open and it is day.

use std::time::Duration;

use super::ending::passes;
use super::hours::{Hours, WeekTime};
use super::view::{Closed, Page, Rest, Shift};
use super::{Control, Effect, Event, Flow, Key, Notice, State, first_page};

/// Where there is something to read, nobody is hurried: the page stays at least so long after the last key
/// (WCAG 2.2.1).
const READING_TIME: Duration = Duration::from_secs(120);
/// The picture of a resting screen moves this often, and never else by itself.
pub const SHIFTS_EVERY: Duration = Duration::from_secs(60);
/// The way there and back, in steps.
const WAY: [i8; 8] = [0, 1, 2, 1, 0, -1, -2, -1];

/// A display that is to sleep is left alone for so long after the last key: it may be somebody's turn to read.
const SLEEPS_AFTER: Duration = Duration::from_secs(300);

/// How a screen lives that is always on, for whoever comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kiosk {
    /// The screen rests when nobody has pressed or touched anything for so long.
    pub idle_after: Duration,
    /// When logins can be begun; `None` is always.
    pub open: Option<Hours>,
    /// When a resting screen is dark.
    pub night: Option<Hours>,
    /// When the display of a resting screen sleeps, if it ever does.
    pub standby: Option<Standby>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standby {
    /// Whenever the screen rests.
    Idle,
    Night,
    /// Outside the opening hours.
    Closed,
}

/// What a display is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    On,
    Standby,
}

impl Default for Kiosk {
    fn default() -> Kiosk {
        Kiosk { idle_after: Duration::from_secs(60), open: None, night: None, standby: None }
    }
}

/// What is known of the time of the week.
#[derive(Clone, Copy, Debug)]
pub(super) enum Clock {
    /// Nobody has told yet.
    Unheard,
    /// It has not been set.
    Unset,
    Told {
        time: WeekTime,
        at: Duration,
        /// Until when nothing is to come any more.
        passed: Duration,
    },
}

impl Clock {
    fn time(self, now: Duration) -> Option<WeekTime> {
        match self {
            Clock::Told { time, at, .. } => Some(time.after(now.saturating_sub(at))),
            Clock::Unheard | Clock::Unset => None,
        }
    }

    /// What was to happen until `now` has happened.
    pub(super) fn go_on(&mut self, now: Duration) {
        if let Clock::Told { passed, .. } = self {
            *passed = now;
        }
    }

    /// When these hours begin or end for the first time after `now`.
    fn change_of(self, hours: Option<&Hours>, now: Duration) -> Option<Duration> {
        Some(now + hours?.change_in(self.time(now)?)?)
    }

    fn passed(self) -> Duration {
        if let Clock::Told { passed, .. } = self { passed } else { Duration::ZERO }
    }
}

impl Flow {
    /// The first screen, before anybody has done anything.
    pub(super) fn rest(&mut self, now: Duration) {
        self.state = State::Resting { since: now, told: Some(Display::On) };
        self.overlay = None;
        self.settings.language = self.own_language;
    }

    /// The first key or finger says that somebody is there, and nothing else: nobody knows which key they were told
    /// to press. Digits and letters count as well, for whoever begins at once, and so does the key for the language;
    /// but not on a display that is dark until it has woken, too.
    pub(super) fn wake(&mut self, event: &Event, page_is_gone: bool, now: Duration) -> Vec<Effect> {
        let turns = matches!(event, Event::Pressed(Key::Blue) | Event::Tapped(Control::Language));
        let slept = self.turn_display(Display::On);
        if self.is_open(now) {
            self.state = first_page(&self.settings, false);
        }
        match event {
            _ if !slept.is_empty() => slept,
            _ if page_is_gone => Vec::new(),
            _ if turns => self.switch_language(),
            Event::Pressed(key) if self.is_open(now) => {
                self.ok_at = (*key == Key::Ok).then_some(now);
                match key {
                    Key::Digit(_) | Key::Character(_) => self.press(*key, now),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// What the device's clock says; `None` if it has not been set.
    pub(super) fn hear_the_time(&mut self, time: Option<WeekTime>, now: Duration) -> Vec<Effect> {
        let keeps_hours = self.open_hours().or(self.night()).is_some();
        let news = keeps_hours && time.is_none() && !matches!(self.clock, Clock::Unset);
        if matches!(self.clock, Clock::Unheard) {
            // The program has just begun, and whoever was there before may still be.
            self.touched_at = now;
        }
        self.clock = time.map_or(Clock::Unset, |time| Clock::Told { time, at: now, passed: now });
        news.then_some(Effect::Note(Notice::ClockUnset)).into_iter().collect()
    }

    /// When the screen rests by itself, if it ever does.
    pub(super) fn rests_at(&self) -> Option<Duration> {
        let kiosk = self.settings.kiosk.as_ref()?;
        let reading = READING_TIME.max(kiosk.idle_after);
        match &self.state {
            State::Entering { .. } | State::Offering { .. } => {
                let patience = if self.overlay.is_some() { reading } else { kiosk.idle_after };
                let at = self.touched_at.saturating_add(patience);
                // Whoever has begun is served to the end.
                let closes_at = if self.is_begun() { None } else { self.closes_at() };
                Some(closes_at.map_or(at, |closes_at| closes_at.min(at)))
            }
            State::Ended { page, .. } if passes(page) => None,
            State::Ended { since, .. } => Some(self.touched_at.max(*since).saturating_add(reading)),
            State::Resting { .. } | State::Starting { .. } | State::Waiting { .. } => None,
        }
    }

    /// When a resting screen has to be woken: the hours change, somebody has read it in their language, or the display
    /// sleeps.
    pub(super) fn stirs_at(&self, since: Duration, told: Option<Display>) -> Option<Duration> {
        let changes_at = self.clock.change_of(self.open_hours(), self.clock.passed());
        let turns_at = self.turns_at(since, told);
        self.speaks_own_at(since).into_iter().chain(changes_at).chain(turns_at).min()
    }

    /// When the display sleeps, or wakes by itself.
    fn turns_at(&self, since: Duration, told: Option<Display>) -> Option<Duration> {
        let standby = self.settings.kiosk.as_ref()?.standby?;
        let passed = self.clock.passed();
        let wanted = self.wants_sleep(standby, passed);
        let hours = match standby {
            Standby::Idle => None,
            Standby::Night => self.night(),
            Standby::Closed => self.open_hours(),
        };
        let changes_at = self.clock.change_of(hours, passed);
        match (told, wanted) {
            (Some(Display::On) | None, true) => Some(self.left_alone_at(since)),
            (Some(Display::On), false) => Some(changes_at?.max(self.left_alone_at(since))),
            (Some(Display::Standby), true) => changes_at,
            (Some(Display::Standby) | None, false) => Some(passed),
        }
    }

    fn left_alone_at(&self, since: Duration) -> Duration {
        self.touched_at.max(since).saturating_add(SLEEPS_AFTER)
    }

    fn wants_sleep(&self, standby: Standby, now: Duration) -> bool {
        match standby {
            Standby::Idle => true,
            Standby::Night => self.is_night(now),
            Standby::Closed => !self.is_open(now),
        }
    }

    /// Tells the display what it has not been told already.
    pub(super) fn turn_display(&mut self, to: Display) -> Vec<Effect> {
        let State::Resting { told, .. } = &mut self.state else { return Vec::new() };
        let before = told.replace(to);
        if before == Some(to) { Vec::new() } else { vec![Effect::Display(to)] }
    }

    /// When a resting screen that somebody reads in another language speaks its own again.
    fn speaks_own_at(&self, since: Duration) -> Option<Duration> {
        let kiosk = self.settings.kiosk.as_ref().filter(|_| self.settings.language != self.own_language)?;
        Some(self.touched_at.max(since).saturating_add(kiosk.idle_after))
    }

    /// What a kiosk does by time alone; `None` if that is nothing.
    pub(super) fn settle(&mut self, now: Duration) -> Option<Vec<Effect>> {
        let due = |at: Option<Duration>| at.is_some_and(|at| now >= at);
        match self.state {
            State::Resting { .. } if matches!(self.clock, Clock::Unheard) => None,
            State::Resting { since, told } => {
                let speaks = due(self.speaks_own_at(since));
                if speaks {
                    self.settings.language = self.own_language;
                }
                let standby = self.settings.kiosk.as_ref()?.standby;
                let wants_sleep = standby.is_some_and(|standby| self.wants_sleep(standby, now));
                let is_sure = told == Some(Display::Standby) || now >= self.left_alone_at(since);
                let turned = match (wants_sleep, is_sure) {
                    (true, true) => self.turn_display(Display::Standby),
                    (true, false) => Vec::new(),
                    (false, _) => self.turn_display(Display::On),
                };
                (speaks || !turned.is_empty()).then_some(turned)
            }
            _ if due(self.rests_at()) => {
                self.rest(now);
                Some(Vec::new())
            }
            _ => None,
        }
    }

    pub(super) fn resting_redraw_at(&self, now: Duration) -> Duration {
        let step = SHIFTS_EVERY.as_secs();
        let shifts_at = Duration::from_secs((now.as_secs() / step + 1) * step);
        let night_at = self.clock.change_of(self.night(), now);
        let closed = !self.is_open(now);
        let minute_at = self.clock.time(now).filter(|_| closed).map(|time| now + time.to_the_minute());
        night_at.into_iter().chain(minute_at).fold(shifts_at, Duration::min)
    }

    pub(super) fn resting_page(&self, now: Duration) -> Page {
        let time = self.clock.time(now);
        let asleep = matches!(self.state, State::Resting { told: Some(Display::Standby), .. });
        let rest = Rest { shift: shift(now), dark: self.is_night(now), asleep };
        let opening = self.open_hours().filter(|_| !self.is_open(now)).zip(time);
        match opening.and_then(|(open, time)| Some((open.opening(time)?, time.time_of_day()))) {
            Some((opens, clock)) => Page::Closed(Closed { opens, clock, rest }),
            None => Page::Idle(rest),
        }
    }

    pub(super) fn is_open(&self, now: Duration) -> bool {
        self.open_hours().zip(self.clock.time(now)).is_none_or(|(open, time)| open.contain(time))
    }

    fn is_night(&self, now: Duration) -> bool {
        self.night().zip(self.clock.time(now)).is_some_and(|(night, time)| night.contain(time))
    }

    fn open_hours(&self) -> Option<&Hours> {
        self.settings.kiosk.as_ref()?.open.as_ref()
    }

    fn night(&self) -> Option<&Hours> {
        self.settings.kiosk.as_ref()?.night.as_ref()
    }

    fn closes_at(&self) -> Option<Duration> {
        let passed = self.clock.passed();
        if self.is_open(passed) { self.clock.change_of(self.open_hours(), passed) } else { Some(passed) }
    }
}

/// A step at a time, to and fro, so that every place of a small square is visited.
fn shift(now: Duration) -> Shift {
    let step = now.as_secs() / SHIFTS_EVERY.as_secs();
    let way = |step: u64| WAY[(step % 8) as usize];
    Shift { right: way(step), down: way(step / 8) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_picture_moves_one_step_a_minute_and_comes_everywhere() {
        let at = |minute: u64| shift(SHIFTS_EVERY * u32::try_from(minute).unwrap());
        let mut seen = HashSet::new();
        for minute in 0..64 {
            let (one, next) = (at(minute), at(minute + 1));
            assert_eq!(one, shift(SHIFTS_EVERY * u32::try_from(minute).unwrap() + Duration::from_secs(59)));
            assert_ne!(one, next, "{minute}");
            assert!((one.right - next.right).abs() <= 1 && (one.down - next.down).abs() <= 1, "{minute}");
            seen.insert((one.right, one.down));
        }
        assert_eq!(seen.len(), 25);
    }
}
