//! The provider: strict with the client, and as reliable as its climate.
//!
//! It says what a device is told and when, and writes that down where the login will be judged. What a client must
//! never do ends the storm at once.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use flexlogin::ciba::{Call, Method, Reply};
use serde_json::{Value, json};

use super::climate::Climate;
use super::login::{Login, Told};
use super::phone::{Decision, Person, Texts};
use super::tokens;
use super::weather::Weather;
use crate::broker::{BACKCHANNEL, CLIENT_ID, CLIENT_SECRET, DISCOVERY, JWKS, TOKEN, discovery, form, reply};
use crate::chance::Chance;
use crate::world::{Answered, Asked};

const CANCEL: &str = "/op/api/v1/ciba/";
/// A device gives a start, and a document, so much time.
const A_START: Duration = Duration::from_secs(15);
/// Three tries for a document, each as slow as this, may be too slow.
const SLOW: Duration = Duration::from_secs(2);

/// A login as the provider knows it, with its prompt on a phone.
pub(super) struct Request {
    pub(super) login: usize,
    pub(super) id: String,
    pub(super) person: &'static Person,
    pub(super) by_uuid: bool,
    pub(super) reference_text: String,
    pub(super) reference_id: String,
    pub(super) nonce: String,
    pub(super) begun: Duration,
    pub(super) expires: Duration,
    pub(super) decision: Decision,
    /// When the device could know the id.
    pub(super) known: Option<Duration>,
    pub(super) cancelled: Option<Duration>,
    /// Every try to cancel, those too that did not get through.
    pub(super) cancels: Vec<Duration>,
    /// What was issued for this request; it is issued once.
    pub(super) id_token: Option<String>,
    pub(super) interval: Duration,
    /// No poll may come earlier.
    pub(super) next_poll: Duration,
}

impl Request {
    pub(super) fn access_token(&self) -> String {
        format!("access to {}", self.id)
    }

    pub(super) fn is_gone(&self, now: Duration) -> bool {
        self.cancelled.is_some() || self.expires <= now
    }

    /// From when on the phone asks nothing any more.
    pub(super) fn prompt_ends(&self) -> Duration {
        let decided = self.decision.at().unwrap_or(Duration::MAX);
        decided.min(self.expires).min(self.cancelled.unwrap_or(Duration::MAX))
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "its request came at {:?}, lives until {:?}, {:?}, was known at {:?}, cancelled at {:?} by {:?}",
            self.begun, self.expires, self.decision, self.known, self.cancelled, self.cancels
        )
    }
}

pub(super) struct Server {
    pub(super) climate: Climate,
    pub(super) chance: Chance,
    pub(super) logins: Vec<Login>,
    /// The login that is under way on each device, or was the last.
    pub(super) latest: [Option<usize>; 2],
    pub(super) requests: Vec<Request>,
    pub(super) by_id: HashMap<String, usize>,
    /// When a device was told of no metadata, or of no keys.
    pub(super) without_metadata: [Vec<Duration>; 2],
    pub(super) without_keys: [Vec<Duration>; 2],
    /// The first thing that must not be.
    pub(super) wrong: Option<String>,
}

impl Server {
    pub(super) fn new(climate: Climate, chance: Chance) -> Server {
        Server {
            climate,
            chance,
            logins: Vec::new(),
            latest: [None; 2],
            requests: Vec::new(),
            by_id: HashMap::new(),
            without_metadata: Default::default(),
            without_keys: Default::default(),
            wrong: None,
        }
    }

    pub(super) fn hear(&mut self, asked: &Asked<'_>) -> Answered {
        let path = asked.call.url.path();
        match (asked.call.method, path) {
            (Method::Get, DISCOVERY) => self.document(asked, &discovery()),
            (Method::Get, JWKS) => self.document(asked, &tokens::published(&self.climate, asked.at)),
            (Method::Post, BACKCHANNEL) => self.start(asked),
            (Method::Post, TOKEN) => self.poll(asked),
            (Method::Delete, _) if path.starts_with(CANCEL) => self.cancel(asked, &path[CANCEL.len()..]),
            _ => {
                self.is_wrong(asked, &format!("nothing is at {path}"));
                Answered::Silence
            }
        }
    }

    fn document(&mut self, asked: &Asked<'_>, document: &Value) -> Answered {
        let weather = self.weather(asked.at);
        let after = self.delay();
        if !matches!(weather, Weather::Fair) || after > SLOW {
            let without = match asked.call.url.path() {
                JWKS => &mut self.without_keys,
                _ => &mut self.without_metadata,
            };
            // How long it waits for an answer is the device's own matter.
            without[asked.device].extend([asked.at, asked.at + after]);
            if matches!(weather, Weather::Silence { .. }) {
                let road = *self.climate.road.end();
                without[asked.device].push((asked.at + A_START).saturating_sub(road));
            }
        }
        self.through(weather, asked.at, after, Some(reply(200, document)))
    }

