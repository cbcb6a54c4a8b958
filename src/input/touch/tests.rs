use super::*;

const END: (u16, u16, i32) = (SYNC, REPORT, 0);

/// What is read of these events in turn; x goes from 0 to 100, y from 1000 to 3000.
fn read(protocol: Protocol, events: &[(u16, u16, i32)]) -> Vec<Touch> {
    read_in_time(protocol, events.iter().map(|event| (0, *event)))
}

/// The same, each in its second.
fn read_in_time(
    protocol: Protocol,
    events: impl IntoIterator<Item = (usize, (u16, u16, i32))>,
) -> Vec<Touch> {
    let x = Axis { least: 0, most: 100, is: 0 };
    let y = Axis { least: 1000, most: 3000, is: 1000 };
    let mut fingers = Fingers::on(Glass { protocol, x, y });
    let mut told = Vec::new();
    // One after another: what is told does not hang on how much is read at once.
    for (second, (kind, code, value)) in events {
        let mut bytes = [second, 0].map(usize::to_ne_bytes).concat();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(code.to_ne_bytes());
        bytes.extend(value.to_ne_bytes());
        fingers.read(&bytes, |touch| told.push(touch));
    }
    told
}

fn spot(x: f32, y: f32) -> Spot {
    Spot { x, y }
}

#[test]
fn a_finger_in_a_slot_comes_moves_and_goes() {
    let told = read(
        Protocol::Slots,
        &[
            (PLACE, FINGER, 7),
            (PLACE, FINGER_X, 50),
            (PLACE, FINGER_Y, 2000),
            (KEY, TOUCHED, 1),
            (PLACE, X, 50),
            END,
            (PLACE, FINGER_X, 75),
            END,
            END,
            (PLACE, FINGER, -1),
            (KEY, TOUCHED, 0),
            END,
        ],
    );
    let expected = [Touch::Down(spot(0.5, 0.5)), Touch::Moved(spot(0.75, 0.5)), Touch::Up(spot(0.75, 0.5))];
    assert_eq!(told, expected);
}

#[test]
fn what_lay_on_the_glass_before_keeps_nobody_from_tapping_for_long() {
    let lies = [(PLACE, FINGER, 1), (PLACE, FINGER_X, 10), (PLACE, FINGER_Y, 1200), END];
    let taps = [(PLACE, SLOT, 1), (PLACE, FINGER, 2), (PLACE, FINGER_X, 90), (PLACE, FINGER_Y, 3000), END];
    let goes = [(PLACE, FINGER, -1), END, (PLACE, SLOT, 0), (PLACE, FINGER_X, 11), END];
    let at = |second: usize| {
        let later = taps.iter().chain(&goes).map(move |event| (second, *event));
        read_in_time(Protocol::Slots, lies.iter().map(|event| (100, *event)).chain(later))
    };
    assert_eq!(at(129), [Touch::Down(spot(0.1, 0.1)), Touch::Moved(spot(0.11, 0.1))]);
    let counts =
        [Touch::Down(spot(0.1, 0.1)), Touch::Lost, Touch::Down(spot(0.9, 1.0)), Touch::Up(spot(0.9, 1.0))];
    assert_eq!(at(130), counts);
}

#[test]
fn of_ten_fingers_the_first_counts_and_no_other_takes_its_place() {
    let mut events = vec![(PLACE, FINGER, 1), (PLACE, FINGER_X, 10), (PLACE, FINGER_Y, 1200), END];
    for slot in 1..12 {
        events.extend([(PLACE, SLOT, slot), (PLACE, FINGER, slot), (PLACE, FINGER_X, 90), END]);
    }
    events.extend([(PLACE, SLOT, 0), (PLACE, FINGER, -1), END]);
    events.extend([(PLACE, SLOT, 3), (PLACE, FINGER_X, 20), END]);
    // One that is put down anew counts, although others rest on the glass.
    events.extend([(PLACE, SLOT, 5), (PLACE, FINGER, -1), END]);
    events.extend([(PLACE, FINGER, 41), (PLACE, FINGER_X, 100), (PLACE, FINGER_Y, 3000), END]);
    let told = read(Protocol::Slots, &events);
    assert_eq!(told, [Touch::Down(spot(0.1, 0.1)), Touch::Up(spot(0.1, 0.1)), Touch::Down(spot(1.0, 1.0))]);
}

#[test]
fn a_screen_of_one_finger_tells_its_place_before_or_with_the_touch() {
    let told = read(
        Protocol::Single,
        &[
            (PLACE, X, 25),
            (PLACE, Y, 1500),
            END,
            (KEY, TOUCHED, 1),
            END,
            (PLACE, X, 30),
            END,
            (KEY, TOUCHED, 0),
            END,
            (PLACE, X, 200),
            (PLACE, Y, -5),
            (KEY, TOUCHED, 1),
            END,
        ],
    );
    let expected = [
        Touch::Down(spot(0.25, 0.25)),
        Touch::Moved(spot(0.3, 0.25)),
        Touch::Up(spot(0.3, 0.25)),
        Touch::Down(spot(1.0, 0.0)),
    ];
    assert_eq!(told, expected);
}

#[test]
fn of_fingers_without_numbers_the_one_that_is_told_first_counts() {
    let finger = |x, y| [(PLACE, FINGER_X, x), (PLACE, FINGER_Y, y), (SYNC, NEXT_FINGER, 0)];
    let events = [&finger(10, 1200)[..], &[END], &finger(20, 1200), &finger(90, 2800), &[END]].concat();
    // No finger is left: an empty one is told.
    let events = [&events[..], &[(SYNC, NEXT_FINGER, 0), END]].concat();
    let expected = [Touch::Down(spot(0.1, 0.1)), Touch::Moved(spot(0.2, 0.1)), Touch::Up(spot(0.2, 0.1))];
    assert_eq!(read(Protocol::Unnumbered, &events), expected);
}

#[test]
fn after_an_overflow_the_finger_is_lost_and_counts_again_when_it_comes_again() {
    let down = [(PLACE, FINGER, 7), (PLACE, FINGER_X, 50), (PLACE, FINGER_Y, 2000), END];
    let lost =
        [(SYNC, DROPPED, 0), (PLACE, FINGER, -1), (PLACE, FINGER_X, 0), END, (PLACE, FINGER_X, 60), END];
    let again = [(PLACE, FINGER, -1), END, (PLACE, FINGER, 8), END];
    let told = read(Protocol::Slots, &[&down[..], &lost, &again].concat());
    assert_eq!(told, [Touch::Down(spot(0.5, 0.5)), Touch::Lost, Touch::Down(spot(0.6, 0.5))]);
}

#[test]
fn an_axis_without_length_and_hostile_numbers_harm_nobody() {
    assert_eq!(Axis { least: 5, most: 5, is: 5 }.part(9), 0.0);
    assert_eq!(Axis { least: i32::MIN, most: i32::MAX, is: 0 }.part(i32::MAX), 1.0);
    let told = read(
        Protocol::Slots,
        &[
            (PLACE, SLOT, -1),
            (PLACE, FINGER, 1),
            (PLACE, FINGER_X, i32::MIN),
            END,
            (PLACE, SLOT, i32::MAX),
            (PLACE, FINGER, 1),
            END,
        ],
    );
    assert_eq!(told, []);
}
