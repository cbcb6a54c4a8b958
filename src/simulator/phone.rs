//! The phone: what it is asked, and the two buttons.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use super::logins::{Decision, Logins};
use super::now;
use super::person::Tester;

/// A handle on the phone. It outlives the broker; then it shows nothing.
#[derive(Clone)]
pub struct Phone(Arc<Logins>);

/// One request that waits for a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Request {
    /// The phone's own name for it; not the `auth_req_id`.
    pub id: String,
    /// The registered name of the service that asks.
    pub service: String,
    /// The wire's word: LOG_ON, APPROVE, CONFIRM, ACCEPT or SIGN.
    pub action: String,
    /// The Danish header, such as "Log på hos Nordlys TV".
    pub header: String,
    pub reference_text: String,
    /// Rounded up.
    pub seconds_left: u64,
}

impl Phone {
    pub(super) fn new(logins: Arc<Logins>) -> Phone {
        Phone(logins)
    }

    /// The open requests, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.0.requests(now())
    }

    /// Opens the address of a code, as this person; the phone shows the request then. False if the address leads to
    /// no login, or somebody else has opened it.
    pub fn scan(&self, authentication_uri: &str, tester: Tester) -> bool {
        let query = authentication_uri.split_once('?').map_or("", |(_, query)| query);
        let request_uri = query.split('&').find_map(|pair| pair.strip_prefix("request_uri="));
        request_uri.is_some_and(|uri| self.0.scan(uri, tester, now()).is_some())
    }

    /// False if the request is unknown or over.
    pub fn approve(&self, id: &str) -> bool {
        self.0.decide(id, Decision::Approve, now())
    }

    /// False if the request is unknown or over.
    pub fn reject(&self, id: &str) -> bool {
        self.0.decide(id, Decision::Reject, now())
    }

    /// Calls `listener` on the broker's thread after every change of the open requests; several changes at
    /// once may come as one call. The passing seconds are no change.
    pub fn on_change(&self, listener: impl Fn() + Send + 'static) {
        self.0.listen(Box::new(listener));
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone")
    }
}
