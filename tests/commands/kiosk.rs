//! The kiosk where there is nothing to draw on.

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
