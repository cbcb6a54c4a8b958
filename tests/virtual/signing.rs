//! Keys made when the tests start, and compact JWS made and read with them.

use std::sync::OnceLock;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_2048_8192_SHA256, RSA_PSS_SHA256, RsaEncoding,
    UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flexlogin::ciba::Algorithm;
use serde_json::{Value, json};

pub(crate) enum Key {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    /// The cheapest: a signature takes some microseconds.
    Secret(Vec<u8>),
}

/// The provider's key; an RSA key takes its time to make, so each is made when it is first wanted.
pub(crate) fn rsa() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(Key::new_rsa)
}

/// Published beside the first.
pub(crate) fn other_rsa() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(Key::new_rsa)
}

pub(crate) fn p256() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(Key::new_p256)
}

pub(crate) fn client_rsa() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(Key::new_rsa)
}

pub(crate) fn client_p256() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(Key::new_p256)
}

impl Key {
    fn new_rsa() -> Key {
        Key::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    fn new_p256() -> Key {
        Key::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    /// The public half, for a key set.
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Key::Rsa(key) => {
                let n = text(key.public_key().modulus().big_endian_without_leading_zero());
                let e = text(key.public_key().exponent().big_endian_without_leading_zero());
                json!({"kid": kid, "kty": "RSA", "use": "sig", "n": n, "e": e})
            }
            Key::P256(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                json!({"kid": kid, "kty": "EC", "crv": "P-256", "use": "sig", "x": text(x), "y": text(y)})
            }
            Key::Secret(_) => panic!("a secret is not published"),
        }
    }

    /// The private half, as a client reads it from a file.
    pub(crate) fn pem(&self) -> String {
        let der = match self {
            Key::Rsa(key) => AsDer::<Pkcs8V1Der<'_>>::as_der(key).unwrap().as_ref().to_vec(),
            Key::P256(key) => key.to_pkcs8v1().unwrap().as_ref().to_vec(),
            Key::Secret(_) => panic!("a secret is in no PEM file"),
        };
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
    }

    /// The algorithm must fit the key.
    pub(crate) fn sign(&self, alg: Algorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |key: &RsaKeyPair, padding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(padding, &random, message, &mut signature).unwrap();
            signature
        };
        match (self, alg) {
            (Key::Rsa(key), Algorithm::Rs256) => rsa(key, &RSA_PKCS1_SHA256),
            (Key::Rsa(key), Algorithm::Ps256) => rsa(key, &RSA_PSS_SHA256),
            (Key::P256(key), Algorithm::Es256) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            (Key::Secret(secret), Algorithm::Hs256) => {
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
            }
            _ => panic!("the key is not for {alg}"),
        }
    }

    pub(crate) fn has_made(&self, alg: &str, signature: &[u8], message: &[u8]) -> bool {
        let verify = |algorithm: &'static dyn VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
        };
        match (self, alg) {
            (Key::Rsa(key), "RS256") => verify(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref()),
            (Key::Rsa(key), "PS256") => verify(&RSA_PSS_2048_8192_SHA256, key.public_key().as_ref()),
            (Key::P256(key), "ES256") => verify(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref()),
            (Key::Secret(secret), "HS256") => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
                hmac::verify(&key, message, signature).is_ok()
            }
            _ => false,
        }
    }
}

/// A compact JWS; the header says what it says, and the signature is made with `alg`.
pub(crate) fn jws(key: &Key, alg: Algorithm, header: &Value, claims: &Value) -> String {
    let signed = unsigned(header, claims);
    let signature = URL_SAFE_NO_PAD.encode(key.sign(alg, signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// The first two parts.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// The header and the claims of a compact JWS whose signature is right, or what is wrong with it.
pub(crate) fn read_jws(jws: &str, key: &Key) -> Result<(Value, Value), String> {
    let parts: Vec<&str> = jws.split('.').collect();
    let [header, claims, signature] = parts[..] else { return Err("not three parts".into()) };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| "not base64url".to_owned());
    let json = |part: &str| serde_json::from_slice(&decode(part)?).map_err(|_| "not JSON".to_owned());
    let (head, body): (Value, Value) = (json(header)?, json(claims)?);
    let alg = head["alg"].as_str().ok_or("no alg")?;
    let signed = &jws[..jws.len() - signature.len() - 1];
    if !key.has_made(alg, &decode(signature)?, signed.as_bytes()) {
        return Err(format!("the signature under {alg} is not the key's"));
    }
    Ok((head, body))
}

/// The `at_hash` of an access token under any algorithm that ends in 256 (OIDC Core 3.1.3.6).
pub(crate) fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, access_token.as_bytes()).as_ref()[..16])
}
