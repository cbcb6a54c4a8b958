//! The start of a login: who should approve what, and the handle by which the answer is asked for (CIBA 7).
//!
//! A start is one prompt on one phone. Nothing here ever asks for a second one.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use zeroize::Zeroizing;

use super::client_auth::{Client, Unsigned};
use super::json::Object;
use super::provider::{GRANT_TYPE, Provider};
use super::terms::Terms;
use super::wire::{AuthReqId, Call, Fault, Form, Moment, Reply, Secret, error_code, seconds};

mod login_hint_token;

/// CIBA 7.3.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);

/// No screen should wait longer for one person, whatever the provider allows.
const LONGEST_LIFE: Duration = Duration::from_secs(600);

/// How the provider wants the request to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// MitID Flex at Signaturgruppen Broker.
    Signaturgruppen,
    /// Plain CIBA Core.
    Ciba,
}

/// What the person does in the MitID app; it decides the words on the app's button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    LogOn,
    Approve,
    Confirm,
    Accept,
    Sign,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::LogOn => "LOG_ON",
            Action::Approve => "APPROVE",
            Action::Confirm => "CONFIRM",
            Action::Accept => "ACCEPT",
            Action::Sign => "SIGN",
        })
    }
}

impl FromStr for Action {
    type Err = String;

    fn from_str(text: &str) -> Result<Action, String> {
        match text {
            "LOG_ON" => Ok(Action::LogOn),
            "APPROVE" => Ok(Action::Approve),
            "CONFIRM" => Ok(Action::Confirm),
            "ACCEPT" => Ok(Action::Accept),
            "SIGN" => Ok(Action::Sign),
            _ => Err("The action must be LOG_ON, APPROVE, CONFIRM, ACCEPT or SIGN.".into()),
        }
    }
}

/// Who is asked.
#[derive(Clone, Debug)]
pub enum Hint {
    /// Ten digits, without a hyphen.
    Cpr(Secret),
    /// A MitID UUID.
    Uuid(Secret),
    /// A name that the provider knows. Only plain CIBA takes it; the Signaturgruppen profile has no member for it.
    Login(Secret),
    /// Nobody here knows: whoever scans the code on the screen says it on the phone. Signaturgruppen only.
    WhoeverScans,
}

impl Hint {
    pub fn way(&self) -> Way {
        match self {
            Hint::Cpr(_) | Hint::Uuid(_) | Hint::Login(_) => Way::Asked,
            Hint::WhoeverScans => Way::Scanned,
        }
    }

    /// The text that names the person; empty where nobody is named.
    fn name(&self) -> &str {
        match self {
            Hint::Cpr(secret) | Hint::Uuid(secret) | Hint::Login(secret) => secret.expose(),
            Hint::WhoeverScans => "",
        }
    }
}

/// How a login comes to a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The broker asks the MitID app of a person who was named.
    Asked,
    /// A phone scans the code on the screen, and its browser goes through the broker's ordinary login.
    Scanned,
}

/// One login to start.
#[derive(Clone, Debug)]
pub struct Start {
    pub hint: Hint,
    /// Contains `openid`.
    pub scope: String,
    /// What the person reads in the app, with the code that the screen shows. Not sent where a code is scanned.
    pub reference_text: String,
    pub action: Action,
    /// The person's address, for the broker's risk data; left out if unknown.
    pub ip: Option<IpAddr>,
    pub reference_id: String,
    /// Comes back in the ID token, as `ciba_nonce` or, where a code is scanned, as `nonce`.
    pub ciba_nonce: String,
    /// A code that only the person knows (CIBA 7.1.2), asked for each login anew. Plain CIBA only.
    pub user_code: Option<Secret>,
}

/// The provider took the start (CIBA 7.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    pub auth_req_id: AuthReqId,
    /// Counts from the moment the provider received the start; at most ten minutes.
    pub expires_in: Duration,
    /// The least time between two polls; at least a second, at most `expires_in`.
    pub interval: Duration,
}

/// Asks for one login (CIBA 7.1).
pub fn request(
    provider: &Provider,
    client: &Client,
    profile: Profile,
    terms: &Terms,
    start: &Start,
    moment: &Moment,
) -> Result<Call, Unsigned> {
    let mut form = Form::default();
    // The broker's own samples send the grant type here too, unlike CIBA 7.1.
    if profile == Profile::Signaturgruppen {
        form.add("grant_type", GRANT_TYPE);
    }
    let authorization = client.authenticate(&provider.issuer, moment, &mut form)?;
    let wanted = Wanted::of(profile, terms, start)?;
    let mut parameters = wanted.parameters(start)?;
    match &terms.request_object {
        None => parameters.iter().for_each(|(name, value)| form.add(name, value)),
        Some(object) => {
            // The broker's own sample repeats the client inside.
            if profile == Profile::Signaturgruppen {
                parameters.push(("client_id", &client.client_id));
            }
            let issuer = provider.issuer.as_str();
            form.add("request", &object.write(&client.client_id, issuer, moment, &parameters)?);
        }
    }
    Ok(Call::post(provider.backchannel_authentication_endpoint.clone(), authorization, form))
}

