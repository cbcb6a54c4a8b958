//! The storm: many short worlds, each with two devices, some people with phones, a strict broker and bad weather.
//!
//! Every world comes from its seed alone. After each login its end is held against what the broker knows and what the
//! device was told. `FLEXLOGIN_STORM_SEED=7 cargo test --test virtual storm` plays one world again, and
//! `FLEXLOGIN_STORM_LOGINS=10000000` makes the storm longer.

mod bent;
mod climate;
mod judge;
mod login;
mod phone;
mod play;
mod polls;
mod server;
mod tokens;
mod weather;

use std::io::Write;
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use play::Tally;

/// How many logins an ordinary run plays.
const LOGINS: u64 = 100_000;

#[test]
fn every_login_in_a_storm_ends_once_and_as_it_must() {
    if let Some(seed) = asked_for("FLEXLOGIN_STORM_SEED") {
        return play_again(seed);
    }
    let wanted = asked_for("FLEXLOGIN_STORM_LOGINS").unwrap_or(LOGINS);
    let (next, played) = (AtomicU64::new(1), AtomicU64::new(0));
    let (total, failed) = (Mutex::new(Tally::default()), Mutex::new(None));
    let work = || {
        while played.load(Ordering::Relaxed) < wanted && failed.lock().unwrap().is_none() {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            match catch_unwind(|| play::play(seed, false)) {
                Ok(world) if world.wrong.is_none() => {
                    played.fetch_add(world.server.logins.len() as u64, Ordering::Relaxed);
                    total.lock().unwrap().add(&world);
                }
                Ok(_) | Err(_) => *failed.lock().unwrap() = Some(seed),
            }
        }
    };
    std::thread::scope(|scope| {
        (0..std::thread::available_parallelism().map_or(1, Into::into)).for_each(|_| drop(scope.spawn(work)));
    });
    if let Some(seed) = failed.into_inner().unwrap() {
        play_again(seed);
        panic!("seed {seed} goes wrong only beside others");
    }
    let tally = total.into_inner().unwrap();
    writeln!(std::io::stdout(), "storm: {} worlds, {tally}", next.into_inner() - 1).unwrap();
    tally.was_a_storm();
}

/// Panics with the journal if anything is wrong in this world.
fn play_again(seed: u64) {
    let again = format!("again: FLEXLOGIN_STORM_SEED={seed} cargo test --test virtual storm");
    let Ok(played) = catch_unwind(|| play::play(seed, true)) else {
        panic!("it panicked, as told above\n\n{again}")
    };
    if let Some(wrong) = played.wrong {
        panic!("{}\n\n{wrong}\n\n{again}", played.journal.join("\n"));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says how long, or which world to play again"
)]
fn asked_for(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}
