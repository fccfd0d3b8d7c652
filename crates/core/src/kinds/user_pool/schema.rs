//! The schema of a pool: declared entries, what Cognito has, and what of the difference can be done in place.

use poolform_model::Object;
use poolform_value::{Diagnostic, Diagnostics, Value};
use serde_json::{Value as Json, json};

use super::arguments;
use crate::decode::{Decoded, to_api};
use crate::plan::Siblings;
use crate::resource::Observed;
use crate::setting;

/// Standard attributes by name (recorded answers of DescribeUserPool, 2025).
pub const STANDARD_ATTRIBUTES: &[&str] = &[
    "profile",
    "address",
    "birthdate",
    "gender",
    "preferred_username",
    "updated_at",
    "website",
    "picture",
    "identities",
    "sub",
    "phone_number",
    "phone_number_verified",
    "zoneinfo",
    "locale",
    "email",
    "email_verified",
    "given_name",
    "family_name",
    "middle_name",
    "name",
    "nickname",
];

/// Attributes that no client can write: Cognito keeps them.
pub(crate) const KEPT_BY_COGNITO: &[&str] = &["sub", "email_verified", "phone_number_verified", "identities"];

pub(super) fn schema_entry(item: &Value) -> Json {
    let mut entry = crate::decode::record_to_api(arguments::SCHEMA, item);
    let number = |name: &str| -> Option<String> {
        let row = arguments::SCHEMA.iter().find(|row| row.name == name)?;
        let value = item.members()?.get(name)?;
        let json = to_api(row, value)?;
        (!json.is_null()).then(|| json.to_string())
    };
    match entry.get("AttributeDataType").and_then(Json::as_str) {
        Some("String") => {
            let least = number("min_length").unwrap_or_else(|| "0".to_owned());
            let most = number("max_length").unwrap_or_else(|| "2048".to_owned());
            entry.insert("StringAttributeConstraints".to_owned(), json!({"MinLength": least, "MaxLength": most}));
        }
        Some("Number") => {
            let mut limits = Object::new();
            limits.extend(number("min_value").map(|least| ("MinValue".to_owned(), json!(least))));
            limits.extend(number("max_value").map(|most| ("MaxValue".to_owned(), json!(most))));
            entry.insert("NumberAttributeConstraints".to_owned(), Json::Object(limits));
        }
        _ => {}
    }
    Json::Object(entry)
}

fn declared_entry<'s>(schema: &'s Json, name: &str) -> Option<&'s Json> {
    entries(schema).iter().find(|entry| entry["Name"] == bare_name(name))
}

/// Whether a new pool with the declared `schema` has an attribute of that full name.
pub(crate) fn attribute_exists(schema: &Json, name: &str) -> bool {
    let bare = bare_name(name);
    let custom = declared_entry(schema, name).filter(|_| !STANDARD_ATTRIBUTES.contains(&bare));
    STANDARD_ATTRIBUTES.contains(&name)
        || custom.is_some_and(|entry| {
            let prefix = if entry["DeveloperOnlyAttribute"] == json!(true) { "dev:custom:" } else { "custom:" };
            name.strip_prefix(prefix) == Some(bare)
        })
}

/// Whether clients of a new pool with the declared `schema` can read an attribute, and write it.
pub(crate) fn attribute_access(schema: &Json, name: &str) -> (bool, bool) {
    let entry = declared_entry(schema, name);
    let exists = attribute_exists(schema, name) && !name.starts_with("dev:");
    let mutable = entry.is_none_or(|entry| entry["Mutable"] != json!(false));
    (exists, exists && mutable && !KEPT_BY_COGNITO.contains(&name))
}

/// Standard attributes that every user of a new pool must have and that clients can write.
pub(crate) fn required_of_writers(schema: &Json) -> Vec<&str> {
    let required = entries(schema).iter().filter(|entry| entry["Required"] == json!(true));
    required.filter_map(|entry| entry["Name"].as_str()).filter(|name| attribute_access(schema, name).1).collect()
}

