//! What the service manager hears (sd_notify(3)): that the first picture is shown, and that the thread that draws lives
//! on. Nothing of a person.

use std::time::Duration;

use sd_notify::NotifyState;
use slint::{Timer, TimerMode};

/// Beats for as long as the event loop runs.
pub(super) struct Heart {
    _timer: Timer,
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
        let timer = Timer::default();
        if let Some(patience) = sd_notify::watchdog_enabled() {
            timer.start(TimerMode::Repeated, beat(patience), || say(&[NotifyState::Watchdog]));
        }
        Heart { _timer: timer }
    }
}

/// There is nothing to draw on, and that is no fault of this program. Gives how long it may wait until it says so again.
pub(super) fn wait(status: &str) -> Option<Duration> {
    say(&[NotifyState::Ready, NotifyState::Status(status), NotifyState::Watchdog]);
    sd_notify::watchdog_enabled().map(beat)
}

/// The program rests before it begins.
pub(super) fn rest(status: &str) {
    say(&[NotifyState::Status(status)]);
}

pub(super) fn stop() {
    say(&[NotifyState::Stopping]);
}

/// Twice within its patience, so that the heart may be late. systemd asks for nothing more, and each beat wakes a processor.
fn beat(patience: Duration) -> Duration {
    patience / 2
}

fn say(states: &[NotifyState<'_>]) {
    // A service manager that does not listen misses nothing that it asked for.
    let _ = sd_notify::notify(states);
}
