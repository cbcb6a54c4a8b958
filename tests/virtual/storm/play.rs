//! One world: two devices, what people do at them, and the checks after each step and each login.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use flexlogin::ciba::Hint;
use flexlogin::flow::{Cause, Control, Event, Key, Kind, Limits, Outcome, Page, Rate};

use super::climate::Climate;
use super::judge::{Sleeps, judge};
use super::login::{Ending, Login};
use super::phone::PEOPLE;
use super::server::Server;
use crate::broker::{CLIENT_SECRET, calls_settings, flow_settings, secret_post};
use crate::chance::Chance;
use crate::world::World;

const LOGINS_A_DEVICE: u32 = 5;
/// After the last login every prompt expires and every cancel is given up.
const AFTERWARDS: Duration = Duration::from_secs(1000);

/// What somebody does at a device.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Begins a login, from whatever is on the screen; the OK may be pressed twice.
    Begin {
        person: usize,
        by_uuid: bool,
        twice: Option<Duration>,
    },
    Press(Key),
    /// The second OK of somebody who began a login then.
    PressAgain {
        since: Duration,
    },
    Tap(Control),
    Leave,
    Sleep(Duration),
}

struct Play {
    world: World,
    server: Server,
    deeds: BTreeMap<(Duration, u32), (usize, Deed)>,
    sleeps: Sleeps,
    /// How many logins have begun on each device.
    begun: [usize; 2],
    /// How many outcomes and notices of each device have been looked at.
    seen: [(usize, usize); 2],
    /// Ends that may come without a login: somebody left, or was sent away.
    loose: [u32; 2],
}

/// A world that has come to its end.
pub(super) struct Played {
    pub(super) server: Server,
    pub(super) sleeps: Sleeps,
    /// What is wrong in it.
    pub(super) wrong: Option<String>,
    /// What was said, if somebody wants to read it.
    pub(super) journal: Vec<String>,
}

/// Plays the world of this seed and judges its logins.
pub(super) fn play(seed: u64, write: bool) -> Played {
    let mut play = Play::new(seed);
    play.world.journal = write.then(Vec::new);
    let wrong = play.run().err();
    let journal = play.world.journal.take().unwrap_or_default();
    let Play { server, sleeps, .. } = play;
    let mut logins = 0..server.logins.len();
    let wrong = wrong.or_else(|| logins.find_map(|login| judge(&server, &sleeps, login).err()));
    let wrong = wrong.map(|wrong| format!("{wrong}\n{:?}", server.climate));
    Played { server, sleeps, wrong, journal }
}

impl Play {
    fn new(seed: u64) -> Play {
        let mut chance = Chance::new(seed);
        let climate = Climate::draw(&mut chance);
        let mut world = World::new(chance.number());
        world.road = climate.road.clone();
        for ahead in climate.ahead {
            let mut flow = flow_settings(climate.profile, &secret_post());
            flow.kind = Kind::Cpr;
            flow.limits = no_limits();
            let device = world.add(flow, calls_settings(climate.profile, secret_post(), climate.alg));
            world.device_mut(device).ahead = ahead;
        }
        let deeds = deeds(&climate, &mut chance);
        Play {
            world,
            server: Server::new(climate, chance),
            deeds,
            sleeps: Sleeps::default(),
            begun: [0; 2],
            seen: [(0, 0); 2],
            loose: [0; 2],
        }
    }

    fn run(&mut self) -> Result<(), String> {
        while let Some(((at, _), (device, deed))) = self.deeds.pop_first() {
            self.live_until(at)?;
            self.act(at, device, deed)?;
        }
        self.live_until(self.world.now() + AFTERWARDS)?;
        if self.world.is_at_rest() { Ok(()) } else { Err("something is still under way at the end".into()) }
    }

    fn live_until(&mut self, until: Duration) -> Result<(), String> {
        while self.world.next_at().is_some_and(|at| at <= until) {
            let server = &mut self.server;
            self.world.step(&mut |asked| server.hear(asked));
            self.look()?;
        }
        self.world.run_until(until, &mut |_| unreachable!("everything before has happened"));
        Ok(())
    }

