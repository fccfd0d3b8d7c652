//! Conversion between types, as Terraform converts.

use std::collections::BTreeMap;

use crate::number::{number_text, parse_number};
use crate::{AttributePath, Content, ObjectAttribute, Segment, Type, Value};

/// Why a value does not fit a type, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertError {
    /// From the value that was to be converted to the part that does not fit.
    pub path: AttributePath,
    /// `a bool is required`, `attribute "sns_caller_arn" is required`; it names the way there too: `element 0: …`.
    pub message: String,
}

impl ConvertError {
    fn new(message: impl Into<String>) -> Self {
        ConvertError { path: AttributePath::default(), message: message.into() }
    }

    /// This error as seen from one level further out.
    fn under(mut self, segment: Segment) -> Self {
        let way = match &segment {
            Segment::Attribute(name) => format!("attribute {name:?}"),
            Segment::Index(index) => format!("element {index}"),
            Segment::Key(key) => format!("element {key:?}"),
        };
        self.message = format!("{way}: {}", self.message);
        self.path.segments.insert(0, segment);
        self
    }
}

/// `value` as `ty`, with Terraform's rules.
///
/// Sensitivity and places stay on every level, except that a set is sensitive as a whole when any element is: which
/// elements it has depends on them.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    let content = match (&value.content, ty) {
        (_, Type::Any) => return Ok(value.clone()),
        // The unifying second pass meets values that fit already; converting those again would cost 2^depth.
        (Content::List(..) | Content::Set(..) | Content::Map(..), _) if value.ty() == *ty => return Ok(value.clone()),
        (Content::Null(_), _) => Content::Null(ty.clone()),
        (Content::Unknown(known, origin), _) => {
            // A type with holes says less than what is known already.
            let ty = if has_any(ty) && *known != Type::Any { known } else { ty };
            Content::Unknown(ty.clone(), origin.clone())
        }
        (Content::Bool(_), Type::Bool) | (Content::Number(_), Type::Number) | (Content::String(_), Type::String) => {
            return Ok(value.clone());
        }
        (Content::Bool(value), Type::String) => Content::String(value.to_string()),
        (Content::Number(number), Type::String) => Content::String(number_text(number)),
        (Content::String(text), Type::Number) => {
            Content::Number(parse_number(text).ok_or_else(|| ConvertError::new("a number is required"))?)
        }
        (Content::String(text), Type::Bool) => Content::Bool(parse_bool(text)?),
        (Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items), Type::List(inner)) => {
            let (inner, items) = convert_items(items, inner, "list")?;
            Content::List(inner, items)
        }
        (Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items), Type::Set(inner)) => {
            let (inner, mut items) = convert_items(items, inner, "set")?;
            let sensitive = items.iter().any(Value::contains_sensitive);
            items.iter_mut().for_each(uncover);
            let set = Value { content: Content::Set(inner, sorted(items)), ..value.clone() };
            return Ok(set.marked(sensitive));
        }
        (Content::Tuple(items), Type::Tuple(types)) if items.len() == types.len() => Content::Tuple(
            items
                .iter()
                .zip(types)
                .enumerate()
                .map(|(index, (item, ty))| convert(item, ty).map_err(|error| error.under(Segment::Index(index))))
                .collect::<Result<_, _>>()?,
        ),
        (Content::Map(_, members) | Content::Object(members), Type::Map(inner)) => {
            let (inner, members) = convert_members(members, inner)?;
            Content::Map(inner, members)
        }
        (Content::Map(_, members) | Content::Object(members), Type::Object(attributes)) => {
            Content::Object(convert_attributes(members, attributes)?)
        }
        _ => return Err(ConvertError::new(format!("{} required", friendly(ty)))),
    };
    Ok(Value { content, ..value.clone() })
}

fn parse_bool(text: &str) -> Result<bool, ConvertError> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        "True" | "TRUE" => Err(ConvertError::new("a bool is required; to convert from string, use lowercase \"true\"")),
        "False" | "FALSE" => {
            Err(ConvertError::new("a bool is required; to convert from string, use lowercase \"false\""))
        }
        _ => Err(ConvertError::new("a bool is required")),
    }
}

