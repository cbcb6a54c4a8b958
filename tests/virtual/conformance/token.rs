//! A good token response of the suite's server, ready to be bent.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flexlogin::ciba::Algorithm;
use serde_json::{Value, json};

use crate::broker::{CLIENT_ID, ISSUER};
use crate::signing::{Key, at_hash, jws, unsigned};

/// Five minutes of life for the ID token, ten for the access token.
const ID_TOKEN_LIFE: u64 = 300;
const ACCESS_TOKEN_LIFE: u64 = 600;

pub(super) struct Token {
    pub(super) header: Value,
    pub(super) claims: Value,
    pub(super) key: &'static Key,
    pub(super) alg: Algorithm,
    pub(super) signature: Signature,
    /// When it is made, in seconds since 1970.
    pub(super) now: u64,
    /// What stands beside the ID token.
    pub(super) response: Value,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    Right,
    Broken,
    /// Nothing stands after the second dot.
    Absent,
}

impl Token {
    pub(super) fn good(
        alg: Algorithm,
        key: &'static Key,
        kid: Option<&str>,
        number: usize,
        now: u64,
    ) -> Token {
        let access_token = format!("access-token-{number}-of-some-length-000000000000000000");
        let mut header = json!({"alg": alg.to_string()});
        if let Some(kid) = kid {
            header["kid"] = json!(kid);
        }
        Token {
            header,
            claims: json!({
                "iss": ISSUER, "aud": CLIENT_ID, "sub": "user-subject-1234531",
                "iat": now, "auth_time": now, "exp": now + ID_TOKEN_LIFE, "at_hash": at_hash(&access_token),
            }),
            key,
            alg,
            signature: Signature::Right,
            now,
            response: json!({
                "access_token": access_token, "token_type": "Bearer", "expires_in": ACCESS_TOKEN_LIFE,
                "scope": "openid",
            }),
        }
    }

    pub(super) fn without_claim(&mut self, name: &str) {
        self.claims.as_object_mut().unwrap().remove(name).unwrap();
    }

    pub(super) fn without_member(&mut self, name: &str) {
        self.response.as_object_mut().unwrap().remove(name).unwrap();
    }

    pub(super) fn body(&self) -> Value {
        let mut body = self.response.clone();
        body["id_token"] = json!(self.id_token());
        body
    }

    fn id_token(&self) -> String {
        match self.signature {
            Signature::Right => jws(self.key, self.alg, &self.header, &self.claims),
            Signature::Absent => format!("{}.", unsigned(&self.header, &self.claims)),
            Signature::Broken => {
                let signed = unsigned(&self.header, &self.claims);
                let mut signature = self.key.sign(self.alg, signed.as_bytes());
                signature[7] ^= 0x5a;
                format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
            }
        }
    }
}
