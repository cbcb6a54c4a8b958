//! What the provider signs, and what somebody else makes of it.

use std::time::Duration;

use flexlogin::ciba::{Algorithm, Profile};
use serde_json::{Value, json};

use super::climate::{Climate, Echoes};
use super::server::Request;
use crate::broker::{CLIENT_ID, CLIENT_SECRET, ISSUER};
use crate::chance::Chance;
use crate::signing::{Key, at_hash, client_p256, jws, p256};
use crate::world::unix;

/// The key that signs first, by its name, and the one that comes after it.
pub(super) const KEY_IDS: [&str; 2] = ["spring", "autumn"];

/// The keys that the provider publishes: both for a while, so that what was signed before can be checked.
pub(super) fn published(climate: &Climate, now: Duration) -> Value {
    match climate.alg {
        Algorithm::Es256 if climate.rotates_at.is_some_and(|at| at <= now) => {
            json!({"keys": [client_p256().jwk(KEY_IDS[1]), p256().jwk(KEY_IDS[0])]})
        }
        Algorithm::Es256 => json!({"keys": [p256().jwk(KEY_IDS[0])]}),
        _ => json!({"keys": []}),
    }
}

/// The claims of a good token for a request.
pub(super) fn claims(climate: &Climate, request: &Request, now: Duration) -> Value {
    let Echoes { text, nonce, id } = climate.echoes;
    let mut claims = json!({
        "iss": ISSUER, "aud": CLIENT_ID, "sub": request.person.sub, "iat": unix(now), "exp": unix(now) + 300,
        "auth_time": unix(request.begun), "mitid.uuid": request.person.uuid,
        "at_hash": at_hash(&request.access_token()),
    });
    let mut add = |name: &str, value: &str| claims[name] = value.into();
    if climate.profile == Profile::Signaturgruppen {
        add("idp", "mitid");
        add("idtoken_type", "ciba");
    }
    if text {
        add("mitid.reference_text", &request.reference_text);
    }
    if nonce {
        add("ciba_nonce", &request.nonce);
    }
    if id {
        add("urn:openid:params:jwt:claim:auth_req_id", &request.id);
    }
    claims
}

/// Signs as the provider does at this time.
pub(super) fn sign(climate: &Climate, claims: &Value, now: Duration) -> String {
    if climate.alg == Algorithm::Hs256 {
        return jws(&Key::Secret(CLIENT_SECRET.into()), Algorithm::Hs256, &json!({"alg": "HS256"}), claims);
    }
    let (kid, key) = key(climate, now);
    jws(key, Algorithm::Es256, &json!({"alg": "ES256", "kid": kid}), claims)
}

/// The key that signs at this time, and its name.
fn key(climate: &Climate, now: Duration) -> (&'static str, &'static Key) {
    if climate.rotates_at.is_some_and(|at| at <= now) {
        (KEY_IDS[1], client_p256())
    } else {
        (KEY_IDS[0], p256())
    }
}

/// A token for this very request in which one thing is wrong.
pub(super) fn spoilt(climate: &Climate, request: &Request, now: Duration, chance: &mut Chance) -> String {
    let mut claims = claims(climate, request, now);
    let flex = climate.profile == Profile::Signaturgruppen;
    let (name, value) = match chance.below(8) {
        0 => ("iss", json!("https://op.example/")),
        1 => ("aud", json!([CLIENT_ID, "fjernsyn-8"])),
        2 => ("at_hash", json!(at_hash("another access token"))),
        3 if request.by_uuid => ("mitid.uuid", json!("00000000-0000-4000-8000-000000000000")),
        4 if flex => ("ciba_nonce", json!("another nonce")),
        5 if flex => ("mitid.reference_text", json!(request.reference_text.replace("Kode", "Kode 1"))),
        6 => ("urn:openid:params:jwt:claim:auth_req_id", json!("another id")),
        _ => return forged(climate, &claims, now, chance),
    };
    claims[name] = value;
    sign(climate, &claims, now)
}

/// As the provider would write it, signed by somebody else. The key that it names is a known one: a new name would
/// have the key set fetched, and a real one that follows within minutes would not.
fn forged(climate: &Climate, claims: &Value, now: Duration, chance: &mut Chance) -> String {
    let (kid, ours) = key(climate, now);
    let another = if kid == KEY_IDS[0] { client_p256() } else { p256() };
    match climate.alg {
        Algorithm::Es256 if chance.below(2) == 0 => {
            jws(another, Algorithm::Es256, &json!({"alg": "ES256", "kid": kid}), claims)
        }
        Algorithm::Es256 => {
            let public = ours.jwk(kid).to_string().into_bytes();
            jws(&Key::Secret(public), Algorithm::Hs256, &json!({"alg": "HS256", "kid": kid}), claims)
        }
        _ => jws(&Key::Secret(vec![7; 40]), Algorithm::Hs256, &json!({"alg": "HS256"}), claims),
    }
}
