//! Stands where the executor stands: keeps what is under way, and lets it end as the test says.

use std::collections::VecDeque;

use super::*;
use crate::ciba::{ClientAuth, Hint, Method, Secret};
use crate::flow::Order;

pub(super) const BUILT: u64 = 1_790_000_000;
/// The true time when a test begins.
pub(super) const TODAY: u64 = 1_800_000_000;

pub(super) const DISCOVERY: &str = "/op/.well-known/openid-configuration";
pub(super) const START: &str = "/op/connect/ciba";
pub(super) const TOKEN: &str = "/op/connect/token";
pub(super) const JWKS: &str = "/op/jwks";
pub(super) const CANCEL: &str = "/op/api/v1/ciba/id-1";

pub(super) struct Desk {
    pub(super) calls: Calls,
    pub(super) uptime: Duration,
    /// The system's wall clock minus the true time, in seconds.
    pub(super) wrong_by: i64,
    /// Whether answers have a `Date`.
    pub(super) dated: bool,
    pub(super) draws: u64,
    pub(super) under_way: Vec<(Task, Do)>,
    pub(super) told: VecDeque<News>,
    pub(super) notes: Vec<Notice>,
    /// What is written down for the next process.
    pub(super) kept: Vec<AuthReqId>,
}

pub(super) fn settings(auth: ClientAuth) -> Settings {
    Settings {
        issuer: Issuer::parse("https://op.example/op").unwrap(),
        profile: Profile::Signaturgruppen,
        client: Client { client_id: "tv-1".into(), auth },
        id_token_alg: Algorithm::Es256,
        scope: "openid mitid".into(),
        action: Action::LogOn,
        ip: Ip::Fixed("192.0.2.7".parse().unwrap()),
        terms: Terms::default(),
        built: BUILT,
    }
}

pub(super) fn secret() -> ClientAuth {
    ClientAuth::SecretPost("word".into())
}

pub(super) fn assertion() -> ClientAuth {
    ClientAuth::SecretJwt("a client secret of 32 bytes or so".into())
}

pub(super) fn desk() -> Desk {
    Desk::with(settings(secret()))
}

/// A desk where the login with this number waits for its first poll.
pub(super) fn waiting_desk() -> Desk {
    let mut desk = desk();
    desk.comes_to_wait(1);
    desk
}

