//! `conformance.md` held against the suite's list and against the tests, both ways.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::cases::PLANS;

/// The files of this folder whose tests are no cases of the suite.
const NO_CASES: [&str; 3] = ["long_life.rs", "strictness.rs", "table.rs"];
const NOT_APPLICABLE: &str = "not applicable: ";

#[test]
fn the_table_and_the_tests_agree() {
    assert_eq!(disagreements(&table(), &tests()), [""; 0]);
}

#[test]
fn a_table_that_is_wrong_is_found() {
    let (table, tests) = (table(), tests());
    let row = |case: &str| {
        let begin = format!("| `{case}` |");
        table.lines().find(|line| line.starts_with(&begin)).unwrap().to_owned()
    };
    let (good, excused) = (
        row("fapi-ciba-id1-client-invalid-iss-test"),
        row("fapi-ciba-id1-client-ping-with-invalid-bearer-token-test"),
    );
    let name = "fapi_ciba_id1_client_invalid_iss_test";
    for (from, to, found) in [
        (good.as_str(), "", "no row"),
        (&good, &format!("{good}\n{good}"), "two rows"),
        (&good, &good.replace("-invalid-", "-unheard-of-"), "knows no such case"),
        (&good, &good.replace(name, "fapi_ciba_id1_client_invalid_aud_test"), "named for another case"),
        (&good, &good.replace(&format!("`{name}`"), "later"), "neither a test nor a reason"),
        (&good, &good.replace(&format!("`{name}`"), "not applicable: no"), "a test that no row names"),
        (
            &excused,
            &excused.replace("a poll client has no notification endpoint", ""),
            "neither a test nor a reason",
        ),
        ("| 29 | 24 | 5 |", "| 29 | 25 | 4 |", "is summed up wrongly"),
    ] {
        let broken = table.replace(from, to);
        assert_ne!(broken, table, "{from}");
        let told = disagreements(&broken, &tests);
        assert!(told.iter().any(|line| line.contains(found)), "{found}: {told:#?}");
    }
    let mut fewer = tests.clone();
    fewer.remove(name);
    assert!(disagreements(&table, &fewer)[0].contains("there is no test"));
    let mut more = tests;
    more.insert("fapi_ciba_id1_client_new_test".into());
    assert!(disagreements(&table, &more)[0].contains("a test that no row names"));
}

#[test]
fn the_readme_leads_to_the_table() {
    assert!(read("README.md").contains("(tests/virtual/conformance.md)"));
}

struct Row<'a> {
    case: &'a str,
    tried_by: &'a str,
}

fn disagreements(table: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let rows: Vec<Row<'_>> = table.lines().filter_map(row).collect();
    let mut found = Vec::new();
    let mut named = BTreeSet::new();
    for Row { case, tried_by } in &rows {
        if let Some(test) = tried_by.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
            named.insert(test.to_owned());
            if test != test_of(case) {
                found.push(format!("{case}: {test} is named for another case"));
            }
            if !tests.contains(test) {
                found.push(format!("{case}: there is no test {test}"));
            }
        } else if tried_by.strip_prefix(NOT_APPLICABLE).is_none_or(|reason| reason.trim().is_empty()) {
            found.push(format!("{case}: neither a test nor a reason"));
        }
    }
    found.extend(tests.difference(&named).map(|test| format!("{test}: a test that no row names")));
    let mut known = BTreeSet::new();
    for plan in PLANS {
        let (mut all, mut tried) = (0, 0);
        for case in plan.cases() {
            all += 1;
            match rows.iter().filter(|row| row.case == case).collect::<Vec<_>>()[..] {
                [row] => tried += usize::from(row.tried_by.starts_with('`')),
                [] => found.push(format!("{case}: no row")),
                _ => found.push(format!("{case}: two rows")),
            }
            known.insert(case);
        }
        let sum = format!("| {} | {all} | {tried} | {} |", plan.title, all - tried);
        if !table.contains(&sum) {
            found.push(format!("{} is summed up wrongly; right is {sum}", plan.title));
        }
    }
    let unknown = rows.iter().filter(|row| !known.contains(row.case));
    found.extend(unknown.map(|row| format!("{}: the suite knows no such case", row.case)));
    found
}

/// Rows begin with a name in backticks; the case, what the server does, and what tries it.
fn row(line: &str) -> Option<Row<'_>> {
    let cells: Vec<&str> = line.strip_prefix("| `")?.strip_suffix(" |")?.split(" | ").collect();
    let [case, _, tried_by] = cells[..] else { panic!("a row of {} cells: {line}", cells.len()) };
    Some(Row { case: case.strip_suffix('`')?, tried_by })
}

/// A test has the name of its case, as far as a function can.
fn test_of(case: &str) -> String {
    case.replace('-', "_").to_lowercase()
}

fn table() -> String {
    read("tests/virtual/conformance.md")
}

/// The names of all tests in this folder that play a case.
fn tests() -> BTreeSet<String> {
    let folder = fs::read_dir(root().join("tests/virtual/conformance")).unwrap();
    let files = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let cases = files.filter(|file| !NO_CASES.contains(&file.as_str()));
    cases.flat_map(|file| tests_in(&read(&format!("tests/virtual/conformance/{file}")))).collect()
}

fn tests_in(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let after_mark = lines.windows(2).filter(|pair| pair[0].trim() == "#[test]").map(|pair| pair[1]);
    after_mark
        .map(|line| {
            let name = line.trim().strip_prefix("fn ").and_then(|rest| rest.split('(').next());
            name.unwrap_or_else(|| panic!("no function follows #[test]: {line}")).to_owned()
        })
        .collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
