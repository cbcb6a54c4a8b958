//! A virtual world: devices, a road to a server and a clock, in one thread and in no time.
//!
//! Whatever the flow and its calls want done is done here in virtual time. The server is a function: it is asked
//! when a call has come to it, and says what comes back and when. One seed gives one history.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use flexlogin::calls::{self, Calls, Do, Failure, Heard, Now, Stage, Task, Why};
use flexlogin::ciba::{AuthReqId, Call, Reply};
use flexlogin::flow::{self, Effect, Event, Flow, Notice, Order, Outcome, View};

use crate::chance::Chance;

/// The true time when a world begins, in seconds since 1970.
pub(crate) const BEGINNING: u64 = 1_800_000_000;
/// More things than this do not happen at one instant, unless something turns in a circle.
const AT_ONE_INSTANT: u32 = 10_000;

/// A call that has come to the server.
pub(crate) struct Asked<'a> {
    pub(crate) device: usize,
    pub(crate) call: &'a Call,
    /// Since the world began.
    pub(crate) at: Duration,
}

/// What the server makes of a call. `after` counts from when the call came; nothing is heard after the deadline
/// that the device gave the call.
pub(crate) enum Answered {
    Reply {
        after: Duration,
        reply: Reply,
    },
    /// The call did not reach the server after all.
    NotSent {
        after: Duration,
    },
    /// The connection breaks before the status line.
    NoAnswer {
        after: Duration,
    },
    /// The connection breaks after it.
    BrokenBody {
        after: Duration,
        status: u16,
    },
    /// Nothing comes until the deadline.
    Silence,
}

pub(crate) struct Device {
    pub(crate) flow: Flow,
    calls: Calls,
    /// How far the wall clock is ahead of the truth, in seconds.
    pub(crate) ahead: i64,
    /// The address that `Locate` finds.
    pub(crate) address: Option<IpAddr>,
    /// What each login asked for, and when it began.
    pub(crate) orders: Vec<(Duration, Order)>,
    /// How each login ended, and when.
    pub(crate) outcomes: Vec<(Duration, Outcome)>,
    pub(crate) notices: Vec<(Duration, Notice)>,
    /// How often the person was done with the screen.
    pub(crate) leaves: u32,
    /// What had passed on this device's clock when the world began.
    up_before: Duration,
    asleep_until: Duration,
    /// Counts the starts of the process; what an earlier one waited for comes to nothing.
    life: u32,
    /// What a process would leave behind if it were killed now.
    kept: Vec<AuthReqId>,
    live: HashSet<Task>,
    wake_at: Option<Duration>,
}

enum What {
    /// By a person, or by the calls of one life.
    Told {
        device: usize,
        life: Option<u32>,
        event: Event,
    },
    Woken {
        device: usize,
        life: u32,
    },
    Arrived {
        device: usize,
        life: u32,
        task: Task,
        call: Call,
        deadline: Duration,
    },
    Heard {
        device: usize,
        life: u32,
        task: Task,
        heard: Heard,
    },
}

