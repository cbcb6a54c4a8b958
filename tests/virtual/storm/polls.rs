//! What the provider makes of polls and of cancels.

use std::time::Duration;

use flexlogin::ciba::Reply;
use serde_json::{Value, json};

use super::login::{Pause, Told};
use super::phone::Decision;
use super::server::{Request, Server};
use super::tokens;
use super::weather::Weather;
use crate::broker::reply;
use crate::world::{Answered, Asked};

/// A device gives a poll so much time.
const A_POLL: Duration = Duration::from_secs(35);
/// What `slow_down` adds for good.
const SLOW_DOWN: Duration = Duration::from_secs(5);

impl Server {
    pub(super) fn poll(&mut self, asked: &Asked<'_>) -> Answered {
        let form = self.authenticated(asked.call);
        let number = form.get("auth_req_id").and_then(|id| self.by_id.get(id)).copied();
        let Some(number) = number else {
            self.is_wrong(asked, "a poll for a request that was never made");
            return Answered::Silence;
        };
        self.look_at_the_pace(asked, number);
        let login = self.requests[number].login;
        let weather = self.weather(asked.at);
        // A provider may hold a poll.
        let held = if self.chance.below(30) == 0 { self.chance.below(20) } else { 0 };
        let after = self.delay() + Duration::from_secs(held);
        let mut told_at = asked.at + after;
        let acts = weather.acts() && !matches!(weather, Weather::Page);
        let (told, reply) = if acts { self.answer(asked, number) } else { (Told::PollUnanswered, None) };
        let told = match weather {
            Weather::Fair => told,
            Weather::NotSent => Told::PollNotSent,
            // The line broke behind the status, and 200 stands for tokens.
            Weather::Broken { .. } if reply.as_ref().is_some_and(|reply| reply.status == 200) => {
                Told::EmptySuccess
            }
            Weather::Lost { .. } | Weather::Broken { .. } => Told::PollUnanswered,
            Weather::Silence { .. } => {
                told_at = (asked.at + A_POLL).saturating_sub(*self.climate.road.end());
                Told::PollUnanswered
            }
            Weather::Busy { status, retry_after, .. } => Told::Wait(Pause {
                retry_after,
                slower: (status == 429).then_some(None),
                maybe_lost: !matches!(status, 429 | 503),
            }),
            Weather::Page => Told::EmptySuccess,
        };
        self.logins[login].told.push((told_at, told));
        let request = &mut self.requests[number];
        let pause = if let Told::Wait(pause) = told { pause } else { Pause::default() };
        if let Some(asked) = pause.slower {
            request.interval = (request.interval + SLOW_DOWN).max(asked.unwrap_or_default());
        }
        request.next_poll = told_at + request.interval.max(pause.retry_after.unwrap_or_default());
        self.through(weather, asked.at, after, reply)
    }

    /// What a strict server measures: the time since its last word, and one question at a time.
    fn look_at_the_pace(&mut self, asked: &Asked<'_>, number: usize) {
        let request = &self.requests[number];
        if asked.at < request.next_poll {
            let early = request.next_poll - asked.at;
            self.is_wrong(asked, &format!("a poll came {early:?} too early, or while another was under way"));
        }
        let ended = self.logins[self.requests[number].login].ended.as_ref().map(|(at, _)| *at);
        if ended.is_some_and(|at| asked.at > at + *self.climate.road.end()) {
            self.is_wrong(asked, "a poll came after the end of its login");
        }
    }

