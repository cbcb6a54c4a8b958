//! A login without a screen: what a person should know goes to standard error.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::signals;
use crate::app::App;
use crate::ciba::{Hint, Secret};
use crate::config::Config;
use crate::defects;
use crate::flow::{Event, Kind, Outcome, Page, ScanCode, Scanning, View, Waiting};
use crate::qr::Squares;

/// Sleeping in short steps, because a thread's timer stops while the machine is asleep.
const STEP: Duration = Duration::from_secs(5);

/// Between two looks at an input that does not wait.
const SOON: Duration = Duration::from_millis(50);
/// The longest line that is read from standard input, in bytes; every identifier is shorter.
const LONGEST: usize = 64;

/// How long a login is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Until it has ended, or a signal tells to leave.
    Decided,
    /// No longer than standard input is open: a host that dies leaves no request on a phone.
    ///
    /// This is not found out by looking, because `echo 6701901234 | flexlogin login --cpr -` ends its input too.
    InputEnds,
}

/// Logs in the person that `hint` names. The error is a sentence.
pub fn login(
    config: &Config,
    kind: Kind,
    hint: Hint,
    user_code: Option<Secret>,
    patience: Duration,
    until: Until,
) -> Result<Outcome, String> {
    let (tell, events) = mpsc::channel();
    let leave = tell.clone();
    signals::on_leave(move || drop(leave.send(Event::Leave)))?;
    if until == Until::InputEnds {
        at_the_end_of_input(signals::leave)?;
    }
    let config = &Config { rest: None, ..config.clone() };
    let mut app = App::new(config, kind, patience, move |event| drop(tell.send(event)))?;
    let mut said = Vec::new();
    app.tell(Event::Given { hint, user_code });
    while app.outcome().is_none() {
        say(&app.view(), &mut said);
        let event = match events.recv_timeout(app.quiet_for(false).unwrap_or(STEP).min(STEP)) {
            Ok(event) => event,
            Err(RecvTimeoutError::Timeout) => Event::Woke,
            Err(RecvTimeoutError::Disconnected) => Event::Leave,
        };
        app.tell(event);
    }
    app.part().ok_or_else(|| "The login ended without an outcome.".into())
}

/// One line of standard input, without the spaces around it; empty if it is no text.
pub fn line() -> Zeroizing<String> {
    // Room for everything at once: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = Zeroizing::new([0]);
    if let Ok(mut input) = input() {
        while bytes.len() < LONGEST && read(&mut input, &mut *byte) == 1 && byte[0] != b'\n' {
            bytes.push(byte[0]);
        }
    }
    Zeroizing::new(std::str::from_utf8(&bytes).map(str::trim).unwrap_or_default().to_owned())
}

/// Calls `end` once standard input has ended, on a thread of its own that lives no longer than the process.
fn at_the_end_of_input(end: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let cannot = |error: io::Error| format!("Standard input cannot be watched: {error}.");
    let mut input = input().map_err(cannot)?;
    let watch = move || {
        let mut ignored = Zeroizing::new([0; LONGEST]);
        while read(&mut input, &mut *ignored) > 0 {}
        end();
    };
    defects::beside("input", watch).map_err(cannot)
}

/// Standard input without the buffer that the standard library keeps, and never wipes, until the process ends.
fn input() -> io::Result<File> {
    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

/// How many bytes have come; an input that fails has ended.
fn read(input: &mut File, bytes: &mut [u8]) -> usize {
    loop {
        match input.read(bytes) {
            Ok(read) => return read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Whoever shares the input may have told it not to wait.
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(SOON),
            Err(_) => return 0,
        }
    }
}

/// Says each thing once.
fn say(view: &View, said: &mut Vec<String>) {
    let lines = match &view.page {
        Page::Starting => vec!["Asking the broker …".to_owned()],
        Page::Waiting(Waiting { troubled: true, .. }) => vec!["Connection lost, trying again …".to_owned()],
        Page::Waiting(Waiting { words: Some(words), .. }) => vec![
            format!("Open the MitID app and approve. Code: {}", words.code),
            format!("The phone shows: {}", words.reference_text),
        ],
        Page::Waiting(_) => vec!["Open the MitID app and approve.".to_owned()],
        Page::Scan(Scanning { troubled: true, .. }) => vec!["Connection lost, trying again …".to_owned()],
        Page::Scan(scanning) => scan_lines(&scanning.code, io::stderr().is_terminal()),
        _ => Vec::new(),
    };
    for line in lines {
        if !said.contains(&line) {
            // Standard error may be closed; the login goes on without it.
            let _ = writeln!(io::stderr(), "{line}");
            said.push(line);
        }
    }
}

/// The address, and where a person looks at a terminal also its code: one line, because each thing is said once.
fn scan_lines(code: &ScanCode, drawn: bool) -> Vec<String> {
    match code {
        ScanCode::Coming => vec!["Asking the broker …".into()],
        ScanCode::Withdrawn => {
            vec!["The code can no longer be scanned. Who has scanned it can go on.".into()]
        }
        ScanCode::Shown(uri) => {
            let mut lines: Vec<String> = Vec::new();
            if let Some(squares) = Some(uri.expose()).filter(|_| drawn).and_then(Squares::of) {
                lines.push(squares.lines().join("\n"));
            }
            lines.push(format!("Open this on a phone and log on there: {}", uri.expose()));
            lines.push("Do so only if you have started this login yourself.".into());
            lines
        }
    }
}
