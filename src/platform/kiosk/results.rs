//! The result of each login, handed to the host as one line. Never to the journal, which would keep who logged in, and
//! with what token.
//!
//! A thread writes the lines, so that the one that draws never waits for a host, and ends the kiosk when the host goes:
//! not when a person has logged in for nobody.

use std::convert::Infallible;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, write};
use rustix::net::{SendFlags, send};
use zeroize::Zeroizing;

use super::ending::Ending;
use super::output;
use crate::clock::uptime;
use crate::defects;
use crate::flow::{Notice, Outcome};
use crate::host;
use crate::platform::handing::{self, PARTING, READS_WITHIN, Undelivered};

/// So many results wait for a host that is slow.
const MOST: usize = 4;
/// A pipe that takes anything takes so many bytes at once (PIPE_BUF, pipe(7)).
const PIECE: usize = 4096;
/// Between two tries with an output that says that it takes something and then does not.
const SOON: Duration = Duration::from_millis(50);

/// Where the results go; `None` where they are withheld.
#[derive(Clone, Debug)]
pub(super) struct Results(Option<Rc<Host>>);

/// The end of the thread that this one holds.
#[derive(Debug)]
struct Host {
    lines: SyncSender<Zeroizing<String>>,
    /// A byte for each line, and its end is the end.
    wake: UnixStream,
    /// Closed when the thread has ended.
    over: Receiver<Infallible>,
    ending: Ending,
}

impl Results {
    /// Says so if nobody will get a result. The error is a sentence.
    pub(super) fn start(ending: &Ending) -> Result<Results, String> {
        let cannot = |error: io::Error| format!("Standard output cannot be used: {error}.");
        let output = io::stdout().as_fd().try_clone_to_owned().map_err(cannot)?;
        output::is_for_a_host(&output)?;
        if output::is_the_journal(&output) {
            super::say(
                "Standard output leads to the journal, which would keep who logged in: no result is written there. Let \
                 the unit set StandardOutput= to what reads the results.",
            );
            return Ok(Results(None));
        }
        Results::over(output, READS_WITHIN, ending)
    }

    fn over(output: OwnedFd, patience: Duration, ending: &Ending) -> Result<Results, String> {
        let cannot = |error: io::Error| format!("The results cannot be handed to the host: {error}.");
        let (wake, woken) = UnixStream::pair().map_err(cannot)?;
        let (lines, waiting) = sync_channel(MOST);
        let (alive, over) = channel();
        let writer =
            Writer { output, patience, woken, waiting, lost: None, ending: ending.clone(), _alive: alive };
        defects::beside("host", move || writer.run()).map_err(cannot)?;
        Ok(Results(Some(Rc::new(Host { lines, wake, over, ending: ending.clone() }))))
    }

    /// Waits for nobody. A result that nobody receives ends the kiosk.
    pub(super) fn hand_over(&self, outcome: &Outcome) {
        let Some(host) = &self.0 else { return };
        let taken = host.lines.try_send(handing::line(outcome)).is_ok();
        if !(taken && (&host.wake).write_all(&[0]).is_ok()) {
            lose(Undelivered::Unread, &host.ending);
        }
    }

    /// Nothing more comes; what is on its way has a moment to arrive.
    pub(super) fn end(&self) {
        self.end_within(PARTING);
    }

    fn end_within(&self, most: Duration) {
        let Some(host) = &self.0 else { return };
        let _ = host.wake.shutdown(Shutdown::Write);
        if host.over.recv_timeout(most) == Err(RecvTimeoutError::Timeout) {
            lose(Undelivered::Unread, &host.ending);
        }
    }
}

fn lose(why: Undelivered, ending: &Ending) {
    host::note(&Notice::Undelivered);
    ending.fail(why.to_string());
}

/// The thread that waits for the host.
struct Writer {
    output: OwnedFd,
    patience: Duration,
    woken: UnixStream,
    waiting: Receiver<Zeroizing<String>>,
    /// Why nothing is written any more.
    lost: Option<Undelivered>,
    ending: Ending,
    _alive: Sender<Infallible>,
}

