//! One document that may be asked for as often as need be.

use std::time::Duration;

use super::todo::ToDo;
use super::{AGAIN, Heard, PROMPTLY, Task, code};
use crate::ciba::{Call, Fault, Reply};

/// The tries for one document, with a pause between each two.
pub(super) struct Fetch {
    call: Call,
    task: Task,
    pauses: &'static [Duration],
}

impl Fetch {
    pub(super) fn begin(call: Call, todo: &mut ToDo) -> Fetch {
        let task = todo.send(call.clone(), PROMPTLY);
        Fetch { call, task, pauses: &AGAIN }
    }

    pub(super) fn awaits(&self, task: Task) -> bool {
        self.task == task
    }

    /// The document, or why it does not come; `None` while there is still a try.
    pub(super) fn hear<T>(
        &mut self,
        heard: Heard,
        read: impl Fn(&Reply) -> Result<T, Fault>,
        todo: &mut ToDo,
    ) -> Option<Result<T, String>> {
        if matches!(heard, Heard::Waited) {
            self.task = todo.send(self.call.clone(), PROMPTLY);
            return None;
        }
        let error = match heard.reply() {
            Ok(reply) => match read(&reply) {
                Ok(document) => return Some(Ok(document)),
                Err(fault @ Fault::Busy { .. }) => code(fault),
                Err(fault) => return Some(Err(code(fault))),
            },
            Err(failure) => failure.reason,
        };
        let Some((pause, rest)) = self.pauses.split_first() else { return Some(Err(error)) };
        self.pauses = rest;
        self.task = todo.wait(*pause);
        None
    }
}
