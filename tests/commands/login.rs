//! `flexlogin login`: one login, no screen.

use std::time::Duration;

use flexlogin::simulator::{Alteration, Decide, Endpoint, Fault, Happened};
use serde_json::json;

use crate::program::*;

#[test]
fn an_approved_login_exits_0_with_the_person_and_the_token() {
    let broker = approving();
    let run = log_in(&config_of(&broker));
    assert_eq!(run.code, 0, "{run:?}");
    let result = run.result();
    let names: Vec<&String> = result.as_object().unwrap().keys().collect();
    assert_eq!(names, ["auth_time", "id_token", "identity", "outcome", "reference_id"]);
    assert_eq!(result["outcome"], "approved");
    assert!(result["auth_time"].is_u64());
    assert_eq!(result["id_token"].as_str().unwrap().split('.').count(), 3);
    assert!(!result["reference_id"].as_str().unwrap().is_empty());
    let identity = &result["identity"];
    let names: Vec<&String> = identity.as_object().unwrap().keys().collect();
    assert_eq!(names, ["age", "date_of_birth", "loa", "mitid_uuid", "name", "sub"]);
    assert_eq!(identity["name"], "Anna Testesen");
    assert_eq!(identity["date_of_birth"], "1990-01-07");
    assert!(identity["age"].is_u64() && identity["loa"].is_null());
    run.shows_no_person();
}

#[test]
fn the_person_is_told_the_code_and_the_words_that_the_phone_shows() {
    let broker = by_hand();
    let running = start(&["login", "--config", &config_of(&broker), "--cpr", "-"], "670190-1234\n");
    wait_until("a request", || !broker.phone().requests().is_empty());
    let request = broker.phone().requests().remove(0);
    assert!(broker.phone().approve(&request.id));
    let run = running.end();
    assert_eq!(run.code, 0, "{run:?}");
    let code = request.reference_text.split("Kode ").nth(1).unwrap().get(..4).unwrap();
    assert!(run.stderr.contains(&request.reference_text), "{run:?}");
    assert!(run.stderr.contains(&format!("Code: {code}")), "{run:?}");
}

#[test]
fn nobody_has_to_be_named_where_a_phone_opens_the_address() {
    let broker = approving();
    let config = config_of(&broker);
    let unwanted = run(&["login", "--config", &config, "--qr"], "");
    unwanted.refused_with(78, "login.methods does not name \"qr\"");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("# methods = ", "methods = ")).unwrap();
    let run = run(&["login", "--config", &config, "--qr"], "");
    assert_eq!((run.code, &run.result()["identity"]["name"]), (0, &json!("Anna Testesen")), "{run:?}");
    let uri = format!("{}/connect/authorize?client_id=", broker.issuer());
    assert!(run.stderr.contains(&uri) && !run.stderr.contains('█'), "{run:?}");
    assert!(run.stderr.contains("only if you have started this login yourself"), "{run:?}");
}

#[test]
fn a_person_can_be_named_by_uuid_on_the_command_line() {
    let broker = approving();
    let uuid = "8a9856e0-f12d-4217-b320-c8a076be9320";
    let run = run(&["login", "--config", &config_of(&broker), "--uuid", uuid], "");
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.result()["identity"]["mitid_uuid"], uuid);
    assert!(!run.stderr.contains(uuid));
}

