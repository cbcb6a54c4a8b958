//! An age check, from the start to the answer.

use super::desk::*;
use super::*;
use crate::ciba::{AgeAnswer, AgeCheck, AgeForm, Hint, Untrusted};

const UUID: &str = "8a9856e0-f12d-4217-b320-c8a076be9320";

fn asking() -> Desk {
    let age = AgeCheck { years: 18, form: AgeForm::Verify };
    let terms = Terms { age: Some(age), ..Terms::default() };
    let mut desk =
        Desk::with(Settings { scope: age.scope(), action: Action::Confirm, terms, ..settings(secret()) });
    desk.starts_for(1, Hint::Uuid(UUID.into()));
    desk.answers(DISCOVERY, discovery());
    desk
}

/// What becomes of a token that says this beside its issuer, client and times.
fn hears(claims: &[(&str, serde_json::Value)]) -> (News, Vec<Notice>) {
    let mut desk = asking();
    desk.answers(START, acknowledged(1));
    desk.news();
    desk.polls(1);
    let tokens = tokens_with(&desk, 1, "one", |token| {
        let token = token.as_object_mut().unwrap();
        token.retain(|name, _| matches!(name.as_str(), "iss" | "aud" | "sub" | "iat" | "exp" | "at_hash"));
        claims.iter().for_each(|(name, value)| drop(token.insert((*name).into(), value.clone())));
    });
    desk.answers(TOKEN, tokens);
    desk.answers(JWKS, keys(&["one"]));
    (desk.news(), desk.notes)
}

#[test]
fn the_start_asks_for_the_answer_and_for_nothing_else() {
    let mut desk = asking();
    let form = desk.sent(START).1.form.unwrap();
    let form = form.expose();
    assert!(form.contains("scope=openid+minimal+age_verify%3A18&"), "{form}");
    assert!(form.contains("CONFIRM") && form.contains(UUID), "{form}");
}

#[test]
fn a_yes_and_a_no_are_news_and_that_nothing_ties_them_to_the_login_is_told() {
    for is_old_enough in [true, false] {
        let (news, notes) = hears(&[("idbrokerdk_age_verified", format!("18:{is_old_enough}").into())]);
        let expected = AgeAnswer { years: 18, is_old_enough };
        assert!(matches!(news, News::AgeTold(answer) if answer == expected));
        assert_eq!(notes, [Notice::Unbound]);
    }
    let (_, notes) = hears(&[("idbrokerdk_age_verified", "18:true".into()), ("ciba_nonce", "n".into())]);
    assert_eq!(notes, []);
}

#[test]
fn the_token_of_a_login_is_no_answer_to_an_age_check() {
    let login = [("idp", "mitid".into()), ("idtoken_type", "ciba".into()), ("mitid.age", "88".into())];
    assert!(matches!(hears(&login).0, News::Untrusted(Untrusted::AgeMissing)));
}
