//! The folder of the devices, and how its changes are noticed. It comes with the first device and goes with the last.

use std::ffi::OsStr;
use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::DirEntryExt;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};

/// A node in the folder. One that comes under the name of another has another inode.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Listed {
    /// The number in its name, `event7`.
    number: u32,
    inode: u64,
}

pub(super) struct Place {
    folder: PathBuf,
    changes: OwnedFd,
}

impl Place {
    /// The error is a sentence.
    pub(super) fn new(parent: &Path, folder: &str) -> Result<Place, String> {
        let cannot = |error| {
            format!(
                "It cannot be noticed when a remote control comes or goes: {error} ({}).",
                parent.display()
            )
        };
        let changes = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).map_err(cannot)?;
        let comes = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::ONLYDIR;
        inotify::add_watch(&changes, parent, comes).map_err(cannot)?;
        Ok(Place { folder: parent.join(folder), changes })
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.changes.as_fd()
    }

    /// Forgets the changes so far; whoever calls this looks at the folder after it.
    pub(super) fn heed(&self) {
        let mut room = [MaybeUninit::uninit(); 4096];
        let mut changes = Reader::new(&self.changes, &mut room);
        while changes.next().is_ok() {}
    }

    /// What is there, in the order of the numbers.
    pub(super) fn list(&self) -> Vec<Listed> {
        // Before the look, so that nothing comes unnoticed between the two. The folder may be a new one, or be missing.
        let changes = WatchFlags::CREATE
            | WatchFlags::MOVED_TO
            | WatchFlags::DELETE
            | WatchFlags::ATTRIB
            | WatchFlags::ONLYDIR;
        let _ = inotify::add_watch(&self.changes, &self.folder, changes);
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let mut listed: Vec<Listed> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                Some(Listed { number: number(&entry.file_name())?, inode: entry.ino() })
            })
            .collect();
        listed.sort();
        listed
    }

    pub(super) fn path_of(&self, listed: &Listed) -> PathBuf {
        self.folder.join(format!("event{}", listed.number))
    }
}

fn number(name: &OsStr) -> Option<u32> {
    name.to_str()?.strip_prefix("event")?.parse().ok()
}
