//! The bytes of a touch screen become what one finger does, the first one on the glass. Nine others do nothing: who
//! comes while it is down stays unheard until it has been lifted and put down again.

use std::time::Duration;

use super::Spot;
use super::stream::{DROPPED, KEY, REPORT, SYNC, timed};

/// EV_SYN: what follows belongs to the next finger, on a screen that does not number them.
const NEXT_FINGER: u16 = 2;
/// EV_ABS and its codes.
const PLACE: u16 = 3;
const X: u16 = 0x00;
const Y: u16 = 0x01;
const SLOT: u16 = 0x2f;
const FINGER_X: u16 = 0x35;
const FINGER_Y: u16 = 0x36;
const FINGER: u16 = 0x39;
/// BTN_TOUCH.
const TOUCHED: u16 = 0x14a;

/// What lies on the glass for so long is no finger, and the next one counts.
const STUCK_AFTER: Duration = Duration::from_secs(30);
/// More fingers than a person has are not followed.
const SLOTS: usize = 10;

/// What the finger does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Touch {
    Down(Spot),
    Moved(Spot),
    Up(Spot),
    /// It is not known what became of it: what it pressed does not count.
    Lost,
}

/// How a screen tells of its fingers (the kernel's multi-touch protocol).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// It knows of one finger alone.
    Single,
    /// Type A: all fingers in each report, without numbers.
    Unnumbered,
    /// Type B: each finger has a slot.
    Slots,
}

/// What a screen is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glass {
    pub protocol: Protocol,
    pub x: Axis,
    pub y: Axis,
}

/// The least and the most that an axis tells, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    pub least: i32,
    pub most: i32,
    pub is: i32,
}

/// The fingers on one screen.
#[derive(Clone, Debug)]
pub struct Fingers {
    glass: Glass,
    slots: [Finger; SLOTS],
    /// The slot that is told of; one beyond the last is not followed.
    at: usize,
    /// The finger that counts, and since when.
    first: Option<(usize, Duration)>,
    /// What the screen itself says of any finger.
    is_touched: bool,
    /// More happened than the kernel keeps, and what follows up to the next report is in part.
    in_part: bool,
}

#[derive(Clone, Copy, Debug)]
struct Finger {
    x: i32,
    y: i32,
    is_down: bool,
    /// It came down since the last report.
    is_new: bool,
    has_moved: bool,
}

impl Axis {
    /// The part of the axis that lies before this value.
    fn part(self, value: i32) -> f32 {
        let length = f64::from(self.most) - f64::from(self.least);
        if length <= 0.0 {
            return 0.0;
        }
        ((f64::from(value) - f64::from(self.least)) / length).clamp(0.0, 1.0) as f32
    }
}

impl Fingers {
    pub fn on(glass: Glass) -> Fingers {
        let finger = Finger { x: glass.x.is, y: glass.y.is, is_down: false, is_new: false, has_moved: false };
        Fingers { glass, slots: [finger; SLOTS], at: 0, first: None, is_touched: false, in_part: false }
    }

    /// Tells what these bytes hold; places are those of the glass.
    pub fn read(&mut self, bytes: &[u8], mut tell: impl FnMut(Touch)) {
        for (now, (kind, code, value)) in timed(bytes) {
            match (kind, code) {
                (SYNC, DROPPED) => {
                    self.in_part = true;
                    if let Some(touch) = self.lose() {
                        tell(touch);
                    }
                }
                (SYNC, REPORT) if self.in_part => self.in_part = false,
                _ if self.in_part => {}
                (SYNC, REPORT) => self.report(now, &mut tell),
                (SYNC, NEXT_FINGER) if self.glass.protocol == Protocol::Unnumbered => self.at += 1,
                (KEY, TOUCHED) => self.is_touched = value != 0,
                (PLACE, code) => self.place(code, value),
                _ => {}
            }
        }
    }

    /// The screen is gone, or lost count of its fingers.
    pub fn lose(&mut self) -> Option<Touch> {
        for finger in &mut self.slots {
            (finger.is_down, finger.is_new, finger.has_moved) = (false, false, false);
        }
        self.is_touched = false;
        if self.glass.protocol == Protocol::Unnumbered {
            self.at = 0;
        }
        self.first.take().map(|_| Touch::Lost)
    }

    fn place(&mut self, code: u16, value: i32) {
        match (self.glass.protocol, code) {
            (Protocol::Slots, SLOT) => {
                self.at = usize::try_from(value).map_or(SLOTS, |slot| slot.min(SLOTS));
            }
            (Protocol::Slots, FINGER) => {
                if let Some(finger) = self.slots.get_mut(self.at) {
                    finger.is_down = value >= 0;
                    finger.is_new = finger.is_down;
                }
            }
            (Protocol::Single, X) | (Protocol::Slots | Protocol::Unnumbered, FINGER_X) => {
                self.move_to(|finger| finger.x = value);
            }
            (Protocol::Single, Y) | (Protocol::Slots | Protocol::Unnumbered, FINGER_Y) => {
                self.move_to(|finger| finger.y = value);
            }
            _ => {}
        }
    }

    fn move_to(&mut self, set: impl FnOnce(&mut Finger)) {
        if let Some(finger) = self.slots.get_mut(self.at) {
            set(finger);
            finger.has_moved = true;
        }
    }

    /// Everything that happened at one time has been told.
    fn report(&mut self, now: Duration, tell: &mut impl FnMut(Touch)) {
        match self.glass.protocol {
            Protocol::Slots => {}
            Protocol::Single => self.count(self.is_touched),
            // Whoever is on the glass is in the report.
            Protocol::Unnumbered => {
                self.at = 0;
                self.count(self.slots[0].has_moved);
            }
        }
        let comes = self.slots.iter().position(|finger| finger.is_new);
        if let Some((first, since)) = self.first {
            let finger = self.slots[first];
            // One that went and came within a report is another finger.
            if !finger.is_down || finger.is_new {
                self.first = None;
                tell(Touch::Up(self.spot(finger)));
            } else if comes.is_some() && now >= since.saturating_add(STUCK_AFTER) {
                self.first = None;
                tell(Touch::Lost);
            } else if finger.has_moved {
                tell(Touch::Moved(self.spot(finger)));
            }
        }
        if self.first.is_none() {
            // A palm that rests there, or a drop of water, keeps nobody from tapping.
            self.first = comes.map(|finger| (finger, now));
            if let Some(finger) = comes {
                tell(Touch::Down(self.spot(self.slots[finger])));
            }
        }
        for finger in &mut self.slots {
            (finger.is_new, finger.has_moved) = (false, false);
        }
    }

    /// The only finger there is.
    fn count(&mut self, is_down: bool) {
        let finger = &mut self.slots[0];
        finger.is_new = is_down && !finger.is_down;
        finger.is_down = is_down;
    }

    fn spot(&self, finger: Finger) -> Spot {
        Spot { x: self.glass.x.part(finger.x), y: self.glass.y.part(finger.y) }
    }
}

#[cfg(test)]
mod tests;
