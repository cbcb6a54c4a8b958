//! Whom the transport believes: the roots, and the time that certificates are held against.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};

use super::pins::{Pinned, RootPins};
use crate::clock;

/// Whose certificates are trusted.
#[derive(Clone)]
pub enum Roots {
    System,
    /// The system's, and these in PEM.
    SystemAnd(Vec<u8>),
    /// Only these, in PEM.
    Only(Vec<u8>),
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Roots::System => "System",
            Roots::SystemAnd(_) => "SystemAnd(…)",
            Roots::Only(_) => "Only(…)",
        })
    }
}

/// The protocols, roots and time of every connection: TLS 1.2 or newer, HTTP/1.1, each certificate verified. The
/// error is a sentence about the certificates.
pub(super) fn configuration(roots: &Roots, pins: &RootPins) -> Result<ClientConfig, String> {
    let trusted = trusted(roots)?;
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(trusted.iter().cloned());
    let provider = Arc::new(aws_lc_rs::default_provider());
    let unusable = |error| format!("The network cannot be used: {error}.");
    let builder = ClientConfig::builder_with_details(Arc::clone(&provider), Arc::new(NotBeforeTheBuild))
        .with_safe_default_protocol_versions()
        .map_err(unusable)?;
    let builder = if pins.sha256.is_empty() {
        builder.with_root_certificates(store)
    } else {
        let verifier = Pinned::new(store, &trusted, pins, provider)?;
        builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
    };
    let mut configuration = builder.with_no_client_auth();
    configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(configuration)
}

fn trusted(roots: &Roots) -> Result<Vec<CertificateDer<'static>>, String> {
    match roots {
        Roots::System => system(),
        // A device may have no certificates but these.
        Roots::SystemAnd(pem) => Ok([named(pem)?, system().unwrap_or_default()].concat()),
        Roots::Only(pem) => named(pem),
    }
}

/// Those of the system that can be read.
fn system() -> Result<Vec<CertificateDer<'static>>, String> {
    let mut found = rustls_native_certs::load_native_certs().certs;
    found.retain(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok());
    if !found.is_empty() {
        return Ok(found);
    }
    Err("The system has no trusted certificates. Install ca-certificates or set broker.ca_file.".into())
}

/// Each of them can be read.
fn named(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let unusable = || "The CA file holds no usable certificate.".to_owned();
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|_| unusable())?;
    let usable =
        |certificate: &CertificateDer<'static>| RootCertStore::empty().add(certificate.clone()).is_ok();
    if certificates.is_empty() || !certificates.iter().all(usable) {
        Err(unusable())
    } else {
        Ok(certificates)
    }
}

/// The system's clock, but never a time before this program was built: a device that starts in 1970 can still tell
/// a certificate that is not yet valid by then from one that is. The broker's `Date` has no part in this: a single
/// wrong one would lock out the connections that could correct it.
#[derive(Debug)]
struct NotBeforeTheBuild;

impl TimeProvider for NotBeforeTheBuild {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(clock::unix().max(clock::built()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_held_against_no_time_before_the_build() {
        let now = NotBeforeTheBuild.current_time().unwrap().as_secs();
        assert!(now >= clock::built() && now >= clock::unix() - 1);
        // The repository is younger than this.
        assert!(clock::built() > 1_700_000_000, "the build script has told no time");
    }

    #[test]
    fn a_file_without_certificates_is_no_trust() {
        for pem in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(configuration(&Roots::Only(pem.into()), &RootPins::default()).is_err(), "{pem}");
        }
    }
}
