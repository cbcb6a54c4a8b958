//! What breaks before a request is on its way: names, connections, TLS. Nothing leaves the device then.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::thread;

use flexlogin::clock::uptime;
use flexlogin::flow::{Key, Page};
use flexlogin::simulator::{Broker, Endpoint, Fault, Happened, Impostor, Options};
use rustls::server::Acceptor;

use crate::device::*;

/// A server hello of TLS 1.1 with a suite of its time (RFC 4346 7.4.1.3), and nothing after it.
fn tls_1_1() -> Impostor {
    let mut hello = vec![22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
    hello.extend([0x5a; 32]);
    hello.extend([0, 0xc0, 0x13, 0]);
    Impostor::Plain(hello)
}

fn sign_in_page() -> Impostor {
    Impostor::Plain(b"HTTP/1.1 302 Found\r\nlocation: http://portal.example/\r\n\r\n".to_vec())
}

/// Every try to connect meets the impostor; the login ends for this reason, and nobody was told anything.
fn ends_for(impostor: &Impostor, reason: &str) {
    let broker = Broker::start(approving()).unwrap();
    let mut device = Device::new(&broker);
    for _ in 0..3 {
        broker.faults().next_connection(impostor.clone());
    }
    let outcome = device.log_in();
    let (name, error) = told(&outcome);
    assert!(name == "unavailable" && error.contains(reason), "{impostor:?}: {outcome:?}");
    device.until("the impostors' notes", |_| log(&broker).len() == 3);
    assert_eq!(log(&broker), vec![Happened::Impersonated { trusted: false }; 3], "{impostor:?}");
}

/// After a first login, so that the next begins with the start itself, on a new connection.
fn after_a_login(impostors: &[Impostor]) -> (Broker, Device) {
    let broker = Broker::start(approving()).unwrap();
    let mut device = Device::new(&broker);
    assert_eq!(told(&device.log_in()), ("approved", ""));
    hangs_up(&broker);
    impostors.iter().for_each(|impostor| broker.faults().next_connection(impostor.clone()));
    device.press(Key::Ok);
    (broker, device)
}

/// The broker ends its connections, and the device sees it. Meanwhile it does not live, so that it asks nothing.
fn hangs_up(broker: &Broker) {
    broker.faults().hang_up();
    let end = uptime() + PATIENCE;
    while broker.faults().connections() > 0 || is_held_by_its_client(broker) {
        assert!(uptime() < end, "the end of the connection did not come");
        thread::sleep(millis(5));
    }
}

/// Whether somebody on this machine has a connection to the broker that they have not closed, as the kernel tells
/// (proc_pid_net(5)).
fn is_held_by_its_client(broker: &Broker) -> bool {
    const TIME_WAIT: &str = "06";
    let port: u16 = broker.issuer().split([':', '/']).nth(4).unwrap().parse().unwrap();
    let broker = format!("{:08X}:{port:04X}", u32::from_ne_bytes([127, 0, 0, 1]));
    let connections = fs::read_to_string("/proc/self/net/tcp").unwrap();
    connections.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words[2] == broker && words[3] != TIME_WAIT
    })
}

#[test]
fn row_03_a_start_that_certainly_was_not_sent_is_sent_again() {
    let (broker, mut device) = after_a_login(&[Impostor::Reset, Impostor::Reset]);
    assert_eq!(told(&device.log_in()), ("approved", ""));
    assert_eq!(count(&broker, &Happened::Started), 2, "one for each login");
    assert_eq!(count(&broker, &Happened::Impersonated { trusted: false }), 2);
}

#[test]
fn row_03_a_start_that_cannot_be_sent_makes_the_service_unavailable() {
    let (broker, mut device) = after_a_login(&[Impostor::Reset, Impostor::Reset, Impostor::Reset]);
    assert_eq!(told(&device.log_in()), ("unavailable", "connection reset"));
    let heard_nothing = Happened::Impersonated { trusted: false };
    device.until("the impostors' notes", |_| count(&broker, &heard_nothing) == 3);
    device.live(millis(500));
    assert_eq!(count(&broker, &Happened::Started), 1);
    assert_eq!(count(&broker, &heard_nothing), 3);
}

#[test]
fn row_05_a_lost_link_is_shown_and_got_over() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    let before = device.wait();
    hangs_up(&broker);
    (0..2).for_each(|_| broker.faults().next_connection(Impostor::Reset));
    device.until("trouble", is_troubled);
    assert_eq!(device.waiting().words, before.words);
    assert!(device.waiting().left < before.left, "the countdown goes on");
    device.until("the end of the trouble", |app| !is_troubled(app));
    assert!(broker.phone().approve(&on_the_phone(&broker).id));
    assert_eq!(told(&device.end()), ("approved", ""));
}

#[test]
fn row_06_a_link_that_does_not_come_back_ends_with_the_login() {
    let broker = Broker::start(Options { expires_in: secs(6), ..by_hand() }).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    hangs_up(&broker);
    (0..4).for_each(|_| broker.faults().next_connection(Impostor::Reset));
    let met_nobody = || count(&broker, &Happened::Impersonated { trusted: false });
    device.until("two polls", |_| met_nobody() == 2);
    assert!(is_troubled(&device.app));
    assert_eq!(told(&device.end()), ("expired", ""));
    // Three polls met nobody, and the cancel; a slow device's third is the cancel too. The link is back for whoever
    // tries again.
    device.until("the cancel", |_| met_nobody() == 4);
    device.live(secs(2));
    assert!(polls(&broker).is_empty(), "nobody asks any more");
}

