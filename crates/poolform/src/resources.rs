//! The resources of a root, between the language, which reads blocks by a schema, and the core, which knows the schemas.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use poolform_core::kinds::{self, Kind};
use poolform_core::plan::within;
use poolform_core::terraform::block::Words;
use poolform_core::terraform::kind_of_type;
use poolform_core::terraform::resources::{
    Resource, attributes as attributes_of, declare, is_read, not_applied, part_named_by, types, value_type,
};
use poolform_core::terraform::schema::{Attribute, POOL_ID, Shape, attributes};
use poolform_core::{Action, Address, Change, Endpoints, Plan};
use poolform_language::{
    AttributeSchema, BlockSchema, Configuration, IgnoreChanges, Known, NestedBlock, Nesting, ResourceInstance, Schemas,
};
use poolform_state::State;
use poolform_value::{Content, Diagnostic, Diagnostics, Type, Value};

use crate::data::DataSources;
use crate::root::{DEFAULT_REGION, Root};
use crate::stop::Stop;
use crate::{connection, data, functions};

/// The schemas of the types that the core has a kind for.
pub struct Types;

/// Attributes that every resource of the AWS provider has.
const OF_ALL: &[(&str, bool)] = &[("region", true), ("id", false), ("tags_all", false)];

static SCHEMAS: LazyLock<BTreeMap<String, BlockSchema>> =
    LazyLock::new(|| types().into_iter().map(|(name, kind, words)| (name, of_kind(kind, words))).collect());

impl Schemas for Types {
    fn resource(&self, resource_type: &str) -> Option<&BlockSchema> {
        SCHEMAS.get(resource_type)
    }

    fn data(&self, data_type: &str) -> Option<&BlockSchema> {
        data::schema(data_type)
    }
}

/// The schema of a resource type that the core has a kind for.
pub fn schema(resource_type: &str) -> Option<&'static BlockSchema> {
    SCHEMAS.get(resource_type)
}

fn of_kind(kind: &'static Kind, words: Words) -> BlockSchema {
    let mut schema = of_attributes(&attributes(kind), words);
    if words == Words::Aws {
        for (name, optional) in OF_ALL {
            let attribute = AttributeSchema {
                ty: Type::String,
                required: false,
                optional: *optional,
                computed: true,
                sensitive: false,
            };
            schema.attributes.entry((*name).to_owned()).or_insert(attribute);
        }
    }
    // Older attributes that mean the same as another one.
    for row in kind.arguments.iter().filter(|row| !row.resource_alias.is_empty()) {
        if let Some(attribute) = schema.attributes.get_mut(row.resource_alias) {
            attribute.optional = true;
        }
    }
    schema
}

fn of_attributes(all: &[Attribute], words: Words) -> BlockSchema {
    let mut schema = BlockSchema::default();
    for attribute in all {
        let simple = |ty, optional: bool| AttributeSchema {
            ty,
            required: attribute.required,
            optional: optional && !attribute.required,
            computed: !attribute.required,
            sensitive: attribute.sensitive,
        };
        let (nesting, inner, max) = match &attribute.shape {
            // What is between the user and poolform, no other provider has; but a part's pool.
            Shape::Own(_) if words == Words::Aws && !attribute.required => continue,
            Shape::Row(_, ty) | Shape::Own(ty) => {
                schema.attributes.insert(attribute.name.to_owned(), simple(value_type(*ty), true));
                continue;
            }
            Shape::Computed(ty) => {
                schema.attributes.insert(attribute.name.to_owned(), simple(value_type(*ty), false));
                continue;
            }
            Shape::Records(_, inner) => (Nesting::Set, inner, None),
            Shape::Group(inner) => (Nesting::List, inner, Some(1)),
        };
        if words == Words::Aws {
            let block = of_attributes(inner, words);
            schema.blocks.insert(attribute.name.to_owned(), NestedBlock { nesting, min: 0, max, block });
        } else {
            // poolform's own provider has lists and sets of objects where the AWS provider has blocks.
            schema.attributes.insert(attribute.name.to_owned(), simple(Type::Any, true));
        }
    }
    schema
}

/// The resources of user pools in a root.
pub fn instances(configuration: &Configuration<'_>, known: &dyn Known) -> (Vec<ResourceInstance>, Diagnostics) {
    configuration.resource_instances(&|name: &str| SCHEMAS.contains_key(name), known)
}

/// What is declared beside them and not applied, as warnings.
pub fn left_out(configuration: &Configuration<'_>) -> Diagnostics {
    let mut found = Diagnostics::new();
    for resource in configuration.resources() {
        let read = resource.mode == "resource" && is_read(&resource.kind) && !SCHEMAS.contains_key(&resource.kind);
        if let Some((summary, detail)) = not_applied(&resource.kind).filter(|_| read) {
            found.push(Diagnostic::warning(summary, detail).at(Some(&resource.span)));
        }
    }
    found
}

