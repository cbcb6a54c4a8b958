//! What is asked beyond a plain login, beside what the broker offers; and the pins, beside what it shows.

use time::UtcDateTime;

use super::{LISTED, Line, good, note, offer, plain, wrong};
use crate::ciba::terms::{LeastLoa, LoaPolicy};
use crate::ciba::{AgeForm, Jwks, Profile, Provider};
use crate::config::Config;

/// What the pins say on this day; `unix` is in seconds since 1970-01-01 UTC.
pub fn pin_lines(config: &Config, unix: u64) -> Vec<Line> {
    let pins = &config.broker.pins;
    let mut pinned = Vec::new();
    if !pins.roots.sha256.is_empty() {
        pinned.push(counted(pins.roots.sha256.len(), "root"));
    }
    if !pins.key_ids.is_empty() {
        pinned.push(counted(pins.key_ids.len(), "signing key"));
    }
    if pinned.is_empty() {
        return Vec::new();
    }
    let pinned = pinned.join(" and ");
    let mut lines = vec![match pins.expire {
        Some(expire) if unix >= expire => note(format!(
            "The pins expired on {}: nothing is held against them any more. Renew {pinned} and broker.pins_expire.",
            day(expire)
        )),
        Some(expire) => good(format!("{} pinned until {}.", are(&pinned), day(expire))),
        None => good(format!("{} pinned.", are(&pinned))),
    }];
    if pins.roots.sha256.len() == 1 || pins.key_ids.len() == 1 {
        lines.push(note(
            "A set of one pin has no way out when the broker changes. Add a second one, or broker.pins_expire.",
        ));
    }
    lines
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn are(pinned: &str) -> String {
    format!("{pinned} {}", if pinned.starts_with("1 ") && !pinned.contains(" and ") { "is" } else { "are" })
}

fn day(unix: u64) -> String {
    let date = i64::try_from(unix).ok().and_then(|unix| UtcDateTime::from_unix_timestamp(unix).ok());
    date.map_or_else(|| "a day beyond all days".to_owned(), |date| date.date().to_string())
}

/// What an age check asks, and what is not public about it.
pub(super) fn age_lines(config: &Config) -> Vec<Line> {
    let Some(age) = config.login.age else { return Vec::new() };
    let asked = good(format!(
        "An age check: only whether a person is at least {} years old is asked and handed over (scope {}).",
        age.years,
        age.scope()
    ));
    let known = match age.form {
        AgeForm::Verify => {
            "The broker sets the text in the app itself, so the screen shows no code. Ask the broker whether this \
             client may ask for an age in MitID Flex."
        }
        AgeForm::Over => {
            "EU age verification is under development, at an authority of its own. Check that broker.authority is \
             that one."
        }
    };
    vec![asked, note(known)]
}

/// What a token has to say about the level of assurance.
pub(super) fn level_lines(config: &Config) -> Vec<Line> {
    let Some(LeastLoa { loa, policy }) = config.login.loa else { return Vec::new() };
    let without = match policy {
        LoaPolicy::Require => "refused",
        LoaPolicy::Warn => "taken and told of",
    };
    let mut lines = vec![good(format!(
        "A login needs the level {loa} or more; a token that tells no level is {without}."
    ))];
    if policy == LoaPolicy::Require && config.broker.profile == Profile::Signaturgruppen {
        lines.push(note(
            "The broker's own example of a MitID Flex token tells no level. Ask the broker, or every login may be \
             refused.",
        ));
    }
    lines
}

/// Whether the broker offers what is asked beyond a plain login.
pub fn terms_lines(config: &Config, provider: &Provider) -> Vec<Line> {
    let mut lines = Vec::new();
    let algorithms = &provider.backchannel_authentication_request_signing_alg_values_supported;
    let profile = config.broker.profile;
    lines.extend(config.broker.request_object.as_ref().map(|object| {
        let algorithm = object.algorithm();
        // CIBA 4: a provider that does not list algorithms takes no signed start. The broker's own list is silent.
        if algorithms.is_empty() && profile == Profile::Ciba {
            let what = format!("The broker takes no signed starts; broker.request_alg is {algorithm}.");
            return wrong(what, "Remove broker.request_alg.");
        }
        let remedy = "Set broker.request_alg to one of these, with a key of that kind.";
        offer("signed starts with", &algorithm.to_string(), algorithms, remedy)
    }));
    let remedy = "Set login.acr_values to what the broker offers.";
    lines.extend(
        config
            .login
            .acr_values
            .iter()
            .map(|acr| offer("the acr", acr, &provider.acr_values_supported, remedy)),
    );
    if provider.backchannel_user_code_parameter_supported
        && profile == Profile::Ciba
        && config.login.user_code.is_none()
    {
        lines.push(note(
            "The broker may ask people for a user code. Add login.user_code_digits and the screens ask for it; the \
             command login takes one with --user-code -.",
        ));
    }
    lines
}

/// Whether the pinned keys are among those that the broker publishes; `None` without pins.
pub(super) fn key_id_line(config: &Config, jwks: &Jwks) -> Option<Line> {
    let key_ids = &config.broker.pins.key_ids;
    let (there, gone): (Vec<&String>, Vec<&String>) = key_ids.iter().partition(|kid| jwks.knows(kid));
    let gone: Vec<String> = gone.into_iter().take(LISTED).map(|kid| plain(kid)).collect();
    match (there.len(), gone.is_empty()) {
        (0, true) => None,
        (0, false) => Some(wrong(
            "The broker publishes none of the pinned signing keys, so no login can succeed.",
            "Compare broker.key_ids with the kid values in the broker's key set.",
        )),
        (_, true) => Some(good("The broker publishes every pinned signing key.")),
        (_, false) => Some(note(format!(
            "The broker does not publish these pinned signing keys: {}. They may be for later.",
            gone.join(", ")
        ))),
    }
}
