//! Compiles the screens when the `screen` feature is on.

fn main() {
    #[cfg(feature = "screen")]
    screen();
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
