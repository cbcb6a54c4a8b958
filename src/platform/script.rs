//! What a script asks of the panel, one step a line; read whole before the first step is taken. Outside the wall
//! of `panel`, so that it is tried with every input without building a screen.

use std::fmt;
use std::path::{Component, Path};
use std::time::Duration;

use crate::flow::Key;
use crate::input::{called, names};

/// In bytes. A script is written by hand; more than this is no script.
pub const LARGEST: u64 = 256 * 1024;

/// The names that [`Page::name`](crate::flow::Page::name) gives.
const SCREENS: [&str; 16] = [
    "idle",
    "closed",
    "enter",
    "offer",
    "starting",
    "waiting",
    "scan",
    "approved",
    "old_enough",
    "too_young",
    "rejected",
    "expired",
    "cancelled",
    "refused",
    "unavailable",
    "unknown",
];

#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// One key for each character.
    Type(Vec<Key>),
    Key(Key),
    Touch {
        x: u32,
        y: u32,
    },
    /// Until this screen is there, or the run has failed.
    Wait {
        screen: &'static str,
        patience: Duration,
    },
    Sleep(Duration),
    /// A picture of the screen, under this name without its ending.
    Shot(String),
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Type(_) => f.write_str("type …"),
            Step::Key(key) => write!(f, "key {key:?}"),
            Step::Touch { x, y } => write!(f, "touch {x} {y}"),
            Step::Wait { screen, patience } => write!(f, "wait {screen} {}", patience.as_secs_f64()),
            Step::Sleep(duration) => write!(f, "sleep {}", duration.as_secs_f64()),
            Step::Shot(name) => write!(f, "shot {name}"),
        }
    }
}

/// A step and the line that it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub number: usize,
    pub step: Step,
}

/// The steps, or a sentence with the line that cannot be read. The sentence does not repeat what is typed.
pub fn parse(text: &str) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    for (at, written) in text.lines().enumerate() {
        let number = at + 1;
        let written = written.trim();
        if written.is_empty() || written.starts_with('#') {
            continue;
        }
        let step = step(written).map_err(|sentence| format!("line {number}: {sentence}"))?;
        lines.push(Line { number, step });
    }
    Ok(lines)
}

fn step(written: &str) -> Result<Step, String> {
    let (verb, rest) = written.split_once(char::is_whitespace).unwrap_or((written, ""));
    let rest = rest.trim();
    if verb == "type" {
        return typed(rest);
    }
    // A comment may follow a step, but what is typed may hold a "#".
    let rest = rest.split('#').next().unwrap_or_default().trim();
    let words: Vec<&str> = rest.split_whitespace().collect();
    match (verb, words.as_slice()) {
        ("key", [name]) => key(name),
        ("touch", [x, y]) => match (x.parse(), y.parse()) {
            (Ok(x), Ok(y)) => Ok(Step::Touch { x, y }),
            _ => Err("touch takes two whole numbers of pixels, as in \"touch 640 360\".".into()),
        },
        ("wait", [name, patience]) => {
            let screen = SCREENS
                .iter()
                .find(|screen| *screen == name)
                .ok_or_else(|| format!("there is no such screen. The screens are {}.", SCREENS.join(", ")))?;
            Ok(Step::Wait { screen, patience: seconds(patience)? })
        }
        ("sleep", [duration]) => Ok(Step::Sleep(seconds(duration)?)),
        ("shot", [name]) => shot(name),
        _ => Err("this is not a step. The steps are: type TEXT, key NAME, touch X Y, wait SCREEN SECONDS, \
                  sleep SECONDS, shot NAME."
            .into()),
    }
}

fn typed(text: &str) -> Result<Step, String> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err("type needs something to type, as in \"type 6701901234\".".into());
    }
    let keys = text.chars().map(|character| match character.to_digit(10) {
        Some(digit) => Key::Digit(digit as u8),
        None => Key::Character(character),
    });
    Ok(Step::Type(keys.collect()))
}

fn key(name: &str) -> Result<Step, String> {
    called(name).map(Step::Key).ok_or_else(|| {
        let names: Vec<&str> = names().collect();
        format!("there is no such key. The keys are {}.", names.join(", "))
    })
}

fn seconds(written: &str) -> Result<Duration, String> {
    let bad = "a time is a number of seconds from 0 to 3600, as in \"5\" or \"0.5\".";
    let seconds: f64 = written.parse().map_err(|_| bad.to_owned())?;
    if !(0.0..=3600.0).contains(&seconds) {
        return Err(bad.into());
    }
    Ok(Duration::from_secs_f64(seconds))
}

fn shot(name: &str) -> Result<Step, String> {
    // The way over components is silent about a slash at the end.
    let plain = !name.contains('/')
        && matches!(Path::new(name).components().collect::<Vec<_>>()[..], [Component::Normal(_)]);
    let stem = name.strip_suffix(".png").unwrap_or(name);
    if !plain || stem.is_empty() || name.len() > 100 {
        return Err(
            "a picture's name is one plain file name without a folder, as in \"shot waiting\".".into()
        );
    }
    Ok(Step::Shot(stem.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_read() {
        let text = "# a login\n\ntype 67#a\nkey ok\nkey 7\nkey erase\ntouch 640 360 # the button\nwait waiting 5\nsleep 0.5\nshot waiting.png\n";
        let steps: Vec<Step> = parse(text).unwrap().into_iter().map(|line| line.step).collect();
        let expected = [
            Step::Type(vec![Key::Digit(6), Key::Digit(7), Key::Character('#'), Key::Character('a')]),
            Step::Key(Key::Ok),
            Step::Key(Key::Digit(7)),
            Step::Key(Key::Erase),
            Step::Touch { x: 640, y: 360 },
            Step::Wait { screen: "waiting", patience: Duration::from_secs(5) },
            Step::Sleep(Duration::from_millis(500)),
            Step::Shot("waiting".into()),
        ];
        assert!(steps == expected, "{steps:?}");
    }

    #[test]
    fn a_step_that_cannot_be_read_is_named_by_its_line() {
        for wrong in [
            "jump",
            "key",
            "key home",
            "key 10",
            "key ok ok",
            "touch 1",
            "touch a b",
            "touch -1 2",
            "wait home 5",
            "wait waiting",
            "wait waiting soon",
            "wait waiting -1",
            "wait waiting inf",
            "wait waiting NaN",
            "sleep",
            "sleep 1e9",
            "shot",
            "shot ../x",
            "shot a/b",
            "shot a/",
            "shot a/.",
            "shot /tmp/x",
            "shot ..",
            "shot .png",
            "type",
        ] {
            let error = parse(&format!("key ok\n{wrong}\n")).unwrap_err();
            assert!(error.starts_with("line 2: ") && error.ends_with('.'), "{wrong}: {error}");
        }
    }

    #[test]
    fn what_is_typed_is_never_repeated() {
        assert!(!parse("typ 6701901234").unwrap_err().contains("670190"));
        assert!(!format!("{:?}", parse("type 6701901234").unwrap()).contains("670190"));
    }
}
