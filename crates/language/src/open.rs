//! Objects of which only some attributes are known: a resource whose type nobody here knows, all outputs of a module from
//! elsewhere. The others are unknown, each by its own reference.

use std::collections::BTreeMap;
use std::sync::Arc;

use poolform_value::{Content, Origin, Span, Type, Value};

use crate::evaluate::unknown_from;
use crate::syntax::{Step, quoted};

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

/// What the first of `steps` and those after it lead to, where that is among what is not known of `value`.
pub(crate) fn beyond(value: &Value, steps: &[Step]) -> Option<Value> {
    let rest = rest(value)?;
    let Some(Step::Attribute(first, _)) = steps.first() else { return None };
    if value.members().is_some_and(|members| members.contains_key(first)) {
        return None;
    }
    let mut reference = String::new();
    for step in steps {
        match step {
            Step::Attribute(name, _) => reference.push_str(&format!(".{name}")),
            Step::LegacyIndex(index, _) => reference.push_str(&format!("[{index}]")),
            Step::Index(key) => match key.as_text() {
                Some(text) => reference.push_str(&format!("[{}]", quoted(text))),
                None => break,
            },
            Step::FullSplat(_) | Step::AttributeSplat(_) => break,
        }
    }
    Some(further(rest, &reference).marked(value.sensitive))
}

/// The unknown value `further` on from one.
fn further(from: &Value, further: &str) -> Value {
    match &from.content {
        Content::Unknown(_, Some(origin)) => {
            let origin = Origin { reference: format!("{}{further}", origin.reference), span: origin.span.clone() };
            Value { content: Content::Unknown(Type::Any, Some(Arc::new(origin))), ..from.clone() }
        }
        _ => from.clone(),
    }
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
