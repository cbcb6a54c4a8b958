//! The program that reads the kiosk's results.

use std::fs::OpenOptions;
use std::io::{ErrorKind, PipeReader, PipeWriter, Read, Write, pipe};
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// Reads one process's standard output.
#[derive(Default)]
pub(crate) struct Host {
    output: Option<PipeReader>,
    begun: Vec<u8>,
    outcomes: Vec<String>,
    is_deaf: bool,
}

impl Host {
    /// A new process begins; the standard output for it.
    pub(crate) fn begin(&mut self) -> PipeWriter {
        let (output, input) = pipe().unwrap();
        fcntl_setfl(&output, fcntl_getfl(&output).unwrap() | OFlags::NONBLOCK).unwrap();
        (self.output, self.begun, self.is_deaf) = (Some(output), Vec::new(), false);
        input
    }

    /// Reads what has come.
    pub(crate) fn listen(&mut self) {
        let Some(output) = self.output.as_mut().filter(|_| !self.is_deaf) else { return };
        match output.read_to_end(&mut self.begun) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => panic!("the host cannot read: {error}"),
            _ => {}
        }
        while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.begun.drain(..=end).collect();
            let result: serde_json::Value = serde_json::from_slice(&line).unwrap();
            self.outcomes.push(result["outcome"].as_str().unwrap().to_owned());
        }
    }

    /// Nobody has the other end from now on.
    pub(crate) fn leave(&mut self) {
        self.output = None;
    }

    /// This process's standard output takes nothing more, and nobody reads it.
    pub(crate) fn go_deaf(&mut self, process: u32) {
        self.is_deaf = true;
        // Opened once more: what it is told here, the process does not share.
        let output = format!("/proc/{process}/fd/1");
        let flags = OFlags::NONBLOCK.bits().cast_signed();
        let mut input = OpenOptions::new().write(true).custom_flags(flags).open(output).unwrap();
        while input.write(&[b'x'; 4096]).is_ok() {}
    }

    /// The outcomes that were read since this was asked last.
    pub(crate) fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.outcomes)
    }
}
