//! The logins under way: what a poll hears, what the phone shows. Each login ends once.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::sync::Notify;

use super::hint::{AgeQuestion, SERVICE, Start};
use super::journal::{Happened, Journal};
use super::person::{People, Person, Tester, Who};
use super::phone::Request;
use super::{Now, lock, random};

/// How much longer each `slow_down` makes the interval (CIBA 11).
const SLOWER: Duration = Duration::from_secs(5);
/// A poll that is early by no more than this counts as in time.
const TOLERANCE: Duration = Duration::from_millis(50);
/// The oldest login makes room when there are more.
const MOST: usize = 1000;

/// All logins, and those who want to hear of changes.
pub(super) struct Logins {
    pub(super) journal: Journal,
    state: Mutex<State>,
    listeners: Mutex<Vec<Box<dyn Fn() + Send>>>,
    changed: Notify,
}

struct State {
    open: VecDeque<Login>,
    people: People,
    closed: bool,
}

struct Login {
    auth_req_id: String,
    phone_id: String,
    start: Start,
    /// `None` until somebody has scanned the code.
    person: Option<Person>,
    /// What a phone opens, once it was asked for.
    request_uri: Option<String>,
    stage: Stage,
    began: Now,
    expires_in: Duration,
    interval: Duration,
    answered: Now,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Approved,
    Rejected,
    /// MitID itself failed, so the phone shows nothing.
    Failed(&'static str),
    /// The final answer was given, or the login was cancelled.
    Over,
}

/// What the broker says to one poll.
pub(super) enum Poll {
    Pending,
    SlowDown,
    Granted(Box<Granted>),
    Final(&'static str),
}

/// What an approved login puts into its tokens.
pub(super) struct Granted {
    pub(super) person: Person,
    /// `None` after a login in a browser.
    pub(super) reference_text: Option<String>,
    pub(super) scope: String,
    pub(super) ciba_nonce: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) acr: Option<&'static str>,
    pub(super) age: Option<AgeQuestion>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Approve,
    Reject,
}

/// The two names of a new login: one for the client, one for the phone.
pub(super) struct Begun {
    pub(super) auth_req_id: String,
    pub(super) phone_id: String,
    /// If not, its code has to be scanned.
    pub(super) names_somebody: bool,
}

impl Login {
    fn is_expired(&self, now: Now) -> bool {
        now.instant.saturating_duration_since(self.began.instant) >= self.expires_in
    }

    fn is_shown(&self, now: Now) -> bool {
        self.stage == Stage::Waiting && self.person.is_some() && !self.is_expired(now)
    }

    fn waits_for_a_scan(&self, request_uri: &str, now: Now) -> bool {
        self.request_uri.as_deref() == Some(request_uri)
            && self.person.is_none()
            && self.stage == Stage::Waiting
            && !self.is_expired(now)
    }

    fn poll(&mut self, now: Now) -> Poll {
        if self.stage == Stage::Over || self.is_expired(now) {
            return Poll::Final("invalid_grant");
        }
        let early = now.instant.saturating_duration_since(self.answered.instant) + TOLERANCE < self.interval;
        self.answered = now;
        if early {
            self.interval += SLOWER;
            return Poll::SlowDown;
        }
        match self.stage {
            Stage::Waiting => Poll::Pending,
            Stage::Rejected => self.end_with("access_denied"),
            Stage::Failed(error) => self.end_with(error),
            Stage::Approved => {
                self.stage = Stage::Over;
                let Some(person) = self.person.clone() else { return Poll::Final("server_error") };
                Poll::Granted(Box::new(Granted {
                    person,
                    reference_text: self.start.who.as_ref().map(|_| self.start.reference_text.clone()),
                    scope: self.start.scope.clone(),
                    ciba_nonce: self.start.ciba_nonce.clone(),
                    nonce: self.start.nonce.clone(),
                    acr: self.start.acr,
                    age: self.start.age,
                }))
            }
            Stage::Over => Poll::Final("invalid_grant"),
        }
    }

