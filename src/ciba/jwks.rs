//! The provider's public keys, chosen by their name and by what they are published for.
//!
//! A key of another kind, for another use or too weak keeps its name but never verifies anything,
//! and never keeps the others from being read. JSON Web Key Set: RFC 7517 5; key types: RFC 7518 6.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use super::client_auth::Algorithm;
use super::json::Object;
use super::provider::Provider;
use super::wire::{Call, Fault, Reply};

/// How many keys one signature is tried against, so that a long set cannot keep the device busy.
const TRIES: usize = 8;

/// Asks for the key set at the `jwks_uri` of discovery.
pub fn request(provider: &Provider) -> Call {
    Call::get(provider.jwks_uri.clone())
}

/// Reads the key set. A set without a usable key is read all the same.
pub fn read(reply: &Reply) -> Result<Jwks, Fault> {
    match reply.status {
        200 => {}
        status @ (408 | 429 | 500..) => return Err(Fault::Busy { status }),
        _ => return Err(Fault::Malformed("the status of the JWKS is not 200 (RFC 7517 5)")),
    }
    let set =
        Object::parse(&reply.body).ok_or(Fault::Malformed("the JWKS is not a JSON object (RFC 7517 5)"))?;
    let Some(Value::Array(keys)) = set.get("keys") else {
        return Err(Fault::Malformed("the JWKS has no `keys` array (RFC 7517 5.1)"));
    };
    Ok(Jwks { keys: keys.iter().filter_map(Value::as_object).map(Key::read).collect() })
}

/// The published keys.
#[derive(Clone, Debug, Default)]
pub struct Jwks {
    keys: Vec<Key>,
}

impl Jwks {
    /// Whether a key of this name is published, usable or not. Only an unknown name is worth another fetch.
    pub fn knows(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid.as_deref() == Some(kid))
    }

    /// The number of keys that can verify a signature.
    pub fn len(&self) -> usize {
        self.keys.iter().filter(|key| key.material.is_some()).count()
    }

    /// Whether no key can verify a signature.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys that may have made a signature with `alg`: those named `kid`, or of any name without one.
    pub(super) fn candidates(&self, kid: Option<&str>, alg: Algorithm) -> Vec<&Key> {
        let named = |key: &&Key| kid.is_none() || key.kid.as_deref() == kid;
        self.keys.iter().filter(named).filter(|key| key.fits(alg)).take(TRIES).collect()
    }
}

/// One entry of the set.
#[derive(Clone, Debug)]
pub(super) struct Key {
    kid: Option<String>,
    /// The only algorithm this key is published for.
    alg: Option<String>,
    /// Absent if this entry cannot verify a signature.
    material: Option<DecodingKey>,
}

impl Key {
    fn read(jwk: &Map<String, Value>) -> Key {
        let text = |name| jwk.get(name).and_then(Value::as_str);
        let verifies = jwk.get("use").is_none_or(|published| published == "sig")
            && jwk.get("key_ops").is_none_or(|operations| holds(operations, "verify"))
            && jwk.get("alg").is_none_or(Value::is_string)
            // A private key that everyone can read proves nothing.
            && !jwk.contains_key("d");
        let material = match (text("kty"), text("crv")) {
            (Some("RSA"), _) if verifies => rsa(text("n"), text("e")),
            (Some("EC"), Some("P-256")) if verifies => p256(text("x"), text("y")),
            _ => None,
        };
        Key { kid: text("kid").map(str::to_owned), alg: text("alg").map(str::to_owned), material }
    }

    fn fits(&self, alg: Algorithm) -> bool {
        self.material.as_ref().is_some_and(|material| material.family() == alg.jwt().family())
            && self.alg.as_ref().is_none_or(|published| *published == alg.to_string())
    }

    /// Whether this key is published under one of these names.
    pub(super) fn is_one_of(&self, names: &[String]) -> bool {
        self.kid.as_ref().is_some_and(|kid| names.contains(kid))
    }

    /// Whether this key made `signature` (base64url) over `signed`.
    pub(super) fn made(&self, signature: &str, signed: &str, alg: Algorithm) -> bool {
        self.material.as_ref().is_some_and(|material| verifies(material, signature, signed, alg))
    }
}

/// Whether `signature` (base64url) over `signed` verifies with `key`. Any trouble with the key is a no.
pub(super) fn verifies(key: &DecodingKey, signature: &str, signed: &str, alg: Algorithm) -> bool {
    jsonwebtoken::crypto::verify(signature, signed.as_bytes(), key, alg.jwt()).unwrap_or(false)
}

