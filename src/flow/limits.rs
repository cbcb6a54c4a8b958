//! How many logins may be started here, so that nobody can be pestered with requests from this device.
//!
//! Counts in memory alone, under a hash with a key that no other run has: neither a file nor a core tells who was
//! here. What was provably never sent and what was approved pestered nobody, and is not counted.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use aws_lc_rs::hmac;

use super::{Attempt, Notice};
use crate::ciba::Hint;

/// No more people are remembered than this; the one who was here longest ago is forgotten first.
const PEOPLE: usize = 1024;
/// A start that hangs may fail after the next one has begun; no more than so many do.
const UNSETTLED: usize = 8;
/// After so long without a cool-down the next one is short again.
const FORGIVEN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// At most `starts` within `within`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub starts: usize,
    pub within: Duration,
}

/// How much is too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For one identifier; all of them hold.
    pub person: Vec<Rate>,
    /// For one identifier after its person has said no.
    pub after_no: Duration,
    /// For this device, whoever is asked.
    pub device: Option<Rate>,
    /// So many different identifiers in a row, none of them approved, are too many for a device.
    pub people: Option<usize>,
    /// How long a device rests when it was too much; each time twice as long.
    pub cool_down: Duration,
    pub longest_cool_down: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        let rate = |starts, seconds| Rate { starts, within: Duration::from_secs(seconds) };
        Limits {
            person: vec![rate(1, 60), rate(3, 15 * 60), rate(5, 24 * 60 * 60)],
            after_no: Duration::from_secs(60),
            device: Some(rate(6, 10 * 60)),
            people: Some(4),
            cool_down: Duration::from_secs(10 * 60),
            longest_cool_down: Duration::from_secs(60 * 60),
        }
    }
}

impl Limits {
    /// For a simulation, where nobody's real phone rings.
    pub fn none() -> Limits {
        Limits {
            person: Vec::new(),
            after_no: Duration::ZERO,
            device: None,
            people: None,
            cool_down: Duration::ZERO,
            longest_cool_down: Duration::ZERO,
        }
    }
}

/// One identifier, known by a hash that means nothing in another run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Person(u64);

/// How a start went, as far as it can have troubled anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Went {
    /// No byte of it left.
    NotSent,
    Approved,
    /// The person said no, or is busy with another login.
    Denied,
    /// MitID has closed for this person, and says so for nobody's sake but theirs.
    Blocked,
    /// It came to a phone, or may have, and nothing came of it.
    Unapproved,
    /// The broker does not know this client, whoever is asked.
    ClientRefused,
}

pub(super) struct Limiter {
    limits: Limits,
    key: hmac::Key,
    /// Whoever was asked last stands last.
    known: VecDeque<Known>,
    /// The starts of this device that count, oldest first.
    starts: VecDeque<Duration>,
    /// Different people in a row, none of whom approved.
    row: Vec<Person>,
    closed_until: Duration,
    cool_downs: u32,
    /// The starts that were counted last, of which it may still turn out that they were never sent.
    last: VecDeque<Counted>,
}

struct Counted {
    attempt: Attempt,
    /// `None` if a code was scanned, or could have been.
    person: Option<Person>,
    sent_at: Duration,
    /// The rest that this start brought about.
    rest: Option<Rest>,
}

/// One cool-down, and what was before it.
struct Rest {
    until: Duration,
    closed_until: Duration,
    cool_downs: u32,
}

struct Known {
    person: Person,
    starts: Vec<Duration>,
    not_before: Duration,
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Limiter(…)")
    }
}

