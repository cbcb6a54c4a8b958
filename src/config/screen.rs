//! The table `[screen]`: the language, and how the screens look.

use std::path::Path;

use super::document::{Found, Section};
use super::files::{self, Folders, LARGEST, Unread};
use super::problems::Told;
use crate::flow::Language;

/// Characters that fit their page at every size.
const LONGEST_PRIVACY: usize = 140;
/// A mark is an icon, not a photograph.
const LARGEST_MARK: u64 = 1024 * 1024;
/// From a sofa, where nothing else is configured.
const DISTANCE_CM: u64 = 300;
/// A middling TV.
const DIAGONAL_INCHES: u64 = 43;

#[derive(Clone, Debug)]
pub struct Screen {
    pub language: Language,
    /// The service's own words on what is done with what is typed.
    pub privacy: Option<String>,
    pub look: Look,
}

/// How the screens look.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub theme: Theme,
    /// The large mode, for people who see less.
    pub large: Option<Large>,
    /// Where the screen is seen from, as far as somebody has told.
    pub seen: Option<Large>,
    pub brand: Option<BrandFolder>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Light,
    Dark,
    HighContrast,
}

/// Text so large that a capital letter subtends 0.7° (EN 301 549 5.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Large {
    pub distance_cm: u32,
    pub diagonal_inches: u32,
}

/// What the folder of a brand supplies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrandFolder {
    pub name: Option<String>,
    /// The bytes of a PNG file.
    pub mark: Option<Vec<u8>>,
    /// The main button, the focus and what is pointed out.
    pub action: Option<[u8; 3]>,
    /// Text on the main button.
    pub on_action: Option<[u8; 3]>,
    /// Behind the card.
    pub page: Option<[u8; 3]>,
}

impl Large {
    /// How high the letter H has to be, as a part of the screen's diagonal.
    pub fn height(self) -> f64 {
        let distance_mm = f64::from(self.distance_cm) * 10.0;
        let diagonal_mm = f64::from(self.diagonal_inches) * 25.4;
        0.7_f64.to_radians() * distance_mm / diagonal_mm
    }
}

pub(super) fn read(screen: Option<&Section<'_>>, folders: &Folders<'_>) -> Result<Screen, Told> {
    let Some(screen) = screen else {
        return Ok(Screen { language: Language::DANISH, privacy: None, look: Look::default() });
    };
    let language = language(screen);
    let theme = theme(screen);
    let seen = seen(screen);
    let large = screen.flag("large").map(|large| large == Some(true));
    let told = ["large", "distance_cm", "diagonal_inches"].into_iter().any(|key| screen.has(key));
    let brand = brand(screen, folders);
    let privacy = privacy(screen);
    Ok(Screen {
        language: language?,
        privacy: privacy?,
        look: Look {
            theme: theme?,
            large: large?.then_some(seen?),
            seen: told.then_some(seen?),
            brand: brand?,
        },
    })
}

fn language(screen: &Section<'_>) -> Result<Language, Told> {
    let Some(found) = screen.text("language")? else { return Ok(Language::DANISH) };
    Language::parse(found.value).ok_or_else(|| {
        let codes: Vec<String> =
            Language::all().iter().map(|known| format!("\"{}\"", known.code())).collect();
        screen.tell(found.line, "language", format!("must be one of {}.", codes.join(", ")))
    })
}

/// Instead of our own words on what is done with what is typed.
fn privacy(screen: &Section<'_>) -> Result<Option<String>, Told> {
    let Some(found) = screen.text("privacy")? else { return Ok(None) };
    if found.value.chars().any(|character| character.is_control() && character != '\n') {
        let sentence = "holds a control character. Write plain text; lines may end.";
        return Err(screen.tell(found.line, "privacy", sentence));
    }
    if found.value.chars().count() > LONGEST_PRIVACY {
        let sentence =
            format!("is longer than {LONGEST_PRIVACY} characters, and the screen shows all of it at once.");
        return Err(screen.tell(found.line, "privacy", sentence));
    }
    Ok(Some(found.value.to_owned()))
}

