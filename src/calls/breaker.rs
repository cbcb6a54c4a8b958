//! Saying at once that the broker is away, instead of letting every person find out for themselves.

use std::time::Duration;

use crate::flow::Cause;

/// So many starts in a row that reached nobody.
const STRIKES: u32 = 3;
/// How long nothing is tried after that. The next start is the probe.
const REST: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(super) struct Breaker {
    strikes: u32,
    /// The last that was tried got no answer.
    silent: bool,
    resting: Option<Rest>,
}

struct Rest {
    until: Duration,
    cause: Cause,
}

impl Breaker {
    /// Why a start is not even tried.
    pub(super) fn says_no(&mut self, now: Duration) -> Option<Cause> {
        self.resting.take_if(|rest| now >= rest.until);
        self.resting.as_ref().map(|rest| rest.cause.clone())
    }

    pub(super) fn hears_an_answer(&mut self) {
        *self = Breaker::default();
    }

    pub(super) fn hears_nothing(&mut self) {
        self.silent = true;
    }

    /// A start has come to nothing.
    pub(super) fn counts(&mut self, cause: &Cause, now: Duration) {
        // Whoever answered is not away.
        if !self.silent {
            return;
        }
        self.strikes = self.strikes.saturating_add(1);
        if self.strikes >= STRIKES {
            self.resting = Some(Rest { until: now.saturating_add(REST), cause: cause.clone() });
        }
    }
}
