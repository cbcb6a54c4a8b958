//! The login between the broker and the person: what is sent, and what each piece of news means.

use std::time::Duration;

use super::limits::Went;
use super::{
    Attempt, Cause, Display, Effect, Flow, Line, Login, News, NotStarted, Notice, Order, Outcome, Reason,
    Scan, State, Whom, Words, entering_a_code, first_page,
};
use crate::ciba::polling::{Polling, Verdict};
use crate::ciba::{Acknowledgement, AgeCheck, Answer, Hint, Invitation, Secret};

const INVALID_CLIENT: &str = "invalid_client";

impl Flow {
    /// An identifier that came whole, from whoever runs this program.
    pub(super) fn take(&mut self, hint: Hint, user_code: Option<Secret>, now: Duration) -> Vec<Effect> {
        let mut effects = Vec::new();
        if matches!(self.state, State::Resting { .. }) && self.is_open(now) {
            effects = self.turn_display(Display::On);
            self.state = first_page(&self.settings, false);
        }
        let (State::Entering { .. } | State::Offering { .. }) = self.state else { return effects };
        effects.extend(match self.limiter.wait_of(self.limiter.person(&hint), now) {
            None => self.start(hint, user_code, now),
            Some(_) => self.end(Outcome::Unavailable(Cause::code("too_many_tries")), now),
        });
        effects
    }

    /// A person who was typed, and their code if one is asked for. The screen says how long it has to wait, if it
    /// has to.
    pub(super) fn ask_for(&mut self, hint: Hint, user_code: Option<Secret>, now: Duration) -> Vec<Effect> {
        let wait = self.limiter.wait_of(self.limiter.person(&hint), now);
        match (&mut self.state, wait, self.settings.user_code) {
            (State::Entering { wait_until, complaint, .. }, Some(until), _) => {
                (*wait_until, *complaint) = (Some(until), None);
                Vec::new()
            }
            (State::Entering { awaited, .. }, None, Some(digits)) if user_code.is_none() => {
                self.state = entering_a_code(hint, digits, *awaited);
                Vec::new()
            }
            _ => self.start(hint, user_code, now),
        }
    }

    /// The identifier and the user code leave here and no copy stays: the state that held them is replaced.
    pub(super) fn start(&mut self, hint: Hint, user_code: Option<Secret>, now: Duration) -> Vec<Effect> {
        self.attempt.0 += 1;
        let whom = match self.limiter.person(&hint) {
            Some(person) => {
                let code = self.codes.code();
                Whom::Person { person, reference_text: self.settings.reference_text.render(&code), code }
            }
            None => Whom::Scanner,
        };
        let order = Order {
            hint,
            reference_text: whom.reference_text().to_owned(),
            reference_id: self.codes.opaque(),
            ciba_nonce: self.codes.opaque(),
            user_code,
        };
        let login = Login { whom, reference_id: order.reference_id.clone() };
        self.state = State::Starting { login, sent_at: now };
        vec![Effect::Start { attempt: self.attempt, order }]
    }

