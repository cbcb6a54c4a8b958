//! The calls of one login, in the order of the protocol.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{UdpSocket, lookup_host};
use tokio::time::sleep;

use super::transport::{Failure, Roots, Stage, Transport};
use crate::ciba::{
    Acknowledgement, Action, Algorithm, Answer, AuthReqId, Call, Client, Expected, Fault, Hint, Issuer, Jwks,
    Profile, Provider, Reply, Secret, Start, Terms, Tokens, authentication, cancel, id_token, jwks, provider,
    token,
};
use crate::clock;
use crate::flow::{Attempt, Event, Granted, News, NotStarted, Order};

/// A start, a discovery document or a key set: the person is looking at the screen.
const PROMPTLY: Duration = Duration::from_secs(15);
/// A provider may hold a poll for 30 s (CIBA 7.3).
const A_POLL: Duration = Duration::from_secs(35);
const A_CANCEL: Duration = Duration::from_secs(5);
/// Between tries of a call that certainly did not arrive, or that may be repeated.
const AGAIN: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1500)];
/// A cancel is repeated until the login would have expired anyway.
const LONGEST_LIFE: Duration = Duration::from_secs(600);
/// A key set is fetched again for unknown keys at most this often, after the first time.
const BETWEEN_KEY_SETS: Duration = Duration::from_secs(300);

/// What the network has to know.
#[derive(Clone, Debug)]
pub struct Settings {
    pub issuer: Issuer,
    pub profile: Profile,
    pub client: Client,
    /// The only signature algorithm that is accepted on an ID token.
    pub id_token_alg: Algorithm,
    pub roots: Roots,
    pub scope: String,
    pub action: Action,
    pub ip: Ip,
    pub terms: Terms,
}

/// The end user's address, which the broker asks for as risk data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ip {
    /// The local address that is used towards the broker.
    Auto,
    Fixed(IpAddr),
}

pub(super) struct Login {
    settings: Settings,
    transport: Transport,
    tell: Box<dyn Fn(Event) + Send + Sync>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    provider: Option<Provider>,
    jwks: Option<Jwks>,
    jwks_refetched_at: Option<Duration>,
    /// What the token of the current login must say.
    asked: Option<Asked>,
    /// The last login that was given up before its `auth_req_id` was known.
    abandoned: Option<Attempt>,
    /// The last `auth_req_id` that was told; whoever gives the login up may not have heard of it.
    told: Option<(Attempt, AuthReqId)>,
}

