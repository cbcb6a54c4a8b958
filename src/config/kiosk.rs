//! The table `[kiosk]`: the display that the command `kiosk` draws on, and how.

use super::document::Section;
use super::problems::Told;
use crate::input::Rotation;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kiosk {
    pub rotation: Rotation,
    /// The connector's name in the kernel; `None` takes the first one with a display.
    pub output: Option<String>,
    /// `None` takes what the display prefers, as long as that is not too large to be drawn.
    pub mode: Option<Mode>,
    pub renderer: Renderer,
}

/// A resolution, in pixels of the display before it is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    pub width: u16,
    pub height: u16,
}

/// Who draws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Renderer {
    /// The processor, into plain memory.
    #[default]
    Software,
    /// The graphics processor, by OpenGL ES.
    FemtoVg,
}

pub(super) fn read(kiosk: Option<&Section<'_>>) -> Result<Kiosk, Told> {
    let Some(kiosk) = kiosk else { return Ok(Kiosk::default()) };
    let rotation = rotation(kiosk);
    let output = output(kiosk);
    let mode = mode(kiosk);
    let renderer = renderer(kiosk);
    Ok(Kiosk { rotation: rotation?, output: output?, mode: mode?, renderer: renderer? })
}

fn rotation(kiosk: &Section<'_>) -> Result<Rotation, Told> {
    const REMEDY: &str = "It is how far the picture is turned clockwise: 0, 90, 180 or 270.";
    let Some(found) = kiosk.number("rotation", REMEDY)? else { return Ok(Rotation::default()) };
    Rotation::of_degrees(found.value)
        .ok_or_else(|| kiosk.tell(found.line, "rotation", format!("is out of bounds. {REMEDY}")))
}

fn output(kiosk: &Section<'_>) -> Result<Option<String>, Told> {
    let Some(found) = kiosk.text("output")? else { return Ok(None) };
    let is_a_name = |name: &str| {
        name.len() <= 32
            && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
    };
    if !is_a_name(found.value) {
        let sentence = "is no output. Write its name as in /sys/class/drm, without the card: \"HDMI-A-1\".";
        return Err(kiosk.tell(found.line, "output", sentence));
    }
    Ok(Some(found.value.to_owned()))
}

fn mode(kiosk: &Section<'_>) -> Result<Option<Mode>, Told> {
    let Some(found) = kiosk.text("mode")? else { return Ok(None) };
    let parsed = found.value.split_once('x').and_then(|(width, height)| {
        let (width, height) = (width.parse().ok()?, height.parse().ok()?);
        (width > 0 && height > 0).then_some(Mode { width, height })
    });
    let sentence = "is no resolution. Write width and height in pixels: mode = \"1920x1080\".";
    parsed.map(Some).ok_or_else(|| kiosk.tell(found.line, "mode", sentence))
}

fn renderer(kiosk: &Section<'_>) -> Result<Renderer, Told> {
    match kiosk.text("renderer")? {
        None => Ok(Renderer::default()),
        Some(found) if found.value == "software" => Ok(Renderer::Software),
        Some(found) if found.value == "femtovg" => Ok(Renderer::FemtoVg),
        Some(found) => Err(kiosk.tell(
            found.line,
            "renderer",
            "must be \"software\" or \"femtovg\", for a graphics processor.",
        )),
    }
}
