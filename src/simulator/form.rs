//! `application/x-www-form-urlencoded` bodies, read strictly (RFC 6749 3.1 and 3.2), and what is refused.

/// An error answer of the wire (RFC 6749 5.2). The description never repeats what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) error: &'static str,
    pub(super) description: &'static str,
}

pub(super) fn refuse(error: &'static str, description: &'static str) -> Refusal {
    Refusal { status: 400, error, description }
}

/// The parameters of one request, each once.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn parse(content_type: Option<&str>, body: &[u8]) -> Result<Form, Refusal> {
        let malformed = |description| refuse("invalid_request", description);
        if !content_type.is_some_and(is_form) {
            return Err(malformed("The content type is not application/x-www-form-urlencoded."));
        }
        let mut fields: Vec<(String, String)> = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = halves.next().and_then(decode);
            let value = halves.next().and_then(decode);
            let (Some(name), Some(value)) = (name, value) else {
                return Err(malformed("The form is not well encoded."));
            };
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(malformed("A parameter is repeated."));
            }
            fields.push((name, value));
        }
        Ok(Form(fields))
    }

    /// Parameters that came in another way.
    pub(super) fn of(fields: Vec<(String, String)>) -> Form {
        Form(fields)
    }

    /// The names of the parameters with a value.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name.as_str())
    }

    /// The value of a parameter. One without a value counts as absent (RFC 6749 3.1).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

fn is_form(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some("application/x-www-form-urlencoded")
        && parts.all(|parameter| matches!(parameter.as_str(), "charset=utf-8" | "charset=\"utf-8\""))
}

/// Undoes the form encoding of one name or value; `None` if it is not well-formed UTF-8 in that encoding.
pub(super) fn decode(encoded: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let high = char::from(*rest.next()?).to_digit(16)?;
                let low = char::from(*rest.next()?).to_digit(16)?;
                bytes.push(u8::try_from(high * 16 + low).ok()?);
            }
            0x21..=0x7e => bytes.push(*byte),
            _ => return None,
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Result<Form, Refusal> {
        Form::parse(Some("application/x-www-form-urlencoded"), body.as_bytes())
    }

    #[test]
    fn reads_plus_percent_and_utf_8() {
        let form = form("a=1+2&b=p%C3%A5%26&c=").unwrap();
        assert_eq!(form.get("a"), Some("1 2"));
        assert_eq!(form.get("b"), Some("på&"));
        assert_eq!(form.get("c"), None);
    }

    #[test]
    fn refuses_what_is_not_one_clean_form() {
        for body in ["a=1&a=2", "a=&a=1", "a=%", "a=%4", "a=%zz", "a=%ff", "a", "a=1&b", "a=\u{e6}"] {
            assert!(form(body).is_err(), "{body}");
        }
        for content_type in
            [None, Some("application/json"), Some("application/x-www-form-urlencoded; charset=latin1")]
        {
            assert!(Form::parse(content_type, b"a=1").is_err());
        }
        assert!(Form::parse(Some("Application/X-WWW-Form-Urlencoded; charset=UTF-8"), b"a=1").is_ok());
    }
}
