//! Input variables: their types, and the places that their values come from.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use poolform_value::{Content, Diagnostic, Diagnostics, ObjectAttribute, Span, Type, Value, convert};

use crate::blocks::did_you_mean;
use crate::evaluate::evaluate;
use crate::files::Library;
use crate::module::Module;
use crate::scope::{Meter, Scope};
use crate::syntax::{Block, Expression, Kind, error_at, parse_expression};

/// Where values of the root's variables come from, besides the files that are found by their names.
#[derive(Clone, Debug)]
pub enum VariableSource {
    /// The environment: names, without `TF_VAR_`, and values. Names that the root does not declare are nobody's
    /// mistake.
    Environment(BTreeMap<String, String>),
    /// `-var 'name=value'`
    Argument(String),
    /// `-var-file path`, relative to the root module or absolute.
    File(String),
}

/// A `variable` block.
#[derive(Debug)]
pub(crate) struct Variable {
    pub name: String,
    pub header: Span,
    pub ty: Type,
    /// Whether a value from the command line is text as it stands, and no expression.
    literal: bool,
    pub default: Option<Value>,
    pub nullable: bool,
    pub sensitive: bool,
    pub description: Option<String>,
    pub block: Block,
}

impl Variable {
    pub fn new(block: Block, diagnostics: &mut Diagnostics) -> Self {
        let mut note = |result: Result<Value, Diagnostics>| match result {
            Ok(value) => Some(value),
            Err(failed) => {
                diagnostics.extend(failed);
                None
            }
        };
        let flag = |name: &str, fallback: bool, note: &mut dyn FnMut(Result<Value, Diagnostics>) -> Option<Value>| {
            let Some(attribute) = block.body.attribute(name) else { return fallback };
            let value = constant(&attribute.expression).and_then(|value| {
                convert(&value, &Type::Bool)
                    .map_err(|error| error_at(&attribute.expression.span, "Unsuitable value type", error.message + "."))
            });
            note(value).and_then(|value| value.as_bool()).unwrap_or(fallback)
        };
        let nullable = flag("nullable", true, &mut note);
        let sensitive = flag("sensitive", false, &mut note);
        let _ephemeral = flag("ephemeral", false, &mut note);
        let mut ty = Type::Any;
        let mut literal = true;
        let constraint = block.body.attribute("type").map(|attribute| &attribute.expression);
        if let Some(expression) = constraint {
            match type_of(expression) {
                Ok(found) => {
                    literal = matches!(found, Type::String | Type::Number | Type::Bool);
                    ty = found;
                }
                Err(failed) => diagnostics.extend(failed),
            }
        }
        let mut default = None;
        if let Some(attribute) = block.body.attribute("default") {
            let span = &attribute.expression.span;
            let value = constant(&attribute.expression).and_then(|value| {
                if value.is_null() && !nullable {
                    return Err(error_at(
                        span,
                        "Invalid default value for variable",
                        "The default must not be null where nullable = false.",
                    ));
                }
                convert(&value, &ty).map_err(|error| {
                    let detail = format!(
                        "This default value is not compatible with the variable's type constraint: {}.",
                        error.message
                    );
                    let place = error.path.locate(&value).unwrap_or(span);
                    error_at(place, "Invalid default value for variable", detail)
                })
            });
            match value {
                Ok(value) => default = Some(value),
                Err(failed) => diagnostics.extend(failed),
            }
        }
        let description =
            block.body.attribute("description").and_then(|text| text.expression.as_text().map(str::to_owned));
        let (name, header) = (block.label(0).to_owned(), block.header.clone());
        Variable { name, header, ty, literal, default, nullable, sensitive, description, block }
    }
}

/// The value of an expression that refers to nothing and calls nothing.
pub(crate) fn constant(expression: &Expression) -> Result<Value, Diagnostics> {
    evaluate(expression, Scope::constant(&Meter::default()))
}

