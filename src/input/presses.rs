//! The keys of all devices together: what a press means, whether it counts, and how long it goes on.
//!
//! Arrows repeat, and only while they are held (EN 301 549, 5.7); of erase and OK it is told that they are still down,
//! for whoever erases by a long press. A key that strikes twice counts once (5.8). A key ends with its device.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::codes::{Modifier, meaning, modifier};
use super::{Code, Identity, Layout, Model};
use crate::flow::Key;

/// A key that is held longer than this is stuck, or its release was lost.
const STUCK_AFTER: Duration = Duration::from_secs(30);

/// Names one device for as long as it is plugged in; no other device has had its number before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device(pub u64);

/// What happened to a device.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Pressed(Code),
    Released(Code),
    /// It lost count of its keys: none of them counts as held.
    LetGo,
    /// It was unplugged, or is out of reach.
    Gone,
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Change::Pressed(_) => "Pressed(…)",
            Change::Released(_) => "Released(…)",
            Change::LetGo => "LetGo",
            Change::Gone => "Gone",
        })
    }
}

/// How a key that is held goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// From the press to the first repetition.
    pub delay: Duration,
    /// From one repetition to the next.
    pub every: Duration,
}

/// What stays the same from key to key.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `None` lets no key repeat.
    pub repeat: Option<Repeat>,
    /// How long after a key it is not taken again. Zero takes every press.
    pub double_strike: Duration,
    pub layout: Layout,
    /// The first one that fits a device is its model.
    pub models: Vec<Model>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            repeat: Some(Repeat { delay: Duration::from_millis(500), every: Duration::from_millis(120) }),
            double_strike: Duration::ZERO,
            layout: Layout::default(),
            models: Vec::new(),
        }
    }
}

/// All keys of all devices.
pub struct Presses {
    settings: Settings,
    devices: BTreeMap<Device, Known>,
    /// The last key that counted.
    struck: Option<Struck>,
    going_on: Option<GoingOn>,
}

/// What is known of a device.
#[derive(Default)]
struct Known {
    /// Its place in the settings.
    model: Option<usize>,
    modifiers: Vec<Code>,
}

struct Struck {
    by: (Device, Code),
    key: Key,
    /// When it went down, or up.
    at: Duration,
    is_down: bool,
}

/// A key that is held, if it is one of those that go on.
struct GoingOn {
    by: (Device, Code),
    key: Key,
    next: Duration,
    stuck_at: Duration,
    every: Duration,
}

impl fmt::Debug for Presses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presses").field("devices", &self.devices.len()).finish_non_exhaustive()
    }
}

impl Presses {
    pub fn new(settings: Settings) -> Presses {
        Presses { settings, devices: BTreeMap::new(), struck: None, going_on: None }
    }

    /// A device is there; its keys mean what its model says.
    pub fn meet(&mut self, device: Device, identity: &Identity) {
        let model = self.settings.models.iter().position(|model| model.fits(identity));
        self.devices.insert(device, Known { model, modifiers: Vec::new() });
    }

    /// `now` is the time since some fixed point.
    pub fn hear(&mut self, device: Device, change: Change, now: Duration) -> Option<Key> {
        match change {
            Change::Pressed(code) => self.press(device, code, now),
            Change::Released(code) => {
                self.release(device, code, now);
                None
            }
            Change::LetGo => {
                self.let_go(device);
                None
            }
            Change::Gone => {
                self.let_go(device);
                self.devices.remove(&device);
                None
            }
        }
    }

    /// When to be woken, if nothing is heard before.
    pub fn wake_at(&self) -> Option<Duration> {
        self.going_on.as_ref().map(|going_on| going_on.next)
    }

    /// The key that is still down and goes on now, if one does.
    pub fn wake(&mut self, now: Duration) -> Option<Key> {
        let going_on = self.going_on.as_mut().filter(|going_on| going_on.next <= now)?;
        if now >= going_on.stuck_at {
            self.going_on = None;
            return None;
        }
        // Counted from now: whoever comes late does not catch up.
        going_on.next = now + going_on.every;
        Some(going_on.key)
    }

    fn press(&mut self, device: Device, code: Code, now: Duration) -> Option<Key> {
        self.going_on = None;
        let known = self.devices.entry(device).or_default();
        let of_model = known.model.and_then(|at| self.settings.models[at].map.get(&code));
        if of_model.is_none() && modifier(code).is_some() {
            if !known.modifiers.contains(&code) {
                known.modifiers.push(code);
            }
            return None;
        }
        let holds = |wanted| known.modifiers.iter().any(|held| modifier(*held) == Some(wanted));
        if holds(Modifier::Chord) {
            return None;
        }
        let key = match of_model {
            Some(meant) => *meant,
            None => meaning(code, self.settings.layout, holds(Modifier::Shift), holds(Modifier::AltGr)),
        }?;
        let by = (device, code);
        if self.struck.as_ref().is_some_and(|struck| {
            struck.key == key && now.saturating_sub(struck.at) < self.settings.double_strike
        }) {
            return None;
        }
        self.struck = Some(Struck { by, key, at: now, is_down: true });
        if let Some(Repeat { delay, every }) = self.settings.repeat.filter(|_| goes_on(key)) {
            self.going_on = Some(GoingOn { by, key, next: now + delay, stuck_at: now + STUCK_AFTER, every });
        }
        Some(key)
    }

    fn release(&mut self, device: Device, code: Code, now: Duration) {
        if let Some(known) = self.devices.get_mut(&device) {
            known.modifiers.retain(|held| *held != code);
        }
        self.going_on.take_if(|going_on| going_on.by == (device, code));
        // The release of a press that did not count does not count either.
        if let Some(struck) =
            self.struck.as_mut().filter(|struck| struck.by == (device, code) && struck.is_down)
        {
            (struck.at, struck.is_down) = (now, false);
        }
    }

    fn let_go(&mut self, device: Device) {
        if let Some(known) = self.devices.get_mut(&device) {
            known.modifiers.clear();
        }
        self.going_on.take_if(|going_on| going_on.by.0 == device);
        if let Some(struck) = self.struck.as_mut().filter(|struck| struck.by.0 == device) {
            struck.is_down = false;
        }
    }
}

/// Erase takes everything back when it is held, and so does OK where the focus is on the key that erases.
fn goes_on(key: Key) -> bool {
    matches!(key, Key::Up | Key::Down | Key::Left | Key::Right | Key::Erase | Key::Ok)
}

#[cfg(test)]
mod tests;
