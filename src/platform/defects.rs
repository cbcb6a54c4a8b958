//! What becomes of a panic: whoever is in its way lets go of what they hold, the broker hears that the login is given
//! up, and the process ends with an exit code of its own. No half of a program lives on.

use std::panic::{UnwindSafe, catch_unwind, set_hook};

/// Runs the program; `defect` stands for what it gives if it panics. A panic is told with its place and nothing of
/// what was being worked on.
pub fn contain<T>(tell: fn(&str), defect: T, program: impl FnOnce() -> T + UnwindSafe) -> T {
    set_hook(Box::new(move |panic| {
        // The message may hold what was being worked on; the place does not.
        let place = panic.location().map_or_else(String::new, |at| format!(" ({}:{})", at.file(), at.line()));
        tell(&format!("flexlogin has a defect and stops here{place}."));
    }));
    catch_unwind(program).unwrap_or(defect)
}
