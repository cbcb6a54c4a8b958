//! Why a request got no answer.

use std::fmt;

use crate::flow::{Cause, Notice};

/// There is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub stage: Stage,
    pub why: Why,
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The connection or the answer did not come in time.
    Timeout,
    /// Whether the connection is safe cannot be told by a clock that is wrong.
    Clock,
    /// The connection could not be made safe.
    Tls(Unsafe),
    /// The certificate is trusted and leads to none of the pinned roots.
    NotPinned,
    /// What the network says, in a few words; never a URL.
    Network(String),
}

/// What is wrong with the broker's certificate, or with the connection that it was to make safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsafe {
    /// It begins later than now.
    NotYetValid,
    /// It ended earlier than now.
    Expired,
    /// It is somebody else's. Those names are the words of a stranger and are not repeated.
    OtherName,
    Other(String),
}

impl Why {
    pub fn network(words: &str) -> Why {
        Why::Network(words.to_owned())
    }
}

impl Failure {
    /// What the operator should know, if the connection could not be made safe.
    pub(super) fn notice(&self) -> Option<Notice> {
        match &self.why {
            Why::NotPinned => Some(Notice::Pin),
            Why::Tls(why) => Some(Notice::Tls(why.to_string())),
            Why::Timeout | Why::Clock | Why::Network(_) => None,
        }
    }

    /// Whether somebody has waited for this for as long as for several quick tries.
    pub(super) fn took_long(&self) -> bool {
        self.why == Why::Timeout
    }
}

impl From<Why> for Cause {
    fn from(why: Why) -> Cause {
        match why {
            Why::Clock => Cause::code("clock"),
            why => Cause::words(why),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Timeout => f.write_str("timeout"),
            Why::Clock => f.write_str("clock"),
            Why::Tls(why) => write!(f, "tls: {why}"),
            Why::NotPinned => f.write_str("pin: the broker's certificate leads to none of the pinned roots"),
            Why::Network(words) => f.write_str(words),
        }
    }
}

impl fmt::Display for Unsafe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unsafe::NotYetValid => "the certificate is not yet valid",
            Unsafe::Expired => "the certificate has expired",
            Unsafe::OtherName => "the certificate is for another name",
            Unsafe::Other(words) => words,
        })
    }
}
