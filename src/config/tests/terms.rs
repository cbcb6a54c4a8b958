//! Pins, signed starts, and what is asked beyond a plain login.

use super::refusals::Case;
use super::*;
use crate::ciba::request_object::Signer;
use crate::ciba::terms::{LeastLoa, Loa, LoaPolicy};

const HASH: &str =
    "AB:cd:00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f:10:11:12:13:14:15:16:17:18:19:1a:1b:1c:1d";

/// The good file for the profile `ciba`, with these lines more under `[broker]` and `[login]`.
fn plain_ciba(broker: &str, login: &str) -> String {
    edited(&[
        (3, "profile = \"ciba\""),
        (6, broker),
        (9, "key_file = \"rsa.pem\""),
        (11, "alg = \"RS256\""),
        (20, login),
    ])
}

#[test]
fn without_a_word_nothing_is_asked_beyond_the_profile() {
    let terms = good(GOOD).net_settings().calls.terms;
    assert_eq!(format!("{terms:?}"), format!("{:?}", Terms::default()));
    assert_eq!(good(GOOD).net_settings().root_pins, Default::default());
}

#[test]
fn starts_are_signed_by_the_clients_own_key() {
    for (algorithm, typ, typed) in
        [("PS256", "", false), ("RS256", "request_typ = \"oauth-authz-req+jwt\"", true)]
    {
        let config = good(&plain_ciba(&format!("request_alg = \"{algorithm}\"\n{typ}"), ""));
        let object = config.net_settings().calls.terms.request_object.unwrap();
        assert_eq!((object.algorithm().to_string().as_str(), object.typed), (algorithm, typed));
        assert!(matches!(object.signer, Signer::Key { key_id: Some(key_id), .. } if key_id == "key-1"));
    }
    let elliptic = good(&edited(&[(6, "request_alg = \"ES256\"")]));
    assert_eq!(elliptic.broker.request_object.unwrap().algorithm(), Algorithm::Es256);
}

/// Signaturgruppen's own example.
#[test]
fn flex_starts_may_be_signed_with_the_secret() {
    for method in ["client_secret_jwt", "client_secret_post", "client_secret_basic"] {
        let method = format!("method = \"{method}\"\nsecret_file = \"secret.txt\"");
        let edits = [(6, "request_alg = \"HS256\""), (8, &method), (9, ""), (10, ""), (11, "")];
        let object = good(&edited(&edits)).broker.request_object.unwrap();
        assert!(matches!(object.signer, Signer::Secret(secret) if secret.expose() == SECRET));
    }
}

#[test]
fn what_is_asked_beyond_a_plain_login_is_read() {
    let login = "requested_expiry = 120\nacr_values = [\"urn:a:high\", \"urn:a:low\"]\n\
                 loa = \"substantial\"\nloa_policy = \"warn\"";
    let terms = good(&plain_ciba("", login)).net_settings().calls.terms;
    assert_eq!(terms.requested_expiry.map(|seconds| seconds.get()), Some(120));
    assert_eq!(terms.acr_values, ["urn:a:high", "urn:a:low"]);
    assert_eq!(terms.loa, Some(LeastLoa { loa: Loa::Substantial, policy: LoaPolicy::Warn }));
    let flex = good(&edited(&[(20, "loa = \"high\"\nloa_policy = \"require\"")]));
    assert_eq!(flex.login.loa, Some(LeastLoa { loa: Loa::High, policy: LoaPolicy::Require }));
}

#[test]
fn pins_are_sets_with_a_last_day() {
    let pins = format!(
        "key_ids = [\"one\", \"two\"]\nroot_sha256 = [\"{HASH}\", \"{}\"]\npins_expire = \"2027-01-01\"",
        "0f".repeat(32)
    );
    let settings = good(&edited(&[(6, &pins)])).net_settings();
    assert_eq!(settings.calls.terms.key_ids, ["one", "two"]);
    assert_eq!(settings.calls.terms.pins_expire, Some(1_798_761_600));
    assert_eq!(settings.root_pins.expire, Some(1_798_761_600));
    let [first, second] = settings.root_pins.sha256[..] else { panic!("not two") };
    assert_eq!((&first[..4], first[31]), (&[0xab, 0xcd, 0, 1][..], 0x1d));
    assert_eq!(second, [15; 32]);
    let for_ever = good(&edited(&[(6, "key_ids = [\"one\"]")]));
    assert_eq!(for_ever.broker.pins.expire, None);
}

#[test]
fn a_user_code_is_for_plain_ciba_alone() {
    assert!(good(GOOD).allows_a_user_code().unwrap_err().contains("MitID Flex takes no user code"));
    assert_eq!(good(&plain_ciba("", "")).allows_a_user_code(), Ok(()));
}

