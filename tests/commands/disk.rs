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

/// A kiosk with everything before and after a login, in a system that may be mounted read-only.
#[cfg(feature = "panel")]
#[test]
fn row_63_a_kiosk_lives_where_no_file_can_grow_or_be_made() {
    let broker = approving();
    let config = changed(&broker, |text| format!("{text}\n[kiosk]\nnight = \"22:00-06:00\"\n"));
    let (folder, script) = folder_with(
        "wait idle 20\nkey ok\nwait enter 5\ntype 6701901234\nkey ok\nwait approved 20\nkey ok\nwait idle 5\n",
    );
    let output = Command::new("sh")
        .args(["-c", "ulimit -f 0; cd /proc; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_flexlogin"))
        .args(["panel", "--config", &config, "--script", script.to_str().unwrap()])
        .args(["--out", folder.path().to_str().unwrap()])
        .env_clear()
        .envs(["HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME"].map(|name| (name, "/proc")))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "only the script is there");
}