    fn start(&mut self, asked: &Asked<'_>) -> Answered {
        let form = self.authenticated(asked.call);
        let asked_for = Person::asked_for(self.climate.profile, &form);
        let of_this = |login: &Login, texts: &Texts| {
            login.device == asked.device && login.reference_text == texts.reference_text
        };
        let login = asked_for
            .as_ref()
            .and_then(|(_, _, texts)| self.logins.iter().rposition(|login| of_this(login, texts)));
        let (Some(asked_for), Some(login)) = (asked_for, login) else {
            self.is_wrong(asked, "a start that nobody began, or for nobody");
            return Answered::Silence;
        };
        let weather = self.weather(asked.at);
        let after = self.delay();
        let mut told_at = asked.at + after;
        let (told, reply) = match weather {
            Weather::NotSent => (Told::StartNotSent, None),
            Weather::Lost { acted } | Weather::Broken { acted } | Weather::Silence { acted } => {
                if acted {
                    self.begin(asked, login, asked_for);
                }
                if matches!(weather, Weather::Silence { .. }) {
                    told_at = (asked.at + A_START).saturating_sub(*self.climate.road.end());
                }
                (Told::StartUnanswered, None)
            }
            Weather::Busy { status: 429 | 503, .. } => (Told::StartTurnedAway, None),
            Weather::Busy { acted, .. } => {
                if acted {
                    self.begin(asked, login, asked_for);
                }
                (Told::StartFailed, None)
            }
            Weather::Page => (Told::StartMalformed, None),
            Weather::Fair => self.begin_or_refuse(asked, login, asked_for, told_at),
        };
        self.logins[login].told.push((told_at, told));
        self.through(weather, asked.at, after, reply)
    }

    fn begin_or_refuse(
        &mut self,
        asked: &Asked<'_>,
        login: usize,
        asked_for: (&'static Person, bool, Texts),
        told_at: Duration,
    ) -> (Told, Option<Reply>) {
        let error = |error: &str| Some(reply(400, &json!({"error": error})));
        match self.chance.below(300) {
            0 => (Told::StartRefused, error("unknown_user_id")),
            1 => (Told::StartDenied, error("access_denied")),
            2 => (Told::StartRefused, error("invalid_request")),
            3 => {
                self.begin(asked, login, asked_for);
                (Told::StartMalformed, Some(reply(200, &json!({"expires_in": 60, "interval": 5}))))
            }
            _ => {
                let number = self.begin(asked, login, asked_for);
                let request = &mut self.requests[number];
                request.known = Some(told_at);
                request.next_poll = told_at + request.interval;
                let life = request.expires - request.begun;
                self.logins[login].life = Some(life);
                let mut body = json!({"auth_req_id": request.id, "expires_in": life.as_secs()});
                if request.interval != Duration::from_secs(5) || self.chance.below(2) == 0 {
                    body["interval"] = json!(request.interval.as_secs());
                }
                (Told::Acknowledged, Some(reply(200, &body)))
            }
        }
    }

    /// A prompt appears on the phone.
    fn begin(
        &mut self,
        asked: &Asked<'_>,
        login: usize,
        (person, by_uuid, texts): (&'static Person, bool, Texts),
    ) -> usize {
        let life = Duration::from_secs(20 + self.chance.below(100));
        let number = self.requests.len();
        let id = format!("{:032x}", u128::from_le_bytes(self.chance.bytes()));
        self.by_id.insert(id.clone(), number);
        self.logins[login].requests.push(number);
        self.requests.push(Request {
            login,
            id,
            person,
            by_uuid,
            reference_text: texts.reference_text,
            reference_id: texts.reference_id,
            nonce: texts.nonce,
            begun: asked.at,
            expires: asked.at + life,
            decision: Decision::draw(&mut self.chance, asked.at, life),
            known: None,
            cancelled: None,
            cancels: Vec::new(),
            id_token: None,
            interval: Duration::from_secs([1, 2, 3, 5, 5, 5, 8][self.chance.below(7) as usize]),
            next_poll: Duration::MAX,
        });
        number
    }

    /// When the device was told that a start came to nothing because nobody answered.
    pub(super) fn in_vain(&self, device: usize) -> impl Iterator<Item = Duration> {
        let starts =
            self.logins.iter().filter(move |login| login.device == device).flat_map(|login| &login.told);
        let in_vain = |told: &Told| matches!(told, Told::StartNotSent | Told::StartUnanswered);
        let starts = starts.filter(move |(_, told)| in_vain(told)).map(|(at, _)| *at);
        starts.chain(self.without_metadata[device].iter().copied())
    }

    pub(super) fn authenticated(&mut self, call: &Call) -> HashMap<String, String> {
        let form: HashMap<String, String> = form(call).into_iter().collect();
        let is = |name, value: &str| form.get(name).is_some_and(|field| field == value);
        if !is("client_id", CLIENT_ID) || !is("client_secret", CLIENT_SECRET) {
            self.wrong.get_or_insert("the client did not authenticate".into());
        }
        form
    }

    pub(super) fn is_wrong(&mut self, asked: &Asked<'_>, what: &str) {
        self.wrong.get_or_insert(format!("{:?}, device {}: {what}", asked.at, asked.device));
    }
}
