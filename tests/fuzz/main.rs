//! What every input of a parser must come to: no panic, no endless work, and what the parser promises of what it took.
//!
//! The fuzz targets run these functions with inputs that nobody thought of; as a test they run with every seed and
//! with every input that once broke one of them. An answer of the wire is written as `status|Retry-After|Date` on
//! its first line and the body behind it.

#[cfg(test)]
mod replay;

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flexlogin::ciba::token::Pause;
use flexlogin::ciba::{
    Acknowledgement, Algorithm, Answer, AuthReqId, Expected, Identity, Issuer, Jwks, Profile, Provider,
    Reply, Secret, Terms, Tokens, Untrusted, Way, authentication, id_token as ciba_id_token,
    invitation as ciba_invitation, jwks as ciba_jwks, provider, token,
};
use jsonwebtoken::{EncodingKey, crypto};
use serde_json::Value;
use zeroize::Zeroizing;

pub const ISSUER: &str = "https://op.example/op";
pub const CLIENT_ID: &str = "tv-1";
pub const CLIENT_SECRET: &str = "a client secret of some forty characters";
pub const AUTH_REQ_ID: &str = "1c266114-a1be-4252-8ad1-04986c5b9ac1";
pub const REFERENCE_TEXT: &str = "Stuen. Kode 4711";
pub const CIBA_NONCE: &str = "n-0S6_WzA2Mj";
pub const STARTED: u64 = 1_800_000_000;
pub const NOW: u64 = STARTED + 40;
/// A test person; it stands in the seeds where a person or a secret would, and must not come out again. Not the one
/// that the program's own sentences have as an example.
pub const PERSON: &str = "6805051111";

const P256: &str = include_str!("../../src/ciba/testing/test-p256.pkcs8.pem");
/// The public half of it, as a key set publishes it.
const P256_X: &str = "mha97szi92-a-YeK_lcuUB8KRRDm27xHPAOuRTPSsZU";
const P256_Y: &str = "IZAW09lBqkb0xUEXa3qOGv9WUuvh8YFGK9NkMv36Kfk";

type Body = fn(&[u8]);

/// Every target by its name. Its seeds lie in a folder of that name.
#[cfg(not(feature = "net"))]
pub const TARGETS: &[(&str, Body)] = PURE;
#[cfg(feature = "net")]
pub const TARGETS: &[(&str, Body)] = &[
    PURE[0],
    PURE[1],
    PURE[2],
    PURE[3],
    PURE[4],
    PURE[5],
    ("config", config),
    ("panel_script", panel_script),
];

const PURE: &[(&str, Body)] = &[
    ("discovery", discovery),
    ("jwks", jwks),
    ("acknowledgement", acknowledgement),
    ("invitation", invitation),
    ("token_answer", token_answer),
    ("id_token", id_token),
];

pub fn discovery(input: &[u8]) {
    let Some(reply) = reply(input) else { return };
    let Ok(issuer) = Issuer::parse(ISSUER) else { unreachable!() };
    let Ok(provider) = provider::read(&issuer, &reply) else { return };
    assert_eq!(provider.issuer, issuer);
    for url in [&provider.backchannel_authentication_endpoint, &provider.token_endpoint, &provider.jwks_uri] {
        assert_eq!(url.scheme(), "https");
        assert!(url.host_str().is_some_and(|host| !host.is_empty()));
        assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    }
    assert_eq!(reply.status, 200);
    assert!(json(&reply.body).is_some_and(|metadata| metadata["issuer"] == ISSUER));
}

/// Nobody else's key ever verifies our token.
pub fn jwks(input: &[u8]) {
    let Some(reply) = reply(input) else { return };
    let Ok(jwks) = ciba_jwks::read(&reply) else { return };
    let ours = json(&reply.body).is_some_and(|set| {
        let keys = set["keys"].as_array();
        keys.is_some_and(|keys| keys.iter().any(|key| key["x"] == P256_X && key["y"] == P256_Y))
    });
    let verified = [
        verify(&GOOD, &jwks, Algorithm::Es256),
        verify(&forged(Algorithm::Rs256), &jwks, Algorithm::Rs256),
        verify(&forged(Algorithm::Ps256), &jwks, Algorithm::Ps256),
    ]
    .map(|result| result.is_ok());
    assert!(!verified[1] && !verified[2]);
    assert!(ours || !verified[0], "a foreign key verified our token");
}

