//! The text that the phone shows: who asks, the code of this login, and what to do if it was somebody else.

use std::fmt;

/// MitID shows at most this many characters. How the broker counts is not public, so both Unicode scalar values
/// and UTF-16 units have to fit.
pub const LONGEST: usize = 130;

/// A template with `{service}` filled in and room for the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceText {
    before: String,
    /// `None` where no code is shown.
    after: Option<String>,
}

/// What is wrong with a template; the text is a sentence with its remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTemplate(pub String);

impl fmt::Display for BadTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadTemplate {}

impl ReferenceText {
    pub fn parse(template: &str, service: &str) -> Result<ReferenceText, BadTemplate> {
        let bad = |sentence: String| Err(BadTemplate(sentence));
        let template = template.trim();
        if template.chars().any(char::is_control) {
            return bad("holds a line break or another control character. Write it as one plain line.".into());
        }
        let Some((before, after)) = template.split_once("{code}") else {
            return bad("does not hold {code}. Add {code}, so that a person can tell their own login.".into());
        };
        let text = ReferenceText { before: fill(before, service)?, after: Some(fill(after, service)?) };
        let sample = text.render("0000");
        let length = sample.chars().count().max(sample.encode_utf16().count());
        if length > LONGEST {
            return bad(format!(
                "is {length} characters long with the service and the code filled in; the phone shows {LONGEST}. Shorten it."
            ));
        }
        Ok(text)
    }

    /// The text of a request that the phone shows in the broker's words; ours has to be sent all the same.
    pub fn without_code(text: &str) -> ReferenceText {
        ReferenceText { before: text.chars().take(LONGEST).collect(), after: None }
    }

    pub fn render(&self, code: &str) -> String {
        match &self.after {
            Some(after) => format!("{}{code}{after}", self.before),
            None => self.before.clone(),
        }
    }
}

/// Fills in the service; any other brace is a slip of the pen.
fn fill(part: &str, service: &str) -> Result<String, BadTemplate> {
    let pieces: Vec<&str> = part.split("{service}").collect();
    if let Some(piece) = pieces.iter().find(|piece| piece.contains(['{', '}'])) {
        let start = piece.find(['{', '}']).unwrap_or(0);
        let found: String = piece[start..].chars().take(20).collect();
        return Err(BadTemplate(format!(
            "holds \"{found}\", which means nothing here. {{service}} and one {{code}} are what can be filled in."
        )));
    }
    Ok(pieces.join(service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_and_the_code_are_filled_in() {
        let text =
            ReferenceText::parse("Log på {service}. Kode {code}. Afvis, hvis det ikke er dig.", "Nordlys TV")
                .unwrap();
        assert_eq!(text.render("4711"), "Log på Nordlys TV. Kode 4711. Afvis, hvis det ikke er dig.");
    }

    #[test]
    fn a_template_that_would_mislead_is_refused() {
        for (template, why) in [
            ("Log på {service}", "{code}"),
            ("{code} {kode}", "means nothing"),
            ("{code} {code}", "means nothing"),
            ("{code}\nx", "line break"),
            ("{code}}", "means nothing"),
        ] {
            assert!(ReferenceText::parse(template, "S").unwrap_err().0.contains(why), "{template}");
        }
    }

    #[test]
    fn the_length_counts_what_the_phone_will_show() {
        let fits = format!("{{code}}{}", "å".repeat(126));
        assert!(ReferenceText::parse(&fits, "").is_ok());
        assert!(ReferenceText::parse(&format!("{fits}å"), "").is_err());
        // Two UTF-16 units each.
        assert!(ReferenceText::parse(&format!("{{code}}{}", "🙂".repeat(64)), "").is_err());
    }
}
