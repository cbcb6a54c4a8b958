//! The start of a login: discovery, the device's address, the request. It is a prompt on a phone (CIBA 7), unless a
//! code is to be scanned: then the address for it is asked for as well (see `invite`).

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::cancel::Whose;
use super::invite::Inviting;
use super::poll::Asked;
use super::time::Stamp;
use super::{AGAIN, Calls, Do, Failure, Heard, Ip, Now, PROMPTLY, Settings, Stage, Task, Why};
use crate::ciba::polling::Retries;
use crate::ciba::{AuthReqId, Fault, Provider, Reply, Start, Way, authentication, token};
use crate::flow::{Attempt, Cause, News, NotStarted, Notice, Order};

pub(super) struct Starting {
    attempt: Attempt,
    state: State,
}

enum State {
    /// Waits for the endpoints.
    Discovering(Order),
    /// Waits for the address that the broker asks for.
    Locating { order: Order, provider: Arc<Provider>, task: Task },
    /// May be at the broker.
    Sending(Request, Task),
    /// Was certainly not sent, and is about to be.
    Pausing(Request, Task),
    /// Is at the broker and on no phone.
    Inviting(Inviting),
}

struct Request {
    start: Start,
    provider: Arc<Provider>,
    pauses: &'static [Duration],
    /// By which time the client's proof was made.
    stamp: Stamp,
    /// The proof was made anew because the first had a wrong time.
    renewed: bool,
}

impl Starting {
    pub(super) fn inviting(attempt: Attempt, inviting: Inviting) -> Starting {
        Starting { attempt, state: State::Inviting(inviting) }
    }

    pub(super) fn attempt(&self) -> Attempt {
        self.attempt
    }

    pub(super) fn awaits(&self, wanted: Task) -> bool {
        match &self.state {
            State::Discovering(_) => false,
            State::Locating { task, .. } | State::Sending(_, task) | State::Pausing(_, task) => {
                *task == wanted
            }
            State::Inviting(inviting) => inviting.awaits(wanted),
        }
    }
}

impl Calls {
    pub(super) fn start(&mut self, attempt: Attempt, order: Order, now: &Now) {
        if self.is_given_up(attempt) {
            return self.not_started(attempt, cancelled());
        }
        if let Some(cause) = self.breaker.says_no(now.uptime) {
            return self.not_started(attempt, NotStarted::NotSent(cause));
        }
        if self.settings.terms.pins_are_over(self.time.unaided(now)) && !self.told_of_pins {
            self.told_of_pins = true;
            self.todo.add(Do::Note(Notice::PinsExpired));
        }
        match self.provider_for_a_start(now) {
            Some(provider) => self.locate(attempt, order, provider, now),
            None => self.starts.push(Starting { attempt, state: State::Discovering(order) }),
        }
    }

    pub(super) fn go_on_with_starts(&mut self, provider: &Result<Arc<Provider>, Cause>, now: &Now) {
        for Starting { attempt, state } in std::mem::take(&mut self.starts) {
            match (state, provider) {
                (State::Discovering(order), Ok(provider)) => {
                    self.locate(attempt, order, Arc::clone(provider), now);
                }
                (State::Discovering(_), Err(cause)) => {
                    self.breaker.counts(cause, now.uptime);
                    self.not_started(attempt, NotStarted::NotSent(cause.clone()));
                }
                (state, _) => self.starts.push(Starting { attempt, state }),
            }
        }
    }

    /// The login is to be cancelled as soon as its `auth_req_id` is known, and at once if nothing has left yet. Gives
    /// the handle of one that is at the broker and was never told.
    pub(super) fn give_up_the_start(&mut self, attempt: Attempt) -> Option<AuthReqId> {
        let mut at_the_broker = None;
        for starting in std::mem::take(&mut self.starts) {
            if starting.attempt > attempt {
                self.starts.push(starting);
                continue;
            }
            match starting.state {
                State::Discovering(_) => self.not_started(starting.attempt, cancelled()),
                State::Locating { task, .. } | State::Pausing(_, task) => {
                    self.todo.drop(task);
                    self.not_started(starting.attempt, cancelled());
                }
                State::Inviting(inviting) => at_the_broker = Some(self.uninvite(inviting)),
                state @ State::Sending(..) => self.starts.push(Starting { attempt: starting.attempt, state }),
            }
        }
        at_the_broker
    }

    pub(super) fn hear_of_a_start(&mut self, starting: Starting, heard: Heard, now: &Now) {
        let Starting { attempt, state } = starting;
        match state {
            State::Discovering(order) => {
                self.starts.push(Starting { attempt, state: State::Discovering(order) });
            }
            State::Locating { order, provider, .. } => {
                let address = if let Heard::Address(address) = heard { address } else { None };
                self.order(attempt, order, provider, address, now);
            }
            State::Pausing(request, _) => self.send(attempt, request, now),
            State::Sending(request, _) => self.hear_of_the_sent(attempt, request, heard, now),
            State::Inviting(inviting) => self.hear_of_the_invitation(attempt, inviting, heard, now),
        }
    }

    fn locate(&mut self, attempt: Attempt, order: Order, provider: Arc<Provider>, now: &Now) {
        match self.settings.ip {
            // The phone that scans has an address of its own.
            _ if order.hint.way() == Way::Scanned => self.order(attempt, order, provider, None, now),
            Ip::Fixed(address) => self.order(attempt, order, provider, Some(address), now),
            Ip::Auto => {
                let task = self.todo.locate(provider.backchannel_authentication_endpoint.clone());
                let state = State::Locating { order, provider, task };
                self.starts.push(Starting { attempt, state });
            }
        }
    }

