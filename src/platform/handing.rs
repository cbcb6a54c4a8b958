//! The result of a login reaches the host, or it is lost: who does not read keeps nobody waiting for ever, and nothing is
//! kept for later.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use zeroize::Zeroizing;

use super::signals;
use crate::clock::uptime;
use crate::defects;
use crate::flow::{Notice, Outcome};
use crate::host;

/// Who takes nothing for so long does not read.
pub(super) const READS_WITHIN: Duration = Duration::from_secs(10);
/// The same where the program has been told to end.
pub(super) const PARTING: Duration = Duration::from_secs(2);

/// Why a result did not reach the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undelivered {
    Unread,
    Gone,
    Unwritten(ErrorKind),
}

enum News {
    Written(io::Result<()>),
    Leave,
}

/// Prints the result of the one login. A result that nobody received is not a success: the error is a sentence.
pub fn hand_over(outcome: &Outcome) -> Result<(), String> {
    let cannot = |error| format!("The result of the login cannot be handed over: {error}.");
    // Whoever has cancelled waits for the end.
    let patience = if matches!(outcome, Outcome::Cancelled) { PARTING } else { READS_WITHIN };
    let (tell, news) = mpsc::channel();
    let leave = tell.clone();
    signals::on_leave(move || drop(leave.send(News::Leave)))?;
    let line = line(outcome);
    // Nothing but the end of the process ends a write that nobody reads.
    let write = move || drop(tell.send(News::Written(print(&line))));
    defects::beside("host", write).map_err(cannot)?;
    wait(&news, patience).map_err(|why| {
        host::note(&Notice::Undelivered);
        why.to_string()
    })
}

/// What the host reads.
pub(super) fn line(outcome: &Outcome) -> Zeroizing<String> {
    let mut line = Zeroizing::new(host::line(outcome));
    line.push('\n');
    line
}

fn print(line: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(line.as_bytes())?;
    output.flush()
}

fn wait(news: &Receiver<News>, patience: Duration) -> Result<(), Undelivered> {
    let mut end = uptime() + patience;
    loop {
        match news.recv_timeout(end.saturating_sub(uptime())) {
            Ok(News::Written(written)) => return written.map_err(|error| error.kind().into()),
            Ok(News::Leave) => end = end.min(uptime() + PARTING),
            Err(_) => return Err(Undelivered::Unread),
        }
    }
}

impl From<ErrorKind> for Undelivered {
    fn from(kind: ErrorKind) -> Undelivered {
        match kind {
            ErrorKind::BrokenPipe
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionRefused
            | ErrorKind::NotConnected => Undelivered::Gone,
            kind => Undelivered::Unwritten(kind),
        }
    }
}

impl fmt::Display for Undelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Undelivered::Unread => f.write_str(
                "The host does not read the results: standard output is full. Let it read each line as it comes.",
            ),
            Undelivered::Gone => f.write_str(
                "The host that read the results is gone: nobody has the other end of standard output. Start the host, \
                 and then this program.",
            ),
            Undelivered::Unwritten(kind) => write!(
                f,
                "The result of a login could not be written to standard output: {kind}. Look where it leads.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_68_nobody_waits_longer_for_a_host_than_it_may_take_to_read() {
        let (tell, news) = mpsc::channel();
        assert_eq!(wait(&news, Duration::ZERO), Err(Undelivered::Unread));
        tell.send(News::Leave).unwrap();
        tell.send(News::Written(Ok(()))).unwrap();
        assert_eq!(wait(&news, READS_WITHIN), Ok(()));
        tell.send(News::Written(Err(ErrorKind::StorageFull.into()))).unwrap();
        assert_eq!(wait(&news, READS_WITHIN), Err(Undelivered::Unwritten(ErrorKind::StorageFull)));
        tell.send(News::Written(Err(ErrorKind::BrokenPipe.into()))).unwrap();
        assert_eq!(wait(&news, READS_WITHIN), Err(Undelivered::Gone));
    }

    #[test]
    fn each_reason_is_told_with_its_place_and_its_remedy() {
        for why in [Undelivered::Unread, Undelivered::Gone, Undelivered::Unwritten(ErrorKind::StorageFull)] {
            let sentences = why.to_string();
            assert!(
                sentences.contains("standard output") && sentences.matches(". ").count() == 1,
                "{sentences}"
            );
            assert!(sentences.ends_with('.') && !sentences.contains("  "), "{sentences}");
        }
    }
}
