//! What differs between what is declared and what Cognito has, setting by setting.

use std::collections::{BTreeMap, BTreeSet};

use poolform_model::Object;
use poolform_value::AttributePath;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::Digest;

use crate::address::{call_of, within};
use crate::argument::{Argument, Kind as Type, Reset};
use crate::kinds::{self, Kind, is_secret_key};
use crate::resource::{Address, Desired, Form, Observed, Recorded, quoted};
use crate::setting;

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It goes and another takes its place.
    Replace,
    /// It goes.
    Delete,
    /// It is forgotten: it is no longer there.
    Forget,
}

/// Why a setting changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The files say so.
    Declared,
    /// It was declared once and is no longer: Cognito's default is sent.
    NoLongerDeclared,
    /// poolform adds it, to something new or because of what is declared; the reason.
    Added(String),
}

/// One setting that changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingChange {
    /// Its path in the kind's tree of settings.
    pub path: String,
    /// For one entry of a map: its key. `path` is then the map's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The argument that declares it, as a user would write it; the API's path where there is none.
    pub argument: String,
    /// What Cognito has; null for nothing. Null too when it is secret.
    pub old: Json,
    /// What it will have; null for nothing. Null too when it is secret.
    pub new: Json,
    /// Whether its values are hidden.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// Why.
    pub why: Why,
}

/// What happens to one address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Whose.
    pub address: Address,
    /// The address of its pool.
    pub pool: Address,
    /// The name of its kind.
    pub kind: String,
    /// What.
    pub action: Action,
    /// Which settings, in the order of the rows.
    pub settings: Vec<SettingChange>,
    /// What else a reader should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What [`compare`] found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Settings that change, with their real values.
    pub changes: Vec<SettingChange>,
    /// What cannot change in place: path and reason.
    pub refusals: Vec<(String, String)>,
    /// What stays although it is no longer declared.
    pub notes: Vec<String>,
}

/// The value at `path`, or None when nothing is said about it. A null on the way says that all below is unset.
pub(crate) fn said<'t>(tree: &'t Object, path: &str) -> Option<&'t Json> {
    let mut parts = path.split('.');
    let mut at = tree.get(parts.next()?)?;
    for part in parts {
        if at.is_null() {
            return Some(at);
        }
        at = at.get(part)?;
    }
    Some(at)
}

fn normal(row: &Argument, json: &Json) -> Json {
    match row.kind {
        Type::Set => setting::sorted(json),
        _ => json.clone(),
    }
}

/// Whether two values of a row's setting are the same to Cognito.
pub(crate) fn equal(kind: &Kind, row: &Argument, desired: &Json, observed: &Json) -> bool {
    if let Some(same) = kind.rules.same(row.api, desired, observed) {
        return same;
    }
    let (desired, observed) = (normal(row, desired), normal(row, observed));
    let unset = Kind::unset_value(row);
    desired == observed
        || (setting::is_empty(&desired) && setting::is_empty(&observed))
        || (setting::is_empty(&observed) && desired == unset)
        || (setting::is_empty(&desired) && observed == unset)
}

fn change(desired: &Desired, row: &Argument, key: Option<&str>, old: &Json, new: &Json, why: Why) -> SettingChange {
    let secret = key.map_or_else(|| desired.hides(row.api), |key| desired.hides_entry(row.api, key));
    let place = argument_name(desired, row);
    // Keys of a map that is hidden as a whole are part of it.
    let shown_key = key.filter(|_| !desired.hides_all(row.api));
    SettingChange {
        path: row.api.to_owned(),
        key: key.map(str::to_owned),
        argument: shown_key.map_or_else(|| place.clone(), |key| format!("{place}[{}]", quoted(key))),
        old: old.clone(),
        new: new.clone(),
        secret,
        why,
    }
}

/// The name of a row's argument within its resource: `token_validity_units.access_token`, whatever the place that gave
/// it its value.
pub(crate) fn argument_name(desired: &Desired, row: &Argument) -> String {
    let item = desired.places.get("").map_or(0, |place| place.segments.len());
    // Items of lists are placed at `clients[0]`; the pool and its domain at one of their own arguments.
    let item = if item > 1 { item } else { 0 };
    match desired.places.get(row.api) {
        Some(place) if place.segments.len() > item && !place.to_string().starts_with("default_client_") => {
            let name = AttributePath { segments: place.segments[item..].to_vec() }.to_string();
            // Blocks of resources that can stand once need no number.
            if desired.form == Form::Resource { name.replace("[0].", ".") } else { name }
        }
        _ => row.name.to_owned(),
    }
}

