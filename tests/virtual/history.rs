//! The world itself, tried with one small server.

use std::time::Duration;

use flexlogin::ciba::{Algorithm, Hint, Profile};
use flexlogin::flow::{Control, Event, Outcome};
use serde_json::{Value, json};

use crate::broker::{
    BACKCHANNEL, CLIENT_ID, CLIENT_SECRET, DISCOVERY, ISSUER, JWKS, TOKEN, calls_settings, discovery,
    flow_settings, reply, secret_post,
};
use crate::signing::{Key, jws};
use crate::world::{Answered, Asked, World, unix};

/// Two polls are answered with "not yet", the third with the tokens.
#[derive(Default)]
struct Small {
    heard: Vec<(Duration, String)>,
    /// What becomes of the call of this number at this path, instead of an answer.
    failure: Option<(&'static str, usize, Failure)>,
}

#[derive(Clone, Copy)]
enum Failure {
    NotSent,
    NoAnswer,
    Broken,
    Silence,
}

impl Small {
    fn hear(&mut self, asked: &Asked<'_>) -> Answered {
        let path = asked.call.url.path().to_owned();
        self.heard.push((asked.at, path.clone()));
        let times = self.times(&path).len();
        if let Some((_, _, failure)) = self.failure.filter(|(at, number, _)| (*at, *number) == (&path, times))
        {
            let after = ms(30);
            return match failure {
                Failure::NotSent => Answered::NotSent { after },
                Failure::NoAnswer => Answered::NoAnswer { after },
                Failure::Broken => Answered::BrokenBody { after, status: 200 },
                Failure::Silence => Answered::Silence,
            };
        }
        let (status, body) = match path.as_str() {
            DISCOVERY => (200, discovery()),
            BACKCHANNEL => (200, json!({"auth_req_id": "r1", "expires_in": 300})),
            JWKS => (200, json!({"keys": []})),
            TOKEN if times < 3 => (400, json!({"error": "authorization_pending"})),
            TOKEN => (200, tokens(unix(asked.at))),
            _ => panic!("nothing is at {path}"),
        };
        Answered::Reply { after: ms(30), reply: reply(status, &body) }
    }

    fn polls(&self) -> Vec<Duration> {
        self.times(TOKEN)
    }

