//! What Slint reads from the environment: the output, the mode and the rotation, which it asks for nowhere else. A
//! process can change its own environment safely only by beginning anew.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::display::Display;
use crate::input::Rotation;
use crate::platform::signals;

/// For whoever measures. Everything else that Slint reads is ours to say.
const HARMLESS: [&str; 2] = ["SLINT_DEBUG_PERFORMANCE", "SLINT_SLOW_ANIMATIONS"];

/// What a program that begins anew tells itself: the process, which stays the same.
const BEGAN_ANEW: &str = "FLEXLOGIN_BEGAN_ANEW";

/// Whether this start is only the second part of the one before.
#[expect(clippy::disallowed_methods, reason = "what the program tells itself is no configuration")]
pub(super) fn began_anew() -> bool {
    is_of(std::env::var_os(BEGAN_ANEW), std::process::id())
}

fn is_of(told: Option<OsString>, process: u32) -> bool {
    told.is_some_and(|told| told == process.to_string().as_str())
}

/// True if the environment is as it has to be. Otherwise the program begins anew as the same process, so it is called
/// before anything has begun; false if it was told to end before it could. The error is a sentence.
pub(super) fn arrange(display: &Display, rotation: Rotation) -> Result<bool, String> {
    let (there, wanted) = (there(), wanted(display, rotation));
    if is_arranged(&there, &wanted) {
        return Ok(true);
    }
    let cannot = |error| format!("The program cannot begin anew to turn to its display: {error}.");
    let mut again = Command::new(std::env::current_exe().map_err(cannot)?);
    again.args(std::env::args_os().skip(1));
    for (name, _) in &there {
        again.env_remove(name);
    }
    again.env(BEGAN_ANEW, std::process::id().to_string());
    again.envs(wanted);
    if !signals::let_go() {
        return Ok(false);
    }
    Err(cannot(again.exec()))
}

fn wanted(display: &Display, rotation: Rotation) -> Vec<(&'static str, String)> {
    vec![
        ("SLINT_DRM_OUTPUT", display.output.clone()),
        ("SLINT_DRM_MODE", display.mode.to_string()),
        ("SLINT_KMS_ROTATION", rotation.degrees().to_string()),
    ]
}

/// The variables that Slint would read.
fn there() -> Vec<(OsString, OsString)> {
    let is_read = |name: &OsString| {
        let name = name.to_string_lossy();
        name.starts_with("SLINT_") && !HARMLESS.contains(&name.as_ref())
    };
    std::env::vars_os().filter(|(name, _)| is_read(name)).collect()
}

fn is_arranged(there: &[(OsString, OsString)], wanted: &[(&'static str, String)]) -> bool {
    there.len() == wanted.len()
        && wanted
            .iter()
            .all(|(name, value)| there.iter().any(|(has, is)| has == name && is == value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Mode;

    fn display() -> Display {
        let size = Mode { width: 1920, height: 1080 };
        Display {
            card: "/dev/dri/card0".into(),
            output: "HDMI-A-1".into(),
            mode: 3,
            size,
            listed: Vec::new(),
        }
    }

    fn has(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    #[test]
    fn who_begins_anew_knows_it_and_whoever_it_starts_does_not_take_it_for_theirs() {
        assert!(is_of(Some("1".into()), 1));
        assert!(!is_of(None, 1) && !is_of(Some("1".into()), 12) && !is_of(Some("".into()), 1));
    }

    #[test]
    fn slint_is_told_of_the_display_and_of_nothing_else() {
        let wanted = wanted(&display(), Rotation::Quarter);
        let right = [("SLINT_DRM_OUTPUT", "HDMI-A-1"), ("SLINT_DRM_MODE", "3"), ("SLINT_KMS_ROTATION", "90")];
        assert!(is_arranged(&has(&right), &wanted));
        assert!(!is_arranged(&has(&right[..2]), &wanted));
        assert!(!is_arranged(&has(&[&right[..], &[("SLINT_SCALE_FACTOR", "2")]].concat()), &wanted));
        let other = [right[0], ("SLINT_DRM_MODE", "0"), right[2]];
        assert!(!is_arranged(&has(&other), &wanted));
    }
}
