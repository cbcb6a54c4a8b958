//! The relying-party cases of OpenID Connect. Theirs is a browser's flow; the rules for tokens and keys are the same.

use flexlogin::ciba::{Algorithm, ClientAuth, Secret, Untrusted};
use serde_json::json;

use super::case::Case;
use super::provider::Rotates;
use super::spoil;
use crate::broker::{BACKCHANNEL, CLIENT_SECRET, DISCOVERY, ISSUER, JWKS};
use crate::signing::{other_rsa, p256, rsa};

#[test]
fn oidcc_client_test() {
    let run = Case::oidc().runs();
    assert_eq!(run.accepts()[0].identity.sub, "user-subject-1234531");
}

#[test]
fn oidcc_client_test_invalid_iss() {
    Case::oidc().spoils(spoil::iss).runs().rejects(Untrusted::Issuer);
}

#[test]
fn oidcc_client_test_invalid_aud() {
    Case::oidc().spoils(spoil::aud).runs().rejects(Untrusted::Audience);
}

#[test]
fn oidcc_client_test_missing_aud() {
    Case::oidc().spoils(spoil::missing_aud).runs().rejects(Untrusted::Audience);
}

#[test]
fn oidcc_client_test_missing_iat() {
    Case::oidc().spoils(spoil::missing_iat).runs().rejects(Untrusted::IssuedAt);
}

#[test]
fn oidcc_client_test_missing_sub() {
    Case::oidc().spoils(spoil::missing_sub).runs().rejects(Untrusted::Subject);
}

#[test]
fn oidcc_client_test_invalid_sig_rs256() {
    Case::oidc().spoils(spoil::signature).runs().rejects(Untrusted::BadSignature);
}

#[test]
fn oidcc_client_test_invalid_sig_es256() {
    let case = || Case::oidc().signs_with(Algorithm::Es256);
    case().runs().accepts();
    case().spoils(spoil::signature).runs().rejects(Untrusted::BadSignature);
}

#[test]
fn oidcc_client_test_invalid_sig_hs256() {
    // Only a client with a secret can be registered for HS256.
    let case = || {
        let auth = ClientAuth::SecretBasic(Secret::from(CLIENT_SECRET));
        Case::oidc().client(auth).signs_with(Algorithm::Hs256)
    };
    case().runs().accepts();
    case().spoils(spoil::signature).runs().rejects(Untrusted::BadSignature);
}

#[test]
fn oidcc_client_test_idtoken_sig_rs256() {
    Case::oidc().runs().accepts();
}

#[test]
fn oidcc_client_test_idtoken_sig_none() {
    Case::oidc().spoils(spoil::null_alg).runs().rejects(Untrusted::WrongAlgorithm);
}

#[test]
fn oidcc_client_test_kid_absent_single_jwks() {
    let mut nameless = rsa().jwk("");
    nameless.as_object_mut().unwrap().remove("kid");
    for key in [nameless, rsa().jwk("named")] {
        let single = Case::oidc().with(|provider| (provider.keys, provider.kid) = (vec![key], None));
        single.runs().accepts();
    }
}

#[test]
fn oidcc_client_test_kid_absent_multiple_jwks() {
    let many = Case::oidc().with(|provider| {
        let nameless = |mut key: serde_json::Value| {
            key.as_object_mut().unwrap().remove("kid");
            key
        };
        let coordinate = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        provider.keys = vec![
            json!({"kty": "EC", "crv": "secp256k1", "use": "sig", "x": coordinate, "y": coordinate}),
            json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "x": coordinate}),
            nameless(p256().jwk("")),
            nameless(other_rsa().jwk("")),
            nameless(rsa().jwk("")),
        ];
        provider.kid = None;
    });
    // Refusing would do as well; this client tries the keys that fit.
    many.runs().accepts();
}

#[test]
fn oidcc_client_test_ignores_unparseable_key_in_jwks() {
    let transition = Case::oidc().with(|provider| {
        provider.keys.insert(0, json!({"kid": "pq", "kty": "AKP", "alg": "ML-DSA-999", "pub": "AAEC"}));
        provider.keys.insert(1, json!({"kid": "x", "kty": "made-up", "use": "sig", "x": [1]}));
    });
    transition.runs().accepts();
}

#[test]
fn oidcc_client_test_invalid_athash() {
    Case::oidc().spoils(spoil::at_hash).runs().rejects(Untrusted::AccessTokenHash);
}

#[test]
fn oidcc_client_test_aggregated_claims() {
    let claims = Case::oidc().bends(|token| {
        token.claims["_claim_names"] = json!({"address": "src1", "sub": "src1"});
        token.claims["_claim_sources"] = json!({"src1": {"JWT": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJldmUifQ."}});
    });
    assert_eq!(claims.runs().accepts()[0].identity.sub, "user-subject-1234531");
}

#[test]
fn oidcc_client_test_distributed_claims() {
    let claims = Case::oidc().bends(|token| {
        token.claims["_claim_names"] = json!({"sub": "src1"});
        token.claims["_claim_sources"] =
            json!({"src1": {"endpoint": "https://evil.example/claims", "access_token": "t"}});
    });
    // A call to any other address than the provider's own would be complained of.
    assert_eq!(claims.runs().accepts()[0].identity.sub, "user-subject-1234531");
}

#[test]
fn oidcc_client_test_client_secret_basic() {
    let auth = ClientAuth::SecretBasic(Secret::from(CLIENT_SECRET));
    Case::oidc().client(auth).runs().accepts();
}

#[test]
fn oidcc_client_test_discovery_openid_config() {
    let run = Case::oidc().runs();
    run.accepts();
    assert_eq!(run.times(DISCOVERY).len(), 1);
    assert!(run.times(DISCOVERY)[0] < run.times(BACKCHANNEL)[0]);
}

#[test]
fn oidcc_client_test_discovery_jwks_uri_keys() {
    for path in ["/op/jwks-8f3a", "/elsewhere/k.json"] {
        let run = Case::oidc()
            .with(|provider| provider.discovery["jwks_uri"] = json!(format!("https://op.example{path}")))
            .runs();
        run.accepts();
        assert_eq!(run.times(path).len(), 1);
        assert_eq!(run.times(JWKS).len(), 0);
    }
}

#[test]
fn oidcc_client_test_discovery_issuer_mismatch() {
    for other in [format!("{ISSUER}/"), format!("{ISSUER}1"), "https://other.example".into()] {
        let run = Case::oidc().with(|provider| provider.discovery["issuer"] = json!(other)).runs();
        run.stops("another issuer", 0);
        assert_eq!(run.times(BACKCHANNEL).len(), 0);
    }
}

#[test]
fn oidcc_client_test_signing_key_rotation() {
    let run = Case::oidc().with(|provider| provider.rotates = Rotates::BetweenLogins).runs_times(3);
    assert_eq!(run.accepts().len(), 3);
    assert_eq!(run.times(JWKS).len(), 3);
}

#[test]
fn oidcc_client_test_signing_key_rotation_just_before_signing() {
    // From the second login on, the client knows keys that are gone.
    let run = Case::oidc().with(|provider| provider.rotates = Rotates::JustBeforeSigning).runs_times(3);
    assert_eq!(run.accepts().len(), 3);
    assert_eq!(run.times(JWKS).len(), 3);
}
