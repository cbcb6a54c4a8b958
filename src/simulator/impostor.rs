//! Who may take a connection in the broker's place: a portal, an old server, nobody at all.

use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::broker::Op;
use super::certificates::Certificates;
use super::journal::Happened;

/// One connection that does not reach the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Impostor {
    /// Resets the connection before a word is said.
    Reset,
    /// Takes the connection, and never says anything.
    Mute,
    /// Has a certificate by the broker's authority, for another name.
    OtherName,
    /// Has the broker's certificate of last month.
    Expired,
    /// Has the broker's certificate of tomorrow.
    NotYetValid,
    /// Has a certificate for the broker's name, by an authority of its own.
    OtherAuthority,
    /// Answers the client's first words with these bytes, without TLS.
    Plain(Vec<u8>),
}

/// What the impostors wear.
pub(super) struct Wardrobe {
    other_name: RustlsConfig,
    expired: RustlsConfig,
    not_yet_valid: RustlsConfig,
    other_authority: RustlsConfig,
}

impl Wardrobe {
    pub(super) fn new(certificates: &Certificates) -> Result<Wardrobe, String> {
        Ok(Wardrobe {
            other_name: certificates.other_name.server()?,
            expired: certificates.expired.server()?,
            not_yet_valid: certificates.not_yet_valid.server()?,
            other_authority: certificates.other_authority.server()?,
        })
    }

    /// Plays the impostor to the end of the connection.
    pub(super) async fn take(&self, impostor: Impostor, mut stream: TcpStream, op: &Op) {
        let note = |trusted| op.logins.journal.write(Happened::Impersonated { trusted });
        let config = match impostor {
            Impostor::Reset => {
                // Without lingering, closing sends a reset instead of an orderly end.
                let _ = stream.set_zero_linger();
                return note(false);
            }
            Impostor::Mute => {
                note(false);
                while stream.read(&mut [0; 1024]).await.is_ok_and(|length| length > 0) {}
                return;
            }
            Impostor::Plain(bytes) => return note(speak_plainly(&mut stream, &bytes).await),
            Impostor::OtherName => &self.other_name,
            Impostor::Expired => &self.expired,
            Impostor::NotYetValid => &self.not_yet_valid,
            Impostor::OtherAuthority => &self.other_authority,
        };
        // The handshake ends well only with a client that believed the certificate.
        note(RustlsAcceptor::new(config.clone()).accept(stream, ()).await.is_ok());
    }
}

/// Whether the client said anything but a TLS greeting, and after the answer anything but an alert (RFC 8446 5.1).
async fn speak_plainly(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    const ALERT: u8 = 21;
    const HANDSHAKE: u8 = 22;
    let greeting = record(stream).await;
    if stream.write_all(bytes).await.is_err() {
        return greeting != Some(HANDSHAKE);
    }
    let mut spoke = greeting != Some(HANDSHAKE);
    while let Some(kind) = record(stream).await {
        spoke |= kind != ALERT;
    }
    spoke
}

/// Reads one TLS record, or what little of something else, and gives the type that its first byte stands for.
async fn record(stream: &mut TcpStream) -> Option<u8> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).await.ok()?;
    if (20..=23).contains(&head[0]) {
        let mut content = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
        // What is cut short has been said all the same.
        let _ = stream.read_exact(&mut content).await;
    }
    Some(head[0])
}
