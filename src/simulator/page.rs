//! The phone's page for people, and the same as JSON for scripts. Plain HTTP, for this machine alone: pages of
//! other sites can neither read it nor press its buttons (Fetch, "Origin"; DNS rebinding).

use axum::extract::{Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

use super::phone::{Phone, Request as Asked};

const PAGE: &str = include_str!("page.html");

/// Scripts and styles are the page's own, inline; it is never framed and talks to nobody else.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn router(phone: Phone) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/phone", get(requests))
        .route("/phone/{id}/approve", post(approve))
        .route("/phone/{id}/reject", post(reject))
        .layer(from_fn(same_machine))
        .with_state(phone)
}

async fn page() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
    ];
    (headers, PAGE)
}

async fn requests(State(phone): State<Phone>) -> Json<Vec<Asked>> {
    Json(phone.requests())
}

async fn approve(State(phone): State<Phone>, Path(id): Path<String>) -> StatusCode {
    done(phone.approve(&id))
}

async fn reject(State(phone): State<Phone>, Path(id): Path<String>) -> StatusCode {
    done(phone.reject(&id))
}

fn done(yes: bool) -> StatusCode {
    if yes { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn same_machine(request: Request, next: Next) -> Response {
    if !is_same_machine(request.headers()) {
        return (StatusCode::FORBIDDEN, "The phone is for this machine alone.\n").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

/// The Host is loopback, there is one, and whoever sent the request, if that is known, is the page itself.
fn is_same_machine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(Ok(host)), None) = (hosts.next().map(HeaderValue::to_str), hosts.next()) else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let origins = headers.get_all(ORIGIN).iter().all(|origin| *origin == format!("http://{host}"));
    let site = headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none");
    matches!(name, "127.0.0.1" | "localhost") && origins && site
}
