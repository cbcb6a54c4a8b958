//! The table `[kiosk]`: the display, how it rests and which hours it keeps.

use std::time::Duration;

use super::*;
use crate::flow::{self, Hours, Standby};
use crate::input::Rotation;

fn with(kiosk: &str) -> String {
    format!("{GOOD}[kiosk]\n{kiosk}\n")
}

fn read(kiosk: &str) -> Kiosk {
    good(&with(kiosk)).kiosk
}

#[test]
fn a_display_is_found_and_drawn_on_as_usual_where_nothing_is_said() {
    assert_eq!(good(GOOD).kiosk, Kiosk::default());
    assert_eq!(read(""), Kiosk::default());
}

#[test]
fn a_display_that_hangs_on_its_side_and_is_one_of_several_is_described() {
    let kiosk = read("rotation = 270\noutput = \"HDMI-A-2\"\nmode = \"1280x720\"\nrenderer = \"femtovg\"");
    let mode = Some(Mode { width: 1280, height: 720 });
    let output = Some("HDMI-A-2".into());
    assert_eq!(kiosk, Kiosk { rotation: Rotation::ThreeQuarters, output, mode, renderer: Renderer::FemtoVg });
    for (degrees, rotation) in [(0, Rotation::None), (90, Rotation::Quarter), (180, Rotation::Half)] {
        assert_eq!(read(&format!("rotation = {degrees}")).rotation, rotation);
    }
}

#[test]
fn without_a_table_the_screen_never_rests_and_an_empty_one_makes_it_a_kiosk() {
    assert_eq!(good(GOOD).rest, None);
    assert_eq!(good(&with("")).rest, Some(flow::Kiosk::default()));
    assert_eq!(good(GOOD).as_kiosk().rest, Some(flow::Kiosk::default()));
}

#[test]
fn time_and_hours_are_read() {
    let text = with(
        "idle_after_s = 90\nopen = \"Mon-Fri 08:00-20:00, Sat 10:00-16:00\"\nnight = \"22:00-06:00\"\nstandby = \"closed\"\ncec = \"/dev/cec1\"",
    );
    let expected = flow::Kiosk {
        idle_after: Duration::from_secs(90),
        open: Some(Hours::parse("Mon-Fri 08:00-20:00, Sat 10:00-16:00").unwrap()),
        night: Some(Hours::parse("22:00-06:00").unwrap()),
        standby: Some(Standby::Closed),
    };
    assert_eq!(good(&text).rest, Some(expected.clone()));
    assert_eq!((good(&text).cec, good(GOOD).cec), ("/dev/cec1".into(), "/dev/cec0".into()));
    assert_eq!(good(&text).as_kiosk().rest, Some(expected));
}

/// What is written, where it is told, and a piece of what is told.
const CASES: [(&str, &str, &str); 18] = [
    ("rotation = 45", "kiosk.rotation", "0, 90, 180 or 270"),
    ("rotation = \"90\"", "kiosk.rotation", "without quotes"),
    ("output = \"/dev/dri/card0\"", "kiosk.output", "/sys/class/drm"),
    ("mode = \"full\"", "kiosk.mode", "1920x1080"),
    ("mode = \"0x0\"", "kiosk.mode", "1920x1080"),
    ("renderer = \"skia\"", "kiosk.renderer", "\"software\" or \"femtovg\""),
    ("rotatio = 90", "kiosk.rotatio", "Did you mean rotation?"),
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
];

#[test]
fn what_is_wrong_is_told_with_what_it_must_be() {
    let folder = folder();
    for (written, key, piece) in CASES {
        let errors = parse(&with(written), folder.path(), None).expect_err(written);
        let problems = errors.problems();
        let is_told = |problem: &Problem| problem.key == key && problem.sentence.contains(piece);
        assert!(problems.len() == 1 && problems.iter().all(is_told), "{written}: {errors}");
        assert!(!errors.to_string().contains("mandag"), "{errors}");
    }
    let both = parse(&with("open = \"x\"\nnight = \"y\""), folder.path(), None).unwrap_err();
    assert_eq!(both.problems().len(), 2, "{both}");
}
