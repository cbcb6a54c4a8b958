//! Where standard output leads.

use std::ffi::{CStr, CString, OsString};
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::fs::{FileType, fstat};
use rustix::net::{SocketAddrUnix, getpeername};

/// Whoever opens the path of a socket before anybody listens there makes a plain file of that name, as systemd does. It
/// would fill with names and tokens that no host reads. The error is a sentence.
pub(super) fn is_for_a_host(output: &OwnedFd) -> Result<(), String> {
    let is_plain =
        fstat(output).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile);
    let path = std::fs::read_link(format!("/proc/self/fd/{}", output.as_raw_fd())).unwrap_or_default();
    if is_plain && path.extension().is_some_and(|ending| ending == "sock") {
        return Err(format!(
            "Standard output is the plain file {}, and no socket that a host listens on. Let a socket unit make the \
             socket, or start the host before this program.",
            path.display()
        ));
    }
    Ok(())
}

/// systemd names one stream that leads to the journal, as DEVICE:INODE: that of standard error, if both do by sockets of
/// their own (systemd.exec(5)). Both end at the same place.
#[expect(clippy::disallowed_methods, reason = "where standard output leads is no configuration")]
pub(super) fn is_the_journal(output: &OwnedFd) -> bool {
    let journal = std::env::var_os("JOURNAL_STREAM");
    fstat(output).is_ok_and(|output| names(journal, (output.st_dev, output.st_ino)))
        || peer(output).is_some_and(|path| is_of_the_journal(&path))
}

fn names(journal: Option<OsString>, (device, inode): (u64, u64)) -> bool {
    journal.is_some_and(|journal| journal == format!("{device}:{inode}").as_str())
}

/// The path of the socket that the output is connected to.
fn peer(output: &OwnedFd) -> Option<CString> {
    let address = SocketAddrUnix::try_from(getpeername(output).ok()??).ok()?;
    Some(address.path()?.into_owned())
}

/// The journal's, or that of a namespace of it (LogNamespace=).
fn is_of_the_journal(path: &CStr) -> bool {
    path.to_bytes().starts_with(b"/run/systemd/journal") && path.to_bytes().ends_with(b"/stdout")
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    #[test]
    fn a_plain_file_where_a_host_should_listen_is_refused_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logins.sock");
        let sentence = is_for_a_host(&File::create(&path).unwrap().into()).unwrap_err();
        assert!(sentence.contains(path.to_str().unwrap()), "{sentence}");

        std::fs::remove_file(&path).unwrap();
        let _listener = UnixListener::bind(&path).unwrap();
        let wanted = File::create(folder.path().join("logins.jsonl")).unwrap();
        for output in [UnixStream::connect(&path).unwrap().into(), wanted.into()] {
            assert_eq!(is_for_a_host(&output), Ok(()));
        }
    }

    #[test]
    fn the_journal_is_known_by_its_stream_and_nothing_else_is() {
        assert!(names(Some("9:1234".into()), (9, 1234)));
        for journal in [None, Some(OsString::new()), Some("9:12345".into()), Some("1234:9".into())] {
            assert!(!names(journal, (9, 1234)));
        }
        assert!(is_of_the_journal(c"/run/systemd/journal/stdout"));
        assert!(is_of_the_journal(c"/run/systemd/journal.till/stdout"));
        for path in [c"/run/systemd/journal/socket", c"/run/nordlys/stdout", c"/run/nordlys/logins.sock", c""]
        {
            assert!(!is_of_the_journal(path), "{path:?}");
        }
    }

    #[test]
    fn whom_standard_output_is_connected_to_is_known_by_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stdout");
        let listener = UnixListener::bind(&path).unwrap();
        let connected = UnixStream::connect(&path).unwrap();
        assert_eq!(peer(&connected.into()).unwrap().to_bytes(), path.as_os_str().as_encoded_bytes());
        drop(listener);
        let (_, unnamed) = UnixStream::pair().unwrap();
        for output in [unnamed.into(), tempfile::tempfile().unwrap().into()] {
            assert_eq!(peer(&output), None);
        }
    }
}
