//! Functions of sets.

use poolform_value::{Content, Type, Value, convert, unify};

use super::{Context, Failure};
use crate::evaluate::equal;

type Outcome = Result<Value, Failure>;

/// The arguments as sets of one type.
fn sets(arguments: &[Value]) -> Result<(Type, Vec<Vec<Value>>), Failure> {
    let open = Type::Set(Box::new(Type::Any));
    let mut sets = Vec::new();
    for (position, argument) in arguments.iter().enumerate() {
        sets.push(convert(argument, &open).map_err(|error| Failure::Argument(position, error.message))?);
    }
    // An empty set of no type goes with all.
    let types: Vec<Type> = sets.iter().filter(|set| set.items() != Some(&[])).map(Value::ty).collect();
    let ty = if types.is_empty() { open } else { unify(&types).ok_or_else(mixed)? };
    let mut converted = Vec::new();
    for set in &sets {
        let set = convert(set, &ty).map_err(|_| mixed())?;
        converted.push(set.items().unwrap_or_default().to_vec());
    }
    let Type::Set(inner) = ty else { return Err(mixed()) };
    Ok((*inner, converted))
}

fn mixed() -> Failure {
    Failure::Whole("given sets must all have compatible element types".to_owned())
}

fn has(set: &[Value], item: &Value) -> bool {
    set.iter().any(|other| equal(other, item) == Some(true))
}

fn set_of(inner: Type, items: Vec<Value>) -> Outcome {
    convert(&Value::tuple(items), &Type::Set(Box::new(inner))).map_err(|error| Failure::Whole(error.message))
}

pub(super) fn setunion(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let (inner, sets) = sets(arguments)?;
    context.scope.meter.charge(sets.iter().map(|set| set.len() as u64).sum())?;
    set_of(inner, sets.concat())
}

pub(super) fn setintersection(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let (inner, sets) = sets(arguments)?;
    let (first, others) = sets.split_first().ok_or_else(mixed)?;
    set_of(inner, first.iter().filter(|item| others.iter().all(|other| has(other, item))).cloned().collect())
}

pub(super) fn setsubtract(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let (inner, sets) = sets(arguments)?;
    let [a, b] = sets.as_slice() else { return Err(mixed()) };
    set_of(inner, a.iter().filter(|item| !has(b, item)).cloned().collect())
}

pub(super) fn setproduct(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    if arguments.len() < 2 {
        return Failure::whole("at least two arguments are required");
    }
    let ordered = arguments.iter().all(|argument| !matches!(argument.content, Content::Set(..)));
    let mut types = Vec::new();
    let mut product: Vec<Vec<Value>> = vec![Vec::new()];
    for (position, argument) in arguments.iter().enumerate() {
        let list = convert(argument, &Type::List(Box::new(Type::Any)))
            .map_err(|error| Failure::Argument(position, error.message))?;
        let items = list.items().unwrap_or_default();
        context
            .scope
            .meter
            .charge((product.len() as u64).saturating_mul(items.len() as u64).saturating_mul(position as u64 + 1))?;
        types.push(match list.ty() {
            Type::List(inner) => *inner,
            other => other,
        });
        product = product
            .into_iter()
            .flat_map(|row| {
                items.iter().map(move |item| {
                    let mut row = row.clone();
                    row.push(item.clone());
                    row
                })
            })
            .collect();
    }
    let rows: Vec<Value> = product.into_iter().map(Value::tuple).collect();
    let ty = Type::Tuple(types);
    if ordered { Ok(Content::List(ty, rows).into()) } else { set_of(ty, rows) }
}
