//! What an expression is worth.

use std::collections::BTreeMap;
use std::sync::Arc;

use bigdecimal::{BigDecimal, Zero};
use poolform_value::{Content, Diagnostics, Span, Type, Value, convert, unify};

use crate::functions;
use crate::number;
use crate::open::{is_open, is_partial};

use crate::scope::{Frame, Scope};
use crate::steps::{kind_of, walk};
use crate::syntax::{Binary, Expression, For, Item, Kind, Step, Unary, error_at};

/// A value, or everything that is wrong with the expression.
pub(crate) type Evaluated = Result<Value, Diagnostics>;

/// An unknown value of type `ty` that comes from `source`, an unknown value.
pub(crate) fn unknown_from(source: &Value, ty: Type) -> Value {
    let origin = match source.first_unknown().map(|unknown| &unknown.content) {
        Some(Content::Unknown(_, origin)) => origin.clone(),
        _ => None,
    };
    Value::from(Content::Unknown(ty, origin)).marked(source.sensitive)
}

/// The value of `expression` in `scope`.
pub(crate) fn evaluate(expression: &Expression, scope: Scope<'_, '_>) -> Evaluated {
    let _level = scope.meter.enter(&expression.span)?;
    let span = &expression.span;
    let value = match &expression.kind {
        Kind::Literal(value) => value.clone().at(Some(span.clone())),
        Kind::Template(parts) => crate::template::render(parts, scope, span)?,
        Kind::Tuple(items) => {
            let items = all(items.iter().map(|item| evaluate(item, scope)))?;
            Value::tuple(items).at(Some(span.clone()))
        }
        Kind::Object(items) => object(items, scope)?.at(Some(span.clone())),
        Kind::Name(name) => traverse(name, &[], scope, span)?,
        Kind::Traversal(root, steps) => match &root.kind {
            Kind::Name(name) => traverse(name, steps, scope, span)?,
            _ => walk(&evaluate(root, scope)?, steps, scope)?,
        },
        Kind::Call(call) => functions::call(call, scope, span)?,
        Kind::Conditional(parts) => conditional(parts, scope, span)?,
        Kind::Unary(operator, operand) => unary(*operator, operand, scope)?.at(Some(span.clone())),
        Kind::Binary(operator, operands) => binary(*operator, operands, scope)?.at(Some(span.clone())),
        Kind::For(it) => comprehension(it, scope, span)?.at(Some(span.clone())),
        Kind::Parenthesis(inner) => evaluate(inner, scope)?,
    };
    Ok(value)
}

/// All the values, or all the errors.
pub(crate) fn all(results: impl Iterator<Item = Evaluated>) -> Result<Vec<Value>, Diagnostics> {
    let mut values = Vec::new();
    let mut failed = Diagnostics::new();
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(diagnostics) => failed.extend(diagnostics),
        }
    }
    if failed.is_empty() { Ok(values) } else { Err(failed) }
}

fn object(items: &[Item], scope: Scope<'_, '_>) -> Evaluated {
    let mut members = BTreeMap::new();
    let mut failed = Diagnostics::new();
    let mut sensitive = false;
    let mut open = None;
    for item in items {
        let key = evaluate(&item.key, scope);
        let key = key.and_then(|key| object_key(scope.settle(key, &Type::String), &item.key.span));
        match (key, evaluate(&item.value, scope)) {
            (Ok(key), Ok(mut value)) => {
                sensitive |= key.sensitive;
                match key.content {
                    Content::String(name) => {
                        value.name_span = Some(item.key.span.clone());
                        members.insert(name, value);
                    }
                    _ => open = Some(unknown_from(&key, Type::Any)),
                }
            }
            (key, value) => {
                for diagnostics in [key.err(), value.err()].into_iter().flatten() {
                    failed.extend(diagnostics);
                }
            }
        }
    }
    if !failed.is_empty() {
        return Err(failed);
    }
    // With a name unknown, so is what the object has.
    Ok(open.unwrap_or_else(|| Content::Object(members).into()).marked(sensitive))
}

fn object_key(key: Value, span: &Span) -> Evaluated {
    if key.is_null() {
        return Err(error_at(span, "Null value as key", "Can't use a null value as a key."));
    }
    convert(&key, &Type::String).map_err(|error| {
        error_at(span, "Incorrect key type", format!("Can't use this value as a key: {}.", error.message))
    })
}

