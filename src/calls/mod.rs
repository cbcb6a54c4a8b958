//! The calls of a login, decided: which request goes out next, what its answer means, what is asked for again.
//!
//! Pure: an effect of the flow or an answer goes in with the time, and what is to be done comes out. One poll is
//! under way at most; what was cancelled tells nothing more, and a start that was late is cancelled as soon as its
//! `auth_req_id` is known. A start is repeated only if it certainly was not sent (CIBA 7); the rest may be repeated.

mod breaker;
mod cancel;
mod discovery;
mod failure;
mod fetch;
mod invite;
mod keys;
mod leaving;
mod poll;
mod start;
#[cfg(test)]
mod tests;
mod time;
mod todo;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use url::Url;

pub use self::failure::{Failure, Stage, Unsafe, Why};
pub use self::time::Time;

use self::breaker::Breaker;
use self::cancel::Cancelling;
use self::discovery::Discovery;
use self::keys::Keys;
use self::poll::{Asked, Polling};
use self::start::Starting;
use self::todo::ToDo;
use crate::ciba::{Action, Algorithm, AuthReqId, Call, Client, Issuer, Moment, Profile, Reply, Terms};
use crate::flow::{Attempt, Effect, Event, News, Notice};

/// A start, a discovery document or a key set: the person is looking at the screen.
const PROMPTLY: Duration = Duration::from_secs(15);
/// Between tries of a call that certainly did not arrive, or that may be repeated.
const AGAIN: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];

/// What stays the same from login to login.
#[derive(Clone, Debug)]
pub struct Settings {
    pub issuer: Issuer,
    pub profile: Profile,
    pub client: Client,
    /// The only signature algorithm that is accepted on an ID token.
    pub id_token_alg: Algorithm,
    pub scope: String,
    pub action: Action,
    pub ip: Ip,
    pub terms: Terms,
    /// When this program was built, in seconds since 1970: no true clock is earlier.
    pub built: u64,
}

/// The end user's address, which the broker asks for as risk data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ip {
    /// The local address that is used towards the broker.
    Auto,
    Fixed(IpAddr),
}

/// The device's clocks and fresh randomness at one instant.
#[derive(Clone, Copy)]
pub struct Now {
    /// Since some fixed point; counts time asleep.
    pub uptime: Duration,
    /// The system's wall clock in seconds since 1970-01-01 UTC; it may be wrong.
    pub unix: u64,
    /// From a secure random source, never used twice.
    pub random: [u8; 16],
}

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Now at {:?}, {} by the wall clock", self.uptime, self.unix)
    }
}

/// Names one request, wait or look-up. None is ever named twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Task(pub u64);

/// Something to do, in the order that it stands.
#[derive(Debug)]
pub enum Do {
    /// To be answered with [`Heard::Reply`] or [`Heard::Failed`].
    Send {
        task: Task,
        call: Call,
        /// From now to the last byte of the answer.
        within: Duration,
    },
    /// To be answered with [`Heard::Waited`].
    Wait { task: Task, pause: Duration },
    /// Find the local address that packets towards the URL leave from; to be answered with [`Heard::Address`].
    Locate { task: Task, url: Url },
    /// Whatever runs for the task ends, and nothing more is told about it.
    Drop { task: Task },
    /// Write the id down where the next process finds it, should this one be killed.
    Keep(AuthReqId),
    /// The id is of no use any more.
    Forget(AuthReqId),
    /// News for the flow.
    Tell(Event),
    /// Something for the operator.
    Note(Notice),
}

/// How a task ended.
#[derive(Debug)]
pub enum Heard {
    Reply(Reply),
    Failed(Failure),
    Waited,
    /// `None` if there is no way towards the URL.
    Address(Option<IpAddr>),
}

impl Heard {
    fn reply(self) -> Result<Reply, Failure> {
        match self {
            Heard::Reply(reply) => Ok(reply),
            Heard::Failed(failure) => Err(failure),
            // The answer to something else is no answer.
            Heard::Waited | Heard::Address(_) => {
                Err(Failure { stage: Stage::NoAnswer, why: Why::network("no answer") })
            }
        }
    }
}

