//! The table `[login]`.

use std::net::{IpAddr, Ipv4Addr};

use super::document::{Found, Section};
use super::files::Folders;
use super::problems::Told;
use super::{CprBasis, Login, age, terms};
use crate::calls::Ip;
use crate::ciba::{Action, AgeCheck, Issuer, Profile};
use crate::flow::{Kind, Limits, Methods, ReferenceText};

pub(super) const CPR_BASIS: &str = "A CPR number may be processed only by law or by consent \
     (databeskyttelsesloven § 11). Add cpr_basis = \"law\" or cpr_basis = \"consent\" under [login].";
pub(super) const DIGITS: &str = "Add digits = 8 under [login], or how many your numbers have, from 1 to 20.";
pub(super) const FLEX_TAKES: &str = "With the profile \"signaturgruppen\" only \"cpr\" and \"uuid\" exist; \
     its interface takes nothing else.";

pub(super) const ONLY_THE_BROKER: &str = "CIBA itself has no login that names nobody; only the profile \
     \"signaturgruppen\" has one to scan.";

const NO_LIMITS: &str = "login.limits is \"off\", so anybody at this device can send requests to anybody's phone \
     without end. Remove the line, except for a simulation.";
const REFERENCE_TEXT: &str = "Log på {service}. Kode {code}. Afvis, hvis det ikke er dig.";
/// Characters of the service's name, so that the reference text has room for the rest.
const LONGEST_SERVICE: usize = 60;

/// `profile` is `None` if it is wrong itself.
pub(super) fn read(
    login: &Section<'_>,
    profile: Option<Profile>,
    folders: &Folders<'_>,
) -> Result<Login, Told> {
    let age = age::read(login, profile);
    let asked = age.ok().flatten();
    let cpr_basis = cpr_basis(login);
    let digits = digits(login);
    let methods = methods(login, profile);
    let kind = match methods {
        // Nobody types here; whoever starts a login from elsewhere names a UUID.
        Ok(Methods::Scanned) if !login.has("identifier") => Ok(Kind::Uuid),
        _ => age::allows(login, asked).and_then(|()| kind(login, profile, cpr_basis, digits)),
    };
    let user_code = user_code(login, profile);
    let scope = match asked {
        None => scope(login, profile, folders),
        Some(age) => age::settles(login, "scope").map(|()| age.scope()),
    };
    let service = service(login);
    let action = match asked {
        None => action(login),
        Some(_) => age::settles(login, "action").map(|()| Action::Confirm),
    };
    let reference_text = match asked {
        Some(age) if age.is_worded_by_the_broker() => age::reference_text(login, age, service.ok()),
        _ => reference_text(login, asked, service.ok()),
    };
    let ip = ip(login);
    let limits = limits(login);
    let requested_expiry = terms::requested_expiry(login, profile);
    let acr_values = terms::acr_values(login, profile);
    let loa = match asked {
        None => terms::loa(login),
        Some(_) => age::settles(login, "loa").and(age::settles(login, "loa_policy")).map(|()| None),
    };
    Ok(Login {
        age: age?,
        kind: kind?,
        methods: methods?,
        cpr_basis: cpr_basis?,
        user_code: user_code?,
        digits: digits?,
        scope: scope?,
        service: service?.to_owned(),
        action: action?,
        reference_text: reference_text?,
        ip: ip?,
        limits: limits?,
        requested_expiry: requested_expiry?,
        acr_values: acr_values?,
        loa: loa?,
    })
}

