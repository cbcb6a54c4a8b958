//! Tokens that look odd and are good: a client that refuses them locks people out.

use super::keys::{Signer, keys, modulus};
use super::*;

pub(super) const ROWS: &[Good] = &[
    ("oidcc idtoken-sig-rs256", |c| c.use_alg(Algorithm::Rs256)),
    ("PS256", |c| c.use_alg(Algorithm::Ps256)),
    ("ES256", |c| c.use_alg(Algorithm::Es256)),
    ("HS256 pinned, with the secret", |c| c.use_alg(Algorithm::Hs256)),
    ("HS256 without a `kid` and without published keys", |c| {
        c.use_alg(Algorithm::Hs256);
        c.headless("kid");
        c.published.clear();
    }),
    ("RS256 with a secret at hand", |c| c.client_secret = Some(Secret::from(CLIENT_SECRET))),
    ("valid-aud-as-array-test", |c| c.claim("aud", json!([CLIENT_ID]))),
    ("`aud` names us twice", |c| c.claim("aud", json!([CLIENT_ID, CLIENT_ID]))),
    ("`azp` is us", |c| c.claim("azp", CLIENT_ID)),
    ("kid-absent-single-jwks", |c| {
        c.headless("kid");
        c.published.truncate(1);
    }),
    ("kid-absent-multiple-jwks", |c| {
        c.headless("kid");
        c.published.splice(0..0, four_families());
        c.published.rotate_right(1);
    }),
    ("no `kid`, the right key is the eighth", |c| {
        c.headless("kid");
        c.published = vec![keys().two_jwk(); 7];
        c.published.push(keys().one_jwk());
    }),
    ("no `kid`, ES256 among many keys", |c| {
        c.use_alg(Algorithm::Es256);
        c.headless("kid");
        c.published.splice(0..0, four_families());
    }),
    ("one `kid` for keys of four families", |c| {
        c.published.extend(four_families());
        c.published.iter_mut().for_each(|key| key["kid"] = json!("one"));
    }),
    ("one `kid` for two RSA keys", |c| {
        c.published = vec![keys().two_jwk(), keys().one_jwk()];
        c.published[0]["kid"] = json!("one");
    }),
    ("unreadable entries among the keys", |c| {
        c.published.splice(0..0, [json!(1), json!(null), json!({}), json!({"kty": []})]);
    }),
    ("published key without `use`", |c| {
        c.published[0].as_object_mut().unwrap().remove("use").unwrap();
    }),
    ("published key with `alg` and `key_ops`", |c| {
        c.publish("alg", "RS256");
        c.publish("key_ops", json!(["verify"]));
    }),
    ("published key with certificates", |c| {
        c.publish("x5c", json!(["MIIB"]));
        c.publish("x5t", "AAAA");
    }),
    ("modulus with a leading zero", |c| {
        let padded = [vec![0], modulus(&keys().one)].concat();
        c.publish("n", URL_SAFE_NO_PAD.encode(padded));
    }),
    ("no `typ`", |c| c.headless("typ")),
    ("`typ` in lower case", |c| c.head("typ", "jwt")),
    ("header with a stranger's `jwk`", |c| c.head("jwk", keys().stranger_jwk())),
    ("header with a stranger's `jku`, `x5u`, `x5c`", |c| {
        c.head("jku", "https://evil.example/keys");
        c.head("x5u", "https://evil.example/cert");
        c.head("x5c", json!(["MIIB"]));
    }),
    ("header with unknown members", |c| c.head("x-trace", json!({"deep": [1]}))),
    ("header with white space", |c| {
        c.header_text = Some(b" {\r\n\t\"kid\" : \"one\", \"alg\" : \"RS256\" } ".to_vec());
    }),
    ("claims in escapes", |c| {
        let text = c.claims.to_string().replace("\"aud\"", "\"\\u0061ud\"").replace('æ', "\\u00e6");
        c.claims_text = Some(text.into());
    }),
    ("unknown claims", |c| {
        c.claim("_claim_names", json!({"address": "src1"}));
        c.claim("_claim_sources", json!({"src1": {"JWT": "a.b.c"}}));
        c.claim("amr", json!(["code_app"]));
    }),
    ("a `nonce` that nobody asked for", |c| c.claim("nonce", json!([1]))),
    ("`c_hash` and `s_hash` of another flow", |c| {
        c.claim("c_hash", "AAAA");
        c.claim("s_hash", 1);
    }),
    ("no `at_hash`", |c| c.without("at_hash")),
    ("no `nbf`", |c| c.without("nbf")),
    ("no `auth_time`", |c| c.without("auth_time")),
    ("`nbf` is zero", |c| c.claim("nbf", 0)),
    ("`exp` 59 seconds ago", |c| c.claim("exp", NOW - 59)),
    ("`exp` at the end of time", |c| c.claim("exp", u64::MAX)),
    ("`iat`, `nbf` and `auth_time` a minute ahead", |c| {
        ["iat", "nbf", "auth_time"].into_iter().for_each(|name| c.claim(name, NOW + 60));
    }),
    ("`iat` and `auth_time` a minute before the start", |c| {
        ["iat", "auth_time"].into_iter().for_each(|name| c.claim(name, STARTED - 60));
    }),
    ("a login in the first minute of 1970", |c| {
        (c.started, c.now) = (0, 10);
        ["iat", "nbf", "auth_time", "exp"].into_iter().for_each(|name| c.claim(name, 5));
    }),
    ("`sub` of 255 letters", |c| c.claim("sub", "s".repeat(255))),
    ("`auth_req_id` of this login", |c| c.claim(AUTH_REQ_ID_CLAIM, AUTH_REQ_ID)),
    ("`ciba_nonce` of this login", |c| c.claim("ciba_nonce", CIBA_NONCE)),
    ("`mitid.uuid` in upper case", |c| c.claim("mitid.uuid", UUID.to_uppercase())),
    ("asked for in upper case", |c| c.uuid = Some(Secret::new(UUID.to_uppercase()))),
    ("`mitid.uuid` of whoever has the CPR number", |c| {
        c.uuid = None;
        c.claim("mitid.uuid", "00000000-0000-4000-8000-000000000000");
    }),
    ("no `mitid.uuid`, not asked for", |c| {
        c.uuid = None;
        c.without("mitid.uuid");
    }),
    ("no echo of the reference text", |c| c.without("mitid.reference_text")),
    ("a protected name", |c| c.claim("mitid.identity_name", "NAVNE & ADRESSEBESKYTTET")),
    ("no name at all", |c| c.without("mitid.identity_name")),
    ("another provider, without the broker's claims", |c| {
        c.profile = Profile::Ciba;
        ["idp", "idtoken_type", "mitid.uuid", "mitid.reference_text"]
            .into_iter()
            .for_each(|name| c.without(name));
    }),
    ("another provider, within an older session", |c| {
        c.profile = Profile::Ciba;
        c.claim("auth_time", STARTED - 86_400);
    }),
];

/// What the conformance suite publishes next to the right key, and worse.
fn four_families() -> Vec<Value> {
    let bytes = URL_SAFE_NO_PAD.encode([7; 32]);
    vec![
        json!({"kid": "k1", "kty": "EC", "crv": "secp256k1", "x": bytes, "y": bytes}),
        json!({"kid": "ed", "kty": "OKP", "crv": "Ed25519", "x": bytes}),
        json!({"kid": "oct", "kty": "oct", "k": bytes}),
        json!({"kid": "pq", "kty": "AKP", "alg": "ML-DSA-65", "pub": bytes}),
        json!({"kid": "enc", "kty": "RSA", "use": "enc", "n": keys().two_jwk()["n"], "e": "AQAB"}),
    ]
}

#[test]
fn another_signer_is_not_hidden_by_the_odd_keys() {
    let mut case = Case::good();
    case.headless("kid");
    case.published.extend(four_families());
    case.signer = Signer::Rs256(&keys().stranger);
    assert_eq!(case.verify(), Err(Untrusted::BadSignature));
}
