//! One case of the suite: a provider that behaves in its way, a client, and what has to come of it.

use std::time::Duration;

use flexlogin::calls;
use flexlogin::ciba::request_object::Signer;
use flexlogin::ciba::{Algorithm, ClientAuth, Hint, Profile, RequestObject, SigningKey, Untrusted};
use flexlogin::flow::{Control, Event, Granted, Notice, Outcome};
use serde_json::Value;

use super::demands::Registered;
use super::provider::{Heard, Poll, Provider};
use super::token::Token;
use crate::broker::{BACKCHANNEL, TOKEN, calls_settings, flow_settings};
use crate::signing::{Key, client_p256};
use crate::world::World;

/// How long a login is watched; its `expires_in` is half of it.
const A_LOGIN: Duration = Duration::from_secs(600);

pub(super) struct Case {
    pub(super) provider: Provider,
    pub(super) calls: calls::Settings,
}

impl Case {
    /// The plain server of the FAPI-CIBA plan and a client that signs all that it says with ES256.
    pub(super) fn fapi() -> Case {
        Case::fapi_client(client_p256(), Algorithm::Es256)
    }

    pub(super) fn fapi_client(key: &'static Key, alg: Algorithm) -> Case {
        let key_id = Some("client".to_owned());
        let pem = SigningKey::from_pem(key.pem().as_bytes(), alg).unwrap();
        let auth = ClientAuth::PrivateKeyJwt { key: pem.clone(), key_id: key_id.clone() };
        let mut calls = calls_settings(Profile::Ciba, auth, Algorithm::Ps256);
        let signer = Signer::Key { key: pem, key_id };
        calls.terms.request_object = Some(RequestObject { signer, typed: true });
        Case { provider: Provider::fapi(Registered::fapi(key)), calls }
    }

    /// Requests go unsigned, and ID tokens come under RS256, the default of OpenID Connect.
    pub(super) fn oidc() -> Case {
        let mut case = Case::fapi().signs_with(Algorithm::Rs256);
        case.provider.registered.signs_requests = false;
        case.calls.terms.request_object = None;
        case
    }

    /// The algorithm of the ID tokens, registered at both ends.
    pub(super) fn signs_with(mut self, alg: Algorithm) -> Case {
        self.provider.sign_with(alg);
        self.calls.id_token_alg = alg;
        self
    }

    /// A client that proves itself by a secret.
    pub(super) fn client(mut self, auth: ClientAuth) -> Case {
        self.provider.registered.method = auth.method();
        self.calls.client.auth = auth;
        self
    }

    pub(super) fn asks(mut self, change: impl FnOnce(&mut calls::Settings)) -> Case {
        change(&mut self.calls);
        self
    }

    pub(super) fn acknowledges(mut self, bend: fn(&mut Value)) -> Case {
        self.provider.bend_acknowledgement = bend;
        self
    }

    pub(super) fn refuses(mut self, status: u16, error: &'static str) -> Case {
        self.provider.refuses = Some((status, error));
        self
    }

    pub(super) fn answers_polls(mut self, polls: impl IntoIterator<Item = Poll>) -> Case {
        self.provider.polls = polls.into_iter().collect();
        self
    }

    /// The tokens are odd, and good.
    pub(super) fn bends(mut self, bend: fn(&mut Token)) -> Case {
        self.provider.bend = bend;
        self
    }

    /// The tokens are not to be believed.
    pub(super) fn spoils(mut self, bend: fn(&mut Token)) -> Case {
        self.provider.good = false;
        self.bends(bend)
    }

    pub(super) fn with(mut self, change: impl FnOnce(&mut Provider)) -> Case {
        change(&mut self.provider);
        self
    }

    pub(super) fn runs(self) -> Run {
        self.runs_times(1)
    }

    /// A device of this client, with a person who has just asked for a login.
    pub(super) fn begins(&self) -> World {
        let mut world = World::new(0x5eed);
        // A slow call that a fast one follows comes closer to it than they were sent.
        world.road = Duration::from_millis(2)..=Duration::from_millis(900);
        world.add(flow_settings(Profile::Ciba, &self.calls.client.auth), self.calls.clone());
        world.tell(Duration::ZERO, 0, login());
        world
    }

