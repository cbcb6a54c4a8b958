//! What becomes of a login when it is over, when the process is, and when an earlier process left one behind.
//!
//! Whatever may be on a phone is kept ([`Do::Keep`]) from its acknowledgement until it is over or the broker has
//! heard its cancel, so that the next process can take it back if this one is killed.

use super::{Calls, Do, Now};
use crate::ciba::{AuthReqId, Provider, cancel};
use crate::flow::Attempt;

impl Calls {
    /// The login is over, and nothing of it stays here but a cancel that is under way.
    pub fn end(&mut self, attempt: Attempt) -> Vec<Do> {
        self.drop_the_poll_of(attempt);
        self.asked.take_if(|asked| asked.attempt() == attempt);
        if let Some((_, auth_req_id)) = self.told.take_if(|(of, _)| *of == attempt) {
            self.forget(auth_req_id);
        }
        self.todo.take()
    }

    /// Gives up whatever is under way, for somebody who can no longer say what that is.
    pub fn abandon(&mut self, now: &Now) -> Vec<Do> {
        let told = self.told.as_ref().map(|(attempt, _)| *attempt);
        let attempts: Vec<Attempt> = self.starts.iter().map(|start| start.attempt()).chain(told).collect();
        for attempt in attempts {
            self.give_up(attempt, None, now);
        }
        self.todo.take()
    }

    /// Cancels what an earlier process kept and did not forget.
    pub fn take_back(&mut self, left_behind: Vec<AuthReqId>, now: &Now) -> Vec<Do> {
        for auth_req_id in left_behind {
            self.cancel(auth_req_id, now);
        }
        self.todo.take()
    }

