//! The decisions of a login: entering → starting → waiting → ended.
//!
//! Pure: `update` is told what happened and what time it is and answers with effects, `wake_at` says when to be
//! woken, `view` says what there is to see. Time is the time since some fixed point and counts time asleep.
//! Each login ends once; news that comes later changes nothing; a start is never repeated by itself, a poll is.

mod cause;
mod codes;
mod conversation;
mod ending;
mod event;
mod hours;
mod identifier;
mod keys;
mod language;
mod limits;
mod notice;
mod pad;
mod reason;
mod reference_text;
mod rest;
mod scan;
mod sight;
#[cfg(test)]
mod stories;
mod view;

use std::fmt;
use std::time::Duration;

pub use cause::Cause;
pub use codes::Codes;
pub use event::{Attempt, Control, Effect, Event, Granted, Key, News, NotStarted, Order, Outcome};
pub use hours::{BadHours, Day, Hours, Opening, TimeOfDay, WeekTime};
pub use identifier::{Identifier, Kind};
pub use language::Language;
pub use limits::{Limits, Rate};
pub use notice::Notice;
pub use pad::{Cap, Pad};
pub use reason::Reason;
pub use reference_text::{BadTemplate, LONGEST, ReferenceText};
pub use rest::{Display, Kiosk, SHIFTS_EVERY, Standby};
pub use scan::Methods;
pub use sight::Toggle;
pub use view::{
    Approved, Basis, Closed, Complaint, Enter, Overlay, Page, Privacy, Rest, ScanCode, Scanning, Shift, View,
    Waiting, Words,
};

use crate::ciba::polling::{Polling, Retries};
use crate::ciba::{Action, AgeCheck, AuthReqId, Hint};
use ending::passes;
use limits::{Limiter, Person};
use rest::Clock;
use scan::Scan;
use sight::Sight;
use view::{counted, whole_seconds_left};

/// How long the result stays on the screen by itself.
const RESULT_SHOWN: Duration = Duration::from_secs(10);
/// The transport always tells how a start went; this is the end of waiting for it if it does not.
const START_TAKES_AT_MOST: Duration = Duration::from_secs(60);

/// How long a person may think in the middle of a number; also a device that has slept this long forgets it.
pub const FORGETS_AFTER: Duration = Duration::from_secs(60);

/// What stays the same from login to login.
#[derive(Clone, Debug)]
pub struct Settings {
    pub kind: Kind,
    pub methods: Methods,
    /// How many digits the code has that is asked for after the identifier, if one is.
    pub user_code: Option<u8>,
    pub service: String,
    pub action: Action,
    /// What is asked instead of who the person is.
    pub age: Option<AgeCheck>,
    pub language: Language,
    pub reference_text: ReferenceText,
    /// The errors of a poll that a fresh client assertion may mend.
    pub retries: Retries,
    /// No login waits longer than this, even where the broker would.
    pub patience: Duration,
    /// What was typed is gone after so long without a key.
    pub forgets_after: Duration,
    pub limits: Limits,
    pub privacy: Privacy,
    /// For a screen that is everybody's; `None` for one that somebody opens and closes.
    pub kiosk: Option<Kiosk>,
}

pub struct Flow {
    settings: Settings,
    codes: Codes,
    attempt: Attempt,
    state: State,
    /// When the last key was pressed, if that was OK.
    ok_at: Option<Duration>,
    /// When this page came, if a finger brought it.
    turned_at: Option<Duration>,
    /// Since when the key that erases is down, if it may be.
    erasing_since: Option<Duration>,
    /// What somebody reads. The login goes on under it, and its end closes it.
    overlay: Option<Overlay>,
    /// When anything was last pressed or tapped.
    touched_at: Duration,
    limiter: Limiter,
    /// What the screen speaks when nobody has chosen.
    own_language: Language,
    clock: Clock,
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let page = match &self.state {
            State::Resting { .. } => "idle",
            State::Entering { .. } => "enter",
            State::Offering { .. } => "offer",
            State::Starting { .. } => "starting",
            State::Waiting { .. } => "waiting",
            State::Ended { page, .. } => page.name(),
        };
        f.debug_struct("Flow").field("attempt", &self.attempt).field("page", &page).finish_non_exhaustive()
    }
}

