//! The table `[kiosk]`, as far as it says how a screen rests and which hours it keeps.

use std::path::PathBuf;
use std::time::Duration;

use super::document::Section;
use super::problems::Told;
use crate::flow::{Hours, Kiosk, Standby};

/// Shorter, and nobody can read the page; longer, and the next person finds the last one's.
const IDLE_AFTER_S: std::ops::RangeInclusive<u64> = 20..=3600;

/// The first adapter, and mostly the only one.
const CEC: &str = "/dev/cec0";

/// `None` for a screen that somebody opens and closes.
pub(super) fn read(kiosk: Option<&Section<'_>>) -> Result<Option<Kiosk>, Told> {
    let Some(kiosk) = kiosk else { return Ok(None) };
    let usual = Kiosk::default();
    let idle_after = idle_after(kiosk);
    let open = hours(kiosk, "open");
    let night = hours(kiosk, "night");
    let standby = standby(kiosk);
    Ok(Some(Kiosk {
        idle_after: idle_after?.unwrap_or(usual.idle_after),
        open: open?,
        night: night?,
        standby: standby?,
    }))
}

/// The adapter that the display is told by.
pub(super) fn cec(kiosk: Option<&Section<'_>>) -> Result<PathBuf, Told> {
    let found = kiosk.map_or(Ok(None), |kiosk| kiosk.text("cec"))?;
    Ok(found.map_or(CEC, |found| found.value).into())
}

fn standby(kiosk: &Section<'_>) -> Result<Option<Standby>, Told> {
    let Some(found) = kiosk.text("standby")? else { return Ok(None) };
    let (standby, needed) = match found.value {
        "idle" => (Standby::Idle, None),
        "night" => (Standby::Night, Some("night")),
        "closed" => (Standby::Closed, Some("open")),
        _ => {
            let sentence = "must be \"idle\", \"night\" or \"closed\".";
            return Err(kiosk.tell(found.line, "standby", sentence));
        }
    };
    match needed.filter(|needed| !kiosk.has(needed)) {
        None => Ok(Some(standby)),
        Some(needed) => Err(kiosk.tell(
            found.line,
            "standby",
            format!("needs kiosk.{needed}. Add it, or write \"idle\"."),
        )),
    }
}

fn idle_after(kiosk: &Section<'_>) -> Result<Option<Duration>, Told> {
    let remedy = format!("It counts seconds, from {} to {}.", IDLE_AFTER_S.start(), IDLE_AFTER_S.end());
    let Some(found) = kiosk.number("idle_after_s", &remedy)? else { return Ok(None) };
    if !IDLE_AFTER_S.contains(&found.value) {
        return Err(kiosk.tell(found.line, "idle_after_s", format!("is out of bounds. {remedy}")));
    }
    Ok(Some(Duration::from_secs(found.value)))
}

fn hours(kiosk: &Section<'_>, key: &'static str) -> Result<Option<Hours>, Told> {
    let Some(found) = kiosk.text(key)? else { return Ok(None) };
    Hours::parse(found.value).map(Some).map_err(|bad| kiosk.tell(found.line, key, bad.0))
}
