//! The spine: event → flow → effects → network, and when to wake.
//!
//! A platform owns an `App`, tells it events, shows its view and sleeps as long as it says. The flow is only ever
//! touched here, by one thread, with one clock.

use std::time::Duration;

use crate::ciba::polling::Retries;
use crate::clock::{self, Zone};
use crate::config::{Config, CprBasis};
use crate::defects;
use crate::display::Cec;
use crate::flow::{
    Basis, Effect, Event, FORGETS_AFTER, Flow, Outcome, Page, Privacy, Settings, View, WeekTime,
};
use crate::host;
use crate::memory;
use crate::net::{self, Net};

/// A broker's word for how long a login lives is taken up to here.
pub const PATIENCE: Duration = Duration::from_secs(600);
/// How long a departing process waits for its cancel to arrive.
const PARTING: Duration = Duration::from_secs(5);
/// How often a countdown is drawn, and how much later if something else wakes the program then: each time that a device
/// wakes costs it more than what it does meanwhile.
const TICK: Duration = Duration::from_secs(1);
const IN_COMPANY: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub struct App {
    flow: Flow,
    net: Net,
    outcome: Option<Outcome>,
    left: bool,
    /// For a kiosk, which has to know what the clock on the wall says.
    zone: Option<Zone>,
    display: Option<Cec>,
}

impl App {
    /// `tell` brings news from the network's thread; it must lead to [`App::tell`] on the thread that owns the app.
    /// The error is a sentence.
    pub fn new(
        config: &Config,
        kind: crate::flow::Kind,
        patience: Duration,
        tell: impl Fn(Event) + Send + Sync + 'static,
    ) -> Result<App, String> {
        let settings = Settings {
            kind,
            methods: config.login.methods,
            user_code: config.login.user_code,
            service: config.login.service.clone(),
            action: config.login.action,
            age: config.login.age,
            language: config.screen.language,
            reference_text: config.login.reference_text.clone(),
            retries: Retries::of(config.broker.profile, &config.broker.client.auth),
            patience,
            forgets_after: FORGETS_AFTER,
            limits: config.login.limits.clone(),
            privacy: Privacy { text: config.screen.privacy.clone(), basis: basis(config) },
            kiosk: config.rest.clone(),
        };
        // Where nothing is to sleep, the display's own remote may still be the one that is used.
        let speaks = config.rest.is_some();
        let mut app = App {
            display: speaks.then(|| Cec::start(config.cec.clone(), host::note)).transpose()?,
            zone: config.rest.is_some().then(|| config.zone.clone()),
            flow: Flow::new(settings, net::random()?),
            net: Net::start(config.net_settings(), tell, host::note)?,
            outcome: None,
            left: false,
        };
        app.tell_the_time();
        Ok(app)
    }

    /// # Panics
    /// With the panic of any other thread, if it had one.
    pub fn tell(&mut self, event: Event) {
        defects::share();
        self.net.share_its_end();
        self.update(event);
        self.tell_the_time();
    }

    /// Anew after every event: the clock is set, and summer comes.
    fn tell_the_time(&mut self) {
        if let Some(zone) = &self.zone {
            let time = clock::local(zone).map(WeekTime::of_local);
            self.update(Event::Clock(time));
        }
    }

    fn update(&mut self, event: Event) {
        for effect in self.flow.update(event, clock::uptime()) {
            match effect {
                Effect::Finish(outcome) => {
                    self.outcome = Some(outcome);
                    self.net.end(self.flow.attempt());
                }
                Effect::Leave => self.left = true,
                Effect::Note(notice) => host::note(&notice),
                Effect::Display(display) => {
                    if let Some(cec) = &self.display {
                        cec.tell(display);
                    }
                }
                Effect::Start { .. } | Effect::Poll { .. } | Effect::Cancel { .. } => {
                    self.net.carry_out(effect)
                }
            }
        }
        memory::wipe_the_stack();
    }

    /// Whether this is a kiosk that nobody uses just now.
    pub fn is_resting(&self) -> bool {
        self.view().page.rest().is_some()
    }

    pub fn view(&self) -> View {
        self.flow.view(clock::uptime())
    }

    /// How long nothing happens by itself: until the flow wants to be woken with [`Event::Woke`], or until the
    /// view changes, if anybody looks at it.
    pub fn quiet_for(&self, watched: bool) -> Option<Duration> {
        let now = clock::uptime();
        let redraw_at = if watched { self.redraw_at(now) } else { None };
        let at = self.flow.wake_at().into_iter().chain(redraw_at).min()?;
        Some(at.saturating_sub(now))
    }

    /// Where somebody waits for the phone, the seconds count from the last answer of the broker and not from the end of
    /// the login: so the next question goes out with one of them, and the answer brings the first of its own. What stands
    /// there is late by less than a second and a quarter.
    fn redraw_at(&self, now: Duration) -> Option<Duration> {
        let changes_at = self.flow.redraw_at(now)?;
        if !matches!(self.flow.view(now).page, Page::Waiting(_)) {
            return Some(changes_at);
        }
        let tick = now + TICK;
        Some(self.flow.wake_at().filter(|wake| (tick..tick + IN_COMPANY).contains(wake)).unwrap_or(tick))
    }

    /// How the last login ended; `None` while the first is under way.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// How the last login ended, for a host that takes its result away; nothing of it stays here.
    pub fn take_outcome(&mut self) -> Option<Outcome> {
        self.outcome.take()
    }

    /// Whether the person is done; asking makes it so no longer.
    pub fn take_leave(&mut self) -> bool {
        std::mem::take(&mut self.left)
    }

    /// Ends whatever is under way, cancels it at the broker, and gives the last outcome.
    pub fn part(mut self) -> Option<Outcome> {
        self.tell(Event::Leave);
        self.net.part(PARTING);
        self.outcome
    }
}

fn basis(config: &Config) -> Option<Basis> {
    config.login.cpr_basis.map(|basis| match basis {
        CprBasis::Law => Basis::Law,
        CprBasis::Consent => Basis::Consent,
    })
}
