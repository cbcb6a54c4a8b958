//! Why a request got no answer.

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
