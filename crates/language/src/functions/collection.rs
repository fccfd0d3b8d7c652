//! Functions of lists, tuples, maps and objects.

use std::collections::BTreeMap;

use bigdecimal::BigDecimal;
use poolform_value::{Content, Type, Value, convert, unify};
use unicode_segmentation::UnicodeSegmentation;

use super::{Context, Failure, items, text, texts, whole};
use crate::evaluate::{equal, unknown_from};

type Outcome = Result<Value, Failure>;

/// Elements as what their container was: a list stays one of the same type, everything else becomes a tuple.
fn like(container: &Value, items: Vec<Value>) -> Value {
    match &container.content {
        Content::List(ty, _) | Content::Set(ty, _) => Content::List(ty.clone(), items).into(),
        _ => Value::tuple(items),
    }
}

/// Elements as a list of one type, where there is one that they all convert to.
fn listed(items: Vec<Value>, position: usize) -> Outcome {
    convert(&Value::tuple(items), &Type::List(Box::new(Type::Any)))
        .map_err(|error| Failure::Argument(position, error.message))
}

fn members(arguments: &[Value], position: usize) -> BTreeMap<String, Value> {
    arguments.get(position).and_then(Value::members).cloned().unwrap_or_default()
}

pub(super) fn alltrue(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(truths(arguments)?.into_iter().all(|truth| truth == Some(true)).into())
}

pub(super) fn anytrue(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(truths(arguments)?.into_iter().any(|truth| truth == Some(true)).into())
}

fn truths(arguments: &[Value]) -> Result<Vec<Option<bool>>, Failure> {
    items(arguments, 0)
        .iter()
        .map(|item| match convert(item, &Type::Bool) {
            Ok(truth) => Ok(truth.as_bool()),
            Err(error) => Failure::argument(0, error.message),
        })
        .collect()
}

pub(super) fn chunklist(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let size: usize = whole(arguments, 1)?;
    let list = listed(items(arguments, 0).to_vec(), 0)?;
    let items = list.items().unwrap_or_default();
    let chunks: Vec<Value> = if size == 0 {
        vec![like(&list, items.to_vec())]
    } else {
        items.chunks(size).map(|chunk| like(&list, chunk.to_vec())).collect()
    };
    Ok(Content::List(list.ty(), chunks).into())
}

pub(super) fn coalesce(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    let Some(ty) = unify(&types) else {
        return Failure::whole("all arguments must have the same type");
    };
    for argument in arguments {
        if !argument.is_null() && argument.as_str() != Some("") {
            return convert(argument, &ty).map_err(|error| Failure::Whole(error.message));
        }
    }
    Failure::whole("no non-null, non-empty-string arguments")
}

pub(super) fn coalescelist(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    for argument in arguments {
        match argument.items() {
            Some([]) => {}
            Some(_) => return Ok(argument.clone()),
            None => return Failure::whole("coalescelist arguments must be lists or tuples"),
        }
    }
    Failure::whole("no non-null arguments")
}

pub(super) fn compact(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(texts(items(arguments, 0).iter().filter_map(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)))
}

pub(super) fn concat(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    if arguments.is_empty() {
        return Failure::whole("at least one argument is required");
    }
    let all: Vec<Value> = arguments.iter().flat_map(|argument| argument.items().unwrap_or_default()).cloned().collect();
    context.scope.meter.charge(all.len() as u64)?;
    // Lists of one type make a list of that type.
    let lists = arguments.iter().all(|argument| matches!(argument.content, Content::List(..)));
    Ok(if lists && let Some(Type::List(inner)) = unify(&arguments.iter().map(Value::ty).collect::<Vec<_>>()) {
        let list = Type::List(inner);
        let tuple = Value::tuple(all);
        convert(&tuple, &list).unwrap_or(tuple)
    } else {
        Value::tuple(all)
    })
}

pub(super) fn contains(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(items(arguments, 0).iter().any(|item| equal(item, &arguments[1]) == Some(true)).into())
}

pub(super) fn distinct(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let list = listed(items(arguments, 0).to_vec(), 0)?;
    let mut kept: Vec<Value> = Vec::new();
    for item in list.items().unwrap_or_default() {
        context.scope.meter.charge(1 + kept.len() as u64 / 16)?;
        if !kept.iter().any(|other| equal(other, item) == Some(true)) {
            kept.push(item.clone());
        }
    }
    Ok(like(&list, kept))
}

