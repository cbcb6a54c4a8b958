//! The login between the broker and the person: what is sent, and what each piece of news means.

use std::time::Duration;

use super::ending::Ending;
use super::{Attempt, Effect, Flow, Line, Login, News, NotStarted, Order, State};
use crate::ciba::polling::{Polling, Verdict};
use crate::ciba::{Acknowledgement, Answer, Hint};

impl Flow {
    /// The identifier leaves here and no copy stays: the state that held it is replaced.
    pub(super) fn start(&mut self, hint: Hint, now: Duration) -> Vec<Effect> {
        self.attempt.0 += 1;
        let code = self.codes.code();
        let reference_text = self.settings.reference_text.render(&code);
        let order = Order {
            hint,
            reference_text: reference_text.clone(),
            reference_id: self.codes.opaque(),
            ciba_nonce: self.codes.opaque(),
        };
        let login = Login { code, reference_text, reference_id: order.reference_id.clone() };
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
                State::Entering { .. } | State::Ended { .. } => {}
            }
        }
        match news {
            // A login that was given up before its id was known can be cancelled only now.
            News::Acknowledged(ack) => vec![Effect::Cancel { attempt, auth_req_id: Some(ack.auth_req_id) }],
            _ => Vec::new(),
        }
    }

    fn hear_of_the_start(&mut self, news: News, now: Duration) -> Vec<Effect> {
        match news {
            News::Acknowledged(ack) => {
                self.wait_for_the_person(ack, now);
                Vec::new()
            }
            News::NotStarted(NotStarted::Refused { error }) if error == "access_denied" => {
                self.end(Ending::Rejected, now).effects()
            }
            News::NotStarted(
                NotStarted::Refused { error }
                | NotStarted::NotSent { error }
                | NotStarted::Busy { error, .. },
            ) => self.end(Ending::Unavailable { error }, now).effects(),
            News::NotStarted(NotStarted::MaybeSent { error }) => {
                self.end(Ending::Unknown { error }, now).effects()
            }
            _ => Vec::new(),
        }
    }

    fn wait_for_the_person(&mut self, mut ack: Acknowledgement, now: Duration) {
        let State::Starting { login, sent_at } = &self.state else { return };
        ack.expires_in = ack.expires_in.min(self.settings.patience);
        let polling = Polling::begin(*sent_at, now, &ack, self.settings.retries);
        self.state = State::Waiting {
            login: login.clone(),
            auth_req_id: ack.auth_req_id,
            polling,
            started: *sent_at,
            line: Line::Quiet,
        };
    }

    fn hear_of_a_poll(&mut self, news: News, now: Duration) -> Vec<Effect> {
        let State::Waiting { polling, line, .. } = &mut self.state else { return Vec::new() };
        match news {
            News::Granted(granted) => self.end(Ending::Approved(granted), now).effects(),
            News::Untrusted(clause) => self.end(Ending::Refused { error: clause.to_string() }, now).effects(),
            News::ClockUnknown => self.end(Ending::Unavailable { error: "clock".into() }, now).effects(),
            News::Unverifiable { error } => self.end(Ending::Unknown { error }, now).effects(),
            News::Silence { maybe_answered } => {
                *line = Line::Troubled;
                polling.silence(maybe_answered, now);
                Vec::new()
            }
            News::Heard(answer) => {
                *line = if matches!(answer, Answer::Busy(_) | Answer::Lost) {
                    Line::Troubled
                } else {
                    Line::Quiet
                };
                match polling.hear(&answer, now) {
                    Verdict::Continue => Vec::new(),
                    Verdict::Denied => self.end(Ending::Rejected, now).effects(),
                    Verdict::Expired => self.end(Ending::Expired, now).effects(),
                    Verdict::Lost => self.end(Ending::Unknown { error: "answer_lost".into() }, now).effects(),
                    Verdict::Failed { error } => {
                        let cancel = self.drop_request();
                        self.end(Ending::Unavailable { error }, now).after(cancel)
                    }
                }
            }
            News::Acknowledged(_) | News::NotStarted(_) => Vec::new(),
        }
    }

    pub(super) fn cancel(&mut self, now: Duration) -> Vec<Effect> {
        let cancel = self.drop_request();
        self.end(Ending::Cancelled, now).after(cancel)
    }

    pub(super) fn drop_request(&self) -> Effect {
        let auth_req_id = match &self.state {
            State::Waiting { auth_req_id, .. } => Some(auth_req_id.clone()),
            _ => None,
        };
        Effect::Cancel { attempt: self.attempt, auth_req_id }
    }
}
