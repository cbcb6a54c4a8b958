//! The screens: a [`View`] becomes what is shown, and a press becomes a word of the flow.
//!
//! Nothing is decided here. Of a number that is masked the markup gets places that are filled or not; a digit of it
//! that is to be seen is one of ten fixed strings (`shown::glyph`). The contract with the markup is `ui/bridge.slint`.

pub mod contrast;
mod drawing;
mod keys;
mod look;
mod palette;
mod shown;

/// What the Slint compiler makes of `ui/`.
mod ui {
    #![expect(
        missing_debug_implementations,
        unreachable_pub,
        clippy::todo,
        clippy::unwrap_used,
        reason = "generated code"
    )]
    slint::include_modules!();
}

use slint::{Global, Model};

use crate::flow::View;
use crate::flow::{Control, Event, Language};

pub use keys::key;
pub use look::{furnish, look_lines};
pub use palette::Palette;
pub use ui::{App, Bridge, Theme};
#[cfg(all(feature = "desktop", feature = "simulator"))]
pub use ui::{PhoneRequest, PhoneSaid, Simulation, Simulator};

/// Shows the view, in its language. Sets only what is new, so that an unchanged screen is not drawn again.
pub fn show<'a, C>(component: &'a C, view: &View)
where
    Bridge<'a>: Global<'a, C>,
{
    speak(view.language);
    let bridge = Bridge::get(component);
    bridge.set_action(shown::action(view.action));
    if let Some(left) = shown::left(&view.page) {
        bridge.set_seconds_left(shown::seconds(left));
    }
    let mut shown = shown::shown(view);
    let before = bridge.get_shown();
    // The same keys stay the same items: whoever hears the focus is not told of it again.
    if before.caps.iter().eq(shown.caps.iter()) {
        shown.caps = before.caps;
    }
    if shown != bridge.get_shown() {
        bridge.set_turned(!bridge.get_turned());
        bridge.set_shown(shown);
    }
}

/// Tells of every key that means something, and of one that is held.
pub fn on_key<'a, C>(component: &'a C, tell: impl Fn(Event) + 'static)
where
    Bridge<'a>: Global<'a, C>,
{
    let tell = std::rc::Rc::new(tell);
    let tell_held = tell.clone();
    let bridge = Bridge::get(component);
    bridge.on_typed(move |text| {
        if let Some(key) = key(&text) {
            tell(Event::Pressed(key));
        }
    });
    bridge.on_held(move |text| {
        if let Some(key) = key(&text) {
            tell_held(Event::Held(key));
        }
    });
}

/// Calls `tapped` for what a finger or a mouse presses.
pub fn on_tap<'a, C>(component: &'a C, tapped: impl Fn(Control) + 'static)
where
    Bridge<'a>: Global<'a, C>,
{
    Bridge::get(component).on_tapped(move |tap, place| {
        tapped(match tap {
            ui::Tap::Cap => Control::Cap(usize::try_from(place).unwrap_or_default()),
            ui::Tap::Hold => Control::Hold(usize::try_from(place).unwrap_or_default()),
            ui::Tap::Sight => Control::Sight,
            ui::Tap::Privacy => Control::Privacy,
            ui::Tap::Continue => Control::Continue,
            ui::Tap::Scan => Control::Scan,
            ui::Tap::Enlarge => Control::Enlarge,
            ui::Tap::Cancel => Control::Cancel,
            ui::Tap::Again => Control::Again,
            ui::Tap::Close => Control::Close,
            ui::Tap::Help => Control::Help,
            ui::Tap::Language => Control::Language,
            ui::Tap::Wake => Control::Wake,
        });
    });
}

fn speak(language: Language) {
    // Fails only for a language that is not compiled in, and the build finds them all.
    let _ = slint::select_bundled_translation(shown::name(language));
}
