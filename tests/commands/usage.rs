//! What the program refuses before it asks anybody.

use std::fs;

use crate::program::*;

#[test]
fn a_cpr_number_on_the_command_line_is_refused_and_not_repeated() {
    let broker = by_hand();
    let config = config_of(&broker);
    for arguments in [
        &["login", "--config", &config, "--cpr", CPR][..],
        &["login", "--config", &config, "--cpr=6701901234"],
        &["login", "--config", &config, "--cpr", "670190-1234"],
        &["login", "--config", &config, CPR],
        &["login", "--config", &config, "--cpr", "-", CPR],
        &["login", "--config", &config, "--cpr", "-", "--timeout", "6701901234x"],
        &["login", "--config", &config, "--cpr6701901234"],
        &["login", "--config", &config, "-6701901234"],
        &["login", "--config", &config, "--uuid", CPR],
        &[CPR],
    ] {
        run(arguments, "").refused_with(64, "");
    }
    assert!(broker.log().is_empty());
}

#[test]
fn no_digit_of_a_command_line_is_repeated() {
    for arguments in [
        &["login", "670190", "1234"][..],
        &["login", "67", "01", "90", "12", "34"],
        &["login", "--config", "c", "--cpr", "-", "1234"],
        &["login", "--config", "c", "--cpr", "-", "--timeout", "1234x"],
        &["6701-1234"],
    ] {
        let run = run(arguments, "");
        run.refused_with(64, "");
        assert!(!run.stderr.contains(|character: char| character.is_ascii_digit()), "{run:?}");
    }
}

#[test]
fn a_number_that_cannot_be_one_is_refused_and_not_repeated() {
    let broker = by_hand();
    let config = config_of(&broker);
    for input in ["", "\n", "67019012", "67019012345\n", "6701901234 6701901234", "9913901234\n", "\u{ff}"] {
        let run = run(&["login", "--config", &config, "--cpr", "-"], input);
        run.refused_with(64, "Nothing was sent.");
        assert!(!run.stderr.contains("9913"), "{run:?}");
    }
    assert!(broker.log().is_empty());
}

