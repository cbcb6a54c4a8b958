//! The rules of the house, read off its files. Every check is tried on something that breaks its rule.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod device;
mod faults;
mod files;
mod matrix;

use files::{
    File, after_each, files, folders_in, has_word, has_word_start, longest_run, names_in, read, sources,
    tests, word_at_start,
};

/// A file past this asks to be two rooms.
const LONGEST_FILE: usize = 400;

/// Longer files, and why.
const LONG_FILES: [(&str, &str); 0] = [];

#[test]
fn ciba_names_no_other_room() {
    let house = sources();
    nothing(
        house
            .iter()
            .filter(|file| file.room() == Some("ciba"))
            .flat_map(|file| names_beyond(file, &["ciba"])),
    );
}

#[test]
fn flow_names_no_room_but_ciba() {
    let house = sources();
    let flow = house.iter().filter(|file| file.room() == Some("flow"));
    nothing(flow.flat_map(|file| names_beyond(file, &["ciba", "flow"])));
}

#[test]
fn calls_names_no_room_but_ciba_and_flow() {
    let house = sources();
    let calls = house.iter().filter(|file| file.room() == Some("calls"));
    nothing(calls.flat_map(|file| names_beyond(file, &["ciba", "flow", "calls"])));
    let lib = read("src/lib.rs");
    let behind_a_wall = lib.split("pub mod calls;").next().is_some_and(|before| before.ends_with(")]\n"));
    assert!(lib.contains("\npub mod calls;") && !behind_a_wall, "calls is built without features");
}

#[test]
fn input_names_no_room_but_flow() {
    let house = sources();
    let input = house.iter().filter(|file| file.room() == Some("input"));
    nothing(input.flat_map(|file| names_beyond(file, &["flow", "input"])));
}

#[test]
fn the_simulator_names_no_other_room() {
    let house = sources();
    let simulator = house.iter().filter(|file| file.room() == Some("simulator"));
    nothing(simulator.flat_map(|file| names_beyond(file, &["simulator"])));
}

#[test]
fn a_room_that_names_another_is_found() {
    for (path, text) in [
        ("src/ciba/token.rs", "use crate::flow::Key;"),
        ("src/ciba/token.rs", "let now = crate::clock::uptime();"),
        ("src/ciba/token.rs", "use crate::{ciba, net};"),
        ("src/ciba/token.rs", "use super::super::flow::Key;"),
        ("src/ciba/mod.rs", "use super::flow::Key;"),
        ("src/ciba/id_token/tests/good.rs", "    use super::super::super::super::app;"),
        ("src/ciba/token.rs", "mod tests {\n    use super::super::super::app;\n}"),
        ("src/ciba/token.rs", "use flexlogin::flow::Key;"),
        ("src/ciba/token.rs", "pub(in crate) fn a() {}"),
    ] {
        assert_eq!(names_beyond(&File::made_up(path, text), &["ciba"]).len(), 1, "{path}: {text}");
    }
    for (path, text) in [
        ("src/ciba/token.rs", "use crate::ciba::Secret;\nuse super::wire::Reply;\npub(crate) fn a() {}"),
        ("src/ciba/token.rs", "// as crate::flow does\n/// [`Key`](crate::flow::Key)"),
        ("src/ciba/token.rs", "mod tests {\n    use super::super::wire::Reply;\n}"),
        ("src/ciba/id_token/tests/good.rs", "use super::super::super::token;"),
    ] {
        assert_eq!(names_beyond(&File::made_up(path, text), &["ciba"]), [""; 0], "{path}: {text}");
    }
}

/// Where a file names a room that is not one of these.
fn names_beyond(file: &File, rooms: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut inline_modules = 0;
    for (line, code) in file.code() {
        let words = code.trim_start();
        if words.ends_with('{') && words.trim_start_matches("pub ").starts_with("mod ") {
            inline_modules += 1;
        }
        for rest in after_each(code, "crate").chain(after_each(code, "flexlogin")) {
            let named = rest.strip_prefix("::").map(word_at_start);
            // `pub(crate)` names nobody.
            let harmless = named.is_none() && (rest.starts_with(')') && code.contains("(crate)"))
                || named.is_none() && rest.starts_with(['-', ' ', '"', '.', '\'', '/', '@', ',']);
            if !harmless && !named.is_some_and(|name| rooms.contains(&name)) {
                found.push(file.complaint(line, code.trim()));
            }
        }
        let up = longest_run(code, "super::");
        if up > 0 && up >= file.depth() + inline_modules {
            found.push(file.complaint(line, code.trim()));
        }
    }
    found
}

#[test]
fn the_pure_rooms_know_no_machine() {
    let house = sources();
    nothing(
        house.iter().filter(|file| matches!(file.room(), Some("ciba" | "flow" | "calls"))).flat_map(machines),
    );
    // Its devices are the machine; what they mean is not.
    let meant = house.iter().filter(|file| file.room() == Some("input") && !file.path.contains("/devices/"));
    nothing(meant.flat_map(machines));
}

