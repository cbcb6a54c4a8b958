//! Somebody on a sofa, with a remote and a phone, in front of a panel and its broker.

use std::fs;
use std::time::Duration;

use flexlogin::clock::uptime;
use flexlogin::config;
use flexlogin::flow::{Enter, Key, Outcome, Page, View, Waiting, Words};
use flexlogin::platform::panel::{Player, Step};
use flexlogin::simulator::{Broker, Decide, Happened, Options, Request};

/// An OK that comes sooner belongs to the one before.
pub(crate) const ANOTHER: Duration = Duration::from_millis(1100);

/// No screen takes longer to come.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Sofa {
    pub(crate) broker: Broker,
    pub(crate) player: Player,
    /// Removed with the pictures in it.
    _out: tempfile::TempDir,
}

/// Slint lives in one thread, so each sofa gets its own.
pub(crate) fn on_the_sofa(journey: impl FnOnce(&mut Sofa) + Send + 'static) {
    with(Duration::from_secs(60), |text| text, journey);
}

/// A journey with logins that live so long, under a changed configuration.
pub(crate) fn with(
    expires_in: Duration,
    change: impl Fn(String) -> String + Send + 'static,
    journey: impl FnOnce(&mut Sofa) + Send + 'static,
) {
    let thread = std::thread::Builder::new().spawn(move || {
        let interval = Duration::from_secs(1);
        let broker =
            Broker::start(Options { interval, expires_in, decide: Decide::ByHand, out: None }).unwrap();
        let text = change(fs::read_to_string(broker.config_file()).unwrap());
        let config = config::parse(&text, broker.config_file().parent().unwrap(), None)
            .unwrap_or_else(|errors| panic!("{errors}"));
        let out = tempfile::tempdir().unwrap();
        let player = Player::new(&config, out.path(), (1280, 720)).unwrap();
        let mut sofa = Sofa { broker, player, _out: out };
        journey(&mut sofa);
        let early = Happened::Polled { too_early: true };
        assert!(!sofa.broker.log().contains(&early), "{:?}", sofa.broker.log());
    });
    if let Err(panic) = thread.unwrap().join() {
        std::panic::resume_unwind(panic);
    }
}

impl Sofa {
    pub(crate) fn presses(&mut self, key: Key) {
        self.player.take(&Step::Key(key)).unwrap();
    }

    pub(crate) fn types(&mut self, digits: &str) {
        for digit in digits.chars() {
            self.presses(Key::Digit(digit.to_digit(10).unwrap() as u8));
        }
    }

    /// Types a number and presses OK.
    pub(crate) fn asks_for(&mut self, cpr: &str) {
        self.types(cpr);
        self.presses(Key::Ok);
    }

    pub(crate) fn waits_for(&mut self, screen: &'static str) {
        self.player.take(&Step::Wait { screen, patience: PATIENCE }).unwrap();
    }

    pub(crate) fn waits(&mut self, time: Duration) {
        self.player.take(&Step::Sleep(time)).unwrap();
    }

    /// What has come, before anything is pressed or tapped because of it.
    pub(crate) fn reads(&mut self) {
        self.waits(Duration::from_secs(1));
    }

    pub(crate) fn view(&self) -> View {
        self.player.view()
    }

    pub(crate) fn screen(&self) -> &'static str {
        self.view().page.name()
    }

    pub(crate) fn waiting(&self) -> Waiting {
        match self.view().page {
            Page::Waiting(waiting) => waiting,
            page => panic!("{} is there", page.name()),
        }
    }

    /// What the phone shows as well.
    pub(crate) fn words(&self) -> Words {
        self.waiting().words.unwrap()
    }

    pub(crate) fn entering(&self) -> Enter {
        match self.view().page {
            Page::Enter(enter) => enter,
            page => panic!("{} is there", page.name()),
        }
    }

    /// Nothing that the last person did is left.
    pub(crate) fn is_fresh(&self) -> bool {
        let enter = self.entering();
        enter.typed.is_empty() && enter.complaint.is_none() && enter.focus == Some(enter.pad.home())
    }

    pub(crate) fn on_the_phone(&self) -> Request {
        let mut requests = self.broker.phone().requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.remove(0)
    }

    pub(crate) fn approves(&mut self) {
        assert!(self.broker.phone().approve(&self.on_the_phone().id));
    }

    pub(crate) fn rejects(&mut self) {
        assert!(self.broker.phone().reject(&self.on_the_phone().id));
    }

    /// The name and the day of birth of whoever was let in.
    pub(crate) fn let_in(&self) -> (String, String) {
        match self.player.outcome() {
            Some(Outcome::Approved { granted, .. }) => {
                let identity = &granted.identity;
                (identity.name.clone().unwrap(), identity.date_of_birth.clone().unwrap())
            }
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn times(&self, happened: &Happened) -> usize {
        self.broker.log().iter().filter(|other| *other == happened).count()
    }

    pub(crate) fn the_broker_sees(&mut self, happened: &Happened) {
        let end = uptime() + PATIENCE;
        while self.times(happened) == 0 {
            assert!(uptime() < end, "{happened:?} is not in {:?}", self.broker.log());
            self.waits(Duration::from_millis(10));
        }
    }

    pub(crate) fn picture(&mut self) -> Picture {
        self.waits(Duration::ZERO);
        self.player.panel().pixels().to_vec()
    }
}

/// The pixels, line by line.
pub(crate) type Picture = Vec<slint::Rgb8Pixel>;

/// Whether there is nothing to tell them apart by.
pub(crate) fn look_alike(one: &Picture, other: &Picture) -> bool {
    one == other
}
