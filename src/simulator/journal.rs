//! What happened at the broker, in order; never a person, a text, a token or an `auth_req_id`.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::{Endpoint, lock, now};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The discovery document was read.
    Discovered,
    /// The JWKS was read.
    KeysRead,
    /// A start came as a signed request object that is good.
    Unsealed,
    /// A login started.
    Started,
    /// A login that names nobody got its address.
    Invited,
    /// That address was opened, and a person said who they are.
    Scanned,
    StartRefused {
        error: &'static str,
    },
    /// A poll for a live login came, by an authenticated client.
    Polled {
        too_early: bool,
    },
    /// A poll got its final answer: tokens, or an error.
    Answered {
        error: Option<&'static str>,
    },
    /// A poll was malformed, or its client not authenticated.
    PollRefused {
        error: &'static str,
    },
    Approved,
    Rejected,
    Cancelled,
    /// The time was over before the end was told.
    Expired,
    /// A scripted fault took the place of the endpoint's own answer.
    Interfered(Endpoint),
    /// An impostor took a connection in the broker's place. `trusted` tells that the client took it for the
    /// broker, or spoke to it without asking.
    Impersonated {
        trusted: bool,
    },
    /// A request carried this header, which no answer of the broker gave cause for.
    Unasked(String),
}

/// The newest entries, at most [`Journal::LONGEST`].
pub(super) struct Journal {
    began: Instant,
    entries: Mutex<VecDeque<(Duration, Happened)>>,
}

impl Journal {
    const LONGEST: usize = 10_000;

    pub(super) fn new(began: Instant) -> Journal {
        Journal { began, entries: Mutex::default() }
    }

    pub(super) fn write(&self, happened: Happened) {
        let mut entries = lock(&self.entries);
        if entries.len() == Journal::LONGEST {
            entries.pop_front();
        }
        // The clock is read under the lock, so the times stand in the order of the entries.
        entries.push_back((now().instant.saturating_duration_since(self.began), happened));
    }

    pub(super) fn read(&self) -> Vec<(Duration, Happened)> {
        lock(&self.entries).iter().cloned().collect()
    }
}