fn holds(array: &Value, text: &str) -> bool {
    array.as_array().is_some_and(|items| items.iter().any(|item| item == text))
}

/// An RSA key of 2048 to 8192 bits: RFC 7518 3.3 forbids less, and more is slow to verify.
fn rsa(n: Option<&str>, e: Option<&str>) -> Option<DecodingKey> {
    let (n, e) = (number(n?)?, number(e?)?);
    let bits = n.len() * 8 - n.first()?.leading_zeros() as usize;
    // With an exponent of one every message is its own signature.
    let signs = e.last()? % 2 == 1 && e != [1];
    ((2048..=8192).contains(&bits) && signs).then(|| DecodingKey::from_rsa_raw_components(&n, &e))
}

/// A P-256 key; each coordinate is 32 bytes (RFC 7518 6.2.1.2).
fn p256(x: Option<&str>, y: Option<&str>) -> Option<DecodingKey> {
    let (x, y) = (URL_SAFE_NO_PAD.decode(x?).ok()?, URL_SAFE_NO_PAD.decode(y?).ok()?);
    (x.len() == 32 && y.len() == 32).then(|| {
        // 4 marks a point given by both of its coordinates (SEC 1, 2.3.3).
        let point = [&[4], x.as_slice(), y.as_slice()].concat();
        DecodingKey::from_ec_der(&point)
    })
}

