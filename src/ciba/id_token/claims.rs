//! The claims of a token whose signature is verified, held against the login that we started.
//!
//! A claim of the wrong JSON type breaks its clause; it is never taken as absent. Time comes last,
//! so that a wrong clock hides no other reason. OIDC Core 2 and 3.1.3.7, CIBA 10.3.1.

use aws_lc_rs::{constant_time, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::{Expected, Identity, Untrusted, age};
use crate::ciba::age::{AgeAnswer, AgeCheck};
use crate::ciba::authentication::{Profile, Way};
use crate::ciba::json::{Object, WrongType};
use crate::ciba::terms::{Loa, LoaPolicy, Terms};
use crate::ciba::token::Tokens;
use crate::ciba::wire::Secret;

/// How far the provider's clock and ours may be apart, in seconds.
const LEEWAY: u64 = 60;

const AUTH_REQ_ID: &str = "urn:openid:params:jwt:claim:auth_req_id";
const RT_HASH: &str = "urn:openid:params:jwt:claim:rt_hash";

pub(super) fn check(
    claims: &Object,
    tokens: &Tokens,
    expected: &Expected<'_>,
    now: u64,
) -> Result<Identity, Untrusted> {
    check_parties(claims, expected)?;
    let sub = subject(claims)?;
    check_answer(claims, tokens, expected)?;
    match (expected.profile, expected.way) {
        (Profile::Signaturgruppen, Way::Asked) => check_signaturgruppen(claims, expected)?,
        (Profile::Signaturgruppen, Way::Scanned) => check_scanned(claims, expected)?,
        (Profile::Ciba, _) => {}
    }
    let mitid_uuid = mitid_uuid(claims, expected)?;
    check_terms(claims, expected.terms)?;
    let auth_time = check_times(claims, expected, now)?;

    let text = |name| claims.text(name).ok().flatten().map(str::to_owned);
    Ok(Identity {
        sub,
        mitid_uuid,
        name: match expected.profile {
            Profile::Signaturgruppen => text("mitid.identity_name"),
            Profile::Ciba => text("name"),
        },
        date_of_birth: text("mitid.date_of_birth").or_else(|| text("birthdate")),
        age: claims.get("mitid.age").and_then(age),
        loa: text("loa"),
        auth_time,
    })
}

/// The broker's answer to an age check is made for nobody in particular: `sub` is another one each time, and neither
/// `idp` nor `idtoken_type` is promised. The reference text is the broker's own. What may come and would be of another
/// login is refused all the same.
pub(super) fn check_age(
    claims: &Object,
    tokens: &Tokens,
    expected: &Expected<'_>,
    asked: AgeCheck,
    now: u64,
) -> Result<AgeAnswer, Untrusted> {
    check_parties(claims, expected)?;
    subject(claims)?;
    check_answer(claims, tokens, expected)?;
    match expected.way {
        Way::Asked if !absent_or_same(claims.text("ciba_nonce"), expected.ciba_nonce) => {
            return Err(Untrusted::CibaNonce);
        }
        Way::Asked => {}
        Way::Scanned => check_browser(claims, expected)?,
    }
    if claims.get("mitid.uuid").is_some() {
        mitid_uuid(claims, expected)?;
    }
    check_terms(claims, expected.terms)?;
    let answer = age::answer(claims, asked)?;
    check_times(claims, expected, now)?;
    Ok(answer)
}

/// From the provider, for this client and for nobody else.
fn check_parties(claims: &Object, expected: &Expected<'_>) -> Result<(), Untrusted> {
    if claims.text("iss") != Ok(Some(expected.issuer.as_str())) {
        return Err(Untrusted::Issuer);
    }
    let audience = match claims.get("aud") {
        Some(Value::String(one)) => vec![one.as_str()],
        _ => claims.texts("aud").ok().flatten().ok_or(Untrusted::Audience)?,
    };
    if !audience.contains(&expected.client_id) {
        return Err(Untrusted::Audience);
    }
    if audience.iter().any(|other| *other != expected.client_id) {
        return Err(Untrusted::OtherAudience);
    }
    match claims.text("azp") {
        Ok(None) => Ok(()),
        Ok(Some(party)) if party == expected.client_id => Ok(()),
        _ => Err(Untrusted::AuthorizedParty),
    }
}

fn subject(claims: &Object) -> Result<String, Untrusted> {
    match claims.text("sub") {
        Ok(Some(sub))
            if matches!(sub.len(), 1..=255) && sub.bytes().all(|byte| matches!(byte, b' '..=b'~')) =>
        {
            Ok(sub.to_owned())
        }
        _ => Err(Untrusted::Subject),
    }
}

/// In answer to this very login, and issued together with these other tokens.
fn check_answer(claims: &Object, tokens: &Tokens, expected: &Expected<'_>) -> Result<(), Untrusted> {
    if !absent_or_same(claims.text(AUTH_REQ_ID), expected.auth_req_id.0.expose()) {
        return Err(Untrusted::AuthReqId);
    }
    if !absent_or_same(claims.text("at_hash"), &left_half(&tokens.access_token)) {
        return Err(Untrusted::AccessTokenHash);
    }
    // A hash of a token that did not come speaks of another answer.
    match (claims.get(RT_HASH), &tokens.refresh_token) {
        (None, _) => Ok(()),
        (Some(_), Some(token)) if absent_or_same(claims.text(RT_HASH), &left_half(token)) => Ok(()),
        (Some(_), _) => Err(Untrusted::RefreshTokenHash),
    }
}

/// The left half of a token's hash. Every algorithm that can be pinned hashes with SHA-256 (OIDC Core 3.1.3.6).
fn left_half(token: &Secret) -> String {
    let hash = digest::digest(&digest::SHA256, token.expose().as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16])
}

