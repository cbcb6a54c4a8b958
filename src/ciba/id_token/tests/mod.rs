//! A good token and everything around it, ready to be bent.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::*;
use crate::ciba::wire::Reply;
use keys::{Signer, keys};

mod age;
mod bent;
mod good;
mod keys;
mod scanned;
mod wrong_claims;
mod wrong_jws;
mod wrong_terms;

const STARTED: u64 = 1_800_000_000;
const NOW: u64 = STARTED + 40;
const ISSUER: &str = "https://broker.example/op";
const CLIENT_ID: &str = "fjernsyn-7";
const CLIENT_SECRET: &str = "a client secret of some forty characters";
const AUTH_REQ_ID: &str = "1c266114-a1be-4252-8ad1-04986c5b9ac1";
const AUTH_REQ_ID_CLAIM: &str = "urn:openid:params:jwt:claim:auth_req_id";
const UUID: &str = "a7b1c2d3-0000-4e5f-8a9b-0123456789ab";
const REFERENCE_TEXT: &str = "Stuens fjernsyn på Ærø. Kode 4711";
const CIBA_NONCE: &str = "n-0S6_WzA2Mj";

/// One wrong token: its name, how it differs from the good one, and the clause that it breaks.
type Wrong = (&'static str, fn(&mut Case), Untrusted);
/// One odd token that is good all the same.
type Good = (&'static str, fn(&mut Case));

/// A token, the keys that are published and what the client expects.
struct Case {
    header: Value,
    claims: Value,
    /// Stand in for `header` and `claims` where JSON is to be broken.
    header_text: Option<Vec<u8>>,
    claims_text: Option<Vec<u8>>,
    signer: Signer,
    mangle: fn(String) -> String,
    access_token: String,
    refresh_token: Option<String>,
    published: Vec<Value>,
    issuer: String,
    pinned: Algorithm,
    client_secret: Option<Secret>,
    profile: Profile,
    way: Way,
    uuid: Option<Secret>,
    reference_text: String,
    terms: Terms,
    started: u64,
    now: u64,
}

impl Case {
    /// As the broker's own sample: RS256, a key id, flat `mitid.` claims, five minutes of life.
    fn good() -> Case {
        let access_token = "the access token".to_owned();
        Case {
            header: json!({"alg": "RS256", "kid": "one", "typ": "JWT"}),
            claims: json!({
                "iss": ISSUER, "aud": CLIENT_ID, "sub": "5f2d7c1a-1111-4222-8333-944445555666",
                "nbf": STARTED + 30, "iat": STARTED + 30, "auth_time": STARTED + 30, "exp": STARTED + 330,
                "at_hash": at_hash(&access_token), "idp": "mitid", "idtoken_type": "ciba",
                "mitid.uuid": UUID, "mitid.age": "88", "mitid.date_of_birth": "1936-04-08",
                "mitid.has_cpr": "true", "mitid.identity_name": "Anna Ærø", "mitid.psd2": "false",
                "mitid.reference_text": REFERENCE_TEXT,
                "mitid.transaction_id": "00000000-2222-4333-8444-555566667777",
                "idp_transaction_id": "00000000-2222-4333-8444-555566667777",
            }),
            header_text: None,
            claims_text: None,
            signer: Signer::Rs256(&keys().one),
            mangle: |token| token,
            access_token,
            refresh_token: None,
            published: vec![keys().one_jwk(), keys().two_jwk(), keys().curve_jwk()],
            issuer: ISSUER.to_owned(),
            pinned: Algorithm::Rs256,
            client_secret: None,
            profile: Profile::Signaturgruppen,
            way: Way::Asked,
            uuid: Some(Secret::from(UUID)),
            reference_text: REFERENCE_TEXT.to_owned(),
            terms: Terms::default(),
            started: STARTED,
            now: NOW,
        }
    }

    /// A good token of another algorithm, pinned and signed with the key that fits.
    fn good_with(alg: Algorithm) -> Case {
        let mut case = Case::good();
        case.use_alg(alg);
        case
    }

    fn use_alg(&mut self, alg: Algorithm) {
        let (kid, signer) = match alg {
            Algorithm::Rs256 => ("one", Signer::Rs256(&keys().one)),
            Algorithm::Ps256 => ("one", Signer::Ps256(&keys().one)),
            Algorithm::Es256 => ("curve", Signer::Es256),
            Algorithm::Hs256 => ("none", Signer::Hs256(CLIENT_SECRET.into())),
        };
        self.pinned = alg;
        self.head("alg", alg.to_string());
        self.head("kid", kid);
        self.signer = signer;
        self.client_secret = (alg == Algorithm::Hs256).then(|| Secret::from(CLIENT_SECRET));
    }

    fn head(&mut self, name: &str, value: impl Into<Value>) {
        self.header[name] = value.into();
    }

    fn headless(&mut self, name: &str) {
        self.header.as_object_mut().unwrap().remove(name).unwrap();
    }

    fn claim(&mut self, name: &str, value: impl Into<Value>) {
        self.claims[name] = value.into();
    }

    fn without(&mut self, name: &str) {
        self.claims.as_object_mut().unwrap().remove(name).unwrap();
    }

    /// Puts `text` at the start of the claims, inside of their brace.
    fn claims_begin(&mut self, text: &str) {
        self.claims_text = Some(format!("{{{text},{}", &self.claims.to_string()[1..]).into());
    }

    /// Changes one member of the key that has signed.
    fn publish(&mut self, name: &str, value: impl Into<Value>) {
        self.published[0][name] = value.into();
    }

    fn token(&self) -> String {
        let part = |text: &Option<Vec<u8>>, json: &Value| {
            URL_SAFE_NO_PAD.encode(text.clone().unwrap_or_else(|| json.to_string().into_bytes()))
        };
        let signed =
            format!("{}.{}", part(&self.header_text, &self.header), part(&self.claims_text, &self.claims));
        let signature = URL_SAFE_NO_PAD.encode(self.signer.sign(signed.as_bytes()));
        (self.mangle)(format!("{signed}.{signature}"))
    }

    fn verify(&self) -> Result<Identity, Untrusted> {
        self.verify_with(&published(&self.published), self.token())
    }

    /// As the client asked: for a person, or for an answer alone.
    fn verdict(&self) -> Result<(), Untrusted> {
        match self.terms.age {
            None => self.verify().map(drop),
            Some(_) => self.verify_age().map(drop),
        }
    }

    fn verify_age(&self) -> Result<AgeAnswer, Untrusted> {
        let asked = self.terms.age.unwrap();
        let (jwks, token) = (published(&self.published), self.token());
        self.expecting(token, |tokens, expected| verify_age(tokens, &jwks, expected, asked, self.now))
    }

    fn verify_with(&self, jwks: &Jwks, token: String) -> Result<Identity, Untrusted> {
        self.expecting(token, |tokens, expected| verify(tokens, jwks, expected, self.now))
    }

    fn is_bound(&self) -> bool {
        self.expecting(self.token(), is_bound)
    }

    fn expecting<T>(&self, token: String, judge: impl FnOnce(&Tokens, &Expected<'_>) -> T) -> T {
        let issuer = Issuer::parse(&self.issuer).unwrap();
        let auth_req_id = AuthReqId(Secret::from(AUTH_REQ_ID));
        let tokens = Tokens {
            id_token: Secret::new(token),
            access_token: Secret::new(self.access_token.clone()),
            refresh_token: self.refresh_token.clone().map(Secret::new),
            scope: None,
        };
        let expected = Expected {
            issuer: &issuer,
            client_id: CLIENT_ID,
            alg: self.pinned,
            client_secret: self.client_secret.as_ref(),
            profile: self.profile,
            way: self.way,
            uuid: self.uuid.as_ref(),
            reference_text: &self.reference_text,
            ciba_nonce: CIBA_NONCE,
            auth_req_id: &auth_req_id,
            terms: &self.terms,
            pins_at: self.now,
            started: self.started,
        };
        judge(&tokens, &expected)
    }
}

fn published(keys: &[Value]) -> Jwks {
    let body = Zeroizing::new(json!({ "keys": keys }).to_string().into_bytes());
    jwks::read(&Reply { status: 200, retry_after: None, date: None, body }).unwrap()
}

fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, access_token.as_bytes()).as_ref()[..16])
}

