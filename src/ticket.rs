//! Tickets: how the next process learns of a login that this one leaves on a phone if it is killed.
//!
//! A ticket is a file for this user alone, in a folder in memory that does not outlive the machine's run. It holds one
//! `auth_req_id` and nothing else; its name says for which client and since when. Whoever wrote it, or took it over,
//! holds a lock on it for as long as they live: a ticket without a lock is one that a killed process left behind.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use rustix::fs::{
    AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, flock, fstat, fstatfs, openat, unlinkat,
};
use rustix::io::Errno;
use zeroize::Zeroizing;

use crate::ciba::{AuthReqId, Issuer};

/// No login lives longer; an older ticket is of no use.
const LONGEST_LIFE: Duration = Duration::from_secs(600);
/// An `auth_req_id` that is longer, in bytes, is not written down.
const LONGEST_ID: u64 = 4096;
/// No more tickets than these are taken over at once; the rest expires.
const MOST: usize = 32;
/// The bits of a mode by which somebody else may put something into a folder.
const OTHERS_WRITE: u32 = 0o022;

/// The file systems that live in memory.
const TMPFS: u32 = 0x0102_1994;
const RAMFS: u32 = 0x8584_58f6;

/// Where tickets are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nobody has looked for a place.
    Unknown,
    /// There is none.
    Missing,
    Folder(PathBuf),
}

/// The tickets of one client at one provider.
#[derive(Default)]
pub struct Tickets {
    folder: Option<OwnedFd>,
    mark: String,
    written: u64,
    held: Vec<Ticket>,
}

struct Ticket {
    auth_req_id: AuthReqId,
    /// The name and the lock; without a folder there is neither.
    file: Option<(String, File)>,
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tickets({} held)", self.held.len())
    }
}

impl Tickets {
    /// The tickets in this place. If it cannot be used they are only remembered, and the second part is a phrase
    /// that says why.
    pub fn open(place: &Place, issuer: &Issuer, client_id: &str) -> (Tickets, Option<String>) {
        let folder = match place {
            Place::Unknown => Ok(None),
            Place::Missing => Err("there is no runtime folder".to_owned()),
            Place::Folder(path) => usable(path).map(Some),
        };
        let (folder, why_not) = match folder {
            Ok(folder) => (folder, None),
            Err(why) => (None, Some(why)),
        };
        let who = digest(&SHA256, format!("{issuer} {client_id}").as_bytes());
        let mark = who.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        (Tickets { folder, mark, written: 0, held: Vec::new() }, why_not)
    }

    /// Takes over what killed processes left behind for the same client, and takes away what is of no use to anybody.
    /// `uptime` is the time since the machine was started.
    pub fn left_behind(&mut self, uptime: Duration) -> Vec<AuthReqId> {
        let Some(folder) = &self.folder else { return Vec::new() };
        let Ok(entries) = Dir::read_from(folder) else { return Vec::new() };
        let names = entries.filter_map(|entry| Some(entry.ok()?.file_name().to_str().ok()?.to_owned()));
        let mut found: Vec<Ticket> = Vec::new();
        for name in names {
            let Some(title) = Title::parse(&name) else { continue };
            let of_use = title.is_of_use(uptime);
            if of_use && (title.mark != self.mark || found.len() == MOST) {
                continue;
            }
            let Ok(Some(mut file)) = abandoned(folder, &name) else { continue };
            match read(&mut file).filter(|_| of_use) {
                Some(auth_req_id) => found.push(Ticket { auth_req_id, file: Some((name, file)) }),
                None => drop(unlinkat(folder, &name, AtFlags::empty())),
            }
        }
        let left_behind = found.iter().map(|ticket| ticket.auth_req_id.clone()).collect();
        self.held.extend(found);
        left_behind
    }

    /// Writes a ticket, or only remembers the id where that cannot be done; the error is a phrase that says why.
    pub fn keep(&mut self, auth_req_id: AuthReqId, uptime: Duration) -> Result<(), String> {
        let written = match &self.folder {
            Some(folder) => {
                let name = |number| {
                    format!("flexlogin-{}-{}-{}-{number}", self.mark, uptime.as_secs(), std::process::id())
                };
                write(folder, &auth_req_id, (self.written..).map(name)).map(Some)
            }
            None => Ok(None),
        };
        self.written += 1;
        let (file, result) = match written {
            Ok(file) => (file, Ok(())),
            Err(error) => (None, Err(format!("the ticket cannot be written: {}", error.kind()))),
        };
        self.held.push(Ticket { auth_req_id, file });
        result
    }

