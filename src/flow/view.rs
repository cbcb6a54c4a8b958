//! What a screen shows, as a function of the state: no text of the dialogue, only its facts.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::hours::{Opening, TimeOfDay};
use super::identifier::Identifier;
use super::pad::Pad;
use super::scan::Scan;
use super::sight::Sight;
use super::{Flow, Kind, Language, Line, Login, Reason, State, Toggle, Whom};
use crate::ciba::polling::Polling;
use crate::ciba::{Action, AgeAnswer, ScanUri};

/// The whole of what there is to see at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub language: Language,
    /// The name of the service, from the configuration.
    pub service: String,
    pub action: Action,
    /// How old the person has to be, where that is all that is asked.
    pub age: Option<u8>,
    pub page: Page,
    /// The login that has ended was for whoever scans a code: nobody typed anything.
    pub scanned: bool,
    /// What lies over the page.
    pub overlay: Option<Overlay>,
    pub privacy: Privacy,
}

/// Something to read, over any page that offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// What to do when it does not go as it should.
    Help,
    /// What is done with what is typed.
    Privacy,
}

/// What the person has to be told before they give anything (GDPR 13).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Privacy {
    /// The service's own text instead of ours.
    pub text: Option<String>,
    /// Why CPR numbers may be used here, where they are.
    pub basis: Option<Basis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    Law,
    Consent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// A kiosk that waits for whoever comes next.
    Idle(Rest),
    /// A kiosk outside its opening hours.
    Closed(Closed),
    Enter(Enter),
    /// Nothing is typed here, and a code to scan is offered.
    Offer {
        /// No login can be started for so long, in whole seconds.
        wait: Option<Duration>,
    },
    Starting,
    Waiting(Waiting),
    /// A code for any phone.
    Scan(Scanning),
    Approved(Approved),
    /// The answer to an age check. Whatever it is, nobody in the room need learn more.
    AgeTold(AgeAnswer),
    Rejected,
    Expired,
    Cancelled,
    /// The token cannot be trusted; nothing was handed over.
    Refused,
    /// The service cannot be used just now. `error` is the code, shown verbatim; empty where there is none.
    Unavailable {
        reason: Reason,
        error: String,
    },
    /// The outcome is not known: a request may still be on the phone.
    Unknown {
        error: String,
    },
}

impl Page {
    /// How it is drawn, if nobody uses it just now.
    pub fn rest(&self) -> Option<Rest> {
        match self {
            Page::Idle(rest) | Page::Closed(Closed { rest, .. }) => Some(*rest),
            _ => None,
        }
    }

    /// The word for this page in scripts and file names.
    pub fn name(&self) -> &'static str {
        match self {
            Page::Idle(_) => "idle",
            Page::Closed(_) => "closed",
            Page::Enter(_) => "enter",
            Page::Offer { .. } => "offer",
            Page::Starting | Page::Scan(Scanning { code: ScanCode::Coming, .. }) => "starting",
            Page::Scan(_) => "scan",
            Page::Waiting(_) => "waiting",
            Page::Approved(_) => "approved",
            Page::AgeTold(AgeAnswer { is_old_enough: true, .. }) => "old_enough",
            Page::AgeTold(AgeAnswer { is_old_enough: false, .. }) => "too_young",
            Page::Rejected => "rejected",
            Page::Expired => "expired",
            Page::Cancelled => "cancelled",
            Page::Refused => "refused",
            Page::Unavailable { .. } => "unavailable",
            Page::Unknown { .. } => "unknown",
        }
    }
}

/// How a resting screen is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    pub shift: Shift,
    /// It is night, and the screen gives little light.
    pub dark: bool,
    /// The display was told to sleep, so nobody sees it.
    pub asleep: bool,
}

/// How far the picture stands from its place, in small steps from -2 to 2, so that it does not burn in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    pub right: i8,
    pub down: i8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    pub opens: Opening,
    /// What the device takes for the time, so that people see it if that is wrong.
    pub clock: TimeOfDay,
    pub rest: Rest,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Enter {
    pub kind: Kind,
    /// One entry a character that was typed; `None` is a masked one. Wiped when dropped.
    pub typed: Zeroizing<Vec<Option<char>>>,
    /// What the key that shows and hides would do; `None` where nothing is ever hidden.
    pub toggle: Option<Toggle>,
    /// How many characters a complete identifier has at the most.
    pub places: usize,
    /// Whether OK would send it.
    pub complete: bool,
    pub complaint: Option<Complaint>,
    /// The on-screen keys for people without number keys.
    pub pad: Pad,
    /// Which on-screen key has the focus; `None` after a touch.
    pub focus: Option<usize>,
}

impl fmt::Debug for Enter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither what was typed nor where the focus is, which tells what is being typed.
        f.debug_struct("Enter")
            .field("kind", &self.kind)
            .field("typed", &self.typed.len())
            .field("complaint", &self.complaint)
            .finish_non_exhaustive()
    }
}

