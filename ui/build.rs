//! Dates the program, and compiles the screens when the `screen` feature is on.

use std::time::UNIX_EPOCH;

fn main() {
    date();
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
