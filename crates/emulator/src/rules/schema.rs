//! Attributes of a pool's users: the standard ones, custom ones, AddCustomAttributes.
//!
//! API: SchemaAttributeType, AddCustomAttributes. An attribute that exists cannot be changed or removed (service rules
//! C3): CreateUserPool declares, AddCustomAttributes adds, nothing else touches them.

use std::collections::BTreeSet;

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::members::Members;
use crate::forms::refusal::{
    Answer, CUSTOM_REQUIRED, CUSTOM_TWICE, CUSTOM_TYPE, LENGTHS_CROSSED, NO_NAME, NOT_A_NUMBER, STANDARD_TWICE,
    STANDARD_TYPE, VALUES_CROSSED,
};

/// Limits of a standard attribute.
enum Limits {
    /// Least and greatest length.
    Length(&'static str, &'static str),
    /// Least value.
    From(&'static str),
    /// An empty object: `identities` only.
    Open,
    None,
}

/// The standard attributes in the service's order since 2025 [DescribeUserPool.2025-05.essentials.console]: name, type,
/// limits. All are mutable and none is required, but for `sub`.
const STANDARD: &[(&str, &str, Limits)] = &[
    ("profile", "String", Limits::Length("0", "2048")),
    ("address", "String", Limits::Length("0", "2048")),
    ("birthdate", "String", Limits::Length("10", "10")),
    ("gender", "String", Limits::Length("0", "2048")),
    ("preferred_username", "String", Limits::Length("0", "2048")),
    ("updated_at", "Number", Limits::From("0")),
    ("website", "String", Limits::Length("0", "2048")),
    ("picture", "String", Limits::Length("0", "2048")),
    ("identities", "String", Limits::Open),
    ("sub", "String", Limits::Length("1", "2048")),
    ("phone_number", "String", Limits::Length("0", "2048")),
    ("phone_number_verified", "Boolean", Limits::None),
    ("zoneinfo", "String", Limits::Length("0", "2048")),
    ("locale", "String", Limits::Length("0", "2048")),
    ("email", "String", Limits::Length("0", "2048")),
    ("email_verified", "Boolean", Limits::None),
    ("given_name", "String", Limits::Length("0", "2048")),
    ("family_name", "String", Limits::Length("0", "2048")),
    ("middle_name", "String", Limits::Length("0", "2048")),
    ("name", "String", Limits::Length("0", "2048")),
    ("nickname", "String", Limits::Length("0", "2048")),
];

/// Attributes that clients can never write: the service keeps them.
pub(crate) const KEPT_BY_SERVICE: &[&str] = &["sub", "email_verified", "phone_number_verified", "identities"];

/// Whether it is a standard attribute.
fn is_standard(name: &str) -> bool {
    STANDARD.iter().any(|(standard, ..)| *standard == name)
}

fn standard((name, kind, limits): &(&str, &str, Limits)) -> Object {
    let mut attribute = Object::new();
    attribute.insert("Name".to_owned(), json!(name));
    attribute.insert("AttributeDataType".to_owned(), json!(kind));
    attribute.insert("DeveloperOnlyAttribute".to_owned(), json!(false));
    attribute.insert("Mutable".to_owned(), json!(*name != "sub"));
    attribute.insert("Required".to_owned(), json!(*name == "sub"));
    let (member, limits) = match limits {
        Limits::Length(least, most) => ("StringAttributeConstraints", json!({"MinLength": least, "MaxLength": most})),
        Limits::From(least) => ("NumberAttributeConstraints", json!({"MinValue": least})),
        Limits::Open => ("StringAttributeConstraints", json!({})),
        Limits::None => return attribute,
    };
    attribute.insert(member.to_owned(), limits);
    attribute
}

/// The pool's attributes from what CreateUserPool declares: standard ones in the fixed order, then custom ones in the
/// order of the request.
pub(crate) fn attributes(declared: &[Json]) -> Answer<Vec<Json>> {
    let mut names = BTreeSet::new();
    let mut customs = Vec::new();
    let mut overlays: Vec<&Object> = Vec::new();
    for entry in declared.iter().filter_map(Json::as_object) {
        let Some(name) = entry.text("Name") else { return NO_NAME.refuse() };
        let is_standard = is_standard(name);
        if !names.insert(name) {
            let words = if is_standard { &STANDARD_TWICE } else { &CUSTOM_TWICE };
            return Err(words.with(&[name]));
        }
        if is_standard {
            overlays.push(entry);
        } else {
            customs.push(Json::Object(custom(entry, name)?));
        }
    }
    let mut all = Vec::with_capacity(STANDARD.len() + customs.len());
    for row in STANDARD {
        let mut attribute = standard(row);
        if let Some(entry) = overlays.iter().find(|entry| entry.text("Name") == Some(row.0)) {
            overlay(&mut attribute, entry, row)?;
        }
        all.push(Json::Object(attribute));
    }
    all.extend(customs);
    Ok(all)
}

/// A declared standard attribute keeps its place and takes over what was declared [CreateUserPool.2020-07.excerpt].
fn overlay(attribute: &mut Object, entry: &Object, (name, kind, _): &(&str, &str, Limits)) -> Answer<()> {
    if entry.text("AttributeDataType").is_some_and(|given| given != *kind)
        || entry.flag("DeveloperOnlyAttribute") == Some(true)
    {
        return Err(STANDARD_TYPE.with(&[name]));
    }
    check_limits(name, entry)?;
    let own = match *kind {
        "String" => Some("StringAttributeConstraints"),
        "Number" => Some("NumberAttributeConstraints"),
        _ => None,
    };
    for member in ["Mutable", "Required"].into_iter().chain(own) {
        if let Some(value) =
            entry.member(member).filter(|value| value.as_object().is_none_or(|limits| !limits.is_empty()))
        {
            attribute.insert(member.to_owned(), value.clone());
        }
    }
    Ok(())
}

/// `custom:NAME`, or `dev:custom:NAME` for an attribute that only developers may touch.
fn full_name(entry: &Object, name: &str) -> String {
    let prefix = if entry.flag("DeveloperOnlyAttribute") == Some(true) { "dev:custom:" } else { "custom:" };
    format!("{prefix}{name}")
}

/// A custom attribute as answers show it.
pub(crate) fn custom(entry: &Object, name: &str) -> Answer<Object> {
    let Some(kind) = entry.text("AttributeDataType") else { return CUSTOM_TYPE.refuse() };
    if entry.flag("Required") == Some(true) {
        return CUSTOM_REQUIRED.refuse();
    }
    let full_name = full_name(entry, name);
    check_limits(&full_name, entry)?;
    let mut attribute = Object::new();
    attribute.insert("Name".to_owned(), json!(full_name));
    attribute.insert("AttributeDataType".to_owned(), json!(kind));
    attribute
        .insert("DeveloperOnlyAttribute".to_owned(), json!(entry.flag("DeveloperOnlyAttribute").unwrap_or_default()));
    // The default of Mutable is not recorded; true is what other emulators answer.
    attribute.insert("Mutable".to_owned(), json!(entry.flag("Mutable").unwrap_or(true)));
    attribute.insert("Required".to_owned(), json!(false));
    // Terraform's documents: without limits, text and number attributes come back with an empty object of them.
    let limits = match kind {
        "String" => "StringAttributeConstraints",
        "Number" => "NumberAttributeConstraints",
        _ => return Ok(attribute),
    };
    attribute.insert(limits.to_owned(), entry.member(limits).cloned().unwrap_or_else(|| json!({})));
    Ok(attribute)
}

/// Limits are text, whole numbers, and not crossed.
fn check_limits(name: &str, entry: &Object) -> Answer<()> {
    for (member, least, most, crossed) in [
        ("StringAttributeConstraints", "MinLength", "MaxLength", &LENGTHS_CROSSED),
        ("NumberAttributeConstraints", "MinValue", "MaxValue", &VALUES_CROSSED),
    ] {
        let Some(limits) = entry.object(member) else { continue };
        let number = |limit: &str| -> Answer<Option<i64>> {
            match limits.text(limit).filter(|text| !text.is_empty()) {
                None => Ok(None),
                Some(text) => match text.parse() {
                    Ok(number) => Ok(Some(number)),
                    Err(_) => Err(NOT_A_NUMBER.with(&[name, text])),
                },
            }
        };
        if let (Some(least), Some(most)) = (number(least)?, number(most)?)
            && least > most
        {
            return Err(crossed.with(&[name]));
        }
    }
    Ok(())
}

/// How many custom attributes there are.
pub(crate) fn count_custom(attributes: &[Json]) -> u64 {
    attributes.iter().filter(|attribute| attribute.text("Name").is_some_and(|name| !is_standard(name))).count() as u64
}
