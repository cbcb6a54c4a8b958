//! Files of the house, and words in them.

use std::fs;
use std::path::{Path, PathBuf};

/// A file of the house, by its path from the root.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    pub(crate) fn made_up(path: &str, text: &str) -> File {
        File { path: path.to_owned(), text: text.to_owned() }
    }

    pub(crate) fn room(&self) -> Option<&str> {
        self.path.strip_prefix("src/")?.split(['/', '.']).next()
    }

    /// How many modules this file is below the crate: 1 for `src/ciba/mod.rs`, 2 for `src/ciba/token.rs`.
    pub(crate) fn depth(&self) -> usize {
        let inside = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        inside.split('/').filter(|segment| !matches!(*segment, "mod" | "lib" | "main")).count()
    }

    /// The lines that are not comments, counted from one.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    pub(crate) fn complaint(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

pub(crate) fn word_at_start(text: &str) -> &str {
    text.split(|character| !is_word(character)).next().unwrap_or_default()
}

/// What follows each place where the word stands.
pub(crate) fn after_each<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    code.match_indices(word)
        .filter(|(at, _)| !code[..*at].ends_with(is_word))
        .map(|(at, _)| &code[at + word.len()..])
        .filter(|rest| !rest.starts_with(is_word))
}

pub(crate) fn has_word(code: &str, word: &str) -> bool {
    after_each(code, word).next().is_some()
}

/// Like [`has_word`] for something that ends in a sign.
pub(crate) fn has_word_start(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| !code[..at].ends_with(is_word))
}

/// How often in a row `piece` stands in the code at the most.
pub(crate) fn longest_run(code: &str, piece: &str) -> usize {
    (1..).take_while(|times| code.contains(&piece.repeat(*times))).last().unwrap_or(0)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn sources() -> Vec<File> {
    files("src", &["rs"])
}

pub(crate) fn tests() -> Vec<File> {
    files("tests", &["rs"])
}

/// The names of what is in a folder, without their endings.
pub(crate) fn names_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The folders in a folder that are not hidden.
pub(crate) fn folders_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.path().is_dir());
    folders
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.'))
        .collect()
}

/// All files below a folder with one of these endings.
pub(crate) fn files(folder: &str, endings: &[&str]) -> Vec<File> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if root().join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| endings.iter().any(|one| ending == *one)) {
                let path = path.to_str().unwrap().to_owned();
                found.push(File { text: read(&path), path });
            }
        }
    }
    assert!(!found.is_empty(), "{folder} is empty");
    found
}
