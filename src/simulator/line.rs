//! One TLS connection that the broker can break on purpose, at a chosen byte of its answer.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use axum::{Extension, Router};
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::lock;

type Tls = <RustlsAcceptor as Accept<TcpStream, Router>>::Stream;

/// The handle by which a request's handler breaks the connection that it came on.
#[derive(Clone, Default)]
pub(super) struct Line(Arc<Mutex<Cut>>);

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Cut {
    #[default]
    Whole,
    /// Let the head of the next answer through and so many bytes of its body.
    InBody(usize),
    /// End at once, without a goodbye; or with a reset, if the client has nothing to read from us.
    Now { reset: bool },
}

impl Line {
    /// Not one byte more.
    pub(super) fn cut(&self) {
        *lock(&self.0) = Cut::Now { reset: true };
    }

    /// So many bytes of the body of the next answer, and then not one more.
    pub(super) fn cut_in_body(&self, bytes: usize) {
        *lock(&self.0) = Cut::InBody(bytes);
    }
}

/// Shakes hands by TLS and gives each request its [`Line`].
#[derive(Clone)]
pub(super) struct Acceptor(RustlsAcceptor);

impl Acceptor {
    pub(super) fn new(config: RustlsConfig) -> Acceptor {
        Acceptor(RustlsAcceptor::new(config))
    }
}

impl Accept<TcpStream, Router> for Acceptor {
    type Stream = Breakable;
    type Service = Router;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Breakable, Router)>> + Send>>;

    fn accept(&self, stream: TcpStream, router: Router) -> Self::Future {
        let handshake = self.0.accept(stream, router);
        Box::pin(async move {
            let (tls, router) = handshake.await?;
            let line = Line::default();
            Ok((Breakable { tls, line: line.clone() }, router.layer(Extension(line))))
        })
    }
}

pub(super) struct Breakable {
    tls: Tls,
    line: Line,
}

impl Breakable {
    fn broken(&self, reset: bool) -> io::Error {
        if reset {
            // Without lingering, closing sends a reset instead of an orderly end.
            let _ = self.tls.get_ref().0.set_zero_linger();
        }
        ErrorKind::ConnectionReset.into()
    }

    fn cut(&self) -> Cut {
        *lock(&self.line.0)
    }
}

impl AsyncRead for Breakable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_read(cx, buf)
    }
}

impl AsyncWrite for Breakable {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.cut() {
            Cut::Whole => Pin::new(&mut self.tls).poll_write(cx, buf),
            Cut::InBody(bytes) => {
                // Head and body of a short answer come in one buffer; a head alone lets nothing be cut yet.
                let head = buf.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4);
                let end = buf.len().min(head + bytes);
                let written = ready!(Pin::new(&mut self.tls).poll_write(cx, &buf[..end]))?;
                let rest = bytes.saturating_sub(written.saturating_sub(head));
                *lock(&self.line.0) = if rest == 0 { Cut::Now { reset: false } } else { Cut::InBody(rest) };
                Poll::Ready(Ok(written))
            }
            Cut::Now { reset } => {
                // What was let through must reach the client before the end does.
                ready!(Pin::new(&mut self.tls).poll_flush(cx))?;
                Poll::Ready(Err(self.broken(reset)))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.tls).poll_flush(cx))?;
        match self.cut() {
            Cut::Now { reset } => Poll::Ready(Err(self.broken(reset))),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.cut() {
            Cut::Now { reset } => Poll::Ready(Err(self.broken(reset))),
            _ => Pin::new(&mut self.tls).poll_shutdown(cx),
        }
    }
}
