//! What is right and wrong between this device and the broker, in plain words, one line each.
//!
//! Each function here judges what it is given and asks nobody; `run` asks, and starts no login. No line holds
//! a secret.

mod machine;
mod run;
mod terms;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::IpAddr;
use std::time::UNIX_EPOCH;

pub use self::run::run;
pub use self::terms::{pin_lines, terms_lines};
use crate::calls::{Ip, Unsafe, Why};
use crate::ciba::{Algorithm, Answer, ClientAuth, Jwks, Profile, Provider};
use crate::clock;
use crate::config::{Config, Errors};
use crate::flow::{Kind, Methods, WeekTime};
use crate::net::Roots;

/// Seconds that two clocks may differ: as far as the checks of a token are lenient.
const CLOCKS_MAY_DIFFER: u64 = 60;
/// What a broker offers is listed up to here.
const LISTED: usize = 8;

/// Everything that was found, in the order of looking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    Good(String),
    Wrong { what: String, remedy: String },
    Note(String),
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        !self.lines.iter().any(|line| matches!(line, Line::Wrong { .. }))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Line::Good(text) => format!("ok: {text}"),
            Line::Wrong { what, remedy } => format!("wrong: {what} {remedy}"),
            Line::Note(text) => format!("note: {text}"),
        };
        // Reasons come from far away, and a line is one line.
        f.write_str(text.replace(char::is_control, " ").trim_end())
    }
}

fn good(text: impl Into<String>) -> Line {
    Line::Good(text.into())
}

fn note(text: impl Into<String>) -> Line {
    Line::Note(text.into())
}

fn wrong(what: impl Into<String>, remedy: impl Into<String>) -> Line {
    Line::Wrong { what: what.into(), remedy: remedy.into() }
}

/// Every problem of a refused configuration.
pub fn refused_lines(errors: &Errors) -> Vec<Line> {
    errors.to_string().lines().map(|problem| wrong(problem, "")).collect()
}

/// What the configuration says, and what to watch in it.
pub fn config_lines(config: &Config) -> Vec<Line> {
    let profile = match config.broker.profile {
        Profile::Signaturgruppen => "signaturgruppen",
        Profile::Ciba => "ciba",
    };
    let kind = match config.login.kind {
        Kind::Cpr => "cpr".to_owned(),
        Kind::Uuid => "uuid".to_owned(),
        Kind::UserId => "user-id".to_owned(),
        Kind::Number { digits } => format!("number of {digits} digits"),
        Kind::UserCode { digits } => format!("code of {digits} digits"),
    };
    let asked = match config.login.methods {
        Methods::Typed => format!("identifier {kind}"),
        Methods::TypedOrScanned => format!("identifier {kind} or a QR code"),
        Methods::Scanned => "a QR code and nothing to type".to_owned(),
    };
    let mut lines = vec![good(format!(
        "The configuration is complete: profile {profile}, {asked}, client authentication {}.",
        config.broker.client.auth.method()
    ))];
    if config.login.methods.scans() {
        lines.push(note(
            "Whoever scans the QR code needs the browser of a phone, and the phone shows the broker's own words: \
             login.reference_text, login.action and login.ip are not sent.",
        ));
    }
    lines.push(match &config.broker.roots {
        Roots::System => good("The certificates of this system are trusted."),
        Roots::SystemAnd(pem) => {
            good(format!("The certificates of this system are trusted, and {} more.", certificates(pem)))
        }
        Roots::Only(pem) => good(format!("Only the CA file is trusted; it holds {}.", certificates(pem))),
    });
    if config.login.ip == Ip::Auto && config.broker.profile == Profile::Signaturgruppen {
        lines.push(note(
            "The broker is told this device's own address. Behind NAT, set login.ip to the public one.",
        ));
    }
    if let Some(object) = &config.broker.request_object {
        lines.push(good(format!("Starts are signed with {}.", object.algorithm())));
    }
    lines.extend(terms::age_lines(config));
    lines.extend(terms::level_lines(config));
    lines.extend(kiosk_line(config));
    lines.extend(config.warnings.iter().map(note));
    lines
}

/// How a kiosk rests, and by which clock.
fn kiosk_line(config: &Config) -> Option<Line> {
    let kiosk = config.rest.as_ref()?;
    let mut text = format!("The screen rests after {} s without a key.", kiosk.idle_after.as_secs());
    if kiosk.standby.is_some() {
        text += " Its display is told to sleep by HDMI-CEC.";
    }
    let hours = [("has opening hours", &kiosk.open), ("is dark at night", &kiosk.night)];
    let kept: Vec<&str> = hours.iter().filter(|(_, hours)| hours.is_some()).map(|(what, _)| *what).collect();
    if kept.is_empty() {
        return Some(good(text));
    }
    text += &format!(" It {}.", kept.join(" and "));
    let Some(time) = clock::local(&config.zone).map(WeekTime::of_local) else {
        let remedy = "Until it is, the kiosk is open at all hours and never dark. Let a time service set it \
                      (timedatectl set-ntp true).";
        return Some(wrong(format!("{text} The clock of this device has not been set."), remedy));
    };
    let open = kiosk.open.as_ref().is_none_or(|open| open.contain(time));
    let now = if open { "open" } else { "closed" };
    Some(good(format!("{text} By the clock here it is {time}, and the kiosk is {now}.")))
}

