//! How many presses of a remote a character costs on each on-screen keyboard: arrows, and one OK.
//!
//! Run with `cargo test --no-default-features --test keystrokes -- --nocapture` to read the figures.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![expect(clippy::print_stdout, reason = "its figures are there to be read")]

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use flexlogin::ciba::Action;
use flexlogin::ciba::polling::Retries;
use flexlogin::flow::{
    Cap, Effect, Event, FORGETS_AFTER, Flow, Key, Kind, Language, Limits, Methods, Pad, Page, Privacy,
    ReferenceText, Settings,
};

const ARROWS: [Key; 4] = [Key::Up, Key::Down, Key::Left, Key::Right];

/// The same keys as a computer's Danish keyboard has them, and below what is elsewhere there.
const QWERTY: &str = "1234567890+qwertyuiopåasdfghjklæøzxcvbnm,.-_@ *#!?=:;(){}$^<>";
/// One without the Danish letters in their places: ten across.
const NARROW_QWERTY: &str = "1234567890qwertyuiopasdfghjkl+zxcvbnmæøå.,-_@ *#!?=:;(){}$^<>";
/// Its digits and the letters a–f, in the order of their places.
const HEXADECIMAL_QWERTY: &str = "1234567890eadfcb<>";

/// Letters in Danish text, in percent (da.wikipedia.org, Bogstavfrekvens).
const DANISH: [(char, f64); 29] = [
    ('e', 15.453),
    ('r', 8.956),
    ('n', 7.240),
    ('t', 6.862),
    ('a', 6.025),
    ('i', 6.000),
    ('d', 5.858),
    ('s', 5.805),
    ('l', 5.229),
    ('o', 4.636),
    ('g', 4.077),
    ('k', 3.395),
    ('m', 3.237),
    ('f', 2.406),
    ('v', 2.332),
    ('b', 2.000),
    ('u', 1.979),
    ('p', 1.756),
    ('h', 1.621),
    ('å', 1.190),
    ('ø', 0.939),
    ('æ', 0.872),
    ('j', 0.730),
    ('y', 0.698),
    ('c', 0.565),
    ('w', 0.069),
    ('z', 0.034),
    ('x', 0.028),
    ('q', 0.007),
];
/// What a user ID is made of: an assumption, since nobody publishes it.
const LETTERS_DIGITS_REST: [f64; 3] = [0.75, 0.20, 0.05];

type Weights = Vec<(char, f64)>;

fn characters(pad: Pad) -> Vec<char> {
    let character = |cap: &Cap| if let Cap::Type(character) = cap { Some(*character) } else { None };
    pad.caps.iter().filter_map(character).collect()
}

fn uniform(pad: Pad) -> Weights {
    let characters = characters(pad);
    let share = 1.0 / characters.len() as f64;
    characters.into_iter().map(|character| (character, share)).collect()
}

fn as_in_a_user_id(pad: Pad) -> Weights {
    let of =
        |character: &char| DANISH.iter().find(|(letter, _)| letter == character).map(|(_, share)| *share);
    let all: f64 = DANISH.iter().map(|(_, share)| share).sum();
    let characters = characters(pad);
    let rest = characters.iter().filter(|c| of(c).is_none() && !c.is_ascii_digit()).count() as f64;
    let [letters, digits, others] = LETTERS_DIGITS_REST;
    let share = |character: &char| match of(character) {
        Some(share) => letters * share / all,
        None if character.is_ascii_digit() => digits / 10.0,
        None => others / rest,
    };
    characters.iter().map(|character| (*character, share(character))).collect()
}

/// A UUID of version 4: 30 random digits, a 4, and one of 8, 9, a and b.
fn as_in_a_uuid(pad: Pad) -> Weights {
    let share = |character: char| {
        let fixed =
            if character == '4' { 1.0 } else { 0.0 } + if "89ab".contains(character) { 0.25 } else { 0.0 };
        (30.0 / 16.0 + fixed) / 32.0
    };
    characters(pad).into_iter().map(|character| (character, share(character))).collect()
}

/// The fewest arrows from one key to each other.
fn walks(pad: Pad, from: usize) -> Vec<Vec<Key>> {
    let mut walks: Vec<Option<Vec<Key>>> = vec![None; pad.caps.len()];
    walks[from] = Some(Vec::new());
    let mut next = VecDeque::from([from]);
    while let Some(at) = next.pop_front() {
        for arrow in ARROWS {
            let to = pad.step(at, arrow);
            if walks[to].is_none() {
                let mut walk = walks[at].clone().unwrap();
                walk.push(arrow);
                walks[to] = Some(walk);
                next.push_back(to);
            }
        }
    }
    walks.into_iter().map(Option::unwrap).collect()
}

