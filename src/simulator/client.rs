//! The one registered client, and the check that a request comes from it (OpenID Connect Core 9).

use std::collections::HashMap;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::form::{Form, Refusal, decode, refuse};
use super::{lock, random};

/// The `client_id` of the registered client.
pub const CLIENT_ID: &str = "flexlogin-simulator";
/// The `kid` of the client's P-256 key, key.pem.
pub const KEY_ID: &str = "flexlogin-simulator-ec";
/// The `kid` of the client's RSA key, key-rsa.pem.
pub const RSA_KEY_ID: &str = "flexlogin-simulator-rsa";

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// How far ahead an assertion may expire.
const LONGEST_ASSERTION: u64 = 300;
/// How far two clocks may be apart.
const CLOCK_SKEW: u64 = 5;

/// What the client was given when it was registered.
pub(super) struct Registration {
    pub(super) secret: String,
    pub(super) key: KeyPair,
    pub(super) rsa_key: KeyPair,
}

impl Registration {
    pub(super) fn make() -> Result<Registration, String> {
        let failed = |error: rcgen::Error| format!("The simulator cannot make the client's key: {error}.");
        // The first characters are those that a client gets wrong if it forgets to form-encode.
        let secret = format!("+/:%{}", STANDARD.encode(random::<32>()?));
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(failed)?;
        let rsa_key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(failed)?;
        Ok(Registration { secret, key, rsa_key })
    }
}

pub(super) struct Client {
    secret: String,
    ec: DecodingKey,
    rsa: DecodingKey,
    /// The `jti` of every assertion and request object seen, with its `exp`.
    seen: Mutex<HashMap<String, u64>>,
}

/// Why a client is not authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stranger {
    /// Several ways of authentication in one request (RFC 6749 2.3).
    Ambiguous,
    /// The assertion was good once. The broker's token endpoint has a code of its own for it.
    Expired,
    Wrong(&'static str),
}

impl Stranger {
    pub(super) fn refusal(self) -> Refusal {
        match self {
            Stranger::Ambiguous => {
                refuse("invalid_request", "The client authenticates in more than one way.")
            }
            Stranger::Expired => Stranger::Wrong("The client assertion has expired.").refusal(),
            Stranger::Wrong(description) => Refusal { status: 401, error: "invalid_client", description },
        }
    }
}

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    /// One plain string (RFC 10070).
    aud: String,
    exp: u64,
    iat: Option<u64>,
    nbf: Option<u64>,
    jti: String,
}

impl Client {
    pub(super) fn new(registration: &Registration) -> Result<Client, String> {
        let unreadable = |_| "The simulator cannot read the client's public key.".to_owned();
        let ec_pem = registration.key.public_key_pem();
        let rsa_pem = registration.rsa_key.public_key_pem();
        Ok(Client {
            secret: registration.secret.clone(),
            ec: DecodingKey::from_ec_pem(ec_pem.as_bytes()).map_err(unreadable)?,
            rsa: DecodingKey::from_rsa_pem(rsa_pem.as_bytes()).map_err(unreadable)?,
            seen: Mutex::default(),
        })
    }

    pub(super) fn authenticate(
        &self,
        issuer: &str,
        authorization: Option<&str>,
        form: &Form,
        unix: u64,
    ) -> Result<(), Stranger> {
        if form.get("client_id").is_some_and(|id| id != CLIENT_ID) {
            return Err(Stranger::Wrong("The client_id is not registered."));
        }
        let assertion_type = form.get("client_assertion_type");
        match (authorization, form.get("client_secret"), form.get("client_assertion")) {
            (Some(header), None, None) => self.basic(header),
            (None, Some(secret), None) => {
                form.get("client_id").ok_or(Stranger::Wrong("The client_id is missing."))?;
                self.secret(secret)
            }
            (None, None, Some(assertion)) if assertion_type == Some(ASSERTION_TYPE) => {
                self.assertion(issuer, assertion, unix)
            }
            (None, None, Some(_)) => Err(Stranger::Wrong("The client_assertion_type is not jwt-bearer.")),
            (None, None, None) => Err(Stranger::Wrong("The client does not authenticate.")),
            _ => Err(Stranger::Ambiguous),
        }
    }

