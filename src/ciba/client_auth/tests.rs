use std::collections::HashSet;

use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};

use super::super::testing::{P256_PKCS8, P256_PUBLIC, RSA_PKCS8, RSA_PUBLIC, fields};
use super::*;

const SECRET: &str = "a client secret of 32 bytes or so";
const NOW: u64 = 1_700_000_000;

fn issuer() -> Issuer {
    Issuer::parse("https://op.example/op").unwrap()
}

fn client(auth: ClientAuth) -> Client {
    Client { client_id: "tv & 1".into(), auth }
}

fn private_key(pem: &str, algorithm: Algorithm) -> ClientAuth {
    let key = SigningKey::from_pem(pem.as_bytes(), algorithm).unwrap();
    ClientAuth::PrivateKeyJwt { key, key_id: Some("key-1".into()) }
}

fn authenticated(auth: ClientAuth, random: u8) -> (Option<Secret>, Vec<(String, String)>) {
    let mut form = Form::default();
    let moment = Moment { unix: NOW, random: [random; 16] };
    let header = client(auth).authenticate(&issuer(), &moment, &mut form).unwrap();
    (header, fields(form.finish()))
}

/// The header and the claims of the assertion, its signature verified.
fn verified(auth: ClientAuth, algorithm: Algorithm, key: &DecodingKey, random: u8) -> (Header, Value) {
    let (header, fields) = authenticated(auth, random);
    assert!(header.is_none());
    let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["client_id", "client_assertion_type", "client_assertion"]);
    assert_eq!(fields[0].1, "tv & 1");
    assert_eq!(fields[1].1, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    let mut validation = Validation::new(algorithm.jwt());
    validation.validate_exp = false;
    validation.set_audience(&["https://op.example/op"]);
    let token = jsonwebtoken::decode::<Value>(&fields[2].1, key, &validation).unwrap();
    (token.header, token.claims)
}

#[test]
fn a_posted_secret_stands_in_the_form() {
    let (header, fields) = authenticated(ClientAuth::SecretPost("s+/=: æ&".into()), 1);
    assert!(header.is_none());
    let expected = [("client_id", "tv & 1"), ("client_secret", "s+/=: æ&")];
    assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn basic_form_encodes_both_halves_before_base64_and_adds_no_field() {
    let (header, fields) = authenticated(ClientAuth::SecretBasic("s+/=:%".into()), 1);
    assert!(fields.is_empty());
    let header = header.unwrap();
    let pair = STANDARD.decode(header.expose().strip_prefix("Basic ").unwrap()).unwrap();
    assert_eq!(String::from_utf8(pair).unwrap(), "tv+%26+1:s%2B%2F%3D%3A%25");
}

#[test]
fn each_algorithm_signs_an_assertion_for_the_issuer_alone() {
    let rsa = DecodingKey::from_rsa_pem(RSA_PUBLIC.as_bytes()).unwrap();
    let ec = DecodingKey::from_ec_pem(P256_PUBLIC.as_bytes()).unwrap();
    let hmac = DecodingKey::from_secret(SECRET.as_bytes());
    for (auth, algorithm, key) in [
        (private_key(RSA_PKCS8, Algorithm::Rs256), Algorithm::Rs256, &rsa),
        (private_key(RSA_PKCS8, Algorithm::Ps256), Algorithm::Ps256, &rsa),
        (private_key(P256_PKCS8, Algorithm::Es256), Algorithm::Es256, &ec),
        (ClientAuth::SecretJwt(SECRET.into()), Algorithm::Hs256, &hmac),
    ] {
        let with_key = matches!(auth, ClientAuth::PrivateKeyJwt { .. });
        let (header, claims) = verified(auth, algorithm, key, 0xff);
        assert_eq!(header.typ.as_deref(), Some("JWT"));
        assert_eq!(header.kid.as_deref(), with_key.then_some("key-1"));
        assert_eq!(
            claims,
            json!({
                "iss": "tv & 1", "sub": "tv & 1", "aud": "https://op.example/op",
                "iat": NOW, "exp": NOW + 60, "jti": "ffffffff-ffff-4fff-bfff-ffffffffffff",
            })
        );
    }
}

#[test]
fn every_call_has_an_assertion_with_its_own_jti() {
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    let seen: HashSet<String> = (0..20)
        .map(|random| {
            let auth = ClientAuth::SecretJwt(SECRET.into());
            verified(auth, Algorithm::Hs256, &key, random).1["jti"].to_string()
        })
        .collect();
    assert_eq!(seen.len(), 20);
}

#[test]
fn a_clock_at_either_end_does_no_harm() {
    for unix in [0, u64::MAX] {
        let mut form = Form::default();
        let moment = Moment { unix, random: [0; 16] };
        let client = client(ClientAuth::SecretJwt(SECRET.into()));
        assert!(client.authenticate(&issuer(), &moment, &mut form).is_ok());
    }
}

#[test]
fn a_secret_too_short_for_hs256_is_told_so_and_signs_nothing() {
    let short = ClientAuth::SecretJwt("31 bytes are one byte too few..".into());
    let sentence = short.check().unwrap_err();
    assert!(sentence.contains("at least 32 bytes") && !sentence.contains("too few"), "{sentence}");
    let mut form = Form::default();
    let moment = Moment { unix: NOW, random: [1; 16] };
    assert_eq!(client(short).authenticate(&issuer(), &moment, &mut form), Err(Unsigned));
    assert_eq!(form.finish().expose(), "");
    assert!(ClientAuth::SecretJwt("32 bytes are exactly enough.....".into()).check().is_ok());
}

#[test]
fn an_empty_secret_is_refused() {
    assert!(ClientAuth::SecretPost("".into()).check().is_err());
    assert!(ClientAuth::SecretBasic("".into()).check().is_err());
    assert!(ClientAuth::SecretPost("short".into()).check().is_ok());
}

#[test]
fn methods_and_algorithms_carry_the_names_of_the_specification() {
    for (auth, name, signs) in [
        (ClientAuth::SecretPost(SECRET.into()), "client_secret_post", false),
        (ClientAuth::SecretBasic(SECRET.into()), "client_secret_basic", false),
        (ClientAuth::SecretJwt(SECRET.into()), "client_secret_jwt", true),
        (private_key(P256_PKCS8, Algorithm::Es256), "private_key_jwt", true),
    ] {
        assert_eq!((auth.method(), auth.uses_assertion()), (name, signs));
    }
    for name in ["RS256", "PS256", "ES256", "HS256"] {
        assert_eq!(name.parse::<Algorithm>().unwrap().to_string(), name);
    }
    for name in ["none", "rs256", "RS512", ""] {
        assert!(name.parse::<Algorithm>().is_err());
    }
}

#[test]
fn the_secret_is_not_seen_in_debug() {
    let shown = format!("{:?}", client(ClientAuth::SecretPost("hidden".into())));
    assert_eq!(shown, r#"Client { client_id: "tv & 1", auth: client_secret_post }"#);
}
