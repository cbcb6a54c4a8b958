//! Taking a login back, repeated until the broker has heard it or the login would have expired anyway.

use std::sync::Arc;
use std::time::Duration;

use super::{Calls, Heard, Now, Task};
use crate::ciba::{AuthReqId, Provider, cancel};
use crate::flow::{Attempt, Cause};

const A_CANCEL: Duration = Duration::from_secs(5);
/// No login lives longer.
const LONGEST_LIFE: Duration = Duration::from_secs(600);
/// Each pause between two tries is twice the one before, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

pub(super) struct Cancelling {
    auth_req_id: AuthReqId,
    whose: Whose,
    give_up_at: Duration,
    pause: Duration,
    state: State,
}

/// Who started the login.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Ours,
    /// An earlier process. The id stays kept until the broker has heard of it, whoever tells it.
    LeftBehind,
}

enum State {
    /// Waits for the endpoints.
    Discovering,
    Sending(Task),
    Pausing(Task),
}

impl Cancelling {
    pub(super) fn is_ours(&self) -> bool {
        self.whose == Whose::Ours
    }

    pub(super) fn awaits(&self, wanted: Task) -> bool {
        match self.state {
            State::Discovering => false,
            State::Sending(task) | State::Pausing(task) => task == wanted,
        }
    }
}

impl Calls {
    pub(super) fn give_up(&mut self, attempt: Attempt, auth_req_id: Option<AuthReqId>, now: &Now) {
        self.drop_the_poll_of(attempt);
        let told = self.told.take_if(|(of, _)| *of == attempt).map(|(_, auth_req_id)| auth_req_id);
        let known = match auth_req_id {
            // It has been cancelled already, or is as soon as its id comes.
            Some(_) if self.is_given_up(attempt) => None,
            Some(auth_req_id) => Some(auth_req_id),
            None => {
                self.given_up = self.given_up.max(Some(attempt));
                self.give_up_the_start(attempt).or(told)
            }
        };
        if let Some(auth_req_id) = known {
            self.cancel(auth_req_id, Whose::Ours, now);
        }
    }

    /// Whether this login is cancelled without anybody having to ask for it again.
    pub(super) fn is_given_up(&self, attempt: Attempt) -> bool {
        self.given_up >= Some(attempt)
    }

    pub(super) fn cancel(&mut self, auth_req_id: AuthReqId, whose: Whose, now: &Now) {
        let give_up_at = now.uptime.saturating_add(LONGEST_LIFE);
        self.try_to_cancel(Cancelling {
            auth_req_id,
            whose,
            give_up_at,
            pause: FIRST_PAUSE,
            state: State::Discovering,
        });
    }

    pub(super) fn go_on_with_cancels(&mut self, provider: &Result<Arc<Provider>, Cause>, now: &Now) {
        for cancelling in std::mem::take(&mut self.cancels) {
            match (&cancelling.state, provider) {
                (State::Discovering, Ok(_)) => self.try_to_cancel(cancelling),
                (State::Discovering, Err(_)) => self.pause_the_cancel(cancelling, now),
                _ => self.cancels.push(cancelling),
            }
        }
    }

    pub(super) fn hear_of_a_cancel(&mut self, cancelling: Cancelling, heard: Heard, now: &Now) {
        match (&cancelling.state, heard.reply().map(|reply| cancel::read(&reply))) {
            (State::Sending(_), Ok(cancel::Cancelled::Done)) => self.forget(cancelling.auth_req_id),
            (State::Sending(_), Ok(cancel::Cancelled::Retry) | Err(_)) => {
                self.pause_the_cancel(cancelling, now)
            }
            (State::Pausing(_) | State::Discovering, _) => {
                if now.uptime < cancelling.give_up_at {
                    self.try_to_cancel(cancelling);
                } else {
                    self.forget(cancelling.auth_req_id);
                }
            }
        }
    }

    fn try_to_cancel(&mut self, mut cancelling: Cancelling) {
        let Some(provider) = self.provider() else {
            cancelling.state = State::Discovering;
            return self.cancels.push(cancelling);
        };
        match cancel::request(&provider, self.settings.profile, &cancelling.auth_req_id) {
            Some(call) => {
                cancelling.state = State::Sending(self.todo.send(call, A_CANCEL));
                self.cancels.push(cancelling);
            }
            None => self.forget(cancelling.auth_req_id),
        }
    }

    fn pause_the_cancel(&mut self, mut cancelling: Cancelling, now: &Now) {
        // A try after the end of the login would come too late.
        if now.uptime.saturating_add(cancelling.pause) < cancelling.give_up_at {
            cancelling.state = State::Pausing(self.todo.wait(cancelling.pause));
            cancelling.pause = (cancelling.pause * 2).min(LONGEST_PAUSE);
            self.cancels.push(cancelling);
        } else {
            self.forget(cancelling.auth_req_id);
        }
    }
}
