//! Names and addresses that this machine does not have, and how the transport gets on with them.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpSocket, TcpStream};
use tokio::runtime::Builder;

use super::names::Names;
use super::pins::RootPins;
use super::tls::Roots;
use super::transport::Transport;
use crate::calls::{Failure, Stage, Why};
use crate::ciba::Call;
use crate::clock;
use crate::simulator::{Broker, Options};

/// What a name server says: nothing at all, that there is no such name, or these addresses.
#[derive(Clone)]
enum Answer {
    Silence,
    NoSuchName,
    Addresses(Vec<SocketAddr>),
}

/// A name server whose answer can be changed.
fn server(answer: &Arc<Mutex<Answer>>) -> Names {
    let answer = Arc::clone(answer);
    Names::by(move |_| {
        let answer = answer.lock().unwrap().clone();
        Box::pin(async move {
            match answer {
                Answer::Silence => std::future::pending().await,
                Answer::NoSuchName => {
                    Err(io::Error::other("failed to lookup address information: Name or service not known"))
                }
                Answer::Addresses(addresses) => Ok(addresses),
            }
        })
    })
}

fn run<T>(work: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// A broker that is called by its name, and the call for its discovery document.
fn broker() -> (Broker, Call, Roots, u16) {
    let broker = Broker::start(Options::default()).unwrap();
    let url =
        format!("{}/.well-known/openid-configuration", broker.issuer().replace("127.0.0.1", "localhost"));
    let call = Call::get(url.parse().unwrap());
    let port = call.url.port().unwrap();
    let roots = Roots::Only(fs::read(broker.ca_file()).unwrap());
    (broker, call, roots, port)
}

#[test]
fn row_11_a_name_that_nobody_knows_is_told_and_nothing_is_sent() {
    let (broker, call, roots, _) = broker();
    let answer = Arc::new(Mutex::new(Answer::NoSuchName));
    let transport = Transport::with(&roots, &RootPins::default(), server(&answer)).unwrap();
    let failure = run(transport.send(&call, Duration::from_secs(15))).unwrap_err();
    let why = Why::network("the name cannot be resolved");
    assert_eq!(failure, Failure { stage: Stage::NotSent, why });
    assert!(broker.log().is_empty());
}

#[test]
fn row_12_the_last_good_address_serves_while_no_name_server_does() {
    let (broker, call, roots, _) = broker();
    let here = Answer::Addresses(vec![(Ipv4Addr::LOCALHOST, 0).into()]);
    let answer = Arc::new(Mutex::new(here));
    let transport = Transport::with(&roots, &RootPins::default(), server(&answer)).unwrap();
    run(async {
        for later in [Answer::NoSuchName, Answer::Addresses(Vec::new()), Answer::Silence] {
            transport.send(&call, Duration::from_secs(15)).await.unwrap();
            broker.faults().hang_up();
            while broker.faults().connections() > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // Our own end needs a moment to see it.
            tokio::time::sleep(Duration::from_millis(100)).await;
            *answer.lock().unwrap() = later;
        }
        transport.send(&call, Duration::from_secs(15)).await.unwrap();
    });
    assert_eq!(broker.log().len(), 4);
}

/// Where there is no IPv6 at all, the address is as useless.
#[test]
fn row_16_an_address_that_swallows_everything_costs_a_moment() {
    let (_broker, call, roots, port) = broker();
    let addresses = vec![(Ipv6Addr::LOCALHOST, 0).into(), (Ipv4Addr::LOCALHOST, 0).into()];
    let answer = Arc::new(Mutex::new(Answer::Addresses(addresses)));
    let transport = Transport::with(&roots, &RootPins::default(), server(&answer)).unwrap();
    run(async {
        let hole = black_hole(port).await;
        let began = clock::uptime();
        transport.send(&call, Duration::from_secs(15)).await.unwrap();
        let took = clock::uptime() - began;
        assert!(took < Duration::from_secs(2), "{took:?}");
        assert!(hole.is_err() || took >= Duration::from_millis(250), "nobody tried the hole: {took:?}");
    });
}

/// A listener whose queue is full: Linux lets further attempts go unanswered.
async fn black_hole(port: u16) -> io::Result<(tokio::net::TcpListener, Vec<TcpStream>)> {
    let address: SocketAddr = (Ipv6Addr::LOCALHOST, port).into();
    let socket = TcpSocket::new_v6()?;
    socket.bind(address)?;
    let listener = socket.listen(0)?;
    let mut waiting = Vec::new();
    let connect = || tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(address));
    while let Ok(connected) = connect().await {
        waiting.push(connected?);
    }
    Ok((listener, waiting))
}
