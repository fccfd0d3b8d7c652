//! A resource: between Terraform's values, which have the AWS provider's shape, and the core's arguments and settings.

mod apply;
mod merge;
mod plan;
mod read;

use std::collections::{BTreeMap, BTreeSet};

pub use apply::{Work, apply, judge_removal};
pub use plan::plan;
use poolform_core::argument::Argument;
use poolform_core::kinds::{Kind, user_pool};
use poolform_core::plan::call_of;
use poolform_core::terraform::block;
pub use poolform_core::terraform::block::{get, place_of_setting};
pub use poolform_core::terraform::{aws_type as source_type, id as id_of, identity_of_import, import_id};
use poolform_core::{Alone, Context, Desired, Observed, Recorded, compare, fingerprint, setting};
use poolform_model::Object;
use poolform_value::{Content, Diagnostics, Severity, Value, from_json, to_json};
pub use read::{Read, imported, look, read};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::schema::{self, Attribute, Shape, attribute_of, names_the_pool, pool_attribute};

/// What Terraform keeps for us beside the state: what was declared, by which a setting that is no longer declared is told
/// from one that never was. Never a value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Private {
    /// Paths of settings.
    #[serde(default)]
    pub declared: BTreeSet<String>,
    /// Keys in settings that are maps.
    #[serde(default)]
    pub keys: BTreeMap<String, BTreeSet<String>>,
    /// Whether the state has only an id yet, so that a read takes in all that is there.
    #[serde(default)]
    pub imported: bool,
}

