//! What the suite demands of the calls of a client.

use std::collections::{HashMap, HashSet};

use flexlogin::ciba::{Call, Method};
use serde_json::Value;

use super::request_object;
use crate::broker::{CLIENT_ID, CLIENT_SECRET, ISSUER, form};
use crate::signing::{Key, read_jws};

const GRANT_TYPE: &str = "urn:openid:params:grant-type:ciba";
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const HINTS: [&str; 3] = ["login_hint", "login_hint_token", "id_token_hint"];
/// What an authentication request may hold, besides the client's proof (CIBA 7.1).
const REQUEST: [&str; 9] = [
    "scope",
    "client_notification_token",
    "acr_values",
    "login_hint_token",
    "id_token_hint",
    "login_hint",
    "binding_message",
    "user_code",
    "requested_expiry",
];

/// The client as the server knows it.
pub(super) struct Registered {
    pub(super) method: &'static str,
    /// Verifies assertions and request objects.
    pub(super) key: &'static Key,
    /// The algorithms that may sign them; FAPI takes no RS256.
    pub(super) algs: &'static [&'static str],
    /// Whether authentication requests have to be signed.
    pub(super) signs_requests: bool,
}

impl Registered {
    /// As FAPI wants a client: all that it says is signed, by a key of its own.
    pub(super) fn fapi(key: &'static Key) -> Registered {
        Registered { method: "private_key_jwt", key, algs: &["PS256", "ES256"], signs_requests: true }
    }
}

pub(super) type Form = HashMap<String, String>;

/// An authentication request: posted, with the client's proof and all that it must say; gives its parameters.
pub(super) fn of_a_start(
    call: &Call,
    registered: &Registered,
    now: u64,
    seen: &mut HashSet<String>,
) -> Result<Form, String> {
    let form = posted(call)?;
    proved(call, &form, registered, now, seen)?;
    let request = match (registered.signs_requests, form.get("request")) {
        (false, None) => form,
        (false, Some(_)) => return Err("a request object where none is registered".into()),
        (true, None) => return Err("the request is not signed".into()),
        (true, Some(object)) => {
            if let Some(outside) = REQUEST.iter().find(|name| form.contains_key(**name)) {
                return Err(format!("{outside} stands outside the request object"));
            }
            request_object::parameters(object, registered, now, seen)
                .map_err(|what| format!("request object: {what}"))?
        }
    };
    let given = |name: &str| request.get(name).map_or("", String::as_str);
    let hints = HINTS.iter().filter(|hint| request.contains_key(**hint)).count();
    if hints != 1 || HINTS.iter().all(|hint| given(hint).is_empty()) {
        return Err(format!("{hints} hints; there must be exactly one"));
    }
    if !given("scope").split(' ').any(|word| word == "openid") {
        return Err(format!("the scope {:?} does not hold openid", given("scope")));
    }
    // FAPI-CIBA 5.2.2: nothing else in these requests tells the person what they approve.
    if given("binding_message").is_empty() {
        return Err("no binding_message".into());
    }
    if request.contains_key("client_notification_token") {
        return Err("a client that polls has no client_notification_token".into());
    }
    let expiry = request.get("requested_expiry");
    if expiry.is_some_and(|text| !text.parse::<u32>().is_ok_and(|seconds| seconds > 0)) {
        return Err("requested_expiry is no positive integer".into());
    }
    Ok(request)
}

/// A poll: posted, with the client's proof; gives the id that it is for.
pub(super) fn of_a_poll(
    call: &Call,
    registered: &Registered,
    now: u64,
    seen: &mut HashSet<String>,
) -> Result<String, String> {
    let mut form = posted(call)?;
    proved(call, &form, registered, now, seen)?;
    if form.get("grant_type").map(String::as_str) != Some(GRANT_TYPE) {
        return Err(format!("the grant_type is {:?}", form.get("grant_type")));
    }
    form.remove("auth_req_id").ok_or_else(|| "no auth_req_id".into())
}

