//! What the operator of a device should know: codes and counts, never a person.

use std::fmt;

use crate::ciba::Untrusted;

/// No text from elsewhere is repeated for longer than this many characters.
const LONGEST: usize = 200;

/// Something that nobody in front of the screen can mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A token came that cannot be trusted, and nothing was handed over.
    Untrusted(Untrusted),
    /// A token came too early or too late by this device's clock, and the broker has told no time.
    Untimely(Untrusted),
    /// The device's clock differs from the broker's.
    ClockWrong {
        /// Ours minus the broker's, in seconds.
        ahead: i64,
    },
    /// The display was told to sleep or to wake, and could not be told; the text is the reason.
    Display(String),
    /// The device's clock has not been set, and a kiosk is to keep hours.
    ClockUnset,
    /// The broker broke the protocol; the text says which clause.
    Contract(String),
    /// No secure connection to the broker came about; the text is the reason.
    Tls(String),
    /// The broker's certificate is trusted, and its root is none of the pinned ones.
    Pin,
    /// The broker does not take the client's own proof.
    ClientRefused,
    /// The broker ended a login with a code that is none of a person's doing.
    BrokerError(String),
    /// The last day of the configured pins has passed.
    PinsExpired,
    /// A token that tells no level of assurance was believed, as the policy says.
    LoaMissing,
    /// A token was believed that repeats nothing of the login it answers.
    Unbound,
    /// A login that is on a phone when this process is killed cannot be taken back; the text is the reason.
    NoTicket(String),
    /// A process that was killed left logins on phones, and they are being cancelled.
    LeftBehind { logins: usize },
    /// The host did not take the result of a login, which is kept nowhere else.
    Undelivered,
    /// Logins for many different people were started on this device and none was approved.
    ManyPeople {
        /// How many different identifiers.
        people: usize,
    },
}

impl Notice {
    /// The word by which a machine finds this notice in a log.
    pub fn code(&self) -> &'static str {
        match self {
            Notice::Untrusted(Untrusted::Uuid) => "another_person",
            Notice::Untrusted(_) => "untrusted",
            Notice::Untimely(_) => "clock_suspect",
            Notice::ClockWrong { .. } => "clock_wrong",
            Notice::Display(_) => "display",
            Notice::ClockUnset => "clock_unset",
            Notice::Contract(_) => "broker_contract",
            Notice::Tls(_) => "tls",
            Notice::Pin => "pin",
            Notice::ClientRefused => "client_refused",
            Notice::BrokerError(_) => "broker_error",
            Notice::PinsExpired => "pins_expired",
            Notice::LoaMissing => "loa_missing",
            Notice::Unbound => "unbound",
            Notice::NoTicket(_) => "no_ticket",
            Notice::LeftBehind { .. } => "left_behind",
            Notice::Undelivered => "undelivered",
            Notice::ManyPeople { .. } => "many_people",
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::Untrusted(Untrusted::Uuid) => f.write_str(
                "Alarm: the broker's token names another person than the one who was asked. It was refused. \
                 Tell the broker at once.",
            ),
            Notice::Untrusted(clause) => write!(
                f,
                "A token from the broker was refused: {clause}. If it comes again, tell the broker.",
            ),
            Notice::Untimely(clause) => write!(
                f,
                "A token was not taken, most likely because this device's clock is wrong: {}. Set the clock, or \
                 let it be set from the network.",
                plain(&clause.to_string())
            ),
            Notice::ClockWrong { ahead } => write!(
                f,
                "This device's clock is {} s {} the broker's. Set it, or let it be set from the network.",
                ahead.unsigned_abs(),
                if *ahead < 0 { "behind" } else { "ahead of" },
            ),
            Notice::Display(reason) => write!(
                f,
                "The display cannot be spoken to over HDMI-CEC: {}. Its own remote is not heard, and it neither sleeps \
                 nor wakes. Install v4l-utils, and give this program's user the device under kiosk.cec.",
                plain(reason)
            ),
            Notice::ClockUnset => f.write_str(
                "This device's clock has not been set. Until it is, the kiosk is open at all hours and never dark. Let \
                 the clock be set from the network.",
            ),
            Notice::Contract(clause) => {
                write!(f, "The broker broke the protocol: {}. Tell the broker.", plain(clause))
            }
            Notice::Tls(reason) => write!(
                f,
                "No secure connection to the broker: {}. Look at the network, the clock and ca_file.",
                plain(reason)
            ),
            Notice::Pin => f.write_str(
                "The broker's certificate leads to none of the pinned roots. If the broker has changed its roots, \
                 write the new one into broker.root_sha256; if it has not, somebody stands between.",
            ),
            Notice::ClientRefused => f.write_str(
                "The broker does not take this client: invalid_client. Check client_id and [broker.auth].",
            ),
            Notice::BrokerError(code) => write!(
                f,
                "The broker ended a login with the code {}. If it comes again, tell the broker.",
                plain(code)
            ),
            Notice::NoTicket(reason) => write!(
                f,
                "If this program is killed, the login that it waits for stays on the phone until it expires: {}. \
                 Set RuntimeDirectory= in the service, or XDG_RUNTIME_DIR.",
                plain(reason)
            ),
            Notice::LeftBehind { logins } => write!(
                f,
                "An earlier run was killed and left logins on phones: {logins}. They are being cancelled; their \
                 outcome is unknown.",
            ),
            Notice::PinsExpired => f.write_str(
                "The pins of the broker's roots and keys have expired and are no longer held against anything. \
                 Renew broker.root_sha256, broker.key_ids and broker.pins_expire.",
            ),
            Notice::LoaMissing => f.write_str(
                "A login was taken whose level of assurance the broker does not tell, as login.loa_policy says. \
                 Ask the broker to issue loa.",
            ),
            Notice::Unbound => f.write_str(
                "The broker's token repeats nothing of this login, so only its time, the client and the answer that \
                 it came in tie it to the person who was asked. It was taken. Ask the broker to repeat the reference \
                 text, ciba_nonce or auth_req_id.",
            ),
            Notice::Undelivered => f.write_str(
                "The result of a login did not reach the host and is kept nowhere: whoever logged in did so for nobody. \
                 Look at what reads standard output.",
            ),
            Notice::ManyPeople { people } => write!(
                f,
                "Logins for {people} different people were started here and none was approved. New ones wait \
                 longer now. Look who is at the device.",
            ),
        }
    }
}

