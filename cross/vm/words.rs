//! What the driving program says to the machine, one JSON line each, and what it hears.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long after its end a kiosk is started again, as the unit says.
pub(crate) fn restarts_after() -> Duration {
    let wait = of_the_unit("RestartSec=").strip_suffix("ms");
    Duration::from_millis(wait.unwrap().parse().unwrap())
}

/// How long the service manager waits for a kiosk that says nothing, as the unit says.
pub(crate) fn patience() -> Duration {
    Duration::from_secs(of_the_unit("WatchdogSec=").parse().unwrap())
}

fn of_the_unit(setting: &str) -> &'static str {
    let unit = include_str!("../package/flexlogin.service");
    unit.lines().find_map(|line| line.strip_prefix(setting)).unwrap()
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Say {
    /// Starts the broker, whose logins may be polled so often.
    Broker {
        interval_s: u64,
    },
    /// Keeps a kiosk alive from now on; these lines are added to the broker's configuration.
    Keep {
        settings: String,
    },
    /// Ends the kiosk for good.
    Dismiss,
    /// `kill -9`.
    Kill,
    /// `kill -STOP`; from then on a kiosk that says nothing for too long is ended.
    Freeze,
    /// What the kiosk told the service manager since it was asked last.
    Told,
    /// The outcomes that the host has read since it was asked last.
    Results,
    /// The host goes; the next kiosk finds another.
    Abandon,
    /// The host no longer reads; the next kiosk finds another.
    Deafen,
    /// The plug of the display.
    Display {
        plugged: bool,
    },
    /// Starts a kiosk that cannot begin.
    Obstruct(Obstacle),
    /// The loopback, where the broker is, comes up or goes down.
    Network {
        up: bool,
    },
    /// A remote control that the kiosk has taken.
    Plug {
        name: String,
    },
    Pull {
        name: String,
    },
    Press {
        name: String,
        key: u16,
    },
    Release {
        name: String,
        key: u16,
    },
    /// A key is pressed and let go once nothing has moved for a while; tells when the next picture came.
    Stroke {
        name: String,
        key: u16,
    },
    /// A touch screen of so many pixels that the kiosk has taken.
    Glass {
        width: i32,
        height: i32,
    },
    Touch {
        x: i32,
        y: i32,
    },
    Phone,
    Approve,
    /// What happened at the broker since it was asked last.
    Journal,
    /// The kiosk's memory.
    Weigh,
    /// Counts what the kiosk does in so many seconds.
    Count {
        seconds: u64,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Hear {
    Ready,
    Done,
    Failed(String),
    Requests(Vec<Request>),
    Happened(Vec<String>),
    Told(Vec<String>),
    Ended(Ended),
    /// From the stroke to the picture that was sent to the display.
    Drawn {
        ms: f64,
    },
    Weighed(Weight),
    Counted(Count),
}

/// Why a kiosk cannot begin.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Obstacle {
    /// Its user may not open the graphics card.
    Card,
    /// Its user may not read the remotes.
    Remotes,
    NoCard,
    /// Another one draws already.
    Another,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// On standard error.
    pub(crate) said: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) reference_text: String,
    pub(crate) seconds_left: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Weight {
    /// Without the pictures that the display is sent, which are mapped only while they are drawn.
    pub(crate) pss_kib: u64,
    /// Those pictures: the dumb buffers.
    pub(crate) pictures_kib: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Count {
    pub(crate) seconds: f64,
    /// How often it was woken from outside: by a timer, the network or a device.
    pub(crate) wake_ups: u64,
    /// How often one of its threads had slept and went on; whom another thread woke too.
    pub(crate) thread_wake_ups: u64,
    /// How often the picture was sent to the display.
    pub(crate) frames: u64,
    pub(crate) cpu_ms: u64,
}
