//! Every code that a broker is known to say leads to words of its own, and says nothing of who exists.

use super::*;
use Reason::*;

/// Each code of the broker's documents, of its recorded answers and of MitID's own protocol, where a start or a
/// poll can carry it; and what the person is told.
const EVERY_CODE: [(&str, Reason); 30] = [
    ("invalid_grant", Gone),
    ("expired_token", Clock),
    ("invalid_client", Setup),
    ("unauthorized_client", Setup),
    ("invalid_request", Setup),
    ("invalid_request_object", Setup),
    ("invalid_scope", Setup),
    ("invalid_token", Setup),
    ("unsupported_grant_type", Setup),
    ("expired_login_hint_token", Setup),
    ("invalid_binding_message", Setup),
    ("unknown_user_id", Unasked),
    ("missing_user_code", UserCode),
    ("invalid_user_code", UserCode),
    ("transaction_failed", Broken),
    ("server_error", Busy),
    ("temporarily_unavailable", Busy),
    ("mitid_user_aborted", Gone),
    ("user_aborted", Gone),
    ("mitid_timeout", Gone),
    ("mitid_simulation_error_parameter", MitId),
    ("mitid_simulation_unknown_user", Unasked),
    ("control.identity_not_found", Unasked),
    ("control.authentication_session_not_found", Gone),
    ("control.authenticator_cannot_be_started", MitId),
    ("control.invalid_combination_id", MitId),
    ("auth.codeapp.authentication.parallel_sessions_detected", Parallel),
    ("CAP008", Parallel),
    ("TRANS027", TooMany),
    ("mitid_core_client_error", MitId),
];

/// Where MitID's own codes begin.
const OF_MITID: usize = 17;

fn polled(code: &str) -> Page {
    ended(waiting().after(secs(5)).polls().hears(failed(code)))
}

fn started(code: &str) -> Page {
    ended(story().comes_with(cpr()).asks_the_broker().hears(refused(code)))
}

/// The page, whatever else was done.
fn ended(mut story: Story) -> Page {
    story.untold.clear();
    story.flow.view(story.now).page
}

#[test]
fn every_code_has_its_words_bare_and_in_the_brokers_wrapping() {
    for (code, reason) in EVERY_CODE {
        assert_eq!(Reason::of(code), reason, "{code}");
    }
    for (code, reason) in &EVERY_CODE[OF_MITID..] {
        assert_eq!(Reason::of(&format!("mitid_flex_app.mitid_error_{code}")), *reason, "{code}");
    }
    assert_eq!(Reason::of("mitid_flex_app.mitid_error_new"), MitId);
}

#[test]
fn a_code_that_ends_a_poll_is_on_the_screen_word_for_word_unless_it_tells_who_exists() {
    for (code, reason) in EVERY_CODE {
        let neutral = matches!(reason, Unasked | UserCode);
        let (reason, error) = if neutral { (Unasked, "not_started") } else { (reason, code) };
        assert_eq!(polled(code), Page::Unavailable { reason, error: error.into() }, "{code}");
    }
    let unheard = "something_that_nobody_has_documented";
    assert_eq!(polled(unheard), Page::Unavailable { reason: Unheard, error: unheard.into() });
}

#[test]
fn a_start_tells_of_a_person_only_what_the_person_has_to_act_on() {
    for code in ["control.identity_not_found", "S3", "mitid_timeout", "control.invalid_combination_id"] {
        let page = started(&format!("mitid_flex_app.mitid_error_{code}"));
        assert_eq!(page, Page::Unavailable { reason: Unasked, error: "not_started".into() }, "{code}");
        assert_eq!(page, started("unknown_user_id"));
    }
    for (code, reason) in [("CAP008", Parallel), ("TRANS027", TooMany)] {
        let code = format!("mitid_flex_app.mitid_error_{code}");
        assert_eq!(started(&code), Page::Unavailable { reason, error: code });
    }
}

#[test]
fn a_broker_that_was_not_reached_is_the_network_and_a_clock_is_a_clock() {
    for (cause, reason, error) in [
        // A person needs no words of the network's in English.
        (Cause::words("connection refused"), Network, ""),
        (Cause::words("timeout"), Network, ""),
        (Cause::code("clock"), Clock, "clock"),
        (Cause::status(502), Busy, "http_502"),
        (Cause::Malformed("discovery is not one JSON object"), Broken, "broken_answer"),
    ] {
        let page = ended(story().comes_with(cpr()).asks_the_broker().hears(NotStarted::NotSent(cause)));
        assert_eq!(page, Page::Unavailable { reason, error: error.into() });
    }
}

#[test]
fn no_try_is_offered_where_none_can_help() {
    for (code, reason) in EVERY_CODE {
        let ended = waiting().after(secs(5)).polls().hears(failed(code));
        let ended = ended.forgets_what_was_done();
        let again = ended.after(secs(2)).presses(Key::Ok);
        match reason {
            TooMany | Resting | Setup => again.leaves().shows(Entering),
            _ => again.does_nothing().shows(Entering),
        };
    }
    let closed = waiting().after(secs(5)).polls().hears(failed("TRANS027")).forgets_what_was_done();
    closed.taps(Control::Again).shows(Unavailable("TRANS027")).taps(Control::Close).leaves();
}

#[test]
fn a_person_that_mitid_has_closed_for_is_not_asked_again_from_here_for_ten_minutes() {
    for (code, wait) in [("TRANS027", 600), ("CAP008", 60)] {
        let limits = Limits { person: Vec::new(), device: None, people: None, ..Limits::default() };
        let asked = Story::of(super::Settings { limits, ..settings() }).types("6701901234").presses(Key::Ok);
        let asked = asked.asks_the_broker().hears(acknowledged(secs(5))).after(secs(5)).polls();
        let ended = asked.hears(failed(code)).forgets_what_was_done().presses(Key::Back).leaves();
        let again = ended.types("6701901234").presses(Key::Ok).does_nothing();
        again.complains(Complaint::Wait { left: secs(wait) });
    }
}

impl Story {
    /// Cancels and notices are told elsewhere.
    #[track_caller]
    fn forgets_what_was_done(mut self) -> Story {
        self.untold.clear();
        self
    }
}
