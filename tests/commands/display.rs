//! A kiosk's display, and a `cec-ctl` that writes down what it is told.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use flexlogin::clock;
use flexlogin::simulator::Broker;

use crate::program::*;

/// A folder with a program in it that stands in for the one of v4l-utils.
fn folder_with_cec_ctl(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (written, path) = (folder.path().join("written"), folder.path().join("cec-ctl"));
    fs::write(&written, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&written, fs::Permissions::from_mode(0o700)).unwrap();
    // Not by this process: a file that one of its threads still writes cannot be run by another.
    assert!(Command::new("cp").args([&written, &path]).status().unwrap().success());
    folder
}

/// A closed kiosk whose display sleeps.
fn closed(text: String) -> String {
    // Three days from now; 1970 began on a Thursday.
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    let day = days[usize::try_from(clock::unix() / 86_400 % 7).unwrap()];
    format!("{text}\n[kiosk]\nopen = \"{day} 08:00-16:00\"\nstandby = \"closed\"\ncec = \"/dev/null\"\n")
}

/// A closed kiosk with this `cec-ctl`, on which somebody presses a key. The folder holds its `cec-ctl.log`.
fn pressed(broker: &Broker, cec_ctl: &str) -> (Running, [tempfile::TempDir; 2]) {
    let programs = folder_with_cec_ctl(cec_ctl);
    let (folder, script) = folder_with("wait closed 20\nkey ok\nsleep 60\n");
    let (config, script) = (changed(broker, closed), script.to_str().unwrap());
    let arguments =
        ["panel", "--config", &config, "--script", script, "--out", folder.path().to_str().unwrap()];
    (start_with(&[("PATH", programs.path())], &arguments, "").0, [programs, folder])
}

fn log(programs: &tempfile::TempDir) -> String {
    fs::read_to_string(programs.path().join("cec-ctl.log")).unwrap_or_default()
}

#[test]
fn a_key_wakes_a_display_that_sleeps_with_arguments_of_ours_alone() {
    let broker = by_hand();
    let (running, [programs, _folder]) =
        pressed(&broker, "echo \"$@\" >> \"$0.log\"; echo '  Physical Address  : 2.0.0.0'");
    wait_until("an order for the display", || log(&programs).contains("--to"));
    let plays = "--device /dev/null --playback\n";
    let wakes = "--device /dev/null --playback --to 0 --image-view-on --active-source=phys-addr=2.0.0.0\n";
    assert_eq!(log(&programs), [plays, plays, wakes].concat());
    running.signal("TERM");
    assert!(!running.end().stderr.contains("notice: display"));
}

#[test]
fn an_adapter_that_comes_later_is_introduced() {
    let broker = by_hand();
    let programs = folder_with_cec_ctl("echo \"$@\" >> \"$0.log\"");
    let (folder, script) = folder_with("wait idle 20\nsleep 120\n");
    let adapter = folder.path().join("cec0");
    let config = changed(&broker, |text| format!("{text}\n[kiosk]\ncec = {adapter:?}\n"));
    let (out, script) = (folder.path().to_str().unwrap(), script.to_str().unwrap());
    let arguments = ["panel", "--config", &config, "--script", script, "--out", out];
    let (running, _stdin) = start_with(&[("PATH", programs.path())], &arguments, "");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(log(&programs), "", "there is nothing to introduce itself to");
    fs::write(&adapter, "").unwrap();
    wait_until("the introduction", || log(&programs).contains("--playback"));
    running.signal("TERM");
    assert!(!running.end().stderr.contains("notice: display"));
}

#[test]
fn a_display_that_does_not_hear_an_order_is_given_it_again() {
    let broker = by_hand();
    let (running, [programs, _folder]) = pressed(
        &broker,
        "echo \"$@\" >> \"$0.log\"; case \"$*\" in *image*) test -e \"$0.hears\" || { : > \"$0.hears\"; exit 1; } ;; esac",
    );
    wait_until("the order again", || log(&programs).matches("--image-view-on").count() == 2);
    running.signal("TERM");
    assert_eq!(running.end().stderr.matches("notice: display: ").count(), 1);
}

#[test]
fn a_display_that_cannot_be_told_anything_is_told_of_and_the_kiosk_goes_on() {
    let broker = by_hand();
    let programs = folder_with_cec_ctl("exit 3");
    let (folder, script) = folder_with("wait closed 20\nkey ok\nsleep 5\nwait closed 5\n");
    let (config, script) = (changed(&broker, closed), script.to_str().unwrap());
    let arguments =
        ["panel", "--config", &config, "--script", script, "--out", folder.path().to_str().unwrap()];
    let run = start_with(&[("PATH", programs.path())], &arguments, "").0.end();
    assert_eq!(run.code, 12, "{run:?}");
    assert_eq!(run.stderr.matches("flexlogin: notice: display: ").count(), 1, "{run:?}");
}
