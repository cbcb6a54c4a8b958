use std::fs::{self, Permissions};
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;
use crate::ciba::ClientAuth;
use crate::flow::Language;

mod age;
mod keys;
mod kiosk;
mod refusals;
mod screen;
mod terms;

const CERTIFICATE: &str = include_str!("../ciba/testing/test-certificate.pem");
const P256: &str = include_str!("../ciba/testing/test-p256.pkcs8.pem");
const RSA: &str = include_str!("../ciba/testing/test-rsa.pkcs8.pem");
const SECRET: &str = "canary-secret-of-thirty-three-bytes";

const GOOD: &str = r#"[broker]
authority = "https://broker.example/op"
profile = "signaturgruppen"
client_id = "tv-1"
ca_file = "ca.pem"
id_token_alg = "RS256"
[broker.auth]
method = "private_key_jwt"
key_file = "p256.pem"
key_id = "key-1"
alg = "ES256"
[login]
identifier = "cpr"
cpr_basis = "consent"
digits = 8
scope = "openid mitid"
service = "Nordlys TV"
action = "LOG_ON"
reference_text = "Log på {service}. Kode {code}. Afvis, hvis det ikke er dig."
ip = "auto"
[screen]
language = "da"
"#;

/// The good file with some of its lines, counted from one, written anew.
fn edited(edits: &[(usize, &str)]) -> String {
    let mut lines: Vec<&str> = GOOD.lines().collect();
    for (line, text) in edits {
        lines[line - 1] = text;
    }
    lines.join("\n")
}