#[test]
fn a_pure_room_that_touches_the_machine_is_found() {
    for line in [
        "use std::time::Instant;",
        "let now = SystemTime::now();",
        "std::thread::sleep(pause);",
        "use std::{fs, io};",
        "std::env::var(\"HOME\")",
        "std::net::TcpStream::connect(to)",
        "tokio::spawn(poll)",
        "slint::invoke_from_event_loop(show)",
    ] {
        assert_eq!(machines(&File::made_up("src/flow/mod.rs", line)).len(), 1, "{line}");
    }
    let pure = "use std::net::IpAddr;\nuse std::time::{Duration, UNIX_EPOCH};\n// Instant::now is banned.";
    assert_eq!(machines(&File::made_up("src/flow/mod.rs", pure)), [""; 0]);
}

/// Where a file touches a clock, a thread, a file, a socket, the environment or Slint.
fn machines(file: &File) -> Vec<String> {
    let words = [
        "Instant",
        "SystemTime",
        "thread::spawn",
        "thread::sleep",
        "thread::Builder",
        "fs",
        "env",
        "process",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "tokio",
        "reqwest",
        "slint",
        "stdin",
        "stdout",
        "stderr",
        "println",
        "eprintln",
    ];
    let touches = |code: &str| {
        // Macros that are read by the compiler alone.
        !code.contains("env!(")
            && words.iter().any(|word| has_word(code, word) && !code.contains(&format!("\"{word}")))
    };
    file.code()
        .filter(|(_, code)| touches(code))
        .map(|(line, code)| file.complaint(line, code.trim()))
        .collect()
}

/// Where threads are begun: `defects` sees to it that none of them dies alone, the network and the pictures join theirs,
/// and the simulator is no part of a device.
const SPINNERS: [&str; 4] =
    ["src/defects.rs", "src/net/mod.rs", "src/platform/pictures.rs", "src/simulator/mod.rs"];

#[test]
fn no_thread_can_die_alone() {
    nothing(sources().iter().flat_map(threads));
}

#[test]
fn a_thread_that_can_die_alone_is_found() {
    let spun = "std::thread::Builder::new().spawn(run)";
    assert_eq!(threads(&File::made_up("src/display.rs", spun)).len(), 1);
    assert_eq!(threads(&File::made_up("src/display.rs", "defects::beside(\"cec\", run)")), [""; 0]);
    assert_eq!(threads(&File::made_up(SPINNERS[0], spun)), [""; 0]);
}

/// Where a file begins a thread that nobody hears of when it panics.
fn threads(file: &File) -> Vec<String> {
    if SPINNERS.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let begins = |code: &str| ["thread::Builder", "thread::spawn"].iter().any(|word| has_word(code, word));
    file.code()
        .filter(|(_, code)| begins(code))
        .map(|(line, code)| file.complaint(line, code.trim()))
        .collect()
}

#[test]
fn nothing_is_left_for_later_silenced_or_skipped() {
    nothing(sources().iter().chain(&tests()).flat_map(leftovers));
}

#[test]
fn what_is_left_for_later_silenced_or_skipped_is_found() {
    for (before, after) in [
        ("to", "do!()"),
        ("unimple", "mented!()"),
        ("d", "bg!(answer)"),
        ("#[al", "low(dead_code)]"),
        ("#![al", "low(dead_code)]"),
        ("#[ig", "nore]"),
        ("#[ig", "nore = \"slow\"]"),
        ("#[cfg_attr(test, al", "low(dead_code))]"),
        ("#[cfg_attr(debug_assertions, ig", "nore)]"),
    ] {
        let line = format!("{before}{after}");
        assert_eq!(leftovers(&File::made_up("src/net/mod.rs", &line)).len(), 1, "{line}");
    }
    let fine = "#[expect(dead_code, reason = \"…\")]\n// todo: nothing\nself.allow(key);";
    assert_eq!(leftovers(&File::made_up("src/net/mod.rs", fine)), [""; 0]);
}

fn leftovers(file: &File) -> Vec<String> {
    // Put together here, so that this file does not break its own rule.
    let macros = [["to", "do!"], ["unimple", "mented!"], ["d", "bg!"]].map(|parts| parts.concat());
    let attributes =
        [["al", "low("], ["ig", "nore]"], ["ig", "nore "], ["ig", "nore)"]].map(|parts| parts.concat());
    let is_left = |code: &str| {
        let attribute = code.trim_start().starts_with('#');
        macros.iter().any(|word| has_word_start(code, word))
            || attribute && attributes.iter().any(|word| has_word_start(code, word))
    };
    file.code()
        .filter(|(_, code)| is_left(code))
        .map(|(line, code)| file.complaint(line, code.trim()))
        .collect()
}

#[test]
fn no_file_is_too_long() {
    let house: Vec<File> =
        sources().into_iter().chain(tests()).chain(files("ui", &["slint", "rs"])).collect();
    nothing(too_long(&house, &LONG_FILES).into_iter());
}

