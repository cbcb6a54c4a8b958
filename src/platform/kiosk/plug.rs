//! Whether the display is still there. The kernel tells when anything is plugged in or pulled (uevents, netlink(7)), so
//! nobody has to look again and again.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::netlink::{KOBJECT_UEVENT, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recv, socket_with};

use super::display::Display;
use super::ending::Ending;
use crate::clock::uptime;
use crate::{defects, host};

/// The group that the kernel itself tells.
const OF_THE_KERNEL: u32 = 1;
/// The kernel's own bound for what it tells at once.
const LONGEST: usize = 2048 + 512;
/// A plug that is moved makes and breaks contact for a while.
const SETTLES_IN: Duration = Duration::from_millis(500);
/// A display that wakes may come and go for a while.
const WAKES_IN: Duration = Duration::from_secs(10);
/// Where one is not there that was told to sleep, nothing may tell when it should be.
const LOOKS_AGAIN_IN: Duration = Duration::from_secs(60);
/// Longer than a login takes to be cancelled.
const ENDS_IN: Duration = Duration::from_secs(8);

/// What changes on the displays of this machine.
pub(super) struct Changes(OwnedFd);

impl Changes {
    /// Hears of what happens from now on. The error is a sentence.
    pub(super) fn hear() -> Result<Changes, String> {
        let cannot = |error: Errno| format!("It cannot be noticed when the display is unplugged: {error}.");
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(KOBJECT_UEVENT));
        let socket = socket.map_err(cannot)?;
        bind(&socket, &SocketAddrNetlink::new(0, OF_THE_KERNEL)).map_err(cannot)?;
        Ok(Changes(socket))
    }

    /// Waits until something may have changed on a display or the kiosk ends, but no longer than `at_most`.
    pub(super) fn wait(&self, at_most: Option<Duration>, ending: &Ending) -> Result<(), String> {
        let cannot = |error: Errno| format!("The display cannot be watched any more: {error}.");
        let until = at_most.map(|pause| uptime().saturating_add(pause));
        let mut room = [0; LONGEST];
        loop {
            // However much else the kernel tells of meanwhile.
            let left = until.map(|until| until.saturating_sub(uptime()));
            if left == Some(Duration::ZERO) {
                return Ok(());
            }
            let pause = left.and_then(|left| Timespec::try_from(left).ok());
            let mut both = [PollFd::new(&self.0, PollFlags::IN), PollFd::new(ending, PollFlags::IN)];
            match poll(&mut both, pause.as_ref()) {
                Ok(0) => return Ok(()),
                Ok(_) if !both[1].revents().is_empty() => return Ok(()),
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(cannot(error)),
            }
            match recv(&self.0, &mut room, RecvFlags::empty()) {
                Ok((length, _)) if is_of_a_display(&room[..length]) => return Ok(()),
                // More happened than was kept.
                Err(Errno::NOBUFS) => return Ok(()),
                Ok(_) | Err(Errno::AGAIN | Errno::INTR) => {}
                Err(error) => return Err(cannot(error)),
            }
        }
    }
}

/// Whether the display was told to sleep. Many then look like one that is unplugged, and hear over HDMI-CEC all the same.
#[derive(Clone)]
pub(super) struct Sleep(Arc<Mutex<Slumber>>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slumber {
    Awake,
    Asleep,
    WakesUntil(Duration),
}

impl Sleep {
    /// One that the process before this one may have told to sleep wakes now.
    pub(super) fn at_the_start(sleeps: bool, now: Duration) -> Sleep {
        let slumber = if sleeps { Slumber::WakesUntil(now + WAKES_IN) } else { Slumber::Awake };
        Sleep(Arc::new(Mutex::new(slumber)))
    }

    pub(super) fn tell(&self, is_asleep: bool, now: Duration) {
        let mut slumber = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *slumber = match *slumber {
            _ if is_asleep => Slumber::Asleep,
            Slumber::Asleep => Slumber::WakesUntil(now + WAKES_IN),
            as_before => as_before,
        };
    }

    /// Until when it means nothing that the display is not there.
    fn excuses_until(&self, now: Duration) -> Option<Duration> {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Slumber::Awake => None,
            Slumber::Asleep => Some(now + LOOKS_AGAIN_IN),
            Slumber::WakesUntil(until) => Some(until).filter(|until| *until > now),
        }
    }
}

/// Ends the kiosk when its display goes, or becomes another one, on a thread that lives as long as the process. The error
/// is a sentence.
pub(super) fn watch(changes: Changes, display: &Display, sleep: Sleep, ending: Ending) -> Result<(), String> {
    let (folder, output) = (folder(&display.card, &display.output), display.output.clone());
    let began_with = display.listed.clone();
    let run = move || {
        loop {
            let is = fs::read_to_string(folder.join("status")).unwrap_or_default();
            let (ends, now) = (what_ends(&output, &is, modes_of(&folder) == began_with), uptime());
            let looks_again_in = match (ends, sleep.excuses_until(now)) {
                (None, _) => None,
                (Some(_), Some(until)) => Some(until.saturating_sub(now)),
                (Some(sentence), None) => {
                    ending.fail(sentence.clone());
                    std::thread::sleep(ENDS_IN);
                    // Without a display the thread that draws may wait for a picture that is never shown. The next
                    // process cancels what this one leaves.
                    super::say(&sentence);
                    std::process::exit(i32::from(host::FAILED));
                }
            };
            if let Err(sentence) = changes.wait(looks_again_in, &ending) {
                return ending.fail(sentence);
            }
            std::thread::sleep(SETTLES_IN);
        }
    };
    defects::beside("display", run).map_err(|error| format!("The display cannot be watched: {error}."))
}

