//! Why a login came to nothing, or why nobody knows what became of it: told to the host whole, and to a person only
//! where it is a code that a help desk can look up.

use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The broker's own, word for word, or one of ours.
    Code(String),
    /// The broker broke the protocol; this is the clause.
    Malformed(&'static str),
    /// A sentence of the network's or of ours: for the host and the operator, and for nobody on a sofa, in whatever
    /// language.
    Words(String),
}

impl Cause {
    pub fn code(code: &str) -> Cause {
        Cause::Code(code.to_owned())
    }

    /// A server, or something before it, that answers with this status and no code of its own.
    pub fn status(status: u16) -> Cause {
        Cause::Code(format!("http_{status}"))
    }

    pub fn words(words: impl fmt::Display) -> Cause {
        Cause::Words(words.to_string())
    }
}

/// What the host reads.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::Code(text) | Cause::Words(text) => f.write_str(text),
            Cause::Malformed(clause) => write!(f, "broken answer: {clause}"),
        }
    }
}
