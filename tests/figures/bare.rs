//! The smallest window that Slint can open, to compare with: same size, same renderer, one text in the same font. With
//! the word `counts` the text is another one each second.

use std::time::Duration;

use slint::{BackendSelector, ComponentHandle, Timer, TimerMode};

/// What the Slint compiler makes of the markup below.
mod ui {
    #![expect(clippy::unwrap_used, clippy::todo, reason = "generated code")]
    slint::slint! {
        import "../../assets/fonts/IBMPlexSans-Regular.ttf";
        export component Bare inherits Window {
            in-out property <string> said: "Hello";
            preferred-width: 1280px;
            preferred-height: 720px;
            background: #EEF1F6;
            default-font-family: "IBM Plex Sans";
            // What the window wants to measure must not hang on what is said.
            Text {
                width: 400px;
                height: 80px;
                text: root.said;
                font-size: 48px;
            }
        }
    }
}

fn main() -> Result<(), slint::PlatformError> {
    BackendSelector::new().backend_name("winit".into()).renderer_name("software".into()).select()?;
    let bare = ui::Bare::new()?;
    let timer = Timer::default();
    if std::env::args().any(|word| word == "counts") {
        let (shown, mut second) = (bare.as_weak(), 0);
        timer.start(TimerMode::Repeated, Duration::from_secs(1), move || {
            second += 1;
            if let Some(bare) = shown.upgrade() {
                bare.set_said(second.to_string().into());
            }
        });
    }
    bare.run()
}
