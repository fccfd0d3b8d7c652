//! What names mean where an expression stands, and how much evaluating may cost.

use std::cell::Cell;
use std::ops::Deref;
use std::rc::Rc;

use poolform_value::{Diagnostics, Span, Value};

use crate::instance::{Instance, Repetition};
use crate::syntax::{Step, error_at};

/// How deep expressions and the references in them may lead.
const DEEPEST: u32 = 1000;

/// How many elements, or blocks of text, one configuration may make.
const MOST: u64 = 5_000_000;

/// How deep values may be nested.
const DEEPEST_VALUE: usize = 100;

/// Bounds what evaluation may cost, so that no input hangs or exhausts memory.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    depth: Cell<u32>,
    spent: Cell<u64>,
}

/// One level of depth, for as long as it lives.
pub(crate) struct Level<'m>(&'m Meter);

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get().saturating_sub(1));
    }
}

impl Meter {
    /// One level deeper.
    pub fn enter(&self, span: &Span) -> Result<Level<'_>, Diagnostics> {
        if self.depth.get() >= DEEPEST {
            return Err(error_at(
                span,
                "Too deeply nested",
                format!("Expressions and the references in them may lead at most {DEEPEST} levels deep."),
            ));
        }
        self.charge(1)?;
        self.depth.set(self.depth.get() + 1);
        Ok(Level(self))
    }

    /// So many elements are about to be made.
    pub fn charge(&self, elements: u64) -> Result<(), Diagnostics> {
        self.spent.set(self.spent.get().saturating_add(elements));
        if self.spent.get() > MOST {
            let detail = format!("This configuration makes more than {MOST} values: is there a loop that multiplies?");
            return Err(poolform_value::Diagnostic::error("Too large", detail).into());
        }
        Ok(())
    }

    /// How much has been made so far.
    pub fn spent(&self) -> u64 {
        self.spent.get()
    }

    /// So many bytes of text are about to be made.
    pub fn charge_text(&self, bytes: usize) -> Result<(), Diagnostics> {
        self.charge(bytes as u64 / 64)
    }

    /// `value` is about to be copied.
    pub fn charge_value(&self, value: &Value) -> Result<(), Diagnostics> {
        let mut weight = 0;
        if !weigh(value, 0, &mut weight) {
            let detail = format!("Values may be nested at most {DEEPEST_VALUE} levels deep.");
            return Err(poolform_value::Diagnostic::error("Too deeply nested", detail).at(value.span.as_ref()).into());
        }
        self.charge(weight)
    }
}

fn weigh(value: &Value, depth: usize, weight: &mut u64) -> bool {
    *weight += 1 + value.as_str().map_or(0, |text| text.len() as u64 / 64);
    if depth > DEEPEST_VALUE {
        return false;
    }
    value.items().is_none_or(|items| items.iter().all(|item| weigh(item, depth + 1, weight)))
        && value.members().is_none_or(|members| members.values().all(|member| weigh(member, depth + 1, weight)))
}

/// A name bound by a `for` or given to a template, and those bound outside of it.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'s> {
    pub name: &'s str,
    pub value: &'s Value,
    pub next: Option<&'s Frame<'s>>,
}

/// What an expression sees.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'s, 'e> {
    /// The module it stands in; none for constants.
    pub instance: Option<&'s Rc<Instance<'e>>>,
    /// What `each` and `count` mean.
    pub repetition: &'s Repetition,
    pub names: Option<&'s Frame<'s>>,
    /// Whether `names` are all there is, as in a template file.
    pub sealed: bool,
    pub meter: &'s Meter,
}

/// What a name stands for.
pub(crate) enum Found<'s> {
    Bound(&'s Value),
    Shared(Rc<Value>),
}

impl Deref for Found<'_> {
    type Target = Value;

    fn deref(&self) -> &Value {
        match self {
            Found::Bound(value) => value,
            Found::Shared(value) => value,
        }
    }
}

impl From<Value> for Found<'_> {
    fn from(value: Value) -> Self {
        Found::Shared(Rc::new(value))
    }
}

impl<'s, 'e> Scope<'s, 'e> {
    /// A scope without any name.
    pub fn constant(meter: &'s Meter) -> Self {
        Scope { instance: None, repetition: &Repetition::Single, names: None, sealed: false, meter }
    }

