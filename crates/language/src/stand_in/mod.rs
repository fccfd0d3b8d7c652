//! Stand-ins for what only somebody else knows: attributes of other resources, outputs of other modules, variables without a
//! value. They are for a Cognito on the own machine, which takes any well-formed ARN or address.
//!
//! Where the type of a resource has rows, a reference has its value at once. Otherwise it stays unknown until it is clear what
//! is wanted, text or a list, and [`Scope::settle`] makes that. What Cognito itself will say stays unknown in any case.

mod draw;
mod hint;
mod table;
mod text;
mod variable;

use std::collections::BTreeMap;
use std::rc::Rc;

use poolform_value::{Content, Span, Type, Value};

use crate::evaluate::{evaluate, unknown_from};
use crate::instance::{Evaluator, Instance, Repetition, unresolved};
use crate::module::Resource;
use crate::open::{closed, further, is_partial, without_rest};
use crate::root::{Configuration, with_stack};
use crate::scope::Scope;
use crate::syntax::Block;

/// Where the stand-ins are said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIns {
    /// Twelve digits.
    pub account: String,
    /// `eu-west-1`; where a provider configuration says another one, that is taken.
    pub region: String,
    /// `aws`
    pub partition: String,
}

/// A stand-in that was used.
#[derive(Clone, Debug, PartialEq)]
pub struct StandIn {
    /// What it stands for, as the root would write it: `aws_lambda_function.sign_up.arn`, `var.domain`.
    pub reference: String,
    /// What it is.
    pub value: Value,
    /// Where it is referred to; the header of the block of a variable.
    pub span: Option<Span>,
    /// How to give the real one: `-set 'module.lambdas.arn=…'`.
    pub hint: String,
}

/// A stand-in as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Used {
    value: Value,
    span: Option<Span>,
}

/// What is unknown and has a stand-in as soon as it is clear what is wanted, by its reference.
#[derive(Clone, Debug)]
struct Loose {
    /// The reference that is somebody's to give; more than the key where that is read out of a text.
    given_by: String,
    sensitive: bool,
}

/// What is loose, for one question.
#[derive(Debug, Default)]
pub(crate) struct Looseness(BTreeMap<String, Loose>);

/// The region that stand-ins of a block say.
pub(crate) fn region(instance: &Rc<Instance<'_>>, block: &Block) -> Option<String> {
    let own = crate::aws::region(instance, block).ok().flatten();
    own.or_else(|| Some(instance.evaluator.inputs.stand_ins.as_ref()?.region.clone()))
}

impl Configuration<'_> {
    /// Takes the region of the root's own `provider "aws"` for stand-ins of which no resource says where they are.
    pub fn stand_in_where_the_provider_is(&mut self) {
        if self.inputs.stand_ins.is_none() {
            return;
        }
        let region = with_stack(|| {
            let nobody = |_: &str, _: &str| None;
            let evaluator = Evaluator::new(self, &nobody);
            let root = Instance::root(&evaluator);
            let region = root.module.provider("aws", None)?.body.attribute("region")?;
            let value = evaluate(&region.expression, root.scope(&Repetition::Single)).ok()?;
            value.as_str().map(str::to_owned)
        });
        if let (Some(region), Some(stand_ins)) = (region, &mut self.inputs.stand_ins) {
            stand_ins.region = region;
        }
    }
}

