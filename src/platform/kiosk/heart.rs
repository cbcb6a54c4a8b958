//! What the service manager hears (sd_notify(3)): that the first picture is shown, and that the thread that draws lives
//! on. Nothing of a person.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use sd_notify::NotifyState;
use slint::{Timer, TimerMode};

use crate::clock::uptime;

/// So many times as long the service manager is patient while nobody is there: each beat wakes a processor.
const AT_REST: u32 = 2;

/// The longest that a service manager can be asked to wait is a number of 32 bits, of microseconds.
const LONGEST: Duration = Duration::from_micros(u32::MAX as u64 / AT_REST as u64);

/// Beats for as long as the event loop runs.
#[derive(Clone)]
pub(super) struct Heart(Option<Rc<Beating>>);

struct Beating {
    pulse: RefCell<Pulse>,
    timer: Timer,
}

impl Heart {
    /// The event loop begins soon; `status` says what it shows.
    pub(super) fn start(status: String) -> Heart {
        // A round of the loop calls what has come due, and draws. What comes due in the round after the first one comes
        // after the first picture.
        Timer::single_shot(Duration::ZERO, || {
            Timer::single_shot(Duration::ZERO, move || {
                say(&[NotifyState::Ready, NotifyState::Status(&status), NotifyState::Watchdog]);
            });
        });
        Heart(sd_notify::watchdog_enabled().map(bounded).map(|patience| {
            let pulse = RefCell::new(Pulse::new(patience, uptime()));
            let beating = Rc::new(Beating { pulse, timer: Timer::default() });
            beating.clone().alone();
            beating
        }))
    }

    /// Something happened on the thread that draws, which was awake for it.
    pub(super) fn feel(&self, is_at_rest: bool) {
        let Some(beating) = &self.0 else { return };
        let felt = beating.pulse.borrow_mut().feel(is_at_rest, uptime());
        match felt {
            Felt::Nothing => return,
            Felt::Beat => say(&[NotifyState::Watchdog]),
            Felt::Patience(patience) => say(&[asks_for(patience), NotifyState::Watchdog]),
        }
        beating.clone().alone();
    }
}

impl Beating {
    /// Where nothing else happens, it beats by itself.
    fn alone(self: Rc<Self>) {
        let (each, again) = (self.pulse.borrow().beat(), Rc::downgrade(&self));
        self.timer.start(TimerMode::Repeated, each, move || {
            if let Some(beating) = again.upgrade() {
                beating.pulse.borrow_mut().last = uptime();
                say(&[NotifyState::Watchdog]);
            }
        });
    }
}

/// How long the service manager waits, and since when.
struct Pulse {
    in_use: Duration,
    is_at_rest: bool,
    last: Duration,
}

#[derive(Debug, PartialEq, Eq)]
enum Felt {
    Nothing,
    Beat,
    /// A beat, and from now on this.
    Patience(Duration),
}

impl Pulse {
    fn new(patience: Duration, now: Duration) -> Pulse {
        Pulse { in_use: patience, is_at_rest: false, last: now }
    }

    fn patience(&self) -> Duration {
        if self.is_at_rest { self.in_use * AT_REST } else { self.in_use }
    }

    /// So often it beats by itself.
    fn beat(&self) -> Duration {
        if self.is_at_rest { beat_at_rest(self.in_use) } else { self.in_use / 2 }
    }

    /// A countdown feels every second; not each of them is told.
    fn feel(&mut self, is_at_rest: bool, now: Duration) -> Felt {
        if is_at_rest != self.is_at_rest {
            (self.is_at_rest, self.last) = (is_at_rest, now);
            return Felt::Patience(self.patience());
        }
        if now.saturating_sub(self.last) < self.beat() / 2 {
            return Felt::Nothing;
        }
        self.last = now;
        Felt::Beat
    }
}

/// There is nothing to draw on, and that is no fault of this program. Gives how long it may wait until it says so again.
pub(super) fn wait(status: &str) -> Option<Duration> {
    let in_use = sd_notify::watchdog_enabled().map(bounded);
    let states = [NotifyState::Ready, NotifyState::Status(status), NotifyState::Watchdog];
    let asked = in_use.map(|in_use| asks_for(in_use * AT_REST));
    say(&states.into_iter().chain(asked).collect::<Vec<_>>());
    in_use.map(beat_at_rest)
}

