//! What a window needs, whatever is in it: a display, and the app on the thread of Slint's event loop.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

#[cfg(feature = "desktop")]
use slint::BackendSelector;
use slint::{Timer, TimerMode};

use crate::app::{self, App};
use crate::config::Config;
use crate::flow::{Event, Outcome, View};

/// A timer stops while the machine is asleep, so it waits in short steps.
const STEP: Duration = Duration::from_secs(5);
/// Nobody waits for a screen that rests.
const RESTING_STEP: Duration = Duration::from_secs(60);

thread_local! {
    /// Here, because what other threads send to the event loop cannot carry it.
    static LIVE: Slot = const { Slot(RefCell::new(None)) };
}

struct Slot(RefCell<Option<Live>>);

/// The app is alive for as long as its window; when it is dropped before its end, the login under way is cancelled.
pub(super) struct Living;

struct Live {
    app: App,
    timer: Timer,
    show: Rc<dyn Fn(&View)>,
    left: Rc<dyn Fn()>,
    /// Takes each outcome away; without it the last one stays with the app.
    ended: Option<Rc<dyn Fn(Outcome)>>,
    /// Takes the last outcome if the thread ends under the app.
    lost: Option<Box<dyn FnOnce(Option<Outcome>)>>,
}

/// Whether a window can be opened here at all.
#[cfg(feature = "desktop")]
#[expect(clippy::disallowed_methods, reason = "which display a terminal belongs to is no configuration")]
pub(super) fn is_possible() -> bool {
    ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Connects to the display. The error is a sentence that ends with `instead`.
#[cfg(feature = "desktop")]
pub(super) fn connect(instead: &str) -> Result<(), String> {
    if !is_possible() {
        return Err(format!("There is no display. {instead}"));
    }
    BackendSelector::new()
        .backend_name("winit".into())
        .renderer_name("software".into())
        .select()
        // What winit says here is for its authors.
        .map_err(|_| format!("The display that DISPLAY or WAYLAND_DISPLAY names does not answer. {instead}"))
}

/// Brings the app to life on this thread. `show` is called after each event, `left` when the person is done.
pub(super) fn live(
    config: &Config,
    show: impl Fn(&View) + 'static,
    left: impl Fn() + 'static,
) -> Result<Living, String> {
    let app = App::new(config, config.login.kind, app::PATIENCE, tell_from_elsewhere)?;
    let live = Live {
        app,
        timer: Timer::default(),
        show: Rc::new(show),
        left: Rc::new(left),
        ended: None,
        lost: None,
    };
    LIVE.with(|slot| *slot.0.borrow_mut() = Some(live));
    // A screen that nobody has touched yet changes by time, too.
    tell(Event::Woke);
    Ok(Living)
}

/// Tells the app, on the thread that it lives on. Without an app nothing happens.
pub(super) fn tell(event: Event) {
    let told = LIVE.with(|slot| {
        let mut slot = slot.0.borrow_mut();
        let live = slot.as_mut()?;
        live.app.tell(event);
        match live.app.quiet_for(true) {
            // Rounded up, because a timer counts in milliseconds and must not be early.
            Some(quiet) => {
                let step = if live.app.is_resting() { RESTING_STEP } else { STEP };
                let quiet = quiet.min(step) + Duration::from_millis(1);
                live.timer.start(TimerMode::SingleShot, quiet, || tell(Event::Woke));
            }
            None => live.timer.stop(),
        }
        let outcome = live.ended.clone().and_then(|ended| Some((ended, live.app.take_outcome()?)));
        let left = live.app.take_leave().then(|| live.left.clone());
        Some((live.app.view(), live.show.clone(), outcome, left))
    });
    let Some((view, show, outcome, left)) = told else { return };
    show(&view);
    if let Some((ended, outcome)) = outcome {
        ended(outcome);
    }
    if let Some(left) = left {
        left();
    }
}

/// The same from any thread.
pub(super) fn tell_from_elsewhere(event: Event) {
    // Fails after the event loop has ended, and then nobody is there to be told.
    let _ = slint::invoke_from_event_loop(move || tell(event));
}

impl Living {
    /// From now on each outcome goes to `ended` as soon as it is there.
    #[cfg(feature = "kiosk")]
    pub(super) fn hand_over(&self, ended: impl Fn(Outcome) + 'static) {
        LIVE.with(|slot| {
            if let Some(live) = slot.0.borrow_mut().as_mut() {
                live.ended = Some(Rc::new(ended));
            }
        });
    }

    /// The last outcome goes to `lost` if the thread ends under the app: a library ends the whole process by itself.
    #[cfg(feature = "desktop")]
    pub(super) fn if_lost(&self, lost: impl FnOnce(Option<Outcome>) + 'static) {
        LIVE.with(|slot| {
            if let Some(live) = slot.0.borrow_mut().as_mut() {
                live.lost = Some(Box::new(lost));
            }
        });
    }

    /// Takes the app out, when the event loop has ended.
    pub(super) fn end(self) -> Option<App> {
        take()
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        drop(take());
    }
}

fn take() -> Option<App> {
    LIVE.with(|slot| slot.0.try_borrow_mut().ok()?.take()).map(|live| live.app)
}

/// Xlib calls exit(3) when its server goes, and nothing comes back from there but what belongs to this thread.
impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(Live { app, lost: Some(lost), .. }) = self.0.get_mut().take() {
            lost(app.part());
        }
    }
}

#[cfg(all(test, feature = "desktop", feature = "simulator"))]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::ciba::Hint;
    use crate::config;
    use crate::simulator::{Broker, Options};

    #[test]
    fn an_app_whose_thread_ends_under_it_still_tells_how_its_login_ended() {
        let broker = Broker::start(Options::default()).unwrap();
        let config = config::read(broker.config_file()).unwrap();
        let (tells, told) = mpsc::channel();
        let cut_off = move || {
            let living = live(&config, |_| (), || ()).unwrap();
            living.if_lost(move |outcome| tells.send(outcome).unwrap());
            tell(Event::Given { hint: Hint::Cpr("6701901234".into()), user_code: None });
            std::mem::forget(living);
        };
        std::thread::scope(|scope| scope.spawn(cut_off).join()).unwrap();
        assert!(matches!(told.try_recv(), Ok(Some(Outcome::Cancelled))));
    }

    #[test]
    fn an_app_that_was_taken_out_is_not_lost() {
        let broker = Broker::start(Options::default()).unwrap();
        let config = config::read(broker.config_file()).unwrap();
        let (tells, told) = mpsc::channel();
        let ends = move || {
            let living = live(&config, |_| (), || ()).unwrap();
            living.if_lost(move |outcome| tells.send(outcome).unwrap());
            assert!(living.end().is_some());
        };
        std::thread::scope(|scope| scope.spawn(ends).join()).unwrap();
        assert!(told.try_recv().is_err());
    }
}
