//! One poll for the result, and the check of what it brings (CIBA 10). One is under way at most.

use std::sync::Arc;
use std::time::Duration;

use super::{Calls, Do, Failure, Heard, Now, Stage, Task};
use crate::ciba::{Answer, AuthReqId, Expected, Hint, Jwks, Provider, Secret, Tokens, Way, id_token, token};
use crate::flow::{Attempt, Cause, Granted, News, Notice, Order};

/// A provider may hold a poll for 30 s (CIBA 7.3).
const A_POLL: Duration = Duration::from_secs(35);

pub(super) struct Polling {
    attempt: Attempt,
    auth_req_id: AuthReqId,
    state: State,
}

enum State {
    /// Waits for the endpoints.
    Discovering,
    Asking(Task),
    /// Waits for the keys to check what came.
    Checking(Tokens),
}

/// What the token of a login must say.
pub(super) struct Asked {
    attempt: Attempt,
    way: Way,
    uuid: Option<Secret>,
    reference_text: String,
    ciba_nonce: String,
    /// By the clock that nobody sets.
    started_at: Duration,
}

impl Asked {
    pub(super) fn attempt(&self) -> Attempt {
        self.attempt
    }

    pub(super) fn new(attempt: Attempt, order: &Order, now: &Now) -> Asked {
        Asked {
            attempt,
            way: order.hint.way(),
            uuid: match &order.hint {
                Hint::Uuid(uuid) => Some(uuid.clone()),
                Hint::Cpr(_) | Hint::Login(_) | Hint::WhoeverScans => None,
            },
            reference_text: order.reference_text.clone(),
            ciba_nonce: order.ciba_nonce.clone(),
            started_at: now.uptime,
        }
    }
}

impl Polling {
    pub(super) fn awaits(&self, wanted: Task) -> bool {
        matches!(self.state, State::Asking(task) if task == wanted)
    }
}

impl Calls {
    pub(super) fn poll(&mut self, attempt: Attempt, auth_req_id: AuthReqId, now: &Now) {
        if let Some(old) = self.poll.take() {
            self.drop_the_task_of(&old);
        }
        match self.provider() {
            Some(provider) => self.ask(attempt, auth_req_id, &provider, now),
            None => self.poll = Some(Polling { attempt, auth_req_id, state: State::Discovering }),
        }
    }

    pub(super) fn drop_the_poll_of(&mut self, attempt: Attempt) {
        if let Some(polling) = self.poll.take_if(|polling| polling.attempt == attempt) {
            self.drop_the_task_of(&polling);
        }
    }

    fn drop_the_task_of(&mut self, polling: &Polling) {
        if let State::Asking(task) = polling.state {
            self.todo.drop(task);
        }
    }

    pub(super) fn go_on_with_the_poll(&mut self, provider: &Result<Arc<Provider>, Cause>, now: &Now) {
        let discovering = |polling: &mut Polling| matches!(polling.state, State::Discovering);
        let Some(Polling { attempt, auth_req_id, .. }) = self.poll.take_if(discovering) else { return };
        match provider {
            Ok(provider) => self.ask(attempt, auth_req_id, provider, now),
            Err(_) => self.tell(attempt, News::Silence { maybe_answered: false }),
        }
    }

    fn ask(&mut self, attempt: Attempt, auth_req_id: AuthReqId, provider: &Provider, now: &Now) {
        let moment = self.moment(now);
        match token::request(provider, &self.settings.client, &auth_req_id, &moment) {
            Ok(call) => {
                let state = State::Asking(self.todo.send(call, A_POLL));
                self.poll = Some(Polling { attempt, auth_req_id, state });
            }
            Err(_) => self.tell(attempt, News::Silence { maybe_answered: false }),
        }
    }

    pub(super) fn hear_of_a_poll(&mut self, polling: Polling, heard: Heard, now: &Now) {
        let Polling { attempt, auth_req_id, .. } = polling;
        let news = match heard.reply() {
            Ok(reply) => match token::read(&reply) {
                Answer::Granted(tokens) => return self.check(attempt, auth_req_id, tokens, now),
                answer => {
                    if answer == Answer::Lost {
                        let clause = "a poll is answered with success and without usable tokens";
                        self.todo.add(Do::Note(Notice::Contract(clause.into())));
                    }
                    News::Heard(answer)
                }
            },
            Err(Failure { stage: Stage::BrokenBody { status: 200 }, .. }) => News::Heard(Answer::Lost),
            Err(failure) => News::Silence { maybe_answered: failure.stage != Stage::NotSent },
        };
        self.tell(attempt, news);
    }

    fn check(&mut self, attempt: Attempt, auth_req_id: AuthReqId, tokens: Tokens, now: &Now) {
        match self.keys_for(&tokens, now) {
            Some(jwks) => self.verify(attempt, &auth_req_id, &tokens, &jwks, now),
            None => self.poll = Some(Polling { attempt, auth_req_id, state: State::Checking(tokens) }),
        }
    }

    pub(super) fn go_on_with_the_check(&mut self, keys: Result<Arc<Jwks>, Cause>, now: &Now) {
        let checking = |polling: &mut Polling| matches!(polling.state, State::Checking(_));
        let Some(Polling { attempt, auth_req_id, state }) = self.poll.take_if(checking) else { return };
        let State::Checking(tokens) = state else { return };
        // The old set still decides where it can, if the new one does not come.
        let old = self.keys.known_for(&tokens, self.settings.id_token_alg).cloned();
        match keys.or_else(|cause| old.ok_or(cause)) {
            Ok(jwks) => self.verify(attempt, &auth_req_id, &tokens, &jwks, now),
            Err(cause) => self.tell(attempt, News::Unverifiable(cause)),
        }
    }

    fn verify(&mut self, attempt: Attempt, auth_req_id: &AuthReqId, tokens: &Tokens, jwks: &Jwks, now: &Now) {
        let unix = self.time.unix(now);
        let Some(asked) = self.asked.as_ref().filter(|asked| asked.attempt == attempt) else {
            return self.tell(attempt, News::Unverifiable(Cause::words("another login has begun")));
        };
        let age = now.uptime.saturating_sub(asked.started_at);
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client.client_id,
            alg: self.settings.id_token_alg,
            client_secret: self.settings.client.auth.secret(),
            profile: self.settings.profile,
            way: asked.way,
            uuid: asked.uuid.as_ref(),
            reference_text: &asked.reference_text,
            ciba_nonce: &asked.ciba_nonce,
            auth_req_id,
            terms: &self.settings.terms,
            pins_at: self.time.unaided(now),
            // Both ends of the login by one clock, whichever is right now.
            started: unix.saturating_sub(age.as_secs()),
        };
        let believed = match self.settings.terms.age {
            None => id_token::verify(tokens, jwks, &expected, unix).map(|identity| {
                News::Granted(Box::new(Granted { identity, id_token: tokens.id_token.clone() }))
            }),
            Some(age) => id_token::verify_age(tokens, jwks, &expected, age, unix).map(News::AgeTold),
        };
        let news = match believed {
            Ok(news) => {
                if matches!(&news, News::Granted(granted) if self.settings.terms.miss_loa_of(&granted.identity))
                {
                    self.todo.add(Do::Note(Notice::LoaMissing));
                }
                if !self.told_of_unbound && !id_token::is_bound(tokens, &expected) {
                    self.told_of_unbound = true;
                    self.todo.add(Do::Note(Notice::Unbound));
                }
                news
            }
            Err(clause) if self.time.hides_the_token(clause) => News::Untimely(clause),
            Err(clause) => News::Untrusted(clause),
        };
        self.tell(attempt, news);
    }
}
