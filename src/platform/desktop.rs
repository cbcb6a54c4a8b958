//! The app in a window of its own, with a real broker.

use slint::{CloseRequestResponse, ComponentHandle};

use super::{Stop, signals, window};
use crate::app::App;
use crate::config::Config;
use crate::flow::{Event, Outcome};
use crate::screen;

/// Runs until the person leaves; the outcome is that of the last login. Where an X server goes, the process ends from
/// within, and `lost` is told why and how the last login ended.
pub fn run(config: &Config, lost: impl FnOnce(String, Outcome) + 'static) -> Result<Outcome, Stop> {
    window::connect("Use `flexlogin panel` or `flexlogin login`, or set DISPLAY or WAYLAND_DISPLAY.")?;
    let cannot = |error: slint::PlatformError| format!("The window cannot be opened: {error}.");
    let app = screen::App::new().map_err(cannot)?;
    screen::furnish(&app, &config.screen.look)?;
    screen::on_key(&app, window::tell);
    screen::on_tap(&app, |control| window::tell(Event::Tapped(control)));
    app.window().on_close_requested(|| {
        window::tell(Event::Leave);
        CloseRequestResponse::HideWindow
    });

    let shown = app.as_weak();
    let living = window::live(
        config,
        move |view| {
            if let Some(app) = shown.upgrade() {
                screen::show(&app, view);
            }
        },
        move || {
            // Fails only if the event loop is not there, and then there is nothing to end.
            let _ = slint::quit_event_loop();
        },
    )?;
    living.if_lost(|outcome| {
        lost("The display that the window was on went away.".into(), outcome.unwrap_or(Outcome::Cancelled))
    });
    signals::on_leave(|| window::tell_from_elsewhere(Event::Leave))?;
    let ran = app.run();
    let outcome = living.end().and_then(App::part).unwrap_or(Outcome::Cancelled);
    conclude(ran.map_err(|error| error.to_string()), outcome)
}

/// A window that goes takes no outcome along.
fn conclude(ran: Result<(), String>, outcome: Outcome) -> Result<Outcome, Stop> {
    match ran {
        Ok(()) => Ok(outcome),
        Err(error) => {
            let sentence = format!("The window cannot go on: {error}.");
            Err(Stop::Failed { sentence, outcome: Box::new(outcome) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_goes_takes_no_outcome_along() {
        assert!(matches!(conclude(Ok(()), Outcome::Rejected), Ok(Outcome::Rejected)));
        let Err(Stop::Failed { sentence, outcome }) = conclude(Err("gone".into()), Outcome::Rejected) else {
            panic!("the outcome is lost");
        };
        assert_eq!(sentence, "The window cannot go on: gone.");
        assert!(matches!(*outcome, Outcome::Rejected));
    }
}
