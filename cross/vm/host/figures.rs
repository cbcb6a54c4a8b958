//! Figures of the kiosk in the machine. They are those of an emulator: for regressions, not for a real board.

use std::time::Duration;

use flexlogin::flow::Key;

use crate::picture::Stand;
use crate::room::{KEY_NUMERIC_0, NUMBER, Room};
use crate::words::{Count, Hear, Say, Weight};

/// The picture of a resting screen moves once in it, or twice.
const RESTING_S: u64 = 65;
/// Four polls.
const WAITING_S: u64 = 21;
/// What a broker has that says nothing of it.
const INTERVAL_S: u64 = 5;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    start: Duration,
    weight: Weight,
    resting: Count,
    /// The median of a number's digits but the first.
    stroke_ms: f64,
    weight_later: Weight,
    waiting: Count,
}

pub(crate) fn take(room: &mut Room) -> Result<Figures, String> {
    room.machine.say(&Say::Dismiss)?;
    room.machine.say(&Say::Broker { interval_s: INTERVAL_S })?;
    let mut twin = room.start(Stand::Level)?;
    let start = room.start_took;
    room.plug("Remote")?;
    let weight = weigh(room)?;
    let resting = count(room, RESTING_S)?;
    if resting.frames == 0 {
        return Err("the picture of a kiosk that nobody has touched does not move".into());
    }
    let (first, others) = NUMBER.split_at(1);
    room.digits("Remote", first, &mut twin)?;
    let mut strokes = Vec::new();
    for digit in others {
        strokes.push(stroke(room, *digit)?);
        twin.press(Key::Digit(*digit));
    }
    strokes.sort_by(f64::total_cmp);
    let stroke_ms = strokes[strokes.len() / 2];
    room.ok("Remote")?;
    room.see_waiting(&twin)?;
    let waiting = count(room, WAITING_S)?;
    let weight_later = weigh(room)?;
    room.machine.say(&Say::Dismiss)?;
    Ok(Figures { start, weight, resting, stroke_ms, weight_later, waiting })
}

fn weigh(room: &mut Room) -> Result<Weight, String> {
    match room.machine.ask(&Say::Weigh)? {
        Hear::Weighed(weight) => Ok(weight),
        other => Err(format!("no weight came, but {other:?}")),
    }
}

fn stroke(room: &mut Room, digit: u8) -> Result<f64, String> {
    match room.machine.ask(&Say::Stroke { name: "Remote".into(), key: KEY_NUMERIC_0 + u16::from(digit) })? {
        Hear::Drawn { ms } => Ok(ms),
        other => Err(format!("no picture came, but {other:?}")),
    }
}

fn count(room: &mut Room, seconds: u64) -> Result<Count, String> {
    match room.machine.ask(&Say::Count { seconds })? {
        Hear::Counted(count) => Ok(count),
        other => Err(format!("no count came, but {other:?}")),
    }
}

/// One line for each figure, at both sizes, and whether all targets are met.
pub(crate) fn table(small: &Figures, large: &Figures) -> (String, bool) {
    type Row = (&'static str, fn(&Figures) -> f64, usize, Option<f64>);
    const ROWS: [Row; 10] = [
        ("start → first picture, ms", |of| of.start.as_secs_f64() * 1000.0, 0, None),
        ("key → picture, ms", |of| of.stroke_ms, 0, None),
        ("PSS after the start, MiB", |of| mib(of.weight.pss_kib), 1, Some(32.0)),
        ("PSS while waiting, MiB", |of| mib(of.weight_later.pss_kib), 1, Some(32.0)),
        ("redraws a minute, at rest", |of| 60.0 * rate(of.resting.frames, &of.resting), 1, Some(2.0)),
        ("wake-ups a second, at rest", |of| rate(of.resting.thread_wake_ups, &of.resting), 2, Some(0.1)),
        ("redraws a second, waiting", |of| rate(of.waiting.frames, &of.waiting), 2, Some(1.3)),
        ("wake-ups a second, waiting", |of| rate(of.waiting.wake_ups, &of.waiting), 2, Some(1.3)),
        ("… of all threads, waiting", |of| rate(of.waiting.thread_wake_ups, &of.waiting), 2, None),
        ("processor while waiting, %", |of| rate(of.waiting.cpu_ms, &of.waiting) / 10.0, 1, None),
    ];
    let mut table = line("in the emulated machine", "1280×720", "1920×1080", "target", "");
    let mut all_met = true;
    for (name, figure, places, target) in ROWS {
        let (small, large) = (figure(small), figure(large));
        let is_met = target.is_none_or(|target| small.max(large) <= target);
        all_met &= is_met;
        let verdict = if target.is_none() {
            ""
        } else if is_met {
            "met"
        } else {
            "MISSED"
        };
        let target = target.map_or(String::new(), |target| format!("≤ {target}"));
        let written = |value: f64| format!("{value:.places$}");
        table += &line(name, &written(small), &written(large), &target, verdict);
    }
    (table, all_met)
}

fn line(name: &str, small: &str, large: &str, target: &str, verdict: &str) -> String {
    format!("{name:32} | {small:>9} | {large:>9} | {target:>6} | {verdict}\n")
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

fn rate(count: u64, of: &Count) -> f64 {
    count as f64 / of.seconds
}
