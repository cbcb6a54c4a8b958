//! The broker's RSA keys, its JWKS (RFC 7517) and the tokens it signs (the broker's sample of a Flex ID token).

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::client::CLIENT_ID;
use super::faults::Alteration;
use super::hint::AgeQuestion;
use super::lock;
use super::logins::Granted;

const ID_TOKEN_LIFETIME: u64 = 300;
pub(super) const ACCESS_TOKEN_LIFETIME: u64 = 3600;

/// The key that signs now, and the public halves of those before it.
pub(super) struct Keys(Mutex<Ring>);

struct Ring {
    current: Arc<Key>,
    published: Vec<Value>,
}

impl Keys {
    pub(super) fn make() -> Result<Keys, String> {
        let current = Arc::new(Key::make()?);
        let published = vec![current.jwk()];
        Ok(Keys(Mutex::new(Ring { current, published })))
    }

    pub(super) fn current(&self) -> Arc<Key> {
        Arc::clone(&lock(&self.0).current)
    }

    pub(super) fn jwks(&self) -> Value {
        json!({ "keys": lock(&self.0).published })
    }

    /// Signs with a new key from now on. The old one stays in the JWKS, behind the new.
    pub(super) fn rotate(&self) -> Result<(), String> {
        let key = Arc::new(Key::make()?);
        let mut ring = lock(&self.0);
        ring.published.insert(0, key.jwk());
        ring.published.truncate(10);
        ring.current = key;
        Ok(())
    }
}

pub(super) struct Key {
    pair: RsaKeyPair,
    kid: String,
}

impl Key {
    fn make() -> Result<Key, String> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048)
            .map_err(|_| "The simulator cannot make an RSA key.".to_owned())?;
        let modulus = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
        let mut kid = String::with_capacity(40);
        for byte in digest::digest(&digest::SHA256, &modulus).as_ref().iter().take(20) {
            let _ = write!(kid, "{byte:02X}");
        }
        Ok(Key { pair, kid })
    }

    fn jwk(&self) -> Value {
        let key = self.pair.public_key();
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": URL_SAFE_NO_PAD.encode(key.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(key.exponent().big_endian_without_leading_zero()),
        })
    }

    fn sign(&self, header: &Value, claims: &Value) -> Result<String, String> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(|_| "The simulator cannot sign.".to_owned())?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

pub(super) struct Tokens {
    pub(super) id_token: String,
    pub(super) access_token: String,
}

/// Signs the tokens of one approved login. `uuids` are fresh.
pub(super) fn tokens(
    key: &Key,
    issuer: &str,
    granted: &Granted,
    alterations: &[Alteration],
    unix: u64,
    uuids: [String; 3],
) -> Result<Tokens, String> {
    let [transaction_id, jti, anonymous] = uuids;
    let person = &granted.person;
    // An age check is about nobody in particular.
    let sub = if granted.age.is_some() { &anonymous } else { &person.sub };
    let access_claims = json!({
        "iss": issuer,
        "nbf": unix,
        "iat": unix,
        "exp": unix + ACCESS_TOKEN_LIFETIME,
        "aud": format!("{issuer}/resources"),
        "scope": granted.scope.split(' ').collect::<Vec<_>>(),
        "client_id": CLIENT_ID,
        "sub": sub,
        "auth_time": unix,
        "idp": "mitid",
        "idp_transaction_id": transaction_id,
        "jti": jti,
    });
    let access_token =
        key.sign(&json!({ "alg": "RS256", "kid": key.kid, "typ": "at+jwt" }), &access_claims)?;

    let mut header = json!({ "alg": "RS256", "kid": key.kid, "typ": "JWT" });
    let mut claims = json!({
        "iss": issuer,
        "nbf": unix,
        "iat": unix,
        "exp": unix + ID_TOKEN_LIFETIME,
        "auth_time": unix,
        "aud": CLIENT_ID,
        "at_hash": at_hash(&access_token),
        "sub": sub,
    });
    let told = match granted.age {
        None => person_told(granted, &transaction_id, unix),
        Some(question) => age_told(question, granted, &transaction_id, unix),
    };
    for (name, value) in told.as_object().into_iter().flatten() {
        set(&mut claims, name, Some(value));
    }
    if let Some(nonce) = &granted.nonce {
        set(&mut claims, "nonce", Some(&json!(nonce)));
    }
    if let Some(acr) = granted.acr {
        set(&mut claims, "acr", Some(&json!(acr)));
    }
    let mut stranger = None;
    for alteration in alterations {
        match alteration {
            Alteration::Claim { name, value } => set(&mut claims, name, value.as_ref()),
            Alteration::Header { name, value } => set(&mut header, name, value.as_ref()),
            Alteration::WrongKey => stranger = Some(Key::make()?),
        }
    }
    let id_token = stranger.as_ref().unwrap_or(key).sign(&header, &claims)?;
    Ok(Tokens { id_token, access_token })
}

fn person_told(granted: &Granted, transaction_id: &str, unix: u64) -> Value {
    let person = &granted.person;
    let mut told = json!({
        "idp": "mitid",
        "mitid.uuid": person.uuid,
        "mitid.age": person.age(unix).to_string(),
        "mitid.date_of_birth": person.date_of_birth(),
        "mitid.has_cpr": "true",
        "mitid.identity_name": person.name,
        "mitid.psd2": "false",
        "mitid.transaction_id": transaction_id,
        "idp_transaction_id": transaction_id,
        "idtoken_type": if granted.reference_text.is_some() { "ciba" } else { "strict" },
    });
    match &granted.reference_text {
        Some(text) => set(&mut told, "mitid.reference_text", Some(&json!(text))),
        // What a login in a browser has to tell.
        None => {
            set(&mut told, "amr", Some(&json!(["code_app"])));
            set(&mut told, "loa", Some(&json!("https://data.gov.dk/concept/core/nsis/Substantial")));
            set(&mut told, "identity_type", Some(&json!("private")));
        }
    }
    if let Some(nonce) = &granted.ciba_nonce {
        set(&mut told, "ciba_nonce", Some(&json!(nonce)));
    }
    told
}

/// Nothing of the person but the answer, and nothing of the request.
fn age_told(question: AgeQuestion, granted: &Granted, transaction_id: &str, unix: u64) -> Value {
    let age = granted.person.age(unix);
    match question {
        AgeQuestion::Verify(years) => json!({
            "idp": "idbrokerdk",
            "idtoken_type": "idbroker.dk",
            "transaction_id": transaction_id,
            "idbrokerdk_age_verified": format!("{years}:{}", age >= u16::from(years)),
        }),
        AgeQuestion::Over(years) => json!({
            "idp": "euav",
            "idtoken_type": "av",
            format!("age_over:{years}"): age >= u16::from(years),
        }),
    }
}

/// The left half of the token's SHA-256 (OpenID Connect Core 3.1.3.6).
fn at_hash(access_token: &str) -> String {
    let hash = digest::digest(&digest::SHA256, access_token.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref().split_at(16).0)
}

/// Sets a member of a JSON object, or takes it away.
pub(super) fn set(object: &mut Value, name: &str, value: Option<&Value>) {
    let mut members = object.as_object().cloned().unwrap_or_else(Map::new);
    match value {
        Some(value) => {
            members.insert(name.to_owned(), value.clone());
        }
        None => {
            members.remove(name);
        }
    }
    *object = Value::Object(members);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_hash_is_the_left_half_of_sha_256() {
        // The example of OpenID Connect Core 1.0, appendix A.3.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash(token), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
