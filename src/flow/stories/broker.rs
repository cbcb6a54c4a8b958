//! What the broker of the stories says.

use super::*;
use crate::ciba::token::Pause;
use crate::ciba::{Invitation, Issuer, ScanUri};

pub(super) fn acknowledged(interval: Duration) -> News {
    acknowledged_for(interval, secs(300))
}

/// The story puts the login's own id in.
pub(super) fn acknowledged_for(interval: Duration, expires_in: Duration) -> News {
    News::Acknowledged(Acknowledgement { auth_req_id: AuthReqId("".into()), expires_in, interval })
}

/// What every phone has to open in these stories.
pub(super) const URI: &str = "https://op.example/op/connect/authorize?request_uri=urn:x:4BEE";

/// A login that names nobody; the address is good for ten minutes, the login for five.
pub(super) fn invited() -> News {
    invited_for(secs(300), secs(600))
}

pub(super) fn invited_for(login: Duration, address: Duration) -> News {
    let issuer = Issuer::parse("https://op.example/op").unwrap();
    let authentication_uri = ScanUri::parse(URI, &issuer).unwrap();
    let ack = Acknowledgement { auth_req_id: AuthReqId("".into()), expires_in: login, interval: secs(5) };
    News::Invited(ack, Invitation { authentication_uri, expires_in: address })
}

pub(super) fn id_of(attempt: u64) -> AuthReqId {
    AuthReqId(Secret::new(format!("id-of-login-{attempt}")))
}

pub(super) fn pending() -> News {
    Answer::Pending(Pause::default()).into()
}

pub(super) fn slow_down() -> News {
    Answer::SlowDown(Pause::default()).into()
}

pub(super) fn busy() -> News {
    Answer::Busy(Pause::default()).into()
}

pub(super) fn busy_for(retry_after: Duration) -> News {
    Answer::Busy(Pause { retry_after: Some(retry_after), interval: None }).into()
}

pub(super) fn failed(error: &str) -> Answer {
    Answer::Failed { error: error.into() }
}

pub(super) fn silence() -> News {
    News::Silence { maybe_answered: false }
}

/// The connection broke after the question had left: the answer may have been on its way.
pub(super) fn lost_answer() -> News {
    News::Silence { maybe_answered: true }
}

pub(super) fn refused(error: &str) -> NotStarted {
    NotStarted::Refused { error: error.into() }
}

pub(super) fn not_sent() -> NotStarted {
    NotStarted::NotSent(Cause::words("no route"))
}

pub(super) fn anna() -> News {
    approved_by("Anna Kirstine Jensen")
}

pub(super) fn approved_by(name: &str) -> News {
    News::Granted(Box::new(Granted {
        identity: Identity {
            sub: "sub-of-anna".into(),
            mitid_uuid: Some("8a9856e0-f12d-4217-b320-c8a076be9320".into()),
            name: Some(name.into()),
            date_of_birth: Some("1990-01-07".into()),
            age: Some(36),
            loa: None,
            auth_time: Some(1_700_000_000),
        },
        id_token: "head.claims.signature".into(),
    }))
}

pub(super) fn cpr() -> Hint {
    Hint::Cpr("6701901234".into())
}

impl From<Answer> for News {
    fn from(answer: Answer) -> News {
        News::Heard(answer)
    }
}

impl From<NotStarted> for News {
    fn from(why: NotStarted) -> News {
        News::NotStarted(why)
    }
}

impl From<Untrusted> for News {
    fn from(clause: Untrusted) -> News {
        News::Untrusted(clause)
    }
}