/// An instance as the core takes it.
pub fn of_core(instance: &ResourceInstance) -> Resource {
    Resource {
        address: instance.address.clone(),
        resource_type: instance.resource_type.clone(),
        body: instance.body.clone(),
        default_tags: connection::default_tags(&instance.provider.arguments),
        ignore_changes: match &instance.lifecycle.ignore_changes {
            IgnoreChanges::All => None,
            IgnoreChanges::Paths(paths) => Some(paths.clone()),
        },
    }
}

/// What is known besides: attributes of resources that follow from their declaration.
pub struct Foretold<'k> {
    /// What is known otherwise.
    pub known: &'k dyn Known,
    /// Attributes by address.
    pub attributes: &'k BTreeMap<Address, Value>,
    /// Data sources.
    pub data: &'k DataSources,
}

impl Known for Foretold<'_> {
    fn output(&self, address: &str, name: &str) -> Option<Value> {
        self.known.output(address, name)
    }

    fn names(&self, address: &str) -> Vec<String> {
        self.known.names(address)
    }

    fn resource(&self, address: &str) -> Option<Value> {
        // What is known otherwise of a data source is older.
        if self.data.has(address) {
            return self.data.values.get(address).cloned();
        }
        self.known.resource(address).or_else(|| self.attributes.get(address).cloned())
    }

    fn is_absent(&self, address: &str) -> bool {
        self.data.absent.contains(address)
    }
}

