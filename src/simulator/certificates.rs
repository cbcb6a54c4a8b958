//! A CA and a TLS certificate for loopback, fresh at each start (RFC 5280). The CA's key is kept nowhere.

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
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

pub(super) fn make(unix: u64) -> Result<Certificates, String> {
    sign(unix).map_err(|error| format!("The simulator cannot make its certificates: {error}."))
}

fn sign(unix: u64) -> Result<Certificates, rcgen::Error> {
    let now = i64::try_from(unix).ok().and_then(|unix| OffsetDateTime::from_unix_timestamp(unix).ok());
    let valid = |params: &mut CertificateParams, name: &str| {
        if let Some(now) = now {
            params.not_before = now - Duration::HOUR;
            params.not_after = now + Duration::days(30);
        }
        params.distinguished_name.push(DnType::CommonName, name);
    };

    let mut ca_params = CertificateParams::default();
    valid(&mut ca_params, "flexlogin simulator CA");
    ca_params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca_params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let ca_key = KeyPair::generate()?;
    let ca_pem = ca_params.self_signed(&ca_key)?.pem();

    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    valid(&mut params, "flexlogin simulator");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &Issuer::new(ca_params, ca_key))?;

    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(Certificates { ca_pem, chain: vec![certificate.der().clone()], key })
}

impl Certificates {
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
