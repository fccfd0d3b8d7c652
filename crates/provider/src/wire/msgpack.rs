//! Terraform's values in msgpack, as its documentation of the plugin protocol describes them: null is nil, whatever is of
//! an extension type is unknown, numbers may be texts where neither integers nor doubles hold them, sets and tuples are
//! arrays, objects are maps.

use std::fmt;

use poolform_value::{Content, Type, Value, from_json, number_text, parse_number};
use rmpv::Value as Packed;

use super::messages::DynamicValue;

/// A value that is none of Terraform's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireError(String);

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the value that Terraform sent cannot be read: {}", self.0)
    }
}

impl std::error::Error for WireError {}

/// The value in a message; null where there is none. Collections come as tuples and objects: schemas tell them apart.
///
/// # Errors
/// When it is neither msgpack nor JSON of a value.
pub fn decode(value: Option<&DynamicValue>) -> Result<Value, WireError> {
    let Some(value) = value else { return Ok(Value::null()) };
    if !value.msgpack.is_empty() {
        let packed = rmpv::decode::read_value(&mut value.msgpack.as_slice())
            .map_err(|error| WireError(format!("{error} in its msgpack")))?;
        return unpack(packed);
    }
    if !value.json.is_empty() {
        return serde_json::from_slice(&value.json)
            .map(|json| from_json(&json))
            .map_err(|error| WireError(format!("{error} in its JSON")));
    }
    Ok(Value::null())
}

/// A message with the value, which has the schema's form: unknown values become unknown, marks are lost.
pub fn encode(value: &Value) -> DynamicValue {
    let mut msgpack = Vec::new();
    // Writing to memory does not fail.
    let _ = rmpv::encode::write_value(&mut msgpack, &pack(value));
    DynamicValue { msgpack, json: Vec::new() }
}

fn unpack(packed: Packed) -> Result<Value, WireError> {
    Ok(match packed {
        Packed::Nil => Value::null(),
        Packed::Boolean(value) => value.into(),
        Packed::Integer(number) => number_from(&number.to_string())?,
        Packed::F32(number) => number_from(&number.to_string())?,
        Packed::F64(number) => number_from(&number.to_string())?,
        Packed::String(text) => match text.into_str() {
            Some(text) => text.into(),
            None => return Err(WireError("a text is not UTF-8".to_owned())),
        },
        Packed::Array(items) => Value::tuple(items.into_iter().map(unpack).collect::<Result<_, _>>()?),
        Packed::Map(members) => Value::object(
            members
                .into_iter()
                .map(|(key, value)| match key {
                    Packed::String(key) => {
                        let key = key.into_str().ok_or_else(|| WireError("a key is not UTF-8".to_owned()))?;
                        Ok((key, unpack(value)?))
                    }
                    _ => Err(WireError("a key is no text".to_owned())),
                })
                .collect::<Result<Vec<_>, WireError>>()?,
        ),
        Packed::Ext(..) => unknown(),
        Packed::Binary(_) => return Err(WireError("bytes are no value of Terraform's".to_owned())),
    })
}

/// A value that is not known before the apply.
pub fn unknown() -> Value {
    Content::Unknown(Type::Any, None).into()
}

fn number_from(text: &str) -> Result<Value, WireError> {
    parse_number(text).map(Value::from).ok_or_else(|| WireError(format!("{text} is no number")))
}

fn pack(value: &Value) -> Packed {
    match &value.content {
        Content::Null(_) => Packed::Nil,
        Content::Unknown(..) => Packed::Ext(0, vec![0]),
        Content::Bool(value) => Packed::Boolean(*value),
        Content::Number(number) => {
            let text = number_text(number);
            match text.parse::<i64>() {
                Ok(whole) => Packed::from(whole),
                // Decimals keep every digit as text.
                Err(_) => Packed::from(text),
            }
        }
        Content::String(text) => Packed::from(text.as_str()),
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
            Packed::Array(items.iter().map(pack).collect())
        }
        Content::Map(_, members) | Content::Object(members) => {
            Packed::Map(members.iter().map(|(key, value)| (Packed::from(key.as_str()), pack(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_the_way_there_and_back() {
        let value = Value::object([
            ("text", Value::from("ä")),
            ("whole", Value::from(-7)),
            ("decimal", Value::from(parse_number("0.1").unwrap())),
            ("null", Value::null()),
            ("items", Value::tuple(vec![true.into(), unknown()])),
        ]);
        let back = decode(Some(&encode(&value))).unwrap();
        assert_eq!(back.members().unwrap()["text"], value.members().unwrap()["text"]);
        assert_eq!(back.members().unwrap()["whole"], value.members().unwrap()["whole"]);
        // Terraform reads numbers from texts where the schema says that they are numbers.
        assert_eq!(back.members().unwrap()["decimal"].as_str(), Some("0.1"));
        assert!(back.members().unwrap()["null"].is_null());
        assert!(back.members().unwrap()["items"].items().unwrap()[1].is_unknown());
    }

    #[test]
    fn refined_unknowns_are_unknown_and_garbage_is_an_error() {
        let refined = DynamicValue { msgpack: vec![0xc7, 1, 12, 0x80], json: Vec::new() };
        assert!(decode(Some(&refined)).unwrap().is_unknown());
        assert!(decode(Some(&DynamicValue { msgpack: vec![0x92], json: Vec::new() })).is_err());
        assert!(decode(Some(&DynamicValue { msgpack: Vec::new(), json: b"{".to_vec() })).is_err());
    }
}
