//! What is on a screen, read from Slint's own tree of items: where each text and each control is, how much room
//! its words need, and what was drawn behind them.

use std::ops::ControlFlow;

use flexlogin::platform::panel::Panel;
use flexlogin::screen::contrast;
use i_slint_core::item_tree::ItemRc;
use i_slint_core::items::{
    ComplexText, Item, SimpleText, TextHorizontalAlignment, TextVerticalAlignment, TouchArea,
};
use i_slint_core::layout::Orientation;
use i_slint_core::window::WindowInner;
use slint::ComponentHandle;

/// Main text and the words of controls on a screen of ordinary distance, as parts of its smaller side.
const SMALLEST: f32 = 1.0 / 45.0;
/// No text is smaller, whatever the screen.
const SMALLEST_PIXELS: f32 = 12.5;
/// A letter on a key of its own.
const SMALLEST_KEY: f32 = 11.0;
/// A finger needs this much, in pixels, on the smallest panel.
const FINGER: f32 = 24.0;
/// Pixels that rounding may take.
const SLACK: f32 = 1.5;

#[derive(Clone, Debug)]
struct Place {
    what: String,
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

struct Text {
    /// Where its ink may be.
    place: Place,
    /// What the layout gave it.
    given: Place,
    needs: (f32, f32),
    size: f32,
    colour: [u8; 3],
}

impl Place {
    fn meets(&self, other: &Place) -> bool {
        self.left + SLACK < other.right
            && other.left + SLACK < self.right
            && self.top + SLACK < other.bottom
            && other.top + SLACK < self.bottom
    }

    fn is_within(&self, other: &Place) -> bool {
        self.left + SLACK >= other.left
            && self.top + SLACK >= other.top
            && self.right <= other.right + SLACK
            && self.bottom <= other.bottom + SLACK
    }
}

/// What is cut, crowded, outside or too small on the screen that the panel shows; each in words.
pub(crate) fn complaints(panel: &Panel, large: bool) -> Vec<String> {
    let (texts, mut controls) = items(panel);
    assert!(texts.len() > 2 && !controls.is_empty(), "the screen is empty");
    let (width, height) = (panel.size().0 as f32, panel.size().1 as f32);
    // What a finger finds anywhere stands in nobody's way.
    controls.retain(|control| control.right - control.left < width || control.bottom - control.top < height);
    let safe = Place {
        what: String::new(),
        left: 0.05 * width,
        top: 0.05 * height,
        right: 0.95 * width,
        bottom: 0.95 * height,
    };
    let smallest = if large {
        // 0.7° from 3 m on 43 inches, IBM Plex Sans.
        let needed = 0.048 * width.hypot(height);
        needed.min(if width < height {
            (width / 9.5).min(height / 17.0)
        } else {
            (width / 18.0).min(height / 10.0)
        }) - 0.1
    } else {
        SMALLEST_PIXELS.max(SMALLEST * width.min(height).min(width.max(height) * 9.0 / 16.0))
    };
    let mut found = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let what = &text.place.what;
        let (given_width, given_height) =
            (text.given.right - text.given.left, text.given.bottom - text.given.top);
        if text.needs.0 > given_width + SLACK || text.needs.1 > given_height + SLACK {
            found.push(format!("{what} is cut: {:?} of {given_width}×{given_height}", text.needs));
        }
        if !text.place.is_within(&safe) {
            found.push(format!("{what} is outside: {:?}", text.place));
        }
        // The keys of a pad, and what is typed, may be as small as their places: they are read one at a time.
        let smallest = if what.trim_matches('"').chars().count() == 1 { SMALLEST_KEY } else { smallest };
        if text.size < smallest {
            found.push(format!("{what} is too small: {} of {smallest} pixels", text.size));
        }
        for other in &texts[at + 1..] {
            if text.place.meets(&other.place) {
                found.push(format!("{what} is on {}", other.place.what));
            }
        }
        for control in &controls {
            if text.place.meets(control) && !text.place.is_within(control) {
                found.push(format!("{what} is on the edge of {}", control.what));
            }
        }
    }
    for (at, control) in controls.iter().enumerate() {
        if !control.is_within(&safe) {
            found.push(format!("a control is outside: {control:?}"));
        }
        if (control.right - control.left).min(control.bottom - control.top) < FINGER.min(height / 20.0) {
            found.push(format!("a control is too small: {control:?}"));
        }
        for other in &controls[at + 1..] {
            if control.meets(other) {
                found.push(format!("a control is on another: {control:?} {other:?}"));
            }
        }
    }
    found
}

