//! What the broker of these tests says.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::*;

pub(super) fn answer(status: u16, body: &str) -> Reply {
    Reply { status, retry_after: None, date: None, body: Zeroizing::new(body.as_bytes().to_vec()) }
}

pub(super) fn discovery() -> Reply {
    let url = |path: &str| format!("https://op.example/op/{path}");
    let document = json!({
        "issuer": "https://op.example/op", "token_endpoint": url("connect/token"), "jwks_uri": url("jwks"),
        "backchannel_authentication_endpoint": url("connect/ciba"),
    });
    answer(200, &document.to_string())
}

pub(super) fn acknowledged(attempt: u64) -> Reply {
    answer(200, &format!(r#"{{"auth_req_id":"id-{attempt}","expires_in":300,"interval":5}}"#))
}

pub(super) fn error(code: &str) -> Reply {
    answer(400, &json!({ "error": code }).to_string())
}

/// A key set with keys of these names.
pub(super) fn keys(kids: &[&str]) -> Reply {
    let (x, y) = key().public_key().as_ref()[1..].split_at(32);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let key = |kid: &&str| json!({"kid": kid, "kty": "EC", "crv": "P-256", "use": "sig", "x": x, "y": y});
    answer(200, &json!({ "keys": kids.iter().map(key).collect::<Vec<_>>() }).to_string())
}

/// Good tokens for the login with this number, issued now under the name of this key.
pub(super) fn tokens(desk: &Desk, attempt: u64, kid: &str) -> Reply {
    tokens_with(desk, attempt, kid, |_| ())
}

pub(super) fn tokens_with(desk: &Desk, attempt: u64, kid: &str, bend: impl Fn(&mut Value)) -> Reply {
    let unix = desk.true_unix();
    let mut claims = json!({
        "iss": "https://op.example/op", "aud": "tv-1", "sub": "s", "iat": unix, "exp": unix + 300,
        "auth_time": unix, "idp": "mitid", "idtoken_type": "ciba", "ciba_nonce": "n",
        "mitid.reference_text": format!("Kode {attempt}"), "mitid.identity_name": "Anna Testesen",
    });
    bend(&mut claims);
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({"alg": "ES256", "kid": kid})), part(&claims));
    let signature = key().sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
    let id_token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    let body = json!({"access_token": "a", "token_type": "Bearer", "id_token": id_token});
    answer(200, &body.to_string())
}

fn key() -> &'static EcdsaKeyPair {
    static KEY: OnceLock<EcdsaKeyPair> = OnceLock::new();
    KEY.get_or_init(|| EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
}

/// The claims of the assertion in a request.
pub(super) fn assertion_in(call: &Call) -> Value {
    let form = call.form.as_ref().unwrap().expose();
    let (_, assertion) = form_urlencoded::parse(form.as_bytes())
        .find(|(name, _)| name == "client_assertion")
        .expect("the request has an assertion");
    let claims = URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

/// As in a `Date` header.
pub(super) fn date_of(unix: u64) -> String {
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + secs(unix))
}
