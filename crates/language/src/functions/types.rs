//! Functions of types and marks.

use poolform_value::{Content, Type, Value, convert};

use super::{Context, Failure};

type Outcome = Result<Value, Failure>;

fn to(value: &Value, ty: &Type) -> Outcome {
    convert(value, ty).map_err(|error| {
        let what = match value.ty() {
            Type::Object(_) => "object".to_owned(),
            Type::Tuple(_) => "tuple".to_owned(),
            known => known.to_string(),
        };
        let problem = match (value.as_str(), ty) {
            (Some(text), Type::Number) if !value.sensitive => {
                format!("cannot convert {text:?} to number; given string must be a decimal representation of a number")
            }
            (Some(text), Type::Bool) if !value.sensitive => {
                format!("cannot convert {text:?} to bool; only the strings \"true\" or \"false\" are allowed")
            }
            _ => format!("cannot convert {what} to {ty}: {}", error.message),
        };
        Failure::Argument(0, problem)
    })
}

pub(super) fn tobool(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    to(&arguments[0], &Type::Bool)
}

pub(super) fn tonumber(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    to(&arguments[0], &Type::Number)
}

pub(super) fn tostring(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    to(&arguments[0], &Type::String)
}

pub(super) fn tolist(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    to(&arguments[0], &Type::List(Box::new(Type::Any)))
}

pub(super) fn toset(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    to(&arguments[0], &Type::Set(Box::new(Type::Any)))
}

pub(super) fn tomap(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    to(&arguments[0], &Type::Map(Box::new(Type::Any)))
}

pub(super) fn sensitive(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(arguments[0].clone().marked(true))
}

pub(super) fn nonsensitive(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(Value { sensitive: false, ..arguments[0].clone() })
}

pub(super) fn issensitive(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(Content::Bool(arguments[0].sensitive).into())
}

pub(super) fn ephemeralasnull(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    // Nothing is ephemeral here: what would be is an unknown reference.
    Ok(arguments[0].clone())
}