/// Texts whose colour is too near to the commonest colour behind them.
pub(crate) fn faint(panel: &Panel) -> Vec<String> {
    let width = panel.size().0 as usize;
    let mut found = Vec::new();
    for text in items(panel).0 {
        let mut counts = std::collections::HashMap::new();
        for y in text.place.top.max(0.0) as usize..text.place.bottom as usize {
            for x in text.place.left.max(0.0) as usize..text.place.right as usize {
                if let Some(pixel) = panel.pixels().get(y * width + x).filter(|_| x < width) {
                    *counts.entry([pixel.r, pixel.g, pixel.b]).or_insert(0) += 1;
                }
            }
        }
        let Some((behind, _)) = counts.iter().max_by_key(|(colour, count)| (**count, **colour)) else {
            found.push(format!("{} is not on the screen", text.place.what));
            continue;
        };
        let [r, g, b] = text.colour;
        let colour = panel.shows(slint::Rgb8Pixel { r, g, b });
        let ratio = contrast::ratio([colour.r, colour.g, colour.b], *behind);
        if ratio < contrast::TEXT {
            found.push(format!("{} has a contrast of {ratio:.1}", text.place.what));
        }
    }
    found
}

fn items(panel: &Panel) -> (Vec<Text>, Vec<Place>) {
    let window = WindowInner::from_pub(panel.app().window());
    let root = ItemRc::new_root(window.component());
    let (mut texts, mut controls) = (Vec::new(), Vec::new());
    root.visit_descendants(|item| {
        if item.is_visible() {
            if let Some(text) = item.downcast::<ComplexText>() {
                texts.extend(complex(item, text.as_pin_ref(), &window.window_adapter()));
            } else if let Some(text) = item.downcast::<SimpleText>() {
                texts.extend(simple(item, text.as_pin_ref(), &window.window_adapter()));
            } else if item.downcast::<TouchArea>().is_some() {
                controls.push(place(item, "control"));
            }
        }
        ControlFlow::<()>::Continue(())
    });
    (texts, controls)
}

fn place(item: &ItemRc, what: &str) -> Place {
    let geometry = item.geometry();
    let origin = item.map_to_window(geometry.origin);
    Place {
        what: what.to_owned(),
        left: origin.x,
        top: origin.y,
        right: origin.x + geometry.size.width,
        bottom: origin.y + geometry.size.height,
    }
}

type Adapter = std::rc::Rc<dyn i_slint_core::window::WindowAdapter>;

macro_rules! read {
    ($name:ident, $kind:ty) => {
        fn $name(item: &ItemRc, text: std::pin::Pin<&$kind>, adapter: &Adapter) -> Option<Text> {
            let given = place(item, &format!("{:?}", text.text().as_str()));
            let width = given.right - given.left;
            let across = text.layout_info(Orientation::Horizontal, -1.0, adapter, item);
            let down = text.layout_info(Orientation::Vertical, width, adapter, item);
            // Words that wrap need the room of the longest; others that of all.
            let needs = (across.min, down.preferred);
            let colour = text.color().color();
            let mut ink = given.clone();
            let (wide, high) = (across.preferred.min(width), down.preferred);
            match text.horizontal_alignment() {
                TextHorizontalAlignment::Center => {
                    ink.left += (width - wide) / 2.0;
                    ink.right = ink.left + wide;
                }
                TextHorizontalAlignment::Right | TextHorizontalAlignment::End => ink.left = ink.right - wide,
                _ => ink.right = ink.left + wide,
            }
            match text.vertical_alignment() {
                TextVerticalAlignment::Center => ink.top += (given.bottom - given.top - high) / 2.0,
                TextVerticalAlignment::Bottom => ink.top = given.bottom - high,
                _ => {}
            }
            ink.bottom = ink.top + high;
            // The rooms above and below the letters of a line may touch another line's.
            let leading = text.font_size().get() * 0.14;
            ink.top += leading;
            ink.bottom -= leading;
            (!text.text().trim().is_empty()).then(|| Text {
                place: ink,
                given,
                needs,
                size: text.font_size().get(),
                colour: [colour.red(), colour.green(), colour.blue()],
            })
        }
    };
}

read!(complex, ComplexText);
read!(simple, SimpleText);
