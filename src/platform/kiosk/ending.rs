//! Why the kiosk ends. The first reason counts, and whatever is under way is cancelled at the broker.

use std::sync::{Arc, OnceLock};

use crate::flow::Event;
use crate::platform::window;

/// Shared by everybody who may end the kiosk.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending(Arc<OnceLock<Result<(), String>>>);

impl Ending {
    /// It was told to end.
    pub(super) fn leave(&self) {
        self.begin(Ok(()));
    }

    /// It cannot go on. `sentence` says why.
    pub(super) fn fail(&self, sentence: String) {
        self.begin(Err(sentence));
    }

    pub(super) fn has_begun(&self) -> bool {
        self.0.get().is_some()
    }

    /// The reason, if there is one.
    pub(super) fn reason(&self) -> Option<Result<(), String>> {
        self.0.get().cloned()
    }

    fn begin(&self, reason: Result<(), String>) {
        if self.0.set(reason).is_ok() {
            window::tell_from_elsewhere(Event::Leave);
        }
    }
}
