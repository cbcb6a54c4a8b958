//! The kiosk where there is nothing to draw on.

use std::fs;
use std::time::Duration;

use flexlogin::clock::uptime;

use crate::program::*;

#[test]
fn without_the_display_that_is_named_it_says_what_is_missing_and_ends() {
    let broker = by_hand();
    // No machine has this output, so that none of its displays is taken from whoever sits before it.
    let config = changed(&broker, |text| format!("{text}\n[kiosk]\noutput = \"Nowhere-1\"\n"));
    let run = run(&["kiosk", "--config", &config], "");
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{run:?}");
    let is_told = ["no display", "permission denied", "Another program draws", "no output Nowhere-1"]
        .iter()
        .any(|reason| run.stderr.contains(reason));
    assert!(is_told && run.stderr.trim_end().ends_with('.'), "{run:?}");
    assert!(broker.log().is_empty());
}

#[test]
fn a_renderer_that_is_not_built_in_is_refused_by_name() {
    let broker = by_hand();
    let config = changed(&broker, |text| format!("{text}\n[kiosk]\nrenderer = \"skia\"\n"));
    run(&["kiosk", "--config", &config], "").refused_with(78, "kiosk.renderer");
}

#[test]
fn a_kiosk_that_is_told_to_end_while_it_rests_ends_at_once_and_well() {
    let broker = by_hand();
    let config = changed(&broker, |text| format!("{text}\n[kiosk]\noutput = \"Nowhere-1\"\n"));
    let runtime = tempfile::tempdir_in("/dev/shm").unwrap();
    let starts = runtime.path().join("flexlogin-kiosk-starts");
    // Ten starts in a row of which the last one was just now.
    fs::write(&starts, format!("10 {}\n", uptime().as_millis())).unwrap();
    let environment = [("XDG_RUNTIME_DIR", runtime.path())];
    let (running, _stdin) = start_with(&environment, &["kiosk", "--config", &config], "");
    wait_until("the rest", || fs::read_to_string(&starts).is_ok_and(|text| text.starts_with("11 ")));
    running.signal("TERM");
    let told = uptime();
    let run = running.end();
    assert!(uptime() - told < Duration::from_secs(20), "it rests for a minute: {run:?}");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains("rests for 60 s"), "{run:?}");
    assert!(!starts.exists(), "a start that was told to end is not counted");
}
