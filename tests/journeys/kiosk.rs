//! In front of a kiosk, which is always on.

use std::time::Duration;

use flexlogin::clock;
use flexlogin::flow::{Key, Page};
use flexlogin::platform::panel::Step;

use crate::sofa::{Sofa, with};

/// In front of a kiosk with these lines in its configuration.
fn at_a_kiosk(lines: impl Into<String>, journey: impl FnOnce(&mut Sofa) + Send + 'static) {
    let lines = lines.into();
    with(Duration::from_secs(60), move |text| format!("{text}\n[kiosk]\n{lines}\n"), journey);
}

#[test]
fn one_person_after_another_logs_in_and_the_kiosk_is_at_rest_between_them() {
    at_a_kiosk("", |sofa| {
        assert_eq!(sofa.screen(), "idle");
        sofa.presses(Key::Ok);
        assert!(sofa.is_fresh());
        sofa.asks_for("6701901234");
        sofa.waits_for("waiting");
        sofa.approves();
        sofa.waits_for("approved");
        assert_eq!(sofa.let_in().0, "Anna Testesen");
        sofa.presses(Key::Ok);
        assert_eq!(sofa.screen(), "idle");
        assert!(!sofa.player.over(), "the kiosk stays");

        // The next one begins to type at once.
        sofa.asks_for("6701901235");
        sofa.waits_for("waiting");
        sofa.presses(Key::Back);
        assert_eq!(sofa.screen(), "cancelled");
        sofa.presses(Key::Back);
        assert_eq!(sofa.screen(), "idle");
    });
}

#[test]
fn a_finger_wakes_it_wherever_it_falls() {
    at_a_kiosk("", |sofa| {
        for (x, y) in [(2, 2), (640, 360), (1277, 717)] {
            sofa.player.take(&Step::Touch { x, y }).unwrap();
            assert!(sofa.is_fresh(), "{x} {y}");
            sofa.presses(Key::Back);
            sofa.presses(Key::Back);
            assert_eq!(sofa.screen(), "idle");
        }
    });
}

#[test]
fn a_closed_kiosk_says_when_it_opens_and_takes_no_number() {
    // By UTC, in which these journeys live; 1970 began on a Thursday.
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let today = usize::try_from(clock::unix() / 86_400 % 7).unwrap();
    at_a_kiosk(format!("open = \"{} 08:30-16:00\"", days[(today + 3) % 7]), |sofa| {
        assert_eq!(sofa.screen(), "closed");
        sofa.types("6701901234");
        sofa.presses(Key::Ok);
        let Page::Closed(closed) = sofa.view().page else { panic!("{} is there", sofa.screen()) };
        assert_eq!((closed.opens.time.hour, closed.opens.time.minute), (8, 30));
        assert!(sofa.broker.phone().requests().is_empty());
    });
}
