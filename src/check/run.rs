//! Asks the machine and the network what [`check`](super) judges, step by step; a step that fails ends the asking.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::runtime::Builder;
use tokio::time::timeout;

use super::machine::{adapter_line, swap_line};
use super::{
    Line, Report, client_line, clock_line, config_lines, discovery_lines, dns_line, jwks_lines, pin_lines,
    refused_lines, tls_line, wrong,
};
use crate::calls::{Failure, Now, Time};
use crate::ciba::{AuthReqId, Call, Fault, Moment, Provider, Reply, jwks, provider, token};
use crate::clock;
use crate::config::{self, Config};
use crate::net::{self, Transport};

const PROMPTLY: Duration = Duration::from_secs(15);
/// No broker makes this handle, so the poll that shows whether the client is known touches nobody's login.
const NO_LOGIN: &str = "flexlogin-check";

/// Checks everything that can be checked without a login. The report for people, and whether all is well.
pub fn run(path: &Path) -> (String, bool) {
    let mut report = Report::default();
    match config::read(path) {
        Err(errors) => report.lines = refused_lines(&errors),
        Ok(config) => {
            report.lines = config_lines(&config);
            report.lines.extend(pin_lines(&config, clock::unix()));
            report.lines.extend(machine_lines(&config));
            #[cfg(feature = "screen")]
            report.lines.extend(
                crate::screen::look_lines(&config.screen.look)
                    .into_iter()
                    .map(|(what, remedy)| wrong(what, remedy)),
            );
            match Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => {
                    runtime.block_on(ask(&config, &mut report.lines));
                    // A name that is still being looked up is not waited for.
                    runtime.shutdown_background();
                }
                Err(error) => report.lines.push(wrong(format!("The network cannot be used: {error}."), "")),
            }
        }
    }
    (report.to_string(), report.is_good())
}

fn machine_lines(config: &Config) -> Vec<Line> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let backing = |name: &str| read(&format!("/sys/block/{name}/backing_dev"));
    let swap = swap_line(&read("/proc/swaps"), backing, &read("/sys/fs/cgroup/cgroup.controllers"));
    swap.into_iter().chain(adapter_line(config, config.cec.exists())).collect()
}

/// `None` if a step failed that the next ones need; the lines say which.
async fn ask(config: &Config, lines: &mut Vec<Line>) -> Option<()> {
    let transport = match Transport::new(&config.broker.roots, &config.broker.pins.roots) {
        Ok(transport) => transport,
        Err(sentence) => {
            lines.push(wrong(sentence, ""));
            return None;
        }
    };
    look_up(config, lines).await?;
    let reply = match send(&transport, &provider::request(&config.broker.authority)).await {
        Ok(reply) => reply,
        Err(failure) => {
            lines.push(tls_line(config, Err(&failure.why)));
            return None;
        }
    };
    lines.push(tls_line(config, Ok(())));
    lines.push(clock_line(clock::unix(), reply.date.as_deref()));
    let date = reply.date.clone();
    let provider = provider::read(&config.broker.authority, &reply)
        .map_err(|fault| lines.push(broken("discovery", &fault, "Check broker.authority.")))
        .ok()?;
    lines.extend(discovery_lines(config, &provider));
    match send(&transport, &jwks::request(&provider)).await.map(|reply| jwks::read(&reply)) {
        Ok(Ok(keys)) => lines.extend(jwks_lines(config, &keys)),
        Ok(Err(fault)) => lines.push(broken("the keys", &fault, "Ask the broker.")),
        Err(failure) => lines.push(unanswered("the keys", &failure)),
    }
    prove(config, &transport, &provider, date.as_deref(), lines).await;
    Some(())
}

async fn look_up(config: &Config, lines: &mut Vec<Line>) -> Option<()> {
    let url = config.broker.authority.url();
    let host = url.host_str()?.trim_matches(['[', ']']);
    let found = timeout(PROMPTLY, lookup_host((host, url.port_or_known_default()?))).await;
    let line = match found {
        Ok(Ok(found)) => {
            let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
            addresses.dedup();
            dns_line(host, Ok(&addresses))
        }
        Ok(Err(_)) => dns_line(host, Err("there is no such name, or no DNS server answers")),
        Err(_) => dns_line(host, Err("no DNS server answers in time")),
    };
    let found = matches!(line, Line::Good(_));
    lines.push(line);
    found.then_some(())
}

/// Polls for a login that never was: a broker checks the client before it looks for the login.
async fn prove(
    config: &Config,
    transport: &Transport,
    provider: &Provider,
    date: Option<&str>,
    lines: &mut Vec<Line>,
) {
    let asked = moment(date).map_err(|sentence| wrong(sentence, ""));
    let call = asked.and_then(|moment| {
        token::request(provider, &config.broker.client, &AuthReqId(NO_LOGIN.into()), &moment)
            .map_err(|unsigned| wrong(unsigned.to_string(), ""))
    });
    let line = match call {
        Ok(call) => match send(transport, &call).await {
            Ok(reply) => client_line(config, &token::read(&reply)),
            Err(failure) => unanswered("the client's proof", &failure),
        },
        Err(line) => line,
    };
    lines.push(line);
}

/// Now, with a wrong clock put right by what the broker said.
fn moment(date: Option<&str>) -> Result<Moment, String> {
    let now = Now { uptime: clock::uptime(), unix: clock::unix(), random: net::random()? };
    let mut time = Time::new(clock::built());
    time.hear(date, &now);
    Ok(Moment { unix: time.unix(&now), random: now.random })
}

async fn send(transport: &Transport, call: &Call) -> Result<Reply, Failure> {
    transport.send(call, PROMPTLY).await
}

fn broken(what: &str, fault: &Fault, remedy: &str) -> Line {
    wrong(format!("The broker's answer about {what} cannot be used: {fault}."), remedy)
}

fn unanswered(what: &str, failure: &Failure) -> Line {
    wrong(
        format!("The broker does not answer about {what}: {}.", failure.why),
        "Check the network, and that no firewall stands between.",
    )
}
