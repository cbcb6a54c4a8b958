//! How a login ends, told once to the screen and once to the host.

use std::time::Duration;

use super::{Approved, Effect, Flow, Granted, Outcome, Page, State};

impl Flow {
    pub(super) fn end(&mut self, ending: Ending, now: Duration) -> Finished {
        let reference_id = match &self.state {
            State::Starting { login, .. } | State::Waiting { login, .. } => login.reference_id.clone(),
            State::Entering { .. } | State::Ended { .. } => String::new(),
        };
        self.state = State::Ended { page: ending.page(), since: now };
        Finished(ending.outcome(reference_id))
    }
}

/// How a login ends, before it is told to the screen and to the host.
pub(super) enum Ending {
    Approved(Box<Granted>),
    Rejected,
    Expired,
    Cancelled,
    Refused { error: String },
    Unavailable { error: String },
    Unknown { error: String },
}

impl Ending {
    /// The screen gets no more than it shows.
    fn page(&self) -> Page {
        match self {
            Ending::Approved(granted) => {
                Page::Approved(Approved { first_name: granted.identity.name.as_deref().and_then(first_name) })
            }
            Ending::Rejected => Page::Rejected,
            Ending::Expired => Page::Expired,
            Ending::Cancelled => Page::Cancelled,
            Ending::Refused { .. } => Page::Refused,
            Ending::Unavailable { error } => Page::Unavailable { error: error.clone() },
            Ending::Unknown { error } => Page::Unknown { error: error.clone() },
        }
    }

    fn outcome(self, reference_id: String) -> Outcome {
        match self {
            Ending::Approved(granted) => Outcome::Approved { granted, reference_id },
            Ending::Rejected => Outcome::Rejected,
            Ending::Expired => Outcome::Expired,
            Ending::Cancelled => Outcome::Cancelled,
            Ending::Refused { error } => Outcome::Refused { error },
            Ending::Unavailable { error } => Outcome::Unavailable { error },
            Ending::Unknown { error } => Outcome::Unknown { error },
        }
    }
}

/// The end of a login that has still to be told to the host.
pub(super) struct Finished(Outcome);

impl Finished {
    pub(super) fn effects(self) -> Vec<Effect> {
        vec![Effect::Finish(self.0)]
    }

    pub(super) fn after(self, first: Effect) -> Vec<Effect> {
        vec![first, Effect::Finish(self.0)]
    }
}

/// The name to greet with; people whose name is protected come as "NAVNE & ADRESSEBESKYTTET".
fn first_name(name: &str) -> Option<String> {
    let protected = name.to_uppercase().contains("BESKYTTET");
    let first = name.split_whitespace().next()?;
    let plain: String = first.chars().filter(|c| c.is_alphabetic() || "-'’.".contains(*c)).take(30).collect();
    (!protected && !plain.is_empty()).then_some(plain)
}