    fn end_with(&mut self, error: &'static str) -> Poll {
        self.stage = Stage::Over;
        Poll::Final(error)
    }
}

impl Logins {
    pub(super) fn new(now: Now) -> Result<Logins, String> {
        Ok(Logins {
            journal: Journal::new(now.instant),
            state: Mutex::new(State { open: VecDeque::new(), people: People::new()?, closed: false }),
            listeners: Mutex::default(),
            changed: Notify::new(),
        })
    }

    pub(super) fn begin(
        &self,
        start: Start,
        interval: Duration,
        expires_in: Duration,
        now: Now,
    ) -> Result<Begun, String> {
        // The broker's own ids end in "-1".
        let auth_req_id = format!("{}-1", URL_SAFE_NO_PAD.encode(random::<32>()?));
        let phone_id = URL_SAFE_NO_PAD.encode(random::<16>()?);
        let stage = match &start.who {
            Some(Who::Cpr(cpr)) if cpr.ends_with("0001") => {
                Stage::Failed("mitid_flex_app.mitid_error_CAP008")
            }
            _ => Stage::Waiting,
        };
        let begun = Begun {
            auth_req_id: auth_req_id.clone(),
            phone_id: phone_id.clone(),
            names_somebody: start.who.is_some(),
        };
        let mut state = lock(&self.state);
        if state.closed {
            return Err("The broker is stopping.".to_owned());
        }
        let person = start.who.as_ref().map(|who| state.people.find(who, now.unix));
        if state.open.len() == MOST {
            state.open.pop_front();
        }
        state.open.push_back(Login {
            auth_req_id,
            phone_id,
            start,
            person,
            request_uri: None,
            stage,
            began: now,
            expires_in,
            interval,
            answered: now,
        });
        drop(state);
        self.journal.write(Happened::Started);
        self.changed.notify_one();
        Ok(begun)
    }

    pub(super) fn poll(&self, auth_req_id: &str, now: Now) -> Poll {
        let mut state = lock(&self.state);
        let answer = match state.open.iter_mut().find(|login| login.auth_req_id == auth_req_id) {
            Some(login) => login.poll(now),
            None => Poll::Final("invalid_grant"),
        };
        drop(state);
        match answer {
            Poll::Final("invalid_grant") => {}
            _ => self.journal.write(Happened::Polled { too_early: matches!(answer, Poll::SlowDown) }),
        }
        match answer {
            Poll::Final(error) => self.journal.write(Happened::Answered { error: Some(error) }),
            Poll::Granted(_) => self.journal.write(Happened::Answered { error: None }),
            Poll::Pending | Poll::SlowDown => {}
        }
        answer
    }

    /// True if there was something to cancel.
    pub(super) fn cancel(&self, auth_req_id: &str, now: Now) -> bool {
        let mut state = lock(&self.state);
        let login = state.open.iter_mut().find(|login| {
            login.auth_req_id == auth_req_id && login.stage != Stage::Over && !login.is_expired(now)
        });
        let Some(login) = login else { return false };
        login.stage = Stage::Over;
        drop(state);
        self.journal.write(Happened::Cancelled);
        self.changed.notify_one();
        true
    }

    /// The `request_uri` for a login that names nobody, and what the phone calls it; once for each.
    pub(super) fn invite(&self, auth_req_id: &str, now: Now) -> Result<Option<(String, String)>, String> {
        let secret: [u8; 32] = random()?;
        let mut state = lock(&self.state);
        let login = state.open.iter_mut().find(|login| {
            login.auth_req_id == auth_req_id
                && login.start.who.is_none()
                && login.request_uri.is_none()
                && login.stage == Stage::Waiting
                && !login.is_expired(now)
        });
        let Some(login) = login else { return Ok(None) };
        let name: String = secret.iter().map(|byte| format!("{byte:02X}")).collect();
        let request_uri = format!("urn:ietf:params:oauth:request_uri:{name}");
        login.request_uri = Some(request_uri.clone());
        let phone_id = login.phone_id.clone();
        drop(state);
        self.journal.write(Happened::Invited);
        Ok(Some((request_uri, phone_id)))
    }