    fn answer(&mut self, asked: &Asked<'_>, number: usize) -> (Told, Option<Reply>) {
        let error = |told, error: &str| (told, Some(reply(400, &json!({"error": error}))));
        if self.climate.is_malicious(&mut self.chance)
            && let Some(wrong) = self.wrong_tokens(number, asked.at)
        {
            return (Told::WrongTokens, Some(wrong));
        }
        let request = &mut self.requests[number];
        if request.id_token.is_some() {
            return error(Told::Gone, "invalid_grant");
        }
        if request.is_gone(asked.at) {
            return error(Told::Expired, "expired_token");
        }
        match request.decision {
            Decision::Approves(at) if at <= asked.at => {
                let claims = tokens::claims(&self.climate, request, asked.at);
                let id_token = tokens::sign(&self.climate, &claims, asked.at);
                let body = success(&request.access_token(), &id_token);
                request.id_token = Some(id_token);
                (Told::Tokens, Some(reply(200, &body)))
            }
            Decision::Rejects(at) if at <= asked.at => error(Told::Denied, "access_denied"),
            _ => self.not_yet(),
        }
    }

    fn not_yet(&mut self) -> (Told, Option<Reply>) {
        let error = |told, body: Value| (told, Some(reply(400, &body)));
        match self.chance.below(400) {
            0 => error(Told::Failed, json!({"error": "invalid_request"})),
            1 => error(Told::Failed, json!({"error": "mitid_flex_app.mitid_error_X"})),
            2 => error(Told::Failed, json!({"error": "invalid_client"})),
            3..15 => {
                let pause = Pause { slower: Some(None), ..Pause::default() };
                error(Told::Wait(pause), json!({"error": "slow_down"}))
            }
            15..20 => {
                let pause = Pause { slower: Some(Some(Duration::from_secs(15))), ..Pause::default() };
                error(Told::Wait(pause), json!({"error": "slow_down", "interval": 15}))
            }
            20..25 => {
                let pause = Pause { retry_after: Some(Duration::from_secs(12)), ..Pause::default() };
                let mut reply = reply(400, &json!({"error": "authorization_pending"}));
                reply.retry_after = Some("12".into());
                (Told::Wait(pause), Some(reply))
            }
            _ => error(Told::Wait(Pause::default()), json!({"error": "authorization_pending"})),
        }
    }

    /// Tokens that must not be believed: of another request, of an earlier one, or spoilt.
    fn wrong_tokens(&mut self, number: usize, now: Duration) -> Option<Reply> {
        let request = &self.requests[number];
        let approved = |other: &Request| matches!(other.decision, Decision::Approves(at) if at <= now);
        let other = self.chance.below(self.requests.len() as u64) as usize;
        let other = &self.requests[other];
        let body = match self.chance.below(3) {
            0 => {
                let spoilt = tokens::spoilt(&self.climate, request, now, &mut self.chance);
                success(&request.access_token(), &spoilt)
            }
            1 if other.id != request.id => success(&other.access_token(), other.id_token.as_ref()?),
            2 if other.id != request.id && approved(other) && self.are_told_apart(other, request) => {
                let claims = tokens::claims(&self.climate, other, now);
                success(&other.access_token(), &tokens::sign(&self.climate, &claims, now))
            }
            _ => return None,
        };
        Some(reply(200, &body))
    }

    /// Codes have four digits, so that sometimes two requests have the same.
    fn are_told_apart(&self, one: &Request, other: &Request) -> bool {
        let echoes = self.climate.echoes;
        echoes.nonce || echoes.id || one.reference_text != other.reference_text
    }

    pub(super) fn cancel(&mut self, asked: &Asked<'_>, id: &str) -> Answered {
        let Some(number) = self.by_id.get(id).copied() else {
            self.is_wrong(asked, "a cancel of a request that was never made");
            return Answered::Silence;
        };
        let weather = self.weather(asked.at);
        let after = self.delay();
        let request = &mut self.requests[number];
        request.cancels.push(asked.at);
        if weather.acts() {
            request.cancelled.get_or_insert(asked.at);
        }
        let login = &self.logins[self.requests[number].login];
        if login.ended.is_none() {
            self.is_wrong(asked, "a login was cancelled that goes on");
        }
        self.through(weather, asked.at, after, Some(reply(200, &json!({}))))
    }
}

fn success(access_token: &str, id_token: &str) -> Value {
    json!({"access_token": access_token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token})
}
