//! A private key from a PEM file, proved before it is needed.
//!
//! A key that cannot sign is found when the configuration is read, not when a person waits (RFC 7518 3.3 to 3.5).

use std::fmt;
use std::sync::Arc;

use jsonwebtoken::EncodingKey;

use super::{Algorithm, Claims, Unsigned};

/// A private key that has proved to sign with its algorithm.
#[derive(Clone)]
pub struct SigningKey {
    algorithm: Algorithm,
    key: Arc<EncodingKey>,
}

impl SigningKey {
    /// Reads RSA from PKCS#1 or PKCS#8 and P-256 from PKCS#8, and signs once to prove it. The error is a
    /// sentence for the operator, without key material.
    pub fn from_pem(pem: &[u8], algorithm: Algorithm) -> Result<SigningKey, String> {
        let wanted = match algorithm {
            Algorithm::Rs256 | Algorithm::Ps256 => "an RSA key of at least 2048 bits",
            Algorithm::Es256 => "an EC key on the curve P-256",
            Algorithm::Hs256 => {
                return Err("HS256 signs with the client secret, not with a key: \
                            choose RS256, PS256 or ES256 for the key."
                    .into());
            }
        };
        let (label, block) = private_key(pem)
            .map_err(|found| format!("{algorithm} needs {wanted} as a PEM private key, but {found}."))?;
        let wrong = |found| Err(format!("The private key is {found}, but {algorithm} needs {wanted}."));
        if label == "ENCRYPTED PRIVATE KEY" || block.contains("Proc-Type: 4,ENCRYPTED") {
            return Err("The private key is encrypted. Store it without a passphrase: \
                        openssl pkey -in key.pem -out plain.pem"
                .into());
        }
        let ec = algorithm == Algorithm::Es256;
        if label == "EC PRIVATE KEY" {
            return if ec {
                Err("The private key is in the SEC1 form (BEGIN EC PRIVATE KEY). Convert it to PKCS#8: \
                     openssl pkcs8 -topk8 -nocrypt -in key.pem -out key.pkcs8.pem"
                    .into())
            } else {
                wrong("an EC key")
            };
        }
        let (as_rsa, as_ec) =
            (EncodingKey::from_rsa_pem(block.as_bytes()), EncodingKey::from_ec_pem(block.as_bytes()));
        let key = match (ec, as_rsa, as_ec) {
            (false, Ok(key), _) | (true, _, Ok(key)) => Arc::new(key),
            (false, _, Ok(_)) => return wrong("an EC key"),
            (true, Ok(_), _) => return wrong("an RSA key"),
            _ => return wrong("of another type or damaged"),
        };
        let probe = Claims { iss: "", sub: "", aud: "", iat: 0, exp: 0, jti: "" };
        match probe.sign(algorithm, &key, None) {
            Ok(_) => Ok(SigningKey { algorithm, key }),
            Err(Unsigned) => Err(format!("The private key cannot sign: {algorithm} needs {wanted}.")),
        }
    }

    /// The same key under another algorithm of its kind. The error is a sentence for the operator.
    pub fn under(&self, algorithm: Algorithm) -> Result<SigningKey, String> {
        if algorithm.jwt().family() != self.algorithm.jwt().family() {
            let ours = self.algorithm;
            return Err(format!(
                "The private key signs {ours}, and no key signs both {ours} and {algorithm}."
            ));
        }
        Ok(SigningKey { algorithm, key: Arc::clone(&self.key) })
    }

    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(in crate::ciba) fn encoding(&self) -> &EncodingKey {
        &self.key
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.algorithm)
    }
}

