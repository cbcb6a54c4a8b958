//! OpenID CIBA in poll mode, from the client's side, without input or output.
//!
//! Each endpoint is a pair: `request` builds a [`Call`], `read` understands the [`Reply`].
//! Nothing here knows a socket, a clock, a file or another room; time and randomness arrive
//! as a [`Moment`]. Specification: OpenID Connect Client-Initiated Backchannel Authentication
//! Flow, Core 1.0 ("CIBA" in these comments).

pub mod age;
pub mod authentication;
pub mod cancel;
pub mod client_auth;
pub mod id_token;
pub mod invitation;
pub mod jwks;
pub mod polling;
pub mod provider;
pub mod request_object;
pub mod terms;
pub mod token;

mod json;
mod jwt;
#[cfg(test)]
mod testing;
mod wire;

pub use age::{AgeAnswer, AgeCheck, AgeForm};
pub use authentication::{Acknowledgement, Action, Hint, Profile, Start, Way};
pub use client_auth::{Algorithm, Client, ClientAuth, SigningKey};
pub use id_token::{Expected, Identity, Untrusted};
pub use invitation::{Invitation, ScanUri};
pub use jwks::Jwks;
pub use provider::{Issuer, Provider};
pub use request_object::RequestObject;
pub use terms::Terms;
pub use token::{Answer, Tokens};
pub use wire::{AuthReqId, Call, Fault, Method, Moment, Reply, Secret};
