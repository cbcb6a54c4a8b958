//! A start in one signed piece, taken apart strictly: every parameter inside, none beside it (CIBA 7.1.1).

use jsonwebtoken::{Algorithm, Header};
use serde_json::{Map, Value};

use super::client::{CLIENT_ID, Client};
use super::form::{Form, Refusal, refuse};

/// What may stand beside a request object: the client's proof, and the grant type of the broker's samples.
const BESIDE: [&str; 6] =
    ["request", "grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type"];
/// What says nothing about the login.
const ENVELOPE: [&str; 6] = ["iss", "aud", "iat", "nbf", "exp", "jti"];
/// How long a request object may be good at most (FAPI-CIBA 5.2.2).
const LONGEST: u64 = 3600;
/// How far two clocks may be apart.
const CLOCK_SKEW: u64 = 5;

/// The parameters of a start, and whether they came signed.
pub(super) fn open(client: &Client, issuer: &str, form: Form, unix: u64) -> Result<(Form, bool), Refusal> {
    let Some(object) = form.get("request") else { return Ok((form, false)) };
    if !form.names().all(|name| BESIDE.contains(&name)) {
        return Err(refuse("invalid_request", "A parameter stands beside the request object."));
    }
    let wrong = |description| refuse("invalid_request_object", description);
    let (header, claims) = client
        .verified::<Map<String, Value>>(object)
        .ok_or(wrong("The request object's key, signature or claims are wrong."))?;
    check_header(&header, &claims).map_err(wrong)?;
    check_envelope(client, issuer, &claims, unix).map_err(wrong)?;
    let mut fields = Vec::new();
    for (name, value) in claims {
        match value {
            _ if ENVELOPE.contains(&name.as_str()) => {}
            Value::String(text) if name == "client_id" && text == CLIENT_ID => {}
            Value::String(_) if ["sub", "request", "request_uri", "client_id"].contains(&name.as_str()) => {
                return Err(wrong("The request object holds what no request object holds."));
            }
            Value::String(text) => fields.push((name, text)),
            _ => return Err(wrong("A parameter in the request object is not a string.")),
        }
    }
    Ok((Form::of(fields), true))
}

fn check_header(header: &Header, claims: &Map<String, Value>) -> Result<(), &'static str> {
    // The broker's own sample signs with the secret; CIBA itself knows only keys.
    if header.alg == Algorithm::HS256 && !claims.contains_key("login_hint_token") {
        return Err("HS256 is for Flex alone.");
    }
    match header.typ.as_deref() {
        None | Some("JWT" | "oauth-authz-req+jwt") => Ok(()),
        Some(_) => Err("The typ is not that of a request object."),
    }
}

fn check_envelope(
    client: &Client,
    issuer: &str,
    claims: &Map<String, Value>,
    unix: u64,
) -> Result<(), &'static str> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).and_then(Value::as_u64);
    if text("iss") != Some(CLIENT_ID) || text("aud") != Some(issuer) {
        return Err("The iss is not the client, or the aud not the issuer.");
    }
    let (Some(iat), Some(nbf), Some(exp)) = (time("iat"), time("nbf"), time("exp")) else {
        return Err("One of iat, nbf and exp is missing.");
    };
    if exp <= unix || exp.saturating_sub(nbf) > LONGEST || iat.max(nbf) > unix + CLOCK_SKEW {
        return Err("The request object is not good at this time, or for too long.");
    }
    let jti = text("jti").filter(|jti| !jti.is_empty()).ok_or("The jti is missing.")?;
    if client.is_first(jti.to_owned(), exp, unix) { Ok(()) } else { Err("The jti was used before.") }
}
