//! What a module call declares: every argument decoded and checked, and the resources that ought to exist for it.

use std::collections::{BTreeMap, BTreeSet};

use poolform_model::Object;
use poolform_value::{AttributePath, Diagnostic, Diagnostics, Segment, Value};
use serde_json::Value as Json;

use crate::argument::{Argument, Default, Kind as Type, any, bool, map, records};
use crate::decode::{Decoded, decode, marked, record_to_api, scope, to_api};
use crate::kinds::{self, Kind, client, domain, group, identity_provider, resource_server, user_pool};
use crate::limits;
use crate::resource::{Address, Desired, Form};
use crate::setting;

/// A call of the module, as the language hands it over.
#[derive(Clone, Debug)]
pub struct Call {
    /// `module.pool`, `module.pool["blue"]`.
    pub address: Address,
    /// Its arguments without meta-arguments.
    pub arguments: BTreeMap<String, Value>,
}

/// What surrounds a call.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The provider's `default_tags`, which lie beneath the module's.
    pub default_tags: BTreeMap<String, String>,
}

/// What a call declares.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// The call.
    pub address: Address,
    /// `module_enabled`; nothing ought to exist while it is false.
    pub enabled: bool,
    /// What ought to exist, the pool first.
    pub desired: Vec<Desired>,
    /// The module's own tags, without the provider's.
    pub own_tags: Json,
}

impl Declaration {
    /// Whether it is of parts alone, whose pool is declared by another one.
    pub fn is_of_parts(&self) -> bool {
        self.desired.iter().any(|desired| desired.pool != self.address)
    }
}

/// The arguments of the module that belong to no single resource.
pub static MODULE_ARGUMENTS: &[Argument] = &[
    bool("module_enabled").or(Default::Bool(true)).doc("Whether anything ought to exist. False removes what is there."),
    map("module_tags").or(Default::Empty).doc("Tags beneath tags."),
    any("module_depends_on").or(Default::Empty).doc("Anything that must be there first; its value does not matter."),
];

/// The kinds whose arguments are the module's own, the pool first.
pub static SINGLES: &[&Kind] = &[&user_pool::KIND, &domain::KIND];

/// The arguments that list resources, with the kind of their items.
pub static LISTS: &[(Argument, &Kind)] = &[
    (records("clients", client::ARGUMENTS).doc("App clients."), &client::KIND),
    (
        records("resource_servers", resource_server::ARGUMENTS).doc("Resource servers and their scopes."),
        &resource_server::KIND,
    ),
    (records("user_groups", group::ARGUMENTS).doc("Groups of users; order does not matter."), &group::KIND),
    (
        records("identity_providers", identity_provider::ARGUMENTS).doc("Identity providers to sign in with."),
        &identity_provider::KIND,
    ),
];

/// The outputs of the module: the original's five, then poolform's own.
pub const OUTPUTS: &[&str] =
    &["user_pool", "domain", "clients", "client_secrets", "module_enabled", "issuer", "jwks_url", "hosted_sign_in_url"];

/// The module-wide defaults of attributes of a kind's items, as rows of their own.
fn shared(kind: &Kind) -> Vec<Argument> {
    kind.arguments
        .iter()
        .filter(|row| !row.shared.is_empty())
        .map(|row| Argument { name: row.shared, alias: "", ..*row })
        .collect()
}

/// Every argument of the module, in the order of the reference.
pub fn arguments() -> Vec<Argument> {
    let mut rows: Vec<Argument> = MODULE_ARGUMENTS.to_vec();
    rows.extend(SINGLES.iter().flat_map(|kind| kind.module_arguments()));
    rows.extend(LISTS.iter().map(|(row, _)| *row));
    rows.extend(LISTS.iter().flat_map(|(_, kind)| shared(kind)));
    rows
}

