//! The panel in an SDL window, with a keyboard for a remote and a mouse for a finger.

use std::time::Duration;

use embedded_graphics_simulator::sdl2::{Keycode, MouseButton};
use embedded_graphics_simulator::{OutputSettings, SimulatorEvent, Window};

use super::run::Player;
use crate::config::Config;
use crate::flow::{Event, Key, Outcome};

/// Between two looks at the window's events.
const FRAME: Duration = Duration::from_millis(16);

const KEYS: [(Keycode, Key); 13] = [
    (Keycode::Return, Key::Ok),
    (Keycode::KpEnter, Key::Ok),
    (Keycode::AcBack, Key::Back),
    (Keycode::Backspace, Key::Erase),
    (Keycode::Delete, Key::Erase),
    (Keycode::Up, Key::Up),
    (Keycode::Down, Key::Down),
    (Keycode::Left, Key::Left),
    (Keycode::Right, Key::Right),
    (Keycode::F1, Key::Red),
    (Keycode::F2, Key::Green),
    (Keycode::F3, Key::Yellow),
    (Keycode::F4, Key::Blue),
];

/// Shows the window until the person leaves; the outcome is that of the last login.
pub fn run(config: &Config, size: (u32, u32)) -> Result<Outcome, String> {
    let mut player = Player::new(config, std::path::Path::new("."), size)?;
    player.leave_on_signals()?;
    let mut window = Window::new(&config.login.service, &OutputSettings::default());
    while !player.over() {
        window.update(&player.display());
        for event in window.events() {
            match event {
                SimulatorEvent::KeyDown { keycode, repeat, .. } => {
                    if let Some(key) = key(keycode).filter(|key| !repeat || repeats(*key)) {
                        player.hear(Event::Pressed(key));
                    }
                }
                SimulatorEvent::MouseButtonDown { mouse_btn: MouseButton::Left, point } => {
                    player.tap(point.x.unsigned_abs(), point.y.unsigned_abs());
                }
                // The window's cross and Escape come as one event: both mean Back, and Back twice leaves.
                SimulatorEvent::Quit => player.hear(Event::Pressed(Key::Back)),
                _ => {}
            }
        }
        player.live_for(FRAME);
    }
    Ok(player.part())
}

fn repeats(key: Key) -> bool {
    matches!(key, Key::Up | Key::Down | Key::Left | Key::Right | Key::Erase)
}

fn key(keycode: Keycode) -> Option<Key> {
    if let Some((_, key)) = KEYS.iter().find(|(known, _)| *known == keycode) {
        return Some(*key);
    }
    // SDL names the keys of a number block "Keypad 5", and the others by their character.
    let name = keycode.name();
    let character = name.strip_prefix("Keypad ").unwrap_or(&name);
    let mut characters = character.chars();
    match (characters.next()?, characters.next()) {
        (digit @ '0'..='9', None) => Some(Key::Digit(digit as u8 - b'0')),
        (character, None) => Some(Key::Character(character.to_lowercase().next()?)),
        _ => None,
    }
}