#[test]
fn a_standard_provider_takes_a_user_id_and_a_number() {
    let broker = approving();
    let config = changed(&broker, |text| {
        text.replace(r#"profile = "signaturgruppen""#, r#"profile = "ciba""#)
            .replace(r#"identifier = "cpr""#, "identifier = \"number\"\ndigits = 8")
            .replace(r#"scope = "openid mitid""#, r#"scope = "openid""#)
    });
    for (kind, who) in [("--user-id", "anna.testesen"), ("--number", "12345678")] {
        let run = run(&["login", "--config", &config, kind, who], "");
        assert_eq!(run.code, 0, "{run:?}");
        assert!(!run.stderr.contains(who), "{run:?}");
    }
    run(&["login", "--config", &config, "--number", "1234567"], "").refused_with(64, "exactly 8 digits");
}

#[test]
fn a_user_code_is_the_next_line_of_standard_input() {
    let broker = approving();
    let config =
        changed(&broker, |text| text.replace(r#"profile = "signaturgruppen""#, r#"profile = "ciba""#));
    let log_in = |who: &[&str], input: &str| {
        run(&[&["login", "--config", &config], who, &["--user-code", "-"]].concat(), input)
    };
    for (who, input) in [
        (&["--user-id", "anna.code"][..], "4711\n"),
        (&["--user-id", "anna.code"], " 4711 "),
        (&["--cpr", "-"], "670190-1234\n4711\n"),
    ] {
        let run = log_in(who, input);
        assert_eq!(run.code, 0, "{run:?}");
    }
    let run = log_in(&["--user-id", "anna.code"], "0042\n");
    assert_eq!(run.told(), ("unavailable".into(), "invalid_user_code".into()));
    assert!(!run.stderr.contains("0042"), "{run:?}");
}

#[test]
fn a_rejected_login_exits_10() {
    let run = log_in(&config_of(&broker(Decide::RejectAfter(Duration::ZERO))));
    assert_eq!((run.code, run.told()), (10, ("rejected".into(), "access_denied".into())), "{run:?}");
    run.shows_no_person();
}

#[test]
fn an_expired_login_exits_11() {
    let broker = by_hand();
    broker.faults().next(Endpoint::Start, Fault::Member { name: "expires_in".into(), value: Some(json!(2)) });
    let run = log_in(&config_of(&broker));
    assert_eq!((run.code, run.told().0), (11, "expired".into()), "{run:?}");
}

#[test]
fn a_timeout_of_ones_own_exits_11_and_takes_the_request_off_the_phone() {
    let broker = by_hand();
    let config = config_of(&broker);
    let run = run(&["login", "--config", &config, "--cpr", "-", "--timeout", "6"], "6701901234");
    assert_eq!((run.code, run.told().0), (11, "expired".into()), "{run:?}");
    assert!(broker.log().contains(&Happened::Cancelled), "{:?}", broker.log());
}

#[test]
fn each_signal_that_ends_a_program_cancels_at_the_broker_first_and_exits_12() {
    for signal in ["TERM", "INT", "HUP"] {
        let broker = by_hand();
        let running = start(&["login", "--config", &config_of(&broker), "--cpr", "-"], "6701901234\n");
        wait_for(&broker, &Happened::Started);
        running.signal(signal);
        let run = running.end();
        assert_eq!((run.code, run.told()), (12, ("cancelled".into(), "cancelled".into())), "{run:?}");
        assert!(broker.log().contains(&Happened::Cancelled), "{signal}: {:?}", broker.log());
        run.shows_no_person();
    }
}

#[test]
fn a_signal_during_the_start_cancels_at_the_broker_too() {
    let broker = by_hand();
    broker.faults().next(Endpoint::Start, Fault::Delay(Duration::from_millis(700)));
    let running = start(&["login", "--config", &config_of(&broker), "--cpr", "-"], "6701901234\n");
    wait_for(&broker, &Happened::Interfered(Endpoint::Start));
    running.signal("TERM");
    assert_eq!(running.end().code, 12);
    assert!(broker.log().contains(&Happened::Cancelled), "{:?}", broker.log());
}

#[test]
fn a_token_that_cannot_be_trusted_exits_13() {
    let broker = approving();
    broker.faults().next_id_token(vec![Alteration::WrongKey]);
    let run = log_in(&config_of(&broker));
    assert_eq!(run.code, 13, "{run:?}");
    assert_eq!(run.told(), ("refused".into(), "the signature does not verify".into()));
    run.shows_no_person();
}

#[test]
fn an_unavailable_service_exits_14() {
    let broker = by_hand();
    let config = config_of(&broker);
    for (cpr, error) in
        [("6701900000", "unknown_user_id"), ("6701900001", "mitid_flex_app.mitid_error_CAP008")]
    {
        let run = run(&["login", "--config", &config, "--cpr", "-"], cpr);
        assert_eq!((run.code, run.told()), (14, ("unavailable".into(), error.into())), "{run:?}");
        run.shows_no_person();
    }
}

#[test]
fn a_broker_that_is_away_exits_14() {
    let broker = by_hand();
    let config = changed(&broker, |text| text.replace(broker.issuer(), "https://127.0.0.1:1/op"));
    let run = log_in(&config);
    assert_eq!((run.code, run.told().0), (14, "unavailable".into()), "{run:?}");
}

#[test]
fn a_start_without_an_answer_exits_15() {
    let broker = by_hand();
    broker.faults().next(Endpoint::Start, Fault::Lost);
    let run = log_in(&config_of(&broker));
    assert_eq!((run.code, run.told().0), (15, "unknown".into()), "{run:?}");
    run.shows_no_person();
}

#[test]
fn a_result_that_nobody_reads_is_no_success() {
    let broker = approving();
    let mut running = start(&["login", "--config", &config_of(&broker), "--cpr", "-"], "6701901234\n");
    drop(running.standard_output());
    assert_eq!(running.end().code, 1);
}
