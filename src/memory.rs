//! What this process holds in its memory stays there, and no longer than it is needed.
//!
//! What is freed is wiped by the program's allocator; here is the rest: no core file, no look from outside, and
//! nothing left on a stack.

use std::hint::black_box;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Deeper than any call that has a person's data on the stack, in bytes.
const DEEPEST: usize = 128 * 1024;

/// The first thing that a process does. From then on its memory can be read by the machine's administrator alone,
/// and no crash leaves a core file, whatever the limits it was started with and wherever the system sends cores.
///
/// The error is a sentence.
pub fn keep_to_itself() -> Result<(), String> {
    let cannot = |error: rustix::io::Errno| {
        let kind = error.kind();
        format!("The system does not let this program protect its memory: {kind}. Nothing was done.")
    };
    // A core that is piped to a program is made whatever this limit says; without the right to dump it is not.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(cannot)?;
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).map_err(cannot)
}

/// Overwrites what calls that have returned left on this thread's stack: hashing and moving make copies there that
/// nobody owns.
#[inline(never)]
pub fn wipe_the_stack() {
    black_box(&mut [0_u8; DEEPEST]);
}
