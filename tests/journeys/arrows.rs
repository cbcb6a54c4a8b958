//! With nothing but four arrows and OK.

use std::time::Duration;

use flexlogin::flow::{Cap, Key, Pad};
use flexlogin::simulator::Happened;

use crate::sofa::{ANOTHER, Sofa, look_alike, on_the_sofa, with};

const ARROWS: [Key; 4] = [Key::Up, Key::Down, Key::Left, Key::Right];

#[test]
fn a_person_logs_in_and_out_with_arrows_and_ok() {
    on_the_sofa(|sofa| {
        for digit in "6701901235".chars() {
            press_cap(sofa, Cap::Type(digit));
        }
        let enter = sofa.entering();
        assert!(enter.complete);
        assert_eq!(enter.focus, Some(enter.pad.ok()), "the focus goes where it is needed next");
        sofa.presses(Key::Ok);
        sofa.waits_for("waiting");
        sofa.approves();
        sofa.waits_for("approved");
        assert_eq!(sofa.let_in(), ("Anders Testesen".to_owned(), "1990-01-07".to_owned()));
        sofa.presses(Key::Ok);
        assert!(sofa.is_fresh());
    });
}

#[test]
fn a_slip_is_erased_and_the_login_given_up_with_arrows_and_ok() {
    on_the_sofa(|sofa| {
        for cap in [Cap::Type('9'), Cap::Erase] {
            press_cap(sofa, cap);
        }
        assert!(sofa.entering().typed.is_empty());
        for digit in "6701901234".chars() {
            press_cap(sofa, Cap::Type(digit));
        }
        press_cap(sofa, Cap::Ok);
        sofa.waits_for("waiting");
        sofa.waits(ANOTHER);
        sofa.presses(Key::Ok);
        sofa.waits_for("cancelled");
        sofa.the_broker_sees(&Happened::Cancelled);
        sofa.waits(ANOTHER);
        sofa.presses(Key::Ok);
        assert!(sofa.is_fresh());
    });
}

#[test]
fn every_step_over_the_keys_can_be_seen() {
    on_the_sofa(|sofa| {
        for arrow in ARROWS.repeat(4) {
            let before = sofa.picture();
            sofa.presses(arrow);
            assert!(!look_alike(&sofa.picture(), &before), "after {arrow:?}");
        }
    });
}

#[test]
fn a_uuid_is_typed_with_numbers_arrows_and_ok() {
    let change = |text: String| text.replace(r#"identifier = "cpr""#, r#"identifier = "uuid""#);
    with(Duration::from_secs(60), change, |sofa| {
        // The remote has the numbers, and the letters are on the screen alone.
        for digit in "8a9856e0f12d4217b320c8a076be9320".chars() {
            match digit.to_digit(10) {
                Some(digit) => sofa.presses(Key::Digit(digit as u8)),
                None => press_cap(sofa, Cap::Type(digit)),
            }
        }
        press_cap(sofa, Cap::Ok);
        sofa.waits_for("waiting");
        sofa.approves();
        sofa.waits_for("approved");
        assert_eq!(sofa.let_in(), ("Anna Testesen".to_owned(), "1936-04-08".to_owned()));
    });
}

/// Walks to an on-screen key and presses OK.
fn press_cap(sofa: &mut Sofa, cap: Cap) {
    let enter = sofa.entering();
    let to = enter.pad.caps.iter().position(|other| *other == cap).unwrap();
    for arrow in way(enter.pad, enter.focus.unwrap(), to) {
        sofa.presses(arrow);
    }
    assert_eq!(sofa.entering().focus, Some(to));
    sofa.presses(Key::Ok);
}

/// A shortest way over the keys.
pub(crate) fn way(pad: Pad, from: usize, to: usize) -> Vec<Key> {
    let mut ways = vec![(from, Vec::new())];
    let mut next = 0;
    while next < ways.len() {
        let (at, way) = ways[next].clone();
        if at == to {
            return way;
        }
        for arrow in ARROWS {
            let beyond = pad.step(at, arrow);
            if ways.iter().all(|(reached, _)| *reached != beyond) {
                ways.push((beyond, [way.clone(), vec![arrow]].concat()));
            }
        }
        next += 1;
    }
    panic!("no way leads from {from} to {to}");
}