pub(super) const REFUSED: &[Case] = &[
    (&[(6, "request_alg = \"none\"")], 6, "broker.request_alg", "must be \"PS256\""),
    (&[(6, "request_alg = \"RS256\"")], 6, "broker.request_alg", "does not fit broker.auth.key_file"),
    (&[(6, "request_alg = \"HS256\"")], 6, "broker.request_alg", "needs a client secret"),
    (
        &[(6, "request_alg = \"HS256\""), (3, "profile = \"ciba\"")],
        6,
        "broker.request_alg",
        "CIBA does not take (7.1.1)",
    ),
    (
        &[
            (6, "request_alg = \"HS256\""),
            (8, "method = \"client_secret_post\""),
            (9, "secret_file = \"short.txt\""),
            (10, ""),
            (11, ""),
        ],
        6,
        "broker.request_alg",
        "at least 32 bytes",
    ),
    (
        &[
            (6, "request_alg = \"PS256\""),
            (8, "method = \"client_secret_post\""),
            (9, "secret_file = \"secret.txt\""),
            (10, ""),
            (11, ""),
        ],
        6,
        "broker.request_alg",
        "Set broker.auth.method to \"private_key_jwt\"",
    ),
    (&[(6, "request_typ = \"oauth-authz-req+jwt\"")], 6, "broker.request_typ", "starts are not signed"),
    (&[(6, "request_alg = \"ES256\"\nrequest_typ = \"JWT\"")], 7, "broker.request_typ", "remove the line"),
    (&[(6, "key_ids = \"canary\"")], 6, "broker.key_ids", "must be a list of texts: key_ids = ["),
    (&[(6, "key_ids = []")], 6, "broker.key_ids", "must be a list of texts"),
    (&[(6, "key_ids = [7]")], 6, "broker.key_ids", "must be a list of texts"),
    (&[(6, "key_ids = [\"one\",\n\" \"]")], 6, "broker.key_ids", "must be a list of texts"),
    (&[(6, "key_ids = [\n\"a\\u0007b\"]")], 7, "broker.key_ids", "control character"),
    (
        &[
            (6, "id_token_alg = \"HS256\"\nkey_ids = [\"one\"]"),
            (8, "method = \"client_secret_post\""),
            (9, "secret_file = \"secret.txt\""),
            (10, ""),
            (11, ""),
        ],
        7,
        "broker.key_ids",
        "with HS256 the client secret signs",
    ),
    (
        &[(6, "root_sha256 = [\"canary\"]")],
        6,
        "broker.root_sha256",
        "openssl x509 -noout -fingerprint -sha256",
    ),
    (
        &[(6, "root_sha256 = [\n\"abababababababababababababababababababababababababababababababag\"]")],
        7,
        "broker.root_sha256",
        "64 hexadecimal digits",
    ),
    (&[(6, "root_sha256 = [\"abab\"]")], 6, "broker.root_sha256", "64 hexadecimal digits"),
    (&[(6, "pins_expire = \"2027-01-01\"")], 6, "broker.pins_expire", "stands without pins"),
    (&[(6, "key_ids = [\"one\"]\npins_expire = \"soon\"")], 7, "broker.pins_expire", "as \"2027-01-01\""),
    (&[(6, "key_ids = [\"one\"]\npins_expire = \"2027-02-29\"")], 7, "broker.pins_expire", "must be a day"),
    (&[(6, "key_ids = [\"one\"]\npins_expire = \"1969-12-31\"")], 7, "broker.pins_expire", "must be a day"),
    (&[(6, "key_ids = [\"one\"]\npins_expire = 2027-01-01")], 7, "broker.pins_expire", "Write it in quotes"),
    (&[(6, "root_sha265 = [\"canary\"]")], 6, "broker.root_sha265", "Did you mean root_sha256?"),
    (&[(20, "requested_expiry = 120")], 20, "login.requested_expiry", "is not part of MitID Flex"),
    (
        &[(20, "requested_expiry = 0"), (3, "profile = \"ciba\"")],
        20,
        "login.requested_expiry",
        "from 1 to 600 seconds",
    ),
    (
        &[(20, "requested_expiry = 601"), (3, "profile = \"ciba\"")],
        20,
        "login.requested_expiry",
        "from 1 to 600 seconds",
    ),
    (
        &[(20, "requested_expiry = 65656"), (3, "profile = \"ciba\"")],
        20,
        "login.requested_expiry",
        "from 1 to 600 seconds",
    ),
    (
        &[(20, "requested_expiry = \"120\""), (3, "profile = \"ciba\"")],
        20,
        "login.requested_expiry",
        "without quotes",
    ),
    (&[(20, "acr_values = [\"urn:a\"]")], 20, "login.acr_values", "is not part of MitID Flex"),
    (
        &[(20, "acr_values = \"urn:a urn:b\""), (3, "profile = \"ciba\"")],
        20,
        "login.acr_values",
        "must be a list of texts",
    ),
    (
        &[(20, "acr_values = [\"urn:a urn:b\"]"), (3, "profile = \"ciba\"")],
        20,
        "login.acr_values",
        "a text of its own",
    ),
    (&[(20, "loa = \"Substantial\"\nloa_policy = \"warn\"")], 20, "login.loa", "must be \"low\""),
    (&[(20, "loa = \"substantial\"")], 12, "login.loa_policy", "Add loa_policy = \"require\""),
    (&[(20, "loa = \"low\"\nloa_policy = \"ignore\"")], 21, "login.loa_policy", "\"require\" or \"warn\""),
    (&[(20, "loa_policy = \"warn\"")], 20, "login.loa_policy", "stands without loa"),
    (&[(20, "user_code = true")], 20, "login.user_code", "Write user_code_digits = 6"),
    (&[(20, "user_code_digits = 4")], 20, "login.user_code_digits", "\"ciba\" alone"),
    (
        &[(3, "profile = \"ciba\""), (20, "user_code_digits = 0")],
        20,
        "login.user_code_digits",
        "from 1 to 20",
    ),
    (&[(22, "user_code = \"canary\"")], 22, "screen.user_code", "--user-code -"),
];
