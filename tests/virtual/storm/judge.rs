//! Whether a login ended as it must, given what the device was told, what people did and what the broker knows.

use std::time::Duration;

use flexlogin::ciba::Profile;
use flexlogin::flow::Outcome;

use super::login::{Ending, Login, Told};
use super::phone::Decision;
use super::server::{Request, Server};

/// The time in which a key set is fetched, or not.
const KEYS_TAKE: Duration = Duration::from_secs(10);
/// After logins that reached nobody the next ones are not even tried for so long.
const REST: Duration = Duration::from_secs(30);
/// A start that nobody answers for so long is given up.
const START_TAKES: Duration = Duration::from_secs(60);
const A_CANCEL: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// What this world itself may add.
const SLACK: Duration = Duration::from_millis(100);

/// When each device was asleep.
#[derive(Default)]
pub(super) struct Sleeps(pub(super) [Vec<(Duration, Duration)>; 2]);

impl Sleeps {
    /// When a device notices what happens at this time.
    pub(super) fn awake(&self, device: usize, at: Duration) -> Duration {
        let slept = self.0[device].iter().find(|(from, until)| (*from..*until).contains(&at));
        slept.map_or(at, |(_, until)| *until)
    }
}

/// What is wrong with a login that is over.
pub(super) fn judge(server: &Server, sleeps: &Sleeps, login: usize) -> Result<(), String> {
    let login = &server.logins[login];
    let requests: Vec<&Request> = login.requests.iter().map(|number| &server.requests[*number]).collect();
    let all = || {
        let (at, outcome) = login.ended.as_ref().ok_or("it has no end")?;
        if requests.len() > 1 {
            return Err("more than one prompt came to the phone".to_owned());
        }
        look_at_the_ending(server, sleeps, login, *at, Ending::of(outcome))?;
        look_at_the_result(outcome, *at, requests.first().copied())?;
        requests.first().map_or(Ok(()), |request| look_at_the_prompt(server, sleeps, login, *at, request))
    };
    all().map_err(|wrong| {
        let requests: Vec<String> = requests.iter().map(ToString::to_string).collect();
        format!("{wrong}: {login}\n{}", requests.join("\n"))
    })
}

fn look_at_the_ending(
    server: &Server,
    sleeps: &Sleeps,
    login: &Login,
    at: Duration,
    ending: Ending,
) -> Result<(), String> {
    let awake = |time| sleeps.awake(login.device, time);
    let road = *server.climate.road.end() + SLACK;
    let told_between =
        |times: &[Duration], from: Duration| times.iter().any(|time| (from..=at).contains(&awake(*time)));
    let left = login.left.iter().any(|time| awake(*time) == at);
    let out_of_time = login.deadline().is_some_and(|deadline| at >= deadline);
    let in_time_or_left = match ending {
        Ending::Cancelled => left,
        Ending::Expired => out_of_time,
        _ => false,
    };
    let right = match login.decided(awake).filter(|(told_at, ..)| *told_at <= at) {
        Some((told_at, told, due)) => {
            let takes = match told {
                Told::Tokens | Told::WrongTokens => KEYS_TAKE,
                // When a call runs out of time is known to the length of its road.
                Told::StartUnanswered => road,
                _ => Duration::ZERO,
            };
            if at > awake(told_at + takes) {
                return Err(format!("it was decided at {told_at:?} and went on"));
            }
            let lost_in_time = due == Ending::Approved && server.climate.is_lost_in_time(login.device);
            let due = if lost_in_time { Ending::Unavailable } else { due };
            let no_keys = matches!(told, Told::Tokens | Told::WrongTokens)
                && ending == Ending::Unknown
                && told_between(&server.without_keys[login.device], told_at);
            ending == due || no_keys || in_time_or_left
        }
        None => {
            let not_answered = ending == Ending::Unknown && at >= login.started_at + START_TAKES;
            let no_metadata = ending == Ending::Unavailable
                && login.told.is_empty()
                && told_between(
                    &server.without_metadata[login.device],
                    login.started_at.saturating_sub(road),
                );
            let since = at.saturating_sub(REST + road);
            let not_tried = ending == Ending::Unavailable
                && login.told.is_empty()
                && at == login.started_at
                && server.in_vain(login.device).any(|time| (since..=at).contains(&awake(time)));
            in_time_or_left || not_answered || no_metadata || not_tried
        }
    };
    if right { Ok(()) } else { Err(format!("nobody gave a reason to end it as {ending:?}")) }
}

/// Nobody gets a result but from their own person's approval of this very request.
fn look_at_the_result(outcome: &Outcome, at: Duration, request: Option<&Request>) -> Result<(), String> {
    let Outcome::Approved { granted, reference_id } = outcome else { return Ok(()) };
    let Some(request) = request else { return Err("it was approved, and never asked for".into()) };
    let in_time = |then: Duration| then <= at && then < request.prompt_ends().max(then + SLACK);
    if !matches!(request.decision, Decision::Approves(then) if in_time(then) && then < request.expires) {
        return Err(format!("it was approved by nobody: {:?}", request.decision));
    }
    if request.id_token.as_deref() != Some(granted.id_token.expose()) {
        return Err("its result is of another login".into());
    }
    if granted.identity.sub != request.person.sub {
        return Err("its result is of another person".into());
    }
    if !request.reference_id.is_empty() && request.reference_id != *reference_id {
        return Err("its reference is of another login".into());
    }
    Ok(())
}

/// From the end of the login until its prompt is gone the broker is told again and again, as often as was agreed.
fn look_at_the_prompt(
    server: &Server,
    sleeps: &Sleeps,
    login: &Login,
    ended: Duration,
    request: &Request,
) -> Result<(), String> {
    let (Some(known), Profile::Signaturgruppen) = (request.known, server.climate.profile) else {
        return Ok(());
    };
    let awake = |time| sleeps.awake(login.device, time);
    let road = *server.climate.road.end();
    let gone = request.prompt_ends();
    let mut next_by = ended.max(awake(known)) + road + SLACK;
    let mut pause = Duration::from_secs(1);
    for cancel in request.cancels.iter().chain([&Duration::MAX]) {
        if gone <= next_by {
            return Ok(());
        }
        if *cancel > next_by {
            return Err(format!(
                "its prompt stayed on the phone until {gone:?}; a cancel was due by {next_by:?}"
            ));
        }
        next_by = awake(awake(*cancel + A_CANCEL) + pause) + road + SLACK;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Ok(())
}
