//! One node of a device: what it is, and the hold on it.

use std::fmt;
use std::os::fd::OwnedFd;
use std::path::Path;

use evdev::raw_stream::RawDevice;
use evdev::{AbsoluteAxisCode, AttributeSetRef, KeyCode, PropType};
use rustix::fs::{FileType, Mode, OFlags, fstat, open as open_file};
use rustix::io::Errno;

use crate::input::{Axis, Code, Glass, Identity, Model, Protocol};

/// A device that is held until this is dropped.
#[derive(Debug)]
pub struct Node {
    pub(super) fd: OwnedFd,
    pub(super) identity: Identity,
    /// It is a touch screen.
    pub(super) glass: Option<Glass>,
}

/// Which devices are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those with keys, and those that a model names.
    Keys,
    /// Mice and game pads too.
    Buttons,
    /// Those with keys, and touch screens.
    KeysAndTouch,
}

/// Why a device is not held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It sends no keys that are wanted.
    NoKeys,
    /// It is gone.
    Absent,
    /// This program may not read it.
    Denied,
    /// Another program holds it.
    Busy,
    Broken(String),
}

impl fmt::Display for Refusal {
    /// To be read after the name of the node.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NoKeys => f.write_str("sends no keys."),
            Refusal::Absent => f.write_str("is gone."),
            Refusal::Denied => f.write_str(
                "cannot be read: permission denied. Let the user of this program into the group input, for instance \
                 with `usermod -aG input USER`, and start it anew.",
            ),
            Refusal::Busy => f.write_str(
                "is held by another program, perhaps by a flexlogin that runs already. Stop that one first; the device \
                 is taken as soon as it is free.",
            ),
            Refusal::Broken(reason) => write!(f, "cannot be read: {reason}. Unplug it and plug it in again."),
        }
    }
}

impl From<Errno> for Refusal {
    fn from(error: Errno) -> Refusal {
        match error {
            Errno::ACCESS | Errno::PERM => Refusal::Denied,
            Errno::BUSY => Refusal::Busy,
            Errno::NOENT | Errno::NODEV | Errno::NXIO => Refusal::Absent,
            // No device of this kind at all.
            Errno::NOTTY | Errno::INVAL | Errno::LOOP => Refusal::NoKeys,
            other => Refusal::Broken(other.to_string()),
        }
    }
}

fn refusal(error: std::io::Error) -> Refusal {
    Errno::from_io_error(&error).map_or_else(|| Refusal::Broken(error.to_string()), Refusal::from)
}

/// Opens a device and holds it, so that it reaches nobody else.
pub(super) fn open(path: &Path, wanted: Wanted, models: &[Model]) -> Result<Node, Refusal> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let fd = open_file(path, flags, Mode::empty())?;
    if FileType::from_raw_mode(fstat(&fd)?.st_mode) != FileType::CharacterDevice {
        return Err(Refusal::NoKeys);
    }
    // The hold belongs to what was opened, whichever descriptor asks for it.
    let mut device = RawDevice::from_fd(fd.try_clone().map_err(refusal)?).map_err(refusal)?;
    let id = device.input_id();
    let identity = Identity::new(device.name().unwrap_or_default(), id.vendor(), id.product());
    let is_named = models.iter().any(|model| model.fits(&identity));
    let glass = glass(&device);
    let is_wanted = if is_touched(&device) {
        wanted == Wanted::KeysAndTouch && glass.is_some()
    } else {
        has_keys(&device, if is_named { Wanted::Buttons } else { wanted })
    };
    if !is_wanted {
        return Err(Refusal::NoKeys);
    }
    device.grab().map_err(refusal)?;
    let glass = glass.filter(|_| is_touched(&device));
    Ok(Node { fd, identity, glass })
}

/// Whether fingers go on it, be it a screen or a pad.
fn is_touched(device: &RawDevice) -> bool {
    let keys = device.supported_keys();
    let has_key = |key| keys.is_some_and(|keys| keys.contains(key));
    device.properties().contains(PropType::DIRECT)
        || device.supported_absolute_axes().is_some_and(tells_of_fingers)
        || has_key(KeyCode::BTN_TOUCH) && has_axis(device, AbsoluteAxisCode::ABS_X)
}