fn certificates(pem: &[u8]) -> String {
    let marker = b"-----BEGIN CERTIFICATE-----";
    match pem.windows(marker.len()).filter(|window| window == marker).count() {
        1 => "1 certificate".into(),
        count => format!("{count} certificates"),
    }
}

/// Whether the broker's name leads to an address.
pub fn dns_line(host: &str, found: Result<&[IpAddr], &str>) -> Line {
    let remedy = "Check broker.authority, the network and the DNS server of this device.";
    match found {
        Ok([]) => wrong(format!("The name {host} has no address."), remedy),
        Ok([only]) if only.to_string() == host => good(format!("The broker is at the address {host}.")),
        Ok(addresses) => {
            let addresses: Vec<String> = addresses.iter().take(LISTED).map(ToString::to_string).collect();
            good(format!("The name {host} leads to {}.", addresses.join(", ")))
        }
        Err(reason) => wrong(format!("The name {host} cannot be looked up: {reason}."), remedy),
    }
}

/// Whether the broker answers over TLS.
pub fn tls_line(config: &Config, answered: Result<(), &Why>) -> Line {
    let tls = match answered {
        Ok(()) => return good("The broker answers, and its certificate is trusted."),
        Err(Why::NotPinned) => {
            let remedy = "If the broker has changed its certificates, write the new root into broker.root_sha256 \
                          beside the old one; if it has not, somebody stands between.";
            let sentence = "The broker is not pinned: its certificate leads to none of the pinned roots.";
            return wrong(sentence, remedy);
        }
        Err(Why::Tls(tls)) => tls,
        Err(why @ (Why::Timeout | Why::Clock | Why::Network(_))) => {
            let remedy = "Check broker.authority with its port, and that no firewall stands between.";
            return wrong(format!("The broker does not answer: {why}."), remedy);
        }
    };
    let remedy = match (tls, &config.broker.roots) {
        (Unsafe::Expired | Unsafe::NotYetValid, _) => {
            "Check the clock of this device. If it is right, the broker has to renew its certificate."
        }
        (Unsafe::OtherName, _) => "Check the host name in broker.authority.",
        (_, Roots::System) => "If the broker has a CA of its own, name its certificate in broker.ca_file.",
        (_, Roots::SystemAnd(_)) => "Check that broker.extra_ca_file holds the CA of this broker.",
        (_, Roots::Only(_)) => {
            "Check that broker.ca_file holds the CA of this broker, or remove it to trust the system's."
        }
    };
    wrong(format!("The connection to the broker is not secure: {tls}."), remedy)
}

/// Whether the clock is right, by the `Date` header of an answer.
pub fn clock_line(local_unix: u64, date: Option<&str>) -> Line {
    let broker = date
        .and_then(|date| httpdate::parse_http_date(date.trim()).ok())
        .and_then(|date| date.duration_since(UNIX_EPOCH).ok());
    let Some(broker) = broker else {
        return note("The broker does not tell the time, so the clock is not checked.");
    };
    let (by, way) = match local_unix.checked_sub(broker.as_secs()) {
        Some(ahead) => (ahead, "ahead of"),
        None => (broker.as_secs() - local_unix, "behind"),
    };
    match by {
        0 => good("The clock agrees with the broker's."),
        1..=CLOCKS_MAY_DIFFER => good(format!("The clock is {by} s {way} the broker's, which does no harm.")),
        _ => wrong(
            format!("The clock is {by} s {way} the broker's."),
            "Set the clock, and let a time service keep it (timedatectl set-ntp true).",
        ),
    }
}

