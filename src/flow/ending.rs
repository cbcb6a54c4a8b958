//! How a login ends, told once to the screen and once to the host, and what stands on the screen after it.

use std::time::Duration;

use super::limits::Went;
use super::{Approved, Cause, Effect, Flow, Outcome, Page, Reason, State, first_page};

impl Flow {
    pub(super) fn end(&mut self, outcome: Outcome, now: Duration) -> Vec<Effect> {
        let went = match &outcome {
            Outcome::Approved { .. } | Outcome::AgeTold(_) => Went::Approved,
            Outcome::Rejected => Went::Denied,
            _ => Went::Unapproved,
        };
        self.end_as(went, outcome, now)
    }

    /// Ends a login of which the limits have to know more than the outcome tells.
    pub(super) fn end_as(&mut self, went: Went, outcome: Outcome, now: Duration) -> Vec<Effect> {
        let notice = match &self.state {
            State::Starting { login, sent_at: started } | State::Waiting { login, started, .. } => {
                self.limiter.learn(self.attempt, login.whom.person(), *started, went, now)
            }
            State::Resting { .. } | State::Entering { .. } | State::Offering { .. } | State::Ended { .. } => {
                None
            }
        };
        let (page, scanned) = (self.page_of(&outcome), self.is_for_whoever_scans());
        self.state = State::Ended { page, since: now, scanned };
        notice.map(Effect::Note).into_iter().chain([Effect::Finish(outcome)]).collect()
    }

    /// Ends a login that may still be on a phone.
    pub(super) fn give_up(&mut self, outcome: Outcome, now: Duration) -> Vec<Effect> {
        self.give_up_as(Went::Unapproved, outcome, now)
    }

    pub(super) fn give_up_as(&mut self, went: Went, outcome: Outcome, now: Duration) -> Vec<Effect> {
        let auth_req_id = match &self.state {
            State::Waiting { auth_req_id, .. } => Some(auth_req_id.clone()),
            _ => None,
        };
        let mut effects = vec![Effect::Cancel { attempt: self.attempt, auth_req_id }];
        effects.extend(self.end_as(went, outcome, now));
        effects
    }

    /// The same end, for a reason that the outcome does not tell.
    pub(super) fn shows_instead(&mut self, other: Page) {
        if let State::Ended { page, .. } = &mut self.state {
            *page = other;
        }
    }

    /// The screen gets no more than it shows.
    fn page_of(&self, outcome: &Outcome) -> Page {
        match outcome {
            Outcome::Approved { granted, .. } => {
                Page::Approved(Approved { first_name: granted.identity.name.as_deref().and_then(first_name) })
            }
            Outcome::AgeTold(answer) => Page::AgeTold(*answer),
            Outcome::Rejected => Page::Rejected,
            Outcome::Expired => Page::Expired,
            Outcome::Cancelled => Page::Cancelled,
            Outcome::Refused(_) => Page::Refused,
            Outcome::Unavailable(cause) => self.unavailable(Reason::of_cause(cause), cause),
            Outcome::Unknown(Cause::Code(code)) => Page::Unknown { error: code.clone() },
            Outcome::Unknown(Cause::Malformed(_) | Cause::Words(_)) => {
                Page::Unknown { error: "no_answer".into() }
            }
        }
    }

    /// Whoever stands at the screen does not learn who exists and who does not: the code of a person who is unknown
    /// or has typed a wrong code is the host's alone, and the words are the same.
    pub(super) fn unavailable(&self, reason: Reason, cause: &Cause) -> Page {
        let (reason, error) = match (reason, cause) {
            (Reason::Unasked | Reason::UserCode, _) if self.settings.user_code.is_some() => {
                (Reason::UserCode, "not_started")
            }
            (Reason::Unasked | Reason::UserCode, _) => (Reason::Unasked, "not_started"),
            (reason, Cause::Code(code)) => (reason, code.as_str()),
            (reason, Cause::Malformed(_)) => (reason, "broken_answer"),
            (reason, Cause::Words(_)) => (reason, ""),
        };
        Page::Unavailable { reason, error: error.to_owned() }
    }

    pub(super) fn leave(&mut self, now: Duration) -> Vec<Effect> {
        let mut effects = match &self.state {
            // After an end there is nothing more to tell until somebody has begun anew.
            State::Entering { awaited: false, .. } if !self.is_begun() => Vec::new(),
            State::Offering { awaited: false } => Vec::new(),
            State::Entering { .. } | State::Offering { .. } => self.end(Outcome::Cancelled, now),
            State::Starting { .. } | State::Waiting { .. } => self.give_up(Outcome::Cancelled, now),
            State::Resting { .. } | State::Ended { .. } => Vec::new(),
        };
        self.close(now);
        effects.push(Effect::Leave);
        effects
    }

    pub(super) fn again(&mut self) -> Vec<Effect> {
        self.state = first_page(&self.settings, false);
        Vec::new()
    }

    /// Whatever was on the screen is gone before anybody else looks at it. Nobody leaves a kiosk but the kiosk.
    pub(super) fn close(&mut self, now: Duration) -> Vec<Effect> {
        if self.settings.kiosk.is_some() {
            self.rest(now);
            return Vec::new();
        }
        self.state = first_page(&self.settings, false);
        vec![Effect::Leave]
    }
}

/// What is the person's own goes by itself: a name, or an answer.
pub(super) fn passes(page: &Page) -> bool {
    matches!(page, Page::Approved(_) | Page::AgeTold(_))
}

/// The name to greet with; people whose name is protected come as "NAVNE & ADRESSEBESKYTTET".
fn first_name(name: &str) -> Option<String> {
    let protected = name.to_uppercase().contains("BESKYTTET");
    let first = name.split_whitespace().next()?;
    let plain: String = first.chars().filter(|c| c.is_alphabetic() || "-'’.".contains(*c)).take(30).collect();
    (!protected && !plain.is_empty()).then_some(plain)
}
