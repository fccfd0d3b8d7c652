//! References to what is not in the files: resources, data sources, outputs of modules. Supplied by `-set`, by a
//! state of Terraform, or unknown with their name.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use poolform_value::{Content, Diagnostics, Span, Value};

use crate::blocks::did_you_mean;
use crate::decode::META_ARGUMENTS;
use crate::evaluate::evaluate;
use crate::functions::{local_file, whole_number};
use crate::instance::{Instance, Repetition, unresolved};
use crate::module::{ModuleCall, Resource, repeats};
use crate::open::{open, written_steps};
use crate::policy_document::policy_document;
use crate::resource::check_steps;
use crate::scope::{Found, Scope};
use crate::syntax::{Expression, Kind, Step, error_at, quoted};
use crate::variables::reported;

/// A reference in its parts: `module`, `lambdas`, `arn`; an index is a part in brackets.
pub(crate) type Parts = Vec<String>;

/// The parts of an expression that is nothing but a reference.
pub(crate) fn parts_of(expression: &Expression) -> Option<Parts> {
    let Kind::Traversal(root, steps) = &expression.kind else { return None };
    let Kind::Name(name) = &root.kind else { return None };
    let mut parts = vec![name.clone()];
    for step in steps {
        parts.push(match step {
            Step::Attribute(name, _) => name.clone(),
            Step::LegacyIndex(index, _) => format!("[{index}]"),
            Step::Index(key) => match &key.kind {
                Kind::Literal(value) => index_part(value)?,
                _ => format!("[{}]", quoted(key.as_text()?)),
            },
            Step::FullSplat(_) | Step::AttributeSplat(_) => return None,
        });
    }
    Some(parts)
}

fn index_part(key: &Value) -> Option<String> {
    match &key.content {
        Content::String(key) => Some(format!("[{}]", quoted(key))),
        Content::Number(number) => whole_number::<u64>(number).map(|index| format!("[{index}]")),
        _ => None,
    }
}

/// Parts as one writes them.
pub(crate) fn written(parts: &[String]) -> String {
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() && !part.starts_with('[') {
            text.push('.');
        }
        text.push_str(part);
    }
    text
}

impl<'e> Instance<'e> {
    /// The parts of a reference, as the root would write it, as far as its steps are plain.
    fn parts(&self, name: &str, steps: &[Step], scope: Scope<'_, 'e>) -> Result<Parts, Diagnostics> {
        let mut parts = vec![name.to_owned()];
        for step in steps {
            match step {
                Step::Attribute(name, _) => parts.push(name.clone()),
                Step::LegacyIndex(index, _) => parts.push(format!("[{index}]")),
                Step::Index(key) => match index_part(&evaluate(key, scope)?) {
                    Some(part) => parts.push(part),
                    None => break,
                },
                Step::FullSplat(_) | Step::AttributeSplat(_) => break,
            }
        }
        Ok(parts)
    }

    /// The address that an expression writes, with its keys worked out, as far as they can be.
    pub fn address_of(&self, expression: &Expression, scope: Scope<'_, 'e>) -> Option<String> {
        let address = match &expression.kind {
            Kind::Traversal(root, steps) => match &root.kind {
                Kind::Name(name) => Some(match self.parts(name, steps, scope) {
                    Ok(parts) => written(&parts),
                    Err(_) => format!("{name}{}", written_steps(steps)),
                }),
                _ => None,
            },
            _ => None,
        };
        address.or_else(|| crate::module::reference(expression))
    }

    /// What `-set` says about a reference: the value, and how many of the parts led to it.
    fn supplied(&self, parts: &[String]) -> Option<(Value, usize)> {
        let configuration = self.evaluator.configuration;
        let prefix = self.address_parts();
        let whole: Vec<&String> = prefix.iter().chain(parts).collect();
        configuration
            .settings
            .iter()
            .filter(|(set, _)| {
                set.len() > prefix.len() && set.len() <= whole.len() && set.iter().zip(&whole).all(|(a, b)| a == *b)
            })
            .max_by_key(|(set, _)| set.len())
            .map(|(set, value)| (value.clone(), set.len() - prefix.len()))
    }