    fn act(&mut self, at: Duration, device: usize, deed: Deed) -> Result<(), String> {
        if self.sleeps.awake(device, at) > at {
            // Nobody sits at a device that is asleep.
            return Ok(());
        }
        match deed {
            Deed::Begin { person, by_uuid, twice } => self.begin(device, person, by_uuid, twice)?,
            Deed::Press(key) => {
                let waiting = matches!(self.world.view(device).page, Page::Waiting(_));
                let leaves = key == Key::Back || key == Key::Ok && waiting;
                self.tell(device, Event::Pressed(key), leaves)?;
            }
            Deed::PressAgain { since } => {
                // By now it may be another login that the key meets, and then it is a wish of its own.
                let same = self.under_way(device).is_some_and(|login| login.started_at == since);
                self.tell(device, Event::Pressed(Key::Ok), !same)?;
            }
            Deed::Tap(control) => self.tell(device, Event::Tapped(control), control == Control::Cancel)?,
            Deed::Leave => self.tell(device, Event::Leave, true)?,
            Deed::Sleep(time) => {
                self.sleeps.0[device].push((at, at + time));
                self.world.suspend(device, at + time);
            }
        }
        Ok(())
    }

    fn begin(
        &mut self,
        device: usize,
        person: usize,
        by_uuid: bool,
        twice: Option<Duration>,
    ) -> Result<(), String> {
        match self.world.view(device).page {
            Page::Enter(_) => {}
            // Somebody else's login goes on.
            Page::Starting | Page::Waiting(_) => return Ok(()),
            _ => self.tell(device, Event::Tapped(Control::Again), false)?,
        }
        if by_uuid {
            let hint = Hint::Uuid(PEOPLE[person].uuid.into());
            return self.tell(device, Event::Given { hint, user_code: None }, true);
        }
        for digit in PEOPLE[person].cpr.bytes() {
            self.tell(device, Event::Pressed(Key::Digit(digit - b'0')), false)?;
        }
        self.tell(device, Event::Pressed(Key::Ok), false)?;
        if let Some(after) = twice {
            let now = self.world.now();
            let number = self.deeds.len() as u32;
            self.deeds.insert((now + after, u32::MAX - number), (device, Deed::PressAgain { since: now }));
        }
        Ok(())
    }

    /// Something happens at a device now. `leaves` tells that a login, or the thought of one, may end with it.
    fn tell(&mut self, device: usize, event: Event, leaves: bool) -> Result<(), String> {
        let now = self.world.now();
        if leaves {
            self.loose[device] += 1;
            if let Some(login) = self.under_way(device) {
                login.left.push(now);
            }
        }
        self.world.tell(now, device, event);
        self.live_until(now)?;
        self.loose[device] = 0;
        Ok(())
    }

    fn under_way(&mut self, device: usize) -> Option<&mut Login> {
        let latest = self.server.latest[device]?;
        Some(&mut self.server.logins[latest]).filter(|login| login.ended.is_none())
    }

    /// What has come of the last step.
    fn look(&mut self) -> Result<(), String> {
        if let Some(wrong) = self.server.wrong.take() {
            return Err(wrong);
        }
        (0..2).try_for_each(|device| self.look_at(device))
    }

    fn look_at(&mut self, device: usize) -> Result<(), String> {
        let now = self.world.now();
        let (outcomes, notices) = self.seen[device];
        while let Some((_, order)) = self.world.device(device).orders.get(self.begun[device]) {
            let text = order.reference_text.clone();
            self.begun[device] += 1;
            if self.under_way(device).is_some() {
                return Err(format!("{now:?}, device {device}: a login began while another was under way"));
            }
            self.server.latest[device] = Some(self.server.logins.len());
            self.server.logins.push(Login::new(device, now, text));
        }
        let this = self.world.device(device);
        if this.outcomes.len() == outcomes && this.notices.len() == notices {
            return Ok(());
        }
        let ends = this.outcomes[outcomes..].to_vec();
        self.seen[device] = (this.outcomes.len(), this.notices.len());
        let mut shown = format!("{ends:?} {:?} {:?}", this.flow, self.world.view(device));
        for (_, notice) in &this.notices[notices..] {
            shown.push_str(&format!(" {notice:?} {notice}"));
        }
        if let Some(secret) = self.secrets().find(|secret| shown.contains(*secret)) {
            return Err(format!("{now:?}, device {device}: {secret} can be seen in {shown}"));
        }
        for end in ends {
            if let Some(login) = self.under_way(device) {
                login.ended = Some(end);
            } else if self.loose[device] > 0 && is_loose(&end.1) {
                self.loose[device] -= 1;
            } else {
                return Err(format!("{now:?}, device {device}: no login ended as {:?}", end.1));
            }
        }
        Ok(())
    }

