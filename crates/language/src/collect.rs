//! What is wanted of a tree of modules: calls of wanted sources, and resources of wanted types.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use poolform_value::{Diagnostic, Diagnostics, Severity, Type};

use crate::aws::{Provider, provider_of};
use crate::condition::check_all;
use crate::evaluate::evaluate;
use crate::instance::{Evaluator, Instance, Repetition};
use crate::module::{META_ARGUMENTS, Module, ModuleCall};
use crate::open::closed;
use crate::root::{Call, Configuration, Known, with_stack};
use crate::schema::ResourceInstance;
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
    let provider = provider_of(instance, call).unwrap_or_else(|failed| {
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
