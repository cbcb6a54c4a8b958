//! What somebody hears who sees no screen: every screen as a text in the order of reading, and a whole dialogue with
//! what is said of its own accord. Both are compared with texts that somebody has read.
#![cfg(feature = "panel")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod dialogue;
mod heard;

use std::path::Path;
use std::time::Duration;

use flexlogin::flow::Language;
use flexlogin::platform::panel::Panel;
use flexlogin::platform::pictures::{Example, examples};
use flexlogin::screen;
use heard::{Heard, Node};

/// A television, and a panel with room for one thing at a time.
const SIZES: [(&str, u32, u32); 2] = [("screens", 1280, 720), ("small", 320, 240)];

#[test]
fn every_screen_reads_as_it_did_when_somebody_read_it() {
    same(SIZES.into_iter().flat_map(|(kind, width, height)| {
        Language::all().iter().copied().filter_map(move |language| {
            let text = on_a_panel(width, height, move |panel| {
                let read = |Example { name, view }| {
                    screen::show(panel.app(), &view);
                    panel.draw();
                    format!("{name}\n{}\n", Heard::on(panel))
                };
                examples(language).into_iter().map(read).collect::<String>()
            });
            differs(&format!("{kind}-{}.txt", language.code()), &text)
        })
    }));
}

#[test]
fn a_whole_dialogue_is_heard_as_it_was_when_somebody_read_it() {
    same(Language::all().iter().copied().filter_map(|language| {
        let text = on_a_panel(1280, 720, move |panel| dialogue::played(panel, language));
        differs(&format!("dialogue-{}.txt", language.code()), &text)
    }));
}

fn same(differences: impl Iterator<Item = String>) {
    let found: Vec<String> = differences.collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn everything_that_is_read_has_a_role_and_words_and_every_button_can_be_pressed() {
    on_every_screen(|name, heard| {
        for node in heard.nodes() {
            assert!(node.role != "none" && !node.label.trim().is_empty(), "{name}: {node:?}");
            assert_eq!(node.role == "button", node.pressable, "{name}: {node:?}");
        }
        assert_eq!(heard.unread_controls, 0, "{name}: what a finger can press is a button");
    });
}

#[test]
fn a_screen_speaks_with_one_voice_and_has_one_focus() {
    on_every_screen(|name, heard| {
        let speaking = heard.nodes().filter(|node| node.live.is_some()).count();
        // The last minute of a wait is told beside what to do, and only when it begins.
        let allowed = if name == "waiting-troubled" || name == "waiting-long" { 2 } else { 1 };
        assert_eq!(speaking, allowed, "{name}");
        assert_eq!(heard.nodes().filter(|node| node.focused).count(), 1, "{name}");
    });
}

#[test]
fn no_digit_that_was_typed_is_read_even_while_it_is_seen() {
    on_every_screen(|name, heard| {
        let digits = |node: &Node| {
            let label: String = node.label.chars().filter(|c| !c.is_whitespace()).collect();
            let one = label.len() == 1 && node.role != "button";
            ["6701", "1234"].iter().any(|pair| label.contains(pair))
                || (one && label.starts_with(|c: char| c.is_ascii_digit()))
        };
        let read: Vec<_> = heard.nodes().filter(|node| name.starts_with("enter") && digits(node)).collect();
        assert!(read.is_empty(), "{name}: {read:?}");
    });
}

fn on_every_screen(look: impl Fn(&str, &Heard) + Send + Clone + 'static) {
    for (_, width, height) in SIZES {
        let look = look.clone();
        on_a_panel(width, height, move |panel| {
            for language in Language::all().iter().copied() {
                for Example { name, view } in examples(language) {
                    screen::show(panel.app(), &view);
                    panel.draw();
                    look(name, &Heard::on(panel));
                }
            }
        });
    }
}

/// How it differs from the text that somebody has read. There is no way to renew that without reading: a copy does.
fn differs(file: &str, heard: &str) -> Option<String> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aloud").join(file);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../aloud");
    std::fs::create_dir_all(&folder).unwrap();
    let new = folder.join(file);
    std::fs::write(&new, heard).unwrap();
    let read = std::fs::read_to_string(&golden).unwrap_or_default();
    let mut lines = read.lines().zip(heard.lines()).zip(1..);
    let first = lines.find(|((was, is), _)| was != is);
    let first = first.map_or("its end".into(), |((was, is), at)| format!("line {at}:\n-{was}\n+{is}\n"));
    let (new, golden) = (new.display(), golden.display());
    (read != heard).then(|| {
        format!(
            "{file} is heard differently from {first}: read {new}, and if it is right, copy it to {golden}"
        )
    })
}

/// Slint lives in one thread, so each panel gets its own.
fn on_a_panel<T: Send + 'static>(
    width: u32,
    height: u32,
    look: impl FnOnce(&mut Panel) -> T + Send + 'static,
) -> T {
    let listening = std::thread::Builder::new().spawn(move || {
        let mut panel = Panel::new(width, height, || Duration::ZERO).unwrap();
        look(&mut panel)
    });
    listening.unwrap().join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
