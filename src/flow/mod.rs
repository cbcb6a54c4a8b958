//! The decisions of a login: entering → starting → waiting → ended.
//!
//! Pure: `update` is told what happened and what time it is and answers with effects, `wake_at` says when to be
//! woken, `view` says what there is to see. Time is the time since some fixed point and counts time asleep.
//! Each login ends once; news that comes later changes nothing; a start is never repeated by itself, a poll is.

mod codes;
mod event;
mod identifier;
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

use crate::ciba::polling::{Polling, Verdict};
use crate::ciba::{Acknowledgement, Action, Answer, AuthReqId, Hint};

/// How long the result stays on the screen by itself.
const RESULT_SHOWN: Duration = Duration::from_secs(10);
/// An OK that comes this soon after another belongs to it: the key is held, or pressed twice for one wish.
const ONE_PRESS: Duration = Duration::from_secs(1);
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
        Flow { settings, codes: Codes::new(seed), attempt: Attempt::default(), state, ok_at: None }
    }

    pub fn update(&mut self, event: Event, now: Duration) -> Vec<Effect> {
        // What is over ends before anything that comes with it: a result that arrives after the end is too late.
        let mut effects = self.end_in_time(now);
        let page_is_gone = !effects.is_empty();
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

    fn press(&mut self, key: Key, now: Duration) -> Vec<Effect> {
        let ok_at = std::mem::replace(&mut self.ok_at, (key == Key::Ok).then_some(now));
        let same_press = ok_at.is_some_and(|at| now < at + ONE_PRESS);
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
                    Key::Back => self.end(Ending::Cancelled, now).effects(),
                    Key::Red | Key::Green | Key::Yellow | Key::Blue => {
                        *complaint = None;
                        Vec::new()
                    }
                }
            }
            State::Starting { .. } | State::Waiting { .. } => match key {
                Key::Back => self.cancel(now),
                // Cancel is the only thing to press on the waiting screen, and it has the focus.
                Key::Ok if !same_press && matches!(self.state, State::Waiting { .. }) => self.cancel(now),
                _ => Vec::new(),
            },
            State::Ended { page, .. } => match key {
                Key::Ok if matches!(page, Page::Approved(_)) => self.close(),
                Key::Ok => self.again(),
                Key::Back => self.close(),
                _ => Vec::new(),
            },
        }
    }

    fn tap(&mut self, control: Control, now: Duration) -> Vec<Effect> {
        match (&mut self.state, control) {
            (_, Control::Language) => self.switch_language(),
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
            (State::Entering { .. }, Control::Cancel) => self.end(Ending::Cancelled, now).effects(),
            (State::Starting { .. } | State::Waiting { .. }, Control::Cancel) => self.cancel(now),
            (State::Ended { .. }, Control::Again) => self.again(),
            (State::Ended { .. }, Control::Close) => self.close(),
            _ => Vec::new(),
        }
    }

    /// `focus` is where the focus goes, except that a complete identifier always moves a visible one to OK.
    fn type_in(&mut self, character: char, to: Option<usize>) -> Vec<Effect> {
        let State::Entering { identifier, complaint, focus, .. } = &mut self.state else { return Vec::new() };
        let typed = identifier.push(character);
        let full = identifier.len() == identifier.kind().places();
        *focus = to.map(|at| if full { Pad::of(identifier.kind()).ok() } else { at });
        if typed {
            // A wrong date is told as soon as it is there, a missing digit only when it is missed.
            *complaint = if full { identifier.complete().err() } else { None };
        }
        Vec::new()
    }

    fn erase(&mut self) -> Vec<Effect> {
        if let State::Entering { identifier, complaint, .. } = &mut self.state {
            identifier.erase();
            *complaint = None;
        }
        Vec::new()
    }

    fn submit(&mut self, now: Duration) -> Vec<Effect> {
        let State::Entering { identifier, complaint, .. } = &mut self.state else { return Vec::new() };
        match identifier.complete() {
            Ok(hint) => self.start(hint, now),
            Err(why) => {
                *complaint = Some(why);
                Vec::new()
            }
        }
    }

    /// The identifier leaves here and no copy stays: the state that held it is replaced.
    fn start(&mut self, hint: Hint, now: Duration) -> Vec<Effect> {
        self.attempt.0 += 1;
        let code = self.codes.code();
        let reference_text = self.settings.reference_text.render(&code);
        let order = Order {
            hint,
            reference_text: reference_text.clone(),
            reference_id: self.codes.opaque(),
            ciba_nonce: self.codes.opaque(),
        };
        let login = Login { code, reference_text, reference_id: order.reference_id.clone() };
        self.state = State::Starting { login, sent_at: now };
        vec![Effect::Start { attempt: self.attempt, order }]
    }

    fn hear(&mut self, attempt: Attempt, news: News, now: Duration) -> Vec<Effect> {
        if attempt == self.attempt {
            match &self.state {
                State::Starting { .. } => return self.hear_of_the_start(news, now),
                State::Waiting { line: Line::Asking | Line::AskingAgain, .. } => {
                    return self.hear_of_a_poll(news, now);
                }
                // No question, so this is no answer.
                State::Waiting { .. } => return Vec::new(),
                State::Entering { .. } | State::Ended { .. } => {}
            }
        }
        match news {
            // A login that was given up before its id was known can be cancelled only now.
            News::Acknowledged(ack) => vec![Effect::Cancel { attempt, auth_req_id: Some(ack.auth_req_id) }],
            _ => Vec::new(),
        }
    }

    fn hear_of_the_start(&mut self, news: News, now: Duration) -> Vec<Effect> {
        match news {
            News::Acknowledged(ack) => {
                self.wait_for_the_person(ack, now);
                Vec::new()
            }
            News::NotStarted(NotStarted::Refused { error }) if error == "access_denied" => {
                self.end(Ending::Rejected, now).effects()
            }
            News::NotStarted(NotStarted::Refused { error } | NotStarted::NotSent { error }) => {
                self.end(Ending::Unavailable { error }, now).effects()
            }
            News::NotStarted(NotStarted::MaybeSent { error }) => {
                self.end(Ending::Unknown { error }, now).effects()
            }
            _ => Vec::new(),
        }
    }

    fn wait_for_the_person(&mut self, mut ack: Acknowledgement, now: Duration) {
        let State::Starting { login, sent_at } = &self.state else { return };
        ack.expires_in = ack.expires_in.min(self.settings.patience);
        let polling = Polling::begin(*sent_at, now, &ack, self.settings.assertions);
        self.state = State::Waiting {
            login: login.clone(),
            auth_req_id: ack.auth_req_id,
            polling,
            started: *sent_at,
            line: Line::Quiet,
        };
    }

    fn hear_of_a_poll(&mut self, news: News, now: Duration) -> Vec<Effect> {
        let State::Waiting { polling, line, .. } = &mut self.state else { return Vec::new() };
        match news {
            News::Granted(granted) => self.end(Ending::Approved(granted), now).effects(),
            News::Untrusted(clause) => self.end(Ending::Refused { error: clause.to_string() }, now).effects(),
            News::Unverifiable { error } => self.end(Ending::Unknown { error }, now).effects(),
            News::Silence { maybe_answered } => {
                *line = Line::Troubled;
                polling.silence(maybe_answered, now);
                Vec::new()
            }
            News::Heard(answer) => {
                *line = if matches!(answer, Answer::Busy(_) | Answer::Lost) {
                    Line::Troubled
                } else {
                    Line::Quiet
                };
                match polling.hear(&answer, now) {
                    Verdict::Continue => Vec::new(),
                    Verdict::Denied => self.end(Ending::Rejected, now).effects(),
                    Verdict::Expired => self.end(Ending::Expired, now).effects(),
                    Verdict::Lost => self.end(Ending::Unknown { error: "answer_lost".into() }, now).effects(),
                    Verdict::Failed { error } => {
                        let cancel = self.drop_request();
                        self.end(Ending::Unavailable { error }, now).after(cancel)
                    }
                }
            }
            News::Acknowledged(_) | News::NotStarted(_) => Vec::new(),
        }
    }

    fn cancel(&mut self, now: Duration) -> Vec<Effect> {
        let cancel = self.drop_request();
        self.end(Ending::Cancelled, now).after(cancel)
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

    fn switch_language(&mut self) -> Vec<Effect> {
        self.settings.language = match self.settings.language {
            Language::Danish => Language::English,
            Language::English => Language::Danish,
        };
        Vec::new()
    }

    fn drop_request(&self) -> Effect {
        let auth_req_id = match &self.state {
            State::Waiting { auth_req_id, .. } => Some(auth_req_id.clone()),
            _ => None,
        };
        Effect::Cancel { attempt: self.attempt, auth_req_id }
    }

    fn end(&mut self, ending: Ending, now: Duration) -> Finished {
        let reference_id = match &self.state {
            State::Starting { login, .. } | State::Waiting { login, .. } => login.reference_id.clone(),
            State::Entering { .. } | State::Ended { .. } => String::new(),
        };
        self.state = State::Ended { page: ending.page(), since: now };
        Finished(ending.outcome(reference_id))
    }
}

