//! The suite's server: it answers as its table says, and complains of every call that it would fail a client for.

use std::collections::HashSet;
use std::time::{Duration, UNIX_EPOCH};

use flexlogin::ciba::{Algorithm, Call, Method, Reply};
use serde_json::{Value, json};

use super::demands::{self, Form, Registered};
use super::token::Token;
use crate::broker::{self, BACKCHANNEL, CLIENT_SECRET, DISCOVERY, JWKS, TOKEN, reply};
use crate::signing::{Key, other_rsa, p256, rsa};
use crate::world::{Answered, Asked, unix};

/// An answer is made in this time, and is under way for so long.
const THINKING: Duration = Duration::from_millis(15);
const WAY_BACK: Duration = Duration::from_millis(40);
/// After a token that must be refused, the suite listens for so long whether the client stops.
const MUST_BE_QUIET: Duration = Duration::from_secs(5);

/// What the server says to a poll.
#[derive(Clone)]
pub(super) enum Poll {
    Says(u16, Value),
    /// With `Retry-After`.
    Busy(u16, &'static str),
    Tokens,
}

/// A call, and when it came.
pub(super) type Heard = (Duration, Call);

pub(super) struct Provider {
    pub(super) discovery: Value,
    pub(super) registered: Registered,
    /// The published keys.
    pub(super) keys: Vec<Value>,
    pub(super) alg: Algorithm,
    pub(super) key: &'static Key,
    pub(super) kid: Option<String>,
    /// The error of every start.
    pub(super) refuses: Option<(u16, &'static str)>,
    pub(super) bend_acknowledgement: fn(&mut Value),
    /// The answers to the polls of one login, in their order; the last is said again and again.
    pub(super) polls: Vec<Poll>,
    pub(super) bend: fn(&mut Token),
    /// Whether the tokens are good; after others the client has to be quiet.
    pub(super) good: bool,
    /// When new keys are published and used, and the old ones are gone.
    pub(super) rotates: Rotates,
    /// The paths where nothing works just now.
    pub(super) down: Vec<&'static str>,
    /// What a client was caught at.
    pub(super) complaints: Vec<String>,
    pub(super) heard: Vec<Heard>,
    logins: Vec<Login>,
    /// The `jti` of every JWT that came.
    seen: HashSet<String>,
    quiet_until: Option<Duration>,
    rotations: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rotates {
    Never,
    /// When a login is started.
    BetweenLogins,
    /// When the tokens are asked for.
    JustBeforeSigning,
}

/// One `auth_req_id` that was given out.
struct Login {
    auth_req_id: String,
    interval: Duration,
    expires_at: Duration,
    next_poll: Duration,
    polls: usize,
    /// Why it may not be polled for any more.
    over: Option<&'static str>,
}

impl Provider {
    /// Of the FAPI-CIBA plan: PS256, two RSA keys and one of another kind.
    pub(super) fn fapi(registered: Registered) -> Provider {
        Provider {
            discovery: broker::discovery(),
            registered,
            keys: vec![rsa().jwk("one"), other_rsa().jwk("two"), p256().jwk("curve")],
            alg: Algorithm::Ps256,
            key: rsa(),
            kid: Some("one".into()),
            refuses: None,
            bend_acknowledgement: |_| {},
            polls: vec![pending(), pending(), Poll::Tokens],
            bend: |_| {},
            good: true,
            rotates: Rotates::Never,
            down: Vec::new(),
            complaints: Vec::new(),
            heard: Vec::new(),
            logins: Vec::new(),
            seen: HashSet::new(),
            quiet_until: None,
            rotations: 0,
        }
    }

    /// Signs with this from now on.
    pub(super) fn sign_with(&mut self, alg: Algorithm) {
        self.alg = alg;
        (self.key, self.kid) = match alg {
            Algorithm::Rs256 | Algorithm::Ps256 => (rsa(), Some("one".into())),
            Algorithm::Es256 => (p256(), Some("curve".into())),
            Algorithm::Hs256 => (secret(), None),
        };
    }

    pub(super) fn hear(&mut self, asked: &Asked<'_>) -> Answered {
        self.heard.push((asked.at, asked.call.clone()));
        let path = asked.call.url.path();
        if self.quiet_until.is_some_and(|until| asked.at < until) && ![JWKS, DISCOVERY].contains(&path) {
            self.complain(format!("{path} was called after a response that must end everything"));
        }
        let published = self.discovery["jwks_uri"].as_str().unwrap_or_default();
        let mut reply = match path {
            _ if self.down.contains(&path) => reply(503, &Value::Null),
            DISCOVERY => self.publish(asked.call, self.discovery.clone()),
            BACKCHANNEL => self.start(asked),
            TOKEN => self.poll(asked),
            _ if asked.call.url.as_str() == published => self.publish(asked.call, json!({"keys": self.keys})),
            _ => {
                self.complain(format!("unexpected call to {}", asked.call.url));
                reply(404, &Value::Null)
            }
        };
        let date = UNIX_EPOCH + Duration::from_secs(unix(asked.at + THINKING));
        reply.date = Some(httpdate::fmt_http_date(date));
        Answered::Reply { after: THINKING + WAY_BACK, reply }
    }

    fn publish(&mut self, call: &Call, document: Value) -> Reply {
        if call.method != Method::Get || call.form.is_some() || call.authorization.is_some() {
            self.complain(format!("{} is to be fetched with a plain GET", call.url.path()));
        }
        reply(200, &document)
    }

    fn start(&mut self, asked: &Asked<'_>) -> Reply {
        let checked = demands::of_a_start(asked.call, &self.registered, unix(asked.at), &mut self.seen);
        let request = checked.unwrap_or_else(|complaint| {
            self.complain(complaint);
            Form::new()
        });
        if self.rotates == Rotates::BetweenLogins {
            self.rotate();
        }
        if let Some((status, error)) = self.refuses {
            return reply(status, &json!({"error": error, "error_description": "as the suite says it"}));
        }
        // Fifty characters, as the suite's own.
        let auth_req_id = format!("{:0>50}", format!("auth-req-id-{}", self.logins.len()));
        let life =
            request.get("requested_expiry").and_then(|seconds| seconds.parse().ok()).unwrap_or(300_u64);
        let mut body = json!({"auth_req_id": auth_req_id, "expires_in": life});
        (self.bend_acknowledgement)(&mut body);
        let interval = Duration::from_secs(body["interval"].as_u64().unwrap_or(5));
        self.logins.push(Login {
            auth_req_id,
            interval,
            expires_at: asked.at + Duration::from_secs(body["expires_in"].as_u64().unwrap_or(life)),
            next_poll: asked.at + THINKING + interval,
            polls: 0,
            over: None,
        });
        reply(200, &body)
    }

    fn poll(&mut self, asked: &Asked<'_>) -> Reply {
        let checked = demands::of_a_poll(asked.call, &self.registered, unix(asked.at), &mut self.seen);
        let known = checked.and_then(|auth_req_id| {
            let found = self.logins.iter().rposition(|login| login.auth_req_id == auth_req_id);
            let at = found.ok_or("the auth_req_id is none that was given out")?;
            let login = &self.logins[at];
            match login.over {
                Some(why) => Err(format!("polled again after {why}")),
                None if asked.at >= login.expires_at => {
                    Err("polled after the auth_req_id had expired".into())
                }
                None if asked.at < login.next_poll => {
                    Err(format!("poll {} came {:?} too early", login.polls + 1, login.next_poll - asked.at))
                }
                None => Ok(at),
            }
        });
        match known {
            Ok(at) => self.answer(at, asked.at),
            Err(complaint) => {
                self.complain(complaint);
                reply(400, &json!({"error": "invalid_request"}))
            }
        }
    }

    fn answer(&mut self, at: usize, now: Duration) -> Reply {
        let login = &mut self.logins[at];
        let poll = self.polls[login.polls.min(self.polls.len() - 1)].clone();
        login.polls += 1;
        let answer = match poll {
            Poll::Says(status, body) => {
                match body["error"].as_str() {
                    Some("authorization_pending" | "invalid_client") => {}
                    Some("slow_down") => login.interval += Duration::from_secs(5),
                    _ if status >= 500 => {}
                    _ => login.over = Some("an error that is final"),
                }
                reply(status, &body)
            }
            Poll::Busy(status, retry_after) => {
                let mut reply = reply(status, &Value::Null);
                reply.retry_after = Some(retry_after.into());
                login.next_poll = now + THINKING + Duration::from_secs(retry_after.parse().unwrap());
                return reply;
            }
            Poll::Tokens => {
                login.over = Some("the tokens were given out");
                self.give_tokens(now)
            }
        };
        let login = &mut self.logins[at];
        login.next_poll = now + THINKING + login.interval;
        answer
    }

    fn give_tokens(&mut self, now: Duration) -> Reply {
        if self.rotates == Rotates::JustBeforeSigning {
            self.rotate();
        }
        let mut token = Token::good(self.alg, self.key, self.kid.as_deref(), self.logins.len(), unix(now));
        (self.bend)(&mut token);
        if !self.good {
            self.quiet_until = Some(now + THINKING + MUST_BE_QUIET);
        }
        reply(200, &token.body())
    }

    fn rotate(&mut self) {
        self.rotations += 1;
        let kid = format!("new-{}", self.rotations);
        self.key = if self.rotations.is_multiple_of(2) { rsa() } else { other_rsa() };
        self.keys = vec![self.key.jwk(&kid)];
        self.kid = Some(kid);
    }

    fn complain(&mut self, complaint: String) {
        self.complaints.push(complaint);
    }
}

pub(super) fn pending() -> Poll {
    says("authorization_pending")
}

pub(super) fn says(error: &str) -> Poll {
    Poll::Says(400, json!({"error": error, "error_description": "as the suite says it"}))
}

fn secret() -> &'static Key {
    static KEY: std::sync::OnceLock<Key> = std::sync::OnceLock::new();
    KEY.get_or_init(|| Key::Secret(CLIENT_SECRET.into()))
}