/// One line whatever the text, so that nobody writes a notice of their own into the log.
fn plain(text: &str) -> String {
    let plain = |character: &char| !character.is_control() && !matches!(character, '\u{2028}'..='\u{202e}');
    text.trim_end_matches('.').chars().filter(plain).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_notice() -> Vec<Notice> {
        vec![
            Notice::Untrusted(Untrusted::Uuid),
            Notice::Untrusted(Untrusted::BadSignature),
            Notice::Untimely(Untrusted::Expired),
            Notice::ClockWrong { ahead: -3600 },
            Notice::Contract("the start is answered without `auth_req_id`".into()),
            Notice::Tls("the certificate has expired".into()),
            Notice::Pin,
            Notice::ClientRefused,
            Notice::BrokerError("mitid_flex_app.mitid_error_X".into()),
            Notice::PinsExpired,
            Notice::LoaMissing,
            Notice::Unbound,
            Notice::NoTicket("there is no runtime folder".into()),
            Notice::LeftBehind { logins: 1 },
            Notice::Undelivered,
            Notice::ManyPeople { people: 4 },
        ]
    }

    #[test]
    fn each_notice_has_a_code_of_its_own_and_tells_in_plain_sentences() {
        let mut codes: Vec<&str> = every_notice().iter().map(Notice::code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), every_notice().len());
        for notice in every_notice() {
            assert!(notice.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
            let sentence = notice.to_string();
            assert!(sentence.starts_with(char::is_uppercase) && sentence.ends_with('.'), "{sentence}");
            assert!(!sentence.contains(['\n', '{', '}']) && !sentence.contains("  "), "{sentence}");
        }
    }

    #[test]
    fn a_wrong_clock_is_told_with_its_direction() {
        assert!(Notice::ClockWrong { ahead: 90 }.to_string().contains("90 s ahead of the broker's"));
        assert!(Notice::ClockWrong { ahead: -90 }.to_string().contains("90 s behind the broker's"));
        assert!(Notice::ClockWrong { ahead: i64::MIN }.to_string().contains("behind"));
    }

    #[test]
    fn text_from_elsewhere_stays_one_short_line() {
        let told = Notice::Tls(format!("bad\nflexlogin: notice: x\u{202e}{}", "y".repeat(9000))).to_string();
        assert!(told.chars().count() < 400);
        assert!(!told.contains('\n') && !told.contains('\u{202e}'));
    }
}