/// The mean over all pairs of characters that follow each other.
fn presses_per_character(pad: Pad, weights: &Weights) -> f64 {
    let places: HashMap<char, usize> = pad
        .caps
        .iter()
        .enumerate()
        .filter_map(|(at, cap)| if let Cap::Type(c) = cap { Some((*c, at)) } else { None })
        .collect();
    assert!((weights.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-9);
    let mean_from = |from: char| -> f64 {
        let walks = walks(pad, places[&from]);
        weights.iter().map(|(to, share)| share * (walks[places[to]].len() + 1) as f64).sum()
    };
    weights.iter().map(|(from, share)| share * mean_from(*from)).sum()
}

fn grid(columns: usize, keys: &str) -> Pad {
    let cap = |key| match key {
        '<' => Cap::Erase,
        '>' => Cap::Ok,
        character => Cap::Type(character),
    };
    Pad { columns, caps: keys.chars().map(cap).collect::<Vec<_>>().leak(), scans: false }
}

fn settings(kind: Kind) -> Settings {
    Settings {
        kind,
        methods: Methods::Typed,
        user_code: None,
        service: "Nordlys TV".into(),
        action: Action::LogOn,
        age: None,
        language: Language::DANISH,
        reference_text: ReferenceText::parse("Kode {code}.", "Nordlys TV").unwrap(),
        retries: Retries::Never,
        patience: Duration::from_secs(600),
        forgets_after: FORGETS_AFTER,
        limits: Limits::none(),
        privacy: Privacy::default(),
        kiosk: None,
    }
}

/// Types with arrows and OK alone, until the broker is asked; the number of keys that were pressed.
fn presses_to_ask(kind: Kind, text: &str) -> usize {
    let mut flow = Flow::new(settings(kind), [7; 32]);
    let (mut now, mut pressed) = (Duration::ZERO, 0);
    let mut press = |flow: &mut Flow, key| {
        now += Duration::from_millis(200);
        pressed += 1;
        flow.update(Event::Pressed(key), now)
    };
    let pad = Pad::of(kind);
    let wanted = text.chars().map(Cap::Type).chain([Cap::Ok]);
    for cap in wanted {
        let Page::Enter(enter) = flow.view(Duration::ZERO).page else { panic!("{text} was sent too early") };
        let to = pad.caps.iter().position(|other| *other == cap).unwrap();
        for arrow in walks(pad, enter.focus.unwrap()).swap_remove(to) {
            press(&mut flow, arrow);
        }
        if press(&mut flow, Key::Ok).iter().any(|effect| matches!(effect, Effect::Start { .. })) {
            return pressed;
        }
    }
    panic!("{text} was not sent");
}

#[test]
fn a_digit_costs_no_more_than_on_the_best_pad_that_was_measured() {
    let pad = Pad::of(Kind::Cpr);
    let per_digit = presses_per_character(pad, &uniform(pad));
    let mut chance = StdRng::seed_from_u64(1);
    // Test persons of all ages: 60 is added to the day.
    let mut number = || {
        let [day, month, year] = [61..=88, 1..=12, 0..=99].map(|range| chance.random_range(range));
        format!("{day:02}{month:02}{year:02}{:04}", chance.random_range(0..10_000))
    };
    let numbers: Vec<String> = (0..2000).map(|_| number()).collect();
    let pressed: usize = numbers.iter().map(|number| presses_to_ask(Kind::Cpr, number)).sum();
    let whole = pressed as f64 / numbers.len() as f64;
    println!(
        "3×4 keypad, wraps: {per_digit:.2} presses a digit; a CPR number and OK: {whole:.1}; number keys: 11"
    );
    // 2.62 and 28.9 are the figures of a 3×4 pad that wraps, 2.92 and 32.5 those of one that does not.
    assert!(per_digit < 2.625, "{per_digit}");
    assert!(whole < 28.9, "{whole}");
}

#[test]
fn a_user_id_costs_less_than_on_a_qwerty_grid() {
    let pad = Pad::of(Kind::UserId);
    for (name, weights) in [("all alike", uniform(pad)), ("as in a user ID", as_in_a_user_id(pad))] {
        let ours = presses_per_character(pad, &weights);
        let wide = presses_per_character(grid(11, QWERTY), &weights);
        let narrow = presses_per_character(grid(10, NARROW_QWERTY), &weights);
        println!("user ID, {name}: {ours:.2} presses a character; QWERTY {wide:.2}, ten across {narrow:.2}");
        assert!(ours < wide && ours < narrow, "{ours} {wide} {narrow}");
    }
}

#[test]
fn a_uuid_costs_less_than_on_a_qwerty_grid() {
    let pad = Pad::of(Kind::Uuid);
    for (name, weights) in [("all alike", uniform(pad)), ("as in a UUID", as_in_a_uuid(pad))] {
        let ours = presses_per_character(pad, &weights);
        let qwerty = presses_per_character(grid(10, HEXADECIMAL_QWERTY), &weights);
        println!("UUID, {name}: {ours:.2} presses a digit; QWERTY {qwerty:.2}");
        assert!(ours < qwerty, "{ours} {qwerty}");
    }
}
