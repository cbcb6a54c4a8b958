//! A start in one signed piece, so that nobody between the device and the provider can change it (CIBA 7.1.1).
//!
//! Every parameter stands inside; only what authenticates the client stays beside it.

use std::fmt;

use jsonwebtoken::{EncodingKey, Header};
use serde::{Serialize, Serializer, ser::SerializeMap};
use zeroize::Zeroizing;

use super::client_auth::{Algorithm, SigningKey, Unsigned, hs256_key};
use super::jwt;
use super::wire::{Moment, Secret};

/// Seconds a request object lives. It is sent at once, and a stolen one must soon be worth nothing.
const LIFE: u64 = 60;

/// Seconds by which `nbf` is earlier than now, for a device whose clock is a little fast.
const BACKDATED: u64 = 10;

/// How starts are signed.
#[derive(Clone)]
pub struct RequestObject {
    pub signer: Signer,
    /// Whether the header says `oauth-authz-req+jwt` (RFC 9101 10.8) instead of `JWT`.
    pub typed: bool,
}

/// Who signs a start.
#[derive(Clone)]
pub enum Signer {
    Key {
        key: SigningKey,
        key_id: Option<String>,
    },
    /// HS256 with the client secret, as in Signaturgruppen's own example. CIBA 7.1.1 knows only keys.
    Secret(Secret),
}

impl RequestObject {
    pub fn algorithm(&self) -> Algorithm {
        match &self.signer {
            Signer::Key { key, .. } => key.algorithm(),
            Signer::Secret(_) => Algorithm::Hs256,
        }
    }

    /// Signs the parameters for the provider that calls itself `issuer`.
    pub(super) fn write(
        &self,
        client_id: &str,
        issuer: &str,
        moment: &Moment,
        parameters: &[(&str, &str)],
    ) -> Result<Zeroizing<String>, Unsigned> {
        let hmac;
        let (key, key_id): (&EncodingKey, _) = match &self.signer {
            Signer::Key { key, key_id } => (key.encoding(), key_id.clone()),
            Signer::Secret(secret) => {
                hmac = hs256_key(secret).ok_or(Unsigned)?;
                (&hmac, None)
            }
        };
        let mut header = Header { kid: key_id, ..Header::new(self.algorithm().jwt()) };
        if self.typed {
            header.typ = Some("oauth-authz-req+jwt".to_owned());
        }
        // The assertion of the same call bears the other name; a provider may remember both in one list.
        let mut random = moment.random;
        random[0] = !random[0];
        let claims = Claims {
            iss: client_id,
            aud: issuer,
            iat: moment.unix,
            nbf: moment.unix.saturating_sub(BACKDATED),
            exp: moment.unix.saturating_add(LIFE),
            jti: &jwt::jti(random),
            parameters,
        };
        let texts = parameters.iter().flat_map(|(name, value)| [*name, *value]);
        let room = 256 + jwt::room(texts.chain([client_id, issuer]));
        jwt::write(&header, &claims, room, key)
    }
}

impl fmt::Debug for RequestObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestObject({})", self.algorithm())
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Signer::Key { .. } => "Key(…)",
            Signer::Secret(_) => "Secret(…)",
        })
    }
}

struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: u64,
    nbf: u64,
    exp: u64,
    jti: &'a str,
    parameters: &'a [(&'a str, &'a str)],
}

impl Serialize for Claims<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("iss", self.iss)?;
        map.serialize_entry("aud", self.aud)?;
        map.serialize_entry("iat", &self.iat)?;
        map.serialize_entry("nbf", &self.nbf)?;
        map.serialize_entry("exp", &self.exp)?;
        map.serialize_entry("jti", self.jti)?;
        for (name, value) in self.parameters {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests;