/// Decodes and checks a call. Every mistake is reported; what could be decoded is returned nevertheless.
pub fn declare(call: &Call, context: &Context) -> (Declaration, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let all = arguments();
    let names: Vec<&str> = all.iter().map(|row| row.name).collect();
    let root = AttributePath::default();
    let top = |rows: &[Argument], shape: &'static str, rules: bool, diagnostics: &mut Diagnostics| {
        let mut scope = scope(&call.address, shape, rules, diagnostics);
        let decoded = decode(rows, &call.arguments, &root, "", &names, &|_| None, &mut scope);
        (decoded, scope.undecided)
    };
    let (module, of_module) = top(MODULE_ARGUMENTS, "", true, &mut diagnostics);
    // Only names and types are checked while the module is disabled.
    let enabled = module.get("module_enabled").and_then(Value::as_bool).unwrap_or(true);
    let mut singles = Vec::new();
    for kind in SINGLES {
        let (mut decoded, undecided) = top(&kind.module_arguments(), kind.shape(), enabled, &mut diagnostics);
        kind.rules.complete(&mut decoded);
        singles.push((*kind, decoded, undecided));
    }
    let mut lists = Vec::new();
    for (list, kind) in LISTS {
        let (defaults, undecided) = top(&shared(kind), kind.shape(), enabled, &mut diagnostics);
        lists.push((list, *kind, defaults, undecided));
    }

    let tags = |of: &Decoded, name: &str| of.get(name).map(text_map).unwrap_or_default();
    let mut own = tags(&module, "module_tags");
    own.extend(singles.iter().map(|(_, decoded, _)| tags(decoded, "tags")).flat_map(Object::into_iter));
    let mut effective: Object =
        context.default_tags.iter().map(|(key, value)| (key.clone(), Json::String(value.clone()))).collect();
    effective.extend(own.clone());
    effective.sort_keys();
    own.sort_keys();

    let mut desired = Vec::new();
    for (kind, decoded, mut undecided) in singles.into_iter().filter(|_| enabled) {
        if kind.is_pool() {
            undecided.extend(of_module.clone());
        }
        desired.extend(single(call, kind, (&decoded, undecided), &module, &effective, &mut diagnostics));
    }
    let mut incomplete: Vec<&str> = Vec::new();
    for (list, kind, defaults, undecided) in lists {
        let (items, complete) = items(call, list, kind, enabled, (&defaults, &undecided), &mut diagnostics);
        incomplete.extend((!complete).then_some(kind.name));
        desired.extend(items);
    }
    check_together(&desired, &|kind| !incomplete.contains(&kind.name), &mut diagnostics);
    (Declaration { address: call.address.clone(), enabled, desired, own_tags: Json::Object(own) }, diagnostics)
}

/// The rules between all that is declared of one pool. `complete` says of a kind whether all of it is known.
pub(crate) fn check_together(desired: &[Desired], complete: &dyn Fn(&Kind) -> bool, diagnostics: &mut Diagnostics) {
    kinds::KINDS.iter().for_each(|kind| kind.rules.check_together(desired, complete, diagnostics));
}

/// Decodes and checks one resource of the pool at `pool` that is declared by itself, as in a Terraform resource: `arguments`
/// by the names of the kind's rows. What is absent or null declares nothing, whatever the module's default for it. Of what is not known yet
/// only the rest is looked at, and rules between settings wait until all of it is known. Its identity must not be hidden.
pub fn declare_alone(
    kind: &'static Kind,
    address: &str,
    pool: &str,
    arguments: &BTreeMap<String, Value>,
    context: &Context,
) -> (Desired, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let call = Call { address: address.to_owned(), arguments: arguments.clone() };
    let rows: Vec<Argument> = kind
        .arguments
        .iter()
        .map(|row| match row.default {
            Default::Required => *row,
            _ => row.or(Default::Null),
        })
        .collect();
    let mut scope = scope(&call.address, kind.shape(), true, &mut diagnostics);
    let decoded = decode(&rows, arguments, &AttributePath::default(), "", &[], &|_| None, &mut scope);
    let undecided = scope.undecided;
    let mut desired = blank(&call, kind, AttributePath::default());
    desired.undecided = undecided;
    address.clone_into(&mut desired.address);
    pool.clone_into(&mut desired.pool);
    desired.form = Form::Resource;
    let place_of = |row: &Argument| AttributePath::argument(row.name);
    place_rows(kind.arguments, &|name| decoded.get(name).cloned(), &place_of, &mut desired);
    let known = arguments.values().all(|value| value.first_unknown().is_none());
    let mut tags: Object =
        context.default_tags.iter().map(|(key, value)| (key.clone(), Json::String(value.clone()))).collect();
    tags.extend(decoded.get("tags").map(text_map).unwrap_or_default());
    tags.sort_keys();
    kind.rules.place(&decoded, &tags, desired.form, &mut desired.settings);
    if kind.is_pool() {
        check_tags(&tags, &desired, &|_| "tags", &mut diagnostics);
    }
    if known {
        kind.rules.check(&decoded, &desired, &mut diagnostics);
    }
    limits::check(kind, &desired, &mut diagnostics);
    (desired, diagnostics)
}

