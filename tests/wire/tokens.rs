//! Hostile and odd ID tokens end to end, one for each clause that a signer can break: what is wrong is refused, hands
//! nothing over and is told to the operator once, by its clause; what is only odd is taken and nothing is told.
//!
//! The whole corpus is in `src/ciba/id_token/tests`.

use std::sync::Mutex;
use std::thread;

use flexlogin::ciba::Untrusted;
use flexlogin::config::Config;
use flexlogin::flow::{Notice, Outcome};
use flexlogin::host;
use flexlogin::simulator::{Alteration, Broker, CLIENT_ID, Endpoint, Fault, Happened};
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::device::*;

const RT_HASH: &str = "urn:openid:params:jwt:claim:rt_hash";
const AUTH_REQ_ID: &str = "urn:openid:params:jwt:claim:auth_req_id";

fn claim(name: &str, value: Value) -> Alteration {
    Alteration::Claim { name: name.into(), value: Some(value) }
}

fn without(name: &str) -> Alteration {
    Alteration::Claim { name: name.into(), value: None }
}

fn header(name: &str, value: Value) -> Alteration {
    Alteration::Header { name: name.into(), value: Some(value) }
}

fn headless(name: &str) -> Alteration {
    Alteration::Header { name: name.into(), value: None }
}

/// A token that tells no level is taken, so that every row but one needs none.
fn with_a_level(text: String) -> String {
    text.replace("ip = \"auto\"", "ip = \"auto\"\nloa = \"substantial\"\nloa_policy = \"warn\"")
}

fn plain_ciba(text: String, login: &str) -> String {
    text.replace(r#"profile = "signaturgruppen""#, r#"profile = "ciba""#)
        .replace("ip = \"auto\"", &format!("ip = \"auto\"\n{login}"))
}

/// How many desks are busy at a time, so that a slow machine keeps every deadline.
const AT_A_TIME: usize = 6;

/// Logs in at so many desks, and gives what became of each.
fn log_in_at<'a>(desks: impl Iterator<Item = &'a Config> + Send) -> Vec<(Outcome, Vec<Notice>)> {
    let (desks, ended) = (Mutex::new(desks), Mutex::new(Vec::new()));
    let next = || desks.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(config) = next() {
                    let login = Desk::new(config).log_in();
                    ended.lock().unwrap().push(login);
                }
            });
        }
    });
    ended.into_inner().unwrap()
}

/// The clause, if the login was refused for it, nothing was handed over, and the operator was told it once.
fn refused((outcome, notes): &(Outcome, Vec<Notice>)) -> Untrusted {
    let [Notice::Untrusted(clause)] = notes.as_slice() else { panic!("{outcome:?}, and told: {notes:?}") };
    assert_eq!(told(outcome), ("refused", clause.to_string().as_str()));
    let line: Value = serde_json::from_str(&host::line(outcome)).unwrap();
    assert_eq!(line, json!({"outcome": "refused", "error": clause.to_string()}));
    *clause
}

/// The clauses in an order of their own, since tokens at one broker come in any.
fn sorted(clauses: impl Iterator<Item = Untrusted>) -> Vec<String> {
    let mut clauses: Vec<String> = clauses.map(|clause| format!("{clause:?}")).collect();
    clauses.sort();
    clauses
}

#[test]
fn a_token_that_breaks_one_clause_is_refused_and_told_to_the_operator_once() {
    let another = || json!("another");
    let rows = [
        (header("alg", json!("none")), Untrusted::WrongAlgorithm),
        (header("alg", json!("HS256")), Untrusted::WrongAlgorithm),
        (header("crit", json!(["b64"])), Untrusted::Critical),
        (header("typ", json!("at+jwt")), Untrusted::HeaderType),
        (header("kid", json!("nobodys")), Untrusted::UnknownKey),
        (header("kid", json!(1)), Untrusted::BadHeader),
        (Alteration::WrongKey, Untrusted::BadSignature),
        (claim("iss", json!("https://127.0.0.1:1/op")), Untrusted::Issuer),
        (claim("aud", another()), Untrusted::Audience),
        (claim("aud", json!([CLIENT_ID, "another"])), Untrusted::OtherAudience),
        (claim("azp", another()), Untrusted::AuthorizedParty),
        (without("sub"), Untrusted::Subject),
        (claim(AUTH_REQ_ID, another()), Untrusted::AuthReqId),
        (claim("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ")), Untrusted::AccessTokenHash),
        (claim(RT_HASH, json!("77QmUPtjPfzWtF2AnpK9RQ")), Untrusted::RefreshTokenHash),
        (claim("idp", json!("nemid")), Untrusted::Idp),
        (claim("idtoken_type", json!("strict")), Untrusted::IdTokenType),
        (claim("mitid.uuid", json!(["8a9856e0-f12d-4217-b320-c8a076be9320"])), Untrusted::Uuid),
        (claim("mitid.reference_text", another()), Untrusted::ReferenceText),
        (claim("ciba_nonce", another()), Untrusted::CibaNonce),
        (claim("loa", json!("https://data.gov.dk/concept/core/nsis/Low")), Untrusted::LowLoa),
        (claim("exp", json!("9000000000")), Untrusted::Expiration),
        (without("iat"), Untrusted::IssuedAt),
        (claim("nbf", json!(1.5)), Untrusted::NotBefore),
        (claim("auth_time", json!("now")), Untrusted::AuthTime),
        (claim("exp", json!(1_700_000_000)), Untrusted::Expired),
        (claim("nbf", json!(9_000_000_000_u64)), Untrusted::NotYetValid),
        (claim("iat", json!(1_700_000_000)), Untrusted::Stale),
        (claim("auth_time", json!(1_700_000_000)), Untrusted::EarlierLogin),
    ];
    let broker = Broker::start(approving()).unwrap();
    let config = config(&broker, with_a_level);
    for (alteration, _) in &rows {
        broker.faults().next_id_token(vec![alteration.clone()]);
    }
    let ended = log_in_at(rows.iter().map(|_| &config));
    assert_eq!(sorted(ended.iter().map(refused)), sorted(rows.iter().map(|(_, clause)| *clause)));
    assert_eq!(count(&broker, &Happened::Answered { error: None }), rows.len());
}

