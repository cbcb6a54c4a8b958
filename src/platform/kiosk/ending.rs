//! Why the kiosk ends. The first reason counts, and whatever is under way is cancelled at the broker.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::{Errno, write};

use crate::clock::uptime;
use crate::flow::Event;
use crate::platform::window;

/// Shared by everybody who may end the kiosk.
#[derive(Clone, Debug)]
pub(super) struct Ending(Arc<State>);

#[derive(Debug)]
struct State {
    reason: Mutex<Option<Result<(), String>>>,
    /// Can be read from then on, so that whoever waits for something else hears of it too.
    begun: OwnedFd,
}

impl AsFd for Ending {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.begun.as_fd()
    }
}

impl Ending {
    /// One that has not begun. The error is a sentence.
    pub(super) fn new() -> Result<Ending, String> {
        let cannot = |error: Errno| format!("The kiosk could not be told to end: {error}.");
        let begun = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map_err(cannot)?;
        Ok(Ending(Arc::new(State { reason: Mutex::default(), begun })))
    }

    /// It was told to end.
    pub(super) fn leave(&self) {
        self.begin(Ok(()));
    }

    /// It cannot go on, or not end well. `sentence` says why; none is lost without a word.
    pub(super) fn fail(&self, sentence: String) {
        self.begin(Err(sentence));
    }

    pub(super) fn has_begun(&self) -> bool {
        self.reason().is_some()
    }

    /// The reason, if there is one.
    pub(super) fn reason(&self) -> Option<Result<(), String>> {
        self.lock().clone()
    }

    /// Waits so long, unless it begins before.
    pub(super) fn wait(&self, at_most: Duration) {
        let end = uptime() + at_most;
        while !self.has_begun() && uptime() < end {
            let left = Timespec::try_from(end.saturating_sub(uptime())).ok();
            let polled = poll(&mut [PollFd::new(self, PollFlags::IN)], left.as_ref());
            if !matches!(polled, Ok(_) | Err(Errno::INTR)) {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Result<(), String>>> {
        self.0.reason.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, reason: Result<(), String>) {
        let mut is = self.lock();
        match (&*is, reason) {
            (None, reason) => {
                *is = Some(reason);
                drop(is);
                // Fails only if it has been told already.
                let _ = write(&self.0.begun, &1_u64.to_ne_bytes());
                window::tell_from_elsewhere(Event::Leave);
            }
            // Who was told to end, and fails at that, has failed.
            (Some(Ok(())), Err(sentence)) => *is = Some(Err(sentence)),
            (Some(Err(first)), Err(sentence)) if *first != sentence => super::say(&sentence),
            (Some(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_counts_and_a_failure_more_than_having_been_told_to_end() {
        let ending = Ending::new().unwrap();
        assert_eq!(ending.reason(), None);
        ending.leave();
        assert_eq!(ending.reason(), Some(Ok(())));
        ending.fail("first".into());
        ending.leave();
        ending.fail("second".into());
        assert_eq!(ending.reason(), Some(Err("first".into())));
    }

    #[test]
    fn whoever_waits_for_its_time_waits_no_longer_than_told_and_not_at_all_once_it_ends() {
        let ending = Ending::new().unwrap();
        ending.wait(Duration::ZERO);
        assert!(!ending.has_begun());
        std::thread::scope(|scope| {
            scope.spawn(|| ending.wait(Duration::from_secs(3600)));
            ending.leave();
        });
    }
}
