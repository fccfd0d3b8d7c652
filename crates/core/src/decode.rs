//! From the values of a call to the values of its rows: names checked, types converted, defaults filled in.

use std::collections::{BTreeMap, BTreeSet};

use bigdecimal::ToPrimitive;
use poolform_model::{Shape, resolve};
use poolform_value::{AttributePath, Content, Diagnostic, Diagnostics, Value, convert, suggest};
use serde_json::Value as Json;

use crate::argument::{Argument, Default, Kind};
use crate::rule;

/// The decoded arguments of a call or of one of its items, by name of the row. Absent ones are null.
pub(crate) type Decoded = BTreeMap<&'static str, Value>;

/// Where decoding is.
pub(crate) struct Scope<'a> {
    /// The address of the call.
    pub call: &'a str,
    /// The shape of the kind's create request, below which `api` paths are looked up.
    pub shape: &'static str,
    /// Whether values are held against their rules. Names and types are looked at in any case.
    pub rules: bool,
    /// What is found.
    pub diagnostics: &'a mut Diagnostics,
    /// The rows whose value is not known yet, or was refused: neither absent nor what stands for an absent one.
    pub undecided: BTreeSet<&'static str>,
}

/// Where decoding of a call is about to be.
pub(crate) fn scope<'a>(
    call: &'a str,
    shape: &'static str,
    rules: bool,
    diagnostics: &'a mut Diagnostics,
) -> Scope<'a> {
    Scope { call, shape, rules, diagnostics, undecided: BTreeSet::new() }
}

impl Scope<'_> {
    fn error(&mut self, summary: &str, detail: String, path: &AttributePath) {
        self.diagnostics.push(Diagnostic::error(summary, detail).about(self.call, path));
    }

    /// An error of a value that has the right type.
    fn broken(&mut self, summary: &str, detail: String, path: &AttributePath) {
        if self.rules {
            self.error(summary, detail, path);
        }
    }
}

/// Decodes `given` by `rows`. `known` are names that other rows decode, `fallback` gives the module-wide default of an
/// item's attribute.
pub(crate) fn decode(
    rows: &[Argument],
    given: &BTreeMap<String, Value>,
    path: &AttributePath,
    prefix: &str,
    known: &[&str],
    fallback: &dyn Fn(&Argument) -> Option<Value>,
    scope: &mut Scope<'_>,
) -> Decoded {
    for name in given.keys() {
        let of = |row: &Argument| row.name == name || (!row.alias.is_empty() && row.alias == name);
        if rows.iter().any(of) || known.contains(&name.as_str()) {
            continue;
        }
        let candidates = rows.iter().map(|row| row.name).chain(known.iter().copied());
        let remedy = match suggest(name, candidates) {
            Some(near) => {
                // What is misspelt is not absent either.
                scope.undecided.extend(rows.iter().map(|row| row.name).find(|row| *row == near));
                format!("Did you mean \"{near}\"?")
            }
            None => "Remove it, or see the reference for the arguments that exist.".to_owned(),
        };
        let detail = format!("An argument named \"{name}\" is not expected here. {remedy}");
        scope.error("Unsupported argument", detail, &path.attribute(name));
    }
    let mut decoded = Decoded::new();
    for row in rows {
        let alias = (!row.alias.is_empty()).then(|| given.get(row.alias)).flatten();
        let (written, value) = match (given.get(row.name), alias) {
            (Some(_), Some(_)) => {
                let detail =
                    format!("\"{}\" and \"{}\" are two names of one argument. Give one of them.", row.name, row.alias);
                scope.error("Argument given twice", detail, &path.attribute(row.alias));
                scope.undecided.insert(row.name);
                continue;
            }
            (Some(value), None) => (row.name, Some(value.clone())),
            (None, Some(value)) => (row.alias, Some(value.clone())),
            (None, None) => (row.name, None),
        };
        let at = path.attribute(written);
        let value = match value {
            Some(value) => value,
            None => match fallback(row) {
                Some(value) => value,
                None if matches!(row.default, Default::Required) => {
                    let detail = format!("The argument \"{}\" is required, but no definition was found.", row.name);
                    scope.broken("Missing required argument", detail, &at);
                    scope.undecided.insert(row.name);
                    continue;
                }
                None => row.default_value(),
            },
        };
        if value.is_null() && matches!(row.default, Default::Required) {
            let detail = format!("The argument \"{}\" is required and must not be null.", row.name);
            scope.broken("Missing required argument", detail, &at);
            scope.undecided.insert(row.name);
            continue;
        }
        // What is inside of a record decides about the record.
        let outside = std::mem::take(&mut scope.undecided);
        let value = decode_value(row, &value, &at, prefix, scope);
        let decided = value.is_some() && scope.undecided.is_empty();
        scope.undecided = outside;
        if !decided {
            scope.undecided.insert(row.name);
        }
        decoded.extend(value.map(|value| (row.name, value)));
    }
    decoded
}

