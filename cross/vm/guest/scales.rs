//! What the kiosk weighs and how often it moves, by the kernel's own books.

use std::fs;
use std::time::Duration;

use flexlogin::clock::uptime;

use crate::words::{Count, Weight};

const TRACING: &str = "/sys/kernel/tracing";
const FRAMEBUFFERS: &str = "/sys/kernel/debug/dri/0/framebuffer";
/// VIRTIO_GPU_CMD_RESOURCE_FLUSH: the display is to show what was drawn.
const FLUSH: &str = "type=0x104";
const WAKING: &str = " sched_waking: ";
/// What was typed is hidden by then.
const SETTLED: Duration = Duration::from_millis(800);
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(50);

pub(crate) fn weigh(process: u32) -> Result<Weight, String> {
    let rollup = read(&format!("/proc/{process}/smaps_rollup"))?;
    let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    let pss_kib = pss.and_then(|rest| rest.trim_end_matches("kB").trim().parse().ok()).ok_or("no Pss")?;
    let pictures_kib = pictures(process)? / 1024;
    Ok(Weight { pss_kib, pictures_kib })
}

/// In bytes, what the display may show of those that a thread of this name has made. Each of them is told in a paragraph,
/// whose lines `size=…` with one number are its memory; the others say how wide and high it is.
fn pictures(process: u32) -> Result<u64, String> {
    let maker = read(&format!("/proc/{process}/comm"))?;
    let told = read(FRAMEBUFFERS)?;
    let ours = told.split("framebuffer[").filter(|one| {
        one.lines().any(|line| line.trim().strip_prefix("allocated by = ") == Some(maker.trim()))
    });
    let sizes =
        ours.flat_map(str::lines).filter_map(|line| line.trim().strip_prefix("size=")?.parse::<u64>().ok());
    match sizes.sum() {
        0 => Err(format!("{FRAMEBUFFERS} tells of nothing that {} has made", maker.trim())),
        bytes => Ok(bytes),
    }
}

/// How long it takes until the display is sent what a key has changed.
pub(crate) fn stroke(press: impl FnOnce() -> Result<(), String>) -> Result<Duration, String> {
    std::thread::sleep(SETTLED);
    watch(&[])?;
    let pressed = uptime();
    press()?;
    while uptime() - pressed < PATIENCE {
        std::thread::sleep(LOOK);
        let trace = read(&format!("{TRACING}/trace"))?;
        let drawn = lines(&trace, FLUSH).filter_map(at).find(|at| *at > pressed);
        if let Some(drawn) = drawn {
            write("tracing_on", "0")?;
            return Ok(drawn - pressed);
        }
    }
    Err("a key has changed nothing".into())
}

/// When it happened, since the machine was started.
fn at(line: &str) -> Option<Duration> {
    let seconds = line.split_whitespace().find_map(|word| word.strip_suffix(':')?.parse().ok())?;
    Some(Duration::from_secs_f64(seconds))
}

pub(crate) fn count(process: u32, time: Duration) -> Result<Count, String> {
    let threads = threads(process)?;
    watch(&threads)?;
    let (began, slept, worked) = (uptime(), sleeps(process)?, cpu(process)?);
    std::thread::sleep(time);
    let (thread_wake_ups, cpu_ms) = (sleeps(process)? - slept, cpu(process)? - worked);
    let seconds = (uptime() - began).as_secs_f64();
    write("tracing_on", "0")?;
    let trace = read(&format!("{TRACING}/trace"))?;
    let frames = lines(&trace, FLUSH).count() as u64;
    let wake_ups = lines(&trace, WAKING).filter(|line| !wakes_itself(line, &threads)).count() as u64;
    Ok(Count { seconds, wake_ups, thread_wake_ups, frames, cpu_ms })
}

/// The kiosk's threads do not end, and none begins while nobody does anything.
fn threads(process: u32) -> Result<Vec<u32>, String> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).map_err(|error| error.to_string())?;
    Ok(tasks.flatten().filter_map(|task| task.file_name().to_str()?.parse().ok()).collect())
}

fn sleeps(process: u32) -> Result<u64, String> {
    let sleeps = threads(process)?.into_iter().map(|thread| {
        let status = read(&format!("/proc/{process}/task/{thread}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.and_then(|rest| rest.trim().parse::<u64>().ok()).ok_or_else(|| "no switches".to_owned())
    });
    sleeps.sum()
}

/// In milliseconds, of all its threads.
fn cpu(process: u32) -> Result<u64, String> {
    let stat = read(&format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    // A tick is 10 ms on every Linux that shows them here.
    Ok(10 * (ticks(11).ok_or("no utime")? + ticks(12).ok_or("no stime")?))
}

/// Writes down from now on when a picture is sent to the display, and when one of these threads is woken.
fn watch(threads: &[u32]) -> Result<(), String> {
    let are_ours: Vec<String> = threads.iter().map(|thread| format!("pid == {thread}")).collect();
    write("tracing_on", "0")?;
    write("trace_clock", "boot")?;
    write("trace", "")?;
    write("events/virtio_gpu/virtio_gpu_cmd_queue/enable", "1")?;
    if threads.is_empty() {
        write("events/sched/sched_waking/enable", "0")?;
    } else {
        write("events/sched/sched_waking/filter", &are_ours.join(" || "))?;
        write("events/sched/sched_waking/enable", "1")?;
    }
    write("tracing_on", "1")
}

/// The lines of a trace in which this stands: `name-thread [processor] flags seconds: event: …`.
fn lines<'a>(trace: &'a str, what: &str) -> impl Iterator<Item = &'a str> {
    trace.lines().filter(move |line| !line.starts_with('#') && line.contains(what))
}

/// Whether one thread of the kiosk wakes another: then a processor was awake for it already. An interrupt (`h`, `H` or
/// `s` in the flags) comes from outside, whomever it meets.
fn wakes_itself(line: &str, threads: &[u32]) -> bool {
    let Some((waker, rest)) = line.split_once(" [") else { return false };
    let thread = waker.rsplit('-').next().and_then(|number| number.trim().parse().ok());
    let flags = rest.split_whitespace().nth(1).unwrap_or_default();
    thread.is_some_and(|thread| threads.contains(&thread)) && !flags.contains(['h', 'H', 's'])
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}

fn write(file: &str, text: &str) -> Result<(), String> {
    fs::write(format!("{TRACING}/{file}"), text).map_err(|error| format!("{TRACING}/{file}: {error}"))
}
