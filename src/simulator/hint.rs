//! What a start asks for (CIBA 7.1; the broker's Flex interface), read strictly.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;

use super::form::{Form, Refusal, refuse};
use super::person::{Cpr, Who};

pub(super) const CIBA_GRANT: &str = "urn:openid:params:grant-type:ciba";

/// The registered name of the client's service; MitID shows it, the client cannot set it.
pub(super) const SERVICE: &str = "Nordlys TV";

/// The ways to authenticate that a standard request may ask for.
pub(super) const ACR_VALUES: [&str; 2] = ["urn:simulator:acr:high", "urn:simulator:acr:substantial"];

/// The one user code, of everybody who has any.
const USER_CODE: &str = "4711";

const LONGEST_REFERENCE_TEXT: usize = 130;

/// One request to log a person in.
pub(super) struct Start {
    /// `None` if whoever scans a code says it.
    pub(super) who: Option<Who>,
    pub(super) action: Action,
    pub(super) reference_text: String,
    pub(super) scope: String,
    pub(super) ciba_nonce: Option<String>,
    /// Of the browser's flow.
    pub(super) nonce: Option<String>,
    /// The first of the `acr_values` that the broker knows.
    pub(super) acr: Option<&'static str>,
    pub(super) requested_expiry: Option<Duration>,
    /// What is asked instead of who the person is.
    pub(super) age: Option<AgeQuestion>,
}

/// An age check (the broker's age verification over CIBA, and the EU's).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AgeQuestion {
    /// `openid minimal age_verify:N`
    Verify(u8),
    /// `openid age_over:N`
    Over(u8),
}

impl AgeQuestion {
    fn read(scope: &str) -> Result<Option<AgeQuestion>, Refusal> {
        let words: Vec<&str> = scope.split(' ').collect();
        if !words.iter().any(|word| word.starts_with("age") || *word == "minimal") {
            return Ok(None);
        }
        let years = |text: &str| {
            let years = text.parse::<u8>().ok().filter(|years| *years > 0 && years.to_string() == text);
            years.ok_or(refuse("invalid_scope", "The age is no number of years."))
        };
        match words[..] {
            ["openid", "minimal", age] if age.starts_with("age_verify:") => {
                Ok(Some(AgeQuestion::Verify(years(&age["age_verify:".len()..])?)))
            }
            ["openid", age] if age.starts_with("age_over:") => {
                Ok(Some(AgeQuestion::Over(years(&age["age_over:".len()..])?)))
            }
            _ => Err(refuse("invalid_scope", "The scope asks for an age and for something else.")),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Action {
    LogOn,
    Approve,
    Confirm,
    Accept,
    Sign,
}

impl Action {
    pub(super) fn code(self) -> &'static str {
        match self {
            Action::LogOn => "LOG_ON",
            Action::Approve => "APPROVE",
            Action::Confirm => "CONFIRM",
            Action::Accept => "ACCEPT",
            Action::Sign => "SIGN",
        }
    }

    /// The Danish header in the app.
    pub(super) fn header(self) -> String {
        let verb = match self {
            Action::LogOn => "Log på hos",
            Action::Approve => "Godkend hos",
            Action::Confirm => "Bekræft hos",
            Action::Accept => "Accepter hos",
            Action::Sign => "Underskriv hos",
        };
        format!("{verb} {SERVICE}")
    }
}

/// The `login_hint_token` of Flex. An unknown or repeated member is refused: a slip of the pen must show.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginHintToken {
    idp: String,
    uuid: Option<String>,
    cpr: Option<String>,
    #[serde(rename = "referenceTextBody")]
    reference_text_body: String,
    ip: Option<String>,
    action: Action,
    #[serde(rename = "referenceId")]
    reference_id_camel: Option<String>,
    #[serde(rename = "reference_id")]
    reference_id_snake: Option<String>,
    ciba_nonce: Option<String>,
}

/// The `login_hint_token` of CIBA + PAR, with the parameters of the browser's flow that the simulator knows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BrowserFlow {
    flow_type: String,
    idp_values: Option<String>,
    prompt: Option<String>,
    nonce: Option<String>,
}

pub(super) fn read(form: &Form) -> Result<Start, Refusal> {
    if form.get("grant_type").is_some_and(|grant| grant != CIBA_GRANT) {
        return Err(refuse("invalid_request", "The grant_type is not that of CIBA."));
    }
    let scope = form.get("scope").unwrap_or_default();
    if !scope.split(' ').any(|word| word == "openid") {
        return Err(refuse("invalid_scope", "The scope lacks openid."));
    }
    let start = match (form.get("login_hint_token"), form.get("login_hint"), form.get("id_token_hint")) {
        (Some(token), None, None) => flex(token)?,
        (None, Some(hint), None) => standard(hint, form)?,
        (None, None, Some(_)) => {
            return Err(refuse("invalid_request", "The simulator takes no id_token_hint."));
        }
        _ => return Err(refuse("invalid_request", "There must be exactly one hint.")),
    };
    let age = AgeQuestion::read(scope)?;
    let start = match age {
        // The broker's own words, whatever came.
        Some(AgeQuestion::Verify(years)) => Start {
            action: Action::Confirm,
            reference_text: format!(
                "Bekræft, om du er mindst {years} år. Der sendes kun et ja eller et nej."
            ),
            ..start
        },
        _ => start,
    };
    if let Some(Who::Cpr(cpr)) = &start.who
        && cpr.ends_with("0000")
    {
        return Err(refuse("unknown_user_id", "Nobody has this number."));
    }
    Ok(Start { scope: scope.to_owned(), age, ..start })
}

