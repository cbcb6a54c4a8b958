//! When to ask again, and when to stop asking (CIBA 7.3, 10.1, 11).
//!
//! The caller owns the clock: every instant is the time since some fixed point, and it must count time asleep.
//! The next poll is due one interval after the last answer was read, never after the last question was sent:
//! a slow question followed by a fast one would otherwise reach the provider too early.

use std::time::Duration;

use super::authentication::{Acknowledgement, Profile};
use super::client_auth::ClientAuth;
use super::token::{Answer, Pause};

/// `slow_down` adds this for good (CIBA 11).
const SLOW_DOWN: Duration = Duration::from_secs(5);
/// Added to each wait, so that a provider with a coarse clock does not call the poll early.
const MARGIN: Duration = Duration::from_millis(100);
/// Failures in a row double the wait up to this, unless the interval itself is longer.
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);

/// The pace of one login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polling {
    interval: Duration,
    deadline: Duration,
    next_at: Duration,
    failures: u32,
    /// An answer may have been lost on its way, so the tokens may be used up.
    maybe_lost: bool,
    /// A success came without usable tokens.
    was_broken: bool,
    /// What a fresh client assertion may still mend.
    retries: Retries,
}

/// The errors after which one more poll goes out, with a fresh client assertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retries {
    /// The client signs no assertion, so the next poll would say the same.
    Never,
    /// The assertion may have been signed by a wrong clock, which the answer's `Date` has corrected.
    AfterInvalidClient,
    /// Signaturgruppen's `expired_token` speaks of the assertion, elsewhere it ends the login (CIBA 11).
    AfterInvalidClientOrExpiredToken,
}

impl Retries {
    /// What can be mended at this kind of provider, with this kind of proof.
    pub fn of(profile: Profile, auth: &ClientAuth) -> Retries {
        match profile {
            _ if !auth.uses_assertion() => Retries::Never,
            Profile::Signaturgruppen => Retries::AfterInvalidClientOrExpiredToken,
            Profile::Ciba => Retries::AfterInvalidClient,
        }
    }
}

/// What an answer means for the login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Continue,
    Denied,
    Expired,
    /// The provider will not give this login a result. `error` is the wire code.
    Failed {
        error: String,
    },
    /// The provider gave a result and it did not arrive.
    Lost,
}

impl Polling {
    /// `sent_at` is the instant just before the start was sent: from there `expires_in` is counted, so that the
    /// login never outlives the provider's own idea of it.
    pub fn begin(sent_at: Duration, now: Duration, ack: &Acknowledgement, retries: Retries) -> Polling {
        let deadline = sent_at.saturating_add(ack.expires_in);
        Polling {
            interval: ack.interval,
            deadline,
            next_at: now.saturating_add(ack.interval).saturating_add(MARGIN).min(deadline),
            failures: 0,
            maybe_lost: false,
            was_broken: false,
            retries,
        }
    }

    /// The instant of the next poll; at the deadline it is too late for one.
    pub fn next_at(&self) -> Duration {
        self.next_at
    }

    /// The instant at which the login is over.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The question got no answer: no connection, reset, or out of time. An answer that was on its way is lost,
    /// and with it possibly the tokens.
    pub fn silence(&mut self, maybe_answered: bool, now: Duration) {
        self.maybe_lost |= maybe_answered;
        self.back_off(now, Pause::default());
    }

    pub fn hear(&mut self, answer: &Answer, now: Duration) -> Verdict {
        match answer {
            Answer::Pending(pause) => self.pause(now, *pause),
            Answer::SlowDown(pause) => {
                let asked = pause.interval.unwrap_or_default();
                self.interval = (self.interval + SLOW_DOWN).max(asked);
                self.pause(now, *pause)
            }
            Answer::Busy(pause) => self.back_off(now, *pause),
            Answer::Failing(pause) => {
                self.maybe_lost = true;
                self.back_off(now, *pause)
            }
            Answer::Denied => Verdict::Denied,
            // Signaturgruppen's reading of this code ends with the login's own life.
            Answer::Expired
                if self.retries == Retries::AfterInvalidClientOrExpiredToken && now < self.deadline =>
            {
                self.with_a_new_assertion(now)
            }
            Answer::Expired => Verdict::Expired,
            Answer::InvalidClient if self.retries != Retries::Never && now < self.deadline => {
                self.with_a_new_assertion(now)
            }
            Answer::InvalidClient => Verdict::Failed { error: "invalid_client".to_owned() },
            Answer::InvalidGrant if self.maybe_lost => Verdict::Lost,
            Answer::InvalidGrant if now >= self.deadline => Verdict::Expired,
            Answer::InvalidGrant => Verdict::Failed { error: "invalid_grant".to_owned() },
            Answer::Failed { error } => Verdict::Failed { error: error.clone() },
            // A broken 200 has probably used up the tokens; the next answer tells.
            Answer::Lost if !self.was_broken => {
                self.was_broken = true;
                self.silence(true, now);
                Verdict::Continue
            }
            Answer::Lost | Answer::Granted(_) => Verdict::Lost,
        }
    }

