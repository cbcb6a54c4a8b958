//! What a running program shows of its memory and of its logins, and what a crash leaves of it.

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Stdio};

use flexlogin::simulator::Happened;

use crate::program::*;

/// Somebody without rights on every Linux.
const NOBODY: u32 = 65534;

#[test]
fn a_crash_leaves_no_core_however_large_it_may_be() {
    for signal in ["SEGV", "ABRT", "QUIT"] {
        let broker = by_hand();
        let folder = tempfile::tempdir().unwrap();
        // As large as this machine allows at all. Tests that run in the background are told to ignore QUIT.
        let largest = "ulimit -c unlimited 2>/dev/null || ulimit -c $(ulimit -H -c); \
                       exec env --default-signal=QUIT \"$@\"";
        let mut program = Command::new("sh")
            .args(["-c", largest, "sh"])
            .args([env!("CARGO_BIN_EXE_flexlogin"), "login", "--config", &config_of(&broker), "--cpr", "-"])
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        program.stdin.take().unwrap().write_all(b"6701901234\n").unwrap();
        wait_for(&broker, &Happened::Started);
        let limits = fs::read_to_string(format!("/proc/{}/limits", program.id())).unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
        let mut ended = None;
        wait_until("its end", || {
            // The first SEGV that comes from outside only takes away the handler that looks for a full stack.
            send(program.id(), signal);
            ended = program.try_wait().unwrap();
            ended.is_some()
        });
        let ended = ended.unwrap();
        assert!(ended.signal().is_some() && !ended.core_dumped(), "{signal}: {ended}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{signal}");
    }
}

#[test]
fn another_program_of_the_same_user_reads_nothing_of_its_memory() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // Where the administrator tests, somebody else can run the program only from a folder that is open to all.
    let file = folder.path().join("flexlogin");
    // Not by this process: a file that one of its threads still writes cannot be run by another.
    let copied =
        Command::new("cp").args([env!("CARGO_BIN_EXE_flexlogin").as_ref(), file.as_os_str()]).status();
    assert!(copied.unwrap().success());
    let ourselves = fs::metadata("/proc/self").unwrap().uid();
    let user = if ourselves == 0 { NOBODY } else { ourselves };
    let as_user = |program: &Path| {
        let mut command = Command::new(program);
        if user != ourselves {
            command.uid(user).gid(user);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        command
    };

    let mut program = as_user(&file).arg("broker").spawn().unwrap();
    // What it announces comes after everything that it does first.
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    for (whose, readable) in [("self", true), (program.id().to_string().as_str(), false)] {
        for what in ["environ", "maps", "mem"] {
            let mut read = as_user(Path::new("head"));
            let read = read.args(["-c", "0", &format!("/proc/{whose}/{what}")]).status().unwrap();
            assert_eq!(read.success(), readable, "{whose} {what}");
        }
    }
    send(program.id(), "TERM");
    assert!(program.wait().unwrap().success());
}

#[test]
fn a_proxy_in_the_environment_hears_nothing_of_a_login() {
    let broker = approving();
    let proxy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    proxy.set_nonblocking(true).unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let names = ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
    let environment = names.map(|name| (name, Path::new(&address)));
    let config = config_of(&broker);
    let (running, _stdin) =
        start_with(&environment, &["login", "--config", &config, "--cpr", "-"], &format!("{CPR}\n"));
    let run = running.end();
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(proxy.accept().map(|_| ()).unwrap_err().kind(), ErrorKind::WouldBlock);
}
