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
                let key = EncodingKey::from_secret(secret.expose().as_bytes());
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
            jti: &uuid(moment.random),
        };
        sign(algorithm, key, key_id, &claims)
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

fn sign(
    algorithm: Algorithm,
    key: &EncodingKey,
    key_id: Option<&str>,
    claims: &Claims<'_>,
) -> Result<Zeroizing<String>, Unsigned> {
    // `typ` stays "JWT", as in the broker's own sample.
    let header = Header { kid: key_id.map(str::to_owned), ..Header::new(algorithm.jwt()) };
    jsonwebtoken::encode(&header, claims, key).map(Zeroizing::new).map_err(|_| Unsigned)
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

/// A version 4 UUID (RFC 9562 5.4).
fn uuid(mut random: [u8; 16]) -> String {
    random[6] = random[6] & 0x0f | 0x40;
    random[8] = random[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(random));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
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
}
