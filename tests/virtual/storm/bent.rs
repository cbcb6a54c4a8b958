//! The judge itself, tried on logins that went well and are told wrongly.

use std::time::Duration;

use flexlogin::ciba::{Identity, Profile, Untrusted};
use flexlogin::flow::{Cause, Granted, Outcome};

use super::judge::judge;
use super::login::{Ending, Told};
use super::phone::{Decision, PEOPLE};
use super::play::play;
use super::server::{Request, Server};

/// How a login is told wrongly; `None` if this one cannot be.
type Bend = fn(&mut Server, usize) -> Option<()>;

const BENDS: [(&str, Bend); 13] = [
    ("it has no end", |server, login| server.logins[login].ended.take().map(|_| ())),
    ("it is approved, and the person said no", |server, login| {
        matches!(request(server, login)?.decision, Decision::Rejects(_)).then_some(())?;
        ends(server, login, Ending::Rejected, approved())
    }),
    ("it is approved, and nobody was asked", |server, login| {
        server.logins[login].requests.is_empty().then_some(())?;
        ends(server, login, Ending::Unavailable, approved())
    }),
    ("it is approved, and the token was wrong", |server, login| {
        ends(server, login, Ending::Refused, approved())
    }),
    ("it is refused, and the token was good", |server, login| {
        ends(server, login, Ending::Approved, Outcome::Refused(Untrusted::Issuer))
    }),
    ("it is unknown, and the answer came", |server, login| {
        ends(server, login, Ending::Approved, Outcome::Unknown(Cause::code("answer_lost")))
    }),
    ("it is cancelled, and nobody wanted to leave", |server, login| {
        server.logins[login].left.clear();
        is(server, login, Ending::Cancelled)
    }),
    ("it is expired before its time", |server, login| {
        is(server, login, Ending::Expired)?;
        server.logins[login].told.iter().all(|(_, told)| *told != Told::Expired).then_some(())?;
        let login = &mut server.logins[login];
        login.ended.as_mut()?.0 = login.started_at + Duration::from_secs(1);
        Some(())
    }),
    ("it goes on after the last word", |server, login| {
        is(server, login, Ending::Rejected)?;
        server.logins[login].ended.as_mut()?.0 += Duration::from_secs(1);
        Some(())
    }),
    ("its result is of another token", |server, login| {
        is(server, login, Ending::Approved)?;
        request(server, login)?.id_token.replace("another".into()).map(|_| ())
    }),
    ("its result is of another person", |server, login| {
        is(server, login, Ending::Approved)?;
        let request = request(server, login)?;
        request.person = PEOPLE.iter().find(|person| person.sub != request.person.sub)?;
        Some(())
    }),
    ("two prompts came to the phone", |server, login| {
        let requests = &mut server.logins[login].requests;
        requests.push(*requests.first()?);
        Some(())
    }),
    ("its prompt stays on the phone", |server, login| {
        is(server, login, Ending::Cancelled)?;
        (server.climate.profile == Profile::Signaturgruppen).then_some(())?;
        let request = request(server, login)?;
        (request.known.is_some() && request.cancelled.take().is_some()).then_some(())?;
        (request.decision, request.expires) = (Decision::Never, request.expires + Duration::from_secs(100));
        request.cancels.clear();
        Some(())
    }),
];

#[test]
fn every_lie_about_a_login_is_found() {
    for (name, bend) in BENDS {
        let judged = (1..300).find_map(|seed| {
            let mut played = play(seed, false);
            assert_eq!(played.wrong, None);
            let login =
                (0..played.server.logins.len()).find(|login| bend(&mut played.server, *login).is_some())?;
            Some(judge(&played.server, &played.sleeps, login))
        });
        assert!(judged.is_some_and(|judged| judged.is_err()), "{name}");
    }
}

fn request(server: &mut Server, login: usize) -> Option<&mut Request> {
    let number = *server.logins[login].requests.first()?;
    Some(&mut server.requests[number])
}

fn is(server: &Server, login: usize, ending: Ending) -> Option<()> {
    let (_, outcome) = server.logins[login].ended.as_ref()?;
    (Ending::of(outcome) == ending).then_some(())
}

/// Changes how it ended, if it ended so.
fn ends(server: &mut Server, login: usize, was: Ending, outcome: Outcome) -> Option<()> {
    is(server, login, was)?;
    server.logins[login].ended.as_mut()?.1 = outcome;
    Some(())
}

fn approved() -> Outcome {
    let identity = Identity {
        sub: PEOPLE[0].sub.into(),
        mitid_uuid: None,
        name: None,
        date_of_birth: None,
        age: None,
        loa: None,
        auth_time: None,
    };
    let granted = Box::new(Granted { identity, id_token: "a.b.c".into() });
    Outcome::Approved { granted, reference_id: "r".into() }
}