fn kind(
    login: &Section<'_>,
    profile: Option<Profile>,
    cpr_basis: Result<Option<CprBasis>, Told>,
    digits: Result<Option<u8>, Told>,
) -> Result<Kind, Told> {
    let remedy = match profile {
        Some(Profile::Signaturgruppen) => "Add identifier = \"cpr\" or identifier = \"uuid\".",
        _ => "Add identifier = \"cpr\", \"uuid\", \"user-id\" or \"number\".",
    };
    let found = login.needed_text("identifier", remedy)?;
    let wrong = |sentence: &str| Err(login.tell(found.line, "identifier", sentence));
    match (found.value, profile) {
        ("cpr", _) => match cpr_basis? {
            Some(_) => Ok(Kind::Cpr),
            None => Err(login.tell(login.line, "cpr_basis", format!("is missing. {CPR_BASIS}"))),
        },
        ("uuid", _) => Ok(Kind::Uuid),
        ("number" | "user-id", Some(Profile::Signaturgruppen)) => {
            wrong(&format!("must be \"cpr\" or \"uuid\". {FLEX_TAKES}"))
        }
        ("user-id", _) => Ok(Kind::UserId),
        ("number", _) => match digits? {
            Some(digits) => Ok(Kind::Number { digits }),
            None => Err(login.tell(login.line, "digits", format!("is missing. {DIGITS}"))),
        },
        (_, Some(Profile::Signaturgruppen)) => wrong("must be \"cpr\" or \"uuid\"."),
        _ => wrong("must be \"cpr\", \"uuid\", \"user-id\" or \"number\"."),
    }
}

/// How a person can say who they are: by typing, unless it is written otherwise.
fn methods(login: &Section<'_>, profile: Option<Profile>) -> Result<Methods, Told> {
    let found = login.texts("methods", "qr")?;
    let mut named = (false, false);
    for Found { value, line } in &found {
        match *value {
            "identifier" => named.0 = true,
            "qr" if profile == Some(Profile::Ciba) => {
                let sentence = format!("names \"qr\". {ONLY_THE_BROKER} Remove it.");
                return Err(login.tell(*line, "methods", sentence));
            }
            "qr" => named.1 = true,
            _ => {
                let sentence = "can name \"identifier\" and \"qr\", and nothing else.";
                return Err(login.tell(*line, "methods", sentence));
            }
        }
    }
    Ok(match named {
        (true, true) => Methods::TypedOrScanned,
        (false, true) => Methods::Scanned,
        _ => Methods::Typed,
    })
}

fn cpr_basis(login: &Section<'_>) -> Result<Option<CprBasis>, Told> {
    let Some(found) = login.text("cpr_basis")? else { return Ok(None) };
    match found.value {
        "law" => Ok(Some(CprBasis::Law)),
        "consent" => Ok(Some(CprBasis::Consent)),
        _ => {
            let sentence = "must be \"law\" or \"consent\": a CPR number may be processed on no other basis here \
                            (databeskyttelsesloven § 11).";
            Err(login.tell(found.line, "cpr_basis", sentence))
        }
    }
}

fn digits(login: &Section<'_>) -> Result<Option<u8>, Told> {
    let Some(found) = login.number("digits", "It can be 1 to 20.")? else { return Ok(None) };
    match u8::try_from(found.value) {
        Ok(digits @ 1..=20) => Ok(Some(digits)),
        _ => Err(login.tell(found.line, "digits", "must be from 1 to 20.")),
    }
}

/// The user code of CIBA 7.1, which MitID Flex has not.
fn user_code(login: &Section<'_>, profile: Option<Profile>) -> Result<Option<u8>, Told> {
    let key = "user_code_digits";
    let Some(found) = login.number(key, "It can be 1 to 20.")? else { return Ok(None) };
    match u8::try_from(found.value) {
        _ if profile == Some(Profile::Signaturgruppen) => Err(login.tell(
            found.line,
            key,
            "is for the profile \"ciba\" alone: MitID Flex takes no user code. Remove it.",
        )),
        Ok(digits @ 1..=20) => Ok(Some(digits)),
        _ => Err(login.tell(found.line, key, "must be from 1 to 20.")),
    }
}