/// The type that an expression writes.
pub(crate) fn type_of(expression: &Expression) -> Result<Type, Diagnostics> {
    let wrong = |detail: &str| Err(error_at(&expression.span, "Invalid type specification", detail));
    match &expression.kind {
        Kind::Name(name) => match name.as_str() {
            "any" => Ok(Type::Any),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            "list" | "set" | "map" => Ok(collection(name, Type::Any)),
            other => {
                let known = ["any", "bool", "number", "string", "list", "set", "map", "object", "tuple"];
                wrong(&format!(
                    "The keyword {other:?} is not a valid type specification.{}",
                    did_you_mean(other, &known)
                ))
            }
        },
        Kind::Template(_) => Err(error_at(
            &expression.span,
            "Invalid quoted type constraints",
            "Terraform 0.11 and earlier required type constraints to be given in quotes: remove the quotes.",
        )),
        Kind::Call(call) => match (call.name.as_str(), call.arguments.as_slice()) {
            (name @ ("list" | "set" | "map"), [inner]) => Ok(collection(name, type_of(inner)?)),
            ("tuple", [Expression { kind: Kind::Tuple(items), .. }]) => {
                Ok(Type::Tuple(items.iter().map(type_of).collect::<Result<_, _>>()?))
            }
            ("object", [Expression { kind: Kind::Object(items), .. }]) => {
                let mut attributes = BTreeMap::new();
                for item in items {
                    let Some(name) = item.key.as_text() else {
                        return wrong("Object constructor map keys must be attribute names.");
                    };
                    attributes.insert(name.to_owned(), attribute_type(&item.value)?);
                }
                Ok(Type::Object(attributes))
            }
            ("optional", _) => wrong("optional(…) is only for the attributes of an object type."),
            (name @ ("list" | "set" | "map"), _) => {
                wrong(&format!("The {name} type constructor requires one argument specifying the element type."))
            }
            ("tuple", _) => {
                wrong("The tuple type constructor requires one argument: a list of element types in brackets.")
            }
            ("object", _) => {
                wrong("The object type constructor requires one argument: attribute names and types in braces.")
            }
            (name, _) => wrong(&format!("{name:?} is not a valid type constructor.")),
        },
        _ => wrong(
            "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).",
        ),
    }
}

fn collection(name: &str, inner: Type) -> Type {
    let inner = Box::new(inner);
    match name {
        "list" => Type::List(inner),
        "set" => Type::Set(inner),
        _ => Type::Map(inner),
    }
}

fn attribute_type(expression: &Expression) -> Result<ObjectAttribute, Diagnostics> {
    let Kind::Call(call) = &expression.kind else {
        return Ok(ObjectAttribute::required(type_of(expression)?));
    };
    match (call.name.as_str(), call.arguments.as_slice()) {
        ("optional", [ty]) => Ok(ObjectAttribute { ty: type_of(ty)?, optional: true, default: None }),
        ("optional", [ty, default]) => {
            let ty = type_of(ty)?;
            let value = constant(default)?;
            let default = convert(&value, &ty).map_err(|error| {
                let detail = format!(
                    "This default value is not compatible with the attribute's type constraint: {}.",
                    error.message
                );
                error_at(&default.span, "Invalid default value for optional attribute", detail)
            })?;
            Ok(ObjectAttribute { ty, optional: true, default: Some(default) })
        }
        ("optional", _) => Err(error_at(
            &expression.span,
            "Invalid type specification",
            "optional(…) takes the attribute's type and, if need be, its default value.",
        )),
        _ => Ok(ObjectAttribute::required(type_of(expression)?)),
    }
}

/// The values given for the root's variables: the last one of each name, with its place.
pub(crate) fn gather(root: &Module, sources: &[VariableSource], library: &mut Library<'_>) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    for source in sources {
        if let VariableSource::Environment(environment) = source {
            for (name, text) in environment {
                if let Some(variable) = root.variables.get(name) {
                    from_text(variable, text, &format!("TF_VAR_{name}"), &mut values, library);
                }
            }
        }
    }
    // Nothing to read is no mistake here: the root module has said so if it cannot be read.
    let names = library.names(Path::new("")).unwrap_or_default();
    let by_name = |wanted: &'static str| names.iter().filter(move |name| *name == wanted).cloned();
    let automatic = names.iter().filter(|name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"));
    let found: Vec<String> =
        by_name("terraform.tfvars").chain(by_name("terraform.tfvars.json")).chain(automatic.cloned()).collect();
    for name in found {
        from_file(root, &name, &mut values, library);
    }
    for source in sources {
        match source {
            VariableSource::Environment(_) => {}
            VariableSource::Argument(text) => from_argument(root, text, &mut values, library),
            VariableSource::File(path) => from_file(root, path, &mut values, library),
        }
    }
    values
}