#[derive(Clone)]
struct Asked {
    attempt: Attempt,
    uuid: Option<Secret>,
    reference_text: String,
    ciba_nonce: String,
    started: u64,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Login {
    pub(super) fn new(
        settings: Settings,
        transport: Transport,
        tell: impl Fn(Event) + Send + Sync + 'static,
    ) -> Login {
        Login { settings, transport, tell: Box::new(tell), known: Mutex::default() }
    }

    pub(super) async fn start(&self, attempt: Attempt, order: Order) {
        let news = match self.try_to_start(attempt, order).await {
            Ok(ack) if self.is_abandoned(attempt) => return self.cancel(ack.auth_req_id).await,
            Ok(ack) => {
                self.known().told = Some((attempt, ack.auth_req_id.clone()));
                News::Acknowledged(ack)
            }
            Err(why) => News::NotStarted(why),
        };
        (self.tell)(Event::News(attempt, news));
    }

    /// The login is to be cancelled as soon as its `auth_req_id` is known, even if nobody listens any more.
    /// Gives the id if that is so already.
    pub(super) fn abandon(&self, attempt: Attempt) -> Option<AuthReqId> {
        let mut known = self.known();
        known.abandoned = Some(attempt);
        known.told.take_if(|(of, _)| *of == attempt).map(|(_, auth_req_id)| auth_req_id)
    }

    /// Whether this login is cancelled without anybody having to ask for it again.
    pub(super) fn is_abandoned(&self, attempt: Attempt) -> bool {
        self.known().abandoned >= Some(attempt)
    }

    async fn try_to_start(&self, attempt: Attempt, order: Order) -> Result<Acknowledgement, NotStarted> {
        let provider = self.provider().await.map_err(|error| NotStarted::NotSent { error })?;
        let start = Start {
            hint: order.hint,
            scope: self.settings.scope.clone(),
            reference_text: order.reference_text.clone(),
            action: self.settings.action,
            ip: self.ip(&provider).await,
            reference_id: order.reference_id,
            ciba_nonce: order.ciba_nonce.clone(),
            user_code: order.user_code,
        };
        self.known().asked = Some(Asked {
            attempt,
            uuid: match &start.hint {
                Hint::Uuid(uuid) => Some(uuid.clone()),
                Hint::Cpr(_) | Hint::Login(_) => None,
            },
            reference_text: order.reference_text,
            ciba_nonce: order.ciba_nonce,
            started: self.transport.unix(),
        });
        let mut tries = AGAIN.iter();
        let reply = loop {
            if self.is_abandoned(attempt) {
                return Err(NotStarted::NotSent { error: "cancelled".into() });
            }
            // A fresh assertion for every try: some brokers remember even those that failed.
            let moment = self.transport.moment().map_err(not_sent)?;
            let call = authentication::request(
                &provider,
                &self.settings.client,
                self.settings.profile,
                &self.settings.terms,
                &start,
                &moment,
            )
            .map_err(|unsigned| NotStarted::NotSent { error: unsigned.to_string() })?;
            match (self.transport.send(&call, PROMPTLY).await, tries.next()) {
                (Ok(reply), _) => break reply,
                (Err(failure), Some(pause)) if failure.stage == Stage::NotSent => sleep(*pause).await,
                (Err(failure), _) => return Err(not_started(failure)),
            }
        };
        authentication::read(&reply).map_err(|fault| NotStarted::Refused { error: code(fault) })
    }

    pub(super) async fn poll(&self, attempt: Attempt, auth_req_id: AuthReqId) {
        let news = match self.ask(&auth_req_id).await {
            Ok(reply) => match token::read(&reply) {
                Answer::Granted(tokens) => self.check(attempt, &auth_req_id, &tokens).await,
                answer => News::Heard(answer),
            },
            Err(Failure { stage: Stage::BrokenBody { status: 200 }, .. }) => News::Heard(Answer::Lost),
            Err(failure) => News::Silence { maybe_answered: failure.stage != Stage::NotSent },
        };
        (self.tell)(Event::News(attempt, news));
    }

    async fn ask(&self, auth_req_id: &AuthReqId) -> Result<Reply, Failure> {
        let nowhere = |reason| Failure { stage: Stage::NotSent, reason };
        let provider = self.provider().await.map_err(nowhere)?;
        let moment = self.transport.moment()?;
        let call = token::request(&provider, &self.settings.client, auth_req_id, &moment)
            .map_err(|unsigned| nowhere(unsigned.to_string()))?;
        self.transport.send(&call, A_POLL).await
    }

    async fn check(&self, attempt: Attempt, auth_req_id: &AuthReqId, tokens: &Tokens) -> News {
        let Some(asked) = self.known().asked.clone().filter(|asked| asked.attempt == attempt) else {
            return News::Unverifiable { error: "another login has begun".into() };
        };
        let jwks = match self.keys_for(tokens).await {
            Ok(jwks) => jwks,
            Err(error) => return News::Unverifiable { error },
        };
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client.client_id,
            alg: self.settings.id_token_alg,
            client_secret: self.settings.client.auth.secret(),
            profile: self.settings.profile,
            uuid: asked.uuid.as_ref(),
            reference_text: &asked.reference_text,
            ciba_nonce: &asked.ciba_nonce,
            auth_req_id,
            terms: &self.settings.terms,
            started: asked.started,
        };
        match id_token::verify(tokens, &jwks, &expected, self.transport.unix()) {
            Ok(identity) => News::Granted(Box::new(Granted { identity, id_token: tokens.id_token.clone() })),
            Err(clause) => News::Untrusted(clause),
        }
    }

