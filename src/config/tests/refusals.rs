//! What is refused, with the line, the key and a piece of the remedy.

use super::*;

pub(super) type Case = (&'static [(usize, &'static str)], usize, &'static str, &'static str);

const BROKER: &[Case] = &[
    (&[(2, "")], 1, "broker.authority", "is missing. Add the issuer"),
    (&[(2, "authority = \"http://broker.example/op\"")], 2, "broker.authority", "must start with https://"),
    (&[(2, "authority = \"https://u:canary@broker.example\"")], 2, "broker.authority", "user name"),
    (&[(2, "authority = \"https://broker.example/op?canary\"")], 2, "broker.authority", "before any ?"),
    (&[(2, "authority = \"broker.example\"")], 2, "broker.authority", "must start with https://"),
    (&[(2, "authority = 5")], 2, "broker.authority", "Write it in quotes"),
    (&[(3, "")], 1, "broker.profile", "Add profile = \"signaturgruppen\""),
    (&[(3, "profile = \"canary\"")], 3, "broker.profile", "\"signaturgruppen\" or \"ciba\""),
    (&[(3, "profile = [\"ciba\"]")], 3, "broker.profile", "must be text"),
    (&[(4, "")], 1, "broker.client_id", "Add the client id"),
    (&[(4, "client_id = \"  \"")], 4, "broker.client_id", "is empty. Give it a value"),
    (&[(4, "client_id = \"…\"")], 4, "broker.client_id", "Copy it from the broker"),
    (&[(5, "ca_file = \"absent-canary.pem\"")], 5, "broker.ca_file", "Put it there, or correct the name"),
    (&[(5, "ca_file = \"a-folder\"")], 5, "broker.ca_file", "plain file"),
    (&[(5, "ca_file = \"secret.txt\"")], 5, "broker.ca_file", "at least one in PEM"),
    (&[(5, "ca_file = \"p256.pem\"")], 5, "broker.ca_file", "at least one in PEM"),
    (&[(5, "ca_file = \"damaged.pem\"")], 5, "broker.ca_file", "damaged certificate"),
    (&[(5, "extra_ca_file = \"empty.txt\"")], 5, "broker.extra_ca_file", "at least one in PEM"),
    (
        &[(5, "ca_file = \"ca.pem\"\nextra_ca_file = \"ca.pem\"")],
        6,
        "broker.extra_ca_file",
        "Remove one of the two",
    ),
    (&[(5, "cafile = \"ca.pem\"")], 5, "broker.cafile", "Did you mean ca_file?"),
    (&[(5, "client-secret = \"canary\"")], 5, "broker.client-secret", "must not stand in this file"),
    (&[(5, "client_secret = \"canary\"")], 5, "broker.client_secret", "secret_file = \"…\""),
    (&[(5, "method = \"canary\"")], 5, "broker.method", "Move it under [broker.auth]"),
    (&[(6, "id_token_alg = \"none\"")], 6, "broker.id_token_alg", "\"RS256\", \"PS256\" or \"ES256\""),
    (&[(6, "id_token_alg = \"rs256\"")], 6, "broker.id_token_alg", "\"RS256\", \"PS256\" or \"ES256\""),
    (&[(6, "id_token_alg = \"HS256\"")], 6, "broker.id_token_alg", "needs a client secret"),
];

const AUTH: &[Case] = &[
    (&[(7, ""), (8, ""), (9, ""), (10, ""), (11, "")], 1, "[broker.auth]", "Add a table [broker.auth]"),
    (&[(7, "[[broker.auth]]")], 7, "broker.auth", "on a line of its own"),
    (&[(8, "")], 7, "broker.auth.method", "registered with"),
    (&[(8, "method = \"private_key_jwk\"")], 8, "broker.auth.method", "Did you mean \"private_key_jwt\"?"),
    (&[(8, "method = \"canary\"")], 8, "broker.auth.method", "must be one of private_key_jwt"),
    (&[(8, "method = \"PRIVATE_KEY_JWT\"")], 8, "broker.auth.method", "Did you mean \"private_key_jwt\"?"),
    (&[(9, "")], 7, "broker.auth.key_file", "Add key_file = \"key.pem\""),
    (&[(9, "key_file = \"canary.pem\"")], 9, "broker.auth.key_file", "is not in"),
    (&[(9, "key_file = \"\"")], 9, "broker.auth.key_file", "is empty"),
    (&[(9, "key_file = \"empty.txt\"")], 9, "broker.auth.key_file", "Write the private key into it"),
    (&[(9, "key_file = \"huge.txt\"")], 9, "broker.auth.key_file", "more than 64 KiB"),
    (&[(9, "key_file = \"ca.pem\"")], 9, "broker.auth.key_file", "only a certificate"),
    (&[(9, "key_file = \"rsa.pem\"")], 9, "broker.auth.key_file", "curve P-256"),
    (
        &[(9, "key_file = \"-----BEGIN PRIVATE KEY-----canary\"")],
        9,
        "broker.auth.key_file",
        "not what the file holds",
    ),
    (
        &[(9, "key_file = \"p256.pem\"\nsecret_file = \"secret.txt\"")],
        10,
        "broker.auth.secret_file",
        "is not used by",
    ),
    (
        &[(9, "key_file = \"p256.pem\"\nkey = \"canary\"")],
        10,
        "broker.auth.key",
        "must not stand in this file",
    ),
    (&[(10, "key_id = 7")], 10, "broker.auth.key_id", "Write it in quotes"),
    (&[(10, "key_id = \"a\\u0007b\"")], 10, "broker.auth.key_id", "control character"),
    (&[(10, "kid = \"key-1\"")], 10, "broker.auth.kid", "known here are method, secret_file"),
    (&[(11, "")], 7, "broker.auth.alg", "Add alg = \"ES256\""),
    (&[(11, "alg = \"HS256\"")], 11, "broker.auth.alg", "for a private key"),
    (&[(11, "alg = \"RS256\"")], 9, "broker.auth.key_file", "RSA key"),
];

