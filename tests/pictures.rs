//! Draws every screen in both languages and sizes, and checks what can be measured in a picture.
//! The pictures stay in `target/pictures` to be looked at.
#![cfg(feature = "panel")]

use std::path::PathBuf;
use std::time::Duration;

use flexlogin::flow::pad::{Cap, Pad};
use flexlogin::flow::{Approved, Complaint, Enter, Page, View, Waiting};
use flexlogin::flow::{Kind, Language};
use flexlogin::platform::panel::Panel;
use flexlogin::screen;

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
fn every_screen_is_drawn_at_3840_by_2160() {
    draw_all(3840, 2160);
}

#[test]
fn every_screen_is_drawn_at_1024_by_768() {
    draw_all(1024, 768);
}

#[test]
fn only_what_is_new_is_drawn_again() {
    on_a_panel(1280, 720, |panel| {
        let view = view(Language::Danish, waiting(300, false));
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
        screen::on_tap(panel.app(), move |control| heard.borrow_mut().push(format!("{control:?}")));
        screen::show(panel.app(), &view(Language::Danish, enter(10, None)));
        panel.draw();
        for (x, y) in [(786, 138), (1143, 495), (327, 435), (110, 644), (520, 644), (640, 20)] {
            panel.tap(x, y);
        }
        assert_eq!(*taps.borrow(), ["Cap(0)", "Cap(11)", "Continue", "Cancel", "Language"]);

        taps.borrow_mut().clear();
        screen::show(panel.app(), &view(Language::Danish, Page::Rejected));
        panel.draw();
        panel.tap(280, 644);
        assert_eq!(*taps.borrow(), ["Close"]);
    });
}

fn draw_all(width: u32, height: u32) {
    on_a_panel(width, height, move |panel| {
        let folder = folder();
        let mut drawn: Vec<(String, Vec<[u8; 3]>)> = Vec::new();
        for (language, suffix) in [(Language::Danish, "da"), (Language::English, "en")] {
            for (name, page) in pages() {
                screen::show(panel.app(), &view(language, page));
                assert!(panel.draw(), "{name} changes the screen");
                let name = format!("{name}-{suffix}-{width}x{height}");
                panel.save_png(&folder.join(format!("{name}.png"))).unwrap();
                outer_edge_is_background(panel, &name);
                let pixels = all_pixels(panel);
                for (other, earlier) in &drawn {
                    assert_ne!(&pixels, earlier, "{name} looks like {other}");
                }
                drawn.push((name, pixels));
            }
        }
    });
}

/// The outer 5 % of a TV may be hidden behind its frame.
fn outer_edge_is_background(panel: &Panel, name: &str) {
    let (width, height) = panel.size();
    // A border of one pixel may be smoothed across the edge.
    let (side, top) = (width / 20 - 1, height / 20 - 1);
    for y in 0..height {
        for x in 0..width {
            let inside = x >= side && x < width - side && y >= top && y < height - top;
            if !inside {
                assert_eq!(panel.pixel(x, y), Some(BACKGROUND), "{name} draws at {x}, {y}");
            }
        }
    }
}

fn all_pixels(panel: &Panel) -> Vec<[u8; 3]> {
    let (width, height) = panel.size();
    (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).filter_map(|(x, y)| panel.pixel(x, y)).collect()
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
    View { language, service: "Nordlys TV".into(), page }
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
