//! What the broker's own bytes do to a login: answers as they come from the wire, read by `ciba`.

use zeroize::Zeroizing;

use super::*;
use crate::ciba::{Fault, Reply, authentication, cancel, token};

fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    let header =
        |wanted| headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned());
    let body = Zeroizing::new(body.as_bytes().to_vec());
    Reply { status, retry_after: header("retry-after"), date: header("date"), body }
}

const SERVER_ERROR: &str = r#"{"error":"server_error"}"#;

/// The answer to a poll.
fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> News {
    News::Heard(token::read(&reply(status, headers, body)))
}

/// The answer to the start.
fn started(status: u16, headers: &[(&str, &str)], body: &str) -> News {
    let reply = reply(status, headers, body);
    match authentication::read(&reply) {
        Ok(ack) => News::Acknowledged(ack),
        Err(Fault::Refused { error }) => NotStarted::Refused { error }.into(),
        Err(Fault::Busy { status }) => {
            NotStarted::Busy { status, retry_after: token::retry_after(&reply) }.into()
        }
        Err(Fault::Malformed(clause)) => NotStarted::Malformed { clause }.into(),
    }
}

fn starting() -> Story {
    story().comes_with(cpr()).asks_the_broker()
}

fn asked() -> Story {
    waiting().after(secs(5)).polls()
}

