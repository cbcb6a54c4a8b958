//! Walks every screen in every size, language and look, and measures what is on it: geometry, text, contrast.
//! A chosen few are compared with pictures that somebody has looked at.
#![cfg(feature = "panel")]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod codes;
mod golden;
mod measure;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use flexlogin::flow::{Control, Event, Key, Language, Page, View};
use flexlogin::platform::panel::Panel;
use flexlogin::platform::pictures::{Example, SIZES, examples, looks};
use flexlogin::screen;
use measure::complaints;
use slint::ComponentHandle;
use slint::platform::WindowEvent;

/// Beside the sizes that are promised: an old monitor, and what a large mode may meet.
const MORE_SIZES: [(u32, u32); 3] = [(1024, 768), (1366, 768), (480, 272)];

#[test]
fn nothing_is_cut_crowded_or_too_small_in_any_size_and_language() {
    nothing(SIZES.into_iter().chain(MORE_SIZES).flat_map(|(width, height)| {
        found_on(width, height, move |panel| {
            let mut found = Vec::new();
            for language in Language::all().iter().copied() {
                let language_name = language.code();
                for Example { name, view } in examples(language) {
                    screen::show(panel.app(), &view);
                    let place = format!("{name}-{language_name} {width}×{height}");
                    found.extend(complaints(panel, false).into_iter().map(|what| format!("{place}: {what}")));
                }
            }
            found
        })
    }));
}

/// So many keys do not fit beside one another in large text.
const MANY_KEYS: [&str; 5] =
    ["enter-user-id", "enter-user-id-hidden", "enter-uuid", "age-enter", "age-enter-user-id"];

#[test]
fn nothing_is_cut_crowded_or_too_small_in_the_large_mode() {
    nothing([(1920, 1080), (1280, 720), (1080, 1920), (800, 480)].into_iter().flat_map(|(width, height)| {
        found_on(width, height, move |panel| {
            let [.., (_, large)] = looks();
            screen::furnish(panel.app(), &large).unwrap();
            let mut found = Vec::new();
            for language in Language::all().iter().copied() {
                let language_name = language.code();
                for Example { name, view } in examples(language) {
                    if MANY_KEYS.contains(&name) {
                        continue;
                    }
                    screen::show(panel.app(), &view);
                    let place = format!("{name}-{language_name} {width}×{height} large");
                    found.extend(complaints(panel, true).into_iter().map(|what| format!("{place}: {what}")));
                }
            }
            found
        })
    }));
}

#[test]
fn every_text_stands_out_from_what_is_drawn_behind_it_in_every_theme() {
    nothing([(1280, 720), (320, 240)].into_iter().flat_map(|(width, height)| {
        found_on(width, height, move |panel| {
            let mut found = Vec::new();
            for (look_name, look) in looks() {
                screen::furnish(panel.app(), &look).unwrap();
                for Example { name, view } in examples(Language::DANISH) {
                    screen::show(panel.app(), &view);
                    panel.draw();
                    let faint = measure::faint(panel);
                    found.extend(faint.into_iter().map(|what| format!("{name} {look_name} {width}: {what}")));
                }
            }
            found
        })
    }));
}

