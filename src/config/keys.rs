//! The table `[keys]` and its models.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::document::{MODEL, Section};
use super::problems::Told;
use crate::flow::Key;
use crate::input::{Code, Layout, Model, Repeat, Settings, called};

/// EN 301 549 asks for delays and rates of up to two seconds (5.7), and for half a second after a key (5.8).
const DELAY_MS: RangeInclusive<u64> = 100..=10_000;
const RATE_MS: RangeInclusive<u64> = 30..=10_000;
const DOUBLE_STRIKE_MS: RangeInclusive<u64> = 0..=5_000;

const LIKE: &str = "0x1a2 = \"ok\"";
const WORDS: &str = "ok, back, up, down, left, right, erase, red, green, yellow, blue, 0 to 9, or none for a key that does nothing";

pub(super) fn read(keys: Option<&Section<'_>>) -> Result<Settings, Told> {
    let usual = Settings::default();
    let Some(keys) = keys else { return Ok(usual) };
    let layout = layout(keys);
    let delay = milliseconds(keys, "delay_ms", &DELAY_MS, "");
    let rate = milliseconds(keys, "rate_ms", &RATE_MS, ", or 0 so that no key repeats");
    let double_strike = milliseconds(keys, "double_strike_ms", &DOUBLE_STRIKE_MS, "");
    let models = keys.sections("model", MODEL).and_then(|sections| {
        // A wrong model hides nothing in the others.
        let models: Vec<_> = sections.iter().map(model).collect();
        models.into_iter().collect()
    });
    let (delay, rate) = (delay?, rate?);
    let repeat = usual
        .repeat
        .filter(|_| rate != Some(Duration::ZERO))
        .map(|usual| Repeat { delay: delay.unwrap_or(usual.delay), every: rate.unwrap_or(usual.every) });
    Ok(Settings {
        repeat,
        double_strike: double_strike?.unwrap_or(usual.double_strike),
        layout: layout?,
        models: models?,
    })
}

fn layout(keys: &Section<'_>) -> Result<Layout, Told> {
    match keys.text("layout")? {
        None => Ok(Layout::default()),
        Some(found) if found.value == "dk" => Ok(Layout::Danish),
        Some(found) if found.value == "us" => Ok(Layout::American),
        Some(found) => Err(keys.tell(found.line, "layout", "must be \"dk\" or \"us\".")),
    }
}

/// `or` is what may be instead of a number from the range.
fn milliseconds(
    keys: &Section<'_>,
    key: &str,
    range: &RangeInclusive<u64>,
    or: &str,
) -> Result<Option<Duration>, Told> {
    let (least, most) = (range.start(), range.end());
    let remedy = format!("It counts milliseconds, from {least} to {most}{or}.");
    let Some(found) = keys.number(key, &remedy)? else { return Ok(None) };
    if !range.contains(&found.value) && (or.is_empty() || found.value != 0) {
        return Err(keys.tell(found.line, key, format!("is out of bounds. {remedy}")));
    }
    Ok(Some(Duration::from_millis(found.value)))
}

fn model(section: &Section<'_>) -> Result<Model, Told> {
    let name = section.text("name");
    let vendor = number(section, "vendor");
    let product = number(section, "product");
    let map = map(section);
    let model = Model {
        name: name?.map(|found| found.value.to_owned()),
        vendor: vendor?,
        product: product?,
        map: map?,
    };
    if model.name.is_none() && (model.vendor.is_none() || model.product.is_none()) {
        let sentence = "is missing. Add the name that `flexlogin keys` shows, or vendor and product.";
        return Err(section.tell(section.line, "name", sentence));
    }
    Ok(model)
}

fn number(section: &Section<'_>, key: &str) -> Result<Option<u16>, Told> {
    const REMEDY: &str = "Write it as `flexlogin keys` does, for instance 0x1d6b.";
    let Some(found) = section.number(key, REMEDY)? else { return Ok(None) };
    u16::try_from(found.value)
        .map(Some)
        .map_err(|_| section.tell(found.line, key, format!("is larger than 0xffff. {REMEDY}")))
}

fn map(section: &Section<'_>) -> Result<BTreeMap<Code, Option<Key>>, Told> {
    let mut map = BTreeMap::new();
    let mut told = None;
    for (name, found) in section.pairs("map", LIKE)? {
        let wrong = |sentence: String| section.tell(found.line, "map", sentence);
        match (code(name), meant(found.value)) {
            (None, _) => {
                told = Some(wrong(format!(
                    "has a key that is no code. Write the number that `flexlogin keys` shows: {LIKE}."
                )));
            }
            (_, None) => {
                told = Some(wrong(format!("gives a key a meaning that there is not. Known are {WORDS}.")))
            }
            (Some(code), Some(key)) => {
                if map.insert(code, key).is_some() {
                    told = Some(wrong("has one code twice. Keep one of the two.".into()));
                }
            }
        }
    }
    told.map_or(Ok(map), Err)
}

fn code(name: &str) -> Option<Code> {
    let number = match name.strip_prefix("0x") {
        Some(digits) => u16::from_str_radix(digits, 16),
        None => name.parse(),
    };
    number.ok().map(Code)
}

/// `Some(None)` for a key that is to do nothing.
fn meant(word: &str) -> Option<Option<Key>> {
    if word == "none" { Some(None) } else { called(word).map(Some) }
}
