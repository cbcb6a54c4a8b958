//! A login that names nobody: its address (`init-auth` of CIBA + PAR), and the page behind it, which asks who scans.
//!
//! The page is the simulator's own: it stands where the broker's browser flow and MitID would be, and asks nothing real.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::broker::{Op, internal_error, json_response};
use super::client::CLIENT_ID;
use super::form::{Form, Refusal, refuse};
use super::hint::SERVICE;
use super::logins::Decision;
use super::now;
use super::person::Tester;

/// Seconds that an address is good for, whatever becomes of its login.
const ADDRESS_LIVES: u64 = 600;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(non_snake_case, reason = "the broker's own names")]
struct InitAuth {
    requestId: String,
    redirectUri: Option<String>,
    state: Option<String>,
}

/// As the broker's sample has it, no client authenticates: the handle is enough.
pub(super) async fn invite(State(op): State<Arc<Op>>, headers: HeaderMap, body: Bytes) -> Response {
    let asked = match read(&headers, &body) {
        Ok(asked) => asked,
        Err(refusal) => return refusal.into_response(),
    };
    match op.logins.invite(&asked.requestId, now()) {
        Err(_) => internal_error(),
        Ok(None) => refuse("invalid_request", "No such login waits for an address.").into_response(),
        Ok(Some((request_uri, phone_id))) => {
            foresee(&op, &request_uri, phone_id);
            let authentication_uri =
                format!("{}/connect/authorize?client_id={CLIENT_ID}&request_uri={request_uri}", op.issuer);
            json_response(
                StatusCode::OK,
                &json!({
                    "request_uri": request_uri,
                    "expires_in": ADDRESS_LIVES,
                    "authentication_uri": authentication_uri,
                }),
            )
        }
    }
}

fn read(headers: &HeaderMap, body: &[u8]) -> Result<InitAuth, Refusal> {
    let json = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if json.is_none_or(|kind| kind.split(';').next() != Some("application/json")) {
        return Err(refuse("invalid_request", "The content type is not application/json."));
    }
    let asked: InitAuth = serde_json::from_slice(body)
        .map_err(|_| refuse("invalid_request", "The body is not the JSON object that init-auth asks for."))?;
    if asked.redirectUri.is_some() || asked.state.is_some() {
        return Err(refuse("invalid_request", "No redirectUri is registered for this client."));
    }
    Ok(asked)
}

/// Who decides beforehand has Anna scan the code as well.
fn foresee(op: &Op, request_uri: &str, phone_id: String) {
    let Some((time, decision)) = op.decided() else { return };
    let (logins, request_uri) = (Arc::clone(&op.logins), request_uri.to_owned());
    tokio::spawn(async move {
        tokio::time::sleep(time).await;
        logins.scan(&request_uri, Tester::Anna, now());
        logins.decide(&phone_id, decision, now());
    });
}

#[derive(Deserialize)]
pub(super) struct Opened {
    client_id: Option<String>,
    request_uri: Option<String>,
}

pub(super) async fn page(State(op): State<Arc<Op>>, Query(opened): Query<Opened>) -> Response {
    let request_uri = opened.request_uri.unwrap_or_default();
    if opened.client_id.as_deref() != Some(CLIENT_ID) || !op.logins.can_be_scanned(&request_uri, now()) {
        return html(StatusCode::BAD_REQUEST, GONE);
    }
    let mut buttons = String::new();
    for tester in Tester::ALL {
        let (name, who) = (tester.introduction(), format!("{tester:?}"));
        buttons.push_str(&format!(
            "<form method=post><h2>{name}</h2><input type=hidden name=request_uri value=\"{request_uri}\">\
             <input type=hidden name=who value={who}><button name=decision value=approve>Godkend / Approve</button>\
             <button name=decision value=reject>Afvis / Reject</button></form>"
        ));
    }
    html(StatusCode::OK, &format!("<h1>Log på hos {SERVICE}</h1><p>Hvem er du? Who are you?</p>{buttons}"))
}

pub(super) async fn decide(State(op): State<Arc<Op>>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Ok(form) = Form::parse(kind, &body) else { return html(StatusCode::BAD_REQUEST, GONE) };
    let tester = Tester::ALL.into_iter().find(|one| form.get("who") == Some(&format!("{one:?}")));
    let decision = match form.get("decision") {
        Some("approve") => Some(Decision::Approve),
        Some("reject") => Some(Decision::Reject),
        _ => None,
    };
    let (Some(tester), Some(decision)) = (tester, decision) else {
        return html(StatusCode::BAD_REQUEST, GONE);
    };
    let scanned = op.logins.scan(form.get("request_uri").unwrap_or_default(), tester, now());
    match scanned.map(|phone_id| op.logins.decide(&phone_id, decision, now())) {
        Some(true) => html(StatusCode::OK, DONE),
        _ => html(StatusCode::BAD_REQUEST, GONE),
    }
}

const DONE: &str = "<h1>Færdig / Done</h1><p>Du kan lukke siden. You can close this page.</p>";
const GONE: &str = "<h1>Koden gælder ikke længere</h1><p>The code is no longer valid.</p>";

/// Neither scripts nor anything from elsewhere; the only thing to press sends the form back here.
fn html(status: StatusCode, body: &str) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
    let headers = [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, policy)];
    let page = format!(
        "<!doctype html><html lang=da><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width, initial-scale=1\"><title>Simuleret MitID</title>\
         <style>body{{font:1.1rem/1.5 sans-serif;max-width:24rem;margin:1rem auto;padding:0 1rem;color:#1d2529}}\
         button{{font:inherit;padding:.75rem 1rem;margin:0 .5rem .5rem 0}}\
         .mark{{background:#ffd76a;padding:.5rem;font-weight:700;text-align:center}}</style>\
         <p class=mark>Simulering – ikke MitID · Simulation – not MitID</p>{body}"
    );
    (status, headers, page).into_response()
}
