//! The app on a display of its own, without a window system, for as long as the machine runs.
//!
//! Nothing that a person presses ends it: after each login the next person finds a screen at rest, and the host has the
//! result as one line of JSON. A signal ends it, and so does whatever only a new process can mend; the service manager
//! starts that one.

mod display;
mod ending;
mod hands;
mod heart;
mod output;
mod plug;
mod results;
mod starts;
mod surroundings;

use std::io::{self, Write};

use slint::{BackendSelector, ComponentHandle};

use self::display::{Display, Missing};
use self::ending::Ending;
use self::heart::Heart;
use self::plug::{Changes, Sleep};
use self::results::Results;
use self::starts::Starts;
use super::{signals, window};
use crate::app::App;
use crate::clock::uptime;
use crate::config::{Config, Renderer};
use crate::display::Cec;
use crate::flow::{self, Event};
use crate::{host, screen};

/// Runs until it is told to end. The error is a sentence: why it cannot begin, or not go on.
pub fn run(config: &Config) -> Result<(), String> {
    let ending = Ending::new()?;
    let told = ending.clone();
    signals::on_leave(move || told.leave())?;
    let starts = Starts::within(&config.tickets);
    live(config, &starts, &ending)?;
    starts.forget();
    Ok(())
}

/// It may be told to end before there is anything to draw on.
fn live(config: &Config, starts: &Starts, ending: &Ending) -> Result<(), String> {
    if !surroundings::began_anew() {
        rest(starts, ending);
    }
    let changes = Changes::hear()?;
    let Some(display) = a_display(config, &changes, ending)? else { return Ok(()) };
    if !surroundings::arrange(&display, config.kiosk.rotation)? {
        return Ok(());
    }
    draw(config, &display, changes, ending)
}

/// Does not begin at once what ended at once again and again.
fn rest(starts: &Starts, ending: &Ending) {
    let rest = starts.count(uptime());
    if !rest.is_zero() {
        let sentence = format!("The kiosk ended soon after each start, and rests for {} s.", rest.as_secs());
        say(&sentence);
        heart::rest(&sentence);
        ending.wait(rest);
    }
}

/// Waits for a display to be plugged in; whatever else is missing, a person has to mend. `None` if it ends before. The
/// error is a sentence.
fn a_display(config: &Config, changes: &Changes, ending: &Ending) -> Result<Option<Display>, String> {
    let (mut said, mut woken) = (None, None);
    while !ending.has_begun() {
        match display::find(&config.kiosk) {
            Ok(display) => return Ok(Some(display)),
            Err(Missing::Connection(outputs)) => {
                let sentence = Missing::Connection(outputs).to_string();
                let at_most = heart::wait(&sentence);
                // One that the process before this one told to sleep may look like one that is not there.
                if woken.is_none() && config.sleeps() {
                    let cec = Cec::start(config.cec.clone(), host::note)?;
                    cec.tell(flow::Display::On);
                    woken = Some(cec);
                }
                if said.as_ref() != Some(&sentence) {
                    say(&sentence);
                    said = Some(sentence);
                }
                changes.wait(at_most, ending)?;
            }
            Err(missing) => return Err(missing.to_string()),
        }
    }
    Ok(None)
}

/// Draws on this display, until something ends it.
fn draw(config: &Config, display: &Display, changes: Changes, ending: &Ending) -> Result<(), String> {
    let cannot = |error: slint::PlatformError| cannot(&display.output, &error.to_string());
    let cannot_begin = |error| cannot(error) + remedy(config.kiosk.renderer);
    BackendSelector::new()
        .backend_name("linuxkms".into())
        .renderer_name(renderer(config.kiosk.renderer)?.into())
        .select()
        .map_err(cannot_begin)?;
    let app = screen::App::new().map_err(cannot_begin)?;
    screen::furnish(&app, &config.screen.look)?;
    screen::on_tap(&app, |control| window::tell(Event::Tapped(control)));

    let heart = Heart::start(format!("Draws on {}, {}.", display.output, display.size));
    let sleep = Sleep::at_the_start(config.sleeps(), uptime());
    let (shown, leaving, felt, seen) = (app.as_weak(), ending.clone(), heart.clone(), sleep.clone());
    let living = window::live(
        &config.as_kiosk(),
        move |view| {
            felt.feel(view.page.rest().is_some());
            seen.tell(view.page.rest().is_some_and(|rest| rest.asleep), uptime());
            if let Some(app) = shown.upgrade() {
                screen::show(&app, view);
            }
        },
        move || {
            if leaving.has_begun() {
                let _ = slint::quit_event_loop();
            }
        },
    )?;
    let results = Results::start(ending)?;
    let handed = results.clone();
    living.hand_over(move |outcome| handed.hand_over(&outcome));
    hands::feel(config, app.as_weak(), ending)?;
    plug::watch(changes, display, sleep, ending.clone())?;
    // Who told it to end before there was a loop told nobody.
    let ran = if ending.has_begun() { Ok(()) } else { app.run().map_err(cannot) };
    heart::stop();
    drop(heart);
    if let Some(outcome) = living.end().and_then(App::part) {
        results.hand_over(&outcome);
    }
    results.end();
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
            Err("This program was built to draw by itself, and kiosk.renderer names \"femtovg\". Remove that line, \
                 or build the program with the feature kiosk-gpu."
                .into())
        }
    }
}

/// Slint tells of each way to draw on a line of its own, and only the first is ours.
fn cannot(output: &str, error: &str) -> String {
    let why: Vec<_> = error.lines().take(2).map(|line| line.trim().trim_end_matches('.')).collect();
    format!("The display at {output} cannot be drawn on: {}.", why.join(": "))
}

/// What to do about it. Slint says hardly more than that something is missing.
fn remedy(renderer: Renderer) -> &'static str {
    match renderer {
        Renderer::Software => "",
        Renderer::FemtoVg => {
            " A graphics processor was to draw (kiosk.renderer). Install EGL and its driver, on Debian libegl1 and \
             libgl1-mesa-dri, and let the user of this program into the group render; or write \
             renderer = \"software\"."
        }
    }
}

fn say(sentence: &str) {
    // Standard error may be closed; the kiosk goes on without it.
    let _ = writeln!(io::stderr(), "{sentence}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_all_ways_to_draw_only_the_one_that_is_meant_is_told_of() {
        let error = "Could not initialize software display.\nError using DRM dumb buffers: Cannot allocate memory\n\
                     Error using legacy framebuffer: Could not open any legacy framebuffers.\nError using /dev/fb0";
        let sentence = "The display at HDMI-A-1 cannot be drawn on: Could not initialize software display: Error using \
                        DRM dumb buffers: Cannot allocate memory.";
        assert_eq!(cannot("HDMI-A-1", error), sentence);
        assert_eq!(cannot("DSI-1", "no mode"), "The display at DSI-1 cannot be drawn on: no mode.");
    }

    #[test]
    fn where_no_graphics_processor_can_draw_it_is_said_what_one_needs_and_how_to_do_without() {
        let told = remedy(Renderer::FemtoVg);
        for word in ["kiosk.renderer", "libegl1", "libgl1-mesa-dri", "group render", "\"software\""] {
            assert!(told.contains(word), "{word}");
        }
        assert_eq!(remedy(Renderer::Software), "");
    }
}
