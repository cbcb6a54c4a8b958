//! The provider's keys: fetched when a token is first checked, again at once for a key that is new, and again after
//! a while, so that a key that was withdrawn is believed no longer.
//!
//! The tokens wait in memory meanwhile. A key that is new since a short while ago is looked up no more: whoever makes
//! up names of keys must not make this device ask for them without end.

use std::sync::Arc;
use std::time::Duration;

use super::fetch::Fetch;
use super::{Calls, Heard, Now, Task};
use crate::ciba::{Algorithm, Jwks, Tokens, id_token, jwks};

/// All tries for a key set, while a person waits for a result that is already here.
const IN_TIME: Duration = Duration::from_secs(10);
/// A key set is fetched again for unknown keys at most this often, after the first time.
const BETWEEN_KEY_SETS: Duration = Duration::from_secs(300);

/// How old a key set may be.
const OLDEST: Duration = Duration::from_secs(3600);

#[derive(Default)]
pub(super) struct Keys {
    known: Option<Arc<Jwks>>,
    known_at: Duration,
    fetch: Option<Fetch>,
    refetched_at: Option<Duration>,
}

impl Keys {
    pub(super) fn awaits(&self, task: Task) -> bool {
        self.fetch.as_ref().is_some_and(|fetch| fetch.awaits(task))
    }

    fn are_fresh(&self, now: &Now) -> bool {
        now.uptime.saturating_sub(self.known_at) < OLDEST
    }

    /// The known set, if it has the key of these tokens. Where they name none, a key is known by its signature.
    pub(super) fn known_for(&self, tokens: &Tokens, alg: Algorithm) -> Option<&Arc<Jwks>> {
        self.known.as_ref().filter(|known| match id_token::key_id(&tokens.id_token) {
            Some(kid) => known.knows(&kid),
            None => id_token::is_signed(&tokens.id_token, known, alg),
        })
    }
}

impl Calls {
    /// The key set to check these tokens with. If it has to be fetched, the check goes on when it comes.
    pub(super) fn keys_for(&mut self, tokens: &Tokens, now: &Now) -> Option<Arc<Jwks>> {
        // Such a signature is made with the client's own secret.
        if self.settings.id_token_alg == Algorithm::Hs256 {
            return Some(Arc::default());
        }
        let keys = &self.keys;
        let lately = keys.refetched_at.is_some_and(|at| now.uptime.saturating_sub(at) < BETWEEN_KEY_SETS);
        if keys.are_fresh(now)
            && (lately || keys.known_for(tokens, self.settings.id_token_alg).is_some())
            && let Some(known) = &keys.known
        {
            return Some(Arc::clone(known));
        }
        if let Some(provider) = self.provider().filter(|_| self.keys.fetch.is_none()) {
            self.keys.fetch =
                Some(Fetch::begin_within(jwks::request(&provider), IN_TIME, now, &mut self.todo));
        }
        None
    }

    pub(super) fn hear_of_the_keys(&mut self, heard: Heard, now: &Now) {
        let Some(fetch) = &mut self.keys.fetch else { return };
        let Some(outcome) = fetch.hear(heard, jwks::read, now, &mut self.todo) else { return };
        self.keys.fetch = None;
        let outcome = outcome.map(Arc::new);
        match &outcome {
            Ok(fresh) => {
                // Only an answer counts: a server that is away is not asked too often by being asked again.
                if self.keys.known.is_some() && self.keys.are_fresh(now) {
                    self.keys.refetched_at = Some(now.uptime);
                }
                self.keys.known = Some(Arc::clone(fresh));
                self.keys.known_at = now.uptime;
            }
            Err(_) => self.discovery.doubt(),
        }
        self.go_on_with_the_check(outcome, now);
    }
}