pub(crate) struct World {
    now: Duration,
    chance: Chance,
    devices: Vec<Device>,
    queue: BTreeMap<(Duration, u64), What>,
    queued: u64,
    at_this_instant: u32,
    /// How long a call is under way to the server.
    pub(crate) road: RangeInclusive<Duration>,
    /// What was said, line by line, if anybody wants to read it.
    pub(crate) journal: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64) -> World {
        World {
            now: Duration::ZERO,
            chance: Chance::new(seed),
            devices: Vec::new(),
            queue: BTreeMap::new(),
            queued: 0,
            at_this_instant: 0,
            road: Duration::from_millis(20)..=Duration::from_millis(20),
            journal: None,
        }
    }

    /// A device with its clock right.
    pub(crate) fn add(&mut self, flow: flow::Settings, calls: calls::Settings) -> usize {
        let day = Duration::from_secs(86_400);
        self.devices.push(Device {
            flow: Flow::new(flow, self.chance.bytes()),
            calls: Calls::new(calls),
            ahead: 0,
            address: Some(IpAddr::from([192, 0, 2, 7])),
            orders: Vec::new(),
            outcomes: Vec::new(),
            notices: Vec::new(),
            leaves: 0,
            up_before: self.chance.between(Duration::ZERO, day),
            asleep_until: Duration::ZERO,
            life: 0,
            kept: Vec::new(),
            live: HashSet::new(),
            wake_at: None,
        });
        self.devices.len() - 1
    }

    pub(crate) fn device(&self, device: usize) -> &Device {
        &self.devices[device]
    }

    pub(crate) fn device_mut(&mut self, device: usize) -> &mut Device {
        &mut self.devices[device]
    }

    /// Since the world began.
    pub(crate) fn now(&self) -> Duration {
        self.now
    }

    /// What there is to see on a device.
    pub(crate) fn view(&self, device: usize) -> View {
        let device = &self.devices[device];
        device.flow.view(device.up_before + self.now)
    }

    /// Something happens on a device, now or later.
    pub(crate) fn tell(&mut self, at: Duration, device: usize, event: Event) {
        self.plan(at, What::Told { device, life: None, event });
    }

    /// The device suspends. Its clock runs on, and whatever comes waits for it.
    pub(crate) fn suspend(&mut self, device: usize, until: Duration) {
        self.devices[device].asleep_until = until;
    }

    /// The process ends without a word, and a new one begins with what the old one kept.
    pub(crate) fn restart(&mut self, at: usize, flow: flow::Settings, calls: calls::Settings) {
        let seed = self.chance.bytes();
        let device = &mut self.devices[at];
        device.flow = Flow::new(flow, seed);
        device.calls = Calls::new(calls);
        device.life += 1;
        device.live.clear();
        device.wake_at = None;
        let now = self.tell_the_time(at);
        let kept = self.devices[at].kept.clone();
        let wanted = self.devices[at].calls.take_back(kept, &now);
        self.carry_out(at, wanted);
    }

    /// When the next thing happens.
    pub(crate) fn next_at(&self) -> Option<Duration> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// Whether anything is still to come by itself.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.queue.is_empty()
    }

    /// Lets time pass.
    pub(crate) fn run_until(&mut self, until: Duration, server: &mut impl FnMut(&Asked<'_>) -> Answered) {
        while self.next_at().is_some_and(|at| at <= until) {
            self.step(server);
        }
        self.now = self.now.max(until);
    }

    /// Lets the next thing happen; gives whether there was one.
    pub(crate) fn step(&mut self, server: &mut impl FnMut(&Asked<'_>) -> Answered) -> bool {
        let Some(((at, _), what)) = self.queue.pop_first() else { return false };
        self.at_this_instant = if at > self.now { 0 } else { self.at_this_instant + 1 };
        assert!(self.at_this_instant < AT_ONE_INSTANT, "no time passes any more at {at:?}");
        self.now = self.now.max(at);
        if let What::Arrived { device, life, task, call, deadline } = what {
            self.arrive(device, life, task, call, deadline, server);
            return true;
        }
        let device = match &what {
            What::Told { device, .. } | What::Woken { device, .. } | What::Heard { device, .. } => *device,
            What::Arrived { device, .. } => *device,
        };
        if self.devices[device].asleep_until > self.now {
            self.plan(self.devices[device].asleep_until, what);
            return true;
        }
        match what {
            What::Told { life, event, .. } => {
                if life.is_none_or(|life| life == self.devices[device].life) {
                    self.update(device, event);
                }
            }
            What::Woken { life, .. } => {
                let this = &mut self.devices[device];
                if this.life == life && this.wake_at.take_if(|at| *at <= self.now).is_some() {
                    self.update(device, Event::Woke);
                }
            }
            What::Heard { life, task, heard, .. } => {
                if self.devices[device].life == life && self.devices[device].live.remove(&task) {
                    let now = self.tell_the_time(device);
                    let wanted = self.devices[device].calls.hear(task, heard, &now);
                    self.carry_out(device, wanted);
                }
            }
            What::Arrived { .. } => {}
        }
        true
    }

    fn arrive(
        &mut self,
        device: usize,
        life: u32,
        task: Task,
        call: Call,
        deadline: Duration,
        server: &mut impl FnMut(&Asked<'_>) -> Answered,
    ) {
        let answered = server(&Asked { device, call: &call, at: self.now });
        let failed = |stage, words| Heard::Failed(Failure { stage, why: Why::network(words) });
        let (after, heard) = match answered {
            Answered::Reply { after, reply } => (after, Heard::Reply(reply)),
            Answered::NotSent { after } => (after, failed(Stage::NotSent, "connection refused")),
            Answered::NoAnswer { after } => (after, failed(Stage::NoAnswer, "connection reset")),
            Answered::BrokenBody { after, status } => {
                (after, failed(Stage::BrokenBody { status }, "connection closed"))
            }
            Answered::Silence => (Duration::MAX, timeout()),
        };
        let heard_at = self.now.saturating_add(after);
        if let Some(journal) = &mut self.journal {
            journal.push(format!("{:?} device {device}: {call:?}{} → {heard:?}", self.now, call.url.path()));
        }
        let (at, heard) = if heard_at < deadline { (heard_at, heard) } else { (deadline, timeout()) };
        self.plan(at, What::Heard { device, life, task, heard });
    }

    fn plan(&mut self, at: Duration, what: What) {
        self.queued += 1;
        self.queue.insert((at.max(self.now), self.queued), what);
    }

    /// Tells the flow, does what it wants, and arms its alarm.
    fn update(&mut self, device: usize, event: Event) {
        if let Some(journal) = &mut self.journal {
            journal.push(format!("{:?} device {device}: {event:?}", self.now));
        }
        let up_before = self.devices[device].up_before;
        for effect in self.devices[device].flow.update(event, up_before + self.now) {
            let this = &mut self.devices[device];
            if let Effect::Start { order, .. } = &effect {
                this.orders.push((self.now, order.clone()));
            }
            match effect {
                Effect::Finish(outcome) => {
                    this.outcomes.push((self.now, outcome));
                    let wanted = this.calls.end(this.flow.attempt());
                    self.carry_out(device, wanted);
                }
                Effect::Leave => this.leaves += 1,
                Effect::Display(_) => {}
                Effect::Note(notice) => this.notices.push((self.now, notice)),
                Effect::Start { .. } | Effect::Poll { .. } | Effect::Cancel { .. } => {
                    let now = self.tell_the_time(device);
                    let wanted = self.devices[device].calls.carry_out(effect, &now);
                    self.carry_out(device, wanted);
                }
            }
        }
        let this = &mut self.devices[device];
        let wake_at = this.flow.wake_at().map(|at| at.saturating_sub(up_before));
        if wake_at != this.wake_at {
            this.wake_at = wake_at;
            let life = this.life;
            if let Some(at) = wake_at {
                self.plan(at, What::Woken { device, life });
            }
        }
    }

    fn carry_out(&mut self, device: usize, wanted: Vec<Do>) {
        let life = self.devices[device].life;
        for wish in wanted {
            let live = &mut self.devices[device].live;
            match wish {
                Do::Send { task, call, within } => {
                    assert!(live.insert(task), "{task:?} is under way already");
                    let deadline = self.now + within;
                    let arrives = self.now + self.chance.between(*self.road.start(), *self.road.end());
                    if arrives >= deadline {
                        self.plan(deadline, What::Heard { device, life, task, heard: timeout() });
                    }
                    self.plan(arrives, What::Arrived { device, life, task, call, deadline });
                }
                Do::Wait { task, pause } => {
                    assert!(live.insert(task), "{task:?} is under way already");
                    let heard = Heard::Waited;
                    self.plan(self.now + pause, What::Heard { device, life, task, heard });
                }
                Do::Locate { task, .. } => {
                    assert!(live.insert(task), "{task:?} is under way already");
                    let heard = Heard::Address(self.devices[device].address);
                    self.plan(self.now, What::Heard { device, life, task, heard });
                }
                Do::Drop { task } => {
                    live.remove(&task);
                }
                Do::Keep(auth_req_id) => self.devices[device].kept.push(auth_req_id),
                Do::Forget(auth_req_id) => self.devices[device].kept.retain(|kept| *kept != auth_req_id),
                Do::Tell(event) => self.plan(self.now, What::Told { device, life: Some(life), event }),
                Do::Note(notice) => self.devices[device].notices.push((self.now, notice)),
            }
        }
    }

    fn tell_the_time(&mut self, device: usize) -> Now {
        let device = &self.devices[device];
        Now {
            uptime: device.up_before + self.now,
            unix: unix(self.now).saturating_add_signed(device.ahead),
            random: self.chance.bytes(),
        }
    }
}

/// The true time in seconds since 1970.
pub(crate) fn unix(now: Duration) -> u64 {
    BEGINNING + now.as_secs()
}

fn timeout() -> Heard {
    Heard::Failed(Failure { stage: Stage::NoAnswer, why: Why::Timeout })
}