fn nothing(found: impl Iterator<Item = String>) {
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn what_is_cut_crowded_outside_or_too_small_is_found() {
    on_a_panel(1280, 720, |panel| {
        let shown = |page: &str, change: fn(&mut View)| {
            let example = examples(Language::DANISH).into_iter().find(|example| example.name == page);
            let mut view = example.unwrap().view;
            assert_eq!(complaints_of(panel, &view), [""; 0]);
            change(&mut view);
            complaints_of(panel, &view).join("\n")
        };
        let text = shown("waiting", |view| {
            if let Page::Waiting(waiting) = &mut view.page {
                waiting.words.as_mut().unwrap().reference_text = "Afvis, hvis det ikke er dig. ".repeat(20);
            }
        });
        assert!(text.contains("is on"), "{text}");
        let text = shown("waiting", |view| {
            if let Page::Waiting(waiting) = &mut view.page {
                waiting.words.as_mut().unwrap().code = "471147114711".into();
            }
        });
        assert!(text.contains("is outside"), "{text}");
        let text = shown("refused", |view| view.service = "Aa ".repeat(400));
        assert!(text.contains("is cut"), "{text}");
    });
}

fn complaints_of(panel: &Panel, view: &View) -> Vec<String> {
    screen::show(panel.app(), view);
    complaints(panel, false)
}

#[test]
fn every_screen_is_another_and_leaves_the_outer_edge_alone() {
    for (width, height) in [(1280, 720), (1080, 1920), (320, 240)] {
        on_a_panel(width, height, move |panel| {
            let mut drawn = HashMap::new();
            for language in Language::all().iter().copied() {
                let language_name = language.code();
                for Example { name, view } in examples(language) {
                    // A small screen shows a code as large as it goes from the beginning.
                    if (name, width) == ("scan-alone", 320) {
                        continue;
                    }
                    screen::show(panel.app(), &view);
                    assert!(panel.draw(), "{name} changes the screen");
                    let name = format!("{name}-{language_name}-{width}x{height}");
                    outer_edge_is_background(panel, &name);
                    let mut picture = DefaultHasher::new();
                    panel.pixels().iter().for_each(|pixel| picture.write(&[pixel.r, pixel.g, pixel.b]));
                    if let Some(other) = drawn.insert(picture.finish(), name.clone()) {
                        panic!("{name} looks like {other}");
                    }
                }
            }
        });
    }
}

/// The outer 5 % of a TV may be hidden behind its frame.
fn outer_edge_is_background(panel: &Panel, name: &str) {
    let (width, height) = panel.size();
    let (width, height) = (width as usize, height as usize);
    let background = panel.pixels()[0];
    // A border of one pixel may be smoothed across the edge.
    let (side, top) = (width / 20 - 1, height / 20 - 1);
    for (y, line) in panel.pixels().chunks_exact(width).enumerate() {
        let inside = if (top..height - top).contains(&y) { side..width - side } else { 0..0 };
        for (x, pixel) in line[..inside.start].iter().chain(&line[inside.end..]).enumerate() {
            assert_eq!(*pixel, background, "{name} draws outside, line {y}, pixel {x}");
        }
    }
}

#[test]
fn a_part_that_is_drawn_again_is_as_it_was() {
    on_a_panel(1280, 720, |panel| {
        let all = examples(Language::DANISH);
        for Example { name, view } in &all {
            screen::show(panel.app(), view);
            panel.draw();
            let first = panel.pixels().to_vec();
            for other in ["enter", "waiting-troubled", "waiting", "unknown", name] {
                let Example { view, .. } = all.iter().find(|example| example.name == other).unwrap();
                screen::show(panel.app(), view);
                panel.draw();
            }
            let places = panel.pixels().iter().zip(&first).enumerate();
            let changed: Vec<_> = places
                .filter(|(_, (one, other))| one != other)
                .map(|(at, (one, other))| ((at % 1280, at / 1280), one, other))
                .collect();
            assert_eq!(changed, [], "{name}");
        }
    });
}

#[test]
fn only_what_is_new_is_drawn_again() {
    on_a_panel(1280, 720, |panel| {
        let view =
            examples(Language::DANISH).into_iter().find(|example| example.name == "waiting").unwrap().view;
        screen::show(panel.app(), &view);
        assert!(panel.draw(), "a new screen is drawn");
        screen::show(panel.app(), &view);
        assert!(!panel.draw(), "the same screen is not drawn again");
    });
}

#[test]
fn the_smallest_panel_shows_the_colours_that_two_bytes_hold() {
    let blue = slint::Rgb8Pixel { r: 0, g: 0x60, b: 0xE6 };
    on_a_panel(320, 240, move |panel| {
        assert_eq!(panel.shows(blue), slint::Rgb8Pixel { r: 0, g: 0x61, b: 0xE7 });
        let example = examples(Language::DANISH).into_iter().find(|example| example.name == "enter");
        screen::show(panel.app(), &example.unwrap().view);
        panel.draw();
        assert!(panel.pixels().iter().all(|pixel| panel.shows(*pixel) == *pixel));
        assert!(panel.pixels().contains(&slint::Rgb8Pixel { r: 255, g: 255, b: 255 }), "white stays white");
    });
    on_a_panel(480, 272, move |panel| assert_eq!(panel.shows(blue), blue));
}

#[test]
fn a_resting_screen_gives_little_light_at_night() {
    on_a_panel(1280, 720, |panel| {
        let mut light = |name: &str| {
            let example = examples(Language::DANISH).into_iter().find(|example| example.name == name);
            screen::show(panel.app(), &example.unwrap().view);
            panel.draw();
            let parts = |pixel: &slint::Rgb8Pixel| [pixel.r, pixel.g, pixel.b].map(u64::from);
            panel.pixels().iter().flat_map(parts).sum::<u64>()
        };
        let (day, night) = (light("idle"), light("idle-night"));
        assert!(night * 50 < day, "{night} of {day}");
        assert_eq!(light("idle"), day, "it is light again");
    });
}

#[test]
fn a_finger_reaches_the_keys_and_the_buttons() {
    on_a_panel(1280, 720, |panel| {
        let taps = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let heard = taps.clone();
        screen::on_tap(panel.app(), move |control| heard.borrow_mut().push(control));
        let shown = |name: &str| {
            examples(Language::DANISH).into_iter().find(|example| example.name == name).unwrap().view
        };
        screen::show(panel.app(), &shown("enter-complete"));
        panel.draw();
        // The keys 1 and OK, then FORTSÆT, Afbryd, Hjælp and English.
        for (x, y) in [(778, 84), (1082, 416), (330, 322), (150, 645), (330, 645), (500, 645)] {
            panel.tap(x, y);
        }
        let expected = [
            Control::Cap(0),
            Control::Cap(11),
            Control::Continue,
            Control::Cancel,
            Control::Help,
            Control::Language,
        ];
        // Which on-screen key it was is not for `Debug`.
        assert!(*taps.borrow() == expected, "{taps:?}");

        taps.borrow_mut().clear();
        screen::show(panel.app(), &shown("rejected"));
        panel.draw();
        panel.tap(140, 644);
        screen::show(panel.app(), &shown("help"));
        panel.draw();
        panel.tap(150, 644);
        assert_eq!(*taps.borrow(), [Control::Close, Control::Help]);

        taps.borrow_mut().clear();
        screen::show(panel.app(), &shown("idle-moved"));
        panel.draw();
        // A corner of the glass, the middle, and English.
        for (x, y) in [(1, 1), (1278, 718), (640, 360), (1150, 655)] {
            panel.tap(x, y);
        }
        assert_eq!(*taps.borrow(), [Control::Wake, Control::Wake, Control::Wake, Control::Language]);
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
        let all = examples(Language::DANISH);
        for Example { view, .. } in &all {
            screen::show(panel.app(), view);
            press(panel, "7");
            panel.draw();
            press(panel, "\n");
        }
        assert_eq!(*keys.borrow(), [Key::Digit(7), Key::Ok].repeat(all.len()));
    });
}

fn press(panel: &Panel, text: &str) {
    let window = panel.app().window();
    window.dispatch_event(WindowEvent::KeyPressed { text: text.into() });
    window.dispatch_event(WindowEvent::KeyReleased { text: text.into() });
}

/// Slint lives in one thread, so each panel gets its own.
fn on_a_panel(width: u32, height: u32, look: impl FnOnce(&mut Panel) + Send + 'static) {
    found_on(width, height, |panel| {
        look(panel);
        Vec::new()
    });
}

/// What is found on a panel of this size.
fn found_on(
    width: u32,
    height: u32,
    look: impl FnOnce(&mut Panel) -> Vec<String> + Send + 'static,
) -> Vec<String> {
    let drawing = std::thread::Builder::new().name(format!("panel {width}x{height}")).spawn(move || {
        let mut panel = Panel::new(width, height, || Duration::ZERO).unwrap();
        look(&mut panel)
    });
    drawing.unwrap().join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