fn decode_value(
    row: &Argument,
    value: &Value,
    path: &AttributePath,
    prefix: &str,
    scope: &mut Scope<'_>,
) -> Option<Value> {
    if matches!(row.kind, Kind::Any) {
        return Some(value.clone());
    }
    if let Some(unknown) = value.first_unknown() {
        // Without an origin it has been reported where it was found.
        if let Content::Unknown(_, Some(origin)) = &unknown.content {
            let refusal = unresolved(&origin.reference);
            if scope.rules {
                scope.diagnostics.push(match &origin.span {
                    Some(span) => refusal.at(Some(span)),
                    None => refusal.about(scope.call, path),
                });
            }
        }
        return None;
    }
    if value.is_null() {
        return Some(Value::null().at(value.span.clone()));
    }
    let sensitive = value.sensitive;
    match row.kind {
        Kind::Record(attributes) => {
            let Some(members) = value.members() else {
                let detail = format!("The argument \"{}\" must be an object.", row.name);
                scope.error("Invalid value for an argument", detail, path);
                return None;
            };
            let members = marked(members, sensitive);
            let inner = decode(attributes, &members, path, prefix, &[], &|_| None, scope);
            Some(object(inner, value, sensitive))
        }
        Kind::Records(attributes) => {
            let Some(items) = value.items() else {
                let detail = format!("The argument \"{}\" must be a list of objects.", row.name);
                scope.error("Invalid value for an argument", detail, path);
                return None;
            };
            let prefix = format!("{prefix}{}[].", row.api);
            let mut decoded = Vec::new();
            for (index, item) in items.iter().enumerate() {
                let at = path.index(index);
                let Some(members) = item.members() else {
                    let detail = format!("Each element of \"{}\" must be an object.", row.name);
                    scope.error("Invalid value for an argument", detail, &at);
                    scope.undecided.insert(row.name);
                    continue;
                };
                let members = marked(members, sensitive || item.sensitive);
                let inner = decode(attributes, &members, &at, &prefix, &[], &|_| None, scope);
                decoded.push(object(inner, item, sensitive || item.sensitive));
            }
            let decoded = Value::tuple(decoded).at(value.span.clone()).marked(sensitive);
            if scope.rules {
                rule::check(row, None, &decoded, &Json::Null, scope.call, path, scope.diagnostics);
            }
            Some(decoded)
        }
        _ => {
            let converted = match convert(value, &row.ty()) {
                Ok(converted) => converted,
                Err(error) => {
                    let mut at = path.clone();
                    // Keys of a sensitive map are part of it.
                    let reason = if sensitive {
                        "it is sensitive and of another type".to_owned()
                    } else {
                        at.segments.extend(error.path.segments);
                        error.message
                    };
                    let detail =
                        format!("The given value is not suitable for the argument \"{}\": {reason}.", row.name);
                    scope.error("Invalid value for an argument", detail, &at);
                    return None;
                }
            };
            let Some(json) = to_api(row, &converted) else {
                let detail = format!("The argument \"{}\" must be a whole number of at most 18 digits.", row.name);
                scope.broken("Invalid value for an argument", detail, path);
                return None;
            };
            if let Some(null) = null_element(&converted) {
                let detail = format!("The argument \"{}\" has a null element, which Cognito cannot hold.", row.name);
                scope.broken("Invalid value for an argument", detail, &path.then(null));
                return None;
            }
            let shape: Option<&'static Shape> = (!row.api.is_empty() && !row.by_code)
                .then(|| resolve(scope.shape, &format!("{prefix}{}", row.api)))
                .flatten();
            if !scope.rules {
                return Some(converted);
            }
            let before = scope.diagnostics.0.len();
            rule::check(row, shape, &converted, &json, scope.call, path, scope.diagnostics);
            (scope.diagnostics.0.len() == before).then_some(converted)
        }
    }
}