/// Whether the broker is the configured one and offers what is configured. That it offers CIBA, and does not
/// rule polling out, is known since its metadata was read.
pub fn discovery_lines(config: &Config, provider: &Provider) -> Vec<Line> {
    let issuer = if provider.issuer == config.broker.authority {
        good(format!("The issuer is {}, as configured.", provider.issuer))
    } else {
        wrong(
            format!("The broker calls itself {}, not {}.", provider.issuer, config.broker.authority),
            "Write broker.authority exactly as the broker does.",
        )
    };
    let auth = &config.broker.client.auth;
    let mut lines = vec![issuer, good("The broker offers logins by CIBA with polling.")];
    lines.extend(elsewhere(provider));
    lines.push(offer(
        "the ID token algorithm",
        &config.broker.id_token_alg.to_string(),
        &provider.id_token_signing_alg_values_supported,
        "Set broker.id_token_alg to the algorithm that the broker uses for this client.",
    ));
    lines.push(offer(
        "the client authentication",
        auth.method(),
        &provider.token_endpoint_auth_methods_supported,
        "Set broker.auth.method to the method that the client is registered with.",
    ));
    let assertion = match auth {
        ClientAuth::PrivateKeyJwt { key, .. } => Some(key.algorithm()),
        ClientAuth::SecretJwt(_) => Some(Algorithm::Hs256),
        ClientAuth::SecretPost(_) | ClientAuth::SecretBasic(_) => None,
    };
    lines.extend(assertion.map(|algorithm| {
        offer(
            "the client assertion algorithm",
            &algorithm.to_string(),
            &provider.token_endpoint_auth_signing_alg_values_supported,
            "Set broker.auth.alg to one of these, with a key of that kind.",
        )
    }));
    lines.extend(terms_lines(config, provider));
    lines
}

/// Hosts that a firewall has to let through beside the issuer's.
fn elsewhere(provider: &Provider) -> Option<Line> {
    let own = provider.issuer.url();
    let endpoints =
        [&provider.backchannel_authentication_endpoint, &provider.token_endpoint, &provider.jwks_uri];
    let mut hosts: Vec<&str> = endpoints
        .into_iter()
        .filter_map(|url| url.host_str())
        .filter(|host| Some(*host) != own.host_str())
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    (!hosts.is_empty())
        .then(|| note(format!("The broker also uses {}; let it through the firewall.", hosts.join(", "))))
}

fn offer(what: &str, ours: &str, offered: &[String], remedy: &str) -> Line {
    if offered.is_empty() {
        return note(format!("The broker does not say whether it takes {what} {ours}."));
    }
    if offered.iter().any(|offer| offer == ours) {
        return good(format!("The broker offers {what} {ours}."));
    }
    let listed: Vec<String> = offered.iter().take(LISTED).map(|offer| plain(offer)).collect();
    wrong(format!("The broker does not offer {what} {ours}, only {}.", listed.join(", ")), remedy)
}

/// A word from the wire, made safe to show.
fn plain(word: &str) -> String {
    word.chars().filter(char::is_ascii_graphic).take(40).collect()
}

/// Whether there are keys to verify ID tokens with. Which of them fits the pinned algorithm is not told here.
pub fn jwks_lines(config: &Config, jwks: &Jwks) -> Vec<Line> {
    let algorithm = config.broker.id_token_alg;
    let keys = match (algorithm, jwks.len()) {
        (Algorithm::Hs256, _) => {
            note("ID tokens are signed with the client secret; the broker's keys are not used.")
        }
        (_, 0) => wrong(
            "The broker publishes no key that can verify a signature.",
            "Ask the broker; no login can succeed.",
        ),
        (_, 1) => good(format!(
            "The broker publishes 1 key for signatures; the first login shows whether it makes {algorithm}."
        )),
        (_, keys) => good(format!(
            "The broker publishes {keys} keys for signatures; the first login shows which makes {algorithm}."
        )),
    };
    [keys].into_iter().chain(terms::key_id_line(config, jwks)).collect()
}

/// What the answer to a poll for a login that never was says about the client.
pub fn client_line(config: &Config, answer: &Answer) -> Line {
    match answer {
        // Signaturgruppen says so of an assertion, not of a login.
        Answer::Expired
            if config.broker.profile == Profile::Signaturgruppen
                && config.broker.client.auth.uses_assertion() =>
        {
            wrong(
                "The broker finds the client's proof too old (expired_token).",
                "Set the clock of this device.",
            )
        }
        Answer::InvalidGrant | Answer::Expired => good("The broker knows the client and takes its proof."),
        Answer::InvalidClient => wrong(
            "The broker does not accept the client (invalid_client).",
            "Check broker.client_id, and that the method, the key or secret and the key id are those registered.",
        ),
        Answer::Failed { error } if error == "unauthorized_client" => wrong(
            "The client may not use CIBA (unauthorized_client).",
            "Ask the broker to open CIBA in poll mode for it.",
        ),
        Answer::Failed { error } => note(format!(
            "The broker answered {error} to a poll for no login; the first login shows whether it takes the client."
        )),
        Answer::Busy(_) | Answer::Failing(_) => {
            note("The broker is busy, so the client is not checked. Try again later.")
        }
        Answer::Pending(_) | Answer::SlowDown(_) | Answer::Denied | Answer::Granted(_) | Answer::Lost => {
            note("The broker answered strangely to a poll for no login, so the client is not checked.")
        }
    }
}