    /// Whether a phone that opens this address can log somebody in.
    pub(super) fn can_be_scanned(&self, request_uri: &str, now: Now) -> bool {
        lock(&self.state).open.iter().any(|login| login.waits_for_a_scan(request_uri, now))
    }

    /// Somebody opened the address and says who they are; what the phone calls the login then.
    pub(super) fn scan(&self, request_uri: &str, tester: Tester, now: Now) -> Option<String> {
        let who = tester.who(now.unix)?;
        let mut state = lock(&self.state);
        let person = state.people.find(&who, now.unix);
        let login = state.open.iter_mut().find(|login| login.waits_for_a_scan(request_uri, now))?;
        login.person = Some(person);
        let phone_id = login.phone_id.clone();
        drop(state);
        self.journal.write(Happened::Scanned);
        self.changed.notify_one();
        Some(phone_id)
    }

    /// True if the phone showed the request.
    pub(super) fn decide(&self, phone_id: &str, decision: Decision, now: Now) -> bool {
        let mut state = lock(&self.state);
        let login = state.open.iter_mut().find(|login| login.phone_id == phone_id && login.is_shown(now));
        let Some(login) = login else { return false };
        let (stage, happened) = match decision {
            Decision::Approve => (Stage::Approved, Happened::Approved),
            Decision::Reject => (Stage::Rejected, Happened::Rejected),
        };
        login.stage = stage;
        // Written under the lock: a poll that hears of the decision comes after it in the journal.
        self.journal.write(happened);
        drop(state);
        self.changed.notify_one();
        true
    }

    /// What the phone shows, oldest first.
    pub(super) fn requests(&self, now: Now) -> Vec<Request> {
        let state = lock(&self.state);
        let shown = state.open.iter().filter(|login| login.is_shown(now));
        let request = |login: &Login| {
            let left =
                login.expires_in.saturating_sub(now.instant.saturating_duration_since(login.began.instant));
            Request {
                id: login.phone_id.clone(),
                service: SERVICE.to_owned(),
                action: login.start.action.code().to_owned(),
                header: login.start.action.header(),
                reference_text: login.start.reference_text.clone(),
                seconds_left: whole_seconds(left),
            }
        };
        shown.map(request).collect()
    }

    pub(super) fn listen(&self, listener: Box<dyn Fn() + Send>) {
        if !lock(&self.state).closed {
            lock(&self.listeners).push(listener);
        }
    }

    /// The time of a login is over, whatever became of it.
    pub(super) fn expire(&self, phone_id: &str) {
        let mut state = lock(&self.state);
        let login =
            state.open.iter_mut().find(|login| login.phone_id == phone_id && login.stage != Stage::Over);
        let Some(login) = login else { return };
        login.stage = Stage::Over;
        drop(state);
        self.journal.write(Happened::Expired);
        self.changed.notify_one();
    }

    /// Tells the listeners of every change, on the broker's thread.
    pub(super) async fn tell_listeners(&self) {
        loop {
            self.changed.notified().await;
            // Taken out for the calls: a listener may itself come here, or add another listener.
            let mut called = std::mem::take(&mut *lock(&self.listeners));
            called.iter().for_each(|listener| listener());
            let mut listeners = lock(&self.listeners);
            called.append(&mut listeners);
            if !lock(&self.state).closed {
                *listeners = called;
            }
        }
    }

    /// Ends every login and forgets the listeners.
    pub(super) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        state.open.clear();
        drop(state);
        lock(&self.listeners).clear();
    }
}

/// Rounded up.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
