//! Calling functions: the table has them, this checks arguments, passes on what is unknown or secret, and says where
//! something is wrong.

mod collection;
mod date;
mod encoding;
mod file;
mod format;
mod hash;
mod network;
mod numeric;
mod pattern;
mod set;
mod string;
mod table;
mod types;
mod yaml;

use bigdecimal::{BigDecimal, ToPrimitive};
use poolform_value::{Content, Diagnostics, Span, Type, Value, convert, suggest};

use crate::evaluate::{Evaluated, evaluate, unknown_from};
use crate::open::is_open;
use crate::scope::Scope;
use crate::syntax::{Call, Expression, Kind, error_at};

pub use table::function_names;
use table::{ELSEWHERE, TABLE};

/// What a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Anything, null too.
    Anything,
    /// Anything but null.
    Present,
    Text,
    Number,
    /// A list of strings, or what converts to one.
    Texts,
    /// A list of numbers.
    Numbers,
    /// A list, set or tuple.
    Items,
    /// A map or object.
    Members,
}

/// One row of the table.
pub(crate) struct Function {
    pub name: &'static str,
    pub parameters: &'static [(&'static str, Takes)],
    /// The parameter that takes all further arguments.
    pub rest: Option<(&'static str, Takes)>,
    /// Whether elements of arguments pass through as they are, unknown or secret ones too.
    pub passes: bool,
    pub body: Body,
}

pub(crate) type Body = fn(&Context<'_, '_>, &[Value]) -> Result<Value, Failure>;

/// What a function may see besides its arguments.
pub(crate) struct Context<'s, 'e> {
    pub scope: Scope<'s, 'e>,
}

/// Why a call failed: on account of an argument, by its position, or as a whole.
#[derive(Debug)]
pub(crate) enum Failure {
    Argument(usize, String),
    Whole(String),
    /// Mistakes inside of what was called, with their own places.
    Within(Diagnostics),
}

impl Failure {
    pub fn argument<T>(position: usize, message: impl Into<String>) -> Result<T, Failure> {
        Err(Failure::Argument(position, message.into()))
    }

    pub fn whole<T>(message: impl Into<String>) -> Result<T, Failure> {
        Err(Failure::Whole(message.into()))
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Failure::Within(diagnostics)
    }
}

/// The whole number that a number is, if it is one that `T` holds.
pub(crate) fn whole_number<T: TryFrom<i128>>(number: &BigDecimal) -> Option<T> {
    if number.is_integer() { number.to_i128().and_then(|number| T::try_from(number).ok()) } else { None }
}

/// The text of an argument that the table says is text.
pub(crate) fn text(arguments: &[Value], position: usize) -> &str {
    arguments.get(position).and_then(Value::as_str).unwrap_or_default()
}

/// The whole number of an argument that the table says is a number.
pub(crate) fn whole<T: TryFrom<i128>>(arguments: &[Value], position: usize) -> Result<T, Failure> {
    match arguments.get(position).and_then(Value::as_number).and_then(whole_number) {
        Some(number) => Ok(number),
        None => Failure::argument(position, "a whole number is required, within the bounds of what it counts"),
    }
}

/// The elements of an argument that the table says has some.
pub(crate) fn items(arguments: &[Value], position: usize) -> &[Value] {
    arguments.get(position).and_then(Value::items).unwrap_or_default()
}

/// A list of strings.
pub(crate) fn texts(items: impl IntoIterator<Item = String>) -> Value {
    Content::List(Type::String, items.into_iter().map(Value::from).collect()).into()
}

/// The content of the file `name`, as text or in Base64; none where there is no such file.
pub(crate) fn local_file(name: &Value, base64: bool, scope: Scope<'_, '_>) -> Option<Value> {
    let name = convert(name, &Type::String).ok().filter(|name| !name.is_unknown())?;
    let (context, arguments) = (Context { scope }, [name]);
    if base64 { file::filebase64(&context, &arguments) } else { file::file(&context, &arguments) }.ok()
}

