//! What becomes of a panic: whoever is in its way lets go of what they hold, the broker hears that the login is given
//! up, and the process ends with an exit code of its own. No half of a program lives on.
//!
//! A panic beside the main thread is made one of the main thread's own: that one is told to leave, and whatever it does
//! next with the app panics too. If it does not react, the thread that has the defect ends the process.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, UnwindSafe, catch_unwind, resume_unwind, set_hook};
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The exit code of a run that ended in a defect of this program; the outcome of its login is unknown.
pub const EXIT_CODE: u8 = 70;
/// Longer than a login takes to be cancelled.
const ENDS_IN: Duration = Duration::from_secs(8);

static BESIDE: Beside = Beside::new();

/// Runs the program; `defect` stands for what it gives if it panics, on whichever thread. A panic is told with its place
/// and nothing of what was being worked on.
pub fn contain<T>(tell: fn(&str), defect: T, program: impl FnOnce() -> T + UnwindSafe) -> T {
    set_hook(Box::new(move |panic| {
        // The message may hold what was being worked on; the place does not.
        let place = panic.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
        tell(&format!("flexlogin has a defect and stops here{place}."));
    }));
    match catch_unwind(program) {
        Ok(ended) if !BESIDE.has_failed() => ended,
        _ => defect,
    }
}

/// Runs `work` on a thread of its own, whose panic is one of the whole program.
pub fn beside(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let run = move || BESIDE.run(work, ENDS_IN, || process::exit(EXIT_CODE.into()));
    thread::Builder::new().name(name.into()).spawn(run).map(drop)
}

/// What makes the main thread leave, from any thread; it is called at once if there is a reason already.
pub fn leave_by(leave: Arc<dyn Fn() + Send + Sync>) {
    BESIDE.leave_by(leave);
}

/// To be called by the main thread before it goes on.
///
/// # Panics
/// If a thread beside it did, and without telling it once more.
pub fn share() {
    if BESIDE.has_failed() {
        resume_unwind(Box::new("beside"));
    }
}

/// What the threads beside the main one have in common.
struct Beside(Mutex<State>);

struct State {
    has_failed: bool,
    leave: Option<Arc<dyn Fn() + Send + Sync>>,
}

impl Beside {
    const fn new() -> Beside {
        Beside(Mutex::new(State { has_failed: false, leave: None }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_failed(&self) -> bool {
        self.state().has_failed
    }

    fn leave_by(&self, leave: Arc<dyn Fn() + Send + Sync>) {
        let mut state = self.state();
        state.leave = Some(leave.clone());
        let has_failed = state.has_failed;
        drop(state);
        if has_failed {
            leave();
        }
    }

    /// After a panic of `work` it calls `end` if the process is still there then.
    fn run(&self, work: impl FnOnce(), ends_in: Duration, end: impl FnOnce()) {
        if catch_unwind(AssertUnwindSafe(work)).is_ok() {
            return;
        }
        let mut state = self.state();
        state.has_failed = true;
        let leave = state.leave.clone();
        drop(state);
        if let Some(leave) = leave {
            // The defect may be there; then the end comes later.
            let _ = catch_unwind(AssertUnwindSafe(|| leave()));
        }
        thread::sleep(ends_in);
        end();
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn row_59_a_panic_beside_the_main_thread_makes_it_leave_and_ends_the_process_if_it_does_not() {
        let (tell, told) = mpsc::channel();
        let beside = Beside::new();
        let leaves = tell.clone();
        beside.leave_by(Arc::new(move || leaves.send("leave").unwrap()));
        beside.run(|| (), Duration::ZERO, || tell.send("end").unwrap());
        assert!(!beside.has_failed());
        assert_eq!(told.try_iter().count(), 0);

        beside.run(|| panic!("a defect"), Duration::ZERO, || tell.send("end").unwrap());
        assert!(beside.has_failed());
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["leave", "end"]);
    }

    #[test]
    fn row_59_a_panic_before_anybody_can_be_told_and_one_of_the_telling_end_the_process_too() {
        let (tell, told) = mpsc::channel();
        let beside = Beside::new();
        beside.run(|| panic!("a defect"), Duration::ZERO, || tell.send("end").unwrap());
        let leaves = tell.clone();
        beside.leave_by(Arc::new(move || leaves.send("leave").unwrap()));
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["end", "leave"]);

        let beside = Beside::new();
        beside.leave_by(Arc::new(|| panic!("a defect")));
        beside.run(|| panic!("a defect"), Duration::ZERO, || tell.send("end").unwrap());
        assert_eq!(told.try_iter().collect::<Vec<_>>(), ["end"]);
    }
}
