//! The trees: bodies of attributes and blocks, and expressions.

use poolform_value::{Diagnostics, Span, Value};

/// What stands between braces, or in a whole file.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub attributes: Vec<Attribute>,
    pub blocks: Vec<Block>,
    /// Of a whole file: what was left out of it, and why.
    pub passed_over: Diagnostics,
}

impl Body {
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    pub fn blocks<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

/// `name = expression`
#[derive(Debug)]
pub(crate) struct Attribute {
    pub name: String,
    pub name_span: Span,
    pub expression: Expression,
}

/// `kind "label" { … }`
#[derive(Debug)]
pub(crate) struct Block {
    pub kind: String,
    pub labels: Vec<(String, Span)>,
    pub body: Body,
    /// Kind and labels.
    pub header: Span,
}

impl Block {
    /// The label at `position`, or nothing: blocks with missing labels are refused before anybody asks.
    pub fn label(&self, position: usize) -> &str {
        self.labels.get(position).map_or("", |(label, _)| label)
    }
}

#[derive(Debug)]
pub(crate) struct Expression {
    pub kind: Kind,
    pub span: Span,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// Null, a bool or a number.
    Literal(Value),
    /// Text in quotes or a heredoc.
    Template(Vec<Part>),
    Tuple(Vec<Expression>),
    Object(Vec<Item>),
    /// A bare word: `var`, `each`, the variable of a `for`.
    Name(String),
    Traversal(Box<Expression>, Vec<Step>),
    Call(Call),
    Conditional(Box<[Expression; 3]>),
    Unary(Unary, Box<Expression>),
    Binary(Binary, Box<[Expression; 2]>),
    For(Box<For>),
    Parenthesis(Box<Expression>),
}

/// `key = value` in an object.
#[derive(Debug)]
pub(crate) struct Item {
    pub key: Expression,
    pub value: Expression,
}

/// A step from a value to something in it.
#[derive(Debug)]
pub(crate) enum Step {
    Attribute(String, Span),
    Index(Expression),
    /// `.0`, from before version 0.12.
    LegacyIndex(u64, Span),
    /// `[*]`: all the steps after it are taken on every element.
    FullSplat(Span),
    /// `.*`: the attributes right after it are taken on every element.
    AttributeSplat(Span),
}

#[derive(Debug)]
pub(crate) struct Call {
    pub name: String,
    pub name_span: Span,
    pub arguments: Vec<Expression>,
    /// Whether the last argument ends with `...`.
    pub expand: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Negate,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

#[derive(Debug)]
pub(crate) struct For {
    pub key_name: Option<String>,
    pub value_name: String,
    pub collection: Expression,
    /// For objects.
    pub key: Option<Expression>,
    pub value: Expression,
    pub condition: Option<Expression>,
    pub grouping: bool,
}

/// A part of a template.
#[derive(Debug)]
pub(crate) enum Part {
    Text(String),
    Interpolation(Expression),
    If { condition: Expression, then: Vec<Part>, otherwise: Vec<Part> },
    For { key_name: Option<String>, value_name: String, collection: Expression, body: Vec<Part> },
}

impl Expression {
    /// The text of a template without any interpolation.
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Template(parts) => match parts.as_slice() {
                [] => Some(""),
                [Part::Text(text)] => Some(text),
                _ => None,
            },
            Kind::Parenthesis(inner) => inner.as_text(),
            _ => None,
        }
    }

    /// The reference that this expression is, as written: `module.pool["blue"]`. None when it is anything else.
    pub fn as_reference(&self) -> Option<String> {
        match &self.kind {
            Kind::Name(name) => Some(name.clone()),
            Kind::Traversal(root, steps) => {
                let mut reference = match &root.kind {
                    Kind::Name(name) => name.clone(),
                    _ => return None,
                };
                for step in steps {
                    match step {
                        Step::Attribute(name, _) => {
                            reference.push('.');
                            reference.push_str(name);
                        }
                        Step::LegacyIndex(index, _) => reference.push_str(&format!("[{index}]")),
                        Step::Index(key) => match &key.kind {
                            Kind::Literal(value) => {
                                let number = value.as_number()?;
                                reference.push_str(&format!("[{}]", poolform_value::number_text(number)));
                            }
                            _ => reference.push_str(&format!("[{}]", quoted(key.as_text()?))),
                        },
                        Step::FullSplat(_) | Step::AttributeSplat(_) => return None,
                    }
                }
                Some(reference)
            }
            _ => None,
        }
    }

    /// Calls `visit` with every reference in this expression: its first word and the steps after it. Words bound by a
    /// `for` are among them.
    pub fn references<'e>(&'e self, visit: &mut dyn FnMut(&'e str, &'e [Step], &'e Span)) {
        match &self.kind {
            Kind::Literal(_) => {}
            Kind::Template(parts) => parts.iter().for_each(|part| part.references(visit)),
            Kind::Tuple(items) => items.iter().for_each(|item| item.references(visit)),
            Kind::Object(items) => items.iter().for_each(|item| {
                item.key.references(visit);
                item.value.references(visit);
            }),
            Kind::Name(name) => visit(name, &[], &self.span),
            Kind::Traversal(root, steps) => {
                match &root.kind {
                    Kind::Name(name) => visit(name, steps, &self.span),
                    _ => root.references(visit),
                }
                for step in steps {
                    if let Step::Index(key) = step {
                        key.references(visit);
                    }
                }
            }
            Kind::Call(call) => call.arguments.iter().for_each(|argument| argument.references(visit)),
            Kind::Conditional(parts) => parts.iter().for_each(|part| part.references(visit)),
            Kind::Unary(_, operand) => operand.references(visit),
            Kind::Binary(_, operands) => operands.iter().for_each(|operand| operand.references(visit)),
            Kind::For(it) => {
                it.collection.references(visit);
                it.value.references(visit);
                for part in [&it.key, &it.condition].into_iter().flatten() {
                    part.references(visit);
                }
            }
            Kind::Parenthesis(inner) => inner.references(visit),
        }
    }
}

impl Part {
    fn references<'e>(&'e self, visit: &mut dyn FnMut(&'e str, &'e [Step], &'e Span)) {
        match self {
            Part::Text(_) => {}
            Part::Interpolation(inner) => inner.references(visit),
            Part::If { condition, then, otherwise } => {
                condition.references(visit);
                then.iter().chain(otherwise).for_each(|part| part.references(visit));
            }
            Part::For { collection, body, .. } => {
                collection.references(visit);
                body.iter().for_each(|part| part.references(visit));
            }
        }
    }
}

/// `key` as an address quotes it.
pub(crate) fn quoted(key: &str) -> String {
    let mut text = String::with_capacity(key.len() + 2);
    text.push('"');
    for character in key.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            other => text.push(other),
        }
    }
    text.push('"');
    text
}
