//! Draws every screen in both languages and sizes, and checks what can be measured in a picture.
//! The pictures stay in `target/pictures` to be looked at.
#![cfg(feature = "panel")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use flexlogin::ciba::Action;
use flexlogin::flow::{
    Approved, Cap, Complaint, Control, Enter, Key, Kind, Language, Pad, Page, View, Waiting,
};
use flexlogin::platform::panel::Panel;
use flexlogin::screen;
use slint::ComponentHandle;
use slint::platform::WindowEvent;

const BACKGROUND: [u8; 3] = [0xEE, 0xF1, 0xF6];

const DIGITS: Pad = Pad {
    columns: 3,
    caps: &[
        Cap::Type('1'),
        Cap::Type('2'),
        Cap::Type('3'),
        Cap::Type('4'),
        Cap::Type('5'),
        Cap::Type('6'),
        Cap::Type('7'),
        Cap::Type('8'),
        Cap::Type('9'),
        Cap::Erase,
        Cap::Type('0'),
        Cap::Ok,
    ],
};

#[test]
fn every_screen_is_drawn_at_1280_by_720() {
    draw_all(1280, 720);
}

#[test]
fn every_screen_is_drawn_at_1920_by_1080() {
    draw_all(1920, 1080);
}

#[test]
fn the_fullest_screens_are_drawn_at_3840_by_2160() {
    // All lengths follow one unit, so the other sizes have shown the rest.
    let full = ["enter-complaint", "enter-uuid", "waiting-troubled", "waiting-long", "unavailable"];
    draw(3840, 2160, pages().into_iter().filter(|(name, _)| full.contains(name)).collect());
}

#[test]
fn every_screen_is_drawn_at_1024_by_768() {
    draw_all(1024, 768);
}

#[test]
fn only_what_is_new_is_drawn_again() {
    on_a_panel(1280, 720, |panel| {
        let view = view(Language::DANISH, waiting(300, false));
        screen::show(panel.app(), &view);
        assert!(panel.draw(), "a new screen is drawn");
        screen::show(panel.app(), &view);
        assert!(!panel.draw(), "the same screen is not drawn again");
    });
}

#[test]
fn a_finger_reaches_the_keys_and_the_buttons() {
    on_a_panel(1280, 720, |panel| {
        let taps = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let heard = taps.clone();
        screen::on_tap(panel.app(), move |control| heard.borrow_mut().push(control));
        screen::show(panel.app(), &view(Language::DANISH, enter(10, None)));
        panel.draw();
        for (x, y) in [(786, 138), (1143, 495), (327, 332), (110, 644), (520, 644), (640, 20)] {
            panel.tap(x, y);
        }
        let expected =
            [Control::Cap(0), Control::Cap(11), Control::Continue, Control::Cancel, Control::Language];
        // Which on-screen key it was is not for `Debug`.
        assert!(*taps.borrow() == expected, "{taps:?}");

        taps.borrow_mut().clear();
        screen::show(panel.app(), &view(Language::DANISH, Page::Rejected));
        panel.draw();
        panel.tap(140, 644);
        assert_eq!(*taps.borrow(), [Control::Close]);
    });
}

#[test]
fn no_key_is_lost_when_the_page_changes() {
    on_a_panel(1280, 720, |panel| {
        let keys = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let heard = keys.clone();
        screen::on_key(panel.app(), move |event| {
            if let Event::Pressed(key) = event {
                heard.borrow_mut().push(key);
            }
        });
        for (_, page) in pages() {
            screen::show(panel.app(), &view(Language::DANISH, page));
            press(panel, "7");
            panel.draw();
            press(panel, "\n");
        }
        let each = [Key::Digit(7), Key::Ok].repeat(pages().len());
        assert_eq!(*keys.borrow(), each);
    });
}

fn press(panel: &Panel, text: &str) {
    let window = panel.app().window();
    window.dispatch_event(WindowEvent::KeyPressed { text: text.into() });
    window.dispatch_event(WindowEvent::KeyReleased { text: text.into() });
}

fn draw_all(width: u32, height: u32) {
    draw(width, height, pages());
}

