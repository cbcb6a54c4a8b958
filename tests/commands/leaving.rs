//! Every way out of a login, and what the broker hears of it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use flexlogin::clock::uptime;
use flexlogin::simulator::{Alteration, Broker, Decide, Endpoint, Fault, Happened};
use serde_json::json;

use crate::program::*;

/// How soon the broker knows that somebody left. Without a word it would know when the login is over, a minute later.
const PROMPTLY: Duration = Duration::from_secs(5);

#[test]
fn row_67_a_host_that_dies_takes_its_request_off_the_phone() {
    let uuid = "8a9856e0-f12d-4217-b320-c8a076be9320";
    for (who, input) in [(["--cpr", "-"], "6701901234\n"), (["--uuid", uuid], "")] {
        let broker = by_hand();
        let config = config_of(&broker);
        let arguments = ["login", "--config", &config, who[0], who[1], "--while-stdin-open"];
        let (running, stdin) = start_open(&arguments, input);
        wait_for(&broker, &Happened::Started);
        drop(stdin);
        let left = uptime();
        wait_for(&broker, &Happened::Cancelled);
        assert!(uptime() - left < PROMPTLY);
        let run = running.end();
        assert_eq!((run.code, run.told().0), (12, "cancelled".into()), "{run:?}");
        run.shows_no_person();
    }
}

#[test]
fn a_host_that_is_gone_before_the_start_leaves_nothing_on_the_phone() {
    let broker = by_hand();
    let config = config_of(&broker);
    let run = run(&["login", "--config", &config, "--cpr", "-", "--while-stdin-open"], "6701901234");
    assert_eq!((run.code, run.told().0), (12, "cancelled".into()), "{run:?}");
    assert!(broker.phone().requests().is_empty(), "{:?}", broker.log());
}

#[test]
fn a_host_that_holds_on_gets_its_result() {
    let broker = approving();
    let config = config_of(&broker);
    let arguments = ["login", "--config", &config, "--cpr", "-", "--while-stdin-open"];
    let (running, _stdin) = start_open(&arguments, "6701901234\nand more that nobody reads\n");
    let run = running.end();
    assert_eq!(run.code, 0, "{run:?}");
}

/// A folder in memory, as a service manager or a login session gives it.
fn runtime() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap()
}