/// How a login ends, before it is told to the screen and to the host.
enum Ending {
    Approved(Box<Granted>),
    Rejected,
    Expired,
    Cancelled,
    Refused { error: String },
    Unavailable { error: String },
    Unknown { error: String },
}

impl Ending {
    /// The screen gets no more than it shows.
    fn page(&self) -> Page {
        match self {
            Ending::Approved(granted) => {
                Page::Approved(Approved { first_name: granted.identity.name.as_deref().and_then(first_name) })
            }
            Ending::Rejected => Page::Rejected,
            Ending::Expired => Page::Expired,
            Ending::Cancelled => Page::Cancelled,
            Ending::Refused { .. } => Page::Refused,
            Ending::Unavailable { error } => Page::Unavailable { error: error.clone() },
            Ending::Unknown { error } => Page::Unknown { error: error.clone() },
        }
    }

    fn outcome(self, reference_id: String) -> Outcome {
        match self {
            Ending::Approved(granted) => Outcome::Approved { granted, reference_id },
            Ending::Rejected => Outcome::Rejected,
            Ending::Expired => Outcome::Expired,
            Ending::Cancelled => Outcome::Cancelled,
            Ending::Refused { error } => Outcome::Refused { error },
            Ending::Unavailable { error } => Outcome::Unavailable { error },
            Ending::Unknown { error } => Outcome::Unknown { error },
        }
    }
}

/// The end of a login that has still to be told to the host.
struct Finished(Outcome);

impl Finished {
    fn effects(self) -> Vec<Effect> {
        vec![Effect::Finish(self.0)]
    }

    fn after(self, first: Effect) -> Vec<Effect> {
        vec![first, Effect::Finish(self.0)]
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

/// The name to greet with; people whose name is protected come as "NAVNE & ADRESSEBESKYTTET".
fn first_name(name: &str) -> Option<String> {
    let protected = name.to_uppercase().contains("BESKYTTET");
    let first = name.split_whitespace().next()?;
    let plain: String = first.chars().filter(|c| c.is_alphabetic() || "-'’.".contains(*c)).take(30).collect();
    (!protected && !plain.is_empty()).then_some(plain)
}
