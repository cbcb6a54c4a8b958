//! A login without a screen: what a person should know goes to standard error.

use std::io::Write;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::signals;
use crate::app::App;
use crate::ciba::{Hint, Secret};
use crate::config::Config;
use crate::flow::{Event, Kind, Outcome, Page, View, Waiting};

/// Sleeping in short steps, because a thread's timer stops while the machine is asleep.
const STEP: Duration = Duration::from_secs(5);

/// Logs in the person that `hint` names. The error is a sentence.
pub fn login(
    config: &Config,
    kind: Kind,
    hint: Hint,
    user_code: Option<Secret>,
    patience: Duration,
) -> Result<Outcome, String> {
    let (tell, events) = mpsc::channel();
    let leave = tell.clone();
    signals::on_leave(move || drop(leave.send(Event::Leave)))?;
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

/// Says each thing once.
fn say(view: &View, said: &mut Vec<String>) {
    let lines = match &view.page {
        Page::Starting => vec!["Asking the broker …".to_owned()],
        Page::Waiting(Waiting { troubled: true, .. }) => vec!["Connection lost, trying again …".to_owned()],
        Page::Waiting(waiting) => vec![
            format!("Open the MitID app and approve. Code: {}", waiting.code),
            format!("The phone shows: {}", waiting.reference_text),
        ],
        _ => Vec::new(),
    };
    for line in lines {
        if !said.contains(&line) {
            // Standard error may be closed; the login goes on without it.
            let _ = writeln!(std::io::stderr(), "{line}");
            said.push(line);
        }
    }
}
