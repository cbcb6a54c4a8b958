//! How soon a kiosk begins again that did not live long. The first times it begins at once, for the sake of whoever
//! stands before it; then it rests longer each time, for ever, where the service manager itself knows no growing delay.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, fstat, openat, unlinkat};

use crate::ticket::{Place, usable};

/// Who lived so long was well.
const WELL_AFTER: Duration = Duration::from_secs(60);
/// The longest rest.
const LONGEST: Duration = Duration::from_secs(60);
/// So many starts in a row do not rest.
const AT_ONCE: u32 = 3;

const FILE: &str = "flexlogin-kiosk-starts";
/// No two numbers need more bytes.
const ROOM: u64 = 64;

/// The starts in a row of which none lived for a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    starts: u32,
    /// When the last one began, since the machine was started.
    at: Duration,
}

/// The folder of the file that counts the starts: gone with the machine's memory, and nobody else's to write to.
#[derive(Debug)]
pub(super) struct Starts(Option<OwnedFd>);

impl Starts {
    pub(super) fn within(place: &Place) -> Starts {
        match place {
            // Who keeps tickets there tells the operator of a folder that cannot be used.
            Place::Folder(folder) => Starts(usable(folder).ok()),
            Place::Missing | Place::Unknown => Starts(None),
        }
    }

    /// Counts this start, and gives how long it has to rest.
    pub(super) fn count(&self, now: Duration) -> Duration {
        let Some(folder) = &self.0 else { return Duration::ZERO };
        let starts = match read(folder) {
            Some(before) if now.saturating_sub(before.at) < WELL_AFTER => before.starts.saturating_add(1),
            _ => 1,
        };
        let rest = rest(starts);
        // Without it the next start does not rest, and nothing else is lost.
        let _ = write(folder, Row { starts, at: now + rest });
        rest
    }

    /// It ended because it was told to.
    pub(super) fn forget(&self) {
        if let Some(folder) = &self.0 {
            let _ = unlinkat(folder, FILE, AtFlags::empty());
        }
    }
}

fn rest(starts: u32) -> Duration {
    match starts.saturating_sub(AT_ONCE) {
        0 => Duration::ZERO,
        more => Duration::from_secs(1 << (more - 1).min(6)).min(LONGEST),
    }
}

fn read(folder: &OwnedFd) -> Option<Row> {
    let mut text = String::new();
    open(folder, OFlags::RDONLY).ok()?.take(ROOM).read_to_string(&mut text).ok()?;
    let mut numbers = text.split_whitespace();
    let starts = numbers.next()?.parse().ok()?;
    Some(Row { starts, at: Duration::from_millis(numbers.next()?.parse().ok()?) })
}

fn write(folder: &OwnedFd, row: Row) -> io::Result<()> {
    let mut file = open(folder, OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC)?;
    file.write_all(format!("{} {}\n", row.starts, row.at.as_millis()).as_bytes())
}

/// Led elsewhere by no link, and held up by no pipe.
fn open(folder: &OwnedFd, flags: OFlags) -> io::Result<File> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(folder, FILE, flags, Mode::RUSR | Mode::WUSR)?);
    let is_plain = FileType::from_raw_mode(fstat(&file)?.st_mode) == FileType::RegularFile;
    is_plain.then_some(file).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

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

    /// A folder in memory, as a service manager gives it.
    fn runtime() -> (tempfile::TempDir, Starts) {
        let folder = tempfile::tempdir_in("/dev/shm").unwrap();
        let starts = Starts::within(&Place::Folder(folder.path().into()));
        (folder, starts)
    }

    #[test]
    fn row_61_a_start_that_lived_for_a_minute_ends_the_row() {
        let (folder, starts) = runtime();
        let mut now = secs(100);
        let mut rests = Vec::new();
        for _ in 1..7 {
            let rest = starts.count(now);
            rests.push(rest.as_secs());
            now += rest + secs(59);
        }
        assert_eq!(rests, [0, 0, 0, 1, 2, 4]);
        assert_eq!(starts.count(now + secs(1)), Duration::ZERO);
        let written = fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(written.starts_with("1 "), "{written}");
    }

    #[test]
    fn a_start_that_was_told_to_end_is_not_counted() {
        let (_folder, starts) = runtime();
        for _ in 1..9 {
            assert_eq!(starts.count(secs(1)), Duration::ZERO);
            starts.forget();
        }
    }

    #[test]
    fn without_a_folder_or_with_a_file_that_is_none_of_ours_nothing_rests() {
        assert_eq!(Starts::within(&Place::Missing).count(secs(1)), Duration::ZERO);
        let (folder, starts) = runtime();
        for text in ["", "x", "1", "-1 2", "99999999999 1"] {
            fs::write(folder.path().join(FILE), text).unwrap();
            assert_eq!(starts.count(secs(1)), Duration::ZERO, "{text}");
        }
    }

    #[test]
    fn a_link_leads_to_no_file_of_somebody_elses() {
        let (folder, starts) = runtime();
        let other = folder.path().join("other");
        fs::write(&other, "99 0").unwrap();
        symlink(&other, folder.path().join(FILE)).unwrap();
        assert_eq!(starts.count(secs(1)), Duration::ZERO);
        assert_eq!(fs::read_to_string(&other).unwrap(), "99 0");
    }

    #[test]
    fn nothing_is_written_where_somebody_else_may_write_too() {
        let (folder, _) = runtime();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let starts = Starts::within(&Place::Folder(folder.path().into()));
        for _ in 0..9 {
            assert_eq!(starts.count(secs(1)), Duration::ZERO);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