fn theme(screen: &Section<'_>) -> Result<Theme, Told> {
    let Some(found) = screen.text("theme")? else { return Ok(Theme::Light) };
    match found.value {
        "light" => Ok(Theme::Light),
        "dark" => Ok(Theme::Dark),
        "high-contrast" => Ok(Theme::HighContrast),
        _ => Err(screen.tell(found.line, "theme", "must be \"light\", \"dark\" or \"high-contrast\".")),
    }
}

fn seen(screen: &Section<'_>) -> Result<Large, Told> {
    let distance = measure(screen, "distance_cm", 20..=2000, DISTANCE_CM);
    let diagonal = measure(screen, "diagonal_inches", 2..=200, DIAGONAL_INCHES);
    Ok(Large { distance_cm: distance?, diagonal_inches: diagonal? })
}

fn measure(
    screen: &Section<'_>,
    key: &'static str,
    range: std::ops::RangeInclusive<u64>,
    usual: u64,
) -> Result<u32, Told> {
    let remedy = format!("It can be {} to {}.", range.start(), range.end());
    let found = screen.number(key, &remedy)?.unwrap_or(Found { value: usual, line: 0 });
    let value = u32::try_from(found.value).ok().filter(|_| range.contains(&found.value));
    value.ok_or_else(|| {
        screen.tell(found.line, key, format!("must be from {} to {}.", range.start(), range.end()))
    })
}

/// The folder holds `brand.toml`, `mark.png` or both.
fn brand(screen: &Section<'_>, folders: &Folders<'_>) -> Result<Option<BrandFolder>, Told> {
    let Some(found) = screen.text("brand")? else { return Ok(None) };
    let folder = folders.beside.join(found.value);
    let tell = |sentence: &str| screen.tell(found.line, "brand", sentence);
    let mark = optional(&folder.join("mark.png"), LARGEST_MARK)
        .map_err(|()| tell("names a folder whose mark.png cannot be read, or is larger than 1 MiB."))?;
    let text = optional(&folder.join("brand.toml"), LARGEST)
        .map_err(|()| tell("names a folder whose brand.toml cannot be read, or is larger than 64 KiB."))?;
    if mark.is_none() && text.is_none() {
        return Err(tell("must name a folder that holds brand.toml, mark.png or both."));
    }
    let said =
        text.map_or(Ok(BrandFolder::default()), |text| words(&text)).map_err(|sentence| tell(&sentence))?;
    Ok(Some(BrandFolder { mark, ..said }))
}

/// `None` if there is no such file.
fn optional(path: &Path, largest: u64) -> Result<Option<Vec<u8>>, ()> {
    match files::read(path, largest) {
        Ok(bytes) => Ok(Some(bytes.to_vec())),
        Err(Unread::Absent) => Ok(None),
        Err(Unread::NotAFile | Unread::TooLarge | Unread::Io(_)) => Err(()),
    }
}

/// What `brand.toml` says. The error is a sentence to be read after the key.
fn words(text: &[u8]) -> Result<BrandFolder, String> {
    let no_table =
        || "names a folder whose brand.toml is not valid TOML: each line is key = \"text\".".to_owned();
    let text = std::str::from_utf8(text).map_err(|_| no_table())?;
    let table: toml::Table = text.parse().map_err(|_| no_table())?;
    let mut brand = BrandFolder::default();
    for (key, value) in &table {
        let value = value.as_str().map(str::trim).unwrap_or_default();
        let colour = || {
            colour(value).ok_or_else(|| {
                format!("names a folder whose brand.toml has no colour in {key}: write it as \"#0060E6\".")
            })
        };
        match key.as_str() {
            "name" if !value.is_empty() && !value.chars().any(char::is_control) => {
                brand.name = Some(value.to_owned());
            }
            "name" => return Err("names a folder whose brand.toml has an empty name.".into()),
            "action" => brand.action = Some(colour()?),
            "on_action" => brand.on_action = Some(colour()?),
            "page" => brand.page = Some(colour()?),
            _ => {
                return Err("names a folder whose brand.toml has another key than name, action, on_action \
                            and page."
                    .into());
            }
        }
    }
    Ok(brand)
}

/// Six hexadecimal digits after a #.
fn colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}
