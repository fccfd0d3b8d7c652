//! Bodies of resources: arguments converted and blocks counted as the schema of the type says, `dynamic` blocks written out.

use std::collections::BTreeMap;

use poolform_value::{Content, Diagnostic, Diagnostics, Span, Type, Value, convert};

use crate::blocks::did_you_mean;
use crate::evaluate::{evaluate, pairs, unknown_from};
use crate::open::{closed, is_open};
use crate::schema::{AttributeSchema, BlockSchema, Nesting};
use crate::scope::{Frame, Scope};
use crate::syntax::{Expression, Kind, error_at};
use crate::variables::reported;
use crate::view::{AttributeView, BlockView, Source, View};

/// The arguments of a resource that are Terraform's and not its type's.
pub(crate) const META_ARGUMENTS: &[&str] = &["count", "for_each", "provider", "depends_on"];
/// The blocks of a resource that are Terraform's and not its type's.
pub(crate) const META_BLOCKS: &[&str] = &["lifecycle", "provisioner", "connection"];

/// What is written, by name: nothing that is null.
pub(crate) type Written = BTreeMap<String, Value>;

/// The blocks of one kind, as they are found.
#[derive(Default)]
struct Blocks<'b> {
    items: Vec<Value>,
    headers: Vec<&'b Span>,
    /// What their number hangs on, where it is unknown.
    open: Option<Value>,
}

/// What `source`, the body of the block at `header`, says. Everything that is wrong with it goes to `found`. `top` says that it
/// is the body of a resource, with the meta-arguments of one.
pub(crate) fn decode(
    source: Source<'_>,
    header: &Span,
    schema: &BlockSchema,
    scope: Scope<'_, '_>,
    top: bool,
    found: &mut Diagnostics,
) -> Written {
    let is_block = |name: &str| schema.blocks.contains_key(name) || name == "dynamic" && !schema.blocks.is_empty();
    let view = match View::new(source, &is_block) {
        Ok(view) => view,
        Err(failed) => {
            found.extend(failed);
            return Written::new();
        }
    };
    let mut written = Written::new();
    for attribute in &view.attributes {
        if top && META_ARGUMENTS.contains(&attribute.name) {
            continue;
        }
        let Some(known) = schema.attributes.get(attribute.name) else {
            found.push(unsupported_argument(attribute, schema));
            continue;
        };
        let value = argument(attribute, known, scope).unwrap_or_else(|failed| {
            found.extend(failed);
            reported(&attribute.expression.span)
        });
        if !value.is_null() {
            let mut value = value.marked(known.sensitive);
            value.name_span = Some(attribute.name_span.clone());
            written.insert(attribute.name.to_owned(), value);
        }
    }
    let mut nested: BTreeMap<&str, Blocks<'_>> = BTreeMap::new();
    for block in &view.blocks {
        if top && META_BLOCKS.contains(&block.kind) {
            continue;
        }
        if block.kind == "dynamic" {
            found.extend(dynamic(block, schema, scope, &mut nested).err().unwrap_or_default());
        } else if let Some(kind) = schema.blocks.get(block.kind) {
            if let Some((_, label)) = block.labels.first() {
                let (summary, detail) = no_labels(block.kind);
                found.push(Diagnostic::error(summary, detail).at(Some(label)));
            }
            let members = decode(block.source, block.header, &kind.block, scope, false, found);
            nested.entry(block.kind).or_default().add(members, block.header);
        } else {
            found.push(unsupported_block(block.kind, block.header, schema));
        }
    }
    let required = schema.attributes.iter().filter(|(name, known)| known.required && !written.contains_key(*name));
    for (name, _) in required {
        let detail = format!("The argument {name:?} is required, but no definition was found.");
        // Null is none, and stands somewhere.
        let place = view.attribute(name).map_or(header, |attribute| &attribute.expression.span);
        found.push(Diagnostic::error("Missing required argument", detail).at(Some(place)));
    }
    for (kind, nesting) in &schema.blocks {
        let blocks = nested.remove(kind.as_str()).unwrap_or_default();
        let count = blocks.items.len();
        match nesting.max {
            Some(max) if count > max => {
                let detail = format!("No more than {max} {kind:?} blocks are allowed.");
                let first = blocks.headers.get(max).copied();
                found.push(Diagnostic::error(format!("Too many {kind} blocks"), detail).at(first));
            }
            _ if count < nesting.min && blocks.open.is_none() => {
                let detail = format!("At least {} {kind:?} blocks are required.", nesting.min);
                found.push(Diagnostic::error(format!("Insufficient {kind} blocks"), detail).at(Some(header)));
            }
            _ => {}
        }
        if let Some(value) = blocks.value(nesting.nesting) {
            written.insert(kind.clone(), value);
        }
    }
    written
}