impl Evaluator<'_> {
    fn use_stand_in(&self, reference: &str, value: &Value, span: Option<&Span>) {
        let used = Used { value: value.clone(), span: span.cloned() };
        self.configuration
            .used
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .entry(reference.to_owned())
            .or_insert(used);
    }

    /// Whether a stand-in has been used.
    pub fn stands_in(&self) -> bool {
        self.inputs.stand_ins.is_some()
            && !self.configuration.used.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_empty()
    }

    fn loose(&self, value: &Value) -> Option<Loose> {
        self.inputs.stand_ins.as_ref()?;
        let Content::Unknown(_, Some(origin)) = &value.content else { return None };
        self.looseness.borrow().0.get(&origin.reference).cloned()
    }

    /// The unknown value `step` further on from `value`, which is loose too if that is.
    pub fn further(&self, value: &Value, step: &str) -> Option<Value> {
        let loose = self.loose(value)?;
        let next = further(value, step);
        if let Content::Unknown(_, Some(origin)) = &next.content {
            let given_by = if step.is_empty() || loose.given_by != self.reference_of(value) {
                loose.given_by
            } else {
                origin.reference.clone()
            };
            let loose = Loose { given_by, sensitive: loose.sensitive };
            self.looseness.borrow_mut().0.insert(origin.reference.clone(), loose);
        }
        Some(next)
    }

    fn reference_of(&self, value: &Value) -> String {
        match &value.content {
            Content::Unknown(_, Some(origin)) => origin.reference.clone(),
            _ => String::new(),
        }
    }

    /// What a text that stands in says when it is read as JSON or YAML: anything that is asked of it.
    pub fn read_out(&self, name: &str, value: &Value) -> Option<Value> {
        let loose = self.loose(value)?;
        let reference = format!("{name}({})", self.reference_of(value));
        self.looseness.borrow_mut().0.insert(reference.clone(), loose);
        let unknown = Value::unknown(&reference, value.span.clone()).marked(value.sensitive);
        Some(unknown.at(value.span.clone()))
    }

    /// What stands in for a loose value where `ty` is wanted.
    fn settled(&self, value: &Value, loose: &Loose, ty: &Type) -> Value {
        let reference = self.reference_of(value);
        let ty = match &value.content {
            // It may be anything where it is wanted, and not where it is from.
            Content::Unknown(own, _) if *ty == Type::Any => own,
            _ => ty,
        };
        let content = match ty {
            Type::Bool => Content::Bool(false),
            Type::Number => Content::Number(0.into()),
            Type::List(inner) => Content::List(inner.as_ref().clone(), text::listed(self, &reference, inner, &[])),
            Type::Set(inner) => Content::Set(inner.as_ref().clone(), text::listed(self, &reference, inner, &[])),
            Type::Map(inner) => Content::Map(inner.as_ref().clone(), BTreeMap::new()),
            Type::Tuple(items) => {
                let items = items.iter().enumerate().map(|(position, ty)| {
                    let next = self.further(value, &format!("[{position}]")).unwrap_or_else(|| value.clone());
                    self.settled(&next, loose, ty)
                });
                Content::Tuple(items.collect())
            }
            Type::Object(attributes) => {
                let members =
                    attributes.iter().filter(|(_, attribute)| !attribute.optional).map(|(name, attribute)| {
                        let next = self.further(value, &format!(".{name}")).unwrap_or_else(|| value.clone());
                        (name.clone(), self.settled(&next, loose, &attribute.ty))
                    });
                Content::Object(members.collect())
            }
            Type::Any | Type::String => Content::String(text::of_reference(self, &reference)),
        };
        let settled = Value { content, ..value.clone() }.marked(loose.sensitive);
        if !matches!(ty, Type::Tuple(_) | Type::Object(_)) {
            self.use_stand_in(&loose.given_by, &settled, value.span.as_ref());
        }
        settled
    }

    /// `value` where `ty` is wanted, except that what may be anything stays loose.
    pub fn settle_where_clear(&self, value: Value, ty: &Type) -> Value {
        if self.inputs.stand_ins.is_some() { self.settle(value, ty, true) } else { value }
    }

    fn settle(&self, value: Value, ty: &Type, keeps_any: bool) -> Value {
        if keeps_any && *ty == Type::Any {
            return value;
        }
        if let Some(loose) = self.loose(&value) {
            return self.settled(&value, &loose, ty);
        }
        if is_partial(&value) {
            return match ty {
                Type::Any | Type::Object(_) | Type::Map(_) => self.settle(without_rest(value), ty, keeps_any),
                _ => closed(value),
            };
        }
        let content = match value.content {
            Content::Tuple(items) => {
                let inner = |position: usize| match ty {
                    Type::List(inner) | Type::Set(inner) => inner,
                    Type::Tuple(types) => types.get(position).unwrap_or(&Type::Any),
                    _ => &Type::Any,
                };
                let items = items.into_iter().enumerate();
                Content::Tuple(items.map(|(position, item)| self.settle(item, inner(position), keeps_any)).collect())
            }
            Content::Object(members) => {
                let inner = |name: &str| match ty {
                    Type::Map(inner) => inner,
                    Type::Object(attributes) => attributes.get(name).map_or(&Type::Any, |attribute| &attribute.ty),
                    _ => &Type::Any,
                };
                let settle = |(name, member): (String, Value)| {
                    let member = self.settle(member, inner(&name), keeps_any);
                    (name, member)
                };
                Content::Object(members.into_iter().map(settle).collect())
            }
            Content::List(inner, items) => {
                let items = items.into_iter().map(|item| self.settle(item, &inner, keeps_any)).collect();
                Content::List(inner, items)
            }
            Content::Map(inner, members) => {
                let members =
                    members.into_iter().map(|(name, member)| (name, self.settle(member, &inner, keeps_any))).collect();
                Content::Map(inner, members)
            }
            other => other,
        };
        Value { content, ..value }
    }
}

