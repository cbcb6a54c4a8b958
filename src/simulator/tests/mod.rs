//! A device made for these tests, and what it sees of the broker over real TLS.

mod clients;
mod faults;
mod journey;
mod lines;
mod phone;
mod scan;
mod sealed;
mod strictness;

use std::fs;
use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Certificate, Client, Method, redirect};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use url::form_urlencoded::Serializer;

use super::*;

const CIBA_GRANT: &str = "urn:openid:params:grant-type:ciba";
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const TEXT: &str = "Log på Nordlys TV. Kode 4711. Afvis, hvis det ikke er dig. 📺";

/// Options for a broker that a test need not wait for.
fn hurried() -> Options {
    Options { interval: Duration::ZERO, ..Options::default() }
}

struct Device {
    broker: Broker,
    http: Client,
    runtime: Runtime,
}

struct Reply {
    status: u16,
    headers: reqwest::header::HeaderMap,
    json: Value,
}

impl Reply {
    fn error(&self) -> (u16, &str) {
        (self.status, self.json["error"].as_str().unwrap_or("none"))
    }
}

fn http(ca_file: Option<&Path>) -> Client {
    let builder =
        Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(Duration::from_secs(10));
    let builder = match ca_file {
        Some(file) => builder.tls_certs_only([Certificate::from_pem(&fs::read(file).unwrap()).unwrap()]),
        None => builder,
    };
    builder.build().unwrap()
}

fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Device {
    fn new(options: Options) -> Device {
        let broker = Broker::start(options).unwrap();
        let http = http(Some(broker.ca_file()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Device { broker, http, runtime }
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.broker.ca_file().with_file_name(name)).unwrap()
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> reqwest::Result<Reply> {
        let url = format!("{}{path}", self.broker.issuer());
        let mut request = self.http.request(method, url).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.runtime.block_on(async {
            let response = request.send().await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = response.bytes().await?;
            let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
            Ok(Reply { status, headers, json })
        })
    }

    fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], "").unwrap()
    }

    fn try_post(&self, path: &str, fields: &[(&str, &str)]) -> reqwest::Result<Reply> {
        self.send(Method::POST, path, &[("content-type", "application/x-www-form-urlencoded")], &form(fields))
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.try_post(path, fields).unwrap()
    }

    /// The claims of a good assertion.
    fn claims(&self) -> Value {
        let unix = now().unix;
        json!({
            "iss": CLIENT_ID, "sub": CLIENT_ID, "aud": self.broker.issuer(),
            "iat": unix, "exp": unix + 60, "jti": person::uuid(random().unwrap()),
        })
    }

    fn assertion(&self, alg: Algorithm, claims: &Value) -> String {
        let key = match alg {
            Algorithm::ES256 => EncodingKey::from_ec_pem(self.file("key.pem").as_bytes()).unwrap(),
            Algorithm::HS256 => EncodingKey::from_secret(self.file("secret.txt").as_bytes()),
            _ => EncodingKey::from_rsa_pem(self.file("key-rsa.pem").as_bytes()).unwrap(),
        };
        jsonwebtoken::encode(&Header::new(alg), claims, &key).unwrap()
    }

    /// Adds a fresh ES256 assertion.
    fn signed(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.signed_by(&self.assertion(Algorithm::ES256, &self.claims()), path, fields)
    }

    fn signed_by(&self, assertion: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let client = [
            ("client_id", CLIENT_ID),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion),
        ];
        self.post(path, &[fields, &client].concat())
    }

    /// A Flex start with this hint.
    fn start_with(&self, login_hint_token: &str) -> Reply {
        let fields =
            [("grant_type", CIBA_GRANT), ("scope", "openid mitid"), ("login_hint_token", login_hint_token)];
        self.signed("/connect/ciba", &fields)
    }

    /// A good start for this number; gives the `auth_req_id`.
    fn start(&self, cpr: &str) -> String {
        let reply = self.start_with(&hint(cpr).to_string());
        assert_eq!(reply.status, 200, "{}", reply.json);
        reply.json["auth_req_id"].as_str().unwrap().to_owned()
    }

    fn poll(&self, auth_req_id: &str) -> Reply {
        self.signed("/connect/token", &[("grant_type", CIBA_GRANT), ("auth_req_id", auth_req_id)])
    }

    fn poll_error(&self, auth_req_id: &str) -> String {
        let reply = self.poll(auth_req_id);
        assert_eq!(reply.status, 400);
        reply.json["error"].as_str().unwrap().to_owned()
    }

    fn cancel(&self, auth_req_id: &str) -> u16 {
        self.send(Method::DELETE, &format!("/api/v1/ciba/{auth_req_id}"), &[], "").unwrap().status
    }

    /// The claims of an ID token, its signature checked against the JWKS.
    fn verified(&self, id_token: &str) -> Option<Value> {
        let header = jsonwebtoken::decode_header(id_token).unwrap();
        let keys = self.get("/.well-known/openid-configuration/jwks").json;
        let key = keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["kid"] == header.kid.as_deref().unwrap())?;
        let text = |name: &str| key[name].as_str().unwrap();
        let key = jsonwebtoken::DecodingKey::from_rsa_components(text("n"), text("e")).unwrap();
        let mut validation = jsonwebtoken::Validation::new(Algorithm::RS256);
        validation.set_audience(&[CLIENT_ID]);
        validation.set_issuer(&[self.broker.issuer()]);
        Some(jsonwebtoken::decode::<Value>(id_token, &key, &validation).ok()?.claims)
    }
}

/// The hint of a good Flex start.
fn hint(cpr: &str) -> Value {
    json!({
        "idp": "mitid", "cpr": cpr, "referenceTextBody": TEXT, "ip": "127.0.0.1", "action": "LOG_ON",
        "referenceId": "a-reference", "ciba_nonce": "a-nonce",
    })
}
