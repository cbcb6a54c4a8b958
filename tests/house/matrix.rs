//! The fault matrix: the rows of the table in tests/faults.md, and the tests that carry their numbers.
//!
//! A test tells its rows in its name: `row_07_…`, or `row_35_and_36_…`. One that begins with `beyond_` is about a
//! fault that has no row. Shared with the command that prints the matrix.

use std::collections::BTreeMap;
use std::fmt;

/// The rows are numbered from one to this, for good.
const ROWS: u8 = 74;
/// What a row may need that is not here, so that it has no test. `differs` is no excuse: what we do instead is
/// tested.
const EXCUSES: [&str; 3] = ["hardware", "relay", "system"];

#[derive(Debug)]
pub(crate) struct Matrix {
    pub(crate) rows: Vec<Row>,
    /// By row, and then in the order of their names.
    tests: BTreeMap<u8, Vec<Test>>,
    pub(crate) beyond: Vec<Test>,
    /// What is wrong with the table or a test's name, apart from what [`Matrix::gaps`] finds.
    slips: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) number: u8,
    pub(crate) fault: String,
    /// `S` start, `P` pending, `V` validation, `C` cancel; `B` boot, `E` entry, `H` handing over; or all of them.
    pub(crate) phase: String,
    pub(crate) answer: String,
    /// Empty, or a keyword, a colon and a reason.
    pub(crate) reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Test {
    pub(crate) path: String,
    pub(crate) name: String,
}

impl Row {
    /// Whether the row is about a login under way.
    pub(crate) fn is_in_scope(&self) -> bool {
        matches!(self.phase.as_str(), "any" | "all") || self.phase.contains(['S', 'P', 'V', 'C'])
    }

    /// Whether it needs something that is not here.
    pub(crate) fn is_excused(&self) -> bool {
        EXCUSES.iter().any(|excuse| self.reason_after(excuse).is_some())
    }

    fn reason_after(&self, keyword: &str) -> Option<&str> {
        let reason = self.reason.strip_prefix(keyword)?.strip_prefix(": ")?;
        (reason.split_whitespace().count() > 2).then_some(reason)
    }
}

impl Matrix {
    /// Reads the table, and finds the tests in these files, each a path and a text.
    pub(crate) fn read<'a>(table: &str, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Matrix {
        let mut matrix =
            Matrix { rows: Vec::new(), tests: BTreeMap::new(), beyond: Vec::new(), slips: Vec::new() };
        for line in table.lines().filter(|line| line.starts_with("| ")).skip(1) {
            matrix.add_row(line);
        }
        for (path, text) in files {
            matrix.add_tests(path, text);
        }
        matrix.tests.values_mut().for_each(|tests| tests.sort());
        matrix.beyond.sort();
        matrix
    }

    pub(crate) fn tests_of(&self, row: &Row) -> &[Test] {
        self.tests.get(&row.number).map_or(&[], Vec::as_slice)
    }

    /// The sentences about what is missing; nothing if the table and the tests agree.
    pub(crate) fn gaps(&self) -> Vec<String> {
        let mut gaps = self.slips.clone();
        let numbers: Vec<u8> = self.rows.iter().map(|row| row.number).collect();
        if numbers != (1..=ROWS).collect::<Vec<u8>>() {
            gaps.push(format!("the table does not hold the rows 1 to {ROWS}, each once and in order"));
        }
        for row in &self.rows {
            let Row { number, phase, reason, .. } = row;
            let known = ["any", "all"].contains(&phase.as_str())
                || phase.split(',').all(|one| ["B", "E", "S", "P", "V", "H", "C"].contains(&one));
            if !known {
                gaps.push(format!("row {number} has the phase {phase:?}, which there is not"));
            }
            let differs = row.reason_after("differs").is_some();
            if !(reason.is_empty() || differs || row.is_excused()) {
                gaps.push(format!("row {number} has a reason of no known kind: {reason:?}"));
            }
            if row.is_in_scope() && self.tests_of(row).is_empty() && !row.is_excused() {
                gaps.push(format!("row {number} has neither a test nor an excuse"));
            }
            if row.fault.is_empty() || row.answer.is_empty() {
                gaps.push(format!("row {number} does not tell what goes wrong and what happens"));
            }
        }
        for (number, tests) in &self.tests {
            if !numbers.contains(number) {
                gaps.extend(tests.iter().map(|test| format!("{test} has a row that there is not")));
            }
        }
        gaps
    }

    fn add_row(&mut self, line: &str) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let &[number, fault, phase, answer, reason] = cells.as_slice() else {
            return self.slips.push(format!("this row has not five cells: {line}"));
        };
        let Ok(number) = number.parse() else {
            return self.slips.push(format!("this row has no number: {line}"));
        };
        let [fault, phase, answer, reason] = [fault, phase, answer, reason].map(str::to_owned);
        self.rows.push(Row { number, fault, phase, answer, reason });
    }

    fn add_tests(&mut self, path: &str, text: &str) {
        let mut attributes = Vec::new();
        for line in text.lines().map(str::trim) {
            if line.starts_with("#[") {
                attributes.push(line);
                continue;
            }
            let name = line.strip_prefix("fn ").and_then(|rest| rest.split('(').next()).unwrap_or_default();
            if name.starts_with("row_") || name.starts_with("beyond_") {
                let test = Test { path: path.to_owned(), name: name.to_owned() };
                let rows = rows_of(name);
                if !attributes.contains(&"#[test]") {
                    self.slips.push(format!("{test} is no test"));
                } else if name.starts_with("beyond_") {
                    self.beyond.push(test);
                } else if rows.is_empty() {
                    self.slips.push(format!("{test} does not tell its row"));
                } else {
                    for row in rows {
                        self.tests.entry(row).or_default().push(test.clone());
                    }
                }
            }
            if !line.starts_with("//") {
                attributes.clear();
            }
        }
    }
}

/// The numbers that a name begins with: one, or several with `and` between them.
fn rows_of(name: &str) -> Vec<u8> {
    let mut words = name.trim_start_matches("row_").split('_');
    let mut rows = Vec::new();
    while let Some(Ok(row)) = words.next().map(str::parse) {
        rows.push(row);
        if words.next() != Some("and") {
            break;
        }
    }
    rows
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.name)
    }
}
