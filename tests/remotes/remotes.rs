//! The remotes of a real kernel: devices are made through `/dev/uinput`, plugged in, pressed and pulled, and it is
//! looked at what becomes of it, here and with everybody else who listens.
//!
//! `cargo run --no-default-features --features net,input --example remotes [-- FLEXLOGIN [--chords]]`, as root.
//! With the path of the program, `flexlogin keys` is tried too. With `--chords` the machine has to be there for this
//! alone: it is shown first that a chord does change the terminal and reach SysRq while nobody holds the keyboard.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod bench;
mod chords;
mod program;

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use evdev::KeyCode;
use flexlogin::clock::uptime;
use flexlogin::flow::Key;
use flexlogin::input::devices::{News, Refusal};
use flexlogin::input::{Change, Code, Spot, Touch};

use bench::{Bench, Listener, keyboard, keyboard_with_every_axis, plug, remote, touch_screen};

type Scenario = (&'static str, fn());

const SCENARIOS: [Scenario; 11] = [
    ("a remote types ten digits and OK", a_remote_types),
    ("a number block and a row of digits type the same", three_kinds_of_digits),
    ("a receiver that comes later is found, and two work at once", a_receiver_comes),
    ("an arrow that is held ends with its receiver", a_receiver_is_pulled),
    ("of erase that is held it is told until it is let go", erase_is_held),
    ("nobody else hears what is held", nobody_else_hears),
    ("a device that another program holds is taken when it is free", held_by_another),
    ("a touch screen is left alone where fingers are not wanted", a_touch_screen),
    ("a keyboard that claims every axis types where fingers are wanted", a_keyboard_with_every_axis),
    ("of ten fingers on a touch screen the first counts", ten_fingers),
    ("a mouse is no remote, unless a model names it", a_mouse),
];

fn main() {
    if !Path::new("/dev/uinput").exists() {
        say("NOT TRIED: there is no /dev/uinput here. Load the module uinput, or use a machine that has it.");
        std::process::exit(1);
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    SCENARIOS.iter().for_each(|(name, scenario)| play(name, scenario));
    if let Some(program) = arguments.first() {
        program::SCENARIOS.iter().for_each(|(name, scenario)| play(name, || scenario(Path::new(program))));
    }
    if arguments.get(1).is_some_and(|word| word == "--chords") {
        chords::SCENARIOS.iter().for_each(|(name, scenario)| play(name, scenario));
    }
    say("all is well");
}

/// One line for each: a scenario that fails ends the program with what was expected.
fn play(name: &str, scenario: impl FnOnce()) {
    let began = uptime();
    scenario();
    say(&format!("{:6} ms  {name}", (uptime() - began).as_millis()));
}

fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{line}").unwrap();
}

/// KEY_NUMERIC_0 and those after it.
fn numeric(digits: &str) -> Vec<KeyCode> {
    digits.bytes().map(|digit| KeyCode(512 + u16::from(digit - b'0'))).collect()
}

fn a_remote_types() {
    let mut remote = remote("Nordlys Remote");
    let mut bench = Bench::new();
    numeric("6701901234").into_iter().for_each(|code| remote.strike(code));
    [KeyCode::KEY_OK, KeyCode::KEY_EXIT, KeyCode::KEY_POWER, KeyCode::KEY_CLEAR, KeyCode::KEY_BLUE]
        .into_iter()
        .for_each(|code| remote.strike(code));
    let digits = [6, 7, 0, 1, 9, 0, 1, 2, 3, 4].map(Key::Digit);
    bench.expect(&[&digits[..], &[Key::Ok, Key::Back, Key::Erase, Key::Blue]].concat());
}

fn three_kinds_of_digits() {
    let mut keyboard = keyboard("Desk Keyboard");
    let mut bench = Bench::new();
    for code in [KeyCode::KEY_1, KeyCode::KEY_0, KeyCode::KEY_KP7, KeyCode::KEY_KP0, KeyCode::KEY_KPENTER] {
        keyboard.strike(code);
    }
    bench.expect(&[Key::Digit(1), Key::Digit(0), Key::Digit(7), Key::Digit(0), Key::Ok]);
}

fn a_receiver_comes() {
    let mut bench = Bench::new();
    let mut first = remote("First");
    bench.expect_device("First");
    let mut second = remote("Second");
    bench.expect_device("Second");
    first.strike(KeyCode::KEY_NUMERIC_1);
    bench.expect(&[Key::Digit(1)]);
    second.strike(KeyCode::KEY_NUMERIC_2);
    bench.expect(&[Key::Digit(2)]);
    drop(first);
    bench.expect_gone();
    second.strike(KeyCode::KEY_SELECT);
    bench.expect(&[Key::Ok]);
    let mut again = remote("First");
    bench.expect_device("First");
    again.strike(KeyCode::KEY_OK);
    bench.expect(&[Key::Ok]);
}

fn a_receiver_is_pulled() {
    let mut remote = remote("Pulled");
    let mut bench = Bench::new();
    remote.press(KeyCode::KEY_DOWN);
    bench.expect(&[Key::Down; 4]);
    drop(remote);
    bench.expect_gone();
    assert_eq!(bench.keys_within(Duration::from_secs(1)), []);
}

fn erase_is_held() {
    let mut remote = remote("Erasing");
    let mut bench = Bench::new();
    remote.press(KeyCode::KEY_CLEAR);
    bench.expect(&[Key::Erase; 3]);
    remote.release(KeyCode::KEY_CLEAR);
    // What had come before the release was read.
    bench.keys_within(Duration::from_millis(100));
    assert_eq!(bench.keys_within(Duration::from_secs(1)), []);
}

fn nobody_else_hears() {
    let mut remote = remote("Held");
    let mut other = Listener::of("Held");
    remote.strike(KeyCode::KEY_NUMERIC_7);
    assert_eq!(other.heard(), [KeyCode::KEY_NUMERIC_7], "before it is held");
    let mut bench = Bench::new();
    remote.strike(KeyCode::KEY_NUMERIC_8);
    remote.strike(KeyCode::KEY_POWER);
    bench.expect(&[Key::Digit(8)]);
    assert_eq!(other.heard(), []);
    assert!(!other.can_hold());
    drop(bench);
    remote.strike(KeyCode::KEY_NUMERIC_9);
    assert_eq!(other.heard(), [KeyCode::KEY_NUMERIC_9], "after it was held");
}

fn held_by_another() {
    let mut remote = remote("Wanted");
    let mut other = Listener::of("Wanted");
    assert!(other.can_hold());
    let mut bench = Bench::new();
    bench.expect_news("it is held", |news| matches!(news, News::Refused(_, Refusal::Busy)));
    drop(other);
    bench.expect_device("Wanted");
    remote.strike(KeyCode::KEY_OK);
    bench.expect(&[Key::Ok]);
}

fn a_touch_screen() {
    let mut panel = touch_screen("Panel");
    let mut bench = Bench::new();
    let mut other = Listener::of("Panel");
    panel.strike(KeyCode::KEY_POWER);
    assert_eq!(other.heard(), [KeyCode::KEY_POWER]);
    assert!(bench.names().iter().all(|name| name != "Panel"));
}

fn a_keyboard_with_every_axis() {
    let mut keyboard = keyboard_with_every_axis("Claiming");
    let mut bench = Bench::with_fingers();
    let mut other = Listener::of("Claiming");
    keyboard.strike(KeyCode::KEY_7);
    bench.expect(&[Key::Digit(7)]);
    assert_eq!(other.heard(), []);
}

fn ten_fingers() {
    let mut panel = touch_screen("Panel");
    let mut bench = Bench::with_fingers();
    let mut other = Listener::of("Panel");
    let spot = |x, y| Spot { x, y };
    panel.finger(0, Some((500, 500)), true);
    (1..10).for_each(|slot| panel.finger(slot, Some((900, 1900)), true));
    panel.finger(0, Some((750, 500)), false);
    (1..10).for_each(|slot| panel.finger(slot, None, false));
    panel.finger(0, None, false);
    let (there, then) = (spot(0.5, 0.25), spot(0.75, 0.25));
    bench.expect_touches(&[Touch::Down(there), Touch::Moved(then), Touch::Up(then)]);
    panel.strike(KeyCode::KEY_POWER);
    assert_eq!(other.heard(), []);
    panel.finger(0, Some((0, 2000)), true);
    // The kernel keeps nothing unread of a device that is gone.
    bench.expect_touches(&[Touch::Down(spot(0.0, 1.0))]);
    drop(panel);
    bench.expect_touches(&[Touch::Lost]);
}

fn a_mouse() {
    let mut mouse = plug("Air Mouse", &[KeyCode::BTN_LEFT, KeyCode::BTN_RIGHT]);
    let mut without = Bench::new();
    assert!(without.names().iter().all(|name| name != "Air Mouse"));
    drop(without);
    let mut bench = Bench::with("Air Mouse", Code(KeyCode::BTN_LEFT.code()), Key::Ok);
    mouse.strike(KeyCode::BTN_RIGHT);
    mouse.strike(KeyCode::BTN_LEFT);
    bench.expect(&[Key::Ok]);
    drop(mouse);
    bench.expect_news("it went", |news| matches!(news, News::Changed(_, Change::Gone)));
}