fn posted(call: &Call) -> Result<Form, String> {
    if call.method != Method::Post {
        return Err(format!("{:?} where POST is due", call.method));
    }
    if call.url.query().is_some() {
        return Err("parameters in the address".into());
    }
    let fields = form(call);
    let count = fields.len();
    let form: Form = fields.into_iter().collect();
    if form.len() != count {
        return Err("a parameter comes twice".into());
    }
    Ok(form)
}

/// The client's proof, by the registered method and no other.
fn proved(
    call: &Call,
    form: &Form,
    registered: &Registered,
    now: u64,
    seen: &mut HashSet<String>,
) -> Result<(), String> {
    let given = |name: &str| form.get(name).map(String::as_str);
    let basic = call.authorization.as_ref().map(|header| header.expose().to_owned());
    let found = match (&basic, given("client_secret"), given("client_assertion")) {
        (Some(_), None, None) => "client_secret_basic",
        (None, Some(_), None) => "client_secret_post",
        (None, None, Some(_)) if matches!(registered.key, Key::Secret(_)) => "client_secret_jwt",
        (None, None, Some(_)) => "private_key_jwt",
        (None, None, None) => return Err("the client does not authenticate itself".into()),
        _ => return Err("the client authenticates itself in two ways".into()),
    };
    if found != registered.method {
        return Err(format!("the client is registered for {} and uses {found}", registered.method));
    }
    if given("client_id").is_some_and(|client_id| client_id != CLIENT_ID) {
        return Err("the client_id is another client's".into());
    }
    match registered.method {
        "client_secret_basic" => match basic {
            Some(header) if header == format!("Basic {}", pair()) => Ok(()),
            _ => Err("the Authorization header does not hold the client's secret".into()),
        },
        "client_secret_post" if given("client_secret") == Some(CLIENT_SECRET) => Ok(()),
        "client_secret_post" => Err("the client_secret is wrong".into()),
        _ if given("client_assertion_type") != Some(JWT_BEARER) => {
            Err("the client_assertion_type is wrong".into())
        }
        _ => asserted(given("client_assertion").unwrap_or_default(), registered, now, seen),
    }
}

/// The secret form-encoded, then in base64 (RFC 6749 2.3.1).
fn pair() -> String {
    use base64::Engine;
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    base64::engine::general_purpose::STANDARD.encode(format!(
        "{}:{}",
        encode(CLIENT_ID),
        encode(CLIENT_SECRET)
    ))
}

/// A fresh assertion of this client for this server (RFC 7523 3).
fn asserted(
    assertion: &str,
    registered: &Registered,
    now: u64,
    seen: &mut HashSet<String>,
) -> Result<(), String> {
    let wrong = |what: &str| Err(format!("client_assertion: {what}"));
    let (header, claims) =
        read_jws(assertion, registered.key).map_err(|what| format!("client_assertion: {what}"))?;
    if !header["alg"].as_str().is_some_and(|alg| registered.algs.contains(&alg)) {
        return wrong(&format!("the algorithm is {}", header["alg"]));
    }
    if claims["iss"] != CLIENT_ID || claims["sub"] != CLIENT_ID {
        return wrong("iss and sub are not the client");
    }
    if claims["aud"] != ISSUER {
        return wrong("aud is not the issuer");
    }
    let number = |name: &str| claims[name].as_u64();
    if number("exp").is_none_or(|exp| exp <= now || exp > now + 3600) {
        return wrong("exp is not within the next hour");
    }
    if number("iat").is_none_or(|iat| iat > now + 10 || iat + 3600 < now) {
        return wrong("iat is not now");
    }
    if claims.get("nbf").is_some_and(|nbf| nbf.as_u64().is_none_or(|nbf| nbf > now + 10)) {
        return wrong("nbf is in the future");
    }
    match &claims["jti"] {
        Value::String(jti) if jti.len() >= 16 && seen.insert(jti.clone()) => Ok(()),
        _ => wrong("jti is missing, short or used"),
    }
}
