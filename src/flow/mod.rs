//! The decisions of a login: entering → starting → waiting → ended.
//!
//! Pure: `update` is told what happened and what time it is and answers with effects, `wake_at` says when to be
//! woken, `view` says what there is to see. Time is the time since some fixed point and counts time asleep.
//! Each login ends once; news that comes later changes nothing; a start is never repeated by itself, a poll is.

mod codes;
mod conversation;
mod ending;
mod event;
mod identifier;
mod keys;
mod pad;
mod reference_text;
#[cfg(test)]
mod stories;
mod view;

use std::fmt;
use std::time::Duration;

pub use codes::Codes;
pub use event::{Attempt, Control, Effect, Event, Granted, Key, Language, News, NotStarted, Order, Outcome};
pub use identifier::{Identifier, Kind};
pub use pad::{Cap, Pad};
pub use reference_text::{BadTemplate, LONGEST, ReferenceText};
pub use view::{Approved, Complaint, Enter, Page, View, Waiting};

use crate::ciba::polling::Polling;
use crate::ciba::{Action, AuthReqId};
use ending::Ending;

/// How long the result stays on the screen by itself.
const RESULT_SHOWN: Duration = Duration::from_secs(10);
/// The transport always tells how a start went; this is the end of waiting for it if it does not.
const START_TAKES_AT_MOST: Duration = Duration::from_secs(60);

/// What stays the same from login to login.
#[derive(Clone, Debug)]
pub struct Settings {
    pub kind: Kind,
    pub service: String,
    pub action: Action,
    pub language: Language,
    pub reference_text: ReferenceText,
    /// The client signs assertions; the broker's `expired_token` then speaks of an assertion.
    pub assertions: bool,
    /// No login waits longer than this, even where the broker would.
    pub patience: Duration,
}

pub struct Flow {
    settings: Settings,
    codes: Codes,
    attempt: Attempt,
    state: State,
    /// When the last key was pressed, if that was OK.
    ok_at: Option<Duration>,
    /// Somebody reads the help. The login goes on under it, and its end closes it.
    help: bool,
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = match &self.state {
            State::Entering { .. } => "enter",
            State::Starting { .. } => "starting",
            State::Waiting { .. } => "waiting",
            State::Ended { page, .. } => page.name(),
        };
        f.debug_struct("Flow").field("attempt", &self.attempt).field("page", &page).finish_non_exhaustive()
    }
}

enum State {
    Entering {
        identifier: Identifier,
        complaint: Option<Complaint>,
        focus: Option<usize>,
        /// The host has not heard of any end yet.
        awaited: bool,
    },
    Starting {
        login: Login,
        sent_at: Duration,
    },
    Waiting {
        login: Login,
        auth_req_id: AuthReqId,
        polling: Polling,
        started: Duration,
        line: Line,
    },
    Ended {
        page: Page,
        since: Duration,
    },
}

/// What a login is known by, here and on the phone.
#[derive(Clone)]
struct Login {
    code: String,
    reference_text: String,
    reference_id: String,
}

/// Where the conversation with the broker stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Quiet,
    Asking,
    /// The last poll got no answer.
    Troubled,
    AskingAgain,
}

impl Flow {
    /// `seed` comes from the system's random source; every code of this flow is drawn from it.
    pub fn new(settings: Settings, seed: [u8; 32]) -> Flow {
        let state = entering(settings.kind, true);
        Flow {
            settings,
            codes: Codes::new(seed),
            attempt: Attempt::default(),
            state,
            ok_at: None,
            help: false,
        }
    }

    pub fn update(&mut self, event: Event, now: Duration) -> Vec<Effect> {
        // What is over ends before anything that comes with it: a result that arrives after the end is too late.
        let mut effects = self.end_in_time(now);
        let page_is_gone = !effects.is_empty();
        let page = std::mem::discriminant(&self.state);
        effects.extend(match event {
            Event::Pressed(Key::Blue) => self.switch_language(),
            // The key was meant for what is no longer there.
            Event::Pressed(_) if page_is_gone => Vec::new(),
            Event::Pressed(key) => self.press(key, now),
            Event::Tapped(control) => self.tap(control, now),
            Event::Given(hint) => match self.state {
                State::Entering { .. } => self.start(hint, now),
                _ => Vec::new(),
            },
            Event::Woke => Vec::new(),
            Event::News(attempt, news) => self.hear(attempt, news, now),
            Event::Leave => self.leave(now),
        });
        // A start may be acknowledged when its life is already over.
        effects.extend(self.end_in_time(now));
        effects.extend(self.ask_in_time(now));
        self.help &= page == std::mem::discriminant(&self.state);
        effects
    }