fn scope(login: &Section<'_>, profile: Option<Profile>, folders: &Folders<'_>) -> Result<String, Told> {
    let Some(found) = login.text("scope")? else {
        return Ok(match profile {
            Some(Profile::Signaturgruppen) => "openid mitid".into(),
            _ => "openid".into(),
        });
    };
    // RFC 6749 3.3.
    if !found.value.chars().all(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\')) {
        let sentence = "holds a character that no scope has. Write words with one space between them.";
        return Err(login.tell(found.line, "scope", sentence));
    }
    let words: Vec<&str> = found.value.split_ascii_whitespace().collect();
    if !words.contains(&"openid") {
        return Err(login.tell(found.line, "scope", "must contain openid. Add it: scope = \"openid …\"."));
    }
    if profile == Some(Profile::Signaturgruppen) && !words.contains(&"mitid") {
        folders.warn("login.scope does not contain mitid, so the broker tells nothing about the person. Write scope = \"openid mitid\".".into());
    }
    Ok(words.join(" "))
}

fn service<'a>(login: &Section<'a>) -> Result<&'a str, Told> {
    let remedy = "Add the name that people know your service by, for instance service = \"Nordlys TV\".";
    let found = login.needed_text("service", remedy)?;
    let wrong = |sentence: &str| Err(login.tell(found.line, "service", sentence));
    if found.value.chars().any(char::is_control) {
        return wrong("holds a line break or another control character. Write it as one plain line.");
    }
    if found.value.chars().count() > LONGEST_SERVICE {
        return wrong(&format!("is longer than {LONGEST_SERVICE} characters. Shorten it."));
    }
    Ok(found.value)
}

fn action(login: &Section<'_>) -> Result<Action, Told> {
    let Some(found) = login.text("action")? else { return Ok(Action::LogOn) };
    found.value.parse().map_err(|_| {
        let sentence = "must be \"LOG_ON\", \"APPROVE\", \"CONFIRM\", \"ACCEPT\" or \"SIGN\".";
        login.tell(found.line, "action", sentence)
    })
}

/// `service` is `None` if it is wrong itself.
fn reference_text(
    login: &Section<'_>,
    age: Option<AgeCheck>,
    service: Option<&str>,
) -> Result<ReferenceText, Told> {
    let found = login.text("reference_text")?;
    let by_itself = age.map_or_else(|| REFERENCE_TEXT.to_owned(), age::template);
    let template = found.map_or(by_itself.as_str(), |found| found.value);
    ReferenceText::parse(template, service.unwrap_or_default()).map_err(|bad| {
        let line = found.map_or_else(|| login.line_of("service"), |found| found.line);
        login.tell(line, "reference_text", bad.0)
    })
}

fn ip(login: &Section<'_>) -> Result<Ip, Told> {
    let Some(found) = login.text("ip")? else { return Ok(Ip::Auto) };
    let wrong = |sentence: &str| Err(login.tell(found.line, "ip", sentence));
    if found.value == "auto" {
        return Ok(Ip::Auto);
    }
    let Ok(address) = found.value.parse::<IpAddr>() else {
        return wrong("must be \"auto\" or an IPv4 or IPv6 address without port or brackets.");
    };
    let address = address.to_canonical();
    if address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address == Ipv4Addr::BROADCAST
    {
        return wrong(
            "is no address that a person can have towards the broker. Write \"auto\" or the public address.",
        );
    }
    Ok(Ip::Fixed(address))
}

/// Whoever stands at a device without limits can make anybody's phone ring all day; a broker on this machine
/// rings none.
pub(super) fn warn_of_no_limits(login: &Login, authority: &Issuer, folders: &Folders<'_>) {
    let url = authority.url();
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if login.limits == Limits::none() && !here {
        folders.warn(NO_LIMITS.into());
    }
}

fn limits(login: &Section<'_>) -> Result<Limits, Told> {
    match login.text("limits")? {
        None => Ok(Limits::default()),
        Some(found) if found.value == "on" => Ok(Limits::default()),
        Some(found) if found.value == "off" => Ok(Limits::none()),
        Some(found) => Err(login.tell(found.line, "limits", "must be \"on\" or, for a simulation, \"off\".")),
    }
}
