//! A module where it is called: its variables, locals and outputs, each worked out once and only when asked for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::{Rc, Weak};

use poolform_value::{Content, Diagnostic, Diagnostics, Span, Type, Value, convert};

use crate::blocks::did_you_mean;
use crate::condition::Broken;
use crate::evaluate::{Evaluated, evaluate};
use crate::files::shown;
use crate::functions::whole_number;
use crate::module::{Module, ModuleCall};
use crate::open::{fitted, is_open};
use crate::resource::Decoded;
use crate::root::{Configuration, Inputs, Known, is_reported};
use crate::scope::{Meter, Scope};
use crate::stand_in::Looseness;
use crate::syntax::{Body, Expression, error_at, quoted};

/// What is shared by all that is evaluated for one question.
pub(crate) struct Evaluator<'e> {
    pub configuration: &'e Configuration<'e>,
    pub inputs: &'e Inputs<'e>,
    pub known: &'e dyn Known,
    pub meter: Meter,
    /// Mistakes that no `try` may swallow.
    pub found: RefCell<Diagnostics>,
    /// What is unknown and will have a stand-in.
    pub looseness: RefCell<Looseness>,
    /// What is being worked out, from the outside in.
    under_way: RefCell<Vec<String>>,
}

impl<'e> Evaluator<'e> {
    pub fn new(configuration: &'e Configuration<'e>, known: &'e dyn Known) -> Self {
        Evaluator {
            configuration,
            inputs: &configuration.inputs,
            known,
            meter: Meter::default(),
            found: RefCell::default(),
            looseness: RefCell::default(),
            under_way: RefCell::default(),
        }
    }

    /// Whether `name` is what is being worked out right now.
    pub fn is_inmost(&self, name: &str) -> bool {
        self.under_way.borrow().last().is_some_and(|inmost| inmost == name)
    }

    /// Keeps a mistake that no `try` may swallow.
    pub fn note(&self, mistake: Diagnostics) -> Diagnostics {
        self.found.borrow_mut().extend(mistake.clone());
        mistake
    }
}

/// Which of its instances a block with `count` or `for_each` is.
#[derive(Clone, Debug)]
pub(crate) enum Repetition {
    Single,
    Count(usize),
    Each(String, Value),
}

impl Repetition {
    /// The end of the address: `["blue"]`, `[0]`, or nothing.
    pub fn suffix(&self) -> String {
        match self {
            Repetition::Single => String::new(),
            Repetition::Count(index) => format!("[{index}]"),
            Repetition::Each(key, _) => format!("[{}]", quoted(key)),
        }
    }
}

pub(crate) enum Memo<T> {
    Busy,
    Done(Result<T, Diagnostics>),
}

pub(crate) type Memos<T> = RefCell<BTreeMap<String, Memo<T>>>;

/// A module at an address.
pub(crate) struct Instance<'e> {
    pub evaluator: &'e Evaluator<'e>,
    pub module: &'e Module,
    /// Empty for the root.
    pub address: String,
    pub caller: Option<Caller<'e>>,
    pub(crate) values: Memos<Rc<Value>>,
    expansions: Memos<Rc<Vec<Repetition>>>,
    /// The resources whose types are known, by their address in the module.
    pub(crate) resources: Memos<Rc<Vec<Decoded>>>,
    children: RefCell<BTreeMap<String, Rc<Instance<'e>>>>,
}

/// Who called a module, and how.
pub(crate) struct Caller<'e> {
    pub instance: Weak<Instance<'e>>,
    pub call: &'e ModuleCall,
    pub repetition: Repetition,
}

impl<'e> Instance<'e> {
    /// The root module.
    pub fn root(evaluator: &'e Evaluator<'e>) -> Rc<Self> {
        Self::new(evaluator, &evaluator.configuration.root, String::new(), None)
    }

