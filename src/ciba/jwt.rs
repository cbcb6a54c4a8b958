//! Writing a signed token: a client assertion or a request object (RFC 7519, compact form of RFC 7515).
//!
//! Claims may name a person, so they are wiped, and no buffer that holds them grows: one that does leaves its old
//! bytes behind.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header, crypto};
use serde::Serialize;
use zeroize::Zeroizing;

use super::client_auth::Unsigned;

/// The longest signature, in base64url: that of an RSA key of 8192 bits.
const SIGNATURE: usize = 1366;

/// Signs `claims`, which are at most `room` bytes of JSON, with the algorithm that the header names.
pub(super) fn write(
    header: &Header,
    claims: &impl Serialize,
    room: usize,
    key: &EncodingKey,
) -> Result<Zeroizing<String>, Unsigned> {
    let head = serde_json::to_vec(header).map_err(|_| Unsigned)?;
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    serde_json::to_writer(&mut *body, claims).map_err(|_| Unsigned)?;
    let length = (head.len() + body.len()).div_ceil(3) * 4 + 8 + SIGNATURE;
    let mut token = Zeroizing::new(String::with_capacity(length));
    URL_SAFE_NO_PAD.encode_string(&head, &mut token);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(&*body, &mut token);
    let signature = crypto::sign(token.as_bytes(), key, header.alg).map_err(|_| Unsigned)?;
    token.push('.');
    token.push_str(&signature);
    Ok(token)
}

/// What these texts become in JSON at most: every byte escaped as `\u00XX`, with room for quotes and names.
pub(super) fn room<'a>(texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().map(|text| 64 + 6 * text.len()).sum()
}

/// A version 4 UUID (RFC 9562 5.4), the name of a token that is used once.
pub(super) fn jti(mut random: [u8; 16]) -> String {
    random[6] = random[6] & 0x0f | 0x40;
    random[8] = random[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(random));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jsonwebtoken::Algorithm;

    use super::*;

    #[test]
    fn the_room_is_enough_if_every_byte_is_escaped() {
        let long = "\u{1}".repeat(500);
        let claims: BTreeMap<&str, &str> = [("login_hint", long.as_str()), ("scope", "openid")].into();
        let json = serde_json::to_vec(&claims).unwrap();
        let room = room(claims.iter().flat_map(|(name, value)| [*name, *value]));
        assert!(json.len() > 6 * 500 && json.len() <= room, "{} of {room}", json.len());
    }

    #[test]
    fn the_buffer_of_the_longest_token_does_not_grow() {
        let header = Header::new(Algorithm::HS256);
        for length in 0..9 {
            let text = "x".repeat(length);
            let token = write(&header, &text, 64, &EncodingKey::from_secret(b"secret")).unwrap();
            // 43 letters are an HS256 signature; one of the longest kind would have fitted too.
            assert!(token.len() - 43 + SIGNATURE <= token.capacity());
        }
    }
}