    fn pause(&mut self, now: Duration, pause: Pause) -> Verdict {
        self.failures = 0;
        self.wait(now, self.interval, pause)
    }

    fn back_off(&mut self, now: Duration, pause: Pause) -> Verdict {
        let doubled = self.interval.saturating_mul(1 << self.failures.min(5));
        self.failures += 1;
        self.wait(now, doubled.min(LONGEST_BACKOFF.max(self.interval)), pause)
    }

    /// `Retry-After` counts for one round only. One that outlives the login leaves nothing to wait for.
    fn wait(&mut self, now: Duration, interval: Duration, pause: Pause) -> Verdict {
        let retry_after = pause.retry_after.unwrap_or_default();
        if retry_after > self.deadline.saturating_sub(now) {
            return Verdict::Failed { error: "retry_after".to_owned() };
        }
        let wait = interval.max(retry_after).saturating_add(MARGIN);
        self.next_at = now.saturating_add(wait).min(self.deadline);
        Verdict::Continue
    }

    /// Once in a login: what a second one does not mend is no matter of the clock.
    fn with_a_new_assertion(&mut self, now: Duration) -> Verdict {
        self.retries = Retries::Never;
        self.pause(now, Pause::default())
    }
}

#[cfg(test)]
mod tests {
    use super::super::wire::{AuthReqId, Secret};
    use super::*;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn acknowledged(interval: u64, expires_in: u64) -> Acknowledgement {
        Acknowledgement {
            auth_req_id: AuthReqId(Secret::from("r1")),
            interval: secs(interval),
            expires_in: secs(expires_in),
        }
    }

    fn polling() -> Polling {
        Polling::begin(secs(0), secs(1), &acknowledged(5, 300), Retries::Never)
    }

    fn retry_after(seconds: u64) -> Pause {
        Pause { retry_after: Some(secs(seconds)), interval: None }
    }

    #[test]
    fn the_first_poll_waits_an_interval_from_the_acknowledgement() {
        assert_eq!(polling().next_at(), secs(6) + MARGIN);
    }

    #[test]
    fn the_login_ends_by_the_instant_before_the_start_was_sent() {
        assert_eq!(
            Polling::begin(secs(10), secs(14), &acknowledged(5, 300), Retries::Never).deadline(),
            secs(310)
        );
    }

    #[test]
    fn slow_down_adds_five_seconds_for_good() {
        let mut polling = polling();
        for expected in [10, 15, 20] {
            assert_eq!(polling.hear(&Answer::SlowDown(Pause::default()), secs(20)), Verdict::Continue);
            assert_eq!(polling.next_at(), secs(20 + expected) + MARGIN);
        }
        polling.hear(&Answer::Pending(Pause::default()), secs(100));
        assert_eq!(polling.next_at(), secs(120) + MARGIN);
    }

    #[test]
    fn slow_down_takes_a_longer_interval_from_the_answer_but_never_a_shorter_one() {
        let mut polling = polling();
        polling.hear(&Answer::SlowDown(Pause { retry_after: None, interval: Some(secs(1)) }), secs(10));
        assert_eq!(polling.next_at(), secs(20) + MARGIN);
        polling.hear(&Answer::SlowDown(Pause { retry_after: None, interval: Some(secs(40)) }), secs(10));
        assert_eq!(polling.next_at(), secs(50) + MARGIN);
    }

    #[test]
    fn failures_double_the_wait_up_to_thirty_seconds_and_an_answer_ends_that() {
        let mut polling = polling();
        for expected in [5, 10, 20, 30, 30] {
            polling.silence(false, secs(50));
            assert_eq!(polling.next_at(), secs(50 + expected) + MARGIN);
        }
        polling.hear(&Answer::Pending(Pause::default()), secs(60));
        assert_eq!(polling.next_at(), secs(65) + MARGIN);
        polling.silence(false, secs(66));
        assert_eq!(polling.next_at(), secs(71) + MARGIN, "and the next one is the first again");
    }

    #[test]
    fn a_failure_never_shortens_an_interval_of_more_than_thirty_seconds() {
        let mut polling = Polling::begin(secs(0), secs(0), &acknowledged(45, 300), Retries::Never);
        polling.silence(false, secs(50));
        assert_eq!(polling.next_at(), secs(95) + MARGIN);
    }

    #[test]
    fn retry_after_counts_once_and_never_shortens_the_interval() {
        let mut polling = polling();
        polling.hear(&Answer::Busy(retry_after(20)), secs(10));
        assert_eq!(polling.next_at(), secs(30) + MARGIN);
        polling.hear(&Answer::Pending(retry_after(1)), secs(30));
        assert_eq!(polling.next_at(), secs(35) + MARGIN);
    }