impl Scope<'_, '_> {
    /// `value` where `ty` is wanted: what has a stand-in has it now.
    pub fn settle(&self, value: Value, ty: &Type) -> Value {
        match self.instance {
            Some(instance) if instance.evaluator.inputs.stand_ins.is_some() => {
                instance.evaluator.settle(value, ty, false)
            }
            _ => value,
        }
    }

    /// The same, except that what may be anything stays loose.
    pub fn settle_where_clear(&self, value: Value, ty: &Type) -> Value {
        match self.instance {
            Some(instance) => instance.evaluator.settle_where_clear(value, ty),
            None => value,
        }
    }

    /// What the function `name` makes of a loose value: something that is loose too.
    pub fn read_out(&self, name: &str, value: &Value) -> Value {
        let read = self.instance.and_then(|instance| instance.evaluator.read_out(name, value));
        read.unwrap_or_else(|| unknown_from(value, Type::Any))
    }

    /// `value` where something is gone through: nothing is in what has a stand-in.
    pub fn settle_collection(&self, value: Value) -> Value {
        if self.is_loose(&value) { self.settle(value, &Type::List(Box::new(Type::Any))) } else { value }
    }

    /// Whether a stand-in has been used.
    pub fn stands_in(&self) -> bool {
        self.instance.is_some_and(|instance| instance.evaluator.stands_in())
    }

    /// Whether `value` is unknown and will have a stand-in.
    pub fn is_loose(&self, value: &Value) -> bool {
        self.instance.is_some_and(|instance| instance.evaluator.loose(value).is_some())
    }

    /// The reference that gives a loose value.
    pub fn given_by(&self, value: &Value) -> Option<String> {
        Some(self.instance?.evaluator.loose(value)?.given_by)
    }

    /// What an object of which only some attributes are known has under `name`, where that may be made up. `whole` is the
    /// unknown value of the object.
    pub fn unwritten(&self, whole: &Value, name: &str, span: &Span) -> Option<Value> {
        let Content::Unknown(_, Some(origin)) = &whole.content else { return None };
        self.instance?.unwritten(&origin.reference, name, span)
    }

    /// What `step` leads to in an unknown value: unknown, and from the same.
    pub fn beyond_unknown(&self, value: &Value, step: &str) -> Value {
        let loose = self.instance.and_then(|instance| instance.evaluator.further(value, step));
        loose.unwrap_or_else(|| unknown_from(value, Type::Any).at(value.span.clone()))
    }
}

impl<'e> Instance<'e> {
    /// The value of a reference that nobody gives: unknown, or a stand-in. `resource` is what it refers to, with the attribute.
    pub fn not_given(
        self: &Rc<Self>,
        reference: &str,
        resource: Option<(&'e Resource, &Repetition, &str)>,
        span: &Span,
    ) -> Value {
        let evaluator = self.evaluator;
        let worked_out = resource.and_then(|(resource, repetition, name)| self.worked_out(resource, repetition, name));
        if let Some(value) = worked_out {
            return value.at(Some(span.clone()));
        }
        let unknown = unresolved(reference, span);
        if evaluator.inputs.stand_ins.is_none() {
            return unknown;
        }
        let mut sensitive = false;
        if let Some((resource, repetition, attribute)) = resource {
            match text::made(self, resource, repetition, attribute) {
                Some(text::MadeUp::Value(value)) => {
                    let value = value.at(Some(span.clone()));
                    evaluator.use_stand_in(reference, &value, Some(span));
                    return value;
                }
                Some(text::MadeUp::Secret) => sensitive = true,
                None => {}
            }
        }
        let loose = Loose { given_by: reference.to_owned(), sensitive };
        evaluator.looseness.borrow_mut().0.insert(reference.to_owned(), loose);
        unknown.marked(sensitive)
    }
}