pub fn acknowledgement(input: &[u8]) {
    let Some(reply) = reply(input) else { return };
    let ack = match authentication::read(&reply) {
        Ok(ack) => ack,
        Err(fault) => return assert!(is_plain(&fault.to_string(), 200)),
    };
    let Acknowledgement { auth_req_id, expires_in, interval } = &ack;
    assert!(!auth_req_id.0.expose().is_empty());
    assert!(*interval >= Duration::from_secs(1) && interval <= expires_in);
    assert!(*expires_in <= Duration::from_secs(600));
    let other = Acknowledgement { auth_req_id: AuthReqId("i".into()), ..ack.clone() };
    assert_eq!(format!("{ack:?}"), format!("{other:?}"), "the id can be seen");
}

/// Whatever reads the address finds the issuer's host, or one below its name.
pub fn invitation(input: &[u8]) {
    static PROVIDER: LazyLock<Option<Provider>> = LazyLock::new(|| {
        let metadata = reply(include_bytes!("seeds/discovery/good"))?;
        provider::read(&Issuer::parse(ISSUER).ok()?, &metadata).ok()
    });
    let Some(reply) = reply(input) else { return };
    let Some(provider) = &*PROVIDER else { unreachable!() };
    let invitation = match ciba_invitation::read(provider, &reply) {
        Ok(invitation) => invitation,
        Err(fault) => return assert!(is_plain(&fault.to_string(), 200)),
    };
    let uri = invitation.authentication_uri.expose();
    assert!(uri.len() <= ciba_invitation::LONGEST && uri.bytes().all(|byte| byte.is_ascii_graphic()));
    let authority = uri.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#', '\\']).next());
    let host = authority.map(|authority| authority.split(':').next().unwrap_or_default().to_lowercase());
    let host = host.unwrap_or_default();
    assert!(host == "op.example" || host.ends_with(".op.example"), "{host} is not the issuer's");
    assert!(!invitation.expires_in.is_zero() && invitation.expires_in <= Duration::from_secs(600));
    redacted(&format!("{invitation:?}"), "op.example");
}

pub fn token_answer(input: &[u8]) {
    let Some(reply) = reply(input) else { return };
    let answer = token::read(&reply);
    let shown = format!("{answer:?}");
    match &answer {
        Answer::Pending(pause) | Answer::SlowDown(pause) | Answer::Busy(pause) | Answer::Failing(pause) => {
            let Pause { retry_after, interval } = pause;
            for wait in [retry_after, interval].into_iter().flatten() {
                assert!(!wait.is_zero() && *wait <= Duration::from_secs(3600));
            }
        }
        Answer::Granted(tokens) => {
            assert_eq!(reply.status, 200);
            let others = Tokens { id_token: "i".into(), access_token: "a".into(), ..tokens.clone() };
            assert_eq!(shown, format!("{:?}", Answer::Granted(others)), "a token can be seen");
            assert!(json(&reply.body).is_some_and(|body| body["error"].as_str().unwrap_or_default() == ""));
        }
        Answer::Failed { error } => assert!(!error.is_empty() && is_plain(error, 100)),
        Answer::Denied => says(&reply, "access_denied"),
        Answer::Expired => says(&reply, "expired_token"),
        Answer::InvalidGrant => says(&reply, "invalid_grant"),
        Answer::InvalidClient => says(&reply, "invalid_client"),
        Answer::Lost => assert!((200..300).contains(&reply.status)),
    }
}

/// The first line says what becomes of the rest: `raw` is a whole token, under `HS256` and `ES256` the second line
/// is the header and what follows the claims, both signed by the provider's own key.
pub fn id_token(input: &[u8]) {
    let Some((kind, rest)) = first_line(input) else { return };
    let Some(keys) = read_keys() else { unreachable!() };
    let (token, alg) = match kind {
        "raw" => match std::str::from_utf8(rest) {
            Ok(token) => (token.to_owned(), Algorithm::Es256),
            Err(_) => return,
        },
        "HS256" | "ES256" => {
            let Some((header, claims)) = first_line(rest) else { return };
            let alg = if kind == "HS256" { Algorithm::Hs256 } else { Algorithm::Es256 };
            (signed(header.as_bytes(), claims, alg), alg)
        }
        _ => return,
    };
    let _ = ciba_id_token::key_id(&Secret::from(token.as_str()));
    match verify(&token, &keys, alg) {
        Ok(identity) if kind == "raw" => {
            assert_eq!(
                token.rsplit_once('.').map(|(signed, _)| signed),
                GOOD.rsplit_once('.').map(|(s, _)| s)
            );
            assert_eq!(identity.auth_time, Some(STARTED + 30));
        }
        Ok(identity) => believed(&token, &identity, alg),
        Err(clause) => assert!(is_plain(&clause.to_string(), 100)),
    }
}