/// The value of a call.
pub(crate) fn call(call: &Call, scope: Scope<'_, '_>, span: &Span) -> Evaluated {
    let name = call.name.strip_prefix("core::").unwrap_or(&call.name);
    match name {
        "try" => return attempt(call, scope, span),
        "can" => {
            let [argument] = call.arguments.as_slice() else { return Err(arity(name, "exactly 1 argument", span)) };
            let outcome = evaluate(argument, scope);
            return Ok(match outcome {
                Ok(value) if scope.is_loose(&value) => true.into(),
                Ok(value) if value.first_unknown().is_some() => unknown_from(&value, Type::Bool),
                outcome => Value::from(outcome.is_ok()),
            }
            .at(Some(span.clone())));
        }
        _ => {}
    }
    let Some(function) = TABLE.iter().find(|function| function.name == name) else {
        return Err(no_such_function(name, &call.name_span));
    };
    if scope.instance.is_none() {
        return Err(error_at(span, "Function calls not allowed", "Functions may not be called here."));
    }
    let Some(mut arguments) = arguments(call, scope)? else {
        // How many arguments there are is unknown, so is the result.
        let last = call.arguments.last().map(|last| evaluate(last, scope)).transpose()?.unwrap_or_else(Value::null);
        return Ok(unknown_from(&last, Type::Any).at(Some(span.clone())));
    };
    check_count(function, arguments.len(), span)?;
    if name == "templatestring" {
        refers(&call.arguments[0])?;
    }
    let loose = arguments.iter().find(|argument| scope.is_loose(argument)).cloned();
    if let Some(loose) = &loose
        && let Some(value) = handed_on(name, loose, scope)
    {
        return Ok(value);
    }
    for (position, argument) in arguments.iter_mut().enumerate() {
        let takes = function.parameters.get(position).or(function.rest.as_ref()).map_or(Takes::Anything, |it| it.1);
        let taken = std::mem::replace(argument, Value::null());
        *argument = settled(taken, function, takes, scope);
    }
    let place = |position: usize| call.arguments.get(position).or(call.arguments.last()).map_or(span, |it| &it.span);
    let mut fitted = Vec::with_capacity(arguments.len());
    let mut failed = Diagnostics::new();
    for (position, argument) in arguments.iter().enumerate() {
        let (parameter, takes) =
            function.parameters.get(position).copied().or(function.rest).unwrap_or(("", Takes::Anything));
        match fit(argument, takes) {
            Ok(argument) => fitted.push(argument),
            Err(problem) => failed.extend(invalid_argument(place(position), parameter, &problem)),
        }
    }
    if !failed.is_empty() {
        return Err(failed);
    }
    let sensitive =
        fitted.iter().any(|value| if function.passes { value.sensitive } else { value.contains_sensitive() });
    let open =
        fitted.iter().find(|value| if function.passes { is_open(value) } else { value.first_unknown().is_some() });
    let hides = !["nonsensitive", "issensitive"].contains(&name);
    if let Some(open) = open
        && !["type", "issensitive", "sensitive", "nonsensitive"].contains(&name)
    {
        return Ok(unknown_from(open, Type::Any).marked(sensitive).at(Some(span.clone())));
    }
    let context = Context { scope };
    let outcome = (function.body)(&context, &fitted);
    if let (Err(_), Some(loose)) = (&outcome, &loose) {
        // A stand-in need not be what the function takes.
        return Ok(scope.read_out(name, loose).marked(sensitive));
    }
    let mut value = outcome.map_err(|failure| match failure {
        Failure::Argument(position, problem) => {
            let parameter =
                function.parameters.get(position).or(function.rest.as_ref()).map_or("", |parameter| parameter.0);
            invalid_argument(place(position), parameter, &problem)
        }
        Failure::Whole(problem) => {
            error_at(span, "Error in function call", format!("Call to function {name:?} failed: {problem}."))
        }
        Failure::Within(diagnostics) => diagnostics,
    })?;
    if value.span.is_none() {
        value.span = Some(span.clone());
    }
    value.name_span = None;
    scope.meter.charge_value(&value)?;
    Ok(value.marked(sensitive && hides))
}

/// Refuses a template that is written where it is used, as Terraform does.
fn refers(template: &Expression) -> Result<(), Diagnostics> {
    match &template.kind {
        Kind::Name(_) | Kind::Traversal(..) => Ok(()),
        Kind::Parenthesis(inner) => refers(inner),
        _ => Err(invalid_argument(
            &template.span,
            "template",
            "templatestring is for templates that come from elsewhere: refer to one, as in local.text, or write \
             \"${…}\" without the function",
        )),
    }
}

/// What a function makes of a loose value without anybody knowing what that is: more that is loose.
fn handed_on(name: &str, loose: &Value, scope: Scope<'_, '_>) -> Option<Value> {
    match name {
        "jsondecode" | "yamldecode" | "csvdecode" | "length" => Some(scope.read_out(name, loose)),
        "element" | "one" => Some(scope.beyond_unknown(loose, "[0]")),
        "sensitive" => Some(loose.clone().marked(true)),
        "nonsensitive" | "ephemeralasnull" => Some(loose.clone()),
        _ => None,
    }
}

/// An argument with stand-ins where the parameter says what is wanted.
fn settled(argument: Value, function: &Function, takes: Takes, scope: Scope<'_, '_>) -> Value {
    let any = || Box::new(Type::Any);
    let ty = match (function.name, takes) {
        ("tolist" | "coalescelist", _) => Type::List(any()),
        ("toset", _) => Type::Set(any()),
        ("tomap" | "merge", _) => Type::Map(any()),
        ("tobool", _) => Type::Bool,
        ("tonumber", _) | (_, Takes::Number) => Type::Number,
        ("flatten", _) => Type::List(Box::new(Type::List(any()))),
        ("coalesce", _) | (_, Takes::Text) => Type::String,
        (_, Takes::Texts) => Type::List(Box::new(Type::String)),
        (_, Takes::Numbers) => Type::List(Box::new(Type::Number)),
        (_, Takes::Items) => Type::List(any()),
        (_, Takes::Members) => Type::Map(any()),
        (_, Takes::Anything | Takes::Present) => Type::Any,
    };
    if function.passes && !["coalesce", "tostring"].contains(&function.name) {
        scope.settle_where_clear(argument, &ty)
    } else {
        scope.settle(argument, &ty)
    }
}

