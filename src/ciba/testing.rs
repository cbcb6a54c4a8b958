//! What the tests of this room share: keys that protect nothing, and short ways to answer and to read a form.

use url::form_urlencoded;
use zeroize::Zeroizing;

use super::client_auth::{Client, ClientAuth};
use super::provider::{Issuer, Provider};
use super::wire::{Moment, Reply, Secret};

pub(super) const RSA_PKCS1: &str = include_str!("testing/test-rsa.pkcs1.pem");
pub(super) const RSA_PKCS8: &str = include_str!("testing/test-rsa.pkcs8.pem");
pub(super) const RSA_PUBLIC: &str = include_str!("testing/test-rsa.public.pem");
pub(super) const RSA_1024: &str = include_str!("testing/test-rsa-1024.pkcs8.pem");
pub(super) const P256_PKCS8: &str = include_str!("testing/test-p256.pkcs8.pem");
pub(super) const P256_SEC1: &str = include_str!("testing/test-p256.sec1.pem");
pub(super) const P256_PUBLIC: &str = include_str!("testing/test-p256.public.pem");
pub(super) const P256_ENCRYPTED: &str = include_str!("testing/test-p256.encrypted.pem");
pub(super) const P384_PKCS8: &str = include_str!("testing/test-p384.pkcs8.pem");
pub(super) const CERTIFICATE: &str = include_str!("testing/test-certificate.pem");

pub(super) fn reply(status: u16, body: &str) -> Reply {
    Reply { status, retry_after: None, date: None, body: Zeroizing::new(body.as_bytes().to_vec()) }
}

/// The decoded fields of a form, in their order.
pub(super) fn fields(form: Secret) -> Vec<(String, String)> {
    form_urlencoded::parse(form.expose().as_bytes()).into_owned().collect()
}

pub(super) fn moment() -> Moment {
    Moment { unix: 1_700_000_000, random: [7; 16] }
}

pub(super) fn client(auth: ClientAuth) -> Client {
    Client { client_id: "tv-1".into(), auth }
}

pub(super) fn provider() -> Provider {
    let issuer = Issuer::parse("https://op.example/op").unwrap();
    Provider {
        backchannel_authentication_endpoint: "https://op.example/op/connect/ciba".parse().unwrap(),
        token_endpoint: "https://op.example/op/connect/token".parse().unwrap(),
        jwks_uri: "https://op.example/op/jwks".parse().unwrap(),
        issuer,
        id_token_signing_alg_values_supported: Vec::new(),
        token_endpoint_auth_methods_supported: Vec::new(),
        token_endpoint_auth_signing_alg_values_supported: Vec::new(),
        backchannel_authentication_request_signing_alg_values_supported: Vec::new(),
        backchannel_user_code_parameter_supported: false,
        acr_values_supported: Vec::new(),
    }
}