/// What the kernel knows of the output.
fn folder(card: &Path, output: &str) -> PathBuf {
    let card = card.file_name().unwrap_or_default().to_string_lossy();
    PathBuf::from(format!("/sys/class/drm/{card}-{output}"))
}

/// The modes of its display, as the kernel lists them: another display has others.
pub(super) fn listed(card: &Path, output: &str) -> Vec<u8> {
    modes_of(&folder(card, output))
}

fn modes_of(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("modes")).unwrap_or_default()
}

/// The modes and the output were read once, when the display was found: whatever is there now needs a new one.
fn what_ends(output: &str, status: &str, is_the_same: bool) -> Option<String> {
    match status.trim() {
        "disconnected" => Some(format!("The display at {output} was unplugged or switched off.")),
        _ if !is_the_same => Some(format!("The display at {output} is another one now.")),
        _ => None,
    }
}

/// The kernel tells a headline and then NAME=VALUE, each with a zero at the end.
fn is_of_a_display(message: &[u8]) -> bool {
    message.split(|byte| *byte == 0).any(|line| line == b"SUBSYSTEM=drm")
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixDatagram;
    use std::sync::mpsc::{self, RecvTimeoutError};

    use super::*;

    #[test]
    fn whatever_else_is_plugged_in_prolongs_no_wait() {
        let (kernel, socket) = UnixDatagram::pair().unwrap();
        // It tells as much as there is room for, and waits for nobody.
        kernel.set_nonblocking(true).unwrap();
        let (changes, ending) = (Changes(socket.into()), Ending::new().unwrap());
        let (done, over) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for _ in 0..1000 {
                    let _ = kernel.send(b"change@/devices/battery\0SUBSYSTEM=power_supply\0");
                    let pause = over.recv_timeout(Duration::from_millis(10));
                    if pause == Err(RecvTimeoutError::Disconnected) {
                        break;
                    }
                }
            });
            let began = uptime();
            assert_eq!(changes.wait(Some(Duration::from_millis(100)), &ending), Ok(()));
            let waited = uptime() - began;
            drop(done);
            let expected = Duration::from_millis(100)..Duration::from_secs(5);
            assert!(expected.contains(&waited), "{waited:?}");
        });
    }

    #[test]
    fn what_the_kernel_tells_of_a_display_is_told_from_the_rest() {
        let told: [(&[u8], bool); 5] = [
            (b"change@/devices/pci0/drm/card0\0ACTION=change\0SUBSYSTEM=drm\0HOTPLUG=1\0SEQNUM=9\0", true),
            (b"add@/devices/x\0ACTION=add\0SUBSYSTEM=usb\0", false),
            (b"change@/drm\0SUBSYSTEM=drm_dp_aux_dev\0", false),
            (b"", false),
            (b"SUBSYSTEM=drm", true),
        ];
        for (message, is) in told {
            assert_eq!(is_of_a_display(message), is, "{}", String::from_utf8_lossy(message));
        }
    }

    #[test]
    fn row_65_a_display_that_is_pulled_or_changed_for_another_ends_it_and_one_that_stays_does_not() {
        assert_eq!(what_ends("HDMI-A-1", "connected\n", true), None);
        // A kernel that cannot tell, or whose folder we may not see.
        assert_eq!(what_ends("HDMI-A-1", "unknown\n", true), None);
        assert_eq!(what_ends("HDMI-A-1", "", true), None);
        assert!(what_ends("HDMI-A-1", "disconnected\n", true).unwrap().contains("unplugged"));
        assert!(what_ends("HDMI-A-1", "connected\n", false).unwrap().contains("another one"));
    }

    #[test]
    fn a_display_that_was_told_to_sleep_may_be_gone_until_it_has_woken() {
        let at = Duration::from_secs;
        let sleep = Sleep::at_the_start(true, at(0));
        assert_eq!(sleep.excuses_until(at(1)), Some(at(10)), "the process before this one may have");
        let sleep = Sleep::at_the_start(false, at(0));
        assert_eq!(sleep.excuses_until(at(1)), None, "nobody told it to sleep");
        sleep.tell(true, at(2));
        assert_eq!(sleep.excuses_until(at(3)), Some(at(63)));
        assert_eq!(sleep.excuses_until(at(30_000)), Some(at(30_060)), "all night");
        for now in [at(30_001), at(30_005)] {
            sleep.tell(false, now);
        }
        assert_eq!(sleep.excuses_until(at(30_005)), Some(at(30_011)), "told to wake");
        assert_eq!(sleep.excuses_until(at(30_011)), None);
    }

    #[test]
    fn whoever_waits_for_a_change_waits_no_longer_than_told() {
        let changes = Changes::hear().unwrap();
        let ending = Ending::new().unwrap();
        assert_eq!(changes.wait(Some(Duration::ZERO), &ending), Ok(()));
        ending.leave();
        assert_eq!(changes.wait(None, &ending), Ok(()), "it ends");
    }
}
