//! Every text of the screens has its Danish words, and no words are left over.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn every_text_has_its_danish_words() {
    let mut texts = BTreeSet::new();
    for file in markup(Path::new("ui")) {
        let markup = std::fs::read_to_string(&file).unwrap();
        texts.extend(markup.split("@tr(").skip(1).map(text));
    }
    assert!(texts.len() > 40, "only {} texts found", texts.len());
    let catalogue = std::fs::read_to_string("assets/translations/da/LC_MESSAGES/flexlogin.po").unwrap();
    let translated: BTreeSet<String> = catalogue
        .split("\n\n")
        .filter_map(|entry| {
            let text = quoted(entry.split("msgid ").nth(1)?)?;
            let words = quoted(entry.split("msgstr ").nth(1)?)?;
            (!text.is_empty() && !words.is_empty()).then_some(text)
        })
        .collect();
    assert_eq!(texts, translated);
}

/// The text of an `@tr(…)`, past its context if it has one.
fn text(call: &str) -> String {
    let first = quoted(call).unwrap();
    let rest = call[first.len() + 2..].trim_start();
    rest.strip_prefix("=>").map_or(first, |call| quoted(call.trim_start()).unwrap())
}

/// What stands between the quotes that this begins with, escapes as they are.
fn quoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.find(|character| {
        let ends = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    })?;
    Some(inner[..end].to_owned())
}

fn markup(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(markup(&path));
        } else if path.extension().is_some_and(|extension| extension == "slint") {
            files.push(path);
        }
    }
    files
}
