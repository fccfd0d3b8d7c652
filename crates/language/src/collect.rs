//! What is wanted of a tree of modules: calls of wanted sources, and resources of wanted types.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use poolform_value::{Diagnostic, Diagnostics, Severity, Type, Value};

use crate::aws::{Provider, provider_of};
use crate::condition::check_all;
use crate::evaluate::evaluate;
use crate::instance::{Evaluator, Instance, Repetition};
use crate::module::{META_ARGUMENTS, Module, ModuleCall, Resource};
use crate::open::closed;
use crate::root::{Call, Configuration, Known, with_stack};
use crate::schema::{ResourceInstance, WrittenResource};
use crate::scope::Scope;
use crate::syntax::Body;
use crate::variables::reported;

impl Configuration<'_> {
    /// Every module call whose source is `wanted`, each of its instances on its own, those in local modules too.
    ///
    /// Outputs of such calls that their own arguments refer to come from `known`.
    pub fn calls(&self, wanted: &(dyn Fn(&str) -> bool + Sync), known: &dyn Known) -> (Vec<Call>, Diagnostics) {
        let here = |module: &Module| module.calls.iter().any(|call| wanted(&call.source));
        self.everywhere(known, &here, &|instance, calls, found| {
            for call in instance.module.calls.iter().filter(|call| wanted(&call.source)) {
                match instance.expansion(call) {
                    Ok(expansion) => calls
                        .extend(expansion.iter().map(|repetition| evaluate_call(instance, call, repetition, found))),
                    Err(failed) => found.extend(failed),
                }
            }
        })
    }

    /// Every instance of the resources whose type is `wanted` and has a schema, those in local modules too.
    ///
    /// What only the service says of them, and others refer to, comes from `known`.
    pub fn resource_instances(
        &self,
        wanted: &(dyn Fn(&str) -> bool + Sync),
        known: &dyn Known,
    ) -> (Vec<ResourceInstance>, Diagnostics) {
        self.instances("resource", wanted, known)
    }

    /// The same of data sources: what is asked of the service.
    pub fn data_instances(
        &self,
        wanted: &(dyn Fn(&str) -> bool + Sync),
        known: &dyn Known,
    ) -> (Vec<ResourceInstance>, Diagnostics) {
        self.instances("data", wanted, known)
    }

    /// What is written of every instance of resources and data sources whose type nobody has a schema of, as far as it
    /// can be evaluated: `wanted` gets the mode, `resource` or `data`, and the type. What cannot is left out.
    pub fn written(&self, wanted: &(dyn Fn(&str, &str) -> bool + Sync), known: &dyn Known) -> Vec<WrittenResource> {
        let of = |resource: &Resource| wanted(resource.mode, resource.block.label(0));
        let here = |module: &Module| module.resources.iter().any(of);
        let (found, _) = self.everywhere(known, &here, &|instance, found, _| {
            for resource in instance.module.resources.iter().filter(|resource| of(resource)) {
                let plain = resource.address();
                let repetitions = instance.repetitions(&plain, &resource.block.body, &resource.block.header);
                let region = crate::stand_in::region(instance, &resource.block);
                for repetition in repetitions.iter().flat_map(|repetitions| repetitions.iter()) {
                    found.push(WrittenResource {
                        region: region.clone(),
                        address: instance.absolute(&format!("{plain}{}", repetition.suffix())),
                        resource_type: resource.block.label(0).to_owned(),
                        body: as_written(&resource.block.body, instance.scope(repetition)),
                        span: resource.block.header.clone(),
                    });
                }
            }
        });
        found
    }

    fn instances(
        &self,
        mode: &'static str,
        wanted: &(dyn Fn(&str) -> bool + Sync),
        known: &dyn Known,
    ) -> (Vec<ResourceInstance>, Diagnostics) {
        let of = |module: &'_ Module| {
            module.resources.iter().any(|resource| resource.mode == mode && wanted(resource.block.label(0)))
        };
        self.everywhere(known, &of, &|instance, resources, found| {
            for resource in &instance.module.resources {
                if resource.mode == mode
                    && wanted(resource.block.label(0))
                    && let Some(schema) = instance.schema(resource)
                {
                    resources.extend(instance.wanted(resource, schema, found));
                }
            }
        })
    }

    /// What the `check` blocks of the root and of its modules say: warnings, whatever is wrong. What hangs on something unknown
    /// says nothing.
    pub fn checks(&self, known: &dyn Known) -> Diagnostics {
        let (_, mut found) =
            self.everywhere::<()>(known, &|module| !module.checks.is_empty(), &|instance, _, found| {
                for check in &instance.module.checks {
                    let scope = instance.scope(&Repetition::Single);
                    found.extend(check_all(check.body.blocks("assert"), scope, "Check block assertion failed"));
                }
            });
        found.0.iter_mut().for_each(|one| one.severity = Severity::Warning);
        found
    }

    /// Asks `work` of the instances of every module that has something `here`.
    fn everywhere<T: Send>(
        &self,
        known: &dyn Known,
        here: &(dyn Fn(&Module) -> bool + Sync),
        work: Work<'_, T>,
    ) -> (Vec<T>, Diagnostics) {
        with_stack(|| {
            let evaluator = Evaluator::new(self, known);
            let mut search =
                Search { here, work, reaches: BTreeMap::new(), items: Vec::new(), found: Diagnostics::new() };
            search.enter(&Instance::root(&evaluator));
            let Search { items, mut found, .. } = search;
            found.extend(evaluator.found.take());
            (items, found)
        })
    }
}

