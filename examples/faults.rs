//! Prints the fault matrix: each row with what happens and the tests that show it. A row about a login under way
//! that has neither a test nor an excuse makes it end with 1.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what it is for")]

#[path = "../tests/house/matrix.rs"]
mod matrix;

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use matrix::Matrix;

fn main() -> io::Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests"] {
        add_sources(&root.join(folder), root, &mut files)?;
    }
    let table = fs::read_to_string(root.join("tests/faults.md"))?;
    let matrix = Matrix::read(&table, files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    print(&matrix);
    let gaps = matrix.gaps();
    gaps.iter().for_each(|gap| eprintln!("{gap}"));
    Ok(if gaps.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn add_sources(folder: &Path, root: &Path, files: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            add_sources(&path, root, files)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path)?;
            files.push((path.strip_prefix(root).unwrap_or(&path).display().to_string(), text));
        }
    }
    Ok(())
}

fn print(matrix: &Matrix) {
    for row in &matrix.rows {
        println!("{:>2}  {:<3}  {}", row.number, row.phase, row.fault);
        println!("         {}", row.answer);
        if !row.reason.is_empty() {
            println!("         {}", row.reason);
        }
        matrix.tests_of(row).iter().for_each(|test| println!("         · {test}"));
    }
    println!("\nbeyond the matrix");
    matrix.beyond.iter().for_each(|test| println!("         · {test}"));

    let in_scope = || matrix.rows.iter().filter(|row| row.is_in_scope());
    let shown = in_scope().filter(|row| !matrix.tests_of(row).is_empty()).count();
    let excused = in_scope().filter(|row| matrix.tests_of(row).is_empty() && row.is_excused()).count();
    let tests: usize = matrix.rows.iter().map(|row| matrix.tests_of(row).len()).sum();
    println!(
        "\n{} rows, {} of them about a login under way: {shown} shown by tests, {excused} excused. \
         {tests} tests of rows, {} beyond them.",
        matrix.rows.len(),
        in_scope().count(),
        matrix.beyond.len(),
    );
}