impl Limiter {
    /// `seed` is secret and of this run alone.
    pub(super) fn new(limits: Limits, seed: &[u8; 32]) -> Limiter {
        // A key of its own: what is drawn from the seed elsewhere is seen by others.
        let own = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, seed), b"who was here");
        Limiter {
            limits,
            key: hmac::Key::new(hmac::HMAC_SHA256, own.as_ref()),
            known: VecDeque::new(),
            starts: VecDeque::new(),
            row: Vec::new(),
            closed_until: Duration::ZERO,
            cool_downs: 0,
            last: VecDeque::new(),
        }
    }

    /// `None` for whoever scans a code: nobody was named, so nobody can be pestered, and the device's limits alone hold.
    pub(super) fn person(&self, hint: &Hint) -> Option<Person> {
        let (kind, secret) = match hint {
            Hint::WhoeverScans => return None,
            Hint::Cpr(secret) => (b"c", secret),
            Hint::Uuid(secret) => (b"u", secret),
            Hint::Login(secret) => (b"l", secret),
        };
        let mut hash = hmac::Context::with_key(&self.key);
        hash.update(kind);
        hash.update(secret.expose().as_bytes());
        let first = hash.sign().as_ref().first_chunk().copied().unwrap_or_default();
        Some(Person(u64::from_be_bytes(first)))
    }

    /// Until when nobody can start anything, if that is still to come.
    pub(super) fn closed_until(&self, now: Duration) -> Option<Duration> {
        let device = self.limits.device.and_then(|rate| rate.free_at(self.starts.iter().copied()));
        Some(device.unwrap_or_default().max(self.closed_until)).filter(|until| *until > now)
    }

    /// Until when this person cannot be asked, if that is still to come.
    pub(super) fn wait_of(&self, person: Option<Person>, now: Duration) -> Option<Duration> {
        let known = self.known.iter().find(|known| Some(known.person) == person);
        let own = known.map_or(Duration::ZERO, |known| {
            let rates = self.limits.person.iter();
            let free_at = rates.filter_map(|rate| rate.free_at(known.starts.iter().copied())).max();
            free_at.unwrap_or_default().max(known.not_before)
        });
        self.closed_until(now).into_iter().chain([own]).filter(|until| *until > now).max()
    }

    /// Nothing is started for as long as the broker itself asks.
    pub(super) fn close_for(&mut self, time: Duration, now: Duration) {
        self.closed_until = self.closed_until.max(now.saturating_add(time));
    }

    /// Takes note of how a start at `sent_at` went.
    pub(super) fn learn(
        &mut self,
        attempt: Attempt,
        person: Option<Person>,
        sent_at: Duration,
        went: Went,
        now: Duration,
    ) -> Option<Notice> {
        match went {
            Went::NotSent => return None,
            Went::Approved => {
                self.known.retain(|known| Some(known.person) != person);
                self.row.clear();
                self.cool_downs = 0;
                return None;
            }
            Went::ClientRefused => {
                self.cool_down(now);
                return None;
            }
            Went::Denied | Went::Blocked | Went::Unapproved => {}
        }
        let not_before = match went {
            Went::Denied => now + self.limits.after_no,
            Went::Blocked => now + self.limits.cool_down,
            _ => Duration::ZERO,
        };
        self.last.push_back(Counted { attempt, person, sent_at, rest: None });
        if self.last.len() > UNSETTLED {
            self.last.pop_front();
        }
        if let Some(person) = person {
            self.count(person, sent_at, not_before);
        }
        self.rest_if_too_much(person, sent_at, now)
    }

    /// This start was never sent after all.
    pub(super) fn take_back(&mut self, attempt: Attempt) {
        let at = self.last.iter().position(|counted| counted.attempt == attempt);
        let Some(Counted { person, sent_at, rest, .. }) = at.and_then(|at| self.last.remove(at)) else {
            return;
        };
        for known in self.known.iter_mut().filter(|known| Some(known.person) == person) {
            known.starts.retain(|at| *at != sent_at);
        }
        self.starts.retain(|at| *at != sent_at);
        self.row.retain(|other| Some(*other) != person);
        // Whatever closed the device for longer since then stands.
        if let Some(rest) = rest.filter(|rest| rest.until == self.closed_until) {
            self.closed_until = rest.closed_until;
            self.cool_downs = rest.cool_downs;
        }
    }

    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.known.len()
    }

    fn count(&mut self, person: Person, sent_at: Duration, not_before: Duration) {
        let longest = self.limits.person.iter().map(|rate| rate.within).max().unwrap_or_default();
        let most = self.limits.person.iter().map(|rate| rate.starts).max().unwrap_or_default();
        let at = self.known.iter().position(|known| known.person == person);
        let mut known = at.and_then(|at| self.known.remove(at)).unwrap_or(Known {
            person,
            starts: Vec::new(),
            not_before,
        });
        known.starts.push(sent_at);
        let forgotten = known.starts.len().saturating_sub(most);
        known.starts.drain(..forgotten);
        known.not_before = known.not_before.max(not_before);
        self.known.push_back(known);
        let over = |known: &Known| {
            let last = known.starts.last().copied().unwrap_or_default();
            last.saturating_add(longest).max(known.not_before) <= sent_at
        };
        while self.known.len() > PEOPLE || self.known.front().is_some_and(over) {
            self.known.pop_front();
        }
    }

    fn rest_if_too_much(
        &mut self,
        person: Option<Person>,
        sent_at: Duration,
        now: Duration,
    ) -> Option<Notice> {
        let mut too_much = false;
        if let Some(rate) = self.limits.device {
            self.starts.push_back(sent_at);
            while self.starts.len() > rate.starts.max(1) {
                self.starts.pop_front();
            }
            too_much = rate.free_at(self.starts.iter().copied()).is_some_and(|free_at| free_at > now);
        }
        let mut notice = None;
        if let (Some(people), Some(person)) = (self.limits.people, person)
            && !self.row.contains(&person)
        {
            self.row.push(person);
            too_much |= self.row.len() >= people;
            notice = (self.row.len() == people).then_some(Notice::ManyPeople { people });
            self.row.truncate(PEOPLE.max(people));
        }
        if too_much {
            let (closed_until, cool_downs) = (self.closed_until, self.cool_downs);
            self.cool_down(now);
            if let Some(last) = self.last.back_mut() {
                last.rest = Some(Rest { until: self.closed_until, closed_until, cool_downs });
            }
        }
        notice
    }

    fn cool_down(&mut self, now: Duration) {
        if now >= self.closed_until.saturating_add(FORGIVEN_AFTER) {
            self.cool_downs = 0;
        }
        let doubled = self.limits.cool_down.saturating_mul(1 << self.cool_downs.min(16));
        self.close_for(doubled.min(self.limits.longest_cool_down), now);
        self.cool_downs += 1;
    }
}

impl Rate {
    /// When one more start is within this rate again, if those that were count against it.
    fn free_at(self, starts: impl DoubleEndedIterator<Item = Duration>) -> Option<Duration> {
        let starts = starts.rev().nth(self.starts.max(1) - 1)?;
        Some(starts.saturating_add(self.within))
    }
}
