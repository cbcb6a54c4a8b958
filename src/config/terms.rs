//! What is asked beyond a plain login: signed starts, and what a token has to say about how the person logged in.

use std::num::NonZeroU16;

use super::broker::HS256_KEY_BYTES;
use super::document::{Found, Section};
use super::problems::Told;
use crate::ciba::request_object::{RequestObject, Signer};
use crate::ciba::terms::{LeastLoa, Loa, LoaPolicy};
use crate::ciba::{Algorithm, ClientAuth, Profile};

/// Seconds. No login waits longer.
const LONGEST_EXPIRY: u16 = 600;

const TYPED: &str = "oauth-authz-req+jwt";

/// How starts are signed, by `request_alg` in `[broker]`. `profile` and `auth` are `None` if they are wrong
/// themselves.
pub(super) fn request_object(
    broker: &Section<'_>,
    profile: Option<Profile>,
    auth: Option<&ClientAuth>,
) -> Result<Option<RequestObject>, Told> {
    let typed = typed(broker);
    let Some(Found { value, line }) = broker.text("request_alg")? else {
        return match typed? {
            None => Ok(None),
            Some(line) => {
                let sentence =
                    "stands without request_alg. Add it, or remove this line: starts are not signed.";
                Err(broker.tell(line, "request_typ", sentence))
            }
        };
    };
    let wrong = |sentence: &str| Err(broker.tell(line, "request_alg", sentence));
    let Ok(algorithm) = value.parse() else {
        return wrong("must be \"PS256\", \"ES256\" or \"RS256\", as the broker expects of this client.");
    };
    let signer = match (algorithm, auth) {
        (_, None) => return Err(Told),
        (Algorithm::Hs256, _) if profile == Some(Profile::Ciba) => {
            return wrong("is HS256, which CIBA does not take (7.1.1). Take PS256, ES256 or RS256.");
        }
        (Algorithm::Hs256, Some(ClientAuth::PrivateKeyJwt { .. })) => {
            return wrong("is HS256, which needs a client secret. Take PS256, ES256 or RS256.");
        }
        (Algorithm::Hs256, Some(auth)) => match auth.secret() {
            Some(secret) if secret.expose().len() >= HS256_KEY_BYTES => Signer::Secret(secret.clone()),
            _ => {
                return wrong(&format!(
                    "is HS256, which needs a client secret of at least {HS256_KEY_BYTES} bytes. Get a longer secret."
                ));
            }
        },
        (_, Some(ClientAuth::PrivateKeyJwt { key, key_id })) => match key.under(algorithm) {
            Ok(key) => Signer::Key { key, key_id: key_id.clone() },
            Err(sentence) => {
                let sentence = format!("does not fit broker.auth.key_file. {sentence}");
                return Err(broker.tell(line, "request_alg", sentence));
            }
        },
        (_, Some(_)) => {
            return wrong("needs the client's own key. Set broker.auth.method to \"private_key_jwt\".");
        }
    };
    Ok(Some(RequestObject { signer, typed: typed?.is_some() }))
}

/// The line of `request_typ`, if it asks for the type of its own.
fn typed(broker: &Section<'_>) -> Result<Option<usize>, Told> {
    match broker.text("request_typ")? {
        None => Ok(None),
        Some(Found { value: TYPED, line }) => Ok(Some(line)),
        Some(Found { line, .. }) => {
            let sentence =
                format!("can only be \"{TYPED}\". Write that, or remove the line for the plain \"JWT\".");
            Err(broker.tell(line, "request_typ", sentence))
        }
    }
}

pub(super) fn requested_expiry(
    login: &Section<'_>,
    profile: Option<Profile>,
) -> Result<Option<NonZeroU16>, Told> {
    let Some(found) = login.number("requested_expiry", "It is in seconds, for instance 120.")? else {
        return Ok(None);
    };
    only_plain_ciba(login, "requested_expiry", found.line, profile)?;
    let seconds = u16::try_from(found.value).ok().filter(|seconds| *seconds <= LONGEST_EXPIRY);
    seconds.and_then(NonZeroU16::new).map(Some).ok_or_else(|| {
        let sentence = format!("must be from 1 to {LONGEST_EXPIRY} seconds: no login here waits longer.");
        login.tell(found.line, "requested_expiry", sentence)
    })
}

pub(super) fn acr_values(login: &Section<'_>, profile: Option<Profile>) -> Result<Vec<String>, Told> {
    let found = login.texts("acr_values", "urn:example:strong")?;
    let Some(first) = found.first() else { return Ok(Vec::new()) };
    only_plain_ciba(login, "acr_values", first.line, profile)?;
    found
        .into_iter()
        .map(|Found { value, line }| {
            if value.chars().all(|c| matches!(c, '!'..='~')) {
                return Ok(value.to_owned());
            }
            let sentence = "holds a value with a space or a character outside ASCII. Write each value as a text of \
                            its own: acr_values = [\"one\", \"two\"].";
            Err(login.tell(line, "acr_values", sentence))
        })
        .collect()
}

fn only_plain_ciba(
    login: &Section<'_>,
    key: &str,
    line: usize,
    profile: Option<Profile>,
) -> Result<(), Told> {
    if profile != Some(Profile::Signaturgruppen) {
        return Ok(());
    }
    let sentence = "is not part of MitID Flex. Remove it; only the profile \"ciba\" sends it.";
    Err(login.tell(line, key, sentence))
}

/// The level and the policy stand together: what becomes of a token without a level is a decision to be made.
pub(super) fn loa(login: &Section<'_>) -> Result<Option<LeastLoa>, Told> {
    let policy = policy(login);
    let Some(found) = login.text("loa")? else {
        return match policy? {
            None => Ok(None),
            Some((_, line)) => {
                let sentence = "stands without loa. Add loa = \"substantial\", or remove this line.";
                Err(login.tell(line, "loa_policy", sentence))
            }
        };
    };
    let loa = found
        .value
        .parse::<Loa>()
        .map_err(|_| login.tell(found.line, "loa", "must be \"low\", \"substantial\" or \"high\"."));
    let (loa, policy) = (loa?, policy?);
    let Some((policy, _)) = policy else {
        let sentence = "is missing beside loa. Add loa_policy = \"require\" to refuse a token that tells no level, \
                        or loa_policy = \"warn\" to take it and be told.";
        return Err(login.tell(login.line, "loa_policy", sentence));
    };
    Ok(Some(LeastLoa { loa, policy }))
}

fn policy(login: &Section<'_>) -> Result<Option<(LoaPolicy, usize)>, Told> {
    let Some(Found { value, line }) = login.text("loa_policy")? else { return Ok(None) };
    match value {
        "require" => Ok(Some((LoaPolicy::Require, line))),
        "warn" => Ok(Some((LoaPolicy::Warn, line))),
        _ => Err(login.tell(line, "loa_policy", "must be \"require\" or \"warn\".")),
    }
}