pub(super) fn check_schema(decoded: &Decoded, desired: &crate::Desired, diagnostics: &mut Diagnostics) {
    let items = decoded.get("schema_attributes").and_then(Value::items).unwrap_or_default();
    let base = desired.place("Schema");
    let mut seen: Vec<&str> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Some(members) = item.members() else { continue };
        let Some(name) = members.get("name").and_then(Value::as_str) else { continue };
        let at = base.index(index);
        let mut error = |detail: String, attribute: &str| {
            diagnostics.push(
                Diagnostic::error("Invalid schema attribute", detail).about(&desired.call, &at.attribute(attribute)),
            );
        };
        if seen.contains(&name) {
            error(format!("{} is declared twice.", desired.shown("Schema", format_args!("\"{name}\""))), "name");
        }
        seen.push(name);
        let expected = match name {
            "updated_at" => "Number",
            "email_verified" | "phone_number_verified" => "Boolean",
            _ => "String",
        };
        let ty = members.get("type").and_then(Value::as_str).unwrap_or_default();
        let standard = STANDARD_ATTRIBUTES.contains(&name);
        let raw = name;
        let name = desired.shown("Schema", format_args!("\"{name}\""));
        let flag = |name: &str| members.get(name).and_then(Value::as_bool).unwrap_or(false);
        if !standard && flag("required") {
            error(
                format!("{name} is a custom attribute; Cognito lets only standard attributes be required."),
                "required",
            );
        }
        let alias = setting::get(&desired.settings, "AliasAttributes").as_array();
        if raw == "preferred_username"
            && desired.decided(&["alias_attributes", "username_attributes"])
            && flag("required")
            && alias.is_some_and(|alias| alias.iter().any(|each| each == raw))
        {
            error(
                format!(
                    "{name} cannot be required while it is an alias; alias_attributes has it unless told otherwise."
                ),
                "required",
            );
        }
        if standard && flag("developer_only_attribute") {
            error(
                format!("{name} is a standard attribute; only custom ones can be developer-only."),
                "developer_only_attribute",
            );
        }
        if standard && ty != expected {
            error(format!("{name} is a standard attribute of type {expected}."), "type");
        }
        let number = |name: &str| members.get(name).and_then(Value::as_number).cloned();
        for (least, most) in [("min_length", "max_length"), ("min_value", "max_value")] {
            if let (Some(lower), Some(upper)) = (number(least), number(most))
                && lower > upper
            {
                error(format!("{least} of {name} is greater than {most}."), least);
            }
        }
    }
}

/// A schema entry's name without the prefixes that Cognito puts before custom ones: `custom:`, `dev:custom:`.
pub fn bare_name(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, bare)| bare)
}

/// Limits of an attribute: group, member, what stands for an absent one, and the argument.
const LIMITS: &[(&str, &str, &str, &str)] = &[
    ("StringAttributeConstraints", "MinLength", "0", "min_length"),
    ("StringAttributeConstraints", "MaxLength", "2048", "max_length"),
    ("NumberAttributeConstraints", "MinValue", "", "min_value"),
    ("NumberAttributeConstraints", "MaxValue", "", "max_value"),
];

/// What differs between an entry that is declared and the one that Cognito has: argument, what is there, what is
/// declared. A limit that is not declared is Cognito's own: of a standard attribute whatever it is (birthdate has 10
/// to 10), of a custom one the widest.
fn differences(desired: &Json, observed: &Json) -> Vec<(&'static str, String, String)> {
    let plain = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let mut found = Vec::new();
    for (member, argument) in [("AttributeDataType", "its type"), ("Mutable", "mutable"), ("Required", "required")] {
        if desired[member] != observed[member] {
            found.push((argument, plain(&observed[member]), plain(&desired[member])));
        }
    }
    // Cognito says it by the name as well.
    let for_developers = |entry: &Json| {
        entry["DeveloperOnlyAttribute"] == true || entry["Name"].as_str().is_some_and(|name| name.starts_with("dev:"))
    };
    if for_developers(desired) != for_developers(observed) {
        let flags = (for_developers(observed).to_string(), for_developers(desired).to_string());
        found.push(("developer_only_attribute", flags.0, flags.1));
    }
    let standard = desired["Name"].as_str().is_some_and(|name| STANDARD_ATTRIBUTES.contains(&name));
    for (group, member, default, argument) in LIMITS {
        let limit = |entry: &Json| entry[group][member].as_str().unwrap_or(default).to_owned();
        let (wanted, there) = (limit(desired), limit(observed));
        if wanted != there && !(standard && wanted == *default) {
            let shown = |limit: String| if limit.is_empty() { "none".to_owned() } else { limit };
            found.push((argument, shown(there), shown(wanted)));
        }
    }
    found
}

/// Whether an entry that is declared says the same as the one that Cognito has.
fn same_entry(desired: &Json, observed: &Json) -> bool {
    differences(desired, observed).is_empty()
}

fn entries(schema: &Json) -> &[Json] {
    schema.as_array().map_or(&[], Vec::as_slice)
}