    /// Whether no login lives and nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.told.is_none() && self.cancels.is_empty() && self.todo.is_empty()
    }

    /// Where the broker knows no cancel, the next process could do nothing with the id.
    pub(super) fn keep(&mut self, auth_req_id: &AuthReqId, provider: &Provider) {
        if cancel::request(provider, self.settings.profile, auth_req_id).is_some() {
            self.todo.add(Do::Keep(auth_req_id.clone()));
        }
    }

    pub(super) fn forget(&mut self, auth_req_id: AuthReqId) {
        self.todo.add(Do::Forget(auth_req_id));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Heard, Ip, Settings, Task};
    use super::*;
    use crate::ciba::{Action, Algorithm, Call, Client, ClientAuth, Hint, Issuer, Method, Profile, Reply};
    use crate::flow::{Effect, Order};

    const FIRST: Attempt = Attempt(1);

    fn now(seconds: u64) -> Now {
        Now { uptime: Duration::from_secs(seconds), unix: 1_800_000_000 + seconds, random: [7; 16] }
    }

    fn calls(profile: Profile) -> Calls {
        Calls::new(Settings {
            issuer: Issuer::parse("https://op.example/op").unwrap(),
            profile,
            client: Client { client_id: "flexlogin".into(), auth: ClientAuth::SecretPost("word".into()) },
            id_token_alg: Algorithm::Rs256,
            scope: "openid".into(),
            action: Action::LogOn,
            ip: Ip::Fixed([192, 0, 2, 7].into()),
            built: 0,
        })
    }

    /// Answers each request as a good broker does, and gives what there was to do and what is still unanswered.
    fn answer(calls: &mut Calls, mut todo: Vec<Do>, unanswered: Option<Method>) -> (Vec<String>, Vec<Task>) {
        let (mut done, mut open) = (Vec::new(), Vec::new());
        while !todo.is_empty() {
            let one = todo.remove(0);
            match one {
                Do::Send { task, call, .. } if Some(call.method) == unanswered => {
                    done.push(format!("{:?}", call.method));
                    open.push(task);
                }
                Do::Send { task, call, .. } => {
                    done.push(format!("{:?}", call.method));
                    todo.extend(calls.hear(task, Heard::Reply(reply(&call)), &now(1)));
                }
                Do::Wait { task, .. } => open.push(task),
                Do::Keep(id) => done.push(format!("keep {}", id.0.expose())),
                Do::Forget(id) => done.push(format!("forget {}", id.0.expose())),
                Do::Drop { .. } => done.push("drop".into()),
                Do::Tell(_) => done.push("tell".into()),
                Do::Locate { .. } | Do::Note(_) => {}
            }
        }
        (done, open)
    }

    fn reply(call: &Call) -> Reply {
        let body = match (call.method, call.url.path()) {
            (Method::Get, _) => {
                r#"{"issuer":"https://op.example/op","jwks_uri":"https://op.example/op/jwks",
                "token_endpoint":"https://op.example/op/token",
                "backchannel_authentication_endpoint":"https://op.example/op/ciba",
                "backchannel_token_delivery_modes_supported":["poll"],
                "grant_types_supported":["urn:openid:params:grant-type:ciba"]}"#
            }
            (_, "/op/ciba") => r#"{"auth_req_id":"one","expires_in":300,"interval":5}"#,
            _ => "",
        };
        Reply { status: 200, retry_after: None, date: None, body: body.as_bytes().to_vec().into() }
    }

    fn start() -> Effect {
        Effect::Start {
            attempt: FIRST,
            order: Order {
                hint: Hint::Cpr("6701901234".into()),
                reference_text: "1234".into(),
                reference_id: "r".into(),
                ciba_nonce: "n".into(),
            },
        }
    }

    fn waiting() -> Calls {
        let mut calls = calls(Profile::Signaturgruppen);
        let todo = calls.carry_out(start(), &now(1));
        let (done, _) = answer(&mut calls, todo, None);
        assert_eq!(done, ["Get", "Post", "keep one", "tell"]);
        calls
    }

    #[test]
    fn what_may_be_on_a_phone_is_kept_until_it_is_over() {
        let mut calls = waiting();
        assert!(!calls.is_idle());
        let todo = calls.end(Attempt(2));
        assert_eq!(answer(&mut calls, todo, None).0, [""; 0]);
        let todo = calls.end(FIRST);
        assert_eq!(answer(&mut calls, todo, None).0, ["forget one"]);
        assert!(calls.is_idle() && calls.asked.is_none());
    }

    #[test]
    fn a_login_that_is_cancelled_is_kept_until_the_broker_has_heard_it() {
        let mut calls = waiting();
        let (_, auth_req_id) = calls.told.clone().unwrap();
        let cancel = Effect::Cancel { attempt: FIRST, auth_req_id: Some(auth_req_id) };
        let mut todo = calls.carry_out(cancel, &now(2));
        todo.extend(calls.end(FIRST));
        let (done, open) = answer(&mut calls, todo, Some(Method::Delete));
        assert_eq!(done, ["Delete"]);
        assert!(!calls.is_idle() && calls.has_obligations());
        let abandoned = calls.abandon(&now(2));
        assert_eq!(answer(&mut calls, abandoned, None).0, [""; 0], "it is cancelled already");
        let heard =
            Heard::Reply(Reply { status: 404, retry_after: None, date: None, body: Vec::new().into() });
        let todo = calls.hear(open[0], heard, &now(3));
        assert_eq!(answer(&mut calls, todo, None).0, ["forget one"]);
        assert!(calls.is_idle());
    }

    #[test]
    fn what_nobody_can_speak_for_any_more_is_cancelled() {
        let mut calls = waiting();
        let todo = calls.abandon(&now(2));
        assert_eq!(answer(&mut calls, todo, None).0, ["Delete", "forget one"]);
        let todo = calls.abandon(&now(3));
        assert_eq!(answer(&mut calls, todo, None).0, [""; 0]);
    }

    #[test]
    fn a_start_that_is_on_its_way_is_cancelled_when_it_is_acknowledged() {
        let mut calls = calls(Profile::Signaturgruppen);
        let todo = calls.carry_out(start(), &now(1));
        let (_, open) = answer(&mut calls, todo, Some(Method::Post));
        let todo = calls.abandon(&now(2));
        assert_eq!(answer(&mut calls, todo, None).0, [""; 0]);
        assert!(calls.has_obligations());
        let acknowledged = reply(&Call::get("https://op.example/op/ciba".parse().unwrap()));
        let body = br#"{"auth_req_id":"one","expires_in":300}"#.to_vec().into();
        let todo = calls.hear(open[0], Heard::Reply(Reply { body, ..acknowledged }), &now(3));
        assert_eq!(answer(&mut calls, todo, None).0, ["keep one", "Delete", "forget one"]);
        assert!(calls.is_idle());
    }

    #[test]
    fn what_an_earlier_process_left_behind_is_cancelled_and_forgotten() {
        let mut calls = calls(Profile::Signaturgruppen);
        let ids = ["one", "two"].map(|id| AuthReqId(id.into())).to_vec();
        let todo = calls.take_back(ids, &now(1));
        let (done, _) = answer(&mut calls, todo, None);
        assert_eq!(done, ["Get", "Delete", "Delete", "forget one", "forget two"]);
        assert!(calls.is_idle());
    }

    #[test]
    fn a_cancel_that_never_arrives_is_forgotten_when_the_login_has_expired_anyway() {
        let mut calls = calls(Profile::Signaturgruppen);
        let todo = calls.take_back(vec![AuthReqId("one".into())], &now(0));
        let (_, mut open) = answer(&mut calls, todo, Some(Method::Delete));
        let mut forgotten = Vec::new();
        for seconds in (0..1200).step_by(31) {
            let Some(task) = open.pop() else { break };
            let busy = Reply { status: 503, retry_after: None, date: None, body: Vec::new().into() };
            let todo = calls.hear(task, Heard::Reply(busy), &now(seconds));
            let (done, waits) = answer(&mut calls, todo, Some(Method::Delete));
            forgotten.extend(done.into_iter().filter(|done| done.starts_with("forget")));
            let Some(wait) = waits.last() else { break };
            let todo = calls.hear(*wait, Heard::Waited, &now(seconds + 30));
            let (done, sent) = answer(&mut calls, todo, Some(Method::Delete));
            forgotten.extend(done.into_iter().filter(|done| done.starts_with("forget")));
            open = sent;
        }
        assert_eq!(forgotten, ["forget one"]);
        assert!(calls.is_idle());
    }

    #[test]
    fn nothing_is_kept_where_the_provider_has_no_cancel() {
        let mut calls = calls(Profile::Ciba);
        let todo = calls.carry_out(start(), &now(1));
        assert_eq!(answer(&mut calls, todo, None).0, ["Get", "Post", "tell"]);
        let todo = calls.take_back(vec![AuthReqId("one".into())], &now(1));
        assert_eq!(answer(&mut calls, todo, None).0, ["forget one"]);
    }
}
