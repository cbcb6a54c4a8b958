//! One request, one answer: TLS, deadlines, bounds, and no redirects.

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use reqwest::header::{ACCEPT, AGE, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, redirect};
use rustls::{CertificateError, ClientConfig};
use tokio::net::UdpSocket;
use url::Url;
use zeroize::Zeroizing;

use super::names::Names;
use super::pins::{NotPinned, RootPins};
use super::tls::{self, Roots};
use crate::calls::{Failure, Stage, Unsafe, Why};
use crate::ciba::{Call, Method, Reply};

/// Enough for any answer of a broker; more is cut off.
const LARGEST_BODY: usize = 256 * 1024;
/// Enough for any head of an answer.
const LARGEST_HEAD: usize = 32 * 1024;
const CONNECT: Duration = Duration::from_secs(10);
/// A connection that nobody answers on is given up after this, so that waking from sleep does not hang.
const UNANSWERED: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub struct Transport {
    client: Client,
    tls: ClientConfig,
    names: Names,
}

impl Transport {
    /// The error is a sentence about the certificates.
    pub fn new(roots: &Roots, pins: &RootPins) -> Result<Transport, String> {
        Transport::with(roots, pins, Names::of_the_system())
    }

    pub(super) fn with(roots: &Roots, pins: &RootPins, names: Names) -> Result<Transport, String> {
        Transport::assemble(tls::configuration(roots, pins)?, names)
    }

    /// The same without any of its connections.
    pub(super) fn anew(&self) -> Result<Transport, String> {
        Transport::assemble(self.tls.clone(), self.names.clone())
    }

    fn assemble(tls: ClientConfig, names: Names) -> Result<Transport, String> {
        let builder = Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .https_only(true)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .tcp_user_timeout(UNANSWERED)
            .dns_resolver(names.clone())
            .user_agent(concat!("flexlogin/", env!("CARGO_PKG_VERSION")));
        let client =
            builder.build().map_err(|error| format!("The network cannot be used: {}.", why(&error)))?;
        Ok(Transport { client, tls, names })
    }

    /// Makes one call and reads its answer to the end, all within `deadline`.
    pub async fn send(&self, call: &Call, deadline: Duration) -> Result<Reply, Failure> {
        let mut request = match call.method {
            Method::Get => self.client.get(call.url.clone()),
            Method::Post => self.client.post(call.url.clone()),
            Method::Delete => self.client.delete(call.url.clone()),
        };
        request = request.header(ACCEPT, "application/json").timeout(deadline);
        if let Some(authorization) = &call.authorization {
            let mut value = HeaderValue::from_str(authorization.expose()).map_err(|_| Failure {
                stage: Stage::NotSent,
                why: Why::network("the client id or secret cannot stand in a header"),
            })?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(form) = &call.form {
            request = request
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.expose().to_owned());
        }
        if let Some(json) = &call.json {
            request = request.header(CONTENT_TYPE, "application/json").body(json.expose().to_owned());
        }
        let mut response = request.send().await.map_err(|error| Failure {
            stage: if error.is_connect() || error.is_builder() { Stage::NotSent } else { Stage::NoAnswer },
            why: why(&error),
        })?;
        let status = response.status().as_u16();
        let broken = |why| Failure { stage: Stage::BrokenBody { status }, why };
        let head: usize =
            response.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if head > LARGEST_HEAD {
            return Err(broken(Why::network("the head of the answer is too large")));
        }
        let mut body = Zeroizing::new(Vec::with_capacity(4096));
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(why(&error)))? {
            if body.len() + chunk.len() > LARGEST_BODY {
                return Err(broken(Why::network("the answer is too large")));
            }
            body.extend_from_slice(&chunk);
        }
        let header = |name: HeaderName| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        // What a cache kept was dated when it was made.
        let date = header(DATE).filter(|_| !response.headers().contains_key(AGE));
        Ok(Reply { status, retry_after: header(RETRY_AFTER), date, body })
    }

    /// The address that packets towards the URL leave from. Connecting a UDP socket sends nothing.
    pub(super) async fn local_address(&self, url: &Url) -> Option<IpAddr> {
        let host = url.host_str()?.trim_matches(['[', ']']);
        let mut broker = *self.names.look_up(host).await.ok()?.first()?;
        broker.set_port(url.port_or_known_default()?);
        let any: IpAddr =
            if broker.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind((any, 0)).await.ok()?;
        socket.connect(broker).await.ok()?;
        Some(socket.local_addr().ok()?.ip())
    }
}

/// A short reason out of a chain of errors. The outer errors hold the URL, and a URL may hold an `auth_req_id`.
fn why(error: &reqwest::Error) -> Why {
    if error.is_timeout() {
        return Why::Timeout;
    }
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    let mut last = None;
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return match tls {
                rustls::Error::Other(other) if other.0.is::<NotPinned>() => Why::NotPinned,
                rustls::Error::InvalidCertificate(
                    CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
                ) => Why::Tls(Unsafe::NotYetValid),
                rustls::Error::InvalidCertificate(
                    CertificateError::Expired | CertificateError::ExpiredContext { .. },
                ) => Why::Tls(Unsafe::Expired),
                rustls::Error::InvalidCertificate(
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                ) => Why::Tls(Unsafe::OtherName),
                tls => Why::Tls(Unsafe::Other(tls.to_string())),
            };
        }
        let io = error.downcast_ref::<io::Error>();
        if let Some(io) = io {
            last = Some(match io.kind() {
                io::ErrorKind::ConnectionRefused => Why::network("connection refused"),
                io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                    Why::network("connection reset")
                }
                io::ErrorKind::UnexpectedEof => Why::network("connection closed"),
                io::ErrorKind::TimedOut => Why::Timeout,
                io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
                    Why::network("no network")
                }
                _ if io.to_string().contains("lookup address") => Why::network("the name cannot be resolved"),
                kind => Why::Network(kind.to_string()),
            });
        }
        // An `io::Error` leaves what it holds out of its sources.
        cause = match io.and_then(io::Error::get_ref) {
            Some(held) => Some(held),
            None => error.source(),
        };
    }
    last.unwrap_or_else(|| {
        Why::network(if error.is_connect() { "cannot connect" } else { "connection closed" })
    })
}