fn wrong_tokens() -> Vec<Wrong> {
    [wrong_jws::ROWS, wrong_claims::ROWS, wrong_terms::ROWS, age::ROWS, scanned::ROWS].concat()
}

fn good_tokens() -> Vec<Good> {
    [good::ROWS, wrong_terms::GOOD, age::GOOD, scanned::GOOD].concat()
}

/// The counts are public: they cannot shrink without somebody writing it down.
#[test]
fn the_readme_tells_how_many_tokens_the_corpus_holds() {
    let (wrong, good) = (wrong_tokens().len(), good_tokens().len());
    assert!(wrong >= 60 && good >= 10, "{wrong} wrong and {good} good");
    let told =
        format!("{wrong} wrong ID tokens are refused, each for its own reason, and {good} odd but good");
    let readme = include_str!("../../../../README.md").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(readme.contains(&told), "README.md has to say: {told}");
}

#[test]
fn every_wrong_token_is_refused_for_its_own_reason() {
    assert!(
        Case::good().verify().is_ok(),
        "without a tweak the token is good, so the tweak is what is refused"
    );
    let rows = wrong_tokens();

    let mut names: Vec<_> = rows.iter().map(|(name, ..)| name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), rows.len(), "two rows have one name");
    assert!(
        good_tokens().iter().all(|(name, _)| !names.contains(&name)),
        "a good row has the name of a wrong one"
    );

    let wrong: Vec<_> = rows
        .iter()
        .filter_map(|(name, tweak, reason)| {
            let mut case = Case::good();
            tweak(&mut case);
            let verdict = case.verdict().map(|()| "accepted");
            (verdict != Err(*reason)).then(|| format!("{name}: {verdict:?}, not {reason:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");

    // `EarlierLogin` is the last of the clauses.
    for clause in 0..=Untrusted::EarlierLogin as usize {
        assert!(rows.iter().any(|(.., reason)| *reason as usize == clause), "no row breaks clause {clause}");
    }
}

#[test]
fn every_odd_but_good_token_is_trusted() {
    let refused: Vec<_> = good_tokens()
        .iter()
        .filter_map(|(name, tweak)| {
            let mut case = Case::good();
            tweak(&mut case);
            case.verdict().err().map(|reason| format!("{name}: {reason:?}"))
        })
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn every_clause_has_its_own_sentence() {
    let mut sentences: Vec<_> =
        wrong_tokens().iter().map(|(_, _, reason)| (reason.to_string(), *reason as usize)).collect();
    sentences.sort();
    sentences.dedup();
    assert_eq!(sentences.len(), Untrusted::EarlierLogin as usize + 1);
    assert!(sentences.windows(2).all(|pair| pair[0].0 != pair[1].0));
}

#[test]
fn the_identity_is_read_as_the_broker_writes_it() {
    let identity = Case::good().verify().unwrap();
    assert_eq!(identity.sub, "5f2d7c1a-1111-4222-8333-944445555666");
    assert_eq!(identity.mitid_uuid.as_deref(), Some(UUID));
    assert_eq!(identity.name.as_deref(), Some("Anna Ærø"));
    assert_eq!(identity.date_of_birth.as_deref(), Some("1936-04-08"));
    assert_eq!((identity.age, identity.loa.as_deref()), (Some(88), None));
    assert_eq!(identity.auth_time, Some(STARTED + 30));
    assert_eq!(format!("{identity:?}"), "Identity(…)");
}

#[test]
fn another_provider_names_the_person_in_standard_claims() {
    let mut case = Case::good();
    case.profile = Profile::Ciba;
    case.uuid = None;
    case.claims = json!({
        "iss": ISSUER, "aud": CLIENT_ID, "sub": "anna", "iat": NOW, "exp": NOW + 60, "name": "Anna",
        "birthdate": "1936-04-08", "loa": "https://data.gov.dk/concept/core/nsis/Substantial",
    });
    let identity = case.verify().unwrap();
    assert_eq!(identity.name.as_deref(), Some("Anna"));
    assert_eq!(identity.date_of_birth.as_deref(), Some("1936-04-08"));
    assert_eq!(identity.loa.as_deref(), Some("https://data.gov.dk/concept/core/nsis/Substantial"));
    assert_eq!((&identity.mitid_uuid, identity.age, identity.auth_time), (&None, None, None));
}

#[test]
fn an_age_that_is_no_age_is_left_out() {
    for (claim, age) in [
        (json!("0"), Some(0)),
        (json!(18), Some(18)),
        (json!(""), None),
        (json!("+18"), None),
        (json!("18.5"), None),
        (json!(18.5), None),
        (json!(-1), None),
        (json!(70_000), None),
        (json!(["18"]), None),
        (json!(null), None),
    ] {
        let mut case = Case::good();
        case.claim("mitid.age", claim.clone());
        assert_eq!(case.verify().unwrap().age, age, "{claim}");
    }
}

#[test]
fn the_key_id_is_read_before_anything_is_trusted() {
    let read = |tweak: fn(&mut Case)| {
        let mut case = Case::good();
        tweak(&mut case);
        key_id(&Secret::new(case.token()))
    };
    assert_eq!(read(|_| {}).as_deref(), Some("one"));
    assert_eq!(read(|case| case.head("kid", "rotated")).as_deref(), Some("rotated"));
    assert_eq!(read(|case| case.signer = Signer::Bytes(Vec::new())).as_deref(), Some("one"));
    assert_eq!(read(|case| case.headless("kid")), None);
    assert_eq!(read(|case| case.head("kid", 1)), None);
    assert_eq!(read(|case| case.mangle = |_| String::new()), None);
}

/// `signing-key-rotation-just-before-signing` of the conformance suite.
#[test]
fn a_token_signed_by_a_rotated_key_is_good_once_the_keys_are_fetched_again() {
    let mut case = Case::good();
    case.head("kid", "two");
    case.signer = Signer::Rs256(&keys().two);
    let rotated = std::mem::replace(&mut case.published, vec![keys().one_jwk()]);
    assert_eq!(case.verify(), Err(Untrusted::UnknownKey));
    case.published = rotated;
    assert!(case.verify().is_ok());
}

#[test]
fn nothing_personal_shows_in_debug() {
    let issuer = Issuer::parse(ISSUER).unwrap();
    let (uuid, auth_req_id) = (Secret::from(UUID), AuthReqId(Secret::from(AUTH_REQ_ID)));
    let expected = Expected {
        issuer: &issuer,
        client_id: CLIENT_ID,
        alg: Algorithm::Rs256,
        client_secret: None,
        profile: Profile::Ciba,
        way: Way::Asked,
        uuid: Some(&uuid),
        reference_text: REFERENCE_TEXT,
        ciba_nonce: CIBA_NONCE,
        auth_req_id: &auth_req_id,
        terms: &Terms::default(),
        pins_at: NOW,
        started: STARTED,
    };
    assert_eq!(format!("{expected:?}"), "Expected(RS256, Ciba, from https://broker.example/op, …)");
}
