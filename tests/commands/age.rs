//! An age check by command line and panel: a script can tell a yes from a no, and cannot take a no for a yes.

use flexlogin::simulator::Broker;
use serde_json::json;

use crate::program::*;

const OF_AGE: &str = "00000000-0000-4000-8000-000000000018";
const UNDER_AGE: &str = "00000000-0000-4000-8000-000000000017";

/// The configuration that the broker leaves for age checks.
fn asking(broker: &Broker) -> String {
    broker.age_config_file().to_str().unwrap().to_owned()
}

#[test]
fn a_yes_exits_0_and_a_no_exits_16_with_the_answer_alone() {
    for (person, code, line) in [
        (OF_AGE, 0, json!({"outcome": "approved", "age_over": 18, "answer": true})),
        (UNDER_AGE, 16, json!({"outcome": "too_young", "age_over": 18, "answer": false})),
    ] {
        let broker = approving();
        let config = asking(&broker);
        let run = run(&["login", "--config", &config, "--uuid", person], "");
        assert_eq!((run.code, run.result()), (code, line), "{run:?}");
        assert!(!run.stderr.contains("Code:"), "{run:?}");
        run.shows_no_person();
    }
}

#[test]
fn a_cpr_number_is_not_asked_for_an_age() {
    let broker = approving();
    let config = asking(&broker);
    run(&["login", "--config", &config, "--cpr", "-"], CPR).refused_with(78, "tells the age by itself");
    assert!(broker.phone().requests().is_empty());
}

#[test]
fn check_tells_what_an_age_check_asks() {
    let broker = approving();
    let run = run(&["check", "--config", &asking(&broker)], "");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(
        run.stdout.contains("ok: An age check: only whether a person is at least 18 years old"),
        "{run:?}"
    );
}

#[cfg(feature = "panel")]
#[test]
fn a_panel_shows_the_answer_and_exits_with_it() {
    for (person, screen, code) in [(OF_AGE, "old_enough", 0), (UNDER_AGE, "too_young", 16)] {
        let broker = approving();
        let config = asking(&broker);
        let typed = person.replace('-', "");
        let (folder, script) = folder_with(&format!("type {typed}\nkey ok\nwait {screen} 20\nshot answer\n"));
        let (script, out) = (script.to_str().unwrap(), folder.path().to_str().unwrap());
        let run = run(&["panel", "--config", &config, "--script", script, "--out", out], "");
        assert_eq!(run.code, code, "{run:?}");
        assert_eq!(run.result()["answer"], code == 0);
        assert_eq!(size_of(&folder.path().join("answer.png")), (1280, 720));
    }
}
