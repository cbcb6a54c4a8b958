//! What keys and fingers do on each page. Whatever means nothing on a page does nothing there.

use std::time::Duration;

use super::{Cap, Control, Effect, Flow, Key, Outcome, Overlay, Pad, Page, State};

/// An OK that comes this soon after another belongs to it: the key is held, or pressed twice for one wish.
const ONE_PRESS: Duration = Duration::from_secs(1);
/// A finger that comes back this soon after it has brought a page taps twice for one wish.
const ONE_TAP: Duration = Duration::from_millis(300);
/// The key that erases takes everything back when it stays down for so long.
const LONG_PRESS: Duration = Duration::from_millis(600);

impl Flow {
    pub(super) fn press(&mut self, key: Key, now: Duration) -> Vec<Effect> {
        let ok_at = std::mem::replace(&mut self.ok_at, (key == Key::Ok).then_some(now));
        let same_press = ok_at.is_some_and(|at| now < at + ONE_PRESS);
        self.erasing_since = None;
        if let Some(overlay) = self.overlay {
            self.read(overlay, key);
            return Vec::new();
        }
        if key == Key::Yellow {
            self.overlay = Some(Overlay::Help);
            return Vec::new();
        }
        let scanned = self.is_for_whoever_scans();
        match &self.state {
            State::Entering { .. } => self.press_while_entering(key, same_press, now),
            State::Offering { .. } => match key {
                // It brought the first page.
                Key::Ok if same_press => Vec::new(),
                Key::Ok => self.show_a_code(now),
                Key::Back => self.end(Outcome::Cancelled, now),
                Key::Green => {
                    self.overlay = Some(Overlay::Privacy);
                    Vec::new()
                }
                _ => Vec::new(),
            },
            _ if scanned => match key {
                Key::Back => self.back_from_the_code(now),
                Key::Ok if !same_press => self.scan_again_or_enlarge(now),
                _ => Vec::new(),
            },
            State::Starting { .. } | State::Waiting { .. } => match key {
                Key::Back => self.give_up(Outcome::Cancelled, now),
                // Cancel is the only thing to press on the waiting screen, and it has the focus.
                Key::Ok if !same_press && matches!(self.state, State::Waiting { .. }) => {
                    self.give_up(Outcome::Cancelled, now)
                }
                _ => Vec::new(),
            },
            State::Resting { .. } => Vec::new(),
            State::Ended { page, .. } => match key {
                // It sent or cancelled, and was pressed twice for that; what came of it has not been read.
                Key::Ok if same_press => Vec::new(),
                Key::Ok if may_be_tried_again(page) => self.again(),
                Key::Ok | Key::Back => self.close(now),
                _ => Vec::new(),
            },
        }
    }

    fn press_while_entering(&mut self, key: Key, same_press: bool, now: Duration) -> Vec<Effect> {
        let scans = self.settings.methods.scans();
        let State::Entering { identifier, focus, sight, .. } = &mut self.state else { return Vec::new() };
        let pad = Pad { scans, ..Pad::of(identifier.kind()) };
        match key {
            // It brought this page, and is no press here.
            Key::Ok if same_press && identifier.is_empty() => Vec::new(),
            Key::Digit(digit) => self.type_in(char::from(b'0' + digit.min(9)), Some(pad.ok()), now),
            Key::Character(character) => self.type_in(character, Some(pad.ok()), now),
            Key::Erase => self.erase(now),
            Key::Up | Key::Down | Key::Left | Key::Right => {
                *focus = Some(focus.map_or(pad.home(), |from| pad.step(from, key)));
                Vec::new()
            }
            Key::Ok => match *focus {
                Some(at) => self.choose(pad.cap(at), Some(at), now),
                None => self.submit(now),
            },
            Key::Back => self.end(Outcome::Cancelled, now),
            Key::Red => {
                sight.toggle(identifier.kind(), now);
                Vec::new()
            }
            Key::Green => {
                self.overlay = Some(Overlay::Privacy);
                Vec::new()
            }
            Key::Yellow | Key::Blue => Vec::new(),
        }
    }

    /// An on-screen key, and where the focus is after it.
    fn choose(&mut self, cap: Option<Cap>, focus: Option<usize>, now: Duration) -> Vec<Effect> {
        match cap {
            Some(Cap::Type(character)) => self.type_in(character, focus, now),
            Some(Cap::Erase) => self.erase(now),
            Some(Cap::Ok) => self.submit(now),
            Some(Cap::Scan) => self.show_a_code(now),
            None => Vec::new(),
        }
    }

    /// A key that is still down helps only where it repeats a step, or where it is held on purpose.
    pub(super) fn hold(&mut self, key: Key, now: Duration) -> Vec<Effect> {
        let State::Entering { identifier, focus, .. } = &self.state else { return Vec::new() };
        let pad = Pad::of(identifier.kind());
        let erases = match key {
            Key::Erase => true,
            Key::Ok => focus.is_some_and(|at| pad.caps.get(at) == Some(&Cap::Erase)),
            Key::Up | Key::Down | Key::Left | Key::Right => return self.press(key, now),
            _ => false,
        };
        if erases && self.erasing_since.is_some_and(|since| now >= since.saturating_add(LONG_PRESS)) {
            self.erase_all();
        }
        Vec::new()
    }

