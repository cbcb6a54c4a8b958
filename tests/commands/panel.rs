//! `flexlogin panel`: keys in, pictures out.

use flexlogin::simulator::{Decide, Happened};
use std::time::Duration;

use crate::program::*;

const JOURNEY: &str = "\
# a whole login
shot enter
type 6701901234
shot typed.png
key ok
wait waiting 20
shot waiting   # the code is on it
wait approved 20
shot approved
";

#[test]
fn a_script_logs_in_and_leaves_its_pictures() {
    let broker = approving();
    let (folder, script) = folder_with(JOURNEY);
    let pictures = folder.path().join("new/pictures");
    let (config, script) = (config_of(&broker), script.to_str().unwrap());
    let out = pictures.to_str().unwrap();
    let run =
        run(&["panel", "--config", &config, "--script", script, "--size", "1024x768", "--out", out], "");
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.result()["identity"]["name"], "Anna Testesen");
    run.shows_no_person();
    let mut seen = Vec::new();
    for name in ["enter", "typed", "waiting", "approved"] {
        let picture = pictures.join(format!("{name}.png"));
        assert_eq!(size_of(&picture), (1024, 768));
        let bytes = std::fs::read(&picture).unwrap();
        assert!(!seen.contains(&bytes), "{name} looks like one before");
        seen.push(bytes);
        assert!(run.stderr.contains(picture.to_str().unwrap()), "{run:?}");
    }
    assert_eq!(std::fs::read_dir(&pictures).unwrap().count(), 4);
}

#[test]
fn a_script_that_does_not_go_as_written_exits_1_with_its_line_and_the_outcome() {
    let broker = by_hand();
    let (run, _) = play(&broker, "type 6701901234\nkey ok\nwait waiting 20\nwait approved 0.5\nshot never\n");
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.stderr.contains("script.txt: line 4: ") && run.stderr.contains("\"waiting\" is there"),
        "{run:?}"
    );
    assert_eq!(run.told().0, "cancelled");
    assert!(broker.log().contains(&Happened::Cancelled), "{:?}", broker.log());
}

#[test]
fn a_script_that_cannot_be_read_exits_64_with_its_line_and_nothing_is_done() {
    let broker = by_hand();
    for (script, word) in [
        ("type 6701901234\nkey ok\njump\n", "line 3"),
        ("# one\n\ntyp 6701901234\n", "line 3"),
        ("key home\n", "line 1"),
        ("wait home 5\n", "line 1"),
        ("shot ../out\n", "line 1"),
    ] {
        let (run, pictures) = play(&broker, script);
        run.refused_with(64, word);
        assert_eq!(pictures, 0);
    }
    assert!(broker.log().is_empty());
}

#[test]
fn a_script_that_is_not_there_exits_64() {
    let broker = by_hand();
    run(&["panel", "--config", &config_of(&broker), "--script", "/nowhere/script.txt"], "")
        .refused_with(64, "/nowhere/script.txt");
}

#[test]
fn each_outcome_has_its_exit_code() {
    let reject = broker(Decide::RejectAfter(Duration::ZERO));
    let ask = "type 6701901234\nkey ok\n";
    let (run, _) = play(&reject, &format!("{ask}wait rejected 20\n"));
    assert_eq!((run.code, run.told().0), (10, "rejected".into()), "{run:?}");

    let hand = by_hand();
    let (run, _) = play(&hand, &format!("{ask}wait waiting 20\nkey back\nwait cancelled 5\n"));
    assert_eq!((run.code, run.told().0), (12, "cancelled".into()), "{run:?}");
    assert!(hand.log().contains(&Happened::Cancelled));
    let (run, _) = play(&hand, "type 6701900000\nkey ok\nwait unavailable 20\n");
    assert_eq!((run.code, run.told()), (14, ("unavailable".into(), "unknown_user_id".into())), "{run:?}");
    let (run, _) = play(&hand, "# nothing at all\n");
    assert_eq!((run.code, run.told().0), (12, "cancelled".into()), "{run:?}");
}

#[test]
fn the_outcome_is_that_of_the_last_login() {
    let broker = approving();
    let script = "type 6701900000\nkey ok\nwait unavailable 20\nsleep 1\nkey ok\nwait enter 5\n\
                  type 6701901235\nkey ok\nwait approved 30\nkey ok\nwait enter 5\n";
    let (run, _) = play(&broker, script);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.result()["identity"]["name"], "Anders Testesen");
}

#[test]
fn a_login_that_the_script_leaves_open_is_cancelled() {
    let broker = by_hand();
    let (run, _) = play(&broker, "type 6701901234\nkey ok\nwait waiting 20\n");
    assert_eq!((run.code, run.told().0), (12, "cancelled".into()), "{run:?}");
    assert!(broker.log().contains(&Happened::Cancelled), "{:?}", broker.log());
}

#[test]
fn a_signal_ends_the_script_and_cancels_at_the_broker() {
    let broker = by_hand();
    let (folder, script) = folder_with("type 6701901234\nkey ok\nwait waiting 20\nsleep 60\nshot never\n");
    let (config, out) = (config_of(&broker), folder.path().to_str().unwrap().to_owned());
    let arguments =
        ["panel", "--config", &config, "--script", script.to_str().unwrap(), "--out", out.as_str()];
    let running = start(&arguments, "");
    wait_for(&broker, &Happened::Started);
    running.signal("TERM");
    let run = running.end();
    assert_eq!((run.code, run.told().0), (12, "cancelled".into()), "{run:?}");
    assert!(broker.log().contains(&Happened::Cancelled), "{:?}", broker.log());
    assert!(!folder.path().join("never.png").exists());
}

/// Plays a script at 1280x720; gives the number of pictures too.
fn play(broker: &flexlogin::simulator::Broker, script: &str) -> (Run, usize) {
    let (folder, script) = folder_with(script);
    let out = folder.path().to_str().unwrap();
    let arguments =
        ["panel", "--config", &config_of(broker), "--script", script.to_str().unwrap(), "--out", out];
    let run = run(&arguments, "");
    run.shows_no_person();
    (run, std::fs::read_dir(folder.path()).unwrap().count() - 1)
}