fn entries(json: Option<&Json>) -> Object {
    json.and_then(Json::as_object).cloned().unwrap_or_default()
}

/// Every setting of `desired` that differs from `observed`, and every one that was declared by `recorded` and is no
/// longer, unless Cognito has its default anyway.
pub fn compare(kind: &Kind, desired: &Desired, recorded: &Recorded, observed: &Observed) -> Comparison {
    let mut found = Comparison::default();
    for row in kind.settings() {
        let there = setting::get(&observed.settings, row.api);
        let wanted = said(&desired.settings, row.api);
        let wanting = || kind.rules.is_wanting(row.api, observed);
        if desired.ignores(row.api, None)
            || desired.ids.contains_key(row.api)
            || row.write_only && !row.fingerprinted && !wanting()
        {
            continue;
        }
        if row.fingerprinted {
            let now = wanted.map(fingerprint);
            let was = recorded.keys.get(row.api).and_then(|keys| keys.first());
            if now.as_ref() != was || now.is_some() && wanting() {
                let was = was.map_or(Json::Null, |was| Json::String(was.clone()));
                let why = if wanted.is_some() { Why::Declared } else { Why::NoLongerDeclared };
                found.changes.push(change(desired, row, None, &was, wanted.unwrap_or(&Json::Null), why));
            }
            continue;
        }
        if matches!(row.kind, Type::Map) {
            compare_entries(desired, recorded, row, wanted, there, &mut found);
            continue;
        }
        let was: Vec<String> = recorded.keys.get(row.api).into_iter().flatten().cloned().collect();
        let wanted_or_none = wanted.unwrap_or(&Json::Null);
        if let Some(refusals) = kind.rules.refusals_of_growth(row.api, wanted_or_none, there, &was) {
            if wanted.is_some() || recorded.declared.contains(row.api) {
                let shown = |reason: String| {
                    if desired.hides(row.api) { "A sensitive attribute cannot change".to_owned() } else { reason }
                };
                found.refusals.extend(refusals.into_iter().map(|reason| (row.api.to_owned(), shown(reason))));
            }
            if !equal(kind, row, wanted_or_none, there) {
                found.changes.push(change(desired, row, None, there, wanted_or_none, Why::Declared));
            }
            continue;
        }
        match wanted {
            Some(wanted) if !equal(kind, row, wanted, there) => {
                if row.immutable.is_empty() {
                    found.changes.push(change(desired, row, None, there, wanted, Why::Declared));
                } else {
                    let reason = format!(
                        "{} is {} and cannot become {}: {}",
                        row.name,
                        desired.shown(row.api, there),
                        desired.shown(row.api, wanted),
                        row.immutable
                    );
                    found.refusals.push((row.api.to_owned(), reason));
                }
            }
            Some(_) => {}
            None if recorded.declared.contains(row.api) && !setting::is_empty(there) => match row.reset {
                Reset::Never(reason) => {
                    if kind.family(row.api).is_none() {
                        found.notes.push(format!("{} is no longer declared and stays: {reason}", row.name));
                    }
                }
                _ if !row.immutable.is_empty() => {
                    let default = Kind::unset_value(row);
                    if !equal(kind, row, &default, there) {
                        let reason = format!("{} is {} and can no longer be unset: {}", row.name, there, row.immutable);
                        found.refusals.push((row.api.to_owned(), reason));
                    }
                }
                Reset::Omit | Reset::Json(_) => {
                    let default = Kind::unset_value(row);
                    if !equal(kind, row, &default, there) {
                        found.changes.push(change(desired, row, None, there, &default, Why::NoLongerDeclared));
                    }
                }
            },
            None => {}
        }
    }
    let along = kind.rules.goes_along(&desired.settings, &observed.settings);
    for (path, reason) in along.into_iter().filter(|(path, _)| said(&desired.settings, path).is_none()) {
        if found.changes.iter().any(|change| change.path == path) {
            continue;
        }
        let row = kind.settings().into_iter().find(|row| row.api == path);
        found.changes.push(SettingChange {
            path: path.to_owned(),
            key: None,
            argument: row.map_or_else(|| path.to_owned(), |row| argument_name(desired, row)),
            old: setting::get(&observed.settings, path).clone(),
            new: Json::Null,
            secret: desired.hides(path),
            why: Why::Added(reason.to_owned()),
        });
    }
    // What was sensitive when it was applied is so until it is gone.
    for change in &mut found.changes {
        let entry = change.key.as_ref().map(|key| format!("{}[{}]", change.path, quoted(key)));
        change.secret |=
            recorded.hidden.iter().any(|hidden| entry.as_ref() == Some(hidden) || within(&change.path, hidden));
    }
    found
}

