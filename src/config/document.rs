//! A TOML document whose values know their line.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problems::{Problems, Told, nearest, shown};

/// The keys of each table; `""` is the document itself.
const KNOWN: [(&str, &[&str]); 8] = [
    ("", &["broker", "login", "screen", "keys", "kiosk"]),
    (
        "broker",
        &[
            "authority",
            "profile",
            "client_id",
            "ca_file",
            "extra_ca_file",
            "id_token_alg",
            "request_alg",
            "request_typ",
            "key_ids",
            "root_sha256",
            "pins_expire",
            "auth",
        ],
    ),
    ("broker.auth", &["method", "secret_file", "key_file", "key_id", "alg"]),
    (
        "login",
        &[
            "purpose",
            "age",
            "age_scope",
            "identifier",
            "methods",
            "cpr_basis",
            "digits",
            "user_code_digits",
            "scope",
            "service",
            "action",
            "reference_text",
            "ip",
            "limits",
            "requested_expiry",
            "acr_values",
            "loa",
            "loa_policy",
        ],
    ),
    ("screen", &["language", "privacy", "theme", "large", "distance_cm", "diagonal_inches", "brand"]),
    ("keys", &["layout", "delay_ms", "rate_ms", "double_strike_ms", "model"]),
    ("kiosk", &["rotation", "output", "mode", "renderer", "idle_after_s", "open", "night", "standby", "cec"]),
    (MODEL, &["name", "vendor", "product", "map"]),
];

/// The one table that there may be several of.
pub(super) const MODEL: &str = "keys.model";

/// Where people write a secret or a key itself, although only its file may be named.
const INLINE: [&str; 7] =
    ["secret", "client_secret", "password", "key", "private_key", "client_assertion", "token"];

/// One table of the document.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    lines: &'a Lines,
    path: &'static str,
    table: &'a DeTable<'a>,
    /// The line of its header.
    pub(super) line: usize,
    pub(super) problems: &'a Problems,
}

/// A value and the line it stands on.
#[derive(Clone, Copy)]
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) line: usize,
}

/// Where the lines of a text end.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(source: &str) -> Lines {
        Lines(source.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// Counted from one.
    fn at(&self, offset: usize) -> usize {
        1 + self.0.partition_point(|end| *end < offset)
    }

    fn last(&self) -> usize {
        self.0.len().max(1)
    }
}

/// Parses the text; every syntax error is told.
pub(super) fn parse<'a>(
    source: &'a str,
    lines: &Lines,
    problems: &Problems,
) -> Result<Spanned<DeTable<'a>>, Told> {
    let (document, errors) = DeTable::parse_recoverable(source);
    let mut told = None;
    for error in errors {
        let line = error.span().map_or_else(|| lines.last(), |span| lines.at(span.start));
        // One slip of the pen often makes several errors on its line.
        if told != Some(line) {
            problems.tell(line, "", syntax(error.message()));
            told = Some(line);
        }
    }
    if told.is_some() { Err(Told) } else { Ok(document) }
}

fn syntax(message: &str) -> String {
    let remedy = if message.contains("duplicate") {
        "Keep one of the two."
    } else {
        "Each line is [table], key = \"text\", key = 8 or # a comment."
    };
    format!("This line is not valid TOML: {message}. {remedy}")
}