    fn new(evaluator: &'e Evaluator<'e>, module: &'e Module, address: String, caller: Option<Caller<'e>>) -> Rc<Self> {
        Rc::new(Instance {
            evaluator,
            module,
            address,
            caller,
            values: RefCell::default(),
            expansions: RefCell::default(),
            resources: RefCell::default(),
            children: RefCell::default(),
        })
    }

    /// What expressions in this module see.
    pub fn scope<'s>(self: &'s Rc<Self>, repetition: &'s Repetition) -> Scope<'s, 'e> {
        Scope { instance: Some(self), repetition, names: None, sealed: false, meter: &self.evaluator.meter }
    }

    /// `reference` as the root would write it.
    pub fn absolute(&self, reference: &str) -> String {
        if self.address.is_empty() { reference.to_owned() } else { format!("{}.{reference}", self.address) }
    }

    pub(crate) fn memoized<T: Clone>(
        &self,
        memos: &Memos<T>,
        name: &str,
        span: &Span,
        work: impl FnOnce() -> Result<T, Diagnostics>,
    ) -> Result<T, Diagnostics> {
        match memos.borrow().get(name) {
            Some(Memo::Done(done)) => return done.clone(),
            Some(Memo::Busy) => return Err(self.cycle(name, span)),
            None => {}
        }
        memos.borrow_mut().insert(name.to_owned(), Memo::Busy);
        self.evaluator.under_way.borrow_mut().push(self.absolute(name));
        let done = work();
        self.evaluator.under_way.borrow_mut().pop();
        memos.borrow_mut().insert(name.to_owned(), Memo::Done(done.clone()));
        done
    }

    fn cycle(&self, name: &str, span: &Span) -> Diagnostics {
        let name = self.absolute(name);
        let under_way = self.evaluator.under_way.borrow();
        let start = under_way.iter().position(|other| *other == name).unwrap_or(0);
        let mut path = under_way[start..].join(" → ");
        path.push_str(" → ");
        path.push_str(&name);
        let diagnostics =
            error_at(span, "Cycle", format!("These need one another, so none can be worked out: {path}."));
        self.evaluator.note(diagnostics)
    }

    /// `local.name`
    pub fn local(self: &Rc<Self>, name: &str, span: &Span) -> Result<Rc<Value>, Diagnostics> {
        let Some(attribute) = self.module.locals.get(name) else {
            let names: Vec<&str> = self.module.locals.keys().map(String::as_str).collect();
            let hint = did_you_mean(name, &names);
            let detail = format!("A local value with the name {name:?} has not been declared.{hint}");
            return Err(error_at(span, "Reference to undeclared local value", detail));
        };
        self.memoized(&self.values, &format!("local.{name}"), span, || {
            evaluate(&attribute.expression, self.scope(&Repetition::Single)).map(Rc::new)
        })
    }

    /// `var.name`
    pub fn variable(self: &Rc<Self>, name: &str, span: &Span) -> Result<Rc<Value>, Diagnostics> {
        let Some(variable) = self.module.variables.get(name) else {
            let names: Vec<&str> = self.module.variables.keys().map(String::as_str).collect();
            let hint = match did_you_mean(name, &names) {
                hint if hint.is_empty() => {
                    format!(" This variable can be declared with a variable {name:?} {{}} block.")
                }
                hint => hint,
            };
            let detail = format!("An input variable with the name {name:?} has not been declared.{hint}");
            return Err(error_at(span, "Reference to undeclared input variable", detail));
        };
        let memo = format!("var.{name}");
        let fresh = !matches!(self.values.borrow().get(&memo), Some(Memo::Done(_)));
        let value = self.memoized(&self.values, &memo, span, || self.variable_value(variable).map(Rc::new))?;
        if fresh {
            self.validate(variable, &value);
        }
        Ok(value)
    }

    fn variable_value(self: &Rc<Self>, variable: &crate::variables::Variable) -> Evaluated {
        let name = &variable.name;
        let given = match &self.caller {
            None => self.evaluator.configuration.values.get(name).cloned(),
            Some(caller) => match (caller.call.body.attribute(name), caller.instance.upgrade()) {
                (Some(attribute), Some(instance)) => {
                    let mut value = evaluate(&attribute.expression, instance.scope(&caller.repetition))?;
                    value.name_span = Some(attribute.name_span.clone());
                    Some(value)
                }
                _ => None,
            },
        };
        let given = given.filter(|value| variable.nullable || !value.is_null() || variable.default.is_none());
        let value = match (given, &variable.default) {
            (Some(value), _) => value,
            (None, Some(default)) => default.clone(),
            (None, None) => {
                if self.caller.is_none()
                    && let Some(value) = self.variable_stand_in(variable)
                {
                    return Ok(value);
                }
                let (place, remedy) = match &self.caller {
                    None => (
                        &variable.header,
                        format!(
                            "give it with -var '{name}=…', in a .tfvars file, or as TF_VAR_{name} in the environment"
                        ),
                    ),
                    Some(caller) => (&caller.call.header, format!("set {name} in this module block")),
                };
                return Err(error_at(
                    place,
                    "No value for required variable",
                    format!("The variable {name:?} is required, but is not set: {remedy}."),
                ));
            }
        };
        let unsuitable = |place: &Span, problem: &str| {
            let (line, _) = self.evaluator.configuration.sources.position(&variable.header);
            let detail = format!(
                "The given value is not suitable for var.{name} declared at {}:{line}: {problem}.",
                variable.header.file
            );
            error_at(place, "Invalid value for input variable", detail)
        };
        if value.is_null() && !variable.nullable {
            let place = value.span.as_ref().unwrap_or(&variable.header);
            return Err(unsuitable(place, "required variable may not be set to null"));
        }
        let value = self.evaluator.settle_where_clear(fitted(value, &variable.ty), &variable.ty);
        let converted = convert(&value, &variable.ty).map_err(|error| {
            let place = error.path.locate(&value).unwrap_or(&variable.header);
            unsuitable(place, &error.message)
        })?;
        Ok(converted.marked(variable.sensitive))
    }

    fn validate(self: &Rc<Self>, variable: &crate::variables::Variable, value: &Value) {
        let scope = self.scope(&Repetition::Single);
        let mut found = Diagnostics::new();
        for rule in variable.block.body.blocks("validation") {
            match crate::condition::check(rule, scope, "Invalid variable validation result") {
                Ok(Some(Broken { message, span })) => {
                    let (line, column) = self.evaluator.configuration.sources.position(span);
                    let detail = format!(
                        "{message}\n\nThis was checked by the validation rule at {}:{line}:{column}.",
                        span.file
                    );
                    let place = value.span.as_ref().unwrap_or(&variable.header);
                    found.push(Diagnostic::error("Invalid value for variable", detail).at(Some(place)));
                }
                Ok(None) => {}
                Err(diagnostics) => found.extend(diagnostics),
            }
        }
        self.evaluator.found.borrow_mut().extend(found);
    }

    /// The output `name` of this module.
    pub fn output(self: &Rc<Self>, name: &str, span: &Span) -> Result<Rc<Value>, Diagnostics> {
        let Some(output) = self.module.output(name) else {
            let names: Vec<&str> = self.module.outputs.iter().map(|output| output.label(0)).collect();
            let hint = did_you_mean(name, &names);
            let detail = format!("This object does not have an attribute named {name:?}.{hint}");
            return Err(error_at(span, "Unsupported attribute", detail));
        };
        self.memoized(&self.values, &format!("output.{name}"), span, || {
            let Some(attribute) = output.body.attribute("value") else { return Ok(Rc::new(Value::null())) };
            let value = evaluate(&attribute.expression, self.scope(&Repetition::Single))?;
            let sensitive = output.body.attribute("sensitive").is_some_and(|flag| {
                crate::variables::constant(&flag.expression).is_ok_and(|flag| flag.as_bool() == Some(true))
            });
            Ok(Rc::new(value.marked(sensitive)))
        })
    }

    /// `path.name`
    pub fn path(&self, name: &str, span: &Span) -> Evaluated {
        match name {
            "module" => Ok(shown(&self.module.directory).into()),
            "root" => Ok(".".into()),
            "cwd" => Ok(self.evaluator.inputs.working_directory.to_string_lossy().into_owned().into()),
            _ => Err(error_at(
                span,
                "Invalid \"path\" attribute",
                format!(
                    "The \"path\" object does not have an attribute named {name:?}.{}",
                    did_you_mean(name, &["module", "root", "cwd"])
                ),
            )),
        }
    }

    /// The instances of a call, by its `count` or `for_each`.
    pub fn expansion(self: &Rc<Self>, call: &'e ModuleCall) -> Result<Rc<Vec<Repetition>>, Diagnostics> {
        self.repetitions(&format!("module.{}", call.name), &call.body, &call.header)
    }

    /// The instances of the block `name`, by its `count` or `for_each`.
    pub fn repetitions(
        self: &Rc<Self>,
        name: &str,
        body: &Body,
        header: &Span,
    ) -> Result<Rc<Vec<Repetition>>, Diagnostics> {
        self.memoized(&self.expansions, name, header, || {
            let scope = self.scope(&Repetition::Single);
            if let Some(attribute) = body.attribute("count") {
                let count = count(&attribute.expression, scope)?;
                self.evaluator.meter.charge(count as u64)?;
                return Ok(Rc::new((0..count).map(Repetition::Count).collect()));
            }
            if let Some(attribute) = body.attribute("for_each") {
                return for_each(&attribute.expression, scope).map(Rc::new);
            }
            Ok(Rc::new(vec![Repetition::Single]))
        })
    }

    /// The module that the address of a resource is in, and what is left of the address.
    pub fn owner_of<'a>(self: &Rc<Self>, address: &'a str) -> (Rc<Instance<'e>>, &'a str) {
        if let Some(outer) = self.caller.as_ref().and_then(|caller| caller.instance.upgrade()) {
            return outer.owner_of(address);
        }
        let (mut owner, mut rest) = (Rc::clone(self), address);
        loop {
            // What an address begins with stands right before it, or nearly so.
            let inner = owner.children.borrow().range(..=address.to_owned()).rev().find_map(|(_, child)| {
                let rest = address.strip_prefix(child.address.as_str())?.strip_prefix('.')?;
                Some((Rc::clone(child), rest))
            });
            match inner {
                Some(inner) => (owner, rest) = inner,
                None => return (owner, rest),
            }
        }
    }

    /// Whether this is an instance of `module` or inside one: reported when the files were read.
    fn is_within(&self, module: &Module) -> bool {
        std::ptr::eq(self.module, module)
            || self
                .caller
                .as_ref()
                .and_then(|caller| caller.instance.upgrade())
                .is_some_and(|instance| instance.is_within(module))
    }

    /// An instance of a call of a local module. None when its module could not be read.
    pub fn child(self: &Rc<Self>, call: &'e ModuleCall, repetition: &Repetition) -> Option<Rc<Instance<'e>>> {
        let address = self.absolute(&format!("module.{}{}", call.name, repetition.suffix()));
        if let Some(child) = self.children.borrow().get(&address) {
            return Some(Rc::clone(child));
        }
        let module = self.evaluator.configuration.modules.get::<Path>(call.directory.as_deref()?)?;
        if self.is_within(module) {
            return None;
        }
        let caller = Caller { instance: Rc::downgrade(self), call, repetition: repetition.clone() };
        let child = Instance::new(self.evaluator, module, address.clone(), Some(caller));
        self.children.borrow_mut().insert(address, Rc::clone(&child));
        Some(child)
    }
}