/// Maps are compared key by key: keys that nobody declared are somebody else's, or Cognito's own.
fn compare_entries(
    desired: &Desired,
    recorded: &Recorded,
    row: &Argument,
    wanted: Option<&Json>,
    there: &Json,
    found: &mut Comparison,
) {
    let wanted = entries(wanted);
    let there = entries(Some(there));
    for (key, value) in wanted.iter().filter(|(key, _)| !desired.ignores(row.api, Some(key))) {
        let old = there.get(key).unwrap_or(&Json::Null);
        if old != value {
            found.changes.push(change(desired, row, Some(key), old, value, Why::Declared));
        }
    }
    let empty = BTreeSet::new();
    for key in recorded
        .keys
        .get(row.api)
        .unwrap_or(&empty)
        .iter()
        .filter(|key| !wanted.contains_key(*key) && !desired.ignores(row.api, Some(key)))
    {
        if let Some(old) = there.get(key) {
            found.changes.push(change(desired, row, Some(key), old, &Json::Null, Why::NoLongerDeclared));
        }
    }
}

/// Every setting of something new.
pub(crate) fn creation(kind: &Kind, desired: &Desired) -> Vec<SettingChange> {
    let mut found = Vec::new();
    for row in kind.settings() {
        if let Some(address) = desired.ids.get(row.api) {
            let shown = Json::String(format!("(id of {address})"));
            found.push(change(desired, row, None, &Json::Null, &shown, Why::Declared));
            continue;
        }
        let Some(value) = said(&desired.settings, row.api).filter(|value| !setting::is_empty(value)) else { continue };
        if matches!(row.kind, Type::Map) {
            for (key, value) in entries(Some(value)) {
                found.push(change(desired, row, Some(&key), &Json::Null, &value, Why::Declared));
            }
        } else {
            found.push(change(desired, row, None, &Json::Null, value, Why::Declared));
        }
    }
    for (path, value, reason) in kind.rules.for_a_new_one(&desired.settings) {
        if let Some(row) = kind.settings().into_iter().find(|row| row.api == path) {
            found.push(change(desired, row, None, &Json::Null, &value, Why::Added(reason.to_owned())));
        }
    }
    found
}

/// What differs between two trees of settings of one resource, whatever changes by itself left out: entries of maps one
/// by one, everything else by the path of its value. Values of paths in `hidden`, and of those that hold secrets by
/// nature, are marked as secret.
pub fn differences(kind: &Kind, before: &Object, after: &Object, hidden: &BTreeSet<String>) -> Vec<SettingChange> {
    let maps: Vec<&str> =
        kind.settings().iter().filter(|row| matches!(row.kind, Type::Map)).map(|row| row.api).collect();
    let (before, after) = (values(&maps, before), values(&maps, after));
    let places: BTreeSet<&(String, Option<String>)> = before.keys().chain(after.keys()).collect();
    let mut found = Vec::new();
    for place in places {
        let (path, key) = place;
        let old = before.get(place).cloned().unwrap_or(Json::Null);
        let new = after.get(place).cloned().unwrap_or(Json::Null);
        let volatile = VOLATILE.contains(&path.as_str()) || kind.rules.is_twin(path);
        if volatile || setting::sorted(&old) == setting::sorted(&new) {
            continue;
        }
        let argument = key.as_ref().map_or_else(|| path.clone(), |key| format!("{path}[{}]", quoted(key)));
        let secret = key.as_ref().is_some_and(|key| is_secret_key(key))
            || hidden.iter().any(|hidden| *hidden == argument || within(path, hidden) || within(hidden, path));
        found.push(SettingChange {
            path: path.clone(),
            key: key.clone(),
            argument,
            old,
            new,
            secret,
            why: Why::Declared,
        });
    }
    found
}

/// What differs between two looks at the same resource, before and after an apply, although `planned` does not change
/// it: settings that Cognito reset or set by itself.
pub fn unexpected(
    kind: &Kind,
    before: &Observed,
    after: &Observed,
    planned: &[SettingChange],
    hidden: &BTreeSet<String>,
) -> Vec<SettingChange> {
    let touched = |path: &str| {
        planned.iter().any(|change| {
            within(&change.path, path) || within(path, &change.path) || kind.rules.moves_with(&change.path, path)
        })
    };
    // What comes or goes with the whole object that the plan gives or takes away: Cognito fills in the rest of it.
    let whole = |path: &str| {
        let Some((outer, _)) = path.rsplit_once('.') else { return false };
        let empty = |look: &Observed| setting::is_empty(setting::get(&look.settings, outer));
        (empty(before) || empty(after)) && planned.iter().any(|change| within(&change.path, outer))
    };
    differences(kind, &before.settings, &after.settings, hidden)
        .into_iter()
        .filter(|difference| !touched(&difference.path) && !whole(&difference.path))
        .collect()
}

