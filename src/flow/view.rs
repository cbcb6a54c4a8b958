//! What a screen shows, as a function of the state: no text of the dialogue, only its facts.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use super::pad::Pad;
use super::{Kind, Language, Reason, Toggle};
use crate::ciba::{Action, AgeAnswer};

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
    Enter(Enter),
    Starting,
    Waiting(Waiting),
    Approved(Approved),
    /// The answer to an age check. Whatever it is, nobody in the room need learn more.
    AgeTold(AgeAnswer),
    Rejected,
    Expired,
    Cancelled,
    /// The token cannot be trusted; nothing was handed over.
    Refused,
    /// The service cannot be used just now. `error` is the wire code or the cause, shown verbatim.
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
    /// The word for this page in scripts and file names.
    pub fn name(&self) -> &'static str {
        match self {
            Page::Enter(_) => "enter",
            Page::Starting => "starting",
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