fn convert_items(items: &[Value], inner: &Type, kind: &str) -> Result<(Type, Vec<Value>), ConvertError> {
    let convert_all = |items: &[Value], ty: &Type| -> Result<Vec<Value>, ConvertError> {
        items
            .iter()
            .enumerate()
            .map(|(index, item)| convert(item, ty).map_err(|error| error.under(Segment::Index(index))))
            .collect()
    };
    let converted = convert_all(items, inner)?;
    if !has_any(inner) || converted.is_empty() {
        return Ok((plain(inner), converted));
    }
    let unified = unify(&converted.iter().map(Value::ty).collect::<Vec<_>>())
        .ok_or_else(|| ConvertError::new(format!("all {kind} elements must have the same type")))?;
    let converted = convert_all(&converted, &unified)?;
    Ok((unified, converted))
}

fn convert_members(
    members: &BTreeMap<String, Value>,
    inner: &Type,
) -> Result<(Type, BTreeMap<String, Value>), ConvertError> {
    let convert_all = |members: &BTreeMap<String, Value>, ty: &Type| -> Result<BTreeMap<String, Value>, ConvertError> {
        members
            .iter()
            .map(|(name, value)| {
                let value = convert(value, ty).map_err(|error| error.under(Segment::Key(name.clone())))?;
                Ok((name.clone(), value))
            })
            .collect()
    };
    let converted = convert_all(members, inner)?;
    if !has_any(inner) || converted.is_empty() {
        return Ok((plain(inner), converted));
    }
    let unified = unify(&converted.values().map(Value::ty).collect::<Vec<_>>())
        .ok_or_else(|| ConvertError::new("all map elements must have the same type"))?;
    let converted = convert_all(&converted, &unified)?;
    Ok((unified, converted))
}

fn convert_attributes(
    members: &BTreeMap<String, Value>,
    attributes: &BTreeMap<String, ObjectAttribute>,
) -> Result<BTreeMap<String, Value>, ConvertError> {
    let missing: Vec<&str> = attributes
        .iter()
        .filter(|(name, attribute)| !attribute.optional && !members.contains_key(*name))
        .map(|(name, _)| name.as_str())
        .collect();
    if let [first, ..] = missing.as_slice() {
        let mut error = ConvertError::new(missing_message(&missing));
        error.path = AttributePath::argument(first);
        return Err(error);
    }
    attributes
        .iter()
        .map(|(name, attribute)| {
            let value = match (members.get(name), &attribute.default) {
                (Some(value), Some(default)) if value.is_null() => {
                    // The default takes the place of the null, and its position: that is where one would change it.
                    Value { span: value.span.clone(), name_span: value.name_span.clone(), ..default.clone() }
                        .marked(value.sensitive)
                }
                (Some(value), _) => value.clone(),
                (None, Some(default)) => default.clone(),
                (None, None) => Content::Null(attribute.ty.clone()).into(),
            };
            let value =
                convert(&value, &attribute.ty).map_err(|error| error.under(Segment::Attribute(name.clone())))?;
            Ok((name.clone(), value))
        })
        .collect()
}

fn missing_message(missing: &[&str]) -> String {
    match missing {
        [one] => format!("attribute {one:?} is required"),
        [one, two] => format!("attributes {one:?} and {two:?} are required"),
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(|name| format!("{name:?}")).collect();
            format!("attributes {}, and {last:?} are required", first.join(", "))
        }
        [] => String::new(),
    }
}

/// Takes the mark off a value that is about to stand in a marked set.
fn uncover(value: &mut Value) {
    value.sensitive = false;
    match &mut value.content {
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => items.iter_mut().for_each(uncover),
        Content::Map(_, members) | Content::Object(members) => members.values_mut().for_each(uncover),
        _ => {}
    }
}