fn traverse(name: &str, steps: &[Step], scope: Scope<'_, '_>, span: &Span) -> Evaluated {
    let (found, taken) = scope.resolve(name, steps, span)?;
    let mut value = walk(&found, &steps[taken.min(steps.len())..], scope)?;
    if value.span.is_none() {
        value.span = Some(span.clone());
    }
    if let Content::Unknown(_, Some(origin)) = &mut value.content
        && origin.span.is_none()
    {
        Arc::make_mut(origin).span = Some(span.clone());
    }
    // Where it gets its next name, the name's place is known again.
    value.name_span = None;
    Ok(value)
}

fn conditional(parts: &[Expression; 3], scope: Scope<'_, '_>, span: &Span) -> Evaluated {
    let [condition, then, otherwise] = parts;
    let test = scope.settle(evaluate(condition, scope)?, &Type::Bool);
    if test.is_null() {
        return Err(error_at(
            &condition.span,
            "Null condition",
            "The condition value is null. Conditions must either be true or false.",
        ));
    }
    let test = convert(&test, &Type::Bool).map_err(|error| {
        error_at(
            &condition.span,
            "Incorrect condition type",
            format!("The condition expression must be of type bool: {}.", error.message),
        )
    })?;
    // Both sides decide the type of the result; only the one that is taken may fail.
    let (then_value, otherwise_value) = (evaluate(then, scope), evaluate(otherwise, scope));
    let (taken, other, place) = match test.as_bool() {
        Some(true) => (then_value, otherwise_value, then),
        Some(false) => (otherwise_value, then_value, otherwise),
        None => (then_value, otherwise_value, then),
    };
    let taken = taken?;
    let ty = match &other {
        // Types of which not all is known agree with any.
        Ok(other) if is_partial(&taken) || is_partial(other) => Some(Type::Any),
        Ok(other) => {
            let types = match test.as_bool() {
                Some(false) => [other.ty(), taken.ty()],
                _ => [taken.ty(), other.ty()],
            };
            if taken.is_null() && taken.ty() == Type::Any {
                Some(other.ty())
            } else if other.is_null() && other.ty() == Type::Any {
                Some(taken.ty())
            } else {
                unify(&types)
            }
        }
        Err(_) => Some(taken.ty()),
    };
    let Some(ty) = ty else {
        let types = [then, otherwise].map(|side| evaluate(side, scope).map_or(Type::Any, |value| value.ty()));
        return Err(error_at(
            span,
            "Inconsistent conditional result types",
            format!(
                "The true and false result expressions must have consistent types: the one is {}, the other {}, and \
                 there is no type that both convert to.",
                types[0], types[1]
            ),
        ));
    };
    if test.is_unknown() {
        return Ok(unknown_from(&test, ty).at(Some(span.clone())));
    }
    let result = convert(&taken, &ty).map_err(|error| {
        error_at(
            &place.span,
            "Inconsistent conditional result types",
            format!("This does not convert: {}.", error.message),
        )
    })?;
    Ok(result.marked(test.sensitive))
}

fn operand(expression: &Expression, ty: &Type, side: &str, scope: Scope<'_, '_>) -> Evaluated {
    let value = scope.settle(evaluate(expression, scope)?, ty);
    let problem = if value.is_null() {
        "argument must not be null".to_owned()
    } else {
        match convert(&value, ty) {
            Ok(value) => return Ok(value),
            Err(error) => error.message,
        }
    };
    Err(error_at(&expression.span, "Invalid operand", format!("Unsuitable value for {side}operand: {problem}.")))
}

fn unary(operator: Unary, operand_expression: &Expression, scope: Scope<'_, '_>) -> Evaluated {
    let ty = if operator == Unary::Not { Type::Bool } else { Type::Number };
    let value = operand(operand_expression, &ty, "unary ", scope)?;
    let content = match &value.content {
        Content::Bool(truth) => Content::Bool(!truth),
        Content::Number(number) => Content::Number(-number),
        _ => return Ok(unknown_from(&value, ty)),
    };
    Ok(Value::from(content).marked(value.sensitive))
}

