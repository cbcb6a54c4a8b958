//! Whether an ID token is ours: signed by the provider, for this client, in answer to this login.
//!
//! No claim is looked at before the signature is verified with the pinned algorithm, and a token is
//! trusted whole or not at all. OIDC Core 2 and 3.1.3.7, CIBA 10.3.1, RFC 7515, RFC 8725.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use zeroize::{Zeroize, Zeroizing};

use super::age::{AgeAnswer, AgeCheck};
use super::authentication::{Profile, Way};
use super::client_auth::Algorithm;
use super::json::Object;
use super::jwks::{self, Jwks};
use super::provider::Issuer;
use super::terms::Terms;
use super::token::Tokens;
use super::wire::{AuthReqId, Secret};

pub use untrusted::Untrusted;

mod age;
mod claims;
mod untrusted;

#[cfg(test)]
mod tests;

/// The longest ID token that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// What a token must say to be the answer to our own login.
pub struct Expected<'a> {
    pub issuer: &'a Issuer,
    pub client_id: &'a str,
    /// The one algorithm that is accepted, whatever the token's header says.
    pub alg: Algorithm,
    /// Verifies HS256 if that is pinned, and is not looked at otherwise.
    pub client_secret: Option<&'a Secret>,
    pub profile: Profile,
    /// What was never sent is not asked of the token: a phone that scans brings the claims of a browser's login.
    pub way: Way,
    /// The MitID UUID, if the login was started with one.
    pub uuid: Option<&'a Secret>,
    pub reference_text: &'a str,
    /// Expected as `nonce` where a code was scanned.
    pub ciba_nonce: &'a str,
    pub auth_req_id: &'a AuthReqId,
    pub terms: &'a Terms,
    /// What time it is for the pins, in seconds since 1970-01-01 UTC, by no clock that the provider can set.
    pub pins_at: u64,
    /// When the start was sent, in seconds since 1970-01-01 UTC.
    pub started: u64,
}

impl fmt::Debug for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expected({}, {:?}, from {}, …)", self.alg, self.profile, self.issuer.as_str())
    }
}

/// Who approved the login.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    pub sub: String,
    pub mitid_uuid: Option<String>,
    pub name: Option<String>,
    /// As the provider writes it: `YYYY-MM-DD`.
    pub date_of_birth: Option<String>,
    /// In whole years.
    pub age: Option<u16>,
    pub loa: Option<String>,
    /// When the person approved, in seconds since 1970-01-01 UTC.
    pub auth_time: Option<u64>,
}

