//! The transport: carries out what [`calls`](crate::calls) decides, on one tokio runtime on a thread of its own.
//!
//! Effects go in; news for the flow and notices for the operator come out through the functions given at the start.

mod executor;
mod names;
mod pins;
#[cfg(test)]
#[cfg(feature = "simulator")]
mod tests;
mod tls;
mod transport;

use std::sync::mpsc as std_mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use rand::TryRng;
use rand::rngs::SysRng;
use tokio::runtime::Builder;
use tokio::sync::mpsc;

use self::executor::{Executor, Message};
pub use self::pins::RootPins;
pub use self::tls::Roots;
pub use self::transport::Transport;
use crate::calls;
use crate::flow::{Effect, Event, Notice};

/// What the network has to know.
#[derive(Clone, Debug)]
pub struct Settings {
    pub calls: calls::Settings,
    pub roots: Roots,
    pub root_pins: RootPins,
}

#[derive(Debug)]
pub struct Net {
    messages: mpsc::UnboundedSender<Message>,
    thread: Option<JoinHandle<()>>,
}

impl Net {
    /// Starts the thread. `tell` and `note` are called on it. The error is a sentence.
    pub fn start(
        settings: Settings,
        tell: impl Fn(Event) + Send + Sync + 'static,
        note: impl Fn(&Notice) + Send + Sync + 'static,
    ) -> Result<Net, String> {
        let transport = Transport::new(&settings.roots, &settings.root_pins)?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("The network cannot be used: {error}."))?;
        let (messages, inbox) = mpsc::unbounded_channel();
        let executor = Executor::new(settings.calls, transport, random()?, Box::new(tell), Box::new(note));
        let thread = std::thread::Builder::new()
            .name("net".into())
            .spawn(move || {
                runtime.block_on(executor.run(inbox));
                // A name that is being looked up would hold the end back.
                runtime.shutdown_background();
            })
            .map_err(|error| format!("The network cannot be used: {error}."))?;
        Ok(Net { messages, thread: Some(thread) })
    }

    /// Takes the effects that concern the network and leaves the others alone.
    pub fn carry_out(&self, effect: Effect) {
        // The receiver lives as long as the thread, and the thread as long as this sender.
        let _ = self.messages.send(Message::Effect(effect));
    }

    /// Waits until what was cancelled is cancelled at the broker too, at most for `patience`.
    pub fn settle(&self, patience: Duration) {
        let (done, settled) = std_mpsc::channel();
        if self.messages.send(Message::Settle(done)).is_ok() {
            let _ = settled.recv_timeout(patience);
        }
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        let (closed, _) = mpsc::unbounded_channel();
        self.messages = closed;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// From the system's random source. The error is a sentence.
pub fn random<const BYTES: usize>() -> Result<[u8; BYTES], String> {
    let mut random = [0; BYTES];
    SysRng.try_fill_bytes(&mut random).map_err(|_| "The system gives no random numbers.".to_owned())?;
    Ok(random)
}
