//! One TOML file, read once and parsed into types, or refused with a sentence for everything that is wrong.
//!
//! The only room that reads the environment. No error, warning or `Debug` shows a secret or a value of the file.

mod age;
mod broker;
mod document;
mod files;
mod keys;
mod kiosk;
mod login;
mod pins;
mod problems;
mod rest;
mod screen;
mod terms;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::ffi::OsString;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};

use self::document::{Lines, Section};
use self::files::{Folders, LARGEST, Unread};
pub use self::kiosk::{Kiosk, Mode, Renderer};
pub use self::pins::Pins;
pub use self::problems::{Errors, Problem};
use self::problems::{Problems, Told};
pub use self::screen::{BrandFolder, Large, Look, Screen, Theme};
use crate::calls::{self, Ip};
use crate::ciba::terms::LeastLoa;
use crate::ciba::{Action, AgeCheck, Algorithm, Client, Issuer, Profile, RequestObject, Terms};
use crate::clock::{self, Zone};
use crate::flow::{self, Kind, Limits, Methods, ReferenceText};
use crate::input;
use crate::net::{Roots, Settings};
use crate::ticket::Place;

/// Everything that a device has to be told.
#[derive(Clone, Debug)]
pub struct Config {
    pub broker: Broker,
    pub login: Login,
    pub screen: Screen,
    /// What the keys of remotes and keyboards mean, and how they repeat.
    pub keys: input::Settings,
    /// The display, and how it is drawn on.
    pub kiosk: Kiosk,
    /// How the screen rests; `None` for one that somebody opens and closes.
    pub rest: Option<flow::Kiosk>,
    /// The adapter by which a display is told to sleep and to wake.
    pub cec: PathBuf,
    /// What a local time is here.
    pub zone: Zone,
    /// Where the service manager or the login session lets a process leave what the next one should know.
    pub tickets: Place,
    /// Sentences about what works and should still be changed.
    pub warnings: Vec<String>,
}

/// Whom to ask, and how to prove who is asking.
#[derive(Clone, Debug)]
pub struct Broker {
    pub authority: Issuer,
    pub profile: Profile,
    pub client: Client,
    /// The only algorithm that an ID token may be signed with.
    pub id_token_alg: Algorithm,
    /// Signs each start; `None` sends it plainly.
    pub request_object: Option<RequestObject>,
    pub roots: Roots,
    pub pins: Pins,
}

/// What a person is asked for, and what the phone shows.
#[derive(Clone, Debug)]
pub struct Login {
    /// What is asked instead of who the person is; `None` for a login.
    pub age: Option<AgeCheck>,
    pub kind: Kind,
    /// Whether the screens offer to type, to scan a code, or both.
    pub methods: Methods,
    pub cpr_basis: Option<CprBasis>,
    /// How many digits the user code has that the screens ask for, if they do.
    pub user_code: Option<u8>,
    /// How many digits an identifier of the kind `number` has, if that is configured.
    pub digits: Option<u8>,
    pub scope: String,
    pub service: String,
    pub action: Action,
    pub reference_text: ReferenceText,
    pub ip: Ip,
    /// How often a login may be started.
    pub limits: Limits,
    /// In seconds. Only plain CIBA sends it.
    pub requested_expiry: Option<NonZeroU16>,
    /// Only plain CIBA sends them.
    pub acr_values: Vec<String>,
    pub loa: Option<LeastLoa>,
}

/// Why CPR numbers may be processed here (databeskyttelsesloven § 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CprBasis {
    Law,
    Consent,
}

impl Config {
    /// What the network has to know.
    pub fn net_settings(&self) -> Settings {
        let calls = calls::Settings {
            issuer: self.broker.authority.clone(),
            profile: self.broker.profile,
            client: self.broker.client.clone(),
            id_token_alg: self.broker.id_token_alg,
            scope: self.login.scope.clone(),
            action: self.login.action,
            ip: self.login.ip,
            terms: self.terms(),
            built: clock::built(),
        };
        Settings {
            calls,
            roots: self.broker.roots.clone(),
            root_pins: self.broker.pins.roots.clone(),
            tickets: self.tickets.clone(),
        }
    }

