//! How much of what was typed is seen, and until when.

use std::time::Duration;

use super::Kind;

/// The last character of a masked field is gone within half a second, with a tenth left for drawing.
const LAST: Duration = Duration::from_millis(400);
/// Long enough to read ten digits once more.
const ALL: Duration = Duration::from_secs(5);

/// Times are those of the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Nothing is seen but the last character, until then.
    Masked { last: Duration },
    /// Everything is seen, until then where there is an end.
    Seen { until: Option<Duration> },
}

/// What a press of the key that shows and hides would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toggle {
    Show,
    Hide,
}

const MASKED: Sight = Sight::Masked { last: Duration::ZERO };

impl Sight {
    pub(super) fn of(kind: Kind) -> Sight {
        if kind.masked() { MASKED } else { Sight::Seen { until: None } }
    }

    /// Something more was typed.
    pub(super) fn typed(&mut self, now: Duration) {
        if let Sight::Masked { .. } = self.at(now) {
            *self = Sight::Masked { last: now.saturating_add(LAST) };
        }
    }

    /// The last character is one that was hidden already.
    pub(super) fn erased(&mut self, now: Duration) {
        if let Sight::Masked { .. } = self.at(now) {
            *self = MASKED;
        }
    }

    /// Shows everything, for a while where it has to be masked, or hides it.
    pub(super) fn toggle(&mut self, kind: Kind, now: Duration) {
        if let Some(toggle) = self.offers(kind, now) {
            *self = match toggle {
                Toggle::Show => Sight::Seen { until: kind.masked().then(|| now.saturating_add(ALL)) },
                Toggle::Hide => MASKED,
            };
        }
    }

    /// `None` where nothing is ever hidden.
    pub(super) fn offers(self, kind: Kind, now: Duration) -> Option<Toggle> {
        kind.hides().then_some(match self.at(now) {
            Sight::Masked { .. } => Toggle::Show,
            Sight::Seen { .. } => Toggle::Hide,
        })
    }

    /// Whether the character at `place` of `typed` is seen.
    pub(super) fn sees(self, place: usize, typed: usize, now: Duration) -> bool {
        match self.at(now) {
            Sight::Masked { last } => place + 1 == typed && now < last,
            Sight::Seen { .. } => true,
        }
    }

    /// When less is seen than now.
    pub(super) fn fades_at(self, now: Duration) -> Option<Duration> {
        match self {
            Sight::Masked { last } => Some(last),
            Sight::Seen { until } => until,
        }
        .filter(|at| *at > now)
    }

    fn at(self, now: Duration) -> Sight {
        match self {
            Sight::Seen { until: Some(until) } if now >= until => MASKED,
            other => other,
        }
    }
}
