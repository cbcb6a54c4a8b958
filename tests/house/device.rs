//! What is packaged for devices agrees with the program and the README.

use std::collections::BTreeSet;

use crate::files::read;
use crate::nothing;

/// Where the version of the program is repeated, and how.
const VERSIONS: [(&str, &str); 2] = [
    ("cross/package/changelog", "flexlogin (#-1) "),
    ("cross/buildroot/flexlogin.mk", "\nFLEXLOGIN_VERSION = #\n"),
];

#[test]
fn the_manual_tells_of_every_command() {
    let (manual, readme) = (read("cross/package/flexlogin.1"), read("README.md"));
    assert!(in_readme(&readme).len() > 6);
    nothing(difference(&in_manual(&manual), &in_readme(&readme)).into_iter());
}

#[test]
fn a_command_that_only_one_of_them_knows_is_found() {
    let readme = "## Commands\n\n| `flexlogin` or `demo [--out DIR]` | a |\n| `check --config FILE` | b |\n\n## Next\n| `x` |";
    let manual = ".Sh DESCRIPTION\n.It Cm demo\nWords.\n.It Cm check\n.Sh OUTPUT\n.It Cm other\n";
    assert_eq!(difference(&in_manual(manual), &in_readme(readme)), [""; 0]);
    assert_eq!(difference(&in_manual(&manual.replace("check", "watch")), &in_readme(readme)).len(), 2);
    assert_eq!(difference(&in_manual(manual), &in_readme(&readme.replace("demo", "show"))).len(), 2);
}

/// The first word of each row of the table of commands, without the program's own name.
fn in_readme(readme: &str) -> Vec<String> {
    let commands = readme.split("## Commands").nth(1).and_then(|rest| rest.split("\n## ").next());
    let rows = commands.unwrap_or_default().lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.trim_start_matches("flexlogin` or `"))
        .map(|row| row.split([' ', '`']).next().unwrap_or_default().to_owned())
        .collect()
}

fn in_manual(manual: &str) -> Vec<String> {
    let description = manual.split(".Sh DESCRIPTION").nth(1).and_then(|rest| rest.split("\n.Sh ").next());
    let lines = description.unwrap_or_default().lines();
    lines.filter_map(|line| line.strip_prefix(".It Cm ")).map(str::to_owned).collect()
}

fn difference(manual: &[String], readme: &[String]) -> Vec<String> {
    let of = |these: &[String], those: &[String], where_else: &str| -> Vec<String> {
        let lacking = these.iter().filter(|one| !those.contains(one));
        lacking.map(|one| format!("the command {one} is not in {where_else}")).collect()
    };
    [of(manual, readme, "README.md"), of(readme, manual, "cross/package/flexlogin.1")].concat()
}

#[test]
fn the_manual_tells_of_every_exit_code_and_of_every_way_to_name_a_person() {
    let (manual, readme) = (read("cross/package/flexlogin.1"), read("README.md"));
    let codes = codes(&readme, "| ");
    assert!(codes.len() > 8, "{codes:?}");
    let told = manual.split(".Sh EXIT STATUS").nth(1).unwrap_or_default();
    nothing(
        codes.symmetric_difference(&self::codes(told, ".It ")).map(|code| format!("the exit code {code}")),
    );
    let ways =
        readme.lines().find(|line| line.starts_with("| `login ")).unwrap_or_default().split("--").skip(1);
    let options: Vec<&str> =
        ways.map(|way| way.split([' ', ')', ']', '`']).next().unwrap_or_default()).collect();
    assert!(options.len() > 6, "{options:?}");
    let untold =
        options.iter().filter(|option| !manual.contains(&format!("Fl \\-{}", option.replace('-', "\\-"))));
    nothing(untold.map(|option| format!("the option --{option} of login is not in the manual")));
}

/// The numbers in the first cell of each row that has any.
fn codes(text: &str, begins: &str) -> BTreeSet<u8> {
    let rows = text.lines().filter_map(|line| line.strip_prefix(begins));
    let cells = rows.filter_map(|row| row.split(" |").next());
    cells
        .filter(|cell| cell.starts_with(|one: char| one.is_ascii_digit()))
        .flat_map(|cell| cell.split(|one: char| !one.is_ascii_digit()))
        .filter_map(|number| number.parse().ok())
        .collect()
}

#[test]
fn every_recipe_is_of_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    for (path, words) in VERSIONS {
        let words = words.replace('#', version);
        assert!(read(path).contains(&words), "{path} does not say {words:?}");
    }
    let recipe = format!("cross/yocto/flexlogin_{version}.bb");
    assert!(read(&recipe).contains("cross/package/flexlogin.service"), "{recipe}");
}

/// What the recipes for other systems have to bring along, too: the files of the service, and what is said to cargo.
#[test]
fn every_recipe_brings_what_the_package_does() {
    let cargo = read("Cargo.toml");
    let assets = cargo.split("\nassets = [").nth(1).and_then(|rest| rest.split("\n]").next()).unwrap();
    let ours = assets.split('"').filter(|path| path.starts_with("cross/package/") && !path.ends_with(".1"));
    // Without the name, where a system has a way of its own.
    let files = ours.map(|path| path.strip_suffix("/flexlogin.conf").unwrap_or(path).to_owned());
    let said = read(".cargo/config.toml");
    let said = said.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.to_owned());
    let features = read("cross/build")
        .split_once("|| set -- ")
        .and_then(|(_, rest)| Some(rest.lines().next()?.to_owned()));
    let unit = "cross/package/flexlogin.service".to_owned();
    let wanted: Vec<String> = files
        .chain(said.filter(|name| !name.starts_with("RUST_TEST")))
        .chain(features)
        .chain([unit])
        .collect();
    assert!(wanted.len() > 5, "{wanted:?}");
    let recipe = format!("cross/yocto/flexlogin_{}.bb", env!("CARGO_PKG_VERSION"));
    nothing([recipe.as_str(), "cross/buildroot/flexlogin.mk"].into_iter().flat_map(|path| {
        let text = read(path);
        let lacking: Vec<_> = wanted.iter().filter(|one| !text.contains(one.as_str())).collect();
        lacking.into_iter().map(|one| format!("{path} lacks {one}")).collect::<Vec<_>>()
    }));
}

#[test]
fn the_unit_starts_a_command_of_the_manual() {
    let unit = read("cross/package/flexlogin.service");
    let started = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/flexlogin ")).unwrap();
    let command = started.split(' ').next().unwrap().to_owned();
    assert!(in_manual(&read("cross/package/flexlogin.1")).contains(&command), "{started}");
}
