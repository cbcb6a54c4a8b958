//! A login needs no disk.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::program::*;

/// One login through a shell that sets up where it runs: `$0` is the program, `$@` what it is told.
fn logs_in_where(setting: &str, environment: &[&str]) -> Output {
    let broker = approving();
    let mut child = Command::new("sh")
        .args(["-c", &format!("{setting}; exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_flexlogin"))
        .args(["login", "--config", &config_of(&broker), "--cpr", "-"])
        .env_clear()
        .envs(environment.iter().map(|name| (name, "/proc")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{CPR}").unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn row_63_a_login_succeeds_where_no_file_can_grow() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let wrote = Command::new("sh").args(["-c", "ulimit -f 0; echo a > \"$0\""]).arg(file.path()).status();
    assert!(!wrote.unwrap().success(), "the disk is not full");
    let output = logs_in_where("ulimit -f 0", &[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn row_63_a_login_succeeds_where_no_file_can_be_made() {
    let places =
        ["HOME", "TMPDIR", "XDG_RUNTIME_DIR", "RUNTIME_DIRECTORY", "XDG_CACHE_HOME", "XDG_STATE_HOME"];
    let output = logs_in_where("cd /proc", &places);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
