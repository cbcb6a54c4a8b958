//! Every seed and every input that once broke something, on the toolchain that builds the program.

use std::fs;
use std::path::{Path, PathBuf};

use super::TARGETS;

/// What is tried with a target: its seeds, and what fuzzing found. Sorted by name.
fn inputs(target: &str) -> Vec<PathBuf> {
    let mut inputs: Vec<PathBuf> = ["seeds", "found"]
        .iter()
        .filter_map(|kind| fs::read_dir(folder().join(kind).join(target)).ok())
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    inputs.sort();
    inputs
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

#[test]
fn every_seed_and_every_input_that_was_found_is_taken_as_it_should_be() {
    for (target, body) in TARGETS {
        let inputs = inputs(target);
        assert!(inputs.len() >= 5, "{target} has too few seeds: {}", inputs.len());
        for input in inputs {
            let bytes = fs::read(&input).unwrap();
            let taken = std::panic::catch_unwind(|| body(&bytes));
            assert!(taken.is_ok(), "{} breaks {target}", input.display());
        }
    }
}

#[test]
fn every_target_is_built_and_has_seeds() {
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    let mut built: Vec<&str> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"targets/")?.strip_suffix(".rs\""))
        .collect();
    let mut seeded: Vec<String> = fs::read_dir(folder().join("seeds"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    built.sort_unstable();
    seeded.sort_unstable();
    assert_eq!(built, seeded);
    for (target, _) in TARGETS {
        assert!(built.contains(target), "{target} is not built");
    }
    assert!(!cfg!(feature = "net") || built.len() == TARGETS.len());
}

#[test]
fn seeds_name_no_person_but_test_persons() {
    for (target, _) in TARGETS {
        for input in inputs(target) {
            assert!(!names_a_person(&fs::read(&input).unwrap()), "{} names a person", input.display());
        }
    }
    assert!(names_a_person(b"cpr=0701901234&") && !names_a_person(b"cpr=6701901234&"));
    assert!(!names_a_person(b"1800000030") && !names_a_person(b"07019012345"));
}

/// Whether ten digits stand alone that begin with a day and a month. Test persons have 60 added to the day.
fn names_a_person(bytes: &[u8]) -> bool {
    bytes.split(|byte| !byte.is_ascii_digit()).filter(|digits| digits.len() == 10).any(|digits| {
        let two = |at: usize| (digits[at] - b'0') * 10 + digits[at + 1] - b'0';
        (1..=31).contains(&two(0)) && (1..=12).contains(&two(2))
    })
}
