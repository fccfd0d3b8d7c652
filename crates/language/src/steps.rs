//! Steps from a value to something in it: attributes, indices, splats.

use bigdecimal::BigDecimal;
use poolform_value::{Content, Diagnostics, Span, Type, Value, convert};

use crate::evaluate::{Evaluated, all, evaluate, unknown_from};
use crate::functions;
use crate::open::{beyond, further, written_steps};
use crate::scope::Scope;
use crate::syntax::{Step, error_at};

/// What `steps` lead to in `value`.
pub(crate) fn walk(value: &Value, steps: &[Step], scope: Scope<'_, '_>) -> Evaluated {
    let mut value = value;
    let mut sensitive = false;
    for (position, step) in steps.iter().enumerate() {
        sensitive |= value.sensitive;
        if value.is_unknown() {
            return Ok(scope.beyond_unknown(value, &written_steps(&steps[position..])).marked(sensitive));
        }
        let rest = &steps[position + 1..];
        if let Step::Attribute(name, span) = step
            && let Some(whole) = beyond(value, name)
        {
            return match scope.unwritten(whole, name, span) {
                Some(value) => walk(&value, rest, scope).map(|result| result.marked(sensitive)),
                None => Ok(further(whole, &written_steps(&steps[position..])).marked(sensitive)),
            };
        }
        match step {
            Step::Attribute(name, span) => value = attribute(value, name, span)?,
            Step::LegacyIndex(at, span) => {
                let key = Value::from(BigDecimal::from(*at));
                value = index(value, &key, span)?;
            }
            Step::Index(key) => {
                let span = &key.span;
                let key = scope.settle(evaluate(key, scope)?, &Type::String);
                if key.is_unknown() {
                    return Ok(unknown_from(&key, Type::Any).marked(sensitive));
                }
                sensitive |= key.sensitive;
                value = index(value, &key, span)?;
            }
            Step::FullSplat(span) => {
                return splat(value, rest, scope, span).map(|result| result.marked(sensitive));
            }
            Step::AttributeSplat(span) => {
                let attributes =
                    rest.iter().take_while(|step| matches!(step, Step::Attribute(..) | Step::LegacyIndex(..))).count();
                let (inner, rest) = rest.split_at(attributes);
                let results = splat(value, inner, scope, span)?;
                return walk(&results, rest, scope).map(|result| result.marked(sensitive));
            }
        }
    }
    scope.meter.charge_value(value)?;
    Ok(value.clone().marked(sensitive))
}

fn splat(value: &Value, steps: &[Step], scope: Scope<'_, '_>, span: &Span) -> Evaluated {
    let single = [value];
    let (items, list): (Vec<&Value>, bool) = match &value.content {
        Content::Null(_) => (Vec::new(), false),
        Content::Tuple(items) => (items.iter().collect(), false),
        Content::List(_, items) | Content::Set(_, items) => (items.iter().collect(), true),
        _ => (single.to_vec(), false),
    };
    let mut results = all(items.into_iter().map(|item| walk(item, steps, scope)))?;
    results.iter_mut().for_each(|result| result.name_span = None);
    let tuple = Value::tuple(results).at(Some(span.clone()));
    if list { Ok(convert(&tuple, &Type::List(Box::new(Type::Any))).unwrap_or(tuple)) } else { Ok(tuple) }
}

/// The type of a value, short.
pub(crate) fn kind_of(value: &Value) -> String {
    match value.ty() {
        Type::Object(_) => "object".to_owned(),
        Type::Tuple(_) => "tuple".to_owned(),
        ty => ty.to_string(),
    }
}

fn attribute<'v>(value: &'v Value, name: &str, span: &Span) -> Result<&'v Value, Diagnostics> {
    match &value.content {
        Content::Object(members) => members.get(name).ok_or_else(|| {
            let names: Vec<&str> = members.keys().map(String::as_str).collect();
            let hint = crate::blocks::did_you_mean(name, &names);
            let detail = format!("This object does not have an attribute named {name:?}.{hint}");
            error_at(span, "Unsupported attribute", detail)
        }),
        Content::Map(_, members) => members.get(name).ok_or_else(|| {
            let names: Vec<&str> = members.keys().map(String::as_str).collect();
            let hint = crate::blocks::did_you_mean(name, &names);
            let detail = format!("This map does not have an element with the key {name:?}.{hint}");
            error_at(span, "Missing map element", detail)
        }),
        Content::Null(_) => Err(error_at(
            span,
            "Attempt to get attribute from null value",
            format!("This value is null, so it does not have any attributes; {name:?} was asked for."),
        )),
        Content::List(..) | Content::Set(..) | Content::Tuple(_) => Err(error_at(
            span,
            "Unsupported attribute",
            format!(
                "This value is a {} and does not have any attributes. Did you mean the attribute {name:?} of one of its \
                 elements ([0].{name}), or of all of them ([*].{name})?",
                kind_of(value)
            ),
        )),
        _ => Err(error_at(
            span,
            "Unsupported attribute",
            format!("Can't access attributes on a primitive-typed value ({}).", kind_of(value)),
        )),
    }
}

fn index<'v>(value: &'v Value, key: &Value, span: &Span) -> Result<&'v Value, Diagnostics> {
    let wrong = |detail: String| error_at(span, "Invalid index", detail);
    if key.is_null() {
        return Err(wrong("Can't use a null value as an indexing key.".to_owned()));
    }
    match &value.content {
        Content::List(_, items) | Content::Tuple(items) => {
            let number = convert(key, &Type::Number).map_err(|error| {
                wrong(format!(
                    "The given key does not identify an element in this collection value: {}.",
                    error.message
                ))
            })?;
            let position = number.as_number().and_then(functions::whole_number::<usize>);
            position.and_then(|position| items.get(position)).ok_or_else(|| {
                wrong(format!(
                    "The given key does not identify an element in this collection value: it has {} elements, counted \
                     from 0.",
                    items.len()
                ))
            })
        }
        Content::Map(_, members) | Content::Object(members) => {
            let name = convert(key, &Type::String).map_err(|error| {
                wrong(format!(
                    "The given key does not identify an element in this collection value: {}.",
                    error.message
                ))
            })?;
            let name = name.as_str().unwrap_or_default();
            members.get(name).ok_or_else(|| {
                let names: Vec<&str> = members.keys().map(String::as_str).collect();
                let hint = crate::blocks::did_you_mean(name, &names);
                wrong(format!(
                    "The given key does not identify an element in this collection value: there is none named {name:?}.\
                     {hint}"
                ))
            })
        }
        Content::Null(_) => {
            Err(error_at(span, "Attempt to index null value", "This value is null, so it does not have any indices."))
        }
        Content::Set(..) => Err(wrong(
            "Elements of a set are identified only by their value and don't have any separate index or key to select \
             with, so it's only possible to perform operations across all elements of the set."
                .to_owned(),
        )),
        _ => Err(wrong("This value does not have any indices.".to_owned())),
    }
}
