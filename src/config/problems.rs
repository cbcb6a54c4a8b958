//! What is wrong with a configuration, all of it at once, each with line, key and remedy.
//!
//! No sentence here repeats a value of the file: somebody may have put a secret where a name belongs.

use std::cell::RefCell;
use std::fmt;

/// A file with more problems than this is not a configuration.
const SHOWN: usize = 40;
/// An unknown key is shown up to this many characters.
const KEY_SHOWN: usize = 40;

/// Why a configuration was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors {
    pub(super) file: String,
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Counted from one; `None` if it is about the file as a whole.
    pub line: Option<usize>,
    /// The whole key, for instance `login.cpr_basis`; empty if it is about no key.
    pub key: String,
    /// What is wrong and what to do about it, to be read after the key.
    pub sentence: String,
}

impl Errors {
    pub(super) fn whole_file(file: String, line: Option<usize>, sentence: &str) -> Errors {
        Errors { file, problems: vec![Problem { line, key: String::new(), sentence: sentence.to_owned() }] }
    }

    /// In the order of the lines.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().take(SHOWN).enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            match problem.line {
                Some(line) => write!(f, "{}:{line}: {problem}", self.file)?,
                None => write!(f, "{}: {problem}", self.file)?,
            }
        }
        match self.problems.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n{}: and {more} more.", self.file),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => f.write_str(&self.sentence),
            key => write!(f, "{key} {}", self.sentence),
        }
    }
}

impl std::error::Error for Errors {}

/// Proof that a problem has been told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told;

/// Collects what is wrong while the reading goes on.
#[derive(Default)]
pub(super) struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    pub(super) fn tell(&self, line: usize, key: &str, sentence: impl Into<String>) -> Told {
        let problem = Problem { line: Some(line), key: key.to_owned(), sentence: sentence.into() };
        self.0.borrow_mut().push(problem);
        Told
    }

    /// What was read, if nothing at all was wrong.
    pub(super) fn conclude<T>(self, file: &str, read: Result<T, Told>) -> Result<T, Errors> {
        let mut problems = self.0.into_inner();
        match read {
            Ok(read) if problems.is_empty() => Ok(read),
            Ok(_) | Err(Told) => {
                problems.sort_by_key(|problem| problem.line);
                Err(Errors { file: file.to_owned(), problems })
            }
        }
    }
}

/// A key as somebody wrote it, made safe to show.
pub(super) fn shown(key: &str) -> String {
    let mut shown: String = key.chars().take(KEY_SHOWN).flat_map(char::escape_debug).collect();
    if key.chars().count() > KEY_SHOWN {
        shown.push('…');
    }
    shown
}

/// The known word that is nearest to a misspelt one, if any is near.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.chars().count() > KEY_SHOWN {
        return None;
    }
    let plain = |word: &str| word.to_lowercase().replace('-', "_");
    let word = plain(word);
    known
        .into_iter()
        .map(|known| (distance(&word, &plain(known)), known))
        .filter(|(distance, known)| *distance <= (known.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// How many letters have to be added, dropped or changed.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, a) in from.chars().enumerate() {
        let mut diagonal = above;
        row[0] = above + 1;
        for (at, b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[at + 1];
            row[at + 1] = changed.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_known_word_is_found_and_a_far_one_is_not() {
        let known = ["client_id", "ca_file", "profile", "ip"];
        assert_eq!(nearest("client-id", known), Some("client_id"));
        assert_eq!(nearest("Client_ID", known), Some("client_id"));
        assert_eq!(nearest("cafile", known), Some("ca_file"));
        assert_eq!(nearest("profil", known), Some("profile"));
        assert_eq!(nearest("ipp", known), Some("ip"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest(&"x".repeat(60_000), known), None);
    }

    #[test]
    fn a_key_is_shown_without_control_characters_and_not_endlessly() {
        assert_eq!(shown("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(shown(&"x".repeat(500)), format!("{}…", "x".repeat(40)));
    }

    #[test]
    fn problems_come_in_the_order_of_the_lines_and_end_somewhere() {
        let problems = Problems::default();
        for line in (1..=45).rev() {
            problems.tell(line, "login.x", "is wrong.");
        }
        let text = problems.conclude("f.toml", Ok(())).unwrap_err().to_string();
        assert!(text.starts_with("f.toml:1: login.x is wrong.\nf.toml:2: "), "{text}");
        assert!(text.ends_with("f.toml:40: login.x is wrong.\nf.toml: and 5 more."), "{text}");
    }
}
