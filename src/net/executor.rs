//! Does what is to be done and hears how it went; decides nothing.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{AbortHandle, JoinError, JoinSet};
use tokio::time::sleep;

use super::Settings;
use super::transport::Transport;
use crate::calls::{Calls, Do, Heard, Now, Task};
use crate::clock;
use crate::flow::{Attempt, Effect, Event, Notice};
use crate::memory;
use crate::ticket::Tickets;

pub(super) enum Message {
    Effect(Effect),
    /// This login is over.
    End(Attempt),
    /// Give up whatever is under way, and answer when the broker has heard it.
    Part(Sender<()>),
}

pub(super) struct Executor {
    settings: Settings,
    calls: Calls,
    transport: Arc<Transport>,
    /// Connections of the transport may hold what went over them.
    used: bool,
    tickets: Tickets,
    random: StdRng,
    tell: Arc<dyn Fn(Event) + Send + Sync>,
    note: Arc<dyn Fn(&Notice) + Send + Sync>,
    running: JoinSet<(Task, Heard)>,
    handles: HashMap<Task, AbortHandle>,
    parting: Vec<Sender<()>>,
}

impl Executor {
    pub(super) fn new(
        settings: Settings,
        transport: Transport,
        tickets: Tickets,
        seed: [u8; 32],
        tell: Arc<dyn Fn(Event) + Send + Sync>,
        note: Arc<dyn Fn(&Notice) + Send + Sync>,
    ) -> Executor {
        Executor {
            calls: Calls::new(settings.calls.clone()),
            settings,
            transport: Arc::new(transport),
            used: false,
            tickets,
            random: StdRng::from_seed(seed),
            tell,
            note,
            running: JoinSet::new(),
            handles: HashMap::new(),
            parting: Vec::new(),
        }
    }

    /// Runs until the other end of the channel is gone.
    pub(super) async fn run(&mut self, mut inbox: UnboundedReceiver<Message>) {
        self.take_back();
        loop {
            tokio::select! {
                message = inbox.recv() => match message {
                    None => return,
                    Some(message) => self.obey(message),
                },
                Some(ended) = self.running.join_next() => self.hear(ended),
            }
            if !self.calls.has_obligations() {
                // A receiver that is gone has stopped waiting.
                self.parting.drain(..).for_each(|done| done.send(()).unwrap_or_default());
            }
            self.rest();
            memory::wipe_the_stack();
        }
    }

    /// Tells the broker that every login of these tickets is given up.
    pub(super) async fn cancel_all(&mut self) {
        let now = self.now();
        let todo = self.calls.take_back(self.tickets.held(), &now);
        self.carry_out(todo);
        while !self.calls.is_idle()
            && let Some(ended) = self.running.join_next().await
        {
            self.hear(ended);
        }
    }

    /// With the same tickets and nothing else of what happened until now. The error is a sentence.
    pub(super) fn begin_anew(&mut self, seed: [u8; 32]) -> Result<Executor, String> {
        let transport = self.transport.anew()?;
        let tickets = std::mem::take(&mut self.tickets);
        let (tell, note) = (Arc::clone(&self.tell), Arc::clone(&self.note));
        Ok(Executor::new(self.settings.clone(), transport, tickets, seed, tell, note))
    }

    pub(super) fn wake_the_owner(&self) {
        // It may be the owner's own function that failed.
        let _ = catch_unwind(AssertUnwindSafe(|| (self.tell)(Event::Woke)));
    }

    fn take_back(&mut self) {
        let now = self.now();
        let left_behind = self.tickets.left_behind(now.uptime);
        if !left_behind.is_empty() {
            (self.note)(&Notice::LeftBehind { logins: left_behind.len() });
        }
        let todo = self.calls.take_back(left_behind, &now);
        self.carry_out(todo);
    }

    fn obey(&mut self, message: Message) {
        let now = self.now();
        let todo = match message {
            Message::Effect(effect) => self.calls.carry_out(effect, &now),
            Message::End(attempt) => self.calls.end(attempt),
            Message::Part(done) => {
                self.parting.push(done);
                self.calls.abandon(&now)
            }
        };
        self.carry_out(todo);
    }

    fn hear(&mut self, ended: Result<(Task, Heard), JoinError>) {
        match ended {
            Ok((task, heard)) => {
                self.handles.remove(&task);
                let now = self.now();
                let todo = self.calls.hear(task, heard, &now);
                self.carry_out(todo);
            }
            Err(error) => {
                if let Ok(defect) = error.try_into_panic() {
                    resume_unwind(defect);
                }
            }
        }
    }

    /// Between logins no connection is kept: its buffers hold what went over it.
    fn rest(&mut self) {
        if self.used
            && self.calls.is_idle()
            && self.running.is_empty()
            && let Ok(fresh) = self.transport.anew()
        {
            self.transport = Arc::new(fresh);
            self.used = false;
        }
    }

    fn carry_out(&mut self, todo: Vec<Do>) {
        todo.into_iter().for_each(|one| self.carry_out_one(one));
    }

    fn carry_out_one(&mut self, one: Do) {
        match one {
            Do::Send { task, call, within } => {
                self.used = true;
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
            Do::Keep(auth_req_id) => {
                // A login goes on without its ticket.
                if let Err(why) = self.tickets.keep(auth_req_id, clock::uptime()) {
                    (self.note)(&Notice::NoTicket(why));
                }
            }
            Do::Forget(auth_req_id) => self.tickets.forget(&auth_req_id),
            Do::Tell(event) => (self.tell)(event),
            Do::Note(notice) => (self.note)(&notice),
        }
    }

    fn run_for(&mut self, task: Task, work: impl Future<Output = Heard> + Send + 'static) {
        let handle = self.running.spawn(async move { (task, work.await) });
        self.handles.insert(task, handle);
    }

    fn now(&mut self) -> Now {
        let mut random = [0; 16];
        self.random.fill_bytes(&mut random);
        Now { uptime: clock::uptime(), unix: clock::unix(), random }
    }
}
