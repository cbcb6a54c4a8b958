//! How soon a kiosk begins again that did not live long. The first times it begins at once, for the sake of whoever
//! stands before it; then it rests longer each time, for ever, where the service manager itself knows no growing delay.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ticket::Place;

/// Who lived so long was well.
const WELL_AFTER: Duration = Duration::from_secs(60);
/// The longest rest.
const LONGEST: Duration = Duration::from_secs(60);
/// So many starts in a row do not rest.
const AT_ONCE: u32 = 3;

const FILE: &str = "flexlogin-kiosk-starts";

/// The starts in a row of which none lived for a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    starts: u32,
    /// When the last one began, since the machine was started.
    at: Duration,
    process: u32,
}

/// The file that counts the starts, where there is a folder for it that is gone with the machine's memory.
#[derive(Debug)]
pub(super) struct Starts(Option<PathBuf>);

impl Starts {
    pub(super) fn within(place: &Place) -> Starts {
        match place {
            Place::Folder(folder) => Starts(Some(folder.join(FILE))),
            Place::Missing | Place::Unknown => Starts(None),
        }
    }

    /// Counts this start, and gives how long it has to rest.
    pub(super) fn count(&self, now: Duration, process: u32) -> Duration {
        let Some(path) = &self.0 else { return Duration::ZERO };
        let before = read(path);
        let Some(row) = next(before, now, process) else { return Duration::ZERO };
        let rest = rest(row.starts);
        let row = Row { at: now + rest, ..row };
        // Without it the next start does not rest, and nothing else is lost.
        let _ = fs::write(path, format!("{} {} {}\n", row.starts, row.at.as_millis(), row.process));
        rest
    }

    /// It ended because it was told to.
    pub(super) fn forget(&self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// `None` for a process that is counted already: it began anew as itself.
fn next(before: Option<Row>, now: Duration, process: u32) -> Option<Row> {
    let starts = match before {
        Some(before) if before.process == process => return None,
        Some(before) if now.saturating_sub(before.at) < WELL_AFTER => before.starts.saturating_add(1),
        _ => 1,
    };
    Some(Row { starts, at: now, process })
}

fn rest(starts: u32) -> Duration {
    match starts.saturating_sub(AT_ONCE) {
        0 => Duration::ZERO,
        more => Duration::from_secs(1 << (more - 1).min(6)).min(LONGEST),
    }
}

fn read(path: &Path) -> Option<Row> {
    let text = fs::read_to_string(path).ok()?;
    let mut numbers = text.split_whitespace();
    let starts = numbers.next()?.parse().ok()?;
    let at = Duration::from_millis(numbers.next()?.parse().ok()?);
    Some(Row { starts, at, process: numbers.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn row_61_three_starts_in_a_row_are_at_once_and_then_each_rests_longer_up_to_a_minute_for_ever() {
        let rests: Vec<u64> = (0..12).map(|starts| rest(starts).as_secs()).collect();
        assert_eq!(rests, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(rest(u32::MAX), secs(60));
    }

    #[test]
    fn row_61_of_the_second_and_a_half_that_a_crash_may_take_the_service_manager_takes_a_tenth() {
        let unit = include_str!("../../../cross/package/flexlogin.service");
        assert!(unit.lines().any(|line| line == "RestartSec=100ms"));
    }

    #[test]
    fn a_start_that_lived_for_a_minute_ends_the_row() {
        let folder = tempfile::tempdir().unwrap();
        let starts = Starts::within(&Place::Folder(folder.path().into()));
        let mut now = secs(100);
        let mut rests = Vec::new();
        for process in 1..7 {
            let rest = starts.count(now, process);
            // The program begins anew as itself.
            assert_eq!(starts.count(now, process), Duration::ZERO);
            rests.push(rest.as_secs());
            now += rest + secs(59);
        }
        assert_eq!(rests, [0, 0, 0, 1, 2, 4]);
        assert_eq!(starts.count(now + secs(1), 7), Duration::ZERO);
        assert_eq!(read(&folder.path().join(FILE)).unwrap().starts, 1);
    }

    #[test]
    fn a_start_that_was_told_to_end_is_not_counted() {
        let folder = tempfile::tempdir().unwrap();
        let starts = Starts::within(&Place::Folder(folder.path().into()));
        for process in 1..9 {
            assert_eq!(starts.count(secs(1), process), Duration::ZERO);
            starts.forget();
        }
    }

    #[test]
    fn without_a_folder_or_with_a_file_that_is_none_of_ours_nothing_rests() {
        assert_eq!(Starts::within(&Place::Missing).count(secs(1), 1), Duration::ZERO);
        let folder = tempfile::tempdir().unwrap();
        let starts = Starts::within(&Place::Folder(folder.path().into()));
        for text in ["", "x", "1", "1 2", "-1 2 3", "99999999999 1 1"] {
            fs::write(folder.path().join(FILE), text).unwrap();
            assert_eq!(starts.count(secs(1), 1), Duration::ZERO, "{text}");
        }
    }
}
