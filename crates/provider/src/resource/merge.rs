//! Two values of a resource into one, attribute by attribute.

use poolform_value::Value;

use super::get;
use crate::schema::{Attribute, Shape};

/// How to merge: for a leaf its value; for a list of one object its value as a whole, or None to go into it.
pub trait Merge {
    /// A value that is no list of one object.
    fn leaf(&self, attribute: &Attribute, first: &Value, second: &Value) -> Value;
    /// A list of one object.
    fn group(&self, attribute: &Attribute, inner: &[Attribute], first: &Value, second: &Value) -> Option<Value>;
}

/// Merges `first` and `second`, either of which may be null.
pub fn merge(attributes: &[Attribute], first: &Value, second: &Value, how: &dyn Merge) -> Value {
    let of = |value: &Value, name: &str| get(value, name).cloned().unwrap_or_else(Value::null);
    Value::object(attributes.iter().map(|attribute| {
        let (first, second) = (of(first, attribute.name), of(second, attribute.name));
        let merged = match &attribute.shape {
            Shape::Group(inner) => how.group(attribute, inner, &first, &second).unwrap_or_else(|| {
                let element =
                    |value: &Value| value.items().and_then(<[Value]>::first).cloned().unwrap_or_else(Value::null);
                Value::tuple(vec![merge(inner, &element(&first), &element(&second), how)])
            }),
            _ => how.leaf(attribute, &first, &second),
        };
        (attribute.name, merged)
    }))
}

/// Whether a list of one object has one.
pub fn has_one(value: &Value) -> bool {
    value.items().is_some_and(|items| !items.is_empty())
}
