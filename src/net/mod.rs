//! The transport of the flow's effects: one tokio runtime on a thread of its own.
//!
//! Effects go in, news comes out through the function given at the start. Each call has a deadline, one poll is
//! under way at most, and what was cancelled tells nothing more but the `auth_req_id` of a start that was late.

mod login;
mod transport;

use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use rand::TryRng;
use rand::rngs::SysRng;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use self::login::Login;
pub use self::login::{Ip, Settings};
pub use self::transport::{Failure, Roots, Stage, Transport};
use crate::flow::{Attempt, Effect, Event};

#[derive(Debug)]
pub struct Net {
    effects: mpsc::UnboundedSender<Message>,
    thread: Option<JoinHandle<()>>,
}

enum Message {
    Effect(Effect),
    /// Answer when every cancel has been told to the broker.
    Settle(std_mpsc::Sender<()>),
}

impl Net {
    /// Starts the thread. `tell` is called on it with each piece of news. The error is a sentence.
    pub fn start(settings: Settings, tell: impl Fn(Event) + Send + Sync + 'static) -> Result<Net, String> {
        let transport = Transport::new(&settings.roots)?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("The network cannot be used: {error}."))?;
        let (effects, inbox) = mpsc::unbounded_channel();
        let login = Arc::new(Login::new(settings, transport, tell));
        let thread = std::thread::Builder::new()
            .name("net".into())
            .spawn(move || {
                runtime.block_on(carry_out(inbox, login));
                // A name that is being looked up would hold the end back.
                runtime.shutdown_background();
            })
            .map_err(|error| format!("The network cannot be used: {error}."))?;
        Ok(Net { effects, thread: Some(thread) })
    }

    /// Takes the effects that concern the network and leaves the others alone.
    pub fn carry_out(&self, effect: Effect) {
        // The receiver lives as long as the thread, and the thread as long as this sender.
        let _ = self.effects.send(Message::Effect(effect));
    }

    /// Waits until what was cancelled is cancelled at the broker too, at most for `patience`.
    pub fn settle(&self, patience: Duration) {
        let (done, settled) = std_mpsc::channel();
        if self.effects.send(Message::Settle(done)).is_ok() {
            let _ = settled.recv_timeout(patience);
        }
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        let (closed, _) = mpsc::unbounded_channel();
        self.effects = closed;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn carry_out(mut inbox: mpsc::UnboundedReceiver<Message>, login: Arc<Login>) {
    let mut poll: Option<(Attempt, AbortHandle)> = None;
    let mut tasks = JoinSet::new();
    // Starts and cancels, which a departing process should see through.
    let mut obligations = JoinSet::new();
    let mut waiting: Vec<std_mpsc::Sender<()>> = Vec::new();
    loop {
        let message = tokio::select! {
            message = inbox.recv() => message,
            Some(_) = tasks.join_next() => continue,
            Some(_) = obligations.join_next() => {
                if obligations.is_empty() {
                    // A receiver that is gone has stopped waiting.
                    waiting.drain(..).for_each(|done| done.send(()).unwrap_or_default());
                }
                continue;
            }
        };
        let login = Arc::clone(&login);
        match message {
            None => return,
            Some(Message::Settle(done)) if obligations.is_empty() => done.send(()).unwrap_or_default(),
            Some(Message::Settle(done)) => waiting.push(done),
            Some(Message::Effect(Effect::Start { attempt, order })) => {
                obligations.spawn(async move { login.start(attempt, order).await });
            }
            Some(Message::Effect(Effect::Poll { attempt, auth_req_id })) => {
                if let Some((_, old)) = poll.take() {
                    old.abort();
                }
                let handle = tasks.spawn(async move { login.poll(attempt, auth_req_id).await });
                poll = Some((attempt, handle));
            }
            Some(Message::Effect(Effect::Cancel { attempt, auth_req_id })) => {
                if let Some((_, under_way)) = poll.take_if(|(of, _)| *of == attempt) {
                    under_way.abort();
                }
                let auth_req_id = match auth_req_id {
                    Some(_) if login.is_abandoned(attempt) => None,
                    Some(auth_req_id) => Some(auth_req_id),
                    None => login.abandon(attempt),
                };
                if let Some(auth_req_id) = auth_req_id {
                    obligations.spawn(async move { login.cancel(auth_req_id).await });
                }
            }
            Some(Message::Effect(Effect::Finish(_) | Effect::Leave | Effect::Note(_))) => {}
        }
    }
}

/// Randomness for the codes of a flow. The error is a sentence.
pub fn seed() -> Result<[u8; 32], String> {
    let mut seed = [0; 32];
    SysRng.try_fill_bytes(&mut seed).map_err(|_| "The system gives no random numbers.".to_owned())?;
    Ok(seed)
}
