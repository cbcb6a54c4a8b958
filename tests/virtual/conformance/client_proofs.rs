//! The provider's plan of FAPI-CIBA, where it bends the client's proof or the ids of a call.

use flexlogin::ciba::Algorithm;
use serde_json::{Value, json};

use super::bent::{bent_form, bent_object, field, finds, read_poll, set};
use super::case::{Case, Run};
use super::provider::{Heard, Poll, Provider, pending, says};
use crate::broker::{BACKCHANNEL, CLIENT_ID, ISSUER, TOKEN};
use crate::signing::{client_p256, client_rsa, read_jws};
use crate::world::{Answered, Asked};

#[test]
fn fapi_ciba_id1_ensure_client_assertion_signature_algorithm_in_backchannel_authorization_request_is_rs256_fails()
 {
    finds("client_assertion: the algorithm is \"RS256\"", rs256().first(BACKCHANNEL));
    // A client of another provider may be registered so; a provider of FAPI tells it once and for all.
    Case::fapi().refuses(401, "invalid_client").runs().stops("invalid_client", 0);
}

#[test]
fn fapi_ciba_id1_ensure_client_assertion_signature_algorithm_in_token_endpoint_request_is_rs256_fails() {
    finds_in_poll("client_assertion: the algorithm is \"RS256\"", rs256().first(TOKEN));
    // One poll more goes out, with a fresh assertion: the first may have been signed by a wrong clock.
    let refused = Poll::Says(401, json!({"error": "invalid_client"}));
    Case::fapi().answers_polls([pending(), refused]).runs().stops("invalid_client", 3);
}

#[test]
fn fapi_ciba_id1_ensure_client_assertion_with_iss_aud_to_token_endpoint_succeeds() {
    for (key, alg) in [(client_p256(), Algorithm::Es256), (client_rsa(), Algorithm::Ps256)] {
        let run = Case::fapi_client(key, alg).runs();
        run.accepts();
        let assertion = field(&run.first(TOKEN).1, "client_assertion").unwrap();
        let (_, claims) = read_jws(&assertion, key).unwrap();
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(CLIENT_ID), &json!(ISSUER)));
    }
}

#[test]
fn fapi_ciba_id1_ensure_without_client_assertion_in_backchannel_authorization_request() {
    finds("does not authenticate", &bent_form(BACKCHANNEL, without_assertion));
}

#[test]
fn fapi_ciba_id1_ensure_without_client_assertion_in_token_endpoint_request() {
    finds_in_poll("does not authenticate", &bent_form(TOKEN, without_assertion));
}

#[test]
fn fapi_ciba_id1_ensure_wrong_client_id_in_backchannel_authorization_request() {
    finds("another client's", &bent_form(BACKCHANNEL, |form| set(form, "client_id", "other".into())));
}

#[test]
fn fapi_ciba_id1_ensure_wrong_client_id_in_token_endpoint_request() {
    finds_in_poll("another client's", &bent_form(TOKEN, |form| set(form, "client_id", "other".into())));
}

#[test]
fn fapi_ciba_id1_ensure_different_client_id_and_issuer_in_backchannel_authorization_request() {
    let other = |_: &mut Value, claims: &mut Value| claims["iss"] = json!("other");
    finds("iss is not the client", &bent_object(other));
}

#[test]
fn fapi_ciba_id1_ensure_wrong_auth_req_id_in_token_endpoint_request() {
    let (at, call) = bent_form(TOKEN, |form| set(form, "auth_req_id", "another".into()));
    let mut provider = Case::fapi().provider;
    let answered = provider.hear(&Asked { device: 0, call: &call, at });
    assert!(matches!(answered, Answered::Reply { reply, .. } if reply.status == 400));
    assert!(complained(&provider).contains("none that was given out"));
    Case::fapi().answers_polls([pending(), says("invalid_grant")]).runs().stops("invalid_grant", 2);
}

fn complained(provider: &Provider) -> &str {
    let [complaint] = &provider.complaints[..] else { panic!("{:?}", provider.complaints) };
    complaint
}

/// A good login of a client that signs with RS256, where nobody minds.
fn rs256() -> Run {
    let case = Case::fapi_client(client_rsa(), Algorithm::Rs256);
    let run = case.with(|provider| provider.registered.algs = &["RS256"]).runs();
    run.accepts();
    run
}

fn without_assertion(form: &mut Vec<(String, String)>) {
    form.retain(|(name, _)| !name.starts_with("client_assertion"));
}

#[track_caller]
fn finds_in_poll(complaint: &str, poll: &Heard) {
    let told = read_poll(poll).unwrap_err();
    assert!(told.contains(complaint), "{told}");
}
