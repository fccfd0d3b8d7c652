//! Objects of which only some attributes are known: a resource whose type nobody here knows, all outputs of a module from
//! elsewhere. The others are unknown, each by its own reference.

use std::collections::BTreeMap;
use std::sync::Arc;

use poolform_value::{Content, Origin, Span, Type, Value};

use crate::evaluate::unknown_from;
use crate::syntax::{Kind, Step, quoted};

/// The member that stands for all that is not known: an unknown value with the reference of the object. No attribute has
/// this name.
const REST: &str = "\0";

/// An object of `members` and of whatever else `reference` has.
pub(crate) fn open(mut members: BTreeMap<String, Value>, reference: &str, span: Option<Span>) -> Value {
    members.insert(REST.to_owned(), Value::unknown(reference, span.clone()));
    Value::from(Content::Object(members)).at(span)
}

fn rest(value: &Value) -> Option<&Value> {
    match &value.content {
        Content::Object(members) => members.get(REST),
        _ => None,
    }
}

/// Whether only some attributes of a value are known.
pub(crate) fn is_partial(value: &Value) -> bool {
    rest(value).is_some()
}

/// Whether it is open which attributes or elements a value has.
pub(crate) fn is_open(value: &Value) -> bool {
    value.is_unknown() || is_partial(value)
}

/// What is not known of `value` and a step to `name` leads to: the object's own reference.
pub(crate) fn beyond<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let rest = rest(value)?;
    value.members().is_some_and(|members| !members.contains_key(name)).then_some(rest)
}

/// Steps as one writes them, as far as they are plain.
pub(crate) fn written_steps(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Attribute(name, _) => text.push_str(&format!(".{name}")),
            Step::LegacyIndex(index, _) => text.push_str(&format!("[{index}]")),
            Step::Index(key) => match (&key.kind, key.as_text()) {
                (_, Some(key)) => text.push_str(&format!("[{}]", quoted(key))),
                (Kind::Literal(value), _) if value.as_number().is_some() => {
                    let number = value.as_number().map(poolform_value::number_text).unwrap_or_default();
                    text.push_str(&format!("[{number}]"));
                }
                _ => break,
            },
            Step::FullSplat(_) | Step::AttributeSplat(_) => break,
        }
    }
    text
}

/// The unknown value `further` on from one.
pub(crate) fn further(from: &Value, further: &str) -> Value {
    match &from.content {
        Content::Unknown(_, Some(origin)) => {
            let origin = Origin { reference: format!("{}{further}", origin.reference), span: origin.span.clone() };
            Value { content: Content::Unknown(Type::Any, Some(Arc::new(origin))), ..from.clone() }
        }
        _ => from.clone(),
    }
}

/// What is known of such an object.
pub(crate) fn without_rest(mut value: Value) -> Value {
    if let Content::Object(members) = &mut value.content {
        members.remove(REST);
    }
    value
}

/// `value` for somebody who cannot go on from what is not known: each such object is one unknown value.
pub(crate) fn closed(value: Value) -> Value {
    if let Some(rest) = rest(&value) {
        let unknown = unknown_from(rest, Type::Any).marked(value.sensitive);
        return Value { name_span: value.name_span, ..unknown.at(value.span) };
    }
    let content = match value.content {
        Content::Tuple(items) => Content::Tuple(items.into_iter().map(closed).collect()),
        Content::Object(members) => {
            Content::Object(members.into_iter().map(|(name, member)| (name, closed(member))).collect())
        }
        other => other,
    };
    Value { content, ..value }
}

/// `value` before it is converted to `ty`, with the attributes that the type asks for and nobody knows.
pub(crate) fn fitted(value: Value, ty: &Type) -> Value {
    let content = match (value.content, ty) {
        (Content::Object(mut members), Type::Object(attributes)) => {
            let rest = members.remove(REST);
            for (name, attribute) in attributes {
                match (members.remove(name), &rest) {
                    (Some(member), _) => {
                        members.insert(name.clone(), fitted(member, &attribute.ty));
                    }
                    (None, Some(rest)) if !attribute.optional => {
                        members.insert(name.clone(), further(rest, &format!(".{name}")));
                    }
                    (None, _) => {}
                }
            }
            Content::Object(members)
        }
        (Content::Object(members), Type::Any) => Content::Object(members),
        (Content::Object(members), _) if members.contains_key(REST) => {
            return closed(Value { content: Content::Object(members), ..value });
        }
        (Content::Object(members), Type::Map(inner)) => {
            Content::Object(members.into_iter().map(|(name, member)| (name, fitted(member, inner))).collect())
        }
        (Content::Tuple(items), Type::List(inner) | Type::Set(inner)) => {
            Content::Tuple(items.into_iter().map(|item| fitted(item, inner)).collect())
        }
        (content, _) => content,
    };
    Value { content, ..value }
}
