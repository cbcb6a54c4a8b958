//! An app without a screen, and the broker that it talks to.

use std::fs;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use flexlogin::app::App;
use flexlogin::ciba::Hint;
use flexlogin::clock::uptime;
use flexlogin::config::{self, Config};
use flexlogin::flow::{Event, Granted, Key, News, Outcome, Page, Waiting};
use flexlogin::simulator::{Broker, Decide, Endpoint, Fault, Happened, Options, Request};

/// A test person: the day is 60 too high, and nobody is born with it.
pub(crate) const CPR: &str = "6701901234";
/// No test waits longer for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(22);

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn millis(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The broker polls at the shortest interval that the wire can say, and is strict about it.
pub(crate) fn by_hand() -> Options {
    Options { interval: secs(1), expires_in: secs(60), decide: Decide::ByHand, out: None }
}

/// The phone approves at once.
pub(crate) fn approving() -> Options {
    Options { decide: Decide::ApproveAfter(Duration::ZERO), ..by_hand() }
}

/// The configuration that the broker wrote, after a change.
pub(crate) fn config(broker: &Broker, change: impl Fn(String) -> String) -> Config {
    let text = change(fs::read_to_string(broker.config_file()).unwrap());
    let folder = broker.config_file().parent().unwrap();
    config::parse(&text, folder, None).unwrap_or_else(|errors| panic!("{errors}"))
}

/// An answer that the broker's own endpoint does not give.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Fault {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Fault::Answer { status, headers, body: body.into() }
}

pub(crate) struct Device {
    pub(crate) app: App,
    events: Receiver<Event>,
    /// What no careless line of code may ever log.
    pub(crate) secrets: Vec<String>,
}

impl Device {
    pub(crate) fn new(broker: &Broker) -> Device {
        Device::with(&config(broker, |text| text))
    }

    pub(crate) fn with(config: &Config) -> Device {
        let (tell, events) = mpsc::channel();
        let app =
            App::new(config, config.login.kind, secs(600), move |event| drop(tell.send(event))).unwrap();
        Device { app, events, secrets: Vec::new() }
    }

    pub(crate) fn press(&mut self, key: Key) {
        self.hear(Event::Pressed(key));
    }

    /// Starts a login for this person.
    pub(crate) fn ask_for(&mut self, cpr: &str) {
        self.ask_as(Hint::Cpr(cpr.into()), cpr);
    }

    pub(crate) fn ask_for_uuid(&mut self, uuid: &str) {
        self.ask_as(Hint::Uuid(uuid.into()), uuid);
    }

    fn ask_as(&mut self, hint: Hint, secret: &str) {
        self.secrets.push(secret.to_owned());
        self.hear(Event::Given { hint, user_code: None });
    }

    /// The outcome of one whole login.
    pub(crate) fn log_in(&mut self) -> Outcome {
        self.ask_for(CPR);
        self.end()
    }

    /// Lets time pass until the login has ended.
    pub(crate) fn end(&mut self) -> Outcome {
        self.until("an end", |app| {
            !matches!(app.view().page, Page::Enter(_) | Page::Starting | Page::Waiting(_) | Page::Scan(_))
        });
        let outcome = self.app.outcome().unwrap().clone();
        self.look_at(&format!("{outcome:?}"));
        outcome
    }

    /// Lets time pass until the phone is to be picked up.
    pub(crate) fn wait(&mut self) -> Waiting {
        self.until("waiting", |app| matches!(app.view().page, Page::Waiting(_)));
        self.waiting()
    }

    pub(crate) fn waiting(&self) -> Waiting {
        match self.app.view().page {
            Page::Waiting(waiting) => waiting,
            page => panic!("{} is there", page.name()),
        }
    }

    /// Lets time pass until `there` holds.
    pub(crate) fn until(&mut self, what: &str, there: impl Fn(&App) -> bool) {
        let end = uptime() + PATIENCE;
        while !there(&self.app) {
            let now = uptime();
            assert!(now < end, "{what} did not come; \"{}\" is there", self.app.view().page.name());
            self.live(millis(20));
        }
    }

