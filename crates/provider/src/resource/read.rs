//! From what Cognito has to a state: what a state says is kept where it means the same.

use std::collections::BTreeSet;

use poolform_apply::{LookError, observe};
use poolform_core::argument::Kind as Type;
use poolform_core::kinds::{self, Kind};
use poolform_core::{Alone, Observed, Recorded};
use poolform_value::{Value, from_json};
use serde_json::{Value as Json, json};

use super::merge::{Merge, has_one, merge};
use super::{Private, declared, differing, id_of, recorded, schema_shown, stores_secret};
use crate::configuration::Connection;
use crate::schema::{Attribute, POOL_ID, Shape, attributes, own_default};

/// What a look brought.
pub enum Read {
    /// It is there: its state, and what Terraform keeps beside it.
    There(Value, Private),
    /// It is gone.
    Gone,
}

/// Looks at one resource.
pub fn look(connection: &Connection, recorded: Recorded) -> Result<Option<Observed>, LookError> {
    let address = Alone::address(poolform_core::kinds::kind(&recorded.kind).unwrap_or(kinds::pool()));
    let asked = [(address.clone(), recorded)].into_iter().collect();
    observe(&*connection.cognito, &asked, 1).map(|mut seen| seen.remove(&address))
}

/// What became of a resource that a state remembers.
pub fn read(kind: &'static Kind, state: &Value, private: &Private, connection: &Connection) -> Result<Read, LookError> {
    let recorded = recorded(kind, state, private);
    let Some(observed) = look(connection, recorded)? else { return Ok(Read::Gone) };
    Ok(if private.imported {
        let (state, private) = imported(kind, &observed, connection);
        Read::There(state, private)
    } else {
        Read::There(seen(kind, state, private, &observed, connection), private.clone())
    })
}

/// Everything that there is, as attributes.
pub(super) fn present(
    kind: &'static Kind,
    observed: &Observed,
    schema: &Json,
    tags: &Json,
    connection: &Connection,
) -> Value {
    let mut shown =
        connection.endpoints(|endpoints| poolform_core::attributes(kind, observed, schema, tags, endpoints));
    // A domain is imported without its pool, so what names it is read from the answer too.
    let identity = kind
        .identity
        .iter()
        .filter_map(|(member, path)| Some(((*member).to_owned(), observed.answer.get(*path)?.as_str()?.to_owned())))
        .collect();
    shown.insert("id".to_owned(), json!(id_of(kind, &identity)));
    if kind.has_secret() {
        shown.insert("client_secret".to_owned(), observed.answer.get("ClientSecret").cloned().unwrap_or(Json::Null));
    }
    from_json(&Json::Object(shown))
}

/// The state of something that was only known by its id, all of it taken as declared where keys of maps are concerned.
pub fn imported(kind: &'static Kind, observed: &Observed, connection: &Connection) -> (Value, Private) {
    let mut observed = observed.clone();
    let mut private = Private::default();
    for row in kind.settings().into_iter().filter(|row| matches!(row.kind, Type::Map)) {
        let there = observed.settings.entry(row.api.to_owned()).or_insert_with(|| json!({}));
        let Some(entries) = there.as_object_mut() else { continue };
        let of_provider = |key: &str, value: &Json| {
            row.api == "UserPoolTags" && connection.default_tags.get(key).map(String::as_str) == value.as_str()
        };
        let derived = |key: &str| kind.derives(&observed.answer, row.api, key);
        entries.retain(|key, value| !derived(key) && !of_provider(key, value));
        private.keys.insert(row.api.to_owned(), entries.keys().cloned().collect::<BTreeSet<_>>());
    }
    let tags = observed.settings.get("UserPoolTags").cloned().unwrap_or(Json::Null);
    let state = present(kind, &observed, &schema_shown(&observed, None), &tags, connection);
    let mut state = super::conform(&attributes(kind), &state);
    if let poolform_value::Content::Object(members) = &mut state.content {
        // Without entries it is an empty map, which is also what the module configures for none.
        for row in kind.arguments.iter().filter(|row| matches!(row.kind, Type::Map)) {
            let empty = members.get(row.resource_path()).is_some_and(Value::is_null);
            if empty {
                members.insert(row.resource_path().to_owned(), Value::object::<String>([]));
            }
        }
        for attribute in attributes(kind) {
            if attribute.name != POOL_ID && matches!(attribute.shape, Shape::Own(_)) {
                members.insert(attribute.name.to_owned(), own_default(attribute.name).into());
            }
        }
    }
    (state, private)
}

struct Seen {
    differing: BTreeSet<String>,
}

impl Merge for Seen {
    fn leaf(&self, attribute: &Attribute, old: &Value, new: &Value) -> Value {
        match &attribute.shape {
            Shape::Own(_) => old.clone(),
            // A pool keeps its account; moto answers another one each time.
            Shape::Computed(_) if attribute.name == "aws_account_id" && !old.is_null() => old.clone(),
            Shape::Computed(_) => new.clone(),
            Shape::Row(row, _) | Shape::Records(row, _) => {
                if matches!(row.kind, Type::Map) {
                    return entries(old, new);
                }
                if !old.is_null() && !self.differing.contains(row.api) { old.clone() } else { new.clone() }
            }
            Shape::Group(_) => Value::null(),
        }
    }

    fn group(&self, _: &Attribute, _: &[Attribute], old: &Value, new: &Value) -> Option<Value> {
        match () {
            () if old.is_null() => Some(new.clone()),
            () if !has_one(old) => Some(old.clone()),
            () => None,
        }
    }
}

/// Of a map, the keys that a state has: others are somebody else's.
fn entries(old: &Value, new: &Value) -> Value {
    let Some(members) = old.members() else { return old.clone() };
    let there = new.members();
    let value = |key: &String| there.and_then(|there| there.get(key)).cloned();
    Value::object(members.keys().filter_map(|key| Some((key.clone(), value(key)?))))
}

/// The state after a look.
pub fn seen(
    kind: &'static Kind,
    state: &Value,
    private: &Private,
    observed: &Observed,
    connection: &Connection,
) -> Value {
    let (was, _) = declared(kind, state, &connection.context());
    let how = Seen { differing: differing(kind, &was, observed) };
    let tags = observed.settings.get("UserPoolTags").cloned().unwrap_or(Json::Null);
    let schema = schema_shown(observed, private.keys.get("Schema"));
    let now = super::conform(&attributes(kind), &present(kind, observed, &schema, &tags, connection));
    let mut merged = merge(&attributes(kind), state, &now, &how);
    keep_secret_out(kind, state, &mut merged);
    merged
}

/// A client's secret stays out of a state that must not have it.
pub fn keep_secret_out(kind: &Kind, state: &Value, merged: &mut Value) {
    if kind.has_secret()
        && !stores_secret(state)
        && let poolform_value::Content::Object(members) = &mut merged.content
    {
        members.insert("client_secret".to_owned(), Value::null());
    }
}
