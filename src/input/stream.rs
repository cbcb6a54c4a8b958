//! The bytes of a device become changes of its keys.

use std::time::Duration;

use super::{Change, Code};

/// The kernel's `struct input_event` begins with a time, of two of its long numbers; then come the type and the code
/// with two bytes each and the value with four.
const TIME: usize = 2 * size_of::<usize>();

/// EV_SYN and its codes.
pub(super) const SYNC: u16 = 0;
pub(super) const REPORT: u16 = 0;
pub(super) const DROPPED: u16 = 3;
/// EV_KEY.
pub(super) const KEY: u16 = 1;

/// The type, code and value of each whole event.
pub(super) fn events(bytes: &[u8]) -> impl Iterator<Item = (u16, u16, i32)> {
    timed(bytes).map(|(_, event)| event)
}

/// The same, each with when it happened, in the kernel's own time.
pub(super) fn timed(bytes: &[u8]) -> impl Iterator<Item = (Duration, (u16, u16, i32))> {
    bytes.chunks_exact(Stream::EVENT).map(|event| {
        let long = |at: usize| {
            let long = event[at..].first_chunk().copied().unwrap_or_default();
            u64::try_from(usize::from_ne_bytes(long)).unwrap_or_default()
        };
        let at = Duration::from_secs(long(0)).saturating_add(Duration::from_micros(long(TIME / 2)));
        let short = |at: usize| u16::from_ne_bytes([event[TIME + at], event[TIME + at + 1]]);
        let value = [event[TIME + 4], event[TIME + 5], event[TIME + 6], event[TIME + 7]];
        (at, (short(0), short(2), i32::from_ne_bytes(value)))
    })
}

/// What one device writes, read in order.
#[derive(Debug, Default)]
pub struct Stream {
    /// More happened than the kernel keeps, and what follows up to the next report is in part.
    in_part: bool,
}

impl Stream {
    /// The size of one event, in bytes. The kernel gives whole events, and so much room has to be there.
    pub const EVENT: usize = TIME + 8;

    /// Tells the changes that these bytes hold. Repeats of the kernel are none.
    pub fn read(&mut self, bytes: &[u8], mut tell: impl FnMut(Change)) {
        for event in events(bytes) {
            match event {
                (SYNC, DROPPED, _) => {
                    self.in_part = true;
                    tell(Change::LetGo);
                }
                (SYNC, REPORT, _) => self.in_part = false,
                (KEY, code, 0) if !self.in_part => tell(Change::Released(Code(code))),
                (KEY, code, 1) if !self.in_part => tell(Change::Pressed(Code(code))),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: u16, code: u16, value: i32) -> Vec<u8> {
        let mut bytes = vec![0xee; TIME];
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(code.to_ne_bytes());
        bytes.extend(value.to_ne_bytes());
        bytes
    }

    fn read(events: &[(u16, u16, i32)]) -> Vec<Change> {
        let bytes: Vec<u8> =
            events.iter().flat_map(|(kind, code, value)| event(*kind, *code, *value)).collect();
        let mut heard = Vec::new();
        Stream::default().read(&bytes, |change| heard.push(change));
        heard
    }

    #[test]
    fn presses_and_releases_are_heard_and_repeats_scans_and_leds_are_not() {
        let heard =
            read(&[(4, 4, 0x1234), (KEY, 352, 1), (SYNC, REPORT, 0), (KEY, 352, 2), (SYNC, REPORT, 1)]);
        assert_eq!(heard, [Change::Pressed(Code(352))]);
        let heard =
            read(&[(KEY, 352, 0), (SYNC, REPORT, 0), (17, 1, 1), (3, 0, 1), (KEY, 9, -1), (KEY, 9, 3)]);
        assert_eq!(heard, [Change::Released(Code(352))]);
    }

    #[test]
    fn after_an_overflow_all_keys_are_let_go_and_what_is_in_part_is_not_read() {
        let heard = read(&[
            (KEY, 103, 1),
            (SYNC, DROPPED, 0),
            (KEY, 28, 1),
            (KEY, 103, 0),
            (SYNC, REPORT, 0),
            (KEY, 108, 1),
        ]);
        assert_eq!(heard, [Change::Pressed(Code(103)), Change::LetGo, Change::Pressed(Code(108))]);
    }

    #[test]
    fn bytes_that_are_no_whole_event_are_no_change() {
        let bytes = event(KEY, 352, 1);
        let mut heard = Vec::new();
        Stream::default().read(&bytes[..Stream::EVENT - 1], |change| heard.push(change));
        assert_eq!(heard, []);
    }
}
