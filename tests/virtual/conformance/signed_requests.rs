//! The provider's plan of FAPI-CIBA, where it bends the signed request of a client.
//!
//! Our own request passes the server's check in every other case. Here the same request is found out when it is bent,
//! so that the check is known to look.

use flexlogin::ciba::Algorithm;
use serde_json::json;

use super::bent::{add, bent_form, bent_object, finds, object, remove, with_object};
use super::case::Case;
use crate::broker::BACKCHANNEL;
use crate::signing::{client_p256, client_rsa, jws, p256, read_jws, unsigned};

#[test]
fn fapi_ciba_id1_ensure_unsigned_backchannel_authorization_request_fails() {
    let unsigned = Case::oidc().runs();
    finds("not signed", unsigned.first(BACKCHANNEL));
    let twice = bent_form(BACKCHANNEL, |form| form.push(("binding_message".into(), "another".into())));
    finds("binding_message stands outside", &twice);
    // What such a provider says ends the login, and nothing goes out again.
    Case::fapi().refuses(400, "invalid_request").runs().stops("invalid_request", 0);
}

#[test]
fn fapi_ciba_id1_ensure_request_object_signed_by_other_client_fails() {
    let run = Case::fapi().runs();
    let start = run.first(BACKCHANNEL);
    let (header, claims) = read_jws(&object(start), client_p256()).unwrap();
    let other = jws(p256(), Algorithm::Es256, &header, &claims);
    finds("the signature under ES256 is not the key's", &with_object(start, other));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_signature_algorithm_is_bad_fails() {
    finds("the signature under ES256X", &bent_object(|header, _| header["alg"] = json!("ES256X")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_signature_algorithm_is_none_fails() {
    let run = Case::fapi().runs();
    let start = run.first(BACKCHANNEL);
    let (_, claims) = read_jws(&object(start), client_p256()).unwrap();
    let none = format!("{}.", unsigned(&json!({"alg": "none"}), &claims));
    finds("the signature under none", &with_object(start, none));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_signature_algorithm_is_rs256_fails() {
    let run = Case::fapi_client(client_rsa(), Algorithm::Ps256).runs();
    run.accepts();
    let start = run.first(BACKCHANNEL);
    let (mut header, claims) = read_jws(&object(start), client_rsa()).unwrap();
    header["alg"] = json!("RS256");
    let rs256 = jws(client_rsa(), Algorithm::Rs256, &header, &claims);
    finds("the algorithm is \"RS256\"", &with_object(start, rs256));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_bad_aud_fails() {
    finds("aud", &bent_object(|_, claims| claims["aud"] = json!("https://other.example")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_bad_iss_fails() {
    finds("iss", &bent_object(|_, claims| claims["iss"] = json!("other")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_aud_fails() {
    finds("aud", &bent_object(|_, claims| remove(claims, "aud")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_exp_fails() {
    finds("exp", &bent_object(|_, claims| remove(claims, "exp")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_iat_fails() {
    finds("iat", &bent_object(|_, claims| remove(claims, "iat")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_iss_fails() {
    finds("iss", &bent_object(|_, claims| remove(claims, "iss")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_jti_fails() {
    finds("jti", &bent_object(|_, claims| remove(claims, "jti")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_missing_nbf_fails() {
    finds("nbf", &bent_object(|_, claims| remove(claims, "nbf")));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_expired_exp_fails() {
    finds("exp is past", &bent_object(|_, claims| add(claims, "exp", -300)));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_exp_is_70_minutes_in_future_fails() {
    finds("more than an hour", &bent_object(|_, claims| add(claims, "exp", 70 * 60)));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_nbf_is_10_minutes_in_future_fails() {
    finds("in the future", &bent_object(|_, claims| add(claims, "nbf", 10 * 60)));
}

#[test]
fn fapi_ciba_id1_ensure_request_object_nbf_is_70_minutes_in_past_fails() {
    finds("more than an hour ago", &bent_object(|_, claims| add(claims, "nbf", -70 * 60)));
}
