//! The tables `[broker]` and `[broker.auth]`.

use super::Broker;
use super::document::{Found, Section};
use super::files::Folders;
use super::problems::{Told, nearest};
use super::{pins, terms};
use crate::ciba::{Algorithm, Client, ClientAuth, Issuer, Profile, SigningKey};
use crate::net::Roots;

const METHODS: [&str; 4] =
    ["private_key_jwt", "client_secret_post", "client_secret_basic", "client_secret_jwt"];
/// HS256 needs a key of 256 bits (RFC 7518 3.2).
pub(super) const HS256_KEY_BYTES: usize = 32;

pub(super) fn profile(broker: &Section<'_>) -> Result<Profile, Told> {
    let remedy = "Add profile = \"signaturgruppen\" for MitID at Signaturgruppen Broker, or profile = \"ciba\" \
                  for any other provider.";
    let found = broker.needed_text("profile", remedy)?;
    match found.value {
        "signaturgruppen" => Ok(Profile::Signaturgruppen),
        "ciba" => Ok(Profile::Ciba),
        _ => Err(broker.tell(found.line, "profile", "must be \"signaturgruppen\" or \"ciba\".")),
    }
}

pub(super) fn read(
    broker: &Section<'_>,
    profile: Result<Profile, Told>,
    folders: &Folders<'_>,
) -> Result<Broker, Told> {
    let authority = authority(broker);
    let client_id = client_id(broker);
    let roots = roots(broker, folders);
    let auth = broker.needed_section("auth", "broker.auth").and_then(|section| auth(&section, folders));
    let id_token_alg = id_token_alg(broker, auth.as_ref().ok());
    let request_object = terms::request_object(broker, profile.ok(), auth.as_ref().ok());
    let pins = pins::read(broker, id_token_alg.ok());
    Ok(Broker {
        authority: authority?,
        profile: profile?,
        client: Client { client_id: client_id?, auth: auth? },
        id_token_alg: id_token_alg?,
        request_object: request_object?,
        roots: roots?,
        pins: pins?,
    })
}

fn authority(broker: &Section<'_>) -> Result<Issuer, Told> {
    let remedy =
        "Add the issuer of your broker, for instance authority = \"https://pp.netseidbroker.dk/op\".";
    let found = broker.needed_text("authority", remedy)?;
    Issuer::parse(found.value)
        .map_err(|sentence| broker.tell(found.line, "authority", format!("cannot be used. {sentence}")))
}

fn client_id(broker: &Section<'_>) -> Result<String, Told> {
    let found = broker.needed_text("client_id", "Add the client id that the broker gave you.")?;
    if !found.value.chars().all(|c| matches!(c, ' '..='~')) {
        let sentence = "holds a character that no client id has. Copy it from the broker.";
        return Err(broker.tell(found.line, "client_id", sentence));
    }
    Ok(found.value.to_owned())
}

fn roots(broker: &Section<'_>, folders: &Folders<'_>) -> Result<Roots, Told> {
    let read = |key| match broker.text(key)? {
        Some(name) => folders.certificates(broker, key, name).map(Some),
        None => Ok(None),
    };
    match (read("ca_file"), read("extra_ca_file")) {
        (Ok(None), Ok(None)) => Ok(Roots::System),
        (Ok(Some(only)), Ok(None)) => Ok(Roots::Only(only)),
        (Ok(None), Ok(Some(more))) => Ok(Roots::SystemAnd(more)),
        (Ok(Some(_)), Ok(Some(_))) => {
            let sentence = "cannot stand beside ca_file, which trusts nothing else. Remove one of the two.";
            Err(broker.tell(broker.line_of("extra_ca_file"), "extra_ca_file", sentence))
        }
        (Err(Told), _) | (_, Err(Told)) => Err(Told),
    }
}

/// The algorithm is pinned here; what a token says about itself decides nothing.
fn id_token_alg(broker: &Section<'_>, auth: Option<&ClientAuth>) -> Result<Algorithm, Told> {
    let Some(found) = broker.text("id_token_alg")? else { return Ok(Algorithm::Rs256) };
    let tell = |sentence: String| Err(broker.tell(found.line, "id_token_alg", sentence));
    match (found.value.parse(), auth) {
        (Err(_), _) => {
            tell("must be \"RS256\", \"PS256\" or \"ES256\", as the broker signs for this client.".into())
        }
        (Ok(Algorithm::Hs256), Some(ClientAuth::PrivateKeyJwt { .. })) => {
            tell("is HS256, which needs a client secret. Take RS256, PS256 or ES256.".into())
        }
        (
            Ok(Algorithm::Hs256),
            Some(
                ClientAuth::SecretPost(secret)
                | ClientAuth::SecretBasic(secret)
                | ClientAuth::SecretJwt(secret),
            ),
        ) if secret.expose().len() < HS256_KEY_BYTES => tell(format!(
            "is HS256, which needs a client secret of at least {HS256_KEY_BYTES} bytes. Get a longer secret, \
             or take RS256, PS256 or ES256."
        )),
        (Ok(algorithm), _) => Ok(algorithm),
    }
}

