//! The purpose of a login: to know who somebody is, or only whether they are old enough.
//!
//! An age check asks for one thing and gets one thing, so that every key that would ask for more is refused.

use super::document::Section;
use super::problems::Told;
use crate::ciba::{AgeCheck, AgeForm, Profile};
use crate::flow::ReferenceText;

pub(super) const NO_CPR: &str = "A CPR number tells the age by itself, and much more than an age check may ask. With \
     purpose = \"age\" take \"uuid\".";

/// The ages that the EU's form knows.
const EU_AGES: [u8; 4] = [15, 16, 18, 21];
const OLDEST: u8 = 99;

/// `profile` is `None` if it is wrong itself.
pub(super) fn read(login: &Section<'_>, profile: Option<Profile>) -> Result<Option<AgeCheck>, Told> {
    match login.text("purpose")? {
        None => match ["age", "age_scope"].into_iter().find(|key| login.has(key)) {
            None => Ok(None),
            Some(key) => {
                let sentence = "stands without purpose = \"age\". Add that, or remove this line.";
                Err(login.tell(login.line_of(key), key, sentence))
            }
        },
        Some(found) if found.value == "age" => {
            let form = form(login, profile);
            let years = years(login, form.ok());
            Ok(Some(AgeCheck { form: form?, years: years? }))
        }
        Some(found) => {
            let sentence = "can only be \"age\". Write that, or remove the line for a login.";
            Err(login.tell(found.line, "purpose", sentence))
        }
    }
}

fn form(login: &Section<'_>, profile: Option<Profile>) -> Result<AgeForm, Told> {
    let found = login.text("age_scope")?;
    let line = found.map_or(login.line, |found| found.line);
    let wrong = |sentence: &str| Err(login.tell(line, "age_scope", sentence));
    let form = match found.map(|found| found.value) {
        None | Some("age_verify") => AgeForm::Verify,
        Some("age_over") => AgeForm::Over,
        Some(_) => {
            return wrong("must be \"age_verify\", which MitID answers, or \"age_over\", the EU's form.");
        }
    };
    match (form, profile) {
        (AgeForm::Over, Some(Profile::Signaturgruppen)) => wrong(
            "is the EU's form, which has an authority of its own and is no part of MitID Flex. Remove it: MitID \
             answers age_verify.",
        ),
        (AgeForm::Verify, Some(Profile::Ciba)) => wrong(
            "is MitID's own form, which only the profile \"signaturgruppen\" speaks. With the profile \"ciba\" write \
             age_scope = \"age_over\".",
        ),
        _ => Ok(form),
    }
}

fn years(login: &Section<'_>, form: Option<AgeForm>) -> Result<u8, Told> {
    let example = "Add age = 18, or how old a person has to be.";
    let Some(found) = login.number("age", example)? else {
        return Err(login.tell(login.line, "age", format!("is missing beside purpose. {example}")));
    };
    match u8::try_from(found.value) {
        Ok(years) if form == Some(AgeForm::Over) && !EU_AGES.contains(&years) => {
            Err(login.tell(found.line, "age", "must be 15, 16, 18 or 21: age_over knows no other."))
        }
        Ok(years @ 1..=OLDEST) => Ok(years),
        _ => Err(login.tell(found.line, "age", format!("must be from 1 to {OLDEST} years."))),
    }
}

pub(super) fn allows(login: &Section<'_>, age: Option<AgeCheck>) -> Result<(), Told> {
    match login.text("identifier") {
        Ok(Some(found)) if age.is_some() && found.value == "cpr" => {
            Err(login.tell(found.line, "identifier", format!("cannot be \"cpr\". {NO_CPR}")))
        }
        // What else is wrong with it is told where it is read.
        _ => Ok(()),
    }
}

/// Refuses a key of which purpose = "age" leaves nothing to say.
pub(super) fn settles(login: &Section<'_>, key: &str) -> Result<(), Told> {
    if !login.has(key) {
        return Ok(());
    }
    let sentence =
        "is settled by purpose = \"age\": with anything more the broker would tell more. Remove it.";
    Err(login.tell(login.line_of(key), key, sentence))
}

/// Flex has to be sent a text, though the phone shows the broker's own.
pub(super) fn reference_text(
    login: &Section<'_>,
    age: AgeCheck,
    service: Option<&str>,
) -> Result<ReferenceText, Told> {
    if login.has("reference_text") {
        let sentence =
            "is never seen in an age check of MitID: the broker sets a text of its own. Remove it.";
        return Err(login.tell(login.line_of("reference_text"), "reference_text", sentence));
    }
    let service = service.unwrap_or_default();
    Ok(ReferenceText::without_code(&format!(
        "{service}: er du mindst {} år? Afvis, hvis du ikke har bedt om det.",
        age.years
    )))
}

pub(super) fn template(age: AgeCheck) -> String {
    format!("{{service}}: er du mindst {} år? Kode {{code}}. Afvis, hvis det ikke er dig.", age.years)
}
