//! The tests of the flow, told as journeys in virtual time.
//!
//! A story owns a flow and a clock. It moves the clock by `wake_at` alone, and fails when the flow does what the
//! story does not tell, when it is woken for nothing, and when it acts at any other instant than it promised.

mod age;
mod answers;
mod broker;
mod codes;
mod ends;
mod entering;
mod forgetting;
mod help;
mod hours;
mod late_news;
mod limits;
mod reading;
mod reasons;
mod resting;
mod scanning;
mod secrets;
mod seeing;
mod standby;
mod told;
mod waiting;
mod walks;

use std::collections::VecDeque;
use std::time::Duration;

use super::{
    Attempt, Cap, Cause, Complaint, Control, Effect, Event, Flow, Granted, Key, Kind, Language, Limits,
    Methods, News, NotStarted, Order, Outcome, Overlay, Pad, Page, Privacy, Reason, ReferenceText, ScanCode,
    Settings, Toggle, View,
};
use crate::ciba::polling::Retries;
use crate::ciba::{Acknowledgement, Action, Answer, AuthReqId, Hint, Identity, Secret, Untrusted};
use broker::*;
use told::Seen::*;

/// How much later than asked a poll goes out.
const MARGIN: Duration = Duration::from_millis(100);
const TICK: Duration = Duration::from_nanos(1);
/// Clocks do not begin with the program.
const BEGINNING: Duration = Duration::from_millis(86_400_123);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn settings() -> Settings {
    Settings {
        kind: Kind::Cpr,
        methods: Methods::Typed,
        user_code: None,
        service: "Nordlys TV".into(),
        action: Action::LogOn,
        age: None,
        language: Language::DANISH,
        reference_text: ReferenceText::parse("Log på {service}. Kode {code}.", "Nordlys TV").unwrap(),
        retries: Retries::Never,
        patience: secs(600),
        forgets_after: secs(60),
        limits: Limits::none(),
        privacy: Privacy::default(),
        kiosk: None,
    }
}

fn story() -> Story {
    Story::of(settings())
}

fn story_with(kind: Kind) -> Story {
    Story::of(Settings { kind, ..settings() })
}

/// A story that has come to the waiting page; the broker asked for five seconds and gives five minutes.
fn waiting() -> Story {
    story().types("6701901234").presses(Key::Ok).asks_the_broker().hears(acknowledged(secs(5))).shows(Waiting)
}

struct Story {
    flow: Flow,
    now: Duration,
    /// What the flow did and the story has not told yet.
    untold: VecDeque<Effect>,
    orders: Vec<Order>,
    /// When the last start went out.
    sent_at: Duration,
    /// What the story said so far.
    said: Vec<String>,
}

impl Story {
    fn of(settings: Settings) -> Story {
        Story {
            flow: Flow::new(settings, [42; 32]),
            now: BEGINNING,
            untold: VecDeque::new(),
            orders: Vec::new(),
            sent_at: BEGINNING,
            said: Vec::new(),
        }
    }

    // What a person does.

    #[track_caller]
    fn types(mut self, text: &str) -> Story {
        for character in text.chars() {
            let key =
                character.to_digit(10).map_or(Key::Character(character), |digit| Key::Digit(digit as u8));
            self = self.presses(key);
        }
        self
    }

    #[track_caller]
    fn presses(self, key: Key) -> Story {
        self.meets(&format!("presses {key:?}"), Event::Pressed(key))
    }

    #[track_caller]
    fn presses_all(self, keys: &[Key]) -> Story {
        keys.iter().fold(self, |story, key| story.presses(*key))
    }

    #[track_caller]
    fn taps(self, control: Control) -> Story {
        self.meets(&format!("taps {control:?}"), Event::Tapped(control))
    }

    #[track_caller]
    fn taps_the_key(self, cap: Cap) -> Story {
        let at = Pad::of(self.flow.settings.kind).caps.iter().position(|found| *found == cap).unwrap();
        self.taps(Control::Cap(at))
    }

    #[track_caller]
    fn comes_with(self, hint: Hint) -> Story {
        self.meets("comes with an identifier", Event::Given { hint, user_code: None })
    }

    #[track_caller]
    fn comes_with_a_code(self, hint: Hint, code: &str) -> Story {
        self.meets("comes with a code", Event::Given { hint, user_code: Some(code.into()) })
    }