impl<'a> Section<'a> {
    pub(super) fn root(lines: &'a Lines, document: &'a DeTable<'a>, problems: &'a Problems) -> Section<'a> {
        let root = Section { lines, path: "", table: document, line: lines.last(), problems };
        root.tell_unknown_keys();
        root
    }

    /// A table within this one; `None` if it is absent.
    pub(super) fn section(&self, key: &'static str, path: &'static str) -> Result<Option<Section<'a>>, Told> {
        let Some((name, value)) = self.table.get_key_value(key) else { return Ok(None) };
        let line = self.lines.at(name.span().start.max(value.span().start));
        let DeValue::Table(table) = value.get_ref() else {
            let sentence = format!("must be a table. Write [{path}] on a line of its own, once.");
            return Err(self.problems.tell(line, path, sentence));
        };
        let section = Section { lines: self.lines, path, table, line, problems: self.problems };
        section.tell_unknown_keys();
        Ok(Some(section))
    }

    /// The tables of a list; none if it is absent.
    pub(super) fn sections(&self, key: &'static str, path: &'static str) -> Result<Vec<Section<'a>>, Told> {
        let Some(Found { value, line }) = self.value(key) else { return Ok(Vec::new()) };
        let wrong = || {
            let sentence =
                format!("must be a list of tables. Write [[{path}]] on a line of its own for each.");
            self.tell(line, key, sentence)
        };
        let section = |item: &'a Spanned<DeValue<'a>>| {
            let DeValue::Table(table) = item.get_ref() else { return Err(wrong()) };
            let line = self.lines.at(item.span().start);
            let section = Section { lines: self.lines, path, table, line, problems: self.problems };
            section.tell_unknown_keys();
            Ok(section)
        };
        value.as_array().ok_or_else(wrong)?.iter().map(section).collect()
    }

    /// The names and texts of a table whose names are free; none if it is absent.
    pub(super) fn pairs(&self, key: &str, like: &str) -> Result<Vec<(&'a str, Found<&'a str>)>, Told> {
        let Some(Found { value, line }) = self.value(key) else { return Ok(Vec::new()) };
        let wrong = |line| self.tell(line, key, format!("must be a table of texts: {key} = {{ {like} }}."));
        let table = value.as_table().ok_or_else(|| wrong(line))?;
        let pair = |(name, value): (&'a Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let line = self.lines.at(name.span().start);
            let name: &std::borrow::Cow<'a, str> = name.get_ref();
            let text = value.get_ref().as_str().ok_or_else(|| wrong(line))?;
            Ok((name.as_ref(), Found { value: text.trim(), line }))
        };
        table.iter().map(pair).collect()
    }

    /// A table that has to be there.
    pub(super) fn needed_section(&self, key: &'static str, path: &'static str) -> Result<Section<'a>, Told> {
        self.section(key, path)?.ok_or_else(|| {
            self.problems.tell(
                self.line,
                &format!("[{path}]"),
                format!("is missing. Add a table [{path}], as in the README."),
            )
        })
    }

    pub(super) fn tell(&self, line: usize, key: &str, sentence: impl Into<String>) -> Told {
        self.problems.tell(line, &self.whole(key), sentence)
    }

    /// Text without spaces around it; `None` if the key is absent.
    pub(super) fn text(&self, key: &str) -> Result<Option<Found<&'a str>>, Told> {
        let Some(Found { value, line }) = self.value(key) else { return Ok(None) };
        match value.as_str().map(str::trim) {
            Some("") => Err(self.tell(line, key, "is empty. Give it a value, or remove the line.")),
            Some(value) => Ok(Some(Found { value, line })),
            None => Err(self.tell(line, key, format!("must be text. Write it in quotes: {key} = \"…\"."))),
        }
    }

    /// Text that has to be there; `remedy` says what to add.
    pub(super) fn needed_text(&self, key: &str, remedy: &str) -> Result<Found<&'a str>, Told> {
        self.text(key)?.ok_or_else(|| self.tell(self.line, key, format!("is missing. {remedy}")))
    }

    /// Texts in a list, at least one; empty if the key is absent. `like` is one of them, for the remedy.
    pub(super) fn texts(&self, key: &str, like: &str) -> Result<Vec<Found<&'a str>>, Told> {
        let Some(Found { value, line }) = self.value(key) else { return Ok(Vec::new()) };
        let wrong = || self.tell(line, key, format!("must be a list of texts: {key} = [\"{like}\"]."));
        let items = value.as_array().filter(|items| !items.is_empty()).ok_or_else(wrong)?;
        items
            .iter()
            .map(|item| {
                let text = item.get_ref().as_str().map(str::trim).filter(|text| !text.is_empty());
                Ok(Found { value: text.ok_or_else(wrong)?, line: self.lines.at(item.span().start) })
            })
            .collect()
    }

    /// A whole number, `None` if the key is absent; anything else than a number from zero up is told.
    pub(super) fn number(&self, key: &str, remedy: &str) -> Result<Option<Found<u64>>, Told> {
        let Some(Found { value, line }) = self.value(key) else { return Ok(None) };
        value
            .as_integer()
            .and_then(|integer| u64::from_str_radix(integer.as_str(), integer.radix()).ok())
            .map(|value| Some(Found { value, line }))
            .ok_or_else(|| self.tell(line, key, format!("must be a whole number, without quotes. {remedy}")))
    }

    /// True or false; `None` if the key is absent.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, Told> {
        let Some(Found { value, line }) = self.value(key) else { return Ok(None) };
        let told = || self.tell(line, key, "must be true or false, without quotes.");
        value.as_bool().map(Some).ok_or_else(told)
    }

    /// The line of a key, or that of the table if the key is absent.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.value(key).map_or(self.line, |found| found.line)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn value(&self, key: &str) -> Option<Found<&'a DeValue<'a>>> {
        let (name, value) = self.table.get_key_value(key)?;
        Some(Found { value: value.get_ref(), line: self.lines.at(name.span().start) })
    }

    pub(super) fn whole(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn tell_unknown_keys(&self) {
        let known = KNOWN.iter().find(|(path, _)| *path == self.path).map_or(&[][..], |(_, keys)| keys);
        for name in self.table.keys() {
            let key: &str = name.get_ref();
            if !known.contains(&key) {
                self.tell(self.lines.at(name.span().start), &shown(key), self.about_unknown(key, known));
            }
        }
    }

    fn about_unknown(&self, key: &str, known: &[&str]) -> String {
        if self.path.starts_with("broker") && INLINE.contains(&key.replace('-', "_").as_str()) {
            return "must not stand in this file. Write it alone into a file that only this program can read, \
                    and name the file under [broker.auth]: secret_file = \"…\" or key_file = \"…\"."
                .into();
        }
        if key == "user_code" {
            return "is no person's to write here. Write user_code_digits = 6 under [login], or how many digits \
                    the codes have, and the screens ask for it; the command `login` takes it with --user-code -."
                .into();
        }
        let elsewhere = |(path, keys): &&(&str, &[&str])| *path != MODEL && keys.contains(&key);
        let elsewhere = KNOWN.iter().find(elsewhere).map(|(path, _)| *path);
        match (elsewhere, nearest(key, known.iter().copied())) {
            (Some(""), _) => format!("does not belong here. Write [{key}] as a table of its own."),
            (Some(path), Some(near)) => {
                format!("does not belong here. Move it under [{path}], or did you mean {near}?")
            }
            (Some(path), None) => format!("does not belong here. Move it under [{path}]."),
            (None, Some(near)) => format!("is not a known key. Did you mean {near}?"),
            (None, None) => format!("is not a known key. Remove it; known here are {}.", known.join(", ")),
        }
    }
}
