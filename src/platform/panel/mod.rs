//! The app on a panel without a display: keys in, pictures out.

mod display;
mod run;
#[cfg(feature = "sdl")]
pub mod sdl;

use std::path::PathBuf;

pub use display::Panel;
pub use run::Player;

use crate::config::Config;
use crate::flow::Outcome;
use crate::platform::Stop;
pub use crate::platform::script::{Line, Step, parse};

#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// The steps to take, one a line.
    #[arg(long, value_name = "FILE")]
    #[cfg_attr(feature = "sdl", arg(required_unless_present = "window"))]
    #[cfg_attr(not(feature = "sdl"), arg(required = true))]
    pub script: Option<PathBuf>,
    /// Show the panel in a window instead of playing a script.
    #[cfg(feature = "sdl")]
    #[arg(long, conflicts_with = "script")]
    pub window: bool,
    /// The panel's size in pixels.
    #[arg(long, value_name = "WxH", default_value = "1280x720", value_parser = super::size)]
    pub size: (u32, u32),
    /// The folder for pictures.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
}

/// Plays the script, or shows the window; the outcome is that of the last login.
pub fn run(config: &Config, options: &Options) -> Result<Outcome, Stop> {
    match &options.script {
        Some(script) => run::run(config, script, &options.out, options.size),
        #[cfg(feature = "sdl")]
        None => Ok(sdl::run(config, options.size)?),
        #[cfg(not(feature = "sdl"))]
        None => Err(Stop::Usage("Name a script with --script.".into())),
    }
}