    fn secrets(&self) -> impl Iterator<Item = &str> {
        let people = PEOPLE.iter().flat_map(|person| [person.cpr, person.uuid, person.sub]);
        // Only the last logins can be seen in what came last.
        let latest = self.server.requests.iter().rev().take(4);
        let requests = latest.flat_map(|request| [Some(request.id.as_str()), request.id_token.as_deref()]);
        people.chain([CLIENT_SECRET]).chain(requests.flatten())
    }
}

fn is_loose(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Cancelled)
        || matches!(outcome, Outcome::Unavailable(cause) if *cause == Cause::code("too_many_tries"))
}

/// What people will do at both devices.
fn deeds(climate: &Climate, chance: &mut Chance) -> BTreeMap<(Duration, u32), (usize, Deed)> {
    let mut deeds = BTreeMap::new();
    let mut add = |at: Duration, device, deed| {
        let number = deeds.len() as u32;
        deeds.insert((at, number), (device, deed));
    };
    let secs = Duration::from_secs;
    for device in 0..2 {
        let mut at = chance.between(secs(0), secs(20));
        for _ in 0..LOGINS_A_DEVICE {
            let twice =
                (chance.below(4) == 0).then(|| chance.between(Duration::ZERO, Duration::from_millis(999)));
            let person = chance.below(PEOPLE.len() as u64) as usize;
            add(at, device, Deed::Begin { person, by_uuid: chance.below(2) == 0, twice });
            let slot = chance.between(secs(25), secs(160));
            let within =
                |chance: &mut Chance| at + chance.between(Duration::from_millis(1001), slot - secs(5));
            if climate.is_impatient(chance) {
                // Most of those who leave do so soon.
                let span = if chance.below(2) == 0 { Duration::from_millis(1100) } else { slot - secs(5) };
                let at = at + chance.between(Duration::ZERO, span);
                let deed = match chance.below(4) {
                    0 => Deed::Tap(Control::Cancel),
                    1 => Deed::Leave,
                    _ => Deed::Press(Key::Back),
                };
                add(at, device, deed);
                if chance.below(3) == 0 {
                    add(at + chance.between(Duration::ZERO, secs(1)), device, deed);
                }
                // The next one sits down before the last one's call is through.
                if chance.below(3) == 0 {
                    let person = chance.below(PEOPLE.len() as u64) as usize;
                    let begin = Deed::Begin { person, by_uuid: chance.below(2) == 0, twice: None };
                    add(at + chance.between(Duration::ZERO, secs(2)), device, begin);
                }
            }
            if chance.below(12) == 0 {
                let key = [Key::Ok, Key::Up, Key::Blue, Key::Red][chance.below(4) as usize];
                add(within(chance), device, Deed::Press(key));
            }
            if chance.below(12) == 0 {
                let from = within(chance);
                let until = chance.between(from, at + slot - secs(4));
                add(from, device, Deed::Sleep(until - from));
            }
            at += slot;
        }
    }
    deeds
}

/// The limits have stories of their own.
fn no_limits() -> Limits {
    let rate = Rate { starts: 1000, within: Duration::from_secs(1) };
    Limits { person: vec![rate], after_no: Duration::ZERO, device: None, people: None, ..Limits::default() }
}

/// How many logins ended in which way.
#[derive(Default)]
pub(super) struct Tally {
    endings: BTreeMap<Ending, u64>,
}

impl Tally {
    pub(super) fn logins(&self) -> u64 {
        self.endings.values().sum()
    }

    pub(super) fn add(&mut self, played: &Played) {
        for (_, outcome) in played.server.logins.iter().filter_map(|login| login.ended.as_ref()) {
            *self.endings.entry(Ending::of(outcome)).or_default() += 1;
        }
    }

    /// Every way to end comes up often enough that breaking it would be seen.
    pub(super) fn was_a_storm(&self) {
        for ending in Ending::ALL {
            let count = self.endings.get(&ending).copied().unwrap_or_default();
            assert!(count * 200 > self.logins(), "{ending:?} hardly ever came up: {self}");
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} logins: {:?}", self.logins(), self.endings)
    }
}
