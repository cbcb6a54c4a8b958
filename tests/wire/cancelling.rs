//! A login that is given up is given up at the broker too.

use flexlogin::flow::{Key, Page};
use flexlogin::simulator::{Broker, Endpoint, Fault, Happened};

use crate::device::*;

/// From the press to the broker. Whatever else makes a cancel comes later.
const AT_ONCE: std::time::Duration = std::time::Duration::from_secs(5);

#[test]
fn beyond_back_while_waiting_cancels_at_once() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    let started = seen_at(&broker, &Happened::Started);
    device.press(Key::Back);
    assert!(matches!(device.app.view().page, Page::Cancelled), "the person waits for nobody");
    assert!(seen_at(&broker, &Happened::Cancelled) - started < AT_ONCE);
    assert!(broker.phone().requests().is_empty());
    device.live(millis(1500));
    assert_eq!(told(&device.end()), ("cancelled", ""));
    // Before the cancel somebody may have been slow enough to ask.
    let mut log = log(&broker);
    assert_eq!(log.last(), Some(&Happened::Cancelled));
    log.retain(|happened| *happened != Happened::Polled { too_early: false });
    assert_eq!(log, [Happened::Discovered, Happened::Started, Happened::Cancelled]);
}

#[test]
fn back_before_the_acknowledgement_cancels_as_soon_as_it_comes() {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Start, Fault::Delay(secs(2)));
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    seen_at(&broker, &Happened::Interfered(Endpoint::Start));
    device.press(Key::Back);
    assert!(matches!(device.app.view().page, Page::Cancelled));
    assert_eq!(count(&broker, &Happened::Started), 0, "the acknowledgement is still to come");
    device.until("the cancel", |_| broker.log().contains(&Happened::Cancelled));
    assert!(seen_at(&broker, &Happened::Cancelled) - seen_at(&broker, &Happened::Started) < AT_ONCE);
    assert_eq!(told(&device.end()), ("cancelled", ""));
    assert!(polls(&broker).is_empty());
}

#[test]
fn beyond_back_while_a_poll_hangs_cancels_at_once_and_drops_the_poll() {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Token, Fault::Hang);
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.until("the poll", |_| !broker.log().is_empty() && !polls(&broker).is_empty());
    let polled = seen_at(&broker, &Happened::Interfered(Endpoint::Token));
    device.press(Key::Back);
    assert!(seen_at(&broker, &Happened::Cancelled) - polled < AT_ONCE);
    device.live(millis(1500));
    assert_eq!(told(&device.end()), ("cancelled", ""));
    assert_eq!(polls(&broker).len(), 1);
}

#[test]
fn row_54_a_token_that_comes_after_back_is_nobodys() {
    let broker = Broker::start(approving()).unwrap();
    broker.faults().next(Endpoint::Token, Fault::Delay(secs(2)));
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.until("the poll", |_| !polls(&broker).is_empty());
    device.press(Key::Back);
    device.live(millis(2500));
    assert_eq!(told(&device.end()), ("cancelled", ""));
    assert!(matches!(device.app.view().page, Page::Cancelled));
}

#[test]
fn row_10_a_cancel_that_does_not_arrive_is_repeated() {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Cancel, Fault::Reset);
    broker.faults().next(Endpoint::Cancel, answer(503, &[], "later"));
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    device.press(Key::Back);
    device.press(Key::Back);
    device.press(Key::Back);
    device.until("the cancel", |_| broker.log().contains(&Happened::Cancelled));
    assert_eq!(count(&broker, &Happened::Interfered(Endpoint::Cancel)), 2);
    assert_eq!(count(&broker, &Happened::Cancelled), 1);
}

#[test]
fn a_process_that_departs_cancels_first() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    assert_eq!(told(&device.app.part().unwrap()), ("cancelled", ""));
    assert_eq!(count(&broker, &Happened::Cancelled), 1);
}

#[test]
fn a_process_that_departs_during_the_start_waits_for_the_id_and_cancels() {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Start, Fault::Delay(millis(500)));
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    seen_at(&broker, &Happened::Interfered(Endpoint::Start));
    assert_eq!(told(&device.app.part().unwrap()), ("cancelled", ""));
    assert_eq!(count(&broker, &Happened::Started), 1);
    assert_eq!(count(&broker, &Happened::Cancelled), 1, "a prompt stays on the phone");
}

#[test]
fn a_process_that_departs_before_it_has_heard_of_the_id_cancels_all_the_same() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    seen_at(&broker, &Happened::Started);
    // The acknowledgement has come, and lies where nobody looks any more.
    std::thread::sleep(millis(300));
    assert_eq!(told(&device.app.part().unwrap()), ("cancelled", ""));
    assert_eq!(count(&broker, &Happened::Cancelled), 1, "a prompt stays on the phone");
}

#[test]
fn row_53_back_at_the_very_moment_of_the_acknowledgement_cancels_once() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    seen_at(&broker, &Happened::Started);
    std::thread::sleep(millis(300));
    device.press(Key::Back);
    device.until("the cancel", |_| broker.log().contains(&Happened::Cancelled));
    device.live(millis(700));
    assert_eq!(told(&device.end()), ("cancelled", ""));
    assert_eq!(count(&broker, &Happened::Cancelled), 1);
}

#[test]
fn row_55_a_cancel_that_comes_to_nothing_is_not_repeated_and_nobody_sees_it() {
    std::thread::scope(|scope| {
        for status in [404, 409] {
            scope.spawn(move || cancels_after(status, 1));
        }
    });
}

#[test]
fn row_55_a_cancel_that_the_broker_cannot_serve_is_repeated_and_nobody_sees_it() {
    cancels_after(500, 2);
}

/// So often the broker is asked to cancel, and not once more, if it answers like this the first time.
fn cancels_after(status: u16, times: usize) {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Cancel, answer(status, &[], r#"{"error":"nothing"}"#));
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    device.press(Key::Back);
    let cancels =
        || count(&broker, &Happened::Interfered(Endpoint::Cancel)) + count(&broker, &Happened::Cancelled);
    device.until("the cancels", |_| cancels() == times);
    device.live(millis(1800));
    assert!(matches!(device.app.view().page, Page::Cancelled));
    assert_eq!(told(&device.end()), ("cancelled", ""));
    assert_eq!(cancels(), times, "{status}");
}
