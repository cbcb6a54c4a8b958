//! Keys made when the tests start, so that none lies in the repository.

use std::sync::OnceLock;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(super) struct Keys {
    pub(super) one: RsaKeyPair,
    pub(super) two: RsaKeyPair,
    /// Never published.
    pub(super) stranger: RsaKeyPair,
    curve: EcdsaKeyPair,
}

pub(super) fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let rsa = || RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let curve = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Keys { one: rsa(), two: rsa(), stranger: rsa(), curve }
    })
}

impl Keys {
    pub(super) fn one_jwk(&self) -> Value {
        rsa_jwk("one", &self.one)
    }

    pub(super) fn two_jwk(&self) -> Value {
        rsa_jwk("two", &self.two)
    }

    pub(super) fn stranger_jwk(&self) -> Value {
        rsa_jwk("stranger", &self.stranger)
    }

    pub(super) fn curve_jwk(&self) -> Value {
        let (x, y) = self.curve.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        json!({"kid": "curve", "kty": "EC", "crv": "P-256", "use": "sig", "x": x, "y": y})
    }
}

pub(super) fn modulus(key: &RsaKeyPair) -> Vec<u8> {
    key.public_key().modulus().big_endian_without_leading_zero().to_vec()
}

fn rsa_jwk(kid: &str, key: &RsaKeyPair) -> Value {
    let e = key.public_key().exponent().big_endian_without_leading_zero().to_vec();
    json!({
        "kid": kid, "kty": "RSA", "use": "sig",
        "n": URL_SAFE_NO_PAD.encode(modulus(key)), "e": URL_SAFE_NO_PAD.encode(e),
    })
}

pub(super) enum Signer {
    Rs256(&'static RsaKeyPair),
    Ps256(&'static RsaKeyPair),
    Es256,
    /// The same signature in the form of X.509, which a JWS does not allow.
    Es256InDer,
    Hs256(Vec<u8>),
    /// These bytes, whatever is signed.
    Bytes(Vec<u8>),
}

impl Signer {
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        let rsa = |key: &RsaKeyPair, padding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(padding, &random, message, &mut signature).unwrap();
            signature
        };
        match self {
            Signer::Rs256(key) => rsa(key, &RSA_PKCS1_SHA256),
            Signer::Ps256(key) => rsa(key, &RSA_PSS_SHA256),
            Signer::Es256 => keys().curve.sign(&random, message).unwrap().as_ref().to_vec(),
            Signer::Es256InDer => {
                let pkcs8 = keys().curve.to_pkcs8v1().unwrap();
                let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).unwrap();
                key.sign(&random, message).unwrap().as_ref().to_vec()
            }
            Signer::Hs256(secret) => {
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
            }
            Signer::Bytes(bytes) => bytes.clone(),
        }
    }
}
