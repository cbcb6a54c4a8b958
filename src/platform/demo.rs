//! The simulator: a TV, a remote control and a phone, with a broker of their own on loopback.

#[cfg(feature = "panel")]
mod journey;
#[cfg(feature = "desktop")]
mod living_room;

use std::path::PathBuf;

#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// Play one journey without a window, and save a picture of every screen.
    #[arg(long)]
    pub headless: bool,
    /// Ask only whether a person is at least 18 years old.
    #[arg(long)]
    pub age: bool,
    /// The folder for pictures; "flexlogin-demo" if not given.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The size of the window, or of the panel without one.
    #[arg(long, value_name = "WxH", value_parser = super::size)]
    pub size: Option<(u32, u32)>,
}

/// Runs until the window is closed or the journey is over, and gives the exit code. The error is a sentence.
pub fn run(options: &Options) -> Result<u8, String> {
    #[cfg(feature = "desktop")]
    if !options.headless && super::window::is_possible() {
        return living_room::run(options).map(|()| 0);
    }
    #[cfg(feature = "panel")]
    return journey::run(options).map(|()| 0);
    #[cfg(not(feature = "panel"))]
    Err(format!(
        "{}, and this build has no panel. Build it with the feature \"panel\".",
        if options.headless {
            "A window is not wanted"
        } else {
            "There is no display, or no window in this build"
        }
    ))
}

/// What the broker has written for its clients. The drawn phone has a camera, so a code is offered beside the keys.
#[cfg(any(feature = "desktop", feature = "panel"))]
fn configured(broker: &crate::simulator::Broker, options: &Options) -> Result<crate::config::Config, String> {
    let file = if options.age { broker.age_config_file() } else { broker.config_file() };
    let mut config = crate::config::read(file).map_err(|errors| errors.to_string())?;
    config.login.methods = crate::flow::Methods::TypedOrScanned;
    Ok(config)
}