fn files_in(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

fn wait_for_cancels(broker: &Broker, number: usize) {
    let cancels = || broker.log().iter().filter(|happened| **happened == Happened::Cancelled).count();
    wait_until("the cancel", || cancels() >= number);
    assert_eq!(cancels(), number);
}

#[test]
fn row_57_what_a_killed_process_left_on_a_phone_is_cancelled_by_the_next() {
    for variable in ["RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"] {
        let (broker, runtime) = (by_hand(), runtime());
        let config = config_of(&broker);
        let environment = [(variable, runtime.path())];
        let arguments = ["login", "--config", &config, "--cpr", "-"];
        let (killed, _stdin) = start_with(&environment, &arguments, "6701901234\n");
        wait_until("a ticket", || files_in(runtime.path()) == 1);
        killed.kill();
        assert!(!broker.log().contains(&Happened::Cancelled));

        let began = uptime();
        let (next, _stdin) = start_with(&environment, &arguments, "1502901234\n");
        wait_for_cancels(&broker, 1);
        assert!(uptime() - began < 2 * PROMPTLY);
        // Its own login goes on beside that.
        wait_until("its own request", || broker.phone().requests().len() == 1);
        let request = broker.phone().requests().remove(0);
        assert!(broker.phone().approve(&request.id));
        let run = next.end();
        assert_eq!(run.code, 0, "{run:?}");
        assert!(run.stderr.contains("flexlogin: notice: left_behind: "), "{run:?}");
        assert!(!run.stderr.contains("no_ticket"), "{run:?}");
        assert_eq!(files_in(runtime.path()), 0);
    }
}

#[test]
fn row_57_two_devices_at_once_leave_each_other_alone() {
    let (broker, runtime) = (by_hand(), runtime());
    let config = config_of(&broker);
    let arguments = ["login", "--config", &config, "--cpr", "-"];
    let start = |number| {
        let (running, stdin) = start_with(&[("XDG_RUNTIME_DIR", runtime.path())], &arguments, "6701901234\n");
        wait_until("a ticket", || files_in(runtime.path()) == number);
        (running, stdin)
    };
    let (first, second) = (start(1), start(2));
    let (killed, third) = (start(3), start(4));
    killed.0.kill();
    let fourth = start(4);
    wait_for_cancels(&broker, 1);
    // The killed one's ticket lay there as well, so only the phone tells that the fourth is as far as the others.
    wait_until("the fourth request", || broker.phone().requests().len() == 4);
    wait_until("the fourth ticket", || files_in(runtime.path()) == 4);
    for (running, _stdin) in [first, second, third, fourth] {
        running.signal("TERM");
        assert_eq!(running.end().code, 12);
    }
    wait_for_cancels(&broker, 5);
    assert_eq!(files_in(runtime.path()), 0);
}

#[test]
fn row_57_a_broker_that_is_away_is_told_by_a_later_process() {
    let (broker, runtime) = (by_hand(), runtime());
    let config = config_of(&broker);
    let environment = [("XDG_RUNTIME_DIR", runtime.path())];
    let arguments = ["login", "--config", &config, "--cpr", "-"];
    let (leaves, _stdin) = start_with(&environment, &arguments, "6701901234\n");
    wait_until("a ticket", || files_in(runtime.path()) == 1);
    // One more than it has time for.
    for _ in 0..4 {
        broker.faults().next(Endpoint::Cancel, Fault::Reset);
    }
    leaves.signal("TERM");
    assert_eq!(leaves.end().code, 12);
    // It tried for a few seconds, and leaves the rest to whoever comes.
    assert_eq!(files_in(runtime.path()), 1);
    assert!(!broker.log().contains(&Happened::Cancelled));
    let (next, stdin) = start_with(&environment, &arguments, "1502901234\n");
    wait_for_cancels(&broker, 1);
    next.signal("TERM");
    next.end();
    drop(stdin);
    assert_eq!(files_in(runtime.path()), 0);
}

#[test]
fn a_result_does_not_wait_for_what_an_earlier_process_left_behind() {
    let (broker, runtime) = (by_hand(), runtime());
    let config = config_of(&broker);
    let environment = [("XDG_RUNTIME_DIR", runtime.path())];
    let arguments = ["login", "--config", &config, "--cpr", "-"];
    let (killed, _stdin) = start_with(&environment, &arguments, "6701901234\n");
    wait_until("a ticket", || files_in(runtime.path()) == 1);
    killed.kill();
    let left_behind = broker.phone().requests().remove(0);
    for _ in 0..8 {
        broker.faults().next(Endpoint::Cancel, Fault::Reset);
    }
    let (next, _stdin) = start_with(&environment, &arguments, "1502901234\n");
    wait_until("its own request", || broker.phone().requests().len() == 2);
    let own = broker.phone().requests().into_iter().find(|request| request.id != left_behind.id).unwrap();
    assert!(broker.phone().approve(&own.id));
    let approved = uptime();
    let run = next.end();
    assert_eq!(run.code, 0, "{run:?}");
    // A process that parts gives a cancel five seconds.
    assert!(uptime() - approved < Duration::from_secs(5), "{run:?}");
    assert!(!broker.log().contains(&Happened::Cancelled));
    assert_eq!(files_in(runtime.path()), 1, "the process after it tries again");
}

#[test]
fn every_end_takes_its_ticket_away() {
    let short_life = Fault::Member { name: "expires_in".into(), value: Some(json!(2)) };
    let away =
        Fault::Answer { status: 400, headers: Vec::new(), body: br#"{"error":"invalid_request"}"#.into() };
    let wrong = vec![Alteration::WrongKey];
    for (decide, start, token, alterations, code) in [
        (Decide::ApproveAfter(Duration::ZERO), None, None, vec![], 0),
        (Decide::ApproveAfter(Duration::ZERO), None, None, wrong, 13),
        (Decide::ApproveAfter(Duration::ZERO), None, Some(Fault::CutBody), vec![], 15),
        (Decide::RejectAfter(Duration::ZERO), None, None, vec![], 10),
        (Decide::ByHand, Some(short_life), None, vec![], 11),
        (Decide::ByHand, None, Some(away), vec![], 14),
    ] {
        let (broker, runtime) = (broker(decide), runtime());
        start.into_iter().for_each(|fault| broker.faults().next(Endpoint::Start, fault));
        token.into_iter().for_each(|fault| broker.faults().next(Endpoint::Token, fault));
        broker.faults().next_id_token(alterations);
        let config = config_of(&broker);
        let arguments = ["login", "--config", &config, "--cpr", "-"];
        let (running, _stdin) =
            start_with(&[("XDG_RUNTIME_DIR", runtime.path())], &arguments, "6701901234\n");
        let run = running.end();
        assert_eq!(run.code, code, "{run:?}");
        assert_eq!(files_in(runtime.path()), 0, "{run:?}");
    }
}

#[test]
fn row_56_a_process_that_is_killed_before_it_began_leaves_nothing() {
    let (broker, runtime) = (by_hand(), runtime());
    let config = config_of(&broker);
    let arguments = ["login", "--config", &config, "--cpr", "-"];
    let (killed, _stdin) = start_with(&[("XDG_RUNTIME_DIR", runtime.path())], &arguments, "67019012");
    let sleeps = |status: String| status.contains("State:\tS");
    wait_until("the reading", || {
        fs::read_to_string(format!("/proc/{}/status", killed.id())).is_ok_and(sleeps)
    });
    killed.kill();
    assert_eq!(files_in(runtime.path()), 0);
    assert!(broker.log().is_empty());
}

#[test]
fn row_58_a_result_that_was_not_handed_over_is_never_handed_over_later() {
    let (broker, runtime) = (approving(), runtime());
    let config = config_of(&broker);
    let environment = [("XDG_RUNTIME_DIR", runtime.path())];
    let arguments = ["login", "--config", &config, "--cpr", "-"];
    // The keys do not come, so the token is there and not yet verified.
    broker.faults().next(Endpoint::Jwks, Fault::Hang);
    let (killed, _stdin) = start_with(&environment, &arguments, "6701901234\n");
    wait_for(&broker, &Happened::Interfered(Endpoint::Jwks));
    killed.kill();
    let answered = |broker: &Broker| {
        broker.log().iter().filter(|happened| **happened == Happened::Answered { error: None }).count()
    };
    assert_eq!(answered(&broker), 1);

    let (next, _stdin) = start_with(&environment, &arguments, "1502901234\n");
    let run = next.end();
    assert_eq!((run.code, answered(&broker)), (0, 2), "{run:?}");
    assert_eq!(run.result()["identity"]["date_of_birth"], "1990-02-15", "the result is its own: {run:?}");
    assert_eq!(files_in(runtime.path()), 0);
}

/// Nobody may come for hours.
#[cfg(feature = "panel")]
#[test]
fn a_kiosk_that_was_killed_rests_again_and_takes_its_login_off_the_phone_before_anybody_comes() {
    let (broker, runtime) = (by_hand(), runtime());
    let config = changed(&broker, |text| format!("{text}\n[kiosk]\n"));
    let environment = [("XDG_RUNTIME_DIR", runtime.path())];
    let kiosk = |script: &str| {
        let (folder, script) = folder_with(script);
        let (script, out) = (script.to_str().unwrap(), folder.path().to_str().unwrap());
        let arguments = ["panel", "--config", &config, "--script", script, "--out", out];
        (start_with(&environment, &arguments, "").0, folder)
    };
    let (killed, _folder) = kiosk("wait idle 20\ntype 6701901234\nkey ok\nwait waiting 20\nsleep 60\n");
    wait_until("the ticket", || files_in(runtime.path()) == 1);
    killed.kill();
    assert!(!broker.log().contains(&Happened::Cancelled), "{:?}", broker.log());

    let (next, pictures) = kiosk("wait idle 20\nshot resting\nsleep 60\n");
    wait_for(&broker, &Happened::Cancelled);
    wait_until("the end of the ticket", || files_in(runtime.path()) == 0);
    assert!(broker.phone().requests().is_empty(), "{:?}", broker.log());
    wait_until("a resting screen", || pictures.path().join("resting.png").exists());
    next.signal("TERM");
    let run = next.end();
    assert!(run.stderr.contains("flexlogin: notice: left_behind: "), "{run:?}");
}

#[test]
fn without_a_runtime_folder_a_login_goes_on_and_the_operator_is_told() {
    let broker = approving();
    let config = config_of(&broker);
    let arguments = ["login", "--config", &config, "--cpr", "-"];
    for folder in [None, Some("/proc"), Some("/nowhere")] {
        let environment: Vec<_> =
            folder.map(|folder| ("XDG_RUNTIME_DIR", Path::new(folder))).into_iter().collect();
        let run = start_with(&environment, &arguments, "6701901234\n").0.end();
        assert_eq!(run.code, 0, "{run:?}");
        assert_eq!(run.stderr.matches("flexlogin: notice: no_ticket: ").count(), 1, "{run:?}");
    }
}