#[test]
fn what_is_no_signed_token_is_refused_and_told_to_the_operator_once() {
    let rows = [
        ("e30.e30", Untrusted::NotThreeParts),
        ("e30.e30.AAAA.", Untrusted::NotThreeParts),
        ("e30.e30.AAAA.AAAA.AAAA", Untrusted::Encrypted),
        ("e30=.e30.AAAA", Untrusted::NotBase64),
        ("e30.e30.AA/A", Untrusted::NotBase64),
        ("bm8.e30.AAAA", Untrusted::BadHeader),
        ("eyJhbGciOiJub25lIn0.e30.", Untrusted::WrongAlgorithm),
        (&"A".repeat(70_000), Untrusted::TooLong),
    ];
    let broker = Broker::start(approving()).unwrap();
    let config = config(&broker, with_a_level);
    for (token, _) in &rows {
        let value = Some(json!(token));
        broker.faults().next(Endpoint::Token, Fault::Member { name: "id_token".into(), value });
    }
    let ended = log_in_at(rows.iter().map(|_| &config));
    assert_eq!(sorted(ended.iter().map(refused)), sorted(rows.iter().map(|(_, clause)| *clause)));
}

#[test]
fn a_token_that_does_not_keep_to_what_was_asked_is_refused_and_told_to_the_operator_once() {
    let broker = Broker::start(approving()).unwrap();
    let pinned = |text: String| {
        text.replace("id_token_alg = \"RS256\"", "id_token_alg = \"RS256\"\nkey_ids = [\"one\", \"two\"]")
    };
    let required = |text: String| {
        text.replace("ip = \"auto\"", "ip = \"auto\"\nloa = \"low\"\nloa_policy = \"require\"")
    };
    let rows = [
        (config(&broker, pinned), Untrusted::UnpinnedKey),
        (config(&broker, required), Untrusted::MissingLoa),
        (config(&broker, |text| plain_ciba(text, "acr_values = [\"urn:nobodys\"]")), Untrusted::Acr),
    ];
    let ended = log_in_at(rows.iter().map(|(config, _)| config));
    assert_eq!(sorted(ended.iter().map(refused)), sorted(rows.iter().map(|(_, clause)| *clause)));
}

#[test]
fn a_key_that_cannot_verify_under_the_pinned_algorithm_is_told_to_the_operator_once() {
    let broker = Broker::start(approving()).unwrap();
    let keys = json!({"keys": [{"kid": "shared", "kty": "oct", "k": "c2VjcmV0"}]}).to_string();
    broker.faults().next(Endpoint::Jwks, answer(200, &[("content-type", "application/json")], keys));
    broker.faults().next_id_token(vec![header("kid", json!("shared"))]);
    let login = Desk::new(&config(&broker, |text| text)).log_in();
    assert_eq!(refused(&login), Untrusted::UnsuitableKey);
}

#[test]
fn a_token_that_is_only_odd_is_taken_and_nothing_is_told() {
    let stranger = json!({"kty": "RSA", "e": "AQAB", "n": "gYGB"});
    let rows = [
        claim("aud", json!([CLIENT_ID])),
        claim("azp", json!(CLIENT_ID)),
        claim("acr", json!("urn:simulator:acr:high")),
        claim("nonce", json!("of a browser")),
        claim("_claim_names", json!({"address": {"deep": [[1]]}})),
        claim("loa", json!("https://data.gov.dk/concept/core/nsis/High")),
        claim("mitid.age", json!(88)),
        without("at_hash"),
        without("nbf"),
        without("auth_time"),
        without("ciba_nonce"),
        without("mitid.reference_text"),
        headless("typ"),
        headless("kid"),
        header("jwk", stranger),
        header("jku", json!("https://127.0.0.1:1/keys")),
        header("x5u", json!("https://127.0.0.1:1/certificate")),
    ];
    let broker = Broker::start(approving()).unwrap();
    let config = config(&broker, |text| text);
    for alteration in &rows {
        broker.faults().next_id_token(vec![alteration.clone()]);
    }
    for (outcome, notes) in log_in_at(rows.iter().map(|_| &config)) {
        assert_eq!((told(&outcome), notes), (("approved", ""), Vec::new()));
        let line: Value = serde_json::from_str(&host::line(&outcome)).unwrap();
        assert_eq!(line["id_token"].as_str().unwrap().split('.').count(), 3);
        assert_eq!(line["identity"]["name"], "Anna Testesen");
    }
}

#[test]
fn a_token_without_a_level_is_taken_where_the_policy_says_so_and_the_operator_is_told() {
    let broker = Broker::start(approving()).unwrap();
    let (outcome, notes) = Desk::new(&config(&broker, with_a_level)).log_in();
    assert_eq!((told(&outcome), notes), (("approved", ""), vec![Notice::LoaMissing]));
}
