//! Tries the kiosk in an emulated ARM machine: it is typed to, touched, unplugged and killed there, and what its
//! display shows is compared with what the panel draws. `cross/vm/run` makes the parts.
//!
//! `vm QEMU KERNEL DISK OUT [SCENARIO…]`: pictures go to the folder OUT; words choose the scenarios that hold one.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod figures;
mod machine;
mod picture;
mod room;
mod scenarios;
mod twin;
#[path = "../words.rs"]
mod words;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use flexlogin::clock::uptime;

use machine::Parts;
use room::Room;
use scenarios::SCENARIOS;

const SIZE: (u32, u32) = (1280, 720);
const FIGURES: &str = "figures";

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(qemu), Some(kernel), Some(disk), Some(out)) =
        (arguments.next(), arguments.next(), arguments.next(), arguments.next())
    else {
        say("vm QEMU KERNEL DISK OUT [SCENARIO…]");
        return ExitCode::from(64);
    };
    let chosen: Vec<String> = arguments.map(|word| word.display().to_string()).collect();
    let parts = Parts { qemu, kernel, disk };
    let went = std::fs::create_dir_all(&out)
        .map_err(|error| format!("{}: {error}", out.display()))
        .and_then(|()| play(&parts, &out, &chosen));
    match went {
        Ok(()) => {
            say("all is well");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            say(&format!("FAILED: {sentence}"));
            ExitCode::FAILURE
        }
    }
}

/// One line for each scenario; the first that fails is the last.
fn play(parts: &Parts, out: &Path, chosen: &[String]) -> Result<(), String> {
    let began = uptime();
    let names = || SCENARIOS.iter().map(|(name, _)| *name).chain([FIGURES]);
    for word in chosen {
        if !names().any(|name| name.contains(word.as_str())) {
            return Err(format!(
                "no scenario is called {word:?}; there are {}",
                names().collect::<Vec<_>>().join("; ")
            ));
        }
    }
    let is_chosen = |name: &str| chosen.is_empty() || chosen.iter().any(|word| name.contains(word.as_str()));
    let mut room =
        timed("the machine boots", || Ok((Room::enter(parts, SIZE, out.to_owned())?, String::new())))?;
    for (name, scenario) in SCENARIOS.iter().filter(|(name, _)| is_chosen(name)) {
        timed(name, || Ok(((), scenario(&mut room)?)))?;
    }
    if is_chosen(FIGURES) {
        let small = timed("figures at 1280×720", || Ok((figures::take(&mut room)?, String::new())))?;
        drop(room);
        let large = timed("figures at 1920×1080", || {
            let mut room = Room::enter(parts, (1920, 1080), out.to_owned())?;
            Ok((figures::take(&mut room)?, String::new()))
        })?;
        let (table, are_met) = figures::table(&small, &large);
        say(&table);
        if !are_met {
            return Err("a target is missed".into());
        }
    }
    say(&format!("{:6.1} s in all", (uptime() - began).as_secs_f64()));
    Ok(())
}

fn timed<T>(name: &str, what: impl FnOnce() -> Result<(T, String), String>) -> Result<T, String> {
    let began = uptime();
    let (done, remark) = what().map_err(|error| format!("{name}: {error}"))?;
    let remark = if remark.is_empty() { remark } else { format!(": {remark}") };
    say(&format!("{:6.1} s  {name}{remark}", (uptime() - began).as_secs_f64()));
    Ok(done)
}

fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}").and_then(|()| output.flush()).unwrap();
}
