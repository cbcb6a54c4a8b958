//! With a finger on the glass. Where things are is seen in the pictures, and not known beforehand.

use flexlogin::flow::{Cap, Page};
use flexlogin::simulator::Happened;

use crate::arrows::way;
use crate::sofa::{Picture, Sofa, on_the_sofa};

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;
/// A finger needs more room than this.
const FINGER: usize = 40;

#[test]
fn a_person_logs_in_with_a_finger() {
    on_the_sofa(|sofa| {
        let places = places(sofa);
        touch(sofa, &places, Cap::Type('9'));
        touch(sofa, &places, Cap::Erase);
        assert!(sofa.entering().typed.is_empty());
        for (typed, digit) in "6701901235".chars().enumerate() {
            touch(sofa, &places, Cap::Type(digit));
            assert_eq!(sofa.entering().typed.len(), typed + 1);
            assert_eq!(sofa.entering().focus, None, "a finger needs no focus");
        }
        touch(sofa, &places, Cap::Ok);
        sofa.waits_for("waiting");
        sofa.approves();
        sofa.waits_for("approved");
        assert_eq!(sofa.let_in(), ("Anders Testesen".to_owned(), "1990-01-07".to_owned()));
        grope_for(sofa, |sofa| sofa.screen() == "enter");
        assert!(sofa.player.over());
    });
}

#[test]
fn a_person_cancels_with_a_finger_and_begins_again() {
    on_the_sofa(|sofa| {
        sofa.asks_for("6701901234");
        sofa.waits_for("waiting");
        grope_for(sofa, |sofa| sofa.screen() != "waiting");
        assert_eq!(sofa.screen(), "cancelled");
        sofa.the_broker_sees(&Happened::Cancelled);
        sofa.reads();
        grope_for(sofa, |sofa| sofa.screen() != "cancelled");
        assert_eq!(sofa.screen(), "enter");
    });
}

#[test]
fn a_finger_changes_the_language() {
    on_the_sofa(|sofa| {
        sofa.asks_for("6701900000");
        sofa.waits_for("unavailable");
        let danish = sofa.view().language;
        // The one control of this page that does not leave it.
        for (x, y) in glass() {
            sofa.player.tap(x, y);
            if sofa.view().language != danish {
                return assert!(matches!(sofa.view().page, Page::Unavailable { .. }));
            }
            if sofa.screen() == "enter" {
                sofa.asks_for("6701900000");
                sofa.waits_for("unavailable");
            }
        }
        panic!("no finger finds the language");
    });
}

/// The middle of each on-screen key: what changes when the focus comes to it, whichever key it came from.
fn places(sofa: &mut Sofa) -> Vec<(u32, u32)> {
    let caps = sofa.entering().pad.caps.len();
    let pictures: Vec<Picture> = (0..caps)
        .map(|to| {
            let enter = sofa.entering();
            way(enter.pad, enter.focus.unwrap(), to).into_iter().for_each(|arrow| sofa.presses(arrow));
            sofa.picture()
        })
        .collect();
    (0..caps)
        .map(|cap| {
            let [one, other] = [(cap + 1) % caps, (cap + 2) % caps];
            let (mut rows, mut columns) = (vec![0; HEIGHT], vec![0; WIDTH]);
            for at in 0..WIDTH * HEIGHT {
                let here = pictures[cap][at];
                if here != pictures[one][at] && here != pictures[other][at] {
                    rows[at / WIDTH] += 1;
                    columns[at % WIDTH] += 1;
                }
            }
            let ((left, right), (top, bottom)) = (edges(&columns), edges(&rows));
            assert!(right - left >= FINGER && bottom - top >= FINGER, "key {cap} is too small for a finger");
            (((left + right) / 2) as u32, ((top + bottom) / 2) as u32)
        })
        .collect()
}

/// The first and the last line in which so much changes that it is an edge.
fn edges(lines: &[usize]) -> (usize, usize) {
    let is_edge = |changed: &usize| *changed >= FINGER;
    (lines.iter().position(is_edge).unwrap(), lines.iter().rposition(is_edge).unwrap())
}

fn touch(sofa: &mut Sofa, places: &[(u32, u32)], cap: Cap) {
    let at = sofa.entering().pad.caps.iter().position(|other| *other == cap).unwrap();
    sofa.player.tap(places[at].0, places[at].1);
}

/// Touches the glass from below, where the buttons are, until something has come about.
fn grope_for(sofa: &mut Sofa, about: impl Fn(&Sofa) -> bool) {
    for (x, y) in glass() {
        sofa.player.tap(x, y);
        if about(sofa) {
            return;
        }
    }
    panic!("no finger finds it on \"{}\"", sofa.screen());
}

/// So close that no control of a finger's size is missed.
fn glass() -> impl Iterator<Item = (u32, u32)> {
    let rows = (0..HEIGHT).rev().step_by(FINGER);
    rows.flat_map(|y| (0..WIDTH).step_by(FINGER).map(move |x| (x as u32, y as u32)))
}
