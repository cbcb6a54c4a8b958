//! The provider's metadata, so that no endpoint but the issuer is ever configured.
//!
//! Nothing is believed of a document that names another issuer (OpenID Connect Discovery 1.0, 4.3).

use std::fmt;

use serde_json::Value;
use url::Url;

use super::json::Object;
use super::wire::{Call, Fault, Reply};

/// The grant type of CIBA (CIBA 4).
pub(super) const GRANT_TYPE: &str = "urn:openid:params:grant-type:ciba";

/// The provider's name for itself. The text stays as it was configured, byte for byte, because `iss` and
/// `aud` are compared so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    url: Url,
}

impl Issuer {
    /// Takes an `https` address without user, query or fragment. The error is a sentence for the operator.
    pub fn parse(text: &str) -> Result<Issuer, String> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(
                "The issuer holds a space or a character outside ASCII; copy it from the provider.".into()
            );
        }
        let Some(rest) = text.strip_prefix("https://") else {
            return Err("The issuer must start with https://.".into());
        };
        if rest.contains(['?', '#']) {
            return Err("The issuer must end before any ? or #.".into());
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err("The issuer must not hold a user name.".into());
        }
        let url = Url::parse(text).map_err(|_| "The issuer is not an address; copy it from the provider.")?;
        // A path that the parser rewrites (`..`, `\`) would be asked under another name than it is compared.
        if url.path() != if path.is_empty() { "/" } else { path } {
            return Err("The issuer's path is not in its plain form; copy it from the provider.".into());
        }
        Ok(Issuer { text: text.to_owned(), url })
    }

    /// The text as it was configured.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same as an address; it may differ from the text, for instance by a slash at the end.
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// The address of a path below the issuer, a slash at the issuer's end not counted twice.
    pub(super) fn below(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}/{path}", self.url.path().trim_end_matches('/')));
        url
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The part of the metadata that a poll client needs. A list is empty if the provider does not publish it.
#[derive(Clone, Debug)]
pub struct Provider {
    pub issuer: Issuer,
    pub backchannel_authentication_endpoint: Url,
    pub token_endpoint: Url,
    pub jwks_uri: Url,
    pub id_token_signing_alg_values_supported: Vec<String>,
    pub token_endpoint_auth_methods_supported: Vec<String>,
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// Empty also if starts must not be signed (CIBA 4).
    pub backchannel_authentication_request_signing_alg_values_supported: Vec<String>,
    pub backchannel_user_code_parameter_supported: bool,
    pub acr_values_supported: Vec<String>,
}

/// Asks for the metadata (OpenID Connect Discovery 1.0, 4.1).
pub fn request(issuer: &Issuer) -> Call {
    Call::get(issuer.below(".well-known/openid-configuration"))
}

/// Understands the metadata: of this issuer, with CIBA in poll mode, every endpoint on `https`.
pub fn read(issuer: &Issuer, reply: &Reply) -> Result<Provider, Fault> {
    if reply.is_overloaded() {
        return Err(Fault::Busy { status: reply.status });
    }
    if reply.status != 200 {
        return Err(Fault::Malformed("discovery answers with another status than 200"));
    }
    let metadata = Object::parse(&reply.body).ok_or(Fault::Malformed("discovery is not one JSON object"))?;
    if metadata.text("issuer") != Ok(Some(issuer.as_str())) {
        return Err(Fault::Malformed("discovery names another issuer than the configured one"));
    }
    let modes = list(&metadata, "backchannel_token_delivery_modes_supported")?;
    if modes.is_some_and(|modes| !modes.iter().any(|mode| mode == "poll")) {
        return Err(Fault::Malformed("discovery does not offer the delivery mode poll"));
    }
    let grants = list(&metadata, "grant_types_supported")?;
    if grants.is_some_and(|grants| !grants.iter().any(|grant| grant == GRANT_TYPE)) {
        return Err(Fault::Malformed("discovery does not offer the CIBA grant type"));
    }
    let published = |name| list(&metadata, name).map(Option::unwrap_or_default);
    // Whatever stands here, no login of a client that does not need it fails for it.
    let told = |name| list(&metadata, name).ok().flatten().unwrap_or_default();
    Ok(Provider {
        issuer: issuer.clone(),
        backchannel_authentication_endpoint: endpoint(&metadata, "backchannel_authentication_endpoint")
            .ok_or(Fault::Malformed("discovery has no https backchannel_authentication_endpoint"))?,
        token_endpoint: endpoint(&metadata, "token_endpoint")
            .ok_or(Fault::Malformed("discovery has no https token_endpoint"))?,
        jwks_uri: endpoint(&metadata, "jwks_uri")
            .ok_or(Fault::Malformed("discovery has no https jwks_uri"))?,
        id_token_signing_alg_values_supported: published("id_token_signing_alg_values_supported")?,
        token_endpoint_auth_methods_supported: published("token_endpoint_auth_methods_supported")?,
        token_endpoint_auth_signing_alg_values_supported: published(
            "token_endpoint_auth_signing_alg_values_supported",
        )?,
        backchannel_authentication_request_signing_alg_values_supported: told(
            "backchannel_authentication_request_signing_alg_values_supported",
        ),
        backchannel_user_code_parameter_supported: metadata.get("backchannel_user_code_parameter_supported")
            == Some(&Value::Bool(true)),
        acr_values_supported: told("acr_values_supported"),
    })
}