#[test]
fn a_file_that_is_too_long_is_found_and_so_is_an_exception_that_is_needed_no_more() {
    let long = || File::made_up("src/net/mod.rs", &"line\n".repeat(LONGEST_FILE + 1));
    let short = || File::made_up("src/net/mod.rs", &"line\n".repeat(LONGEST_FILE));
    let excused = [("src/net/mod.rs", "a reason")];
    assert_eq!(too_long(&[long()], &[]).len(), 1);
    assert_eq!(too_long(&[short()], &[]), [""; 0]);
    assert_eq!(too_long(&[long()], &excused), [""; 0]);
    assert_eq!(too_long(&[short()], &excused).len(), 1);
}

fn too_long(house: &[File], excused: &[(&str, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    for file in house {
        let lines = file.text.lines().count();
        let reason = excused.iter().find(|(path, _)| *path == file.path);
        match (lines > LONGEST_FILE, reason) {
            (true, None) => found.push(file.complaint(lines, "the file is too long")),
            (false, Some(_)) => found.push(file.complaint(lines, "the file need not be excused any more")),
            _ => {}
        }
    }
    found
}

#[test]
fn every_room_is_on_both_maps() {
    let rooms = names_in("src");
    assert!(rooms.len() > 8, "{rooms:?}");
    let readme = read("README.md");
    let map = readme.split("## The map").nth(1).and_then(|rest| rest.split("```").nth(1));
    nothing(missing(&rooms, map.expect("README.md has a map")).into_iter());
    let wings = folders_in(".").into_iter().filter(|folder| folder != "target" && folder != "flexlogin-demo");
    let begins = |wing: &String| map.is_some_and(|map| map.contains(&format!("\n{wing}/")));
    nothing(wings.filter(|wing| !begins(wing)).map(|wing| format!("{wing}/ is on no map")));
    let rooms: Vec<String> = rooms.into_iter().filter(|room| room != "lib" && room != "main").collect();
    nothing(missing(&rooms, &read("src/lib.rs").replace("//! - [`", "  ")).into_iter());
}

#[test]
fn a_room_that_is_on_no_map_is_found() {
    let rooms = ["ciba", "check", "host"].map(str::to_owned);
    assert_eq!(missing(&rooms, "src/\n  ciba/  the protocol\n  host.rs  the result\n").len(), 1);
    assert_eq!(missing(&rooms, "src/\n  ciba/  a\n  host.rs  b\n  check  c\n"), [""; 0]);
    assert_eq!(missing(&rooms, "the ciba, the check and the host").len(), 3);
}

/// The rooms that begin no line of the map.
fn missing(rooms: &[String], map: &str) -> Vec<String> {
    let begins =
        |room: &str| map.lines().any(|line| line.starts_with("  ") && word_at_start(line.trim()) == room);
    rooms.iter().filter(|room| !begins(room)).map(|room| format!("{room} is on no map")).collect()
}

#[test]
fn the_linters_guards_stand() {
    let cargo = read("Cargo.toml");
    let clippy = read(".clippy.toml");
    nothing(without(&cargo, &LINTS).into_iter().chain(without(&clippy, &BANS)));
    assert!(clippy.lines().filter(|line| line.contains("path = ")).all(|line| line.contains("reason = \"")));
    assert!(
        read("src/lib.rs").lines().chain(read("src/main.rs").lines()).all(|line| !line.starts_with("#!["))
    );
}

#[test]
fn a_guard_that_was_taken_away_is_found() {
    let cargo = read("Cargo.toml").replace("unwrap_used = \"deny\"", "unwrap_used = \"warn\"");
    assert_eq!(without(&cargo, &LINTS).len(), 1);
    let clippy = read(".clippy.toml").replace("std::time::Instant::now", "std::time::Instant::elapsed");
    assert_eq!(without(&clippy, &BANS).len(), 1);
}

const LINTS: [&str; 9] = [
    "unsafe_code = \"deny\"",
    "unwrap_used = \"deny\"",
    "expect_used = \"deny\"",
    "allow_attributes = \"deny\"",
    "dbg_macro = \"deny\"",
    "todo = \"deny\"",
    "unimplemented = \"deny\"",
    "print_stdout = \"deny\"",
    "print_stderr = \"deny\"",
];

const BANS: [&str; 5] = [
    "\"std::time::Instant::now\"",
    "\"std::time::SystemTime::now\"",
    "\"std::env::var\"",
    "\"std::env::var_os\"",
    "\"std::thread::spawn\"",
];

fn without(text: &str, lines: &[&str]) -> Vec<String> {
    lines.iter().filter(|line| !text.contains(**line)).map(|line| format!("{line} is gone")).collect()
}

#[test]
fn a_device_without_features_has_neither_sockets_nor_slint() {
    let cargo = read("Cargo.toml");
    let dependencies = cargo.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next());
    let dependencies = dependencies.expect("Cargo.toml has dependencies");
    for outside in
        ["axum", "clap", "evdev", "reqwest", "rustls", "signal-hook", "slint", "tokio", "embedded-graphics"]
    {
        let line = dependencies.lines().find(|line| line.starts_with(&format!("{outside} = ")));
        assert!(line.expect(outside).contains("optional = true"), "{outside} is behind no wall");
    }
}

fn nothing(found: impl Iterator<Item = String>) {
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}
