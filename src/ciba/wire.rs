//! What goes out and what comes back, without the transport, and the types that keep secrets.

use std::fmt;
use std::sync::Arc;

use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

/// Text that must never be seen: redacted in `Debug`, wiped from memory when the last owner drops it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    pub fn new(text: String) -> Secret {
        Secret(Arc::new(Zeroizing::new(text)))
    }

    /// The text itself. Call it only where the text leaves for the wire.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The handle of one login at the provider (CIBA 7.3). Whoever has it can cancel the login, so it is a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthReqId(pub Secret);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Delete,
}

/// One HTTP request to make.
#[derive(Clone)]
pub struct Call {
    pub method: Method,
    pub url: Url,
    /// The value of the `Authorization` header.
    pub authorization: Option<Secret>,
    /// An `application/x-www-form-urlencoded` body.
    pub form: Option<Secret>,
}

impl Call {
    pub fn get(url: Url) -> Call {
        Call { method: Method::Get, url, authorization: None, form: None }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} to {}", self.method, self.url.host_str().unwrap_or("?"))
    }
}

/// One HTTP answer, read to its end.
#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    /// The `Retry-After` header as it came.
    pub retry_after: Option<String>,
    /// The `Date` header as it came.
    pub date: Option<String>,
    pub body: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}, {} bytes", self.status, self.body.len())
    }
}

/// Wall-clock time and fresh randomness for one request.
#[derive(Clone, Copy)]
pub struct Moment {
    /// Seconds since 1970-01-01 UTC.
    pub unix: u64,
    /// From the system's random source, never used twice.
    pub random: [u8; 16],
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Moment at {}", self.unix)
    }
}

/// Why an answer to discovery, JWKS or the start cannot be used, named by who is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The provider said no. `error` is its wire code, cleaned by [`wire_code`].
    Refused { error: String },
    /// The provider is overloaded or broken just now: 5xx, 408, 429.
    Busy { status: u16 },
    /// The provider broke the protocol; the text says which clause.
    Malformed(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Refused { error } => write!(f, "the provider refused: {error}"),
            Fault::Busy { status } => write!(f, "the provider answered with status {status}"),
            Fault::Malformed(clause) => write!(f, "the provider broke the protocol: {clause}"),
        }
    }
}

impl std::error::Error for Fault {}

/// A wire code made safe to show and log: the characters that RFC 6749 5.2 allows in `error`, at most 100.
pub(super) fn wire_code(raw: &str) -> String {
    raw.chars().filter(|c| matches!(c, '\x20'..='\x7e') && !matches!(c, '"' | '\\')).take(100).collect()
}

/// The fields of an `application/x-www-form-urlencoded` body, in the order they are added.
#[derive(Default)]
pub(super) struct Form(Zeroizing<String>);

impl Form {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        self.0.push('=');
        self.0.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }

    pub(super) fn finish(mut self) -> Secret {
        Secret::new(std::mem::take(&mut *self.0))
    }
}
