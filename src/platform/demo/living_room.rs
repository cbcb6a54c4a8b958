//! The demo in a window: the real screen on a drawn TV, a drawn remote control and the phone.

use std::rc::Rc;
use std::time::Duration;

use slint::{CloseRequestResponse, ComponentHandle, Model, ModelRc, Timer, TimerMode, VecModel};

use super::Options;
use crate::app::App;
use crate::flow::{Event, Page, View};
use crate::platform::{signals, window};
use crate::screen::{self, PhoneRequest, PhoneSaid, Simulation, Simulator};
use crate::simulator::{self, Broker, Phone, Request, Tester};

/// Shorter than a real broker's five seconds, because here everybody watches.
const INTERVAL: Duration = Duration::from_secs(2);

/// Runs until the window is closed. The error is a sentence.
pub(super) fn run(options: &Options) -> Result<(), String> {
    window::connect("`flexlogin demo --headless` needs none.")?;
    let broker = Broker::start(simulator::Options { interval: INTERVAL, ..Default::default() })?;
    let config = super::configured(&broker, options)?;
    let cannot = |error: slint::PlatformError| format!("The window cannot be opened: {error}.");
    let room = Simulator::new().map_err(cannot)?;
    if let Some((width, height)) = options.size {
        room.window().set_size(slint::LogicalSize::new(width as f32, height as f32));
    }
    screen::furnish(&room, &config.screen.look)?;
    screen::on_key(&room, window::tell);
    screen::on_tap(&room, |control| window::tell(Event::Tapped(control)));
    room.window().on_close_requested(|| {
        window::tell(Event::Leave);
        CloseRequestResponse::HideWindow
    });
    let phone = broker.phone();
    let clock = hold(&room, &phone);

    let shown = room.as_weak();
    let show = move |view: &View| {
        if let Some(room) = shown.upgrade() {
            screen::show(&room, view);
            if matches!(view.page, Page::Enter(_)) {
                room.global::<Simulation>().set_said(PhoneSaid::Nothing);
            }
        }
    };
    // The TV goes back to its first page by itself, and the room stays.
    let living = window::live(&config, show, || ())?;
    signals::on_leave(|| drop(slint::invoke_from_event_loop(|| drop(slint::quit_event_loop()))))?;
    let ran = room.run().map_err(cannot);
    clock.stop();
    // Cancels at the broker, while the broker is still there.
    drop(living.end().and_then(App::part));
    ran
}

/// Puts the phone into the room; the timer counts its seconds.
fn hold(room: &Simulator, phone: &Phone) -> Timer {
    let simulation = room.global::<Simulation>();
    simulation.set_requests(ModelRc::from(Rc::new(VecModel::<PhoneRequest>::default())));
    let testers: Vec<slint::SharedString> =
        Tester::ALL.iter().map(|tester| tester.introduction().into()).collect();
    simulation.set_testers(testers.as_slice().into());
    let owner = phone.clone();
    simulation.on_scan(move |place, uri| {
        // A code that is no longer good is one that the phone cannot open: nothing comes of it.
        let tester = usize::try_from(place).ok().and_then(|place| Tester::ALL.get(place).copied());
        let _ = tester.is_some_and(|tester| owner.scan(&uri, tester));
    });
    let (weak, owner) = (room.as_weak(), phone.clone());
    simulation.on_approve(move |id| {
        if owner.approve(&id) {
            say(&weak, PhoneSaid::Approved);
        }
    });
    let (weak, owner) = (room.as_weak(), phone.clone());
    simulation.on_reject(move |id| {
        if owner.reject(&id) {
            say(&weak, PhoneSaid::Rejected);
        }
    });
    let (weak, owner) = (room.as_weak(), phone.clone());
    phone.on_change(move || {
        let owner = owner.clone();
        // Fails after the window is closed, and then nobody looks at the phone.
        let _ = weak.upgrade_in_event_loop(move |room| look(&room, &owner));
    });
    let (weak, owner) = (room.as_weak(), phone.clone());
    let clock = Timer::default();
    clock.start(TimerMode::Repeated, Duration::from_secs(1), move || {
        if let Some(room) = weak.upgrade() {
            look(&room, &owner);
        }
    });
    clock
}

fn say(room: &slint::Weak<Simulator>, said: PhoneSaid) {
    if let Some(room) = room.upgrade() {
        room.global::<Simulation>().set_said(said);
    }
}