impl Desk {
    pub(super) fn with(settings: Settings) -> Desk {
        Desk {
            calls: Calls::new(settings),
            uptime: secs(50),
            wrong_by: 0,
            dated: true,
            draws: 0,
            under_way: Vec::new(),
            told: VecDeque::new(),
            notes: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// The true time.
    pub(super) fn true_unix(&self) -> u64 {
        TODAY + self.uptime.as_secs() - 50
    }

    pub(super) fn now(&mut self) -> Now {
        self.draws += 1;
        let mut random = [9; 16];
        random[..8].copy_from_slice(&self.draws.to_be_bytes());
        Now { uptime: self.uptime, unix: self.true_unix().saturating_add_signed(self.wrong_by), random }
    }

    pub(super) fn passes(&mut self, time: Duration) {
        self.uptime += time;
    }

    pub(super) fn starts(&mut self, attempt: u64) {
        self.starts_for(attempt, Hint::Cpr("6701901234".into()));
    }

    pub(super) fn starts_for(&mut self, attempt: u64, hint: Hint) {
        let order = Order {
            hint,
            reference_text: format!("Kode {attempt}"),
            reference_id: "r".into(),
            ciba_nonce: "n".into(),
            user_code: None,
        };
        self.does(Effect::Start { attempt: Attempt(attempt), order });
    }

    pub(super) fn polls(&mut self, attempt: u64) {
        self.does(Effect::Poll { attempt: Attempt(attempt), auth_req_id: id(attempt) });
    }

    pub(super) fn cancels(&mut self, attempt: u64) {
        self.does(Effect::Cancel { attempt: Attempt(attempt), auth_req_id: Some(id(attempt)) });
    }

    pub(super) fn gives_up(&mut self, attempt: u64) {
        self.does(Effect::Cancel { attempt: Attempt(attempt), auth_req_id: None });
    }

    pub(super) fn comes_to_wait(&mut self, attempt: u64) {
        self.starts(attempt);
        if self.is_asked(DISCOVERY) {
            self.answers(DISCOVERY, discovery());
        }
        self.answers(START, acknowledged(attempt));
        assert!(matches!(self.news(), News::Acknowledged(_)));
    }

    /// The flow has come to an end with this login.
    pub(super) fn ends(&mut self, attempt: u64) {
        let todo = self.calls.end(Attempt(attempt));
        self.takes(todo);
    }

    pub(super) fn abandons(&mut self) {
        let now = self.now();
        let todo = self.calls.abandon(&now);
        self.takes(todo);
    }

    pub(super) fn takes_back(&mut self, left_behind: Vec<AuthReqId>) {
        let now = self.now();
        let todo = self.calls.take_back(left_behind, &now);
        self.takes(todo);
    }

    fn does(&mut self, effect: Effect) {
        let now = self.now();
        let todo = self.calls.carry_out(effect, &now);
        self.takes(todo);
    }

    fn hears(&mut self, task: Task, heard: Heard) {
        let now = self.now();
        let todo = self.calls.hear(task, heard, &now);
        self.takes(todo);
    }

    fn takes(&mut self, todo: Vec<Do>) {
        for one in todo {
            match one {
                Do::Send { task, .. } | Do::Wait { task, .. } | Do::Locate { task, .. } => {
                    assert!(self.under_way.iter().all(|(other, _)| *other != task), "a task has one name");
                    self.under_way.push((task, one));
                }
                Do::Drop { task } => {
                    let before = self.under_way.len();
                    self.under_way.retain(|(other, _)| *other != task);
                    assert_eq!(self.under_way.len() + 1, before, "only what is under way is dropped");
                }
                Do::Keep(id) => self.kept.push(id),
                Do::Forget(id) => self.kept.retain(|kept| *kept != id),
                Do::Tell(Event::News(_, news)) => self.told.push_back(news),
                Do::Tell(event) => panic!("{event:?}"),
                Do::Note(notice) => self.notes.push(notice),
            }
        }
        let polls = self.under_way.iter().filter(|(_, one)| path_of(one) == Some(TOKEN)).count();
        assert!(polls <= 1, "one poll at most is under way");
    }

    /// The request under way to this path, which is no more under way.
    #[track_caller]
    pub(super) fn sent(&mut self, path: &str) -> (Task, Call, Duration) {
        let at = self.under_way.iter().position(|(_, one)| path_of(one) == Some(path));
        let at = at.unwrap_or_else(|| panic!("nothing is sent to {path}: {:?}", self.under_way));
        match self.under_way.remove(at) {
            (task, Do::Send { call, within, .. }) => (task, call, within),
            (_, other) => panic!("{other:?}"),
        }
    }

    /// The request under way to this path, which stays under way.
    #[track_caller]
    pub(super) fn under_way_to(&mut self, path: &str) -> (Task, Call, Duration) {
        let (task, call, within) = self.sent(path);
        self.under_way.push((task, Do::Send { task, call: call.clone(), within }));
        (task, call, within)
    }

    pub(super) fn is_asked(&self, path: &str) -> bool {
        self.under_way.iter().any(|(_, one)| path_of(one) == Some(path))
    }

    #[track_caller]
    pub(super) fn answers(&mut self, path: &str, mut reply: Reply) {
        let (task, _, _) = self.sent(path);
        if self.dated && reply.date.is_none() {
            reply.date = Some(date_of(self.true_unix()));
        }
        self.hears(task, Heard::Reply(reply));
    }

    #[track_caller]
    pub(super) fn fails(&mut self, path: &str, stage: Stage) {
        self.fails_for(path, stage, Why::network("connection reset"));
    }

    #[track_caller]
    pub(super) fn fails_for(&mut self, path: &str, stage: Stage, why: Why) {
        let (task, _, _) = self.sent(path);
        self.hears(task, Heard::Failed(Failure { stage, why }));
    }

    /// Nothing comes until the request's own end.
    #[track_caller]
    pub(super) fn hangs(&mut self, path: &str) {
        let (task, _, within) = self.sent(path);
        self.passes(within);
        self.hears(task, Heard::Failed(Failure { stage: Stage::NoAnswer, why: Why::Timeout }));
    }

    /// The one wait that is under way ends; gives its length.
    #[track_caller]
    pub(super) fn waits(&mut self) -> Duration {
        let at = self.under_way.iter().position(|(_, one)| matches!(one, Do::Wait { .. }));
        let at = at.unwrap_or_else(|| panic!("nothing waits: {:?}", self.under_way));
        let (task, Do::Wait { pause, .. }) = self.under_way.remove(at) else { unreachable!() };
        self.passes(pause);
        self.hears(task, Heard::Waited);
        pause
    }

    #[track_caller]
    pub(super) fn is_at(&mut self, address: Option<&str>) {
        let at = self.under_way.iter().position(|(_, one)| matches!(one, Do::Locate { .. })).unwrap();
        let (task, _) = self.under_way.remove(at);
        self.hears(task, Heard::Address(address.map(|address| address.parse().unwrap())));
    }

    /// The oldest piece of news.
    #[track_caller]
    pub(super) fn news(&mut self) -> News {
        self.told.pop_front().expect("there is news")
    }

    #[track_caller]
    pub(super) fn not_started(&mut self) -> NotStarted {
        match self.news() {
            News::NotStarted(why) => why,
            other => panic!("{other:?}"),
        }
    }

    /// Nothing is under way and nothing is told.
    #[track_caller]
    pub(super) fn is_idle(&self) {
        assert!(self.under_way.is_empty(), "{:?}", self.under_way);
        assert!(self.told.is_empty(), "{:?}", self.told);
        assert!(!self.calls.has_obligations());
    }

    /// An answer to something that is not under way.
    pub(super) fn hears_late(&mut self, task: Task, reply: Reply) {
        self.hears(task, Heard::Reply(reply));
    }
}

pub(super) fn id(attempt: u64) -> AuthReqId {
    AuthReqId(Secret::new(format!("id-{attempt}")))
}

fn path_of(one: &Do) -> Option<&str> {
    match one {
        Do::Send { call, .. } => {
            assert_eq!(call.method == Method::Delete, call.url.path().contains("/api/v1/"));
            Some(call.url.path())
        }
        _ => None,
    }
}
