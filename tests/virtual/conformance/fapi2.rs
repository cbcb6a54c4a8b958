//! What the client plan of the FAPI 2.0 Security Profile adds, with ID tokens under ES256.

use flexlogin::ciba::{Algorithm, Untrusted};
use serde_json::json;

use super::case::Case;
use super::spoil;
use crate::broker::{BACKCHANNEL, CLIENT_ID, ISSUER};

fn fapi2() -> Case {
    Case::fapi().signs_with(Algorithm::Es256)
}

#[test]
fn fapi2_security_profile_final_client_test_token_type_case_insensitivity() {
    fapi2().bends(|token| token.response["token_type"] = json!("bEARER")).runs().accepts();
}

#[test]
fn fapi2_security_profile_final_client_test_token_endpoint_response_without_expires_in() {
    fapi2().bends(|token| token.without_member("expires_in")).runs().accepts();
}

#[test]
fn fapi2_security_profile_final_client_test_discovery_issuer_mismatch() {
    let run = fapi2().with(|provider| provider.discovery["issuer"] = json!(format!("{ISSUER}1"))).runs();
    run.stops("another issuer", 0);
    assert_eq!(run.times(BACKCHANNEL).len(), 0);
}

#[test]
fn fapi2_security_profile_final_client_test_valid_aud_as_array() {
    fapi2().bends(|token| token.claims["aud"] = json!([CLIENT_ID])).runs().accepts();
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_iss() {
    fapi2().spoils(spoil::iss).runs().rejects(Untrusted::Issuer);
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_aud() {
    fapi2().spoils(spoil::aud).runs().rejects(Untrusted::Audience);
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_secondary_aud() {
    fapi2().spoils(spoil::secondary_aud).runs().rejects(Untrusted::OtherAudience);
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_expired_exp() {
    fapi2().spoils(spoil::expired_exp).runs().rejects(Untrusted::Expired);
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_missing_aud() {
    fapi2().spoils(spoil::missing_aud).runs().rejects(Untrusted::Audience);
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_missing_exp() {
    fapi2().spoils(spoil::missing_exp).runs().rejects(Untrusted::Expiration);
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_missing_iss() {
    fapi2().spoils(spoil::missing_iss).runs().rejects(Untrusted::Issuer);
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_null_alg() {
    fapi2().spoils(spoil::null_alg).runs().rejects(Untrusted::WrongAlgorithm);
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_alternate_alg() {
    fapi2().spoils(spoil::alternate_alg).runs().rejects(Untrusted::WrongAlgorithm);
}
