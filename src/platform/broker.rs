//! The simulated broker and phone alone, for scripts and for people with a browser.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use super::signals;
use crate::simulator::{self, Broker, Decide};

/// A broker that somebody forgot does not stay for ever.
const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Where the CA, the keys and the configuration are written; a private folder, removed at the end, if not given.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The least time between two polls.
    #[arg(long, value_name = "S", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub interval: u64,
    /// How long a login lives.
    #[arg(long, value_name = "S", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub expires_in: u64,
    /// The phone approves by itself after this time.
    #[arg(long, value_name = "S", conflicts_with = "reject_after")]
    pub approve_after: Option<u64>,
    /// The phone rejects by itself after this time.
    #[arg(long, value_name = "S")]
    pub reject_after: Option<u64>,
}

impl Options {
    fn decide(&self) -> Decide {
        match (self.approve_after, self.reject_after) {
            (Some(seconds), _) => Decide::ApproveAfter(Duration::from_secs(seconds)),
            (None, Some(seconds)) => Decide::RejectAfter(Duration::from_secs(seconds)),
            (None, None) => Decide::ByHand,
        }
    }
}

/// Runs until SIGINT, SIGTERM or SIGHUP. The error is a sentence.
pub fn run(options: &Options) -> Result<(), String> {
    let (leave, left) = mpsc::channel();
    // Before the broker starts, so that its files are removed whenever the signal comes.
    signals::on_leave(move || {
        let _ = leave.send(());
    })?;
    let broker = Broker::start(simulator::Options {
        interval: Duration::from_secs(options.interval),
        expires_in: Duration::from_secs(options.expires_in),
        decide: options.decide(),
        out: options.out.clone(),
    })?;
    announce(&broker).map_err(|error| format!("The broker's address could not be written: {error}."))?;
    let _ = left.recv_timeout(LIFETIME);
    Ok(())
}

/// One line for scripts on standard output, the rest for people on standard error.
fn announce(broker: &Broker) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{}", broker.announcement())?;
    output.flush()?;
    // Standard error may be closed; the broker serves without it.
    let _ = writeln!(
        io::stderr(),
        "This is a simulation. Open {} in a browser to see the phone.\n\
         In another terminal: echo 6701901234 | flexlogin login --config {} --cpr -\n\
         Ctrl+C ends it.",
        broker.phone_url(),
        broker.config_file().display(),
    );
    Ok(())
}
