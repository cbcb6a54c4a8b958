//! The files that the configuration names.
//!
//! A relative name is looked for beside the configuration first, then among the credentials of the service
//! manager. No sentence repeats the name: somebody may have written the secret in its place.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

use super::document::{Found, Section};
use super::problems::Told;
use crate::ciba::Secret;

/// A configuration, a secret or a key is much smaller.
pub(super) const LARGEST: u64 = 64 * 1024;
/// A bundle of every public authority is a quarter of this.
const LARGEST_BUNDLE: u64 = 1024 * 1024;

/// Where named files are looked for.
pub(super) struct Folders<'a> {
    pub(super) beside: &'a Path,
    pub(super) credentials: Option<&'a Path>,
    pub(super) warnings: RefCell<Vec<String>>,
}

/// Why a file could not be read.
pub(super) enum Unread {
    Absent,
    NotAFile,
    TooLarge,
    Io(io::Error),
}

impl Folders<'_> {
    /// A secret that is the whole text of a file, without the line end that editors add.
    pub(super) fn secret(&self, section: &Section<'_>, name: Found<&str>) -> Result<Secret, Told> {
        let key = "secret_file";
        let bytes = self.read(section, key, name, LARGEST, true)?;
        let tell = |sentence: &str| Err(section.tell(name.line, key, sentence));
        let Ok(text) = std::str::from_utf8(&bytes) else {
            return tell("names a file that is not UTF-8 text. Write the secret alone into it.");
        };
        match text.trim_end_matches(['\n', '\r']) {
            "" => tell("names an empty file. Write the client secret into it."),
            secret if secret.chars().any(char::is_control) => {
                tell("names a file with more than one line. Write the secret alone into it.")
            }
            secret => Ok(secret.into()),
        }
    }

    /// A private key, as it stands in its file.
    pub(super) fn key(&self, section: &Section<'_>, name: Found<&str>) -> Result<Zeroizing<Vec<u8>>, Told> {
        let bytes = self.read(section, "key_file", name, LARGEST, true)?;
        if bytes.trim_ascii().is_empty() {
            let sentence = "names an empty file. Write the private key into it, in PEM.";
            return Err(section.tell(name.line, "key_file", sentence));
        }
        Ok(bytes)
    }

    /// Certificates in PEM, each of them usable.
    pub(super) fn certificates(
        &self,
        section: &Section<'_>,
        key: &str,
        name: Found<&str>,
    ) -> Result<Vec<u8>, Told> {
        let pem = self.read(section, key, name, LARGEST_BUNDLE, false)?;
        let tell = |sentence: &str| Err(section.tell(name.line, key, sentence));
        let mut store = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            if certificate.ok().is_none_or(|certificate| store.add(certificate).is_err()) {
                return tell(
                    "names a file with a damaged certificate. Get the file again from whoever made it.",
                );
            }
        }
        if store.is_empty() {
            return tell(
                "names a file without a certificate. It must hold at least one in PEM, \
                 from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.",
            );
        }
        Ok(pem.to_vec())
    }

    fn read(
        &self,
        section: &Section<'_>,
        key: &str,
        name: Found<&str>,
        largest: u64,
        private: bool,
    ) -> Result<Zeroizing<Vec<u8>>, Told> {
        let tell = |sentence: &str| section.tell(name.line, key, sentence);
        if name.value.contains("-----BEGIN") || name.value.chars().any(char::is_control) {
            return Err(tell("must be the name of a file, not what the file holds. Move that into a file."));
        }
        let places = self.places(Path::new(name.value));
        let found = places
            .iter()
            .map(|path| (path, read(path, largest)))
            .find(|(_, read)| !matches!(read, Err(Unread::Absent)));
        let (path, bytes) = match found {
            Some((path, Ok(bytes))) => (path, bytes),
            None | Some((_, Err(Unread::Absent))) => return Err(tell(&self.not_there())),
            Some((_, Err(Unread::NotAFile))) => {
                return Err(tell("does not name a plain file. Name the file itself."));
            }
            Some((_, Err(Unread::TooLarge))) => {
                return Err(tell(&format!(
                    "names a file of more than {} KiB. Name the right file.",
                    largest / 1024
                )));
            }
            Some((_, Err(Unread::Io(error)))) => {
                return Err(tell(&format!(
                    "names a file that cannot be read: {}. Give this program's user the right to read it.",
                    error.kind()
                )));
            }
        };
        self.warn_of_rights(&format!("The file of {}", section.whole(key)), path, private);
        Ok(bytes)
    }

    fn places(&self, name: &Path) -> Vec<PathBuf> {
        let mut places = vec![self.beside.join(name)];
        // Credentials have plain names, so nothing above or below their folder is meant.
        let plain = matches!(name.components().collect::<Vec<_>>()[..], [Component::Normal(_)]);
        places.extend(self.credentials.filter(|_| plain).map(|folder| folder.join(name)));
        places
    }

    fn not_there(&self) -> String {
        let beside = match self.beside.as_os_str().is_empty() {
            true => "the current folder".into(),
            false => self.beside.display().to_string(),
        };
        match self.credentials {
            Some(folder) => format!(
                "names a file that is neither in {beside} nor in $CREDENTIALS_DIRECTORY ({}). \
                 Put it into one of the two, or correct the name.",
                folder.display()
            ),
            None => format!("names a file that is not in {beside}. Put it there, or correct the name."),
        }
    }

    /// Warns of a file that others may read, if it is private, or change.
    pub(super) fn warn_of_rights(&self, what: &str, path: &Path, private: bool) {
        let Ok(rights) = path.metadata().map(|metadata| metadata.permissions().mode()) else { return };
        if rights & 0o002 != 0 {
            self.warn(format!("{what} can be changed by every user of this machine. Run chmod o-w on it."));
        }
        if private && rights & 0o004 != 0 {
            self.warn(format!("{what} can be read by every user of this machine. Run chmod 600 on it."));
        }
    }

    pub(super) fn warn(&self, warning: String) {
        self.warnings.borrow_mut().push(warning);
    }
}

/// Reads a plain file, so that a pipe cannot keep the program waiting.
pub(super) fn read(path: &Path, largest: u64) -> Result<Zeroizing<Vec<u8>>, Unread> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Unread::Absent,
        _ => Unread::Io(error),
    };
    let metadata = path.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(Unread::NotAFile);
    }
    // Room for everything at once: a buffer that grows leaves copies behind.
    let room = usize::try_from(metadata.len().min(largest) + 2).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    File::open(path).and_then(|file| file.take(largest + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > largest { Err(Unread::TooLarge) } else { Ok(bytes) }
}