const LOGIN: &[Case] = &[
    (&[(13, "")], 12, "login.identifier", "Add identifier = \"cpr\" or"),
    (&[(13, "identifier = \"number\"")], 13, "login.identifier", "its interface takes nothing else"),
    (&[(13, "identifier = \"user-id\"")], 13, "login.identifier", "its interface takes nothing else"),
    (
        &[(13, "identifier = \"user_id\""), (3, "profile = \"ciba\"")],
        13,
        "login.identifier",
        "\"user-id\" or",
    ),
    (&[(13, "identifier = \"canary\"")], 13, "login.identifier", "must be \"cpr\" or \"uuid\""),
    (&[(14, "")], 12, "login.cpr_basis", "databeskyttelsesloven § 11). Add cpr_basis = \"law\" or cpr_basis"),
    (&[(14, "cpr_basis = \"yes\"")], 14, "login.cpr_basis", "\"law\" or \"consent\""),
    (&[(14, "cpr_basis = true")], 14, "login.cpr_basis", "must be text"),
    (&[(14, "cpr_bassis = \"law\"\ncpr_basis = \"law\"")], 14, "login.cpr_bassis", "Did you mean cpr_basis?"),
    (
        &[(15, ""), (13, "identifier = \"number\""), (3, "profile = \"ciba\"")],
        12,
        "login.digits",
        "Add digits = 8",
    ),
    (&[(15, "digits = 0")], 15, "login.digits", "from 1 to 20"),
    (&[(15, "digits = 21")], 15, "login.digits", "from 1 to 20"),
    (&[(15, "digits = 300")], 15, "login.digits", "from 1 to 20"),
    (&[(15, "digits = -8")], 15, "login.digits", "whole number"),
    (&[(15, "digits = \"8\"")], 15, "login.digits", "without quotes"),
    (&[(15, "digits = 8.5")], 15, "login.digits", "whole number"),
    (&[(15, "methods = \"qr\"")], 15, "login.methods", "must be a list of texts: methods = [\"qr\"]"),
    (&[(15, "methods = []")], 15, "login.methods", "must be a list of texts"),
    (&[(15, "methods = [\"qr\", 5]")], 15, "login.methods", "must be a list of texts"),
    (
        &[(15, "methods = [\"qr\", \"canary\"]")],
        15,
        "login.methods",
        "\"identifier\" and \"qr\", and nothing else",
    ),
    (
        &[(15, "methods = [\"qr\"]"), (3, "profile = \"ciba\"")],
        15,
        "login.methods",
        "has no login that names nobody",
    ),
    (&[(15, "methods = [\"identifier\"]"), (13, "")], 12, "login.identifier", "Add identifier"),
    (&[(15, "methds = [\"qr\"]")], 15, "login.methds", "Did you mean methods?"),
    (&[(16, "scope = \"mitid\"")], 16, "login.scope", "must contain openid"),
    (&[(16, "scope = \"openid2 mitid\"")], 16, "login.scope", "must contain openid"),
    (&[(16, "scope = \"openid mitid\\\\\"")], 16, "login.scope", "no scope has"),
    (&[(17, "")], 12, "login.service", "Add the name"),
    (&[(17, "service = \" \"")], 17, "login.service", "is empty"),
    (&[(22, "privacy = \"\"")], 22, "screen.privacy", "is empty"),
    (&[(22, "privacy = \"a\\u0000\"")], 22, "screen.privacy", "control character"),
    (&[(22, "privacy = 5")], 22, "screen.privacy", "must be text"),
    (&[(17, "service = \"Nordlys\\nTV\"")], 17, "login.service", "one plain line"),
    (
        &[(17, "service = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"")],
        17,
        "login.service",
        "60",
    ),
    (
        &[
            (
                17,
                "service = \"🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌🌌\"",
            ),
            (19, ""),
        ],
        17,
        "login.reference_text",
        "Shorten it",
    ),
    (&[(18, "action = \"log_on\"")], 18, "login.action", "\"LOG_ON\", \"APPROVE\""),
    (&[(19, "reference_text = \"Log på {service}.\"")], 19, "login.reference_text", "Add {code}"),
    (&[(19, "reference_text = \"Kode {code} {navn}\"")], 19, "login.reference_text", "means nothing here"),
    (&[(19, "reference_text = \"Kode {code}\\nLog på\"")], 19, "login.reference_text", "one plain line"),
    (&[(20, "limits = \"none\"")], 20, "login.limits", "must be \"on\""),
    (&[(20, "limits = false")], 20, "login.limits", "must be text"),
    (&[(20, "ip = \"127.0.0.1\"")], 20, "login.ip", "Write \"auto\""),
    (&[(20, "ip = \"::ffff:127.0.0.1\"")], 20, "login.ip", "Write \"auto\""),
    (&[(20, "ip = \"0.0.0.0\"")], 20, "login.ip", "Write \"auto\""),
    (&[(20, "ip = \"ff02::1\"")], 20, "login.ip", "Write \"auto\""),
    (&[(20, "ip = \"255.255.255.255\"")], 20, "login.ip", "Write \"auto\""),
    (&[(20, "ip = \"203.0.113.7:443\"")], 20, "login.ip", "IPv4 or IPv6"),
    (&[(20, "ipp = \"auto\"")], 20, "login.ipp", "Did you mean ip?"),
    (&[(20, "language = \"da\"")], 20, "login.language", "Move it under [screen]."),
    (&[(20, "method = [\"qr\"]")], 20, "login.method", "or did you mean methods?"),
    (&[(22, "language = \"dk\"")], 22, "screen.language", "one of \"da\", \"en\""),
    (&[(22, "languages = \"da\"")], 22, "screen.languages", "Did you mean language?"),
    (&[(21, "[scren]")], 21, "scren", "Did you mean screen?"),
    (&[(21, "[screen.login]")], 21, "screen.login", "a table of its own"),
    (&[(21, ""), (22, "screen = \"da\"")], 22, "login.screen", "Write [screen] as a table"),
];

const SYNTAX: &[Case] = &[
    (&[(4, "client_id = canary")], 4, "", "not valid TOML: string values must be quoted"),
    (&[(4, "client_id = \"canary")], 4, "", "not valid TOML"),
    (&[(4, "client_id")], 4, "", "not valid TOML: key with no value"),
    (&[(4, "client_id =")], 4, "", "not valid TOML"),
    (&[(5, "client_id = \"canary\"")], 5, "", "duplicate key. Keep one of the two."),
    (&[(12, "[broker]")], 12, "", "duplicate key"),
    (&[(12, "[login")], 12, "", "not valid TOML"),
    (&[(15, "digits = 08")], 15, "", "leading zero"),
];

#[test]
fn each_mistake_is_told_with_its_line_its_key_and_a_remedy() {
    let folder = folder();
    let mut told = 0;
    for (edits, line, key, remedy) in
        [BROKER, AUTH, LOGIN, SYNTAX, terms::REFUSED, age::REFUSED].into_iter().flatten()
    {
        let errors = parse(&edited(edits), folder.path(), None)
            .map(|_| ())
            .expect_err(&format!("{edits:?} was taken"));
        let text = errors.to_string();
        let [problem] = errors.problems() else { panic!("{edits:?}: {text}") };
        assert_eq!((problem.line, problem.key.as_str()), (Some(*line), *key), "{edits:?}: {text}");
        assert!(problem.sentence.contains(remedy), "{text}");
        assert!(
            text.starts_with(&format!("flexlogin.toml:{line}: {key}")) && text.ends_with(['.', '?']),
            "{text}"
        );
        assert!(!text.contains("canary") && !format!("{errors:?}").contains("canary"), "{text}");
        told += 1;
    }
    assert!(told >= 80, "{told}");
}

#[test]
fn a_secret_that_cannot_work_is_told_without_it() {
    let folder = folder();
    for (method, rest, line, key, remedy) in [
        ("client_secret_post", "", 7, "secret_file", "Add secret_file"),
        ("client_secret_post", "secret_file = \"canary.txt\"", 9, "secret_file", "Put it there"),
        (
            "client_secret_post",
            "secret_file = \"empty.txt\"",
            9,
            "secret_file",
            "Write the client secret into it",
        ),
        ("client_secret_post", "secret_file = \"lines.txt\"", 9, "secret_file", "more than one line"),
        ("client_secret_post", "secret_file = \"latin1.txt\"", 9, "secret_file", "not UTF-8"),
        ("client_secret_post", "secret_file = \"a-folder\"", 9, "secret_file", "plain file"),
        ("client_secret_jwt", "secret_file = \"short.txt\"", 9, "secret_file", "at least 32 bytes"),
        ("client_secret_basic", "secret_file = \"secret.txt\"\nkey_id = \"a\"", 10, "key_id", "Remove it"),
        ("client_secret_basic", "secret_file = \"secret.txt\"\nalg = \"HS256\"", 10, "alg", "Remove it"),
        (
            "client_secret_jwt",
            "secret_file = \"secret.txt\"\nalg = \"RS256\"",
            10,
            "alg",
            "must be \"HS256\"",
        ),
        (
            "client_secret_post",
            "secret_file = \"secret.txt\"\nsecret = \"canary\"",
            10,
            "secret",
            "must not stand",
        ),
    ] {
        let method = format!("method = \"{method}\"");
        let text = edited(&[(8, &method), (9, rest), (10, ""), (11, "")]);
        let errors = parse(&text, folder.path(), None).unwrap_err();
        let [problem] = errors.problems() else { panic!("{errors}") };
        assert_eq!(
            (problem.line, problem.key.as_str()),
            (Some(line), &*format!("broker.auth.{key}")),
            "{errors}"
        );
        assert!(problem.sentence.contains(remedy) && !errors.to_string().contains("canary"), "{errors}");
    }
}

#[test]
fn hs256_needs_a_long_secret_whatever_the_method() {
    for method in ["client_secret_post", "client_secret_basic"] {
        let method = format!("method = \"{method}\"\nsecret_file = \"short.txt\"");
        let text = edited(&[(6, "id_token_alg = \"HS256\""), (8, &method), (9, ""), (10, ""), (11, "")]);
        let errors = parse(&text, folder().path(), None).unwrap_err().to_string();
        assert!(errors.starts_with("flexlogin.toml:6: broker.id_token_alg is HS256"), "{errors}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_lines() {
    let text = edited(&[
        (2, ""),
        (5, "ca_file = \"absent.pem\""),
        (9, ""),
        (13, "identifier = \"number\""),
        (18, "action = \"SING\""),
        (22, "language = \"xx\""),
    ]);
    let errors = parse(&text, folder().path(), None).unwrap_err();
    let told: Vec<_> =
        errors.problems().iter().map(|problem| (problem.line.unwrap(), &*problem.key)).collect();
    assert_eq!(
        told,
        [
            (1, "broker.authority"),
            (5, "broker.ca_file"),
            (7, "broker.auth.key_file"),
            (13, "login.identifier"),
            (18, "login.action"),
            (22, "screen.language"),
        ]
    );
    assert_eq!(errors.to_string().lines().count(), 6);
}

#[test]
fn an_empty_file_is_told_what_it_lacks() {
    for text in ["", "\n\n", "# nothing\n", "\u{feff}"] {
        let errors = parse(text, Path::new(""), None).unwrap_err().to_string();
        assert!(
            errors.contains(": [broker] is missing. Add a table [broker], as in the README."),
            "{errors}"
        );
        assert!(errors.contains(": [login] is missing."), "{errors}");
    }
}

#[test]
fn hostile_files_are_refused_without_a_crash() {
    for text in [
        "a.".repeat(30_000) + "a = 1",
        "[".to_owned() + &"a.".repeat(30_000) + "a]",
        "a = ".to_owned() + &"[".repeat(60_000),
        "a = ".to_owned() + &"{a=".repeat(20_000),
        "a\n".repeat(30_000),
        (0..9_000).map(|number| format!("k{number}=1\n")).collect(),
        "\"".repeat(60_000),
        "\u{0}".repeat(1_000),
        "\"\u{1b}[2J\" = 1".replace('\u{1b}', "\\u001b"),
        format!("{} = 1", "k".repeat(60_000)),
    ] {
        let errors = parse(&text, Path::new(""), None).unwrap_err().to_string();
        assert!(errors.len() < 20_000 && !errors.contains(['\u{1b}', '\u{0}']));
    }
}

#[test]
fn every_file_cut_short_is_refused_or_read_and_never_crashes() {
    let folder = folder();
    for (end, _) in GOOD.char_indices() {
        let _ = parse(&GOOD[..end], folder.path(), None);
    }
}