/// Why an identifier is not taken, told beside the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// Some characters are missing.
    Incomplete,
    /// The first six digits of a CPR number are no date.
    NoSuchDate,
    /// A UUID is 8-4-4-4-12 hexadecimal digits.
    NoUuid,
    /// A user ID has no space first or last, and is not ten digits.
    NoUserId,
    /// No login can be started for so long, in whole seconds; nothing is wrong with what was typed.
    Wait { left: Duration },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// `None` where the phone shows words of the broker's own, which nobody here knows.
    pub words: Option<Words>,
    /// Rounded up to whole seconds.
    pub left: Duration,
    pub lifetime: Duration,
    /// The connection is lost for the moment and polling goes on.
    pub troubled: bool,
}

/// What the phone shows as well, so that a person can tell their own request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Four digits.
    pub code: String,
    /// Word for word; it holds the code.
    pub reference_text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanning {
    pub code: ScanCode,
    /// The code alone, as large as it goes.
    pub large: bool,
    /// To scan the code, or to approve once it is withdrawn. Rounded up to whole seconds.
    pub left: Duration,
    pub lifetime: Duration,
    /// The connection is lost for the moment and polling goes on.
    pub troubled: bool,
}

/// What there is to scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanCode {
    /// The broker is being asked for it.
    Coming,
    Shown(ScanUri),
    /// Whoever began with it now would not come to an end in time. Who has begun can still go on.
    Withdrawn,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Approved {
    /// `None` for a person whose name is protected or not told.
    pub first_name: Option<String>,
}

impl fmt::Debug for Approved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Approved(…)")
    }
}

impl Flow {
    pub fn view(&self, now: Duration) -> View {
        let page = match &self.state {
            State::Entering { identifier, complaint, focus, wait_until, sight, .. } => Page::Enter(Enter {
                kind: identifier.kind(),
                typed: seen(identifier, *sight, now),
                toggle: sight.offers(identifier.kind(), now),
                places: identifier.kind().places(),
                complete: identifier.complete().is_ok() && self.wait_until(*wait_until, now).is_none(),
                complaint: complaint.or_else(|| {
                    let until = self.wait_until(*wait_until, now)?;
                    Some(Complaint::Wait { left: whole_seconds_left(until, now) })
                }),
                pad: self.pad(identifier.kind()),
                focus: *focus,
            }),
            State::Resting { .. } => self.resting_page(now),
            State::Offering { .. } => {
                Page::Offer { wait: self.wait_until(None, now).map(|until| whole_seconds_left(until, now)) }
            }
            State::Starting { login: Login { whom: Whom::Scanner, .. }, .. } => Page::Scan(Scanning {
                code: ScanCode::Coming,
                large: false,
                left: Duration::ZERO,
                lifetime: Duration::ZERO,
                troubled: false,
            }),
            State::Starting { .. } => Page::Starting,
            State::Waiting { login, polling, started, line, scan, .. } => {
                let end = counted(polling, scan.as_ref(), now);
                let (left, lifetime) = (whole_seconds_left(end, now), end.saturating_sub(*started));
                let troubled = matches!(line, Line::Troubled | Line::AskingAgain);
                match &login.whom {
                    Whom::Person { code, reference_text, .. } => Page::Waiting(Waiting {
                        words: self.words(code, reference_text),
                        left,
                        lifetime,
                        troubled,
                    }),
                    Whom::Scanner => {
                        let code = scan.as_ref().map_or(ScanCode::Coming, |scan| scan.code(now));
                        let large = scan.as_ref().is_some_and(|scan| scan.is_large(now));
                        Page::Scan(Scanning { code, large, left, lifetime, troubled })
                    }
                }
            }
            State::Ended { page, .. } => page.clone(),
        };
        View {
            language: self.settings.language,
            service: self.settings.service.clone(),
            action: self.settings.action,
            age: self.settings.age.map(|age| age.years),
            page,
            scanned: matches!(self.state, State::Ended { scanned: true, .. }),
            overlay: self.overlay,
            privacy: self.settings.privacy.clone(),
        }
    }
}

/// What was typed, as far as it is seen.
fn seen(identifier: &Identifier, sight: Sight, now: Duration) -> Zeroizing<Vec<Option<char>>> {
    let typed = identifier.len();
    // Room for every character at once: a buffer that grows leaves copies behind.
    let mut seen = Zeroizing::new(Vec::with_capacity(typed));
    let characters = identifier.characters().enumerate();
    seen.extend(characters.map(|(place, character)| sight.sees(place, typed, now).then_some(character)));
    seen
}

pub(super) fn whole_seconds_left(until: Duration, now: Duration) -> Duration {
    let left = until.saturating_sub(now);
    Duration::from_secs(left.as_secs() + u64::from(left.subsec_nanos() > 0))
}

/// When the time is over that the waiting page counts: to begin with the code, or to approve.
pub(super) fn counted(polling: &Polling, scan: Option<&Scan>, now: Duration) -> Duration {
    scan.and_then(|scan| scan.shown_until(now)).unwrap_or(polling.deadline())
}
