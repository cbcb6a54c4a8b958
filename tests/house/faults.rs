//! The fault matrix and the tests agree. The check is tried on tables and tests that do not.

use crate::files::{File, read, sources, tests};
use crate::matrix::Matrix;

#[test]
fn every_row_of_the_fault_matrix_has_its_tests_or_its_excuse() {
    let files: Vec<File> = sources().into_iter().chain(tests()).collect();
    let matrix = Matrix::read(&read("tests/faults.md"), files.iter().map(texts));
    let gaps = matrix.gaps();
    assert!(gaps.is_empty(), "\n{}\n", gaps.join("\n"));
    assert!(!matrix.beyond.is_empty());
}

fn texts(file: &File) -> (&str, &str) {
    (&file.path, &file.text)
}

/// A whole table with a test for each row.
fn good() -> (String, String) {
    let rows = (1..=74).map(|row| format!("| {row} | a fault | P | it ends well | |\n"));
    let table =
        format!("| # | fault | phase | here | why |\n|---|---|---|---|---|\n{}", rows.collect::<String>());
    let tests = (1..=74).map(|row| test(&format!("row_{row:02}_ends_well")));
    (table, tests.collect())
}

fn test(name: &str) -> String {
    format!("#[test]\nfn {name}() {{\n}}\n")
}

fn gaps(table: &str, tests: &str) -> Vec<String> {
    Matrix::read(table, [("tests/wire/made_up.rs", tests)]).gaps()
}

#[test]
fn a_table_that_agrees_with_its_tests_has_no_gap() {
    let (table, tests) = good();
    assert_eq!(gaps(&table, &tests), [""; 0]);

    // Two rows share a test, one is excused, one is decided otherwise, one is about something else.
    let table = table
        .replace(
            "| 3 | a fault | P | it ends well | |",
            "| 3 | a fault | P | it waits | hardware: needs a second link |",
        )
        .replace(
            "| 4 | a fault | P | it ends well | |",
            "| 4 | a fault | S,P | it waits | differs: nobody would see it |",
        )
        .replace("| 5 | a fault | P |", "| 5 | a fault | B,E |");
    let tests = tests
        .replace("row_01_ends_well", "row_01_and_02_end_well")
        .replace("row_02_ends_well", "beyond_ends_well")
        .replace("row_03_ends_well", "ends_well")
        .replace("row_05_ends_well", "ends_well_too")
        .replace("#[test]\nfn row_06", "/// Why.\n#[test]\n#[expect(dead_code)]\n// More.\nfn row_06");
    assert_eq!(gaps(&table, &tests), [""; 0]);
    let matrix = Matrix::read(&table, [("a.rs", tests.as_str())]);
    assert_eq!(matrix.tests_of(&matrix.rows[1]).len(), 1);
    assert_eq!(matrix.beyond.len(), 1);
}

#[test]
fn a_row_or_a_test_that_lost_its_other_half_is_found() {
    let (table, tests) = good();
    let row_7 = "| 7 | a fault | P | it ends well | |";
    for (broken, tests) in [
        // A row without a test, whatever its phases, and with a reason that is no excuse.
        (table.clone(), tests.replace("row_07_", "row_08_")),
        (table.replace(row_7, "| 7 | a fault | any | it ends well | |"), tests.replace("row_07_", "row_08_")),
        (table.replace(row_7, "| 7 | a fault | B,C | it ends well | |"), tests.replace("row_07_", "row_08_")),
        (
            table.replace(row_7, "| 7 | a fault | P | it waits | differs: nobody would see it |"),
            tests.replace("row_07_", "row_08_"),
        ),
        // A reason of no known kind, or without words.
        (table.replace(row_7, "| 7 | a fault | P | it waits | because it is so |"), tests.clone()),
        (table.replace(row_7, "| 7 | a fault | P | it waits | hardware: |"), tests.clone()),
        // A row that is gone, doubled, elsewhere, of no phase, or empty.
        (table.replace(row_7, ""), tests.replace("row_07_", "row_08_")),
        (table.replace(row_7, &format!("{row_7}\n{row_7}")), tests.clone()),
        (table.replace(row_7, "| 7 | a fault | Q | it ends well | |"), tests.clone()),
        (table.replace(row_7, "| 7 | a fault | P | | |"), tests.clone()),
        // A test of no row, of a row that there is not, and one that is no test.
        (table.clone(), tests.clone() + &test("row_of_ducks")),
        (table.clone(), tests.clone() + &test("row_75_ends_well")),
        (table.clone(), tests.clone() + "fn row_07_never_runs() {\n}\n"),
    ] {
        assert_eq!(gaps(&broken, &tests).len(), 1, "{:?}", gaps(&broken, &tests));
    }
    assert_eq!(gaps(&table.replace(row_7, "| seven | a fault | P | it ends well | |"), &tests).len(), 3);
}
