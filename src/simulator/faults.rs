//! Faults on demand: a queue for each endpoint, one entry taken by each request that comes to it.

use std::collections::VecDeque;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, COOKIE, LOCATION, REFERER};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::broker::Op;
use super::impostor::Impostor;
use super::journal::Happened;
use super::line::{Line, Lines};
use super::lock;
use super::signing::set;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Discovery,
    Jwks,
    /// POST /connect/ciba.
    Start,
    /// POST /connect/token.
    Token,
    /// POST /api/ciba/broker-oidc/init-auth.
    Invite,
    /// DELETE /api/v1/ciba/{auth_req_id}.
    Cancel,
}

impl Endpoint {
    fn of(method: &Method, path: &str) -> Option<Endpoint> {
        match (method.as_str(), path) {
            ("GET", "/op/.well-known/openid-configuration") => Some(Endpoint::Discovery),
            ("GET", "/op/.well-known/openid-configuration/jwks") => Some(Endpoint::Jwks),
            ("POST", "/op/connect/ciba") => Some(Endpoint::Start),
            ("POST", "/op/connect/token") => Some(Endpoint::Token),
            ("POST", "/op/api/ciba/broker-oidc/init-auth") => Some(Endpoint::Invite),
            ("DELETE", path) if path.starts_with("/op/api/v1/ciba/") => Some(Endpoint::Cancel),
            _ => None,
        }
    }
}

/// What happens to one request.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// This answer instead of the endpoint's own, which never sees the request.
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// 307 to this address, instead of an answer.
    Redirect(String),
    /// The connection is reset before any answer; the endpoint never sees the request.
    Reset,
    /// The endpoint handles the request, and the connection is reset before its answer.
    Lost,
    /// The endpoint handles the request, and the connection ends in the middle of its answer's body.
    CutBody,
    /// No answer ever; the endpoint never sees the request.
    Hang,
    /// The endpoint sees the request only after this time.
    Delay(Duration),
    /// One member of the endpoint's own JSON answer is set, or taken away.
    Member { name: String, value: Option<Value> },
    /// One header is added to the endpoint's own answer.
    Header { name: String, value: String },
    /// Of the body of this answer, or else of the endpoint's own, so many bytes come at once, and then one byte
    /// at a time with so long before each. With none at once the head drips too.
    Drip { instead: Option<Box<Fault>>, at_once: usize, every: Duration },
}

/// What is wrong with the next ID token.
#[derive(Clone, Debug, PartialEq)]
pub enum Alteration {
    /// A claim is set, or taken away, before signing.
    Claim { name: String, value: Option<Value> },
    /// A member of the header is set, or taken away. The signature stays RS256.
    Header { name: String, value: Option<Value> },
    /// Signed with a key that is nowhere published, under the `kid` of the one that is.
    WrongKey,
}

/// The faults still to come.
#[derive(Default)]
pub(super) struct Script {
    answers: Mutex<VecDeque<(Endpoint, Fault)>>,
    id_tokens: Mutex<VecDeque<Vec<Alteration>>>,
    connections: Mutex<VecDeque<Impostor>>,
    pub(super) lines: Lines,
}

impl Script {
    fn take(&self, endpoint: Endpoint) -> Option<Fault> {
        let mut answers = lock(&self.answers);
        let at = answers.iter().position(|(of, _)| *of == endpoint)?;
        answers.remove(at).map(|(_, fault)| fault)
    }

    /// The alterations of the ID token that is about to be signed.
    pub(super) fn take_alterations(&self) -> Vec<Alteration> {
        lock(&self.id_tokens).pop_front().unwrap_or_default()
    }

    /// Who takes the connection that was just opened.
    pub(super) fn take_impostor(&self) -> Option<Impostor> {
        lock(&self.connections).pop_front()
    }
}

/// The handle by which a test writes the script.
#[derive(Clone)]
pub struct Faults(Arc<Op>);

impl Faults {
    pub(super) fn new(op: Arc<Op>) -> Faults {
        Faults(op)
    }

