//! One document that may be asked for as often as need be.

use std::time::Duration;

use super::todo::ToDo;
use super::{AGAIN, Heard, Now, PROMPTLY, Task};
use crate::ciba::{Call, Fault, Reply};
use crate::flow::Cause;

/// The tries for one document, with a pause between each two.
pub(super) struct Fetch {
    call: Call,
    task: Task,
    pauses: &'static [Duration],
    /// When the last try is over.
    until: Option<Duration>,
}

impl Fetch {
    pub(super) fn begin(call: Call, todo: &mut ToDo) -> Fetch {
        let task = todo.send(call.clone(), PROMPTLY);
        Fetch { call, task, pauses: &AGAIN, until: None }
    }

    /// All tries are over after so long.
    pub(super) fn begin_within(call: Call, all: Duration, now: &Now, todo: &mut ToDo) -> Fetch {
        let (pauses, until) = (AGAIN.as_slice(), now.uptime.saturating_add(all));
        let task = todo.send(call.clone(), share(pauses, until, now));
        Fetch { call, task, pauses, until: Some(until) }
    }

    pub(super) fn awaits(&self, task: Task) -> bool {
        self.task == task
    }

    /// The document, or why it does not come; `None` while there is still a try.
    pub(super) fn hear<T>(
        &mut self,
        heard: Heard,
        read: impl Fn(&Reply) -> Result<T, Fault>,
        now: &Now,
        todo: &mut ToDo,
    ) -> Option<Result<T, Cause>> {
        if matches!(heard, Heard::Waited) {
            let within = self.until.map_or(PROMPTLY, |until| share(self.pauses, until, now));
            self.task = todo.send(self.call.clone(), within);
            return None;
        }
        let cause = match heard.reply() {
            Ok(reply) => match read(&reply) {
                Ok(document) => return Some(Ok(document)),
                Err(fault @ Fault::Busy { .. }) => todo.cause(fault),
                Err(fault) => return Some(Err(todo.cause(fault))),
            },
            Err(failure) if failure.took_long() && self.until.is_none() => {
                return Some(Err(failure.why.into()));
            }
            Err(failure) => failure.why.into(),
        };
        let Some((pause, rest)) = self.pauses.split_first() else { return Some(Err(cause)) };
        if self.until.is_some_and(|until| now.uptime.saturating_add(*pause) >= until) {
            return Some(Err(cause));
        }
        self.pauses = rest;
        self.task = todo.wait(*pause);
        None
    }
}

/// An equal part of what is left for each try, so that one that hangs leaves time for the others.
fn share(pauses: &[Duration], until: Duration, now: &Now) -> Duration {
    let left = until.saturating_sub(now.uptime).saturating_sub(pauses.iter().sum());
    left / u32::try_from(1 + pauses.len()).unwrap_or(u32::MAX)
}