enum Heard {
    Line(Zeroizing<String>),
    Hangup,
    End,
}

impl Writer {
    fn run(mut self) {
        loop {
            match self.hear() {
                Heard::Line(line) => {
                    let written = self.lost.map_or_else(|| self.write(line.as_bytes()), Err);
                    if let Err(why) = written {
                        self.lost = Some(why);
                        lose(why, &self.ending);
                    }
                }
                Heard::Hangup => {
                    self.lost = Some(Undelivered::Gone);
                    // Who ends anyway has nobody to miss yet.
                    if !self.ending.has_begun() {
                        self.ending.fail(Undelivered::Gone.to_string());
                    }
                }
                Heard::End => return,
            }
        }
    }

    /// Sleeps until there is something, for however long.
    fn hear(&mut self) -> Heard {
        loop {
            let mut both = [
                PollFd::new(&self.woken, PollFlags::IN),
                // Asked for nothing, the kernel tells of a reader that went and of a peer that hung up.
                PollFd::new(&self.output, PollFlags::empty()),
            ];
            let watched = if self.lost.is_some() { 1 } else { 2 };
            match poll(&mut both[..watched], None) {
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(_) => return Heard::End,
            }
            if !both[1].revents().is_empty() {
                return Heard::Hangup;
            }
            return match (&self.woken).read(&mut [0]) {
                Ok(1) => self.waiting.try_recv().map_or(Heard::End, Heard::Line),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                _ => Heard::End,
            };
        }
    }

    /// Writes as much as the host takes, until it has taken all.
    fn write(&self, mut rest: &[u8]) -> Result<(), Undelivered> {
        let end = uptime() + self.patience;
        while !rest.is_empty() {
            let left = Timespec::try_from(end.saturating_sub(uptime())).ok();
            match poll(&mut [PollFd::new(&self.output, PollFlags::OUT)], left.as_ref()) {
                Ok(0) => return Err(Undelivered::Unread),
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.kind().into()),
            }
            match put(&self.output, rest) {
                Ok(taken) => rest = &rest[taken..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => std::thread::sleep(SOON),
                Err(error) => return Err(error.kind().into()),
            }
        }
        Ok(())
    }
}