/// What a verified token must say, read by another reader than the one that verified it.
fn believed(token: &str, identity: &Identity, alg: Algorithm) {
    let parts: Vec<Value> = token
        .split('.')
        .take(2)
        .filter_map(|part| json(&URL_SAFE_NO_PAD.decode(part).unwrap_or_default()))
        .collect();
    let [header, claims] = parts.as_slice() else { panic!("what was believed is no JSON") };
    assert_eq!(header["alg"], alg.to_string());
    assert!(header.get("crit").is_none());
    assert_eq!(claims["iss"], ISSUER);
    assert!(claims["aud"] == CLIENT_ID || claims["aud"].as_array().is_some_and(|all| all[0] == CLIENT_ID));
    assert_eq!(claims["sub"], identity.sub.as_str());
    assert!(claims["exp"].as_u64().is_some_and(|exp| exp + 60 > NOW));
    assert!(claims["iat"].as_u64().is_some_and(|iat| (STARTED - 60..=NOW + 60).contains(&iat)));
    assert_eq!((&claims["idp"], &claims["idtoken_type"]), (&Value::from("mitid"), &Value::from("ciba")));
    for (name, sent) in [
        ("urn:openid:params:jwt:claim:auth_req_id", AUTH_REQ_ID),
        ("mitid.reference_text", REFERENCE_TEXT),
        ("ciba_nonce", CIBA_NONCE),
        ("azp", CLIENT_ID),
    ] {
        assert!(claims.get(name).is_none_or(|claim| claim == sent), "{name} is of another login");
    }
    assert_eq!(format!("{identity:?}"), "Identity(…)");
}

/// No sentence repeats what stands in the file, and nothing shows the secret that a file holds.
#[cfg(feature = "net")]
pub fn config(input: &[u8]) {
    use flexlogin::config::parse;

    static FOLDER: LazyLock<Option<tempfile::TempDir>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().ok()?;
        let certificate = include_str!("../../src/ciba/testing/test-certificate.pem");
        let files = [("ca.pem", certificate), ("key.pem", P256), ("secret.txt", CLIENT_SECRET)];
        files.iter().try_for_each(|(name, text)| std::fs::write(folder.path().join(name), text)).ok()?;
        Some(folder)
    });
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Some(folder) = &*FOLDER else { panic!("no folder can be made for the files of the configuration") };
    match parse(text, folder.path(), None) {
        Ok(config) => {
            redacted(&format!("{config:?}"), CLIENT_SECRET);
            assert!(config.broker.authority.as_str().starts_with("https://"));
            assert!(config.broker.client.auth.check().is_ok());
            assert!(config.login.scope.split(' ').any(|scope| scope == "openid"));
            assert!(config.warnings.iter().all(|warning| warning.ends_with('.')));
            assert_eq!(config.allows(config.login.kind), Ok(()));
        }
        Err(errors) => {
            assert!(!errors.problems().is_empty());
            for problem in errors.problems() {
                assert!(problem.sentence.ends_with('.') || problem.sentence.ends_with('?'), "{problem}");
                assert!(problem.line.is_none_or(|line| line > 0 && line <= text.lines().count().max(1) + 1));
                redacted(&problem.sentence, PERSON);
                redacted(&problem.sentence, CLIENT_SECRET);
            }
        }
    }
}

/// What is typed is never repeated.
#[cfg(feature = "net")]
pub fn panel_script(input: &[u8]) {
    use std::path::Path;

    use flexlogin::platform::script::{Step, parse};

    let Ok(text) = std::str::from_utf8(input) else { return };
    let lines = match parse(text) {
        Ok(lines) => lines,
        Err(sentence) => {
            assert!(sentence.starts_with("line ") && sentence.ends_with('.'), "{sentence}");
            return redacted(&sentence, PERSON);
        }
    };
    assert!(lines.is_sorted_by(|one, next| one.number < next.number));
    for line in &lines {
        match &line.step {
            Step::Type(keys) => assert!(!keys.is_empty() && format!("{:?}", line.step) == "type …"),
            Step::Wait { patience: time, .. } | Step::Sleep(time) => {
                assert!(*time <= Duration::from_secs(3600));
            }
            Step::Shot(name) => {
                let file = format!("{name}.png");
                assert!(!name.is_empty() && Path::new(&file).file_name() == Some(file.as_ref()));
            }
            Step::Key(_) | Step::Touch { .. } => {}
        }
    }
}

