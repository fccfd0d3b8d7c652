//! From a configuration and a state to what will be: Terraform's plan of one resource.

use std::collections::{BTreeMap, BTreeSet};

use poolform_core::argument::{Argument, Kind as Type};
use poolform_core::kinds::{Kind, Replacement};
use poolform_core::{Alone, Context, SettingChange, Why, compare, setting};
use poolform_value::{AttributePath, Diagnostic, Diagnostics, Value, from_json};
use serde_json::Value as Json;

use super::merge::{Merge, has_one, merge};
use super::{
    Private, declared, get, is_key, is_true, place_of_setting, recorded, seen_in_state, shown, stores_secret, text,
    unknown,
};
use crate::schema::{ALLOW_REPLACE, Attribute, POOL_ID, Shape, attribute_of, attributes, own_default};

/// What will be.
pub struct Planned {
    /// The state after the apply, unknown where only Cognito knows.
    pub state: Value,
    /// What cannot change in place, so that another resource takes this one's place.
    pub replaces: Vec<AttributePath>,
    /// What is to be said.
    pub diagnostics: Diagnostics,
}

/// Attributes that Cognito changes by itself whenever a pool changes.
const MOVING: &[&str] =
    &["last_modified_date", "email_verification_message", "email_verification_subject", "sms_verification_message"];

struct Plan<'a> {
    kind: &'static Kind,
    creates: bool,
    changes: BTreeMap<&'a str, &'a SettingChange>,
    refused: BTreeSet<&'a str>,
    /// Settings that the configuration declares. An attribute that is given and declares nothing has no effect now.
    declares: &'a dyn Fn(&str) -> bool,
    /// Whether any request will be sent.
    moves: bool,
    tags: Value,
    secret: Value,
}

impl Plan<'_> {
    fn row(&self, row: &'static Argument, given: &Value, prior: &Value) -> Value {
        if given.is_unknown() {
            return unknown();
        }
        let change = self.changes.get(row.api);
        if !given.is_null() {
            let same = change.is_none() && !self.refused.contains(row.api) && (self.declares)(row.api);
            let keeps = same && !prior.is_null() && !matches!(row.kind, Type::Map);
            return if keeps { prior.clone() } else { given.clone() };
        }
        if matches!(row.kind, Type::Map) {
            let empty = prior.members().is_some_and(std::collections::BTreeMap::is_empty);
            return if empty { prior.clone() } else { Value::null() };
        }
        match change {
            Some(change) if !change.new.is_null() && !matches!(row.kind, Type::Records(_)) => shown(row, &change.new),
            Some(_) => unknown(),
            None if self.creates => unknown(),
            None => prior.clone(),
        }
    }

    fn changes_below(&self, inner: &[Attribute]) -> bool {
        inner.iter().any(|attribute| match &attribute.shape {
            Shape::Row(row, _) | Shape::Records(row, _) => self.changes.contains_key(row.api),
            Shape::Group(inner) => self.changes_below(inner),
            _ => false,
        })
    }
}

impl Merge for Plan<'_> {
    fn leaf(&self, attribute: &Attribute, given: &Value, prior: &Value) -> Value {
        match &attribute.shape {
            Shape::Row(row, _) | Shape::Records(row, _) => self.row(row, given, prior),
            Shape::Own(_) if given.is_null() => own_default(attribute.name).into(),
            Shape::Own(_) => given.clone(),
            Shape::Computed(_) if attribute.name == "tags_all" => self.tags.clone(),
            Shape::Computed(_) if attribute.name == "client_secret" => self.secret.clone(),
            Shape::Computed(_) if self.creates => unknown(),
            Shape::Computed(_) if self.moves && MOVING.contains(&attribute.name) => unknown(),
            Shape::Computed(_) if self.moves && attribute.name == "scope_identifiers" => unknown(),
            _ => prior.clone(),
        }
    }

    fn group(&self, _: &Attribute, inner: &[Attribute], given: &Value, prior: &Value) -> Option<Value> {
        if given.is_unknown() {
            return Some(unknown());
        }
        if given.is_null() {
            return match (self.creates, self.changes_below(inner)) {
                (true, _) | (_, true) => Some(unknown()),
                _ => Some(prior.clone()),
            };
        }
        (!has_one(given)).then(|| given.clone())
    }
}