#[test]
fn row_10_a_cancel_without_a_link_arrives_when_there_is_one() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    hangs_up(&broker);
    (0..2).for_each(|_| broker.faults().next_connection(Impostor::Reset));
    device.press(Key::Back);
    assert!(matches!(device.app.view().page, Page::Cancelled), "the person waits for nobody");
    device.until("the cancel", |_| broker.log().contains(&Happened::Cancelled));
    assert_eq!(count(&broker, &Happened::Impersonated { trusted: false }), 2);
}

#[test]
fn row_13_a_portal_under_the_brokers_address_hears_nothing() {
    ends_for(&Impostor::OtherName, "tls: the certificate is for another name");
}

#[test]
fn row_13_a_portal_without_tls_hears_nothing() {
    ends_for(&sign_in_page(), "tls: ");
}

#[test]
fn row_14_a_portal_with_an_authority_of_its_own_hears_nothing() {
    ends_for(&Impostor::OtherAuthority, "tls: ");
}

/// Discovery is known from the login before, so the first to leave would be the form with the number in it.
#[test]
fn row_13_and_14_a_portal_that_takes_the_place_of_the_broker_hears_no_byte_of_a_form() {
    thread::scope(|scope| {
        for impostor in [Impostor::OtherName, Impostor::OtherAuthority, sign_in_page()] {
            scope.spawn(move || {
                let tries = vec![impostor.clone(); 3];
                let (broker, mut device) = after_a_login(&tries);
                let outcome = device.log_in();
                let (name, error) = told(&outcome);
                assert!(name == "unavailable" && error.starts_with("tls: "), "{impostor:?}: {outcome:?}");
                let heard_nothing = Happened::Impersonated { trusted: false };
                device.until("the impostor's notes", |_| count(&broker, &heard_nothing) == 3);
                assert_eq!(count(&broker, &Happened::Started), 1);
            });
        }
    });
}

#[test]
fn row_15_a_portal_that_appears_while_the_phone_is_looked_at_hears_nothing_and_passes() {
    thread::scope(|scope| {
        for impostor in [Impostor::OtherName, Impostor::OtherAuthority, sign_in_page()] {
            scope.spawn(move || {
                let broker = Broker::start(by_hand()).unwrap();
                let mut device = Device::new(&broker);
                device.ask_for(CPR);
                device.wait();
                hangs_up(&broker);
                broker.faults().next_connection(impostor.clone());
                assert!(broker.phone().approve(&on_the_phone(&broker).id));
                device.until("trouble", is_troubled);
                assert_eq!(told(&device.end()), ("approved", ""), "{impostor:?}");
                assert_eq!(count(&broker, &Happened::Impersonated { trusted: false }), 1);
            });
        }
    });
}

#[test]
fn row_18_a_certificate_of_last_month_is_refused_by_its_reason() {
    ends_for(&Impostor::Expired, "expired");
}

#[test]
fn row_19_a_certificate_of_tomorrow_is_told_as_a_wrong_clock() {
    ends_for(&Impostor::NotYetValid, "clock");
}

#[test]
fn beyond_a_server_of_tls_1_1_hears_nothing() {
    ends_for(&tls_1_1(), "tls: ");
}

#[test]
fn row_73_a_connection_that_was_closed_between_two_polls_is_replaced_and_nobody_notices() {
    let broker = Broker::start(by_hand()).unwrap();
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    device.wait();
    for polled in 1..=2 {
        device.until("a poll", |app| {
            assert!(!is_troubled(app));
            polls(&broker).len() == polled
        });
        assert_eq!(broker.faults().connections(), 1);
        hangs_up(&broker);
    }
    assert!(broker.phone().approve(&on_the_phone(&broker).id));
    device.until("the end", |app| {
        assert!(!is_troubled(app));
        app.outcome().is_some()
    });
    assert_eq!(told(&device.end()), ("approved", ""));
    assert_eq!(polls(&broker).len(), 3);
}

#[test]
fn one_connection_serves_a_whole_login() {
    let broker = Broker::start(approving()).unwrap();
    // Whoever opens a second connection is not the broker's client any more.
    broker.faults().next(Endpoint::Discovery, Fault::Delay(millis(500)));
    let mut device = Device::new(&broker);
    device.ask_for(CPR);
    seen_at(&broker, &Happened::Interfered(Endpoint::Discovery));
    broker.faults().next_connection(Impostor::Reset);
    assert_eq!(told(&device.end()), ("approved", ""));
    assert_eq!(count(&broker, &Happened::Impersonated { trusted: false }), 0);
}

/// There is no GOAWAY in HTTP/1.1.
#[test]
fn row_74_no_server_is_offered_http_2() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let broker = Broker::start(by_hand()).unwrap();
    let config = config(&broker, |text| text.replace(broker.issuer(), &format!("https://{address}/op")));
    let offered = thread::scope(|scope| {
        let offered = scope.spawn(move || offered_protocols(&listener));
        assert_eq!(told(&Device::with(&config).log_in()).0, "unavailable");
        offered.join().unwrap()
    });
    assert_eq!(offered, ["http/1.1"]);
}

/// What the next client would like to speak within TLS (RFC 7301).
fn offered_protocols(listener: &TcpListener) -> Vec<String> {
    let mut hello = Acceptor::default();
    let mut connection = listener.accept().unwrap().0;
    loop {
        assert!(hello.read_tls(&mut connection as &mut dyn Read).unwrap() > 0);
        if let Some(accepted) = hello.accept().map_err(|(error, _)| error).unwrap() {
            let hello = accepted.client_hello();
            let names = hello.alpn().into_iter().flatten();
            return names.map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        }
    }
}