/// The arguments, the last one spread out where it ends with `...`. None when that one is unknown.
fn arguments(call: &Call, scope: Scope<'_, '_>) -> Result<Option<Vec<Value>>, Diagnostics> {
    let mut arguments = crate::evaluate::all(call.arguments.iter().map(|argument| evaluate(argument, scope)))?;
    if !call.expand {
        return Ok(Some(arguments));
    }
    let (Some(last), Some(expression)) = (arguments.pop(), call.arguments.last()) else { return Ok(Some(arguments)) };
    let last = scope.settle_collection(last);
    if last.is_unknown() {
        return Ok(None);
    }
    let Some(items) = last.items() else {
        return Err(error_at(
            &expression.span,
            "Invalid expanding argument value",
            "The expanding argument (indicated by ...) must be of a tuple, list, or set type.",
        ));
    };
    arguments.extend(items.iter().map(|item| item.clone().marked(last.sensitive)));
    Ok(Some(arguments))
}

fn check_count(function: &Function, given: usize, span: &Span) -> Result<(), Diagnostics> {
    let least = function.parameters.len();
    if given < least {
        let missing = function.parameters[given].0;
        return Err(error_at(
            span,
            "Not enough function arguments",
            format!(
                "Function {:?} expects {}{least} argument(s). Missing value for {missing:?}.",
                function.name,
                if function.rest.is_some() { "at least " } else { "" }
            ),
        ));
    }
    if given > least && function.rest.is_none() {
        let detail = format!("Function {:?} expects only {least} argument(s).", function.name);
        return Err(error_at(span, "Too many function arguments", detail));
    }
    Ok(())
}

fn fit(argument: &Value, takes: Takes) -> Result<Value, String> {
    if takes == Takes::Anything {
        return Ok(argument.clone());
    }
    if argument.is_null() {
        return Err("argument must not be null".to_owned());
    }
    let convert_to = |ty: &Type| convert(argument, ty).map_err(|error| error.message);
    match takes {
        Takes::Anything | Takes::Present => Ok(argument.clone()),
        Takes::Text => convert_to(&Type::String),
        Takes::Number => convert_to(&Type::Number),
        Takes::Texts => convert_to(&Type::List(Box::new(Type::String))),
        Takes::Numbers => convert_to(&Type::List(Box::new(Type::Number))),
        Takes::Items if argument.items().is_some() || argument.is_unknown() => Ok(argument.clone()),
        Takes::Items => Err("a list, set or tuple is required".to_owned()),
        Takes::Members if argument.members().is_some() || argument.is_unknown() => Ok(argument.clone()),
        Takes::Members => Err("a map or object is required".to_owned()),
    }
}

fn invalid_argument(span: &Span, parameter: &str, problem: &str) -> Diagnostics {
    let detail = format!("Invalid value for {parameter:?} parameter: {problem}.");
    error_at(span, "Invalid function argument", detail)
}

fn arity(name: &str, expected: &str, span: &Span) -> Diagnostics {
    error_at(span, "Error in function call", format!("Function {name:?} expects {expected}."))
}

/// `try(…)`: the first argument that can be evaluated.
fn attempt(call: &Call, scope: Scope<'_, '_>, span: &Span) -> Evaluated {
    if call.expand || call.arguments.is_empty() {
        return Err(arity("try", "at least one argument, written out", span));
    }
    let mut failures: Vec<(&Expression, Diagnostics)> = Vec::new();
    for argument in &call.arguments {
        match evaluate(argument, scope) {
            Ok(value) => return Ok(value),
            Err(failed) => failures.push((argument, failed)),
        }
    }
    let mut detail = "Call to function \"try\" failed: no expression succeeded:".to_owned();
    for (_, failed) in &failures {
        for diagnostic in &failed.0 {
            detail.push_str(&format!("\n- {}: {}", diagnostic.summary, diagnostic.detail));
        }
    }
    detail.push_str("\n\nAt least one expression must produce a successful result.");
    Err(error_at(span, "Error in function call", detail))
}

fn no_such_function(name: &str, span: &Span) -> Diagnostics {
    if name.contains("::") {
        return error_at(
            span,
            "Provider functions not supported",
            format!("The function {name} belongs to a provider, and poolform does not run providers."),
        );
    }
    if let Some((_, instead)) =
        [("list", "[ … ] or tolist"), ("map", "{ … } or tomap")].iter().find(|(old, _)| *old == name)
    {
        return error_at(
            span,
            "Error in function call",
            format!(
                "The {name:?} function was deprecated in Terraform v0.12 and is no longer available; use {instead} instead."
            ),
        );
    }
    if ELSEWHERE.contains(&name) {
        return error_at(
            span,
            "Function not supported",
            format!("{name:?} is a Terraform function that poolform does not evaluate."),
        );
    }
    let names = function_names();
    let hint = suggest(name, names.iter().copied()).map_or(String::new(), |near| format!(" Did you mean {near:?}?"));
    error_at(span, "Call to unknown function", format!("There is no function named {name:?}.{hint}"))
}
