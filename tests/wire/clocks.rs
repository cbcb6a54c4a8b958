//! What a clock that is wrong is told as, where bytes and certificates decide.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use flexlogin::simulator::{Broker, Endpoint, Happened};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::device::*;

/// What a device says of a broker whose certificate lives through these years. No byte of a request gets there.
fn told_of_a_certificate(years: std::ops::Range<i32>) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    parameters.not_before = date_time_ymd(years.start, 1, 1);
    parameters.not_after = date_time_ymd(years.end, 1, 1);
    let certificate = parameters.self_signed(&key).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let server = Arc::new(server);
    let serving = std::thread::Builder::new().spawn(move || {
        // The discovery is tried three times.
        for connection in listener.incoming().take(3) {
            let (mut connection, mut heard) = (connection.unwrap(), Vec::new());
            let mut tls = ServerConnection::new(Arc::clone(&server)).unwrap();
            let _ = Stream::new(&mut tls, &mut connection).read_to_end(&mut heard);
            assert!(heard.is_empty(), "the device spoke to a stranger");
        }
    });
    let broker = Broker::start(by_hand()).unwrap();
    std::fs::write(broker.config_file().with_file_name("this.pem"), certificate.pem()).unwrap();
    let config = config(&broker, |text| {
        text.replace(broker.issuer(), &format!("https://127.0.0.1:{port}/op")).replace("ca.pem", "this.pem")
    });
    let outcome = Device::with(&config).log_in();
    serving.unwrap().join().unwrap();
    let (name, error) = told(&outcome);
    (name.to_owned(), error.to_owned())
}

#[test]
fn row_18_a_certificate_that_has_expired_makes_the_service_unavailable() {
    let (name, error) = told_of_a_certificate(2001..2002);
    assert_eq!((name.as_str(), error.as_str()), ("unavailable", "tls: the certificate has expired"));
}

#[test]
fn row_19_a_certificate_that_is_not_yet_valid_is_told_as_a_wrong_clock() {
    let (name, error) = told_of_a_certificate(3001..3002);
    assert_eq!((name.as_str(), error.as_str()), ("unavailable", "clock"));
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