enum State {
    /// Only a kiosk does.
    Resting {
        since: Duration,
        /// What the display heard last; nobody knows what it heard from another process.
        told: Option<Display>,
    },
    Entering {
        /// The person who is asked for a code now.
        person: Option<Hint>,
        identifier: Identifier,
        complaint: Option<Complaint>,
        focus: Option<usize>,
        sight: Sight,
        /// Until when the person who was typed cannot be asked.
        wait_until: Option<Duration>,
        /// The host has not heard of any end yet.
        awaited: bool,
    },
    /// Nothing is typed here: a code to scan is offered.
    Offering {
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
        /// What is there to scan, if nobody was named.
        scan: Option<Scan>,
    },
    Ended {
        page: Page,
        since: Duration,
        /// Nobody was named: a code was there to be scanned.
        scanned: bool,
    },
}

/// What a login is known by, here and on the phone.
#[derive(Clone)]
struct Login {
    whom: Whom,
    reference_id: String,
}

/// Who is to approve.
#[derive(Clone)]
enum Whom {
    Person {
        person: Person,
        code: String,
        reference_text: String,
    },
    /// Whoever scans the code; the broker chooses the words on their phone.
    Scanner,
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
        let state = match &settings.kiosk {
            // A process that ended may have left the display asleep, and a machine that starts finds it on.
            Some(kiosk) => {
                let told = kiosk.standby.is_none().then_some(Display::On);
                State::Resting { since: Duration::ZERO, told }
            }
            None => first_page(&settings, true),
        };
        let limiter = Limiter::new(settings.limits.clone(), &seed);
        let (codes, attempt) = (Codes::new(seed), Attempt::default());
        Flow {
            own_language: settings.language,
            clock: Clock::Unheard,
            settings,
            codes,
            attempt,
            state,
            ok_at: None,
            turned_at: None,
            erasing_since: None,
            overlay: None,
            touched_at: Duration::ZERO,
            limiter,
        }
    }

    pub fn update(&mut self, event: Event, now: Duration) -> Vec<Effect> {
        let page = std::mem::discriminant(&self.state);
        self.clock.go_on(now);
        // What is over ends before anything that comes with it: a result that arrives after the end is too late.
        let ended = self.end_in_time(now);
        let page_is_gone = ended.is_some();
        let mut effects = ended.unwrap_or_default();
        let tapped = matches!(event, Event::Tapped(_));
        let resting = matches!(self.state, State::Resting { .. });
        if event.is_of_somebody(resting) {
            self.touched_at = now;
        }
        effects.extend(match event {
            Event::Tapped(Control::Hold(_)) if resting || page_is_gone => Vec::new(),
            Event::Tapped(control) if self.is_the_same_tap(control, now) => Vec::new(),
            Event::Pressed(_) | Event::Tapped(_) if resting => self.wake(&event, page_is_gone, now),
            Event::Pressed(Key::Blue) => self.switch_language(),
            // The key was meant for what is no longer there.
            Event::Pressed(_) | Event::Held(_) if page_is_gone => Vec::new(),
            Event::Pressed(key) => self.press(key, now),
            Event::Held(key) => self.hold(key, now),
            Event::Tapped(control) => self.tap(control, now),
            Event::Given { hint, user_code } => self.take(hint, user_code, now),
            Event::Woke => Vec::new(),
            Event::News(attempt, news) => self.hear(attempt, news, now),
            Event::Clock(time) => self.hear_the_time(time, now),
            Event::Leave => self.leave(now),
        });
        // A start may be acknowledged when its life is already over.
        effects.extend(self.end_in_time(now).unwrap_or_default());
        effects.extend(self.ask_in_time(now));
        if page != std::mem::discriminant(&self.state) {
            self.overlay = None;
            self.turned_at = tapped.then_some(now);
        }
        effects
    }

    /// When to call `update` with [`Event::Woke`]; `None` while only a person or the broker can change anything.
    pub fn wake_at(&self) -> Option<Duration> {
        match &self.state {
            State::Resting { since, told } => self.stirs_at(*since, *told),
            State::Entering { .. } | State::Offering { .. } => {
                let forgets_at = self.is_begun().then(|| self.forgets_at());
                forgets_at.into_iter().chain(self.rests_at()).min()
            }
            State::Starting { sent_at, .. } => Some(self.start_ends_at(*sent_at)),
            State::Waiting { polling, line, .. } => {
                let poll = match line {
                    Line::Quiet | Line::Troubled => polling.next_at(),
                    Line::Asking | Line::AskingAgain => polling.deadline(),
                };
                Some(poll.min(polling.deadline()))
            }
            State::Ended { page, since, .. } if passes(page) => Some(*since + RESULT_SHOWN),
            State::Ended { .. } => self.rests_at(),
        }
    }

    /// When the view changes by time alone: a countdown, once a second, what was typed as it is masked, and the
    /// picture of a resting screen as it moves.
    pub fn redraw_at(&self, now: Duration) -> Option<Duration> {
        let fades_at = match &self.state {
            State::Entering { identifier, sight, .. } if !identifier.is_empty() => sight.fades_at(now),
            State::Resting { .. } => Some(self.resting_redraw_at(now)),
            _ => None,
        };
        fades_at.into_iter().chain(self.ticks_at(now)).min()
    }

    fn ticks_at(&self, now: Duration) -> Option<Duration> {
        let end = match &self.state {
            State::Entering { complaint: None, wait_until, .. } => self.wait_until(*wait_until, now)?,
            State::Offering { .. } => self.wait_until(None, now)?,
            State::Waiting { polling, scan, .. } => counted(polling, scan.as_ref(), now),
            _ => return None,
        };
        let left = whole_seconds_left(end, now).checked_sub(Duration::from_secs(1))?;
        Some(end - left)
    }

    /// The number of the login that is under way or was the last.
    pub fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// What ends by time alone; `None` if nothing did.
    fn end_in_time(&mut self, now: Duration) -> Option<Vec<Effect>> {
        if let Some(settled) = self.settle(now) {
            return Some(settled);
        }
        match &self.state {
            State::Entering { awaited, .. } if self.is_begun() && now >= self.forgets_at() => {
                self.state = first_page(&self.settings, *awaited);
                Some(Vec::new())
            }
            State::Starting { sent_at, .. } if now >= self.start_ends_at(*sent_at) => {
                Some(self.give_up(Outcome::Unknown(Cause::code("no_answer")), now))
            }
            State::Waiting { polling, .. } if now >= polling.deadline() => {
                Some(self.give_up(Outcome::Expired, now))
            }
            State::Ended { page, since, .. } if passes(page) && now >= *since + RESULT_SHOWN => {
                Some(self.close(now))
            }
            _ => None,
        }
    }

    /// Whether there is anything of a person to forget.
    fn is_begun(&self) -> bool {
        let State::Entering { person, identifier, .. } = &self.state else { return false };
        person.is_some() || !identifier.is_empty()
    }

    fn forgets_at(&self) -> Duration {
        self.touched_at.saturating_add(self.settings.forgets_after)
    }

    /// Until when nothing can be started, for the sake of the device or of the person who was typed.
    fn wait_until(&self, of_the_person: Option<Duration>, now: Duration) -> Option<Duration> {
        let closed_until = self.limiter.closed_until(now);
        of_the_person.into_iter().chain(closed_until).filter(|until| *until > now).max()
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
}

fn first_page(settings: &Settings, awaited: bool) -> State {
    match settings.methods {
        Methods::Scanned => State::Offering { awaited },
        Methods::Typed | Methods::TypedOrScanned => entering(settings.kind, awaited),
    }
}

fn entering(kind: Kind, awaited: bool) -> State {
    let focus = Some(Pad::of(kind).home());
    State::Entering {
        person: None,
        identifier: Identifier::new(kind),
        complaint: None,
        focus,
        sight: Sight::of(kind),
        wait_until: None,
        awaited,
    }
}

/// The second step, where the provider asks for a code.
fn entering_a_code(hint: Hint, digits: u8, was_awaited: bool) -> State {
    let mut state = entering(Kind::UserCode { digits }, was_awaited);
    if let State::Entering { person, .. } = &mut state {
        *person = Some(hint);
    }
    state
}