    #[track_caller]
    fn must_leave(self) -> Story {
        self.meets("must leave", Event::Leave)
    }

    // What the broker says.

    #[track_caller]
    fn hears(self, news: impl Into<News>) -> Story {
        let attempt = self.flow.attempt();
        self.hears_of(attempt.0, news)
    }

    /// News of the `attempt`th login, whichever is under way.
    #[track_caller]
    fn hears_of(self, attempt: u64, news: impl Into<News>) -> Story {
        let mut news = news.into();
        if let News::Acknowledged(ack) | News::Invited(ack, _) = &mut news {
            ack.auth_req_id = id_of(attempt);
        }
        self.meets(&format!("hears of login {attempt}: {news:?}"), Event::News(Attempt(attempt), news))
    }

    /// Gives `answer` to each poll, for as long as the flow polls.
    #[track_caller]
    fn hears_for_ever(mut self, answer: fn() -> News) -> Story {
        self.nothing_is_untold();
        for _ in 0..10_000 {
            let Some(at) = self.flow.wake_at() else { self.fails("that the flow wakes") };
            self.move_to(at);
            match self.untold.front() {
                Some(Effect::Poll { .. }) => self = self.polls_at_once().hears(answer()),
                _ => return self,
            }
        }
        self.fails("an end of the polling")
    }

    /// Answers every poll with pending until so long after the start.
    #[track_caller]
    fn hears_for_ever_until(mut self, since_the_start: Duration) -> Story {
        let until = self.sent_at + since_the_start;
        while let Some(at) = self.flow.wake_at().filter(|at| *at <= until) {
            self.move_to(at);
            self = self.polls_at_once().hears(pending());
        }
        self.move_to(until);
        self
    }

    #[track_caller]
    fn polls_when_due(mut self) -> Story {
        let Some(at) = self.flow.wake_at() else { self.fails("that the flow wakes") };
        self.move_to(at);
        self.polls_at_once()
    }

    // How time passes.

    /// Lets time pass; what the flow does meanwhile it must do at the very end.
    #[track_caller]
    fn after(mut self, time: Duration) -> Story {
        self.nothing_is_untold();
        self.said.push(format!("after {time:?}"));
        self.move_to(self.now + time);
        self
    }

    /// The device sleeps: time passes and nobody wakes the flow.
    #[track_caller]
    fn sleeps(mut self, time: Duration) -> Story {
        self.nothing_is_untold();
        self.said.push(format!("sleeps for {time:?}"));
        self.now += time;
        self
    }

    #[track_caller]
    fn wakes(self) -> Story {
        self.meets("wakes", Event::Woke)
    }

    #[track_caller]
    fn at(self, since_the_start: Duration) -> Story {
        if self.now != self.sent_at + since_the_start {
            self.fails(&format!("to be {since_the_start:?} after the start"));
        }
        self
    }

    #[track_caller]
    fn move_to(&mut self, to: Duration) {
        while let Some(at) = self.flow.wake_at().filter(|at| *at <= to) {
            self.nothing_comes_by_waking_until(at.saturating_sub(TICK));
            self.now = self.now.max(at);
            let effects = self.flow.update(Event::Woke, self.now);
            self.untold.extend(effects);
            if self.flow.wake_at().is_some_and(|next| next <= self.now) {
                self.fails("not to be woken again at once");
            }
            if !self.untold.is_empty() && self.now < to {
                self.fails(&format!("nothing until {:?}", self.since_the_start(to)));
            }
        }
        self.nothing_comes_by_waking_until(to);
        self.now = to;
    }

    #[track_caller]
    fn nothing_comes_by_waking_until(&mut self, at: Duration) {
        if at > self.now && self.untold.is_empty() {
            let page = self.page();
            let effects = self.flow.update(Event::Woke, at);
            self.untold.extend(effects);
            if !self.untold.is_empty() || self.page() != page {
                self.now = at;
                self.fails("nothing before the time that `wake_at` told");
            }
        }
    }

    #[track_caller]
    fn meets(mut self, words: &str, event: Event) -> Story {
        self.nothing_is_untold();
        self.said.push(words.to_owned());
        let effects = self.flow.update(event, self.now);
        self.untold.extend(effects);
        self
    }
}
