//! Genuine tokens that do not keep to what was asked beyond the profile: pins, levels, other hashes.

use super::keys::{Signer, keys};
use super::*;
use crate::ciba::terms::{LeastLoa, Loa, LoaPolicy};

const HIGH: &str = "urn:example:acr:high";
const LOW: &str = "urn:example:acr:low";
pub(super) const RT_HASH: &str = "urn:openid:params:jwt:claim:rt_hash";

pub(super) const ROWS: &[Wrong] = &[
    // Pinned keys.
    ("signed by a published key that is not pinned", |c| pinned(c, &["two"]), Untrusted::UnpinnedKey),
    (
        "HS256 while keys are pinned",
        |c| {
            c.use_alg(Algorithm::Hs256);
            pinned(c, &["none"])
        },
        Untrusted::UnpinnedKey,
    ),
    ("pinned in other case", |c| pinned(c, &["ONE", "One"]), Untrusted::UnpinnedKey),
    ("pinned name with a space", |c| pinned(c, &["one "]), Untrusted::UnpinnedKey),
    ("an empty name is pinned", |c| pinned(c, &[""]), Untrusted::UnpinnedKey),
    (
        "no `kid`, signed by a published key that is not pinned",
        |c| {
            c.headless("kid");
            pinned(c, &["two"])
        },
        Untrusted::UnpinnedKey,
    ),
    (
        "no `kid` in token and key, keys are pinned",
        |c| {
            c.headless("kid");
            c.published[0].as_object_mut().unwrap().remove("kid").unwrap();
            pinned(c, &["one", ""])
        },
        Untrusted::UnpinnedKey,
    ),
    (
        "not pinned, a second before the pins expire",
        |c| {
            pinned(c, &["two"]);
            c.terms.pins_expire = Some(NOW + 1)
        },
        Untrusted::UnpinnedKey,
    ),
    (
        "rotated to a key that is not pinned",
        |c| {
            c.head("kid", "two");
            c.signer = Signer::Rs256(&keys().two);
            pinned(c, &["one"])
        },
        Untrusted::UnpinnedKey,
    ),
    (
        "a pinned name over a stranger's signature",
        |c| {
            c.signer = Signer::Rs256(&keys().stranger);
            pinned(c, &["one"])
        },
        Untrusted::BadSignature,
    ),
    (
        "a pinned name that is not published",
        |c| {
            c.head("kid", "three");
            pinned(c, &["three"])
        },
        Untrusted::UnknownKey,
    ),
    (
        "the pins are over, the signature is wrong",
        |c| {
            c.signer = Signer::Rs256(&keys().stranger);
            pinned(c, &["two"]);
            c.terms.pins_expire = Some(NOW)
        },
        Untrusted::BadSignature,
    ),
    // The way to authenticate.
    ("`acr` is missing though asked for", |c| asked(c), Untrusted::Acr),
    ("`acr` is another", |c| with_acr(c, "urn:example:acr:none"), Untrusted::Acr),
    ("`acr` is empty", |c| with_acr(c, ""), Untrusted::Acr),
    ("`acr` in other case", |c| with_acr(c, HIGH.to_uppercase()), Untrusted::Acr),
    ("`acr` is all that was asked for", |c| with_acr(c, format!("{HIGH} {LOW}")), Untrusted::Acr),
    ("`acr` is an array", |c| with_acr(c, json!([HIGH])), Untrusted::Acr),
    ("`acr` is a number", |c| with_acr(c, 2), Untrusted::Acr),
    ("`acr` is null", |c| with_acr(c, json!(null)), Untrusted::Acr),
    // The level of assurance.
    ("`loa` is lower", |c| with_loa(c, LoaPolicy::Require, nsis("Low")), Untrusted::LowLoa),
    (
        "`loa` is lower, where a missing one is taken",
        |c| with_loa(c, LoaPolicy::Warn, nsis("Low")),
        Untrusted::LowLoa,
    ),
    ("`loa` is lower, by its last word", |c| with_loa(c, LoaPolicy::Require, "Low"), Untrusted::LowLoa),
    ("`loa` is no known level", |c| with_loa(c, LoaPolicy::Warn, nsis("Highest")), Untrusted::LowLoa),
    ("`loa` in other case", |c| with_loa(c, LoaPolicy::Warn, nsis("HIGH")), Untrusted::LowLoa),
    (
        "`loa` of another standard",
        |c| with_loa(c, LoaPolicy::Warn, "http://evil.example/nsis/High"),
        Untrusted::LowLoa,
    ),
    ("`loa` is the standard twice", |c| with_loa(c, LoaPolicy::Warn, nsis(&nsis("High"))), Untrusted::LowLoa),
    ("`loa` is empty", |c| with_loa(c, LoaPolicy::Warn, ""), Untrusted::LowLoa),
    ("`loa` is a number", |c| with_loa(c, LoaPolicy::Warn, 3), Untrusted::LowLoa),
    ("`loa` is null", |c| with_loa(c, LoaPolicy::Warn, json!(null)), Untrusted::LowLoa),
    ("`loa` is an array", |c| with_loa(c, LoaPolicy::Require, json!(["High"])), Untrusted::LowLoa),
    ("`loa` is missing though required", |c| least(c, Loa::Low, LoaPolicy::Require), Untrusted::MissingLoa),
    // The refresh token of the same answer.
    ("`rt_hash` of another refresh token", |c| refreshed(c, at_hash("another")), Untrusted::RefreshTokenHash),
    (
        "`rt_hash` of the access token",
        |c| refreshed(c, at_hash("the access token")),
        Untrusted::RefreshTokenHash,
    ),
    ("`rt_hash` is padded", |c| refreshed(c, at_hash("again") + "=="), Untrusted::RefreshTokenHash),
    ("`rt_hash` is empty", |c| refreshed(c, ""), Untrusted::RefreshTokenHash),
    ("`rt_hash` is null", |c| refreshed(c, json!(null)), Untrusted::RefreshTokenHash),
    (
        "`rt_hash` of a refresh token that did not come",
        |c| c.claim(RT_HASH, at_hash("again")),
        Untrusted::RefreshTokenHash,
    ),
    // A wrong clock hides none of these.
    (
        "expired and of too low a level",
        |c| {
            c.now += 3600;
            with_loa(c, LoaPolicy::Require, "Low")
        },
        Untrusted::LowLoa,
    ),
];

