//! The cases of the OpenID conformance suite that a CIBA client in poll mode meets, under the suite's own names.
//!
//! `conformance.md` beside this folder says for each case what the server does, and what tries it or why nothing does.

mod bent;
mod case;
mod cases;
mod client_proofs;
mod demands;
mod fapi2;
mod fapi_ciba;
mod long_life;
mod oidc;
mod provider;
mod provider_side;
mod request_object;
mod signed_requests;
mod spoil;
mod strictness;
mod table;
mod token;
