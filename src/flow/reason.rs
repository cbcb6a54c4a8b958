//! What the many codes of a broker mean to the person in front of the screen.
//!
//! One table for every room: the code goes to the host and, where it tells nobody who exists, to the screen word for
//! word; the reason chooses the words around it.

use super::Cause;

/// Why a login cannot be had just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The broker was not reached, and nothing is on any phone.
    Network,
    /// The broker answers that it cannot answer now.
    Busy,
    /// The device's clock is not right, or nobody vouches for it.
    Clock,
    /// The broker does not take what this device is set up to ask.
    Setup,
    /// The broker's answer makes no sense.
    Broken,
    /// The person is in another MitID login.
    Parallel,
    /// MitID has closed for this person, after too many requests that nobody approved.
    TooMany,
    /// The person was asked from this device as often as it asks anybody.
    Resting,
    /// Nothing came about, for a reason that may tell who exists and who does not.
    Unasked,
    /// The code that only the person knows was missing or wrong.
    UserCode,
    /// The request is no longer valid before its time.
    Gone,
    /// MitID ended the login with a code of its own.
    MitId,
    /// A code that nobody has told us of.
    Unheard,
}

/// Codes of the broker, of CIBA (11, 13), OAuth 2.0 (RFC 6749 5.2) and OpenID Connect (3.1.2.6), and our own.
const CODES: [(&str, Reason); 28] = [
    ("clock", Reason::Clock),
    ("expired_token", Reason::Clock),
    ("invalid_client", Reason::Setup),
    ("unauthorized_client", Reason::Setup),
    ("invalid_request", Reason::Setup),
    ("invalid_request_object", Reason::Setup),
    ("invalid_scope", Reason::Setup),
    ("invalid_token", Reason::Setup),
    ("invalid_binding_message", Reason::Setup),
    ("expired_login_hint_token", Reason::Setup),
    ("unsupported_grant_type", Reason::Setup),
    ("too_many_tries", Reason::Resting),
    ("not_started", Reason::Unasked),
    ("unknown_user_id", Reason::Unasked),
    ("missing_user_code", Reason::UserCode),
    ("invalid_user_code", Reason::UserCode),
    ("invalid_grant", Reason::Gone),
    ("server_error", Reason::Busy),
    ("temporarily_unavailable", Reason::Busy),
    ("retry_after", Reason::Busy),
    ("http_408", Reason::Busy),
    ("http_429", Reason::Busy),
    ("http_500", Reason::Busy),
    ("http_502", Reason::Busy),
    ("http_503", Reason::Busy),
    ("http_504", Reason::Busy),
    ("redirect", Reason::Broken),
    ("transaction_failed", Reason::Broken),
];

/// What MitID's own codes hold, wherever the broker puts them. The first that fits counts.
const PARTS: [(&str, Reason); 11] = [
    ("identity_not_found", Reason::Unasked),
    ("unknown_user", Reason::Unasked),
    ("CAP008", Reason::Parallel),
    ("parallel", Reason::Parallel),
    ("TRANS", Reason::TooMany),
    ("session_not_found", Reason::Gone),
    ("user_aborted", Reason::Gone),
    ("mitid_timeout", Reason::Gone),
    ("mitid_", Reason::MitId),
    ("control.", Reason::MitId),
    ("auth.", Reason::MitId),
];

impl Reason {
    /// What a code means, whoever said it.
    pub fn of(code: &str) -> Reason {
        let whole = CODES.iter().find(|(known, _)| *known == code);
        let part = || PARTS.iter().find(|(part, _)| code.contains(part));
        let status = || code.starts_with("http_").then_some(Reason::Broken);
        whole.or_else(part).map(|(_, reason)| *reason).or_else(status).unwrap_or(Reason::Unheard)
    }

    /// What is told in words is the network's.
    pub(super) fn of_cause(cause: &Cause) -> Reason {
        match cause {
            Cause::Code(code) => Reason::of(code),
            Cause::Malformed(_) => Reason::Broken,
            Cause::Words(_) => Reason::Network,
        }
    }

    /// What a start that was refused means. MitID's codes for a person come before anybody was asked, and are kept
    /// apart only where the person has to act on them.
    pub fn of_refused(code: &str) -> Reason {
        match Reason::of(code) {
            Reason::MitId | Reason::Gone if code.starts_with("mitid_flex_app.") => Reason::Unasked,
            reason => reason,
        }
    }

    /// Whether another try may help, so that the screen offers one at once.
    pub fn may_be_tried_again(self) -> bool {
        !matches!(self, Reason::TooMany | Reason::Resting | Reason::Setup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_has_two_meanings() {
        for (at, (code, _)) in CODES.iter().enumerate() {
            assert!(CODES[at + 1..].iter().all(|(other, _)| other != code), "{code}");
        }
    }

    #[test]
    fn a_code_that_nobody_knows_is_unheard_and_a_network_that_fails_has_none() {
        assert_eq!(Reason::of("something_new"), Reason::Unheard);
        assert_eq!(Reason::of("http_418"), Reason::Broken);
        assert_eq!(Reason::of_cause(&Cause::words("timeout")), Reason::Network);
        assert_eq!(Reason::of_cause(&Cause::code("two words of the broker's")), Reason::Unheard);
        assert_eq!(Reason::of_cause(&Cause::status(503)), Reason::Busy);
        assert_eq!(Reason::of_cause(&Cause::Malformed("no id")), Reason::Broken);
    }

    #[test]
    fn whom_mitid_does_not_know_is_told_like_whom_it_could_not_ask() {
        for code in ["unknown_user_id", "mitid_flex_app.mitid_error_control.identity_not_found"] {
            assert_eq!(Reason::of(code), Reason::Unasked, "{code}");
        }
        assert_eq!(Reason::of_refused("mitid_flex_app.mitid_error_X"), Reason::Unasked);
    }
}