    /// So many logins, one after the other.
    pub(super) fn runs_times(self, logins: u32) -> Run {
        self.runs_through(logins, A_LOGIN, |_| {})
    }

    /// One login, and another after some time in which the provider has changed.
    pub(super) fn runs_again_after(self, pause: Duration, change: impl Fn(&mut Provider)) -> Run {
        self.runs_through(2, pause, change)
    }

    fn runs_through(mut self, logins: u32, pause: Duration, change: impl Fn(&mut Provider)) -> Run {
        let mut world = self.begins();
        world.run_until(pause, &mut |asked| self.provider.hear(asked));
        for login_number in 2..=logins {
            change(&mut self.provider);
            world.tell(world.now(), 0, Event::Tapped(Control::Again));
            world.tell(world.now(), 0, login());
            world.run_until(pause * login_number, &mut |asked| self.provider.hear(asked));
        }
        assert!(world.is_at_rest());
        let device = world.device_mut(0);
        let outcomes = device.outcomes.drain(..).map(|(_, outcome)| outcome).collect::<Vec<_>>();
        let notices = device.notices.drain(..).map(|(_, notice)| notice).collect();
        assert_eq!(outcomes.len(), logins as usize, "{outcomes:?}");
        assert_eq!(self.provider.complaints, [""; 0]);
        let run = Run { provider: self.provider, outcomes, notices };
        assert!(run.times(BACKCHANNEL).len() <= logins as usize, "a start was repeated");
        run
    }
}

/// What came of a case in which the client was caught at nothing.
pub(super) struct Run {
    pub(super) provider: Provider,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) notices: Vec<Notice>,
}

impl Run {
    /// Every login was approved.
    #[track_caller]
    pub(super) fn accepts(&self) -> Vec<&Granted> {
        assert_eq!(self.notices, []);
        let mut granted_ones = Vec::new();
        for outcome in &self.outcomes {
            let Outcome::Approved { granted, .. } = outcome else { panic!("{outcome:?}") };
            granted_ones.push(&**granted);
        }
        granted_ones
    }

    /// The token is refused for this clause, the operator is told once, and nothing is handed over.
    #[track_caller]
    pub(super) fn rejects(&self, clause: Untrusted) {
        assert_eq!(self.polls().len(), 3);
        assert!(
            matches!(self.outcomes[..], [Outcome::Refused(refused)] if refused == clause),
            "{:?}",
            self.outcomes
        );
        assert_eq!(self.notices, [Notice::Untrusted(clause)]);
    }

    /// The login ends for this reason, after so many polls.
    #[track_caller]
    pub(super) fn stops(&self, reason: &str, polls: usize) {
        assert_eq!(self.polls().len(), polls);
        let [outcome] = &self.outcomes[..] else { panic!("{:?}", self.outcomes) };
        let told = match outcome {
            Outcome::Rejected => "rejected".into(),
            Outcome::Expired => "expired".into(),
            Outcome::Unavailable(cause) => cause.to_string(),
            other => panic!("{other:?}"),
        };
        assert!(told.contains(reason), "{told}");
        // The operator hears once of whatever is not a person's doing.
        let by_a_person = ["rejected", "expired", "unknown_user_id"].contains(&told.as_str());
        assert_eq!(self.notices.len(), usize::from(!by_a_person), "{:?}", self.notices);
    }

    /// When the polls came.
    pub(super) fn polls(&self) -> Vec<Duration> {
        self.times(TOKEN)
    }

    pub(super) fn times(&self, path: &str) -> Vec<Duration> {
        self.calls(path).map(|(at, _)| *at).collect()
    }

    /// The times between the polls.
    pub(super) fn gaps(&self) -> Vec<Duration> {
        self.polls().windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    pub(super) fn first(&self, path: &str) -> &Heard {
        self.calls(path).next().unwrap()
    }

    pub(super) fn calls(&self, path: &str) -> impl Iterator<Item = &Heard> {
        self.provider.heard.iter().filter(move |(_, call)| call.url.path() == path)
    }
}

fn login() -> Event {
    Event::Given { hint: Hint::Login("6701901234".into()), user_code: None }
}
