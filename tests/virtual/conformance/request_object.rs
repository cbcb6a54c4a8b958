//! What the suite demands of a signed authentication request (CIBA 7.1.1, FAPI-CIBA 5.2.2, FAPI 1 Advanced 5.2.2).

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::demands::{Form, Registered};
use crate::broker::{CLIENT_ID, ISSUER};
use crate::signing::read_jws;

/// The claims of the JWT itself; what else it holds are parameters of the request.
const CLAIMS: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];
/// How long a request may live, and how long ago it may have begun to.
const AN_HOUR: u64 = 3600;
/// A clock may be so much fast.
const LEEWAY: u64 = 60;

pub(super) fn parameters(
    object: &str,
    registered: &Registered,
    now: u64,
    seen: &mut HashSet<String>,
) -> Result<Form, String> {
    let (header, claims) = read_jws(object, registered.key)?;
    if !header["alg"].as_str().is_some_and(|alg| registered.algs.contains(&alg)) {
        return Err(format!("the algorithm is {}", header["alg"]));
    }
    let Value::Object(claims) = claims else { return Err("no JSON object".into()) };
    times(&claims, now)?;
    if claims.get("iss").is_none_or(|iss| iss != CLIENT_ID) {
        return Err("iss is not the client".into());
    }
    let names_us = |aud: &Value| match aud {
        Value::Array(all) => all.iter().any(|one| one == ISSUER),
        one => one == ISSUER,
    };
    if !claims.get("aud").is_some_and(names_us) {
        return Err("aud is not the issuer".into());
    }
    match claims.get("jti") {
        Some(Value::String(jti)) if !jti.is_empty() && seen.insert(jti.clone()) => {}
        _ => return Err("jti is missing or used".into()),
    }
    if let Some(name) = ["sub", "request", "request_uri"].iter().find(|name| claims.contains_key(**name)) {
        return Err(format!("{name} has no place in it"));
    }
    claims
        .into_iter()
        .filter(|(name, _)| !CLAIMS.contains(&name.as_str()))
        .map(|(name, value)| match value {
            Value::String(text) => Ok((name, text)),
            Value::Number(number) if name == "requested_expiry" => Ok((name, number.to_string())),
            _ => Err(format!("{name} is no string")),
        })
        .collect()
}

fn times(claims: &Map<String, Value>, now: u64) -> Result<(), String> {
    let time = |name: &str| {
        claims.get(name).and_then(Value::as_u64).ok_or_else(|| format!("{name} is missing or no number"))
    };
    let (exp, nbf, iat) = (time("exp")?, time("nbf")?, time("iat")?);
    if exp + LEEWAY <= now {
        return Err("exp is past".into());
    }
    if nbf > now + LEEWAY || iat > now + LEEWAY {
        return Err("nbf or iat is in the future".into());
    }
    if nbf + AN_HOUR < now {
        return Err("nbf is more than an hour ago".into());
    }
    if exp > nbf + AN_HOUR {
        return Err("exp is more than an hour after nbf".into());
    }
    Ok(())
}
