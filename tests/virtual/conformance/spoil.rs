//! What the suite does to an ID token that must be refused.

use flexlogin::ciba::Algorithm;
use serde_json::json;

use super::token::{Signature, Token};
use crate::broker::{CLIENT_ID, ISSUER};
use crate::signing::other_rsa;

pub(super) fn iss(token: &mut Token) {
    token.claims["iss"] = json!(format!("{ISSUER}1"));
}

pub(super) fn aud(token: &mut Token) {
    token.claims["aud"] = json!(format!("{CLIENT_ID}1"));
}

pub(super) fn secondary_aud(token: &mut Token) {
    token.claims["aud"] = json!([CLIENT_ID, format!("{CLIENT_ID}1")]);
}

pub(super) fn signature(token: &mut Token) {
    token.signature = Signature::Broken;
}

pub(super) fn null_alg(token: &mut Token) {
    token.header = json!({"alg": "none"});
    token.signature = Signature::Absent;
}

/// A right signature, by another key of the same provider, under an algorithm that is not the registered one.
pub(super) fn alternate_alg(token: &mut Token) {
    token.header = json!({"alg": "RS256", "kid": "two"});
    (token.alg, token.key) = (Algorithm::Rs256, other_rsa());
}

pub(super) fn expired_exp(token: &mut Token) {
    token.claims["exp"] = json!(token.now - 6 * 60);
}

pub(super) fn iat_a_week_ago(token: &mut Token) {
    token.claims["iat"] = json!(token.now - 7 * 86_400);
}

pub(super) fn missing_aud(token: &mut Token) {
    token.without_claim("aud");
}

pub(super) fn missing_exp(token: &mut Token) {
    token.without_claim("exp");
}

pub(super) fn missing_iss(token: &mut Token) {
    token.without_claim("iss");
}

pub(super) fn missing_iat(token: &mut Token) {
    token.without_claim("iat");
}

pub(super) fn missing_sub(token: &mut Token) {
    token.without_claim("sub");
}

pub(super) fn at_hash(token: &mut Token) {
    token.claims["at_hash"] = json!("MTIzNDU2Nzg5MDEyMzQ1Ng");
}