    /// What `name` means, and how many of `steps` were taken to find it.
    pub fn resolve(&self, name: &str, steps: &[Step], span: &Span) -> Result<(Found<'s>, usize), Diagnostics> {
        let mut frame = self.names;
        while let Some(bound) = frame {
            if bound.name == name {
                return Ok((Found::Bound(bound.value), 0));
            }
            frame = bound.next;
        }
        if self.sealed {
            let mut known = Vec::new();
            let mut frame = self.names;
            while let Some(bound) = frame {
                known.push(bound.name);
                frame = bound.next;
            }
            let hint = crate::blocks::did_you_mean(name, &known);
            let detail = format!("The variables given to this template have no {name:?}.{hint}");
            return Err(error_at(span, "Unknown variable", detail));
        }
        let Some(instance) = self.instance else {
            return Err(error_at(span, "Variables not allowed", "Variables may not be used here."));
        };
        let invalid = |detail: String| error_at(span, "Invalid reference", detail);
        let first = match steps.first() {
            Some(Step::Attribute(attribute, place)) => Some((attribute.as_str(), place)),
            _ => None,
        };
        let Some((attribute, place)) = first else {
            return Err(match name {
                "var" | "local" | "module" | "each" | "count" | "path" | "terraform" | "data" => invalid(format!(
                    "The {name:?} object cannot be accessed directly. Instead, access one of its attributes."
                )),
                _ => {
                    let known = ["var", "local", "module", "each", "count", "path", "terraform", "data"];
                    let hint = crate::blocks::did_you_mean(name, &known);
                    invalid(format!(
                        "A reference to a resource type must be followed by at least one attribute access, specifying \
                         the resource name; for a string, put {name:?} in quotes.{hint}"
                    ))
                }
            });
        };
        match name {
            "var" => Ok((Found::Shared(instance.variable(attribute, span)?), 1)),
            "local" => Ok((Found::Shared(instance.local(attribute, span)?), 1)),
            "each" => match (self.repetition, attribute) {
                (Repetition::Each(key, _), "key") => Ok((Value::from(key.as_str()).into(), 1)),
                (Repetition::Each(_, value), "value") => Ok((Found::Bound(value), 1)),
                (Repetition::Each(..), _) => Err(error_at(
                    place,
                    "Invalid \"each\" attribute",
                    format!(
                        "The \"each\" object does not have an attribute named {attribute:?}. The supported attributes \
                         are each.key and each.value, the current key and value pair of the \"for_each\" attribute set."
                    ),
                )),
                _ => Err(error_at(
                    span,
                    "Reference to \"each\" in context without for_each",
                    "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \
                     \"for_each\" argument is set.",
                )),
            },
            "count" => match (self.repetition, attribute) {
                (Repetition::Count(index), "index") => Ok((Value::from(*index as i64).into(), 1)),
                (Repetition::Count(_), _) => Err(error_at(
                    place,
                    "Invalid \"count\" attribute",
                    format!(
                        "The \"count\" object does not have an attribute named {attribute:?}. The only supported \
                         attribute is count.index, which is the index of each instance of a block that has the \
                         \"count\" argument set."
                    ),
                )),
                _ => Err(error_at(
                    span,
                    "Reference to \"count\" in non-counted context",
                    "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only \
                     when the \"count\" argument is set.",
                )),
            },
            "path" => Ok((instance.path(attribute, place)?.into(), 1)),
            "terraform" if attribute == "workspace" => {
                Ok((Value::from(instance.evaluator.inputs.workspace.as_str()).into(), 1))
            }
            "terraform" => Err(error_at(
                place,
                "Invalid \"terraform\" attribute",
                format!(
                    "The \"terraform\" object does not have an attribute named {attribute:?}. The only supported \
                     attribute is terraform.workspace, the name of the currently-selected workspace."
                ),
            )),
            "self" => Err(error_at(
                span,
                "Invalid \"self\" reference",
                "The \"self\" object is not available in this context. This object can be used only in resource \
                 provisioner, connection, and postcondition blocks.",
            )),
            "module" => instance.module_output(attribute, place, steps, *self, span),
            _ => instance.resource(name, steps, *self, span),
        }
    }
}