    /// Whether the display is ever told to sleep.
    pub fn sleeps(&self) -> bool {
        self.rest.as_ref().is_some_and(|kiosk| kiosk.standby.is_some())
    }

    /// The same for a screen that is everybody's, also where the file says nothing of one.
    pub fn as_kiosk(&self) -> Config {
        Config { rest: Some(self.rest.clone().unwrap_or_default()), ..self.clone() }
    }

    fn terms(&self) -> Terms {
        Terms {
            request_object: self.broker.request_object.clone(),
            requested_expiry: self.login.requested_expiry,
            acr_values: self.login.acr_values.clone(),
            loa: self.login.loa,
            age: self.login.age,
            key_ids: self.broker.pins.key_ids.clone(),
            pins_expire: self.broker.pins.expire,
        }
    }

    /// Whether a user code may be sent; the error is a sentence that says why not.
    pub fn allows_a_user_code(&self) -> Result<(), String> {
        match self.broker.profile {
            Profile::Ciba => Ok(()),
            Profile::Signaturgruppen => {
                Err("MitID Flex takes no user code. Leave out --user-code; only the \
                                             profile \"ciba\" sends one."
                    .into())
            }
        }
    }

    /// Whether a login may be started that names nobody; the error is a sentence that says why not.
    pub fn allows_a_code(&self) -> Result<(), String> {
        match (self.broker.profile, self.login.methods.scans()) {
            (Profile::Ciba, _) => Err(format!("No code can be shown here. {}", login::ONLY_THE_BROKER)),
            (_, false) => Err("login.methods does not name \"qr\". Add it under [login]: \
                               methods = [\"identifier\", \"qr\"]."
                .into()),
            (_, true) => Ok(()),
        }
    }

    /// Whether this kind of identifier may be sent; the error is a sentence that says why not.
    pub fn allows(&self, kind: Kind) -> Result<(), String> {
        match kind {
            Kind::Cpr if self.login.age.is_some() => {
                Err(format!("This identifier cannot be used. {}", age::NO_CPR))
            }
            Kind::Cpr if self.login.cpr_basis.is_none() => {
                Err(format!("login.cpr_basis is missing. {}", login::CPR_BASIS))
            }
            Kind::Number { .. } | Kind::UserId | Kind::UserCode { .. }
                if self.broker.profile == Profile::Signaturgruppen =>
            {
                Err(format!("This identifier cannot be used. {}", login::FLEX_TAKES))
            }
            Kind::Cpr | Kind::Uuid | Kind::Number { .. } | Kind::UserId | Kind::UserCode { .. } => Ok(()),
        }
    }
}

impl Login {
    /// The kind of a number with the configured digits; the error is a sentence.
    pub fn number(&self) -> Result<Kind, String> {
        self.digits
            .map(|digits| Kind::Number { digits })
            .ok_or_else(|| format!("login.digits is missing. {}", login::DIGITS))
    }
}

