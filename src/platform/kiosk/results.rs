//! The result of each login, handed to the host as one line. Never to the journal, which would keep who logged in, and
//! with what token.

use std::ffi::OsString;
use std::io::{self, Write};

use rustix::fs::fstat;

use crate::flow::Outcome;
use crate::host;

#[derive(Clone, Debug)]
pub(super) struct Results {
    are_withheld: bool,
}

impl Results {
    /// Says so if nobody will get a result.
    pub(super) fn new() -> Results {
        let are_withheld = is_the_journal();
        if are_withheld {
            super::say(
                "Standard output leads to the journal, which would keep who logged in: no result is written there. Let \
                 the unit set StandardOutput= to what reads the results.",
            );
        }
        Results { are_withheld }
    }

    /// A result that nobody received is not a success. The error is a sentence.
    pub(super) fn hand_over(&self, outcome: &Outcome) -> Result<(), String> {
        if self.are_withheld {
            return Ok(());
        }
        // In one piece, so that whoever reads finds no half of a line.
        let line = format!("{}\n", host::line(outcome));
        let mut output = io::stdout().lock();
        output.write_all(line.as_bytes()).and_then(|()| output.flush()).map_err(|error| {
            format!("The result of a login could not be written to standard output: {error}.")
        })
    }
}

/// systemd names the journal's own stream as DEVICE:INODE (systemd.exec(5)).
#[expect(clippy::disallowed_methods, reason = "where standard output leads is no configuration")]
fn is_the_journal() -> bool {
    let journal = std::env::var_os("JOURNAL_STREAM");
    fstat(io::stdout()).is_ok_and(|output| names(journal, (output.st_dev, output.st_ino)))
}

fn names(journal: Option<OsString>, (device, inode): (u64, u64)) -> bool {
    journal.is_some_and(|journal| journal == format!("{device}:{inode}").as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_journal_is_known_by_its_stream_and_nothing_else_is() {
        assert!(names(Some("9:1234".into()), (9, 1234)));
        for journal in [None, Some(OsString::new()), Some("9:12345".into()), Some("1234:9".into())] {
            assert!(!names(journal, (9, 1234)));
        }
    }
}
