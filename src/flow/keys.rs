//! What keys and fingers do on each page. Whatever means nothing on a page does nothing there.

use std::time::Duration;

use super::{Cap, Control, Effect, Flow, Key, Language, Outcome, Pad, Page, State};

/// An OK that comes this soon after another belongs to it: the key is held, or pressed twice for one wish.
const ONE_PRESS: Duration = Duration::from_secs(1);

impl Flow {
    pub(super) fn press(&mut self, key: Key, now: Duration) -> Vec<Effect> {
        let ok_at = std::mem::replace(&mut self.ok_at, (key == Key::Ok).then_some(now));
        let same_press = ok_at.is_some_and(|at| now < at + ONE_PRESS);
        if key == Key::Yellow || self.help {
            self.help = !self.help || !matches!(key, Key::Yellow | Key::Back | Key::Ok);
            return Vec::new();
        }
        match &mut self.state {
            State::Entering { identifier, complaint, focus, .. } => {
                let pad = Pad::of(identifier.kind());
                match key {
                    Key::Digit(digit) => self.type_in(char::from(b'0' + digit.min(9)), Some(pad.ok())),
                    Key::Character(character) => self.type_in(character, Some(pad.ok())),
                    Key::Erase => self.erase(),
                    Key::Up | Key::Down | Key::Left | Key::Right => {
                        *focus = Some(focus.map_or(pad.home(), |from| pad.step(from, key)));
                        Vec::new()
                    }
                    Key::Ok => match focus.map(|at| pad.caps[at]) {
                        Some(Cap::Type(character)) => {
                            let at = *focus;
                            self.type_in(character, at)
                        }
                        Some(Cap::Erase) => self.erase(),
                        Some(Cap::Ok) | None => self.submit(now),
                    },
                    Key::Back => self.end(Outcome::Cancelled, now),
                    Key::Red | Key::Green | Key::Yellow | Key::Blue => {
                        *complaint = None;
                        Vec::new()
                    }
                }
            }
            State::Starting { .. } | State::Waiting { .. } => match key {
                Key::Back => self.give_up(Outcome::Cancelled, now),
                // Cancel is the only thing to press on the waiting screen, and it has the focus.
                Key::Ok if !same_press && matches!(self.state, State::Waiting { .. }) => {
                    self.give_up(Outcome::Cancelled, now)
                }
                _ => Vec::new(),
            },
            State::Ended { page, .. } => match key {
                // It cancelled, and was pressed twice for that.
                Key::Ok if same_press && matches!(page, Page::Cancelled) => Vec::new(),
                Key::Ok if matches!(page, Page::Approved(_)) => self.close(),
                Key::Ok => self.again(),
                Key::Back => self.close(),
                _ => Vec::new(),
            },
        }
    }

    pub(super) fn tap(&mut self, control: Control, now: Duration) -> Vec<Effect> {
        match (&mut self.state, control) {
            (_, Control::Language) => self.switch_language(),
            (_, Control::Help) => {
                self.help = !self.help;
                Vec::new()
            }
            // The help covers everything else.
            _ if self.help => Vec::new(),
            (State::Entering { identifier, focus, .. }, Control::Cap(at)) => {
                *focus = None;
                match Pad::of(identifier.kind()).caps.get(at) {
                    Some(Cap::Type(character)) => self.type_in(*character, None),
                    Some(Cap::Erase) => self.erase(),
                    Some(Cap::Ok) => self.submit(now),
                    None => Vec::new(),
                }
            }
            (State::Entering { .. }, Control::Continue) => self.submit(now),
            (State::Entering { .. }, Control::Cancel) => self.end(Outcome::Cancelled, now),
            (State::Starting { .. } | State::Waiting { .. }, Control::Cancel) => {
                self.give_up(Outcome::Cancelled, now)
            }
            (State::Ended { .. }, Control::Again) => self.again(),
            (State::Ended { .. }, Control::Close) => self.close(),
            _ => Vec::new(),
        }
    }

    /// `focus` is where the focus goes, except that a complete identifier always moves a visible one to OK.
    fn type_in(&mut self, character: char, to: Option<usize>) -> Vec<Effect> {
        let State::Entering { identifier, complaint, focus, wait_until, .. } = &mut self.state else {
            return Vec::new();
        };
        let typed = identifier.push(character);
        let full = identifier.len() == identifier.kind().places();
        *focus = to.map(|at| if full { Pad::of(identifier.kind()).ok() } else { at });
        if typed {
            *wait_until = None;
            // A wrong date is told as soon as it is there, a missing digit only when it is missed.
            *complaint = if full { identifier.complete().err() } else { None };
        }
        Vec::new()
    }

    fn erase(&mut self) -> Vec<Effect> {
        if let State::Entering { identifier, complaint, wait_until, .. } = &mut self.state {
            identifier.erase();
            (*complaint, *wait_until) = (None, None);
        }
        Vec::new()
    }

    fn submit(&mut self, now: Duration) -> Vec<Effect> {
        let State::Entering { identifier, complaint, .. } = &mut self.state else { return Vec::new() };
        match identifier.complete() {
            Ok(hint) => self.ask_for(hint, now),
            Err(why) => {
                *complaint = Some(why);
                Vec::new()
            }
        }
    }

    pub(super) fn switch_language(&mut self) -> Vec<Effect> {
        self.settings.language = match self.settings.language {
            Language::Danish => Language::English,
            Language::English => Language::Danish,
        };
        Vec::new()
    }
}
