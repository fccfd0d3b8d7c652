//! A body as its schema reads it: in JSON only the schema tells a block from an argument.

use poolform_value::{Diagnostics, Span};

use crate::syntax::{Block, Body, Expression, Item, Kind, error_at};

/// Where a body stands.
#[derive(Clone, Copy)]
pub(crate) enum Source<'b> {
    Body(&'b Body),
    /// An object of a JSON file.
    Json(&'b Expression),
}

/// An argument of a body.
pub(crate) struct AttributeView<'b> {
    pub name: &'b str,
    pub name_span: &'b Span,
    pub expression: &'b Expression,
}

/// A block in a body.
pub(crate) struct BlockView<'b> {
    pub kind: &'b str,
    pub labels: Vec<(&'b str, &'b Span)>,
    /// Kind and labels.
    pub header: &'b Span,
    pub source: Source<'b>,
}

/// The arguments and blocks of a body.
#[derive(Default)]
pub(crate) struct View<'b> {
    pub attributes: Vec<AttributeView<'b>>,
    pub blocks: Vec<BlockView<'b>>,
}

impl<'b> View<'b> {
    /// The body at `source`, where `is_block` tells which names are blocks.
    pub fn new(source: Source<'b>, is_block: &dyn Fn(&str) -> bool) -> Result<Self, Diagnostics> {
        let mut view = View::default();
        match source {
            Source::Body(body) => {
                for attribute in &body.attributes {
                    let (name, name_span, expression) = (&attribute.name, &attribute.name_span, &attribute.expression);
                    if name_span.file.ends_with(".json") && is_block(name) {
                        view.json_blocks(name, name_span, expression)?;
                    } else {
                        view.attributes.push(AttributeView { name, name_span, expression });
                    }
                }
                view.blocks.extend(body.blocks.iter().map(BlockView::from));
            }
            Source::Json(expression) => {
                for item in members(expression)? {
                    let name_span = &item.key.span;
                    let name = item.key.as_text().unwrap_or_default();
                    match name {
                        "//" => {}
                        _ if is_block(name) => view.json_blocks(name, name_span, &item.value)?,
                        _ => view.attributes.push(AttributeView { name, name_span, expression: &item.value }),
                    }
                }
            }
        }
        Ok(view)
    }

    /// The argument `name`.
    pub fn attribute(&self, name: &str) -> Option<&AttributeView<'b>> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    fn json_blocks(&mut self, kind: &'b str, name_span: &'b Span, value: &'b Expression) -> Result<(), Diagnostics> {
        match &value.kind {
            Kind::Literal(literal) if literal.is_null() => Ok(()),
            Kind::Tuple(items) => items.iter().try_for_each(|item| self.json_blocks(kind, name_span, item)),
            _ if kind == "dynamic" => {
                for item in members(value)?.iter().filter(|item| item.key.as_text() != Some("//")) {
                    let label = (item.key.as_text().unwrap_or_default(), &item.key.span);
                    self.json_dynamic(label, &item.value)?;
                }
                Ok(())
            }
            _ => {
                members(value)?;
                let source = Source::Json(value);
                self.blocks.push(BlockView { kind, labels: Vec::new(), header: name_span, source });
                Ok(())
            }
        }
    }

    fn json_dynamic(&mut self, label: (&'b str, &'b Span), value: &'b Expression) -> Result<(), Diagnostics> {
        if let Kind::Tuple(items) = &value.kind {
            return items.iter().try_for_each(|item| self.json_dynamic(label, item));
        }
        let (labels, source) = (vec![label], Source::Json(value));
        self.blocks.push(BlockView { kind: "dynamic", labels, header: label.1, source });
        Ok(())
    }
}

impl<'b> From<&'b Block> for BlockView<'b> {
    fn from(block: &'b Block) -> Self {
        BlockView {
            kind: &block.kind,
            labels: block.labels.iter().map(|(label, span)| (label.as_str(), span)).collect(),
            header: &block.header,
            source: Source::Body(&block.body),
        }
    }
}

fn members(value: &Expression) -> Result<&[Item], Diagnostics> {
    match &value.kind {
        Kind::Object(items) => Ok(items),
        _ => Err(error_at(&value.span, "Incorrect JSON value type", "A JSON object is required here, for a block.")),
    }
}