/// What it is like as a touch screen; `None` for the pad of a computer or a drawing board, which points and does not
/// lie on a display.
fn glass(device: &RawDevice) -> Option<Glass> {
    let keys = device.supported_keys();
    let has_key = |key| keys.is_some_and(|keys| keys.contains(key));
    let points = device.properties().contains(PropType::POINTER)
        || has_key(KeyCode::BTN_TOOL_FINGER)
        || has_key(KeyCode::BTN_TOOL_PEN);
    if points && !device.properties().contains(PropType::DIRECT) {
        return None;
    }
    let protocol = if !device.supported_absolute_axes().is_some_and(tells_of_fingers) {
        Protocol::Single
    } else if has_axis(device, AbsoluteAxisCode::ABS_MT_SLOT) {
        Protocol::Slots
    } else {
        Protocol::Unnumbered
    };
    let (x, y) = match protocol {
        Protocol::Single => (AbsoluteAxisCode::ABS_X, AbsoluteAxisCode::ABS_Y),
        _ => (AbsoluteAxisCode::ABS_MT_POSITION_X, AbsoluteAxisCode::ABS_MT_POSITION_Y),
    };
    let states = device.get_absinfo().ok()?.collect::<Vec<_>>();
    let state = |wanted| states.iter().find(|(code, _)| *code == wanted).map(|(_, state)| *state);
    // Where a finger was last is not told again when the next one is there too. Of slots the kernel tells it only by the
    // place of the one finger that a mouse would follow.
    let axis = |code, single| {
        let range = state(code)?;
        let is = state(single).unwrap_or(range).value();
        Some(Axis { least: range.minimum(), most: range.maximum(), is })
    };
    let (x, y) = (axis(x, AbsoluteAxisCode::ABS_X)?, axis(y, AbsoluteAxisCode::ABS_Y)?);
    Some(Glass { protocol, x, y })
}

/// Some keyboards claim every axis there is. They are known by the one before ABS_MT_SLOT, which nothing has, as systemd
/// knows them (udev-builtin-input_id.c).
fn tells_of_fingers(axes: &AttributeSetRef<AbsoluteAxisCode>) -> bool {
    let slot = AbsoluteAxisCode::ABS_MT_SLOT;
    let claims_all = axes.contains(slot) && axes.contains(AbsoluteAxisCode(slot.0 - 1));
    axes.contains(AbsoluteAxisCode::ABS_MT_POSITION_X) && !claims_all
}

fn has_axis(device: &RawDevice, axis: AbsoluteAxisCode) -> bool {
    device.supported_absolute_axes().is_some_and(|axes| axes.contains(axis))
}

fn has_keys(device: &RawDevice, wanted: Wanted) -> bool {
    let counts = |key: KeyCode| wanted == Wanted::Buttons || !is_button(key.code());
    device.supported_keys().is_some_and(|keys| keys.iter().any(counts))
}

/// The codes that the kernel gives to the buttons of mice, pens, pads and sticks.
fn is_button(code: u16) -> bool {
    matches!(code, 0x100..=0x15f | 0x220..=0x223 | 0x2c0..=0x2e7)
}

/// What the kernel calls a key, if it has a name.
pub fn name_of_code(code: Code) -> Option<String> {
    let name = format!("{:?}", KeyCode(code.0));
    (!name.contains(' ')).then_some(name)
}

#[cfg(test)]
mod tests {
    use evdev::AttributeSet;

    use super::*;

    #[test]
    fn what_claims_every_axis_tells_of_no_fingers() {
        let tells = |axes: &[u16]| {
            let axes: AttributeSet<AbsoluteAxisCode> = axes.iter().copied().map(AbsoluteAxisCode).collect();
            tells_of_fingers(&axes)
        };
        assert!(tells(&[0x00, 0x01, 0x2f, 0x35, 0x36, 0x39]), "with slots");
        assert!(tells(&[0x35, 0x36]), "without");
        assert!(!tells(&[0x00, 0x01]), "a single finger");
        assert!(!tells(&(0x00..0x40).collect::<Vec<_>>()), "a keyboard");
    }

    #[test]
    fn a_key_has_the_kernels_name() {
        assert_eq!(name_of_code(Code(352)).as_deref(), Some("KEY_OK"));
        assert_eq!(name_of_code(Code(513)).as_deref(), Some("KEY_NUMERIC_1"));
        assert_eq!(name_of_code(Code(760)), None);
    }

    #[test]
    fn keys_are_told_from_buttons() {
        for (code, button) in
            [(28, false), (0x110, true), (0x14a, true), (352, false), (512, false), (0x220, true)]
        {
            assert_eq!(is_button(code), button, "{code}");
        }
    }

    #[test]
    fn what_is_no_device_is_not_taken() {
        for (path, refusal) in
            [("/dev/null", Refusal::NoKeys), ("/dev/no-such", Refusal::Absent), ("/", Refusal::NoKeys)]
        {
            assert_eq!(open(Path::new(path), Wanted::Keys, &[]).map(drop), Err(refusal), "{path}");
        }
    }

    #[test]
    fn each_refusal_says_what_to_do() {
        assert_eq!(Refusal::from(Errno::ACCESS), Refusal::Denied);
        assert!(Refusal::Denied.to_string().contains("usermod -aG input"));
        assert_eq!(Refusal::from(Errno::BUSY), Refusal::Busy);
        assert!(Refusal::Busy.to_string().contains("Stop that one"));
        assert_eq!(refusal(std::io::ErrorKind::NotFound.into()), Refusal::Broken("entity not found".into()));
        assert!(Refusal::from(Errno::IO).to_string().contains("Unplug"));
    }
}
