//! What the servers of this world have in common, and the clients that are registered with them.

use std::time::Duration;

use flexlogin::calls::{self, Ip};
use flexlogin::ciba::polling::Retries;
use flexlogin::ciba::{Action, Algorithm, Call, Client, ClientAuth, Issuer, Profile, Reply, Secret, Terms};
use flexlogin::flow::{self, Kind, Language, ReferenceText};
use serde_json::{Value, json};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::world::BEGINNING;

pub(crate) const ISSUER: &str = "https://op.example/op";
pub(crate) const CLIENT_ID: &str = "fjernsyn-7";
pub(crate) const CLIENT_SECRET: &str = "a client secret of some forty characters";
pub(crate) const SERVICE: &str = "Nordlys TV";

/// The paths of the plain discovery document.
pub(crate) const DISCOVERY: &str = "/op/.well-known/openid-configuration";
pub(crate) const BACKCHANNEL: &str = "/op/backchannel";
pub(crate) const TOKEN: &str = "/op/token";
pub(crate) const JWKS: &str = "/op/jwks";

/// A plain provider of CIBA in poll mode.
pub(crate) fn discovery() -> Value {
    json!({
        "issuer": ISSUER,
        "backchannel_authentication_endpoint": format!("https://op.example{BACKCHANNEL}"),
        "token_endpoint": format!("https://op.example{TOKEN}"),
        "jwks_uri": format!("https://op.example{JWKS}"),
        "backchannel_token_delivery_modes_supported": ["poll"],
        "grant_types_supported": ["urn:openid:params:grant-type:ciba"],
    })
}

/// A client of that provider whose logins are asked for by a number of ten digits.
pub(crate) fn flow_settings(profile: Profile, auth: &ClientAuth) -> flow::Settings {
    flow::Settings {
        kind: Kind::Number { digits: 10 },
        methods: flow::Methods::Typed,
        user_code: None,
        service: SERVICE.into(),
        action: Action::LogOn,
        age: None,
        language: Language::DANISH,
        reference_text: ReferenceText::parse("Log på {service}. Kode {code}.", SERVICE).unwrap(),
        retries: Retries::of(profile, auth),
        patience: Duration::from_secs(600),
        forgets_after: flow::FORGETS_AFTER,
        // A test asks for the same person again and again, and rings nobody's phone.
        limits: flow::Limits::none(),
        privacy: flow::Privacy::default(),
        kiosk: None,
    }
}

pub(crate) fn calls_settings(profile: Profile, auth: ClientAuth, id_token_alg: Algorithm) -> calls::Settings {
    calls::Settings {
        issuer: Issuer::parse(ISSUER).unwrap(),
        profile,
        client: Client { client_id: CLIENT_ID.into(), auth },
        id_token_alg,
        scope: "openid".into(),
        action: Action::LogOn,
        ip: Ip::Auto,
        terms: Terms::default(),
        built: BEGINNING - 30 * 86_400,
    }
}

/// The cheapest client: nothing but the secret has to be sent, and ID tokens are signed with it.
pub(crate) fn secret_post() -> ClientAuth {
    ClientAuth::SecretPost(Secret::from(CLIENT_SECRET))
}

pub(crate) fn reply(status: u16, body: &Value) -> Reply {
    Reply { status, retry_after: None, date: None, body: Zeroizing::new(body.to_string().into_bytes()) }
}

/// The fields of the form that a call carries.
pub(crate) fn form(call: &Call) -> Vec<(String, String)> {
    let form = call.form.as_ref().map_or("", |form| form.expose());
    form_urlencoded::parse(form.as_bytes()).into_owned().collect()
}
