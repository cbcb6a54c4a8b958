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
/// The poll may be so late, and the last second with it, so that both wake the kiosk once.
const POLLED_AFTER_S: f64 = INTERVAL_S as f64 + 0.25;
/// How often a second the kiosk may be woken.
const WOKEN_AT_REST: f64 = 0.1;
const WOKEN_WAITING: f64 = 1.3;
/// The watchdog is fed this often.
const BEAT_S: u64 = 15;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    size: (u32, u32),
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
    let resting = count(room, RESTING_S, |of| rate(of.thread_wake_ups, of) <= WOKEN_AT_REST)?;
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
    let waiting = count(room, WAITING_S, |of| rate(of.wake_ups, of) <= WOKEN_WAITING)?;
    let weight_later = weigh(room)?;
    room.machine.say(&Say::Dismiss)?;
    Ok(Figures { size: room.size, start, weight, resting, stroke_ms, weight_later, waiting })
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

/// A busy machine is late, and what is late comes alone where it would have come with something else: so what is not
/// `calm` is counted once more, and then it counts.
fn count(room: &mut Room, seconds: u64, calm: impl Fn(&Count) -> bool) -> Result<Count, String> {
    let mut ask = || match room.machine.ask(&Say::Count { seconds })? {
        Hear::Counted(count) => Ok(count),
        other => Err(format!("no count came, but {other:?}")),
    };
    let count = ask()?;
    if calm(&count) { Ok(count) } else { ask() }
}

struct Row {
    name: &'static str,
    figure: fn(&Figures) -> f64,
    places: usize,
    /// What it cannot be less than, at a size.
    floor: Option<fn((u32, u32)) -> f64>,
    target: Option<f64>,
}

const ROWS: [Row; 11] = [
    row("start → first picture, ms", |of| of.start.as_secs_f64() * 1000.0, 0),
    row("key → picture, ms", |of| of.stroke_ms, 0),
    row("PSS after the start, MiB", |of| mib(of.weight.pss_kib), 1).at_most(32.0),
    row("PSS while waiting, MiB", |of| mib(of.weight_later.pss_kib), 1).at_most(32.0),
    // One is shown while the other is drawn.
    row("pictures beside it, MiB", |of| mib(of.weight_later.pictures_kib), 1)
        .at_least(|(width, height)| 2.0 * f64::from(4 * width * height) / f64::from(1 << 20)),
    // It moves once while it is watched.
    row("redraws a minute, at rest", |of| 60.0 * rate(of.resting.frames, &of.resting), 1)
        .at_least(|_| 60.0 / RESTING_S as f64)
        .at_most(2.0),
    row("wake-ups a second, at rest", |of| rate(of.resting.thread_wake_ups, &of.resting), 2)
        .at_least(|_| (RESTING_S / BEAT_S) as f64 / RESTING_S as f64)
        .at_most(WOKEN_AT_REST),
    row("redraws a second, waiting", |of| rate(of.waiting.frames, &of.waiting), 2)
        .at_least(|_| INTERVAL_S as f64 / POLLED_AFTER_S)
        .at_most(1.3),
    // For each of them; an answer may come before the thread that waits for it has gone to sleep.
    row("wake-ups a second, waiting", |of| rate(of.waiting.wake_ups, &of.waiting), 2)
        .at_least(|_| INTERVAL_S as f64 / POLLED_AFTER_S)
        .at_most(WOKEN_WAITING),
    row("… of all threads, waiting", |of| rate(of.waiting.thread_wake_ups, &of.waiting), 2),
    row("processor while waiting, %", |of| rate(of.waiting.cpu_ms, &of.waiting) / 10.0, 1),
];

const fn row(name: &'static str, figure: fn(&Figures) -> f64, places: usize) -> Row {
    Row { name, figure, places, floor: None, target: None }
}

impl Row {
    const fn at_least(self, floor: fn((u32, u32)) -> f64) -> Row {
        Row { floor: Some(floor), ..self }
    }

    const fn at_most(self, target: f64) -> Row {
        Row { target: Some(target), ..self }
    }
}

/// One line for each figure, at both sizes and each beside its floor, and whether all targets are met.
pub(crate) fn table(small: &Figures, large: &Figures) -> (String, bool) {
    let sizes = [small, large].map(|of| format!("{}×{}", of.size.0, of.size.1));
    let mut table = line(["in the emulated machine", &sizes[0], "floor", &sizes[1], "floor", "target", ""]);
    let mut all_met = true;
    for row in &ROWS {
        let places = row.places;
        let written = |value: f64| format!("{value:.places$}");
        let [(small, small_floor), (large, large_floor)] = [small, large]
            .map(|of| ((row.figure)(of), row.floor.map_or(String::new(), |floor| written(floor(of.size)))));
        let is_met = row.target.is_none_or(|target| small.max(large) <= target);
        all_met &= is_met;
        let verdict = if row.target.is_none() {
            ""
        } else if is_met {
            "met"
        } else {
            "MISSED"
        };
        let target = row.target.map_or(String::new(), |target| format!("≤ {target}"));
        let (small, large) = (written(small), written(large));
        table += &line([row.name, &small, &small_floor, &large, &large_floor, &target, verdict]);
    }
    (table, all_met)
}

fn line(cells: [&str; 7]) -> String {
    let [name, small, small_floor, large, large_floor, target, verdict] = cells;
    format!(
        "{name:26} | {small:>9} | {small_floor:>5} | {large:>9} | {large_floor:>5} | {target:>6} | {verdict}\n"
    )
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

fn rate(count: u64, of: &Count) -> f64 {
    count as f64 / of.seconds
}