fn binary(operator: Binary, operands: &[Expression; 2], scope: Scope<'_, '_>) -> Evaluated {
    let [left, right] = operands;
    if matches!(operator, Binary::Equal | Binary::NotEqual) {
        let (left, right) = both(evaluate(left, scope), evaluate(right, scope))?;
        // What stands in is of the type that it is compared with.
        let left = if scope.is_loose(&left) { scope.settle(left, &right.ty()) } else { scope.settle(left, &Type::Any) };
        let right =
            if scope.is_loose(&right) { scope.settle(right, &left.ty()) } else { scope.settle(right, &Type::Any) };
        let sensitive = left.contains_sensitive() || right.contains_sensitive();
        return Ok(match equal(&left, &right) {
            Some(same) => Value::from(same == (operator == Binary::Equal)),
            None => unknown_from(if left.first_unknown().is_some() { &left } else { &right }, Type::Bool),
        }
        .marked(sensitive));
    }
    let logical = matches!(operator, Binary::And | Binary::Or);
    let ty = if logical { Type::Bool } else { Type::Number };
    // Terraform 1.11 evaluates both sides of && and ||.
    let (left, right) = both(operand(left, &ty, "left ", scope), operand(right, &ty, "right ", scope))?;
    let sensitive = left.sensitive || right.sensitive;
    let content = match (&left.content, &right.content) {
        (Content::Bool(left), Content::Bool(right)) => {
            Content::Bool(if operator == Binary::And { *left && *right } else { *left || *right })
        }
        (Content::Number(left), Content::Number(right)) => match operator {
            Binary::Greater => Content::Bool(left > right),
            Binary::GreaterOrEqual => Content::Bool(left >= right),
            Binary::Less => Content::Bool(left < right),
            Binary::LessOrEqual => Content::Bool(left <= right),
            _ => Content::Number(arithmetic(operator, left, right, &operands[1].span)?),
        },
        _ => {
            let comparison =
                matches!(operator, Binary::Greater | Binary::GreaterOrEqual | Binary::Less | Binary::LessOrEqual);
            let ty = if logical || comparison { Type::Bool } else { Type::Number };
            return Ok(unknown_from(if left.is_unknown() { &left } else { &right }, ty).marked(sensitive));
        }
    };
    Ok(Value::from(content).marked(sensitive))
}

fn both(left: Evaluated, right: Evaluated) -> Result<(Value, Value), Diagnostics> {
    match (left, right) {
        (Ok(left), Ok(right)) => Ok((left, right)),
        (Err(mut left), Err(right)) => {
            left.extend(right);
            Err(left)
        }
        (Err(failed), _) | (_, Err(failed)) => Err(failed),
    }
}

fn arithmetic(operator: Binary, left: &BigDecimal, right: &BigDecimal, span: &Span) -> Result<BigDecimal, Diagnostics> {
    if matches!(operator, Binary::Divide | Binary::Modulo) && right.is_zero() {
        return Err(error_at(span, "Division by zero", "This is zero, and nothing can be divided by it."));
    }
    let result = match operator {
        Binary::Add => number::add(left, right),
        Binary::Subtract => number::subtract(left, right),
        Binary::Multiply => number::multiply(left, right),
        Binary::Divide => number::divide(left, right),
        _ => number::remainder(left, right),
    };
    result.ok_or_else(|| error_at(span, "Operation failed", "The result has too many digits: 10,000 are enough."))
}

/// Whether two values are the same, types included; None while something unknown decides.
pub(crate) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (&left.content, &right.content) {
        (Content::Unknown(..), _) | (_, Content::Unknown(..)) => None,
        (Content::Null(_), Content::Null(_)) => Some(true),
        (Content::Bool(left), Content::Bool(right)) => Some(left == right),
        (Content::Number(left), Content::Number(right)) => Some(left == right),
        (Content::String(left), Content::String(right)) => Some(left == right),
        (Content::List(_, left), Content::List(_, right))
        | (Content::Tuple(left), Content::Tuple(right))
        | (Content::Set(_, left), Content::Set(_, right)) => {
            if left.len() != right.len() {
                return Some(false);
            }
            every(left.iter().zip(right))
        }
        (Content::Map(_, left), Content::Map(_, right)) | (Content::Object(left), Content::Object(right)) => {
            if !left.keys().eq(right.keys()) {
                return Some(false);
            }
            every(left.values().zip(right.values()))
        }
        _ => Some(false),
    }
}

fn every<'v>(pairs: impl Iterator<Item = (&'v Value, &'v Value)>) -> Option<bool> {
    let mut result = Some(true);
    for (left, right) in pairs {
        match equal(left, right) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => result = None,
        }
    }
    result
}

/// The pairs of key and value over which a `for` goes.
pub(crate) fn pairs(collection: &Value) -> Option<Vec<(Value, &Value)>> {
    Some(match &collection.content {
        Content::List(_, items) | Content::Tuple(items) => {
            items.iter().enumerate().map(|(at, item)| (Value::from(BigDecimal::from(at as u64)), item)).collect()
        }
        Content::Set(_, items) => items.iter().map(|item| (item.clone(), item)).collect(),
        Content::Map(_, members) | Content::Object(members) => {
            members.iter().map(|(name, value)| (Value::from(name.as_str()), value)).collect()
        }
        _ => return None,
    })
}