    pub(super) fn hear(&mut self, attempt: Attempt, news: News, now: Duration) -> Vec<Effect> {
        if attempt == self.attempt {
            match &self.state {
                State::Starting { .. } => return self.hear_of_the_start(news, now),
                State::Waiting { line: Line::Asking | Line::AskingAgain, .. } => {
                    return self.hear_of_a_poll(news, now);
                }
                // No question, so this is no answer.
                State::Waiting { .. } => return Vec::new(),
                State::Resting { .. }
                | State::Entering { .. }
                | State::Offering { .. }
                | State::Ended { .. } => {}
            }
        }
        match news {
            // A login that was given up before its id was known can be cancelled only now.
            News::Acknowledged(ack) | News::Invited(ack, _) => {
                vec![Effect::Cancel { attempt, auth_req_id: Some(ack.auth_req_id) }]
            }
            News::NotStarted(NotStarted::NotSent(_)) => {
                self.limiter.take_back(attempt);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn hear_of_the_start(&mut self, news: News, now: Duration) -> Vec<Effect> {
        match news {
            News::Acknowledged(ack) => {
                self.wait_for_the_person(ack, None, now);
                Vec::new()
            }
            News::Invited(ack, invitation) => {
                self.wait_for_the_person(ack, Some(invitation), now);
                Vec::new()
            }
            News::NotStarted(why) => self.not_started(why, now),
            _ => Vec::new(),
        }
    }

    fn not_started(&mut self, why: NotStarted, now: Duration) -> Vec<Effect> {
        match why {
            NotStarted::NotSent(cause) => self.end_as(Went::NotSent, Outcome::Unavailable(cause), now),
            // Nobody has seen the code yet, so nothing is on any phone.
            NotStarted::MaybeSent(cause) if self.is_for_whoever_scans() => {
                self.end(Outcome::Unavailable(cause), now)
            }
            NotStarted::MaybeSent(cause) => self.end(Outcome::Unknown(cause), now),
            NotStarted::Busy { status, retry_after } => {
                if let Some(pause) = retry_after {
                    self.limiter.close_for(pause, now);
                }
                let cause = Cause::status(status);
                let outcome = match status {
                    // These two say that nothing was done.
                    429 | 503 => Outcome::Unavailable(cause),
                    _ if self.is_for_whoever_scans() => Outcome::Unavailable(cause),
                    // A server that breaks, or one behind it, may have got as far as the phone.
                    _ => Outcome::Unknown(cause),
                };
                self.end(outcome, now)
            }
            NotStarted::Malformed { clause } => {
                let mut effects = vec![Effect::Note(Notice::Contract(clause.into()))];
                effects.extend(self.end(Outcome::Unavailable(Cause::Malformed(clause)), now));
                effects
            }
            NotStarted::Refused { error } if error == "access_denied" => self.end(Outcome::Rejected, now),
            NotStarted::Refused { error } => {
                let mut effects: Vec<Effect> = notice_of(&error).map(Effect::Note).into_iter().collect();
                let went = if error == INVALID_CLIENT { Went::ClientRefused } else { went(&error) };
                let reason = Reason::of_refused(&error);
                let cause = Cause::Code(error);
                let page = self.unavailable(reason, &cause);
                effects.extend(self.end_as(went, Outcome::Unavailable(cause), now));
                self.shows_instead(page);
                effects
            }
        }
    }

    /// What the phone shows, where it shows what it was sent.
    pub(super) fn words(&self, code: &str, reference_text: &str) -> Option<Words> {
        let ours = !self.settings.age.is_some_and(AgeCheck::is_worded_by_the_broker);
        ours.then(|| Words { code: code.to_owned(), reference_text: reference_text.to_owned() })
    }

    fn wait_for_the_person(
        &mut self,
        mut ack: Acknowledgement,
        invitation: Option<Invitation>,
        now: Duration,
    ) {
        let State::Starting { login, sent_at } = &self.state else { return };
        ack.expires_in = ack.expires_in.min(self.settings.patience);
        let polling = Polling::begin(*sent_at, now, &ack, self.settings.retries);
        let scan = invitation.map(|invitation| Scan::of(invitation, *sent_at, polling.deadline()));
        self.state = State::Waiting {
            login: login.clone(),
            auth_req_id: ack.auth_req_id,
            polling,
            started: *sent_at,
            line: Line::Quiet,
            scan,
        };
    }

    fn hear_of_a_poll(&mut self, news: News, now: Duration) -> Vec<Effect> {
        let State::Waiting { login, polling, line, .. } = &mut self.state else { return Vec::new() };
        // Whatever ends without the broker's own word may still be on the phone: a token that is not for this login
        // says nothing about it.
        match news {
            News::Granted(granted) => {
                let reference_id = login.reference_id.clone();
                self.end(Outcome::Approved { granted, reference_id }, now)
            }
            News::AgeTold(answer) => self.end(Outcome::AgeTold(answer), now),
            News::Untrusted(clause) => {
                let mut effects = vec![Effect::Note(Notice::Untrusted(clause))];
                effects.extend(self.give_up(Outcome::Refused(clause), now));
                effects
            }
            News::Untimely(clause) => {
                let mut effects = vec![Effect::Note(Notice::Untimely(clause))];
                effects.extend(self.give_up(Outcome::Unavailable(Cause::code("clock")), now));
                effects
            }
            News::Unverifiable(cause) => self.give_up(Outcome::Unknown(cause), now),
            News::Silence { maybe_answered } => {
                *line = Line::Troubled;
                polling.silence(maybe_answered, now);
                Vec::new()
            }
            News::Heard(answer) => {
                *line = if matches!(answer, Answer::Busy(_) | Answer::Failing(_) | Answer::Lost) {
                    Line::Troubled
                } else {
                    Line::Quiet
                };
                match polling.hear(&answer, now) {
                    Verdict::Continue => Vec::new(),
                    Verdict::Denied => self.end(Outcome::Rejected, now),
                    Verdict::Expired => self.end(Outcome::Expired, now),
                    Verdict::Lost => self.give_up(Outcome::Unknown(Cause::code("answer_lost")), now),
                    Verdict::Failed { error } => {
                        let mut effects: Vec<Effect> =
                            notice_of(&error).map(Effect::Note).into_iter().collect();
                        let went = went(&error);
                        effects.extend(self.give_up_as(went, Outcome::Unavailable(Cause::Code(error)), now));
                        effects
                    }
                }
            }
            News::Acknowledged(_) | News::Invited(..) | News::NotStarted(_) => Vec::new(),
        }
    }
}

/// What a code that ended a login means for the next one of this person.
fn went(error: &str) -> Went {
    match Reason::of(error) {
        Reason::TooMany => Went::Blocked,
        Reason::Parallel => Went::Denied,
        _ => Went::Unapproved,
    }
}

fn is_of_the_person(error: &str) -> bool {
    error == "unknown_user_id" || error.starts_with("mitid_flex_app.")
}

/// What the operator should know of a code that ended a login; nothing of one that is a matter of the person.
fn notice_of(error: &str) -> Option<Notice> {
    match error {
        INVALID_CLIENT => Some(Notice::ClientRefused),
        "redirect" => Some(Notice::Contract("a poll is answered with a redirect".into())),
        // Not a code: the broker asked for a longer rest than the login has left.
        "retry_after" => None,
        "missing_user_code" | "invalid_user_code" => None,
        _ if is_of_the_person(error) => None,
        _ => Some(Notice::BrokerError(error.to_owned())),
    }
}
