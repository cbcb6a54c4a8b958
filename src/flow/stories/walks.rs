//! What holds on every way through the flow, however odd: ten thousand walks of a drunkard with a bad network.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::ciba::token::Pause;

#[test]
fn no_walk_leads_astray() {
    let mut tally = Tally::default();
    for seed in 0..10_000 {
        let mut walk = Walk::new(seed);
        for _ in 0..60 {
            walk.takes_a_step();
        }
        walk.comes_home(&mut tally);
    }
    // The walks are worth something only if they come everywhere.
    for (what, count) in [
        ("starts", tally.starts),
        ("acknowledged", tally.acknowledged),
        ("approved", tally.approved),
        ("cancelled at the broker", tally.cancelled),
        ("polls", tally.polls),
    ] {
        assert!(count > 1000, "only {count} {what}");
    }
}

#[derive(Default)]
struct Tally {
    starts: usize,
    acknowledged: usize,
    approved: usize,
    cancelled: usize,
    polls: usize,
}

/// One login, as the outside sees it.
#[derive(Default)]
struct Login {
    sent_at: Duration,
    acknowledged: bool,
    cancelled: bool,
    finished: usize,
    /// It ended by the broker's last word, so there is nothing to cancel.
    settled: bool,
    asked: bool,
    interval: Duration,
    not_before: Duration,
    deadline: Duration,
}

struct Walk {
    seed: u64,
    chance: StdRng,
    flow: Flow,
    now: Duration,
    logins: Vec<Login>,
    approved: usize,
    polls: usize,
    trail: Vec<String>,
}

impl Walk {
    fn new(seed: u64) -> Walk {
        let mut chance = StdRng::seed_from_u64(seed);
        let settings = Settings {
            patience: secs(chance.random_range(30..600)),
            retries: [Retries::Never, Retries::AfterInvalidClient, Retries::AfterInvalidClientOrExpiredToken]
                [chance.random_range(0..3)],
            limits: if chance.random_range(0..4) == 0 { Limits::default() } else { Limits::none() },
            ..settings()
        };
        let flow = Flow::new(settings, [9; 32]);
        Walk {
            seed,
            chance,
            flow,
            now: BEGINNING,
            logins: Vec::new(),
            approved: 0,
            polls: 0,
            trail: Vec::new(),
        }
    }

    fn takes_a_step(&mut self) {
        self.lets_time_pass();
        let event = self.happens();
        self.meets(event);
    }

    fn lets_time_pass(&mut self) {
        match self.chance.random_range(0..10) {
            0..4 => {}
            4..6 => self.now += ms(self.chance.random_range(0..3000)),
            // Asleep, or the process was stopped for a while.
            6 => self.now += secs(self.chance.random_range(0..400)),
            _ => {
                let starting = matches!(self.flow.view(self.now).page, Page::Starting);
                let patient = starting && self.chance.random_range(0..10) > 0;
                if let Some(at) = self.flow.wake_at().filter(|_| !patient) {
                    self.now = self.now.max(at);
                    self.meets(Event::Woke);
                }
            }
        }
    }

    fn happens(&mut self) -> Event {
        let page = self.flow.view(self.now).page;
        let likely = self.chance.random_range(0..10) < 6;
        match page {
            Page::Enter(_) if likely => Event::Given { hint: cpr(), user_code: None },
            Page::Starting if likely => self.news(|_| acknowledged_for(secs(3), secs(120))),
            Page::Waiting(_) if likely => self.news(some_answer),
            _ => match self.chance.random_range(0..8) {
                0 | 1 => Event::Pressed(self.some_key()),
                2 => Event::Tapped(self.some_control()),
                3 => Event::Given { hint: cpr(), user_code: None },
                4 => Event::Woke,
                5 => self.news(|_| acknowledged(secs(5))),
                6 if self.chance.random_range(0..4) == 0 => Event::Leave,
                _ => self.news(some_answer),
            },
        }
    }

    /// Mostly of the last login, now and then of an earlier one.
    fn news(&mut self, of: fn(&mut StdRng) -> News) -> Event {
        let last = self.flow.attempt().0;
        let attempt =
            if self.chance.random_range(0..5) == 0 { self.chance.random_range(0..=last) } else { last };
        let mut news = of(&mut self.chance);
        if let News::Acknowledged(ack) = &mut news {
            ack.auth_req_id = id_of(attempt);
        }
        if attempt == 0 { Event::Woke } else { Event::News(Attempt(attempt), news) }
    }

