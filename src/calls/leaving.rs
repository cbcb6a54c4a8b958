//! What becomes of a login when it is over, when the process is, and when an earlier process left one behind.
//!
//! Whatever may be on a phone is kept ([`Do::Keep`]) from its acknowledgement until it is over or the broker has
//! heard its cancel, so that the next process can take it back if this one is killed.

use super::cancel::Whose;
use super::{Calls, Do, Now};
use crate::ciba::{AuthReqId, Provider, cancel};
use crate::flow::Attempt;

impl Calls {
    /// The login is over, and nothing of it stays here but a cancel that is under way.
    pub fn end(&mut self, attempt: Attempt) -> Vec<Do> {
        self.drop_the_poll_of(attempt);
        self.asked.take_if(|asked| asked.attempt() == attempt);
        if let Some((_, auth_req_id)) = self.told.take_if(|(of, _)| *of == attempt) {
            self.forget(auth_req_id);
        }
        self.todo.take()
    }

    /// Gives up whatever is under way, for somebody who can no longer say what that is.
    pub fn abandon(&mut self, now: &Now) -> Vec<Do> {
        let told = self.told.as_ref().map(|(attempt, _)| *attempt);
        let attempts: Vec<Attempt> = self.starts.iter().map(|start| start.attempt()).chain(told).collect();
        for attempt in attempts {
            self.give_up(attempt, None, now);
        }
        self.todo.take()
    }

    /// Cancels what an earlier process kept and did not forget.
    pub fn take_back(&mut self, left_behind: Vec<AuthReqId>, now: &Now) -> Vec<Do> {
        for auth_req_id in left_behind {
            self.cancel(auth_req_id, Whose::LeftBehind, now);
        }
        self.todo.take()
    }

    /// Whether no login lives and nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.told.is_none() && self.cancels.is_empty() && self.todo.is_empty()
    }

    /// Where the broker knows no cancel, the next process could do nothing with the id.
    pub(super) fn keep(&mut self, auth_req_id: &AuthReqId, provider: &Provider) {
        if cancel::request(provider, self.settings.profile, auth_req_id).is_some() {
            self.todo.add(Do::Keep(auth_req_id.clone()));
        }
    }

    pub(super) fn forget(&mut self, auth_req_id: AuthReqId) {
        self.todo.add(Do::Forget(auth_req_id));
    }
}
