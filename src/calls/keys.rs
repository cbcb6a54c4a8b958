//! The provider's keys: fetched when a token is first checked, and again at once for a key that is new.

use std::sync::Arc;
use std::time::Duration;

use super::fetch::Fetch;
use super::{Calls, Heard, Now, Task};
use crate::ciba::{Jwks, Tokens, id_token, jwks};

/// A key set is fetched again for unknown keys at most this often, after the first time.
const BETWEEN_KEY_SETS: Duration = Duration::from_secs(300);

#[derive(Default)]
pub(super) struct Keys {
    known: Option<Arc<Jwks>>,
    fetch: Option<Fetch>,
    refetched_at: Option<Duration>,
}

impl Keys {
    pub(super) fn awaits(&self, task: Task) -> bool {
        self.fetch.as_ref().is_some_and(|fetch| fetch.awaits(task))
    }

    /// Whether these tokens name a key that the known set lacks.
    fn is_new(&self, tokens: &Tokens) -> bool {
        let Some(known) = &self.known else { return true };
        id_token::key_id(&tokens.id_token).is_some_and(|kid| !known.knows(&kid))
    }
}

impl Calls {
    /// The key set to check these tokens with. If it has to be fetched, the check goes on when it comes.
    pub(super) fn keys_for(&mut self, tokens: &Tokens, now: &Now) -> Option<Arc<Jwks>> {
        let keys = &mut self.keys;
        let lately = keys.refetched_at.is_some_and(|at| now.uptime.saturating_sub(at) < BETWEEN_KEY_SETS);
        if keys.known.is_some() && (!keys.is_new(tokens) || lately) {
            return keys.known.clone();
        }
        if keys.known.is_some() {
            keys.refetched_at = Some(now.uptime);
        }
        if let Some(provider) = self.provider().filter(|_| self.keys.fetch.is_none()) {
            self.keys.fetch = Some(Fetch::begin(jwks::request(&provider), &mut self.todo));
        }
        None
    }

    pub(super) fn hear_of_the_keys(&mut self, heard: Heard, now: &Now) {
        let Some(fetch) = &mut self.keys.fetch else { return };
        let Some(outcome) = fetch.hear(heard, jwks::read, &mut self.todo) else { return };
        self.keys.fetch = None;
        let keys = match (outcome, &self.keys.known) {
            (Ok(fresh), _) => {
                let fresh = Arc::new(fresh);
                self.keys.known = Some(Arc::clone(&fresh));
                Ok(fresh)
            }
            // The old set still decides if the new one does not come.
            (Err(_), Some(known)) => Ok(Arc::clone(known)),
            (Err(error), None) => Err(error),
        };
        self.go_on_with_the_check(keys, now);
    }
}
