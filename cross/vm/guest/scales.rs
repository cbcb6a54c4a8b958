//! What the kiosk weighs and how often it moves, by the kernel's own books.

use std::fs;
use std::time::Duration;

use flexlogin::clock::uptime;

use crate::words::{Count, Weight};

const TRACING: &str = "/sys/kernel/tracing";
/// VIRTIO_GPU_CMD_RESOURCE_FLUSH: the display is to show what was drawn.
const FLUSH: &str = "type=0x104";

pub(crate) fn weigh(process: u32) -> Result<Weight, String> {
    let rollup = read(&format!("/proc/{process}/smaps_rollup"))?;
    let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    let pss_kib = pss.and_then(|rest| rest.trim_end_matches("kB").trim().parse().ok()).ok_or("no Pss")?;
    Ok(Weight { pss_kib })
}

pub(crate) fn count(process: u32, time: Duration) -> Result<Count, String> {
    watch()?;
    let (began, slept, worked) = (uptime(), sleeps(process)?, cpu(process)?);
    std::thread::sleep(time);
    let (wake_ups, cpu_ms) = (sleeps(process)? - slept, cpu(process)? - worked);
    let seconds = (uptime() - began).as_secs_f64();
    Ok(Count { seconds, wake_ups, frames: frames()?.len() as u64, cpu_ms })
}

/// How often its threads slept; one that has ended is not counted, and the kiosk's do not end.
fn sleeps(process: u32) -> Result<u64, String> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).map_err(|error| error.to_string())?;
    let mut sleeps = 0;
    for task in tasks.flatten() {
        let status = read(&task.path().join("status").to_string_lossy())?;
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        sleeps += line.and_then(|rest| rest.trim().parse::<u64>().ok()).ok_or("no switches")?;
    }
    Ok(sleeps)
}

/// In milliseconds, of all its threads.
fn cpu(process: u32) -> Result<u64, String> {
    let stat = read(&format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    // A tick is 10 ms on every Linux that shows them here.
    Ok(10 * (ticks(11).ok_or("no utime")? + ticks(12).ok_or("no stime")?))
}

/// Writes down from now on when a picture is sent to the display.
fn watch() -> Result<(), String> {
    write("tracing_on", "0")?;
    write("trace_clock", "boot")?;
    write("trace", "")?;
    write("events/virtio_gpu/virtio_gpu_cmd_queue/enable", "1")?;
    write("tracing_on", "1")
}

/// When pictures were sent to the display, in seconds of the machine's uptime.
fn frames() -> Result<Vec<f64>, String> {
    Ok(times(&read(&format!("{TRACING}/trace"))?, FLUSH))
}

/// Of the lines of a trace in which this stands: `task-pid [cpu] flags SECONDS: event: …`.
fn times(trace: &str, what: &str) -> Vec<f64> {
    let lines = trace.lines().filter(|line| line.contains(what));
    lines
        .filter_map(|line| line.split_whitespace().find_map(|word| word.strip_suffix(':')?.parse().ok()))
        .collect()
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}

fn write(file: &str, text: &str) -> Result<(), String> {
    fs::write(format!("{TRACING}/{file}"), text).map_err(|error| format!("{TRACING}/{file}: {error}"))
}