    /// The key set; fetched again at once for a key that it does not have, and then not again for a while.
    async fn keys_for(&self, tokens: &Tokens) -> Result<Jwks, String> {
        let cached = self.known().jwks.clone();
        let Some(cached) = cached else { return self.fetch_keys().await };
        let unknown = id_token::key_id(&tokens.id_token).is_some_and(|kid| !cached.knows(&kid));
        let now = clock::uptime();
        let lately =
            self.known().jwks_refetched_at.is_some_and(|at| now.saturating_sub(at) < BETWEEN_KEY_SETS);
        if !unknown || lately {
            return Ok(cached);
        }
        self.known().jwks_refetched_at = Some(now);
        // The old set still decides if the new one does not come.
        Ok(self.fetch_keys().await.unwrap_or(cached))
    }

    async fn fetch_keys(&self) -> Result<Jwks, String> {
        let provider = self.provider().await?;
        let keys = self.get(&jwks::request(&provider), jwks::read).await?;
        self.known().jwks = Some(keys.clone());
        Ok(keys)
    }

    async fn provider(&self) -> Result<Provider, String> {
        let cached = self.known().provider.clone();
        if let Some(provider) = cached {
            return Ok(provider);
        }
        let issuer = &self.settings.issuer;
        let provider = self.get(&provider::request(issuer), |reply| provider::read(issuer, reply)).await?;
        self.known().provider = Some(provider.clone());
        Ok(provider)
    }

    /// Gets a document that may be asked for as often as need be.
    async fn get<T>(&self, call: &Call, read: impl Fn(&Reply) -> Result<T, Fault>) -> Result<T, String> {
        let mut tries = AGAIN.iter();
        loop {
            let error = match self.transport.send(call, PROMPTLY).await {
                Ok(reply) => match read(&reply) {
                    Ok(document) => return Ok(document),
                    Err(fault @ Fault::Busy { .. }) => code(fault),
                    Err(fault) => return Err(code(fault)),
                },
                Err(failure) => failure.reason,
            };
            match tries.next() {
                Some(pause) => sleep(*pause).await,
                None => return Err(error),
            }
        }
    }

    /// Tells the broker that the login is given up. Nobody waits for this but a departing process.
    pub(super) async fn cancel(&self, auth_req_id: AuthReqId) {
        let Ok(provider) = self.provider().await else { return };
        let Some(call) = cancel::request(&provider, self.settings.profile, &auth_req_id) else { return };
        let give_up_at = clock::uptime() + LONGEST_LIFE;
        let mut pause = Duration::from_secs(1);
        while clock::uptime() < give_up_at {
            match self.transport.send(&call, A_CANCEL).await.map(|reply| cancel::read(&reply)) {
                Ok(cancel::Cancelled::Done) => return,
                Ok(cancel::Cancelled::Retry) | Err(_) => sleep(pause).await,
            }
            pause = (pause * 2).min(Duration::from_secs(30));
        }
    }

    async fn ip(&self, provider: &Provider) -> Option<IpAddr> {
        match self.settings.ip {
            Ip::Fixed(address) => Some(address),
            Ip::Auto => local_address(provider).await,
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address that packets towards the broker leave from. Connecting a UDP socket sends nothing.
async fn local_address(provider: &Provider) -> Option<IpAddr> {
    let url = &provider.backchannel_authentication_endpoint;
    let broker = lookup_host((url.host_str()?.trim_matches(['[', ']']), url.port_or_known_default()?))
        .await
        .ok()?
        .next()?;
    let any: IpAddr =
        if broker.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await.ok()?;
    socket.connect(broker).await.ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn not_sent(failure: Failure) -> NotStarted {
    NotStarted::NotSent { error: failure.reason }
}

fn not_started(failure: Failure) -> NotStarted {
    match failure.stage {
        Stage::NotSent => not_sent(failure),
        Stage::NoAnswer | Stage::BrokenBody { .. } => NotStarted::MaybeSent { error: failure.reason },
    }
}

/// The reason for the host: the wire code where there is one.
fn code(fault: Fault) -> String {
    match fault {
        Fault::Refused { error } => error,
        Fault::Busy { status } => format!("http_{status}"),
        Fault::Malformed(clause) => format!("broken answer: {clause}"),
    }
}
