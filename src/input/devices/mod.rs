//! The devices of this machine: found as they come and go, held, and read.
//!
//! A device that is held reaches nobody else: neither the console, which would change terminals or restart the machine,
//! nor SysRq, nor whoever listens for power keys.

mod node;
mod place;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use zeroize::Zeroizing;

pub use node::{Node, Refusal, Wanted, name_of_code};
use place::{Listed, Place};

use super::{Change, Device, Fingers, Identity, Model, Stream, Touch};

/// A node that is new is made ready by others first; only then it counts that it cannot be held.
const SETTLES_IN: Duration = Duration::from_secs(1);
/// How many events of one device are read at once.
const AT_ONCE: usize = 64;

/// What became of the devices.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    Came(Device, Identity),
    Changed(Device, Change),
    Touched(Device, Touch),
    /// Told once for each node.
    Refused(PathBuf, Refusal),
}

type Open = Box<dyn FnMut(&Path) -> Result<Node, Refusal> + Send>;

/// All devices that send keys, those to come too.
pub struct Devices {
    place: Place,
    open: Open,
    settles_in: Duration,
    held: Vec<Held>,
    /// What was looked at and not taken.
    left: BTreeMap<Listed, Left>,
    /// The number of the next device.
    next: u64,
    news: Vec<News>,
}

struct Held {
    listed: Listed,
    device: Device,
    node: Node,
    reading: Reading,
}

/// What is made of its bytes.
enum Reading {
    Keys(Stream),
    Touch(Box<Fingers>),
}

struct Happened {
    /// Which of the held devices have something to read, in order.
    ready: Vec<usize>,
    /// The folder has changed.
    has_moved: bool,
    /// All of the pause has passed, and nothing came.
    was_quiet: bool,
}

struct Left {
    refusal: Refusal,
    told: bool,
}

impl fmt::Debug for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Devices").field("held", &self.held.len()).finish_non_exhaustive()
    }
}

impl Devices {
    /// Holds what is in `/dev/input` and whatever comes there. The error is a sentence.
    pub fn hold(wanted: Wanted, models: Vec<Model>) -> Result<Devices, String> {
        let open = move |path: &Path| node::open(path, wanted, &models);
        Devices::within(Path::new("/dev"), "input", Box::new(open), SETTLES_IN)
    }

    fn within(parent: &Path, folder: &str, open: Open, settles_in: Duration) -> Result<Devices, String> {
        let place = Place::new(parent, folder)?;
        let (held, left, news) = (Vec::new(), BTreeMap::new(), Vec::new());
        let mut devices = Devices { place, open, settles_in, held, left, next: 0, news };
        devices.look(false);
        Ok(devices)
    }

    pub fn are_none(&self) -> bool {
        self.held.is_empty()
    }

    /// Waits until something happens, but no longer than `at_most`; nothing may have happened. The error is a sentence.
    pub fn wait(&mut self, at_most: Option<Duration>) -> Result<Vec<News>, String> {
        if self.news.is_empty() {
            let quiet = self.left.values().any(Left::may_change).then_some(self.settles_in);
            let pause = quiet.into_iter().chain(at_most).min();
            let Happened { ready, has_moved, was_quiet } = self.poll(pause)?;
            for at in ready.into_iter().rev() {
                self.read(at);
            }
            if has_moved {
                self.place.heed();
                self.look(false);
            } else if was_quiet && quiet.is_some() && pause == quiet {
                self.look(true);
            }
        }
        Ok(std::mem::take(&mut self.news))
    }

    fn poll(&self, pause: Option<Duration>) -> Result<Happened, String> {
        let pause = pause.and_then(|pause| Timespec::try_from(pause).ok());
        let mut waited: Vec<PollFd<'_>> = self
            .held
            .iter()
            .map(|held| held.node.fd.as_fd())
            .chain([self.place.as_fd()])
            .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
            .collect();
        let was_quiet = match poll(&mut waited, pause.as_ref()) {
            Ok(happened) => happened == 0,
            Err(Errno::INTR) => false,
            Err(error) => return Err(format!("The remote controls cannot be waited for: {error}.")),
        };
        let is_ready = |at: &usize| !waited[*at].revents().is_empty();
        let (ready, has_moved) =
            ((0..self.held.len()).filter(is_ready).collect(), is_ready(&self.held.len()));
        Ok(Happened { ready, has_moved, was_quiet })
    }

    fn read(&mut self, at: usize) {
        let Held { device, node, reading, .. } = &mut self.held[at];
        // What is typed is a person's number.
        let mut bytes = Zeroizing::new([0; AT_ONCE * Stream::EVENT]);
        match rustix::io::read(&node.fd, &mut bytes[..]) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            Ok(0) | Err(_) => {
                if let Reading::Touch(fingers) = reading {
                    self.news.extend(fingers.lose().map(|touch| News::Touched(*device, touch)));
                }
                self.news.push(News::Changed(*device, Change::Gone));
                self.held.remove(at);
            }
            Ok(length) => match reading {
                Reading::Keys(stream) => {
                    stream.read(&bytes[..length], |change| self.news.push(News::Changed(*device, change)));
                }
                Reading::Touch(fingers) => {
                    fingers.read(&bytes[..length], |touch| self.news.push(News::Touched(*device, touch)));
                }
            },
        }
    }

    /// Takes what is new. What is refused is told if it `has_settled`.
    fn look(&mut self, has_settled: bool) {
        let listed = self.place.list();
        self.left.retain(|left, _| listed.contains(left));
        for listed in listed {
            let is_known = self.held.iter().any(|held| held.listed == listed)
                || self.left.get(&listed).is_some_and(|left| left.refusal == Refusal::NoKeys);
            if is_known {
                continue;
            }
            let path = self.place.path_of(&listed);
            match (self.open)(&path) {
                Ok(node) => {
                    self.left.remove(&listed);
                    self.take(listed, node);
                }
                // It went away again.
                Err(Refusal::Absent) => drop(self.left.remove(&listed)),
                Err(refusal) => {
                    let was_told = self.left.get(&listed).is_some_and(|left| left.told);
                    if has_settled && !was_told && refusal != Refusal::NoKeys {
                        self.news.push(News::Refused(path, refusal.clone()));
                    }
                    self.left.insert(listed, Left { refusal, told: has_settled || was_told });
                }
            }
        }
    }

    fn take(&mut self, listed: Listed, node: Node) {
        let device = Device(self.next);
        self.next += 1;
        self.news.push(News::Came(device, node.identity.clone()));
        let reading = match node.glass {
            Some(glass) => Reading::Touch(Box::new(Fingers::on(glass))),
            None => Reading::Keys(Stream::default()),
        };
        self.held.push(Held { listed, device, node, reading });
    }
}

impl Left {
    /// Rights that change are seen; a program that lets a device go is not.
    fn may_change(&self) -> bool {
        match self.refusal {
            Refusal::NoKeys | Refusal::Absent => false,
            Refusal::Busy => true,
            Refusal::Denied | Refusal::Broken(_) => !self.told,
        }
    }
}