    fn secret(&self, secret: &str) -> Result<(), Stranger> {
        if secret == self.secret { Ok(()) } else { Err(Stranger::Wrong("The client secret is wrong.")) }
    }

    /// Both halves are form-encoded before base64 (RFC 6749 2.3.1).
    fn basic(&self, header: &str) -> Result<(), Stranger> {
        let malformed = Stranger::Wrong("The Authorization header is not well-formed Basic.");
        let (scheme, credentials) = header.split_once(' ').ok_or(malformed)?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(malformed);
        }
        let pair = STANDARD.decode(credentials.trim()).map_err(|_| malformed)?;
        let mut halves = pair.splitn(2, |byte| *byte == b':').map(decode);
        let (Some(Some(id)), Some(Some(secret))) = (halves.next(), halves.next()) else {
            return Err(malformed);
        };
        if id != CLIENT_ID {
            return Err(Stranger::Wrong("The client_id is not registered."));
        }
        self.secret(&secret)
    }

    fn assertion(&self, issuer: &str, assertion: &str, unix: u64) -> Result<(), Stranger> {
        let (header, claims) = self
            .verified::<Assertion>(assertion)
            .ok_or(Stranger::Wrong("The client assertion's key, signature or claims are wrong."))?;
        if !header.typ.is_none_or(|typ| typ == "JWT" || typ == "client-authentication+jwt") {
            return Err(Stranger::Wrong("The client assertion's typ is not that of a client assertion."));
        }
        self.claims(issuer, claims, unix)
    }

    /// What the client has signed, with one of its keys or its secret.
    pub(super) fn verified<Claims: DeserializeOwned>(&self, token: &str) -> Option<(Header, Claims)> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let secret;
        let (key, kid) = match header.alg {
            Algorithm::ES256 => (&self.ec, Some(KEY_ID)),
            Algorithm::RS256 | Algorithm::PS256 => (&self.rsa, Some(RSA_KEY_ID)),
            Algorithm::HS256 => {
                secret = DecodingKey::from_secret(self.secret.as_bytes());
                (&secret, None)
            }
            _ => return None,
        };
        if kid.is_some() && header.kid.is_some() && header.kid.as_deref() != kid {
            return None;
        }
        let mut signature_alone = Validation::new(header.alg);
        signature_alone.required_spec_claims.clear();
        signature_alone.validate_exp = false;
        signature_alone.validate_aud = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &signature_alone).ok()?.claims;
        Some((header, claims))
    }

    /// Whether no token of the client bore this name before; from now on one has, until it expires.
    pub(super) fn is_first(&self, jti: String, exp: u64, unix: u64) -> bool {
        let mut seen = lock(&self.seen);
        seen.retain(|_, exp| *exp > unix);
        seen.insert(jti, exp).is_none()
    }

    fn claims(&self, issuer: &str, claims: Assertion, unix: u64) -> Result<(), Stranger> {
        if claims.iss != CLIENT_ID || claims.sub != CLIENT_ID {
            return Err(Stranger::Wrong("The client assertion's iss or sub is not the client."));
        }
        if claims.aud != issuer {
            return Err(Stranger::Wrong("The client assertion's aud is not the issuer."));
        }
        if claims.exp <= unix {
            return Err(Stranger::Expired);
        }
        if claims.exp > unix + LONGEST_ASSERTION {
            return Err(Stranger::Wrong("The client assertion's exp is more than five minutes ahead."));
        }
        if [claims.iat, claims.nbf].into_iter().flatten().any(|from| from > unix + CLOCK_SKEW) {
            return Err(Stranger::Wrong("The client assertion's iat or nbf is in the future."));
        }
        if claims.jti.is_empty() {
            return Err(Stranger::Wrong("The client assertion's jti is empty."));
        }
        if self.is_first(claims.jti, claims.exp, unix) {
            Ok(())
        } else {
            Err(Stranger::Wrong("The client assertion was used before."))
        }
    }
}
