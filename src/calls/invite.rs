//! The address that a phone opens, for a login that names nobody (Signaturgruppen Broker, CIBA + PAR).
//!
//! The login is at the broker by then and on no phone: whatever goes wrong here, it is cancelled and troubles nobody.
//! The broker says nothing of a second address for one login, so it is asked again only if it was certainly not asked.

use std::sync::Arc;
use std::time::Duration;

use super::cancel::Whose;
use super::start::Starting;
use super::{AGAIN, Calls, Heard, Now, PROMPTLY, Stage, Task};
use crate::ciba::{Acknowledgement, AuthReqId, Fault, Provider, invitation, token};
use crate::flow::{Attempt, News, NotStarted};

pub(super) struct Inviting {
    ack: Acknowledgement,
    provider: Arc<Provider>,
    pauses: &'static [Duration],
    state: State,
}

enum State {
    Asking(Task),
    /// Was certainly not asked, and is about to be.
    Pausing(Task),
}

impl Inviting {
    pub(super) fn awaits(&self, wanted: Task) -> bool {
        self.task() == wanted
    }

    fn task(&self) -> Task {
        match self.state {
            State::Asking(task) | State::Pausing(task) => task,
        }
    }
}

impl Calls {
    pub(super) fn invite(&mut self, attempt: Attempt, ack: Acknowledgement, provider: Arc<Provider>) {
        self.ask_for_the_invitation(attempt, ack, provider, &AGAIN);
    }

    fn ask_for_the_invitation(
        &mut self,
        attempt: Attempt,
        ack: Acknowledgement,
        provider: Arc<Provider>,
        pauses: &'static [Duration],
    ) {
        let task = self.todo.send(invitation::request(&provider, &ack.auth_req_id), PROMPTLY);
        let state = State::Asking(task);
        self.starts.push(Starting::inviting(attempt, Inviting { ack, provider, pauses, state }));
    }

    pub(super) fn hear_of_the_invitation(
        &mut self,
        attempt: Attempt,
        mut inviting: Inviting,
        heard: Heard,
        now: &Now,
    ) {
        if let State::Pausing(_) = inviting.state {
            let Inviting { ack, provider, pauses, .. } = inviting;
            return self.ask_for_the_invitation(attempt, ack, provider, pauses);
        }
        let why = match (heard.reply(), inviting.pauses.split_first()) {
            (Ok(reply), _) => match invitation::read(&inviting.provider, &reply) {
                Ok(invitation) => {
                    self.told = Some((attempt, inviting.ack.auth_req_id.clone()));
                    return self.tell(attempt, News::Invited(inviting.ack, invitation));
                }
                Err(Fault::Refused { error }) => NotStarted::Refused { error },
                Err(Fault::Busy { status }) => {
                    NotStarted::Busy { status, retry_after: token::retry_after(&reply) }
                }
                Err(Fault::Malformed(clause)) => NotStarted::Malformed { clause },
            },
            (Err(failure), Some((pause, rest)))
                if failure.stage == Stage::NotSent && !failure.took_long() =>
            {
                inviting.pauses = rest;
                inviting.state = State::Pausing(self.todo.wait(*pause));
                return self.starts.push(Starting::inviting(attempt, inviting));
            }
            (Err(failure), _) => self.unanswered(failure, now),
        };
        self.cancel(inviting.ack.auth_req_id, Whose::Ours, now);
        self.not_started(attempt, why);
    }

    /// Whoever asked for the login does not want it any more.
    pub(super) fn uninvite(&mut self, inviting: Inviting) -> AuthReqId {
        self.todo.drop(inviting.task());
        inviting.ack.auth_req_id
    }
}
