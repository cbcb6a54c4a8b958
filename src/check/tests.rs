use std::path::Path;

use zeroize::Zeroizing;

use super::*;
use crate::calls::{Unsafe, Why};
use crate::ciba::token::Pause;
use crate::ciba::{Reply, jwks, provider};
use crate::config;

const CERTIFICATE: &str = include_str!("../ciba/testing/test-certificate.pem");
const RSA: &str = include_str!("../ciba/testing/test-rsa.pkcs8.pem");
const NOW: u64 = 1_700_000_000;
const NOW_AS_DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";

#[test]
fn a_complete_configuration_is_told_in_one_glance() {
    let text = shown(config_lines(&configured("")));
    assert!(text.starts_with(
        "ok: The configuration is complete: profile signaturgruppen, identifier cpr, client authentication private_key_jwt.\n\
         ok: The certificates of this system are trusted.\n\
         note: The broker is told this device's own address."
    ));
    let text = shown(config_lines(&configured("ca_file = \"ca.pem\"")));
    assert!(text.contains("ok: Only the CA file is trusted; it holds 1 certificate.\n"), "{text}");
    let mut warned = configured("");
    warned.warnings.push("The key can be read by everybody.".into());
    assert!(shown(config_lines(&warned)).ends_with("note: The key can be read by everybody.\n"));
}

#[test]
fn a_kiosk_tells_its_hours_and_the_clock_that_it_keeps_them_by() {
    let with = |lines: &str| {
        let mut config = configured("");
        config.rest = Some(crate::flow::Kiosk {
            open: (!lines.is_empty()).then(|| crate::flow::Hours::parse(lines).unwrap()),
            ..Default::default()
        });
        shown(config_lines(&config))
    };
    assert!(with("").ends_with("ok: The screen rests after 60 s without a key.\n"), "{}", with(""));
    let text = with("00:00-24:00");
    let clock =
        "ok: The screen rests after 60 s without a key. It has opening hours. By the clock here it is ";
    assert!(text.contains(clock) && text.ends_with(", and the kiosk is open.\n"), "{text}");
}

#[test]
fn a_display_that_is_to_sleep_needs_an_adapter() {
    let line = |standby, is_there| {
        let rest = crate::flow::Kiosk { standby, ..Default::default() };
        machine::adapter_line(&Config { rest: Some(rest), ..configured("") }, is_there)
    };
    let missing = line(Some(crate::flow::Standby::Idle), false).unwrap().to_string();
    assert!(missing.contains("/dev/cec0"), "{missing}");
    assert_eq!(line(Some(crate::flow::Standby::Idle), true), None);
    assert_eq!(line(None, false), None);
    assert_eq!(machine::adapter_line(&configured(""), false), None);
}

#[test]
fn a_refused_configuration_is_told_line_by_line() {
    let errors = config::parse("[broker]\n[login]\n", Path::new(""), None).unwrap_err();
    let lines = refused_lines(&errors);
    assert_eq!(lines.len(), errors.problems().len());
    let text = shown(lines);
    assert!(text.starts_with("wrong: flexlogin.toml:1: broker.profile is missing. Add"), "{text}");
}

