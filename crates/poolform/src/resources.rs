//! The resources of a root, between the language, which reads blocks by a schema, and the core, which knows the schemas.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use poolform_core::Address;
use poolform_core::kinds::Kind;
use poolform_core::plan::within;
use poolform_core::terraform::block::Words;
use poolform_core::terraform::resources::{Resource, is_read, not_applied, types, value_type};
use poolform_core::terraform::schema::{Attribute, POOL_ID, Shape, attributes};
use poolform_language::{
    AttributeSchema, BlockSchema, Configuration, IgnoreChanges, Known, NestedBlock, Nesting, ResourceInstance, Schemas,
};
use poolform_value::{Content, Diagnostic, Diagnostics, Type, Value};

use crate::connection;

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

    fn data(&self, _: &str) -> Option<&BlockSchema> {
        None
    }
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
}

impl Known for Foretold<'_> {
    fn output(&self, address: &str, name: &str) -> Option<Value> {
        self.known.output(address, name)
    }

    fn names(&self, address: &str) -> Vec<String> {
        self.known.names(address)
    }

    fn resource(&self, address: &str) -> Option<Value> {
        self.known.resource(address).or_else(|| self.attributes.get(address).cloned())
    }
}

/// The resources that depend on what only the apply of another one tells, each with what that is, and those that refer to one
/// of them. Which pool a part belongs to is known before.
pub fn waiting(configuration: &Configuration<'_>, instances: &[ResourceInstance]) -> Vec<(Address, String)> {
    let of_another = |value: &Value| match &value.first_unknown()?.content {
        Content::Unknown(_, Some(origin)) => {
            let reference = &origin.reference;
            instances.iter().any(|other| within(reference, &other.address)).then(|| reference.clone())
        }
        _ => None,
    };
    let waits = |instance: &ResourceInstance| {
        let members = instance.body.members().into_iter().flatten();
        let on = members.filter(|(name, _)| *name != POOL_ID).find_map(|(_, value)| of_another(value))?;
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
fn without_keys(address: &str) -> String {
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