fn endpoint(metadata: &Object, name: &str) -> Option<Url> {
    let url = Url::parse(metadata.text(name).ok()??).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (url.scheme() == "https" && plain).then_some(url)
}

fn list(metadata: &Object, name: &str) -> Result<Option<Vec<String>>, Fault> {
    let texts =
        metadata.texts(name).map_err(|_| Fault::Malformed("a list in discovery is not a list of strings"))?;
    Ok(texts.map(|texts| texts.into_iter().map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::reply;
    use super::*;

    const ISSUER: &str = "https://op.example/op";

    fn issuer() -> Issuer {
        Issuer::parse(ISSUER).unwrap()
    }

    fn metadata() -> Value {
        json!({
            "issuer": ISSUER,
            "backchannel_authentication_endpoint": "https://op.example/op/connect/ciba",
            "token_endpoint": "https://op.example/op/connect/token",
            "jwks_uri": "https://op.example/op/jwks",
            "backchannel_token_delivery_modes_supported": ["ping", "poll"],
            "grant_types_supported": ["authorization_code", GRANT_TYPE],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "subject_types_supported": ["public"],
        })
    }

    fn read_with(name: &str, value: Value) -> Result<Provider, Fault> {
        let mut metadata = metadata();
        metadata[name] = value;
        read(&issuer(), &reply(200, &metadata.to_string()))
    }

    fn is_malformed(result: Result<Provider, Fault>) -> bool {
        matches!(result, Err(Fault::Malformed(_)))
    }

    #[test]
    fn the_metadata_is_asked_below_the_issuer_with_one_slash() {
        for text in ["https://op.example/op", "https://op.example/op/"] {
            let call = request(&Issuer::parse(text).unwrap());
            assert_eq!(call.url.as_str(), "https://op.example/op/.well-known/openid-configuration");
            assert!(call.form.is_none() && call.authorization.is_none());
        }
        let call = request(&Issuer::parse("https://op.example:8443").unwrap());
        assert_eq!(call.url.as_str(), "https://op.example:8443/.well-known/openid-configuration");
    }

    #[test]
    fn an_issuer_keeps_its_text_byte_for_byte() {
        for text in ["https://op.example", "https://op.example/", "https://OP.example:443/op/"] {
            let issuer = Issuer::parse(text).unwrap();
            assert_eq!(issuer.as_str(), text);
            assert_eq!(issuer.to_string(), text);
        }
    }

    #[test]
    fn an_issuer_is_an_https_address_and_nothing_more() {
        for text in [
            "",
            "op.example",
            "http://op.example",
            "HTTPS://op.example",
            "https://",
            "https:///op",
            "https:\\\\op.example",
            " https://op.example",
            "https://op.example\n",
            "https://op.exämple",
            "https://op.example/op?x=1",
            "https://op.example/op#x",
            "https://user@op.example",
            "https://@op.example",
            "https://user:word@op.example/op",
            "https://op.example/op/../other",
            "https://op.example/op/%2e%2e/other",
            "https://op.example\\op",
            "https://op.example:99999",
        ] {
            let sentence = Issuer::parse(text).expect_err(text);
            assert!(sentence.ends_with('.'), "{sentence}");
        }
    }

    #[test]
    fn good_metadata_is_understood_and_unknown_members_are_ignored() {
        let provider = read_with("something_new", json!({"a": [1]})).unwrap();
        assert_eq!(provider.issuer, issuer());
        assert_eq!(
            provider.backchannel_authentication_endpoint.as_str(),
            "https://op.example/op/connect/ciba"
        );
        assert_eq!(provider.token_endpoint.as_str(), "https://op.example/op/connect/token");
        assert_eq!(provider.jwks_uri.as_str(), "https://op.example/op/jwks");
        assert_eq!(provider.id_token_signing_alg_values_supported, ["RS256"]);
        assert_eq!(provider.token_endpoint_auth_methods_supported, ["client_secret_post", "private_key_jwt"]);
        assert!(provider.token_endpoint_auth_signing_alg_values_supported.is_empty());
        assert!(provider.backchannel_authentication_request_signing_alg_values_supported.is_empty());
        assert!(!provider.backchannel_user_code_parameter_supported);
        assert!(provider.acr_values_supported.is_empty());
    }

    #[test]
    fn what_may_be_asked_beyond_a_plain_login_is_read() {
        let signed = "backchannel_authentication_request_signing_alg_values_supported";
        let provider = read_with(signed, json!(["PS256"])).unwrap();
        assert_eq!(provider.backchannel_authentication_request_signing_alg_values_supported, ["PS256"]);
        let provider = read_with("acr_values_supported", json!(["urn:a:high"])).unwrap();
        assert_eq!(provider.acr_values_supported, ["urn:a:high"]);
        for (value, supported) in [(json!(true), true), (json!(false), false), (json!("true"), false)] {
            let provider = read_with("backchannel_user_code_parameter_supported", value).unwrap();
            assert_eq!(provider.backchannel_user_code_parameter_supported, supported);
        }
        for name in [signed, "acr_values_supported"] {
            assert!(read_with(name, json!({"odd": 1})).is_ok(), "{name}");
        }
    }

    #[test]
    fn another_issuer_is_refused_even_if_only_a_slash_differs() {
        for other in [
            json!("https://op.example/op/"),
            json!("https://OP.example/op"),
            json!("https://op.example:443/op"),
            json!([ISSUER]),
            json!(null),
        ] {
            assert!(is_malformed(read_with("issuer", other)));
        }
    }

    #[test]
    fn every_endpoint_is_there_and_on_https() {
        for name in ["backchannel_authentication_endpoint", "token_endpoint", "jwks_uri"] {
            for bad in [
                json!(null),
                json!(1),
                json!(""),
                json!("/connect"),
                json!("http://op.example/x"),
                json!("https://user@op.example/x"),
                json!("https://op.example/x#y"),
                json!("file:///etc/passwd"),
            ] {
                assert!(is_malformed(read_with(name, bad.clone())), "{name} {bad}");
            }
        }
    }

    #[test]
    fn a_provider_without_poll_or_without_ciba_is_refused() {
        assert!(is_malformed(read_with("backchannel_token_delivery_modes_supported", json!(["ping"]))));
        assert!(is_malformed(read_with("grant_types_supported", json!(["authorization_code"]))));
        assert!(is_malformed(read_with("grant_types_supported", json!("ciba"))));
    }

    #[test]
    fn a_provider_that_publishes_no_lists_is_taken() {
        let mut metadata = metadata();
        let members = metadata.as_object_mut().unwrap();
        members.retain(|name, _| !name.ends_with("_supported"));
        assert!(read(&issuer(), &reply(200, &metadata.to_string())).is_ok());
    }

    #[test]
    fn a_body_that_two_readers_could_read_differently_is_refused() {
        let twice = metadata().to_string().replacen('{', r#"{"issuer":"https://evil.example","#, 1);
        for body in [twice.as_str(), "", "<html>", "[]"] {
            assert!(is_malformed(read(&issuer(), &reply(200, body))), "{body}");
        }
    }

    #[test]
    fn an_overloaded_provider_is_busy_and_any_other_status_is_wrong() {
        for status in [408, 429, 500, 503] {
            assert_eq!(read(&issuer(), &reply(status, "")).unwrap_err(), Fault::Busy { status });
        }
        for status in [204, 302, 404] {
            assert!(is_malformed(read(&issuer(), &reply(status, &metadata().to_string()))));
        }
    }
}
