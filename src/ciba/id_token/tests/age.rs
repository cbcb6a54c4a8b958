//! Age checks: a genuine token that answers another question, or none, is no answer.

use super::keys::{Signer, keys};
use super::*;
use crate::ciba::age::AgeForm;
use crate::ciba::terms::{LeastLoa, Loa, LoaPolicy};

const MITID: &str = "idbrokerdk_age_verified";

pub(super) const ROWS: &[Wrong] = &[
    // By a code that was scanned.
    ("age, scanned: the nonce of another", |c| scanned(c, |c| c.claim("nonce", "x")), Untrusted::Nonce),
    ("age, scanned: when is not told", |c| scanned(c, |c| c.without("auth_time")), Untrusted::AuthTime),
    // MitID's own form.
    ("age: no answer", |c| mitid(c, None), Untrusted::AgeMissing),
    ("age: a login's token, with the age in it", |c| login(c), Untrusted::AgeMissing),
    (
        "age: the answer under the name of userinfo",
        |c| named(c, "idbrokerdk_age_verify_18", json!("true")),
        Untrusted::AgeMissing,
    ),
    (
        "age: the age itself instead of an answer",
        |c| named(c, "idbrokerdk_age", json!("88")),
        Untrusted::AgeMissing,
    ),
    ("age: the answer of the other form", |c| named(c, "age_over:18", json!(true)), Untrusted::AgeMissing),
    (
        "age: the claim in other case",
        |c| named(c, "idbrokerdk_Age_verified", json!("18:true")),
        Untrusted::AgeMissing,
    ),
    ("age: an easier question", |c| mitid(c, Some(json!("15:true"))), Untrusted::AgeOther),
    ("age: a harder question", |c| mitid(c, Some(json!("21:true"))), Untrusted::AgeOther),
    ("age: a no to another question", |c| mitid(c, Some(json!("21:false"))), Untrusted::AgeOther),
    ("age: zero", |c| mitid(c, Some(json!("0:true"))), Untrusted::AgeOther),
    ("age: no number", |c| mitid(c, Some(json!(":true"))), Untrusted::AgeShape),
    ("age: no word", |c| mitid(c, Some(json!("18:"))), Untrusted::AgeShape),
    ("age: no colon", |c| mitid(c, Some(json!("18true"))), Untrusted::AgeShape),
    ("age: a word alone", |c| mitid(c, Some(json!("true"))), Untrusted::AgeShape),
    ("age: empty", |c| mitid(c, Some(json!(""))), Untrusted::AgeShape),
    ("age: a leading zero", |c| mitid(c, Some(json!("018:true"))), Untrusted::AgeShape),
    ("age: a sign", |c| mitid(c, Some(json!("+18:true"))), Untrusted::AgeShape),
    ("age: below zero", |c| mitid(c, Some(json!("-18:true"))), Untrusted::AgeShape),
    ("age: more than any age", |c| mitid(c, Some(json!("274:true"))), Untrusted::AgeShape),
    ("age: a fraction", |c| mitid(c, Some(json!("18.0:true"))), Untrusted::AgeShape),
    ("age: digits of another script", |c| mitid(c, Some(json!("１８:true"))), Untrusted::AgeShape),
    ("age: a space before", |c| mitid(c, Some(json!(" 18:true"))), Untrusted::AgeShape),
    ("age: a space between", |c| mitid(c, Some(json!("18: true"))), Untrusted::AgeShape),
    ("age: a line end behind", |c| mitid(c, Some(json!("18:true\n"))), Untrusted::AgeShape),
    ("age: yes in capitals", |c| mitid(c, Some(json!("18:True"))), Untrusted::AgeShape),
    ("age: yes as a number", |c| mitid(c, Some(json!("18:1"))), Untrusted::AgeShape),
    ("age: yes in another word", |c| mitid(c, Some(json!("18:yes"))), Untrusted::AgeShape),
    ("age: yes and more", |c| mitid(c, Some(json!("18:true:false"))), Untrusted::AgeShape),
    ("age: two answers in one text", |c| mitid(c, Some(json!("18:true 21:false"))), Untrusted::AgeShape),
    ("age: a truth value", |c| mitid(c, Some(json!(true))), Untrusted::AgeShape),
    ("age: a number", |c| mitid(c, Some(json!(18))), Untrusted::AgeShape),
    ("age: an array", |c| mitid(c, Some(json!(["18:true"]))), Untrusted::AgeShape),
    ("age: an object", |c| mitid(c, Some(json!({"18": true}))), Untrusted::AgeShape),
    ("age: null", |c| mitid(c, Some(json!(null))), Untrusted::AgeShape),
    (
        "age: both answers",
        |c| {
            asked(c);
            c.claims_begin(r#""idbrokerdk_age_verified":"18:false""#)
        },
        Untrusted::BadClaims,
    ),
    // The EU's form.
    ("age over: no answer", |c| eu(c, &[]), Untrusted::AgeMissing),
    (
        "age over: the answer of the other form",
        |c| eu(c, &[(MITID, json!("18:true"))]),
        Untrusted::AgeMissing,
    ),
    ("age over: an easier question", |c| eu(c, &[("age_over:16", json!(true))]), Untrusted::AgeOther),
    ("age over: a harder question", |c| eu(c, &[("age_over_21", json!(true))]), Untrusted::AgeOther),
    ("age over: a leading zero", |c| eu(c, &[("age_over:018", json!(true))]), Untrusted::AgeOther),
    ("age over: the truth in words", |c| eu(c, &[("age_over:18", json!("true"))]), Untrusted::AgeShape),
    ("age over: the truth as a number", |c| eu(c, &[("age_over:18", json!(1))]), Untrusted::AgeShape),
    (
        "age over: the form of MitID's answer",
        |c| eu(c, &[("age_over:18", json!("18:true"))]),
        Untrusted::AgeShape,
    ),
    ("age over: null", |c| eu(c, &[("age_over_18", json!(null))]), Untrusted::AgeShape),
    ("age over: an array", |c| eu(c, &[("age_over_18", json!([true]))]), Untrusted::AgeShape),
    (
        "age over: one spelling is no answer",
        |c| eu(c, &[("age_over:18", json!(true)), ("age_over_18", json!("true"))]),
        Untrusted::AgeShape,
    ),
    (
        "age over: yes and no",
        |c| eu(c, &[("age_over:18", json!(true)), ("age_over_18", json!(false))]),
        Untrusted::AgeContradiction,
    ),
    (
        "age over: no and yes",
        |c| eu(c, &[("age_over:18", json!(false)), ("age_over_18", json!(true))]),
        Untrusted::AgeContradiction,
    ),
    // An answer that is right, in a token that is not.
    ("age: of another issuer", |c| yes(c, |c| c.claim("iss", "https://evil.example/op")), Untrusted::Issuer),
    ("age: for another client", |c| yes(c, |c| c.claim("aud", "another")), Untrusted::Audience),
    (
        "age: for two clients",
        |c| yes(c, |c| c.claim("aud", json!([CLIENT_ID, "another"]))),
        Untrusted::OtherAudience,
    ),
    ("age: without a subject", |c| yes(c, |c| c.without("sub")), Untrusted::Subject),
    (
        "age: of another access token",
        |c| yes(c, |c| c.claim("at_hash", at_hash("another"))),
        Untrusted::AccessTokenHash,
    ),
    (
        "age: of another `auth_req_id`",
        |c| yes(c, |c| c.claim(AUTH_REQ_ID_CLAIM, "another")),
        Untrusted::AuthReqId,
    ),
    (
        "age: with another `ciba_nonce`",
        |c| yes(c, |c| c.claim("ciba_nonce", "another")),
        Untrusted::CibaNonce,
    ),
    (
        "age: with a `ciba_nonce` of the wrong kind",
        |c| yes(c, |c| c.claim("ciba_nonce", 1)),
        Untrusted::CibaNonce,
    ),
    (
        "age: of another person",
        |c| yes(c, |c| c.claim("mitid.uuid", "00000000-0000-4000-8000-000000000000")),
        Untrusted::Uuid,
    ),
    (
        "age: of a person of the wrong kind",
        |c| yes(c, |c| c.claim("mitid.uuid", json!([UUID]))),
        Untrusted::Uuid,
    ),
    ("age: expired", |c| yes(c, |c| c.claim("exp", NOW - 60)), Untrusted::Expired),
    ("age: without an end", |c| yes(c, |c| c.without("exp")), Untrusted::Expiration),
    ("age: from before the start", |c| yes(c, |c| c.claim("iat", STARTED - 61)), Untrusted::Stale),
    (
        "age: from an earlier login",
        |c| yes(c, |c| c.claim("auth_time", STARTED - 61)),
        Untrusted::EarlierLogin,
    ),
    (
        "age: signed by a stranger",
        |c| yes(c, |c| c.signer = Signer::Rs256(&keys().stranger)),
        Untrusted::BadSignature,
    ),
    ("age: unsigned", |c| yes(c, |c| c.head("alg", "none")), Untrusted::WrongAlgorithm),
    (
        "age: too low a level",
        |c| {
            yes(c, |c| {
                c.terms.loa = Some(LeastLoa { loa: Loa::Substantial, policy: LoaPolicy::Warn });
                c.claim("loa", "https://data.gov.dk/concept/core/nsis/Low");
            })
        },
        Untrusted::LowLoa,
    ),
];

pub(super) const GOOD: &[Good] = &[
    ("age: a plain yes", |c| yes(c, |_| {})),
    ("age: a no is an answer too", |c| mitid(c, Some(json!("18:false")))),
    ("age: under the `idp` of a login", |c| yes(c, |c| c.claim("idp", "mitid"))),
    ("age: without `idp` and `idtoken_type`", |c| {
        yes(c, |c| {
            c.without("idp");
            c.without("idtoken_type");
        })
    }),
    ("age: with the broker's own reference text", |c| yes(c, |c| c.claim("mitid.reference_text", "Alder"))),
    ("age: with the person who was asked, in capitals", |c| {
        yes(c, |c| c.claim("mitid.uuid", UUID.to_uppercase()))
    }),
    ("age: with this login's own `ciba_nonce`", |c| yes(c, |c| c.claim("ciba_nonce", CIBA_NONCE))),
    ("age: with all that is not to be known", |c| {
        yes(c, |c| {
            c.claim("mitid.identity_name", "Anna Ærø");
            c.claim("mitid.date_of_birth", json!(["1936-04-08"]));
            c.claim("mitid.age", 88);
        })
    }),
    ("age over: with a colon", |c| eu(c, &[("age_over:18", json!(true))])),
    ("age over: with a line", |c| eu(c, &[("age_over_18", json!(false))])),
    ("age over: in both spellings", |c| eu(c, &[("age_over:18", json!(true)), ("age_over_18", json!(true))])),
    ("age over: among others", |c| {
        eu(c, &[("age_over:16", json!(true)), ("age_over:18", json!(false)), ("age_over_21", json!("no"))])
    }),
];

/// A token as the broker prints it for an age check: nobody in particular.
fn asked(case: &mut Case) {
    case.terms.age = Some(AgeCheck { years: 18, form: AgeForm::Verify });
    case.claims = json!({
        "iss": ISSUER, "aud": CLIENT_ID, "sub": "d1d6a5a0-0a0b-4c0d-8e0f-101112131415",
        "nbf": STARTED + 30, "iat": STARTED + 30, "auth_time": STARTED + 30, "exp": STARTED + 330,
        "at_hash": at_hash(&case.access_token), "idp": "idbrokerdk", "idtoken_type": "idbroker.dk",
        "transaction_id": "00000000-2222-4333-8444-555566667777", MITID: "18:true",
    });
}

fn yes(case: &mut Case, tweak: fn(&mut Case)) {
    asked(case);
    tweak(case);
}

fn scanned(case: &mut Case, tweak: fn(&mut Case)) {
    yes(case, |_| {});
    case.way = Way::Scanned;
    case.uuid = None;
    tweak(case);
}

fn mitid(case: &mut Case, answer: Option<Value>) {
    asked(case);
    case.without(MITID);
    answer.into_iter().for_each(|answer| case.claim(MITID, answer));
}

fn named(case: &mut Case, name: &str, value: Value) {
    mitid(case, None);
    case.claim(name, value);
}

fn login(case: &mut Case) {
    case.terms.age = Some(AgeCheck { years: 18, form: AgeForm::Verify });
}

fn eu(case: &mut Case, answers: &[(&str, Value)]) {
    mitid(case, None);
    (case.profile, case.uuid) = (Profile::Ciba, None);
    case.terms.age = Some(AgeCheck { years: 18, form: AgeForm::Over });
    (case.claims["idp"], case.claims["idtoken_type"]) = ("euav".into(), "av".into());
    answers.iter().for_each(|(name, value)| case.claim(name, value.clone()));
}

#[test]
fn an_answer_is_the_one_that_the_token_gives() {
    let answer = |tweak: fn(&mut Case)| {
        let mut case = Case::good();
        tweak(&mut case);
        case.verify_age().map(|answer| (answer.years, answer.is_old_enough))
    };
    assert_eq!(answer(|c| mitid(c, Some(json!("18:true")))), Ok((18, true)));
    assert_eq!(answer(|c| mitid(c, Some(json!("18:false")))), Ok((18, false)));
    assert_eq!(answer(|c| eu(c, &[("age_over:18", json!(true))])), Ok((18, true)));
    assert_eq!(answer(|c| eu(c, &[("age_over_18", json!(false))])), Ok((18, false)));
    let among_others = answer(|c| eu(c, &[("age_over:16", json!(true)), ("age_over:18", json!(false))]));
    assert_eq!(among_others, Ok((18, false)));
}

/// The token of an age check would be refused as a login, whoever asks.
#[test]
fn an_age_check_is_no_login() {
    let mut case = Case::good();
    asked(&mut case);
    assert_eq!(case.verify(), Err(Untrusted::Idp));
}

/// Without a name, a text or a nonce, nothing but the time and the client ties an answer to its question.
#[test]
fn an_answer_is_bound_by_what_it_repeats_alone() {
    let bound = |tweak: fn(&mut Case)| {
        let mut case = Case::good();
        yes(&mut case, tweak);
        case.expecting(case.token(), is_bound)
    };
    assert!(!bound(|_| {}));
    assert!(!bound(|c| c.claim("mitid.reference_text", "Alder")), "nobody knows whether it is ours");
    assert!(bound(|c| c.claim("mitid.uuid", UUID)));
    assert!(bound(|c| c.claim("ciba_nonce", CIBA_NONCE)));
    assert!(bound(|c| c.claim(AUTH_REQ_ID_CLAIM, AUTH_REQ_ID)));
}
