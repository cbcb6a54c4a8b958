//! Why an ID token is refused: one name for each clause, and never a value from the token.

use std::fmt;

/// The clause that an ID token breaks.
///
/// The times are compared last: [`Expired`](Untrusted::Expired), [`NotYetValid`](Untrusted::NotYetValid)
/// and [`Stale`](Untrusted::Stale) say that all else is right, so that a wrong clock is the likely reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untrusted {
    TooLong,
    NotThreeParts,
    Encrypted,
    NotBase64,
    BadHeader,
    WrongAlgorithm,
    Critical,
    HeaderType,
    UnknownKey,
    UnsuitableKey,
    NoSecret,
    BadSignature,
    UnpinnedKey,
    BadClaims,
    Issuer,
    Audience,
    OtherAudience,
    AuthorizedParty,
    Subject,
    AuthReqId,
    AccessTokenHash,
    RefreshTokenHash,
    Idp,
    IdTokenType,
    Uuid,
    ReferenceText,
    CibaNonce,
    Nonce,
    Acr,
    LowLoa,
    MissingLoa,
    Expiration,
    IssuedAt,
    NotBefore,
    AuthTime,
    Expired,
    NotYetValid,
    Stale,
    EarlierLogin,
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Untrusted::TooLong => "the ID token is longer than 64 KiB",
            Untrusted::NotThreeParts => "the ID token is not a compact JWS of three parts",
            Untrusted::Encrypted => "the ID token is encrypted; encryption is not supported",
            Untrusted::NotBase64 => "a part of the ID token is not base64url",
            Untrusted::BadHeader => "the header of the ID token is not a proper JSON object",
            Untrusted::WrongAlgorithm => "`alg` is not the pinned algorithm",
            Untrusted::Critical => "`crit` names an extension; none is supported",
            Untrusted::HeaderType => "`typ` is not JWT",
            Untrusted::UnknownKey => "the JWKS has no key for `kid`",
            Untrusted::UnsuitableKey => "the key in the JWKS is too weak or not for this algorithm",
            Untrusted::NoSecret => "HS256 is pinned, but there is no client secret",
            Untrusted::BadSignature => "the signature does not verify",
            Untrusted::UnpinnedKey => "the signing key is none of the pinned ones",
            Untrusted::BadClaims => "the claims of the ID token are not a proper JSON object",
            Untrusted::Issuer => "`iss` is not the issuer",
            Untrusted::Audience => "`aud` does not name this client",
            Untrusted::OtherAudience => "`aud` names another client too",
            Untrusted::AuthorizedParty => "`azp` is not this client",
            Untrusted::Subject => "`sub` is missing or is not 1 to 255 printable ASCII characters",
            Untrusted::AuthReqId => "the `auth_req_id` claim is of another login",
            Untrusted::AccessTokenHash => "`at_hash` does not match the access token",
            Untrusted::RefreshTokenHash => "the `rt_hash` claim does not match the refresh token",
            Untrusted::Idp => "`idp` is not mitid",
            Untrusted::IdTokenType => "`idtoken_type` is not ciba",
            Untrusted::Uuid => "`mitid.uuid` is not the person who was asked",
            Untrusted::ReferenceText => "`mitid.reference_text` is not the text that was sent",
            Untrusted::CibaNonce => "`ciba_nonce` is not the one that was sent",
            Untrusted::Nonce => "`nonce` is not the one that was sent",
            Untrusted::Acr => "`acr` is missing or is none of the values that were asked for",
            Untrusted::LowLoa => "`loa` is lower than what is asked for, or no known level",
            Untrusted::MissingLoa => "`loa` is missing, and the policy requires it",
            Untrusted::Expiration => "`exp` is missing or is not a whole number",
            Untrusted::IssuedAt => "`iat` is missing or is not a whole number",
            Untrusted::NotBefore => "`nbf` is not a whole number",
            Untrusted::AuthTime => "`auth_time` is not a whole number, or missing where it is needed",
            Untrusted::Expired => "`exp` is past; check the clock",
            Untrusted::NotYetValid => "`iat`, `nbf` or `auth_time` is in the future; check the clock",
            Untrusted::Stale => "`iat` is before this login was started; check the clock",
            Untrusted::EarlierLogin => "`auth_time` is before this login was started",
        })
    }
}

impl std::error::Error for Untrusted {}