/// A folder with everything that the tests name.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("ca.pem", CERTIFICATE),
        ("two.pem", &format!("A note.\n{CERTIFICATE}{CERTIFICATE}")),
        ("p256.pem", P256),
        ("rsa.pem", RSA),
        ("secret.txt", &format!("{SECRET}\n")),
        ("short.txt", "canary-short\r\n"),
        ("exact.txt", SECRET),
        ("empty.txt", "\n"),
        ("lines.txt", "canary-one\ncanary-two\n"),
        ("damaged.pem", "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"),
        ("huge.txt", &"canary".repeat(20_000)),
    ] {
        write(folder.path(), name, text.as_bytes());
    }
    write(folder.path(), "latin1.txt", b"canary-\xe6\xf8\xe5");
    fs::create_dir(folder.path().join("a-folder")).unwrap();
    folder
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn good(text: &str) -> Config {
    parse(text, folder().path(), None).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn the_example_is_read_into_types() {
    let config = good(GOOD);
    assert_eq!(config.broker.authority.as_str(), "https://broker.example/op");
    assert_eq!(config.broker.profile, Profile::Signaturgruppen);
    assert_eq!(config.broker.client.client_id, "tv-1");
    assert_eq!(config.broker.client.auth.method(), "private_key_jwt");
    let ClientAuth::PrivateKeyJwt { key, key_id } = &config.broker.client.auth else { panic!() };
    assert_eq!((key.algorithm(), key_id.as_deref()), (Algorithm::Es256, Some("key-1")));
    assert_eq!(config.broker.id_token_alg, Algorithm::Rs256);
    assert!(matches!(&config.broker.roots, Roots::Only(pem) if pem == CERTIFICATE.as_bytes()));
    assert_eq!((config.login.kind, config.login.cpr_basis), (Kind::Cpr, Some(CprBasis::Consent)));
    assert_eq!(config.login.scope, "openid mitid");
    assert_eq!(config.login.service, "Nordlys TV");
    assert_eq!(config.login.action, Action::LogOn);
    assert_eq!(config.login.ip, Ip::Auto);
    assert_eq!(config.screen.language, Language::DANISH);
    assert_eq!(config.warnings, Vec::<String>::new());
    let text = config.login.reference_text.render("4711");
    assert_eq!(text, "Log på Nordlys TV. Kode 4711. Afvis, hvis det ikke er dig.");
}

#[test]
fn what_may_be_left_out_is_filled_in() {
    let config = good(
        r#"
        [broker]
        authority = "https://broker.example"
        profile = "signaturgruppen"
        client_id = "tv-1"
        auth = { method = "client_secret_post", secret_file = "secret.txt" }
        [login]
        identifier = "uuid"
        service = "Nordlys TV"
        "#,
    );
    assert_eq!(config.broker.id_token_alg, Algorithm::Rs256);
    assert!(matches!(config.broker.roots, Roots::System));
    assert_eq!((config.login.kind, config.login.cpr_basis, config.login.digits), (Kind::Uuid, None, None));
    assert_eq!((config.login.scope.as_str(), config.login.action), ("openid mitid", Action::LogOn));
    assert_eq!((config.login.ip, config.screen.language), (Ip::Auto, Language::DANISH));
    let text = config.login.reference_text.render("0042");
    assert_eq!(text, "Log på Nordlys TV. Kode 0042. Afvis, hvis det ikke er dig.");
}

#[test]
fn a_code_to_scan_is_offered_beside_the_keys_or_alone() {
    for (methods, expected) in [
        ("", Methods::Typed),
        ("methods = [\"identifier\"]", Methods::Typed),
        ("methods = [\"identifier\", \"qr\"]", Methods::TypedOrScanned),
        ("methods = [\"qr\", \"identifier\"]", Methods::TypedOrScanned),
        ("methods = [\"qr\"]", Methods::Scanned),
    ] {
        let config = good(&edited(&[(15, methods)]));
        assert_eq!(config.login.methods, expected, "{methods}");
        assert_eq!(config.allows_a_code().is_ok(), expected.scans(), "{methods}");
    }
    let nothing_to_type = good(&edited(&[(13, ""), (14, ""), (15, "methods = [\"qr\"]")]));
    assert_eq!(nothing_to_type.login.methods, Methods::Scanned);
}

#[test]
fn every_profile_takes_every_client_authentication() {
    for (profile, kind) in
        [("signaturgruppen", "uuid"), ("ciba", "user-id"), ("ciba", "number"), ("ciba", "cpr")]
    {
        for (method, rest) in [
            ("private_key_jwt", "key_file = \"p256.pem\"\nalg = \"ES256\""),
            ("private_key_jwt", "key_file = \"rsa.pem\"\nalg = \"RS256\"\nkey_id = \"a\""),
            ("private_key_jwt", "key_file = \"rsa.pem\"\nalg = \"PS256\""),
            ("client_secret_post", "secret_file = \"short.txt\""),
            ("client_secret_basic", "secret_file = \"short.txt\""),
            ("client_secret_jwt", "secret_file = \"secret.txt\""),
            ("client_secret_jwt", "secret_file = \"secret.txt\"\nalg = \"HS256\""),
        ] {
            let config = good(&edited(&[
                (3, &format!("profile = \"{profile}\"")),
                (8, &format!("method = \"{method}\"\n{rest}")),
                (9, ""),
                (10, ""),
                (11, ""),
                (13, &format!("identifier = \"{kind}\"")),
            ]));
            assert_eq!(config.broker.client.auth.method(), method);
            assert_eq!(config.net_settings().calls.profile, config.broker.profile);
            assert_eq!(config.login.number(), Ok(Kind::Number { digits: 8 }));
        }
    }
}

#[test]
fn a_secret_is_the_file_without_its_last_line_end() {
    let read = |file: &str| {
        let method = format!("method = \"client_secret_jwt\"\nsecret_file = \"{file}\"");
        let config =
            good(&edited(&[(6, "id_token_alg = \"HS256\""), (8, &method), (9, ""), (10, ""), (11, "")]));
        config.broker.client.auth.secret().map(|secret| secret.expose().to_owned())
    };
    assert_eq!(read("secret.txt").as_deref(), Some(SECRET));
    assert_eq!(read("exact.txt").as_deref(), Some(SECRET));
}

#[test]
fn roots_are_the_system_s_alone_more_or_only_these() {
    assert!(matches!(good(&edited(&[(5, "")])).broker.roots, Roots::System));
    let more = good(&edited(&[(5, "extra_ca_file = \"two.pem\"")]));
    assert!(matches!(more.broker.roots, Roots::SystemAnd(_)));
}

#[test]
fn a_fixed_address_is_taken() {
    for (text, address) in [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ] {
        let config = good(&edited(&[(20, &format!("ip = \"{text}\""))]));
        assert_eq!(config.login.ip, Ip::Fixed(address.parse::<IpAddr>().unwrap()));
    }
}

#[test]
fn what_the_configuration_does_not_allow_is_not_sent() {
    let flex = good(&edited(&[(13, "identifier = \"uuid\""), (14, ""), (15, "")]));
    assert!(flex.allows(Kind::Cpr).unwrap_err().contains("databeskyttelsesloven"));
    assert!(flex.allows(Kind::UserId).unwrap_err().contains("its interface takes nothing else"));
    assert!(flex.allows(Kind::Number { digits: 8 }).is_err());
    assert!(flex.login.number().unwrap_err().contains("digits = 8"));
    assert_eq!(flex.allows(Kind::Uuid), Ok(()));
    assert_eq!(good(GOOD).allows(Kind::Cpr), Ok(()));
    let plain = good(&edited(&[(3, "profile = \"ciba\"")]));
    assert_eq!(plain.allows(Kind::UserId), Ok(()));
}

#[test]
fn credentials_are_found_behind_what_lies_beside_the_file() {
    let (beside, credentials) = (folder(), tempfile::tempdir().unwrap());
    write(credentials.path(), "tv-secret", b"from-the-credentials");
    write(credentials.path(), "short.txt", b"not-this-one");
    write(beside.path(), "outside", b"x");
    let read = |name: &str| {
        let method = format!("method = \"client_secret_post\"\nsecret_file = \"{name}\"");
        let text = edited(&[(8, &method), (9, ""), (10, ""), (11, "")]);
        let config = parse(&text, beside.path(), Some(credentials.path()));
        config.map(|config| config.broker.client.auth.secret().unwrap().expose().to_owned())
    };
    assert_eq!(read("tv-secret").unwrap(), "from-the-credentials");
    assert_eq!(read("short.txt").unwrap(), "canary-short");
    let whole = credentials.path().join("tv-secret");
    assert_eq!(read(whole.to_str().unwrap()).unwrap(), "from-the-credentials");
    let absent = read("absent").unwrap_err().to_string();
    assert!(absent.contains("$CREDENTIALS_DIRECTORY") && absent.contains("Put it"), "{absent}");
    assert!(read("a-folder/../../absent").is_err());
}

#[test]
fn rights_that_are_too_wide_are_warned_of() {
    let folder = folder();
    let warnings = |rights: u32| {
        fs::set_permissions(folder.path().join("p256.pem"), Permissions::from_mode(rights)).unwrap();
        fs::set_permissions(folder.path().join("ca.pem"), Permissions::from_mode(rights)).unwrap();
        parse(GOOD, folder.path(), None).unwrap().warnings
    };
    assert!(warnings(0o600).is_empty() && warnings(0o640).is_empty());
    let readable = warnings(0o644);
    assert_eq!(readable.len(), 1, "{readable:?}");
    assert!(
        readable[0].contains("broker.auth.key_file") && readable[0].contains("chmod 600"),
        "{readable:?}"
    );
    assert_eq!(warnings(0o602).len(), 2);
}

#[test]
fn a_scope_without_mitid_is_warned_of() {
    let config = good(&edited(&[(16, "scope = \"openid  ssn\"")]));
    assert_eq!(config.login.scope, "openid ssn");
    assert!(config.warnings[0].contains("openid mitid"), "{:?}", config.warnings);
}

#[test]
fn limits_hold_unless_the_broker_is_simulated() {
    let config = good(GOOD);
    assert_eq!(config.login.limits, Limits::default());
    assert_eq!(good(&edited(&[(20, "limits = \"on\"")])).login.limits, Limits::default());

    let off = (20, "limits = \"off\"");
    let config = good(&edited(&[off]));
    assert_eq!(config.login.limits, Limits::none());
    assert!(config.warnings[0].contains("without end"), "{:?}", config.warnings);
    for here in ["localhost", "127.0.0.1:4711", "[::1]"] {
        let authority = format!("authority = \"https://{here}/op\"");
        assert_eq!(good(&edited(&[(2, &authority), off])).warnings, Vec::<String>::new());
    }
}

#[test]
fn a_file_is_read_from_its_path() {
    let folder = folder();
    let path = folder.path().join("tv.toml");
    write(folder.path(), "tv.toml", GOOD.as_bytes());
    assert_eq!(read(&path).unwrap().login.service, "Nordlys TV");

    write(folder.path(), "tv.toml", edited(&[(4, "client = \"tv-1\"")]).as_bytes());
    let errors = read(&path).unwrap_err().to_string();
    assert!(errors.contains(&format!("{}:4: broker.client is not a known key.", path.display())), "{errors}");

    write(folder.path(), "tv.toml", &[GOOD.as_bytes(), b"\n\n# \xff\n"].concat());
    let errors = read(&path).unwrap_err().to_string();
    assert!(errors.ends_with("tv.toml:25: The file is not UTF-8 text. Save it as UTF-8."), "{errors}");

    for (name, part) in [
        ("absent.toml", "absent.toml: There is no such file. Run `flexlogin broker`"),
        ("secret.txt/x", "There is no such file"),
        ("a-folder", "not a plain file"),
        ("huge.txt", "larger than 64 KiB"),
    ] {
        let errors = read(&folder.path().join(name)).unwrap_err();
        assert!(errors.to_string().contains(part), "{errors}");
        assert_eq!(errors.problems()[0].line, None);
    }
    assert!(read(Path::new("/dev/null")).unwrap_err().to_string().contains("not a plain file"));
}

#[test]
fn debug_shows_no_secret() {
    let method = "method = \"client_secret_post\"\nsecret_file = \"secret.txt\"";
    let config = good(&edited(&[(8, method), (9, ""), (10, ""), (11, "")]));
    let shown = format!("{config:?} {config:#?} {:?}", config.net_settings());
    assert!(shown.contains("Nordlys TV") && !shown.contains("canary"), "{shown}");
    let shown = format!("{:?}", good(GOOD));
    assert!(!shown.contains("BEGIN") && !shown.contains(P256.lines().nth(1).unwrap()), "{shown}");
}