/// A big-endian number without the leading zeros that some providers leave in.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use zeroize::Zeroizing;

    use super::super::testing::provider;
    use super::*;

    #[test]
    fn the_keys_are_asked_for_where_discovery_says() {
        let jwks_uri = "https://broker.example/keys/2026?set=a".parse().unwrap();
        let provider = Provider { jwks_uri, ..provider() };
        assert_eq!(request(&provider).url.as_str(), "https://broker.example/keys/2026?set=a");
        assert!(request(&provider).form.is_none());
    }

    #[test]
    fn a_status_other_than_200_is_no_key_set() {
        let body = br#"{"keys":[]}"#;
        for status in [408, 429, 500, 502, 503, 599] {
            assert_eq!(read(&reply(status, body)).unwrap_err(), Fault::Busy { status });
        }
        for status in [204, 301, 307, 400, 404] {
            assert!(matches!(read(&reply(status, body)), Err(Fault::Malformed(_))), "{status}");
        }
        assert!(read(&reply(200, body)).unwrap().is_empty());
    }

    #[test]
    fn what_is_not_a_key_set_is_malformed() {
        for body in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":null}"#,
            r#"{"keys":[],"keys":[]}"#,
            r#"{"keys":[{"kid":"a","kid":"b"}]}"#,
            "\u{feff}{\"keys\":[]}",
        ] {
            assert!(matches!(read(&reply(200, body.as_bytes())), Err(Fault::Malformed(_))), "{body}");
        }
    }

    #[test]
    fn unusable_entries_keep_their_name_and_hide_no_other() {
        let n = |bytes: usize| URL_SAFE_NO_PAD.encode(vec![0x81; bytes]);
        let c = |bytes: usize| URL_SAFE_NO_PAD.encode(vec![7; bytes]);
        let unusable = json!([
            7, null, "key", [],
            {},
            {"kid": "u0"},
            {"kid": "u1", "kty": "LATTICE", "pub": "AAAA"},
            {"kid": "u2", "kty": "oct", "k": c(32)},
            {"kid": "u3", "kty": "OKP", "crv": "Ed25519", "x": c(32)},
            {"kid": "u4", "kty": "EC", "crv": "secp256k1", "x": c(32), "y": c(32)},
            {"kid": "u5", "kty": "EC", "crv": "P-384", "x": c(48), "y": c(48)},
            {"kid": "u6", "kty": "EC", "crv": "P-256", "x": c(31), "y": c(32)},
            {"kid": "u7", "kty": "EC", "crv": "P-256", "x": c(32)},
            {"kid": "u8", "kty": "EC", "x": c(32), "y": c(32)},
            {"kid": "u9", "kty": "RSA", "n": n(128), "e": "AQAB"},
            {"kid": "u10", "kty": "RSA", "n": n(255), "e": "AQAB"},
            {"kid": "u11", "kty": "RSA", "n": n(1025), "e": "AQAB"},
            {"kid": "u12", "kty": "RSA", "n": n(256), "e": "AQ"},
            {"kid": "u13", "kty": "RSA", "n": n(256), "e": "Ag"},
            {"kid": "u14", "kty": "RSA", "n": n(256), "e": ""},
            {"kid": "u15", "kty": "RSA", "n": "", "e": "AQAB"},
            {"kid": "u16", "kty": "RSA", "n": "not base64!", "e": "AQAB"},
            {"kid": "u17", "kty": "RSA", "n": 5, "e": "AQAB"},
            {"kid": "u18", "kty": "RSA", "n": n(256), "e": "AQAB", "use": "enc"},
            {"kid": "u19", "kty": "RSA", "n": n(256), "e": "AQAB", "use": 1},
            {"kid": "u20", "kty": "RSA", "n": n(256), "e": "AQAB", "key_ops": ["encrypt"]},
            {"kid": "u21", "kty": "RSA", "n": n(256), "e": "AQAB", "key_ops": "verify"},
            {"kid": "u22", "kty": "RSA", "n": n(256), "e": "AQAB", "alg": 256},
            {"kid": "u23", "kty": "RSA", "n": n(256), "e": "AQAB", "d": n(256)},
            {"kid": "u24", "kty": ["RSA"], "n": n(256), "e": "AQAB"},
            {"kid": "u25", "kty": "rsa", "n": n(256), "e": "AQAB"},
        ]);
        let mut entries = unusable.as_array().unwrap().clone();
        let jwks = set(&entries);
        assert!(jwks.is_empty());
        for number in 0..=25 {
            let kid = format!("u{number}");
            assert!(jwks.knows(&kid), "{kid}");
            for alg in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::Hs256] {
                assert!(jwks.candidates(Some(&kid), alg).is_empty(), "{kid}");
                assert!(jwks.candidates(None, alg).is_empty(), "{kid}");
            }
        }

        entries.push(json!({"kid": "good", "kty": "RSA", "n": n(256), "e": "AQAB"}));
        entries.push(json!({"kid": "u2", "kty": "RSA", "n": n(256), "e": "AQAB"}));
        let jwks = set(&entries);
        assert_eq!(jwks.len(), 2);
        assert_eq!(jwks.candidates(Some("good"), Algorithm::Rs256).len(), 1);
        assert_eq!(jwks.candidates(Some("u2"), Algorithm::Rs256).len(), 1, "one name, two key types");
        assert_eq!(jwks.candidates(Some("good"), Algorithm::Es256).len(), 0);
        assert!(!jwks.knows("") && !jwks.knows("Good"));
    }

    #[test]
    fn a_key_published_for_one_algorithm_serves_no_other() {
        let n = URL_SAFE_NO_PAD.encode([0x81; 256]);
        let jwks = set(&[json!({"kid": "a", "kty": "RSA", "n": n, "e": "AQAB", "alg": "PS256"})]);
        assert_eq!(jwks.candidates(Some("a"), Algorithm::Ps256).len(), 1);
        assert_eq!(jwks.candidates(Some("a"), Algorithm::Rs256).len(), 0);
        assert_eq!(jwks.candidates(None, Algorithm::Rs256).len(), 0);
    }

    #[test]
    fn trouble_with_a_key_is_no_signature() {
        let (secret, signature) = (DecodingKey::from_secret(b"secret"), URL_SAFE_NO_PAD.encode([0; 256]));
        assert!(!verifies(&secret, &signature, "signed", Algorithm::Rs256), "a key of another family");
        assert!(!verifies(&secret, "not base64!", "signed", Algorithm::Hs256));
        assert!(!verifies(
            &DecodingKey::from_rsa_raw_components(&[], &[]),
            &signature,
            "signed",
            Algorithm::Rs256
        ));
        assert!(!verifies(&DecodingKey::from_ec_der(&[4]), &signature, "signed", Algorithm::Es256));
    }

    #[test]
    fn no_more_than_eight_keys_are_tried() {
        let n = URL_SAFE_NO_PAD.encode([0x81; 256]);
        let jwks = set(&vec![json!({"kid": "same", "kty": "RSA", "n": n, "e": "AQAB"}); 500]);
        assert_eq!(jwks.len(), 500);
        assert_eq!(jwks.candidates(None, Algorithm::Rs256).len(), 8);
        assert_eq!(jwks.candidates(Some("same"), Algorithm::Rs256).len(), 8);
    }

    fn set(keys: &[Value]) -> Jwks {
        read(&reply(200, json!({ "keys": keys }).to_string().as_bytes())).unwrap()
    }

    fn reply(status: u16, body: &[u8]) -> Reply {
        Reply { status, retry_after: None, date: None, body: Zeroizing::new(body.to_vec()) }
    }
}
