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

/// The arguments of the module that belong to no single resource.
pub static MODULE_ARGUMENTS: &[Argument] = &[
    bool("module_enabled").or(Default::Bool(true)).doc("Whether anything ought to exist. False removes what is there."),
    map("module_tags").or(Default::Empty).doc("Tags beneath tags."),
    any("module_depends_on").or(Default::Empty).doc("Anything that must be there first; its value does not matter."),
];

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

/// The module-wide defaults of client attributes, as rows of their own.
fn shared() -> Vec<Argument> {
    client::ARGUMENTS
        .iter()
        .filter(|row| !row.shared.is_empty())
        .map(|row| Argument { name: row.shared, alias: "", ..*row })
        .collect()
}

/// Every argument of the module, in the order of the reference.
pub fn arguments() -> Vec<Argument> {
    let mut rows: Vec<Argument> = MODULE_ARGUMENTS.to_vec();
    rows.extend_from_slice(user_pool::ARGUMENTS);
    rows.extend_from_slice(domain::ARGUMENTS);
    rows.extend(LISTS.iter().map(|(row, _)| *row));
    rows.extend(shared());
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
    let (mut pool, mut of_pool) = top(user_pool::ARGUMENTS, user_pool::KIND.shape(), enabled, &mut diagnostics);
    let (pool_domain, of_domain) = top(domain::ARGUMENTS, domain::KIND.shape(), enabled, &mut diagnostics);
    let (defaults, of_defaults) = top(&shared(), client::KIND.shape(), enabled, &mut diagnostics);
    user_pool::complete(&mut pool);

    let tags = |of: &Decoded, name: &str| of.get(name).map(text_map).unwrap_or_default();
    let mut own = tags(&module, "module_tags");
    own.extend(tags(&pool, "tags"));
    let mut effective: Object =
        context.default_tags.iter().map(|(key, value)| (key.clone(), Json::String(value.clone()))).collect();
    effective.extend(own.clone());
    effective.sort_keys();
    own.sort_keys();

    let mut desired = Vec::new();
    if enabled {
        of_pool.extend(of_module);
        desired.push(desired_pool(call, &pool, of_pool, &module, &effective, &mut diagnostics));
        desired.extend(desired_domain(call, &pool_domain, of_domain, &mut diagnostics));
    }
    let mut servers_known = true;
    for (list, kind) in LISTS {
        let (items, complete) = desired_items(call, list, kind, enabled, (&defaults, &of_defaults), &mut diagnostics);
        if kind.name == resource_server::KIND.name {
            servers_known = complete && items.iter().all(|server| server.decided(&["identifier", "scopes"]));
        }
        desired.extend(items);
    }
    if servers_known {
        check_scopes(&desired, &mut diagnostics);
    }
    identity_provider::check_identifiers(&desired, &mut diagnostics);
    (Declaration { address: call.address.clone(), enabled, desired, own_tags: Json::Object(own) }, diagnostics)
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
    let text = |name: &str| decoded.get(name).and_then(Value::as_str).map(|text| Json::String(text.to_owned()));
    if kind.name == user_pool::KIND.name {
        let mut tags: Object =
            context.default_tags.iter().map(|(key, value)| (key.clone(), Json::String(value.clone()))).collect();
        tags.extend(decoded.get("tags").map(text_map).unwrap_or_default());
        tags.sort_keys();
        user_pool::place(&decoded, &tags, &mut desired.settings);
        user_pool::check_tags(&tags, &desired, &|_| "tags", &mut diagnostics);
        if known {
            user_pool::check(&decoded, &desired, &mut diagnostics);
        }
    } else if kind.name == domain::KIND.name {
        for (argument, path) in [("domain", "Domain"), ("certificate_arn", "CustomDomainConfig.CertificateArn")] {
            if let Some(text) = text(argument) {
                setting::put(&mut desired.settings, path, text);
            }
        }
        if known && text("domain").is_some() {
            domain::check(&desired, &mut diagnostics);
        }
    } else if kind.name == client::KIND.name {
        if let Some(name) = text("name") {
            setting::put(&mut desired.settings, client::KIND.key, name);
        }
        if known {
            client::check(&desired, &mut diagnostics);
        }
    } else if kind.name == resource_server::KIND.name {
        resource_server::check(&desired, &mut diagnostics);
    } else if kind.name == identity_provider::KIND.name && known {
        identity_provider::check(&desired, decoded.get("provider_details"), &mut diagnostics);
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
            let base = place_of(row);
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

fn desired_pool(
    call: &Call,
    decoded: &Decoded,
    undecided: BTreeSet<&'static str>,
    module: &Decoded,
    tags: &Object,
    diagnostics: &mut Diagnostics,
) -> Desired {
    let mut desired = blank(call, &user_pool::KIND, AttributePath::argument("name"));
    desired.undecided = undecided;
    desired.address.clone_from(&call.address);
    place_rows(
        user_pool::ARGUMENTS,
        &|name| decoded.get(name).cloned(),
        &|row| AttributePath::argument(row.name),
        &mut desired,
    );
    if let Some(beneath) = module.get("module_tags") {
        if beneath.sensitive {
            desired.secret.insert(("UserPoolTags".to_owned(), None));
        }
        // What tags say instead is theirs to hide.
        let over = decoded.get("tags").and_then(Value::members);
        let seen = |key: &String| over.is_none_or(|over| !over.contains_key(key));
        let members = beneath.members().into_iter().flatten();
        let secret = members.filter(|(key, value)| value.sensitive && seen(key));
        desired.secret.extend(secret.map(|(key, _)| ("UserPoolTags".to_owned(), Some(key.clone()))));
    }
    user_pool::place(decoded, tags, &mut desired.settings);
    user_pool::check(decoded, &desired, diagnostics);
    let has = |of: &Decoded, name: &str, key: &str| {
        of.get(name).and_then(Value::members).is_some_and(|members| members.contains_key(key))
    };
    let written = |key: &str| match () {
        () if has(decoded, "tags", key) => "tags",
        () if has(module, "module_tags", key) => "module_tags",
        () => "",
    };
    user_pool::check_tags(tags, &desired, &written, diagnostics);
    // A quota that cannot be raised (quotas page).
    if tags.len() > 50 {
        let detail = format!(
            "tags, module_tags and the provider's default_tags together may have at most 50 elements; they have {}.",
            tags.len()
        );
        let place = AttributePath::argument("tags");
        diagnostics.push(Diagnostic::error("Too many tags", detail).about(&call.address, &place));
    }
    limits::check(&user_pool::KIND, &desired, diagnostics);
    desired
}

fn desired_domain(
    call: &Call,
    decoded: &Decoded,
    undecided: BTreeSet<&'static str>,
    diagnostics: &mut Diagnostics,
) -> Option<Desired> {
    let name = decoded.get("domain")?;
    if name.sensitive {
        let detail = "A domain is public, stands in the state, and must not be sensitive.";
        diagnostics
            .push(Diagnostic::error("Sensitive name", detail).about(&call.address, &AttributePath::argument("domain")));
        return None;
    }
    let name = name.as_str()?.to_owned();
    let mut desired = blank(call, &domain::KIND, AttributePath::argument("domain"));
    desired.address = domain::KIND.address(&call.address, "");
    desired.undecided = undecided;
    place_rows(
        domain::ARGUMENTS,
        &|name| decoded.get(name).cloned(),
        &|row| AttributePath::argument(row.name),
        &mut desired,
    );
    setting::put(&mut desired.settings, "Domain", Json::String(name));
    if let Some(certificate) = decoded.get("certificate_arn").and_then(Value::as_str) {
        setting::put(&mut desired.settings, "CustomDomainConfig.CertificateArn", Json::String(certificate.to_owned()));
    }
    domain::check(&desired, diagnostics);
    limits::check(&domain::KIND, &desired, diagnostics);
    Some(desired)
}

/// The items of a list, and whether they are all that it has: none that is not known or was refused.
fn desired_items(
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
        let decoded = decode(kind.arguments, &members, &at, "", &[], &fallback, &mut scope);
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
        if kind.name == client::KIND.name {
            for (argument, path) in [("name", "ClientName"), ("user_pool_id", "UserPoolId")] {
                if let Some(text) = decoded.get(argument).and_then(Value::as_str) {
                    let text = if argument == "name" { client::registered_name(text) } else { text.to_owned() };
                    setting::put(&mut desired.settings, path, Json::String(text));
                }
            }
        }
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
        // Cognito tells groups apart by letters alone, not by their case.
        let same_group = |other: &Desired| {
            let name = setting::get(&other.settings, kind.key).as_str().unwrap_or_default();
            kind.name == group::KIND.name && name.to_lowercase() == key.to_lowercase()
        };
        if found.iter().any(|other| other.address != desired.address && same_group(other)) {
            let detail = format!(
                "Another element of \"{}\" is called like \"{key}\" but for letter case, which is the same to Cognito. Rename or remove one of them.",
                list.name
            );
            diagnostics
                .push(Diagnostic::error("Duplicate name", detail).about(&call.address, &desired.place(kind.key)));
            continue;
        }
        if found.iter().any(|other| other.address == desired.address) {
            let detail = if kind.name == client::KIND.name {
                format!(
                    "Two clients are registered as \"{key}\": names are taken in lower case, with a hyphen for all but letters and digits. Rename one of them."
                )
            } else {
                format!("Two elements of \"{}\" are called \"{key}\". Rename or remove one of them.", list.name)
            };
            diagnostics
                .push(Diagnostic::error("Duplicate name", detail).about(&call.address, &desired.place(kind.key)));
            continue;
        }
        match kind.name {
            "Client" => client::check(&desired, diagnostics),
            "ResourceServer" => resource_server::check(&desired, diagnostics),
            "IdentityProvider" => identity_provider::check(&desired, decoded.get("provider_details"), diagnostics),
            _ => {}
        }
        limits::check(kind, &desired, diagnostics);
        found.push(desired);
    }
    (found, complete)
}

fn all_names() -> Vec<&'static str> {
    arguments().iter().map(|row| row.name).collect()
}

