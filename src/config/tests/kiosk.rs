//! The table `[kiosk]`.

use super::*;
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

/// What is written, where it is told, and a piece of what is told.
const CASES: [(&str, &str, &str); 7] = [
    ("rotation = 45", "kiosk.rotation", "0, 90, 180 or 270"),
    ("rotation = \"90\"", "kiosk.rotation", "without quotes"),
    ("output = \"/dev/dri/card0\"", "kiosk.output", "/sys/class/drm"),
    ("mode = \"full\"", "kiosk.mode", "1920x1080"),
    ("mode = \"0x0\"", "kiosk.mode", "1920x1080"),
    ("renderer = \"skia\"", "kiosk.renderer", "\"software\" or \"femtovg\""),
    ("rotatio = 90", "kiosk.rotatio", "Did you mean rotation?"),
];

#[test]
fn what_is_wrong_is_told_with_what_it_must_be() {
    let folder = folder();
    for (written, key, piece) in CASES {
        let errors = parse(&with(written), folder.path(), None).expect_err(written);
        let problems = errors.problems();
        let is_told = |problem: &Problem| problem.key == key && problem.sentence.contains(piece);
        assert!(problems.len() == 1 && problems.iter().all(is_told), "{written}: {errors}");
    }
}
