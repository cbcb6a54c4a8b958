//! A flow and a network without an app between them, so that what the operator would be told can be read.

use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};

use flexlogin::ciba::polling::Retries;
use flexlogin::ciba::{Hint, Secret};
use flexlogin::clock::uptime;
use flexlogin::config::Config;
use flexlogin::flow::{Effect, Event, FORGETS_AFTER, Flow, Limits, Notice, Outcome, Privacy, Settings};
use flexlogin::net::{self, Net};

use crate::device::{CPR, millis, secs};

pub(crate) struct Desk {
    flow: Flow,
    net: Net,
    events: Receiver<Event>,
    notes: Arc<Mutex<Vec<Notice>>>,
}

impl Desk {
    pub(crate) fn new(config: &Config) -> Desk {
        let settings = Settings {
            kind: config.login.kind,
            methods: config.login.methods,
            user_code: None,
            service: config.login.service.clone(),
            action: config.login.action,
            age: config.login.age,
            language: config.screen.language,
            reference_text: config.login.reference_text.clone(),
            retries: Retries::of(config.broker.profile, &config.broker.client.auth),
            patience: secs(600),
            forgets_after: FORGETS_AFTER,
            limits: Limits::none(),
            privacy: Privacy::default(),
            kiosk: None,
        };
        let (tell, events) = mpsc::channel();
        let notes = Arc::<Mutex<Vec<Notice>>>::default();
        let from_the_net = Arc::clone(&notes);
        let net = Net::start(
            config.net_settings(),
            move |event| drop(tell.send(event)),
            move |notice| from_the_net.lock().unwrap().push(notice.clone()),
        );
        Desk { flow: Flow::new(settings, net::random().unwrap()), net: net.unwrap(), events, notes }
    }

    /// One login for a person with a CPR number: how it ends, and what the operator is told of it.
    pub(crate) fn log_in(self) -> (Outcome, Vec<Notice>) {
        self.log_in_as(Hint::Cpr(CPR.into()), None)
    }

    pub(crate) fn log_in_as(mut self, hint: Hint, user_code: Option<Secret>) -> (Outcome, Vec<Notice>) {
        let end = uptime() + secs(22);
        let mut outcome = self.tell(Event::Given { hint, user_code });
        while outcome.is_none() {
            assert!(uptime() < end, "no end came");
            let quiet = self.flow.wake_at().map_or(secs(1), |at| at.saturating_sub(uptime()));
            let event = self.events.recv_timeout(quiet.min(secs(1))).unwrap_or(Event::Woke);
            outcome = self.tell(event);
        }
        // A second word about the same login would come at once.
        std::thread::sleep(millis(50));
        (outcome.unwrap(), std::mem::take(&mut *self.notes.lock().unwrap()))
    }

    fn tell(&mut self, event: Event) -> Option<Outcome> {
        let mut ended = None;
        for effect in self.flow.update(event, uptime()) {
            match effect {
                Effect::Finish(outcome) => {
                    assert!(ended.replace(outcome).is_none(), "a login ends once");
                }
                Effect::Note(notice) => self.notes.lock().unwrap().push(notice),
                effect => self.net.carry_out(effect),
            }
        }
        ended
    }
}