    fn some_key(&mut self) -> Key {
        let keys = [
            Key::Ok,
            Key::Back,
            Key::Up,
            Key::Left,
            Key::Right,
            Key::Down,
            Key::Erase,
            Key::Blue,
            Key::Red,
            Key::Green,
            Key::Digit(6),
            Key::Character('-'),
        ];
        keys[self.chance.random_range(0..keys.len())]
    }

    fn some_control(&mut self) -> Control {
        let controls = [
            Control::Cap(self.chance.random_range(0..14)),
            Control::Hold(11),
            Control::Sight,
            Control::Privacy,
            Control::Continue,
            Control::Cancel,
            Control::Again,
            Control::Close,
            Control::Language,
        ];
        controls[self.chance.random_range(0..controls.len())]
    }

    fn meets(&mut self, event: Event) {
        self.trail.push(format!("{:?} {event:?}", self.now - BEGINNING));
        let live_before = self.live();
        let told = self.note(&event);
        let effects = self.flow.update(event, self.now);
        self.trail.push(format!("    {effects:?}"));
        let starts = effects.iter().filter(|effect| matches!(effect, Effect::Start { .. })).count();
        self.holds(starts <= 1, "one event is one start at the most");
        for effect in effects {
            match effect {
                Effect::Start { attempt, .. } => self.sees_a_start(attempt),
                Effect::Poll { attempt, auth_req_id } => self.sees_a_poll(attempt, &auth_req_id),
                Effect::Cancel { attempt, auth_req_id } => self.sees_a_cancel(attempt, auth_req_id),
                Effect::Finish(outcome) => self.sees_an_end(live_before, &outcome),
                Effect::Leave | Effect::Display(_) | Effect::Note(_) => {}
            }
        }
        if let Some(told) = told {
            self.follows(told, live_before);
        }
        self.is_sound();
    }

    /// Notes what the outside knows from an event: which login it is about, and whether it is the last word.
    fn note(&mut self, event: &Event) -> Option<Told> {
        let Event::News(Attempt(attempt), news) = event else { return None };
        let number = *attempt as usize - 1;
        let too_late = self.logins[number].acknowledged && self.now >= self.logins[number].deadline;
        let login = &mut self.logins[number];
        match news {
            News::Acknowledged(ack) if !login.acknowledged => {
                login.acknowledged = true;
                Some(Told { number, first_ack: Some(ack.clone()), slower: false, last_word: false })
            }
            News::Acknowledged(_) | News::NotStarted(_) => None,
            _ if !login.asked || too_late => None,
            answer => {
                login.asked = false;
                let slower = matches!(answer, News::Heard(Answer::SlowDown(_)));
                let last_word = matches!(
                    answer,
                    News::Granted(_)
                        | News::Untrusted(_)
                        | News::Unverifiable(_)
                        | News::Heard(Answer::Denied | Answer::Expired | Answer::InvalidGrant | Answer::Lost)
                );
                Some(Told { number, first_ack: None, slower, last_word })
            }
        }
    }

    fn follows(&mut self, told: Told, live_before: Option<usize>) {
        let (now, patience) = (self.now, self.flow.settings.patience);
        let login = &mut self.logins[told.number];
        if let Some(ack) = told.first_ack {
            login.interval = ack.interval;
            login.not_before = now + ack.interval;
            login.deadline = login.sent_at + ack.expires_in.min(patience);
            let cancelled = login.cancelled;
            let late = live_before != Some(told.number) || login.finished > 0;
            self.holds(!late || cancelled, "a login that is acknowledged too late is cancelled");
        } else {
            login.settled = told.last_word && login.finished > 0;
            login.interval += if told.slower { secs(5) } else { Duration::ZERO };
            login.not_before = now + login.interval;
        }
    }

    fn sees_a_start(&mut self, attempt: Attempt) {
        self.holds(self.live().is_none(), "one login at a time");
        self.holds(attempt.0 as usize == self.logins.len() + 1, "every login has a number of its own");
        self.logins.push(Login { sent_at: self.now, ..Login::default() });
    }

