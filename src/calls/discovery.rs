//! The provider's endpoints: fetched when they are first needed, and again for a login a day later.
//!
//! A device runs for months and a provider moves. What was known decides until the new document comes.

use std::sync::Arc;
use std::time::Duration;

use super::fetch::Fetch;
use super::{Calls, Heard, Now, Task};
use crate::ciba::{Provider, provider};

/// How old the endpoints of a new login may be.
const OLDEST: Duration = Duration::from_secs(86_400);
/// All tries to renew them, while a person waits for a login to begin.
const IN_TIME: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Discovery {
    known: Option<Arc<Provider>>,
    /// When that was, unless it is in doubt since.
    known_at: Option<Duration>,
    fetch: Option<Fetch>,
}

impl Discovery {
    pub(super) fn awaits(&self, task: Task) -> bool {
        self.fetch.as_ref().is_some_and(|fetch| fetch.awaits(task))
    }

    /// Something is not where it was: the next login looks whether it has moved.
    pub(super) fn doubt(&mut self) {
        self.known_at = None;
    }

    fn is_fresh(&self, now: &Now) -> bool {
        self.known_at.is_some_and(|at| now.uptime.saturating_sub(at) < OLDEST)
    }
}

impl Calls {
    /// The provider, if it is known. If not it is asked for, and whoever waits for it is called when it comes.
    pub(super) fn provider(&mut self) -> Option<Arc<Provider>> {
        if self.discovery.known.is_none() && self.discovery.fetch.is_none() {
            let call = provider::request(&self.settings.issuer);
            self.discovery.fetch = Some(Fetch::begin(call, &mut self.todo));
        }
        self.discovery.known.clone()
    }

    /// The provider for a new login; what is known of it is renewed first if it is old.
    pub(super) fn provider_for_a_start(&mut self, now: &Now) -> Option<Arc<Provider>> {
        if self.discovery.known.is_none() || self.discovery.is_fresh(now) {
            return self.provider();
        }
        if self.discovery.fetch.is_none() {
            let call = provider::request(&self.settings.issuer);
            self.discovery.fetch = Some(Fetch::begin_within(call, IN_TIME, now, &mut self.todo));
        }
        None
    }

    pub(super) fn hear_of_the_provider(&mut self, heard: Heard, now: &Now) {
        let Some(fetch) = &mut self.discovery.fetch else { return };
        let read = |reply: &_| provider::read(&self.settings.issuer, reply);
        let Some(outcome) = fetch.hear(heard, read, now, &mut self.todo) else { return };
        self.discovery.fetch = None;
        let outcome = match (outcome, &self.discovery.known) {
            (Ok(fresh), _) => {
                let fresh = Arc::new(fresh);
                self.discovery.known = Some(Arc::clone(&fresh));
                self.discovery.known_at = Some(now.uptime);
                Ok(fresh)
            }
            (Err(_), Some(known)) => Ok(Arc::clone(known)),
            (Err(error), None) => Err(error),
        };
        self.go_on_with_starts(&outcome, now);
        self.go_on_with_the_poll(&outcome, now);
        self.go_on_with_cancels(&outcome, now);
    }
}
