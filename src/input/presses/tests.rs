//! Hands and remotes in virtual time.

use super::*;

const ENTER: u16 = 28;
const UP: u16 = 103;
const LEFT: u16 = 105;
const BACKSPACE: u16 = 14;
/// KEY_CLEAR and KEY_OK of a remote.
const CLEAR: u16 = 355;
const OK: u16 = 352;
const SHIFT: u16 = 42;
const CTRL: u16 = 29;
const ALT: u16 = 56;
const SYSRQ: u16 = 99;
const REMOTE: Device = Device(1);
const KEYBOARD: Device = Device(2);

/// Some keys, and the time since they were there.
struct Room {
    presses: Presses,
    now: Duration,
}

fn room(settings: Settings) -> Room {
    Room { presses: Presses::new(settings), now: Duration::from_secs(1000) }
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn double_strike(delay: Duration) -> Settings {
    Settings { double_strike: delay, ..Settings::default() }
}

impl Room {
    /// Lets time pass, and gives the keys that came by themselves, each with how long it took.
    fn after(&mut self, pause: Duration) -> Vec<(Key, Duration)> {
        let (since, until) = (self.now, self.now + pause);
        let mut heard = Vec::new();
        while let Some(at) = self.presses.wake_at().filter(|at| *at <= until) {
            assert!(at >= self.now, "woken in the past");
            self.now = at;
            heard.extend(self.presses.wake(at).map(|key| (key, at - since)));
        }
        self.now = until;
        heard
    }

    fn press(&mut self, device: Device, code: u16) -> Option<Key> {
        self.presses.hear(device, Change::Pressed(Code(code)), self.now)
    }

    fn release(&mut self, device: Device, code: u16) {
        assert_eq!(self.presses.hear(device, Change::Released(Code(code)), self.now), None);
    }

    fn hears(&mut self, device: Device, change: Change) {
        assert_eq!(self.presses.hear(device, change, self.now), None);
    }

    fn strike(&mut self, code: u16) -> Option<Key> {
        let key = self.press(REMOTE, code);
        self.after(ms(50));
        self.release(REMOTE, code);
        key
    }
}

#[test]
fn a_held_arrow_goes_on_after_its_delay_until_it_is_let_go() {
    let mut room = room(Settings::default());
    assert_eq!(room.press(REMOTE, UP), Some(Key::Up));
    assert_eq!(room.after(ms(499)), []);
    assert_eq!(room.after(ms(241)), [(Key::Up, ms(1)), (Key::Up, ms(121)), (Key::Up, ms(241))]);
    room.release(REMOTE, UP);
    assert_eq!(room.after(ms(10_000)), []);
    assert_eq!(room.presses.wake_at(), None);
}

#[test]
fn delay_and_rate_are_as_slow_as_en_301_549_asks() {
    let slow = Repeat { delay: ms(2000), every: ms(2000) };
    let mut room = room(Settings { repeat: Some(slow), ..Settings::default() });
    room.press(REMOTE, LEFT);
    assert_eq!(room.after(ms(5000)), [(Key::Left, ms(2000)), (Key::Left, ms(4000))]);
}

#[test]
fn what_erases_is_told_of_for_as_long_as_it_is_down() {
    for (code, key) in [(CLEAR, Key::Erase), (BACKSPACE, Key::Erase), (OK, Key::Ok)] {
        let mut room = room(Settings::default());
        assert_eq!(room.press(REMOTE, code), Some(key));
        assert_eq!(room.after(ms(650)), [(key, ms(500)), (key, ms(620))]);
        room.release(REMOTE, code);
        assert_eq!(room.after(ms(10_000)), []);
    }
    let mut room = room(Settings::default());
    room.press(REMOTE, CLEAR);
    room.hears(REMOTE, Change::Gone);
    assert_eq!(room.after(ms(10_000)), [], "its receiver was pulled");
}

#[test]
fn no_key_goes_on_when_repeat_is_off_and_most_never_do() {
    for code in [UP, CLEAR, OK] {
        let mut off = room(Settings { repeat: None, ..Settings::default() });
        assert!(off.press(REMOTE, code).is_some());
        assert_eq!(off.after(ms(20_000)), []);
    }
    // Back, a digit, a colour, a letter.
    for code in [158, 513, 401, 30] {
        let mut room = room(Settings::default());
        assert!(room.press(KEYBOARD, code).is_some(), "{code}");
        assert_eq!(room.after(ms(20_000)), [], "{code}");
    }
}

#[test]
fn any_other_key_ends_the_repeat_and_the_newest_arrow_goes_on() {
    let mut room = room(Settings::default());
    room.press(REMOTE, UP);
    assert_eq!(room.after(ms(510)).len(), 1);
    assert_eq!(room.press(REMOTE, LEFT), Some(Key::Left));
    assert_eq!(room.after(ms(500)), [(Key::Left, ms(500))]);
    room.release(REMOTE, UP);
    assert_eq!(room.after(ms(120)), [(Key::Left, ms(120))]);
    room.press(REMOTE, 115);
    assert_eq!(room.after(ms(5000)), []);
}

#[test]
fn a_key_that_is_held_when_its_receiver_vanishes_ends_with_it() {
    let mut room = room(Settings::default());
    room.press(REMOTE, UP);
    room.after(ms(600));
    room.hears(KEYBOARD, Change::Gone);
    assert_eq!(room.after(ms(120)).len(), 1, "another device went");
    room.hears(REMOTE, Change::Gone);
    assert_eq!(room.after(ms(60_000)), []);
    room.release(REMOTE, UP);
    assert_eq!(room.press(REMOTE, UP), Some(Key::Up));
}

#[test]
fn an_overflow_ends_what_was_held() {
    let mut room = room(Settings::default());
    room.press(KEYBOARD, CTRL);
    room.press(KEYBOARD, UP);
    room.press(REMOTE, UP);
    room.hears(REMOTE, Change::LetGo);
    assert_eq!(room.after(ms(60_000)), []);
    room.hears(KEYBOARD, Change::LetGo);
    assert_eq!(room.press(KEYBOARD, ENTER), Some(Key::Ok));
}

#[test]
fn a_release_that_was_lost_does_not_repeat_for_ever() {
    let mut room = room(Settings::default());
    room.press(REMOTE, UP);
    let heard = room.after(ms(600_000));
    assert!(heard.iter().all(|(_, at)| *at < STUCK_AFTER), "{}", heard.len());
    assert!(heard.len() > 200, "{}", heard.len());
    assert_eq!(room.presses.wake_at(), None);
    // And the key is not lost with it.
    assert_eq!(room.press(REMOTE, UP), Some(Key::Up));
    assert_eq!(room.after(ms(500)).len(), 1);
}

#[test]
fn whoever_is_woken_late_gets_one_repetition_and_no_burst() {
    let mut room = room(Settings::default());
    room.press(REMOTE, UP);
    let late = room.now + ms(3000);
    assert_eq!(room.presses.wake(late), Some(Key::Up));
    assert_eq!(room.presses.wake(late), None);
    assert_eq!(room.presses.wake_at(), Some(late + ms(120)));
}

#[test]
fn nobody_is_woken_early() {
    let mut room = room(Settings::default());
    room.press(REMOTE, UP);
    assert_eq!(room.presses.wake(room.now + ms(499)), None);
    assert_eq!(room.presses.wake(room.now + ms(500)), Some(Key::Up));
}

#[test]
fn a_key_that_strikes_twice_within_the_delay_counts_once() {
    let mut room = room(double_strike(ms(500)));
    assert_eq!(room.strike(513), Some(Key::Digit(1)));
    room.after(ms(499));
    assert_eq!(room.strike(513), None, "499 ms after the release");
    // What did not count does not put off what comes next.
    assert_eq!(room.strike(513), Some(Key::Digit(1)));
    room.after(ms(500));
    assert_eq!(room.strike(513), Some(Key::Digit(1)));
}

#[test]
fn a_long_hold_that_bounces_at_its_end_counts_once() {
    let mut room = room(double_strike(ms(500)));
    room.press(REMOTE, ENTER);
    room.after(ms(3000));
    room.release(REMOTE, ENTER);
    room.after(ms(20));
    assert_eq!(room.press(REMOTE, ENTER), None);
    room.after(ms(100));
    room.release(REMOTE, ENTER);
    room.after(ms(380));
    assert_eq!(room.press(REMOTE, ENTER), Some(Key::Ok));
}

#[test]
fn another_key_in_between_is_no_double_strike() {
    let mut room = room(double_strike(ms(500)));
    for (code, digit) in [(513, 1), (514, 2), (513, 1), (512, 0)] {
        assert_eq!(room.strike(code), Some(Key::Digit(digit)));
    }
}

#[test]
fn the_same_digit_twice_is_typed_twice_unless_a_delay_is_asked_for() {
    let mut room = room(Settings::default());
    assert_eq!(room.press(REMOTE, 513), Some(Key::Digit(1)));
    assert_eq!(room.press(REMOTE, 513), Some(Key::Digit(1)));
}

#[test]
fn a_press_that_did_not_count_does_not_repeat() {
    let mut room = room(double_strike(ms(500)));
    room.strike(UP);
    room.after(ms(100));
    assert_eq!(room.press(REMOTE, UP), None);
    assert_eq!(room.after(ms(20_000)), []);
}

#[test]
fn chords_that_a_system_listens_to_mean_nothing() {
    let delete = 111;
    let (f1, f2) = (59, 60);
    for chord in [
        vec![CTRL, ALT, delete],
        vec![CTRL, ALT, 14],
        vec![CTRL, ALT, f2],
        vec![ALT, f1],
        vec![ALT, LEFT],
        vec![ALT, SYSRQ, 48],
        vec![SYSRQ, ENTER],
        vec![125, 38],
        vec![97, 46],
        vec![100, LEFT],
        vec![CTRL, 100, 3],
    ] {
        let mut room = room(Settings::default());
        for code in &chord {
            assert_eq!(room.press(KEYBOARD, *code), None, "{chord:?}");
        }
        assert_eq!(room.after(ms(20_000)), [], "{chord:?}");
        for code in chord.iter().rev() {
            room.release(KEYBOARD, *code);
        }
        assert_eq!(room.press(KEYBOARD, ENTER), Some(Key::Ok), "{chord:?}");
    }
}

#[test]
fn a_chord_on_one_keyboard_does_not_silence_another() {
    let mut room = room(Settings::default());
    room.press(KEYBOARD, CTRL);
    assert_eq!(room.press(REMOTE, ENTER), Some(Key::Ok));
    // And it ends with its keyboard.
    room.hears(KEYBOARD, Change::Gone);
    assert_eq!(room.press(KEYBOARD, ENTER), Some(Key::Ok));
}

#[test]
fn shift_writes_what_is_printed_above_until_it_is_let_go() {
    let mut room = room(Settings::default());
    room.press(KEYBOARD, SHIFT);
    room.press(KEYBOARD, 54);
    assert_eq!(room.press(KEYBOARD, 2), Some(Key::Character('!')));
    assert_eq!(room.press(KEYBOARD, 79), Some(Key::Digit(1)), "on the number block");
    room.release(KEYBOARD, SHIFT);
    assert_eq!(room.press(KEYBOARD, 2), Some(Key::Character('!')), "the other one is still held");
    room.release(KEYBOARD, 54);
    assert_eq!(room.press(KEYBOARD, 2), Some(Key::Digit(1)));
    room.press(KEYBOARD, 100);
    assert_eq!(room.press(KEYBOARD, 3), Some(Key::Character('@')));
}

#[test]
fn a_model_says_what_its_keys_mean_and_no_other_device_changes() {
    let odd = Model {
        name: Some("Odd".into()),
        map: [(0x1a2, Some(Key::Ok)), (ENTER, None), (272, Some(Key::Up)), (125, Some(Key::Back))]
            .map(|(code, key)| (Code(code), key))
            .into(),
        ..Model::default()
    };
    let mut room = room(Settings { models: vec![odd], ..Settings::default() });
    room.presses.meet(REMOTE, &Identity::new("Odd", 1, 2));
    room.presses.meet(KEYBOARD, &Identity::new("Even", 1, 2));
    assert_eq!(room.press(REMOTE, 0x1a2), Some(Key::Ok));
    assert_eq!(room.press(REMOTE, ENTER), None);
    assert_eq!(room.press(REMOTE, 352), Some(Key::Ok), "what a model leaves out stays as it is");
    assert_eq!(room.press(REMOTE, 125), Some(Key::Back), "even a key that others hold");
    assert_eq!(room.press(KEYBOARD, 0x1a2), None);
    assert_eq!(room.press(KEYBOARD, ENTER), Some(Key::Ok));
    // An arrow of a model repeats as any other.
    room.press(REMOTE, 272);
    assert_eq!(room.after(ms(500)), [(Key::Up, ms(500))]);
}

#[test]
fn no_key_is_shown() {
    let mut room = room(Settings::default());
    room.press(REMOTE, 516);
    let shown = format!("{:?} {:?} {:?}", room.presses, Change::Pressed(Code(516)), Code(516));
    assert_eq!(shown, "Presses { devices: 1, .. } Pressed(…) Code(…)");
}