fn comprehension(it: &For, scope: Scope<'_, '_>, span: &Span) -> Evaluated {
    let collection = scope.settle_collection(evaluate(&it.collection, scope)?);
    if is_open(&collection) {
        return Ok(unknown_from(&collection, Type::Any));
    }
    if collection.is_null() {
        return Err(error_at(
            &it.collection.span,
            "Iteration over null value",
            "A null value cannot be used as the collection in a 'for' expression.",
        ));
    }
    let Some(pairs) = pairs(&collection) else {
        return Err(error_at(
            &it.collection.span,
            "Iteration over non-iterable value",
            format!("A value of type {} cannot be used as the collection in a 'for' expression.", kind_of(&collection)),
        ));
    };
    let mut sensitive = collection.sensitive;
    let mut items: Vec<(String, Value)> = Vec::new();
    let mut failed = Diagnostics::new();
    let mut open: Option<Value> = None;
    for (key, value) in &pairs {
        let frame = Frame { name: &it.value_name, value, next: scope.names };
        let outer = it.key_name.as_deref().map(|name| Frame { name, value: key, next: Some(&frame) });
        let scope = Scope { names: outer.as_ref().or(Some(&frame)), ..scope };
        match element(it, scope) {
            Ok(Element::Skipped(hidden)) => sensitive |= hidden,
            Ok(Element::Kept(key, mut value, hidden)) => {
                sensitive |= hidden;
                value.name_span = it.key.as_ref().map(|key| key.span.clone());
                items.push((key, value));
            }
            Ok(Element::Open(source)) => open = open.or(Some(source)),
            // The same mistake on every round is one mistake; others show themselves once it is gone.
            Err(diagnostics) => {
                failed.extend(diagnostics);
                break;
            }
        }
    }
    if !failed.is_empty() {
        return Err(failed);
    }
    if let Some(source) = open {
        return Ok(unknown_from(&source, Type::Any).marked(sensitive));
    }
    if it.key.is_none() {
        return Ok(Value::tuple(items.into_iter().map(|(_, value)| value).collect()).marked(sensitive));
    }
    if it.grouping {
        let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (key, mut value) in items {
            value.name_span = None;
            groups.entry(key).or_default().push(value);
        }
        let groups = groups.into_iter().map(|(key, group)| {
            let mut group = Value::tuple(group).at(Some(it.value.span.clone()));
            group.name_span = it.key.as_ref().map(|key| key.span.clone());
            (key, group)
        });
        return Ok(Value::object(groups).marked(sensitive));
    }
    let mut members = BTreeMap::new();
    for (key, value) in items {
        if members.contains_key(&key) {
            return Err(error_at(
                it.key.as_ref().map_or(span, |key| &key.span),
                "Duplicate object key",
                format!(
                    "Two different items produced the key {key:?} in this 'for' expression. If duplicates are expected, \
                     use the ellipsis (...) after the value expression to enable grouping by key."
                ),
            ));
        }
        members.insert(key, value);
    }
    Ok(Value::from(Content::Object(members)).marked(sensitive))
}

enum Element {
    /// Left out by the condition, and whether that is secret.
    Skipped(bool),
    Kept(String, Value, bool),
    /// Whether there is an element, or under which key, hangs on this unknown value.
    Open(Value),
}

fn element(it: &For, scope: Scope<'_, '_>) -> Result<Element, Diagnostics> {
    let mut sensitive = false;
    if let Some(condition) = &it.condition {
        let test = scope.settle(evaluate(condition, scope)?, &Type::Bool);
        let wrong = |problem: &str| {
            let detail = format!("The 'if' clause value is invalid: {problem}.");
            error_at(&condition.span, "Invalid 'for' condition", detail)
        };
        if test.is_null() {
            return Err(wrong("it is null, and conditions must either be true or false"));
        }
        let test = convert(&test, &Type::Bool).map_err(|error| wrong(&error.message))?;
        sensitive |= test.sensitive;
        match test.as_bool() {
            Some(true) => {}
            Some(false) => return Ok(Element::Skipped(sensitive)),
            None => return Ok(Element::Open(test)),
        }
    }
    let mut name = String::new();
    if let Some(key) = &it.key {
        let value = scope.settle(evaluate(key, scope)?, &Type::String);
        let value = object_key(value, &key.span)?;
        sensitive |= value.sensitive;
        match value.content {
            Content::String(text) => name = text,
            _ => return Ok(Element::Open(value)),
        }
    }
    Ok(Element::Kept(name, evaluate(&it.value, scope)?, sensitive))
}
