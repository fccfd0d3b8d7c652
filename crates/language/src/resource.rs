//! Resources and data sources whose types the caller knows: their instances, what is written in each, and what each is worth
//! to those who refer to it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use poolform_value::{Content, Diagnostic, Diagnostics, Origin, Span, Type, Value, convert};

use crate::aws::{Provider, provider_of_resource};
use crate::blocks::did_you_mean;
use crate::condition::check_all;
use crate::decode::{Written, decode};
use crate::instance::{Instance, Memo, Repetition};
use crate::lifecycle::lifecycle;
use crate::module::{Resource, one_way_to_repeat, references, repeats};
use crate::schema::{BlockSchema, Lifecycle, Nesting, ResourceInstance};
use crate::scope::{Frame, Scope};
use crate::syntax::{Block, Kind, Step, error_at};
use crate::view::Source;

/// One instance of a resource, evaluated.
#[derive(Debug)]
pub(crate) struct Decoded {
    address: String,
    repetition: Repetition,
    written: Written,
}

impl<'e> Instance<'e> {
    /// The schema of a resource or data source, where the caller knows its type.
    pub fn schema(&self, resource: &Resource) -> Option<&'e BlockSchema> {
        let schemas = self.evaluator.inputs.schemas;
        match resource.mode {
            "resource" => schemas.resource(resource.block.label(0)),
            "data" => schemas.data(resource.block.label(0)),
            _ => None,
        }
    }

    /// All the instances of a resource of a known type, which is asked for at `span`: they depend on the same. What is wrong
    /// with them is said by the evaluator, whoever asks; not how many there are.
    fn evaluated(
        self: &Rc<Self>,
        resource: &'e Resource,
        schema: &BlockSchema,
        span: &Span,
    ) -> Result<Rc<Vec<Decoded>>, Diagnostics> {
        let block = &resource.block;
        let plain = resource.address();
        one_way_to_repeat(&block.body)?;
        if matches!(self.resources.borrow().get(&plain), Some(Memo::Busy))
            && self.evaluator.is_inmost(&self.absolute(&plain))
        {
            let detail = format!("Configuration for {} may not refer to itself.", self.absolute(&plain));
            return Err(self.evaluator.note(error_at(span, "Self-referential block", detail)));
        }
        let repetitions = self.repetitions(&plain, &block.body, &block.header)?;
        self.memoized(&self.resources, &plain, span, || {
            let mut found = Diagnostics::new();
            let mut instances = Vec::new();
            for repetition in repetitions.iter() {
                let scope = self.scope(repetition);
                scope.meter.charge(1)?;
                let address = self.absolute(&format!("{plain}{}", repetition.suffix()));
                let written = decode(Source::Body(&block.body), &block.header, schema, scope, true, &mut found);
                instances.push(Decoded { address, repetition: repetition.clone(), written });
            }
            self.evaluator.found.borrow_mut().extend(found);
            Ok(Rc::new(instances))
        })
    }

    /// What a reference at `span` to a resource of a known type is worth: an object, or a tuple or object of them.
    pub fn worth(
        self: &Rc<Self>,
        resource: &'e Resource,
        schema: &BlockSchema,
        span: &Span,
    ) -> Result<Rc<Value>, Diagnostics> {
        let instances = self.evaluated(resource, schema, span)?;
        self.memoized(&self.values, &resource.address(), span, || {
            let body = &resource.block.body;
            let mut values = instances.iter().map(|instance| self.value(resource, schema, instance));
            Ok(Rc::new(if !repeats(body) {
                values.next().unwrap_or_else(Value::null)
            } else if body.attribute("count").is_some() {
                Value::tuple(values.collect())
            } else {
                let keys = instances.iter().map(|instance| match &instance.repetition {
                    Repetition::Each(key, _) => key.clone(),
                    _ => String::new(),
                });
                Value::object(keys.zip(values))
            }))
        })
    }

    /// All the attributes of an instance.
    fn value(self: &Rc<Self>, resource: &'e Resource, schema: &BlockSchema, instance: &Decoded) -> Value {
        let Decoded { address, repetition, written } = instance;
        let known = self.evaluator.known.resource(address).or_else(|| {
            let state = self.evaluator.inputs.terraform_state.as_ref()?;
            crate::recorded::instance(state, &self.address, &resource.address(), repetition)
        });
        let header = &resource.block.header;
        let mut value = all_of(schema, written, known.as_ref(), address).at(Some(header.clone()));
        if resource.mode == "data"
            && known.is_none()
            && self.evaluator.known.is_absent(address)
            && let Content::Object(members) = &mut value.content
        {
            for (name, member) in members.iter_mut().filter(|(_, member)| member.is_unknown()) {
                let reference = format!("{address}.{name}");
                let Some(attribute) = schema.attributes.get(name).filter(|attribute| attribute.computed) else {
                    continue;
                };
                *member = self.not_given(&reference, Some((resource, repetition, name)), header);
                if let Content::Unknown(ty, _) = &mut member.content {
                    *ty = attribute.ty.clone();
                }
            }
        }
        if !self.evaluator.configuration.settings.is_empty()
            && let Content::Object(members) = &mut value.content
        {
            for (name, member) in members {
                if let Some(set) = self.set_at(&format!("{address}.{name}"), header) {
                    *member = set;
                }
            }
        }
        value
    }

    /// What `replace_triggered_by` of an instance names, as the root would write it, with keys worked out.
    fn triggers(&self, block: &Block, scope: Scope<'_, 'e>) -> Vec<String> {
        let lifecycles = block.body.blocks("lifecycle");
        let lists = lifecycles.filter_map(|lifecycle| lifecycle.body.attribute("replace_triggered_by"));
        let items = lists.flat_map(|list| match &list.expression.kind {
            Kind::Tuple(items) => items.as_slice(),
            _ => &[],
        });
        items.filter_map(|item| Some(self.absolute(&self.address_of(item, scope)?))).collect()
    }

    /// The instances of a resource as the caller wants them, with its conditions checked.
    pub fn wanted(
        self: &Rc<Self>,
        resource: &'e Resource,
        schema: &BlockSchema,
        found: &mut Diagnostics,
    ) -> Vec<ResourceInstance> {
        let block = &resource.block;
        let instances = match self.evaluated(resource, schema, &block.header) {
            Ok(instances) => instances,
            Err(failed) => {
                found.extend(failed);
                return Vec::new();
            }
        };
        let lifecycle = lifecycle(block, schema, found);
        for provisioner in block.body.blocks("provisioner") {
            let detail = "poolform runs no provisioners: what this one does is left out.";
            found.push(Diagnostic::warning("Provisioner passed over", detail).at(Some(&provisioner.header)));
        }
        let depends_on =
            block.body.attribute("depends_on").map_or_else(Vec::new, |attribute| references(&attribute.expression));
        let mut wanted = Vec::new();
        for instance in instances.iter() {
            let scope = self.scope(&instance.repetition);
            let rules = |kind: &'static str| {
                block.body.blocks("lifecycle").flat_map(move |lifecycle| lifecycle.body.blocks(kind))
            };
            found.extend(check_all(rules("precondition"), scope, "Resource precondition failed"));
            if rules("postcondition").next().is_some() {
                let value = self.value(resource, schema, instance);
                let own = Frame { name: "self", value: &value, next: None };
                let scope = Scope { names: Some(&own), ..scope };
                found.extend(check_all(rules("postcondition"), scope, "Resource postcondition failed"));
            }
            let provider = provider_of_resource(self, block, &instance.repetition).unwrap_or_else(|failed| {
                // What is wrong with all of them is said once.
                let new = failed.0.into_iter().filter(|one| !found.0.contains(one)).collect();
                found.extend(Diagnostics(new));
                Provider::default()
            });
            let lifecycle = Lifecycle { replace_triggered_by: self.triggers(block, scope), ..lifecycle.clone() };
            let body = Value::from(Content::Object(instance.written.clone())).at(Some(block.header.clone()));
            wanted.push(ResourceInstance {
                address: instance.address.clone(),
                resource_type: block.label(0).to_owned(),
                name: block.label(1).to_owned(),
                span: block.header.clone(),
                body,
                lifecycle,
                depends_on: depends_on.clone(),
                provider,
            });
        }
        wanted
    }
}

