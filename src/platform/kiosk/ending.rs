//! Why the kiosk ends. The first reason counts, and whatever is under way is cancelled at the broker.

use std::sync::{Arc, Mutex, PoisonError};

use crate::flow::Event;
use crate::platform::window;

/// Shared by everybody who may end the kiosk.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending(Arc<Mutex<Option<Result<(), String>>>>);

impl Ending {
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn begin(&self, reason: Result<(), String>) {
        let mut is = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*is, reason) {
            (None, reason) => {
                *is = Some(reason);
                drop(is);
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
        let ending = Ending::default();
        assert_eq!(ending.reason(), None);
        ending.leave();
        assert_eq!(ending.reason(), Some(Ok(())));
        ending.fail("first".into());
        ending.leave();
        ending.fail("second".into());
        assert_eq!(ending.reason(), Some(Err("first".into())));
    }
}
