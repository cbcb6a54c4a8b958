//! Whether a person is old enough, asked so that the broker tells nothing else about them.
//!
//! One question has one number, and only its own answer counts. MitID asks it as `age_verify:N` (Signaturgruppen
//! Broker, age verification over CIBA), the EU age verification as `age_over:N`.

use std::fmt;

/// One question: is this person at least so old?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeCheck {
    /// In whole years.
    pub years: u8,
    pub form: AgeForm,
}

/// How the question is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgeForm {
    /// MitID's own: the broker sets the text in the app, the lowest level of assurance and the action CONFIRM itself.
    Verify,
    /// The EU's.
    Over,
}

impl AgeCheck {
    /// Exactly these words: with any other beside them the broker leaves its own settings for an age check.
    pub fn scope(self) -> String {
        match self.form {
            AgeForm::Verify => format!("openid minimal age_verify:{}", self.years),
            AgeForm::Over => format!("openid age_over:{}", self.years),
        }
    }

    /// Whether the text in the app is the broker's, so that nobody here knows it.
    pub fn is_worded_by_the_broker(self) -> bool {
        self.form == AgeForm::Verify
    }
}

/// What came back, and all that did.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AgeAnswer {
    /// The number that was asked for.
    pub years: u8,
    pub is_old_enough: bool,
}

impl fmt::Debug for AgeAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgeAnswer(about {}, …)", self.years)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_its_scope_and_nothing_beside_it() {
        let scope = |years, form| AgeCheck { years, form }.scope();
        assert_eq!(scope(18, AgeForm::Verify), "openid minimal age_verify:18");
        assert_eq!(scope(21, AgeForm::Over), "openid age_over:21");
    }

    #[test]
    fn an_answer_shows_in_no_debug() {
        let told = |is_old_enough| format!("{:?}", AgeAnswer { years: 18, is_old_enough });
        assert_eq!(told(true), told(false));
    }
}