impl Drop for Identity {
    fn drop(&mut self) {
        let texts = [&mut self.mitid_uuid, &mut self.name, &mut self.date_of_birth, &mut self.loa];
        self.sub.zeroize();
        texts.into_iter().for_each(Zeroize::zeroize);
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// The name of the key that the token claims to be signed with, to decide whether to fetch the keys again.
pub fn key_id(id_token: &Secret) -> Option<String> {
    Jws::split(id_token.expose()).ok()?.kid().ok()?.map(str::to_owned)
}

/// Whether one of these keys made the signature under `alg`, to decide whether to fetch the keys again for a token
/// that names none.
pub fn is_signed(id_token: &Secret, jwks: &Jwks, alg: Algorithm) -> bool {
    let Ok(jws) = Jws::split(id_token.expose()) else { return false };
    let Ok(kid) = jws.kid() else { return false };
    jwks.candidates(kid, alg).iter().any(|key| key.made(jws.signature, jws.signed, alg))
}

/// Verifies the ID token against the published keys and our own login. `now` is in seconds since
/// 1970-01-01 UTC.
///
/// After [`Untrusted::UnknownKey`] the keys may have been rotated: fetch them once and verify again.
pub fn verify(
    tokens: &Tokens,
    jwks: &Jwks,
    expected: &Expected<'_>,
    now: u64,
) -> Result<Identity, Untrusted> {
    claims::check(&signed_claims(tokens, jwks, expected)?, tokens, expected, now)
}

/// Verifies in the same way a token that has to answer an age check, and takes nothing from it but the answer.
pub fn verify_age(
    tokens: &Tokens,
    jwks: &Jwks,
    expected: &Expected<'_>,
    asked: AgeCheck,
    now: u64,
) -> Result<AgeAnswer, Untrusted> {
    claims::check_age(&signed_claims(tokens, jwks, expected)?, tokens, expected, asked, now)
}

fn signed_claims(tokens: &Tokens, jwks: &Jwks, expected: &Expected<'_>) -> Result<Object, Untrusted> {
    let jws = Jws::split(tokens.id_token.expose())?;
    jws.check_header(expected.alg)?;
    jws.check_signature(jwks, expected)?;
    Object::parse(&jws.payload).ok_or(Untrusted::BadClaims)
}

/// Whether a token that was verified says anything that only the answer to this login can say. The broker promises
/// no such word: without one, the token is tied to the login by its time, its client and its `at_hash` alone. Not
/// asked of plain CIBA.
pub fn is_bound(tokens: &Tokens, expected: &Expected<'_>) -> bool {
    let claims = Jws::split(tokens.id_token.expose()).ok().and_then(|jws| Object::parse(&jws.payload));
    claims.is_some_and(|claims| claims::bind(&claims, expected))
}

/// The parts of a compact JWS (RFC 7515 7.1). Only the header is read; nothing is trusted.
struct Jws<'a> {
    header: Object,
    payload: Zeroizing<Vec<u8>>,
    signature: &'a str,
    /// What the signature is over: the first two parts with their dot.
    signed: &'a str,
}

impl<'a> Jws<'a> {
    fn split(token: &'a str) -> Result<Jws<'a>, Untrusted> {
        if token.len() > LONGEST {
            return Err(Untrusted::TooLong);
        }
        let parts: Vec<&str> = token.split('.').take(6).collect();
        let [header, payload, signature] = match parts.as_slice() {
            [header, payload, signature] => [*header, *payload, *signature],
            [_, _, _, _, _] => return Err(Untrusted::Encrypted),
            _ => return Err(Untrusted::NotThreeParts),
        };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Untrusted::NotBase64);
        let (header, payload) = (decode(header)?, Zeroizing::new(decode(payload)?));
        decode(signature)?;
        let header = Object::parse(&header).ok_or(Untrusted::BadHeader)?;
        let signed = &token[..token.len() - signature.len() - 1];
        Ok(Jws { header, payload, signature, signed })
    }

    fn kid(&self) -> Result<Option<&str>, Untrusted> {
        self.header.text("kid").map_err(|_| Untrusted::BadHeader)
    }

    /// The keys and addresses that a header may carry (`jwk`, `jku`, `x5c`, `x5u`) are the sender's word:
    /// they are ignored.
    fn check_header(&self, pinned: Algorithm) -> Result<(), Untrusted> {
        if self.header.text("alg") != Ok(Some(pinned.to_string().as_str())) {
            return Err(Untrusted::WrongAlgorithm);
        }
        if self.header.get("crit").is_some() {
            return Err(Untrusted::Critical);
        }
        match self.header.text("typ") {
            Ok(None) => Ok(()),
            Ok(Some(typ)) if typ.eq_ignore_ascii_case("JWT") => Ok(()),
            _ => Err(Untrusted::HeaderType),
        }
    }

    fn check_signature(&self, jwks: &Jwks, expected: &Expected<'_>) -> Result<(), Untrusted> {
        let kid = self.kid()?;
        if expected.alg == Algorithm::Hs256 {
            let secret = expected.client_secret.filter(|secret| !secret.expose().is_empty());
            let secret = DecodingKey::from_secret(secret.ok_or(Untrusted::NoSecret)?.expose().as_bytes());
            return match jwks::verifies(&secret, self.signature, self.signed, expected.alg) {
                false => Err(Untrusted::BadSignature),
                // A secret is no published key, and so none of those that are pinned.
                true if expected.terms.key_pins(expected.pins_at).is_some() => Err(Untrusted::UnpinnedKey),
                true => Ok(()),
            };
        }
        let candidates = jwks.candidates(kid, expected.alg);
        if candidates.is_empty() {
            let published = kid.is_some_and(|kid| jwks.knows(kid));
            return Err(if published { Untrusted::UnsuitableKey } else { Untrusted::UnknownKey });
        }
        let signer = candidates.iter().find(|key| key.made(self.signature, self.signed, expected.alg));
        let signer = signer.ok_or(Untrusted::BadSignature)?;
        match expected.terms.key_pins(expected.pins_at) {
            Some(pins) if !signer.is_one_of(pins) => Err(Untrusted::UnpinnedKey),
            _ => Ok(()),
        }
    }
}