/// The values of a tree that are no objects, by path; entries of `maps` by path and key.
fn values(maps: &[&str], tree: &Object) -> BTreeMap<(String, Option<String>), Json> {
    let mut tree = tree.clone();
    let mut found = BTreeMap::new();
    for map in maps {
        for (key, value) in entries(Some(setting::get(&tree, map))) {
            found.insert(((*map).to_owned(), Some(key)), value);
        }
        setting::remove(&mut tree, map);
    }
    found.extend(leaves(&tree).into_iter().map(|(path, value)| ((path, None), value)));
    found
}

/// Members that change by themselves or with a part of the pool. Twins of settings are compared where they are declared.
pub(crate) const VOLATILE: &[&str] = &[
    "LastModifiedDate",
    "Domain",
    "CustomDomain",
    "Status",
    "Version",
    "CSSVersion",
    "ImageUrl",
    // It never changes, and after a rotation of secrets not every answer shows that there is one.
    "GenerateSecret",
    "EstimatedNumberOfUsers",
    "MfaConfig.WebAuthnConfiguration.FactorConfiguration",
];

/// The values of a tree that are no objects, by path.
pub(crate) fn leaves(tree: &Object) -> BTreeMap<String, Json> {
    fn walk(tree: &Object, prefix: &str, found: &mut BTreeMap<String, Json>) {
        for (name, value) in tree {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match value {
                Json::Object(inner) => walk(inner, &path, found),
                other => {
                    found.insert(path, other.clone());
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(tree, "", &mut found);
    found
}

/// `settings` after `changes`.
pub(crate) fn overlay(settings: &Object, changes: &[SettingChange]) -> Object {
    let mut merged = settings.clone();
    for change in changes {
        match &change.key {
            Some(key) => {
                let mut map = entries(Some(setting::get(&merged, &change.path)));
                if change.new.is_null() {
                    map.remove(key);
                } else {
                    map.insert(key.clone(), change.new.clone());
                }
                setting::put(&mut merged, &change.path, Json::Object(map));
            }
            None if change.new.is_null() => setting::remove(&mut merged, &change.path),
            None => setting::put(&mut merged, &change.path, change.new.clone()),
        }
    }
    merged
}

/// The paths of a resource's settings that must never be shown, wherever an answer shows them.
pub(crate) fn hidden(desired: &Desired) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, key) in &desired.secret {
        for path in kinds::kind(desired.kind).map_or_else(Vec::new, |kind| kind.rules.sent_as(path)) {
            found.insert(key.as_ref().map_or_else(|| path.clone(), |key| format!("{path}[{}]", quoted(key))));
        }
    }
    found
}

/// What stands for a value that no answer shows.
pub fn fingerprint(value: &Json) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let digest = sha2::Sha256::digest(text.as_bytes());
    digest.iter().fold("sha256:".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// What the state will remember of `desired`, identity apart.
pub(crate) fn record(kind: &Kind, desired: &Desired) -> Recorded {
    let mut paths = BTreeSet::new();
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in kind.settings() {
        let Some(value) = said(&desired.settings, row.api) else { continue };
        paths.insert(row.api.to_owned());
        if row.fingerprinted {
            keys.insert(row.api.to_owned(), BTreeSet::from([fingerprint(value)]));
        }
        if matches!(row.kind, Type::Map) {
            keys.insert(row.api.to_owned(), entries(Some(value)).into_iter().map(|(key, _)| key).collect());
        }
        // Once secrets were rotated an answer no longer shows that there is one; the state must know to ask further.
        if row.api == "GenerateSecret" && *value == Json::Bool(true) {
            keys.insert(row.api.to_owned(), BTreeSet::from(["true".to_owned()]));
        }
        if kind.rules.grown_by(row.api, value, &Json::Null).is_some() {
            let names =
                value.as_array().into_iter().flatten().filter_map(|entry| entry["Name"].as_str().map(str::to_owned));
            keys.insert(row.api.to_owned(), names.collect());
        }
    }
    paths.extend(desired.ids.keys().map(|member| (*member).to_owned()));
    let hidden = hidden(desired);
    let pool = if desired.pool == call_of(&desired.address) { Address::new() } else { desired.pool.clone() };
    Recorded { kind: kind.name.to_owned(), pool, identity: BTreeMap::new(), declared: paths, keys, hidden }
}
