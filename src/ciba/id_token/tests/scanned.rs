//! Tokens after a code that was scanned: the claims of a browser's login, which name no login of ours but by `nonce`.

use super::*;

/// As the broker's browser flow tells it; nobody was named, and no text of ours was sent.
fn scanned(case: &mut Case) {
    case.way = Way::Scanned;
    case.uuid = None;
    for name in ["mitid.reference_text", "mitid.psd2"] {
        case.without(name);
    }
    case.claim("idtoken_type", "strict");
    case.claim("nonce", CIBA_NONCE);
    case.claim("amr", json!(["code_app"]));
    case.claim("loa", "https://data.gov.dk/concept/core/nsis/Substantial");
}

fn with(case: &mut Case, name: &str, value: impl Into<Value>) {
    scanned(case);
    case.claim(name, value);
}

pub(super) const ROWS: &[Wrong] = &[
    ("scanned: another issuer", |c| with(c, "iss", "https://broker.example/op/"), Untrusted::Issuer),
    ("scanned: another client", |c| with(c, "aud", "fjernsyn-8"), Untrusted::Audience),
    ("scanned: another client too", |c| with(c, "aud", json!([CLIENT_ID, "x"])), Untrusted::OtherAudience),
    ("scanned: no `sub`", |c| with(c, "sub", ""), Untrusted::Subject),
    ("scanned: another access token", |c| with(c, "at_hash", at_hash("x")), Untrusted::AccessTokenHash),
    ("scanned: another handle", |c| with(c, AUTH_REQ_ID_CLAIM, "x"), Untrusted::AuthReqId),
    ("scanned: the nonce of another login", |c| with(c, "nonce", "n-0S6_WzA2Mk"), Untrusted::Nonce),
    ("scanned: a nonce in other case", |c| with(c, "nonce", CIBA_NONCE.to_uppercase()), Untrusted::Nonce),
    ("scanned: an empty nonce", |c| with(c, "nonce", ""), Untrusted::Nonce),
    ("scanned: a nonce that is a number", |c| with(c, "nonce", 7), Untrusted::Nonce),
    ("scanned: a nonce that is null", |c| with(c, "nonce", Value::Null), Untrusted::Nonce),
    // The answer to a login that named a person.
    ("scanned: `ciba_nonce`, even the same", |c| with(c, "ciba_nonce", CIBA_NONCE), Untrusted::CibaNonce),
    ("scanned: another `ciba_nonce`", |c| with(c, "ciba_nonce", "x"), Untrusted::CibaNonce),
    ("scanned: another identity provider", |c| with(c, "idp", "mitid_erhverv"), Untrusted::Idp),
    (
        "scanned: no identity provider",
        |c| {
            scanned(c);
            c.without("idp")
        },
        Untrusted::Idp,
    ),
    (
        "scanned: the token of an age check",
        |c| with(c, "idtoken_type", "idbroker.dk"),
        Untrusted::IdTokenType,
    ),
    ("scanned: the token of an EU age check", |c| with(c, "idtoken_type", "av"), Untrusted::IdTokenType),
    ("scanned: a type that is no text", |c| with(c, "idtoken_type", json!(["ciba"])), Untrusted::IdTokenType),
    // An older login of that browser, which nobody approved now.
    (
        "scanned: no `auth_time`",
        |c| {
            scanned(c);
            c.without("auth_time")
        },
        Untrusted::AuthTime,
    ),
    ("scanned: an older login", |c| with(c, "auth_time", STARTED - 61), Untrusted::EarlierLogin),
    ("scanned: `auth_time` is text", |c| with(c, "auth_time", "1800000030"), Untrusted::AuthTime),
    ("scanned: issued before the start", |c| with(c, "iat", STARTED - 61), Untrusted::Stale),
    ("scanned: issued tomorrow", |c| with(c, "iat", NOW + 61), Untrusted::NotYetValid),
    ("scanned: over", |c| with(c, "exp", NOW - 60), Untrusted::Expired),
    (
        "scanned: no end",
        |c| {
            scanned(c);
            c.without("exp")
        },
        Untrusted::Expiration,
    ),
    ("scanned: a UUID that is no text", |c| with(c, "mitid.uuid", 7), Untrusted::Uuid),
];

pub(super) const GOOD: &[Good] = &[
    ("scanned: as after a browser's login", scanned),
    ("scanned: as after any other login by CIBA", |c| with(c, "idtoken_type", "ciba")),
    ("scanned: no type", |c| {
        scanned(c);
        c.without("idtoken_type")
    }),
    ("scanned: the nonce is not repeated", |c| {
        scanned(c);
        c.without("nonce")
    }),
    ("scanned: whoever it is", |c| with(c, "mitid.uuid", "00000000-0000-4e5f-8a9b-0123456789ab")),
    ("scanned: the broker's own text on the phone", |c| with(c, "mitid.reference_text", "Log på")),
    ("scanned: no hash of the access token", |c| {
        scanned(c);
        c.without("at_hash")
    }),
    ("scanned: our own handle", |c| with(c, AUTH_REQ_ID_CLAIM, AUTH_REQ_ID)),
];

#[test]
fn only_the_nonce_or_the_handle_binds_a_token_to_a_code_that_was_scanned() {
    let is_bound = |change: fn(&mut Case)| {
        let mut case = Case::good();
        scanned(&mut case);
        change(&mut case);
        case.is_bound()
    };
    assert!(is_bound(|_| ()));
    assert!(!is_bound(|case| case.without("nonce")));
    assert!(!is_bound(|case| {
        case.without("nonce");
        case.claim("mitid.reference_text", REFERENCE_TEXT);
    }));
    assert!(is_bound(|case| {
        case.without("nonce");
        case.claim(AUTH_REQ_ID_CLAIM, AUTH_REQ_ID);
    }));
}
