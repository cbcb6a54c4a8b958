//! One login as it went: what the people did, what the device was told, and how it ended.

use std::fmt;
use std::time::Duration;

use flexlogin::flow::Outcome;

pub(super) struct Login {
    pub(super) device: usize,
    pub(super) started_at: Duration,
    /// What the phone shows of it; no other login of the device has the same.
    pub(super) reference_text: String,
    /// From the start to the deadline, as soon as the device was told.
    pub(super) life: Option<Duration>,
    /// What was said to the device, and when it was there to be heard.
    pub(super) told: Vec<(Duration, Told)>,
    /// When somebody at the device wanted to leave.
    pub(super) left: Vec<Duration>,
    pub(super) ended: Option<(Duration, Outcome)>,
    /// The requests that reached the server, by their number there.
    pub(super) requests: Vec<usize>,
}

/// What one call of a login brought to the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The start certainly did not leave.
    StartNotSent,
    StartUnanswered,
    /// By a status that says that nothing was done.
    StartTurnedAway,
    /// By a status that says nothing.
    StartFailed,
    StartRefused,
    StartDenied,
    StartMalformed,
    Acknowledged,
    /// The poll brought nothing, and an answer may have been lost.
    PollUnanswered,
    PollNotSent,
    /// A 200 without usable tokens.
    EmptySuccess,
    /// Not yet.
    Wait(Pause),
    Denied,
    /// `invalid_grant`
    Gone,
    /// `expired_token`
    Expired,
    /// Another error.
    Failed,
    Tokens,
    /// Tokens that are not for this login, or not from this provider.
    WrongTokens,
}

/// How the next poll has to wait beyond the interval so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) retry_after: Option<Duration>,
    /// `slow_down`, and the interval beside it.
    pub(super) slower: Option<Option<Duration>>,
    /// Whoever said it may have dropped the provider's own answer.
    pub(super) maybe_lost: bool,
}

/// The name of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    Approved,
    Rejected,
    Expired,
    Cancelled,
    Refused,
    Unavailable,
    Unknown,
}

impl Ending {
    pub(super) const ALL: [Ending; 7] = [
        Ending::Approved,
        Ending::Rejected,
        Ending::Expired,
        Ending::Cancelled,
        Ending::Refused,
        Ending::Unavailable,
        Ending::Unknown,
    ];

    pub(super) fn of(outcome: &Outcome) -> Ending {
        match outcome {
            Outcome::Approved { .. } | Outcome::AgeTold(_) => Ending::Approved,
            Outcome::Rejected => Ending::Rejected,
            Outcome::Expired => Ending::Expired,
            Outcome::Cancelled => Ending::Cancelled,
            Outcome::Refused(_) => Ending::Refused,
            Outcome::Unavailable(_) => Ending::Unavailable,
            Outcome::Unknown(_) => Ending::Unknown,
        }
    }
}

impl Login {
    pub(super) fn new(device: usize, started_at: Duration, reference_text: String) -> Login {
        Login {
            device,
            started_at,
            reference_text,
            life: None,
            told: Vec::new(),
            left: Vec::new(),
            ended: None,
            requests: Vec::new(),
        }
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        Some(self.started_at + self.life?)
    }

    /// The first thing that the device was told after which there is nothing more to wait for, when it was there to
    /// be heard, and how the login ends with it. `awake` says when a device hears what is there.
    pub(super) fn decided(&self, awake: impl Fn(Duration) -> Duration) -> Option<(Duration, Told, Ending)> {
        let (mut not_sent, mut maybe_lost, mut was_broken) = (0, false, false);
        let mut told: Vec<(Duration, Told)> =
            self.told.iter().map(|(at, told)| (awake(*at), *told)).collect();
        told.sort_by_key(|(at, _)| *at);
        told.into_iter().find_map(|(at, told)| {
            let ending = match told {
                Told::StartNotSent => {
                    not_sent += 1;
                    // The start is tried three times.
                    (not_sent == 3).then_some(Ending::Unavailable)
                }
                Told::StartUnanswered | Told::StartFailed => Some(Ending::Unknown),
                Told::StartTurnedAway | Told::StartRefused | Told::StartMalformed => {
                    Some(Ending::Unavailable)
                }
                Told::StartDenied | Told::Denied => Some(Ending::Rejected),
                Told::Wait(pause) => {
                    maybe_lost |= pause.maybe_lost;
                    let left = self.deadline()?.saturating_sub(at);
                    (pause.retry_after > Some(left)).then_some(Ending::Unavailable)
                }
                Told::Acknowledged | Told::PollNotSent => None,
                Told::EmptySuccess if was_broken => Some(Ending::Unknown),
                Told::EmptySuccess | Told::PollUnanswered => {
                    was_broken |= told == Told::EmptySuccess;
                    maybe_lost = true;
                    None
                }
                Told::Gone if maybe_lost => Some(Ending::Unknown),
                Told::Gone | Told::Failed => Some(Ending::Unavailable),
                Told::Expired => Some(Ending::Expired),
                Told::Tokens => Some(Ending::Approved),
                Told::WrongTokens => Some(Ending::Refused),
            };
            Some((at, told, ending?))
        })
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the login of device {} begun at {:?} with a life of {:?}: told {:?}, left at {:?}, ended {:?}",
            self.device, self.started_at, self.life, self.told, self.left, self.ended
        )
    }
}
