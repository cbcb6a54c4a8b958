use std::num::NonZeroU16;

use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};

use super::super::authentication::{Action, Hint, Profile, Start, request};
use super::super::client_auth::{Client, ClientAuth};
use super::super::terms::Terms;
use super::super::testing::{
    P256_PKCS8, P256_PUBLIC, RSA_PKCS8, RSA_PUBLIC, client, fields, moment, provider,
};
use super::*;

const SECRET: &str = "a client secret of 32 bytes or so";
const CPR: &str = "6701901234";

fn start() -> Start {
    Start {
        hint: Hint::Cpr(CPR.into()),
        scope: "openid mitid".into(),
        reference_text: "Log på \"Stuen\" 😀 1234".into(),
        action: Action::LogOn,
        ip: None,
        reference_id: "ref-1".into(),
        ciba_nonce: "nonce-1".into(),
        user_code: Some("0042".into()),
    }
}

fn by_key(pem: &str, algorithm: Algorithm) -> RequestObject {
    let key = SigningKey::from_pem(pem.as_bytes(), algorithm).unwrap();
    RequestObject { signer: Signer::Key { key, key_id: Some("key-1".into()) }, typed: false }
}

fn by_secret(secret: &str) -> RequestObject {
    RequestObject { signer: Signer::Secret(secret.into()), typed: false }
}

/// The names of the fields beside the request object, and the object itself.
fn sent(client: &Client, profile: Profile, object: RequestObject) -> (Vec<String>, String) {
    let terms = Terms {
        request_object: Some(object),
        acr_values: vec!["urn:a:high".into()],
        requested_expiry: NonZeroU16::new(120),
        ..Terms::default()
    };
    let call = request(&provider(), client, profile, &terms, &start(), &moment()).unwrap();
    let mut fields = fields(call.form.unwrap());
    let (name, object) = fields.pop().unwrap();
    assert_eq!(name, "request");
    (fields.into_iter().map(|(name, _)| name).collect(), object)
}

fn verified(object: &str, algorithm: Algorithm, key: &DecodingKey) -> (Header, Value) {
    let mut validation = Validation::new(algorithm.jwt());
    validation.validate_exp = false;
    validation.set_audience(&["https://op.example/op"]);
    let token = jsonwebtoken::decode::<Value>(object, key, &validation).unwrap();
    (token.header, token.claims)
}

#[test]
fn each_algorithm_signs_every_parameter_and_leaves_none_outside() {
    let rsa = DecodingKey::from_rsa_pem(RSA_PUBLIC.as_bytes()).unwrap();
    let ec = DecodingKey::from_ec_pem(P256_PUBLIC.as_bytes()).unwrap();
    for (pem, algorithm, key) in [
        (RSA_PKCS8, Algorithm::Rs256, &rsa),
        (RSA_PKCS8, Algorithm::Ps256, &rsa),
        (P256_PKCS8, Algorithm::Es256, &ec),
    ] {
        let post = client(ClientAuth::SecretPost("word".into()));
        let (beside, object) = sent(&post, Profile::Ciba, by_key(pem, algorithm));
        assert_eq!(beside, ["client_id", "client_secret"]);
        let (header, claims) = verified(&object, algorithm, key);
        assert_eq!((header.typ.as_deref(), header.kid.as_deref()), (Some("JWT"), Some("key-1")));
        assert_eq!(
            claims,
            json!({
                "iss": "tv-1", "aud": "https://op.example/op",
                "iat": moment().unix, "nbf": moment().unix - 10, "exp": moment().unix + 60,
                "jti": "f8070707-0707-4707-8707-070707070707",
                "scope": "openid mitid", "login_hint": CPR, "binding_message": "Log på \"Stuen\" 😀 1234",
                "acr_values": "urn:a:high", "requested_expiry": "120", "user_code": "0042",
            })
        );
    }
}

/// The broker's own sample: HS256 with the secret, the client once more inside, the hint as text.
#[test]
fn signaturgruppen_takes_its_hint_signed_with_the_secret() {
    let secret = client(ClientAuth::SecretJwt(SECRET.into()));
    let (beside, object) = sent(&secret, Profile::Signaturgruppen, by_secret(SECRET));
    assert_eq!(beside, ["grant_type", "client_id", "client_assertion_type", "client_assertion"]);
    let (header, claims) = verified(&object, Algorithm::Hs256, &DecodingKey::from_secret(SECRET.as_bytes()));
    assert_eq!((header.typ.as_deref(), header.kid), (Some("JWT"), None));
    let mut names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["aud", "client_id", "exp", "iat", "iss", "jti", "login_hint_token", "nbf", "scope"]);
    assert_eq!((&claims["client_id"], &claims["iss"]), (&json!("tv-1"), &json!("tv-1")));
    let hint: Value = serde_json::from_str(claims["login_hint_token"].as_str().unwrap()).unwrap();
    assert_eq!((&hint["idp"], &hint["cpr"]), (&json!("mitid"), &json!(CPR)));
}

#[test]
fn the_header_names_the_type_if_it_is_asked_to() {
    let ec = DecodingKey::from_ec_pem(P256_PUBLIC.as_bytes()).unwrap();
    let object = RequestObject { typed: true, ..by_key(P256_PKCS8, Algorithm::Es256) };
    let (beside, object) = sent(&client(ClientAuth::SecretBasic("word".into())), Profile::Ciba, object);
    assert_eq!(beside, Vec::<String>::new());
    let (header, _) = verified(&object, Algorithm::Es256, &ec);
    assert_eq!(header.typ.as_deref(), Some("oauth-authz-req+jwt"));
}

/// A provider that remembers both in one list would call the second one a replay.
#[test]
fn the_request_object_and_the_assertion_of_one_call_bear_different_names() {
    let secret = client(ClientAuth::SecretJwt(SECRET.into()));
    let terms = Terms { request_object: Some(by_secret(SECRET)), ..Terms::default() };
    let call = request(&provider(), &secret, Profile::Signaturgruppen, &terms, &start(), &moment()).unwrap();
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    let names: Vec<Value> = fields(call.form.unwrap())
        .into_iter()
        .filter(|(name, _)| ["request", "client_assertion"].contains(&name.as_str()))
        .map(|(_, token)| verified(&token, Algorithm::Hs256, &key).1["jti"].clone())
        .collect();
    assert_eq!(names.len(), 2);
    assert_ne!(names[0], names[1]);
}

#[test]
fn a_secret_too_short_for_hs256_signs_no_start() {
    let client = client(ClientAuth::SecretPost("word".into()));
    let terms = Terms { request_object: Some(by_secret("word")), ..Terms::default() };
    let call = request(&provider(), &client, Profile::Signaturgruppen, &terms, &start(), &moment());
    assert_eq!(call.unwrap_err(), Unsigned);
}

#[test]
fn a_clock_at_either_end_does_no_harm() {
    for unix in [0, u64::MAX] {
        let moment = Moment { unix, random: [0; 16] };
        assert!(by_secret(SECRET).write("tv-1", "https://op.example", &moment, &[]).is_ok());
    }
}

#[test]
fn neither_key_nor_secret_is_seen_in_debug() {
    let shown = format!("{:?} {:?}", by_secret(SECRET), by_secret(SECRET).signer);
    assert_eq!(shown, "RequestObject(HS256) Secret(…)");
    let shown = by_key(P256_PKCS8, Algorithm::Es256);
    assert_eq!(format!("{shown:?} {:?}", shown.signer), "RequestObject(ES256) Key(…)");
}