    /// When to call `update` with [`Event::Woke`]; `None` while only a person or the broker can change anything.
    pub fn wake_at(&self) -> Option<Duration> {
        match &self.state {
            State::Entering { .. } => None,
            State::Starting { sent_at, .. } => Some(self.start_ends_at(*sent_at)),
            State::Waiting { polling, line, .. } => {
                let poll = match line {
                    Line::Quiet | Line::Troubled => polling.next_at(),
                    Line::Asking | Line::AskingAgain => polling.deadline(),
                };
                Some(poll.min(polling.deadline()))
            }
            State::Ended { page: Page::Approved(_), since } => Some(*since + RESULT_SHOWN),
            State::Ended { .. } => None,
        }
    }

    /// When the view changes by time alone: the countdown, once a second.
    pub fn redraw_at(&self, now: Duration) -> Option<Duration> {
        let State::Waiting { polling, .. } = &self.state else { return None };
        let left = whole_seconds_left(polling, now).checked_sub(Duration::from_secs(1))?;
        Some(polling.deadline() - left)
    }

    pub fn view(&self, now: Duration) -> View {
        let page = match &self.state {
            State::Entering { identifier, complaint, focus, .. } => Page::Enter(Enter {
                kind: identifier.kind(),
                typed: identifier
                    .characters()
                    .map(|character| (!identifier.kind().masked()).then_some(character))
                    .collect(),
                places: identifier.kind().places(),
                complete: identifier.complete().is_ok(),
                complaint: *complaint,
                pad: Pad::of(identifier.kind()),
                focus: *focus,
            }),
            State::Starting { .. } => Page::Starting,
            State::Waiting { login, polling, started, line, .. } => Page::Waiting(Waiting {
                code: login.code.clone(),
                reference_text: login.reference_text.clone(),
                left: whole_seconds_left(polling, now),
                lifetime: polling.deadline().saturating_sub(*started),
                troubled: matches!(line, Line::Troubled | Line::AskingAgain),
            }),
            State::Ended { page, .. } => page.clone(),
        };
        View {
            language: self.settings.language,
            service: self.settings.service.clone(),
            action: self.settings.action,
            page,
            help: self.help,
        }
    }

    /// The number of the login that is under way or was the last.
    pub fn attempt(&self) -> Attempt {
        self.attempt
    }

    fn end_in_time(&mut self, now: Duration) -> Vec<Effect> {
        match &self.state {
            State::Starting { sent_at, .. } if now >= self.start_ends_at(*sent_at) => {
                let cancel = self.drop_request();
                self.end(Ending::Unknown { error: "no_answer".into() }, now).after(cancel)
            }
            State::Waiting { polling, .. } if now >= polling.deadline() => {
                let cancel = self.drop_request();
                self.end(Ending::Expired, now).after(cancel)
            }
            State::Ended { page: Page::Approved(_), since } if now >= *since + RESULT_SHOWN => self.close(),
            _ => Vec::new(),
        }
    }

    fn start_ends_at(&self, sent_at: Duration) -> Duration {
        sent_at + START_TAKES_AT_MOST.min(self.settings.patience)
    }

    fn ask_in_time(&mut self, now: Duration) -> Vec<Effect> {
        let State::Waiting { auth_req_id, polling, line, .. } = &mut self.state else { return Vec::new() };
        *line = match line {
            Line::Quiet if now >= polling.next_at() => Line::Asking,
            Line::Troubled if now >= polling.next_at() => Line::AskingAgain,
            _ => return Vec::new(),
        };
        vec![Effect::Poll { attempt: self.attempt, auth_req_id: auth_req_id.clone() }]
    }

    fn leave(&mut self, now: Duration) -> Vec<Effect> {
        let mut effects = match &self.state {
            // After an end there is nothing more to tell until somebody has begun anew.
            State::Entering { identifier, awaited: false, .. } if identifier.is_empty() => Vec::new(),
            State::Entering { .. } => self.end(Ending::Cancelled, now).effects(),
            State::Starting { .. } | State::Waiting { .. } => self.cancel(now),
            State::Ended { .. } => Vec::new(),
        };
        effects.extend(self.close());
        effects
    }

    fn again(&mut self) -> Vec<Effect> {
        self.state = entering(self.settings.kind, false);
        Vec::new()
    }

    /// Whatever was on the screen is gone before anybody else looks at it.
    fn close(&mut self) -> Vec<Effect> {
        self.state = entering(self.settings.kind, false);
        vec![Effect::Leave]
    }
}

fn entering(kind: Kind, awaited: bool) -> State {
    let focus = Some(Pad::of(kind).home());
    State::Entering { identifier: Identifier::new(kind), complaint: None, focus, awaited }
}

fn whole_seconds_left(polling: &Polling, now: Duration) -> Duration {
    let left = polling.deadline().saturating_sub(now);
    Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0))
}