/// Does not wait where something can be taken; gives how much was. The output is shared with others, so that it cannot be
/// told never to wait.
fn put(output: &OwnedFd, bytes: &[u8]) -> Result<usize, Errno> {
    match send(output, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
        Err(Errno::NOTSOCK) => write(output, &bytes[..bytes.len().min(PIECE)]),
        sent => sent,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{BufRead, BufReader, PipeReader, PipeWriter, pipe};

    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

    use super::*;
    use crate::ciba::{Identity, Secret};
    use crate::flow::Granted;

    const NEVER: Duration = Duration::from_secs(3600);

    fn over(output: impl Into<OwnedFd>, patience: Duration) -> (Results, Ending) {
        let ending = Ending::new().unwrap();
        (Results::over(output.into(), patience, &ending).unwrap(), ending)
    }

    fn reason_of(ending: &Ending) -> Result<(), String> {
        let end = uptime() + Duration::from_secs(20);
        while !ending.has_begun() {
            assert!(uptime() < end, "the kiosk goes on");
            std::thread::sleep(Duration::from_millis(1));
        }
        ending.reason().unwrap()
    }

    fn full_pipe() -> (PipeReader, PipeWriter) {
        let (reader, mut writer) = pipe().unwrap();
        let flags = fcntl_getfl(&writer).unwrap();
        fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
        while writer.write(&[b'x'; PIECE]).is_ok() {}
        fcntl_setfl(&writer, flags).unwrap();
        (reader, writer)
    }

    fn because(why: Undelivered) -> Result<(), String> {
        Err(why.to_string())
    }

    #[test]
    fn row_67_a_host_that_goes_while_nobody_is_there_ends_the_kiosk_before_a_login_is_lost() {
        let (peer, socket) = UnixStream::pair().unwrap();
        let (_results, ending) = over(socket, NEVER);
        drop(peer);
        assert_eq!(reason_of(&ending), because(Undelivered::Gone));

        let (reader, writer) = pipe().unwrap();
        let (_results, ending) = over(writer, NEVER);
        drop(reader);
        assert_eq!(reason_of(&ending), because(Undelivered::Gone));
    }

    #[test]
    fn a_host_that_only_speaks_no_more_and_a_file_that_nobody_reads_end_nothing() {
        let (peer, socket) = UnixStream::pair().unwrap();
        peer.shutdown(Shutdown::Write).unwrap();
        let null = File::options().write(true).open("/dev/null").unwrap();
        let outputs: [OwnedFd; 3] = [socket.into(), null.into(), tempfile::tempfile().unwrap().into()];
        for output in outputs {
            let (results, ending) = over(output, NEVER);
            results.hand_over(&Outcome::Rejected);
            results.end_within(NEVER);
            assert_eq!(ending.reason(), None);
        }
        let mut lines = BufReader::new(peer).lines();
        assert!(lines.next().unwrap().unwrap().contains("rejected") && lines.next().is_none());
    }

    #[test]
    fn row_68_a_host_that_does_not_read_ends_the_kiosk_and_holds_up_nobody() {
        let (_reader, pipe) = full_pipe();
        let (results, ending) = over(pipe, Duration::from_millis(20));
        results.hand_over(&Outcome::Rejected);
        assert_eq!(reason_of(&ending), because(Undelivered::Unread));
        // The next one is lost at once.
        results.hand_over(&Outcome::Cancelled);
        results.end_within(NEVER);
    }

    #[test]
    fn row_68_no_more_than_a_few_results_wait_for_a_host() {
        let (_reader, pipe) = full_pipe();
        let (results, ending) = over(pipe, NEVER);
        // One more is being written.
        for _ in 0..=MOST + 1 {
            results.hand_over(&Outcome::Rejected);
        }
        assert_eq!(ending.reason(), Some(because(Undelivered::Unread)));
    }

    #[test]
    fn row_68_a_kiosk_that_is_told_to_end_does_not_wait_for_a_host_that_does_not_read() {
        let (_reader, pipe) = full_pipe();
        let (results, ending) = over(pipe, NEVER);
        ending.leave();
        results.hand_over(&Outcome::Cancelled);
        results.end_within(Duration::ZERO);
        assert_eq!(ending.reason(), Some(because(Undelivered::Unread)), "a lost result is no success");
    }

    #[test]
    fn a_kiosk_that_is_told_to_end_does_not_miss_a_host_that_has_gone_before() {
        let (peer, socket) = UnixStream::pair().unwrap();
        let (results, ending) = over(socket, NEVER);
        ending.leave();
        drop(peer);
        results.end_within(NEVER);
        assert_eq!(ending.reason(), Some(Ok(())));
    }

    #[test]
    fn a_line_that_is_longer_than_what_a_host_takes_at_once_arrives_whole_and_once() {
        let identity = Identity {
            sub: "s".into(),
            mitid_uuid: None,
            name: None,
            date_of_birth: None,
            age: None,
            loa: None,
            auth_time: None,
        };
        let granted = Granted { identity, id_token: Secret::from("t".repeat(300_000).as_str()) };
        let long = Outcome::Approved { granted: Box::new(granted), reference_id: "r".into() };
        let (reader, writer) = pipe().unwrap();
        let (peer, socket) = UnixStream::pair().unwrap();
        let ways: [(OwnedFd, OwnedFd); 2] = [(reader.into(), writer.into()), (peer.into(), socket.into())];
        for (reader, output) in ways {
            let (results, ending) = over(output, READS_WITHIN);
            results.hand_over(&long);
            results.hand_over(&Outcome::Rejected);
            let mut lines = BufReader::new(File::from(reader)).lines();
            assert_eq!(lines.next().unwrap().unwrap(), host::line(&long));
            assert_eq!(lines.next().unwrap().unwrap(), host::line(&Outcome::Rejected));
            results.end_within(NEVER);
            drop(results);
            assert!(lines.next().is_none() && ending.reason().is_none());
        }
    }
}
