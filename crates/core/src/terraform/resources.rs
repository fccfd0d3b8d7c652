//! What the resources of a root declare: a declaration for each pool, of the same [`Desired`] that a call of the module
//! becomes.

use std::collections::{BTreeMap, BTreeSet};

use poolform_model::Object;
use poolform_value::{AttributePath, Content, Diagnostic, Diagnostics, Segment, Type, Value, from_json};

use serde_json::Value as Json;

use super::block::{Words, declared, get};
use super::schema::POOL_ID;
use super::{aws_type, kind_of_type};
use crate::argument::{Argument, Kind as RowType};
use crate::declaration::{Context, Declaration, check_together};
use crate::kinds::{self, Kind};
use crate::output::Endpoints;
use crate::resource::{Address, Desired, Observed, quoted};
use crate::setting;

/// A resource as the language evaluated it.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Terraform's address of the instance: `module.auth.aws_cognito_user_pool.this[0]`.
    pub address: Address,
    /// `aws_cognito_user_pool`
    pub resource_type: String,
    /// What is written, nested blocks as lists.
    pub body: Value,
    /// The provider's `default_tags`.
    pub default_tags: BTreeMap<String, String>,
    /// What its `ignore_changes` names; None for `all`.
    pub ignore_changes: Option<Vec<AttributePath>>,
}

/// What begins the types that are read.
const AWS: &str = "aws_cognito_";

/// Types of the AWS provider that poolform does not apply, and what they are.
const NOT_APPLIED: &[(&str, &str)] =
    &[("aws_cognito_managed_user_pool_client", "an app client that another service makes")];

/// Types of another service, which is no part of a user pool.
const OF_IDENTITY_POOLS: &str = "aws_cognito_identity_pool";

/// Whether resources of a type are declarations of user pools, or of what belongs to them.
pub fn is_read(resource_type: &str) -> bool {
    kind_of_type(resource_type).is_some() || resource_type.starts_with(AWS)
}

/// What a root's resources declare.
#[derive(Debug, Default)]
pub struct Declared {
    /// A declaration for each pool.
    pub declarations: Vec<Declaration>,
    /// What is wrong, and what is not applied.
    pub diagnostics: Diagnostics,
}

/// The pool that a part belongs to.
enum Pool {
    /// A pool of the root.
    Of(Address),
    /// What is written has been refused already.
    Unsaid,
    /// Another one.
    Elsewhere(String),
}