fn draw(width: u32, height: u32, pages: Vec<(&'static str, Page)>) {
    on_a_panel(width, height, move |panel| {
        let folder = folder();
        let mut drawn = HashMap::new();
        for (language, suffix) in [(Language::DANISH, "da"), (Language::ENGLISH, "en")] {
            for (name, page) in &pages {
                let mut view = view(language, page.clone());
                if name.ends_with("long") {
                    view.service = "Københavns Kommunes Biblioteker".into();
                }
                screen::show(panel.app(), &view);
                assert!(panel.draw(), "{name} changes the screen");
                let name = format!("{name}-{suffix}-{width}x{height}");
                let file = folder.join(format!("{name}.png"));
                panel.save_png(&file).unwrap();
                outer_edge_is_background(panel, &name);
                if let Some(other) = drawn.insert(std::fs::read(file).unwrap(), name.clone()) {
                    panic!("{name} looks like {other}");
                }
            }
        }
    });
}

/// The outer 5 % of a TV may be hidden behind its frame.
fn outer_edge_is_background(panel: &Panel, name: &str) {
    let (width, height) = panel.size();
    let (width, height) = (width as usize, height as usize);
    // A border of one pixel may be smoothed across the edge.
    let (side, top) = (width / 20 - 1, height / 20 - 1);
    for (y, line) in panel.pixels().chunks_exact(width).enumerate() {
        let inside = if (top..height - top).contains(&y) { side..width - side } else { 0..0 };
        for (x, pixel) in line[..inside.start].iter().chain(&line[inside.end..]).enumerate() {
            assert_eq!([pixel.r, pixel.g, pixel.b], BACKGROUND, "{name} draws outside, line {y}, pixel {x}");
        }
    }
}

fn pages() -> Vec<(&'static str, Page)> {
    vec![
        ("enter-empty", enter(0, Some(4))),
        ("enter", enter(7, Some(7))),
        ("enter-complete", enter(10, Some(11))),
        ("enter-complaint", {
            let Page::Enter(page) = enter(10, Some(11)) else { unreachable!() };
            Page::Enter(Enter { complete: false, complaint: Some(Complaint::NoSuchDate), ..page })
        }),
        ("enter-uuid", letters(Kind::Uuid, "0b6c2a3d9f1e47", 32, HEX)),
        ("enter-user-id", letters(Kind::UserId, "anna.hansen", 48, LETTERS)),
        ("enter-number", {
            let Page::Enter(page) = enter(3, None) else { unreachable!() };
            Page::Enter(Enter { kind: Kind::Number { digits: 8 }, places: 8, ..page })
        }),
        ("starting", Page::Starting),
        ("waiting", waiting(222, false)),
        ("waiting-troubled", waiting(21, true)),
        ("waiting-long", {
            let Page::Waiting(page) = waiting(300, true) else { unreachable!() };
            // The longest text that the phone takes: 130 characters.
            let reference_text = "Log på hos Københavns Kommunes Biblioteker. Koden på skærmen er 4711. \
                                  Afvis straks, hvis du ikke selv er ved at logge på nu."
                .into();
            Page::Waiting(Waiting { reference_text, ..page })
        }),
        ("rejected-long", Page::Rejected),
        ("approved", Page::Approved(Approved { first_name: Some("Anna".into()) })),
        ("approved-nameless", Page::Approved(Approved { first_name: None })),
        ("rejected", Page::Rejected),
        ("expired", Page::Expired),
        ("cancelled", Page::Cancelled),
        ("refused", Page::Refused),
        ("unavailable", Page::Unavailable { error: "temporarily_unavailable".into() }),
        ("unknown", Page::Unknown { error: "no_answer".into() }),
    ]
}

fn enter(typed: usize, focus: Option<usize>) -> Page {
    Page::Enter(Enter {
        kind: Kind::Cpr,
        typed: vec![None; typed],
        places: 10,
        complete: typed == 10,
        complaint: None,
        pad: DIGITS,
        focus,
    })
}

const HEX: Pad = Pad {
    columns: 6,
    caps: &[
        Cap::Type('1'),
        Cap::Type('2'),
        Cap::Type('3'),
        Cap::Type('a'),
        Cap::Type('b'),
        Cap::Type('c'),
        Cap::Type('4'),
        Cap::Type('5'),
        Cap::Type('6'),
        Cap::Type('d'),
        Cap::Type('e'),
        Cap::Type('f'),
        Cap::Type('7'),
        Cap::Type('8'),
        Cap::Type('9'),
        Cap::Type('0'),
        Cap::Erase,
        Cap::Ok,
    ],
};

const LETTERS: Pad = Pad {
    columns: 10,
    caps: &[
        Cap::Type('a'),
        Cap::Type('b'),
        Cap::Type('c'),
        Cap::Type('d'),
        Cap::Type('e'),
        Cap::Type('f'),
        Cap::Type('g'),
        Cap::Type('m'),
        Cap::Type('w'),
        Cap::Type('å'),
        Cap::Type('.'),
        Cap::Type('-'),
        Cap::Type('@'),
        Cap::Erase,
        Cap::Ok,
    ],
};

fn letters(kind: Kind, typed: &str, places: usize, pad: Pad) -> Page {
    Page::Enter(Enter {
        kind,
        typed: typed.chars().map(Some).collect(),
        places,
        complete: kind == Kind::UserId,
        complaint: None,
        pad,
        focus: Some(3),
    })
}

fn waiting(left: u64, troubled: bool) -> Page {
    Page::Waiting(Waiting {
        code: "4711".into(),
        reference_text: "Log på Nordlys TV. Kode 4711. Afvis, hvis det ikke er dig.".into(),
        left: Duration::from_secs(left),
        lifetime: Duration::from_secs(300),
        troubled,
    })
}

fn view(language: Language, page: Page) -> View {
    View { language, service: "Nordlys TV".into(), action: Action::LogOn, page }
}

/// Slint lives in one thread, so each panel gets its own.
fn on_a_panel(width: u32, height: u32, look: impl FnOnce(&mut Panel) + Send + 'static) {
    let drawing = std::thread::Builder::new().name(format!("panel {width}x{height}")).spawn(move || {
        let mut panel = Panel::new(width, height, || Duration::ZERO).unwrap();
        look(&mut panel);
    });
    if let Err(panic) = drawing.unwrap().join() {
        std::panic::resume_unwind(panic);
    }
}

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../pictures");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
