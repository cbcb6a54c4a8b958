//! The table `[keys]`.

use std::time::Duration;

use super::*;
use crate::flow::Key;
use crate::input::{Code, Layout, Repeat, Settings};

fn with(keys: &str) -> String {
    format!("{GOOD}{keys}\n")
}

fn read(keys: &str) -> Settings {
    good(&with(keys)).keys
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

#[test]
fn keys_repeat_as_usual_where_nothing_is_said() {
    for said in ["", "[keys]"] {
        let keys = read(said);
        assert_eq!(keys.repeat, Some(Repeat { delay: ms(500), every: ms(120) }));
        assert_eq!((keys.double_strike, keys.layout), (Duration::ZERO, Layout::Danish));
        assert!(keys.models.is_empty());
    }
}

#[test]
fn delay_rate_and_double_strike_are_as_slow_as_somebody_needs() {
    let keys = read("[keys]\ndelay_ms = 2000\nrate_ms = 2000\ndouble_strike_ms = 500\nlayout = \"us\"");
    assert_eq!(keys.repeat, Some(Repeat { delay: ms(2000), every: ms(2000) }));
    assert_eq!((keys.double_strike, keys.layout), (ms(500), Layout::American));
    let keys = read("[keys]\ndelay_ms = 2000");
    assert_eq!(keys.repeat, Some(Repeat { delay: ms(2000), every: ms(120) }));
    assert_eq!(read("[keys]\nrate_ms = 0").repeat, None);
}

#[test]
fn a_model_is_named_and_its_keys_are_mapped() {
    let keys = read(
        "[[keys.model]]\nname = \"Nordlys Remote\"\nmap = { 0x1a2 = \"ok\", 28 = \"none\", 0x0B = \"7\" }\n\
         [[keys.model]]\nvendor = 0x1d6b\nproduct = 260\n[keys.model.map]\n0x1a2 = \"back\"",
    );
    let [first, second] = keys.models.as_slice() else { panic!() };
    assert_eq!((first.name.as_deref(), first.vendor, first.product), (Some("Nordlys Remote"), None, None));
    let map = [(Code(11), Some(Key::Digit(7))), (Code(28), None), (Code(0x1a2), Some(Key::Ok))];
    assert_eq!(first.map, map.into());
    assert_eq!((second.name.as_deref(), second.vendor, second.product), (None, Some(0x1d6b), Some(0x104)));
    assert_eq!(second.map, [(Code(0x1a2), Some(Key::Back))].into());
}

/// What is written from line 23 on, the line that is told, the key, and a piece of the sentence.
const CASES: &[(&str, usize, &str, &str)] = &[
    ("keys = 5", 23, "screen.keys", "Write [keys] as a table of its own"),
    ("[keys]\nlayout = \"canary\"", 24, "keys.layout", "\"dk\" or \"us\""),
    (
        "[keys]\ndelay_ms = \"500\"",
        24,
        "keys.delay_ms",
        "without quotes. It counts milliseconds, from 100 to 10000.",
    ),
    ("[keys]\ndelay_ms = 0", 24, "keys.delay_ms", "is out of bounds"),
    ("[keys]\ndelay_ms = 10001", 24, "keys.delay_ms", "is out of bounds"),
    ("[keys]\nrate_ms = 29", 24, "keys.rate_ms", "from 30 to 10000, or 0 so that no key repeats"),
    ("[keys]\ndouble_strike_ms = 5001", 24, "keys.double_strike_ms", "from 0 to 5000"),
    ("[keys]\nrates_ms = 5", 24, "keys.rates_ms", "Did you mean rate_ms?"),
    ("[screen2]\nrate_ms = 5", 23, "screen2", "Did you mean screen?"),
    ("rate_ms = 5", 23, "screen.rate_ms", "Move it under [keys]"),
    ("name = \"canary\"", 23, "screen.name", "is not a known key"),
    ("[keys]\nmodel = 5", 24, "keys.model", "Write [[keys.model]]"),
    ("[keys.model]\nname = \"canary\"", 23, "keys.model", "Write [[keys.model]]"),
    ("[keys]\nmodel = [5]", 24, "keys.model", "Write [[keys.model]]"),
    ("[[keys.model]]\nmap = {}", 23, "keys.model.name", "vendor and product"),
    ("[[keys.model]]\nvendor = 1", 23, "keys.model.name", "vendor and product"),
    ("[[keys.model]]\nname = \"A\"\n[[keys.model]]\nnam = \"B\"", 26, "keys.model.nam", "Did you mean name?"),
    ("[[keys.model]]\nvendor = 0x10000\nproduct = 1", 24, "keys.model.vendor", "larger than 0xffff"),
    ("[[keys.model]]\nname = \"A\"\nmap = [1]", 25, "keys.model.map", "map = { 0x1a2 = \"ok\" }"),
    ("[[keys.model]]\nname = \"A\"\nmap = { 5 = 6 }", 25, "keys.model.map", "map = { 0x1a2 = \"ok\" }"),
    ("[[keys.model]]\nname = \"A\"\nmap = { canary = \"ok\" }", 25, "keys.model.map", "that is no code"),
    ("[[keys.model]]\nname = \"A\"\nmap = { 0x10000 = \"ok\" }", 25, "keys.model.map", "that is no code"),
    ("[[keys.model]]\nname = \"A\"\nmap = { 5 = \"canary\" }", 25, "keys.model.map", "0 to 9, or none"),
    (
        "[[keys.model]]\nname = \"A\"\nmap = { 16 = \"ok\", 0x10 = \"ok\" }",
        25,
        "keys.model.map",
        "one code twice",
    ),
];

#[test]
fn what_is_wrong_is_told_with_line_key_and_remedy() {
    let folder = folder();
    let mut missed = Vec::new();
    for (keys, line, key, piece) in CASES {
        let errors = parse(&with(keys), folder.path(), None).expect_err(keys);
        let found =
            errors.problems().iter().find(|problem| problem.line == Some(*line) && problem.key == *key);
        if found.is_none_or(|problem| !problem.sentence.contains(piece)) {
            missed.push(format!("{keys}\n{errors}"));
        }
        assert!(!errors.to_string().contains("canary"), "{errors}");
    }
    assert!(missed.is_empty(), "\n{}", missed.join("\n\n"));
}
