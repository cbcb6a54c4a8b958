//! What breaks while the phone is being looked at. A poll may be repeated.

use flexlogin::flow::Key;
use flexlogin::simulator::{Broker, Endpoint, Fault, Happened};

use crate::device::*;

#[test]
fn row_05_a_poll_that_is_reset_is_made_again() {
    gets_over(Fault::Reset);
}

#[test]
fn row_28_a_poll_that_hears_500_is_made_again() {
    gets_over(answer(500, &[("content-type", "application/json")], r#"{"error":"server_error"}"#));
}

#[test]
fn row_28_a_poll_that_meets_a_proxys_page_is_made_again() {
    gets_over(answer(
        502,
        &[("content-type", "text/html")],
        "<html><h1>502 Bad Gateway</h1>error=access_denied</html>",
    ));
}

#[test]
fn row_15_a_poll_that_meets_a_sign_in_page_is_made_again() {
    gets_over(answer(200, &[("content-type", "text/html")], "<html>Welcome to our Wi-Fi</html>"));
}

#[test]
fn row_39_a_poll_whose_answer_is_too_large_is_made_again() {
    let mut body = br#"{"error":"access_denied","padding":""#.to_vec();
    body.resize(300 * 1024, b'x');
    gets_over(answer(400, &[("content-type", "application/json")], body));
}

#[test]
fn row_39_a_poll_that_hears_ten_megabytes_of_success_is_made_again() {
    gets_over(answer(200, &[("content-type", "application/json")], vec![b' '; 10_000_000]));
}

#[test]
fn row_40_a_poll_whose_answer_is_cut_is_made_again() {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Token, Fault::CutBody);
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    device.until("trouble", is_troubled);
    assert!(broker.phone().approve(&on_the_phone(&broker).id));
    assert_eq!(told(&device.end()), ("approved", ""));
}

/// The fault meets the first poll, the screen says so, and the login goes on.
fn gets_over(fault: Fault) {
    let broker = Broker::start(approving()).unwrap();
    broker.faults().next(Endpoint::Token, fault);
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    assert!(!device.wait().troubled);
    device.until("trouble", is_troubled);
    assert_eq!(told(&device.end()), ("approved", ""));
    assert_eq!(polls(&broker).len(), 2);
}

#[test]
fn row_07_tokens_that_are_lost_on_the_way_leave_the_outcome_unknown() {
    for fault in [Fault::Lost, Fault::CutBody] {
        let broker = Broker::start(approving()).unwrap();
        broker.faults().next(Endpoint::Token, fault.clone());
        assert_eq!(told(&Device::new(&broker).log_in()), ("unknown", "answer_lost"), "{fault:?}");
        assert_eq!(count(&broker, &Happened::Answered { error: None }), 1);
        let used_up = Happened::Answered { error: Some("invalid_grant") };
        assert_eq!(count(&broker, &used_up), 1, "once more is enough to know");
    }
}

#[test]
fn row_40_tokens_that_come_without_an_id_token_leave_the_outcome_unknown() {
    let broker = Broker::start(approving()).unwrap();
    broker.faults().next(Endpoint::Token, Fault::Member { name: "id_token".into(), value: None });
    assert_eq!(told(&Device::new(&broker).log_in()), ("unknown", "answer_lost"));
}

#[test]
fn row_41_a_code_that_nobody_knows_ends_the_login_and_is_told() {
    let broker = Broker::start(by_hand()).unwrap();
    broker.faults().next(Endpoint::Token, answer(400, &[], r#"{"error":"out_of_order"}"#));
    let mut device = Device::new(&broker);
    assert_eq!(told(&device.log_in()), ("unavailable", "out_of_order"));
    seen_at(&broker, &Happened::Cancelled);
}

#[test]
fn beyond_a_redirect_of_a_poll_is_not_followed() {
    let (broker, elsewhere) = (Broker::start(approving()).unwrap(), Elsewhere::open());
    broker.faults().next(Endpoint::Token, Fault::Redirect(elsewhere.url("connect/token")));
    let mut device = Device::new(&broker);
    assert_eq!(told(&device.log_in()), ("unavailable", "redirect"));
    seen_at(&broker, &Happened::Cancelled);
    elsewhere.heard_nothing();
}

#[test]
fn beyond_a_redirect_of_the_start_is_not_followed() {
    let (broker, elsewhere) = (Broker::start(approving()).unwrap(), Elsewhere::open());
    broker.faults().next(Endpoint::Start, Fault::Redirect(elsewhere.url("connect/ciba")));
    let outcome = Device::new(&broker).log_in();
    assert_eq!(told(&outcome).0, "unavailable", "{outcome:?}");
    assert_eq!(count(&broker, &Happened::Started), 0);
    elsewhere.heard_nothing();
}

#[test]
fn beyond_a_redirect_of_the_discovery_is_not_followed() {
    let (broker, elsewhere) = (Broker::start(approving()).unwrap(), Elsewhere::open());
    let to = elsewhere.url(".well-known/openid-configuration");
    broker.faults().next(Endpoint::Discovery, Fault::Redirect(to));
    let outcome = Device::new(&broker).log_in();
    assert_eq!(told(&outcome).0, "unavailable", "{outcome:?}");
    assert_eq!(count(&broker, &Happened::Started), 0);
    elsewhere.heard_nothing();
}

#[test]
fn beyond_a_redirect_of_the_keys_is_not_followed() {
    let (broker, elsewhere) = (Broker::start(approving()).unwrap(), Elsewhere::open());
    broker.faults().next(Endpoint::Jwks, Fault::Redirect(elsewhere.url("jwks")));
    let outcome = Device::new(&broker).log_in();
    assert_eq!(told(&outcome).0, "unknown", "{outcome:?}");
    elsewhere.heard_nothing();
}

#[test]
fn beyond_a_redirect_of_a_cancel_is_not_followed() {
    let (broker, elsewhere) = (Broker::start(by_hand()).unwrap(), Elsewhere::open());
    broker.faults().next(Endpoint::Cancel, Fault::Redirect(elsewhere.url("api/v1/ciba/id")));
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    device.press(Key::Back);
    seen_at(&broker, &Happened::Interfered(Endpoint::Cancel));
    device.live(millis(300));
    assert_eq!(told(&device.end()), ("cancelled", ""));
    elsewhere.heard_nothing();
}

/// A host that must not hear of anything.
struct Elsewhere(std::net::TcpListener);

impl Elsewhere {
    fn open() -> Elsewhere {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Elsewhere(listener)
    }

    fn url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}/op/{path}", self.0.local_addr().unwrap().port())
    }

    fn heard_nothing(&self) {
        let error = self.0.accept().expect_err("somebody came");
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    }
}