/// Shows what the phone asks. A request that stays keeps its place, so that a press is not lost.
fn look(room: &Simulator, phone: &Phone) {
    let simulation = room.global::<Simulation>();
    let asked: Vec<PhoneRequest> = phone.requests().iter().map(request).collect();
    let shown = simulation.get_requests();
    let Some(shown) = shown.as_any().downcast_ref::<VecModel<PhoneRequest>>() else { return };
    if !shown.iter().map(|request| request.id).eq(asked.iter().map(|request| request.id.clone())) {
        if asked.iter().any(|new| shown.iter().all(|old| old.id != new.id)) {
            simulation.set_said(PhoneSaid::Nothing);
        }
        shown.set_vec(asked);
        return;
    }
    for (row, request) in asked.into_iter().enumerate() {
        if shown.row_data(row).as_ref() != Some(&request) {
            shown.set_row_data(row, request);
        }
    }
}

fn request(request: &Request) -> PhoneRequest {
    PhoneRequest {
        id: request.id.as_str().into(),
        service: request.service.as_str().into(),
        log_on: request.action == "LOG_ON",
        header: request.header.as_str().into(),
        text: request.reference_text.as_str().into(),
        seconds_left: i32::try_from(request.seconds_left).unwrap_or(i32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use slint::platform::software_renderer::{MinimalSoftwareWindow, RepaintBufferType};
    use slint::platform::{Platform, PointerEventButton, WindowAdapter, WindowEvent};
    use slint::{LogicalPosition, PhysicalSize, PlatformError};

    use super::*;
    use crate::flow::{Control, Key};

    struct Memory(Rc<MinimalSoftwareWindow>);

    impl Platform for Memory {
        fn create_window_adapter(&self) -> Result<Rc<dyn WindowAdapter>, PlatformError> {
            Ok(self.0.clone())
        }
    }

    fn room() -> Simulator {
        let window = MinimalSoftwareWindow::new(RepaintBufferType::NewBuffer);
        window.set_size(PhysicalSize::new(1600, 900));
        slint::platform::set_platform(Box::new(Memory(window))).unwrap();
        let room = Simulator::new().unwrap();
        screen::furnish(&room, &crate::config::Look::default()).unwrap();
        room.show().unwrap();
        room
    }

    fn click(room: &Simulator, x: u16, y: u16) {
        let position = LogicalPosition::new(x.into(), y.into());
        let button = PointerEventButton::Left;
        room.window().dispatch_event(WindowEvent::PointerPressed { position, button });
        room.window().dispatch_event(WindowEvent::PointerReleased { position, button });
    }

    #[test]
    fn each_key_of_the_drawn_remote_can_be_pressed() {
        let room = room();
        let pressed = Rc::new(RefCell::new(Vec::new()));
        let hand = pressed.clone();
        screen::on_key(&room, move |event| match event {
            Event::Pressed(key) => hand.borrow_mut().push(key),
            other => panic!("{other:?}"),
        });
        screen::on_tap(&room, |control: Control| panic!("{control:?} is on the TV"));
        for y in (0..900).step_by(12) {
            for x in (990..1600).step_by(12) {
                click(&room, x, y);
            }
        }
        let pressed = pressed.borrow();
        let digits = (0..10).map(Key::Digit);
        let others = [
            Key::Ok,
            Key::Back,
            Key::Erase,
            Key::Up,
            Key::Down,
            Key::Left,
            Key::Right,
            Key::Red,
            Key::Green,
            Key::Yellow,
            Key::Blue,
        ];
        for key in digits.chain(others) {
            assert!(pressed.contains(&key), "{key:?} is on no place of the remote");
        }
    }

    #[test]
    fn the_phone_passes_on_which_request_was_approved() {
        let room = room();
        let simulation = room.global::<Simulation>();
        let asked = PhoneRequest { id: "7".into(), log_on: true, seconds_left: 60, ..Default::default() };
        simulation.set_requests(ModelRc::from([asked].as_slice()));
        let decided = Rc::new(RefCell::new(Vec::new()));
        let (approved, rejected) = (decided.clone(), decided.clone());
        simulation.on_approve(move |id| approved.borrow_mut().push(format!("approve {id}")));
        simulation.on_reject(move |id| rejected.borrow_mut().push(format!("reject {id}")));
        for y in (0..900).step_by(20) {
            click(&room, 1418, y);
        }
        decided.borrow_mut().dedup();
        assert_eq!(*decided.borrow(), ["approve 7", "reject 7"]);
    }
}
