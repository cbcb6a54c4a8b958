//! Kiosks that cannot begin: started by somebody who may not, or where something is missing.

use std::fs;
use std::io::Read;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use flexlogin::clock::uptime;

use crate::words::{Ended, Obstacle};

/// Somebody who belongs to no group.
const NOBODY: u32 = 65534;
const FOLDER: &str = "/run/nobody";
const CARD: &str = "/dev/dri/card0";
/// Longer than a start takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Starts a kiosk with the configuration of this folder and waits until it ends.
pub(crate) fn run_into(obstacle: Obstacle, folder: &Path) -> Result<Ended, String> {
    match obstacle {
        Obstacle::Card => run(folder, Some(NOBODY)),
        Obstacle::Remotes => {
            give(Path::new(CARD), NOBODY)?;
            let ended = run(folder, Some(NOBODY));
            give(Path::new(CARD), 0)?;
            ended
        }
        Obstacle::NoCard => {
            rename("/dev/dri", "/dev/away")?;
            let ended = run(folder, None);
            rename("/dev/away", "/dev/dri")?;
            ended
        }
        Obstacle::Another => run(folder, None),
    }
}

fn run(folder: &Path, user: Option<u32>) -> Result<Ended, String> {
    let configuration = lay_out(folder, user.unwrap_or(0))?;
    let mut command = Command::new("/bin/flexlogin");
    command.arg("kiosk").arg("--config").arg(configuration).stdout(Stdio::null()).stderr(Stdio::piped());
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let until = uptime() + PATIENCE;
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break status,
            None if uptime() > until => {
                child.kill().map_err(|error| error.to_string())?;
                return Err("a kiosk that cannot begin does not end".into());
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let mut said = String::new();
    if let Some(mut errors) = child.stderr.take() {
        errors.read_to_string(&mut said).map_err(|error| error.to_string())?;
    }
    Ok(Ended { code: status.code(), said })
}

/// A copy that this user may read.
fn lay_out(folder: &Path, user: u32) -> Result<std::path::PathBuf, String> {
    let to = Path::new(FOLDER);
    let copy = || -> std::io::Result<()> {
        let _ = fs::remove_dir_all(to);
        fs::create_dir(to)?;
        for entry in fs::read_dir(folder)?.flatten().filter(|entry| entry.path().is_file()) {
            let copy = to.join(entry.file_name());
            fs::copy(entry.path(), &copy)?;
            chown(&copy, Some(user), None)?;
        }
        chown(to, Some(user), None)
    };
    copy().map_err(|error| format!("{FOLDER}: {error}"))?;
    Ok(to.join("flexlogin.toml"))
}

fn give(path: &Path, user: u32) -> Result<(), String> {
    chown(path, Some(user), None).map_err(|error| format!("{}: {error}", path.display()))
}

fn rename(from: &str, to: &str) -> Result<(), String> {
    fs::rename(from, to).map_err(|error| format!("{from}: {error}"))
}