    #[test]
    fn a_retry_after_that_outlives_the_login_ends_it() {
        let failed = Verdict::Failed { error: "retry_after".to_owned() };
        assert_eq!(polling().hear(&Answer::Busy(retry_after(3600)), secs(10)), failed);
        assert_eq!(polling().hear(&Answer::Busy(retry_after(291)), secs(10)), failed);
        assert_eq!(polling().hear(&Answer::Busy(retry_after(290)), secs(10)), Verdict::Continue);
    }

    #[test]
    fn no_wait_reaches_past_the_deadline() {
        let mut polling = polling();
        polling.hear(&Answer::Pending(Pause::default()), secs(299));
        assert_eq!(polling.next_at(), polling.deadline());
    }

    #[test]
    fn invalid_grant_after_a_possibly_lost_answer_means_that_the_result_is_lost() {
        let mut polling = polling();
        assert!(matches!(polling.hear(&Answer::InvalidGrant, secs(9)), Verdict::Failed { .. }));
        polling.silence(false, secs(10));
        assert!(matches!(polling.hear(&Answer::InvalidGrant, secs(20)), Verdict::Failed { .. }));
        polling.silence(true, secs(30));
        assert_eq!(polling.clone().hear(&Answer::InvalidGrant, secs(40)), Verdict::Lost);
        polling.silence(false, secs(40));
        polling.hear(&Answer::Busy(Pause::default()), secs(50));
        assert_eq!(polling.hear(&Answer::InvalidGrant, secs(60)), Verdict::Lost, "it stays lost");
    }

    #[test]
    fn a_broken_success_is_asked_for_once_more() {
        let mut polling = polling();
        assert_eq!(polling.hear(&Answer::Lost, secs(10)), Verdict::Continue);
        assert_eq!(polling.clone().hear(&Answer::InvalidGrant, secs(20)), Verdict::Lost);
        assert_eq!(polling.hear(&Answer::Lost, secs(20)), Verdict::Lost);
    }

    fn retrying(retries: Retries) -> Polling {
        Polling::begin(secs(0), secs(1), &acknowledged(5, 300), retries)
    }

    fn invalid_client() -> Verdict {
        Verdict::Failed { error: "invalid_client".to_owned() }
    }

    /// `invalid-expired-token-test` of the conformance suite.
    #[test]
    fn an_expired_login_gets_no_other_poll() {
        for retries in [Retries::Never, Retries::AfterInvalidClient] {
            assert_eq!(retrying(retries).hear(&Answer::Expired, secs(6)), Verdict::Expired, "{retries:?}");
        }
    }

    #[test]
    fn an_expired_assertion_gets_one_fresh_one() {
        let mut polling = retrying(Retries::AfterInvalidClientOrExpiredToken);
        assert_eq!(polling.hear(&Answer::Expired, secs(6)), Verdict::Continue);
        assert_eq!(polling.next_at(), secs(11) + MARGIN);
        assert_eq!(polling.hear(&Answer::Expired, secs(12)), Verdict::Expired);
    }

    #[test]
    fn a_client_that_is_refused_tries_one_fresh_assertion_if_it_signs_any() {
        assert_eq!(retrying(Retries::Never).hear(&Answer::InvalidClient, secs(6)), invalid_client());
        for retries in [Retries::AfterInvalidClient, Retries::AfterInvalidClientOrExpiredToken] {
            let mut polling = retrying(retries);
            assert_eq!(polling.hear(&Answer::InvalidClient, secs(6)), Verdict::Continue);
            assert_eq!(polling.hear(&Answer::InvalidClient, secs(12)), invalid_client());
        }
    }

    #[test]
    fn one_fresh_assertion_is_tried_in_all() {
        let mut polling = retrying(Retries::AfterInvalidClientOrExpiredToken);
        assert_eq!(polling.hear(&Answer::Expired, secs(6)), Verdict::Continue);
        assert_eq!(polling.hear(&Answer::InvalidClient, secs(12)), invalid_client());
    }

    #[test]
    fn what_is_said_past_the_deadline_means_that_the_login_expired() {
        for answer in [Answer::Expired, Answer::InvalidGrant] {
            let mut polling = retrying(Retries::AfterInvalidClientOrExpiredToken);
            assert_eq!(polling.hear(&answer, secs(300)), Verdict::Expired, "{answer:?}");
        }
        let mut polling = retrying(Retries::AfterInvalidClientOrExpiredToken);
        assert_eq!(polling.hear(&Answer::InvalidClient, secs(300)), invalid_client());
    }

    #[test]
    fn only_signaturgruppen_says_expired_token_of_an_assertion() {
        let (signed, posted) = (ClientAuth::SecretJwt("word".into()), ClientAuth::SecretPost("word".into()));
        for (profile, auth, retries) in [
            (Profile::Signaturgruppen, &signed, Retries::AfterInvalidClientOrExpiredToken),
            (Profile::Ciba, &signed, Retries::AfterInvalidClient),
            (Profile::Signaturgruppen, &posted, Retries::Never),
            (Profile::Ciba, &posted, Retries::Never),
        ] {
            assert_eq!(Retries::of(profile, auth), retries);
        }
    }
}
