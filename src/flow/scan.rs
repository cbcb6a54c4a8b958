//! A login without typing: a code that any phone can scan, and whoever scans it says there who they are.
//!
//! It sends no request to anybody, so no code is harmful by itself; but one that is always there can be filmed and sent
//! to somebody else. A code is therefore shown only when a person here asks for it, and never renewed by itself. The
//! broker does not tell that it was scanned: a poll is pending before and after.

use std::time::Duration;

use super::limits::Person;
use super::{Cause, Effect, Flow, Kind, Outcome, Pad, Reason, ScanCode, State, Whom};
use crate::ciba::{Hint, Invitation, ScanUri};

/// Whoever scans a code needs about so long to log in; of a life that is short, a quarter.
const TAKES: Duration = Duration::from_secs(30);

/// How a person can say who they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Methods {
    #[default]
    Typed,
    TypedOrScanned,
    Scanned,
}

impl Methods {
    pub fn scans(self) -> bool {
        self != Methods::Typed
    }
}

pub(super) struct Scan {
    uri: ScanUri,
    /// From then on the code is not shown.
    until: Duration,
    large: bool,
}

impl Scan {
    /// Both lives are counted from before the login was started, so that the broker's are never shorter.
    pub(super) fn of(invitation: Invitation, sent_at: Duration, deadline: Duration) -> Scan {
        let end = deadline.min(sent_at.saturating_add(invitation.expires_in));
        let margin = TAKES.min(end.saturating_sub(sent_at) / 4);
        Scan { uri: invitation.authentication_uri, until: end.saturating_sub(margin), large: false }
    }

    pub(super) fn shown_until(&self, now: Duration) -> Option<Duration> {
        Some(self.until).filter(|until| now < *until)
    }

    pub(super) fn code(&self, now: Duration) -> ScanCode {
        match self.shown_until(now) {
            Some(_) => ScanCode::Shown(self.uri.clone()),
            None => ScanCode::Withdrawn,
        }
    }

    pub(super) fn is_large(&self, now: Duration) -> bool {
        self.large && self.shown_until(now).is_some()
    }
}

impl Whom {
    pub(super) fn person(&self) -> Option<Person> {
        match self {
            Whom::Person { person, .. } => Some(*person),
            Whom::Scanner => None,
        }
    }

    pub(super) fn reference_text(&self) -> &str {
        match self {
            Whom::Person { reference_text, .. } => reference_text,
            Whom::Scanner => "",
        }
    }
}

impl Flow {
    /// The on-screen keys of the page that asks.
    pub(super) fn pad(&self, kind: Kind) -> Pad {
        Pad { scans: self.settings.methods.scans(), ..Pad::of(kind) }
    }

    pub(super) fn is_for_whoever_scans(&self) -> bool {
        let (State::Starting { login, .. } | State::Waiting { login, .. }) = &self.state else {
            return false;
        };
        matches!(login.whom, Whom::Scanner)
    }

    /// A person wants a code, or a new one in place of one that was withdrawn.
    pub(super) fn show_a_code(&mut self, now: Duration) -> Vec<Effect> {
        match &self.state {
            State::Entering { .. } if self.settings.methods.scans() => {
                self.ask_for(Hint::WhoeverScans, None, now)
            }
            State::Offering { .. } if self.wait_until(None, now).is_none() => {
                self.start(Hint::WhoeverScans, None, now)
            }
            State::Waiting { scan: Some(scan), .. } if scan.shown_until(now).is_none() => self.renew(now),
            _ => Vec::new(),
        }
    }

    fn renew(&mut self, now: Duration) -> Vec<Effect> {
        let mut effects = self.give_up(Outcome::Expired, now);
        if !self.is_open(now) {
            effects.extend(self.close(now));
        } else if self.wait_until(None, now).is_some() {
            let page = self.unavailable(Reason::Resting, &Cause::code("too_many_tries"));
            self.shows_instead(page);
        } else {
            effects.extend(self.start(Hint::WhoeverScans, None, now));
        }
        effects
    }

    /// What OK does: a new code where there is none to see, else the same one larger or smaller.
    pub(super) fn scan_again_or_enlarge(&mut self, now: Duration) -> Vec<Effect> {
        self.enlarge(now);
        self.show_a_code(now)
    }

    pub(super) fn enlarge(&mut self, now: Duration) {
        if let State::Waiting { scan: Some(scan), .. } = &mut self.state {
            scan.large = !scan.is_large(now);
        }
    }

    /// One step back: from the code alone to its page, from there to where it was asked for.
    pub(super) fn back_from_the_code(&mut self, now: Duration) -> Vec<Effect> {
        if let State::Waiting { scan: Some(scan), .. } = &mut self.state
            && scan.is_large(now)
        {
            scan.large = false;
            return Vec::new();
        }
        let effects = self.give_up(Outcome::Cancelled, now);
        self.again();
        effects
    }
}
