//! A simulated MitID broker and phone on loopback: Signaturgruppen Broker's Flex CIBA in poll mode, as real
//! wire over TLS. Nothing here is MitID, and nobody is asked for anything real.
//!
//! It names no other room: it reads forms, JSON and JWTs with its own code, because shared parsing hides
//! shared mistakes.
//!
//! One client is registered, [`CLIENT_ID`], with a secret and two keys, and may authenticate in each of the
//! four ways. Every well-formed identifier is a known person, save those that the end of the CPR number sets
//! apart:
//!
//! | CPR number ends in | what happens |
//! |---|---|
//! | 0000 | the start is refused with `unknown_user_id` |
//! | 0001 | the first poll ends with `mitid_flex_app.mitid_error_CAP008`; the phone shows nothing |
//! | 0002 | the person's name is protected |
//! | 4016 | Alma Testesen |
//! | an odd digit | Anders Testesen |
//! | an even digit | Anna Testesen |
//!
//! A UUID that ends in ten zeros and two digits names somebody of so many years, for age checks.
//!
//! A login that names nobody has an address for a code (CIBA + PAR). Whoever opens it, in a browser or with
//! [`Phone::scan`], is Anna, Anders or Alma Testesen, and Alma is fifteen.
//!
//! A standard `login_hint` that ends in `.code` asks for the user code 4711.
//!
//! Several requests for one person may run side by side; the real MitID refuses the second.

mod broker;
mod certificates;
mod client;
mod faults;
mod folder;
mod form;
mod hint;
mod impostor;
mod journal;
mod line;
mod logins;
mod page;
mod person;
mod phone;
mod request_object;
mod scan;
mod signing;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::oneshot;

pub use client::{CLIENT_ID, KEY_ID, RSA_KEY_ID};
pub use faults::{Alteration, Endpoint, Fault, Faults};
pub use impostor::Impostor;
pub use journal::Happened;
pub use person::Tester;
pub use phone::{Phone, Request};

use broker::Op;
use client::Client;
use folder::Folder;
use logins::Logins;
use signing::Keys;

/// How the broker behaves, and where it leaves its files.
#[derive(Clone, Debug)]
pub struct Options {
    /// The least time between two polls. The wire carries whole seconds, rounded up.
    pub interval: Duration,
    /// How long a login lives. The wire carries whole seconds, rounded up.
    pub expires_in: Duration,
    /// Who holds the phone.
    pub decide: Decide,
    /// Where ca.pem, key.pem, key-rsa.pem, secret.txt, flexlogin.toml and age.toml are written. `None` means a fresh
    /// private directory that is removed when the broker stops.
    pub out: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            interval: Duration::from_secs(5),
            expires_in: Duration::from_secs(300),
            decide: Decide::ByHand,
            out: None,
        }
    }
}

/// Who decides about a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decide {
    /// A person or a script, at the phone.
    ByHand,
    ApproveAfter(Duration),
    RejectAfter(Duration),
}

/// A running broker and phone. Dropping it closes both ports.
pub struct Broker {
    op: Arc<Op>,
    logins: Arc<Logins>,
    folder: Folder,
    phone_url: String,
    stop: Option<oneshot::Sender<()>>,
    stopped: Mutex<mpsc::Receiver<()>>,
}