    /// Lets so much time pass.
    pub(crate) fn live(&mut self, time: Duration) {
        let end = uptime() + time;
        loop {
            let left = end.saturating_sub(uptime());
            if left.is_zero() {
                return;
            }
            let quiet = self.app.quiet_for(false).unwrap_or(left).min(left);
            let event = self.events.recv_timeout(quiet).unwrap_or(Event::Woke);
            self.hear(event);
        }
    }

    pub(crate) fn hear(&mut self, event: Event) {
        match &event {
            Event::News(_, News::Acknowledged(ack) | News::Invited(ack, _)) => {
                self.secrets.push(ack.auth_req_id.0.expose().to_owned());
            }
            Event::News(_, News::Granted(granted)) => {
                let Granted { identity, id_token } = granted.as_ref();
                self.secrets.push(id_token.expose().to_owned());
                self.secrets.extend(id_token.expose().split('.').map(str::to_owned));
                self.secrets.push(identity.sub.clone());
                let rest = [&identity.mitid_uuid, &identity.name, &identity.date_of_birth];
                self.secrets.extend(rest.into_iter().flatten().cloned());
            }
            _ => {}
        }
        self.look_at(&format!("{event:?}"));
        self.app.tell(event);
        self.look_at(&format!("{:?} {:?}", self.app, self.app.view()));
    }

    /// Checks what `Debug` shows.
    fn look_at(&self, text: &str) {
        for secret in &self.secrets {
            assert!(!text.contains(secret), "a secret or a person can be seen in {text}");
        }
    }
}

/// What happened at the broker, after a look that the device was never early, and never
/// taken in by an impostor or talked into a header.
pub(crate) fn log(broker: &Broker) -> Vec<Happened> {
    let log = broker.log();
    assert!(!log.contains(&Happened::Polled { too_early: true }), "a poll came too early: {log:?}");
    assert!(!log.contains(&Happened::Impersonated { trusted: true }), "an impostor was trusted: {log:?}");
    let unasked = log.iter().any(|happened| matches!(happened, Happened::Unasked(_)));
    assert!(!unasked, "nobody asked for this header: {log:?}");
    log
}

pub(crate) fn count(broker: &Broker, happened: &Happened) -> usize {
    log(broker).iter().filter(|other| *other == happened).count()
}

/// When each request to an endpoint with faults, or each good poll, came to the broker.
pub(crate) fn polls(broker: &Broker) -> Vec<Duration> {
    log(broker);
    let is_poll = |happened: &Happened| {
        matches!(happened, Happened::Polled { .. } | Happened::Interfered(Endpoint::Token))
    };
    broker.timed_log().into_iter().filter(|(_, happened)| is_poll(happened)).map(|(at, _)| at).collect()
}

/// Waits until the broker has seen this, and gives the instant by the broker's clock.
pub(crate) fn seen_at(broker: &Broker, happened: &Happened) -> Duration {
    let end = uptime() + PATIENCE;
    loop {
        if let Some((at, _)) = broker.timed_log().into_iter().find(|(_, other)| other == happened) {
            return at;
        }
        assert!(uptime() < end, "the broker never saw {happened:?}: {:?}", broker.log());
        std::thread::sleep(millis(5));
    }
}

/// Whether the screen says that the broker cannot be heard just now.
pub(crate) fn is_troubled(app: &App) -> bool {
    matches!(app.view().page, Page::Waiting(waiting) if waiting.troubled)
}

/// The one request on the phone.
pub(crate) fn on_the_phone(broker: &Broker) -> Request {
    let mut requests = broker.phone().requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    requests.remove(0)
}

/// The name and the reason of an outcome.
pub(crate) fn told(outcome: &Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Approved { .. } => ("approved", ""),
        Outcome::AgeTold(answer) if answer.is_old_enough => ("old_enough", ""),
        Outcome::AgeTold(_) => ("too_young", ""),
        Outcome::Rejected => ("rejected", ""),
        Outcome::Expired => ("expired", ""),
        Outcome::Cancelled => ("cancelled", ""),
        Outcome::Refused(clause) => ("refused", clause.to_string().leak()),
        Outcome::Unavailable(cause) => ("unavailable", cause.to_string().leak()),
        Outcome::Unknown(cause) => ("unknown", cause.to_string().leak()),
    }
}