/// Why an unknown value cannot decide how many instances there are.
fn undecided(value: &Value, argument: &str, scope: Scope<'_, '_>) -> String {
    let unknown = value.first_unknown();
    let reference = match unknown.map(|unknown| &unknown.content) {
        Some(Content::Unknown(_, Some(origin))) => {
            unknown.and_then(|unknown| scope.given_by(unknown)).unwrap_or_else(|| origin.reference.clone())
        }
        _ => "something that is not known here".to_owned(),
    };
    format!(
        "The {argument:?} value depends on {reference}, which is not known here, so it cannot be said how many instances \
         there are. Supply it with -set '{reference}=…', or with -terraform-state FILE, the output of `terraform show \
         -json`."
    )
}

fn count(expression: &Expression, scope: Scope<'_, '_>) -> Result<usize, Diagnostics> {
    let wrong = |detail: String| error_at(&expression.span, "Invalid count argument", detail);
    let value = evaluate(expression, scope)?;
    if value.is_null() {
        return Err(wrong("The given \"count\" argument value is null. An integer is required.".to_owned()));
    }
    if is_reported(&value) {
        return Err(Diagnostics::new());
    }
    if value.is_unknown() {
        return Err(wrong(undecided(&value, "count", scope)));
    }
    if value.sensitive {
        return Err(wrong(
            "Sensitive values, or values derived from sensitive values, cannot be used as count arguments.".to_owned(),
        ));
    }
    let number = convert(&value, &Type::Number)
        .map_err(|error| wrong(format!("The given \"count\" argument value is unsuitable: {}.", error.message)))?;
    number.as_number().and_then(whole_number::<usize>).ok_or_else(|| {
        wrong("The given \"count\" argument value is unsuitable: it must be a whole number, zero or more.".to_owned())
    })
}

