//! SIGINT, SIGTERM and SIGHUP, turned into a call.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use crate::defects;

static LEAVING: Leaving = Leaving::new();
static LISTENING: OnceLock<Result<Ears, String>> = OnceLock::new();

const HEARD: [i32; 3] = [SIGHUP, SIGINT, SIGTERM];

type Leave = Arc<dyn Fn() + Send + Sync>;

/// From now on `leave`, and nothing that was given before, is called once for each signal, on a thread of its own, and
/// after a defect of any thread beside the main one. It is called at once if such a signal has come already: the part of
/// the program that was told may have been about to end by itself, and a person who pressed Ctrl-C does not do so twice.
pub fn on_leave(leave: impl Fn() + Send + Sync + 'static) -> Result<(), String> {
    let leave: Leave = Arc::new(leave);
    LISTENING.get_or_init(listen).as_ref().map_err(String::clone)?;
    defects::leave_by(leave.clone());
    LEAVING.by(leave);
    Ok(())
}

/// As if such a signal had come.
pub fn leave() {
    LEAVING.tell();
}

/// Listens no longer: a signal ends the process from now on, as if it had never listened. Not if one has come before, and
/// then it is false. For a process that is about to begin anew, which nothing must be cancelled for yet; what would be
/// heard while it goes would be heard by nobody.
pub fn let_go() -> bool {
    let Some(Ok(ears)) = LISTENING.get() else { return true };
    ears.closed.store(true, Ordering::SeqCst);
    !ears.heard.load(Ordering::SeqCst)
}

/// What a signal itself does, before anybody is told.
struct Ears {
    heard: Arc<AtomicBool>,
    closed: Arc<AtomicBool>,
}

/// Until the end of the process.
fn listen() -> Result<Ears, String> {
    let cannot = |error: io::Error| format!("Signals cannot be received: {error}.");
    let ears = Ears { heard: Arc::default(), closed: Arc::default() };
    for signal in HEARD {
        // In this order: one that is not seen by `let_go` sees what that has closed.
        flag::register(signal, ears.heard.clone()).map_err(cannot)?;
        flag::register_conditional_default(signal, ears.closed.clone()).map_err(cannot)?;
    }
    let mut signals = Signals::new(HEARD).map_err(cannot)?;
    defects::beside("signals", move || signals.forever().for_each(|_| LEAVING.tell())).map_err(cannot)?;
    Ok(ears)
}

/// Who is told to leave, and whether anybody was.
struct Leaving(Mutex<State>);

struct State {
    told: bool,
    leave: Option<Leave>,
}

impl Leaving {
    const fn new() -> Leaving {
        Leaving(Mutex::new(State { told: false, leave: None }))
    }

    fn by(&self, leave: Leave) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.leave = Some(leave.clone());
        let told = state.told;
        drop(state);
        if told {
            leave();
        }
    }

    fn tell(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.told = true;
        let leave = state.leave.clone();
        drop(state);
        if let Some(leave) = leave {
            leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn row_68_a_signal_between_two_parts_of_the_program_reaches_the_second() {
        let leaving = Leaving::new();
        let (tell, told) = mpsc::channel();
        let part = |name: &'static str| -> Leave {
            let tell = tell.clone();
            Arc::new(move || tell.send(name).unwrap())
        };
        leaving.by(part("login"));
        assert!(told.try_recv().is_err(), "nobody has said so");
        leaving.tell();
        leaving.by(part("result"));
        leaving.tell();
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["login", "result", "result"]);
    }

    #[test]
    fn a_signal_before_anybody_listens_is_kept() {
        let leaving = Leaving::new();
        leaving.tell();
        let (tell, told) = mpsc::channel();
        leaving.by(Arc::new(move || tell.send(()).unwrap()));
        assert!(told.try_recv().is_ok());
    }
}
