//! The broker's `login_hint_token`: flat, plain JSON text, not a JWT (Signaturgruppen Broker, Flex app CIBA).
//!
//! It names exactly one of `uuid` and `cpr`; a hint of plain CIBA has no place in it. Where a code is scanned it names
//! nobody and carries the parameters of the broker's browser flow instead (Signaturgruppen Broker, CIBA + PAR).

use serde::Serialize;
use zeroize::Zeroizing;

use super::{Hint, Start};

/// The hint as JSON, wiped after use.
pub(super) fn of(start: &Start) -> Option<Zeroizing<Vec<u8>>> {
    let (uuid, cpr) = match &start.hint {
        Hint::Uuid(uuid) => (Some(uuid.expose()), None),
        Hint::Cpr(cpr) => (None, Some(cpr.expose())),
        Hint::Login(_) => (None, None),
        Hint::WhoeverScans => return serde_json::to_vec(&BrowserFlow::of(start)).ok().map(Zeroizing::new),
    };
    let token = LoginHintToken {
        idp: "mitid",
        uuid,
        cpr,
        reference_text_body: &start.reference_text,
        ip: start.ip.map(|ip| ip.to_canonical().to_string()),
        action: start.action.to_string(),
        reference_id: &start.reference_id,
        ciba_nonce: &start.ciba_nonce,
    };
    // Room for every byte escaped as \u00XX: a buffer that grows leaves its old bytes behind unwiped.
    let text = start.hint.name().len()
        + start.reference_text.len()
        + start.reference_id.len()
        + start.ciba_nonce.len();
    let mut json = Zeroizing::new(Vec::with_capacity(256 + 6 * text));
    serde_json::to_writer(&mut *json, &token).ok()?;
    Some(json)
}

#[derive(Serialize)]
struct LoginHintToken<'a> {
    idp: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uuid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpr: Option<&'a str>,
    #[serde(rename = "referenceTextBody")]
    reference_text_body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    action: String,
    #[serde(rename = "referenceId")]
    reference_id: &'a str,
    ciba_nonce: &'a str,
}

/// What a browser would have in its address. Nothing in it is a person's.
#[derive(Serialize)]
struct BrowserFlow<'a> {
    flow_type: &'static str,
    idp_values: &'static str,
    /// Without it, an earlier login in the phone's browser would answer without anybody being asked.
    prompt: &'static str,
    nonce: &'a str,
}

impl BrowserFlow<'_> {
    fn of(start: &Start) -> BrowserFlow<'_> {
        BrowserFlow {
            flow_type: "broker_oidc",
            idp_values: "mitid",
            prompt: "login",
            nonce: &start.ciba_nonce,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::wire::Secret;
    use super::super::Action;
    use super::*;

    const CPR: &str = "6701901234";
    const UUID: &str = "8a9856e0-f12d-4217-b320-c8a076be9320";

    fn start(hint: Hint) -> Start {
        Start {
            hint,
            scope: "openid mitid".into(),
            reference_text: "Log på \"Stuen\" 😀 1234".into(),
            action: Action::LogOn,
            ip: Some("::ffff:192.0.2.7".parse().unwrap()),
            reference_id: "ref-1".into(),
            ciba_nonce: "nonce-1".into(),
            user_code: None,
        }
    }

    fn text(start: &Start) -> String {
        String::from_utf8(of(start).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn the_members_are_flat_and_carry_the_brokers_names() {
        assert_eq!(
            text(&start(Hint::Cpr(CPR.into()))),
            concat!(
                r#"{"idp":"mitid","cpr":"6701901234","referenceTextBody":"Log på \"Stuen\" 😀 1234","#,
                r#""ip":"192.0.2.7","action":"LOG_ON","referenceId":"ref-1","ciba_nonce":"nonce-1"}"#
            )
        );
    }

    #[test]
    fn exactly_one_of_uuid_and_cpr_is_named() {
        let by_uuid = text(&start(Hint::Uuid(UUID.into())));
        assert!(by_uuid.contains(&format!(r#""uuid":"{UUID}""#)) && !by_uuid.contains("cpr"), "{by_uuid}");
        let by_cpr = text(&start(Hint::Cpr(CPR.into())));
        assert!(!by_cpr.contains("uuid"), "{by_cpr}");
        let by_name = text(&start(Hint::Login("anna".into())));
        assert!(!["uuid", "cpr", "anna"].iter().any(|word| by_name.contains(word)), "{by_name}");
    }

    #[test]
    fn who_scans_a_code_is_named_nowhere_and_logs_in_anew() {
        assert_eq!(
            text(&start(Hint::WhoeverScans)),
            r#"{"flow_type":"broker_oidc","idp_values":"mitid","prompt":"login","nonce":"nonce-1"}"#
        );
    }

    #[test]
    fn an_unknown_address_is_left_out() {
        let without = text(&Start { ip: None, ..start(Hint::Cpr(CPR.into())) });
        assert!(!without.contains("\"ip\""), "{without}");
        let six = text(&Start { ip: Some("2001:db8::7".parse().unwrap()), ..start(Hint::Cpr(CPR.into())) });
        assert!(six.contains(r#""ip":"2001:db8::7""#), "{six}");
    }

    #[test]
    fn the_buffer_never_grows_even_if_every_byte_is_escaped() {
        let control = "\u{1}".repeat(500);
        let start = Start {
            reference_text: control.clone(),
            reference_id: control.clone(),
            ciba_nonce: control.clone(),
            ..start(Hint::Uuid(Secret::new(control)))
        };
        let json = of(&start).unwrap();
        assert!(json.len() > 6 * 2000 && json.len() <= 256 + 6 * 2000);
    }
}
