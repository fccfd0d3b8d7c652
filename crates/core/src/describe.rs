//! From what Cognito has to the module call that declares it: only what differs from the defaults.

use std::fmt::Write as _;

use poolform_model::Object;
use poolform_value::to_json;
use serde_json::{Value as Json, json};

use crate::address::within;
use crate::argument::{Argument, Default, Kind as Type};
use crate::change::{SettingChange, Why, argument_name, equal, leaves, said};
use crate::kinds::{Kind, is_secret_key};
use crate::resource::{Desired, Form, Observed, quoted};
use crate::setting;

/// Arguments in the order of the rows.
pub type Arguments = Vec<(&'static str, Json)>;

/// The arguments of one resource that lead to what is there: those whose default would not.
pub fn describe(kind: &'static Kind, observed: &Observed) -> Arguments {
    let mut arguments = Vec::new();
    for row in kind.arguments.iter().filter(|row| !row.only_in_resource) {
        if let Some(value) = argument(kind, row, &observed.settings) {
            arguments.push((row.name, value));
        }
    }
    arguments
}

/// Settings that no argument of the module declares: path and value. They stay as they are.
pub fn beyond(kind: &'static Kind, observed: &Observed) -> Vec<(String, Json)> {
    beyond_rows(kind, &kind.module_settings(), observed)
}

fn beyond_rows(kind: &'static Kind, rows: &[&'static Argument], observed: &Observed) -> Vec<(String, Json)> {
    let covered = |path: &str, value: &Json| {
        rows.iter().any(|row| within(path, row.api))
            || is_the_services(kind, path, value)
            || kind.identity.iter().any(|(member, _)| path == *member)
    };
    leaves(&observed.settings)
        .into_iter()
        .filter(|(path, value)| !setting::is_empty(value) && !covered(path, value))
        .collect()
}

/// Everything that is there although `desired` says nothing about it, and that Cognito does not have by itself: settings
/// that no argument declares, settings whose argument is not given, keys of maps and attributes that are somebody else's.
/// What is found is the old value; it stays.
pub fn undeclared(kind: &'static Kind, desired: &Desired, observed: &Observed) -> Vec<SettingChange> {
    let found = |path: &str, key: Option<&str>, argument: String, value: &Json| SettingChange {
        path: path.to_owned(),
        key: key.map(str::to_owned),
        argument,
        old: value.clone(),
        new: Json::Null,
        secret: key.is_some_and(is_secret_key) || desired.hides(path),
        why: Why::Declared,
    };
    let added = kind.rules.for_a_new_one(&desired.settings);
    let mut all: Vec<SettingChange> = Vec::new();
    let named = |row: &Argument| argument_name(desired, row);
    // What only resources have is no argument of a call.
    let rows = if desired.form == Form::Resource { kind.settings() } else { kind.module_settings() };
    for row in rows.iter().filter(|row| !row.write_only) {
        let there = setting::get(&observed.settings, row.api);
        let wanted = said(&desired.settings, row.api);
        if let Some(elements) = kind.rules.undeclared_elements(row.api, wanted, there) {
            all.extend(elements.iter().map(|element| found(row.api, None, named(row), &json!(element))));
            continue;
        }
        match row.kind {
            Type::Map => {
                let own = |key: &str| {
                    kind.derives(&observed.settings, row.api, key)
                        || wanted.is_some_and(|wanted| wanted.get(key).is_some())
                };
                let entries = there.as_object().into_iter().flatten().filter(|(key, _)| !own(key));
                all.extend(
                    entries.map(|(key, value)| {
                        found(row.api, Some(key), format!("{}[{}]", named(row), quoted(key)), value)
                    }),
                );
            }
            // What poolform itself gives a new pool, and says so.
            _ if added.iter().any(|(path, value, _)| row.api == *path && there == value) => {}
            // Nobody can have changed it since the pool was made.
            _ if !row.immutable.is_empty() || wanted.is_some() || setting::is_empty(there) => {}
            _ if equal(kind, row, &Kind::unset_value(row), there) || is_the_services(kind, row.api, there) => {}
            _ => all.push(found(row.api, None, named(row), there)),
        }
    }
    let beyond = beyond_rows(kind, &rows, observed).into_iter();
    all.extend(beyond.map(|(path, value)| found(&path, None, path.clone(), &value)));
    all
}