fn text_map(value: &Value) -> Object {
    value
        .members()
        .map(|members| {
            members
                .iter()
                .filter_map(|(key, value)| value.as_str().map(|text| (key.clone(), Json::String(text.to_owned()))))
                .collect()
        })
        .unwrap_or_default()
}

fn blank(call: &Call, kind: &'static Kind, place: AttributePath) -> Desired {
    Desired {
        address: String::new(),
        kind: kind.name,
        settings: Object::new(),
        secret: BTreeSet::new(),
        call: call.address.clone(),
        pool: call.address.clone(),
        form: Form::Module,
        ignored: BTreeSet::new(),
        ids: BTreeMap::new(),
        places: BTreeMap::from([(String::new(), place)]),
        undecided: BTreeSet::new(),
    }
}

/// Places decoded values by their rows; `place_of` says where a row's value was written.
fn place_rows(
    rows: &[Argument],
    decoded: &dyn Fn(&str) -> Option<Value>,
    place_of: &dyn Fn(&Argument) -> AttributePath,
    desired: &mut Desired,
) {
    for row in rows {
        let value = decoded(row.name).filter(|value| !value.is_null());
        if !row.api.is_empty() {
            desired.places.insert(row.api.to_owned(), place_of(row));
        }
        if let Type::Record(inner) = row.kind {
            // What is not given has no place of its own, and a name all the same.
            let base = place_of(row);
            let is_named = |segment: &Segment| matches!(segment, Segment::Attribute(name) if [row.name, row.alias, row.shared].contains(&name.as_str()));
            let base = if base.segments.last().is_some_and(is_named) { base } else { base.attribute(row.name) };
            let members = value.as_ref().and_then(Value::members);
            let member = |name: &str| members.and_then(|members| members.get(name)).cloned();
            place_rows(inner, &member, &|row| base.attribute(row.name), desired);
            continue;
        }
        let Some(value) = value else { continue };
        mark_secret(row.api, &value, desired);
        if row.api.is_empty() || row.by_code {
            continue;
        }
        let json = match row.kind {
            Type::Records(inner) => setting::sorted(&Json::Array(
                value.items().unwrap_or_default().iter().map(|item| Json::Object(record_to_api(inner, item))).collect(),
            )),
            Type::Set => setting::sorted(&to_api(row, &value).unwrap_or(Json::Null)),
            _ => to_api(row, &value).unwrap_or(Json::Null),
        };
        setting::put(&mut desired.settings, row.api, json);
    }
}

fn mark_secret(path: &str, value: &Value, desired: &mut Desired) {
    match value.members() {
        Some(members) if !value.sensitive => {
            let secret = members.iter().filter(|(_, member)| member.contains_sensitive());
            desired.secret.extend(secret.map(|(key, _)| (path.to_owned(), Some(key.clone()))));
        }
        _ if value.contains_sensitive() => {
            desired.secret.insert((path.to_owned(), None));
        }
        _ => {}
    }
}