/// A token as the provider makes it, with its own key.
static GOOD: LazyLock<String> = LazyLock::new(|| {
    let claims = format!(
        r#"{{"iss":"{ISSUER}","aud":"{CLIENT_ID}","sub":"s","iat":{0},"auth_time":{0},"exp":{1},"idp":"mitid","idtoken_type":"ciba"}}"#,
        STARTED + 30,
        STARTED + 330
    );
    signed(br#"{"alg":"ES256"}"#, claims.as_bytes(), Algorithm::Es256)
});

/// A token that nobody signed.
fn forged(alg: Algorithm) -> String {
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}"}}"#));
    let signature = URL_SAFE_NO_PAD.encode([0x5a; 256]);
    format!("{header}.{}.{signature}", GOOD.split('.').nth(1).unwrap_or_default())
}

fn signed(header: &[u8], claims: &[u8], alg: Algorithm) -> String {
    static CURVE: LazyLock<Option<EncodingKey>> =
        LazyLock::new(|| EncodingKey::from_ec_pem(P256.as_bytes()).ok());
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = match alg {
        Algorithm::Hs256 => {
            let key = EncodingKey::from_secret(CLIENT_SECRET.as_bytes());
            crypto::sign(signed.as_bytes(), &key, jsonwebtoken::Algorithm::HS256).ok()
        }
        _ => CURVE
            .as_ref()
            .and_then(|key| crypto::sign(signed.as_bytes(), key, jsonwebtoken::Algorithm::ES256).ok()),
    };
    let Some(signature) = signature else { panic!("the test's own key cannot sign") };
    format!("{signed}.{signature}")
}

fn verify(token: &str, keys: &Jwks, alg: Algorithm) -> Result<Identity, Untrusted> {
    let Ok(issuer) = Issuer::parse(ISSUER) else { unreachable!() };
    let tokens = Tokens {
        id_token: token.into(),
        access_token: "the access token".into(),
        refresh_token: None,
        scope: None,
    };
    let expected = Expected {
        issuer: &issuer,
        client_id: CLIENT_ID,
        alg,
        client_secret: Some(&CLIENT_SECRET.into()),
        profile: Profile::Signaturgruppen,
        way: Way::Asked,
        uuid: None,
        reference_text: REFERENCE_TEXT,
        ciba_nonce: CIBA_NONCE,
        auth_req_id: &AuthReqId(AUTH_REQ_ID.into()),
        terms: &Terms::default(),
        pins_at: NOW,
        started: STARTED,
    };
    ciba_id_token::verify(&tokens, keys, &expected, NOW)
}

fn read_keys() -> Option<Jwks> {
    let set =
        format!(r#"{{"keys":[{{"kty":"EC","crv":"P-256","kid":"curve","x":"{P256_X}","y":"{P256_Y}"}}]}}"#);
    ciba_jwks::read(&answer(200, set.as_bytes())).ok()
}

fn reply(input: &[u8]) -> Option<Reply> {
    let (head, body) = first_line(input)?;
    let mut head = head.split('|');
    let mut reply = answer(head.next()?.parse().ok()?, body);
    reply.retry_after = head.next().filter(|text| !text.is_empty()).map(str::to_owned);
    reply.date = head.next().map(str::to_owned);
    Some(reply)
}

fn answer(status: u16, body: &[u8]) -> Reply {
    Reply { status, retry_after: None, date: None, body: Zeroizing::new(body.to_vec()) }
}

fn first_line(input: &[u8]) -> Option<(&str, &[u8])> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    Some((std::str::from_utf8(&input[..end]).ok()?, &input[end + 1..]))
}

fn json(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

/// The word stands in the body letter by letter, or is hidden in escapes.
fn says(reply: &Reply, word: &str) {
    let literally = reply.body.windows(word.len()).any(|part| part == word.as_bytes());
    assert!(literally || reply.body.contains(&b'\\'), "nobody said {word}");
}

fn is_plain(text: &str, longest: usize) -> bool {
    text.len() <= longest && !text.chars().any(char::is_control)
}

fn redacted(shown: &str, secret: &str) {
    assert!(!shown.contains(secret), "a secret can be seen");
}
