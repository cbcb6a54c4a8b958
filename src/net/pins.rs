//! Pinned roots: after every ordinary check of the broker's certificate, its chain has to end in a root of a set.
//!
//! A pinned connection is never easier to get than an unpinned one. Only roots that are trusted anyway are compared
//! with the set, so an intermediate cannot be pinned by mistake.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_cert_signed_by_trust_anchor};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};

use crate::calls::Why;

/// Which roots may vouch for the broker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootPins {
    /// SHA-256 of a root certificate in DER, or of its SubjectPublicKeyInfo; empty if any trusted root will do.
    pub sha256: Vec<[u8; 32]>,
    /// From then on the set is not looked at, in seconds since 1970-01-01 UTC.
    pub expire: Option<u64>,
}

/// No chain from the broker's certificate ends in a pinned root.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotPinned;

impl fmt::Display for NotPinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Why::NotPinned.fmt(f)
    }
}

impl std::error::Error for NotPinned {}

/// Every check of an unpinned connection, and then the pins.
#[derive(Debug)]
pub(super) struct Pinned {
    ordinary: Arc<WebPkiServerVerifier>,
    /// The trusted roots that are in the set.
    pinned: RootCertStore,
    expire: Option<u64>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pinned {
    /// `store` holds what is trusted, pinned or not. The error is a sentence about the certificates.
    pub(super) fn new(
        store: RootCertStore,
        trusted: &[CertificateDer<'static>],
        pins: &RootPins,
        provider: Arc<CryptoProvider>,
    ) -> Result<Pinned, String> {
        let algorithms = provider.signature_verification_algorithms;
        let mut pinned = RootCertStore::empty();
        for certificate in trusted {
            let mut one = RootCertStore::empty();
            if one.add(certificate.clone()).is_ok()
                && one.roots.iter().any(|root| is_pinned(certificate, &root.subject_public_key_info, pins))
            {
                pinned.roots.extend(one.roots);
            }
        }
        let ordinary = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
            .build()
            .map_err(|error| format!("The trusted certificates cannot be used: {error}."))?;
        Ok(Pinned { ordinary, pinned, expire: pins.expire, algorithms })
    }
}

fn is_pinned(certificate: &[u8], key: &[u8], pins: &RootPins) -> bool {
    let is_in_the_set = |bytes: &[u8]| pins.sha256.iter().any(|pin| digest(&SHA256, bytes).as_ref() == pin);
    is_in_the_set(certificate) || is_in_the_set(&sequence(key))
}

/// The DER SEQUENCE with this content: a trust anchor holds its key without the outer tag (RFC 5280 4.1).
fn sequence(content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut der = vec![0x30];
    match length.as_slice() {
        [short @ 0..=0x7f] => der.push(*short),
        [] => der.push(0),
        long => {
            der.push(0x80 | long.len() as u8);
            der.extend_from_slice(long);
        }
    }
    der.extend_from_slice(content);
    der
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified =
            self.ordinary.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        if self.expire.is_some_and(|expire| now.as_secs() >= expire) {
            return Ok(verified);
        }
        let certificate = ParsedCertificate::try_from(end_entity)?;
        verify_server_cert_signed_by_trust_anchor(
            &certificate,
            &self.pinned,
            intermediates,
            now,
            self.algorithms.all,
        )
        .map_err(|_| rustls::Error::Other(OtherError(Arc::new(NotPinned))))?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.ordinary.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.ordinary.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.ordinary.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use rustls::crypto::aws_lc_rs::default_provider;
    use rustls::pki_types::pem::PemObject;

    use super::*;

    const CERTIFICATE: &str = include_str!("../ciba/testing/test-certificate.pem");

    fn certificate() -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap()
    }

    fn pinned_roots(sha256: &[[u8; 32]]) -> usize {
        let pins = RootPins { sha256: sha256.into(), expire: None };
        let mut store = RootCertStore::empty();
        store.add(certificate()).unwrap();
        Pinned::new(store, &[certificate()], &pins, Arc::new(default_provider())).unwrap().pinned.len()
    }

    fn sha256(bytes: &[u8]) -> [u8; 32] {
        digest(&SHA256, bytes).as_ref().try_into().unwrap()
    }

    #[test]
    fn a_root_is_pinned_by_its_certificate_or_by_its_key_and_by_nothing_else() {
        let mut store = RootCertStore::empty();
        store.add(certificate()).unwrap();
        let key = store.roots[0].subject_public_key_info.to_vec();
        // The key stands in the certificate whole, with its outer tag.
        assert!(certificate().windows(sequence(&key).len()).any(|window| window == sequence(&key)));

        assert_eq!(pinned_roots(&[sha256(&certificate())]), 1);
        assert_eq!(pinned_roots(&[[7; 32], sha256(&sequence(&key))]), 1);
        for other in [sha256(&key), sha256(CERTIFICATE.as_bytes()), sha256(b""), [0; 32]] {
            assert_eq!(pinned_roots(&[other]), 0);
        }
    }

    #[test]
    fn a_sequence_tells_its_length_in_as_few_bytes_as_der_wants() {
        for (length, head) in [
            (0, &[0x30, 0][..]),
            (1, &[0x30, 1]),
            (127, &[0x30, 127]),
            (128, &[0x30, 0x81, 128]),
            (256, &[0x30, 0x82, 1, 0]),
            (70_000, &[0x30, 0x83, 1, 17, 112]),
        ] {
            let der = sequence(&vec![9; length]);
            assert_eq!((&der[..head.len()], der.len()), (head, head.len() + length));
        }
    }

    #[test]
    fn without_a_trusted_root_there_is_nothing_to_pin() {
        let (store, provider) = (RootCertStore::empty(), Arc::new(default_provider()));
        let sentence = Pinned::new(store, &[], &RootPins::default(), provider).unwrap_err();
        assert!(sentence.starts_with("The trusted certificates cannot be used: "), "{sentence}");
    }
}