/// One whose arguments are the module's own; None where its name is not given.
fn single(
    call: &Call,
    kind: &'static Kind,
    (decoded, undecided): (&Decoded, BTreeSet<&'static str>),
    module: &Decoded,
    tags: &Object,
    diagnostics: &mut Diagnostics,
) -> Option<Desired> {
    let row = kind.name_row();
    if !kind.is_pool() {
        let name = decoded.get(row.name).filter(|name| !name.is_null())?;
        if name.sensitive {
            let detail = format!("A {} is public, stands in the state, and must not be sensitive.", kind.noun);
            let place = AttributePath::argument(row.name);
            diagnostics.push(Diagnostic::error("Sensitive name", detail).about(&call.address, &place));
            return None;
        }
    }
    let mut desired = blank(call, kind, AttributePath::argument(row.name));
    desired.undecided = undecided;
    desired.address = kind.address(&call.address, "");
    place_rows(
        kind.arguments,
        &|name| decoded.get(name).cloned(),
        &|row| AttributePath::argument(row.name),
        &mut desired,
    );
    if kind.is_pool() {
        hide_module_tags(decoded, module, &mut desired);
    }
    kind.rules.place(decoded, tags, desired.form, &mut desired.settings);
    kind.rules.check(decoded, &desired, diagnostics);
    if kind.is_pool() {
        let has = |of: &Decoded, name: &str, key: &str| {
            of.get(name).and_then(Value::members).is_some_and(|members| members.contains_key(key))
        };
        let written = |key: &str| {
            let places = [(decoded, "tags"), (module, "module_tags")];
            places.into_iter().find(|(of, name)| has(of, name, key)).map_or("", |(_, name)| name)
        };
        check_tags(tags, &desired, &written, diagnostics);
        check_number_of_tags(call, tags, diagnostics);
    }
    limits::check(kind, &desired, diagnostics);
    Some(desired)
}

/// What is sensitive in `module_tags` is hidden, but for what tags say instead, which is theirs to hide.
fn hide_module_tags(decoded: &Decoded, module: &Decoded, desired: &mut Desired) {
    let Some(beneath) = module.get("module_tags") else { return };
    if beneath.sensitive {
        desired.secret.insert((TAGS.to_owned(), None));
    }
    let over = decoded.get("tags").and_then(Value::members);
    let seen = |key: &String| over.is_none_or(|over| !over.contains_key(key));
    let members = beneath.members().into_iter().flatten();
    let secret = members.filter(|(key, value)| value.sensitive && seen(key));
    desired.secret.extend(secret.map(|(key, _)| (TAGS.to_owned(), Some(key.clone()))));
}

/// Where the tags of a pool stand.
const TAGS: &str = "UserPoolTags";

/// What the tags of a pool may not be; `written` says in which argument a key stands.
fn check_tags(tags: &Object, desired: &Desired, written: &dyn Fn(&str) -> &'static str, diagnostics: &mut Diagnostics) {
    for (key, value) in tags {
        let value = value.as_str().unwrap_or_default();
        let reason = if key.to_ascii_lowercase().starts_with("aws:") {
            "begins with aws:, which is reserved for AWS itself"
        } else if key.is_empty() || key.chars().count() > 128 {
            "must have a length of 1 to 128"
        } else if value.chars().count() > 256 {
            "has a value that is longer than 256"
        } else {
            continue;
        };
        let argument = written(key);
        let key = if desired.hides_all(TAGS) { "(sensitive)".to_owned() } else { format!("\"{key}\"") };
        let (argument, whose) = match argument {
            "" => ("tags", " of the provider's default_tags"),
            own => (own, ""),
        };
        diagnostics.push(
            Diagnostic::error("Invalid tag", format!("The tag {key}{whose} {reason}."))
                .about(&desired.call, &AttributePath::argument(argument)),
        );
    }
}

/// A quota that cannot be raised (quotas page).
fn check_number_of_tags(call: &Call, tags: &Object, diagnostics: &mut Diagnostics) {
    if tags.len() > 50 {
        let detail = format!(
            "tags, module_tags and the provider's default_tags together may have at most 50 elements; they have {}.",
            tags.len()
        );
        let place = AttributePath::argument("tags");
        diagnostics.push(Diagnostic::error("Too many tags", detail).about(&call.address, &place));
    }
}

/// The items of a list, and whether they are all that it has: none that is not known or was refused.
fn items(
    call: &Call,
    list: &Argument,
    kind: &'static Kind,
    enabled: bool,
    (defaults, undecided): (&Decoded, &BTreeSet<&'static str>),
    diagnostics: &mut Diagnostics,
) -> (Vec<Desired>, bool) {
    let base = AttributePath::argument(list.name);
    let Some(given) = call.arguments.get(list.name).filter(|value| !value.is_null()) else { return (Vec::new(), true) };
    let mut wrong = |summary: &str, detail: String, path: &AttributePath| {
        diagnostics.push(Diagnostic::error(summary, detail).about(&call.address, path));
    };
    if given.is_unknown() {
        let mut scope = scope(&call.address, kind.shape(), enabled, diagnostics);
        decode(&[*list], &call.arguments, &AttributePath::default(), "", &all_names(), &|_| None, &mut scope);
        return (Vec::new(), false);
    }
    let Some(items) = given.items() else {
        wrong(
            "Invalid value for an argument",
            format!("The argument \"{}\" must be a list of objects.", list.name),
            &base,
        );
        return (Vec::new(), false);
    };
    let mut complete = true;
    let mut found: Vec<Desired> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let at = base.index(index);
        let Some(members) = item.members() else {
            let detail = format!("Each element of \"{}\" must be an object.", list.name);
            diagnostics.push(Diagnostic::error("Invalid value for an argument", detail).about(&call.address, &at));
            complete = false;
            continue;
        };
        // An attribute that is there beats the module-wide default, even when it is null.
        let fallback = |row: &Argument| defaults.get(row.shared).cloned();
        let mut scope = scope(&call.address, kind.shape(), enabled, diagnostics);
        let members = marked(members, given.sensitive || item.sensitive);
        let decoded = decode(&kind.module_arguments(), &members, &at, "", &[], &fallback, &mut scope);
        let mut undecided_here = scope.undecided;
        undecided_here.extend(
            kind.arguments.iter().filter(|row| undecided.contains(row.shared)).map(|row| row.name).filter(
                // What the item says itself needs no default.
                |name| !members.contains_key(*name),
            ),
        );
        if !enabled {
            continue;
        }
        let mut desired = blank(call, kind, at.clone());
        desired.undecided = undecided_here;
        let place_of = |row: &Argument| {
            let written = [row.name, row.alias].into_iter().find(|name| members.contains_key(*name));
            match written {
                Some(name) => at.attribute(name),
                None if !row.shared.is_empty() && call.arguments.contains_key(row.shared) => {
                    AttributePath::argument(row.shared)
                }
                None => at.clone(),
            }
        };
        place_rows(kind.arguments, &|name| decoded.get(name).cloned(), &place_of, &mut desired);
        kind.rules.place(&decoded, &Object::new(), desired.form, &mut desired.settings);
        let Some(key) = setting::get(&desired.settings, kind.key).as_str().map(str::to_owned) else {
            complete = false;
            continue;
        };
        if desired.hides(kind.key) {
            let detail = format!(
                "What an element of \"{}\" is called stands in its address, which every plan shows, and must not be sensitive. Wrap only the values that are secret in sensitive().",
                list.name
            );
            diagnostics
                .push(Diagnostic::error("Sensitive name", detail).about(&call.address, &desired.place(kind.key)));
            continue;
        }
        desired.address = kind.address(&call.address, &key);
        let called = |other: &Desired| setting::get(&other.settings, kind.key).as_str().unwrap_or_default().to_owned();
        if let Some(other) = found.iter().find(|other| kind.same_name(&called(other), &key)) {
            let detail = kind.rules.why_same_name(list.name, &key, other.address == desired.address);
            diagnostics
                .push(Diagnostic::error("Duplicate name", detail).about(&call.address, &desired.place(kind.key)));
            continue;
        }
        kind.rules.check(&decoded, &desired, diagnostics);
        limits::check(kind, &desired, diagnostics);
        found.push(desired);
    }
    (found, complete)
}

fn all_names() -> Vec<&'static str> {
    arguments().iter().map(|row| row.name).collect()
}

/// The kind of a resource by the name in [`Desired::kind`] or [`crate::Recorded::kind`].
pub(crate) fn kind_of(name: &str) -> Option<&'static Kind> {
    kinds::kind(name)
}
