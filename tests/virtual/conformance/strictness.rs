//! The server of the cases, tried on clients that do what ours does not.

use std::time::Duration;

use flexlogin::ciba::{Call, Method};

use super::bent::{bent_form, read};
use super::case::{Case, Run};
use super::provider::{Heard, Poll, Provider};
use super::spoil;
use crate::broker::{BACKCHANNEL, TOKEN};
use crate::world::Asked;

const MS: Duration = Duration::from_millis(1);

/// What the server finds if a good login is heard once more, with calls changed, moved or left out.
fn found(change: impl Fn(&mut Vec<Heard>)) -> Vec<String> {
    found_by(Case::fapi().provider, change)
}

fn found_by(mut provider: Provider, change: impl Fn(&mut Vec<Heard>)) -> Vec<String> {
    let mut heard = Case::fapi().runs().provider.heard;
    change(&mut heard);
    for (at, call) in &heard {
        provider.hear(&Asked { device: 0, call, at: *at });
    }
    provider.complaints
}

fn poll(heard: &mut [Heard], number: usize) -> &mut Heard {
    heard.iter_mut().filter(|(_, call)| call.url.path() == TOKEN).nth(number).unwrap()
}

#[test]
fn a_good_login_that_is_heard_again_is_good() {
    assert_eq!(found(|_| {}), [""; 0]);
}

#[test]
fn a_poll_that_comes_early_is_found() {
    let early = found(|heard| poll(heard, 1).0 -= 2000 * MS);
    assert!(early[0].contains("poll 2 came"), "{early:?}");
    let at_once = found(|heard| poll(heard, 0).0 = heard[1].0 + 1000 * MS);
    assert!(at_once[0].contains("poll 1 came"), "{at_once:?}");
}

#[test]
fn a_poll_that_comes_too_late_or_after_the_end_is_found() {
    let short = Case::fapi().acknowledges(|ack| ack["expires_in"] = 12.into()).provider;
    let late = found_by(short, |_| {});
    assert!(late[0].contains("had expired"), "{late:?}");
    let after = found(|heard| {
        let (at, again) = poll(heard, 2).clone();
        heard.push((at + 6000 * MS, again));
    });
    assert!(after[0].contains("jti is missing, short or used"), "{after:?}");
    let fresh = found_by(Case::fapi().answers_polls([Poll::Tokens]).provider, |_| {});
    assert!(fresh[0].contains("polled again after the tokens"), "{fresh:?}");
}

#[test]
fn a_call_after_a_bad_token_is_found() {
    let mut provider = Case::fapi().spoils(spoil::iss).provider;
    provider.polls = vec![Poll::Tokens];
    let quick = found_by(provider, |heard| {
        let at = poll(heard, 0).0;
        poll(heard, 1).0 = at + 4000 * MS;
    });
    assert!(quick[0].contains("must end everything"), "{quick:?}");
}

#[test]
fn a_call_in_another_form_is_found() {
    let good = Case::fapi().runs();
    let (at, start) = good.first(BACKCHANNEL);
    let mut address = start.url.clone();
    address.set_query(Some("scope=openid"));
    for (complaint, call) in [
        ("POST", Call { method: Method::Get, ..start.clone() }),
        ("in the address", Call { url: address, ..start.clone() }),
        ("does not authenticate", Call { form: None, ..start.clone() }),
        ("in two ways", Call { authorization: Some("Basic eDp5".into()), ..start.clone() }),
    ] {
        let told = read(&(*at, call)).unwrap_err();
        assert!(told.contains(complaint), "{told}");
    }
    let twice = bent_form(BACKCHANNEL, |form| form.push(("client_id".into(), "x".into())));
    assert!(read(&twice).unwrap_err().contains("twice"));
}

#[test]
fn a_call_to_nowhere_and_a_fetch_with_a_form_are_found() {
    let elsewhere = found(|heard| heard[1].1.url.set_path("/op/resource"));
    assert!(elsewhere[0].contains("unexpected call"), "{elsewhere:?}");
    let form = found(|heard| heard[0].1.form = Some("cpr=1".into()));
    assert!(form[0].contains("plain GET"), "{form:?}");
}

#[test]
#[should_panic(expected = "unknown_user_id")]
fn a_case_that_ends_otherwise_than_it_must_fails() {
    let run: Run = Case::fapi().refuses(400, "unknown_user_id").runs();
    run.stops("another error", 0);
}

#[test]
#[should_panic(expected = "Approved")]
fn a_case_whose_token_is_believed_does_not_reject_it() {
    Case::fapi().runs().rejects(flexlogin::ciba::Untrusted::Issuer);
}
