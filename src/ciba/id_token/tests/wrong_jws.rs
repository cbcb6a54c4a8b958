//! Tokens that fail before a claim is read: form, header, key, signature.
//!
//! Hyphenated names are the conformance suite's.

use serde_json::json;

use super::keys::{Signer, keys, modulus};
use super::*;

pub(super) const ROWS: &[Wrong] = &[
    // Form.
    ("empty", |c| c.mangle = |_| String::new(), Untrusted::NotThreeParts),
    ("one part", |c| c.mangle = |t| t.replace('.', ""), Untrusted::NotThreeParts),
    ("two parts", |c| c.mangle = |t| t.rsplit_once('.').unwrap().0.to_owned(), Untrusted::NotThreeParts),
    ("a fourth part", |c| c.mangle = |t| t + ".", Untrusted::NotThreeParts),
    ("six parts", |c| c.mangle = |t| t + "...", Untrusted::NotThreeParts),
    ("a thousand parts", |c| c.mangle = |_| ".".repeat(1000), Untrusted::NotThreeParts),
    ("a dot in front", |c| c.mangle = |t| format!(".{t}"), Untrusted::NotThreeParts),
    ("five parts", |c| c.mangle = |t| t + "..", Untrusted::Encrypted),
    ("64 KiB and a byte", |c| c.mangle = |t| t + &"A".repeat(65_536), Untrusted::TooLong),
    ("padded signature", |c| c.mangle = |t| t + "==", Untrusted::NotBase64),
    ("padded header", |c| c.mangle = |t| t.replacen('.', "=.", 1), Untrusted::NotBase64),
    ("the other base64 alphabet", |c| c.mangle = |t| format!("+/+/{t}"), Untrusted::NotBase64),
    ("space in front", |c| c.mangle = |t| format!(" {t}"), Untrusted::NotBase64),
    ("line end behind", |c| c.mangle = |t| t + "\n", Untrusted::NotBase64),
    ("line end in the payload", |c| c.mangle = |t| t.replacen('.', ".\n", 1), Untrusted::NotBase64),
    ("a letter that is not ASCII", |c| c.mangle = |t| t + "é", Untrusted::NotBase64),
    ("unused bits of the signature are set", |c| c.mangle = set_unused_bits, Untrusted::NotBase64),
    ("dots alone", |c| c.mangle = |_| "..".to_owned(), Untrusted::BadHeader),
    ("JSON serialization", |c| c.mangle = |_| r#"{"payload":"..e30"}"#.to_owned(), Untrusted::NotBase64),
    // Header.
    ("header is an array", |c| c.header = json!(["RS256"]), Untrusted::BadHeader),
    ("header is cut", |c| c.header_text = Some(br#"{"alg":"RS256""#.to_vec()), Untrusted::BadHeader),
    (
        "header is not UTF-8",
        |c| c.header_text = Some(b"{\"alg\":\"RS256\xff\"}".to_vec()),
        Untrusted::BadHeader,
    ),
    ("header has `alg` twice", |c| c.header_text = Some(ALG_TWICE.into()), Untrusted::BadHeader),
    ("header has a tail", |c| c.header_text = Some(br#"{"alg":"RS256"}{}"#.to_vec()), Untrusted::BadHeader),
    ("`kid` is a number", |c| c.head("kid", 1), Untrusted::BadHeader),
    ("`kid` is null", |c| c.head("kid", json!(null)), Untrusted::BadHeader),
    ("`alg` is missing", |c| c.headless("alg"), Untrusted::WrongAlgorithm),
    ("invalid-null-alg-test", |c| unsigned(c, "none"), Untrusted::WrongAlgorithm),
    ("alg None", |c| unsigned(c, "None"), Untrusted::WrongAlgorithm),
    ("alg nOnE", |c| unsigned(c, "nOnE"), Untrusted::WrongAlgorithm),
    ("alg none, genuine signature", |c| c.head("alg", "none"), Untrusted::WrongAlgorithm),
    ("alg empty", |c| unsigned(c, ""), Untrusted::WrongAlgorithm),
    ("alg in lower case", |c| c.head("alg", "rs256"), Untrusted::WrongAlgorithm),
    ("alg with a space", |c| c.head("alg", "RS256 "), Untrusted::WrongAlgorithm),
    ("alg is an array", |c| c.head("alg", json!(["RS256"])), Untrusted::WrongAlgorithm),
    ("alg is a number", |c| c.head("alg", 256), Untrusted::WrongAlgorithm),
    ("alg ES384", |c| c.head("alg", "ES384"), Untrusted::WrongAlgorithm),
    ("alg EdDSA", |c| c.head("alg", "EdDSA"), Untrusted::WrongAlgorithm),
    ("alg RS384", |c| c.head("alg", "RS384"), Untrusted::WrongAlgorithm),
    ("invalid-alternate-alg-test", alternate_alg, Untrusted::WrongAlgorithm),
    (
        "PS256 by a published key, RS256 pinned",
        |c| but_pinned(c, Algorithm::Ps256),
        Untrusted::WrongAlgorithm,
    ),
    (
        "ES256 by a published key, RS256 pinned",
        |c| but_pinned(c, Algorithm::Es256),
        Untrusted::WrongAlgorithm,
    ),
    (
        "HS256 by the client secret, RS256 pinned",
        |c| but_pinned(c, Algorithm::Hs256),
        Untrusted::WrongAlgorithm,
    ),
    ("HS256 by the public key, RS256 pinned", hmac_by_public_key, Untrusted::WrongAlgorithm),
    ("RS256 by a published key, HS256 pinned", |c| c.pinned = Algorithm::Hs256, Untrusted::WrongAlgorithm),
    ("`crit` with an unknown extension", |c| c.head("crit", json!(["iss"])), Untrusted::Critical),
    ("`crit` is empty", |c| c.head("crit", json!([])), Untrusted::Critical),
    ("`crit` is null", |c| c.head("crit", json!(null)), Untrusted::Critical),
    (
        "unencoded payload",
        |c| {
            c.head("b64", false);
            c.head("crit", json!(["b64"]))
        },
        Untrusted::Critical,
    ),
    ("an access token", |c| c.head("typ", "at+jwt"), Untrusted::HeaderType),
    ("a logout token", |c| c.head("typ", "logout+jwt"), Untrusted::HeaderType),
    ("a DPoP proof", |c| c.head("typ", "dpop+jwt"), Untrusted::HeaderType),
    ("a security event", |c| c.head("typ", "secevent+jwt"), Untrusted::HeaderType),
    ("a media type in full", |c| c.head("typ", "application/jwt"), Untrusted::HeaderType),
    ("`typ` is empty", |c| c.head("typ", ""), Untrusted::HeaderType),
    ("`typ` is a number", |c| c.head("typ", 1), Untrusted::HeaderType),
    ("`typ` is null", |c| c.head("typ", json!(null)), Untrusted::HeaderType),
    // Key.
    ("unknown `kid`", |c| c.head("kid", "three"), Untrusted::UnknownKey),
    ("empty `kid`", |c| c.head("kid", ""), Untrusted::UnknownKey),
    ("`kid` in other case", |c| c.head("kid", "ONE"), Untrusted::UnknownKey),
    ("no key is published", |c| c.published.clear(), Untrusted::UnknownKey),
    (
        "no `kid`, no key for RSA",
        |c| {
            c.headless("kid");
            c.published.drain(..2);
        },
        Untrusted::UnknownKey,
    ),
    (
        "unknown `kid`, `jku` of a stranger",
        |c| {
            stranger(c);
            c.head("jku", "https://evil.example")
        },
        Untrusted::UnknownKey,
    ),
    (
        "unknown `kid`, `x5u` of a stranger",
        |c| {
            stranger(c);
            c.head("x5u", "https://evil.example")
        },
        Untrusted::UnknownKey,
    ),
    (
        "unknown `kid`, `jwk` of a stranger",
        |c| {
            stranger(c);
            c.head("jwk", keys().stranger_jwk())
        },
        Untrusted::UnknownKey,
    ),
    (
        "unknown `kid`, `x5c` of a stranger",
        |c| {
            stranger(c);
            c.head("x5c", json!(["MIIB"]))
        },
        Untrusted::UnknownKey,
    ),
    ("key for encryption", |c| c.publish("use", "enc"), Untrusted::UnsuitableKey),
    ("key with an unknown use", |c| c.publish("use", "Sig"), Untrusted::UnsuitableKey),
    ("key for wrapping", |c| c.publish("key_ops", json!(["wrapKey"])), Untrusted::UnsuitableKey),
    ("key with no operation", |c| c.publish("key_ops", json!([])), Untrusted::UnsuitableKey),
    ("key for PS256 alone", |c| c.publish("alg", "PS256"), Untrusted::UnsuitableKey),
    ("key of 1024 bits", |c| c.publish("n", URL_SAFE_NO_PAD.encode([0x81; 128])), Untrusted::UnsuitableKey),
    ("key with its private half", |c| c.publish("d", "AQAB"), Untrusted::UnsuitableKey),
    ("key of an unknown type", |c| c.publish("kty", "LATTICE"), Untrusted::UnsuitableKey),
    ("`kid` of an elliptic key", |c| c.head("kid", "curve"), Untrusted::UnsuitableKey),
    (
        "ES256, `kid` of an RSA key",
        |c| {
            c.use_alg(Algorithm::Es256);
            c.head("kid", "one")
        },
        Untrusted::UnsuitableKey,
    ),
    ("ES256 with secp256k1", |c| on_curve(c, "crv", "secp256k1"), Untrusted::UnsuitableKey),
    (
        "ES256 with a key on P-384",
        |c| {
            on_curve(c, "crv", "P-384");
            c.published[2]["x"] = URL_SAFE_NO_PAD.encode([7; 48]).into();
            c.published[2]["y"] = URL_SAFE_NO_PAD.encode([7; 48]).into()
        },
        Untrusted::UnsuitableKey,
    ),
    ("ES256 with a key of no curve", |c| on_curve(c, "crv", ""), Untrusted::UnsuitableKey),
    ("key with an exponent of one", |c| c.publish("e", "AQ"), Untrusted::UnsuitableKey),
    ("key with an even exponent", |c| c.publish("e", "Ag"), Untrusted::UnsuitableKey),
    (
        "every key of one `kid` is for something else",
        |c| {
            c.publish("use", "enc");
            c.published.push(oct_key("one"))
        },
        Untrusted::UnsuitableKey,
    ),
    ("ES256 with a short coordinate", |c| on_curve(c, "x", "AAAA"), Untrusted::UnsuitableKey),
    ("published `oct` key", |c| c.published[0] = oct_key("one"), Untrusted::UnsuitableKey),
    (
        "HS256 pinned, no secret, `oct` key published",
        |c| {
            by_oct_key(c);
            c.client_secret = None
        },
        Untrusted::NoSecret,
    ),
    ("HS256 pinned, empty secret", |c| hmac(c, "", ""), Untrusted::NoSecret),
    // Signature.
    ("invalid-signature-test", |c| c.mangle = flip_signature, Untrusted::BadSignature),
    ("empty signature", |c| c.signer = Signer::Bytes(Vec::new()), Untrusted::BadSignature),
    ("signature of zeros", |c| c.signer = Signer::Bytes(vec![0; 256]), Untrusted::BadSignature),
    (
        "signature of ones",
        |c| {
            let mut one = vec![0; 256];
            one[255] = 1;
            c.signer = Signer::Bytes(one)
        },
        Untrusted::BadSignature,
    ),
    ("signature a byte too long", |c| c.mangle = |t| t + "AAAA", Untrusted::BadSignature),
    ("signed by another published key", |c| c.signer = Signer::Rs256(&keys().two), Untrusted::BadSignature),
    ("signed by a stranger", |c| c.signer = Signer::Rs256(&keys().stranger), Untrusted::BadSignature),
    (
        "signed by the key in the header",
        |c| {
            stranger(c);
            c.head("kid", "one");
            c.head("jwk", keys().stranger_jwk())
        },
        Untrusted::BadSignature,
    ),
    (
        "no `kid`, signed by a stranger",
        |c| {
            stranger(c);
            c.headless("kid")
        },
        Untrusted::BadSignature,
    ),
    ("no `kid`, the right key is the ninth", |c| ninth(c), Untrusted::BadSignature),
    (
        "PS256 signature, RS256 in the header",
        |c| c.signer = Signer::Ps256(&keys().one),
        Untrusted::BadSignature,
    ),
    (
        "RS256 signature, PS256 in the header",
        |c| {
            c.use_alg(Algorithm::Ps256);
            c.signer = Signer::Rs256(&keys().one)
        },
        Untrusted::BadSignature,
    ),
    ("another payload", |c| c.mangle = swap_payload, Untrusted::BadSignature),
    ("another header", |c| c.mangle = swap_header, Untrusted::BadSignature),
    (
        "invalid-sig-es256",
        |c| {
            c.use_alg(Algorithm::Es256);
            c.mangle = flip_signature
        },
        Untrusted::BadSignature,
    ),
    (
        "ES256 of zeros",
        |c| {
            c.use_alg(Algorithm::Es256);
            c.signer = Signer::Bytes(vec![0; 64])
        },
        Untrusted::BadSignature,
    ),
    (
        "ES256 in DER",
        |c| {
            c.use_alg(Algorithm::Es256);
            c.signer = Signer::Es256InDer
        },
        Untrusted::BadSignature,
    ),
    (
        "ES256 with a point off the curve",
        |c| on_curve(c, "x", &URL_SAFE_NO_PAD.encode([1; 32])),
        Untrusted::BadSignature,
    ),
    (
        "invalid-sig-hs256",
        |c| {
            c.use_alg(Algorithm::Hs256);
            c.mangle = flip_signature
        },
        Untrusted::BadSignature,
    ),
    ("HS256 with another secret", |c| hmac(c, "one secret", "another secret"), Untrusted::BadSignature),
    ("HS256 with the empty secret", |c| hmac(c, "", CLIENT_SECRET), Untrusted::BadSignature),
    ("HS256 with a published `oct` key", by_oct_key, Untrusted::BadSignature),
    (
        "bad signature over bad claims",
        |c| {
            c.signer = Signer::Rs256(&keys().two);
            c.claim("iss", 1)
        },
        Untrusted::BadSignature,
    ),
    (
        "bad signature over no claims",
        |c| {
            c.signer = Signer::Rs256(&keys().two);
            c.claims_text = Some(vec![0])
        },
        Untrusted::BadSignature,
    ),
];

const ALG_TWICE: &str = r#"{"alg":"none","alg":"RS256","kid":"one"}"#;

/// The last letter of a 256-byte signature carries two bits and four zeros.
fn set_unused_bits(token: String) -> String {
    let last = token.as_bytes()[token.len() - 1];
    token[..token.len() - 1].to_owned() + char::from(last + 1).to_string().as_str()
}

fn flip_signature(token: String) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    format!("{signed}.{other}{}", &signature[1..])
}

fn swap_payload(token: String) -> String {
    let parts: Vec<_> = token.split('.').collect();
    format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(r#"{"sub":"someone else"}"#), parts[2])
}

fn swap_header(token: String) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"one"}"#))
}

fn unsigned(case: &mut Case, alg: &str) {
    case.head("alg", alg);
    case.signer = Signer::Bytes(Vec::new());
}

/// A valid RS256 signature by another published key, while PS256 is pinned.
fn alternate_alg(case: &mut Case) {
    case.pinned = Algorithm::Ps256;
    case.head("kid", "two");
    case.signer = Signer::Rs256(&keys().two);
}

fn but_pinned(case: &mut Case, alg: Algorithm) {
    case.use_alg(alg);
    case.pinned = Algorithm::Rs256;
}

fn hmac_by_public_key(case: &mut Case) {
    case.head("alg", "HS256");
    case.signer = Signer::Hs256(modulus(&keys().one));
}

fn stranger(case: &mut Case) {
    case.head("kid", "stranger");
    case.signer = Signer::Rs256(&keys().stranger);
}

fn on_curve(case: &mut Case, name: &str, value: &str) {
    case.use_alg(Algorithm::Es256);
    case.published[2][name] = value.into();
}

fn oct_key(kid: &str) -> Value {
    json!({"kid": kid, "kty": "oct", "k": URL_SAFE_NO_PAD.encode("a published secret")})
}

fn by_oct_key(case: &mut Case) {
    case.use_alg(Algorithm::Hs256);
    case.head("kid", "oct");
    case.published.push(oct_key("oct"));
    case.signer = Signer::Hs256("a published secret".into());
}

fn hmac(case: &mut Case, signed_with: &str, ours: &str) {
    case.use_alg(Algorithm::Hs256);
    case.signer = Signer::Hs256(signed_with.into());
    case.client_secret = Some(Secret::from(ours));
}

fn ninth(case: &mut Case) {
    case.headless("kid");
    case.published = vec![keys().two_jwk(); 8];
    case.published.push(keys().one_jwk());
}