fn find<'s>(schema: &'s Json, entry: &Json) -> Option<&'s Json> {
    let name = bare_name(entry["Name"].as_str().unwrap_or_default());
    let custom = !STANDARD_ATTRIBUTES.contains(&name);
    entries(schema).iter().find(|each| {
        let other = each["Name"].as_str().unwrap_or_default();
        bare_name(other) == name && custom == other.contains(':')
    })
}

/// The schema of a pool that gets the `declared` entries that it lacks, in the words of a declaration: without prefixes.
pub(crate) fn schema_with(there: &Json, declared: &Json) -> Json {
    let said = |entry: &Json| {
        let mut entry = entry.clone();
        let name = entry["Name"].as_str().unwrap_or_default().to_owned();
        if name.starts_with("dev:") {
            entry["DeveloperOnlyAttribute"] = json!(true);
        }
        entry["Name"] = json!(bare_name(&name));
        entry
    };
    let mut all: Vec<Json> = entries(there).iter().map(said).collect();
    all.extend(added_entries(declared, there));
    Json::Array(all)
}

/// What of a declared schema a pool lacks.
pub(crate) fn added_entries(desired: &Json, observed: &Json) -> Vec<Json> {
    schema_difference(desired, observed).0
}

/// What of a declared schema the pool lacks, and what differs from what it has.
pub(super) fn schema_difference(desired: &Json, observed: &Json) -> (Vec<Json>, Vec<(Json, Json)>) {
    let mut missing = Vec::new();
    let mut changed = Vec::new();
    for entry in entries(desired) {
        match find(observed, entry) {
            None => missing.push(entry.clone()),
            Some(there) if !same_entry(entry, there) => changed.push((entry.clone(), there.clone())),
            Some(_) => {}
        }
    }
    (missing, changed)
}

/// What of the schema cannot be done in place, in words: entries that differ, and entries that are no longer declared.
pub(crate) fn schema_refusals(desired: &Json, observed: &Json, was_declared: &[String]) -> Vec<String> {
    let (missing, changed) = schema_difference(desired, observed);
    let mut refusals: Vec<String> = changed
        .iter()
        .map(|(entry, there)| {
            let name = entry["Name"].as_str().unwrap_or_default();
            let what: Vec<String> = differences(entry, there)
                .into_iter()
                .map(|(argument, there, wanted)| format!("{argument} {there} -> {wanted}"))
                .collect();
            format!("The attribute \"{name}\" is there and cannot change: {}", what.join(", "))
        })
        .collect();
    for entry in &missing {
        let name = entry["Name"].as_str().unwrap_or_default();
        if STANDARD_ATTRIBUTES.contains(&name) {
            refusals.push(format!(
                "The attribute \"{name}\" is a standard one that this pool lacks, and only custom ones can be added"
            ));
        }
    }
    for name in was_declared {
        if !entries(desired).iter().any(|entry| entry["Name"].as_str() == Some(name))
            && !STANDARD_ATTRIBUTES.contains(&name.as_str())
        {
            refusals.push(format!(
                "The attribute \"{name}\" is no longer declared, and Cognito cannot remove an attribute"
            ));
        }
    }
    refusals
}

/// The names of custom attributes that are there and not declared.
pub(super) fn undeclared(desired: Option<&Json>, observed: &Json) -> Vec<String> {
    let declared = |name: &str| {
        let listed = desired.and_then(Json::as_array).into_iter().flatten();
        listed.into_iter().any(|entry| entry["Name"] == bare_name(name))
    };
    let names = entries(observed).iter().filter_map(|entry| entry["Name"].as_str());
    names.filter(|name| name.contains(':') && !declared(name)).map(str::to_owned).collect()
}

/// The entry of an attribute that is there, by its full name.
pub(crate) fn exactly<'p>(pool: Option<&'p Observed>, name: &str) -> Option<&'p Json> {
    setting::get(&pool?.settings, "Schema").as_array()?.iter().find(|entry| entry["Name"] == name)
}

/// The schema that the pool of a part will have, in the words of a declaration; None where it is not known.
pub(crate) fn schema_of(siblings: &Siblings<'_>) -> Option<Json> {
    let declared = siblings.declared_pool().map_or(&Json::Null, |pool| setting::get(&pool.settings, "Schema"));
    let there = siblings.pool.map(|pool| setting::get(&pool.settings, "Schema"));
    match there {
        None => Some(declared.clone()),
        Some(there) if setting::is_empty(there) => None,
        Some(there) => Some(schema_with(there, declared)),
    }
}
