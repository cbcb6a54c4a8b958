//! The people of this world, and what they do with their phones.

use std::collections::HashMap;
use std::time::Duration;

use flexlogin::ciba::Profile;
use serde_json::Value;

use crate::chance::Chance;

/// A test person: the day of birth is 60 too high.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) cpr: &'static str,
    pub(super) uuid: &'static str,
    pub(super) sub: &'static str,
}

/// So few that two devices often ask for the same one.
pub(super) const PEOPLE: [Person; 3] = [
    Person { cpr: "6701901234", uuid: "a7b1c2d3-0000-4e5f-8a9b-0123456789ab", sub: "subject-of-anna" },
    Person { cpr: "7512801111", uuid: "b8c2d3e4-1111-4f60-9bac-123456789abc", sub: "subject-of-bo" },
    Person { cpr: "9103712222", uuid: "c9d3e4f5-2222-4071-8cbd-23456789abcd", sub: "subject-of-carl" },
];

/// What the phone shows, and what only the broker knows.
pub(super) struct Texts {
    pub(super) reference_text: String,
    pub(super) reference_id: String,
    pub(super) nonce: String,
}

impl Person {
    /// Who is asked for in a start, whether by UUID, and the rest.
    pub(super) fn asked_for(
        profile: Profile,
        form: &HashMap<String, String>,
    ) -> Option<(&'static Person, bool, Texts)> {
        let of = |name: &str| PEOPLE.iter().find(|person| person.cpr == name || person.uuid == name);
        match profile {
            Profile::Signaturgruppen => {
                let hint: Value = serde_json::from_str(form.get("login_hint_token")?).ok()?;
                let text = |name: &str| hint[name].as_str().map(str::to_owned);
                let texts = Texts {
                    reference_text: text("referenceTextBody")?,
                    reference_id: text("referenceId")?,
                    nonce: text("ciba_nonce")?,
                };
                let uuid = text("uuid");
                Some((of(&uuid.clone().or_else(|| text("cpr"))?)?, uuid.is_some(), texts))
            }
            Profile::Ciba => {
                let hint = form.get("login_hint")?;
                let person = of(hint)?;
                let texts = Texts {
                    reference_text: form.get("binding_message")?.clone(),
                    reference_id: String::new(),
                    nonce: String::new(),
                };
                Some((person, person.uuid == hint, texts))
            }
        }
    }
}

/// What the person does about one prompt, unless it is gone before.
#[derive(Clone, Copy, Debug)]
pub(super) enum Decision {
    Approves(Duration),
    Rejects(Duration),
    Never,
}

impl Decision {
    pub(super) fn draw(chance: &mut Chance, now: Duration, life: Duration) -> Decision {
        let at = now + chance.between(Duration::from_millis(500), life.mul_f64(1.1));
        match chance.below(10) {
            0..7 => Decision::Approves(at),
            7 => Decision::Rejects(at),
            _ => Decision::Never,
        }
    }

    pub(super) fn at(self) -> Option<Duration> {
        match self {
            Decision::Approves(at) | Decision::Rejects(at) => Some(at),
            Decision::Never => None,
        }
    }
}
