//! The screens: a [`View`] becomes what is shown, and a press becomes a word of the flow.
//!
//! Nothing is decided here, and no digit of a CPR number passes to the markup: it gets places
//! that are filled or not. The contract with the markup is `ui/bridge.slint`.

mod keys;
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

use slint::Global;

use crate::flow::View;
use crate::flow::{Control, Event, Language};

pub use keys::key;
pub use ui::{App, Bridge};
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
    let shown = shown::shown(view);
    if shown != bridge.get_shown() {
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
            ui::Tap::Continue => Control::Continue,
            ui::Tap::Cancel => Control::Cancel,
            ui::Tap::Again => Control::Again,
            ui::Tap::Close => Control::Close,
            ui::Tap::Language => Control::Language,
        });
    });
}

fn speak(language: Language) {
    // English has no catalogue.
    let name = if language == Language::ENGLISH { "" } else { language.code() };
    // Fails only for a language that is not compiled in, and the build finds them all.
    let _ = slint::select_bundled_translation(name);
}
