//! Does what is to be done and hears how it went; decides nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{AbortHandle, JoinError, JoinSet};
use tokio::time::sleep;

use super::transport::Transport;
use crate::calls::{Calls, Do, Failure, Heard, Now, Settings, Stage, Task};
use crate::clock;
use crate::flow::{Effect, Event, Notice};

pub(super) enum Message {
    Effect(Effect),
    /// Answer when no start is open and every cancel has been told to the broker.
    Settle(Sender<()>),
}

pub(super) struct Executor {
    calls: Calls,
    transport: Arc<Transport>,
    random: StdRng,
    tell: Box<dyn Fn(Event) + Send + Sync>,
    note: Box<dyn Fn(&Notice) + Send + Sync>,
    running: JoinSet<(Task, Heard)>,
    handles: HashMap<Task, AbortHandle>,
    settling: Vec<Sender<()>>,
}

impl Executor {
    pub(super) fn new(
        settings: Settings,
        transport: Transport,
        seed: [u8; 32],
        tell: Box<dyn Fn(Event) + Send + Sync>,
        note: Box<dyn Fn(&Notice) + Send + Sync>,
    ) -> Executor {
        Executor {
            calls: Calls::new(settings),
            transport: Arc::new(transport),
            random: StdRng::from_seed(seed),
            tell,
            note,
            running: JoinSet::new(),
            handles: HashMap::new(),
            settling: Vec::new(),
        }
    }

    /// Runs until the other end of the channel is gone.
    pub(super) async fn run(mut self, mut inbox: UnboundedReceiver<Message>) {
        loop {
            let todo = tokio::select! {
                message = inbox.recv() => match message {
                    None => return,
                    Some(Message::Effect(effect)) => {
                        let now = self.now();
                        self.calls.carry_out(effect, &now)
                    }
                    Some(Message::Settle(done)) => {
                        self.settling.push(done);
                        Vec::new()
                    }
                },
                Some(ended) = self.running.join_next() => {
                    let Some((task, heard)) = self.heard(ended) else { continue };
                    let now = self.now();
                    self.calls.hear(task, heard, &now)
                }
            };
            todo.into_iter().for_each(|one| self.carry_out(one));
            if !self.calls.has_obligations() {
                // A receiver that is gone has stopped waiting.
                self.settling.drain(..).for_each(|done| done.send(()).unwrap_or_default());
            }
        }
    }

    fn carry_out(&mut self, one: Do) {
        match one {
            Do::Send { task, call, within } => {
                let transport = Arc::clone(&self.transport);
                self.run_for(task, async move {
                    match transport.send(&call, within).await {
                        Ok(reply) => Heard::Reply(reply),
                        Err(failure) => Heard::Failed(failure),
                    }
                });
            }
            Do::Wait { task, pause } => self.run_for(task, async move {
                sleep(pause).await;
                Heard::Waited
            }),
            Do::Locate { task, url } => {
                let transport = Arc::clone(&self.transport);
                self.run_for(task, async move { Heard::Address(transport.local_address(&url).await) });
            }
            Do::Drop { task } => {
                if let Some(handle) = self.handles.remove(&task) {
                    handle.abort();
                }
            }
            Do::Tell(event) => (self.tell)(event),
            Do::Note(notice) => (self.note)(&notice),
        }
    }

    fn run_for(&mut self, task: Task, work: impl Future<Output = Heard> + Send + 'static) {
        let handle = self.running.spawn(async move { (task, work.await) });
        self.handles.insert(task, handle);
    }

    /// `None` for what was dropped.
    fn heard(&mut self, ended: Result<(Task, Heard), JoinError>) -> Option<(Task, Heard)> {
        let (task, heard) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                let (task, _) = self.handles.iter().find(|(_, handle)| handle.id() == error.id())?;
                let reason = "this program failed".into();
                (*task, Heard::Failed(Failure { stage: Stage::NoAnswer, reason }))
            }
        };
        self.handles.remove(&task);
        Some((task, heard))
    }

    fn now(&mut self) -> Now {
        let mut random = [0; 16];
        self.random.fill_bytes(&mut random);
        Now { uptime: clock::uptime(), unix: clock::unix(), random }
    }
}
