//! How soon a device knows that a person approved, beside the floor that polling itself sets: half an interval,
//! because people approve at any time between two polls, and one round trip.
//!
//! Many devices log in at once at the simulated broker over TLS on loopback, each approved at a random time:
//! `cargo run --release --no-default-features --features net,simulator --example approvals [LOGINS]`
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a measurement may panic")]

use std::fs;
use std::io::Write;
use std::sync::mpsc;
use std::time::Duration;

use flexlogin::app::{App, PATIENCE};
use flexlogin::ciba::{Hint, Issuer, provider};
use flexlogin::clock::uptime;
use flexlogin::config::{self, Config};
use flexlogin::flow::{Event, Outcome};
use flexlogin::net::Transport;
use flexlogin::simulator::{Broker, Options};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const LOGINS: usize = 120;
const INTERVAL: Duration = Duration::from_secs(1);
/// The approvals are spread over so much time.
const SPAN: Duration = Duration::from_secs(20);
/// A test person: the day is 60 too high, and nobody is born with it.
const CPR: &str = "6701901234";
const ROUND_TRIPS: usize = 101;

struct Login {
    app: App,
    /// What tells its request on the phone from the others.
    service: String,
    approve_at: Duration,
    approved_at: Option<Duration>,
    took: Option<Duration>,
}

fn main() -> std::io::Result<()> {
    let logins = std::env::args().nth(1).map_or(LOGINS, |number| number.parse().expect("a number of logins"));
    let broker = Broker::start(Options { interval: INTERVAL, ..Options::default() }).unwrap();
    let round_trip = round_trip(&config(&broker, "Fjernsyn"));
    let took = approve_all(&broker, logins);
    let mean = took.iter().sum::<Duration>() / u32::try_from(took.len()).unwrap();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    let floor = INTERVAL / 2 + round_trip;
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    writeln!(
        std::io::stdout(),
        "{logins} logins, interval {:.0} ms, round trip {:.2} ms\n\
         approval to result: mean {:.0} ms, median {:.0} ms, 95 % {:.0} ms, most {:.0} ms\n\
         floor (interval/2 + round trip): {:.0} ms; mean/floor {:.2}",
        ms(INTERVAL),
        ms(round_trip),
        ms(mean),
        ms(at(0.5)),
        ms(at(0.95)),
        ms(at(1.0)),
        ms(floor),
        mean.as_secs_f64() / floor.as_secs_f64(),
    )
}

/// The time of each login from the approval to the result, the shortest first.
fn approve_all(broker: &Broker, logins: usize) -> Vec<Duration> {
    let mut random = StdRng::seed_from_u64(logins as u64);
    let (tell, events) = mpsc::channel();
    let mut logins: Vec<Login> = (0..logins)
        .map(|number| {
            let service = format!("Fjernsyn {number}");
            let config = config(broker, &service);
            let tell = tell.clone();
            let tell = move |event| drop(tell.send((number, event)));
            let mut app = App::new(&config, config.login.kind, PATIENCE, tell).unwrap();
            app.tell(Event::Given { hint: Hint::Cpr(CPR.into()), user_code: None });
            Login { app, service, approve_at: Duration::MAX, approved_at: None, took: None }
        })
        .collect();
    while logins.iter().any(|login| login.took.is_none()) {
        let quiet = logins.iter().filter_map(Login::quiet_for).min().unwrap_or(Duration::ZERO);
        let first = events.recv_timeout(quiet.min(Duration::from_millis(20)));
        for (number, event) in first.into_iter().chain(events.try_iter()) {
            logins[number].tell(event);
        }
        if logins.iter().all(|login| login.approve_at == Duration::MAX)
            && broker.phone().requests().len() == logins.len()
        {
            let now = uptime();
            logins.iter_mut().for_each(|login| login.approve_at = now + SPAN.mul_f64(random.random()));
        }
        logins.iter_mut().for_each(|login| login.live(broker));
    }
    let mut took: Vec<Duration> = logins.iter().filter_map(|login| login.took).collect();
    took.sort();
    took
}

impl Login {
    fn quiet_for(&self) -> Option<Duration> {
        let approval = if self.approved_at.is_none() { Some(self.approve_at) } else { None };
        let approval = approval.map(|at| at.saturating_sub(uptime()));
        approval.into_iter().chain(self.app.quiet_for(false)).min()
    }

    fn tell(&mut self, event: Event) {
        self.app.tell(event);
        if let (None, Some(outcome)) = (self.took, self.app.outcome()) {
            assert!(matches!(outcome, Outcome::Approved { .. }), "{outcome:?}");
            self.took = self.approved_at.map(|at| uptime().saturating_sub(at));
        }
    }

    fn live(&mut self, broker: &Broker) {
        if self.app.quiet_for(false) == Some(Duration::ZERO) {
            self.tell(Event::Woke);
        }
        if self.approved_at.is_none() && self.approve_at <= uptime() {
            let mine = format!("{}.", self.service);
            let requests = broker.phone().requests();
            let request = requests.iter().find(|request| request.reference_text.contains(&mine)).unwrap();
            self.approved_at = Some(uptime());
            assert!(broker.phone().approve(&request.id));
        }
    }
}

/// The broker's own configuration, for a device of this name.
fn config(broker: &Broker, service: &str) -> Config {
    let text = fs::read_to_string(broker.config_file()).unwrap();
    let line = text.lines().find(|line| line.starts_with("service = ")).expect("a service");
    let text = text.replace(line, &format!("service = \"{service}\""));
    config::parse(&text, broker.config_file().parent().unwrap(), None)
        .unwrap_or_else(|errors| panic!("{errors}"))
}

/// The median of a request on an open connection.
fn round_trip(config: &Config) -> Duration {
    let settings = config.net_settings();
    let transport = Transport::new(&settings.roots, &settings.root_pins).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let call = provider::request(&Issuer::parse(config.broker.authority.as_str()).unwrap());
    let mut times: Vec<Duration> = (0..ROUND_TRIPS)
        .map(|_| {
            let sent_at = uptime();
            runtime.block_on(transport.send(&call, Duration::from_secs(5))).unwrap();
            uptime().saturating_sub(sent_at)
        })
        .collect();
    times.sort();
    times[ROUND_TRIPS / 2]
}