/// The elements of a set: each once, in Terraform's iteration order. Text is ordered by bytes, numbers by size, bools
/// false first; for all others, whose order Terraform leaves to a hash, by what they show. Unknown elements come last.
pub(crate) fn sorted(items: Vec<Value>) -> Vec<Value> {
    let mut keyed: Vec<(SetKey, Value)> = items.into_iter().map(|item| (set_key(&item), item)).collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0));
    let mut result: Vec<Value> = Vec::with_capacity(keyed.len());
    for (_, item) in keyed {
        // Two unknowns may turn out different, so neither is dropped.
        if item.first_unknown().is_some() || result.last() != Some(&item) {
            result.push(item);
        }
    }
    result
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SetKey {
    Bool(bool),
    Number(bigdecimal::BigDecimal),
    Text(String),
    Null,
    Other(String),
    Unknown,
}

fn set_key(value: &Value) -> SetKey {
    match &value.content {
        Content::Bool(value) => SetKey::Bool(*value),
        Content::Number(number) => SetKey::Number(number.clone()),
        Content::String(text) => SetKey::Text(text.clone()),
        Content::Null(_) => SetKey::Null,
        Content::Unknown(..) => SetKey::Unknown,
        _ => SetKey::Other(format!("{value:?}")),
    }
}

/// Whether a type leaves anything open.
fn has_any(ty: &Type) -> bool {
    match ty {
        Type::Any => true,
        Type::Bool | Type::Number | Type::String => false,
        Type::List(inner) | Type::Set(inner) | Type::Map(inner) => has_any(inner),
        Type::Tuple(items) => items.iter().any(has_any),
        Type::Object(attributes) => attributes.values().any(|attribute| has_any(&attribute.ty)),
    }
}

/// The type without its `optional` marks: they belong to constraints, never to values.
fn plain(ty: &Type) -> Type {
    match ty {
        Type::Any | Type::Bool | Type::Number | Type::String => ty.clone(),
        Type::List(inner) => Type::List(Box::new(plain(inner))),
        Type::Set(inner) => Type::Set(Box::new(plain(inner))),
        Type::Map(inner) => Type::Map(Box::new(plain(inner))),
        Type::Tuple(items) => Type::Tuple(items.iter().map(plain).collect()),
        Type::Object(attributes) => Type::Object(
            attributes
                .iter()
                .map(|(name, attribute)| (name.clone(), ObjectAttribute::required(plain(&attribute.ty))))
                .collect(),
        ),
    }
}

/// A type as Terraform's messages name it: `list of string`.
fn friendly(ty: &Type) -> String {
    match ty {
        Type::Any => "any type".to_owned(),
        Type::Bool | Type::Number | Type::String => ty.to_string(),
        Type::List(inner) if **inner == Type::Any => "list of any single type".to_owned(),
        Type::Set(inner) if **inner == Type::Any => "set of any single type".to_owned(),
        Type::Map(inner) if **inner == Type::Any => "map of any single type".to_owned(),
        Type::List(inner) => format!("list of {}", friendly(inner)),
        Type::Set(inner) => format!("set of {}", friendly(inner)),
        Type::Map(inner) => format!("map of {}", friendly(inner)),
        Type::Tuple(_) => "tuple".to_owned(),
        Type::Object(_) => "object".to_owned(),
    }
}

/// The type that all of `types` convert to, if there is one.
pub fn unify(types: &[Type]) -> Option<Type> {
    let (first, rest) = types.split_first()?;
    if rest.iter().all(|ty| ty == first) {
        return Some(first.clone());
    }
    let known: Vec<&Type> = types.iter().filter(|ty| **ty != Type::Any).collect();
    let dynamic = known.len() < types.len();
    let all = |test: fn(&Type) -> bool| known.iter().all(|ty| test(ty));
    let any = |test: fn(&Type) -> bool| known.iter().any(|ty| test(ty));
    let is_object: fn(&Type) -> bool = |ty| matches!(ty, Type::Object(_));
    let is_tuple: fn(&Type) -> bool = |ty| matches!(ty, Type::Tuple(_));
    let is_map: fn(&Type) -> bool = |ty| matches!(ty, Type::Map(_));
    let is_list: fn(&Type) -> bool = |ty| matches!(ty, Type::List(_));
    let is_set: fn(&Type) -> bool = |ty| matches!(ty, Type::Set(_));
    if any(is_map) && known.iter().all(|ty| is_map(ty) || is_object(ty)) {
        return unify_elements(&known).map(|inner| Type::Map(Box::new(inner)));
    }
    if any(is_list) && known.iter().all(|ty| is_list(ty) || is_tuple(ty)) {
        return unify_elements(&known).map(|inner| Type::List(Box::new(inner)));
    }
    if any(is_set) && known.iter().all(|ty| is_set(ty) || is_tuple(ty) || is_list(ty)) {
        let inner = unify_elements(&known)?;
        // Between lists and sets Terraform prefers lists only where the order is worth keeping, which is never safe.
        return Some(if any(is_list) { Type::List(Box::new(inner)) } else { Type::Set(Box::new(inner)) });
    }
    if all(is_object) {
        return if dynamic { Some(Type::Any) } else { unify_objects(&known) };
    }
    if all(is_tuple) {
        return if dynamic { Some(Type::Any) } else { unify_tuples(&known) };
    }
    // Primitive types, or kinds that do not go together: the first candidate that takes all, strings first because
    // they can hold every other primitive.
    let mut candidates = known.clone();
    candidates.sort_by_key(|ty| **ty != Type::String);
    candidates.into_iter().find(|want| known.iter().all(|ty| converts(ty, want))).cloned()
}