/// What `resources` declare beside `calls` of the module, whose pools may have parts among them. `known` gives the address of a
/// pool that is there by its id.
pub fn declare(resources: &[Resource], calls: &[Declaration], known: &dyn Fn(&str) -> Option<Address>) -> Declared {
    let mut found = Declared::default();
    let read: Vec<(&Resource, &'static Kind)> =
        resources.iter().filter_map(|resource| Some((resource, kind_of_type(&resource.resource_type)?))).collect();
    let is_resource = |address: &str| read.iter().any(|(resource, kind)| kind.is_pool() && resource.address == address);
    let call_of_pool = |address: &str| calls.iter().find(|call| call.address == address);
    let is_pool = |address: &str| is_resource(address) || call_of_pool(address).is_some();
    let kind_at = |address: &str| read.iter().find(|(resource, _)| resource.address == address).map(|(_, kind)| *kind);
    for (resource, kind) in read.iter().filter(|(_, kind)| kind.is_pool()) {
        let (desired, said) = one(resource, kind, &resource.address, &resource.body);
        found.diagnostics.extend(said);
        found.declarations.push(Declaration {
            address: resource.address.clone(),
            enabled: true,
            own_tags: own_tags(&resource.body),
            desired: vec![desired],
        });
    }
    for (resource, kind) in read.iter().filter(|(_, kind)| !kind.is_pool()) {
        match pool_of(&resource.body, &is_pool, known) {
            Pool::Of(pool) => {
                let ids = ids_of_parts(kind, &resource.body, &kind_at);
                let given = (!ids.is_empty()).then(|| not_yet_known(kind, &resource.body, &ids));
                let (mut desired, said) = one(resource, kind, &pool, given.as_ref().unwrap_or(&resource.body));
                found.diagnostics.extend(said);
                desired.ids = ids;
                if let Some(declaration) = found.declarations.iter_mut().find(|each| each.address == pool) {
                    same_name(kind, &desired, &declaration.desired, &mut found.diagnostics);
                    declaration.desired.push(desired);
                } else if let Some(call) = call_of_pool(&pool) {
                    let of_others = found.declarations.iter().filter(|each| each.is_of_parts());
                    let others =
                        of_others.chain([call]).flat_map(|each| &each.desired).filter(|each| each.pool == pool);
                    let others: Vec<Desired> = others.cloned().collect();
                    same_name(kind, &desired, &others, &mut found.diagnostics);
                    // Outputs of the module are of what it declares itself.
                    found.declarations.push(Declaration {
                        address: resource.address.clone(),
                        enabled: true,
                        own_tags: Json::Null,
                        desired: vec![desired],
                    });
                }
            }
            Pool::Unsaid => {}
            Pool::Elsewhere(which) => {
                let detail = format!(
                    "user_pool_id is {which}, which no resource of this root makes. This {} is left out.",
                    kind.noun
                );
                let place = AttributePath::argument(POOL_ID);
                found
                    .diagnostics
                    .push(Diagnostic::warning("Part of a pool elsewhere", detail).about(&resource.address, &place));
            }
        }
    }
    for declaration in &mut found.declarations {
        declaration.desired.sort_by_key(|desired| kinds::KINDS.iter().position(|kind| kind.name == desired.kind));
        check_together(&declaration.desired, &|_| true, &mut found.diagnostics);
    }
    found
}

/// The part that an attribute names by its id, which only the apply gives: the address of the part.
pub fn part_named_by<'v>(
    row: &Argument,
    value: &'v Value,
    kind_at: &dyn Fn(&str) -> Option<&'static Kind>,
) -> Option<&'v str> {
    let Content::Unknown(_, Some(origin)) = &value.content else { return None };
    let address = origin.reference.strip_suffix(".id")?;
    let of = row.id_of?;
    kind_at(address).filter(|kind| kind.name == of.name).map(|_| address)
}

fn ids_of_parts(
    kind: &'static Kind,
    body: &Value,
    kind_at: &dyn Fn(&str) -> Option<&'static Kind>,
) -> BTreeMap<&'static str, Address> {
    let named = |row: &'static Argument| {
        Some((row.api, part_named_by(row, get(body, row.resource_path())?, kind_at)?.to_owned()))
    };
    kind.arguments.iter().filter_map(named).collect()
}

/// The body with what `ids` gives as not known yet: nothing is missing.
fn not_yet_known(kind: &Kind, body: &Value, ids: &BTreeMap<&'static str, Address>) -> Value {
    let is_given =
        |name: &str| kind.arguments.iter().any(|row| row.resource_path() == name && ids.contains_key(row.api));
    let members = body.members().into_iter().flatten();
    let value = |name: &String, value: &Value| {
        if is_given(name) { Content::Unknown(Type::String, None).into() } else { value.clone() }
    };
    Value::object(members.map(|(name, each)| (name.clone(), value(name, each)))).at(body.span.clone())
}

/// Why a resource of a type is not applied; None for a type that is.
pub fn not_applied(ty: &str) -> Option<(&'static str, String)> {
    if kind_of_type(ty).is_some() {
        return None;
    }
    Some(match NOT_APPLIED.iter().find(|(name, _)| *name == ty) {
        Some((_, what)) => {
            ("Resource that is not applied", format!("{ty} is {what}, which poolform does not apply yet."))
        }
        None if ty.starts_with(OF_IDENTITY_POOLS) => {
            ("Identity pool left out", "Identity pools are another service, which poolform does not run.".to_owned())
        }
        None => ("Resource that is not known", format!("poolform does not know {ty}, and does not apply it.")),
    })
}

fn words(resource: &Resource) -> Words {
    if resource.resource_type.starts_with(AWS) { Words::Aws } else { Words::Poolform }
}