#[test]
fn names_are_looked_up_or_said_to_be_wrong() {
    let two: [IpAddr; 2] = ["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()];
    for (line, text) in [
        (dns_line("op.example", Ok(&two)), "ok: The name op.example leads to 192.0.2.1, 2001:db8::1."),
        (dns_line("192.0.2.1", Ok(&two[..1])), "ok: The broker is at the address 192.0.2.1."),
        (
            dns_line("op.example", Ok(&[])),
            "wrong: The name op.example has no address. Check broker.authority",
        ),
        (
            dns_line("op.example", Err("no answer")),
            "wrong: The name op.example cannot be looked up: no answer. Check",
        ),
    ] {
        assert!(line.to_string().starts_with(text), "{line}");
    }
}

#[test]
fn a_connection_that_fails_is_told_what_to_look_at() {
    let (system, own) = (configured(""), configured("ca_file = \"ca.pem\""));
    assert!(tls_line(&system, Ok(())).to_string().starts_with("ok: "));
    for (config, why, remedy) in [
        (
            &system,
            Why::Tls(Unsafe::Other("invalid peer certificate: UnknownIssuer".into())),
            "name its certificate in broker.ca_file",
        ),
        (
            &own,
            Why::Tls(Unsafe::Other("invalid peer certificate: UnknownIssuer".into())),
            "Check that broker.ca_file holds the CA",
        ),
        (&own, Why::Tls(Unsafe::Expired), "Check the clock"),
        (&own, Why::Tls(Unsafe::NotYetValid), "Check the clock"),
        (&own, Why::Tls(Unsafe::OtherName), "Check the host name"),
        (&own, Why::NotPinned, "write the new root into"),
        (&own, Why::network("connection refused"), "Check broker.authority with its port"),
        (&own, Why::Timeout, "firewall"),
    ] {
        let line = tls_line(config, Err(&why)).to_string();
        assert!(line.starts_with("wrong: ") && line.contains(remedy), "{line}");
    }
}

#[test]
fn a_clock_is_wrong_from_the_sixty_first_second_on() {
    for (local, text) in [
        (NOW, "ok: The clock agrees"),
        (NOW + 60, "ok: The clock is 60 s ahead of the broker's"),
        (NOW - 60, "ok: The clock is 60 s behind the broker's"),
        (NOW + 61, "wrong: The clock is 61 s ahead of the broker's. Set the clock"),
        (NOW - 61, "wrong: The clock is 61 s behind the broker's. Set the clock"),
        (0, "wrong: The clock is 1700000000 s behind"),
        (u64::MAX, "wrong: The clock is 18446744072009551615 s ahead of"),
    ] {
        let line = clock_line(local, Some(NOW_AS_DATE)).to_string();
        assert!(line.starts_with(text), "{line}");
    }
    for date in [None, Some("soon"), Some("")] {
        assert!(clock_line(NOW, date).to_string().starts_with("note: "));
    }
}

#[test]
fn what_is_configured_is_compared_with_what_is_offered() {
    let config = configured("");
    let all = published(
        r#","id_token_signing_alg_values_supported":["RS256"],
        "token_endpoint_auth_methods_supported":["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported":["ES256","PS256"]"#,
    );
    let text = shown(discovery_lines(&config, &all));
    assert_eq!(text.lines().filter(|line| line.starts_with("ok: ")).count(), 5, "{text}");
    assert_eq!(text.lines().count(), 5, "{text}");

    let none = published(
        r#","id_token_signing_alg_values_supported":["ES256","\u001b[2J"],
        "token_endpoint_auth_methods_supported":["client_secret_basic"],
        "token_endpoint_auth_signing_alg_values_supported":["RS256"]"#,
    );
    let text = shown(discovery_lines(&config, &none));
    for wrong in [
        "wrong: The broker does not offer the ID token algorithm RS256, only ES256, [2J. Set broker.id_token_alg",
        "wrong: The broker does not offer the client authentication private_key_jwt, only client_secret_basic. Set",
        "wrong: The broker does not offer the client assertion algorithm PS256, only RS256. Set broker.auth.alg",
    ] {
        assert!(text.contains(wrong), "{text}");
    }

    let silent = shown(discovery_lines(&config, &published("")));
    assert_eq!(silent.lines().filter(|line| line.starts_with("note: The broker does not say")).count(), 3);
}

fn plain_ciba(broker: &str, login: &str) -> Config {
    let text = text(broker).replace("\"signaturgruppen\"", "\"ciba\"") + login;
    config::parse(&text, folder().path(), None).unwrap()
}

#[test]
fn what_is_asked_beyond_a_plain_login_is_compared_with_what_is_offered() {
    let config = plain_ciba("request_alg = \"PS256\"", "acr_values = [\"urn:a:high\"]\n");
    assert!(shown(config_lines(&config)).contains("\nok: Starts are signed with PS256.\n"));
    let list = |algorithm: &str, acr: &str| {
        published(&format!(
            r#","backchannel_authentication_request_signing_alg_values_supported":["{algorithm}"],
            "acr_values_supported":["{acr}"],"backchannel_user_code_parameter_supported":true"#
        ))
    };
    assert_eq!(
        shown(terms_lines(&config, &list("PS256", "urn:a:high"))),
        "ok: The broker offers signed starts with PS256.\nok: The broker offers the acr urn:a:high.\n\
         note: The broker may ask people for a user code. Add login.user_code_digits and the screens ask for it; \
         the command login takes one with --user-code -.\n"
    );
    let text = shown(discovery_lines(&config, &list("ES256", "urn:a:low")));
    assert!(
        text.contains("\nwrong: The broker does not offer signed starts with PS256, only ES256. Set"),
        "{text}"
    );
    assert!(
        text.contains("\nwrong: The broker does not offer the acr urn:a:high, only urn:a:low. Set"),
        "{text}"
    );
    let silent = shown(terms_lines(&config, &published("")));
    assert!(
        silent.starts_with("wrong: The broker takes no signed starts; broker.request_alg is PS256."),
        "{silent}"
    );

    // Flex signs starts too, and its list is silent.
    let flex = configured("request_alg = \"PS256\"");
    assert!(
        shown(terms_lines(&flex, &published("")))
            .starts_with("note: The broker does not say whether it takes")
    );
    assert_eq!(terms_lines(&configured(""), &published("")), []);
}

#[test]
fn a_level_that_the_broker_may_not_tell_is_told_of() {
    let config = |profile: &str, policy: &str| {
        let text = text("").replace("signaturgruppen", profile)
            + &format!("loa = \"substantial\"\nloa_policy = \"{policy}\"\n");
        shown(config_lines(&config::parse(&text, folder().path(), None).unwrap()))
    };
    let needs = "\nok: A login needs the level substantial or more; a token that tells no level is";
    let text = config("signaturgruppen", "require");
    assert!(
        text.contains(&format!("{needs} refused.\nnote: The broker's own example of a MitID Flex")),
        "{text}"
    );
    for (profile, policy, end) in
        [("ciba", "require", "refused."), ("signaturgruppen", "warn", "taken and told of.")]
    {
        let text = config(profile, policy);
        assert!(text.contains(&format!("{needs} {end}\n")) && !text.contains("own example"), "{text}");
    }
}

#[test]
fn pins_are_told_with_their_last_day_and_expired_ones_are_no_fault() {
    const HASH: &str = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";
    let pinned = |more: &str| configured(&format!("root_sha256 = [\"{HASH}\", \"{HASH}\"]\n{more}"));
    assert_eq!(pin_lines(&configured(""), NOW), []);
    assert_eq!(shown(pin_lines(&pinned(""), NOW)), "ok: 2 roots are pinned.\n");
    let until = pinned("key_ids = [\"one\"]\npins_expire = \"2023-11-15\"");
    let text = shown(pin_lines(&until, NOW));
    assert!(
        text.starts_with("ok: 2 roots and 1 signing key are pinned until 2023-11-15.\nnote: A set of one"),
        "{text}"
    );
    let report = Report { lines: pin_lines(&until, NOW + 86_400) };
    assert!(report.is_good());
    let text = report.to_string();
    assert!(
        text.starts_with("note: The pins expired on 2023-11-15: nothing is held against them any more."),
        "{text}"
    );
    let one = shown(pin_lines(&configured("key_ids = [\"one\"]"), NOW));
    assert!(one.starts_with("ok: 1 signing key is pinned.\n"), "{one}");
}

#[test]
fn another_issuer_and_other_hosts_are_told() {
    let mut provider = published("");
    provider.token_endpoint = "https://token.example/t".parse().unwrap();
    provider.jwks_uri = "https://token.example/k".parse().unwrap();
    let text = shown(discovery_lines(&configured(""), &provider));
    assert!(
        text.contains("note: The broker also uses token.example; let it through the firewall."),
        "{text}"
    );
    provider.issuer = crate::ciba::Issuer::parse("https://other.example").unwrap();
    let text = shown(discovery_lines(&configured(""), &provider));
    assert!(
        text.starts_with("wrong: The broker calls itself https://other.example, not https://op.example/op. ")
    );
}

#[test]
fn a_broker_without_keys_is_wrong() {
    let keys = |body: &str| jwks::read(&reply(body)).unwrap();
    let config = configured("");
    assert!(shown(jwks_lines(&config, &keys(r#"{"keys":[{"kty":"oct","k":"AA"}]}"#))).starts_with("wrong: "));
    let n = "gYGB".repeat(86);
    let one = format!(r#"{{"keys":[{{"kty":"RSA","e":"AQAB","n":"{n}"}}]}}"#);
    assert!(shown(jwks_lines(&config, &keys(&one))).starts_with("ok: The broker publishes 1 key"));

    let named = keys(&one.replace("\"kty\"", "\"kid\":\"one\",\"kty\""));
    for (key_ids, told) in [
        ("\"one\"", "ok: The broker publishes every pinned signing key."),
        ("\"one\", \"next\"", "note: The broker does not publish these pinned signing keys: next. They may"),
        ("\"two\"", "wrong: The broker publishes none of the pinned signing keys"),
    ] {
        let config = configured(&format!("key_ids = [{key_ids}]"));
        let text = shown(jwks_lines(&config, &named));
        assert!(text.contains(&format!("\n{told}")), "{text}");
    }
}

#[test]
fn the_client_is_judged_by_a_poll_for_no_login() {
    for (answer, start) in [
        (Answer::InvalidGrant, "ok: "),
        (Answer::Expired, "wrong: The broker finds the client's proof too old"),
        (Answer::InvalidClient, "wrong: The broker does not accept the client"),
        (Answer::Failed { error: "unauthorized_client".into() }, "wrong: The client may not use CIBA"),
        (Answer::Failed { error: "invalid_request".into() }, "note: The broker answered invalid_request"),
        (Answer::Busy(Pause::default()), "note: The broker is busy"),
        (Answer::Failing(Pause::default()), "note: The broker is busy"),
        (Answer::Pending(Pause::default()), "note: "),
        (Answer::Lost, "note: "),
    ] {
        let line = client_line(&configured(""), &answer).to_string();
        assert!(line.starts_with(start), "{line}");
    }
}

#[test]
fn a_report_is_good_until_something_is_wrong_and_each_line_is_one() {
    let mut report = Report { lines: vec![good("a"), note("b\nwrong: c")] };
    assert!(report.is_good());
    assert_eq!(report.to_string(), "ok: a\nnote: b wrong: c\n");
    report.lines.push(wrong("d.", "e."));
    assert!(!report.is_good());
    assert!(report.to_string().ends_with("\nwrong: d. e.\n"));
}

#[test]
fn a_missing_file_is_the_whole_report() {
    let (report, good) = run(Path::new("/nonexistent/flexlogin.toml"));
    assert!(!good);
    assert!(
        report
            .starts_with("wrong: /nonexistent/flexlogin.toml: There is no such file. Run `flexlogin broker`")
    );
}

#[test]
fn a_broker_that_is_not_there_ends_the_asking() {
    let folder = folder();
    let path = folder.path().join("flexlogin.toml");
    // The discard port of this machine: nothing listens there.
    std::fs::write(&path, text("").replace("op.example", "127.0.0.1:9")).unwrap();
    let (report, good) = run(&path);
    assert!(!good);
    assert!(report.contains("\nok: The broker is at the address 127.0.0.1.\n"), "{report}");
    assert!(report.contains("\nwrong: The broker does not answer: connection refused."), "{report}");
}

#[cfg(feature = "simulator")]
#[test]
fn the_simulated_broker_is_found_in_order_and_a_stranger_s_secret_is_not() {
    use crate::simulator::{Broker, Options};
    let broker = Broker::start(Options::default()).unwrap();
    let (report, good) = run(broker.config_file());
    assert!(good, "{report}");
    assert!(report.contains("\nok: The broker knows the client and takes its proof.\n"), "{report}");

    let text = std::fs::read_to_string(broker.config_file()).unwrap();
    let other = broker.config_file().with_file_name("other.toml");
    std::fs::write(&other, text.replace("\nclient_id = \"", "\nclient_id = \"x")).unwrap();
    let (report, good) = run(&other);
    assert!(!good && report.contains("\nwrong: The broker does not accept the client"), "{report}");

    std::fs::write(&other, text.replace("\nca_file = \"ca.pem\"", "")).unwrap();
    let (report, good) = run(&other);
    assert!(!good && report.contains("\nwrong: The connection to the broker is not secure: "), "{report}");
}

fn text(more: &str) -> String {
    format!(
        "[broker]\nauthority = \"https://op.example/op\"\nprofile = \"signaturgruppen\"\nclient_id = \"tv-1\"\n{more}\n\
         [broker.auth]\nmethod = \"private_key_jwt\"\nkey_file = \"rsa.pem\"\nalg = \"PS256\"\n\
         [login]\nidentifier = \"cpr\"\ncpr_basis = \"law\"\nservice = \"Nordlys TV\"\n"
    )
}

fn configured(more: &str) -> Config {
    config::parse(&text(more), folder().path(), None)
        .map(|config| Config { warnings: Vec::new(), ..config })
        .unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rsa.pem"), RSA).unwrap();
    std::fs::write(folder.path().join("ca.pem"), CERTIFICATE).unwrap();
    folder
}

fn published(more: &str) -> Provider {
    let body = format!(
        r#"{{"issuer":"https://op.example/op","backchannel_authentication_endpoint":"https://op.example/b",
        "token_endpoint":"https://op.example/t","jwks_uri":"https://op.example/k"{more}}}"#
    );
    provider::read(&crate::ciba::Issuer::parse("https://op.example/op").unwrap(), &reply(&body)).unwrap()
}

fn reply(body: &str) -> Reply {
    Reply { status: 200, retry_after: None, date: None, body: Zeroizing::new(body.as_bytes().to_vec()) }
}

fn shown(lines: Vec<Line>) -> String {
    Report { lines }.to_string()
}