/// What was asked of this login beyond the profile.
fn check_terms(claims: &Object, terms: &Terms) -> Result<(), Untrusted> {
    if !terms.acr_values.is_empty() {
        let acr = claims.text("acr").ok().flatten().ok_or(Untrusted::Acr)?;
        if !terms.acr_values.iter().any(|asked| asked == acr) {
            return Err(Untrusted::Acr);
        }
    }
    let Some(least) = terms.loa else { return Ok(()) };
    match (claims.text("loa"), least.policy) {
        (Ok(Some(told)), _) if Loa::of_claim(told) >= Some(least.loa) => Ok(()),
        (Ok(None), LoaPolicy::Warn) => Ok(()),
        (Ok(None), LoaPolicy::Require) => Err(Untrusted::MissingLoa),
        (Ok(Some(_)) | Err(WrongType), _) => Err(Untrusted::LowLoa),
    }
}

/// What the broker adds for MitID Flex. Whether it echoes the reference text and the nonce is its choice,
/// but an echo of something else is a token for someone else's login.
fn check_signaturgruppen(claims: &Object, expected: &Expected<'_>) -> Result<(), Untrusted> {
    if claims.text("idp") != Ok(Some("mitid")) {
        return Err(Untrusted::Idp);
    }
    if claims.text("idtoken_type") != Ok(Some("ciba")) {
        return Err(Untrusted::IdTokenType);
    }
    if !absent_or_same(claims.text("mitid.reference_text"), expected.reference_text) {
        return Err(Untrusted::ReferenceText);
    }
    if !absent_or_same(claims.text("ciba_nonce"), expected.ciba_nonce) {
        return Err(Untrusted::CibaNonce);
    }
    Ok(())
}

/// What the broker says after a login in a phone's browser. How its token looks in CIBA is printed nowhere, so a claim
/// may be missing, and none may say that it belongs to something else: we sent neither reference text nor
/// `ciba_nonce`, and asked for a login that is made now.
fn check_scanned(claims: &Object, expected: &Expected<'_>) -> Result<(), Untrusted> {
    if claims.text("idp") != Ok(Some("mitid")) {
        return Err(Untrusted::Idp);
    }
    if !matches!(claims.text("idtoken_type"), Ok(None | Some("ciba" | "strict"))) {
        return Err(Untrusted::IdTokenType);
    }
    check_browser(claims, expected)
}