fn for_each(expression: &Expression, scope: Scope<'_, '_>) -> Result<Vec<Repetition>, Diagnostics> {
    let wrong = |detail: String| error_at(&expression.span, "Invalid for_each argument", detail);
    let value = evaluate(expression, scope)?;
    if value.is_null() {
        return Err(wrong(
            "The given \"for_each\" argument value is null. A map, or set of strings is allowed.".to_owned(),
        ));
    }
    if is_reported(&value) {
        return Err(Diagnostics::new());
    }
    if is_open(&value) {
        return Err(wrong(undecided(&value, "for_each", scope)));
    }
    if value.sensitive {
        return Err(wrong(
            "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments."
                .to_owned(),
        ));
    }
    match &value.content {
        Content::Map(_, members) | Content::Object(members) => {
            Ok(members.iter().map(|(key, value)| Repetition::Each(key.clone(), value.clone())).collect())
        }
        Content::Set(_, items) => items
            .iter()
            .map(|item| match &item.content {
                Content::String(key) => Ok(Repetition::Each(key.clone(), item.clone())),
                Content::Unknown(..) => Err(wrong(undecided(item, "for_each", scope))),
                _ => Err(wrong(format!(
                    "The given \"for_each\" argument value is unsuitable: \"for_each\" supports maps and sets of strings, \
                     but you have provided a set containing type {}.",
                    item.ty()
                ))),
            })
            .collect(),
        _ => Err(wrong(format!(
            "The given \"for_each\" argument value is unsuitable: the \"for_each\" argument must be a map, or set of \
             strings, and you have provided a value of type {}. A list becomes a set with toset(…).",
            match value.ty() {
                Type::Tuple(_) => "tuple".to_owned(),
                ty => ty.to_string(),
            }
        ))),
    }
}

/// An unknown value for `reference`, with its place.
pub(crate) fn unresolved(reference: &str, span: &Span) -> Value {
    Value::unknown(reference, Some(span.clone())).at(Some(span.clone()))
}