fn flex(token: &str) -> Result<Start, Refusal> {
    let invalid = |description| refuse("invalid_request", description);
    let decoded =
        if token.trim_start().starts_with('{') { token.as_bytes().to_vec() } else { unwrap(token)? };
    if let Ok(Value::Object(members)) = serde_json::from_slice(&decoded)
        && members.contains_key("flow_type")
    {
        return browser_flow(&decoded);
    }
    let token: LoginHintToken = serde_json::from_slice(&decoded)
        .map_err(|_| invalid("The login_hint_token is not the JSON object that Flex asks for."))?;
    if token.idp != "mitid" {
        return Err(invalid("The idp of the login_hint_token is not mitid."));
    }
    let who = match (token.uuid, token.cpr) {
        (Some(uuid), None) => Who::uuid(&uuid).ok_or_else(|| invalid("The uuid is malformed."))?,
        (None, Some(cpr)) => {
            Cpr::parse(&cpr).map(Who::Cpr).ok_or_else(|| invalid("The cpr is malformed."))?
        }
        _ => return Err(invalid("The login_hint_token must have exactly one of uuid and cpr.")),
    };
    if !is_reference_text(&token.reference_text_body) {
        return Err(invalid("The referenceTextBody is empty, too long or has control characters."));
    }
    if token.ip.is_some_and(|ip| ip.parse::<IpAddr>().is_err()) {
        return Err(invalid("The ip is not an address."));
    }
    if token.reference_id_camel.is_some() && token.reference_id_snake.is_some() {
        return Err(invalid("The reference id is spelled in two ways."));
    }
    Ok(Start {
        who: Some(who),
        action: token.action,
        reference_text: token.reference_text_body,
        scope: String::new(),
        ciba_nonce: token.ciba_nonce,
        nonce: None,
        acr: None,
        requested_expiry: None,
        age: None,
    })
}

fn browser_flow(token: &[u8]) -> Result<Start, Refusal> {
    let invalid = |description| refuse("invalid_request", description);
    let flow: BrowserFlow = serde_json::from_slice(token)
        .map_err(|_| invalid("The login_hint_token is not the JSON object that CIBA + PAR asks for."))?;
    if flow.flow_type != "broker_oidc" {
        return Err(invalid("The flow_type is not broker_oidc."));
    }
    if flow.idp_values.is_some_and(|values| values != "mitid") {
        return Err(invalid("The simulator has no other identity provider than mitid."));
    }
    // The broker takes it without, and then an older login of the same browser is enough; here that has to show.
    if flow.prompt.as_deref() != Some("login") {
        return Err(invalid("The prompt is not login, so an older login in that browser would be enough."));
    }
    if flow.nonce.as_ref().is_some_and(|nonce| nonce.is_empty() || nonce.len() > 256) {
        return Err(invalid("The nonce is empty or too long."));
    }
    Ok(Start {
        who: None,
        action: Action::LogOn,
        reference_text: format!("Log på {SERVICE} med en QR-kode."),
        scope: String::new(),
        ciba_nonce: None,
        nonce: flow.nonce,
        acr: None,
        requested_expiry: None,
        age: None,
    })
}

fn standard(hint: &str, form: &Form) -> Result<Start, Refusal> {
    let message =
        form.get("binding_message").filter(|message| is_reference_text(message)).ok_or_else(|| {
            refuse(
                "invalid_binding_message",
                "The binding_message is missing, too long or has control characters.",
            )
        })?;
    if hint.chars().count() > 100 || hint.chars().any(char::is_control) {
        return Err(refuse("invalid_request", "The login_hint is too long or has control characters."));
    }
    let who = match (Cpr::parse(hint), Who::uuid(hint)) {
        (Some(cpr), _) => Who::Cpr(cpr),
        (None, Some(uuid)) => uuid,
        (None, None) => Who::Other(hint.to_owned()),
    };
    match form.get("user_code") {
        None if hint.ends_with(".code") => {
            return Err(refuse("missing_user_code", "This person has a user code."));
        }
        Some(code) if code != USER_CODE => {
            return Err(refuse("invalid_user_code", "The user code is wrong."));
        }
        _ => {}
    }
    let requested_expiry = match form.get("requested_expiry").map(str::parse) {
        None => None,
        Some(Ok(seconds @ 1..)) => Some(Duration::from_secs(seconds)),
        Some(_) => return Err(refuse("invalid_request", "The requested_expiry is no positive integer.")),
    };
    let mut asked = form.get("acr_values").unwrap_or_default().split(' ');
    let acr = asked.find_map(|asked| ACR_VALUES.into_iter().find(|known| *known == asked));
    Ok(Start {
        who: Some(who),
        action: Action::LogOn,
        reference_text: message.to_owned(),
        scope: String::new(),
        ciba_nonce: None,
        nonce: None,
        acr,
        requested_expiry,
        age: None,
    })
}

/// 130 characters in both ways of counting: Unicode scalar values and UTF-16 units.
fn is_reference_text(text: &str) -> bool {
    !text.trim().is_empty()
        && text.encode_utf16().count() <= LONGEST_REFERENCE_TEXT
        && !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

fn unwrap(token: &str) -> Result<Vec<u8>, Refusal> {
    [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
        .iter()
        .find_map(|engine| engine.decode(token).ok())
        .ok_or_else(|| refuse("invalid_request", "The login_hint_token is neither JSON nor base64."))
}