/// Scopes that every pool has (CreateUserPoolClient).
pub(crate) const STANDARD_SCOPES: &[&str] = &["phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"];

/// Scopes of a declared resource server that clients name must be among its scopes.
fn check_scopes(desired: &[Desired], diagnostics: &mut Diagnostics) {
    let servers: Vec<&Desired> = desired.iter().filter(|each| each.kind == resource_server::KIND.name).collect();
    let known: Vec<String> = servers.iter().flat_map(|server| resource_server::scopes(&server.settings)).collect();
    for each in desired.iter().filter(|each| each.kind == client::KIND.name) {
        let wanted = setting::get(&each.settings, "AllowedOAuthScopes").as_array().cloned().unwrap_or_default();
        for (index, scope) in wanted.iter().filter_map(Json::as_str).enumerate() {
            if STANDARD_SCOPES.contains(&scope) || known.iter().any(|other| other == scope) {
                continue;
            }
            let declared_here = servers.iter().any(|server| {
                setting::get(&server.settings, "Identifier")
                    .as_str()
                    .is_some_and(|identifier| scope.strip_prefix(identifier).is_some_and(|rest| rest.starts_with('/')))
            });
            if declared_here || !scope.contains('/') {
                let remedy = poolform_value::suggest(
                    scope,
                    known.iter().map(String::as_str).chain(STANDARD_SCOPES.iter().copied()),
                )
                .filter(|_| !each.hides("AllowedOAuthScopes"))
                .map_or_else(
                    || "Declare it in resource_servers.".to_owned(),
                    |near| format!("Did you mean \"{near}\"?"),
                );
                diagnostics.push(
                    Diagnostic::error(
                        "Unknown OAuth scope",
                        format!(
                            "No resource server has the scope {}. {remedy}",
                            each.shown("AllowedOAuthScopes", format_args!("\"{scope}\""))
                        ),
                    )
                    .about(&each.call, &each.place("AllowedOAuthScopes").then(Segment::Index(index))),
                );
            }
        }
    }
}

/// The kind of a resource by the name in [`Desired::kind`] or [`crate::Recorded::kind`].
pub(crate) fn kind_of(name: &str) -> Option<&'static Kind> {
    kinds::kind(name)
}
