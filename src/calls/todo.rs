//! What is to be done, and which of it is under way.

use std::collections::HashSet;
use std::time::Duration;

use url::Url;

use super::{Do, Task};
use crate::ciba::{Call, Fault};
use crate::flow::{Cause, Notice};

#[derive(Default)]
pub(super) struct ToDo {
    last: u64,
    under_way: HashSet<Task>,
    list: Vec<Do>,
    moments: u32,
}

impl ToDo {
    pub(super) fn send(&mut self, call: Call, within: Duration) -> Task {
        let task = self.next();
        self.list.push(Do::Send { task, call, within });
        task
    }

    pub(super) fn wait(&mut self, pause: Duration) -> Task {
        let task = self.next();
        self.list.push(Do::Wait { task, pause });
        task
    }

    pub(super) fn locate(&mut self, url: Url) -> Task {
        let task = self.next();
        self.list.push(Do::Locate { task, url });
        task
    }

    pub(super) fn drop(&mut self, task: Task) {
        if self.under_way.remove(&task) {
            self.list.push(Do::Drop { task });
        }
    }

    pub(super) fn add(&mut self, one: Do) {
        self.list.push(one);
    }

    /// Why there is no document. The operator hears of a broken protocol.
    pub(super) fn cause(&mut self, fault: Fault) -> Cause {
        match fault {
            Fault::Refused { error } => Cause::Code(error),
            Fault::Busy { status } => Cause::status(status),
            Fault::Malformed(clause) => {
                self.add(Do::Note(Notice::Contract(clause.into())));
                Cause::Malformed(clause)
            }
        }
    }

    /// Whether the task was under way; it is no more.
    pub(super) fn is_done(&mut self, task: Task) -> bool {
        self.under_way.remove(&task)
    }

    /// Whether nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    pub(super) fn take(&mut self) -> Vec<Do> {
        std::mem::take(&mut self.list)
    }

    /// The same randomness for two requests of one instant would make two assertions with one name.
    pub(super) fn apart(&mut self, mut random: [u8; 16]) -> [u8; 16] {
        self.moments = self.moments.wrapping_add(1);
        for (byte, counted) in random.iter_mut().rev().zip(self.moments.to_le_bytes()) {
            *byte ^= counted;
        }
        random
    }

    fn next(&mut self) -> Task {
        self.last += 1;
        self.under_way.insert(Task(self.last));
        Task(self.last)
    }
}
