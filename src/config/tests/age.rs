//! Age checks: what is asked, and every key that would ask for more.

use super::refusals::Case;
use super::*;
use crate::ciba::AgeForm;

/// The good file for an age check: its lines 13 to 19 are those of a login.
fn age(lines: &str, profile: &str) -> String {
    let profile = format!("profile = \"{profile}\"");
    edited(&[(3, &profile), (13, lines), (14, ""), (15, ""), (16, ""), (18, ""), (19, "")])
}

#[test]
fn an_age_check_settles_the_scope_the_action_and_the_text() {
    let config = good(&age("purpose = \"age\"\nage = 18\nidentifier = \"uuid\"", "signaturgruppen"));
    assert_eq!(config.login.age, Some(AgeCheck { years: 18, form: AgeForm::Verify }));
    assert_eq!(config.login.scope, "openid minimal age_verify:18");
    assert_eq!(config.login.action, Action::Confirm);
    let text = config.login.reference_text.render("4711");
    assert_eq!(text, "Nordlys TV: er du mindst 18 år? Afvis, hvis du ikke har bedt om det.");
    let calls = config.net_settings().calls;
    assert_eq!((calls.scope.as_str(), calls.terms.age), ("openid minimal age_verify:18", config.login.age));
    assert!(config.allows(Kind::Uuid).is_ok());
    assert!(config.allows(Kind::Cpr).unwrap_err().contains("tells the age by itself"));
}

#[test]
fn the_eus_form_is_asked_for_by_name_and_has_words_of_ours() {
    let lines = "purpose = \"age\"\nage = 21\nage_scope = \"age_over\"\nidentifier = \"user-id\"";
    let config = good(&age(lines, "ciba"));
    assert_eq!(config.login.age, Some(AgeCheck { years: 21, form: AgeForm::Over }));
    assert_eq!(config.login.scope, "openid age_over:21");
    let text = config.login.reference_text.render("4711");
    assert_eq!(text, "Nordlys TV: er du mindst 21 år? Kode 4711. Afvis, hvis det ikke er dig.");
    let own = format!("{lines}\nreference_text = \"{{service}}: 21? {{code}}\"");
    assert_eq!(good(&age(&own, "ciba")).login.reference_text.render("4711"), "Nordlys TV: 21? 4711");
}

pub(super) const REFUSED: &[Case] = &[
    (
        &[(13, "purpose = \"login\"\nidentifier = \"uuid\"")],
        13,
        "login.purpose",
        "remove the line for a login",
    ),
    (&[(20, "age = 18")], 20, "login.age", "stands without purpose"),
    (&[(20, "age_scope = \"age_verify\"")], 20, "login.age_scope", "stands without purpose"),
];

const FLEX: &str = "purpose = \"age\"\nage = 18\nidentifier = \"uuid\"";

#[test]
fn whatever_would_tell_more_than_the_answer_is_refused_by_its_name() {
    for (more, key) in [
        ("scope = \"openid mitid\"", "login.scope"),
        ("action = \"LOG_ON\"", "login.action"),
        ("reference_text = \"Kode {code}\"", "login.reference_text"),
        ("loa = \"substantial\"\nloa_policy = \"require\"", "login.loa"),
        ("loa_policy = \"warn\"", "login.loa_policy"),
    ] {
        let text = age(&format!("{FLEX}\n{more}"), "signaturgruppen");
        let errors = parse(&text, folder().path(), None).unwrap_err().to_string();
        assert!(errors.contains(key) && errors.contains("Remove it"), "{errors}");
    }
}

#[test]
fn a_wrong_age_check_is_told_with_its_remedy() {
    for (lines, profile, key, sentence) in [
        (
            "purpose = \"age\"\nidentifier = \"uuid\"",
            "signaturgruppen",
            "login.age",
            "is missing beside purpose",
        ),
        ("purpose = \"age\"\nage = 0\nidentifier = \"uuid\"", "signaturgruppen", "login.age", "from 1 to 99"),
        (
            "purpose = \"age\"\nage = 100\nidentifier = \"uuid\"",
            "signaturgruppen",
            "login.age",
            "from 1 to 99",
        ),
        (
            "purpose = \"age\"\nage = 274\nidentifier = \"uuid\"",
            "signaturgruppen",
            "login.age",
            "from 1 to 99",
        ),
        (
            "purpose = \"age\"\nage = \"18\"\nidentifier = \"uuid\"",
            "signaturgruppen",
            "login.age",
            "without quotes",
        ),
        (
            "purpose = \"age\"\nage = 18\nidentifier = \"cpr\"",
            "signaturgruppen",
            "login.identifier",
            "take \"uuid\"",
        ),
        (
            "purpose = \"age\"\nage = 18\nidentifier = \"uuid\"",
            "ciba",
            "login.age_scope",
            "write age_scope = \"age_over\"",
        ),
        (
            "purpose = \"age\"\nage = 18\nage_scope = \"age_over\"\nidentifier = \"uuid\"",
            "signaturgruppen",
            "login.age_scope",
            "no part of MitID Flex",
        ),
        (
            "purpose = \"age\"\nage = 20\nage_scope = \"age_over\"\nidentifier = \"uuid\"",
            "ciba",
            "login.age",
            "15, 16, 18 or 21",
        ),
        (
            "purpose = \"age\"\nage = 18\nage_scope = \"over\"\nidentifier = \"uuid\"",
            "ciba",
            "login.age_scope",
            "the EU's form",
        ),
    ] {
        let errors = parse(&age(lines, profile), folder().path(), None).unwrap_err();
        let [problem] = errors.problems() else { panic!("one slip is told once: {errors}") };
        assert_eq!(problem.key, key);
        assert!(problem.sentence.contains(sentence), "{errors}");
    }
}