impl<'b> Blocks<'b> {
    fn add(&mut self, members: Written, header: &'b Span) {
        let mut value = Value::from(Content::Object(members)).at(Some(header.clone()));
        value.name_span = Some(header.clone());
        self.items.push(value);
        self.headers.push(header);
    }

    /// What all of them say; none when there is none.
    fn value(self, nesting: Nesting) -> Option<Value> {
        let first = (*self.headers.first()?).clone();
        let mut value = match self.open {
            Some(source) => unknown_from(&source, Type::Any),
            None if self.items.is_empty() => return None,
            None => {
                let mut items: Vec<Value> = Vec::with_capacity(self.items.len());
                for item in self.items {
                    // Of a set, one that stands twice is one.
                    let twice = nesting == Nesting::Set && item.first_unknown().is_none() && items.contains(&item);
                    if !twice {
                        items.push(item);
                    }
                }
                Value::tuple(items)
            }
        }
        .at(Some(first.clone()));
        value.name_span = Some(first);
        Some(value)
    }
}

fn argument(
    attribute: &AttributeView<'_>,
    known: &AttributeSchema,
    scope: Scope<'_, '_>,
) -> Result<Value, Diagnostics> {
    let name = attribute.name;
    if !known.required && !known.optional {
        let detail = format!(
            "Can't configure a value for {name:?}: its value will be decided automatically based on the result of applying \
             this configuration."
        );
        return Err(error_at(attribute.name_span, "Value for unconfigurable attribute", detail));
    }
    let value = closed(scope.settle(evaluate(attribute.expression, scope)?, &known.ty));
    convert(&value, &known.ty).map_err(|error| {
        let place = error.path.locate(&value).unwrap_or(&attribute.expression.span);
        let detail = format!("Inappropriate value for attribute {name:?}: {}.", error.message);
        error_at(place, "Incorrect attribute value type", detail)
    })
}

fn unsupported_argument(attribute: &AttributeView<'_>, schema: &BlockSchema) -> Diagnostic {
    let name = attribute.name;
    let hint = if schema.blocks.contains_key(name) {
        format!(" Did you mean to define a block of type {name:?}?")
    } else {
        let names: Vec<&str> = settable(schema).chain(schema.blocks.keys().map(String::as_str)).collect();
        did_you_mean(name, &names)
    };
    let detail = format!("An argument named {name:?} is not expected here.{hint}");
    Diagnostic::error("Unsupported argument", detail).at(Some(attribute.name_span))
}

fn unsupported_block(kind: &str, place: &Span, schema: &BlockSchema) -> Diagnostic {
    let hint = if schema.attributes.contains_key(kind) {
        format!(" Did you mean to define argument {kind:?}? If so, use the equals sign to assign it a value.")
    } else {
        let names: Vec<&str> = schema.blocks.keys().map(String::as_str).chain(settable(schema)).collect();
        did_you_mean(kind, &names)
    };
    let detail = format!("Blocks of type {kind:?} are not expected here.{hint}");
    Diagnostic::error("Unsupported block type", detail).at(Some(place))
}

fn settable(schema: &BlockSchema) -> impl Iterator<Item = &str> {
    schema.attributes.iter().filter(|(_, known)| known.required || known.optional).map(|(name, _)| name.as_str())
}

fn no_labels(kind: &str) -> (String, String) {
    (format!("Extraneous label for {kind}"), format!("No labels are expected for {kind} blocks."))
}