    /// What `-set` says about an absolute reference or about something in it: the value, or an object of which those parts are
    /// known.
    pub fn set_at(&self, reference: &str, span: &Span) -> Option<Value> {
        let settings = &self.evaluator.configuration.settings;
        if settings.is_empty() {
            return None;
        }
        let texts: Vec<(String, &Value)> = settings.iter().map(|(parts, value)| (written(parts), value)).collect();
        if let Some((_, value)) = texts.iter().find(|(text, _)| text == reference) {
            return Some((*value).clone());
        }
        let below = texts.iter().filter_map(|(text, _)| text.strip_prefix(reference)?.strip_prefix('.'));
        let names: BTreeSet<&str> = below.map(|rest| rest.split(['.', '[']).next().unwrap_or(rest)).collect();
        let members: BTreeMap<String, Value> = names
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), self.set_at(&format!("{reference}.{name}"), span)?)))
            .collect();
        (!members.is_empty()).then(|| open(members, reference, Some(span.clone())))
    }

    fn address_parts(&self) -> Parts {
        let mut parts = match &self.caller {
            None => return Vec::new(),
            Some(caller) => caller.instance.upgrade().map_or_else(Vec::new, |instance| instance.address_parts()),
        };
        if let Some(caller) = &self.caller {
            parts.extend(["module".to_owned(), caller.call.name.clone()]);
            let suffix = caller.repetition.suffix();
            if !suffix.is_empty() {
                parts.push(suffix);
            }
        }
        parts
    }

    /// A reference to a resource or data source.
    pub fn resource<'s>(
        self: &Rc<Self>,
        name: &str,
        steps: &[Step],
        scope: Scope<'_, 'e>,
        span: &Span,
    ) -> Result<(Found<'s>, usize), Diagnostics> {
        let parts = self.parts(name, steps, scope)?;
        let words = if ["data", "ephemeral", "resource"].contains(&name) { 3 } else { 2 };
        if let Some((value, taken)) = self.supplied(&parts) {
            return Ok((value.into(), taken - 1));
        }
        if parts.len() < words {
            return Err(error_at(
                span,
                "Invalid reference",
                "A reference to a data source or ephemeral resource must name its type and its name.",
            ));
        }
        let address = match name {
            "resource" => parts[1..3].join("."),
            _ => parts[..words].join("."),
        };
        let Some(declared) = self.module.resource(&address) else {
            let addresses: Vec<String> = self.module.resources.iter().map(|resource| resource.address()).collect();
            let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
            let place = if self.address.is_empty() { "the root module".to_owned() } else { self.address.clone() };
            let hint = did_you_mean(&address, &addresses);
            let detail = format!("A resource {address} has not been declared in {place}.{hint}");
            return Err(error_at(span, "Reference to undeclared resource", detail));
        };
        if let Some(schema) = self.schema(declared) {
            if let Err(mistake) = check_steps(declared, schema, &steps[words - 1..], span) {
                return Err(self.evaluator.note(mistake));
            }
            return Ok(match self.worth(declared, schema, span) {
                Ok(value) => (Found::Shared(value), words - 1),
                // What is wrong is said where the resource is wanted; nobody is to be told to supply it.
                Err(_) => (reported(span).into(), parts.len() - 1),
            });
        }
        if declared.mode == "data"
            && let Some(value) = crate::aws::source(self, &declared.block, scope)?
        {
            return Ok((value.into(), words - 1));
        }
        if let Some(state) = &self.evaluator.inputs.terraform_state
            && let Some(value) = crate::recorded::resource(state, &self.address, &address)
        {
            return Ok((value.at(Some(span.clone())).into(), words - 1));
        }
        self.elsewhere(declared, &parts, steps, words - 1, span)
    }

    /// A resource of a type that nobody here knows: what is written is known where it can be evaluated, and all else is unknown
    /// by its reference.
    fn elsewhere<'s>(
        self: &Rc<Self>,
        declared: &'e Resource,
        parts: &[String],
        steps: &[Step],
        taken: usize,
        span: &Span,
    ) -> Result<(Found<'s>, usize), Diagnostics> {
        let body = &declared.block.body;
        let address = declared.address();
        let unknown = || Ok((self.not_given(&self.absolute(&written(parts)), None, span).into(), parts.len() - 1));
        let Ok(repetitions) = self.repetitions(&address, body, &declared.block.header) else { return unknown() };
        let (mut taken, mut repetition) = (taken, &Repetition::Single);
        if repeats(body) {
            match parts.get(taken + 1).filter(|part| part.starts_with('[')) {
                Some(key) => {
                    repetition =
                        repetitions.iter().find(|repetition| repetition.suffix() == *key).ok_or_else(|| {
                            let detail = format!(
                                "The given key does not identify an element in this collection value: there is no \
                             {address}{key}."
                            );
                            error_at(span, "Invalid index", detail)
                        })?;
                    taken += 1;
                }
                None if steps.len() > taken
                    && !matches!(steps[taken], Step::FullSplat(_) | Step::AttributeSplat(_)) =>
                {
                    return unknown();
                }
                None => {
                    let each = |repetition: &Repetition| self.partly_known(declared, &address, repetition, span);
                    if body.attribute("count").is_some() {
                        return Ok((Value::tuple(repetitions.iter().map(each).collect()).into(), taken));
                    }
                    let members = repetitions.iter().map(|repetition| match repetition {
                        Repetition::Each(key, _) => (key.clone(), each(repetition)),
                        _ => (String::new(), each(repetition)),
                    });
                    return Ok((Value::object(members).into(), taken));
                }
            }
        }
        match steps.get(taken) {
            Some(Step::Attribute(name, _)) => match self.argument(declared, &address, repetition, name, span) {
                Some(value) => Ok((Found::Shared(value), taken + 1)),
                None => {
                    let reference = self.absolute(&format!("{address}{}.{name}", repetition.suffix()));
                    let value = self.not_given(&reference, Some((declared, repetition, name)), span);
                    if !value.is_unknown() {
                        return Ok((value.into(), taken + 1));
                    }
                    let whole = self.absolute(&written(parts));
                    let further = whole.strip_prefix(&reference).and_then(|rest| self.evaluator.further(&value, rest));
                    Ok((further.unwrap_or_else(|| unresolved(&whole, span)).into(), parts.len() - 1))
                }
            },
            _ => Ok((self.partly_known(declared, &address, repetition, span).into(), taken)),
        }
    }

    /// What is written in one instance of such a resource, and that there is more.
    fn partly_known(
        self: &Rc<Self>,
        declared: &'e Resource,
        address: &str,
        repetition: &Repetition,
        span: &Span,
    ) -> Value {
        let attributes = declared.block.body.attributes.iter();
        let members = attributes.filter_map(|attribute| {
            let value = self.argument(declared, address, repetition, &attribute.name, span)?;
            Some((attribute.name.clone(), value.as_ref().clone()))
        });
        let reference = self.absolute(&format!("{address}{}", repetition.suffix()));
        open(members.collect(), &reference, Some(span.clone()))
    }

    /// What such an object has under a name that is not written: a stand-in where there is one. `reference` is the address of an
    /// instance.
    pub fn unwritten(self: &Rc<Self>, reference: &str, name: &str, span: &Span) -> Option<Value> {
        let (owner, rest) = self.owner_of(reference);
        if let Some(call) = rest.strip_prefix("module.").map(|rest| rest.split('[').next().unwrap_or(rest))
            && let Some(call) = owner.module.module_call(call)
        {
            let known = self.evaluator.known.output(reference, name);
            if known.is_some() || call.is_callers {
                return known;
            }
        }
        let from = if rest.starts_with("data.") { "data.".len() } else { 0 };
        let key = rest[from..].find('[').map_or(rest.len(), |at| from + at);
        let (address, suffix) = rest.split_at(key);
        let of = owner.module.resource(address).and_then(|declared| {
            let block = &declared.block;
            let repetitions = owner.repetitions(address, &block.body, &block.header).ok()?;
            let repetition = repetitions.iter().find(|repetition| repetition.suffix() == suffix)?.clone();
            Some((declared, repetition))
        });
        let whole = format!("{reference}.{name}");
        if let Some(value) = self.set_at(&whole, span) {
            return Some(value);
        }
        let of = of.as_ref().map(|(declared, repetition)| (*declared, repetition, name));
        let value = owner.not_given(&whole, of, span);
        // Without stand-ins, the unknown is the caller's to name.
        (self.evaluator.inputs.stand_ins.is_some() || !value.is_unknown()).then_some(value)
    }

    /// What a data source says that only puts together what the configuration says already.
    pub fn worked_out(
        self: &Rc<Self>,
        declared: &'e Resource,
        repetition: &Repetition,
        attribute: &str,
    ) -> Option<Value> {
        if declared.mode != "data" {
            return None;
        }
        match (declared.block.label(0), attribute) {
            ("aws_iam_policy_document", _) => policy_document(&declared.block, attribute, self.scope(repetition)),
            (ty @ ("local_file" | "local_sensitive_file"), "content" | "content_base64") => {
                let name =
                    self.argument(declared, &declared.address(), repetition, "filename", &declared.block.header)?;
                let value = local_file(&name, attribute == "content_base64", self.scope(repetition))?;
                Some(value.marked(ty == "local_sensitive_file"))
            }
            _ => None,
        }
    }

    /// The argument `name` of one instance of such a resource, where it is written and can be evaluated.
    pub fn argument(
        self: &Rc<Self>,
        declared: &'e Resource,
        address: &str,
        repetition: &Repetition,
        name: &str,
        span: &Span,
    ) -> Option<Rc<Value>> {
        let attribute = declared.block.body.attribute(name).filter(|_| !META_ARGUMENTS.contains(&name))?;
        let memo = format!("{address}{}.{name}", repetition.suffix());
        let value = self.memoized(&self.values, &memo, span, || {
            evaluate(&attribute.expression, self.scope(repetition)).map(Rc::new)
        });
        // Of what is null the provider may make something.
        value.ok().filter(|value| !value.is_null())
    }

    /// A reference to a module called here, or to one of its outputs.
    pub fn module_output<'s>(
        self: &Rc<Self>,
        name: &str,
        place: &Span,
        steps: &[Step],
        scope: Scope<'_, 'e>,
        span: &Span,
    ) -> Result<(Found<'s>, usize), Diagnostics> {
        let parts = self.parts("module", steps, scope)?;
        if let Some((value, taken)) = self.supplied(&parts) {
            return Ok((value.into(), taken - 1));
        }
        let Some(call) = self.module.module_call(name) else {
            let names: Vec<&str> = self.module.calls.iter().map(|call| call.name.as_str()).collect();
            let hint = did_you_mean(name, &names);
            let detail = format!("No module call named {name:?} is declared here.{hint}");
            return Err(error_at(place, "Reference to undeclared module", detail));
        };
        let mut taken = 1;
        let mut suffix = String::new();
        if call.repeats() {
            match parts.get(2).filter(|part| part.starts_with('[')) {
                Some(part) => {
                    suffix.clone_from(part);
                    taken = 2;
                }
                None => return Ok((self.all_instances(call, scope, span)?, 1)),
            }
        }
        let output = match steps.get(taken) {
            Some(Step::Attribute(output, _)) => Some(output.as_str()),
            _ => None,
        };
        if call.directory.is_some() {
            let expansion = self.expansion(call)?;
            let Some(repetition) = expansion.iter().find(|repetition| repetition.suffix() == suffix) else {
                let detail = format!(
                    "The given key does not identify an element in this collection value: there is no module.{name}\
                     {suffix}."
                );
                return Err(error_at(span, "Invalid index", detail));
            };
            return match (self.child(call, repetition), output) {
                (Some(child), Some(output)) => Ok((Found::Shared(child.output(output, span)?), taken + 1)),
                (Some(child), None) => Ok((child.outputs(span)?.into(), taken)),
                (None, _) => Ok((self.of_module(call, &parts, span).into(), parts.len() - 1)),
            };
        }
        let address = self.absolute(&format!("module.{name}{suffix}"));
        if let Some(output) = output {
            if let Some(value) = self.evaluator.known.output(&address, output) {
                return Ok((value.into(), taken + 1));
            }
            if let Some((value, depth)) = self.recorded_output(&parts) {
                return Ok((value.into(), depth));
            }
        } else if matches!(steps.get(taken), None | Some(Step::FullSplat(_) | Step::AttributeSplat(_))) {
            return Ok((self.whole(call, &address, span).into(), taken));
        }
        // The rest of the reference belongs to its name, except where an output stands alone.
        Ok((self.of_module(call, &parts, span).into(), parts.len() - 1))
    }

    /// What nobody gives of a module: unknown, or with a stand-in, unless the caller is yet to give it.
    fn of_module(self: &Rc<Self>, call: &ModuleCall, parts: &[String], span: &Span) -> Value {
        let reference = self.absolute(&written(parts));
        if call.is_callers { unresolved(&reference, span) } else { self.not_given(&reference, None, span) }
    }

    /// The outputs of a module that is not a local one: those that somebody knows of, and all of the caller's where it says
    /// which there are.
    fn whole(&self, call: &ModuleCall, address: &str, span: &Span) -> Value {
        let names = self.evaluator.known.names(address);
        let all = call.is_callers && !names.is_empty();
        let members = names.into_iter().filter_map(|name| {
            let value = self.evaluator.known.output(address, &name);
            let unknown = || unresolved(&format!("{address}.{name}"), span);
            let value = if call.is_callers { Some(value.unwrap_or_else(unknown)) } else { value }?;
            Some((name, value))
        });
        let members: BTreeMap<String, Value> = members.collect();
        if all { Value::object(members) } else { open(members, address, Some(span.clone())) }
    }

    /// All the instances of a call that has several, as Terraform shows them: a tuple or an object.
    fn all_instances<'s>(
        self: &Rc<Self>,
        call: &'e ModuleCall,
        scope: Scope<'_, 'e>,
        span: &Span,
    ) -> Result<Found<'s>, Diagnostics> {
        let reference = self.absolute(&format!("module.{}", call.name));
        let expansion = match self.expansion(call) {
            Ok(expansion) => expansion,
            // Elsewhere's module: how many there are is elsewhere's affair.
            Err(_) if call.directory.is_none() => {
                return Ok(self.of_module(call, &["module".to_owned(), call.name.clone()], span).into());
            }
            Err(diagnostics) => return Err(diagnostics),
        };
        let mut instances = Vec::new();
        for repetition in expansion.iter() {
            scope.meter.charge(1)?;
            let address = format!("{reference}{}", repetition.suffix());
            let value = match self.child(call, repetition) {
                Some(child) => child.outputs(span)?,
                None => self.whole(call, &address, span),
            };
            instances.push(value);
        }
        if call.body.attribute("count").is_some() {
            return Ok(Value::tuple(instances).into());
        }
        let keys = expansion.iter().map(|repetition| match repetition {
            Repetition::Each(key, _) => key.clone(),
            _ => String::new(),
        });
        Ok(Value::object(keys.zip(instances)).into())
    }

    /// All the outputs of this module.
    pub fn outputs(self: &Rc<Self>, span: &Span) -> Result<Value, Diagnostics> {
        let mut members = std::collections::BTreeMap::new();
        for output in &self.module.outputs {
            let name = output.label(0);
            members.insert(name.to_owned(), self.output(name, span)?.as_ref().clone());
        }
        Ok(Content::Object(members).into())
    }

    /// The value of an output of the root that is nothing but this reference, or the start of it, from a state.
    fn recorded_output(&self, parts: &[String]) -> Option<(Value, usize)> {
        if !self.address.is_empty() {
            return None;
        }
        let state = self.evaluator.inputs.terraform_state.as_ref()?;
        self.module.outputs.iter().find_map(|output| {
            let same = parts_of(&output.body.attribute("value")?.expression)?;
            if !parts.starts_with(&same) {
                return None;
            }
            crate::recorded::output(state, output.label(0)).map(|value| (value, same.len() - 1))
        })
    }
}
