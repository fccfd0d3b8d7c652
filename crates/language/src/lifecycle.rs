//! The `lifecycle` block of a resource.

use poolform_value::{AttributePath, Diagnostic, Diagnostics, Segment, Span, Type, convert};

use crate::blocks::did_you_mean;
use crate::functions::whole_number;
use crate::module::references;
use crate::schema::{BlockSchema, IgnoreChanges, Lifecycle};
use crate::syntax::native::Reader;
use crate::syntax::{Attribute, Block, Expression, Kind, Step, error_at};
use crate::variables::constant;

/// Its arguments and blocks.
const ARGUMENTS: &[&str] = &["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"];
const BLOCKS: &[&str] = &["precondition", "postcondition"];

/// What the `lifecycle` blocks of `resource` say; what is wrong with them goes to `found`.
pub(crate) fn lifecycle(resource: &Block, schema: &BlockSchema, found: &mut Diagnostics) -> Lifecycle {
    let mut lifecycle = Lifecycle::default();
    for (position, block) in resource.body.blocks("lifecycle").enumerate() {
        if position > 0 {
            let detail = "A resource may have only one lifecycle block.";
            found.push(Diagnostic::error("Duplicate lifecycle block", detail).at(Some(&block.header)));
            continue;
        }
        for attribute in &block.body.attributes {
            found.extend(set(&mut lifecycle, attribute, schema).err().unwrap_or_default());
        }
        for inner in &block.body.blocks {
            if !BLOCKS.contains(&inner.kind.as_str()) {
                let hint = did_you_mean(&inner.kind, BLOCKS);
                let detail = format!("Blocks of type {:?} are not expected here.{hint}", inner.kind);
                found.push(Diagnostic::error("Unsupported block type", detail).at(Some(&inner.header)));
                continue;
            }
            for required in ["condition", "error_message"] {
                if inner.body.attribute(required).is_none() {
                    let detail = format!("The argument {required:?} is required, but no definition was found.");
                    found.push(Diagnostic::error("Missing required argument", detail).at(Some(&inner.header)));
                }
            }
        }
    }
    lifecycle
}

fn set(lifecycle: &mut Lifecycle, attribute: &Attribute, schema: &BlockSchema) -> Result<(), Diagnostics> {
    match attribute.name.as_str() {
        "prevent_destroy" => lifecycle.prevent_destroy = flag(attribute)?,
        "create_before_destroy" => lifecycle.create_before_destroy = flag(attribute)?,
        "replace_triggered_by" => lifecycle.replace_triggered_by = references(&attribute.expression),
        "ignore_changes" => lifecycle.ignore_changes = ignored(&attribute.expression, schema)?,
        name => {
            let detail = format!("An argument named {name:?} is not expected here.{}", did_you_mean(name, ARGUMENTS));
            return Err(error_at(&attribute.name_span, "Unsupported argument", detail));
        }
    }
    Ok(())
}

/// Terraform needs these before it evaluates anything.
fn flag(attribute: &Attribute) -> Result<bool, Diagnostics> {
    let unsuitable = |problem: &str| {
        let detail = format!("Unsuitable value: {problem}.");
        error_at(&attribute.expression.span, "Unsuitable value type", detail)
    };
    let value = constant(&attribute.expression)?;
    let value = convert(&value, &Type::Bool).map_err(|error| unsuitable(&error.message))?;
    Ok(value.as_bool().unwrap_or_default())
}

fn ignored(expression: &Expression, schema: &BlockSchema) -> Result<IgnoreChanges, Diagnostics> {
    let items = match &expression.kind {
        Kind::Tuple(items) => items,
        Kind::Name(word) if word == "all" => return Ok(IgnoreChanges::All),
        _ if expression.as_text() == Some("all") => return Ok(IgnoreChanges::All),
        _ => {
            let detail =
                "ignore_changes is a list of attributes, like [tags, password_policy[0].minimum_length], or all.";
            return Err(error_at(&expression.span, "Invalid ignore_changes", detail));
        }
    };
    let mut paths = Vec::new();
    let mut found = Diagnostics::new();
    for item in items {
        if item.as_text() == Some("*") {
            let detail = "[\"*\"] is the form of Terraform 0.11. Write ignore_changes = all to ignore changes to all attributes.";
            found.push(Diagnostic::error("Invalid ignore_changes wildcard", detail).at(Some(&item.span)));
            continue;
        }
        match path(item).and_then(|path| exists(path, schema, &item.span)) {
            Ok(path) => paths.push(path),
            Err(failed) => found.extend(failed),
        }
    }
    if found.is_empty() { Ok(IgnoreChanges::Paths(paths)) } else { Err(found) }
}

/// An attribute as it is written in `ignore_changes`, from the resource on; in quotes as Terraform 0.11 wrote it.
fn path(expression: &Expression) -> Result<AttributePath, Diagnostics> {
    let path = match expression.as_text() {
        Some(text) => path_of(&Reader::within(&expression.span, text).expression()?),
        None => path_of(expression),
    };
    path.ok_or_else(|| {
        let detail = "This must be an attribute of the resource, with indices and keys written out: \
                      password_policy[0].minimum_length, tags[\"owner\"].";
        error_at(&expression.span, "Invalid ignore_changes", detail)
    })
}

fn path_of(expression: &Expression) -> Option<AttributePath> {
    let (root, steps) = match &expression.kind {
        Kind::Traversal(root, steps) => (root.as_ref(), steps.as_slice()),
        _ => (expression, [].as_slice()),
    };
    match &root.kind {
        Kind::Name(name) => follow(name, steps),
        _ => None,
    }
}

fn follow(first: &str, steps: &[Step]) -> Option<AttributePath> {
    let mut path = AttributePath::argument(first);
    for step in steps {
        let segment = match step {
            Step::Attribute(name, _) => Segment::Attribute(name.clone()),
            Step::LegacyIndex(index, _) => Segment::Index(usize::try_from(*index).ok()?),
            Step::Index(key) => {
                let key = constant(key).ok()?;
                match (key.as_str(), key.as_number()) {
                    (Some(text), _) => Segment::Key(text.to_owned()),
                    (None, Some(number)) => Segment::Index(whole_number(number)?),
                    _ => return None,
                }
            }
            Step::FullSplat(_) | Step::AttributeSplat(_) => return None,
        };
        path = path.then(segment);
    }
    Some(path)
}

fn exists(path: AttributePath, schema: &BlockSchema, span: &Span) -> Result<AttributePath, Diagnostics> {
    let Some(Segment::Attribute(first)) = path.segments.first() else { return Ok(path) };
    if schema.attributes.contains_key(first) || schema.blocks.contains_key(first) {
        return Ok(path);
    }
    let names: Vec<&str> = schema.attributes.keys().chain(schema.blocks.keys()).map(String::as_str).collect();
    let hint = did_you_mean(first, &names);
    let detail = format!("This object has no argument, nested block, or exported attribute named {first:?}.{hint}");
    Err(error_at(span, "Unsupported attribute", detail))
}
