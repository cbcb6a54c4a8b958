//! The transport: carries out what [`calls`](crate::calls) decides, on one tokio runtime on a thread of its own.
//!
//! Effects go in; news for the flow and notices for the operator come out through the functions given at the start.
//! Whoever drops a [`Net`] gives up what is under way, and the broker is told. A panic of the thread is one of its
//! owner's too.

mod executor;
mod names;
mod pins;
#[cfg(test)]
#[cfg(feature = "simulator")]
mod tests;
mod tls;
mod transport;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc as std_mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use rand::TryRng;
use rand::rngs::SysRng;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

use self::executor::{Executor, Message};
pub use self::pins::RootPins;
pub use self::tls::Roots;
pub use self::transport::Transport;
use crate::calls;
use crate::ciba::Profile;
use crate::flow::{Attempt, Effect, Event, Notice};
use crate::ticket::{Place, Tickets};

/// How long somebody who leaves without a word waits for the broker to hear of it.
const AT_ONCE: Duration = Duration::from_secs(3);

/// What the network has to know.
#[derive(Clone, Debug)]
pub struct Settings {
    pub calls: calls::Settings,
    pub roots: Roots,
    pub root_pins: RootPins,
    pub tickets: Place,
}

#[derive(Debug)]
pub struct Net {
    messages: mpsc::UnboundedSender<Message>,
    thread: Option<JoinHandle<()>>,
    /// The thread has a defect and is about to end.
    failed: Arc<AtomicBool>,
}

impl Net {
    /// Starts the thread. `tell` and `note` are called on it. The error is a sentence.
    pub fn start(
        settings: Settings,
        tell: impl Fn(Event) + Send + Sync + 'static,
        note: impl Fn(&Notice) + Send + Sync + 'static,
    ) -> Result<Net, String> {
        let transport = Transport::new(&settings.roots, &settings.root_pins)?;
        let runtime = runtime()?;
        let tickets = tickets(&settings, &note);
        let mut executor =
            Executor::new(settings, transport, tickets, random()?, Arc::new(tell), Arc::new(note));
        let (messages, inbox) = mpsc::unbounded_channel();
        let failed = Arc::new(AtomicBool::new(false));
        let fails = Arc::clone(&failed);
        let thread = std::thread::Builder::new()
            .name("net".into())
            .spawn(move || {
                let ran = catch_unwind(AssertUnwindSafe(|| runtime.block_on(executor.run(inbox))));
                // A name that is being looked up would hold the end back.
                runtime.shutdown_background();
                if let Err(defect) = ran {
                    rescue(&mut executor);
                    fails.store(true, Ordering::Release);
                    executor.wake_the_owner();
                    resume_unwind(defect);
                }
            })
            .map_err(|error| format!("The network cannot be used: {error}."))?;
        Ok(Net { messages, thread: Some(thread), failed })
    }

    /// Takes the effects that concern the network and leaves the others alone.
    pub fn carry_out(&self, effect: Effect) {
        self.send(Message::Effect(effect));
    }

    /// The login is over: nothing of it stays in this room but a cancel that is under way.
    pub fn end(&self, attempt: Attempt) {
        self.send(Message::End(attempt));
    }

    /// To be called whenever there is news.
    ///
    /// # Panics
    /// With the panic of the thread, if it had one: half a program is worse than none.
    pub fn share_its_end(&mut self) {
        if self.failed.load(Ordering::Acquire) {
            self.join();
        }
    }

    /// Gives up whatever is under way, and waits until the broker has heard it, at most for `patience`.
    ///
    /// # Panics
    /// As [`Net::share_its_end`] does.
    pub fn part(mut self, patience: Duration) {
        self.settle(patience);
        // A thread that failed meanwhile tells nobody before it has cancelled what it can.
        self.join();
    }

    fn join(&mut self) {
        if let Some(Err(defect)) = self.thread.take().map(JoinHandle::join) {
            resume_unwind(defect);
        }
    }

    fn settle(&mut self, patience: Duration) {
        let (done, settled) = std_mpsc::channel();
        self.send(Message::Part(done));
        let _ = settled.recv_timeout(patience);
        // The thread ends when nobody can send to it any more.
        let (closed, _) = mpsc::unbounded_channel();
        self.messages = closed;
    }

    /// A thread that has ended hears nothing, and its end is told otherwise.
    fn send(&self, message: Message) {
        let _ = self.messages.send(message);
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        if !self.messages.is_closed() {
            self.settle(AT_ONCE);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn runtime() -> Result<Runtime, String> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| format!("The network cannot be used: {error}."))
}

/// Where a broker knows no cancel, a ticket is of no use.
fn tickets(settings: &Settings, note: &impl Fn(&Notice)) -> Tickets {
    let calls = &settings.calls;
    let place = match calls.profile {
        Profile::Signaturgruppen => &settings.tickets,
        Profile::Ciba => &Place::Unknown,
    };
    let (tickets, why_not) = Tickets::open(place, &calls.issuer, &calls.client.client_id);
    if let Some(why_not) = why_not {
        note(&Notice::NoTicket(why_not));
    }
    tickets
}

/// Cancels what the thread had under way when it failed, with nothing of what it knew but the tickets.
fn rescue(executor: &mut Executor) {
    // What fails here too is left to the next process.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let rescue = runtime().and_then(|runtime| Ok((runtime, executor.begin_anew(random()?)?)));
        if let Ok((runtime, mut anew)) = rescue {
            let _ = runtime.block_on(async { tokio::time::timeout(AT_ONCE, anew.cancel_all()).await });
            runtime.shutdown_background();
        }
    }));
}

/// From the system's random source. The error is a sentence.
pub fn random<const BYTES: usize>() -> Result<[u8; BYTES], String> {
    let mut random = [0; BYTES];
    SysRng.try_fill_bytes(&mut random).map_err(|_| "The system gives no random numbers.".to_owned())?;
    Ok(random)
}