fn pending_by_wire() -> News {
    answered(400, &[], r#"{"error":"authorization_pending"}"#)
}

#[test]
fn row_27_a_start_that_a_broken_server_swallows_may_be_on_the_phone() {
    starting().hears(started(500, &[], "<html>")).ends(Unknown("http_500"));
    starting().hears(started(502, &[], "")).ends(Unknown("http_502"));
    starting().hears(started(504, &[], "")).ends(Unknown("http_504"));
    starting().hears(started(503, &[], "")).ends(Unavailable("http_503"));
}

#[test]
fn row_28_a_server_that_fails_is_asked_again_until_the_login_is_over() {
    for status in [500, 502, 504] {
        let failing = || answered(status, &[], "<html>no</html>");
        let story = asked().hears(failing()).shows_trouble(true).after(secs(5)).polls().hears(failing());
        story.after(secs(10)).polls().hears(pending_by_wire()).shows_trouble(false);
    }
    waiting().hears_for_ever(|| answered(502, &[], "")).at(secs(300)).cancels().ends(Expired);
}

#[test]
fn row_07_a_gateway_that_drops_the_tokens_leaves_the_outcome_unknown() {
    let gone = || answered(400, &[], r#"{"error":"invalid_grant"}"#);
    for (status, body) in
        [(408, ""), (500, "{"), (502, "<html>"), (504, ""), (403, "<html>"), (500, SERVER_ERROR)]
    {
        let story = asked().hears(answered(status, &[], body)).after(secs(5)).polls().hears(gone());
        story.cancels().ends(Unknown("answer_lost"));
    }
    // This one says that nothing was done.
    let story = asked().hears(answered(503, &[], "")).after(secs(5)).polls().hears(gone());
    story.notes("broker_error").cancels().ends(Unavailable("invalid_grant"));
}

#[test]
fn row_40_a_broken_success_after_a_failure_is_still_asked_for_again() {
    let story =
        asked().hears(answered(502, &[], "")).after(secs(5)).polls().hears(answered(200, &[], "<html>"));
    story.after(secs(10)).polls().hears(pending_by_wire()).shows_trouble(false);
}

#[test]
fn row_29_retry_after_of_twenty_seconds_is_twenty_seconds() {
    let busy = answered(503, &[("retry-after", "20")], "");
    asked().hears(busy).after(secs(20)).polls().hears(pending_by_wire()).after(secs(5)).polls();
}

#[test]
fn row_30_retry_after_of_an_hour_ends_the_login_and_cancels_it() {
    asked().hears(answered(503, &[("retry-after", "3600")], "")).cancels().ends(Unavailable("retry_after"));
}

#[test]
fn row_31_a_broker_that_asks_for_quiet_gets_it() {
    let ended = starting()
        .hears(started(429, &[("retry-after", "50")], ""))
        .ends(Unavailable("http_429"))
        .presses(Key::Ok)
        .waits_for(secs(50));
    let quiet = ended.types("6701901234").can_be_sent(false).presses(Key::Ok).waits_for(secs(50));
    let over = quiet.after(ms(49_999)).waits_for(secs(1)).presses(Key::Ok).after(ms(1)).complains(None);
    over.can_be_sent(true).presses(Key::Ok).asks_the_broker();
}

#[test]
fn row_32_too_many_requests_slow_every_later_poll_down() {
    let story = asked().hears(answered(429, &[], "")).after(secs(10)).polls().hears(pending_by_wire());
    story.after(secs(10)).polls().hears(pending_by_wire());
}

#[test]
fn row_33_a_date_to_retry_after_counts_from_the_answers_own_date() {
    // The device's own clock is asked by nobody.
    let years_ago = "Thu, 01 Jan 1970 00:10:00 GMT";
    let busy = |until| answered(503, &[("date", years_ago), ("retry-after", until)], "");
    asked().hears(busy("Thu, 01 Jan 1970 00:10:17 GMT")).after(secs(17)).polls();
    asked().hears(busy("Thu, 01 Jan 1970 00:09:00 GMT")).after(secs(5)).polls();
    let dateless = answered(503, &[("retry-after", "Sun, 01 Jan 2090 00:00:00 GMT")], "");
    asked().hears(dateless).after(secs(5)).polls();
    asked().hears(busy("Sun, 01 Jan 2090 00:00:00 GMT")).cancels().ends(Unavailable("retry_after"));
}

#[test]
fn row_35_without_an_interval_five_seconds_are_between_two_polls() {
    let ack = started(200, &[], r#"{"auth_req_id":"r","expires_in":300}"#);
    starting().hears(ack).after(secs(5)).polls().hears(pending_by_wire()).after(secs(5)).polls();
}

/// The host hears what is wrong, and the screen gets a code.
fn does_not_start(answer: News, broken: &'static str) {
    let ended = starting().hears(answer).notes("broker_contract").tells_the_host(Unavailable(broken));
    ended.shows(Unavailable("broken_answer"));
}

#[test]
fn row_36_an_interval_that_is_none_is_five_seconds_and_one_longer_than_the_login_ends_it() {
    for interval in ["0", "-1", r#""5""#, "null", "[1]"] {
        let ack = format!(r#"{{"auth_req_id":"r","expires_in":300,"interval":{interval}}}"#);
        starting().hears(started(200, &[], &ack)).after(secs(5)).polls();
    }
    let ack = r#"{"auth_req_id":"r","expires_in":300,"interval":1000000000}"#;
    let broken = "broken answer: the interval is longer than the login lives";
    does_not_start(started(200, &[], ack), broken);
}

#[test]
fn row_37_a_login_without_a_life_is_refused_and_none_lives_longer_than_ten_minutes() {
    for life in ["", r#","expires_in":0"#, r#","expires_in":-5"#, r#","expires_in":"300""#] {
        let ack = format!(r#"{{"auth_req_id":"r"{life}}}"#);
        let broken = "broken answer: the acknowledgement has no positive expires_in";
        does_not_start(started(200, &[], &ack), broken);
    }
    let ack = started(200, &[], r#"{"auth_req_id":"r","expires_in":86400}"#);
    starting().hears(ack).has_left(secs(600)).hears_for_ever(pending).at(secs(600)).cancels().ends(Expired);
}

#[test]
fn row_38_a_start_without_a_handle_breaks_the_protocol() {
    let broken = "broken answer: the acknowledgement has no auth_req_id";
    for ack in [r#"{"expires_in":300}"#, r#"{"auth_req_id":"","expires_in":300}"#] {
        does_not_start(started(200, &[], ack), broken);
    }
}

#[test]
fn row_40_a_broken_success_is_no_success_and_the_second_ends_the_login() {
    for body in ["", "<html>", r#"{"id_token":"#, r#"{"access_token":"a"}"#] {
        let story = asked().hears(answered(200, &[], body)).shows_trouble(true).after(secs(5)).polls();
        story.hears(answered(200, &[], body)).cancels().ends(Unknown("answer_lost"));
    }
}

#[test]
fn row_41_what_the_broker_writes_beside_the_code_decides_nothing() {
    let body = r#"{"error":"some_new_code","error_description":"authorization_pending"}"#;
    let ended = asked().hears(answered(400, &[], body)).notes("broker_error").cancels();
    ended.ends(Unavailable("some_new_code"));
}

#[test]
fn row_43_access_denied_is_a_plain_no() {
    asked().hears(answered(400, &[], r#"{"error":"access_denied"}"#)).ends(Rejected);
}

#[test]
fn row_44_the_first_poll_may_already_hear_that_it_is_over() {
    asked().hears(answered(400, &[], r#"{"error":"expired_token"}"#)).ends(Expired);
    let ended = asked().hears(answered(400, &[], r#"{"error":"invalid_grant"}"#));
    ended.notes("broker_error").cancels().ends(Unavailable("invalid_grant"));
}

#[test]
fn row_55_a_cancel_that_nobody_knows_is_done_and_one_that_a_server_drops_is_repeated() {
    for status in [200, 204, 404, 409] {
        assert_eq!(cancel::read(&reply(status, &[], "")), cancel::Cancelled::Done, "{status}");
    }
    for status in [500, 502, 503] {
        assert_eq!(cancel::read(&reply(status, &[], "")), cancel::Cancelled::Retry, "{status}");
    }
}

impl Story {
    /// The page says how long nothing can be started.
    #[track_caller]
    pub(super) fn waits_for(self, left: Duration) -> Story {
        self.complains(Complaint::Wait { left })
    }
}