impl Broker {
    /// Opens both ports on 127.0.0.1 and writes the files.
    ///
    /// # Errors
    /// A sentence, if a port, a file, a key or a thread cannot be had.
    pub fn start(options: Options) -> Result<Broker, String> {
        let (op_listener, op_port) = loopback_port()?;
        let (phone_listener, phone_port) = loopback_port()?;
        let issuer = format!("https://127.0.0.1:{op_port}/op");
        let phone_url = format!("http://127.0.0.1:{phone_port}");

        let certificates = certificates::make(now().unix)?;
        // Two RSA keys are most of the time of a start, so they are made side by side.
        let (registered, keys) = thread::scope(|scope| {
            let registered = scope.spawn(client::Registration::make);
            let keys = Keys::make();
            (registered.join(), keys)
        });
        let registered =
            registered.map_err(|_| "The simulator cannot make the client's keys.".to_owned())??;
        let folder = Folder::write(options.out.as_deref(), &issuer, &certificates.ca_pem, &registered)?;
        let client = Client::new(&registered)?;
        let logins = Arc::new(Logins::new(now())?);
        let op = Arc::new(Op::new(issuer, client, Arc::clone(&logins), keys?, &options));

        let (stop, stopping) = oneshot::channel();
        let (stopped_tx, stopped) = mpsc::channel();
        let (ready_tx, ready) = mpsc::channel();
        let (thread_op, thread_logins) = (Arc::clone(&op), Arc::clone(&logins));
        thread::Builder::new()
            .name("simulator".to_owned())
            .spawn(move || {
                match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                    Ok(runtime) => runtime.block_on(async {
                        let servers =
                            serve(op_listener, phone_listener, &certificates, thread_op, thread_logins);
                        let up = servers.is_ok();
                        let _ = ready_tx.send(servers);
                        if up {
                            let _ = stopping.await;
                        }
                    }),
                    Err(error) => {
                        let _ = ready_tx.send(Err(format!("The simulator has no runtime: {error}.")));
                    }
                }
                // The runtime is gone here, and with it every socket.
                let _ = stopped_tx.send(());
            })
            .map_err(|error| format!("The simulator's thread cannot start: {error}."))?;
        ready.recv().map_err(|_| "The simulator's thread ended at once.".to_owned())??;
        Ok(Broker { op, logins, folder, phone_url, stop: Some(stop), stopped: Mutex::new(stopped) })
    }

    /// The issuer, as the configuration names it.
    pub fn issuer(&self) -> &str {
        &self.op.issuer
    }

    /// The certificate of the CA that signs the broker's TLS certificate.
    pub fn ca_file(&self) -> &Path {
        &self.folder.ca_file
    }

    /// A configuration for flexlogin that works as it is.
    pub fn config_file(&self) -> &Path {
        &self.folder.config_file
    }

    /// The same for an age check.
    pub fn age_config_file(&self) -> &Path {
        &self.folder.age_config_file
    }

    /// The phone's page for a person. Scripts use GET /phone and POST /phone/{id}/approve or /reject.
    pub fn phone_url(&self) -> &str {
        &self.phone_url
    }

    /// The phone without its page.
    pub fn phone(&self) -> Phone {
        Phone::new(Arc::clone(&self.logins))
    }

    /// What happened, in order, without personal data.
    pub fn log(&self) -> Vec<Happened> {
        self.logins.journal.read().into_iter().map(|(_, happened)| happened).collect()
    }

    /// What happened and how long after the start of the broker.
    pub fn timed_log(&self) -> Vec<(Duration, Happened)> {
        self.logins.journal.read()
    }

    /// A way to script the next answers.
    pub fn faults(&self) -> Faults {
        Faults::new(Arc::clone(&self.op))
    }

    /// One line of JSON with all that a script needs.
    pub fn announcement(&self) -> String {
        serde_json::json!({
            "issuer": self.issuer(),
            "ca_file": self.ca_file(),
            "config_file": self.config_file(),
            "age_config_file": self.age_config_file(),
            "phone_url": self.phone_url(),
        })
        .to_string()
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.logins.close();
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        // A listener of the phone may be busy on the broker's thread, so the wait has an end.
        let _ = lock(&self.stopped).recv_timeout(Duration::from_millis(900));
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker").field("issuer", &self.op.issuer).finish_non_exhaustive()
    }
}

/// Puts both servers and the listeners' messenger on the current runtime.
fn serve(
    op_listener: TcpListener,
    phone_listener: TcpListener,
    certificates: &certificates::Certificates,
    op: Arc<Op>,
    logins: Arc<Logins>,
) -> Result<(), String> {
    let acceptor = line::Acceptor::new(
        certificates.broker.server()?,
        impostor::Wardrobe::new(certificates)?,
        Arc::clone(&op),
    );
    let refused = |error: std::io::Error| format!("The simulator cannot listen on 127.0.0.1: {error}.");
    let server = axum_server::from_tcp(op_listener)
        .map_err(refused)?
        .acceptor(acceptor)
        .http1_only()
        .serve(broker::router(op).into_make_service());
    let phone_listener = tokio::net::TcpListener::from_std(phone_listener).map_err(refused)?;
    let phone_server = axum::serve(phone_listener, page::router(Phone::new(Arc::clone(&logins))));
    tokio::spawn(server);
    tokio::spawn(async move { phone_server.await });
    tokio::spawn(async move { logins.tell_listeners().await });
    Ok(())
}

fn loopback_port() -> Result<(TcpListener, u16), String> {
    let open = || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        Ok((listener, port))
    };
    open().map_err(|error: std::io::Error| format!("The simulator gets no port on 127.0.0.1: {error}."))
}

/// One reading of the simulator's clock.
#[derive(Clone, Copy)]
struct Now {
    instant: Instant,
    /// Seconds since 1970-01-01 UTC.
    unix: u64,
}

#[expect(clippy::disallowed_methods, reason = "the broker is another machine, with a clock of its own")]
fn now() -> Now {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    Now { instant: Instant::now(), unix }
}

fn random<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| "The system gives no random numbers.".to_owned())?;
    Ok(bytes)
}

/// A thread that panicked leaves whole values behind, so its lock still serves.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
