//! The app on a panel, driven by a script.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use super::Panel;
use crate::app::{self, App};
use crate::clock;
use crate::config::Config;
use crate::flow::{Control, Event, Outcome, View};
use crate::platform::script::{self, Line, Step};
use crate::platform::{Stop, signals};
use crate::screen;
#[cfg(feature = "sdl")]
use embedded_graphics::pixelcolor::Rgb888;
#[cfg(feature = "sdl")]
use embedded_graphics_simulator::SimulatorDisplay;

/// Reads the script and takes its steps; the outcome is that of the last login.
pub(super) fn run(config: &Config, script: &Path, out: &Path, size: (u32, u32)) -> Result<Outcome, Stop> {
    let lines = read(script).map_err(|sentence| Stop::Usage(format!("{}: {sentence}", script.display())))?;
    let mut player = Player::new(config, out, size)?;
    player.leave_on_signals()?;
    let mut failure = None;
    for line in &lines {
        if let Err(sentence) = player.take(&line.step) {
            failure = Some(format!("{}: line {}: {sentence}", script.display(), line.number));
            break;
        }
        if player.gone {
            break;
        }
    }
    let outcome = player.part();
    match failure {
        Some(sentence) => Err(Stop::Failed { sentence, outcome: Box::new(outcome) }),
        None => Ok(outcome),
    }
}

fn read(script: &Path) -> Result<Vec<Line>, String> {
    let cannot = |error: io::Error| format!("the script cannot be read: {error}.");
    let mut text = String::new();
    fs::File::open(script)
        .and_then(|file| file.take(script::LARGEST).read_to_string(&mut text))
        .map_err(cannot)?;
    script::parse(&text)
}

/// Somebody with a remote in the hand, in front of the panel.
pub struct Player {
    app: App,
    panel: Panel,
    events: Receiver<Event>,
    tell: mpsc::Sender<Event>,
    out: PathBuf,
    /// What the panel was told to show last.
    shown: Option<View>,
    /// The system ends the run.
    gone: bool,
    /// The person is done. A script goes on all the same, with the first screen.
    left: bool,
}

impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Player").field("panel", &self.panel).finish_non_exhaustive()
    }
}

impl Player {
    pub fn new(config: &Config, out: &Path, (width, height): (u32, u32)) -> Result<Player, String> {
        fs::create_dir_all(out).map_err(|error| format!("{}: cannot be made: {error}.", out.display()))?;
        let (tell, events) = mpsc::channel();
        let news = tell.clone();
        let app = App::new(config, config.login.kind, app::PATIENCE, move |event| drop(news.send(event)))?;
        let panel =
            Panel::new(width, height, clock::uptime).map_err(|error| format!("No panel: {error}."))?;
        screen::furnish(panel.app(), &config.screen.look)?;
        let tapped = tell.clone();
        screen::on_tap(panel.app(), move |control: Control| drop(tapped.send(Event::Tapped(control))));
        let pressed = tell.clone();
        screen::on_key(panel.app(), move |event| drop(pressed.send(event)));
        let mut player =
            Player { app, panel, events, tell, out: out.to_owned(), shown: None, gone: false, left: false };
        player.show();
        Ok(player)
    }

    /// Where other threads send events to.
    pub fn teller(&self) -> mpsc::Sender<Event> {
        self.tell.clone()
    }

    /// Ends the run on SIGINT, SIGTERM and SIGHUP.
    pub(super) fn leave_on_signals(&self) -> Result<(), String> {
        let leave = self.teller();
        signals::on_leave(move || drop(leave.send(Event::Leave)))
    }

    /// Cancels what is under way at the broker, and gives the outcome of the last login.
    pub fn part(self) -> Outcome {
        self.app.part().unwrap_or(Outcome::Cancelled)
    }

    /// How the last login ended.
    pub fn outcome(&self) -> Option<&Outcome> {
        self.app.outcome()
    }

    /// How the last login ended, for a host that takes its result away; nothing of it stays here.
    pub fn take_outcome(&mut self) -> Option<Outcome> {
        self.app.take_outcome()
    }

    /// What there is to see, in words.
    pub fn view(&self) -> View {
        self.app.view()
    }

    /// What there is to see, in pixels.
    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// Takes one step; the error is a sentence.
    pub fn take(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Type(keys) => keys.iter().for_each(|key| self.hear(Event::Pressed(*key))),
            Step::Key(key) => self.hear(Event::Pressed(*key)),
            Step::Touch { x, y } => self.tap(*x, *y),
            Step::Wait { screen, patience } => {
                let came =
                    self.live_until(clock::uptime() + *patience, |app| app.view().page.name() == *screen);
                if !came && !self.gone {
                    return Err(format!(
                        "the screen \"{screen}\" did not come within {} s; \"{}\" is there.",
                        patience.as_secs_f64(),
                        self.app.view().page.name()
                    ));
                }
            }
            Step::Sleep(duration) => drop(self.live_until(clock::uptime() + *duration, |_| false)),
            Step::Shot(name) => {
                let path = self.shoot(name)?;
                // Standard error may be closed; the run goes on without it.
                let _ = writeln!(io::stderr(), "{}", path.display());
            }
        }
        Ok(())
    }

    /// Saves a picture of what there is to see, and gives its path.
    pub fn shoot(&mut self, name: &str) -> Result<PathBuf, String> {
        self.live_until(clock::uptime(), |_| false);
        let path = self.out.join(format!("{name}.png"));
        self.panel.save_png(&path)?;
        Ok(path)
    }

    /// Touches the screen.
    pub fn tap(&mut self, x: u32, y: u32) {
        self.panel.tap(x, y);
        self.live_until(clock::uptime(), |_| false);
    }

    /// Lets time pass.
    #[cfg(feature = "sdl")]
    pub(super) fn live_for(&mut self, duration: Duration) {
        self.live_until(clock::uptime() + duration, |_| false);
    }

    #[cfg(feature = "sdl")]
    pub(super) fn display(&self) -> SimulatorDisplay<Rgb888> {
        self.panel.display()
    }

    /// Whether the person or the system has ended the run.
    pub fn over(&self) -> bool {
        self.gone || self.left
    }

    /// Lets time pass until `there` holds or the time has come; tells whether it holds.
    fn live_until(&mut self, end: Duration, there: impl Fn(&App) -> bool) -> bool {
        loop {
            while let Ok(event) = self.events.try_recv() {
                self.hear(event);
            }
            self.show();
            if there(&self.app) {
                return true;
            }
            let now = clock::uptime();
            if now >= end || self.gone {
                return false;
            }
            let quiet = self.app.quiet_for(true).unwrap_or(end - now).min(end - now);
            match self.events.recv_timeout(quiet) {
                Ok(event) => self.hear(event),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => self.hear(Event::Woke),
            }
        }
    }

    pub(super) fn hear(&mut self, event: Event) {
        self.gone |= matches!(event, Event::Leave);
        self.app.tell(event);
        self.left |= self.app.take_leave();
        self.show();
    }

    fn show(&mut self) {
        let view = self.app.view();
        if self.shown.as_ref() != Some(&view) {
            screen::show(self.panel.app(), &view);
            self.shown = Some(view);
        }
        self.panel.draw();
    }
}
