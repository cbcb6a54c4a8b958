//! What is right and wrong with this machine itself, whatever the broker says.

use super::{Line, note, wrong};
use crate::config::Config;

/// Where what a person types could be written to, in the kernel's own words. Compressed memory (zram) is none of these
/// unless it has a disk behind it, and what the device mapper has is taken for encrypted.
pub(super) fn swap_line(swaps: &str, backing: impl Fn(&str) -> String, controllers: &str) -> Option<Line> {
    let has_a_disk = |name: &str| !["", "none"].contains(&backing(name).trim());
    let is_a_disk = |path: &&str| match path.strip_prefix("/dev/") {
        Some(name) if name.starts_with("zram") => has_a_disk(name),
        Some(name) => !name.starts_with("dm-") && !name.starts_with("mapper/"),
        None => true,
    };
    let disks: Vec<&str> =
        swaps.lines().skip(1).filter_map(|line| line.split_whitespace().next()).filter(is_a_disk).collect();
    if disks.is_empty() {
        return None;
    }
    let whether = if controllers.split_whitespace().any(|name| name == "memory") {
        "The packaged service keeps out of it; whatever else starts this program does not"
    } else {
        "This kernel cannot keep the packaged service out of it, because it has no memory controller"
    };
    Some(note(format!(
        "This machine swaps to {}. {whether}: what a person types could be left there. Switch swap off, or encrypt it.",
        disks.join(" and ")
    )))
}

/// A display that is to sleep is spoken to through an adapter.
pub(super) fn adapter_line(config: &Config, is_there: bool) -> Option<Line> {
    (config.sleeps() && !is_there).then(|| {
        wrong(
            format!("The display cannot sleep: there is no HDMI-CEC adapter {}.", config.cec.display()),
            "Write the one that /dev has into kiosk.cec, or remove kiosk.standby.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

    fn told(swaps: &str, backing: &str, controllers: &str) -> Option<String> {
        swap_line(&[HEAD, swaps].concat(), |_| backing.to_owned(), controllers).map(|line| line.to_string())
    }

    #[test]
    fn a_machine_that_swaps_to_a_disk_is_told_of() {
        let file = "/var/swap                               file\t\t524284\t\t0\t\t-2\n";
        let zram = "/dev/zram0                              partition\t2097148\t\t0\t\t100\n";
        let sealed = "/dev/dm-1                               partition\t2097148\t\t0\t\t100\n";
        assert_eq!(told("", "none\n", "cpu memory pids"), None);
        assert_eq!(told(zram, "none\n", "cpu pids"), None, "memory is memory");
        assert_eq!(told(sealed, "none\n", "cpu pids"), None);
        assert!(told(file, "none\n", "cpu memory pids").unwrap().contains("service keeps out of it"));
        assert!(told(file, "none\n", "cpu pids").unwrap().contains("cannot keep the packaged service out"));
        assert!(
            told(zram, "/dev/loop0\n", "cpu pids")
                .unwrap()
                .starts_with("note: This machine swaps to /dev/zram0.")
        );
        assert!(told(&[file, zram].concat(), "/dev/loop0", "").unwrap().contains("/var/swap and /dev/zram0"));
    }
}
