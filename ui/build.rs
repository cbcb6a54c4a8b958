//! Compiles the screens when the `screen` feature is on.
fn main() {}
