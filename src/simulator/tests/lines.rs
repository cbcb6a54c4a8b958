//! Scripted connections do what they say, and tell who was taken in.

use super::*;

const DISCOVERY: &str = "/.well-known/openid-configuration";

fn taken_in(device: &Device) -> Vec<bool> {
    let trusted = |happened| match happened {
        Happened::Impersonated { trusted } => Some(trusted),
        _ => None,
    };
    device.broker.log().into_iter().filter_map(trusted).collect()
}

/// The other end notes what it saw only after the client has left, and the client leaves only while it runs.
fn until(device: &Device, what: impl Fn() -> bool) {
    let began = now().instant;
    while !what() {
        assert!(began.elapsed() < Duration::from_secs(5));
        device.runtime.block_on(async { tokio::time::sleep(Duration::from_millis(5)).await });
    }
}

#[test]
fn an_impostor_takes_one_connection_and_a_careful_client_never_trusts_it() {
    let device = Device::new(hurried());
    let impostors = [
        Impostor::Reset,
        Impostor::OtherName,
        Impostor::Expired,
        Impostor::NotYetValid,
        Impostor::OtherAuthority,
        Impostor::Plain(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_vec()),
    ];
    for (at, impostor) in impostors.into_iter().enumerate() {
        device.broker.faults().next_connection(impostor.clone());
        assert!(device.send(Method::GET, DISCOVERY, &[], "").is_err(), "{impostor:?}");
        until(&device, || taken_in(&device).len() == at + 1);
        assert!(!taken_in(&device)[at], "{impostor:?}");
    }
    assert_eq!(device.get(DISCOVERY).status, 200);
}

#[test]
fn a_careless_client_is_taken_in() {
    let mut device = Device::new(hurried());
    device.http = Client::builder().no_proxy().tls_danger_accept_invalid_certs(true).build().unwrap();
    let impostors = [Impostor::OtherName, Impostor::Expired, Impostor::NotYetValid, Impostor::OtherAuthority];
    for (at, impostor) in impostors.into_iter().enumerate() {
        device.broker.faults().next_connection(impostor.clone());
        assert!(device.send(Method::GET, DISCOVERY, &[], "").is_err(), "{impostor:?}");
        until(&device, || taken_in(&device).len() == at + 1);
        assert!(taken_in(&device)[at], "{impostor:?}");
    }

    device.broker.faults().next_connection(Impostor::Plain(b"HTTP/1.1 307 Moved\r\n\r\n".to_vec()));
    let plain = device.broker.issuer().replace("https://", "http://");
    let _ = device.runtime.block_on(async { device.http.get(plain).send().await });
    until(&device, || taken_in(&device).len() == 5);
    assert!(taken_in(&device)[4]);
}

#[test]
fn a_mute_impostor_keeps_its_client_waiting() {
    let device = Device::new(hurried());
    device.broker.faults().next_connection(Impostor::Mute);
    let url = format!("{}{DISCOVERY}", device.broker.issuer());
    let get = device.http.get(url).timeout(Duration::from_millis(300));
    assert!(device.runtime.block_on(async { get.send().await }).unwrap_err().is_timeout());
    assert_eq!(taken_in(&device), [false]);
}

#[test]
fn a_connection_that_is_hung_up_serves_no_further_request() {
    let device = Device::new(hurried());
    assert_eq!(device.get(DISCOVERY).status, 200);
    assert_eq!(device.broker.faults().connections(), 1);
    device.broker.faults().hang_up();
    until(&device, || device.broker.faults().connections() == 0);
    assert_eq!(device.get(DISCOVERY).status, 200);
    assert_eq!(device.broker.faults().connections(), 1);
}

#[test]
fn an_answer_drips() {
    let device = Device::new(hurried());
    let answer = Fault::Answer { status: 200, headers: Vec::new(), body: b"{\"a\": 12}".to_vec() };
    let drip = Fault::Drip { instead: Some(Box::new(answer)), at_once: 4, every: Duration::from_millis(100) };
    device.broker.faults().next(Endpoint::Discovery, drip);
    let began = now().instant;
    assert_eq!(device.get(DISCOVERY).json, json!({"a": 12}));
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(500) && took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_header_that_nobody_asked_for_is_noted() {
    let device = Device::new(hurried());
    let headers = [("cookie", "a=b"), ("accept-encoding", "gzip"), ("x-other", "c")];
    device.send(Method::GET, DISCOVERY, &headers, "").unwrap();
    let noted = ["cookie", "accept-encoding"].map(|name| Happened::Unasked(name.to_owned()));
    assert_eq!(device.broker.log(), [&noted[..], &[Happened::Discovered]].concat());

    let set = Fault::Header { name: "set-cookie".to_owned(), value: "a=b".to_owned() };
    device.broker.faults().next(Endpoint::Discovery, set);
    assert_eq!(device.get(DISCOVERY).headers["set-cookie"], "a=b");
}
