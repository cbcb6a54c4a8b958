//! Which display is drawn on, found before Slint looks for one, so that what is missing can be said.

use std::cmp::Reverse;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

use drm::Device;
use drm::control::{Device as _, ModeFlags, ModeTypeFlags, connector};

use super::plug;
use crate::config::{Kiosk, Mode};

/// What the processor draws in good time; a display that prefers more scales it up. Configured modes may be larger.
const LARGEST: u64 = 1920 * 1080;

/// A connector with a display on it, and one of its modes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Display {
    pub(super) card: PathBuf,
    pub(super) output: String,
    /// The place of the mode in the display's own list.
    pub(super) mode: usize,
    pub(super) size: Mode,
    /// What the kernel lists for it: it may be changed for another before anything is drawn.
    pub(super) listed: Vec<u8>,
}

/// Why there is no display to draw on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The kernel has no device that shows pictures.
    Cards,
    Permission(PathBuf),
    /// Another program draws.
    Busy(PathBuf),
    /// Nothing is plugged in: the one reason that goes away by itself.
    Connection(Vec<String>),
    Output {
        wanted: String,
        there: Vec<String>,
    },
    Mode {
        output: String,
        wanted: Option<Mode>,
        there: Vec<Mode>,
    },
}

/// A connector, whatever is on it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Output {
    card: PathBuf,
    name: String,
    is_connected: bool,
    modes: Vec<Offer>,
}

/// One of the modes that a display lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Offer {
    size: Mode,
    is_preferred: bool,
    /// Every second line in turn.
    is_interlaced: bool,
    /// Pictures a second.
    rate: u32,
}

/// A card that this program may draw on.
struct Card(File);

impl AsFd for Card {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Device for Card {}
impl drm::control::Device for Card {}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Cards => f.write_str(
                "There is no display: the kernel shows no graphics card in /dev/dri. Load the driver of this machine's \
                 graphics, or use `flexlogin desktop`, `flexlogin panel` or `flexlogin login`.",
            ),
            Missing::Permission(card) => write!(
                f,
                "The display cannot be opened: permission denied ({}). Let the user of this program into the group \
                 video, for instance with `usermod -aG video USER`, and start it anew.",
                card.display()
            ),
            Missing::Busy(card) => write!(
                f,
                "Another program draws on the display ({}), perhaps a window system or a flexlogin that runs already. \
                 Stop that one first.",
                card.display()
            ),
            Missing::Connection(outputs) => {
                write!(f, "No display is connected to {}. Plug one in, or switch it on.", outputs.join(" or "))
            }
            Missing::Output { wanted, there } => write!(
                f,
                "This machine has no output {wanted}, which kiosk.output names; it has {}. Write one of these into the \
                 configuration, or remove the line.",
                there.join(" and ")
            ),
            Missing::Mode { output, wanted: Some(mode), there } => {
                let there: Vec<String> = there.iter().map(Mode::to_string).collect();
                write!(
                    f,
                    "The display at {output} cannot show {mode}, which kiosk.mode names; it can show {}. Write one of \
                     these into the configuration, or remove the line.",
                    there.join(", ")
                )
            }
            Missing::Mode { output, .. } => write!(
                f,
                "The display at {output} tells no resolution that it can show. Unplug it and plug it in again, or give \
                 the kernel one: video={output}:1920x1080@60."
            ),
        }
    }
}

/// Looks for the display that the configuration means.
pub(super) fn find(kiosk: &Kiosk) -> Result<Display, Missing> {
    let outputs = outputs(Path::new("/dev/dri"))?;
    let display = choose(&outputs, kiosk)?;
    Ok(Display { listed: plug::listed(&display.card, &display.output), ..display })
}

/// What the cards have.
fn outputs(folder: &Path) -> Result<Vec<Output>, Missing> {
    let mut cards: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("card")))
        .collect();
    cards.sort();
    together(cards.iter().map(|card| outputs_of(card)))
}

/// A card that cannot be used is the reason only where there is no other, and one that shows nothing only where nothing
/// else is wrong: a Raspberry Pi has one that computes beside the one that shows.
fn together(cards: impl Iterator<Item = Result<Vec<Output>, Missing>>) -> Result<Vec<Output>, Missing> {
    let mut outputs = Vec::new();
    let mut missing = Missing::Cards;
    for card in cards {
        match card {
            Ok(found) => outputs.extend(found),
            Err(Missing::Cards) => {}
            Err(reason) => missing = reason,
        }
    }
    if outputs.is_empty() { Err(missing) } else { Ok(outputs) }
}

