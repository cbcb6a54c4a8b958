//! Good tokens bent at every place, and the vectors that others have published.

use super::*;

const ALL: [Algorithm; 4] = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::Hs256];

#[test]
fn no_cut_token_is_trusted() {
    for alg in ALL {
        let case = Case::good_with(alg);
        let jwks = published(&case.published);
        let token = case.token();
        assert!(case.verify_with(&jwks, token.clone()).is_ok());
        for at in 0..token.len() {
            assert!(
                case.verify_with(&jwks, token[..at].to_owned()).is_err(),
                "{alg}: the first {at} letters"
            );
            assert!(
                case.verify_with(&jwks, token[at + 1..].to_owned()).is_err(),
                "{alg}: from letter {}",
                at + 1
            );
            let without = token[..at].to_owned() + &token[at + 1..];
            assert!(case.verify_with(&jwks, without).is_err(), "{alg}: without letter {at}");
        }
    }
}

#[test]
fn no_turned_bit_is_trusted() {
    for alg in ALL {
        let case = Case::good_with(alg);
        let jwks = published(&case.published);
        let token = case.token().into_bytes();
        for at in 0..token.len() {
            for bit in 0..8 {
                let mut bytes = token.clone();
                bytes[at] ^= 1 << bit;
                // The highest bit leaves UTF-8, so that a replacement character stands there.
                let bent = String::from_utf8_lossy(&bytes).into_owned();
                assert!(case.verify_with(&jwks, bent).is_err(), "{alg}: bit {bit} of letter {at}");
            }
        }
    }
}

#[test]
fn no_inserted_letter_is_trusted() {
    for alg in ALL {
        let case = Case::good_with(alg);
        let jwks = published(&case.published);
        let token = case.token();
        for at in 0..=token.len() {
            for letter in ['A', '.', '=', '\0', '\n', 'é'] {
                let mut bent = token.clone();
                bent.insert(at, letter);
                assert!(case.verify_with(&jwks, bent).is_err(), "{alg}: {letter:?} before letter {at}");
            }
        }
    }
}

/// The claims are read from the bytes that are signed: a bent payload must fail even if the signer signs it.
#[test]
fn no_cut_in_the_signed_claims_is_trusted() {
    let good = Case::good_with(Algorithm::Hs256);
    let text = good.claims.to_string().into_bytes();
    for at in 0..text.len() {
        let mut case = Case::good_with(Algorithm::Hs256);
        case.claims_text = Some(text[..at].to_vec());
        assert_eq!(case.verify(), Err(Untrusted::BadClaims), "the first {at} bytes");
    }
}

/// OIDC Core 1.0, appendix A.4.
#[test]
fn the_published_at_hash_matches() {
    let mut case = Case::good();
    case.access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y".to_owned();
    assert_eq!(case.verify(), Err(Untrusted::AccessTokenHash));
    case.claim("at_hash", "77QmUPtjPfzWtF2AnpK9RQ");
    assert!(case.verify().is_ok());
}

/// RFC 7515, appendices A.2 and A.3. The claims are not ours, so a verified signature shows as the next reason.
#[test]
fn the_published_signatures_verify() {
    let payload =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let rsa = (
        Algorithm::Rs256,
        "eyJhbGciOiJSUzI1NiJ9",
        "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU\
         Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d\
         O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig\
         cN_IoypGlUPQGe77Rw",
        json!({"kty": "RSA", "e": "AQAB", "n":
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ\
         S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2\
         R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD\
         TW9gb54h4FRWyuXpoQ"}),
    );
    let elliptic = (
        Algorithm::Es256,
        "eyJhbGciOiJFUzI1NiJ9",
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}),
    );
    for (alg, header, signature, key) in [rsa, elliptic] {
        let case = Case::good_with(alg);
        let jwks = published(&[key]);
        let token = format!("{header}.{payload}.{signature}");
        assert_eq!(case.verify_with(&jwks, token.clone()), Err(Untrusted::Issuer), "{alg}");
        let other = token.replacen("eyJpc3MiOiJqb2UiLA", "eyJpc3MiOiJqb2ViLA", 1);
        assert_eq!(case.verify_with(&jwks, other), Err(Untrusted::BadSignature), "{alg}");
    }
}