    fn order(
        &mut self,
        attempt: Attempt,
        order: Order,
        provider: Arc<Provider>,
        ip: Option<IpAddr>,
        now: &Now,
    ) {
        self.asked = Some(Asked::new(attempt, &order, now));
        let start = Start {
            hint: order.hint,
            scope: self.settings.scope.clone(),
            reference_text: order.reference_text,
            action: self.settings.action,
            ip,
            reference_id: order.reference_id,
            ciba_nonce: order.ciba_nonce,
            user_code: order.user_code,
        };
        let stamp = self.time.stamp(now);
        self.send(attempt, Request { start, provider, pauses: &AGAIN, stamp, renewed: false }, now);
    }

    /// Every try has a fresh assertion: some brokers remember even those that failed.
    fn send(&mut self, attempt: Attempt, mut request: Request, now: &Now) {
        request.stamp = self.time.stamp(now);
        let moment = self.moment(now);
        let Settings { client, profile, terms, .. } = &self.settings;
        let Request { start, provider, .. } = &request;
        match authentication::request(provider, client, *profile, terms, start, &moment) {
            Ok(call) => {
                let task = self.todo.send(call, PROMPTLY);
                self.starts.push(Starting { attempt, state: State::Sending(request, task) });
            }
            Err(unsigned) => {
                self.not_started(attempt, NotStarted::NotSent(Cause::words(unsigned)));
            }
        }
    }

    fn hear_of_the_sent(&mut self, attempt: Attempt, mut request: Request, heard: Heard, now: &Now) {
        let reply = match (heard.reply(), request.pauses.split_first()) {
            (Ok(reply), _) => reply,
            (Err(failure), Some((pause, rest)))
                if failure.stage == Stage::NotSent && !failure.took_long() && !self.is_given_up(attempt) =>
            {
                request.pauses = rest;
                let task = self.todo.wait(*pause);
                return self.starts.push(Starting { attempt, state: State::Pausing(request, task) });
            }
            (Err(failure), _) => {
                let why = self.unanswered(failure, now);
                return self.not_started(attempt, why);
            }
        };
        let answer = authentication::read(&reply);
        let id = match &answer {
            Ok(ack) => Some(ack.auth_req_id.clone()),
            Err(Fault::Malformed(_)) => authentication::auth_req_id(&reply),
            Err(_) => None,
        };
        if let Some(id) = &id {
            self.keep(id, &request.provider);
        }
        match answer {
            Ok(ack) if self.is_given_up(attempt) => self.cancel(ack.auth_req_id, Whose::Ours, now),
            Ok(ack) if request.start.hint.way() == Way::Scanned => {
                self.invite(attempt, ack, request.provider);
            }
            Ok(ack) => {
                self.told = Some((attempt, ack.auth_req_id.clone()));
                self.tell(attempt, News::Acknowledged(ack));
            }
            Err(fault) => {
                id.into_iter().for_each(|id| self.cancel(id, Whose::Ours, now));
                self.hear_a_no(attempt, request, &reply, fault, now);
            }
        }
    }

    fn hear_a_no(&mut self, attempt: Attempt, mut request: Request, reply: &Reply, fault: Fault, now: &Now) {
        let blames_the_proof = self.blames_the_proof(&fault);
        let may_mend = blames_the_proof && !request.renewed && self.time.has_moved(request.stamp, now);
        if may_mend && !self.is_given_up(attempt) {
            request.renewed = true;
            // The broker said no before it asked anybody, so this is no second prompt.
            return self.send(attempt, request, now);
        }
        let why = match fault {
            Fault::Refused { .. } if blames_the_proof && self.time.is_lost(now) => {
                NotStarted::NotSent(Why::Clock.into())
            }
            Fault::Refused { error } => NotStarted::Refused { error },
            Fault::Busy { status } => NotStarted::Busy { status, retry_after: token::retry_after(reply) },
            Fault::Malformed(clause) => NotStarted::Malformed { clause },
        };
        self.not_started(attempt, why);
    }

    /// Whether the broker may have found the client's proof too old or too new.
    fn blames_the_proof(&self, fault: &Fault) -> bool {
        let Fault::Refused { error } = fault else { return false };
        match Retries::of(self.settings.profile, &self.settings.client.auth) {
            Retries::Never => false,
            Retries::AfterInvalidClient => error == "invalid_client",
            Retries::AfterInvalidClientOrExpiredToken => {
                matches!(error.as_str(), "invalid_client" | "expired_token")
            }
        }
    }

    pub(super) fn unanswered(&mut self, failure: Failure, now: &Now) -> NotStarted {
        let cause = failure.why.into();
        self.breaker.counts(&cause, now.uptime);
        match failure.stage {
            Stage::NotSent => NotStarted::NotSent(cause),
            Stage::NoAnswer | Stage::BrokenBody { .. } => NotStarted::MaybeSent(cause),
        }
    }

    pub(super) fn not_started(&mut self, attempt: Attempt, why: NotStarted) {
        self.tell(attempt, News::NotStarted(why));
    }
}

fn cancelled() -> NotStarted {
    NotStarted::NotSent(Cause::words("cancelled"))
}
