//! The command line: a command → a platform → one JSON line and an exit code.

use std::alloc::System;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};
use flexlogin::ciba::{Hint, Secret};
use flexlogin::config::{self, Config};
use flexlogin::flow::{Complaint, Identifier, Kind, Outcome};
use flexlogin::platform::terminal::Until;
use flexlogin::{app, check, defects, host, memory, platform};
use zeroize::Zeroizing;
use zeroizing_alloc::ZeroAlloc;

/// Whatever is freed is wiped first: most copies of a number or a token are made by others, for TLS and HTTP.
#[global_allocator]
static MEMORY: ZeroAlloc<System> = ZeroAlloc(System);

/// MitID login over OpenID CIBA for screens without a browser.
#[derive(Parser)]
#[command(name = "flexlogin", version)]
struct Command {
    #[command(subcommand)]
    name: Option<Name>,
}

#[derive(Subcommand)]
enum Name {
    /// The simulator: TV, remote control and phone, with a broker of its own. The default.
    #[cfg(feature = "simulator")]
    Demo(platform::demo::Options),
    /// The app in a window, with a real broker.
    #[cfg(feature = "desktop")]
    Desktop(Configured),
    /// The app on a display of its own, without a window system, until it is told to end.
    #[cfg(feature = "kiosk")]
    Kiosk(Configured),
    /// The app on a headless panel: keys in, PNG out.
    #[cfg(feature = "panel")]
    Panel(platform::panel::Options),
    /// Pictures of every screen, in every size, language and theme, with a page to look at them.
    #[cfg(feature = "panel")]
    Pictures(platform::pictures::Options),
    /// One login without a screen.
    Login(Login),
    /// The simulated broker and phone alone.
    #[cfg(feature = "simulator")]
    Broker(platform::broker::Options),
    /// Shows what each key of a remote control or keyboard is taken for.
    #[cfg(feature = "input")]
    Keys(Keys),
    /// Says in plain words what is right and wrong between this device and its broker.
    Check(Configured),
}

