//! The body of a Terraform resource, which has the AWS provider's shape, and the core's arguments and settings.
//!
//! Two read bodies: poolform's provider, to which Terraform hands values, and the command, which finds blocks in files.

use std::collections::BTreeMap;

use poolform_value::{AttributePath, Diagnostic, Diagnostics, Segment, Subject, Value, from_json, to_json};
use serde_json::Value as Json;

use super::schema::{Attribute, Shape, attributes, names_the_pool};
use crate::argument::{Argument, Default, Kind as Type};
use crate::declaration::{Context, declare_alone};
use crate::kinds::Kind;
use crate::resource::Desired;

/// Whose resource it is: the names are the same, what stands for an absent attribute is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// `poolform_user_pool`: what is absent declares nothing.
    Poolform,
    /// `aws_cognito_user_pool`: some of what is absent in a block that is written has a value of the AWS provider's.
    Aws,
}

/// The value at a path of names whose outer parts are lists of one object. Null where there is none, unknown where one on
/// the way is.
pub fn get<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let mut at = value;
    for (position, name) in path.split('.').enumerate() {
        if position > 0 {
            at = match at.items() {
                Some(items) => items.first()?,
                None => at,
            };
        }
        if at.is_unknown() {
            return Some(at);
        }
        at = at.members()?.get(name)?;
    }
    Some(at)
}

/// What the AWS provider sends for an attribute that is absent: at the top, or in a block that is written.
fn provider_default(row: &Argument, body: &Value) -> Option<Value> {
    let written = match row.resource_path().rsplit_once('.') {
        Some((block, _)) => get(body, block).is_some_and(|block| block.items().is_some_and(|items| !items.is_empty())),
        None => true,
    };
    let default = Argument { default: row.provider_default, ..*row };
    (written && !matches!(row.provider_default, Default::Null)).then(|| default.default_value())
}

/// The arguments that a body gives, by the names of the rows.
fn given(rows: &'static [Argument], body: &Value, words: Words) -> BTreeMap<String, Value> {
    let mut arguments = BTreeMap::new();
    for row in rows.iter().filter(|row| !names_the_pool(row)) {
        let written = |path: &str| get(body, path).filter(|value| !value.is_null() && !path.is_empty());
        let Some(value) = written(row.resource_path()).or_else(|| written(row.resource_alias)) else {
            let default = provider_default(row, body).filter(|_| words == Words::Aws);
            arguments.extend(default.map(|default| (row.name.to_owned(), default)));
            continue;
        };
        let of = |item: &Value, inner| Value::object(given(inner, item, words)).at(item.span.clone());
        let argument = match (row.kind, value.items()) {
            (Type::Record(inner), Some(items)) => match items.first() {
                Some(item) => of(item, inner),
                None => continue,
            },
            (Type::Records(inner), Some(items)) => {
                Value::tuple(items.iter().map(|item| of(item, inner)).collect()).at(value.span.clone())
            }
            _ if !row.words.is_empty() && !value.is_unknown() => {
                let json = to_json(value).unwrap_or(Json::Null);
                from_json(&row.in_words(&json)).at(value.span.clone()).marked(value.sensitive)
            }
            _ => value.clone(),
        };
        arguments.insert(row.name.to_owned(), argument.marked(row.secret));
    }
    arguments
}

/// What a body declares for the resource at `address` of the pool at `pool`. Diagnostics name attributes of the resource.
pub fn declared(
    kind: &'static Kind,
    words: Words,
    (address, pool): (&str, &str),
    body: &Value,
    context: &Context,
) -> (Desired, Diagnostics) {
    let (mut desired, found) = declare_alone(kind, address, pool, &given(kind.arguments, body, words), context);
    for place in desired.places.values_mut() {
        *place = path_of(kind, place, words);
    }
    let mut diagnostics = Diagnostics::new();
    for mut diagnostic in found.0 {
        if let Some(Subject::Argument(address, path)) = &diagnostic.subject {
            let there = path_of(kind, path, words);
            // A name without an underscore is an English word too, and only here it is clear that the argument is meant.
            if let (Some(Segment::Attribute(old)), Some(Segment::Attribute(new))) =
                (path.segments.last(), there.segments.last())
                && !old.contains('_')
            {
                let (old, new) = (format!("The argument \"{old}\""), format!("The argument \"{new}\""));
                diagnostic.detail = diagnostic.detail.replacen(&old, &new, 1);
            }
            diagnostic.subject = Some(Subject::Argument(address.clone(), there));
        }
        diagnostic.detail = in_resource_words(&diagnostic.detail);
        diagnostics.push(diagnostic);
    }
    groups(&attributes(kind), body, &AttributePath::default(), address, &mut diagnostics);
    for row in kind.arguments.iter().filter(|row| !row.resource_alias.is_empty()) {
        let given = |path: &str| get(body, path).is_some_and(|value| !value.is_null());
        if given(row.resource_alias) && given(row.resource_path()) {
            let detail =
                format!("\"{}\" conflicts with {}. Give one of them.", row.resource_alias, row.resource_path());
            diagnostics.push(
                Diagnostic::error("Conflicting configuration arguments", detail)
                    .about(address, &AttributePath::argument(row.resource_alias)),
            );
        }
    }
    (desired, diagnostics)
}