pub(super) fn element(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let (items, index) = (items(arguments, 0), whole::<i64>(arguments, 1)?);
    if items.is_empty() {
        return Failure::argument(0, "cannot use element function with an empty list");
    }
    let count = items.len() as i64;
    // Of lists, -1 is the last. Of tuples the remainder keeps the sign, so that -2 of two is the first and -1 is none.
    let position =
        if matches!(arguments[0].content, Content::Tuple(_)) { index % count } else { index.rem_euclid(count) };
    match usize::try_from(position) {
        Ok(position) => Ok(items[position].clone()),
        Err(_) => Failure::argument(1, "cannot use element function with a negative index"),
    }
}

pub(super) fn flatten(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let mut flat = Vec::new();
    let mut sensitive = false;
    if let Some(open) = flatten_into(&arguments[0], &mut flat, &mut sensitive) {
        return Ok(unknown_from(open, Type::Any));
    }
    context.scope.meter.charge(flat.len() as u64)?;
    Ok(Value::tuple(flat).marked(sensitive))
}

/// Appends what is inside; an unknown that may itself be a list leaves the whole unknown.
fn flatten_into<'v>(value: &'v Value, flat: &mut Vec<Value>, sensitive: &mut bool) -> Option<&'v Value> {
    for item in value.items().unwrap_or_default() {
        match (&item.content, item.items()) {
            (Content::Unknown(Type::Any | Type::List(_) | Type::Set(_) | Type::Tuple(_), _), _) => return Some(item),
            (_, Some(_)) => {
                *sensitive |= item.sensitive;
                if let Some(open) = flatten_into(item, flat, sensitive) {
                    return Some(open);
                }
            }
            _ => flat.push(item.clone()),
        }
    }
    None
}

pub(super) fn index(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    match items(arguments, 0).iter().position(|item| equal(item, &arguments[1]) == Some(true)) {
        Some(position) => Ok(BigDecimal::from(position as u64).into()),
        None => Failure::whole("item not found"),
    }
}

pub(super) fn keys(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let keys = members(arguments, 0).into_iter().map(|(key, member)| Value::from(key).at(member.name_span)).collect();
    Ok(match arguments[0].content {
        Content::Map(..) => Content::List(Type::String, keys).into(),
        _ => Value::tuple(keys),
    })
}

pub(super) fn length(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let value = &arguments[0];
    let length = match (value.items(), value.members(), value.as_str()) {
        // With an unknown element, a set may turn out smaller.
        (Some(items), ..) if matches!(value.content, Content::Set(..)) && items.len() > 1 => {
            match items.iter().find(|item| item.first_unknown().is_some()) {
                Some(open) => return Ok(unknown_from(open, Type::Number)),
                None => items.len(),
            }
        }
        (Some(items), ..) => items.len(),
        (_, Some(members), _) => members.len(),
        (.., Some(text)) => text.graphemes(true).count(),
        _ => return Failure::argument(0, "argument must be a string, a collection type, or a structural type"),
    };
    Ok(BigDecimal::from(length as u64).into())
}

pub(super) fn lookup(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    if arguments.len() > 3 {
        return Failure::whole(format!("lookup() takes two or three arguments, got {}", arguments.len()));
    }
    let key = text(arguments, 1);
    let secret = arguments[1].sensitive;
    if let Some(found) = arguments[0].members().and_then(|members| members.get(key)) {
        return Ok(found.clone().marked(secret));
    }
    match (arguments.get(2), &arguments[0].content) {
        (Some(default), Content::Map(ty, _)) => {
            convert(default, ty).map(|default| default.marked(secret)).map_err(|error| {
                Failure::Argument(
                    2,
                    format!("the default value must have the same type as the map elements: {}", error.message),
                )
            })
        }
        (Some(default), _) => Ok(default.clone().marked(secret)),
        (None, _) => Failure::whole(format!("lookup failed to find key {key:?}")),
    }
}

pub(super) fn matchkeys(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let (values, keys, wanted) = (items(arguments, 0), items(arguments, 1), items(arguments, 2));
    if values.len() != keys.len() {
        return Failure::whole("length of keys and values should be equal");
    }
    let kept = values
        .iter()
        .zip(keys)
        .filter(|(_, key)| wanted.iter().any(|wanted| equal(wanted, key) == Some(true)))
        .map(|(value, _)| value.clone())
        .collect();
    listed(kept, 0)
}

pub(super) fn merge(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let mut merged = BTreeMap::new();
    for (position, argument) in arguments.iter().enumerate() {
        match argument.members() {
            Some(members) => merged.extend(members.clone()),
            None if argument.is_null() => {}
            None => return Failure::argument(position, "arguments must be maps or objects"),
        }
    }
    context.scope.meter.charge(merged.len() as u64)?;
    let maps: Vec<Type> = arguments.iter().filter(|argument| !argument.is_null()).map(Value::ty).collect();
    // Maps of one type make a map of that type.
    Ok(match maps.split_first() {
        Some((Type::Map(ty), rest)) if rest.iter().all(|other| *other == maps[0]) => {
            Content::Map((**ty).clone(), merged).into()
        }
        _ => Content::Object(merged).into(),
    })
}

