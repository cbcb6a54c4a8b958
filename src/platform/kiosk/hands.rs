//! What people do: keys of remotes and keyboards, and a finger on the glass.

use slint::platform::{PointerEventButton, WindowEvent};
use slint::{ComponentHandle, LogicalPosition, Weak};

use super::ending::Ending;
use crate::config::Config;
use crate::flow::Event;
use crate::input::devices::{News, Refusal, Wanted};
use crate::input::{Device, Rotation, Spot, Touch};
use crate::platform::remotes::{self, Heard};
use crate::platform::window;
use crate::screen::App;

/// Tells the app of everything from now on. The error is a sentence.
pub(super) fn feel(config: &Config, app: Weak<App>, ending: &Ending) -> Result<(), String> {
    let (ending, rotation) = (ending.clone(), config.kiosk.rotation);
    let mut is_any_held = false;
    let mut touching = None;
    remotes::listen(config.keys.clone(), Wanted::KeysAndTouch, move |heard| match heard {
        Heard::News(_, Some(key)) => window::tell_from_elsewhere(Event::Pressed(key)),
        // What lies on a key wakes nobody.
        Heard::Again(key) => window::tell_from_elsewhere(Event::Held(key)),
        Heard::News(News::Came(..), None) => is_any_held = true,
        Heard::News(News::Touched(device, touch), None) => {
            if counts(&mut touching, device, touch) {
                // Fails after the event loop has ended, and then there is nothing to touch.
                let _ = app.upgrade_in_event_loop(move |app| put(&app, touch, rotation));
            }
        }
        Heard::News(News::Refused(path, refusal), None) => {
            let sentence = format!("{} {refusal}", path.display());
            if refusal == Refusal::Denied && !is_any_held {
                ending.fail(format!("No remote control can be read: {sentence}"));
            } else {
                super::say(&sentence);
            }
        }
        Heard::News(News::Changed(..), None) => {}
        Heard::Broken(sentence) => ending.fail(sentence),
    })
}

/// Whether this is the one finger there is: of two screens, that which is touched first.
fn counts(touching: &mut Option<Device>, device: Device, touch: Touch) -> bool {
    if touching.is_some_and(|other| other != device) {
        return false;
    }
    *touching = match touch {
        Touch::Down(_) | Touch::Moved(_) => Some(device),
        Touch::Up(_) | Touch::Lost => None,
    };
    true
}

/// A finger is a mouse that is there only while it presses.
fn put(app: &App, touch: Touch, rotation: Rotation) {
    let window = app.window();
    let size = window.size().to_logical(window.scale_factor());
    let at = |spot: Spot| {
        let Spot { x, y } = rotation.in_the_picture(spot);
        LogicalPosition::new(x * size.width, y * size.height)
    };
    let button = PointerEventButton::Left;
    match touch {
        Touch::Down(spot) => {
            let position = at(spot);
            window.dispatch_event(WindowEvent::PointerMoved { position });
            window.dispatch_event(WindowEvent::PointerPressed { position, button });
        }
        Touch::Moved(spot) => window.dispatch_event(WindowEvent::PointerMoved { position: at(spot) }),
        Touch::Up(spot) => {
            window.dispatch_event(WindowEvent::PointerReleased { position: at(spot), button });
            window.dispatch_event(WindowEvent::PointerExited);
        }
        Touch::Lost => window.dispatch_event(WindowEvent::PointerExited),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_screens_the_one_that_is_touched_first_counts_until_it_is_let_go() {
        let (one, other) = (Device(1), Device(2));
        let spot = Spot::default();
        let mut touching = None;
        let counted = [
            (one, Touch::Down(spot)),
            (other, Touch::Down(spot)),
            (other, Touch::Up(spot)),
            (one, Touch::Moved(spot)),
            (one, Touch::Lost),
            (other, Touch::Moved(spot)),
            (other, Touch::Up(spot)),
            (one, Touch::Down(spot)),
        ]
        .map(|(device, touch)| counts(&mut touching, device, touch));
        assert_eq!(counted, [true, false, false, true, true, true, true, true]);
    }
}
