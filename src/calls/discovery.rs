//! The provider's endpoints: fetched when they are first needed, and kept.

use std::sync::Arc;

use super::fetch::Fetch;
use super::{Calls, Heard, Now, Task};
use crate::ciba::{Provider, provider};

#[derive(Default)]
pub(super) struct Discovery {
    known: Option<Arc<Provider>>,
    fetch: Option<Fetch>,
}

impl Discovery {
    pub(super) fn awaits(&self, task: Task) -> bool {
        self.fetch.as_ref().is_some_and(|fetch| fetch.awaits(task))
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

    pub(super) fn hear_of_the_provider(&mut self, heard: Heard, now: &Now) {
        let Some(fetch) = &mut self.discovery.fetch else { return };
        let read = |reply: &_| provider::read(&self.settings.issuer, reply);
        let Some(outcome) = fetch.hear(heard, read, now, &mut self.todo) else { return };
        self.discovery.fetch = None;
        let outcome = outcome.map(Arc::new);
        self.discovery.known = outcome.clone().ok();
        self.go_on_with_starts(&outcome, now);
        self.go_on_with_the_poll(&outcome, now);
        self.go_on_with_cancels(&outcome, now);
    }
}
