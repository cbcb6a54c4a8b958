//! Somebody shows that they are old enough, and nothing else.

use std::time::Duration;

use flexlogin::flow::{Key, Outcome};
use flexlogin::simulator::Tester;

use crate::sofa::{Sofa, look_alike, with};

fn asking(text: String) -> String {
    let kept = |line: &&str| !["scope", "action", "reference_text"].iter().any(|key| line.starts_with(key));
    let text = text.lines().filter(kept).collect::<Vec<_>>().join("\n");
    text.replace("identifier = \"cpr\"", "purpose = \"age\"\nage = 18\nidentifier = \"uuid\"")
}

fn asked_of(sofa: &mut Sofa, uuid: &str) {
    sofa.types(&uuid.replace('-', ""));
    sofa.presses(Key::Ok);
    sofa.waits_for("waiting");
    assert_eq!(sofa.waiting().words, None, "the phone shows the broker's words");
    sofa.approves();
}

#[test]
fn a_no_is_there_for_ten_seconds_and_a_yes_until_a_key() {
    with(Duration::from_secs(60), asking, |sofa| {
        let empty = sofa.picture();
        asked_of(sofa, "00000000-0000-4000-8000-000000000017");
        sofa.waits_for("too_young");
        assert!(matches!(sofa.player.outcome(), Some(Outcome::AgeTold(answer)) if !answer.is_old_enough));
        sofa.waits(Duration::from_millis(10_500));
        assert!(sofa.is_fresh() && look_alike(&sofa.picture(), &empty));
        asked_of(sofa, "00000000-0000-4000-8000-000000000018");
        sofa.waits_for("old_enough");
        assert!(matches!(sofa.player.outcome(), Some(Outcome::AgeTold(answer)) if answer.is_old_enough));
        sofa.presses(Key::Ok);
        assert!(sofa.is_fresh());
    });
}

#[test]
fn a_code_is_answered_by_whoever_scans_it_and_one_that_is_rejected_blames_no_number() {
    let with_a_code =
        |text: String| asking(text.replace("[login]\n", "[login]\nmethods = [\"identifier\", \"qr\"]\n"));
    with(Duration::from_secs(60), with_a_code, |sofa| {
        for (tester, screen) in [(Tester::Anders, "old_enough"), (Tester::Alma, "too_young")] {
            assert_eq!(sofa.scans_a_code(tester).age, Some(18));
            sofa.approves();
            sofa.waits_for(screen);
            sofa.presses(Key::Ok);
            assert!(sofa.is_fresh());
        }
        sofa.scans_a_code(Tester::Anna);
        sofa.rejects();
        sofa.waits_for("rejected");
        assert!(sofa.view().scanned);
    });
}
