//! Genuinely signed tokens that are not the answer to this login.
//!
//! Hyphenated names are the conformance suite's.

use super::*;

pub(super) const ROWS: &[Wrong] = &[
    // The claims as a whole.
    ("claims are no JSON", |c| c.claims_text = Some(b"claims".to_vec()), Untrusted::BadClaims),
    ("claims are empty", |c| c.claims_text = Some(Vec::new()), Untrusted::BadClaims),
    ("claims are an array", |c| c.claims = json!([c.claims]), Untrusted::BadClaims),
    ("claims are a token", |c| c.claims_text = Some(Case::good().token().into()), Untrusted::BadClaims),
    ("claims are not UTF-8", |c| c.claims_text = Some(b"{\"sub\":\"\xff\"}".to_vec()), Untrusted::BadClaims),
    (
        "claims with a byte order mark",
        |c| c.claims_text = Some(format!("\u{feff}{}", c.claims).into()),
        Untrusted::BadClaims,
    ),
    ("claims with a tail", |c| c.claims_text = Some(format!("{} x", c.claims).into()), Untrusted::BadClaims),
    ("`sub` twice", |c| c.claims_begin(r#""sub":"anna""#), Untrusted::BadClaims),
    ("`exp` twice, once escaped", |c| c.claims_begin(r#""\u0065xp":9"#), Untrusted::BadClaims),
    ("a repeated member deep inside", |c| c.claims_begin(r#""x":[{"a":1,"a":1}]"#), Untrusted::BadClaims),
    ("a number beyond all numbers", |c| c.claims_begin(r#""x":1e999"#), Untrusted::BadClaims),
    (
        "a nest of ten thousand",
        |c| c.claims_begin(&format!("\"x\":{}{}", "[".repeat(10_000), "]".repeat(10_000))),
        Untrusted::BadClaims,
    ),
    // Parties.
    ("invalid-iss-test", |c| c.claim("iss", format!("{ISSUER}1")), Untrusted::Issuer),
    ("invalid-missing-iss-test", |c| c.without("iss"), Untrusted::Issuer),
    ("`iss` is an array", |c| c.claim("iss", json!([ISSUER])), Untrusted::Issuer),
    ("`iss` is a number", |c| c.claim("iss", 1), Untrusted::Issuer),
    ("`iss` is an object", |c| c.claim("iss", json!({ "url": ISSUER })), Untrusted::Issuer),
    ("`iss` without its scheme", |c| c.claim("iss", "broker.example/op"), Untrusted::Issuer),
    ("`iss` with a space behind", |c| c.claim("iss", format!("{ISSUER} ")), Untrusted::Issuer),
    ("`iss` is null", |c| c.claim("iss", json!(null)), Untrusted::Issuer),
    ("`iss` is empty", |c| c.claim("iss", ""), Untrusted::Issuer),
    ("`iss` with a slash at the end", |c| c.claim("iss", format!("{ISSUER}/")), Untrusted::Issuer),
    ("`iss` in other case", |c| c.claim("iss", "https://Broker.example/op"), Untrusted::Issuer),
    ("`iss` with the port", |c| c.claim("iss", "https://broker.example:443/op"), Untrusted::Issuer),
    (
        "`iss` of the test environment",
        |c| c.issuer = "https://pp.broker.example/op".into(),
        Untrusted::Issuer,
    ),
    ("invalid-aud-test", |c| c.claim("aud", format!("{CLIENT_ID}1")), Untrusted::Audience),
    ("invalid-missing-aud-test", |c| c.without("aud"), Untrusted::Audience),
    ("`aud` is an empty array", |c| c.claim("aud", json!([])), Untrusted::Audience),
    ("`aud` is empty", |c| c.claim("aud", ""), Untrusted::Audience),
    ("`aud` is a number", |c| c.claim("aud", 7), Untrusted::Audience),
    ("`aud` is an array of null", |c| c.claim("aud", json!([null])), Untrusted::Audience),
    ("`aud` is null", |c| c.claim("aud", json!(null)), Untrusted::Audience),
    ("`aud` is an object", |c| c.claim("aud", json!({CLIENT_ID: CLIENT_ID})), Untrusted::Audience),
    ("`aud` is an array of an array", |c| c.claim("aud", json!([[CLIENT_ID]])), Untrusted::Audience),
    ("`aud` holds a number", |c| c.claim("aud", json!([CLIENT_ID, 1])), Untrusted::Audience),
    ("`aud` names us among words", |c| c.claim("aud", format!("other {CLIENT_ID}")), Untrusted::Audience),
    ("`aud` in other case", |c| c.claim("aud", CLIENT_ID.to_uppercase()), Untrusted::Audience),
    (
        "invalid-secondary-aud-test",
        |c| c.claim("aud", json!([CLIENT_ID, format!("{CLIENT_ID}1")])),
        Untrusted::OtherAudience,
    ),
    ("`aud` names another first", |c| c.claim("aud", json!(["other", CLIENT_ID])), Untrusted::OtherAudience),
    (
        "`aud` names another, `azp` is us",
        |c| {
            c.claim("aud", json!([CLIENT_ID, "other"]));
            c.claim("azp", CLIENT_ID)
        },
        Untrusted::OtherAudience,
    ),
    ("`azp` is another client", |c| c.claim("azp", "other"), Untrusted::AuthorizedParty),
    ("`azp` is empty", |c| c.claim("azp", ""), Untrusted::AuthorizedParty),
    ("`azp` is null", |c| c.claim("azp", json!(null)), Untrusted::AuthorizedParty),
    ("`azp` is an array", |c| c.claim("azp", json!([CLIENT_ID])), Untrusted::AuthorizedParty),
    ("missing-sub", |c| c.without("sub"), Untrusted::Subject),
    ("`sub` is empty", |c| c.claim("sub", ""), Untrusted::Subject),
    ("`sub` of 256 letters", |c| c.claim("sub", "s".repeat(256)), Untrusted::Subject),
    ("`sub` is a number", |c| c.claim("sub", 7), Untrusted::Subject),
    ("`sub` is an array", |c| c.claim("sub", json!(["anna"])), Untrusted::Subject),
    ("`sub` is null", |c| c.claim("sub", json!(null)), Untrusted::Subject),
    ("`sub` is not ASCII", |c| c.claim("sub", "ærø"), Untrusted::Subject),
    ("`sub` with a line end", |c| c.claim("sub", "anna\nok"), Untrusted::Subject),
    // This login.
    ("`auth_req_id` of another login", |c| c.claim(AUTH_REQ_ID_CLAIM, "1c266114"), Untrusted::AuthReqId),
    ("`auth_req_id` is an array", |c| c.claim(AUTH_REQ_ID_CLAIM, json!([AUTH_REQ_ID])), Untrusted::AuthReqId),
    ("`auth_req_id` is null", |c| c.claim(AUTH_REQ_ID_CLAIM, json!(null)), Untrusted::AuthReqId),
    ("`auth_req_id` is empty", |c| c.claim(AUTH_REQ_ID_CLAIM, ""), Untrusted::AuthReqId),
    ("invalid-athash", |c| c.claim("at_hash", at_hash("another token")), Untrusted::AccessTokenHash),
    ("another access token", |c| c.access_token.push('1'), Untrusted::AccessTokenHash),
    ("`at_hash` is empty", |c| c.claim("at_hash", ""), Untrusted::AccessTokenHash),
    ("`at_hash` is a number", |c| c.claim("at_hash", 1), Untrusted::AccessTokenHash),
    ("`at_hash` in the other base64 alphabet", other_alphabet, Untrusted::AccessTokenHash),
    (
        "`at_hash` is the whole hash",
        |c| {
            let whole = URL_SAFE_NO_PAD.encode(digest(&SHA256, c.access_token.as_bytes()));
            c.claim("at_hash", whole)
        },
        Untrusted::AccessTokenHash,
    ),
    ("`at_hash` is null", |c| c.claim("at_hash", json!(null)), Untrusted::AccessTokenHash),
    (
        "`at_hash` is padded",
        |c| c.claim("at_hash", at_hash(&c.access_token) + "=="),
        Untrusted::AccessTokenHash,
    ),
    (
        "`at_hash` is half of the half",
        |c| c.claim("at_hash", &at_hash(&c.access_token)[..11]),
        Untrusted::AccessTokenHash,
    ),
    ("`idp` is missing", |c| c.without("idp"), Untrusted::Idp),
    ("`idp` is another", |c| c.claim("idp", "nemid"), Untrusted::Idp),
    ("`idp` in other case", |c| c.claim("idp", "MitID"), Untrusted::Idp),
    ("`idp` is null", |c| c.claim("idp", json!(null)), Untrusted::Idp),
    ("`idp` is an array", |c| c.claim("idp", json!(["mitid"])), Untrusted::Idp),
    ("`idtoken_type` is missing", |c| c.without("idtoken_type"), Untrusted::IdTokenType),
    ("token of a browser login", |c| c.claim("idtoken_type", "strict"), Untrusted::IdTokenType),
    ("token of an age check", |c| c.claim("idtoken_type", "av"), Untrusted::IdTokenType),
    ("`idtoken_type` is an array", |c| c.claim("idtoken_type", json!(["ciba"])), Untrusted::IdTokenType),
    ("`idtoken_type` is null", |c| c.claim("idtoken_type", json!(null)), Untrusted::IdTokenType),
    ("`mitid.uuid` of another person", |c| c.claim("mitid.uuid", UUID.replace('b', "c")), Untrusted::Uuid),
    ("`mitid.uuid` is missing though asked for", |c| c.without("mitid.uuid"), Untrusted::Uuid),
    ("`mitid.uuid` is empty", |c| c.claim("mitid.uuid", ""), Untrusted::Uuid),
    ("`mitid.uuid` is cut", |c| c.claim("mitid.uuid", &UUID[..35]), Untrusted::Uuid),
    ("`mitid.uuid` is an array", |c| c.claim("mitid.uuid", json!([UUID])), Untrusted::Uuid),
    (
        "`mitid.uuid` is a number, not asked for",
        |c| {
            c.uuid = None;
            c.claim("mitid.uuid", 7)
        },
        Untrusted::Uuid,
    ),
    (
        "`mitid.uuid` of another person, other profile",
        |c| {
            c.profile = Profile::Ciba;
            c.claim("mitid.uuid", "x")
        },
        Untrusted::Uuid,
    ),
    (
        "reference text with another code",
        |c| c.claim("mitid.reference_text", REFERENCE_TEXT.replace('7', "1")),
        Untrusted::ReferenceText,
    ),
    (
        "reference text in other letters",
        |c| c.claim("mitid.reference_text", REFERENCE_TEXT.replace('å', "a\u{30a}")),
        Untrusted::ReferenceText,
    ),
    (
        "reference text with a space",
        |c| c.claim("mitid.reference_text", format!("{REFERENCE_TEXT} ")),
        Untrusted::ReferenceText,
    ),
    (
        "reference text in other case",
        |c| c.claim("mitid.reference_text", REFERENCE_TEXT.to_lowercase()),
        Untrusted::ReferenceText,
    ),
    ("reference text is empty", |c| c.claim("mitid.reference_text", ""), Untrusted::ReferenceText),
    (
        "reference text is an array",
        |c| c.claim("mitid.reference_text", json!([REFERENCE_TEXT])),
        Untrusted::ReferenceText,
    ),
    (
        "reference text is cut",
        |c| c.claim("mitid.reference_text", &REFERENCE_TEXT[..20]),
        Untrusted::ReferenceText,
    ),
    ("reference text is null", |c| c.claim("mitid.reference_text", json!(null)), Untrusted::ReferenceText),
    ("`ciba_nonce` of another login", |c| c.claim("ciba_nonce", "n-0S6_WzA2Mk"), Untrusted::CibaNonce),
    ("`ciba_nonce` is empty", |c| c.claim("ciba_nonce", ""), Untrusted::CibaNonce),
    ("`ciba_nonce` is a number", |c| c.claim("ciba_nonce", 7), Untrusted::CibaNonce),
    ("`ciba_nonce` is null", |c| c.claim("ciba_nonce", json!(null)), Untrusted::CibaNonce),
    // Time.
    ("invalid-missing-exp-test", |c| c.without("exp"), Untrusted::Expiration),
    ("`exp` is a string", |c| c.claim("exp", (NOW + 300).to_string()), Untrusted::Expiration),
    ("`exp` is a fraction", |c| c.claim("exp", NOW as f64 + 300.5), Untrusted::Expiration),
    ("`exp` is written as a fraction", |c| c.claim("exp", NOW as f64 + 300.0), Untrusted::Expiration),
    ("`exp` is negative", |c| c.claim("exp", -1), Untrusted::Expiration),
    ("`exp` is null", |c| c.claim("exp", json!(null)), Untrusted::Expiration),
    ("`exp` is true", |c| c.claim("exp", true), Untrusted::Expiration),
    ("`exp` is beyond 64 bits", |c| c.claim("exp", 1e30), Untrusted::Expiration),
    ("`exp` is an array", |c| c.claim("exp", json!([NOW + 300])), Untrusted::Expiration),
    ("missing-iat", |c| c.without("iat"), Untrusted::IssuedAt),
    ("`iat` is a string", |c| c.claim("iat", NOW.to_string()), Untrusted::IssuedAt),
    ("`iat` is a fraction", |c| c.claim("iat", NOW as f64 + 0.5), Untrusted::IssuedAt),
    ("`iat` is negative", |c| c.claim("iat", -1), Untrusted::IssuedAt),
    ("`iat` is null", |c| c.claim("iat", json!(null)), Untrusted::IssuedAt),
    ("`nbf` is a string", |c| c.claim("nbf", NOW.to_string()), Untrusted::NotBefore),
    ("`nbf` is a fraction", |c| c.claim("nbf", NOW as f64 - 0.5), Untrusted::NotBefore),
    ("`nbf` is negative", |c| c.claim("nbf", -1), Untrusted::NotBefore),
    ("`nbf` is null", |c| c.claim("nbf", json!(null)), Untrusted::NotBefore),
    ("`auth_time` is a string", |c| c.claim("auth_time", NOW.to_string()), Untrusted::AuthTime),
    ("`auth_time` is a fraction", |c| c.claim("auth_time", NOW as f64 - 0.5), Untrusted::AuthTime),
    ("`auth_time` is negative", |c| c.claim("auth_time", -1), Untrusted::AuthTime),
    ("`auth_time` is null", |c| c.claim("auth_time", json!(null)), Untrusted::AuthTime),
    ("invalid-expired-exp-test", |c| c.claim("exp", NOW - 360), Untrusted::Expired),
    ("`exp` a minute ago", |c| c.claim("exp", NOW - 60), Untrusted::Expired),
    ("`exp` is zero", |c| c.claim("exp", 0), Untrusted::Expired),
    (
        "the clock is an hour fast",
        |c| {
            c.now += 3600;
            c.started += 3600
        },
        Untrusted::Expired,
    ),
    ("the clock is at the end of time", |c| c.now = u64::MAX, Untrusted::Expired),
    ("`iat` over a minute ahead", |c| c.claim("iat", NOW + 61), Untrusted::NotYetValid),
    ("`iat` at the end of time", |c| c.claim("iat", u64::MAX), Untrusted::NotYetValid),
    ("`nbf` over a minute ahead", |c| c.claim("nbf", NOW + 61), Untrusted::NotYetValid),
    ("`auth_time` over a minute ahead", |c| c.claim("auth_time", NOW + 61), Untrusted::NotYetValid),
    (
        "the clock is an hour slow",
        |c| {
            c.now -= 3600;
            c.started -= 3600
        },
        Untrusted::NotYetValid,
    ),
    (
        "the clock is at 1970",
        |c| {
            c.now = 0;
            c.started = 0
        },
        Untrusted::NotYetValid,
    ),
    ("invalid-iat-is-week-in-past-test", |c| c.claim("iat", NOW - 7 * 86_400), Untrusted::Stale),
    ("`iat` over a minute before the start", |c| c.claim("iat", STARTED - 61), Untrusted::Stale),
    ("`iat` is zero", |c| c.claim("iat", 0), Untrusted::Stale),
    (
        "`auth_time` over a minute before the start",
        |c| c.claim("auth_time", STARTED - 61),
        Untrusted::EarlierLogin,
    ),
    ("`auth_time` is zero", |c| c.claim("auth_time", 0), Untrusted::EarlierLogin),
    // A wrong clock hides no other reason.
    (
        "expired and of another issuer",
        |c| {
            c.now += 3600;
            c.claim("iss", "x")
        },
        Untrusted::Issuer,
    ),
    (
        "expired and of another person",
        |c| {
            c.now += 3600;
            c.claim("mitid.uuid", "x")
        },
        Untrusted::Uuid,
    ),
    (
        "expired and of another login",
        |c| {
            c.now += 3600;
            c.claim("ciba_nonce", "x")
        },
        Untrusted::CibaNonce,
    ),
];

/// Standard base64 where base64url is asked for; the access token is one whose hash tells them apart.
fn other_alphabet(case: &mut Case) {
    let hash = (0..).map(|n: u32| n.to_string()).find_map(|token| {
        let hash = at_hash(&token);
        hash.contains(['-', '_']).then_some((token, hash.replace('-', "+").replace('_', "/")))
    });
    let (token, hash) = hash.unwrap();
    case.access_token = token;
    case.claim("at_hash", hash);
}