/// What is in a sensitive object is sensitive.
pub(crate) fn marked(members: &BTreeMap<String, Value>, sensitive: bool) -> BTreeMap<String, Value> {
    members.iter().map(|(name, value)| (name.clone(), value.clone().marked(sensitive))).collect()
}

fn object(decoded: Decoded, of: &Value, sensitive: bool) -> Value {
    Value::object(decoded).at(of.span.clone()).marked(sensitive)
}

fn null_element(value: &Value) -> Option<poolform_value::Segment> {
    use poolform_value::Segment;
    match &value.content {
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
            items.iter().position(Value::is_null).map(Segment::Index)
        }
        Content::Map(_, members) => {
            members.iter().find(|(_, value)| value.is_null()).map(|(key, _)| Segment::Key(key.clone()))
        }
        _ => None,
    }
}

/// The refusal of an argument that depends on something that is not poolform's, at the reference.
fn unresolved(reference: &str) -> Diagnostic {
    Diagnostic::error(
        "Unresolved reference",
        format!(
            "This argument depends on {reference}, which is not known here. Supply it with\n    \
             -set '{reference}=EXPRESSION'\nor let it resolve from the state that Terraform keeps:\n    \
             terraform show -json > terraform.json\n    poolform … -terraform-state terraform.json"
        ),
    )
}

/// The JSON that the API takes for a decoded value of a row: sets in order, whole numbers, numbers as text where the
/// API wants them so. None for a number that is not whole.
pub(crate) fn to_api(row: &Argument, value: &Value) -> Option<Json> {
    Some(match &value.content {
        Content::Null(_) | Content::Unknown(..) => Json::Null,
        Content::Bool(value) => Json::Bool(*value),
        Content::Number(number) => {
            if !number.is_integer() {
                return None;
            }
            let whole = number.to_i64()?;
            if row.as_text { Json::String(whole.to_string()) } else { whole.into() }
        }
        // What is no JSON was refused by its rule.
        Content::String(text) if row.json => serde_json::from_str(text).ok()?,
        Content::String(text) => Json::String(text.clone()),
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
            Json::Array(items.iter().map(|item| to_api(row, item)).collect::<Option<_>>()?)
        }
        Content::Map(_, members) | Content::Object(members) => Json::Object(
            members.iter().map(|(key, member)| Some((key.clone(), to_api(row, member)?))).collect::<Option<_>>()?,
        ),
    })
}

/// The JSON of a decoded record by its rows' paths.
pub(crate) fn record_to_api(rows: &[Argument], decoded: &Value) -> poolform_model::Object {
    let mut object = poolform_model::Object::new();
    for row in rows.iter().filter(|row| !row.api.is_empty() && !row.by_code) {
        let value = decoded.members().and_then(|members| members.get(row.name));
        if let Some(value) = value.filter(|value| !value.is_null()) {
            let json = match row.kind {
                Kind::Records(inner) => Json::Array(
                    value
                        .items()
                        .unwrap_or_default()
                        .iter()
                        .map(|item| Json::Object(record_to_api(inner, item)))
                        .collect(),
                ),
                _ => to_api(row, value).unwrap_or(Json::Null),
            };
            crate::setting::put(&mut object, row.api, json);
        }
    }
    object
}
