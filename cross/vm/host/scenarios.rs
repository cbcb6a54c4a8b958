//! What is tried in the machine, each from a fresh start of the kiosk.

use std::time::Duration;

use flexlogin::clock::uptime;
use flexlogin::flow::{Cap, Control, Key, Kind, Language, Pad, Page, Reason, Rest, View};
use flexlogin::platform::pictures::examples;

use crate::picture::Stand;
use crate::room::{KEY_CLEAR, KEY_DOWN, NUMBER, Room};
use crate::twin::Twin;
use crate::words::{Obstacle, Say, patience, restarts_after};

type Scenario = (&'static str, fn(&mut Room) -> Result<String, String>);

pub(crate) const SCENARIOS: [Scenario; 16] = [
    ("the first screens are told from every other", it_tells_screens_apart),
    ("a remote types a number, the phone approves", a_remote),
    ("a finger types a number, the phone approves", a_finger),
    ("a display that stands upright, by remote and by finger", upright),
    ("a receiver is pulled in the middle of a number", a_pulled_receiver),
    ("an arrow that is held ends with its receiver", a_held_arrow),
    ("erase that is held takes everything back", a_held_erase),
    ("a process is killed while it waits", a_killed_process),
    ("row 60: a process that hangs while it waits", a_process_that_hangs),
    ("row 60: a process that hangs at rest", a_process_that_hangs_at_rest),
    ("row 65: a display is unplugged while the person waits, and plugged in again", a_display_unplugged),
    ("row 67: the host goes while nobody is there, and another comes", another_host),
    ("row 68: the host does not read, and another does", a_deaf_host),
    ("a kiosk is told to end at every moment of its start", an_early_end),
    ("a kiosk that cannot begin says why and what to do", what_is_missing),
    ("no network at the start, then network", no_network),
];

/// A start is interrupted so often, each time later.
const MOMENTS: u32 = 24;
/// What a service manager is patient for is several times as much.
const ENDS_WITHIN: Duration = Duration::from_secs(2);
/// A crash may take so long until the next person can begin.
const BACK_AFTER: Duration = Duration::from_millis(1500);

fn it_tells_screens_apart(room: &mut Room) -> Result<String, String> {
    let mut twin = room.start(Stand::Level)?;
    let others = |own: &dyn Fn(&Page) -> bool| -> Vec<View> {
        let examples = examples(Language::DANISH).into_iter().map(|example| example.view);
        examples.filter(|view| !own(&view.page)).collect()
    };
    let mut abroad = Twin::new();
    abroad.press(Key::Blue);
    let mut active = others(&|page| matches!(page, Page::Idle(Rest { dark: false, .. })));
    active.extend(abroad.resting());
    let resting_apart = room.is_none_of(&active)?;

    room.plug("Remote")?;
    room.strike("Remote", KEY_DOWN)?;
    twin.press(Key::Down);
    room.see("the woken screen", &twin.view())?;
    let mut elsewhere = others(&|page| *page == twin.view().page);
    elsewhere.extend(twin.resting());
    for key in [Key::Digit(7), Key::Down, Key::Blue] {
        let mut other = Twin::woken();
        other.press(key);
        elsewhere.push(other.view());
    }
    let woken_apart = room.is_none_of(&elsewhere)?;
    room.pull("Remote")?;
    Ok(format!(
        "{} and {} others, the nearest {resting_apart} and {woken_apart} pixels away",
        active.len(),
        elsewhere.len()
    ))
}

fn a_remote(room: &mut Room) -> Result<String, String> {
    let mut twin = room.start(Stand::Level)?;
    room.plug("Remote")?;
    log_in(room, "Remote", &mut twin)?;
    room.hear_of("Answered { error: None }")?;
    room.hear_result("approved")?;
    room.ok("Remote")?;
    room.see_rest()?;
    room.pull("Remote")?;
    Ok(String::new())
}

fn log_in(room: &mut Room, remote: &str, twin: &mut Twin) -> Result<(), String> {
    room.digits(remote, &NUMBER[..4], twin)?;
    room.see("four digits", &twin.view())?;
    room.digits(remote, &NUMBER[4..], twin)?;
    room.see("ten digits", &twin.view())?;
    room.ok(remote)?;
    room.see_waiting(twin)?;
    room.approve(twin)
}

fn a_finger(room: &mut Room) -> Result<String, String> {
    let twin = room.start(Stand::Level)?;
    touch(room, twin)?;
    Ok(String::new())
}

fn touch(room: &mut Room, mut twin: Twin) -> Result<(), String> {
    room.glass()?;
    room.tap(room.places(&twin.view())?.of(Control::Wake)?)?;
    twin.tap(Control::Wake);
    room.see("the screen woken by touch", &twin.view())?;
    // A finger that comes back at once has tapped twice.
    std::thread::sleep(Duration::from_millis(500));
    let pad = room.places(&twin.view())?;
    for digit in NUMBER {
        let cap = Cap::Type((b'0' + digit).into());
        let key = Pad::of(Kind::Cpr).caps.iter().position(|one| *one == cap);
        let key = Control::Cap(key.ok_or("no such key")?);
        room.tap(pad.of(key)?)?;
        twin.tap(key);
    }
    room.see("ten digits by touch", &twin.view())?;
    room.tap(room.places(&twin.view())?.of(Control::Continue)?)?;
    room.see_waiting(&twin)?;
    room.approve(&twin)?;
    room.pull("Glass")
}

fn upright(room: &mut Room) -> Result<String, String> {
    let mut twin = room.start(Stand::Upright)?;
    room.plug("Remote")?;
    log_in(room, "Remote", &mut twin)?;
    room.pull("Remote")?;
    let twin = room.start(Stand::Upright)?;
    touch(room, twin)?;
    Ok(String::new())
}

fn a_pulled_receiver(room: &mut Room) -> Result<String, String> {
    let mut twin = room.start(Stand::Level)?;
    room.plug("First")?;
    room.digits("First", &NUMBER[..4], &mut twin)?;
    room.see("four digits", &twin.view())?;
    room.pull("First")?;
    room.plug("Second")?;
    room.digits("Second", &NUMBER[4..5], &mut twin)?;
    room.see("five digits", &twin.view())?;
    room.pull("Second")?;
    Ok(String::new())
}

fn a_held_arrow(room: &mut Room) -> Result<String, String> {
    // Slow enough for an emulated display.
    let mut twin = room.start_with(Stand::Level, "[keys]\nrate_ms = 1000\n")?;
    room.plug("Arrow")?;
    room.strike("Arrow", KEY_DOWN)?;
    twin.press(Key::Down);
    room.see("the woken screen", &twin.view())?;
    // The way down and around.
    let mut way = Vec::new();
    for _ in 0..4 {
        twin.press(Key::Down);
        way.push(twin.view());
    }
    let way = room.paint(&way)?;
    room.press("Arrow", KEY_DOWN)?;
    // It goes by itself: one place is reached by the press, the others by its repetition.
    let mut seen = [false; 4];
    let until = uptime() + Duration::from_secs(30);
    while seen.iter().filter(|seen| **seen).count() < 3 {
        if let Some(place) = room.glance(&way)? {
            seen[place] = true;
        }
        if uptime() > until {
            return Err("the arrow does not repeat".into());
        }
    }
    room.pull("Arrow")?;
    std::thread::sleep(Duration::from_secs(2));
    let stands = room.glance(&way)?.ok_or("the focus is nowhere")?;
    for _ in 0..5 {
        std::thread::sleep(Duration::from_millis(500));
        if room.glance(&way)? != Some(stands) {
            return Err("the arrow goes on without its receiver".into());
        }
    }
    Ok(String::new())
}

fn a_held_erase(room: &mut Room) -> Result<String, String> {
    let mut twin = room.start(Stand::Level)?;
    room.plug("Remote")?;
    room.digits("Remote", &NUMBER[..4], &mut twin)?;
    room.see("four digits", &twin.view())?;
    room.press("Remote", KEY_CLEAR)?;
    (0..4).for_each(|_| twin.press(Key::Erase));
    room.see("no digit", &twin.view())?;
    room.pull("Remote")?;
    Ok(String::new())
}

fn a_killed_process(room: &mut Room) -> Result<String, String> {
    let mut twin = room.start(Stand::Level)?;
    let start = room.start_took;
    room.plug("Remote")?;
    room.digits("Remote", &NUMBER, &mut twin)?;
    room.ok("Remote")?;
    room.see_waiting(&twin)?;
    let killed = uptime();
    room.machine.say(&Say::Kill)?;
    let back = room.see_rest()? - killed;
    room.hear_of("Cancelled")?;
    if !room.phone()?.is_empty() {
        return Err("the request is still on the phone".into());
    }
    is_soon(room, back, Duration::ZERO)?;
    // And it hears the remote.
    let mut twin = Twin::new();
    room.digits("Remote", &NUMBER[..2], &mut twin)?;
    room.see("two digits", &twin.view())?;
    room.pull("Remote")?;
    let (back, start) = (back.as_secs_f64(), start.as_secs_f64());
    Ok(format!("back after {back:.2} s, where a start takes {start:.2} s"))
}

/// Whether the kiosk was back soon enough, beside the patience that the service manager had.
fn is_soon(room: &mut Room, back: Duration, patience: Duration) -> Result<(), String> {
    // An emulator on a busy machine may be slower than any device: then its own start is the measure.
    let most = |start: Duration| patience + BACK_AFTER.max(restarts_after() + 2 * start);
    let start = room.start_took;
    if back > most(start) {
        // And it may have become busier since.
        room.start(Stand::Level)?;
        if back > most(start.max(room.start_took)) {
            return Err(format!(
                "the kiosk was back after {back:.2?}; a start takes {:.2?}",
                room.start_took
            ));
        }
    }
    Ok(())
}

fn a_process_that_hangs(room: &mut Room) -> Result<String, String> {
    let mut twin = room.start(Stand::Level)?;
    room.plug("Remote")?;
    room.hear_told("WATCHDOG=1")?;
    room.digits("Remote", &NUMBER, &mut twin)?;
    room.ok("Remote")?;
    room.see_waiting(&twin)?;
    room.machine.say(&Say::Freeze)?;
    let frozen = uptime();
    room.hear_of("Cancelled")?;
    let back = room.see_rest()? - frozen;
    is_soon(room, back, patience())?;
    room.pull("Remote")?;
    Ok(format!("back after {:.1} s", back.as_secs_f64()))
}

fn a_process_that_hangs_at_rest(room: &mut Room) -> Result<String, String> {
    room.start(Stand::Level)?;
    room.plug("Remote")?;
    room.hear_told("READY=1")?;
    room.machine.say(&Say::Freeze)?;
    let frozen = uptime();
    // The one that hangs stays on the display, so only the manager knows when there is another.
    room.hear_told("READY=1")?;
    let back = uptime() - frozen;
    is_soon(room, back, 2 * patience())?;
    let mut twin = Twin::new();
    room.digits("Remote", &NUMBER[..2], &mut twin)?;
    room.see("two digits", &twin.view())?;
    room.pull("Remote")?;
    Ok(format!("back after {:.1} s", back.as_secs_f64()))
}

fn a_display_unplugged(room: &mut Room) -> Result<String, String> {
    let mut twin = room.start(Stand::Level)?;
    room.plug("Remote")?;
    room.hear_told("READY=1")?;
    room.digits("Remote", &NUMBER, &mut twin)?;
    room.ok("Remote")?;
    room.see_waiting(&twin)?;
    room.machine.say(&Say::Display { plugged: false })?;
    let pulled = uptime();
    room.hear_of("Cancelled")?;
    let cancelled = (uptime() - pulled).as_secs_f64();
    room.hear_told("STATUS=No display is connected to Virtual-1. Plug one in, or switch it on.")?;
    room.machine.say(&Say::Display { plugged: true })?;
    let plugged = uptime();
    let back = (room.see_rest()? - plugged).as_secs_f64();
    let mut twin = Twin::new();
    room.digits("Remote", &NUMBER[..2], &mut twin)?;
    room.see("two digits", &twin.view())?;
    room.pull("Remote")?;
    Ok(format!("cancelled after {cancelled:.1} s, back {back:.1} s after the plug"))
}

fn another_host(room: &mut Room) -> Result<String, String> {
    let mut twin = room.start(Stand::Level)?;
    room.plug("Remote")?;
    room.hear_told("READY=1")?;
    room.machine.say(&Say::Abandon)?;
    let gone = uptime();
    room.hear_told("READY=1")?;
    let back = uptime() - gone;
    is_soon(room, back, Duration::ZERO)?;
    log_in(room, "Remote", &mut twin)?;
    room.hear_result("approved")?;
    room.pull("Remote")?;
    Ok(format!("the next kiosk was there after {:.1} s, and its result came", back.as_secs_f64()))
}

fn a_deaf_host(room: &mut Room) -> Result<String, String> {
    let mut twin = room.start(Stand::Level)?;
    room.plug("Remote")?;
    room.hear_told("READY=1")?;
    room.machine.say(&Say::Deafen)?;
    log_in(room, "Remote", &mut twin)?;
    let approved = uptime();
    room.hear_told("READY=1")?;
    let back = uptime() - approved;
    log_in(room, "Remote", &mut Twin::new())?;
    room.hear_result("approved")?;
    room.pull("Remote")?;
    Ok(format!("the next kiosk was there {:.1} s after the approval", back.as_secs_f64()))
}

fn an_early_end(room: &mut Room) -> Result<String, String> {
    room.start(Stand::Level)?;
    let start = room.start_took;
    room.machine.say(&Say::Dismiss)?;
    let mut longest = Duration::ZERO;
    for moment in 0..=MOMENTS {
        let after = moment * start / MOMENTS;
        room.machine.say(&Say::Keep { settings: "[kiosk]\n".into() })?;
        std::thread::sleep(after);
        let told = uptime();
        room.machine.say(&Say::Dismiss)?;
        let took = uptime() - told;
        if took > ENDS_WITHIN + 2 * start {
            return Err(format!("told to end {after:.2?} after its start, it took {took:.1?}"));
        }
        longest = longest.max(took);
    }
    Ok(format!("ended after {:.2} s at most", longest.as_secs_f64()))
}

fn what_is_missing(room: &mut Room) -> Result<String, String> {
    room.start(Stand::Level)?;
    room.plug("Remote")?;
    room.obstruct(Obstacle::Another, "Another program draws on the display (/dev/dri/card0)")?;
    room.machine.say(&Say::Dismiss)?;
    let group = |group: &str| format!("Let the user of this program into the group {group}");
    room.obstruct(Obstacle::Card, "The display cannot be opened: permission denied (/dev/dri/card0)")
        .and_then(|said| expect(&said, &group("video")))?;
    room.obstruct(Obstacle::Remotes, "No remote control can be read: /dev/input/event")
        .and_then(|said| expect(&said, &group("input")))?;
    room.obstruct(Obstacle::NoCard, "There is no display: the kernel shows no graphics card in /dev/dri")?;
    room.pull("Remote")?;
    Ok("the card is taken, the card and the remotes are forbidden, there is no card".to_owned())
}

fn expect(said: &str, words: &str) -> Result<(), String> {
    if said.contains(words) { Ok(()) } else { Err(format!("{words:?} is not in {said:?}")) }
}

fn no_network(room: &mut Room) -> Result<String, String> {
    room.machine.say(&Say::Network { up: false })?;
    let mut twin = room.start(Stand::Level)?;
    room.plug("Remote")?;
    room.digits("Remote", &NUMBER, &mut twin)?;
    room.ok("Remote")?;
    let page = Page::Unavailable { reason: Reason::Network, error: String::new() };
    room.see("no connection", &twin.with(page))?;
    room.machine.say(&Say::Network { up: true })?;
    // The next OK is not the one that asked.
    std::thread::sleep(Duration::from_secs(1));
    room.ok("Remote")?;
    let mut twin = Twin::woken();
    room.see("the woken screen", &twin.view())?;
    log_in(room, "Remote", &mut twin)?;
    room.pull("Remote")?;
    Ok(String::new())
}
