//! The client plan of FAPI-CIBA, `fapi-ciba-id1-client-test-plan`.

use std::time::Duration;

use flexlogin::ciba::Untrusted;
use serde_json::json;

use super::case::Case;
use super::provider::{Poll, pending, says};
use super::spoil;
use crate::broker::CLIENT_ID;

#[test]
fn fapi_ciba_id1_client_test() {
    let run = Case::fapi().runs();
    let granted = run.accepts();
    assert_eq!(granted[0].identity.sub, "user-subject-1234531");
    assert_eq!(run.polls().len(), 3);
}

#[test]
fn fapi_ciba_id1_client_valid_aud_as_array_test() {
    Case::fapi().bends(|token| token.claims["aud"] = json!([CLIENT_ID])).runs().accepts();
}

#[test]
fn fapi_ciba_id1_client_no_scope_in_token_endpoint_response_test() {
    let run = Case::fapi().bends(|token| {
        token.without_member("scope");
        token.without_member("expires_in");
    });
    run.runs().accepts();
}

#[test]
fn fapi_ciba_id1_client_respects_interval_test() {
    let run = Case::fapi().acknowledges(|ack| ack["interval"] = json!(31)).runs();
    run.accepts();
    assert!(run.polls().windows(2).all(|pair| pair[1] - pair[0] > Duration::from_secs(31)));
}

#[test]
fn fapi_ciba_id1_client_slow_down_test() {
    let run = Case::fapi()
        .acknowledges(|ack| ack["interval"] = json!(5))
        .answers_polls([pending(), says("slow_down"), pending(), Poll::Tokens])
        .runs();
    run.accepts();
    let polls = run.polls();
    assert!(polls[1] - polls[0] < Duration::from_secs(8));
    assert!(polls[2] - polls[1] > Duration::from_secs(10));
    assert!(polls[3] - polls[2] > Duration::from_secs(10));
}

#[test]
fn fapi_ciba_id1_client_invalid_missing_authreqid_test() {
    let remove = |ack: &mut serde_json::Value| {
        ack.as_object_mut().unwrap().remove("auth_req_id");
    };
    Case::fapi().acknowledges(remove).runs().stops("no auth_req_id", 0);
}

#[test]
fn fapi_ciba_id1_client_invalid_missing_expiresin_test() {
    let remove = |ack: &mut serde_json::Value| {
        ack.as_object_mut().unwrap().remove("expires_in");
    };
    Case::fapi().acknowledges(remove).runs().stops("no positive expires_in", 0);
}

#[test]
fn fapi_ciba_id1_client_invalid_expired_id_token_hint_test() {
    Case::fapi().refuses(400, "expired_id_token_hint").runs().stops("expired_id_token_hint", 0);
}

#[test]
fn fapi_ciba_id1_client_invalid_id_token_hint_test() {
    Case::fapi().refuses(400, "invalid_id_token_hint").runs().stops("invalid_id_token_hint", 0);
}

#[test]
fn fapi_ciba_id1_client_invalid_unknown_user_id_test() {
    Case::fapi().refuses(400, "unknown_user_id").runs().stops("unknown_user_id", 0);
}

#[test]
fn fapi_ciba_id1_client_invalid_request_test() {
    Case::fapi()
        .answers_polls([pending(), pending(), says("invalid_request")])
        .runs()
        .stops("invalid_request", 3);
}

#[test]
fn fapi_ciba_id1_client_invalid_access_denied_test() {
    Case::fapi().answers_polls([pending(), pending(), says("access_denied")]).runs().stops("rejected", 3);
}

#[test]
fn fapi_ciba_id1_client_invalid_expired_token_test() {
    Case::fapi().answers_polls([pending(), pending(), says("expired_token")]).runs().stops("expired", 3);
}

#[test]
fn fapi_ciba_id1_client_invalid_iss_test() {
    Case::fapi().spoils(spoil::iss).runs().rejects(Untrusted::Issuer);
}

#[test]
fn fapi_ciba_id1_client_invalid_aud_test() {
    Case::fapi().spoils(spoil::aud).runs().rejects(Untrusted::Audience);
}

#[test]
fn fapi_ciba_id1_client_invalid_secondary_aud_test() {
    Case::fapi().spoils(spoil::secondary_aud).runs().rejects(Untrusted::OtherAudience);
}

#[test]
fn fapi_ciba_id1_client_invalid_signature_test() {
    Case::fapi().spoils(spoil::signature).runs().rejects(Untrusted::BadSignature);
}

#[test]
fn fapi_ciba_id1_client_invalid_null_alg_test() {
    Case::fapi().spoils(spoil::null_alg).runs().rejects(Untrusted::WrongAlgorithm);
}

#[test]
fn fapi_ciba_id1_client_invalid_alternate_alg_test() {
    Case::fapi().spoils(spoil::alternate_alg).runs().rejects(Untrusted::WrongAlgorithm);
}

#[test]
fn fapi_ciba_id1_client_invalid_expired_exp_test() {
    Case::fapi().spoils(spoil::expired_exp).runs().rejects(Untrusted::Expired);
}

#[test]
fn fapi_ciba_id1_client_invalid_iat_is_week_in_past_test() {
    Case::fapi().spoils(spoil::iat_a_week_ago).runs().rejects(Untrusted::Stale);
}

#[test]
fn fapi_ciba_id1_client_invalid_missing_aud_test() {
    Case::fapi().spoils(spoil::missing_aud).runs().rejects(Untrusted::Audience);
}

#[test]
fn fapi_ciba_id1_client_invalid_missing_exp_test() {
    Case::fapi().spoils(spoil::missing_exp).runs().rejects(Untrusted::Expiration);
}

#[test]
fn fapi_ciba_id1_client_invalid_missing_iss_test() {
    Case::fapi().spoils(spoil::missing_iss).runs().rejects(Untrusted::Issuer);
}