/// Writes a `dynamic` block out into `nested`. Returns what is wrong with it.
fn dynamic<'b, 'v: 'b>(
    block: &'v BlockView<'b>,
    schema: &'b BlockSchema,
    scope: Scope<'_, '_>,
    nested: &mut BTreeMap<&'b str, Blocks<'b>>,
) -> Result<(), Diagnostics> {
    let mut found = Diagnostics::new();
    let (label, place) = match block.labels.as_slice() {
        [label] => *label,
        [] => {
            let detail = "All dynamic blocks must have 1 label: the type of the blocks that it makes.";
            return Err(error_at(block.header, "Missing type for dynamic", detail));
        }
        [_, (_, extra), ..] => {
            let detail = "Only 1 label is expected for dynamic blocks: the type of the blocks that it makes.";
            return Err(error_at(extra, "Extraneous label for dynamic", detail));
        }
    };
    let Some((kind, known)) = schema.blocks.get_key_value(label) else {
        return Err(unsupported_block(label, place, schema).into());
    };
    let view = View::new(block.source, &|name| name == "content")?;
    // `labels` is for blocks that have some, and those of resources have none.
    for attribute in view.attributes.iter().filter(|attribute| !["for_each", "iterator"].contains(&attribute.name)) {
        let name = attribute.name;
        let hint = did_you_mean(name, &["for_each", "iterator"]);
        let detail = format!("An argument named {name:?} is not expected here.{hint}");
        found.push(Diagnostic::error("Unsupported argument", detail).at(Some(attribute.name_span)));
    }
    for other in view.blocks.iter().filter(|other| other.kind != "content") {
        let hint = did_you_mean(other.kind, &["content"]);
        let detail = format!("Blocks of type {:?} are not expected here.{hint}", other.kind);
        found.push(Diagnostic::error("Unsupported block type", detail).at(Some(other.header)));
    }
    let mut contents = view.blocks.iter().filter(|other| other.kind == "content");
    let content = contents.next();
    if content.is_none() {
        let detail = "A dynamic block must have a nested block of type \"content\" to describe the body of each \
                      generated block.";
        found.push(Diagnostic::error("Missing dynamic content block", detail).at(Some(block.header)));
    }
    if let Some(second) = contents.next() {
        let detail = "Only one nested content block is allowed for each dynamic block.";
        found.push(Diagnostic::error("Extraneous dynamic content block", detail).at(Some(second.header)));
    }
    let each = view.attribute("for_each");
    if each.is_none() {
        let detail = "The argument \"for_each\" is required, but no definition was found.";
        found.push(Diagnostic::error("Missing required argument", detail).at(Some(block.header)));
    }
    let iterator = match view.attribute("iterator") {
        None => Some(label),
        Some(attribute) => {
            let name = iterator_name(attribute.expression);
            if name.is_none() {
                let detail = "Dynamic iterator must be a single variable name.";
                let place = Some(&attribute.expression.span);
                found.push(Diagnostic::error("Invalid dynamic iterator name", detail).at(place));
            }
            name
        }
    };
    let (Some(content), Some(each), Some(iterator), true) = (content, each, iterator, found.is_empty()) else {
        return Err(found);
    };
    let collection = scope.settle_collection(evaluate(each.expression, scope)?);
    let wrong = |detail: String| Err(error_at(&each.expression.span, "Invalid dynamic for_each value", detail));
    let blocks = nested.entry(kind).or_default();
    if is_open(&collection) {
        blocks.headers.push(block.header);
        blocks.open.get_or_insert(collection);
        return Ok(());
    }
    if collection.is_null() {
        return wrong("Cannot use a null value in for_each.".to_owned());
    }
    let Some(pairs) = pairs(&collection) else {
        let ty = collection.ty();
        return wrong(format!("Cannot use a {ty} value in for_each. An iterable collection is required."));
    };
    for (key, value) in pairs {
        scope.meter.charge_value(value)?;
        let value = value.clone().marked(collection.sensitive);
        let element = Value::object([("key", key), ("value", value)]);
        let frame = Frame { name: iterator, value: &element, next: scope.names };
        let scope = Scope { names: Some(&frame), ..scope };
        let mut members = decode(content.source, content.header, &known.block, scope, false, &mut found);
        if collection.sensitive {
            members.values_mut().for_each(|member| member.sensitive = true);
        }
        blocks.add(members, content.header);
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// The word that an `iterator` argument is; text in JSON.
fn iterator_name(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        Kind::Name(name) => Some(name),
        _ if expression.span.file.ends_with(".json") => expression.as_text(),
        _ => None,
    }
}
