//! The words between the flow and the rooms around it.

use std::fmt;
use std::time::Duration;

use super::{Cause, Display, Notice, WeekTime};
use crate::ciba::{
    Acknowledgement, AgeAnswer, Answer, AuthReqId, Hint, Identity, Invitation, Secret, Untrusted,
};

/// A key of a remote control or keyboard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// 0 to 9.
    Digit(u8),
    Character(char),
    Ok,
    Back,
    Up,
    Down,
    Left,
    Right,
    Erase,
    Red,
    Green,
    Yellow,
    Blue,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is typed is a person's identifier.
        f.write_str(match self {
            Key::Digit(_) | Key::Character(_) => "Typed(…)",
            Key::Ok => "Ok",
            Key::Back => "Back",
            // The way over the on-screen keys tells which were typed.
            Key::Up | Key::Down | Key::Left | Key::Right => "Arrow(…)",
            Key::Erase => "Erase",
            Key::Red => "Red",
            Key::Green => "Green",
            Key::Yellow => "Yellow",
            Key::Blue => "Blue",
        })
    }
}

/// What a finger or a mouse can tap.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// An on-screen key, by its index in the pad.
    Cap(usize),
    /// An on-screen key that a finger stays on.
    Hold(usize),
    /// Show what was typed, or hide it.
    Sight,
    /// What is done with what is typed: open it, or close it.
    Privacy,
    /// Send what was typed.
    Continue,
    /// Show a code to scan, or a new one.
    Scan,
    /// The code alone on the screen, as large as it goes, or back.
    Enlarge,
    Cancel,
    /// From an end, back to the first screen.
    Again,
    /// From an end, leave.
    Close,
    /// Open the help, or close it.
    Help,
    Language,
    /// Anywhere on a resting screen.
    Wake,
}

impl Event {
    /// Whether it says that there is a person.
    pub(super) fn is_of_somebody(&self, resting: bool) -> bool {
        match self {
            // A bag or a drop of water on the glass says so for ever.
            Event::Tapped(Control::Hold(_)) => false,
            // A key that has lain under something since the last person says nothing of the next one.
            Event::Held(_) => !resting,
            Event::Pressed(_) | Event::Tapped(_) => true,
            Event::Given { .. } | Event::Woke | Event::News(..) | Event::Clock(_) | Event::Leave => false,
        }
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Control::Cap(_) => "Cap(…)",
            Control::Hold(_) => "Hold(…)",
            Control::Sight => "Sight",
            Control::Privacy => "Privacy",
            Control::Continue => "Continue",
            Control::Scan => "Scan",
            Control::Enlarge => "Enlarge",
            Control::Cancel => "Cancel",
            Control::Again => "Again",
            Control::Close => "Close",
            Control::Help => "Help",
            Control::Language => "Language",
            Control::Wake => "Wake",
        })
    }
}

/// Numbers the logins of one flow, so that late news can be told from news.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt(pub u64);

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    Pressed(Key),
    /// A key that was pressed is still down; comes again and again until it is not.
    Held(Key),
    Tapped(Control),
    /// An identifier that came whole, from a command line or a card, and the code that only this person knows,
    /// where the provider asks for one.
    Given {
        hint: Hint,
        user_code: Option<Secret>,
    },
    /// The time that `wake_at` named has come.
    Woke,
    News(Attempt, News),
    /// What the local clock says, for a kiosk; `None` if it has not been set.
    Clock(Option<WeekTime>),
    /// The window closes or the process is told to end.
    Leave,
}

/// What the transport has to tell about a login.
#[derive(Debug)]
pub enum News {
    Acknowledged(Acknowledgement),
    /// A login that names nobody is acknowledged, and this is what its phone has to open.
    Invited(Acknowledgement, Invitation),
    /// The start did not succeed.
    NotStarted(NotStarted),
    /// A poll was answered, with no tokens.
    Heard(Answer),
    /// A poll was not answered. `maybe_answered` tells that an answer may have been on its way.
    Silence {
        maybe_answered: bool,
    },
    /// The tokens came and are good.
    Granted(Box<Granted>),
    /// The tokens came, are good, and answer the age check.
    AgeTold(AgeAnswer),
    /// The tokens came and cannot be trusted.
    Untrusted(Untrusted),
    /// The tokens came and are good but for their times, and nobody vouches for this device's clock.
    Untimely(Untrusted),
    /// The tokens came and the keys to check them did not.
    Unverifiable(Cause),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotStarted {
    /// No byte of the request left: nothing is on the phone.
    NotSent(Cause),
    /// The request may have arrived, and with it a prompt on the phone.
    MaybeSent(Cause),
    /// The broker said no. `error` is its wire code.
    Refused { error: String },
    /// The broker, or something before it, could not answer: status 5xx, 408 or 429, and no code.
    Busy {
        status: u16,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// The broker's answer breaks the protocol; `clause` says where.
    Malformed { clause: &'static str },
}

/// A login that succeeded, with what the host gets.
#[derive(Clone)]
pub struct Granted {
    pub identity: Identity,
    /// The raw signed token, so that the host's own server can check it again.
    pub id_token: Secret,
}

impl fmt::Debug for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Granted(…)")
    }
}

/// Something to do.
#[derive(Clone, Debug)]
pub enum Effect {
    Start {
        attempt: Attempt,
        order: Order,
    },
    Poll {
        attempt: Attempt,
        auth_req_id: AuthReqId,
    },
    /// Drop any request of this login that is under way, and tell the broker if the id is known.
    Cancel {
        attempt: Attempt,
        auth_req_id: Option<AuthReqId>,
    },
    /// The login is over: exactly once for every start, and once for a person who left before one.
    Finish(Outcome),
    /// The person is done with the screen. With a kiosk nobody is, and this answers [`Event::Leave`] alone.
    Leave,
    /// The display of a kiosk sleeps, or wakes.
    Display(Display),
    /// For the operator of the device.
    Note(Notice),
}

/// One login to start.
#[derive(Clone, Debug)]
pub struct Order {
    pub hint: Hint,
    /// What the phone shows; it holds the code. Empty where a code is scanned: there the broker chooses the words.
    pub reference_text: String,
    pub reference_id: String,
    pub ciba_nonce: String,
    pub user_code: Option<Secret>,
}

/// How a login ended, for the host.
#[derive(Clone, Debug)]
pub enum Outcome {
    Approved {
        granted: Box<Granted>,
        reference_id: String,
    },
    /// The person approved an age check: a yes, or a no.
    AgeTold(AgeAnswer),
    Rejected,
    Expired,
    Cancelled,
    /// A token came that cannot be trusted, by this clause.
    Refused(Untrusted),
    Unavailable(Cause),
    Unknown(Cause),
}
