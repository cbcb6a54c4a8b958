//! How a kiosk rests and which hours it keeps.

use std::time::Duration;

use super::*;
use crate::flow::{Hours, Kiosk, Standby};

/// The good file with these lines in a table `[kiosk]`.
fn with(lines: &str) -> String {
    format!("{GOOD}[kiosk]\n{lines}\n")
}

#[test]
fn without_a_table_the_screen_never_rests_and_an_empty_one_makes_it_a_kiosk() {
    assert_eq!(good(GOOD).rest, None);
    assert_eq!(good(&with("")).rest, Some(Kiosk::default()));
    assert_eq!(good(GOOD).as_kiosk().rest, Some(Kiosk::default()));
}

#[test]
fn time_and_hours_are_read() {
    let text = with(
        "idle_after_s = 90\nopen = \"Mon-Fri 08:00-20:00, Sat 10:00-16:00\"\nnight = \"22:00-06:00\"\nstandby = \"closed\"\ncec = \"/dev/cec1\"",
    );
    let expected = Kiosk {
        idle_after: Duration::from_secs(90),
        open: Some(Hours::parse("Mon-Fri 08:00-20:00, Sat 10:00-16:00").unwrap()),
        night: Some(Hours::parse("22:00-06:00").unwrap()),
        standby: Some(Standby::Closed),
    };
    assert_eq!(good(&text).rest, Some(expected.clone()));
    assert_eq!((good(&text).cec, good(GOOD).cec), ("/dev/cec1".into(), "/dev/cec0".into()));
    assert_eq!(good(&text).as_kiosk().rest, Some(expected));
}

#[test]
fn what_cannot_be_kept_is_refused_with_its_key_and_a_remedy() {
    for (line, key, word) in [
        ("idle_after_s = 5", "kiosk.idle_after_s", "from 20 to 3600"),
        ("idle_after_s = \"60\"", "kiosk.idle_after_s", "without quotes"),
        ("open = \"08-20\"", "kiosk.open", "hours and minutes"),
        ("open = \"always\"", "kiosk.open", "Mon-Fri 08:00-20:00"),
        ("open = \"mandag 08:00-20:00\"", "kiosk.open", "Mon, Tue, Wed"),
        ("night = \"\"", "kiosk.night", "empty"),
        ("standby = \"off\"", "kiosk.standby", "closed"),
        ("standby = \"night\"", "kiosk.standby", "needs kiosk.night"),
        ("standby = \"closed\"", "kiosk.standby", "needs kiosk.open"),
        ("cec = 0", "kiosk.cec", "must be text"),
        ("nigt = \"22:00-06:00\"", "kiosk.nigt", "Did you mean night?"),
    ] {
        let errors = parse(&with(line), Path::new("/nowhere"), None).unwrap_err().to_string();
        assert!(errors.contains(key) && errors.contains(word), "{line}: {errors}");
        assert!(!errors.contains("mandag"), "{errors}");
    }
    let both = parse(&with("open = \"x\"\nnight = \"y\""), Path::new("/nowhere"), None).unwrap_err();
    assert!(both.problems().iter().filter(|problem| problem.key.starts_with("kiosk.")).count() == 2);
}