#[derive(Args)]
struct Configured {
    /// The configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[cfg(feature = "input")]
#[derive(Args)]
struct Keys {
    /// A configuration whose table [keys] is used.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Args)]
struct Login {
    #[command(flatten)]
    configured: Configured,
    #[command(flatten)]
    who: Who,
    /// A code that only this person knows, from the next line of standard input: the only value is "-".
    #[arg(long, value_name = "-", allow_hyphen_values = true)]
    user_code: Option<String>,
    /// Give up after this many seconds.
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: Option<u64>,
    /// Cancel when standard input ends, as it does when the program that holds its other end dies.
    #[arg(long)]
    while_stdin_open: bool,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Who {
    /// A CPR number from standard input: the only value is "-".
    #[arg(long, value_name = "-", allow_hyphen_values = true)]
    cpr: Option<String>,
    /// A MitID UUID.
    #[arg(long)]
    uuid: Option<String>,
    /// A user ID of 5 to 48 characters.
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,
    /// A number with as many digits as login.digits says.
    #[arg(long, value_name = "N")]
    number: Option<String>,
    /// Nobody: whoever opens the address that is printed says it on their phone.
    #[arg(long)]
    qr: bool,
}

/// Why a run ends without a login.
enum Stop {
    Usage(String),
    Configuration(String),
    /// Something on this machine is missing, or a script did not go as it is written.
    Machine(String),
}

fn main() -> ExitCode {
    if let Err(sentence) = memory::keep_to_itself() {
        return ExitCode::from(complain(&sentence, host::FAILED));
    }
    defects::contain(tell, ExitCode::from(host::DEFECT), call)
}

fn call() -> ExitCode {
    let command = match Command::try_parse() {
        Ok(command) => command,
        Err(error) => {
            if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
                let _ = error.print();
                return ExitCode::SUCCESS;
            }
            return ExitCode::from(complain(&without_numbers(&error.to_string()), host::USAGE));
        }
    };
    let code = match run(command) {
        Ok(code) => code,
        Err(Stop::Usage(sentence)) => complain(&sentence, host::USAGE),
        Err(Stop::Configuration(sentence)) => complain(&sentence, host::CONFIGURATION),
        Err(Stop::Machine(sentence)) => complain(&sentence, host::FAILED),
    };
    ExitCode::from(code)
}

fn run(command: Command) -> Result<u8, Stop> {
    match command.name {
        #[cfg(feature = "simulator")]
        None => platform::demo::run(&platform::demo::Options::default()).map_err(Stop::Machine),
        #[cfg(not(feature = "simulator"))]
        None => Err(Stop::Usage("Name a command; `flexlogin --help` lists them.".into())),
        #[cfg(feature = "simulator")]
        Some(Name::Demo(options)) => platform::demo::run(&options).map_err(Stop::Machine),
        #[cfg(feature = "desktop")]
        Some(Name::Desktop(configured)) => {
            let config = read(&configured.config)?;
            let lost = |sentence, outcome| {
                if let Stop::Machine(sentence) = failed(sentence, outcome) {
                    tell(&sentence);
                }
            };
            conclude(platform::desktop::run(&config, lost).map_err(stopped)?)
        }
        #[cfg(feature = "kiosk")]
        Some(Name::Kiosk(configured)) => {
            let config = read(&configured.config)?;
            platform::kiosk::run(&config).map(|()| 0).map_err(Stop::Machine)
        }
        #[cfg(feature = "panel")]
        Some(Name::Panel(options)) => {
            let config = read(&options.config)?;
            conclude(platform::panel::run(&config, &options).map_err(stopped)?)
        }
        #[cfg(feature = "panel")]
        Some(Name::Pictures(options)) => platform::pictures::run(&options).map(|()| 0).map_err(Stop::Machine),
        Some(Name::Login(login)) => conclude(log_in(&login)?),
        #[cfg(feature = "simulator")]
        Some(Name::Broker(options)) => platform::broker::run(&options).map(|()| 0).map_err(Stop::Machine),
        #[cfg(feature = "input")]
        Some(Name::Keys(keys)) => {
            let settings = keys.config.map(|path| read(&path)).transpose()?.map(|config| config.keys);
            platform::keys::run(settings.unwrap_or_default()).map(|()| 0).map_err(Stop::Machine)
        }
        Some(Name::Check(configured)) => {
            let (report, good) = check::run(&configured.config);
            print(&report)?;
            Ok(if good { 0 } else { host::CONFIGURATION })
        }
    }
}

fn log_in(login: &Login) -> Result<Outcome, Stop> {
    let config = read(&login.configured.config)?;
    let (kind, hint) = if login.who.qr {
        config.allows_a_code().map_err(Stop::Configuration)?;
        (config.login.kind, Hint::WhoeverScans)
    } else {
        named(&login.who, &config)?
    };
    let user_code = user_code(login.user_code.as_deref(), &config)?;
    let patience = login.timeout.map_or(app::PATIENCE, Duration::from_secs);
    let until = if login.while_stdin_open { Until::InputEnds } else { Until::Decided };
    platform::terminal::login(&config, kind, hint, user_code, patience, until).map_err(Stop::Machine)
}

/// The person whom the command line names.
fn named(who: &Who, config: &Config) -> Result<(Kind, Hint), Stop> {
    let (kind, written) = identifier(who, config)?;
    let hint = Identifier::parse(kind, &written)
        .and_then(|identifier| identifier.complete())
        .map_err(|complaint| Stop::Usage(wrong(kind, complaint)))?;
    Ok((kind, hint))
}

/// The sentence without any number that it repeats from the command line: it may be somebody's, or a part of it.
fn without_numbers(sentence: &str) -> String {
    let is_part = |character: char| character.is_ascii_hexdigit() || character == '-';
    let mut shown = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        let end =
            rest[start..].find(|character| !is_part(character)).map_or(rest.len(), |length| start + length);
        shown.push_str(&rest[..start]);
        shown.push('…');
        rest = &rest[end..];
    }
    shown + rest
}

/// Which identifier the command line gives, if the configuration allows that kind.
fn identifier(who: &Who, config: &Config) -> Result<(Kind, Zeroizing<String>), Stop> {
    let (kind, written) = match who {
        Who { cpr: Some(dash), .. } => {
            if dash != "-" {
                return Err(Stop::Usage(
                    "A CPR number on the command line can be seen by everybody on this machine. \
                     Use --cpr - and write it to standard input."
                        .into(),
                ));
            }
            (Kind::Cpr, None)
        }
        Who { uuid: Some(uuid), .. } => (Kind::Uuid, Some(uuid)),
        Who { user_id: Some(id), .. } => (Kind::UserId, Some(id)),
        Who { number: Some(number), .. } => {
            (config.login.number().map_err(Stop::Configuration)?, Some(number))
        }
        _ => {
            return Err(Stop::Usage(
                "Say who is to log in: --cpr -, --uuid, --user-id, --number or --qr.".into(),
            ));
        }
    };
    config.allows(kind).map_err(Stop::Configuration)?;
    let written = match written {
        Some(text) => Zeroizing::new(text.clone()),
        None => platform::terminal::line(),
    };
    Ok((kind, written))
}

/// The code behind `--user-code`, if the configuration allows one.
fn user_code(dash: Option<&str>, config: &Config) -> Result<Option<Secret>, Stop> {
    let Some(dash) = dash else { return Ok(None) };
    if dash != "-" {
        return Err(Stop::Usage(
            "A user code on the command line can be seen by everybody on this machine. Use --user-code - and write \
             it to standard input."
                .into(),
        ));
    }
    config.allows_a_user_code().map_err(Stop::Usage)?;
    match platform::terminal::line().as_str() {
        "" => Err(Stop::Usage("The user code is empty. Nothing was sent.".into())),
        code if code.chars().any(char::is_control) => {
            Err(Stop::Usage("The user code holds a control character. Nothing was sent.".into()))
        }
        code => Ok(Some(code.into())),
    }
}

/// Why an identifier is not taken; the identifier itself is not repeated.
fn wrong(kind: Kind, complaint: Complaint) -> String {
    match (kind, complaint) {
        (_, Complaint::NoSuchDate) => {
            "The first six digits of the CPR number are not a date (DDMMYY). Nothing was sent.".into()
        }
        (Kind::Cpr, _) => {
            "A CPR number is ten digits, with or without a hyphen after the sixth. Nothing was sent.".into()
        }
        (Kind::Uuid, _) => "A MitID UUID is 8-4-4-4-12 hexadecimal digits. Nothing was sent.".into(),
        (Kind::Number { digits } | Kind::UserCode { digits }, _) => {
            format!("The number has exactly {digits} digits. Nothing was sent.")
        }
        (Kind::UserId, _) => "A user ID is 5 to 48 of a–z, æ, ø, å, digits, space and {}!#$^,*()_+-=:;?.@, \
             not ten digits, and no space first or last. Nothing was sent."
            .into(),
    }
}

fn read(path: &Path) -> Result<Config, Stop> {
    let config = config::read(path).map_err(|errors| Stop::Configuration(errors.to_string()))?;
    for warning in &config.warnings {
        let _ = writeln!(io::stderr(), "{warning}");
    }
    Ok(config)
}

/// The one line on standard output.
fn conclude(outcome: Outcome) -> Result<u8, Stop> {
    platform::handing::hand_over(&outcome).map_err(Stop::Machine)?;
    Ok(host::exit_code(&outcome))
}

#[cfg(any(feature = "desktop", feature = "panel"))]
fn stopped(stop: platform::Stop) -> Stop {
    match stop {
        platform::Stop::Usage(sentence) => Stop::Usage(sentence),
        platform::Stop::Machine(sentence) => Stop::Machine(sentence),
        platform::Stop::Failed { sentence, outcome } => failed(sentence, *outcome),
    }
}

/// A run that could not go on hands over what it has all the same.
#[cfg(any(feature = "desktop", feature = "panel"))]
fn failed(sentence: String, outcome: Outcome) -> Stop {
    conclude(outcome).err().unwrap_or(Stop::Machine(sentence))
}

/// What nobody can read is not a success.
fn print(text: &str) -> Result<(), Stop> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(|error| {
        Stop::Machine(format!("The report could not be written to standard output: {error}."))
    })
}

fn complain(sentence: &str, code: u8) -> u8 {
    tell(sentence);
    code
}

fn tell(sentence: &str) {
    let _ = writeln!(io::stderr(), "{sentence}");
}