/// Reads the file, and the files it names.
pub fn read(path: &Path) -> Result<Config, Errors> {
    let file = path.display().to_string();
    let refused = |line, sentence: &str| Err(Errors::whole_file(file.clone(), line, sentence));
    let bytes = match files::read(path, LARGEST) {
        Ok(bytes) => bytes,
        Err(Unread::Absent) => {
            return refused(
                None,
                "There is no such file. Run `flexlogin broker` to get a working example, \
                 or copy the one in the README and fill in what your broker gave you.",
            );
        }
        Err(Unread::NotAFile) => {
            return refused(None, "This is not a plain file. Name the TOML file itself.");
        }
        Err(Unread::TooLarge) => {
            return refused(
                None,
                "The file is larger than 64 KiB, so it is no configuration. Name the right file.",
            );
        }
        Err(Unread::Io(error)) => {
            let kind = error.kind();
            return refused(
                None,
                &format!("The file cannot be read: {kind}. Give this program's user the right to read it."),
            );
        }
    };
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            return refused(Some(line), "The file is not UTF-8 text. Save it as UTF-8.");
        }
    };
    let credentials = credentials();
    let folders = Folders {
        beside: path.parent().unwrap_or(Path::new("")),
        credentials: credentials.as_deref(),
        warnings: RefCell::default(),
    };
    folders.warn_of_rights("The configuration file", path, false);
    let mut config = parse_in(&file, text, &folders)?;
    config.tickets = tickets();
    match zone() {
        Ok(zone) => config.zone = zone,
        Err(sentence) => config.warnings.extend(config.rest.is_some().then_some(sentence)),
    }
    Ok(config)
}

/// Parses the text of a configuration. The files that it names are looked for in `folder`, then in `credentials`.
pub fn parse(text: &str, folder: &Path, credentials: Option<&Path>) -> Result<Config, Errors> {
    parse_in("flexlogin.toml", text, &Folders { beside: folder, credentials, warnings: RefCell::default() })
}

/// Where systemd and its like put secrets for this service alone.
fn credentials() -> Option<PathBuf> {
    environment("CREDENTIALS_DIRECTORY").map(PathBuf::from)
}

/// A service may have several folders; the first is as good as any.
fn tickets() -> Place {
    let of_the_service = environment("RUNTIME_DIRECTORY");
    let first = of_the_service.and_then(|all| Some(all.to_str()?.split(':').next()?.into()));
    let folder = first.or_else(|| environment("XDG_RUNTIME_DIR"));
    folder.map_or(Place::Missing, |path| Place::Folder(path.into()))
}

/// The system's time zone. The error is a sentence.
fn zone() -> Result<Zone, String> {
    let named = environment("TZ").map(|name| name.into_string().unwrap_or_default());
    Zone::find(named.as_deref()).ok_or_else(|| {
        "The time zone of this system cannot be read, and the hours under [kiosk] are taken as UTC. Set /etc/localtime \
         or TZ."
            .into()
    })
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn parse_in(file: &str, text: &str, folders: &Folders<'_>) -> Result<Config, Errors> {
    let problems = Problems::default();
    let lines = Lines::of(text);
    let read = document::parse(text, &lines, &problems).and_then(|document| {
        let root = Section::root(&lines, document.get_ref(), &problems);
        whole(&root, folders)
    });
    problems.conclude(file, read)
}

fn whole(root: &Section<'_>, folders: &Folders<'_>) -> Result<Config, Told> {
    let broker = root.needed_section("broker", "broker");
    // A wrong table hides nothing in the other tables.
    let profile = broker.and_then(|section| broker::profile(&section));
    let login = root
        .needed_section("login", "login")
        .and_then(|section| login::read(&section, profile.ok(), folders));
    let screen = root.section("screen", "screen").and_then(|section| screen::read(section.as_ref(), folders));
    let keys = root.section("keys", "keys").and_then(|section| keys::read(section.as_ref()));
    let kiosk = root.section("kiosk", "kiosk");
    let rest = kiosk.and_then(|section| rest::read(section.as_ref()));
    let cec = kiosk.and_then(|section| rest::cec(section.as_ref()));
    let kiosk = kiosk.and_then(|section| kiosk::read(section.as_ref()));
    let broker = broker.and_then(|section| broker::read(&section, profile, folders));
    if let (Ok(broker), Ok(login)) = (&broker, &login) {
        login::warn_of_no_limits(login, &broker.authority, folders);
    }
    Ok(Config {
        broker: broker?,
        login: login?,
        screen: screen?,
        keys: keys?,
        kiosk: kiosk?,
        rest: rest?,
        cec: cec?,
        zone: Zone::default(),
        tickets: Place::Unknown,
        warnings: folders.warnings.take(),
    })
}
