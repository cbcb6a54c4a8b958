//! JSON from strangers: one object, no member twice, nothing behind it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use zeroize::Zeroize;

/// The members of a JSON object. A member that stands twice makes the text invalid: two readers would
/// disagree on which one counts (RFC 8259 4, RFC 7515 4).
pub(super) struct Object(Map<String, Value>);

/// A member is there, but of the wrong JSON type.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrongType;

impl Object {
    pub(super) fn parse(bytes: &[u8]) -> Option<Object> {
        match serde_json::from_slice::<Strict>(bytes) {
            Ok(Strict(Value::Object(members))) => Some(Object(members)),
            _ => None,
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A string member; `Ok(None)` if it is absent.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, WrongType> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(WrongType),
        }
    }

    /// A whole number from zero up; `Ok(None)` if the member is absent.
    pub(super) fn whole(&self, name: &str) -> Result<Option<u64>, WrongType> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or(WrongType),
        }
    }

    /// The strings of an array member; `Ok(None)` if it is absent.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<&str>>, WrongType> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => {
                items.iter().map(|item| item.as_str().ok_or(WrongType)).collect::<Result<_, _>>().map(Some)
            }
            Some(_) => Err(WrongType),
        }
    }
}

impl Drop for Object {
    /// Answers and claims hold tokens and people.
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Strict, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated members")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_stands_twice_is_refused_at_any_depth() {
        assert!(Object::parse(br#"{"a":1,"b":[{"c":2}]}"#).is_some());
        assert!(Object::parse(br#"{"a":1,"a":1}"#).is_none());
        assert!(Object::parse(br#"{"a":[{"b":1,"b":2}]}"#).is_none());
    }

    #[test]
    fn every_text_is_wiped_at_any_depth() {
        let mut value = serde_json::json!({"a": "Anna", "b": ["Anna", {"c": "Anna"}], "d": 1, "e": null});
        wipe(&mut value);
        assert_eq!(value, serde_json::json!({"a": "", "b": ["", {"c": ""}], "d": 1, "e": null}));
    }

    #[test]
    fn only_a_single_object_is_taken() {
        for text in ["", "[]", "1", "null", "{} {}", "{\"a\":1e999}", "\u{feff}{}"] {
            assert!(Object::parse(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn a_deep_nest_is_refused_without_a_crash() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(Object::parse(deep.as_bytes()).is_none());
    }

    #[test]
    fn types_are_not_bent() {
        let object = Object::parse(br#"{"n":"5","f":1.5,"neg":-1,"l":["a",1]}"#).unwrap();
        assert_eq!(object.whole("n"), Err(WrongType));
        assert_eq!(object.whole("f"), Err(WrongType));
        assert_eq!(object.whole("neg"), Err(WrongType));
        assert_eq!(object.texts("l"), Err(WrongType));
        assert_eq!(object.text("missing"), Ok(None));
    }
}