/// Where an argument stands in the resource.
fn path_of(kind: &Kind, path: &AttributePath, words: Words) -> AttributePath {
    let (first, second) = (path.segments.first(), path.segments.get(1));
    let Some(Segment::Attribute(name)) = first else { return path.clone() };
    let Some(row) = kind.arguments.iter().find(|row| row.name == name || row.alias == name) else {
        return path.clone();
    };
    let mut found = resource_path(row);
    let rest = path.segments.get(1..).unwrap_or_default();
    match row.kind {
        // Terraform's sets have no elements with a place of their own; blocks in files have.
        Type::Records(_) | Type::Set if words == Words::Poolform => {}
        Type::Records(inner) => match (second, path.segments.get(2)) {
            (Some(Segment::Index(index)), Some(Segment::Attribute(name))) => {
                found = found.index(*index);
                let row = inner.iter().find(|row| row.name == name);
                found.segments.extend(row.map_or_else(|| rest[1..].to_vec(), |row| resource_path(row).segments));
            }
            _ => found.segments.extend(rest.iter().cloned()),
        },
        Type::Record(inner) => {
            if let Some(Segment::Attribute(name)) = second {
                let inner = inner.iter().find(|row| row.name == name);
                found = inner.map_or(found.clone(), |row| found.index(0).attribute(row.name));
            } else {
                found.segments.extend(rest.iter().cloned());
            }
        }
        _ => found.segments.extend(rest.iter().cloned()),
    }
    found
}

/// The path of a row in its resource.
fn resource_path(row: &Argument) -> AttributePath {
    let mut path = AttributePath::default();
    for (position, name) in row.resource_path().split('.').enumerate() {
        if position > 0 {
            path = path.index(0);
        }
        path = path.attribute(name);
    }
    path
}

/// The row whose value is the setting at `path`, and where it stands.
pub fn place_of_setting(kind: &'static Kind, path: &str) -> AttributePath {
    fn search(rows: &'static [Argument], path: &str) -> Option<AttributePath> {
        rows.iter().find_map(|row| {
            if row.api == path {
                return Some(resource_path(row));
            }
            let Type::Record(inner) = row.kind else { return None };
            let inner = search(inner, path)?;
            let mut found = resource_path(row).index(0);
            found.segments.extend(inner.segments);
            Some(found)
        })
    }
    search(kind.arguments, path).unwrap_or_default()
}

/// A text about arguments of the module in the words of resources: `allow_software_mfa_token` is
/// `software_token_mfa_configuration.enabled` there, and what lists parts is their resource.
pub fn in_resource_words(text: &str) -> String {
    let is_name = |each: char| each.is_ascii_alphanumeric() || each == '_' || each == '.';
    let mut told = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_name) {
        let end = rest[start..].find(|each| !is_name(each)).map_or(rest.len(), |end| start + end);
        // A full stop ends a sentence, and is no part of a name.
        let word = rest[start..end].trim_end_matches('.');
        told.push_str(&rest[..start]);
        told.push_str(&resource_word(word).unwrap_or_else(|| word.to_owned()));
        rest = &rest[start + word.len()..];
        let dots = rest.len() - rest.trim_start_matches('.').len();
        told.push_str(&rest[..dots]);
        rest = &rest[dots..];
    }
    told + rest
}

fn resource_word(word: &str) -> Option<String> {
    // Words that are English too are left alone.
    if !word.contains('_') {
        return None;
    }
    let list = crate::declaration::LISTS.iter().find(|(row, _)| row.name == word);
    let row = || crate::kinds::KINDS.iter().flat_map(|kind| kind.arguments).find(|row| row.name == word);
    match list {
        Some((_, kind)) => Some(super::aws_type(kind).to_owned()),
        None => row().filter(|row| !row.resource.is_empty()).map(|row| row.resource.to_owned()),
    }
}

/// A group is a list of one object, as the AWS provider's blocks are.
fn groups(attributes: &[Attribute], value: &Value, path: &AttributePath, address: &str, diagnostics: &mut Diagnostics) {
    for attribute in attributes {
        let (Shape::Group(inner), Some(items)) = (&attribute.shape, get(value, attribute.name).and_then(Value::items))
        else {
            continue;
        };
        let at = path.attribute(attribute.name);
        if items.len() > 1 {
            let detail = format!("{} has {} elements, and there can be one.", attribute.name, items.len());
            diagnostics.push(Diagnostic::error("Too many elements", detail).about(address, &at));
        }
        for item in items {
            groups(inner, item, &at.index(0), address, diagnostics);
        }
    }
    let missing = |name: &str| get(value, name).is_none_or(Value::is_null);
    let is_device = attributes.iter().any(|attribute| attribute.name == DEVICE_PROMPT);
    if is_device && missing(DEVICE_PROMPT) && !missing("challenge_required_on_new_device") {
        let detail = format!("Devices take a challenge only while they are tracked. Give {DEVICE_PROMPT} too.");
        diagnostics.push(
            Diagnostic::error("Challenge without tracking", detail)
                .about(address, &path.attribute("challenge_required_on_new_device")),
        );
    }
}

/// What tells whether devices are tracked.
const DEVICE_PROMPT: &str = "device_only_remembered_on_user_prompt";

#[cfg(test)]
mod tests {
    use super::in_resource_words;

    #[test]
    fn texts_are_told_in_the_words_of_resources() {
        let told = in_resource_words(
            "It needs allow_software_mfa_token = true or sms_configuration. Declare it in clients, or user_groups.",
        );
        assert_eq!(
            told,
            "It needs software_token_mfa_configuration.enabled = true or sms_configuration. Declare it in clients, or \
             aws_cognito_user_group."
        );
    }
}