/// What Terraform refuses in the steps of a reference after the name of `resource`, whatever the values are.
pub(crate) fn check_steps(
    resource: &Resource,
    schema: &BlockSchema,
    steps: &[Step],
    span: &Span,
) -> Result<(), Diagnostics> {
    let (body, address) = (&resource.block.body, resource.address());
    let repeats = repeats(body);
    let (attribute, index) = match steps {
        [Step::Attribute(name, place), ..] if !repeats => (Some((name, place)), false),
        [Step::Attribute(..), ..] => {
            let (by, key) = match body.attribute("count") {
                Some(_) => ("count", "count.index"),
                None => ("for_each", "each.key"),
            };
            let detail = format!(
                "Because {address} has {by:?} set, its attributes must be accessed on specific instances.\n\nFor example, to \
                 correlate with indices of a referring resource, use:\n    {address}[{key}]"
            );
            return Err(error_at(span, "Missing resource instance key", detail));
        }
        [Step::Index(_) | Step::LegacyIndex(..), Step::Attribute(name, place), ..] => (Some((name, place)), true),
        [Step::Index(_) | Step::LegacyIndex(..), ..] => (None, true),
        [Step::FullSplat(_) | Step::AttributeSplat(_), Step::Attribute(name, place), ..] => {
            (Some((name, place)), false)
        }
        _ => (None, false),
    };
    if index && !repeats {
        let detail = format!(
            "Because {address} does not have \"count\" or \"for_each\" set, references to it must not include an index key. \
             Remove the bracketed index to refer to the single instance of this resource."
        );
        return Err(error_at(span, "Unexpected resource instance key", detail));
    }
    match attribute {
        Some((name, place)) if !schema.attributes.contains_key(name) && !schema.blocks.contains_key(name) => {
            let names: Vec<&str> = schema.attributes.keys().chain(schema.blocks.keys()).map(String::as_str).collect();
            let hint = did_you_mean(name, &names);
            let detail =
                format!("This object has no argument, nested block, or exported attribute named {name:?}.{hint}");
            Err(error_at(place, "Unsupported attribute", detail))
        }
        _ => Ok(()),
    }
}