/// The arguments of a body that can be evaluated, and its blocks, each kind a tuple of objects under its name.
fn as_written(body: &Body, scope: Scope<'_, '_>) -> Value {
    let mut members = BTreeMap::new();
    for attribute in &body.attributes {
        if let Ok(value) = evaluate(&attribute.expression, scope) {
            members.insert(attribute.name.clone(), closed(scope.settle(value, &Type::Any)));
        }
    }
    let mut blocks: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for block in &body.blocks {
        blocks.entry(&block.kind).or_default().push(as_written(&block.body, scope));
    }
    members.extend(blocks.into_iter().map(|(kind, blocks)| (kind.to_owned(), Value::tuple(blocks))));
    Value::object(members)
}

/// What is asked of the instance of a module: it adds items, and what is wrong.
type Work<'w, T> = &'w (dyn Fn(&Rc<Instance<'_>>, &mut Vec<T>, &mut Diagnostics) + Sync);

struct Search<'s, 'e, T> {
    here: &'s dyn Fn(&Module) -> bool,
    work: Work<'s, T>,
    /// Whether a module, by its directory, or one that it calls has something.
    reaches: BTreeMap<&'e Path, bool>,
    items: Vec<T>,
    found: Diagnostics,
}

impl<'e, T> Search<'_, 'e, T> {
    fn enter(&mut self, instance: &Rc<Instance<'e>>) {
        (self.work)(instance, &mut self.items, &mut self.found);
        for call in &instance.module.calls {
            let modules = &instance.evaluator.configuration.modules;
            if !self.reach(modules, call) {
                continue;
            }
            let expansion = match instance.expansion(call) {
                Ok(expansion) => expansion,
                Err(failed) => {
                    self.found.extend(failed);
                    continue;
                }
            };
            for repetition in expansion.iter() {
                if let Some(child) = instance.child(call, repetition) {
                    unexpected_arguments(&child, call, &mut self.found);
                    self.enter(&child);
                }
            }
        }
    }

    /// Whether there is something in the local module of `call`, or in one that it calls.
    fn reach(&mut self, modules: &'e BTreeMap<std::path::PathBuf, Module>, call: &'e ModuleCall) -> bool {
        let Some(directory) = call.directory.as_deref() else { return false };
        if let Some(known) = self.reaches.get(directory) {
            return *known;
        }
        let Some(module) = modules.get(directory) else { return false };
        // A module that calls itself has been reported.
        self.reaches.insert(directory, false);
        let reaches = (self.here)(module) || module.calls.iter().any(|inner| self.reach(modules, inner));
        self.reaches.insert(directory, reaches);
        reaches
    }
}

fn unexpected_arguments(child: &Rc<Instance<'_>>, call: &ModuleCall, diagnostics: &mut Diagnostics) {
    let names: Vec<&str> = child.module.variables.keys().map(String::as_str).collect();
    for attribute in &call.body.attributes {
        let name = attribute.name.as_str();
        if !META_ARGUMENTS.contains(&name) && !child.module.variables.contains_key(name) {
            let hint = crate::blocks::did_you_mean(name, &names);
            let detail = format!("An argument named {name:?} is not expected here.{hint}");
            diagnostics.push(Diagnostic::error("Unsupported argument", detail).at(Some(&attribute.name_span)));
        }
    }
}

fn evaluate_call(
    instance: &Rc<Instance<'_>>,
    call: &ModuleCall,
    repetition: &Repetition,
    diagnostics: &mut Diagnostics,
) -> Call {
    let scope = instance.scope(repetition);
    let mut arguments = BTreeMap::new();
    for attribute in &call.body.attributes {
        if META_ARGUMENTS.contains(&attribute.name.as_str()) {
            continue;
        }
        let value = evaluate(&attribute.expression, scope);
        let mut value = value.map(|value| closed(scope.settle(value, &Type::Any))).unwrap_or_else(|failed| {
            diagnostics.extend(failed);
            reported(&attribute.expression.span)
        });
        value.name_span = Some(attribute.name_span.clone());
        arguments.insert(attribute.name.clone(), value);
    }
    for block in &call.body.blocks {
        let detail =
            format!("Blocks of type {:?} are not expected here: the arguments of a module are attributes.", block.kind);
        diagnostics.push(Diagnostic::error("Unsupported block type", detail).at(Some(&block.header)));
    }
    let provider = provider_of(instance, call, repetition).unwrap_or_else(|failed| {
        diagnostics.extend(failed);
        Provider::default()
    });
    Call {
        address: instance.absolute(&format!("module.{}{}", call.name, repetition.suffix())),
        source: call.source.clone(),
        version: call.version.clone(),
        span: call.header.clone(),
        source_span: call.source_span.clone(),
        arguments,
        depends_on: call.depends_on.clone(),
        provider,
    }
}
