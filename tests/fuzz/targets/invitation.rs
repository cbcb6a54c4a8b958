#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| flexlogin_fuzz::invitation(input));