pub struct Calls {
    settings: Settings,
    todo: ToDo,
    time: Time,
    breaker: Breaker,
    discovery: Discovery,
    keys: Keys,
    starts: Vec<Starting>,
    poll: Option<Polling>,
    cancels: Vec<Cancelling>,
    /// What the token of the current login must say.
    asked: Option<Asked>,
    /// The last login that was given up before its `auth_req_id` was known.
    given_up: Option<Attempt>,
    /// The operator knows that the pins are over.
    told_of_pins: bool,
    /// The operator knows that tokens repeat nothing of their login.
    told_of_unbound: bool,
    /// The last `auth_req_id` that was told; whoever gives the login up may not have heard of it.
    told: Option<(Attempt, AuthReqId)>,
    /// Why the connection was last not safe, if nothing has been heard since.
    unsafe_for: Option<Notice>,
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Calls {
    pub fn new(settings: Settings) -> Calls {
        Calls {
            time: Time::new(settings.built),
            settings,
            todo: ToDo::default(),
            breaker: Breaker::default(),
            discovery: Discovery::default(),
            keys: Keys::default(),
            starts: Vec::new(),
            poll: None,
            cancels: Vec::new(),
            asked: None,
            given_up: None,
            told_of_pins: false,
            told_of_unbound: false,
            told: None,
            unsafe_for: None,
        }
    }

    /// Takes the effects that concern the broker and leaves the others alone.
    pub fn carry_out(&mut self, effect: Effect, now: &Now) -> Vec<Do> {
        match effect {
            Effect::Start { attempt, order } => self.start(attempt, order, now),
            Effect::Poll { attempt, auth_req_id } => self.poll(attempt, auth_req_id, now),
            Effect::Cancel { attempt, auth_req_id } => self.give_up(attempt, auth_req_id, now),
            Effect::Finish(_) | Effect::Leave | Effect::Note(_) | Effect::Display(_) => {}
        }
        self.todo.take()
    }

    /// Takes the answer to what was to be done. An answer that nobody waits for changes nothing.
    pub fn hear(&mut self, task: Task, mut heard: Heard, now: &Now) -> Vec<Do> {
        if !self.todo.is_done(task) {
            return Vec::new();
        }
        match &mut heard {
            Heard::Reply(reply) => self.learn_from(reply, now),
            Heard::Failed(failure) => self.learn_from_no_answer(failure, now),
            Heard::Waited | Heard::Address(_) => {}
        }
        if self.discovery.awaits(task) {
            self.hear_of_the_provider(heard, now);
        } else if self.keys.awaits(task) {
            self.hear_of_the_keys(heard, now);
        } else if let Some(polling) = self.poll.take_if(|polling| polling.awaits(task)) {
            self.hear_of_a_poll(polling, heard, now);
        } else if let Some(at) = self.starts.iter().position(|starting| starting.awaits(task)) {
            let starting = self.starts.remove(at);
            self.hear_of_a_start(starting, heard, now);
        } else if let Some(at) = self.cancels.iter().position(|cancelling| cancelling.awaits(task)) {
            let cancelling = self.cancels.remove(at);
            self.hear_of_a_cancel(cancelling, heard, now);
        }
        self.todo.take()
    }

    /// Whether starts or cancels of our own logins have not come to their end; a departing process waits for them.
    /// What an earlier process left behind is left to the next one, which finds what was kept.
    pub fn has_obligations(&self) -> bool {
        !self.starts.is_empty() || self.cancels.iter().any(Cancelling::is_ours)
    }

    fn learn_from(&mut self, reply: &Reply, now: &Now) {
        self.breaker.hears_an_answer();
        self.unsafe_for = None;
        self.time.hear(reply.date.as_deref(), now);
        if let Some(notice) = self.time.notice(now) {
            self.todo.add(Do::Note(notice));
        }
    }

    fn learn_from_no_answer(&mut self, failure: &mut Failure, now: &Now) {
        if let Some(notice) = failure.notice()
            && self.unsafe_for.as_ref() != Some(&notice)
        {
            self.unsafe_for = Some(notice.clone());
            self.todo.add(Do::Note(notice));
        }
        match failure.stage {
            // The broker is there, and we shall know it as soon as the clock is right.
            _ if self.time.hides_the_peer(&failure.why, now) => failure.why = Why::Clock,
            Stage::NotSent | Stage::NoAnswer => self.breaker.hears_nothing(),
            Stage::BrokenBody { .. } => self.breaker.hears_an_answer(),
        }
    }

    fn tell(&mut self, attempt: Attempt, news: News) {
        self.todo.add(Do::Tell(Event::News(attempt, news)));
    }

    /// For one request. Its randomness is another one each time, even at the same instant.
    fn moment(&mut self, now: &Now) -> Moment {
        Moment { unix: self.time.unix(now), random: self.todo.apart(now.random) }
    }
}
