//! Faults that last: a bad line, a broker that never decides, another device that asks for the same person.

use flexlogin::simulator::{Broker, Endpoint, Fault, Happened, Options};

use crate::device::*;

const PENDING: &str = r#"{"error":"authorization_pending"}"#;

#[test]
fn row_45_a_broker_that_never_decides_is_not_asked_beyond_the_life_of_the_login() {
    // The last poll that is in time is sent long before the end.
    let broker = Broker::start(Options { interval: secs(3), expires_in: secs(5), ..by_hand() }).unwrap();
    (0..9).for_each(|_| broker.faults().next(Endpoint::Token, answer(400, &[], PENDING)));
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    let outcome = device.end();
    assert_eq!(told(&outcome), ("expired", ""));
    let asked = polls(&broker);
    device.live(millis(1500));
    assert_eq!(polls(&broker), asked);
    assert!(*asked.last().unwrap() - seen_at(&broker, &Happened::Started) < secs(5), "{asked:?}");
}

#[test]
fn row_51_each_of_two_devices_gets_its_own_result_for_one_person() {
    let broker = Broker::start(by_hand()).unwrap();
    let (mut one, mut other) = (Device::new(&broker), Device::new(&broker));
    one.ask_for(CPR);
    one.wait();
    let ours = on_the_phone(&broker).id;
    other.ask_for(CPR);
    other.wait();
    let theirs = broker.phone().requests().into_iter().find(|request| request.id != ours).unwrap().id;
    assert!(broker.phone().reject(&theirs));
    assert_eq!(told(&other.end()), ("rejected", ""));
    assert!(broker.phone().approve(&ours));
    assert_eq!(told(&one.end()), ("approved", ""));
}

/// Three of ten packets lost show as late answers and now and then as none; each answer comes after 800 ms.
#[test]
fn row_72_a_login_over_a_bad_line_succeeds() {
    let broker = Broker::start(by_hand()).unwrap();
    let late = || Fault::Delay(millis(800));
    for endpoint in [Endpoint::Discovery, Endpoint::Start, Endpoint::Jwks] {
        broker.faults().next(endpoint, late());
    }
    for fault in [late(), Fault::Reset, late(), late(), Fault::Reset, late()] {
        broker.faults().next(Endpoint::Token, fault);
    }
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    device.until("the second loss", |_| count(&broker, &Happened::Interfered(Endpoint::Token)) == 5);
    assert!(broker.phone().approve(&on_the_phone(&broker).id));
    assert_eq!(told(&device.end()), ("approved", ""));
    assert_eq!(count(&broker, &Happened::Started), 1);
}