/// All the attributes of a block: what is written, what is `known` of the rest, and unknown values that say `reference`, the
/// way to the block, and the name of the attribute.
fn all_of(schema: &BlockSchema, written: &Written, known: Option<&Value>, reference: &str) -> Value {
    let is_there = known.is_some();
    let known = known.and_then(Value::members);
    let mut members = BTreeMap::new();
    for (name, attribute) in &schema.attributes {
        let value = match (written.get(name), known.and_then(|known| known.get(name))) {
            (Some(written), _) => written.clone(),
            (None, Some(known)) if attribute.computed => {
                convert(known, &attribute.ty).unwrap_or_else(|_| known.clone())
            }
            (None, None) if attribute.computed => unknown(attribute.ty.clone(), format!("{reference}.{name}")),
            _ => Content::Null(attribute.ty.clone()).into(),
        };
        members.insert(name.clone(), Value { name_span: None, ..value }.marked(attribute.sensitive));
    }
    for (name, nested) in &schema.blocks {
        let ty = match nested.nesting {
            Nesting::List => Type::List(Box::new(Type::Any)),
            Nesting::Set => Type::Set(Box::new(Type::Any)),
        };
        let known = known.and_then(|known| known.get(name));
        let value = match (written.get(name), known) {
            (Some(written), _) => match written.items() {
                Some(items) => {
                    let blocks = items.iter().enumerate().map(|(position, item)| {
                        let known = known.and_then(Value::items).and_then(|known| known.get(position));
                        let empty = Written::new();
                        let members = item.members().unwrap_or(&empty);
                        all_of(&nested.block, members, known, &format!("{reference}.{name}[{position}]"))
                    });
                    Value::tuple(blocks.collect()).at(written.span.clone())
                }
                None => written.clone(),
            },
            (None, Some(known)) => known.clone(),
            // The service may fill in blocks that nobody wrote.
            (None, None) if !is_there => unknown(ty.clone(), format!("{reference}.{name}")),
            (None, None) => Value::tuple(Vec::new()),
        };
        let value = convert(&value, &ty).unwrap_or(value);
        members.insert(name.clone(), Value { name_span: None, ..value });
    }
    Content::Object(members).into()
}

/// What nobody knows yet. Where it is written is known to whoever refers to it.
fn unknown(ty: Type, reference: String) -> Value {
    Content::Unknown(ty, Some(Arc::new(Origin { reference, span: None }))).into()
}
