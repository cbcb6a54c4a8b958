//! What a login costs the processor: to check a token, to write a request, and a whole poll without its network.
//!
//! `cargo bench --no-default-features`
#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use divan::{Bencher, black_box};
use flexlogin::ciba::{
    Action, Algorithm, Answer, AuthReqId, Client, ClientAuth, Expected, Hint, Identity, Issuer, Jwks, Moment,
    Profile, Provider, Reply, SigningKey, Start, Terms, Tokens, Way, authentication, id_token, jwks,
    provider, token,
};
use jsonwebtoken::{EncodingKey, Header, jwk::Jwk};
use serde_json::json;
use zeroize::Zeroizing;

const RSA: &[u8] = include_bytes!("../../src/ciba/testing/test-rsa.pkcs8.pem");
const P256: &[u8] = include_bytes!("../../src/ciba/testing/test-p256.pkcs8.pem");
const ISSUER: &str = "https://op.example/op";
const CLIENT_ID: &str = "tv-1";
const STARTED: u64 = 1_800_000_000;
const MOMENT: Moment = Moment { unix: STARTED + 40, random: [7; 16] };
const REFERENCE_TEXT: &str = "Log på Nordlys TV. Kode 4711. Afvis, hvis det ikke er dig.";
const NONCE: &str = "n-0S6_WzA2Mj";

fn main() {
    divan::main();
}

const SIGNED: [Algorithm; 3] = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256];

#[divan::bench(args = SIGNED)]
fn verify_one_token(bencher: Bencher<'_, '_>, alg: &Algorithm) {
    let broker = Broker::new(*alg);
    let Answer::Granted(tokens) = token::read(&broker.answer) else { panic!("no tokens") };
    bencher.bench(|| broker.verify(black_box(&tokens)));
}

/// How a client proves who it is: with a secret, or with a key of an algorithm.
const PROOFS: [&str; 4] =
    ["client_secret_post", "private_key_jwt ES256", "private_key_jwt RS256", "private_key_jwt PS256"];

#[divan::bench(args = PROOFS)]
fn write_one_request(bencher: Bencher<'_, '_>, proof: &str) {
    let (provider, client, terms) = (provider(), client(proof), Terms::default());
    let start = Start {
        hint: Hint::Cpr("6701901234".into()),
        scope: "openid mitid".into(),
        reference_text: REFERENCE_TEXT.into(),
        action: Action::LogOn,
        ip: Some([192, 0, 2, 7].into()),
        reference_id: "3f8a".into(),
        ciba_nonce: NONCE.into(),
        user_code: None,
    };
    bencher.bench(|| {
        authentication::request(
            &provider,
            &client,
            Profile::Signaturgruppen,
            &terms,
            black_box(&start),
            &MOMENT,
        )
        .unwrap()
    });
}

/// The request is written, its answer with the tokens read, and the ID token (RS256) verified.
#[divan::bench(args = PROOFS)]
fn poll_once(bencher: Bencher<'_, '_>, proof: &str) {
    let (client, broker, id) = (client(proof), Broker::new(Algorithm::Rs256), auth_req_id());
    bencher.bench(|| {
        let call = token::request(&broker.provider, &client, black_box(&id), &MOMENT).unwrap();
        let Answer::Granted(tokens) = token::read(black_box(&broker.answer)) else { panic!("no tokens") };
        (call, broker.verify(&tokens))
    });
}

/// A broker that has approved a login, as far as the client knows it.
struct Broker {
    alg: Algorithm,
    provider: Provider,
    jwks: Jwks,
    answer: Reply,
}

impl Broker {
    fn new(alg: Algorithm) -> Broker {
        let (key, jwt) = match alg {
            Algorithm::Rs256 => (EncodingKey::from_rsa_pem(RSA), jsonwebtoken::Algorithm::RS256),
            Algorithm::Ps256 => (EncodingKey::from_rsa_pem(RSA), jsonwebtoken::Algorithm::PS256),
            Algorithm::Es256 => (EncodingKey::from_ec_pem(P256), jsonwebtoken::Algorithm::ES256),
            Algorithm::Hs256 => panic!("no broker signs with the client's secret"),
        };
        let key = key.unwrap();
        let mut jwk = Jwk::from_encoding_key(&key, jwt).unwrap();
        jwk.common.key_id = Some("key-1".into());
        let claims = json!({
            "iss": ISSUER, "aud": CLIENT_ID, "sub": "5f2d7c1a-1111-4222-8333-944445555666",
            "nbf": STARTED + 30, "iat": STARTED + 30, "auth_time": STARTED + 30, "exp": STARTED + 330,
            "idp": "mitid", "idtoken_type": "ciba", "mitid.uuid": "a7b1c2d3-0000-4e5f-8a9b-0123456789ab",
            "mitid.age": "88", "mitid.date_of_birth": "1936-04-08", "mitid.identity_name": "Anna Testesen",
            "mitid.reference_text": REFERENCE_TEXT, "ciba_nonce": NONCE,
        });
        let header = Header { kid: Some("key-1".into()), ..Header::new(jwt) };
        let id_token = jsonwebtoken::encode(&header, &claims, &key).unwrap();
        let answer =
            json!({"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": id_token});
        Broker {
            alg,
            provider: provider(),
            jwks: jwks::read(&reply(&json!({"keys": [jwk]}))).unwrap(),
            answer: reply(&answer),
        }
    }

    fn verify(&self, tokens: &Tokens) -> Identity {
        let expected = Expected {
            issuer: &self.provider.issuer,
            client_id: CLIENT_ID,
            alg: self.alg,
            client_secret: None,
            profile: Profile::Signaturgruppen,
            way: Way::Asked,
            uuid: None,
            reference_text: REFERENCE_TEXT,
            ciba_nonce: NONCE,
            auth_req_id: &auth_req_id(),
            terms: &Terms::default(),
            pins_at: MOMENT.unix,
            started: STARTED,
        };
        id_token::verify(tokens, &self.jwks, &expected, MOMENT.unix).unwrap()
    }
}

fn client(proof: &str) -> Client {
    let signing = |pem, alg| {
        let key = SigningKey::from_pem(pem, alg).unwrap();
        ClientAuth::PrivateKeyJwt { key, key_id: Some("key-1".into()) }
    };
    let auth = match proof {
        "private_key_jwt ES256" => signing(P256, Algorithm::Es256),
        "private_key_jwt RS256" => signing(RSA, Algorithm::Rs256),
        "private_key_jwt PS256" => signing(RSA, Algorithm::Ps256),
        _ => ClientAuth::SecretPost("a client secret of some forty characters".into()),
    };
    Client { client_id: CLIENT_ID.into(), auth }
}

fn provider() -> Provider {
    let metadata = json!({
        "issuer": ISSUER, "jwks_uri": "https://op.example/op/jwks",
        "backchannel_authentication_endpoint": "https://op.example/op/connect/ciba",
        "token_endpoint": "https://op.example/op/connect/token",
    });
    provider::read(&Issuer::parse(ISSUER).unwrap(), &reply(&metadata)).unwrap()
}

fn auth_req_id() -> AuthReqId {
    AuthReqId("1c266114-a1be-4252-8ad1-04986c5b9ac1".into())
}

fn reply(body: &serde_json::Value) -> Reply {
    Reply { status: 200, retry_after: None, date: None, body: Zeroizing::new(body.to_string().into_bytes()) }
}
