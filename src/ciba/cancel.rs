//! Taking a login back, so that no phone asks for one that nobody waits for.
//!
//! CIBA has no such request; the broker's interface has, by the id alone and without client authentication.

use url::form_urlencoded;

use super::authentication::Profile;
use super::provider::Provider;
use super::wire::{AuthReqId, Call, Method, Reply};

/// What the answer to a cancel asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// The login is cancelled, or there is nothing left to cancel.
    Done,
    /// The server could not answer; ask again while the login may still live.
    Retry,
}

/// Asks to take the login back; `None` where the provider has no way to.
pub fn request(provider: &Provider, profile: Profile, auth_req_id: &AuthReqId) -> Option<Call> {
    // An address drops the segments `.` and `..` even when encoded, and the request would reach another path.
    if profile == Profile::Ciba || matches!(auth_req_id.0.expose(), "" | "." | "..") {
        return None;
    }
    let id: String = form_urlencoded::byte_serialize(auth_req_id.0.expose().as_bytes()).collect();
    let url = provider.issuer.below(&format!("api/v1/ciba/{}", id.replace('+', "%20")));
    Some(Call { method: Method::Delete, url, authorization: None, form: None, json: None })
}

/// Understands the answer. A refusal is final too: there was nothing to cancel.
pub fn read(reply: &Reply) -> Cancelled {
    if reply.is_overloaded() { Cancelled::Retry } else { Cancelled::Done }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{provider, reply};
    use super::*;

    fn path(id: &str) -> Option<String> {
        let call = request(&provider(), Profile::Signaturgruppen, &AuthReqId(id.into()))?;
        assert_eq!((call.method, call.url.host_str()), (Method::Delete, Some("op.example")));
        assert!(call.form.is_none() && call.authorization.is_none());
        assert!(call.url.query().is_none() && call.url.fragment().is_none());
        Some(call.url.path().to_owned())
    }

    #[test]
    fn the_broker_is_asked_to_delete_the_id() {
        assert_eq!(path("Ab9_.~-1").unwrap(), "/op/api/v1/ciba/Ab9_.%7E-1");
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        for (id, segment) in [
            ("a/../b", "a%2F..%2Fb"),
            ("a b+c", "a%20b%2Bc"),
            ("a?b#c%2f", "a%3Fb%23c%252f"),
            ("a\\b\n\t", "a%5Cb%0A%09"),
            ("æ", "%C3%A6"),
        ] {
            assert_eq!(path(id).unwrap(), format!("/op/api/v1/ciba/{segment}"));
        }
        for id in ["", ".", ".."] {
            assert_eq!(path(id), None);
        }
    }

    #[test]
    fn plain_ciba_has_no_way_to_cancel() {
        assert!(request(&provider(), Profile::Ciba, &AuthReqId("id".into())).is_none());
    }

    #[test]
    fn only_an_overloaded_server_is_asked_again() {
        for status in [200, 202, 204, 302, 400, 401, 404, 409] {
            assert_eq!(read(&reply(status, "")), Cancelled::Done, "{status}");
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert_eq!(read(&reply(status, "")), Cancelled::Retry, "{status}");
        }
    }
}