fn from_argument(root: &Module, text: &str, values: &mut BTreeMap<String, Value>, library: &mut Library<'_>) {
    let Some((name, value)) = text.split_once('=') else {
        let detail = format!(
            "The given -var option {text:?} is not correctly specified. Must be a variable name and value separated by \
             an equals sign, like -var=\"key=value\"."
        );
        library.diagnostics.push(Diagnostic::error("Invalid -var option", detail));
        return;
    };
    let name = name.trim();
    match root.variables.get(name) {
        Some(variable) => from_text(variable, value, &format!("-var {name}"), values, library),
        None => {
            let names: Vec<&str> = root.variables.keys().map(String::as_str).collect();
            let detail = format!(
                "A variable named {name:?} was assigned on the command line, but the root module does not declare a \
                 variable of that name.{}",
                did_you_mean(name, &names)
            );
            library.diagnostics.push(Diagnostic::error("Value for undeclared variable", detail));
        }
    }
}

fn from_text(
    variable: &Variable,
    text: &str,
    source: &str,
    values: &mut BTreeMap<String, Value>,
    library: &mut Library<'_>,
) {
    let text = if variable.literal { text } else { text.trim() };
    // Rendered like a file, under the name of the place.
    let (file, shared): (Arc<str>, Arc<str>) = library.sources.add(&format!("<{source}>"), text);
    let span = Span::new(&file, 0, text.len());
    let value = if variable.literal {
        Ok(Value::from(text).at(Some(span)))
    } else {
        parse_expression(&file, &shared).and_then(|expression| constant(&expression))
    };
    match value {
        Ok(value) => {
            values.insert(variable.name.clone(), value);
        }
        Err(failed) => library.diagnostics.extend(failed),
    }
}

fn from_file(root: &Module, path: &str, values: &mut BTreeMap<String, Value>, library: &mut Library<'_>) {
    let Some(body) = library.read_values(Path::new(path), path) else { return };
    for block in &body.blocks {
        let detail = format!("A file of variable values holds only name = value, no {:?} block.", block.kind);
        library.diagnostics.push(Diagnostic::error("Unexpected block", detail).at(Some(&block.header)));
    }
    for attribute in &body.attributes {
        if !root.variables.contains_key(&attribute.name) {
            let names: Vec<&str> = root.variables.keys().map(String::as_str).collect();
            let detail = format!(
                "The root module does not declare a variable named {:?} but a value was found in file {path:?}.{} To \
                 use this value, add a \"variable\" block to the configuration.",
                attribute.name,
                did_you_mean(&attribute.name, &names)
            );
            let warning = Diagnostic::warning("Value for undeclared variable", detail);
            library.diagnostics.push(warning.at(Some(&attribute.name_span)));
            continue;
        }
        match constant(&attribute.expression) {
            Ok(mut value) => {
                value.name_span = Some(attribute.name_span.clone());
                values.insert(attribute.name.clone(), value);
            }
            Err(failed) => library.diagnostics.extend(failed),
        }
    }
}

/// What one `-backend-config` supplies: `NAME=VALUE`, where the value is text, a bool or an object, or the name of a file.
pub(crate) fn backend_settings(text: &str, settings: &mut BTreeMap<String, Value>, library: &mut Library<'_>) {
    let Some((name, value)) = text.split_once('=') else {
        let Some(body) = library.read_values(Path::new(text), text) else { return };
        for attribute in &body.attributes {
            match constant(&attribute.expression) {
                Ok(value) => {
                    settings.insert(attribute.name.clone(), value);
                }
                Err(failed) => library.diagnostics.extend(failed),
            }
        }
        return;
    };
    let (name, value) = (name.trim(), value.trim());
    let is_expression = ["true", "false"].contains(&value) || value.starts_with(['{', '[', '"']);
    let (file, shared): (Arc<str>, Arc<str>) = library.sources.add(&format!("<-backend-config {name}>"), value);
    let value = if is_expression {
        parse_expression(&file, &shared).and_then(|expression| constant(&expression))
    } else {
        Ok(Value::from(value).at(Some(Span::new(&file, 0, value.len()))))
    };
    match value {
        Ok(value) => {
            settings.insert(name.to_owned(), value);
        }
        Err(failed) => library.diagnostics.extend(failed),
    }
}

/// What stands in for a value that has been found wrong and reported: an unknown without an origin.
pub(crate) fn reported(span: &Span) -> Value {
    Value::from(Content::Unknown(Type::Any, None)).at(Some(span.clone()))
}
