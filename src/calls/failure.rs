//! Why a request got no answer.

use crate::flow::Notice;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub stage: Stage,
    /// A short reason for people; never a URL.
    pub reason: String,
}

/// How far the request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The request was never sent.
    NotSent,
    /// The request may have arrived; no status line came back.
    NoAnswer,
    /// The status line came and the body did not.
    BrokenBody { status: u16 },
}

impl Failure {
    /// The reason for a connection or an answer that did not come in time; the transport uses this very text.
    pub const TIMEOUT: &str = "timeout";
    /// The reason for a certificate that begins later than now; the transport uses this very text.
    pub const NOT_YET_VALID: &str = "tls: the certificate is not yet valid";
    /// The reason for a certificate that ended earlier than now; the transport uses this very text.
    pub const EXPIRED: &str = "tls: the certificate has expired";
    /// The reason for a certificate that is somebody else's; the transport uses this very text. Those names are the
    /// words of a stranger and are not repeated.
    pub const OTHER_NAME: &str = "tls: the certificate is for another name";
    /// The reason for a certificate that is trusted and not pinned; the transport uses this very text.
    pub const NOT_PINNED: &str = "pin: the broker's certificate leads to none of the pinned roots";

    /// What the operator should know, if the connection could not be made safe.
    pub(super) fn notice(&self) -> Option<Notice> {
        if self.reason == Failure::NOT_PINNED {
            return Some(Notice::Pin);
        }
        self.tls().map(|why| Notice::Tls(why.to_owned()))
    }

    /// Whether somebody has waited for this for as long as for several quick tries.
    pub(super) fn took_long(&self) -> bool {
        self.reason == Failure::TIMEOUT
    }

    /// Why the connection could not be made safe, if that is why there is no answer.
    fn tls(&self) -> Option<&str> {
        self.reason.strip_prefix("tls: ")
    }
}
