//! The app on a display of its own, without a window system, for as long as the machine runs.
//!
//! Nothing that a person presses ends it: after each login the next person finds the first page, and the host has the
//! result as one line of JSON. A signal ends it, and so does whatever only a new process can mend; the service manager
//! starts that one.

mod display;
mod ending;
mod surroundings;

use std::io::{self, Write};

use slint::{BackendSelector, ComponentHandle};

use self::ending::Ending;
use super::remotes::{self, Heard};
use super::{signals, window};
use crate::app::App;
use crate::config::{Config, Renderer};
use crate::flow::{Event, Outcome};
use crate::input::devices::{News, Refusal, Wanted};
use crate::{host, screen};

/// Runs until it is told to end. The error is a sentence: why it cannot begin, or not go on.
pub fn run(config: &Config) -> Result<(), String> {
    let display = display::find(&config.kiosk).map_err(|missing| missing.to_string())?;
    surroundings::arrange(&display, config.kiosk.rotation)?;
    let cannot = |error: slint::PlatformError| {
        format!("The display at {} cannot be drawn on: {error}.", display.output)
    };
    BackendSelector::new()
        .backend_name("linuxkms".into())
        .renderer_name(renderer(config.kiosk.renderer)?.into())
        .select()
        .map_err(cannot)?;
    let app = screen::App::new().map_err(cannot)?;
    screen::furnish(&app, &config.screen.look)?;
    screen::on_tap(&app, |control| window::tell(Event::Tapped(control)));

    let ending = Ending::default();
    let (shown, leaving) = (app.as_weak(), ending.clone());
    let living = window::live(
        config,
        move |view| {
            if let Some(app) = shown.upgrade() {
                screen::show(&app, view);
            }
        },
        // A person who leaves makes room for the next one.
        move || {
            if leaving.has_begun() {
                let _ = slint::quit_event_loop();
            }
        },
    )?;
    let unheard = ending.clone();
    living.hand_over(move |outcome| {
        if let Err(sentence) = hand_over(&outcome) {
            unheard.fail(sentence);
        }
    });
    listen(config, &ending)?;
    let told = ending.clone();
    signals::on_leave(move || told.leave())?;
    let ran = app.run().map_err(cannot);
    if let Some(outcome) = living.end().and_then(App::part) {
        hand_over(&outcome)?;
    }
    match ending.reason() {
        Some(reason) => reason,
        None => ran.and_then(|()| Err("The display ended by itself.".into())),
    }
}

/// The name that Slint has for it.
fn renderer(renderer: Renderer) -> Result<&'static str, String> {
    match renderer {
        Renderer::Software => Ok("software"),
        Renderer::FemtoVg if cfg!(feature = "kiosk-gpu") => Ok("femtovg"),
        Renderer::FemtoVg => {
            Err("This program was built to draw by itself, and kiosk.renderer names \"femtovg\". Remove \
                                  that line, or build the program with the feature kiosk-gpu."
                .into())
        }
    }
}

/// One line for each login. Whoever reads them finds no two on one line.
fn hand_over(outcome: &Outcome) -> Result<(), String> {
    let line = format!("{}\n", host::line(outcome));
    let mut output = io::stdout().lock();
    output
        .write_all(line.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| format!("The result of a login could not be written to standard output: {error}."))
}

/// Takes keys from the remotes and keyboards of this machine.
fn listen(config: &Config, ending: &Ending) -> Result<(), String> {
    let ending = ending.clone();
    let mut is_any_held = false;
    remotes::listen(config.keys.clone(), Wanted::Keys, move |heard| match heard {
        Heard::Again(key) | Heard::News(_, Some(key)) => window::tell_from_elsewhere(Event::Pressed(key)),
        Heard::News(News::Came(..), None) => is_any_held = true,
        Heard::News(News::Refused(path, refusal), None) => {
            let sentence = format!("{} {refusal}", path.display());
            if refusal == Refusal::Denied && !is_any_held {
                ending.fail(format!("No remote control can be read: {sentence}"));
            } else {
                // Standard error may be closed; the kiosk goes on without it.
                let _ = writeln!(io::stderr(), "{sentence}");
            }
        }
        Heard::News(News::Changed(..), None) => {}
        Heard::Broken(sentence) => ending.fail(sentence),
    })
}
