//! One TLS connection that the broker can break on purpose, at a chosen byte of its answer.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use axum::{Extension, Router};
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::broker::Op;
use super::impostor::Wardrobe;
use super::lock;

type Tls = <RustlsAcceptor as Accept<TcpStream, Router>>::Stream;

/// The handle by which a request's handler breaks the connection that it came on.
#[derive(Clone, Default)]
pub(super) struct Line(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    cut: Cut,
    /// Who waits for the next request.
    reader: Option<Waker>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Cut {
    #[default]
    Whole,
    /// Let the head of the next answer through and so many bytes of its body.
    InBody(usize),
    /// Let the head of the next answer through and so many bytes of its body, and then one byte at a time.
    Drip { at_once: usize, every: Duration },
    /// Take no further request.
    AfterAnswer,
    /// End at once, without a goodbye; or with a reset, if the client has nothing to read from us.
    Now { reset: bool },
}

impl Line {
    /// Not one byte more.
    pub(super) fn cut(&self) {
        self.set(Cut::Now { reset: true });
    }

    /// So many bytes of the body of the next answer, and then not one more.
    pub(super) fn cut_in_body(&self, bytes: usize) {
        self.set(Cut::InBody(bytes));
    }

    /// So many bytes of the body of the next answer, and then one each time that so long has passed.
    pub(super) fn drip(&self, at_once: usize, every: Duration) {
        self.set(Cut::Drip { at_once, every });
    }

    fn set(&self, cut: Cut) {
        lock(&self.0).cut = cut;
    }

    fn get(&self) -> Cut {
        lock(&self.0).cut
    }
}

/// The connections that are open.
#[derive(Default)]
pub(super) struct Lines(Mutex<Vec<Weak<Mutex<State>>>>);

impl Lines {
    fn add(&self, line: &Line) {
        let mut lines = lock(&self.0);
        lines.retain(|line| line.strong_count() > 0);
        lines.push(Arc::downgrade(&line.0));
    }

    pub(super) fn open(&self) -> usize {
        lock(&self.0).iter().filter(|line| line.strong_count() > 0).count()
    }

    pub(super) fn hang_up(&self) {
        for line in lock(&self.0).iter().filter_map(Weak::upgrade) {
            let mut state = lock(&line);
            state.cut = Cut::AfterAnswer;
            if let Some(reader) = state.reader.take() {
                reader.wake();
            }
        }
    }
}

/// Shakes hands by TLS and gives each request its [`Line`], unless an impostor takes the connection.
#[derive(Clone)]
pub(super) struct Acceptor {
    tls: RustlsAcceptor,
    wardrobe: Arc<Wardrobe>,
    op: Arc<Op>,
}

impl Acceptor {
    pub(super) fn new(config: RustlsConfig, wardrobe: Wardrobe, op: Arc<Op>) -> Acceptor {
        Acceptor { tls: RustlsAcceptor::new(config), wardrobe: Arc::new(wardrobe), op }
    }
}

impl Accept<TcpStream, Router> for Acceptor {
    type Stream = Breakable;
    type Service = Router;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Breakable, Router)>> + Send>>;

    fn accept(&self, stream: TcpStream, router: Router) -> Self::Future {
        if let Some(impostor) = self.op.script.take_impostor() {
            let (wardrobe, op) = (Arc::clone(&self.wardrobe), Arc::clone(&self.op));
            return Box::pin(async move {
                wardrobe.take(impostor, stream, &op).await;
                Err(ErrorKind::ConnectionAborted.into())
            });
        }
        let handshake = self.tls.accept(stream, router);
        let op = Arc::clone(&self.op);
        Box::pin(async move {
            let (tls, router) = handshake.await?;
            let line = Line::default();
            op.script.lines.add(&line);
            Ok((Breakable { tls, line: line.clone(), pause: None }, router.layer(Extension(line))))
        })
    }
}

pub(super) struct Breakable {
    tls: Tls,
    line: Line,
    /// Before the next byte of an answer that drips.
    pause: Option<Pin<Box<Sleep>>>,
}

impl Breakable {
    fn broken(&self, reset: bool) -> io::Error {
        if reset {
            // Without lingering, closing sends a reset instead of an orderly end.
            let _ = self.tls.get_ref().0.set_zero_linger();
        }
        ErrorKind::ConnectionReset.into()
    }

    /// Writes the head, if it is in `buf`, and so many bytes more; tells how many of those are left.
    fn write_some(
        &mut self,
        cx: &mut Context<'_>,
        buf: &[u8],
        bytes: usize,
    ) -> Poll<io::Result<(usize, usize)>> {
        // Head and body of a short answer come in one buffer; a head alone lets nothing be cut yet.
        let head = buf.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4);
        let end = buf.len().min(head + bytes);
        let written = ready!(Pin::new(&mut self.tls).poll_write(cx, &buf[..end]))?;
        Poll::Ready(Ok((written, bytes.saturating_sub(written.saturating_sub(head)))))
    }

    fn write_a_drop(&mut self, cx: &mut Context<'_>, buf: &[u8], every: Duration) -> Poll<io::Result<usize>> {
        // What was written may still lie in the TLS session.
        ready!(Pin::new(&mut self.tls).poll_flush(cx))?;
        ready!(self.pause.get_or_insert_with(|| Box::pin(sleep(every))).as_mut().poll(cx));
        self.pause = None;
        Pin::new(&mut self.tls).poll_write(cx, &buf[..buf.len().min(1)])
    }
}

impl AsyncRead for Breakable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        {
            let mut state = lock(&self.line.0);
            if state.cut == Cut::AfterAnswer {
                // As if the client had closed: the server then closes in good order.
                return Poll::Ready(Ok(()));
            }
            state.reader = Some(cx.waker().clone());
        }
        Pin::new(&mut self.tls).poll_read(cx, buf)
    }
}

impl AsyncWrite for Breakable {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.line.get() {
            Cut::Whole | Cut::AfterAnswer => Pin::new(&mut self.tls).poll_write(cx, buf),
            Cut::InBody(bytes) => {
                let (written, rest) = ready!(self.write_some(cx, buf, bytes))?;
                self.line.set(if rest == 0 { Cut::Now { reset: false } } else { Cut::InBody(rest) });
                Poll::Ready(Ok(written))
            }
            Cut::Drip { at_once: 0, every } => self.write_a_drop(cx, buf, every),
            Cut::Drip { at_once, every } => {
                let (written, at_once) = ready!(self.write_some(cx, buf, at_once))?;
                self.line.set(Cut::Drip { at_once, every });
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
        match self.line.get() {
            Cut::Now { reset } => Poll::Ready(Err(self.broken(reset))),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.line.get() {
            Cut::Now { reset } => Poll::Ready(Err(self.broken(reset))),
            _ => Pin::new(&mut self.tls).poll_shutdown(cx),
        }
    }
}