/// Of this login, and made now: what holds for whoever was scanned in, for a person and for an answer alone.
fn check_browser(claims: &Object, expected: &Expected<'_>) -> Result<(), Untrusted> {
    if !absent_or_same(claims.text("nonce"), expected.ciba_nonce) {
        return Err(Untrusted::Nonce);
    }
    // Only a login that named a person has one.
    if claims.get("ciba_nonce").is_some() {
        return Err(Untrusted::CibaNonce);
    }
    // It alone shows that nobody was let in by an older login of that browser.
    if claims.get("auth_time").is_none() {
        return Err(Untrusted::AuthTime);
    }
    Ok(())
}

/// Whether these claims, each of them right if it is there, belong to no other login.
pub(super) fn bind(claims: &Object, expected: &Expected<'_>) -> bool {
    let told = |name: &str| claims.get(name).is_some();
    let repeats = match expected.way {
        // The words of an age check may be the broker's own.
        Way::Asked => told("ciba_nonce") || (expected.terms.age.is_none() && told("mitid.reference_text")),
        Way::Scanned => told("nonce"),
    };
    expected.profile == Profile::Ciba
        || repeats
        || told(AUTH_REQ_ID)
        || (expected.uuid.is_some() && told("mitid.uuid"))
}

/// The person's UUID: the one that was asked for, if one was. Only MitID's own broker must say it.
fn mitid_uuid(claims: &Object, expected: &Expected<'_>) -> Result<Option<String>, Untrusted> {
    let uuid = claims.text("mitid.uuid").map_err(|_| Untrusted::Uuid)?;
    let right = match (uuid, expected.uuid) {
        (_, None) => true,
        (None, Some(_)) => expected.profile == Profile::Ciba,
        (Some(uuid), Some(asked)) => same(&uuid.to_ascii_lowercase(), &asked.expose().to_ascii_lowercase()),
    };
    if right { Ok(uuid.map(str::to_owned)) } else { Err(Untrusted::Uuid) }
}

/// Valid now and made for this login; answers `auth_time`. The sums saturate: no clock can overflow them.
fn check_times(claims: &Object, expected: &Expected<'_>, now: u64) -> Result<Option<u64>, Untrusted> {
    let exp = claims.whole("exp").ok().flatten().ok_or(Untrusted::Expiration)?;
    let iat = claims.whole("iat").ok().flatten().ok_or(Untrusted::IssuedAt)?;
    let nbf = claims.whole("nbf").map_err(|_| Untrusted::NotBefore)?;
    let auth_time = claims.whole("auth_time").map_err(|_| Untrusted::AuthTime)?;
    let earliest = expected.started.saturating_sub(LEEWAY);
    let latest = now.saturating_add(LEEWAY);

    if now >= exp.saturating_add(LEEWAY) {
        return Err(Untrusted::Expired);
    }
    if [Some(iat), nbf, auth_time].into_iter().flatten().any(|time| time > latest) {
        return Err(Untrusted::NotYetValid);
    }
    if iat < earliest {
        return Err(Untrusted::Stale);
    }
    // Elsewhere than at MitID a person may approve within a session that is older than this login.
    if expected.profile == Profile::Signaturgruppen && auth_time.is_some_and(|time| time < earliest) {
        return Err(Untrusted::EarlierLogin);
    }
    Ok(auth_time)
}

/// The broker writes the age as a string of digits; a number is taken as well.
fn age(claim: &Value) -> Option<u16> {
    match claim {
        Value::String(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
        Value::Number(number) => number.as_u64()?.try_into().ok(),
        _ => None,
    }
}

fn absent_or_same(claim: Result<Option<&str>, WrongType>, sent: &str) -> bool {
    match claim {
        Ok(None) => true,
        Ok(Some(claim)) => same(claim, sent),
        Err(WrongType) => false,
    }
}

/// Compares without telling by its duration how much is right.
fn same(claim: &str, ours: &str) -> bool {
    constant_time::verify_slices_are_equal(claim.as_bytes(), ours.as_bytes()).is_ok()
}
