//! One request, one answer: TLS, deadlines, bounds, and no redirects.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use rand::TryRng;
use rand::rngs::SysRng;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Certificate, Client, redirect, tls};
use zeroize::Zeroizing;

use crate::ciba::{Call, Method, Moment, Reply};
use crate::clock;

/// Enough for any answer of a broker; more is cut off.
const LARGEST_BODY: usize = 256 * 1024;
const CONNECT: Duration = Duration::from_secs(10);
/// A connection that nobody answers on is given up after this, so that waking from sleep does not hang.
const UNANSWERED: Duration = Duration::from_secs(15);
/// Below this, a difference between our clock and the broker's is left to the leeway of the token checks.
const SKEW_THAT_MATTERS: i64 = 60;

/// Whose certificates are trusted.
#[derive(Clone)]
pub enum Roots {
    System,
    /// The system's, and these in PEM.
    SystemAnd(Vec<u8>),
    /// Only these, in PEM.
    Only(Vec<u8>),
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Roots::System => "System",
            Roots::SystemAnd(_) => "SystemAnd(…)",
            Roots::Only(_) => "Only(…)",
        })
    }
}

#[derive(Debug)]
pub struct Transport {
    client: Client,
    /// How far the broker's clock is ahead of ours, in seconds.
    skew: AtomicI64,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub stage: Stage,
    /// A short reason for people; never a URL.
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The request was never sent.
    NotSent,
    /// The request may have arrived; no status line came back.
    NoAnswer,
    /// The status line came and the body did not.
    BrokenBody { status: u16 },
}

impl Transport {
    /// The error is a sentence about the certificates.
    pub fn new(roots: &Roots) -> Result<Transport, String> {
        let builder = Client::builder()
            .https_only(true)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .tls_version_min(tls::Version::TLS_1_2)
            .connect_timeout(CONNECT)
            .tcp_user_timeout(UNANSWERED)
            .user_agent(concat!("flexlogin/", env!("CARGO_PKG_VERSION")));
        let certificates = |pem: &[u8]| {
            Certificate::from_pem_bundle(pem)
                .map_err(|_| "The CA file holds no usable certificate.".to_owned())
        };
        let builder = match roots {
            Roots::System => builder,
            Roots::SystemAnd(pem) => builder.tls_certs_merge(certificates(pem)?),
            Roots::Only(pem) => builder.tls_certs_only(certificates(pem)?),
        };
        let client = builder.build().map_err(|error| {
            format!("The trusted certificates cannot be loaded: {}. Install ca-certificates or set broker.ca_file.", reason(&error))
        })?;
        Ok(Transport { client, skew: AtomicI64::new(0) })
    }

    /// Makes one call and reads its answer to the end, all within `deadline`.
    pub async fn send(&self, call: &Call, deadline: Duration) -> Result<Reply, Failure> {
        let mut request = match call.method {
            Method::Get => self.client.get(call.url.clone()),
            Method::Post => self.client.post(call.url.clone()),
            Method::Delete => self.client.delete(call.url.clone()),
        };
        request = request.header(ACCEPT, "application/json").timeout(deadline);
        if let Some(authorization) = &call.authorization {
            let mut value = HeaderValue::from_str(authorization.expose()).map_err(|_| Failure {
                stage: Stage::NotSent,
                reason: "the client id or secret cannot stand in a header".into(),
            })?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(form) = &call.form {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.expose().to_owned());
        }
        let mut response = request.send().await.map_err(|error| Failure {
            stage: if error.is_connect() || error.is_builder() { Stage::NotSent } else { Stage::NoAnswer },
            reason: reason(&error),
        })?;
        let status = response.status().as_u16();
        let broken = |reason: String| Failure { stage: Stage::BrokenBody { status }, reason };
        let mut body = Zeroizing::new(Vec::with_capacity(4096));
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(reason(&error)))? {
            if body.len() + chunk.len() > LARGEST_BODY {
                return Err(broken("the answer is too large".into()));
            }
            body.extend_from_slice(&chunk);
        }
        let header = |name: HeaderName| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let reply = Reply { status, retry_after: header(RETRY_AFTER), date: header(DATE), body };
        self.learn_the_time(reply.date.as_deref());
        Ok(reply)
    }

    /// Wall-clock time as the broker has it, and fresh randomness. The error tells that the system has none.
    pub fn moment(&self) -> Result<Moment, Failure> {
        let mut random = [0; 16];
        SysRng.try_fill_bytes(&mut random).map_err(|_| Failure {
            stage: Stage::NotSent,
            reason: "the system gives no random numbers".into(),
        })?;
        Ok(Moment { unix: self.unix(), random })
    }

    /// Seconds since 1970 by our clock, corrected by the broker's `Date` when ours is plainly wrong.
    ///
    /// The header came over TLS from the one who also signs the tokens.
    pub fn unix(&self) -> u64 {
        clock::unix().saturating_add_signed(self.skew.load(Ordering::Relaxed))
    }

    fn learn_the_time(&self, date: Option<&str>) {
        let Some(broker) = date.and_then(unix_of) else { return };
        let ahead = broker.saturating_sub_unsigned(clock::unix());
        let matters = ahead.abs() > SKEW_THAT_MATTERS;
        self.skew.store(if matters { ahead } else { 0 }, Ordering::Relaxed);
    }
}

/// Seconds since 1970 of an HTTP date.
fn unix_of(date: &str) -> Option<i64> {
    let since = httpdate::parse_http_date(date).ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// A short reason out of a chain of errors. The outer errors hold the URL, and a URL may hold an `auth_req_id`.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "timeout".into();
    }
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    let mut last = None;
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return format!("tls: {tls}");
        }
        let io = error.downcast_ref::<io::Error>();
        if let Some(io) = io {
            last = Some(match io.kind() {
                io::ErrorKind::ConnectionRefused => "connection refused".into(),
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "connection reset".into(),
                io::ErrorKind::UnexpectedEof => "connection closed".into(),
                io::ErrorKind::TimedOut => "timeout".into(),
                io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => "no network".into(),
                _ if io.to_string().contains("lookup address") => "the name cannot be resolved".into(),
                kind => kind.to_string(),
            });
        }
        // An `io::Error` leaves what it holds out of its sources.
        cause = match io.and_then(io::Error::get_ref) {
            Some(held) => Some(held),
            None => error.source(),
        };
    }
    last.unwrap_or_else(
        || if error.is_connect() { "cannot connect".into() } else { "connection closed".into() },
    )
}
