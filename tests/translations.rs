//! Every text of the screens has its words in every language, and no words are left over.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn every_text_has_its_words_in_every_language_and_no_words_are_left_over() {
    let mut texts = BTreeSet::new();
    for file in markup(Path::new("ui")) {
        let markup = std::fs::read_to_string(&file).unwrap();
        texts.extend(markup.split("@tr(").skip(1).map(text));
    }
    assert!(texts.len() > 40, "only {} texts found", texts.len());
    for (file, catalogue) in catalogues() {
        let translated: BTreeSet<String> = entries(&catalogue).map(|(text, _)| text).collect();
        let missing: Vec<_> = texts.difference(&translated).collect();
        let left_over: Vec<_> = translated.difference(&texts).collect();
        assert!(
            missing.is_empty() && left_over.is_empty(),
            "{file:?}: missing {missing:#?}, left over {left_over:#?}"
        );
    }
}

#[test]
fn what_is_put_into_a_text_is_put_into_its_words() {
    for (file, catalogue) in catalogues() {
        for (text, words) in entries(&catalogue) {
            assert_eq!(places(&text), places(&words), "{file:?}: {words}");
            assert_eq!(
                text.contains("MitID"),
                words.contains("MitID"),
                "{file:?}: the name is MitID: {words}"
            );
        }
    }
}

#[test]
fn no_words_are_a_guess() {
    for (file, catalogue) in catalogues() {
        assert!(!catalogue.contains("#, fuzzy"), "{file:?}");
        for (text, words) in entries(&catalogue) {
            let plain = |text: &str| text.trim() == text && !text.contains("  ");
            assert!(plain(&words), "{file:?}: {words:?}");
            assert_eq!(text.ends_with('.'), words.ends_with('.'), "{file:?}: {words:?}");
        }
    }
}

fn catalogues() -> Vec<(PathBuf, String)> {
    let folders = std::fs::read_dir("assets/translations").unwrap().map(|entry| entry.unwrap().path());
    let files = folders.filter(|path| path.is_dir()).map(|folder| folder.join("LC_MESSAGES/flexlogin.po"));
    let catalogues: Vec<_> =
        files.map(|file| (file.clone(), std::fs::read_to_string(file).unwrap())).collect();
    assert!(!catalogues.is_empty());
    catalogues
}

/// Each text that has words, and its words.
fn entries(catalogue: &str) -> impl Iterator<Item = (String, String)> + '_ {
    catalogue.split("\n\n").filter_map(|entry| {
        let text = quoted(entry.split("msgid ").nth(1)?)?;
        let words = quoted(entry.split("msgstr ").nth(1)?)?;
        (!text.is_empty() && !words.is_empty()).then_some((text, words))
    })
}

/// What stands between braces.
fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
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
