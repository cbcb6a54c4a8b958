//! A few pictures that somebody has looked at, small enough to keep.

use std::path::{Path, PathBuf};

use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::{OriginDimensions, Point};
use embedded_graphics_simulator::SimulatorDisplay;
use flexlogin::flow::Language;
use flexlogin::platform::panel::Panel;
use flexlogin::platform::pictures::{examples, looks};
use flexlogin::screen;

use crate::found_on;

/// Example, look and size.
const CHOSEN: [(&str, &str, (u32, u32)); 16] = [
    ("enter", "light", (800, 480)),
    ("waiting", "light", (800, 480)),
    ("unknown", "dark", (800, 480)),
    ("help", "high-contrast", (800, 480)),
    ("enter-complaint", "light", (320, 240)),
    ("waiting-long", "light", (320, 240)),
    ("waiting", "large", (640, 360)),
    ("enter", "light", (540, 960)),
    ("enter-scan", "dark", (800, 480)),
    ("scan", "light", (800, 480)),
    ("offer", "light", (320, 240)),
    ("idle", "light", (800, 480)),
    ("closed-night", "light", (800, 480)),
    ("age-waiting", "light", (800, 480)),
    ("age-enter", "light", (320, 240)),
    ("age-enter-user-id", "light", (320, 240)),
];

/// Colours that a person cannot tell apart, and how many pixels may differ more, of a thousand.
const ALIKE: i32 = 24;
const STRAY: usize = 2;

#[test]
fn the_chosen_screens_look_as_they_did_when_somebody_looked() {
    let mut found = Vec::new();
    for (name, look_name, (width, height)) in CHOSEN {
        found.extend(found_on(width, height, move |panel| {
            let (_, look) = looks().into_iter().find(|(look, _)| *look == look_name).unwrap();
            screen::furnish(panel.app(), &look).unwrap();
            let example = examples(Language::DANISH).into_iter().find(|example| example.name == name);
            screen::show(panel.app(), &example.unwrap().view);
            panel.draw();
            compare(panel, &format!("{name}-{look_name}-{width}x{height}.png")).err().into_iter().collect()
        }));
    }
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

fn compare(panel: &Panel, file: &str) -> Result<(), String> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures/golden").join(file);
    let drawn = folder().join(file);
    panel.save_png(&drawn).unwrap();
    let advice = format!("look at {}, and if it is right, copy it to {}", drawn.display(), golden.display());
    let looked_at =
        SimulatorDisplay::<Rgb888>::load_png(&golden).map_err(|_| format!("{file} is new: {advice}"))?;
    let (width, height) = panel.size();
    if (looked_at.size().width, looked_at.size().height) != (width, height) {
        return Err(format!("{file} has another size: {advice}"));
    }
    let strays = panel
        .pixels()
        .iter()
        .zip(0..)
        .filter(|(pixel, at)| {
            let at = Point::new(at % width as i32, at / width as i32);
            let other = looked_at.get_pixel(at);
            let apart = |one: u8, other: u8| (i32::from(one) - i32::from(other)).abs();
            apart(pixel.r, other.r()).max(apart(pixel.g, other.g())).max(apart(pixel.b, other.b())) > ALIKE
        })
        .count();
    let allowed = panel.pixels().len() * STRAY / 1000;
    if strays > allowed { Err(format!("{file} differs in {strays} pixels: {advice}")) } else { Ok(()) }
}

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../pictures");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
