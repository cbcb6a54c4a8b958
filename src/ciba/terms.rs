//! What is asked of every login beyond its profile, and what its ID token then has to say.
//!
//! The default asks for nothing.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use super::age::AgeCheck;
use super::id_token::Identity;
use super::request_object::RequestObject;

/// The same for every login of a device.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Signs the start; without it, the parameters go plainly over TLS.
    pub request_object: Option<RequestObject>,
    /// How many seconds a login should live (CIBA 7.1). The provider may decide otherwise. Plain CIBA only.
    pub requested_expiry: Option<NonZeroU16>,
    /// Ways to authenticate, the best first (CIBA 7.1); the token's `acr` has to be one of them. Plain CIBA only.
    pub acr_values: Vec<String>,
    /// The least level of assurance that is believed.
    pub loa: Option<LeastLoa>,
    /// The only keys whose signature is believed, by their names in the JWKS; empty if any published key will do.
    pub key_ids: Vec<String>,
    /// The one thing that is asked, where nobody is to be known. No token is read as a login's then.
    pub age: Option<AgeCheck>,
    /// From then on no pin is held against anybody, in seconds since 1970-01-01 UTC: neither `key_ids` nor the roots
    /// that the transport pins.
    pub pins_expire: Option<u64>,
}

/// A level of assurance of the Danish standard NSIS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loa {
    Low,
    Substantial,
    High,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeastLoa {
    pub loa: Loa,
    pub policy: LoaPolicy,
}

/// What becomes of a token that tells no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoaPolicy {
    /// It is refused.
    Require,
    /// It is believed, and the operator is told.
    Warn,
}

impl Terms {
    /// Whether a token that was believed tells no level although one is asked for.
    pub fn miss_loa_of(&self, identity: &Identity) -> bool {
        self.loa.is_some() && identity.loa.is_none()
    }

    /// The pinned names, while they count.
    pub(super) fn key_pins(&self, now: u64) -> Option<&[String]> {
        (!self.pins_are_over(now) && !self.key_ids.is_empty()).then_some(&self.key_ids)
    }

    /// Whether pins are configured whose last day has passed.
    pub fn pins_are_over(&self, now: u64) -> bool {
        self.pins_expire.is_some_and(|expire| now >= expire)
    }
}

impl Loa {
    /// The level that a `loa` claim names, as an address or by its last word alone.
    pub(super) fn of_claim(claim: &str) -> Option<Loa> {
        match claim.strip_prefix("https://data.gov.dk/concept/core/nsis/").unwrap_or(claim) {
            "Low" => Some(Loa::Low),
            "Substantial" => Some(Loa::Substantial),
            "High" => Some(Loa::High),
            _ => None,
        }
    }
}

impl fmt::Display for Loa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Loa::Low => "low",
            Loa::Substantial => "substantial",
            Loa::High => "high",
        })
    }
}

impl FromStr for Loa {
    type Err = String;

    fn from_str(text: &str) -> Result<Loa, String> {
        match text {
            "low" => Ok(Loa::Low),
            "substantial" => Ok(Loa::Substantial),
            "high" => Ok(Loa::High),
            _ => Err("The level of assurance must be low, substantial or high.".into()),
        }
    }
}
