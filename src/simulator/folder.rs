//! The files for those who use the broker from outside: its CA, the client's credentials, a configuration.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::client::{CLIENT_ID, KEY_ID, RSA_KEY_ID, Registration};
use super::hint::SERVICE;
use super::{person, random};

/// The first line of a configuration that may be overwritten.
const MARK: &str = "# Written by flexlogin's simulated broker; overwritten at its next start.";

pub(super) struct Folder {
    pub(super) ca_file: PathBuf,
    pub(super) config_file: PathBuf,
    pub(super) age_config_file: PathBuf,
    /// Removed with everything in it when the broker stops.
    temporary: Option<PathBuf>,
}

impl Folder {
    pub(super) fn write(
        out: Option<&Path>,
        issuer: &str,
        ca_pem: &str,
        registration: &Registration,
    ) -> Result<Folder, String> {
        let (path, temporary) = match out {
            Some(path) => (given(path)?, None),
            None => {
                let path = fresh()?;
                (path.clone(), Some(path))
            }
        };
        let folder = Folder {
            ca_file: path.join("ca.pem"),
            config_file: path.join("flexlogin.toml"),
            age_config_file: path.join("age.toml"),
            temporary,
        };
        let files = [
            ("flexlogin.toml", 0o644, configuration(issuer, LOGIN)),
            ("age.toml", 0o644, configuration(issuer, AGE_CHECK)),
            ("ca.pem", 0o644, ca_pem.to_owned()),
            ("key.pem", 0o600, registration.key.serialize_pem()),
            ("key-rsa.pem", 0o600, registration.rsa_key.serialize_pem()),
            ("secret.txt", 0o600, registration.secret.clone()),
        ];
        let ours = fs::read_to_string(&folder.config_file).is_ok_and(|text| text.starts_with(MARK));
        for (name, ..) in &files {
            let file = path.join(name);
            if !ours && fs::symlink_metadata(&file).is_ok() {
                return Err(format!(
                    "{} exists and is not the simulator's; name another directory, so that it is not lost.",
                    file.display()
                ));
            }
        }
        for (name, mode, text) in &files {
            replace(&path.join(name), *mode, text)?;
        }
        Ok(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(path) = &self.temporary {
            let _ = fs::remove_dir_all(path);
        }
    }
}

/// The absolute path of a directory that the user named; made if it is missing.
fn given(path: &Path) -> Result<PathBuf, String> {
    fs::create_dir_all(path)
        .and_then(|()| path.canonicalize())
        .map_err(|error| format!("The directory {} cannot be used: {error}.", path.display()))
}

fn fresh() -> Result<PathBuf, String> {
    let path = std::env::temp_dir().join(format!("flexlogin-simulator-{}", person::uuid(random()?)));
    DirBuilder::new()
        .mode(0o700)
        .create(&path)
        .and_then(|()| path.canonicalize())
        .map_err(|error| format!("The directory {} cannot be made: {error}.", path.display()))
}

/// Writes a new file in place of an old one, so that neither an old mode nor a link is inherited.
fn replace(path: &Path, mode: u32, text: &str) -> Result<(), String> {
    let written = match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes())),
    };
    written.map_err(|error| format!("{} cannot be written: {error}.", path.display()))
}

const LOGIN: &str = r#"identifier = "cpr"
# With this line the screens offer a QR code too, and `login --qr` works:
# methods = ["identifier", "qr"]
cpr_basis = "consent"
scope = "openid mitid"
action = "LOG_ON"
reference_text = "Log på {service}. Kode {code}. Afvis, hvis det ikke er dig.""#;

const AGE_CHECK: &str = r#"purpose = "age"
age = 18
identifier = "uuid"
methods = ["identifier", "qr"]"#;

fn configuration(issuer: &str, asked: &str) -> String {
    format!(
        r#"{MARK}
# The client may authenticate in four ways; change [broker.auth] to try another:
#   method = "private_key_jwt"      key_file = "key-rsa.pem"   key_id = "{RSA_KEY_ID}"   alg = "PS256" or "RS256"
#   method = "client_secret_jwt"    secret_file = "secret.txt"
#   method = "client_secret_basic"  secret_file = "secret.txt"
#   method = "client_secret_post"   secret_file = "secret.txt"

[broker]
authority = "{issuer}"
profile = "signaturgruppen"
client_id = "{CLIENT_ID}"
ca_file = "ca.pem"
id_token_alg = "RS256"

[broker.auth]
method = "private_key_jwt"
key_file = "key.pem"
key_id = "{KEY_ID}"
alg = "ES256"

[login]
service = "{SERVICE}"
{asked}
ip = "auto"
# No real phone rings here. Never write this elsewhere.
limits = "off"

[screen]
language = "da"
"#
    )
}
