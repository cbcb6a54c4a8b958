//! A host that does not take its result.

use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::process::ChildStdin;
use std::time::Duration;

use flexlogin::clock::uptime;
use flexlogin::simulator::{Broker, Happened};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::program::*;

/// A pipe that takes nothing more until somebody reads.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = pipe().unwrap();
    let flags = fcntl_getfl(&writer).unwrap();
    fcntl_setfl(&writer, flags | OFlags::NONBLOCK).unwrap();
    while writer.write(&[b'x'; 4096]).is_ok() {}
    fcntl_setfl(&writer, flags).unwrap();
    (reader, writer)
}

/// Runs `login` with more arguments into a host that does not read, until this has happened and it is told to end.
fn told_to_end(broker: &Broker, more: &[&str], happened: &Happened, tell: impl FnOnce(&Running, ChildStdin)) {
    let config = config_of(broker);
    let (_reader, writer) = full_pipe();
    let arguments = [&["login", "--config", &config, "--cpr", "-"], more].concat();
    let (running, stdin) = start_into(writer, &[], &arguments, "6701901234\n");
    wait_for(broker, happened);
    tell(&running, stdin);
    let told = uptime();
    let run = running.end();
    assert!(uptime() - told < Duration::from_secs(8), "{run:?}");
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("flexlogin: notice: undelivered: "), "{run:?}");
    assert!(run.stderr.contains("The host does not read the results"), "{run:?}");
    run.shows_no_person();
}

#[test]
fn row_68_a_login_that_is_told_to_end_does_not_wait_for_a_host_that_does_not_read() {
    let term = |running: &Running, _stdin| running.signal("TERM");
    told_to_end(&approving(), &[], &Happened::Answered { error: None }, term);
    told_to_end(&by_hand(), &[], &Happened::Started, term);
}

#[test]
fn row_68_nor_does_one_whose_input_has_ended() {
    let approved = Happened::Answered { error: None };
    told_to_end(&approving(), &["--while-stdin-open"], &approved, |_, stdin| drop(stdin));
}

#[test]
fn row_68_a_host_that_reads_late_gets_its_result() {
    let broker = approving();
    let config = config_of(&broker);
    let (mut reader, writer) = full_pipe();
    let arguments = ["login", "--config", &config, "--cpr", "-"];
    let (running, _stdin) = start_into(writer, &[], &arguments, "6701901234\n");
    wait_for(&broker, &Happened::Answered { error: None });
    let mut read = String::new();
    reader.read_to_string(&mut read).unwrap();
    assert_eq!(running.end().code, 0);
    assert!(read.trim_start_matches('x').starts_with(r#"{"outcome":"approved""#) && read.ends_with("}\n"));
}

#[test]
fn row_68_a_host_that_is_gone_is_told_of() {
    let broker = approving();
    let config = config_of(&broker);
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let arguments = ["login", "--config", &config, "--cpr", "-"];
    let run = start_into(writer, &[], &arguments, "6701901234\n").0.end();
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.stderr.contains("The host that read the results is gone"), "{run:?}");
}
