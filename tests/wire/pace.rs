//! When the broker is asked. Each broker here calls a poll early that comes before a second has passed.

use std::time::{Duration, UNIX_EPOCH};

use flexlogin::clock;
use flexlogin::simulator::{Broker, Endpoint, Fault, Happened};

use crate::device::*;

#[test]
fn one_poll_is_under_way_at_most_and_none_is_early() {
    let broker = Broker::start(by_hand()).unwrap();
    // Longer than the interval.
    broker.faults().next(Endpoint::Token, Fault::Delay(millis(2500)));
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.until("three polls more", |_| polls(&broker).len() == 4);
    let since = |happened: &[Happened]| {
        let log = broker.timed_log();
        let at = log.windows(happened.len()).find(|few| few.iter().map(|(_, one)| one).eq(happened));
        at.unwrap_or_else(|| panic!("{happened:?} is not in {log:?}"))[0].0
    };
    let polled = Happened::Polled { too_early: false };
    // Nothing came between the slow poll and its answer, and the next waited from then on.
    let arrived = since(&[Happened::Interfered(Endpoint::Token), polled.clone()]);
    let answered = since(&[polled.clone(), polled.clone()]);
    assert!(answered - arrived >= millis(2500));
    let gaps: Vec<Duration> = polls(&broker).windows(2).map(|two| two[1] - two[0]).collect();
    assert!(gaps[1..].iter().all(|gap| (secs(1)..secs(4)).contains(gap)), "{gaps:?}");
}

#[test]
fn row_34_slow_down_adds_five_seconds_for_good() {
    let broker = Broker::start(approving()).unwrap();
    let heard = |error: &str| {
        answer(400, &[("content-type", "application/json")], format!(r#"{{"error":"{error}"}}"#))
    };
    broker.faults().next(Endpoint::Token, heard("slow_down"));
    broker.faults().next(Endpoint::Token, heard("authorization_pending"));
    assert_eq!(told(&Device::new(&broker).log_in()), ("approved", ""));
    gaps_are(&broker, &[(6, 11), (6, 11)]);
}

#[test]
fn row_32_too_many_requests_without_a_word_more_adds_five_seconds() {
    let broker = Broker::start(approving()).unwrap();
    broker.faults().next(Endpoint::Token, answer(429, &[], ""));
    assert_eq!(told(&Device::new(&broker).log_in()), ("approved", ""));
    gaps_are(&broker, &[(6, 11)]);
}

#[test]
fn row_29_retry_after_is_waited_for_once() {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Token, answer(503, &[("retry-after", "3")], ""));
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.until("a third poll", |_| polls(&broker).len() == 3);
    gaps_are(&broker, &[(3, 6), (1, 3)]);
}

#[test]
fn row_33_retry_after_as_a_date_is_waited_for_too() {
    let broker = Broker::start(by_hand()).unwrap();
    let now = UNIX_EPOCH + secs(clock::unix());
    let (date, then) = (httpdate::fmt_http_date(now), httpdate::fmt_http_date(now + secs(3)));
    broker.faults().next(Endpoint::Token, answer(503, &[("date", &date), ("retry-after", &then)], ""));
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.until("a second poll", |_| polls(&broker).len() == 2);
    gaps_are(&broker, &[(3, 6)]);
}

/// By the device's clock the date is an hour away, and by its own answer three seconds.
#[test]
fn row_33_retry_after_as_a_date_is_measured_by_the_brokers_own_clock() {
    let broker = Broker::start(by_hand()).unwrap();
    let ahead = UNIX_EPOCH + secs(clock::unix() + 3600);
    let (date, then) = (httpdate::fmt_http_date(ahead), httpdate::fmt_http_date(ahead + secs(3)));
    broker.faults().next(Endpoint::Token, answer(503, &[("date", &date), ("retry-after", &then)], ""));
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    let asked_again =
        |happened: &Happened| matches!(happened, Happened::Polled { .. } | Happened::PollRefused { .. });
    device.until("a second poll", |_| broker.log().iter().any(asked_again));
    let log = broker.timed_log();
    let (second, _) = log.iter().find(|(_, happened)| asked_again(happened)).unwrap();
    let waited = *second - seen_at(&broker, &Happened::Interfered(Endpoint::Token));
    assert!((secs(3)..secs(6)).contains(&waited), "{waited:?}");
}

/// The device believes the broker's clock more than its own, and here one answer lies.
#[test]
fn row_44_a_wrong_date_costs_one_assertion_and_not_the_login() {
    let broker = Broker::start(approving()).unwrap();
    let date = [("date", "Mon, 05 Jan 2099 10:00:00 GMT")];
    broker.faults().next(Endpoint::Token, answer(503, &date, ""));
    assert_eq!(told(&Device::new(&broker).log_in()), ("approved", ""));
    assert_eq!(count(&broker, &Happened::PollRefused { error: "invalid_client" }), 1);
}

#[test]
fn row_20_the_date_of_an_answer_from_a_cache_is_not_the_time() {
    let broker = Broker::start(approving()).unwrap();
    let kept = [("date", "Mon, 05 Jan 2099 10:00:00 GMT"), ("age", "86400")];
    broker.faults().next(Endpoint::Token, answer(503, &kept, ""));
    assert_eq!(told(&Device::new(&broker).log_in()), ("approved", ""));
    assert_eq!(count(&broker, &Happened::PollRefused { error: "expired_token" }), 0);
    assert_eq!(count(&broker, &Happened::PollRefused { error: "invalid_client" }), 0);
}

#[test]
fn row_30_a_retry_after_that_outlives_the_login_ends_it_at_the_broker_too() {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Token, answer(503, &[("retry-after", "3600")], ""));
    let mut device = Device::new(&broker);
    assert_eq!(told(&device.log_in()), ("unavailable", "retry_after"));
    seen_at(&broker, &Happened::Cancelled);
}

#[test]
fn row_28_failures_in_a_row_double_the_wait() {
    let broker = Broker::start(approving()).unwrap();
    for fault in [Fault::Reset, answer(500, &[], ""), Fault::Reset] {
        broker.faults().next(Endpoint::Token, fault);
    }
    assert_eq!(told(&Device::new(&broker).log_in()), ("approved", ""));
    gaps_are(&broker, &[(1, 4), (2, 6), (4, 8)]);
}

/// The seconds between the polls: each is waited out, and none is as long as what another rule would make of it.
fn gaps_are(broker: &Broker, expected: &[(u64, u64)]) {
    let gaps: Vec<Duration> = polls(broker).windows(2).map(|two| two[1] - two[0]).collect();
    let fits = |(gap, (from, before)): (&Duration, &(u64, u64))| (secs(*from)..secs(*before)).contains(gap);
    assert_eq!(gaps.len(), expected.len(), "{gaps:?}");
    assert!(gaps.iter().zip(expected).all(fits), "{gaps:?} should be {expected:?}");
}