pub(super) fn one(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    match items(arguments, 0) {
        [] => Ok(Value::null()),
        [item] => Ok(item.clone()),
        _ => Failure::argument(0, "must be a list, set, or tuple value with either zero or one elements"),
    }
}

pub(super) fn range(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let numbers: Vec<BigDecimal> = arguments.iter().filter_map(|argument| argument.as_number().cloned()).collect();
    let (zero, one) = (BigDecimal::from(0), BigDecimal::from(1));
    let down = |start: &BigDecimal, end: &BigDecimal| if end < start { -one.clone() } else { one.clone() };
    let (start, end, step) = match numbers.as_slice() {
        [end] => (zero.clone(), end.clone(), down(&zero, end)),
        [start, end] => (start.clone(), end.clone(), down(start, end)),
        [start, end, step] => (start.clone(), end.clone(), step.clone()),
        _ => return Failure::whole("must have one, two, or three arguments"),
    };
    if step == zero {
        return Failure::argument(2, "step must not be zero");
    }
    if step > zero && end < start {
        return Failure::argument(2, "end must be greater than start when step is positive");
    }
    if step < zero && end > start {
        return Failure::argument(2, "end must be less than start when step is negative");
    }
    let mut numbers: Vec<Value> = Vec::new();
    let mut next = start;
    while if step > zero { next < end } else { next > end } {
        if numbers.len() >= 1024 {
            return Failure::whole(
                "more than 1024 values were generated; either decrease the difference between start and end or use a smaller step",
            );
        }
        numbers.push(next.clone().into());
        next += &step;
    }
    Ok(Content::List(Type::Number, numbers).into())
}

pub(super) fn reverse(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(like(&arguments[0], items(arguments, 0).iter().rev().cloned().collect()))
}

pub(super) fn slice(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let (start, end): (usize, usize) = (whole(arguments, 1)?, whole(arguments, 2)?);
    if matches!(arguments[0].content, Content::Set(..)) {
        return Failure::argument(
            0,
            "cannot slice a set, because its elements do not have indices; explicitly convert to a list if the ordering of the result is not important",
        );
    }
    let items = items(arguments, 0);
    if start > end {
        return Failure::argument(1, "start index must not be greater than end index");
    }
    if end > items.len() {
        return Failure::argument(2, "end index must not be greater than the length of the list");
    }
    Ok(like(&arguments[0], items[start..end].to_vec()))
}

pub(super) fn sort(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let mut sorted = Vec::new();
    for item in items(arguments, 0) {
        match item.as_str() {
            Some(text) => sorted.push(text.to_owned()),
            None => return Failure::argument(0, "given list element is null; a null string cannot be sorted"),
        }
    }
    sorted.sort();
    Ok(texts(sorted))
}

pub(super) fn transpose(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let ty = Type::Map(Box::new(Type::List(Box::new(Type::String))));
    let map = convert(&arguments[0], &ty).map_err(|error| Failure::Argument(0, error.message))?;
    let mut transposed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, list) in map.members().into_iter().flatten() {
        for item in list.items().unwrap_or_default() {
            match item.as_str() {
                Some(text) => transposed.entry(text.to_owned()).or_default().push(key.clone()),
                None => return Failure::argument(0, "input must not contain null string in list"),
            }
        }
    }
    let members = transposed.into_iter().map(|(key, list)| (key, texts(list))).collect();
    Ok(Content::Map(Type::List(Box::new(Type::String)), members).into())
}

pub(super) fn values(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let values: Vec<Value> = members(arguments, 0).into_values().collect();
    Ok(match &arguments[0].content {
        Content::Map(ty, _) => Content::List(ty.clone(), values).into(),
        _ => Value::tuple(values),
    })
}

pub(super) fn zipmap(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let (keys, values) = (items(arguments, 0), items(arguments, 1));
    if keys.len() != values.len() {
        return Failure::whole(format!(
            "number of keys ({}) does not match number of values ({})",
            keys.len(),
            values.len()
        ));
    }
    if let Some(open) = keys.iter().find(|key| key.is_unknown()) {
        return Ok(unknown_from(open, Type::Any));
    }
    let members: BTreeMap<String, Value> =
        keys.iter().zip(values).filter_map(|(key, value)| Some((key.as_str()?.to_owned(), value.clone()))).collect();
    Ok(match &arguments[1].content {
        Content::List(ty, _) | Content::Set(ty, _) => Content::Map(ty.clone(), members).into(),
        _ => Content::Object(members).into(),
    })
}
