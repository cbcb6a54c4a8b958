//! A defect in this program is a panic, on either thread. Nothing stays on the phone, and no half goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use flexlogin::app::App;
use flexlogin::ciba::Hint;
use flexlogin::flow::{Event, News};
use flexlogin::simulator::{Broker, Happened};

use crate::device::*;

#[test]
fn row_59_a_panic_beside_the_app_takes_the_request_off_the_phone() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    let ended = catch_unwind(AssertUnwindSafe(move || {
        let _in_its_way = device;
        panic!("a defect");
    }));
    assert!(ended.is_err());
    assert_eq!(count(&broker, &Happened::Cancelled), 1);
    assert!(broker.phone().requests().is_empty());
}

#[test]
fn row_59_a_panic_of_the_network_while_the_app_parts_is_the_apps_own() {
    let broker = Broker::start(by_hand()).unwrap();
    let config = config(&broker, |text| text);
    let (tell, events) = mpsc::channel();
    let (part, parts) = mpsc::channel();
    let parts = Mutex::new(parts);
    let news = move |event| {
        let is_the_moment = matches!(event, Event::News(_, News::Acknowledged(_)));
        tell.send(event).unwrap();
        if is_the_moment {
            parts.lock().unwrap().recv_timeout(secs(10)).unwrap();
            // The app says that it parts, and nobody can see that it does.
            std::thread::sleep(Duration::from_millis(100));
            panic!("a defect");
        }
    };
    let mut app = App::new(&config, config.login.kind, secs(600), news).unwrap();
    app.tell(Event::Given { hint: Hint::Cpr(CPR.into()), user_code: None });
    while !matches!(events.recv_timeout(secs(10)), Ok(Event::News(_, News::Acknowledged(_)))) {}
    part.send(()).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| app.part())).is_err(), "half a program ended well");
    assert_eq!(count(&broker, &Happened::Cancelled), 1);
}

#[test]
fn row_59_a_panic_of_the_network_takes_the_request_off_the_phone_and_is_the_apps_own() {
    let broker = Broker::start(by_hand()).unwrap();
    let config = config(&broker, |text| text);
    let (tell, events) = mpsc::channel();
    let news = move |event| {
        let is_the_moment = matches!(event, Event::News(_, News::Acknowledged(_)));
        tell.send(event).unwrap();
        assert!(!is_the_moment, "a defect");
    };
    let mut app = App::new(&config, config.login.kind, secs(600), news).unwrap();
    app.tell(Event::Given { hint: Hint::Cpr(CPR.into()), user_code: None });
    let ended = catch_unwind(AssertUnwindSafe(|| {
        while let Ok(event) = events.recv_timeout(secs(10)) {
            app.tell(event);
        }
    }));
    assert!(ended.is_err(), "half a program went on");
    assert_eq!(count(&broker, &Happened::Cancelled), 1);
    assert!(broker.phone().requests().is_empty());
}
