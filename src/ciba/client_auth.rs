//! How the client proves who it is, at the start and at every poll (CIBA 4, OpenID Connect Core 9).
//!
//! An assertion is never used twice, and its audience is the issuer alone, so that no other server can use it
//! (RFC 7523, RFC 10070).

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{EncodingKey, Header};
use serde::Serialize;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::jwt;
use super::provider::Issuer;
use super::wire::{Form, Moment, Secret};

pub use signing_key::SigningKey;

mod signing_key;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Seconds an assertion lives. Devices have wrong clocks, but a stolen assertion must soon be worth nothing.
const ASSERTION_LIFE: u64 = 60;

/// HS256 needs a key of 256 bits (RFC 7518 3.2).
const HS256_KEY_BYTES: usize = 32;

/// A signature algorithm of JSON Web Algorithms (RFC 7518 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    Hs256,
}

impl Algorithm {
    pub(super) fn jwt(self) -> jsonwebtoken::Algorithm {
        match self {
            Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
            Algorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
            Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::Hs256 => jsonwebtoken::Algorithm::HS256,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Ps256 => "PS256",
            Algorithm::Es256 => "ES256",
            Algorithm::Hs256 => "HS256",
        })
    }
}

impl FromStr for Algorithm {
    type Err = String;

    fn from_str(text: &str) -> Result<Algorithm, String> {
        match text {
            "RS256" => Ok(Algorithm::Rs256),
            "PS256" => Ok(Algorithm::Ps256),
            "ES256" => Ok(Algorithm::Es256),
            "HS256" => Ok(Algorithm::Hs256),
            _ => Err("The algorithm must be RS256, PS256, ES256 or HS256.".into()),
        }
    }
}

/// The client as it is registered at the provider.
#[derive(Clone)]
pub struct Client {
    pub client_id: String,
    pub auth: ClientAuth,
}

/// The registered method of client authentication, with what it needs.
#[derive(Clone)]
pub enum ClientAuth {
    SecretPost(Secret),
    SecretBasic(Secret),
    SecretJwt(Secret),
    PrivateKeyJwt { key: SigningKey, key_id: Option<String> },
}

impl ClientAuth {
    /// The method's name in `token_endpoint_auth_methods_supported`.
    pub fn method(&self) -> &'static str {
        match self {
            ClientAuth::SecretPost(_) => "client_secret_post",
            ClientAuth::SecretBasic(_) => "client_secret_basic",
            ClientAuth::SecretJwt(_) => "client_secret_jwt",
            ClientAuth::PrivateKeyJwt { .. } => "private_key_jwt",
        }
    }

    /// Whether a signed assertion goes out, so that the device's clock matters.
    pub fn uses_assertion(&self) -> bool {
        matches!(self, ClientAuth::SecretJwt(_) | ClientAuth::PrivateKeyJwt { .. })
    }

    /// The shared secret, which an ID token under HS256 is signed with.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            ClientAuth::SecretPost(secret)
            | ClientAuth::SecretBasic(secret)
            | ClientAuth::SecretJwt(secret) => Some(secret),
            ClientAuth::PrivateKeyJwt { .. } => None,
        }
    }

    /// Whether the secret can do its work; the error is a sentence for the operator. A key is proved when it
    /// is read.
    pub fn check(&self) -> Result<(), String> {
        match self {
            ClientAuth::SecretPost(secret) | ClientAuth::SecretBasic(secret)
                if secret.expose().is_empty() =>
            {
                Err("The client secret is empty.".into())
            }
            ClientAuth::SecretJwt(secret) if secret.expose().len() < HS256_KEY_BYTES => Err(format!(
                "The client secret is too short for {}: HS256 needs at least {HS256_KEY_BYTES} bytes. \
                 Ask the provider for a longer secret or use another method.",
                self.method()
            )),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("client_id", &self.client_id).field("auth", &self.auth).finish()
    }
}

impl fmt::Debug for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method())
    }
}

/// The client cannot authenticate itself, so nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsigned;

impl fmt::Display for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "The client's secret or key cannot be used; nothing was sent. Check it in the configuration.",
        )
    }
}

impl std::error::Error for Unsigned {}

impl Client {
    /// Adds the fields that authenticate one request, or returns the `Authorization` header that does.
    pub(super) fn authenticate(
        &self,
        issuer: &Issuer,
        moment: &Moment,
        form: &mut Form,
    ) -> Result<Option<Secret>, Unsigned> {
        self.auth.check().map_err(|_| Unsigned)?;
        let assertion = match &self.auth {
            ClientAuth::SecretBasic(secret) => return Ok(Some(basic(&self.client_id, secret))),
            ClientAuth::SecretPost(secret) => {
                form.add("client_id", &self.client_id);
                form.add("client_secret", secret.expose());
                return Ok(None);
            }
            ClientAuth::SecretJwt(secret) => {
                let key = hs256_key(secret).ok_or(Unsigned)?;
                self.assertion(issuer, moment, Algorithm::Hs256, &key, None)?
            }
            ClientAuth::PrivateKeyJwt { key, key_id } => {
                self.assertion(issuer, moment, key.algorithm(), key.encoding(), key_id.as_deref())?
            }
        };
        form.add("client_id", &self.client_id);
        form.add("client_assertion_type", ASSERTION_TYPE);
        form.add("client_assertion", &assertion);
        Ok(None)
    }

    fn assertion(
        &self,
        issuer: &Issuer,
        moment: &Moment,
        algorithm: Algorithm,
        key: &EncodingKey,
        key_id: Option<&str>,
    ) -> Result<Zeroizing<String>, Unsigned> {
        let claims = Claims {
            iss: &self.client_id,
            sub: &self.client_id,
            aud: issuer.as_str(),
            iat: moment.unix,
            exp: moment.unix.saturating_add(ASSERTION_LIFE),
            jti: &jwt::jti(moment.random),
        };
        claims.sign(algorithm, key, key_id)
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: u64,
    exp: u64,
    jti: &'a str,
}

impl Claims<'_> {
    fn sign(
        &self,
        algorithm: Algorithm,
        key: &EncodingKey,
        key_id: Option<&str>,
    ) -> Result<Zeroizing<String>, Unsigned> {
        // `typ` stays "JWT", as in the broker's own sample.
        let header = Header { kid: key_id.map(str::to_owned), ..Header::new(algorithm.jwt()) };
        let room = 256 + jwt::room([self.iss, self.sub, self.aud, self.jti]);
        jwt::write(&header, self, room, key)
    }
}

/// Identifier and secret are form-encoded before they meet the colon (RFC 6749 2.3.1).
fn basic(client_id: &str, secret: &Secret) -> Secret {
    let room = 3 * (client_id.len() + secret.expose().len()) + 1;
    let mut pair = Zeroizing::new(String::with_capacity(room));
    pair.extend(form_urlencoded::byte_serialize(client_id.as_bytes()));
    pair.push(':');
    pair.extend(form_urlencoded::byte_serialize(secret.expose().as_bytes()));
    let mut header = String::with_capacity("Basic ".len() + room.div_ceil(3) * 4);
    header.push_str("Basic ");
    STANDARD.encode_string(pair.as_bytes(), &mut header);
    Secret::new(header)
}

/// The key for HS256, unless the secret is too short for it.
pub(super) fn hs256_key(secret: &Secret) -> Option<EncodingKey> {
    let secret = secret.expose().as_bytes();
    (secret.len() >= HS256_KEY_BYTES).then(|| EncodingKey::from_secret(secret))
}

#[cfg(test)]
mod tests;
