//! The provider's plan of FAPI-CIBA, `fapi-ciba-id1-test-plan`, from the other side: the suite's client is ours.

use std::num::NonZeroU16;
use std::time::Duration;

use flexlogin::flow::Page;
use serde_json::{Value, json};

use super::bent::{bent_object, finds, read, remove};
use super::case::Case;
use super::provider::{Poll, pending, says};
use crate::broker::BACKCHANNEL;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn fapi_ciba_id1() {
    let polls = [says("slow_down"), pending(), says("slow_down"), pending(), Poll::Tokens];
    let run = Case::fapi().answers_polls(polls).runs();
    run.accepts();
    for (gap, least) in run.gaps().iter().zip([10, 10, 15, 15]) {
        assert!((least..least + 3).contains(&gap.as_secs()), "{gap:?}");
    }
}

#[test]
fn fapi_ciba_id1_multiple_call_to_token_endpoint() {
    let run = Case::fapi().answers_polls([Poll::Busy(503, "20"), pending(), Poll::Tokens]).runs();
    run.accepts();
    assert!(run.gaps()[0] > 20 * SECOND && run.gaps()[1] < 8 * SECOND);

    let busy = Poll::Says(503, Value::Null);
    Case::fapi().answers_polls([busy, Poll::Tokens]).runs().accepts();
    Case::fapi().answers_polls([says("invalid_request")]).runs().stops("invalid_request", 1);
}

#[test]
fn fapi_ciba_id1_auth_req_id_expired() {
    let case = || Case::fapi().asks(|calls| calls.terms.requested_expiry = NonZeroU16::new(10));
    // The server complains of any poll after the ten seconds.
    case().answers_polls([pending()]).runs().stops("expired", 1);
    case().answers_polls([says("expired_token")]).runs().stops("expired", 1);
}

#[test]
fn fapi_ciba_id1_user_rejects_authentication() {
    Case::fapi().answers_polls([says("access_denied")]).runs().stops("rejected", 1);
}

#[test]
fn fapi_ciba_id1_discovery_end_point_verification() {
    Case::fapi().runs().accepts();
    for (name, value) in [
        ("backchannel_authentication_endpoint", Value::Null),
        ("token_endpoint", Value::Null),
        ("jwks_uri", Value::Null),
        ("backchannel_token_delivery_modes_supported", json!(["ping"])),
        ("grant_types_supported", json!(["authorization_code"])),
    ] {
        let run = Case::fapi().with(|provider| provider.discovery[name] = value).runs();
        run.stops("discovery", 0);
        assert_eq!(run.times(BACKCHANNEL).len(), 0);
    }
}

#[test]
fn fapi_ciba_id1_ensure_authorization_request_with_binding_message_succeeds() {
    let mut case = Case::fapi();
    let mut world = case.begins();
    world.run_until(3 * SECOND, &mut |asked| case.provider.hear(asked));
    let Page::Waiting(waiting) = world.view(0).page else { panic!("not waiting") };
    let start = case.provider.heard.iter().find(|(_, call)| call.url.path() == BACKCHANNEL).unwrap();
    let request = read(start).unwrap();
    // One text, in the app and on the screen.
    let words = waiting.words.unwrap();
    assert_eq!(request["binding_message"], words.reference_text);
    assert!(words.reference_text.contains(&words.code));
}

#[test]
fn fapi_ciba_id1_ensure_authorization_request_with_potentially_bad_binding_message() {
    Case::fapi().refuses(400, "invalid_binding_message").runs().stops("invalid_binding_message", 0);
}

#[test]
fn fapi_ciba_id1_ensure_authorization_request_with_multiple_hints_fails() {
    finds("2 hints", &bent_object(|_, claims| claims["login_hint_token"] = json!("x")));
    finds("0 hints", &bent_object(|_, claims| remove(claims, "login_hint")));
}

#[test]
fn fapi_ciba_id1_ensure_requested_expiry_as_string_succeeds() {
    let asks = |case: Case| case.asks(|calls| calls.terms.requested_expiry = NonZeroU16::new(120));
    for case in [asks(Case::fapi()), asks(Case::oidc())] {
        case.runs().accepts();
    }
    for (value, good) in [(json!("120"), true), (json!(120), true), (json!(0), false), (json!(""), false)] {
        let start = bent_object(|_, claims| claims["requested_expiry"] = value.clone());
        assert_eq!(read(&start).is_ok(), good, "{value}");
    }
}

#[test]
fn fapi_ciba_id1_ensure_other_scope_order_succeeds() {
    for scope in ["openid profile", "profile openid"] {
        let run = Case::fapi().asks(|calls| calls.scope = scope.into()).runs();
        run.accepts();
        assert_eq!(read(run.first(BACKCHANNEL)).unwrap()["scope"], scope);
    }
}
