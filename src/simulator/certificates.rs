//! A CA and TLS certificates for loopback, fresh at each start (RFC 5280). The CA's key is kept nowhere.

use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use time::{Duration, OffsetDateTime};

pub(super) struct Certificates {
    pub(super) ca_pem: String,
    pub(super) broker: Shown,
    /// By the same CA, for a name that is not the broker's.
    pub(super) other_name: Shown,
    pub(super) expired: Shown,
    pub(super) not_yet_valid: Shown,
    /// For the broker's name, by a CA that nobody knows.
    pub(super) other_authority: Shown,
}

/// What a server shows, and the key that goes with it.
pub(super) struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

pub(super) fn make(unix: u64) -> Result<Certificates, String> {
    let now = i64::try_from(unix).ok().and_then(|unix| OffsetDateTime::from_unix_timestamp(unix).ok());
    sign(now.unwrap_or(OffsetDateTime::UNIX_EPOCH))
        .map_err(|error| format!("The simulator cannot make its certificates: {error}."))
}

fn sign(now: OffsetDateTime) -> Result<Certificates, rcgen::Error> {
    let (recently, soon) = (now - Duration::HOUR, now + Duration::days(30));
    let authority = Authority::make("flexlogin simulator CA", now)?;
    let other = Authority::make("another CA", now)?;
    let loopback = ["127.0.0.1", "localhost"];
    Ok(Certificates {
        ca_pem: authority.pem.clone(),
        broker: authority.certify(&loopback, recently, soon)?,
        other_name: authority.certify(&["portal.example"], recently, soon)?,
        expired: authority.certify(&loopback, now - Duration::days(60), recently)?,
        not_yet_valid: authority.certify(&loopback, now + Duration::days(1), soon)?,
        other_authority: other.certify(&loopback, recently, soon)?,
    })
}

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn make(name: &str, now: OffsetDateTime) -> Result<Authority, rcgen::Error> {
        let mut params = CertificateParams::default();
        // It was there before anything that it ever signed.
        params.not_before = now - Duration::days(90);
        params.not_after = now + Duration::days(30);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate()?;
        let pem = params.self_signed(&key)?.pem();
        Ok(Authority { pem, issuer: Issuer::new(params, key) })
    }

    fn certify(
        &self,
        names: &[&str],
        not_before: OffsetDateTime,
        not_after: OffsetDateTime,
    ) -> Result<Shown, rcgen::Error> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names)?;
        params.not_before = not_before;
        params.not_after = not_after;
        params.distinguished_name.push(DnType::CommonName, "flexlogin simulator");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Shown { chain: vec![certificate.der().clone()], key })
    }
}

impl Shown {
    /// TLS 1.2 and 1.3, with a provider named here: no process-wide default is set or asked for.
    pub(super) fn server(&self) -> Result<RustlsConfig, String> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder.with_no_client_auth().with_single_cert(self.chain.clone(), self.key.clone_key())
            })
            .map_err(|error| format!("The simulator cannot set up TLS: {error}."))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(RustlsConfig::from_config(Arc::new(config)))
    }
}