fn auth(section: &Section<'_>, folders: &Folders<'_>) -> Result<ClientAuth, Told> {
    let remedy = "Add the method that this client is registered with: \"private_key_jwt\", \
                  \"client_secret_post\", \"client_secret_basic\" or \"client_secret_jwt\".";
    let method = section.needed_text("method", remedy)?;
    match method.value {
        "private_key_jwt" => private_key(section, folders),
        "client_secret_post" => secret(section, folders, method.value, ClientAuth::SecretPost),
        "client_secret_basic" => secret(section, folders, method.value, ClientAuth::SecretBasic),
        "client_secret_jwt" => secret(section, folders, method.value, ClientAuth::SecretJwt),
        other => {
            let sentence = match nearest(other, METHODS) {
                Some(near) => format!("is not a known method. Did you mean \"{near}\"?"),
                None => format!("is not a known method. It must be one of {}.", METHODS.join(", ")),
            };
            Err(section.tell(method.line, "method", sentence))
        }
    }
}

fn private_key(section: &Section<'_>, folders: &Folders<'_>) -> Result<ClientAuth, Told> {
    let unused = refuse(section, &["secret_file"], "private_key_jwt");
    let key_id = key_id(section);
    let algorithm = key_algorithm(section);
    let remedy = "Add key_file = \"key.pem\", the private key whose public half the broker knows.";
    let name = section.needed_text("key_file", remedy);
    let pem = name.and_then(|name| folders.key(section, name));
    let (name, pem, algorithm) = (name?, pem?, algorithm?);
    let key = SigningKey::from_pem(&pem, algorithm)
        .map_err(|sentence| section.tell(name.line, "key_file", format!("cannot be used. {sentence}")))?;
    unused?;
    Ok(ClientAuth::PrivateKeyJwt { key, key_id: key_id? })
}

fn key_algorithm(section: &Section<'_>) -> Result<Algorithm, Told> {
    let remedy =
        "Add alg = \"ES256\" for a key on the curve P-256, or \"RS256\" or \"PS256\" for an RSA key.";
    let found = section.needed_text("alg", remedy)?;
    match found.value.parse() {
        Ok(Algorithm::Hs256) | Err(_) => Err(section.tell(
            found.line,
            "alg",
            "must be \"RS256\", \"PS256\" or \"ES256\" for a private key.",
        )),
        Ok(algorithm) => Ok(algorithm),
    }
}

fn key_id(section: &Section<'_>) -> Result<Option<String>, Told> {
    match section.text("key_id")? {
        Some(Found { value, line }) if value.chars().any(char::is_control) => {
            Err(section.tell(line, "key_id", "holds a control character. Copy it from the broker."))
        }
        found => Ok(found.map(|found| found.value.to_owned())),
    }
}

fn secret(
    section: &Section<'_>,
    folders: &Folders<'_>,
    method: &str,
    auth: fn(crate::ciba::Secret) -> ClientAuth,
) -> Result<ClientAuth, Told> {
    let unused = refuse(section, &["key_file", "key_id"], method);
    let algorithm = secret_algorithm(section, method);
    let remedy = "Add secret_file = \"secret.txt\", a file that holds the client secret alone.";
    let name = section.needed_text("secret_file", remedy)?;
    let auth = auth(folders.secret(section, name)?);
    auth.check().map_err(|sentence| {
        section.tell(name.line, "secret_file", format!("names a file that cannot be used. {sentence}"))
    })?;
    unused.and(algorithm)?;
    Ok(auth)
}

fn secret_algorithm(section: &Section<'_>, method: &str) -> Result<(), Told> {
    match section.text("alg")? {
        None => Ok(()),
        Some(found) if method == "client_secret_jwt" && found.value == "HS256" => Ok(()),
        Some(found) if method == "client_secret_jwt" => Err(section.tell(
            found.line,
            "alg",
            "must be \"HS256\" with client_secret_jwt. Correct or remove it.",
        )),
        Some(_) => refuse(section, &["alg"], method),
    }
}

/// Tells of keys that the method does not use: whoever wrote them expects something else to happen.
fn refuse(section: &Section<'_>, keys: &[&str], method: &str) -> Result<(), Told> {
    let mut read = Ok(());
    for key in keys.iter().filter(|key| section.has(key)) {
        let sentence = format!("is not used by the method {method}. Remove it, or change the method.");
        read = Err(section.tell(section.line_of(key), key, sentence));
    }
    read
}