/// Finds the first private key among the PEM blocks, so that a certificate or parameters may stand before it.
/// The error says what was found in its place.
fn private_key(pem: &[u8]) -> Result<(&str, &str), &'static str> {
    let text = std::str::from_utf8(pem).map_err(|_| "the file is not text")?;
    let mut found = "the file holds no PEM block";
    for (at, marker) in text.match_indices("-----BEGIN ") {
        let label = text[at + marker.len()..].split("-----").next().unwrap_or_default();
        match label {
            _ if label.ends_with("PRIVATE KEY") => return Ok((label, &text[at..])),
            "CERTIFICATE" => found = "the file holds only a certificate",
            "PUBLIC KEY" | "RSA PUBLIC KEY" => found = "the file holds only a public key",
            _ => found = "the file holds no private key",
        }
    }
    Err(found)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        CERTIFICATE, P256_ENCRYPTED, P256_PKCS8, P256_PUBLIC, P256_SEC1, P384_PKCS8, RSA_1024, RSA_PKCS1,
        RSA_PKCS8, RSA_PUBLIC,
    };
    use super::*;

    fn refusal(pem: &str, algorithm: Algorithm) -> String {
        let sentence = SigningKey::from_pem(pem.as_bytes(), algorithm).unwrap_err();
        for line in pem.lines().filter(|line| !line.starts_with('-') && line.len() > 20) {
            assert!(!sentence.contains(line), "key material in: {sentence}");
        }
        sentence
    }

    #[test]
    fn rsa_and_p256_keys_are_read() {
        for (pem, algorithm) in [
            (RSA_PKCS1, Algorithm::Rs256),
            (RSA_PKCS8, Algorithm::Rs256),
            (RSA_PKCS1, Algorithm::Ps256),
            (RSA_PKCS8, Algorithm::Ps256),
            (P256_PKCS8, Algorithm::Es256),
        ] {
            assert_eq!(SigningKey::from_pem(pem.as_bytes(), algorithm).unwrap().algorithm(), algorithm);
        }
    }

    #[test]
    fn a_key_signs_under_every_algorithm_of_its_kind_and_no_other() {
        let rsa = SigningKey::from_pem(RSA_PKCS8.as_bytes(), Algorithm::Rs256).unwrap();
        let pss = rsa.under(Algorithm::Ps256).unwrap();
        assert_eq!(pss.algorithm(), Algorithm::Ps256);
        let claims = Claims { iss: "", sub: "", aud: "", iat: 0, exp: 0, jti: "" };
        assert!(claims.sign(pss.algorithm(), pss.encoding(), None).is_ok());
        for other in [Algorithm::Es256, Algorithm::Hs256] {
            assert!(rsa.under(other).unwrap_err().contains("no key signs both"));
        }
    }

    #[test]
    fn blocks_before_the_private_key_are_passed_over() {
        let pem = format!("A note.\n{CERTIFICATE}{RSA_PKCS8}");
        assert!(SigningKey::from_pem(pem.as_bytes(), Algorithm::Rs256).is_ok());
        let windows = P256_PKCS8.replace('\n', "\r\n");
        assert!(SigningKey::from_pem(windows.as_bytes(), Algorithm::Es256).is_ok());
    }

    #[test]
    fn a_key_of_the_wrong_type_is_told_which_type_is_expected() {
        for pem in [P256_PKCS8, P256_SEC1] {
            let sentence = refusal(pem, Algorithm::Ps256);
            assert!(
                sentence.contains("is an EC key") && sentence.contains("PS256 needs an RSA key"),
                "{sentence}"
            );
        }
        for pem in [RSA_PKCS1, RSA_PKCS8] {
            let sentence = refusal(pem, Algorithm::Es256);
            assert!(sentence.contains("is an RSA key") && sentence.contains("curve P-256"), "{sentence}");
        }
    }

    #[test]
    fn a_sec1_key_is_told_how_to_convert() {
        let sentence = refusal(P256_SEC1, Algorithm::Es256);
        assert!(sentence.contains("openssl pkcs8 -topk8 -nocrypt"), "{sentence}");
    }

    #[test]
    fn an_encrypted_key_is_told_how_to_decrypt() {
        let sentence = refusal(P256_ENCRYPTED, Algorithm::Es256);
        assert!(sentence.contains("openssl pkey"), "{sentence}");
    }

    #[test]
    fn a_key_that_cannot_sign_is_found_when_it_is_read() {
        let sentence = refusal(P384_PKCS8, Algorithm::Es256);
        assert!(sentence.contains("curve P-256"), "{sentence}");
        for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
            let sentence = refusal(RSA_1024, algorithm);
            assert!(sentence.contains("at least 2048 bits"), "{sentence}");
        }
    }

    #[test]
    fn what_is_no_private_key_is_named() {
        for (pem, word) in [
            (RSA_PUBLIC, "only a public key"),
            (P256_PUBLIC, "only a public key"),
            (CERTIFICATE, "only a certificate"),
            ("", "no PEM block"),
            ("-----BEGIN DH PARAMETERS-----\nAAAA\n-----END DH PARAMETERS-----\n", "no private key"),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "damaged"),
            ("-----BEGIN PRIVATE KEY-----", "damaged"),
        ] {
            for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
                let sentence = refusal(pem, algorithm);
                assert!(sentence.contains(word), "{sentence}");
            }
        }
        assert!(
            SigningKey::from_pem(&[0xff, 0xfe, 0x00], Algorithm::Rs256).unwrap_err().contains("not text")
        );
    }

    #[test]
    fn hs256_takes_no_key_file() {
        assert!(refusal(RSA_PKCS8, Algorithm::Hs256).contains("client secret"));
    }

    #[test]
    fn the_key_is_redacted_in_debug() {
        let key = SigningKey::from_pem(P256_PKCS8.as_bytes(), Algorithm::Es256).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(ES256)");
    }
}
