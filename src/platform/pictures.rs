//! Pictures of every screen, in every size, language and theme, with a page to look at them.
//!
//! Nothing is asked of any broker: each picture shows an example, and no name in it is anybody's.

mod examples;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

pub use examples::{Example, URI, examples};

use super::panel::Panel;
use crate::config::{Large, Look, Theme};
use crate::flow::Language;
use crate::screen;

#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The folder for the pictures and their page.
    #[arg(long, value_name = "DIR", default_value = "flexlogin-pictures")]
    pub out: PathBuf,
    /// Only this size.
    #[arg(long, value_name = "WxH", value_parser = super::size)]
    pub size: Option<(u32, u32)>,
    /// Only the screens whose names begin so, as the files are named: enter, unavailable-network …
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    pub screen: String,
}

/// From a TV of the highest resolution to the smallest panel.
pub const SIZES: [(u32, u32); 6] =
    [(1280, 720), (1920, 1080), (3840, 2160), (1080, 1920), (800, 480), (320, 240)];

/// What a screen is looked at with, and in a word.
pub fn looks() -> [(&'static str, Look); 4] {
    let theme = |theme| Look { theme, ..Look::default() };
    let large = Some(Large { distance_cm: 300, diagonal_inches: 43 });
    [
        ("light", Look::default()),
        ("dark", theme(Theme::Dark)),
        ("high-contrast", theme(Theme::HighContrast)),
        ("large", Look { large, ..Look::default() }),
    ]
}

/// Draws them all and prints the path of the page. The error is a sentence.
pub fn run(options: &Options) -> Result<(), String> {
    let cannot = |error: io::Error| format!("{}: {error}.", options.out.display());
    let known = || examples(Language::DANISH).into_iter().map(|example| example.name);
    if !known().any(|name| name.starts_with(&options.screen)) {
        let names = known().collect::<Vec<_>>().join(", ");
        return Err(format!("No screen's name begins with {:?}. There are: {names}.", options.screen));
    }
    fs::create_dir_all(&options.out).map_err(cannot)?;
    let mut page = String::from(HEAD);
    let sizes = options.size.map_or(SIZES.to_vec(), |size| vec![size]);
    for (width, height) in sizes {
        let _ = writeln!(io::stderr(), "{width}×{height} …");
        let options = options.clone();
        // Slint keeps its platform for each thread, and a panel has one size for life.
        let drawing = std::thread::Builder::new().spawn(move || draw(&options, width, height));
        let drawn = drawing.map_err(cannot)?.join().map_err(|_| "The drawing failed.".to_owned())??;
        // Fails only where memory does.
        let _ = write!(page, "<h2>{width}×{height}</h2>\n{drawn}");
    }
    let path = options.out.join("index.html");
    fs::write(&path, page).map_err(cannot)?;
    let path = std::path::absolute(&path).unwrap_or(path);
    writeln!(io::stdout(), "{}", path.display())
        .map_err(|error| format!("Standard output cannot be written: {error}."))
}

const HEAD: &str = "<!DOCTYPE html><meta charset=utf-8><title>flexlogin: every screen</title>\n\
    <style>body{font:16px sans-serif;margin:2em}figure{display:inline-block;margin:0 1em 1em 0}\
    img{max-width:30em;max-height:30em;border:1px solid #888}figcaption{color:#444}</style>\n\
    <h1>Every screen</h1>\n";

/// The part of the page for one size.
fn draw(options: &Options, width: u32, height: u32) -> Result<String, String> {
    let mut panel =
        Panel::new(width, height, || Duration::ZERO).map_err(|error| format!("No panel: {error}."))?;
    let mut page = String::new();
    for (look_name, look) in looks() {
        screen::furnish(panel.app(), &look)?;
        for language in Language::all().iter().copied() {
            let language_name = language.code();
            let _ = writeln!(page, "<h3>{look_name}, {language_name}</h3>");
            let wanted = |example: &Example| example.name.starts_with(&options.screen);
            for Example { name, view } in examples(language).into_iter().filter(wanted) {
                screen::show(panel.app(), &view);
                panel.draw();
                let file = format!("{name}-{language_name}-{look_name}-{width}x{height}.png");
                panel.save_png(&options.out.join(&file))?;
                let _ = writeln!(
                    page,
                    "<figure><a href=\"{file}\"><img loading=lazy src=\"{file}\" alt=\"{name}\"></a>\
                     <figcaption>{name}</figcaption></figure>"
                );
            }
        }
    }
    Ok(page)
}
