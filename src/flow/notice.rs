//! What the operator should know of a login: codes and counts, never a person.

use std::fmt;

use crate::ciba::Untrusted;

/// Something the operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A token came that is not to be trusted.
    Untrusted(Untrusted),
    /// This device's clock differs from the broker's by so many seconds: ours minus the broker's.
    ClockWrong { ahead: i64 },
    /// The broker broke the protocol; which clause.
    Contract(String),
    /// The connection could not be made safe; why.
    Tls(String),
}

impl Notice {
    /// One word for the machine that reads the log.
    pub fn code(&self) -> &'static str {
        match self {
            Notice::Untrusted(_) => "untrusted",
            Notice::ClockWrong { .. } => "clock_wrong",
            Notice::Contract(_) => "contract",
            Notice::Tls(_) => "tls",
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::Untrusted(clause) => {
                write!(f, "A token was refused: {clause}. If it comes again, tell the broker.")
            }
            Notice::ClockWrong { ahead } => {
                let (seconds, side) = (ahead.unsigned_abs(), if *ahead < 0 { "behind" } else { "ahead of" });
                write!(
                    f,
                    "This device's clock is {seconds} s {side} the broker's, and the broker's is used. \
                     Set the clock, or let the system keep it by NTP."
                )
            }
            Notice::Contract(clause) => {
                write!(f, "The broker broke the protocol: {clause}. Tell the broker.")
            }
            Notice::Tls(why) => {
                write!(
                    f,
                    "The connection to the broker is not safe: {why}. Check the network and broker.ca_file."
                )
            }
        }
    }
}
