//! Values from JSON and to JSON.

use bigdecimal::{BigDecimal, ToPrimitive};

use crate::number::{number_text, parse_number};
use crate::{Content, Value};

/// The value that `jsondecode` makes of `json`: tuples and objects.
///
/// serde_json has already read numbers: integers of 64 bits are exact, all others are the shortest decimal that denotes
/// the same double.
pub fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::null(),
        serde_json::Value::Bool(value) => (*value).into(),
        serde_json::Value::Number(number) => from_json_number(number).into(),
        serde_json::Value::String(text) => text.as_str().into(),
        serde_json::Value::Array(items) => Value::tuple(items.iter().map(from_json).collect()),
        serde_json::Value::Object(members) => {
            Value::object(members.iter().map(|(name, value)| (name.as_str(), from_json(value))))
        }
    }
}

fn from_json_number(number: &serde_json::Number) -> BigDecimal {
    // A double's text is at most 1.8e308: always within bounds.
    parse_number(&number.to_string()).unwrap_or_default()
}

/// What `jsonencode` makes of `value`; sensitive content included, the caller decides. None while anything is unknown.
///
/// A number that neither 64-bit integers nor doubles hold without loss (30 digits, say) becomes its digits as a string:
/// whoever expects a number refuses it, and none is rounded silently.
pub fn to_json(value: &Value) -> Option<serde_json::Value> {
    Some(match &value.content {
        Content::Null(_) => serde_json::Value::Null,
        Content::Unknown(..) => return None,
        Content::Bool(value) => (*value).into(),
        Content::Number(number) => to_json_number(number),
        Content::String(text) => text.as_str().into(),
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
            serde_json::Value::Array(items.iter().map(to_json).collect::<Option<_>>()?)
        }
        Content::Map(_, members) | Content::Object(members) => serde_json::Value::Object(
            members.iter().map(|(name, value)| Some((name.clone(), to_json(value)?))).collect::<Option<_>>()?,
        ),
    })
}

fn to_json_number(number: &BigDecimal) -> serde_json::Value {
    if number.is_integer() {
        if let Some(integer) = number.to_i64() {
            return integer.into();
        }
        if let Some(integer) = number.to_u64() {
            return integer.into();
        }
    }
    let text = number_text(number);
    if let Some(double) = text.parse::<f64>().ok().and_then(serde_json::Number::from_f64)
        && from_json_number(&double) == *number
    {
        return double.into();
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_round_trips() {
        let json = json!({"a": [1, -2.5, "x", null, true], "b": {"c": 18446744073709551615u64, "d": 1e300}});
        assert_eq!(to_json(&from_json(&json)), Some(json));
    }

    #[test]
    fn no_digit_is_lost_silently() {
        let number = |text| Value::from(parse_number(text).expect("a number"));
        assert_eq!(to_json(&number("0.1")), Some(json!(0.1)));
        assert_eq!(to_json(&number("3.00")), Some(json!(3)));
        assert_eq!(to_json(&number("12345678901234567890123")), Some(json!("12345678901234567890123")));
        assert_eq!(to_json(&number("0.1000000000000000000000001")), Some(json!("0.1000000000000000000000001")));
    }

    #[test]
    fn the_unknown_has_no_json() {
        assert_eq!(to_json(&Value::tuple(vec![Value::unknown("module.a.b", None)])), None);
    }
}