fn outputs_of(path: &Path) -> Result<Vec<Output>, Missing> {
    let card = OpenOptions::new().read(true).write(true).open(path).map(Card).map_err(|error| match error
        .kind()
    {
        ErrorKind::PermissionDenied => Missing::Permission(path.to_owned()),
        _ => Missing::Cards,
    })?;
    // One that only computes has no connectors.
    let resources = card.resource_handles().map_err(|_| Missing::Cards)?;
    card.acquire_master_lock().map_err(|_| Missing::Busy(path.to_owned()))?;
    // Asks the display itself: what the kernel remembers may be older than the plug.
    let connectors =
        resources.connectors().iter().filter_map(|handle| card.get_connector(*handle, true).ok());
    Ok(connectors.map(|connector| output(path, &connector)).collect())
}

fn output(card: &Path, connector: &connector::Info) -> Output {
    let mode = |mode: &drm::control::Mode| {
        let (width, height) = mode.size();
        Offer {
            size: Mode { width, height },
            is_preferred: mode.mode_type().contains(ModeTypeFlags::PREFERRED),
            is_interlaced: mode.flags().contains(ModeFlags::INTERLACE),
            rate: mode.vrefresh(),
        }
    };
    Output {
        card: card.to_owned(),
        name: format!("{}-{}", connector.interface().as_str(), connector.interface_id()),
        is_connected: connector.state() == connector::State::Connected,
        modes: connector.modes().iter().map(mode).collect(),
    }
}

fn choose(outputs: &[Output], kiosk: &Kiosk) -> Result<Display, Missing> {
    let names = |outputs: &[&Output]| outputs.iter().map(|output| output.name.clone()).collect();
    let wanted: Vec<&Output> = outputs
        .iter()
        .filter(|output| kiosk.output.as_ref().is_none_or(|wanted| *wanted == output.name))
        .collect();
    if let (Some(wanted), true) = (&kiosk.output, wanted.is_empty()) {
        let there = names(&outputs.iter().collect::<Vec<_>>());
        return Err(Missing::Output { wanted: wanted.clone(), there });
    }
    let output = wanted
        .iter()
        .find(|output| output.is_connected)
        .ok_or_else(|| Missing::Connection(names(&wanted)))?;
    let mode = mode_of(output, kiosk.mode).ok_or_else(|| Missing::Mode {
        output: output.name.clone(),
        wanted: kiosk.mode,
        there: sizes(output),
    })?;
    let size = output.modes[mode].size;
    Ok(Display { card: output.card.clone(), output: output.name.clone(), mode, size, listed: Vec::new() })
}

/// The place of the mode that is wanted.
fn mode_of(output: &Output, wanted: Option<Mode>) -> Option<usize> {
    // Of equals the first one.
    let offers = output.modes.iter().enumerate().rev();
    if let Some(wanted) = wanted {
        let same_size = offers.filter(|(_, offer)| offer.size == wanted);
        return same_size.max_by_key(|(_, offer)| offer.calm()).map(|(at, _)| at);
    }
    let preferred = output.modes.iter().position(|offer| offer.is_preferred).unwrap_or(0);
    let best = output.modes.get(preferred)?.size;
    if best.pixels() <= LARGEST {
        return Some(preferred);
    }
    let same_shape =
        offers.filter(|(_, offer)| offer.size.pixels() <= LARGEST && offer.size.has_shape_of(best));
    let most = same_shape.max_by_key(|(_, offer)| (!offer.is_interlaced, offer.size.pixels(), offer.calm()));
    most.map(|(at, _)| at).or(Some(preferred))
}

/// Each resolution once.
fn sizes(output: &Output) -> Vec<Mode> {
    let mut sizes = Vec::new();
    for offer in &output.modes {
        if !sizes.contains(&offer.size) {
            sizes.push(offer.size);
        }
    }
    sizes
}

impl Offer {
    /// A still picture flickers if it is interlaced, and gains nothing where it is sent more than sixty times a second.
    fn calm(self) -> impl Ord {
        (!self.is_interlaced, Reverse(self.rate.abs_diff(60)))
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl Mode {
    fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    fn has_shape_of(self, other: Mode) -> bool {
        u64::from(self.width) * u64::from(other.height) == u64::from(self.height) * u64::from(other.width)
    }
}

#[cfg(test)]
mod tests;
