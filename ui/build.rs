//! Dates the program, lists its languages, and compiles the screens when the `screen` feature is on.

use std::time::UNIX_EPOCH;

fn main() {
    date();
    languages();
    #[cfg(feature = "screen")]
    screen();
}

/// Tells the program the earliest time that a true clock can show: `SOURCE_DATE_EPOCH`, so that two builds of one
/// source are the same bytes, else the last change of `Cargo.lock` in this copy of the source. The moment of the
/// build itself would make every build another program, and a true clock is never earlier than either.
#[expect(clippy::disallowed_methods, reason = "the environment of the build, not of the program")]
fn date() {
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    println!("cargo::rerun-if-changed=Cargo.lock");
    println!("cargo::rerun-if-changed=ui/build.rs");
    let told = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse::<u64>().ok());
    let changed = || {
        let changed = std::fs::metadata("Cargo.lock").and_then(|file| file.modified()).ok()?;
        Some(changed.duration_since(UNIX_EPOCH).ok()?.as_secs())
    };
    println!("cargo::rustc-env=FLEXLOGIN_BUILT={}", told.or_else(changed).unwrap_or(0));
}

/// Lists the languages of the screens: Danish and English, then every other catalogue. A translator adds one file.
#[expect(clippy::disallowed_methods, reason = "the environment of the build, not of the program")]
fn languages() {
    const CATALOGUES: &str = "assets/translations";
    println!("cargo::rerun-if-changed={CATALOGUES}");
    let mut others = Vec::new();
    for folder in std::fs::read_dir(CATALOGUES).into_iter().flatten().flatten() {
        if !folder.path().is_dir() {
            continue;
        }
        let code = folder.file_name().to_string_lossy().into_owned();
        let file = folder.path().join("LC_MESSAGES/flexlogin.po");
        let catalogue = std::fs::read_to_string(&file).unwrap_or_default();
        let header = |key: &str| {
            let line = catalogue.lines().find_map(|line| line.strip_prefix('"')?.strip_prefix(key));
            line.and_then(|rest| rest.strip_suffix("\\n\"")).map(|value| value.trim().to_owned())
        };
        match (header("Language:"), header("X-Native-Language-Name:")) {
            (Some(language), Some(name))
                if language == code && !name.is_empty() && !name.contains(['"', '\\']) =>
            {
                others.push((code, name));
            }
            _ => println!(
                "cargo::error={}: its header must say \"Language: {code}\\n\" and \
                 \"X-Native-Language-Name: …\\n\".",
                file.display()
            ),
        }
    }
    others.push(("en".into(), "English".into()));
    others.sort_by_key(|(code, _)| (code != "da", code != "en", code.clone()));
    let line =
        |(code, name): &(String, String)| format!("Language {{ code: \"{code}\", name: \"{name}\" }},\n");
    let list: String = others.iter().map(line).collect();
    let to = std::env::var("OUT_DIR").unwrap_or_default();
    if let Err(error) = std::fs::write(format!("{to}/languages.rs"), format!("[\n{list}]\n")) {
        println!("cargo::error=languages.rs: {error}");
    }
}

#[cfg(feature = "screen")]
fn screen() {
    use slint_build::{CompilerConfiguration, DefaultTranslationContext};

    let configuration = CompilerConfiguration::new()
        .with_style("fluent-light".into())
        .with_bundled_translations("assets/translations")
        .with_default_translation_context(DefaultTranslationContext::None);
    if let Err(error) = slint_build::compile_with_config("ui/all.slint", configuration) {
        println!("cargo::error={error}");
    }
}