    fn times(&self, path: &str) -> Vec<Duration> {
        self.heard.iter().filter(|(_, heard)| heard == path).map(|(at, _)| *at).collect()
    }
}

fn tokens(now: u64) -> Value {
    let claims = json!({"iss": ISSUER, "aud": CLIENT_ID, "sub": "anna", "iat": now, "exp": now + 300});
    let key = Key::Secret(CLIENT_SECRET.into());
    let id_token = jws(&key, Algorithm::Hs256, &json!({"alg": "HS256"}), &claims);
    json!({"access_token": "a", "token_type": "Bearer", "id_token": id_token})
}

fn failing(path: &'static str, number: usize, failure: Failure) -> Small {
    Small { failure: Some((path, number, failure)), ..Small::default() }
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn world() -> World {
    world_of(7)
}

fn world_of(seed: u64) -> World {
    let mut world = World::new(seed);
    world.add(
        flow_settings(Profile::Ciba, &secret_post()),
        calls_settings(Profile::Ciba, secret_post(), Algorithm::Hs256),
    );
    world.tell(ms(0), 0, Event::Given { hint: Hint::Login("6701901234".into()), user_code: None });
    world
}

fn run(mut world: World, mut server: Small) -> (World, Small) {
    world.run_until(Duration::from_secs(700), &mut |asked| server.hear(asked));
    (world, server)
}

#[test]
fn a_login_goes_from_the_first_key_to_the_result_in_no_time() {
    let (world, server) = run(world(), Small::default());
    let device = world.device(0);
    let [(at, Outcome::Approved { granted, .. })] = &device.outcomes[..] else {
        panic!("{:?}", device.outcomes)
    };
    assert_eq!(granted.identity.sub, "anna");
    // Each call is under way for 20 ms and answered 30 ms later; each poll waits five seconds and a margin.
    assert_eq!(server.polls(), [ms(5220), ms(10_370), ms(15_520)]);
    assert!(*at < ms(15_700), "{at:?}");
    // The result leaves the screen by itself.
    assert_eq!(device.leaves, 1);
    assert!(world.is_at_rest());
    assert_eq!(world.now(), Duration::from_secs(700));
}

#[test]
fn one_seed_has_one_history() {
    let told = |seed| {
        let mut world = world_of(seed);
        world.road = ms(5)..=ms(900);
        world.journal = Some(Vec::new());
        run(world, Small::default()).0.journal.unwrap()
    };
    assert_eq!(told(1), told(1));
    assert_ne!(told(1), told(2));
    assert!(told(1).iter().any(|line| line.contains("/op/token")), "{:#?}", told(1));
}

#[test]
fn a_call_is_given_up_at_its_deadline() {
    let (world, server) = run(world(), failing(TOKEN, 1, Failure::Silence));
    assert!(matches!(world.device(0).outcomes[..], [(_, Outcome::Approved { .. })]));
    // The first poll hangs for 35 s from when it was sent.
    assert_eq!(server.polls()[..2], [ms(5220), ms(5200 + 35_000 + 5_100 + 20)]);
}

#[test]
fn what_comes_while_a_device_sleeps_waits_for_it() {
    let mut world = world();
    world.suspend(0, Duration::from_secs(100));
    let (world, server) = run(world, Small::default());
    assert_eq!(server.heard[0].0, Duration::from_secs(100) + ms(20));
    assert!(matches!(world.device(0).outcomes[..], [(_, Outcome::Approved { .. })]));
}

#[test]
fn a_process_that_ended_hears_nothing_more() {
    let mut server = Small::default();
    let mut world = world();
    world.run_until(Duration::from_secs(6), &mut |asked| server.hear(asked));
    world.restart(
        0,
        flow_settings(Profile::Ciba, &secret_post()),
        calls_settings(Profile::Ciba, secret_post(), Algorithm::Hs256),
    );
    let (world, server) = run(world, server);
    assert_eq!(server.polls().len(), 1);
    assert!(world.device(0).outcomes.is_empty());
}

#[test]
fn a_person_can_leave_at_any_time() {
    let mut world = world();
    world.tell(Duration::from_secs(7), 0, Event::Tapped(Control::Cancel));
    let (world, server) = run(world, Small::default());
    assert!(
        matches!(world.device(0).outcomes[..], [(at, Outcome::Cancelled)] if at == Duration::from_secs(7))
    );
    assert_eq!(server.polls().len(), 1);
}

#[test]
fn a_device_goes_by_its_own_wall_clock() {
    for (ahead, approved) in [(0, true), (-40, true), (-7200, false), (7200, false)] {
        let mut world = world();
        world.device_mut(0).ahead = ahead;
        let (world, _) = run(world, Small::default());
        let [(_, outcome)] = &world.device(0).outcomes[..] else { panic!("{:?}", world.device(0).outcomes) };
        assert_eq!(matches!(outcome, Outcome::Approved { .. }), approved, "{ahead}: {outcome:?}");
    }
}

#[test]
fn a_call_that_fails_is_told_by_how_far_it_came() {
    let (world, server) = run(world(), failing(BACKCHANNEL, 1, Failure::NotSent));
    assert!(matches!(world.device(0).outcomes[..], [(_, Outcome::Approved { .. })]));
    assert_eq!(server.times(BACKCHANNEL).len(), 2);

    let (world, server) = run(world_of(8), failing(BACKCHANNEL, 1, Failure::NoAnswer));
    assert!(matches!(world.device(0).outcomes[..], [(_, Outcome::Unknown(_))]));
    assert_eq!(server.times(BACKCHANNEL).len(), 1);

    // What a broken answer held is asked for once more, and this server gives it.
    let (world, server) = run(world_of(9), failing(TOKEN, 3, Failure::Broken));
    assert!(matches!(world.device(0).outcomes[..], [(_, Outcome::Approved { .. })]));
    assert_eq!(server.polls().len(), 4);
}

#[test]
fn two_devices_share_the_server_and_nothing_else() {
    let mut world = world();
    world.add(
        flow_settings(Profile::Ciba, &secret_post()),
        calls_settings(Profile::Ciba, secret_post(), Algorithm::Hs256),
    );
    let hint = Hint::Login("6701901234".into());
    world.tell(ms(50), 1, Event::Given { hint, user_code: None });
    let mut servers = [Small::default(), Small::default()];
    world.run_until(Duration::from_secs(700), &mut |asked| servers[asked.device].hear(asked));
    for (device, server) in servers.iter().enumerate() {
        assert!(matches!(world.device(device).outcomes[..], [(_, Outcome::Approved { .. })]));
        assert_eq!(server.polls().len(), 3);
    }
}