    /// Queues a fault. Each request to the endpoint takes one, in order.
    pub fn next(&self, endpoint: Endpoint, fault: Fault) {
        lock(&self.0.script.answers).push_back((endpoint, fault));
    }

    /// Queues somebody who is not the broker. Each connection that is opened takes one, in order.
    pub fn next_connection(&self, impostor: Impostor) {
        lock(&self.0.script.connections).push_back(impostor);
    }

    /// Ends every connection in good order, as a server does with one that was idle for long.
    pub fn hang_up(&self) {
        self.0.script.lines.hang_up();
    }

    /// How many connections to the broker are open.
    pub fn connections(&self) -> usize {
        self.0.script.lines.open()
    }

    /// Queues alterations. Each ID token that is signed takes one entry, in order.
    pub fn next_id_token(&self, alterations: Vec<Alteration>) {
        lock(&self.0.script.id_tokens).push_back(alterations);
    }

    /// Signs with a new key from now on; the JWKS shows the new and the old.
    ///
    /// # Errors
    /// A sentence, if no key can be made.
    pub fn rotate_key(&self) -> Result<(), String> {
        self.0.keys.rotate()
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faults")
    }
}

/// Stands before every endpoint and plays the script.
pub(super) async fn interfere(
    State(op): State<Arc<Op>>,
    Extension(line): Extension<Line>,
    request: Request,
    next: Next,
) -> Response {
    for header in [COOKIE, REFERER, ACCEPT_ENCODING] {
        if request.headers().contains_key(&header) {
            op.logins.journal.write(Happened::Unasked(header.as_str().to_owned()));
        }
    }
    let endpoint = Endpoint::of(request.method(), request.uri().path());
    let Some((endpoint, fault)) = endpoint.and_then(|endpoint| Some((endpoint, op.script.take(endpoint)?)))
    else {
        return next.run(request).await;
    };
    op.logins.journal.write(Happened::Interfered(endpoint));
    let (fault, drip) = match fault {
        Fault::Drip { instead, at_once, every } => (instead.map(|fault| *fault), Some((at_once, every))),
        fault => (Some(fault), None),
    };
    let response = match fault {
        Some(fault) => play(fault, &line, request, next).await,
        None => next.run(request).await,
    };
    if let Some((at_once, every)) = drip {
        line.drip(at_once, every);
    }
    response
}

async fn play(fault: Fault, line: &Line, request: Request, next: Next) -> Response {
    match fault {
        Fault::Answer { status, headers, body } => answer(status, &headers, body),
        Fault::Redirect(to) => answer(307, &[(LOCATION.to_string(), to)], Vec::new()),
        Fault::Reset => {
            line.cut();
            StatusCode::OK.into_response()
        }
        Fault::Lost => {
            let response = next.run(request).await;
            line.cut();
            response
        }
        Fault::CutBody => {
            let response = next.run(request).await;
            let length = response.body().size_hint().exact().and_then(|length| usize::try_from(length).ok());
            line.cut_in_body(length.unwrap_or(0) / 2);
            response
        }
        Fault::Hang => pending().await,
        Fault::Delay(time) => {
            tokio::time::sleep(time).await;
            next.run(request).await
        }
        Fault::Member { name, value } => with_member(next.run(request).await, &name, value.as_ref()).await,
        Fault::Header { name, value } => with_header(next.run(request).await, &name, &value),
        // A drip in a drip is no slower.
        Fault::Drip { .. } => next.run(request).await,
    }
}

/// A header or status that HTTP cannot carry is a slip in the script and shows as 500.
fn answer(status: u16, headers: &[(String, String)], body: Vec<u8>) -> Response {
    let Ok(status) = StatusCode::from_u16(status) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    headers.iter().fold(response, |response, (name, value)| with_header(response, name, value))
}

fn with_header(mut response: Response, name: &str, value: &str) -> Response {
    let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    response.headers_mut().append(name, value);
    response
}

async fn with_member(response: Response, name: &str, value: Option<&Value>) -> Response {
    let (mut head, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap_or_default();
    let Ok(mut json) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(head, Body::from(bytes));
    };
    set(&mut json, name, value);
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, Body::from(json.to_string()))
}
