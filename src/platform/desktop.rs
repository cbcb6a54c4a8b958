//! The app in a window of its own, with a real broker.

use slint::{CloseRequestResponse, ComponentHandle};

use super::{signals, window};
use crate::app::App;
use crate::config::Config;
use crate::flow::{Event, Outcome};
use crate::screen;

/// Runs until the person leaves; the outcome is that of the last login. The error is a sentence.
pub fn run(config: &Config) -> Result<Outcome, String> {
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
    signals::on_leave(|| window::tell_from_elsewhere(Event::Leave))?;
    let ran = app.run().map_err(cannot);
    let outcome = living.end().and_then(App::part);
    ran.map(|()| outcome.unwrap_or(Outcome::Cancelled))
}
