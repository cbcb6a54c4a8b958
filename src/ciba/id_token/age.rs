//! The one claim of an age check. It must be there, in its own shape, and about the number that was asked for.
//!
//! Whatever else a token says about the person is not read.

use serde_json::Value;

use super::Untrusted;
use crate::ciba::age::{AgeAnswer, AgeCheck, AgeForm};
use crate::ciba::json::Object;

const VERIFIED: &str = "idbrokerdk_age_verified";
/// The broker prints both.
const OVER: [&str; 2] = ["age_over:", "age_over_"];

pub(super) fn answer(claims: &Object, asked: AgeCheck) -> Result<AgeAnswer, Untrusted> {
    let is_old_enough = match asked.form {
        AgeForm::Verify => verified(claims, asked.years)?,
        AgeForm::Over => over(claims, asked.years)?,
    };
    Ok(AgeAnswer { years: asked.years, is_old_enough })
}

/// `"18:true"` or `"18:false"`.
fn verified(claims: &Object, years: u8) -> Result<bool, Untrusted> {
    let claim = claims.text(VERIFIED).map_err(|_| Untrusted::AgeShape)?.ok_or(Untrusted::AgeMissing)?;
    let (number, word) = claim.split_once(':').ok_or(Untrusted::AgeShape)?;
    let answer = match word {
        "true" => true,
        "false" => false,
        _ => return Err(Untrusted::AgeShape),
    };
    // One number has one way to be written, so that 018 and +18 are no other ways to say 18.
    match number.parse::<u8>() {
        Ok(read) if read.to_string() != number => Err(Untrusted::AgeShape),
        Ok(read) if read != years => Err(Untrusted::AgeOther),
        Ok(_) => Ok(answer),
        Err(_) => Err(Untrusted::AgeShape),
    }
}

/// `"age_over:18": true` or `"age_over_18": true`.
fn over(claims: &Object, years: u8) -> Result<bool, Untrusted> {
    let read = |name: &str| match claims.get(&format!("{name}{years}")) {
        None => Ok(None),
        Some(Value::Bool(answer)) => Ok(Some(*answer)),
        Some(_) => Err(Untrusted::AgeShape),
    };
    match (read(OVER[0])?, read(OVER[1])?) {
        (Some(one), Some(other)) if one != other => Err(Untrusted::AgeContradiction),
        (Some(answer), _) | (None, Some(answer)) => Ok(answer),
        (None, None) if is_about_another(claims) => Err(Untrusted::AgeOther),
        (None, None) => Err(Untrusted::AgeMissing),
    }
}

fn is_about_another(claims: &Object) -> bool {
    claims.names().any(|name| OVER.iter().any(|start| name.starts_with(start)))
}
