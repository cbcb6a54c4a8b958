//! The broker's endpoints: discovery, JWKS, start, token and cancel (CIBA 4, 7, 10, 11; the broker's Flex CIBA).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde_json::{Value, json};

use super::client::{Client, Stranger};
use super::faults::{Script, interfere};
use super::form::{Form, Refusal, refuse};
use super::hint::{self, CIBA_GRANT};
use super::journal::Happened;
use super::logins::{Begun, Decision, Granted, Logins, Poll, whole_seconds};
use super::person::uuid;
use super::request_object;
use super::scan;
use super::signing::{ACCESS_TOKEN_LIFETIME, Keys, tokens};
use super::{Decide, Now, Options, now, random};

/// No request of CIBA comes near this.
const LARGEST_BODY: usize = 64 * 1024;

/// The OpenID provider: everything that its endpoints share.
pub(super) struct Op {
    pub(super) issuer: String,
    pub(super) client: Client,
    pub(super) logins: Arc<Logins>,
    pub(super) keys: Keys,
    pub(super) script: Script,
    interval: Duration,
    expires_in: Duration,
    pub(super) decide: Decide,
}

impl Op {
    /// What is decided beforehand, and when.
    pub(super) fn decided(&self) -> Option<(Duration, Decision)> {
        match self.decide {
            Decide::ByHand => None,
            Decide::ApproveAfter(time) => Some((time, Decision::Approve)),
            Decide::RejectAfter(time) => Some((time, Decision::Reject)),
        }
    }

    pub(super) fn new(
        issuer: String,
        client: Client,
        logins: Arc<Logins>,
        keys: Keys,
        options: &Options,
    ) -> Op {
        let Options { interval, expires_in, decide, .. } = *options;
        Op { issuer, client, logins, keys, script: Script::default(), interval, expires_in, decide }
    }
}

pub(super) fn router(op: Arc<Op>) -> Router {
    let endpoints = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/.well-known/openid-configuration/jwks", get(jwks))
        .route("/connect/ciba", post(start))
        .route("/connect/token", post(token))
        .route("/api/ciba/broker-oidc/init-auth", post(scan::invite))
        .route("/connect/authorize", get(scan::page).post(scan::decide))
        .route("/api/v1/ciba/{auth_req_id}", delete(cancel));
    Router::new()
        .nest("/op", endpoints)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(map_response(unstored))
        .layer(from_fn_with_state(Arc::clone(&op), interfere))
        .with_state(op)
}

/// The header that the broker sends with everything.
async fn unstored(mut response: Response) -> Response {
    let value = HeaderValue::from_static("no-store, no-cache, max-age=0");
    response.headers_mut().insert(CACHE_CONTROL, value);
    response
}

pub(super) fn json_response(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json; charset=UTF-8")], body.to_string()).into_response()
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        json_response(status, &json!({ "error": self.error, "error_description": self.description }))
    }
}

/// The codes that belong to a login stand alone, as the broker sends them.
fn bare_error(error: &str) -> Response {
    json_response(StatusCode::BAD_REQUEST, &json!({ "error": error }))
}

pub(super) fn internal_error() -> Response {
    json_response(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "error": "server_error" }))
}

async fn discovery(State(op): State<Arc<Op>>) -> Response {
    op.logins.journal.write(Happened::Discovered);
    let issuer = &op.issuer;
    let algs = json!(["RS256", "PS256", "ES256", "HS256"]);
    json_response(
        StatusCode::OK,
        &json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/.well-known/openid-configuration/jwks"),
            "token_endpoint": format!("{issuer}/connect/token"),
            "backchannel_authentication_endpoint": format!("{issuer}/connect/ciba"),
            "backchannel_token_delivery_modes_supported": ["poll"],
            "backchannel_user_code_parameter_supported": true,
            "backchannel_authentication_request_signing_alg_values_supported": algs,
            "acr_values_supported": hint::ACR_VALUES,
            "grant_types_supported": ["authorization_code", "refresh_token", CIBA_GRANT],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "mitid", "minimal", "age_verify:18", "age_over:18"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported":
                ["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": algs,
        }),
    )
}

async fn jwks(State(op): State<Arc<Op>>) -> Response {
    op.logins.journal.write(Happened::KeysRead);
    json_response(StatusCode::OK, &op.keys.jwks())
}

/// Reads the form and checks that it comes from the client.
fn admit(
    op: &Op,
    headers: &HeaderMap,
    body: &[u8],
    now: Now,
) -> Result<(Form, Result<(), Stranger>), Refusal> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let form = Form::parse(text(CONTENT_TYPE), body)?;
    let client = op.client.authenticate(&op.issuer, text(AUTHORIZATION), &form, now.unix);
    Ok((form, client))
}

