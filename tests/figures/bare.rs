//! The smallest window that Slint can open, to compare with: same size, same renderer, one text in the same font.

use slint::{BackendSelector, ComponentHandle};

/// What the Slint compiler makes of the markup below.
mod ui {
    #![expect(
        missing_debug_implementations,
        unreachable_pub,
        clippy::unwrap_used,
        clippy::todo,
        reason = "generated code"
    )]
    slint::slint! {
        import "../../assets/fonts/IBMPlexSans-Regular.ttf";
        export component Bare inherits Window {
            preferred-width: 1280px;
            preferred-height: 720px;
            background: #EEF1F6;
            default-font-family: "IBM Plex Sans";
            Text {
                text: "Hello";
                font-size: 48px;
            }
        }
    }
}

fn main() -> Result<(), slint::PlatformError> {
    BackendSelector::new().backend_name("winit".into()).renderer_name("software".into()).select()?;
    ui::Bare::new()?.run()
}
