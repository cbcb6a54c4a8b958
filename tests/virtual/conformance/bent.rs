//! The client's own requests, bent a little, so that the server has something to find.

use std::collections::HashSet;

use flexlogin::ciba::{Algorithm, Call, Secret};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::case::Case;
use super::demands::{self, Form, Registered};
use super::provider::Heard;
use crate::broker::{BACKCHANNEL, form};
use crate::signing::{client_p256, client_rsa, jws, read_jws};
use crate::world::unix;

/// Reads a start as the strict server does. Which key the client has is told by the algorithm of its assertion.
pub(super) fn read((at, call): &Heard) -> Result<Form, String> {
    demands::of_a_start(call, &registered(call), unix(*at), &mut HashSet::new())
}

pub(super) fn read_poll((at, call): &Heard) -> Result<String, String> {
    demands::of_a_poll(call, &registered(call), unix(*at), &mut HashSet::new())
}

fn registered(call: &Call) -> Registered {
    let assertion = field(call, "client_assertion").unwrap_or_default();
    let rsa = read_jws(&assertion, client_rsa()).is_ok();
    Registered::fapi(if rsa { client_rsa() } else { client_p256() })
}

/// The start is refused, and for this.
#[track_caller]
pub(super) fn finds(complaint: &str, start: &Heard) {
    let told = read(start).unwrap_err();
    assert!(told.contains(complaint), "{told}");
}

/// The first such call of a good login, with another form.
pub(super) fn bent_form(path: &str, bend: impl FnOnce(&mut Vec<(String, String)>)) -> Heard {
    let run = Case::fapi().runs();
    with_form(run.first(path), bend)
}

/// The start of a good login, with another request object, which the client has signed too.
pub(super) fn bent_object(bend: impl FnOnce(&mut Value, &mut Value)) -> Heard {
    let run = Case::fapi().runs();
    let start = run.first(BACKCHANNEL);
    let (mut header, mut claims) = read_jws(&object(start), client_p256()).unwrap();
    bend(&mut header, &mut claims);
    with_object(start, jws(client_p256(), Algorithm::Es256, &header, &claims))
}

/// The request object of a start.
pub(super) fn object((_, start): &Heard) -> String {
    field(start, "request").unwrap()
}

pub(super) fn with_object(start: &Heard, object: String) -> Heard {
    with_form(start, |form| set(form, "request", object))
}

pub(super) fn field(call: &Call, name: &str) -> Option<String> {
    form(call).into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
}

pub(super) fn set(form: &mut [(String, String)], name: &str, value: String) {
    form.iter_mut().find(|(found, _)| found == name).unwrap().1 = value;
}

fn with_form((at, call): &Heard, bend: impl FnOnce(&mut Vec<(String, String)>)) -> Heard {
    let mut fields = form(call);
    bend(&mut fields);
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    (*at, Call { form: Some(Secret::new(form)), ..call.clone() })
}

pub(super) fn remove(claims: &mut Value, name: &str) {
    claims.as_object_mut().unwrap().remove(name).unwrap();
}

/// Moves a time by so many seconds.
pub(super) fn add(claims: &mut Value, name: &str, seconds: i64) {
    claims[name] = json!(claims[name].as_i64().unwrap() + seconds);
}