/// What a resource declares of the pool at `pool`; its body may say less than what is written.
fn one(resource: &Resource, kind: &'static Kind, pool: &str, body: &Value) -> (Desired, Diagnostics) {
    let context = Context { default_tags: resource.default_tags.clone() };
    let (mut desired, diagnostics) = declared(kind, words(resource), (&resource.address, pool), body, &context);
    desired.ignored = match &resource.ignore_changes {
        None => BTreeSet::from([String::new()]),
        Some(paths) => paths.iter().flat_map(|path| ignored(kind, path)).collect(),
    };
    (desired, diagnostics)
}

/// The settings that an entry of `ignore_changes` names; entries of maps as `PATH["KEY"]`.
fn ignored(kind: &'static Kind, path: &AttributePath) -> Vec<String> {
    let names: Vec<&str> = path
        .segments
        .iter()
        .filter_map(|segment| match segment {
            Segment::Attribute(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let written = names.join(".");
    let key = path.segments.last().and_then(|segment| match segment {
        Segment::Key(key) => Some(key),
        _ => None,
    });
    let mut found = Vec::new();
    for row in kind.settings() {
        let at = row.resource_path();
        let is_map = matches!(row.kind, RowType::Map);
        match key.filter(|_| is_map && at == written) {
            Some(key) => found.push(format!("{}[{}]", row.api, quoted(key))),
            // `tags.Name` is an entry of the map, too.
            None if is_map && names.len() > 1 && written.starts_with(&format!("{at}.")) => {
                found.push(format!("{}[{}]", row.api, quoted(&written[at.len() + 1..])));
            }
            None if crate::address::within(at, &written) || crate::address::within(row.resource_alias, &written) => {
                found.push(row.api.to_owned());
            }
            None => {}
        }
    }
    found
}

fn pool_of(body: &Value, is_pool: &dyn Fn(&str) -> bool, known: &dyn Fn(&str) -> Option<Address>) -> Pool {
    let Some(id) = get(body, POOL_ID).filter(|id| !id.is_null()) else { return Pool::Unsaid };
    match &id.content {
        Content::String(id) => {
            known(id).filter(|address| is_pool(address)).map_or_else(|| Pool::Elsewhere(format!("\"{id}\"")), Pool::Of)
        }
        Content::Unknown(_, Some(origin)) => match pool_of_reference(&origin.reference).filter(|pool| is_pool(pool)) {
            Some(pool) => Pool::Of(pool.to_owned()),
            None => Pool::Elsewhere(origin.reference.clone()),
        },
        _ => Pool::Unsaid,
    }
}

/// The address of the pool whose id a reference is: `aws_cognito_user_pool.main` of `aws_cognito_user_pool.main.id`, and the
/// call `module.pool` of its output, `module.pool.user_pool.id`. Of an output that is not known only its own name is said.
pub fn pool_of_reference(reference: &str) -> Option<&str> {
    let of_call = reference.strip_suffix(".id").unwrap_or(reference).strip_suffix(".user_pool");
    of_call.filter(|call| crate::address::call_of(call) == *call).or_else(|| reference.strip_suffix(".id"))
}

/// Cognito refuses a second part of one name, where names are what tells parts apart.
fn same_name(kind: &'static Kind, desired: &Desired, others: &[Desired], diagnostics: &mut Diagnostics) {
    let own = kind.names_in(&desired.settings);
    let same = |other: &Desired| {
        let names = kind.names_in(&other.settings);
        names.len() == own.len()
            && other.ids == desired.ids
            && names.iter().zip(&own).all(|(other, own)| kind.alike(own, other))
    };
    let said =
        desired.undecided.iter().all(|name| kind.arguments.iter().any(|row| row.name == *name && row.id_of.is_some()));
    let told = if own.is_empty() { kind.is_told_by_parts() && said } else { true };
    let twin = others.iter().find(|other| told && other.kind == kind.name && same(other));
    if let Some(twin) = twin {
        let detail = if own.is_empty() {
            format!("{} is another {} of the same, which has one at most. Remove one of them.", twin.address, kind.noun)
        } else {
            format!(
                "{} is another {} of the pool that is called \"{}\". Rename or remove one of them.",
                twin.address,
                kind.noun,
                own.join("/")
            )
        };
        let place = desired.place(kind.name_setting());
        diagnostics.push(Diagnostic::error("Duplicate name", detail).about(&desired.address, &place));
    }
}

fn own_tags(body: &Value) -> Json {
    get(body, "tags").and_then(poolform_value::to_json).unwrap_or(Json::Null)
}

/// The attributes of everything that resources declare, by address: as Cognito answered them, or as far as the declaration
/// itself says what they will be. What is not known yet is not among them.
pub fn attributes(
    declarations: &[Declaration],
    observed: &BTreeMap<Address, Observed>,
    endpoints: &Endpoints<'_>,
) -> BTreeMap<Address, Value> {
    let mut found = BTreeMap::new();
    for declaration in declarations {
        for desired in &declaration.desired {
            let Some(kind) = kinds::kind(desired.kind) else { continue };
            let schema = setting::get(&desired.settings, "Schema");
            let members = match observed.get(&desired.address) {
                Some(observed) => answered(kind, observed, schema, &declaration.own_tags, endpoints),
                None => kind.rules.foretold(&desired.settings),
            };
            found.insert(desired.address.clone(), value_of(kind, &members));
        }
    }
    found
}

/// The attributes of something that no file declares, as Cognito answered them.
pub fn attributes_of_another(kind: &Kind, observed: &Observed, endpoints: &Endpoints<'_>) -> Value {
    let (schema, tags) = (setting::get(&observed.settings, "Schema"), setting::get(&observed.settings, "UserPoolTags"));
    value_of(kind, &answered(kind, observed, schema, tags, endpoints))
}

fn answered(kind: &Kind, observed: &Observed, schema: &Json, own_tags: &Json, endpoints: &Endpoints<'_>) -> Object {
    let mut members = kind.rules.attributes(kind, observed, schema, own_tags, endpoints);
    let of_answer =
        |(member, path): &(&str, &str)| Some(((*member).to_owned(), observed.answer.get(*path)?.as_str()?.to_owned()));
    let identity: BTreeMap<String, String> = kind.identity.iter().filter_map(of_answer).collect();
    let pool = identity.get("UserPoolId").or_else(|| identity.values().next());
    let region = pool.and_then(|pool| pool.split_once('_')).map_or("", |(region, _)| region);
    members.insert("region".to_owned(), region.into());
    members.insert("id".to_owned(), super::id(kind, &identity).into());
    if kind.has_secret() {
        let secret = observed.answer.get("ClientSecret").cloned().unwrap_or(Json::Null);
        members.insert("client_secret".to_owned(), secret);
    }
    members
}

fn value_of(kind: &Kind, members: &Object) -> Value {
    let secret = |name: &str| kind.terraform.computed.iter().any(|(path, _, secret, _)| *secret && *path == name);
    Value::object(members.iter().map(|(name, value)| (name.as_str(), from_json(value).marked(secret(name)))))
}

/// The type of the AWS provider and of poolform's of every kind.
pub fn types() -> Vec<(String, &'static Kind, Words)> {
    let of = |kind: &&'static Kind| {
        let own = kind.terraform.offered.then(|| (super::own_type(kind), *kind, Words::Poolform));
        std::iter::once((aws_type(kind).to_owned(), *kind, Words::Aws)).chain(own)
    };
    kinds::KINDS.iter().flat_map(of).collect()
}

/// Terraform's type of an attribute.
pub fn value_type(simple: crate::argument::Simple) -> Type {
    use crate::argument::Simple;
    match simple {
        Simple::String => Type::String,
        Simple::Bool => Type::Bool,
        Simple::Number => Type::Number,
        Simple::Set => Type::Set(Box::new(Type::String)),
        Simple::List => Type::List(Box::new(Type::String)),
        Simple::Map => Type::Map(Box::new(Type::String)),
    }
}
