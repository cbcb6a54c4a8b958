//! What the flow did and what there is to see, told step by step; and how a story fails.

use super::*;

/// A page, in the words of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Idle,
    Closed,
    Entering,
    /// A code is offered, and nothing can be typed.
    Offering,
    /// A code is asked for.
    Coming,
    /// A code is there to be scanned.
    Code,
    /// It was there, and whoever scanned it may still be logging in.
    Withdrawn,
    Starting,
    Waiting,
    Approved(&'static str),
    ApprovedNameless,
    OldEnough,
    TooYoung,
    Rejected,
    Expired,
    Cancelled,
    /// The page tells nothing; the host hears the clause.
    Refused(&'static str),
    Unavailable(&'static str),
    Unknown(&'static str),
}

impl Story {
    // What the flow does.

    /// One start goes out, and no other is under way.
    #[track_caller]
    pub(super) fn asks_the_broker(mut self) -> Story {
        let next = self.orders.len() as u64 + 1;
        match self.untold.pop_front() {
            Some(Effect::Start { attempt, order }) if attempt == Attempt(next) => self.orders.push(order),
            other => self.fails_with(&format!("the start of login {next}"), other),
        }
        self.sent_at = self.now;
        let seen = if self.flow.is_for_whoever_scans() { Coming } else { Starting };
        self.told("asks the broker").shows(seen)
    }

    /// A poll goes out one margin from now, no sooner and no later.
    #[track_caller]
    pub(super) fn polls(self) -> Story {
        self.after(MARGIN).polls_at_once()
    }

    #[track_caller]
    pub(super) fn polls_at_once(mut self) -> Story {
        let expected = self.flow.attempt();
        match self.untold.pop_front() {
            Some(Effect::Poll { attempt, auth_req_id })
                if attempt == expected && auth_req_id == id_of(attempt.0) => {}
            other => self.fails_with("a poll", other),
        }
        self.told("polls")
    }

    /// The login is cancelled at the broker.
    #[track_caller]
    pub(super) fn cancels(self) -> Story {
        let attempt = self.flow.attempt();
        self.cancels_login(attempt.0)
    }

    #[track_caller]
    pub(super) fn cancels_login(mut self, number: u64) -> Story {
        match self.untold.pop_front() {
            Some(Effect::Cancel { attempt, auth_req_id: Some(id) })
                if attempt == Attempt(number) && id == id_of(number) => {}
            other => self.fails_with(&format!("that login {number} is cancelled at the broker"), other),
        }
        self.told("cancels")
    }

    /// The start is given up before its id is known.
    #[track_caller]
    pub(super) fn drops_the_start(mut self) -> Story {
        let expected = self.flow.attempt();
        match self.untold.pop_front() {
            Some(Effect::Cancel { attempt, auth_req_id: None }) if attempt == expected => {}
            other => self.fails_with("that the start is dropped", other),
        }
        self.told("drops the start")
    }

    #[track_caller]
    pub(super) fn leaves(mut self) -> Story {
        match self.untold.pop_front() {
            Some(Effect::Leave) => {}
            other => self.fails_with("that the screen is left", other),
        }
        self.told("leaves")
    }

    /// The operator is told, in a line with this code.
    #[track_caller]
    pub(super) fn notes(mut self, code: &str) -> Story {
        match self.untold.pop_front() {
            Some(Effect::Note(notice)) if notice.code() == code => {}
            other => self.fails_with(&format!("the notice {code}"), other),
        }
        self.told(&format!("notes {code}"))
    }

    #[track_caller]
    pub(super) fn does_nothing(self) -> Story {
        self.nothing_is_untold();
        self.told("does nothing")
    }

    /// The login is over: the host is told so, and the page says the same.
    #[track_caller]
    pub(super) fn ends(self, end: Seen) -> Story {
        self.tells_the_host(end).shows(end)
    }

    #[track_caller]
    pub(super) fn tells_the_host(mut self, end: Seen) -> Story {
        match self.untold.pop_front() {
            Some(Effect::Finish(outcome)) if matches_outcome(end, &outcome) => {}
            other => self.fails_with(&format!("that the host hears {end:?}"), other),
        }
        self.told(&format!("ends {end:?}"))
    }

    // What there is to see.

    /// The page, and nothing more done.
    #[track_caller]
    pub(super) fn shows(self, seen: Seen) -> Story {
        self.nothing_is_untold_before(&format!("{seen:?} on the screen"));
        if !matches_page(seen, &self.page()) {
            self.fails(&format!("{seen:?} on the screen"));
        }
        self
    }

    #[track_caller]
    pub(super) fn says(self, language: Language) -> Story {
        self.expects("language", &language, &self.view().language);
        self
    }

    /// What is left to be seen in half a second; `•` stands for a masked character.
    #[track_caller]
    pub(super) fn shows_typed(self, expected: &str) -> Story {
        let typed = typed(&self.flow.view(self.now + ms(500)));
        self.expects("text in the field", &expected, &typed.as_str());
        self
    }

    /// What is seen at this instant.
    #[track_caller]
    pub(super) fn shows_now(self, expected: &str) -> Story {
        self.expects("text in the field now", &expected, &typed(&self.view()).as_str());
        self
    }

    /// What the key that shows and hides would do.
    #[track_caller]
    pub(super) fn offers(self, expected: impl Into<Option<Toggle>>) -> Story {
        self.expects("offer to show or hide", &expected.into(), &self.enter().toggle);
        self
    }

    #[track_caller]
    pub(super) fn overlaid(self, expected: impl Into<Option<Overlay>>) -> Story {
        self.expects("overlay", &expected.into(), &self.view().overlay);
        self
    }

    #[track_caller]
    pub(super) fn complains(self, expected: impl Into<Option<Complaint>>) -> Story {
        self.expects("complaint", &expected.into(), &self.enter().complaint);
        self
    }

    /// The on-screen key that the focus is on; `None` is no focus.
    #[track_caller]
    pub(super) fn focuses(self, expected: impl Into<Option<Cap>>) -> Story {
        let enter = self.enter();
        self.expects("focus", &expected.into(), &enter.focus.and_then(|at| enter.pad.cap(at)));
        self
    }

    #[track_caller]
    pub(super) fn can_be_sent(self, expected: bool) -> Story {
        self.expects("complete", &expected, &self.enter().complete);
        self
    }

    #[track_caller]
    pub(super) fn shows_trouble(self, expected: bool) -> Story {
        self.expects("troubled", &expected, &self.waits().troubled);
        self
    }

    #[track_caller]
    pub(super) fn has_left(self, expected: Duration) -> Story {
        self.expects("time left", &expected, &self.waits().left);
        self
    }

    #[track_caller]
    pub(super) fn scans(&self) -> crate::flow::Scanning {
        match self.page() {
            Page::Scan(scanning) => scanning,
            _ => self.fails("the page with a code"),
        }
    }

    pub(super) fn view(&self) -> View {
        self.flow.view(self.now)
    }

    pub(super) fn page(&self) -> Page {
        self.view().page
    }

    #[track_caller]
    fn enter(&self) -> crate::flow::Enter {
        match self.page() {
            Page::Enter(enter) => enter,
            _ => self.fails("the enter page"),
        }
    }

    #[track_caller]
    pub(super) fn waits(&self) -> crate::flow::Waiting {
        match self.page() {
            Page::Waiting(waiting) => waiting,
            _ => self.fails("the waiting page"),
        }
    }

    // How a story fails.

    fn told(mut self, words: &str) -> Story {
        self.said.push(words.to_owned());
        self
    }

    #[track_caller]
    pub(super) fn expects<T: PartialEq + std::fmt::Debug>(&self, what: &str, expected: &T, found: &T) {
        if expected != found {
            self.fails(&format!("{what} {expected:?} (it is {found:?})"));
        }
    }

    #[track_caller]
    pub(super) fn nothing_is_untold(&self) {
        self.nothing_is_untold_before("nothing more");
    }

    #[track_caller]
    fn nothing_is_untold_before(&self, expected: &str) {
        if !self.untold.is_empty() {
            self.fails(expected);
        }
    }

    #[track_caller]
    fn fails_with(&mut self, expected: &str, found: Option<Effect>) -> ! {
        self.untold.extend(found);
        self.untold.rotate_right(1.min(self.untold.len()));
        self.fails(expected)
    }

    #[track_caller]
    pub(super) fn fails(&self, expected: &str) -> ! {
        let happened: Vec<String> = self.untold.iter().map(|effect| format!("{effect:?}")).collect();
        panic!(
            "the story: {}\nat {:?} after the start\n  expected: {expected}\n  happened: {}\n  page:     {:?}\n  wakes:    {:?}",
            self.said.join(", "),
            self.since_the_start(self.now),
            if happened.is_empty() { "nothing".to_owned() } else { happened.join(", ") },
            self.page(),
            self.flow.wake_at().map(|at| self.since_the_start(at)),
        )
    }

    pub(super) fn since_the_start(&self, at: Duration) -> Duration {
        at.saturating_sub(self.sent_at)
    }
}

impl Drop for Story {
    /// What nobody told must not have happened.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.nothing_is_untold();
        }
    }
}

fn matches_page(seen: Seen, page: &Page) -> bool {
    match (seen, page) {
        (Approved(name), Page::Approved(approved)) => approved.first_name.as_deref() == Some(name),
        (ApprovedNameless, Page::Approved(approved)) => approved.first_name.is_none(),
        (OldEnough, Page::AgeTold(answer)) => answer.is_old_enough,
        (TooYoung, Page::AgeTold(answer)) => !answer.is_old_enough,
        (Unavailable(expected), Page::Unavailable { error, .. }) => error == expected,
        (Unknown(expected), Page::Unknown { error }) => error == expected,
        (Coming, Page::Scan(page)) => page.code == ScanCode::Coming,
        (Code, Page::Scan(page)) => matches!(&page.code, ScanCode::Shown(uri) if uri.expose() == URI),
        (Withdrawn, Page::Scan(page)) => page.code == ScanCode::Withdrawn,
        (Idle, Page::Idle(_))
        | (Closed, Page::Closed(_))
        | (Entering, Page::Enter(_))
        | (Offering, Page::Offer { .. })
        | (Starting, Page::Starting)
        | (Waiting, Page::Waiting(_))
        | (Rejected, Page::Rejected)
        | (Expired, Page::Expired)
        | (Cancelled, Page::Cancelled)
        | (Refused(_), Page::Refused) => true,
        _ => false,
    }
}

fn matches_outcome(seen: Seen, outcome: &Outcome) -> bool {
    match (seen, outcome) {
        (Refused(expected), Outcome::Refused(clause)) => clause.to_string() == expected,
        (Unavailable(expected), Outcome::Unavailable(cause))
        | (Unknown(expected), Outcome::Unknown(cause)) => cause.to_string() == expected,
        (OldEnough, Outcome::AgeTold(answer)) => answer.is_old_enough,
        (TooYoung, Outcome::AgeTold(answer)) => !answer.is_old_enough,
        (Approved(_) | ApprovedNameless, Outcome::Approved { .. })
        | (Rejected, Outcome::Rejected)
        | (Expired, Outcome::Expired)
        | (Cancelled, Outcome::Cancelled) => true,
        _ => false,
    }
}

fn typed(view: &View) -> String {
    match &view.page {
        Page::Enter(enter) => enter.typed.iter().map(|character| character.unwrap_or('•')).collect(),
        page => page.name().to_owned(),
    }
}
