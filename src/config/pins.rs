//! The pins in `[broker]`: sets, so that a key or a root can be changed without a day on which nobody can log in.

use time::Date;
use time::macros::format_description;

use super::document::{Found, Section};
use super::problems::Told;
use crate::ciba::Algorithm;
use crate::net::RootPins;

/// What is held against the broker beyond the ordinary checks.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    /// The names of the only keys whose signature on an ID token is believed; empty for any published key.
    pub key_ids: Vec<String>,
    pub roots: RootPins,
    /// From then on no pin counts, in seconds since 1970-01-01 UTC.
    pub expire: Option<u64>,
}

/// `id_token_alg` is `None` if it is wrong itself.
pub(super) fn read(broker: &Section<'_>, id_token_alg: Option<Algorithm>) -> Result<Pins, Told> {
    let key_ids = key_ids(broker, id_token_alg);
    let sha256 = root_sha256(broker);
    let expire = expire(broker);
    let expire = expire?;
    Ok(Pins { key_ids: key_ids?, roots: RootPins { sha256: sha256?, expire }, expire })
}

fn key_ids(broker: &Section<'_>, id_token_alg: Option<Algorithm>) -> Result<Vec<String>, Told> {
    let found = broker.texts("key_ids", "048058BB59F4…")?;
    if let Some(Found { line, .. }) = found.first()
        && id_token_alg == Some(Algorithm::Hs256)
    {
        let sentence =
            "pins keys, and with HS256 the client secret signs. Remove it, or take another id_token_alg.";
        return Err(broker.tell(*line, "key_ids", sentence));
    }
    found
        .into_iter()
        .map(|Found { value, line }| {
            if value.chars().any(char::is_control) {
                let sentence = "holds a control character. Copy the kid from the broker.";
                return Err(broker.tell(line, "key_ids", sentence));
            }
            Ok(value.to_owned())
        })
        .collect()
}

fn root_sha256(broker: &Section<'_>) -> Result<Vec<[u8; 32]>, Told> {
    let found = broker.texts("root_sha256", "64 hexadecimal digits")?;
    found
        .into_iter()
        .map(|Found { value, line }| {
            sha256(value).ok_or_else(|| {
                let sentence = "must hold SHA-256 values of 64 hexadecimal digits, of a root certificate or of its \
                                public key, as openssl x509 -noout -fingerprint -sha256 -in root.pem prints them.";
                broker.tell(line, "root_sha256", sentence)
            })
        })
        .collect()
}

/// Hexadecimal digits, with or without the colons that openssl writes.
fn sha256(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

fn expire(broker: &Section<'_>) -> Result<Option<u64>, Told> {
    let Some(Found { value, line }) = broker.text("pins_expire")? else { return Ok(None) };
    let day = Date::parse(value, format_description!("[year]-[month]-[day]")).ok();
    let Some(unix) = day.and_then(|day| u64::try_from(day.midnight().assume_utc().unix_timestamp()).ok())
    else {
        let sentence = "must be a day as \"2027-01-01\", the first on which the pins no longer count.";
        return Err(broker.tell(line, "pins_expire", sentence));
    };
    if !broker.has("key_ids") && !broker.has("root_sha256") {
        let sentence = "stands without pins. Add key_ids or root_sha256, or remove it.";
        return Err(broker.tell(line, "pins_expire", sentence));
    }
    Ok(Some(unix))
}