/// The program rests before it begins.
pub(super) fn rest(status: &str) {
    say(&[NotifyState::Status(status)]);
}

pub(super) fn stop() {
    say(&[NotifyState::Stopping]);
}

/// Twice within its patience is what systemd recommends, and what somebody who looks at the screen gets. Where nobody
/// does, a heart that is late by a quarter of it is as good as one that stands still: whoever comes waits less.
fn beat_at_rest(in_use: Duration) -> Duration {
    in_use * AT_REST * 3 / 4
}

/// Whoever is asked to wait less than they would by themselves hears a beat the sooner.
fn bounded(in_use: Duration) -> Duration {
    in_use.min(LONGEST)
}

fn asks_for(patience: Duration) -> NotifyState<'static> {
    NotifyState::WatchdogUsec(u32::try_from(patience.as_micros()).unwrap_or(u32::MAX))
}

fn say(states: &[NotifyState<'_>]) {
    // A service manager that does not listen misses nothing that it asked for.
    let _ = sd_notify::notify(states);
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn what_happens_every_second_is_told_often_enough_and_no_oftener() {
        let mut pulse = Pulse::new(PATIENCE, secs(0));
        let told = (1..=60).filter(|second| pulse.feel(false, secs(*second)) == Felt::Beat).count();
        assert_eq!(told, 20);
    }

    #[test]
    fn a_service_manager_of_any_patience_hears_a_beat_before_it_is_lost() {
        for asked in [secs(10), secs(2_000), secs(3600), secs(7200), Duration::MAX] {
            let mut pulse = Pulse::new(bounded(asked), secs(0));
            pulse.feel(true, secs(1));
            let NotifyState::WatchdogUsec(told) = asks_for(pulse.patience()) else { panic!("not asked") };
            assert_eq!(Duration::from_micros(told.into()), pulse.patience());
            assert!(pulse.beat() < pulse.patience() && bounded(asked) <= asked);
        }
    }

    /// What the unit says.
    fn patience() -> Duration {
        let unit = include_str!("../../../cross/package/flexlogin.service");
        let patience = unit.lines().find_map(|line| line.strip_prefix("WatchdogSec="));
        secs(patience.unwrap().parse().unwrap())
    }

    #[test]
    fn row_60_nobody_waits_longer_than_ten_seconds_for_a_kiosk_that_hangs_and_twenty_if_it_hung_at_rest() {
        assert!(patience() <= secs(10));
        let mut pulse = Pulse::new(patience(), secs(0));
        assert_eq!(pulse.beat(), patience() / 2);
        assert_eq!(pulse.feel(true, secs(1)), Felt::Patience(secs(20)), "nobody is there");
        assert_eq!(pulse.feel(true, secs(2)), Felt::Nothing);
        assert!(pulse.patience() - pulse.beat() >= secs(5), "a beat may be late on a busy machine");
        assert_eq!(pulse.feel(false, secs(3)), Felt::Patience(secs(10)), "somebody has woken it");
    }

    #[test]
    fn row_60_a_resting_kiosk_wakes_a_processor_less_than_once_in_ten_seconds_moving_picture_and_all() {
        let hour = secs(3600);
        let mut pulse = Pulse::new(patience(), secs(0));
        pulse.feel(true, secs(0));
        let (mut moves, mut wake_ups, mut told) = (secs(60), 0, secs(0));
        loop {
            let beats = told + pulse.beat();
            let now = beats.min(moves);
            if now > hour {
                break;
            }
            wake_ups += 1;
            if moves == now {
                // Drawn, and the display tells when it is shown.
                wake_ups += 1;
                moves += secs(60);
                assert_eq!(pulse.feel(true, now), Felt::Beat, "it is awake for it anyway");
            }
            assert!(now - told < pulse.patience());
            (pulse.last, told) = (now, now);
        }
        assert_eq!(wake_ups, 5 * 60);
        assert!(f64::from(wake_ups) / hour.as_secs_f64() < 0.1);
    }
}