impl Private {
    /// From the bytes that Terraform kept; nothing where it kept none.
    pub fn read(bytes: &[u8]) -> Private {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// For Terraform to keep.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// The text of an attribute.
pub fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.members()?.get(name)?.as_str()
}

/// Whether an attribute is true.
pub fn is_true(value: &Value, name: &str) -> bool {
    value.members().and_then(|members| members.get(name)).and_then(Value::as_bool).unwrap_or(false)
}

/// What a configuration or a state declares. Diagnostics name attributes of the resource.
pub fn declared(kind: &'static Kind, value: &Value, context: &Context) -> (Desired, Diagnostics) {
    let address = Alone::address(kind);
    block::declared(kind, block::Words::Poolform, (&address, call_of(&address)), value, context)
}

/// What Cognito has, as far as a state tells: enough to compare with, not to send back.
pub fn seen_in_state(kind: &'static Kind, state: &Value, context: &Context) -> Observed {
    let mut settings = declared(kind, state, context).0.settings;
    let text = |name: &str| json!(text(state, name).unwrap_or_default());
    let mut answer = Object::new();
    if kind.is_pool() {
        let tags = get(state, "tags_all").and_then(to_json).unwrap_or(Json::Null);
        settings.insert("UserPoolTags".to_owned(), tags);
        for entry in settings.get_mut("Schema").and_then(Json::as_array_mut).into_iter().flatten() {
            let name = entry["Name"].as_str().unwrap_or_default();
            if !user_pool::STANDARD_ATTRIBUTES.contains(&name) {
                let prefix = if entry["DeveloperOnlyAttribute"] == json!(true) { "dev:custom:" } else { "custom:" };
                entry["Name"] = json!(format!("{prefix}{name}"));
            }
        }
        answer.insert("Id".to_owned(), text("id"));
        let users = get(state, "estimated_number_of_users").and_then(to_json).unwrap_or(Json::Null);
        answer.insert("EstimatedNumberOfUsers".to_owned(), users);
    } else {
        let members = kind.identity.iter().map(|(member, _)| *member);
        answer.extend(members.map(|member| (member.to_owned(), text(attribute_of(kind, member)))));
    }
    Observed { settings, answer, users: None }
}

/// The members that name a resource in requests, from its state.
pub fn identity(kind: &Kind, state: &Value) -> BTreeMap<String, String> {
    kind.identity
        .iter()
        .filter_map(|(member, _)| Some(((*member).to_owned(), text(state, attribute_of(kind, member))?.to_owned())))
        .collect()
}

/// What the core's state would remember of a resource.
pub fn recorded(kind: &Kind, state: &Value, private: &Private) -> Recorded {
    Recorded {
        kind: kind.name.to_owned(),
        identity: identity(kind, state),
        declared: private.declared.clone(),
        keys: private.keys.clone(),
        ..Recorded::default()
    }
}

/// Settings that differ between what a state says and what Cognito has.
fn differing(kind: &'static Kind, state: &Desired, observed: &Observed) -> BTreeSet<String> {
    // What no answer shows is what was sent.
    let rows = kind.settings().into_iter().filter(|row| row.fingerprinted);
    let sent = |row: &Argument| {
        let value = Some(setting::get(&state.settings, row.api)).filter(|value| !value.is_null())?;
        Some((row.api.to_owned(), BTreeSet::from([fingerprint(value)])))
    };
    let remembered = Recorded { keys: rows.filter_map(sent).collect(), ..Recorded::default() };
    let found = compare(kind, state, &remembered, observed);
    let changes = found.changes.into_iter().map(|change| change.path);
    changes.chain(found.refusals.into_iter().map(|(path, _)| path)).collect()
}

/// What is wrong with a configuration by itself.
pub fn validate(kind: &'static Kind, configuration: &Value) -> Diagnostics {
    let mut diagnostics = declared(kind, configuration, &Context::default()).1;
    // Plans say the warnings, once everything is known.
    diagnostics.0.retain(|diagnostic| diagnostic.severity == Severity::Error);
    diagnostics
}

/// A value with every attribute of the resource and no other, null where it has none.
pub fn conform(attributes: &[Attribute], value: &Value) -> Value {
    if value.is_null() || value.is_unknown() {
        return value.clone();
    }
    let elements = |inner: &[Attribute], value: &Value| match value.items() {
        Some(items) => Value::tuple(items.iter().map(|item| conform(inner, item)).collect()),
        None => value.clone(),
    };
    Value::object(attributes.iter().map(|attribute| {
        let found = get(value, attribute.name).cloned().unwrap_or_else(Value::null);
        let found = match &attribute.shape {
            Shape::Group(inner) | Shape::Records(_, inner) => elements(inner, &found),
            _ => found,
        };
        (attribute.name, found)
    }))
}

/// A setting of a change in the words of its attribute, which are the API's. Plans for people have the argument's.
fn shown(row: &Argument, value: &Json) -> Value {
    let text = value.to_string();
    let api = row.words.iter().find(|(_, word)| *word == text).and_then(|(api, _)| serde_json::from_str(api).ok());
    from_json(&api.unwrap_or_else(|| value.clone()))
}

fn unknown() -> Value {
    Content::Unknown(poolform_value::Type::Any, None).into()
}

/// The rows of a kind by the path of their setting.
fn is_key(kind: &Kind, path: &str) -> bool {
    kind.identity.iter().any(|(member, _)| *member == path)
}

/// The settings of a schema that a state shows: those that are declared, and custom ones.
fn schema_shown(observed: &Observed, declared: Option<&BTreeSet<String>>) -> Json {
    let entries = setting::get(&observed.settings, "Schema").as_array().cloned().unwrap_or_default();
    let shown = |entry: &Json| {
        let name = entry["Name"].as_str().unwrap_or_default();
        name.contains(':')
            || (entry["Required"] == json!(true) && name != "sub")
            || declared.is_some_and(|declared| declared.contains(name))
    };
    Json::Array(entries.into_iter().filter(shown).collect())
}

/// Whether Terraform may know a client's secret.
fn stores_secret(value: &Value) -> bool {
    get(value, schema::STORE_SECRET).and_then(Value::as_bool).unwrap_or(true)
}

/// A state with nothing but what names the resource.
pub fn state_of_identity(kind: &Kind, identity: &BTreeMap<String, String>) -> Value {
    let mut members = vec![("id".to_owned(), Value::from(id_of(kind, identity)))];
    for (member, value) in identity {
        let row = kind.arguments.iter().find(|row| row.api == member && !names_the_pool(row));
        let name = match row {
            Some(row) => row.resource_path(),
            None if member == "UserPoolId" => pool_attribute(kind),
            None => "id",
        };
        members.push((name.to_owned(), value.as_str().into()));
    }
    Value::object(members)
}
