//! One call and its deadline. How long each kind of call may take is decided elsewhere; here it is a moment.

use std::fs;
use std::time::Duration;

use flexlogin::calls::{Failure, Stage, Why};
use flexlogin::ciba::{Call, Reply};
use flexlogin::clock;
use flexlogin::net::{RootPins, Roots, Transport};
use flexlogin::simulator::{Broker, Endpoint, Fault, Impostor};
use tokio::runtime::Builder;

use crate::device::*;

/// What one call for the discovery document brings, and how long that takes.
fn calls(broker: &Broker, deadline: Duration) -> (Result<Reply, Failure>, Duration) {
    let roots = Roots::Only(fs::read(broker.ca_file()).unwrap());
    let transport = Transport::new(&roots, &RootPins::default()).unwrap();
    let url = format!("{}/.well-known/openid-configuration", broker.issuer());
    let call = Call::get(url.parse().unwrap());
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let began = clock::uptime();
    let answer = runtime.block_on(transport.send(&call, deadline));
    (answer, clock::uptime() - began)
}

/// How much longer a busy machine may take to notice; what else bounds a call takes longer.
const LATE: Duration = Duration::from_secs(5);

/// The call fails like this when its time is over, and not much later.
fn is_over_in_time(broker: &Broker, stage: Stage) {
    // Long enough for the head of an answer.
    let deadline = secs(3);
    let (answer, took) = calls(broker, deadline);
    assert_eq!(answer.unwrap_err(), Failure { stage, why: Why::Timeout });
    assert!(took >= deadline && took < deadline + LATE, "{took:?}");
}

#[test]
fn row_39_a_body_that_drips_is_given_up_at_the_deadline() {
    let broker = Broker::start(by_hand()).unwrap();
    let drip = Fault::Drip { instead: None, at_once: 1, every: millis(100) };
    broker.faults().next(Endpoint::Discovery, drip);
    is_over_in_time(&broker, Stage::BrokenBody { status: 200 });
}

#[test]
fn row_39_a_head_that_drips_is_given_up_at_the_deadline() {
    let broker = Broker::start(by_hand()).unwrap();
    let drip = Fault::Drip { instead: None, at_once: 0, every: millis(100) };
    broker.faults().next(Endpoint::Discovery, drip);
    is_over_in_time(&broker, Stage::NoAnswer);
}

#[test]
fn row_39_an_answer_that_stops_in_the_middle_is_given_up_at_the_deadline() {
    let broker = Broker::start(by_hand()).unwrap();
    let drip = Fault::Drip { instead: None, at_once: 100, every: secs(3600) };
    broker.faults().next(Endpoint::Discovery, drip);
    is_over_in_time(&broker, Stage::BrokenBody { status: 200 });
}

/// The rest of the ten megabytes never comes, and nobody waits for it.
#[test]
fn row_39_ten_megabytes_are_cut_at_a_quarter_of_one() {
    let broker = Broker::start(by_hand()).unwrap();
    let huge = answer(200, &[], vec![b' '; 10_000_000]);
    let drip = Fault::Drip { instead: Some(Box::new(huge)), at_once: 257 * 1024, every: secs(3600) };
    broker.faults().next(Endpoint::Discovery, drip);
    let (answer, took) = calls(&broker, secs(15));
    let why = Why::network("the answer is too large");
    assert_eq!(answer.unwrap_err(), Failure { stage: Stage::BrokenBody { status: 200 }, why });
    assert!(took < secs(12), "{took:?}");
}

#[test]
fn row_39_an_answer_of_a_quarter_megabyte_is_read() {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Discovery, answer(200, &[], vec![b' '; 256 * 1024]));
    assert_eq!(calls(&broker, secs(15)).0.unwrap().body.len(), 256 * 1024);
}

#[test]
fn row_04_a_call_that_is_never_answered_is_given_up_at_the_deadline() {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Discovery, Fault::Hang);
    is_over_in_time(&broker, Stage::NoAnswer);
}

#[test]
fn beyond_a_connection_that_nobody_answers_on_is_given_up_at_the_deadline() {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next_connection(Impostor::Mute);
    let deadline = millis(600);
    let (answer, took) = calls(&broker, deadline);
    assert_eq!(answer.unwrap_err().why, Why::Timeout);
    assert!(took >= deadline && took < deadline + LATE, "{took:?}");
}