/// The resources that depend on what only the apply of another one tells, each with what that is, and those that refer to one
/// of them. Which pool a part belongs to is known before.
pub fn waiting(
    configuration: &Configuration<'_>,
    instances: &[ResourceInstance],
    calls: &[Address],
    data: &DataSources,
) -> Vec<(Address, String)> {
    let of_another = |value: &Value| match &value.first_unknown()?.content {
        Content::Unknown(_, Some(origin)) => {
            let reference = &origin.reference;
            let mut others = instances.iter().map(|other| &other.address).chain(calls);
            let of_another = others.any(|other| within(reference, other));
            (of_another || data.will_ask(reference)).then(|| reference.clone())
        }
        _ => None,
    };
    let kind_at = |address: &str| {
        let instance = instances.iter().find(|instance| instance.address == address)?;
        kind_of_type(&instance.resource_type)
    };
    // Another part of the pool is named in the plan by its address.
    let is_named = |instance: &ResourceInstance, name: &str, value: &Value| {
        let rows = kind_of_type(&instance.resource_type).map_or(&[][..], |kind| kind.arguments);
        rows.iter().any(|row| row.resource_path() == name && part_named_by(row, value, &kind_at).is_some())
    };
    let waits = |instance: &ResourceInstance| {
        let members = instance.body.members().into_iter().flatten();
        let on = members
            .filter_map(|(name, value)| {
                let on = of_another(value)?;
                let comes_with_it = name == POOL_ID || is_named(instance, name, value);
                (!comes_with_it || data.will_ask(&on)).then_some(on)
            })
            .next()?;
        Some((instance.address.clone(), on))
    };
    let mut found: Vec<(Address, String)> = instances.iter().filter_map(waits).collect();
    if found.is_empty() {
        return found;
    }
    let blocks = configuration.resources();
    loop {
        let block_of = |address: &str| blocks.iter().find(|block| block.address == without_keys(address));
        let refers = |instance: &ResourceInstance| {
            let block = block_of(&instance.address)?;
            let module = block.address.rsplitn(3, '.').nth(2).map_or_else(String::new, |module| format!("{module}."));
            let of_waiting = |reference: &String| {
                found.iter().any(|(address, _)| within(&format!("{module}{reference}"), &without_keys(address)))
            };
            block.references.iter().find(|reference| of_waiting(reference)).cloned()
        };
        let waits = |instance: &&ResourceInstance| !found.iter().any(|(address, _)| *address == instance.address);
        let more: Vec<(Address, String)> = instances
            .iter()
            .filter(waits)
            .filter_map(|instance| Some((instance.address.clone(), refers(instance)?)))
            .collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// An address without the keys of instances.
pub fn without_keys(address: &str) -> String {
    let mut plain = String::new();
    let (mut inside, mut quoted, mut escaped) = (false, false, false);
    for each in address.chars() {
        match each {
            '"' if inside && !escaped => quoted = !quoted,
            '[' if !inside => inside = true,
            ']' if inside && !quoted => inside = false,
            _ if !inside => plain.push(each),
            _ => {}
        }
        escaped = each == '\\' && !escaped;
    }
    plain
}

/// Whether any value of a resource is not known.
pub fn any_unknown(instances: &[ResourceInstance]) -> bool {
    instances.iter().any(|instance| instance.body.first_unknown().is_some())
}

impl Root {
    /// Declares what the resources say. What follows from one declaration may be an argument of another: evaluated again
    /// until nothing more does.
    pub(crate) fn declare_resources(&mut self, known: &dyn poolform_language::Known) -> Diagnostics {
        let of_calls = self.declarations.len();
        let mut foretold = BTreeMap::new();
        loop {
            let before = (self.data.values.clone(), self.data.absent.clone());
            let all = Foretold { known, attributes: &foretold, data: &self.data };
            let (found, mut diagnostics) = instances(self.configuration(), &all);
            self.resources = found;
            let of_data = self.resolve_data(known, &foretold);
            // What both refer to is said by both.
            let new = of_data.0.into_iter().filter(|one| !diagnostics.0.contains(one)).collect();
            diagnostics.extend(Diagnostics(new));
            let calls: Vec<Address> = self.calls.iter().map(|call| call.address.clone()).collect();
            self.waiting = waiting(self.configuration(), &self.resources, &calls, &self.data);
            let ready =
                self.resources.iter().filter(|each| !self.waiting.iter().any(|(address, _)| *address == each.address));
            let ready: Vec<Resource> = ready.map(of_core).collect();
            let declared = declare(&ready, &self.declarations[..of_calls], &|id| self.pools.get(id).cloned());
            self.declarations.truncate(of_calls);
            self.declarations.extend(declared.declarations);
            let nowhere = Endpoints {
                issuer: &|_| String::new(),
                keys: &|_| String::new(),
                pages: &|_, _| String::new(),
                date: &|_| String::new(),
            };
            let more = attributes_of(&self.declarations[of_calls..], &BTreeMap::new(), &nowhere);
            let settled = more == foretold && before == (self.data.values.clone(), self.data.absent.clone());
            if settled || self.data.instances.is_empty() && !any_unknown(&self.resources) {
                diagnostics.extend(declared.diagnostics);
                return diagnostics;
            }
            foretold = more;
        }
    }

    /// The Lambda functions of the root, as far as they can be run here. Their ARNs are those of the stand-ins.
    pub fn functions(&self) -> functions::Found {
        let account = poolform_emulator::Options::default().account;
        let arn = |name: &str, region: Option<&str>| {
            format!("arn:aws:lambda:{}:{account}:function:{name}", region.unwrap_or(DEFAULT_REGION))
        };
        functions::of_root(self.configuration(), &|_: &str, _: &str| None, self.places.root(), &arn)
    }

    /// Says which resources wait for the apply of others.
    pub fn say_waiting(&mut self) -> Result<(), Stop> {
        let mut found = Diagnostics::new();
        for (address, reference) in &self.waiting {
            let detail = format!(
                "{address} depends on {reference}, which is not known before the apply. It is planned and made after that."
            );
            found.push(Diagnostic::warning("Resource that waits", detail).of(address));
        }
        self.check(found)
    }

    /// Whether a part is declared whose pool was not known when the files were read.
    pub fn has_parts_elsewhere(&self) -> bool {
        let desired = || self.declarations.iter().flat_map(|declaration| &declaration.desired);
        self.resources.iter().any(|resource| !desired().any(|each| each.address == resource.address))
    }

    /// Whether an address is that of a resource in the files, and not of a module's call.
    pub fn is_resource(&self, address: &str) -> bool {
        self.resources.iter().any(|resource| resource.address == address)
    }

    /// Whether Terraform applies the resources of this root: on AWS it does.
    pub fn is_terraforms(&self) -> bool {
        !self.is_local() && !self.resources.is_empty() && !self.has_endpoint()
    }

    /// Whether all of it is behind an endpoint that is not AWS's own, by the provider, the environment or a
    /// profile.
    pub fn has_endpoint(&self) -> bool {
        let of_calls = self.calls.iter().map(|call| &call.provider);
        let all = of_calls.chain(self.resources.iter().map(|resource| &resource.provider));
        // Mostly they are one and the same.
        let mut different: Vec<poolform_client::Settings> = Vec::new();
        for (settings, _) in all.map(|provider| connection::settings(&provider.arguments)) {
            if settings.endpoint.is_none() && !different.contains(&settings) {
                different.push(settings);
            }
        }
        different.iter().all(|settings| poolform_client::configured_endpoint(settings).is_some())
    }

    /// What a plan destroys although its `lifecycle` forbids it.
    pub fn must_stay(&self, plan: &Plan) -> Diagnostics {
        let mut found = Diagnostics::new();
        let goes = |address: &str| {
            let goes = |change: &&Change| matches!(change.action, Action::Delete | Action::Replace);
            plan.changes.iter().filter(goes).any(|change| change.address == address)
        };
        for resource in self.resources.iter().filter(|each| each.lifecycle.prevent_destroy && goes(&each.address)) {
            let detail = format!(
                "{} has lifecycle.prevent_destroy set, but the plan destroys it. Take that out of its lifecycle block, or \
                 leave it out of the plan by -target.",
                resource.address
            );
            found.push(Diagnostic::error("Instance cannot be destroyed", detail).at(Some(&resource.span)));
        }
        found
    }

    /// Takes the ids of pools from a state: a part may name its pool by one.
    pub fn know_pools(&mut self, state: &State) {
        let pools = state.resources.iter().filter(|(_, recorded)| recorded.kind == kinds::pool().name);
        self.pools = pools
            .filter_map(|(address, recorded)| Some((recorded.identity.get("UserPoolId")?.clone(), address.clone())))
            .collect();
    }
}