/// Members that Cognito fills in: those that are its own whatever they say, and the values that everything has by itself
/// (recorded answers in fixtures/recorded; API pages of CreateUserPool and CreateUserPoolClient).
const OF_THE_SERVICE: &[(&str, &[&str])] = &[
    ("Id", &[]),
    ("Arn", &[]),
    ("CreationDate", &[]),
    ("LastModifiedDate", &[]),
    ("EstimatedNumberOfUsers", &[]),
    ("Domain", &[]),
    ("CustomDomain", &[]),
    ("Status", &[]),
    ("MfaConfig.SmsMfaConfiguration", &[]),
    ("SmsConfigurationFailure", &[]),
    ("EmailConfigurationFailure", &[]),
    ("AWSAccountId", &[]),
    ("S3Bucket", &[]),
    ("CloudFrontDistribution", &[]),
    ("Version", &[]),
    ("UserPoolId", &[]),
    ("MfaConfig.WebAuthnConfiguration.FactorConfiguration", &["\"SINGLE_FACTOR\""]),
    ("Policies.SignInPolicy.AllowedFirstAuthFactors", &["[\"PASSWORD\"]"]),
    ("KeyConfiguration.KeyType", &["\"AWS_OWNED_KEY\""]),
    ("IssuerConfiguration.Type", &["\"ORIGINAL\""]),
    ("LambdaConfig.PreTokenGenerationConfig.LambdaVersion", &["\"V1_0\""]),
    ("AuthSessionValidity", &["3"]),
    ("EnablePropagateAdditionalUserContextData", &["false"]),
    ("ManagedLoginVersion", &["1"]),
];

/// Whether a value is Cognito's own.
fn is_the_services(kind: &Kind, path: &str, value: &Json) -> bool {
    let text = value.to_string();
    kind.rules.is_twin(path)
        || OF_THE_SERVICE
            .iter()
            .any(|(known, values)| within(path, known) && (values.is_empty() || values.contains(&text.as_str())))
}

fn argument(kind: &'static Kind, row: &'static Argument, settings: &Object) -> Option<Json> {
    if let Some(special) = kind.rules.describe(row.name, settings) {
        return special;
    }
    if let Type::Record(inner) = row.kind {
        let members: Object = inner
            .iter()
            .filter_map(|row| Some((row.name.to_owned(), given(row, setting::get(settings, row.api))?)))
            .collect();
        return (!members.is_empty()).then_some(Json::Object(members));
    }
    if row.api.is_empty() || row.api == "UserPoolId" {
        return None;
    }
    let there = setting::get(settings, row.api);
    let default = to_json(&row.default_value()).unwrap_or(Json::Null);
    if !matches!(row.default, Default::Required) && equal(kind, row, &default, there) {
        return None;
    }
    // Absent although the default would declare it: null declares nothing.
    Some(given(row, there).unwrap_or(Json::Null))
}

/// A value of the API as its argument would be written; None where there is none.
pub(crate) fn given(row: &Argument, there: &Json) -> Option<Json> {
    if there.is_null() || setting::is_empty(there) && !there.is_string() && !row.json {
        return None;
    }
    Some(match (row.kind, there) {
        (Type::Records(inner), Json::Array(items)) => Json::Array(
            items
                .iter()
                .filter_map(Json::as_object)
                .map(|item| {
                    Json::Object(
                        inner
                            .iter()
                            .filter_map(|row| Some((row.name.to_owned(), given(row, setting::get(item, row.api))?)))
                            .collect(),
                    )
                })
                .collect(),
        ),
        (Type::Set, there) => setting::sorted(there),
        _ if row.json => json!(there.to_string()),
        _ => row.in_words(there),
    })
}

/// What tells one from its siblings as the module would register it: another spelling is the same, and keeps it.
pub fn registered_key(kind: &Kind, observed: &Observed) -> String {
    kind.registered_name(setting::get(&observed.settings, kind.key).as_str().unwrap_or_default())
}

/// A value as an expression of Terraform's language, over as many lines as it takes.
pub fn expression(value: &Json, depth: usize) -> String {
    let indent = "  ".repeat(depth + 1);
    let close = "  ".repeat(depth);
    match value {
        Json::String(text) => quoted(text),
        Json::Array(items) if items.iter().all(|item| !item.is_object()) => {
            let items: Vec<String> = items.iter().map(|item| expression(item, depth)).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Array(items) => {
            let lines = items.iter().fold(String::new(), |mut text, item| {
                let _ = writeln!(text, "{indent}{},", expression(item, depth + 1));
                text
            });
            format!("[\n{lines}{close}]")
        }
        Json::Object(members) if members.is_empty() => "{}".to_owned(),
        Json::Object(members) => {
            let names: Vec<String> = members.keys().map(|name| key(name)).collect();
            let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
            let lines = names.iter().zip(members.values()).fold(String::new(), |mut text, (name, member)| {
                let _ = writeln!(text, "{indent}{name:width$} = {}", expression(member, depth + 1));
                text
            });
            format!("{{\n{lines}{close}}}")
        }
        other => other.to_string(),
    }
}

fn key(name: &str) -> String {
    let plain = name.starts_with(|each: char| each.is_ascii_alphabetic() || each == '_')
        && name.chars().all(|each| each.is_ascii_alphanumeric() || "_-".contains(each));
    if plain { name.to_owned() } else { quoted(name) }
}