    /// Whoever reads presses no key of the page below.
    fn read(&mut self, overlay: Overlay, key: Key) {
        let own = match overlay {
            Overlay::Help => Key::Yellow,
            Overlay::Privacy => Key::Green,
        };
        if key == own || matches!(key, Key::Ok | Key::Back) {
            self.overlay = None;
        }
    }

    /// A finger opens and closes by the same places.
    fn turn(&mut self, overlay: Overlay) {
        self.overlay = if self.overlay == Some(overlay) { None } else { Some(overlay) };
    }

    /// Whether the page came under this finger: what it meets there was not meant.
    pub(super) fn is_the_same_tap(&self, control: Control, now: Duration) -> bool {
        let acts = match control {
            Control::Cap(_)
            | Control::Continue
            | Control::Scan
            | Control::Enlarge
            | Control::Cancel
            | Control::Again
            | Control::Close => true,
            Control::Hold(_)
            | Control::Sight
            | Control::Privacy
            | Control::Help
            | Control::Language
            | Control::Wake => false,
        };
        acts && self.turned_at.is_some_and(|at| now < at + ONE_TAP)
    }

    pub(super) fn tap(&mut self, control: Control, now: Duration) -> Vec<Effect> {
        let scanned = self.is_for_whoever_scans();
        match (&mut self.state, control) {
            (_, Control::Language) => self.switch_language(),
            (_, Control::Help) => {
                self.turn(Overlay::Help);
                Vec::new()
            }
            (State::Entering { .. } | State::Offering { .. }, Control::Privacy) => {
                self.turn(Overlay::Privacy);
                Vec::new()
            }
            // It covers everything else.
            _ if self.overlay.is_some() => Vec::new(),
            (State::Entering { identifier, sight, .. }, Control::Sight) => {
                sight.toggle(identifier.kind(), now);
                Vec::new()
            }
            (State::Entering { identifier, .. }, Control::Hold(at)) => {
                if Pad::of(identifier.kind()).caps.get(at) == Some(&Cap::Erase) {
                    self.erase_all();
                }
                Vec::new()
            }
            (State::Entering { identifier, focus, .. }, Control::Cap(at)) => {
                *focus = None;
                let kind = identifier.kind();
                self.choose(self.pad(kind).cap(at), None, now)
            }
            (State::Entering { .. }, Control::Continue) => self.submit(now),
            (State::Entering { .. } | State::Offering { .. }, Control::Cancel) => {
                self.end(Outcome::Cancelled, now)
            }
            (_, Control::Scan) => self.show_a_code(now),
            (_, Control::Enlarge) => {
                self.enlarge(now);
                Vec::new()
            }
            (State::Starting { .. } | State::Waiting { .. }, Control::Cancel) if scanned => {
                self.back_from_the_code(now)
            }
            (State::Starting { .. } | State::Waiting { .. }, Control::Cancel) => {
                self.give_up(Outcome::Cancelled, now)
            }
            (State::Ended { page, .. }, Control::Again) if may_be_tried_again(page) => self.again(),
            (State::Ended { .. }, Control::Close) => self.close(now),
            _ => Vec::new(),
        }
    }

    /// `to` is where the focus goes, except that a complete identifier always moves a visible one to OK.
    fn type_in(&mut self, character: char, to: Option<usize>, now: Duration) -> Vec<Effect> {
        let State::Entering { identifier, complaint, focus, sight, wait_until, .. } = &mut self.state else {
            return Vec::new();
        };
        let typed = identifier.push(character);
        let full = identifier.len() == identifier.kind().places();
        *focus = to.map(|at| if full { Pad::of(identifier.kind()).ok() } else { at });
        if typed {
            sight.typed(now);
            *wait_until = None;
            // A wrong date is told as soon as it is there, a missing digit only when it is missed.
            *complaint = if full { identifier.complete().err() } else { None };
        }
        Vec::new()
    }

    fn erase(&mut self, now: Duration) -> Vec<Effect> {
        self.erasing_since = Some(now);
        if let State::Entering { identifier, complaint, sight, wait_until, .. } = &mut self.state {
            identifier.erase();
            sight.erased(now);
            (*complaint, *wait_until) = (None, None);
        }
        Vec::new()
    }

    fn erase_all(&mut self) {
        if let State::Entering { identifier, complaint, wait_until, .. } = &mut self.state {
            identifier.clear();
            (*complaint, *wait_until) = (None, None);
        }
    }

    fn submit(&mut self, now: Duration) -> Vec<Effect> {
        let State::Entering { person, identifier, complaint, .. } = &mut self.state else {
            return Vec::new();
        };
        match (identifier.complete(), person.clone()) {
            (Ok(_), Some(person)) => {
                let user_code = Some(identifier.secret());
                self.ask_for(person, user_code, now)
            }
            (Ok(hint), None) => self.ask_for(hint, None, now),
            (Err(why), _) => {
                *complaint = Some(why);
                Vec::new()
            }
        }
    }

    pub(super) fn switch_language(&mut self) -> Vec<Effect> {
        self.settings.language = self.settings.language.next();
        Vec::new()
    }
}

fn may_be_tried_again(page: &Page) -> bool {
    match page {
        Page::Approved(_) => false,
        Page::AgeTold(answer) => !answer.is_old_enough,
        Page::Unavailable { reason, .. } => reason.may_be_tried_again(),
        _ => true,
    }
}