#[test]
fn a_user_code_is_taken_from_standard_input_alone_and_only_where_it_can_be_sent() {
    let broker = by_hand();
    let flex = config_of(&broker);
    let plain =
        changed(&broker, |text| text.replace(r#"profile = "signaturgruppen""#, r#"profile = "ciba""#));
    let login = |config: &str, code: &str, input: &str| {
        run(&["login", "--config", config, "--cpr", "-", "--user-code", code], input)
    };
    let seen = login(&plain, "90210", "6701901234\n");
    seen.refused_with(64, "write it to standard input");
    assert!(!seen.stderr.contains("90210"), "{seen:?}");
    login(&plain, "-", "6701901234\n").refused_with(64, "The user code is empty");
    login(&plain, "-", "6701901234\n12\u{7}34\n").refused_with(64, "control character");
    login(&flex, "-", "6701901234\n4711\n").refused_with(64, "MitID Flex takes no user code");
    assert!(broker.log().is_empty());
}

#[test]
fn a_command_line_that_makes_no_sense_exits_64() {
    let broker = by_hand();
    let config = config_of(&broker);
    let uuid = "8a9856e0-f12d-4217-b320-c8a076be9320";
    for arguments in [
        &["log-in"][..],
        &["login"],
        &["login", "--config", &config],
        &["login", "--cpr", "-"],
        &["login", "--config", &config, "--cpr", "-", "--uuid", uuid],
        &["login", "--config", &config, "--cpr", "-", "--timeout", "0"],
        &["login", "--config", &config, "--cpr", "-", "--timeout", "soon"],
        &["login", "--config", &config, "--uuid", "8a9856e0"],
        &["panel", "--config", &config],
        &["panel", "--config", &config, "--script", "s", "--size", "big"],
        &["check"],
        &["broker", "--approve-after", "1", "--reject-after", "1"],
        &["broker", "--interval", "0"],
        &["demo", "--size", "1x1"],
    ] {
        let run = run(arguments, "6701901234\n");
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{arguments:?}: {run:?}");
        assert!(!run.stderr.is_empty(), "{arguments:?}");
    }
    assert!(broker.log().is_empty());
}

#[test]
fn help_is_no_mistake() {
    let mut calls = vec![&["--help"][..], &["login", "--help"], &["--version"]];
    if cfg!(feature = "panel") {
        calls.push(&["panel", "--help"]);
    }
    for arguments in calls {
        let run = run(arguments, "");
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(run.stdout.contains("flexlogin"), "{run:?}");
    }
}

#[test]
fn a_wrong_configuration_exits_78_with_line_key_and_remedy() {
    let broker = by_hand();
    let config =
        changed(&broker, |text| text.replace("cpr_basis = \"consent\"\n", "").replace("https://", "http://"));
    let run = log_in(&config);
    run.refused_with(78, "changed.toml:");
    assert!(run.stderr.contains("broker.authority") && run.stderr.contains("login.cpr_basis"), "{run:?}");
    assert!(run.stderr.contains("§ 11"), "the sentence says why: {run:?}");
    assert!(broker.log().is_empty());
}

#[test]
fn a_configuration_that_is_not_there_exits_78() {
    for command in ["login --cpr - --config", "panel --script s --config"] {
        if command.starts_with("panel") && !cfg!(feature = "panel") {
            continue;
        }
        let arguments: Vec<&str> = command.split(' ').chain(["/nowhere/flexlogin.toml"]).collect();
        run(&arguments, "6701901234\n").refused_with(78, "/nowhere/flexlogin.toml");
    }
}

#[test]
fn an_identifier_that_the_broker_does_not_take_exits_78() {
    let broker = by_hand();
    let config = config_of(&broker);
    run(&["login", "--config", &config, "--user-id", "anna.testesen"], "").refused_with(78, "");
    run(&["login", "--config", &config, "--number", "12345678"], "").refused_with(78, "");
}

#[test]
fn a_service_manager_hands_the_key_over_in_a_folder_of_its_own() {
    let broker = approving();
    let credentials = tempfile::tempdir().unwrap();
    let key = broker.config_file().with_file_name("key.pem");
    fs::copy(&key, credentials.path().join("service.pem")).unwrap();
    let config = changed(&broker, |text| text.replace(r#""key.pem""#, r#""service.pem""#));
    log_in(&config).refused_with(78, "broker.auth.key_file");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_flexlogin"))
        .args(["login", "--config", &config, "--uuid", "8a9856e0-f12d-4217-b320-c8a076be9320"])
        .env("CREDENTIALS_DIRECTORY", credentials.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn check_says_in_plain_words_what_is_right() {
    let broker = by_hand();
    let run = run(&["check", "--config", &config_of(&broker)], "");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{run:?}");
    assert!(run.stdout.lines().all(|line| line.starts_with("ok: ") || line.starts_with("note: ")), "{run:?}");
    assert!(run.stdout.contains(broker.issuer()), "{run:?}");
    assert!(broker.phone().requests().is_empty(), "a check asks nobody's phone");
}

#[test]
fn check_says_in_plain_words_what_is_wrong() {
    let broker = by_hand();
    for (from, to, word) in [
        ("https://", "http://", "broker.authority"),
        ("client_id = \"flexlogin", "client_id = \"another", "client"),
        ("id_token_alg = \"RS256\"", "id_token_alg = \"ES256\"", "ES256"),
        (broker.issuer(), "https://127.0.0.1:1/op", "refused"),
    ] {
        let run = run(&["check", "--config", &changed(&broker, |text| text.replace(from, to))], "");
        assert_eq!(run.code, 78, "{run:?}");
        let wrong = run.stdout.lines().find(|line| line.starts_with("wrong: "));
        assert!(wrong.is_some_and(|line| line.contains(word)), "{to}: {run:?}");
    }
}

#[cfg(feature = "screen")]
#[test]
fn check_says_when_a_screen_is_too_small_for_where_it_is_seen_from() {
    let broker = by_hand();
    let far =
        |text: String| text.replace("[screen]\n", "[screen]\ndistance_cm = 500\ndiagonal_inches = 32\n");
    let run = run(&["check", "--config", &changed(&broker, far)], "");
    assert_eq!(run.code, 78, "{run:?}");
    let wrong = "wrong: From 500 cm, text on a screen of 32 inches cannot be as large as EN 301 549 5.1.4 asks, \
                 even in the large mode. Use a larger screen, or sit within 228 cm.\n";
    assert!(run.stdout.contains(wrong), "{run:?}");
}