    /// The login is over, or the broker has heard its cancel.
    pub fn forget(&mut self, auth_req_id: &AuthReqId) {
        let Some(folder) = &self.folder else {
            return self.held.retain(|ticket| ticket.auth_req_id != *auth_req_id);
        };
        for ticket in self.held.extract_if(.., |ticket| ticket.auth_req_id == *auth_req_id) {
            if let Some((name, _)) = ticket.file {
                // If it cannot be taken away, the next process cancels once more what is over.
                let _ = unlinkat(folder, &name, AtFlags::empty());
            }
        }
    }

    /// Every login that is not over.
    pub fn held(&self) -> Vec<AuthReqId> {
        self.held.iter().map(|ticket| ticket.auth_req_id.clone()).collect()
    }
}

/// What the name of a ticket says: `flexlogin-MARK-SECONDS-PROCESS-NUMBER`.
struct Title<'a> {
    mark: &'a str,
    /// The uptime when it was written.
    since: Duration,
}

impl Title<'_> {
    fn parse(name: &str) -> Option<Title<'_>> {
        let mut parts = name.strip_prefix("flexlogin-")?.split('-');
        let (mark, since) = (parts.next()?, parts.next()?.parse().ok()?);
        let rest = parts.filter(|part| part.parse::<u64>().is_ok()).count();
        (mark.len() == 16 && rest == 2).then_some(Title { mark, since: Duration::from_secs(since) })
    }

    /// A ticket from the future was written before the machine was started anew.
    fn is_of_use(&self, uptime: Duration) -> bool {
        uptime.checked_sub(self.since).is_some_and(|age| age < LONGEST_LIFE)
    }
}

/// Opens the folder if nobody else can put anything into it and nothing in it outlives the machine's run.
pub(crate) fn usable(path: &Path) -> Result<OwnedFd, String> {
    let what = |error: Errno| format!("the runtime folder cannot be used: {}", error.kind());
    // A service manager may give the folder as a link; what counts is what is looked at below.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat(CWD, path, flags, Mode::empty()).map_err(what)?;
    let stat = fstat(&folder).map_err(what)?;
    if stat.st_uid != rustix::process::geteuid().as_raw() || stat.st_mode & OTHERS_WRITE != 0 {
        return Err("the runtime folder is not this user's alone".into());
    }
    // The numbers have 32 bits, whatever the machine's word is.
    match fstatfs(&folder).map_err(what)?.f_type as u32 {
        TMPFS | RAMFS => Ok(folder),
        _ => Err("the runtime folder is not in memory".into()),
    }
}

/// Writes a ticket that is locked before anybody can take it for one that was left behind.
fn write(
    folder: &OwnedFd,
    auth_req_id: &AuthReqId,
    names: impl Iterator<Item = String>,
) -> io::Result<(String, File)> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    for name in names.take(MOST) {
        let mut file = match openat(folder, &name, flags, Mode::RUSR | Mode::WUSR) {
            Ok(file) => File::from(file),
            Err(Errno::EXIST) => continue,
            Err(error) => return Err(error.into()),
        };
        // Somebody who looks for tickets just now may have found it empty, and takes it away.
        if !lock(&file)? {
            continue;
        }
        let text = Zeroizing::new(format!("{}\n", auth_req_id.0.expose()));
        return match file.write_all(text.as_bytes()) {
            Ok(()) if text.len() as u64 <= LONGEST_ID => Ok((name, file)),
            written => {
                unlinkat(folder, &name, AtFlags::empty())?;
                Err(written.err().unwrap_or_else(|| io::ErrorKind::InvalidData.into()))
            }
        };
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Opens a ticket and locks it; `None` if somebody who lives holds it, or took it away.
fn abandoned(folder: &OwnedFd, name: &str) -> io::Result<Option<File>> {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(folder, name, flags, Mode::empty())?);
    let plain = FileType::from_raw_mode(fstat(&file)?.st_mode) == FileType::RegularFile;
    Ok((plain && lock(&file)?).then_some(file))
}

/// Whether the file is locked for us now and still has a name.
fn lock(file: &impl AsFd) -> io::Result<bool> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(fstat(file)?.st_nlink > 0),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The id in a ticket; `None` if it was not written to its end.
fn read(file: &mut File) -> Option<AuthReqId> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST_ID as usize + 2));
    file.take(LONGEST_ID + 1).read_to_end(&mut bytes).ok()?;
    let id = std::str::from_utf8(&bytes).ok()?.strip_suffix('\n')?;
    (!id.is_empty()).then(|| AuthReqId(id.into()))
}

#[cfg(test)]
mod tests;
