//! Finds a text in bytes, however it is written.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

/// A rest of this many characters of a long text is as bad as the whole.
const PIECE: usize = 16;

/// Something that must not be seen.
#[derive(Clone)]
pub(crate) struct Canary {
    pub(crate) name: &'static str,
    written: Vec<Vec<u8>>,
}

impl Canary {
    pub(crate) fn new(name: &'static str, text: &str) -> Canary {
        let hex = |upper: bool, before: &str| {
            text.bytes().fold(String::new(), |mut hex, byte| {
                let _ =
                    if upper { write!(hex, "{before}{byte:02X}") } else { write!(hex, "{before}{byte:02x}") };
                hex
            })
        };
        let form: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let json = serde_json::to_string(text).unwrap();
        let mut written = vec![
            text.as_bytes().to_vec(),
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            hex(false, "").into_bytes(),
            hex(true, "").into_bytes(),
            hex(false, "%").into_bytes(),
            hex(true, "%").into_bytes(),
            form.into_bytes(),
            json.trim_matches('"').as_bytes().to_vec(),
            text.bytes().rev().collect(),
        ];
        for shift in 0..3 {
            written.extend(in_base64(text.as_bytes(), shift));
        }
        Canary { name, written }
    }

    /// Something that is no text.
    pub(crate) fn of_bytes(name: &'static str, bytes: &[u8]) -> Canary {
        Canary { name, written: vec![bytes.to_vec()] }
    }

    /// The pieces of a long text, so that a rest of it is found too.
    pub(crate) fn pieces(name: &'static str, text: &str) -> Vec<Canary> {
        let length = PIECE.min(text.len());
        (0..=text.len() - length)
            .step_by(length)
            .map(|at| Canary::new(name, &text[at..at + length]))
            .collect()
    }

    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        !places(std::slice::from_ref(self), bytes).is_empty()
    }
}

/// Where each canary is.
pub(crate) fn places(canaries: &[Canary], bytes: &[u8]) -> Vec<(&'static str, usize)> {
    let key = |bytes: &[u8]| usize::from(bytes[0]) << 8 | usize::from(bytes[1]);
    let mut begins: Vec<Vec<(&'static str, &[u8])>> = vec![Vec::new(); 1 << 16];
    for canary in canaries {
        for written in &canary.written {
            let known = &mut begins[key(written)];
            if !known.contains(&(canary.name, written)) {
                known.push((canary.name, written));
            }
        }
    }
    let mut found = Vec::new();
    for (at, window) in bytes.windows(2).enumerate() {
        for (name, written) in &begins[key(window)] {
            if bytes[at..].starts_with(written) {
                found.push((*name, at));
            }
        }
    }
    found
}

/// The characters of base64 that only this text makes, if so many bytes stand before it in its group of three.
fn in_base64(text: &[u8], shift: usize) -> [Vec<u8>; 2] {
    let padded = [&vec![0; shift], text].concat();
    // A character holds six bits; those that hold bits of a neighbour are left out.
    let (from, to) = ((shift * 8).div_ceil(6), padded.len() * 8 / 6);
    [STANDARD.encode(&padded), URL_SAFE.encode(&padded)].map(|all| all.as_bytes()[from..to].to_vec())
}

#[test]
fn a_text_is_found_however_it_is_written() {
    let text = "6701901234";
    let canary = Canary::new("cpr", text);
    let utf_16: Vec<u8> = format!("x{text}x").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut planted = vec![text.as_bytes().to_vec(), format!("cpr={text}&").into_bytes(), utf_16];
    for before in ["", "a", "ab", "abc", "{\"cpr\":\""] {
        for after in ["", "z", "zy", "\"}"] {
            planted.push(STANDARD.encode(format!("{before}{text}{after}")).into_bytes());
            planted.push(URL_SAFE.encode(format!("{before}{text}{after}")).into_bytes());
        }
    }
    planted.push(b"%36%37%30%31%39%30%31%32%33%34".to_vec());
    planted.push(b"36373031393031323334".to_vec());
    for bytes in &planted {
        assert!(canary.is_in(bytes), "{:?}", String::from_utf8_lossy(bytes));
    }
    for bytes in [&b"6701901235"[..], b"", b"670190-1234", b"670190 1234"] {
        assert!(!canary.is_in(bytes));
    }
    let secret = Canary::new("secret", "+/:%ab c\"d");
    for bytes in [&b"secret=%2B%2F%3A%25ab+c%22d"[..], br#"{"secret":"+/:%ab c\"d"}"#, b"+/:%ab c\"d"] {
        assert!(secret.is_in(bytes), "{:?}", String::from_utf8_lossy(bytes));
    }
}