/// The types of what is inside these collections and structures, unified.
fn unify_elements(types: &[&Type]) -> Option<Type> {
    let mut inner: Vec<Type> = Vec::new();
    for ty in types {
        match ty {
            Type::List(element) | Type::Set(element) | Type::Map(element) => inner.push((**element).clone()),
            Type::Tuple(items) => inner.extend(items.iter().cloned()),
            Type::Object(attributes) => inner.extend(attributes.values().map(|attribute| attribute.ty.clone())),
            _ => return None,
        }
    }
    inner.dedup();
    unify(&inner)
}

fn unify_objects(types: &[&Type]) -> Option<Type> {
    let objects: Vec<&BTreeMap<String, ObjectAttribute>> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Object(attributes) => Some(attributes),
            _ => None,
        })
        .collect();
    let (first, rest) = objects.split_first()?;
    if rest.iter().any(|object| !object.keys().eq(first.keys())) {
        return unify_elements(types).map(|inner| Type::Map(Box::new(inner)));
    }
    let mut attributes = BTreeMap::new();
    for name in first.keys() {
        let types: Vec<Type> = objects.iter().filter_map(|object| Some(object.get(name)?.ty.clone())).collect();
        attributes.insert(name.clone(), ObjectAttribute::required(unify(&types)?));
    }
    Some(Type::Object(attributes))
}

fn unify_tuples(types: &[&Type]) -> Option<Type> {
    let tuples: Vec<&Vec<Type>> = types
        .iter()
        .filter_map(|ty| match ty {
            Type::Tuple(items) => Some(items),
            _ => None,
        })
        .collect();
    let (first, rest) = tuples.split_first()?;
    if rest.iter().any(|tuple| tuple.len() != first.len()) {
        return unify_elements(types).map(|inner| Type::List(Box::new(inner)));
    }
    (0..first.len())
        .map(|index| unify(&tuples.iter().filter_map(|tuple| tuple.get(index).cloned()).collect::<Vec<_>>()))
        .collect::<Option<_>>()
        .map(Type::Tuple)
}

/// Whether some value of type `from` converts to `to`.
fn converts(from: &Type, to: &Type) -> bool {
    match (from, to) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::Bool | Type::String, Type::Bool)
        | (Type::Number | Type::String, Type::Number)
        | (Type::Bool | Type::Number | Type::String, Type::String) => true,
        (Type::List(from) | Type::Set(from), Type::List(to) | Type::Set(to)) | (Type::Map(from), Type::Map(to)) => {
            converts(from, to)
        }
        (Type::Tuple(items), Type::List(to) | Type::Set(to)) => items.iter().all(|item| converts(item, to)),
        (Type::Object(attributes), Type::Map(to)) => attributes.values().all(|from| converts(&from.ty, to)),
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to).all(|(from, to)| converts(from, to))
        }
        (Type::Object(from), Type::Object(to)) => to.iter().all(|(name, to)| match from.get(name) {
            Some(from) => converts(&from.ty, &to.ty),
            None => to.optional,
        }),
        _ => false,
    }
}