pub(super) fn pinned(case: &mut Case, names: &[&str]) {
    case.terms.key_ids = names.iter().map(|name| (*name).to_owned()).collect();
}

fn asked(case: &mut Case) {
    case.terms.acr_values = vec![HIGH.to_owned(), LOW.to_owned()];
}

fn with_acr(case: &mut Case, acr: impl Into<Value>) {
    asked(case);
    case.claim("acr", acr);
}

pub(super) fn least(case: &mut Case, loa: Loa, policy: LoaPolicy) {
    case.terms.loa = Some(LeastLoa { loa, policy });
}

fn with_loa(case: &mut Case, policy: LoaPolicy, loa: impl Into<Value>) {
    least(case, Loa::Substantial, policy);
    case.claim("loa", loa);
}

fn nsis(level: &str) -> String {
    format!("https://data.gov.dk/concept/core/nsis/{level}")
}

fn refreshed(case: &mut Case, hash: impl Into<Value>) {
    case.refresh_token = Some("again".to_owned());
    case.claim(RT_HASH, hash);
}

/// Odd tokens that keep to the terms.
pub(super) const GOOD: &[Good] = &[
    ("signed by one of the pinned keys", |c| pinned(c, &["two", "one"])),
    ("no `kid`, signed by a pinned key", |c| {
        c.headless("kid");
        pinned(c, &["one"]);
    }),
    ("not pinned, but the pins are over", |c| {
        pinned(c, &["two"]);
        c.terms.pins_expire = Some(NOW);
    }),
    ("pinned, before the pins expire", |c| {
        pinned(c, &["one"]);
        c.terms.pins_expire = Some(NOW + 1);
    }),
    ("`acr` is the second of those asked for", |c| with_acr(c, LOW)),
    ("`acr` that nobody asked for", |c| c.claim("acr", 2)),
    ("`loa` is exactly what is asked for", |c| with_loa(c, LoaPolicy::Require, nsis("Substantial"))),
    ("`loa` is higher, by its last word", |c| with_loa(c, LoaPolicy::Require, "High")),
    ("`loa` is missing, and the policy takes it", |c| least(c, Loa::High, LoaPolicy::Warn)),
    ("`loa` of no known level that nobody asked for", |c| c.claim("loa", "3")),
    ("`rt_hash` of the refresh token", |c| refreshed(c, at_hash("again"))),
    ("a refresh token without its hash", |c| c.refresh_token = Some("again".to_owned())),
];

/// What the operator is told of a token that was believed.
#[test]
fn a_token_without_a_level_is_told_of_only_if_one_is_asked_for() {
    let missed = |tweak: fn(&mut Case)| {
        let mut case = Case::good();
        tweak(&mut case);
        case.terms.miss_loa_of(&case.verify().unwrap())
    };
    assert!(missed(|c| least(c, Loa::Low, LoaPolicy::Warn)));
    assert!(!missed(|c| with_loa(c, LoaPolicy::Warn, "High")));
    assert!(!missed(|_| {}));
}

#[test]
fn levels_are_ordered_and_have_names_for_people() {
    let levels: Vec<Loa> = ["low", "substantial", "high"].map(|name| name.parse().unwrap()).into();
    assert!(levels.is_sorted() && levels[0] < levels[2]);
    assert_eq!(levels.iter().map(Loa::to_string).collect::<Vec<_>>(), ["low", "substantial", "high"]);
    assert!("Substantial".parse::<Loa>().unwrap_err().ends_with("low, substantial or high."));
}