    fn sees_a_poll(&mut self, attempt: Attempt, id: &AuthReqId) {
        self.polls += 1;
        let number = attempt.0 as usize - 1;
        self.holds(self.live() == Some(number), "no poll after the end");
        self.holds(*id == id_of(attempt.0), "a poll asks for its own login");
        let (now, login) = (self.now, &mut self.logins[number]);
        let asked = std::mem::replace(&mut login.asked, true);
        let (too_early, too_late) = (now < login.not_before, now >= login.deadline);
        self.holds(!asked, "one poll at a time");
        self.holds(!too_early, "no poll before the interval is over");
        self.holds(!too_late, "no poll after the deadline");
    }

    fn sees_a_cancel(&mut self, attempt: Attempt, id: Option<AuthReqId>) {
        let number = attempt.0 as usize - 1;
        let Some(id) = id else { return };
        self.holds(id == id_of(attempt.0), "a cancel is of its own login");
        self.holds(self.logins[number].acknowledged, "only a login with an id is cancelled by it");
        self.logins[number].cancelled = true;
    }

    fn sees_an_end(&mut self, live_before: Option<usize>, outcome: &Outcome) {
        let Some(number) = live_before else {
            let refused =
                matches!(outcome, Outcome::Unavailable(cause) if *cause == Cause::code("too_many_tries"));
            let left = matches!(outcome, Outcome::Cancelled);
            self.holds(left || refused, "without a login there is only the leaving and the limit");
            return;
        };
        let login = &mut self.logins[number];
        login.finished += 1;
        let once = login.finished == 1;
        self.approved += usize::from(matches!(outcome, Outcome::Approved { .. }));
        self.holds(once, "each end is reached once");
    }

    fn is_sound(&self) {
        let page = self.flow.view(self.now).page;
        let under_way = matches!(page, Page::Starting | Page::Waiting(_));
        self.holds(under_way == self.live().is_some(), "the page tells whether a login is under way");
        let open =
            |login: &Login| login.finished > 0 && login.acknowledged && !login.settled && !login.cancelled;
        self.holds(!self.logins.iter().any(open), "what ends without the broker's last word is cancelled");
        let awake = self.flow.wake_at().is_none_or(|at| at > self.now);
        self.holds(awake, "nothing is due that could be done now");
    }

    fn comes_home(mut self, tally: &mut Tally) {
        self.meets(Event::Leave);
        self.holds(self.live().is_none(), "who leaves has no login under way");
        let ended_once = self.logins.iter().all(|login| login.finished == 1);
        self.holds(ended_once, "every start has one end");
        tally.starts += self.logins.len();
        tally.acknowledged += self.logins.iter().filter(|login| login.acknowledged).count();
        tally.cancelled += self.logins.iter().filter(|login| login.cancelled).count();
        tally.approved += self.approved;
        tally.polls += self.polls;
    }

    /// The login that has begun and not ended.
    fn live(&self) -> Option<usize> {
        self.logins.iter().position(|login| login.finished == 0)
    }

    #[track_caller]
    fn holds(&self, held: bool, rule: &str) {
        assert!(held, "walk {}: {rule}\n{}", self.seed, self.trail.join("\n"));
    }
}

/// What a piece of news is to the outside.
struct Told {
    number: usize,
    first_ack: Option<Acknowledgement>,
    slower: bool,
    /// If the login ends with this, there is nothing to cancel.
    last_word: bool,
}

fn some_answer(chance: &mut StdRng) -> News {
    match chance.random_range(0..25) {
        0..7 => pending(),
        7..9 => slow_down(),
        9 => silence(),
        10 => lost_answer(),
        11 => busy(),
        12 => busy_for(secs(chance.random_range(1..200))),
        13 => Answer::SlowDown(Pause { retry_after: Some(secs(9)), interval: Some(secs(2)) }).into(),
        14 => Answer::Denied.into(),
        15 => Answer::Expired.into(),
        16 => Answer::InvalidGrant.into(),
        17 => failed("invalid_request").into(),
        18 => Answer::Lost.into(),
        19 => Untrusted::Issuer.into(),
        20 => News::Unverifiable(Cause::words("no keys")),
        21 => Answer::InvalidClient.into(),
        22 => refused("unknown_user_id").into(),
        _ => anna(),
    }
}