/// A client that tried Basic is told so (RFC 6749 5.2).
fn refused(refusal: Refusal, headers: &HeaderMap) -> Response {
    let mut response = refusal.into_response();
    if refusal.status == 401 && headers.contains_key(AUTHORIZATION) {
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"simulator\""));
    }
    response
}

async fn start(State(op): State<Arc<Op>>, headers: HeaderMap, body: Bytes) -> Response {
    let now = now();
    let read = admit(&op, &headers, &body, now).and_then(|(form, client)| {
        client.map_err(Stranger::refusal)?;
        let (form, signed) = request_object::open(&op.client, &op.issuer, form, now.unix)?;
        let start = hint::read(&form)?;
        if signed {
            op.logins.journal.write(Happened::Unsealed);
        }
        Ok(start)
    });
    let start = match read {
        Ok(start) => start,
        Err(refusal) => {
            op.logins.journal.write(Happened::StartRefused { error: refusal.error });
            return refused(refusal, &headers);
        }
    };
    let expires_in = start.requested_expiry.map_or(op.expires_in, |asked| asked.min(op.expires_in));
    let Ok(begun) = op.logins.begin(start, op.interval, expires_in, now) else { return internal_error() };
    let auth_req_id = begun.auth_req_id.clone();
    foresee(&op, begun, expires_in);
    json_response(
        StatusCode::OK,
        &json!({
            "auth_req_id": auth_req_id,
            "expires_in": whole_seconds(expires_in).max(1),
            "interval": whole_seconds(op.interval).max(1),
        }),
    )
}

/// What time will bring: the decision, if it is made beforehand, and the expiry.
fn foresee(op: &Op, begun: Begun, expires_in: Duration) {
    let Begun { phone_id, names_somebody, .. } = begun;
    if let Some((time, decision)) = op.decided().filter(|_| names_somebody) {
        let (logins, phone_id) = (Arc::clone(&op.logins), phone_id.clone());
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            logins.decide(&phone_id, decision, now());
        });
    }
    let logins = Arc::clone(&op.logins);
    tokio::spawn(async move {
        tokio::time::sleep(expires_in).await;
        logins.expire(&phone_id);
    });
}

async fn token(State(op): State<Arc<Op>>, headers: HeaderMap, body: Bytes) -> Response {
    let now = now();
    let read = admit(&op, &headers, &body, now).and_then(|(form, client)| {
        // The broker's own reading of this code: the assertion has expired, not the login.
        client.map_err(|stranger| match stranger {
            Stranger::Expired => refuse("expired_token", "The client assertion has expired."),
            other => other.refusal(),
        })?;
        match form.get("grant_type") {
            Some(CIBA_GRANT) => {}
            Some(_) => return Err(refuse("unsupported_grant_type", "The grant_type is not that of CIBA.")),
            None => return Err(refuse("invalid_request", "The grant_type is missing.")),
        }
        let auth_req_id = form.get("auth_req_id");
        auth_req_id.map(str::to_owned).ok_or(refuse("invalid_request", "The auth_req_id is missing."))
    });
    let auth_req_id = match read {
        Ok(auth_req_id) => auth_req_id,
        Err(refusal) => {
            op.logins.journal.write(Happened::PollRefused { error: refusal.error });
            return refused(refusal, &headers);
        }
    };
    match op.logins.poll(&auth_req_id, now) {
        Poll::Pending => bare_error("authorization_pending"),
        Poll::SlowDown => bare_error("slow_down"),
        Poll::Final(error) => bare_error(error),
        Poll::Granted(granted) => grant(&op, &granted, now.unix).unwrap_or_else(|_| internal_error()),
    }
}

fn grant(op: &Op, granted: &Granted, unix: u64) -> Result<Response, String> {
    let uuids = [uuid(random()?), uuid(random()?), uuid(random()?)];
    let alterations = op.script.take_alterations();
    let tokens = tokens(&op.keys.current(), &op.issuer, granted, &alterations, unix, uuids)?;
    Ok(json_response(
        StatusCode::OK,
        &json!({
            "id_token": tokens.id_token,
            "access_token": tokens.access_token,
            "expires_in": ACCESS_TOKEN_LIFETIME,
            "token_type": "Bearer",
            "scope": granted.scope,
        }),
    ))
}

/// Who knows the id may cancel: the broker's sample authenticates nobody here.
async fn cancel(State(op): State<Arc<Op>>, Path(auth_req_id): Path<String>) -> StatusCode {
    match op.logins.cancel(&auth_req_id, now()) {
        true => StatusCode::NO_CONTENT,
        false => StatusCode::NOT_FOUND,
    }
}