/// The texts of a start that have to be put together first.
enum Wanted {
    Signaturgruppen { login_hint_token: Zeroizing<Vec<u8>> },
    Ciba { acr_values: String, requested_expiry: Option<String> },
}

impl Wanted {
    fn of(profile: Profile, terms: &Terms, start: &Start) -> Result<Wanted, Unsigned> {
        Ok(match profile {
            Profile::Signaturgruppen => {
                Wanted::Signaturgruppen { login_hint_token: login_hint_token::of(start).ok_or(Unsigned)? }
            }
            // CIBA has no start that names nobody (7.1).
            Profile::Ciba if start.hint.way() == Way::Scanned => return Err(Unsigned),
            Profile::Ciba => Wanted::Ciba {
                acr_values: terms.acr_values.join(" "),
                requested_expiry: terms.requested_expiry.map(|seconds| seconds.to_string()),
            },
        })
    }

    /// All that is said about the login, and nothing about the client.
    fn parameters<'a>(&'a self, start: &'a Start) -> Result<Vec<(&'static str, &'a str)>, Unsigned> {
        let mut parameters = vec![("scope", start.scope.as_str())];
        match self {
            Wanted::Signaturgruppen { login_hint_token } => {
                let token = std::str::from_utf8(login_hint_token).map_err(|_| Unsigned)?;
                parameters.push(("login_hint_token", token));
            }
            Wanted::Ciba { acr_values, requested_expiry } => {
                parameters.push(("login_hint", start.hint.name()));
                parameters.push(("binding_message", &start.reference_text));
                let optional = [
                    ("acr_values", Some(acr_values.as_str()).filter(|values| !values.is_empty())),
                    ("requested_expiry", requested_expiry.as_deref()),
                    ("user_code", start.user_code.as_ref().map(Secret::expose)),
                ];
                parameters.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
            }
        }
        Ok(parameters)
    }
}

/// Understands the answer to the start. A known `error` counts whatever the status, and any other unless the status
/// is that of a server that cannot answer; without an id and a lifetime there is nothing to poll for (CIBA 7.3, 13).
pub fn read(reply: &Reply) -> Result<Acknowledgement, Fault> {
    let answer = Object::parse(&reply.body);
    match answer.as_ref().and_then(error_code) {
        Some(error) if !reply.is_overloaded() || is_known(&error) => return Err(Fault::Refused { error }),
        _ if reply.is_overloaded() => return Err(Fault::Busy { status: reply.status }),
        _ => {}
    }
    if reply.status != 200 {
        return Err(Fault::Malformed("the start is answered with neither status 200 nor an error"));
    }
    let answer = answer.ok_or(Fault::Malformed("the acknowledgement is not one JSON object"))?;
    let auth_req_id = id(&answer).ok_or(Fault::Malformed("the acknowledgement has no auth_req_id"))?;
    let expires_in = match answer.whole("expires_in") {
        Ok(Some(life)) if life > 0 => Duration::from_secs(life).min(LONGEST_LIFE),
        _ => return Err(Fault::Malformed("the acknowledgement has no positive expires_in")),
    };
    let interval = answer.get("interval").and_then(seconds).unwrap_or(DEFAULT_INTERVAL);
    if interval > expires_in {
        return Err(Fault::Malformed("the interval is longer than the login lives"));
    }
    Ok(Acknowledgement { auth_req_id, expires_in, interval })
}

/// The id in an answer that cannot be used otherwise: a phone may ring for it all the same.
pub fn auth_req_id(reply: &Reply) -> Option<AuthReqId> {
    id(&Object::parse(&reply.body)?)
}

fn id(answer: &Object) -> Option<AuthReqId> {
    let id = answer.text("auth_req_id").ok().flatten().filter(|id| !id.is_empty())?;
    Some(AuthReqId(id.into()))
}

/// Codes by which a provider refuses a start (CIBA 13, RFC 6749 5.2, RFC 9101 6). Beside the status of a server that
/// cannot answer, any other code is the word of a framework or gateway, and the start may have got past it.
fn is_known(code: &str) -> bool {
    let known = [
        "access_denied",
        "expired_login_hint_token",
        "expired_token",
        "invalid_binding_message",
        "invalid_client",
        "invalid_request",
        "invalid_request_object",
        "invalid_scope",
        "invalid_user_code",
        "missing_user_code",
        "unauthorized_client",
        "unknown_user_id",
        "unsupported_grant_type",
    ];
    known.contains(&code) || code.starts_with("mitid_flex_app.")
}

#[cfg(test)]
mod tests;