/// Plans what a configuration makes of a state; null for one that is not there yet.
pub fn plan(kind: &'static Kind, given: &Value, prior: &Value, private: &Private, context: &Context) -> Planned {
    let (desired, mut diagnostics) = declared(kind, given, context);
    let creates = prior.is_null();
    let remembered = recorded(kind, prior, private);
    let observed = seen_in_state(kind, prior, context);
    let pool = text(given, POOL_ID);
    let mut found = Vec::new();
    let mut refusals = Vec::new();
    let alone = if creates {
        Alone::new(kind, Some(desired.clone()), None, None, pool.or(Some("")))
    } else {
        let comparison = compare(kind, &desired, &remembered, &observed);
        found = comparison.changes;
        // What is not known yet is no change yet: the apply looks again, and refuses then.
        let known = |path: &str| {
            let at = place_of_setting(kind, path).to_string();
            get(given, &at).is_none_or(|value| !value.is_unknown() && value.first_unknown().is_none())
        };
        refusals = comparison.refusals.into_iter().filter(|(path, _)| known(path)).collect();
        for note in comparison.notes {
            diagnostics.push(Diagnostic::warning("Setting that stays", format!("{note}.")));
        }
        let pool = pool.or(text(prior, POOL_ID));
        Alone::new(kind, Some(desired.clone()), Some(remembered), Some(observed.clone()), pool)
    };
    let (core, said) = alone.plan(true);
    diagnostics.extend(said);
    if let Some(change) = core.changes.first().filter(|_| creates) {
        found.extend(change.settings.iter().filter(|change| matches!(change.why, Why::Added(_))).cloned());
    }
    for change in &found {
        if let Why::Added(reason) = &change.why
            && change.path == "UserPoolTier"
        {
            let detail = format!("user_pool_tier will be {}: {reason}.", change.new);
            diagnostics.push(
                Diagnostic::warning("Tier that is billed", detail)
                    .about("", &AttributePath::argument("user_pool_tier")),
            );
        }
    }
    let mut replaces = Vec::new();
    if !creates {
        let pool_changes = !kind.segment.is_empty()
            && get(given, POOL_ID).is_some_and(|id| id.is_unknown() || id.as_str() != text(prior, POOL_ID));
        if pool_changes {
            replaces.push(AttributePath::argument(POOL_ID));
        }
        replaces.extend(
            found.iter().filter(|change| is_key(kind, &change.path)).map(|change| place_of_setting(kind, &change.path)),
        );
        let key = kind.identity.iter().map(|(member, _)| *member);
        for path in key.filter(|member| *member != "UserPoolId" && attribute_of(kind, member) != "id") {
            let place = place_of_setting(kind, path);
            if get(given, &place.to_string()).is_some_and(Value::is_unknown) {
                replaces.push(place);
            }
        }
        // What may be replaced, the core was asked to plan all the same; of the other kinds it refuses the change itself.
        if kind.replacement == Replacement::Named {
            if is_true(given, ALLOW_REPLACE) {
                replaces.extend(refusals.iter().map(|(path, _)| place_of_setting(kind, path)));
            } else if replaces.is_empty() {
                let refusal = |(path, reason): &(String, String)| refusal(kind, path, reason, prior);
                refusals.iter().map(refusal).for_each(|refusal| diagnostics.push(refusal));
            }
        }
    }
    let unknowns = given.first_unknown().is_some();
    let moves = creates || !found.is_empty() || !refusals.is_empty() || unknowns;
    let tags = if get(given, "tags").is_some_and(|tags| tags.first_unknown().is_some()) {
        unknown()
    } else {
        tags_all(&observed.settings, &found, &desired.settings, creates)
    };
    let secret = match () {
        () if !stores_secret(given) => Value::null(),
        () if creates || !stores_secret(prior) => unknown(),
        () => get(prior, "client_secret").cloned().unwrap_or_else(Value::null),
    };
    let how = Plan {
        kind,
        creates,
        changes: found.iter().map(|change| (change.path.as_str(), change)).collect(),
        refused: refusals.iter().map(|(path, _)| path.as_str()).collect(),
        declares: &|path| !setting::get(&desired.settings, path).is_null(),
        moves,
        tags,
        secret,
    };
    let state = merge(&attributes(how.kind), given, prior, &how);
    Planned { state, replaces, diagnostics }
}

/// All tags after the change.
fn tags_all(
    there: &poolform_model::Object,
    changes: &[SettingChange],
    desired: &poolform_model::Object,
    creates: bool,
) -> Value {
    const TAGS: &str = "UserPoolTags";
    if creates {
        return from_json(setting::get(desired, TAGS));
    }
    let mut all = setting::get(there, TAGS).as_object().cloned().unwrap_or_default();
    for change in changes.iter().filter(|change| change.path == TAGS) {
        let Some(key) = &change.key else { continue };
        if change.new.is_null() {
            all.remove(key);
        } else {
            all.insert(key.clone(), change.new.clone());
        }
    }
    from_json(&Json::Object(all))
}

/// Why a change is refused, and what is at stake.
pub fn refusal(kind: &'static Kind, path: &str, reason: &str, state: &Value) -> Diagnostic {
    let of_module = match text(state, "name") {
        Some(name) if !kind.is_pool() => format!(", or allow_replace_{}s = [\"{name}\"] of the module", kind.segment),
        _ => String::new(),
    };
    let stake = kind
        .stake(&seen_in_state(kind, state, &Context::default()))
        .map_or_else(String::new, |(stake, deed)| format!(" {stake} {deed}: allow_replace = true{of_module}."));
    Diagnostic::error(
        "Change that is not possible in place",
        format!("{reason}.{stake} Take the change back to keep what is there."),
    )
    .about("", &place_of_setting(kind, path))
}
