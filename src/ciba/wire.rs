//! What goes out and what comes back, without the transport, and the types that keep secrets.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::json::Object;

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
    /// An `application/json` body, where there is no form.
    pub json: Option<Secret>,
}

impl Call {
    pub fn get(url: Url) -> Call {
        Call { method: Method::Get, url, authorization: None, form: None, json: None }
    }

    pub(super) fn post(url: Url, authorization: Option<Secret>, form: Form) -> Call {
        Call { method: Method::Post, url, authorization, form: Some(form.finish()), json: None }
    }

    pub(super) fn post_json(url: Url, json: Secret) -> Call {
        Call { method: Method::Post, url, authorization: None, form: None, json: Some(json) }
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

impl Reply {
    /// The status says "not now" and nothing about the request: 5xx, 408, 429.
    pub(super) fn is_overloaded(&self) -> bool {
        matches!(self.status, 408 | 429 | 500..=599)
    }
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

/// A wire code made safe to show and log: at most 100 characters, and a `?` for each that RFC 6749 5.2 does not
/// allow in `error`. None is left out, so that no other code ever becomes one that is known.
pub(super) fn wire_code(raw: &str) -> String {
    let allowed = |c: &char| matches!(c, '\x20'..='\x7e') && !matches!(c, '"' | '\\');
    raw.chars().map(|c| if allowed(&c) { c } else { '?' }).take(100).collect()
}

/// The `error` member of an answer, cleaned; `None` if it is absent or says nothing.
pub(super) fn error_code(answer: &Object) -> Option<String> {
    answer.text("error").ok().flatten().map(wire_code).filter(|code| !code.is_empty())
}

/// A length of time that is more than nothing, rounded up to seconds; beyond an hour an hour, so that sums of
/// such lengths never overflow.
pub(super) fn seconds(value: &Value) -> Option<Duration> {
    let number = value.as_f64().filter(|number| *number > 0.0)?;
    Some(Duration::from_secs_f64(number.ceil().min(3600.0)))
}

/// The fields of an `application/x-www-form-urlencoded` body, in the order they are added.
#[derive(Default)]
pub(super) struct Form(Zeroizing<String>);

impl Form {
    pub(super) fn add(&mut self, name: &str, value: &str) {
        self.reserve(2 + 3 * (name.len() + value.len()));
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.extend(form_urlencoded::byte_serialize(name.as_bytes()));
        self.0.push('=');
        self.0.extend(form_urlencoded::byte_serialize(value.as_bytes()));
    }

    /// Moves to a larger buffer itself, because a string that grows leaves its old bytes behind unwiped.
    fn reserve(&mut self, more: usize) {
        if self.0.capacity() - self.0.len() < more {
            let mut larger = Zeroizing::new(String::with_capacity(2 * (self.0.len() + more)));
            larger.push_str(&self.0);
            self.0 = larger;
        }
    }

    pub(super) fn finish(mut self) -> Secret {
        Secret::new(std::mem::take(&mut *self.0))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_keeps_order_and_text_while_it_grows() {
        let mut form = Form::default();
        for n in 0..50 {
            form.add(&format!("name {n}"), &"æ&=+ 😀".repeat(n));
        }
        let form = form.finish();
        let fields: Vec<_> = form_urlencoded::parse(form.expose().as_bytes()).into_owned().collect();
        assert_eq!(fields.len(), 50);
        assert_eq!(fields[49], ("name 49".into(), "æ&=+ 😀".repeat(49)));
    }

    #[test]
    fn a_wire_code_is_safe_to_show_and_bounded() {
        assert_eq!(wire_code("mitid_flex_app.mitid_error_X"), "mitid_flex_app.mitid_error_X");
        assert_eq!(wire_code("a\u{1b}[31m\n\"b\\\u{202e}ø"), "a?[31m??b???");
        assert_eq!(wire_code(&"x".repeat(101)).len(), 100);
    }

    #[test]
    fn seconds_are_positive_rounded_up_and_bounded() {
        for (value, expected) in [
            (json!(5), Some(5)),
            (json!(2.2), Some(3)),
            (json!(0.1), Some(1)),
            (json!(1e300), Some(3600)),
            (json!(u64::MAX), Some(3600)),
            (json!(0), None),
            (json!(-1), None),
            (json!("5"), None),
            (json!(null), None),
            (json!([5]), None),
        ] {
            assert_eq!(seconds(&value), expected.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn nothing_secret_shows_in_debug() {
        let mut form = Form::default();
        form.add("cpr", "6701901234");
        let call = Call::post("https://op.example/6701901234".parse().unwrap(), Some("word".into()), form);
        assert_eq!(format!("{call:?}"), "Post to op.example");
    }
}
