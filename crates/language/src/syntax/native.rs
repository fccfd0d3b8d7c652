//! Native syntax (`.tf`, `.tfvars`, templates), read with hcl-edit and lowered to own trees.
//!
//! Where hcl-edit and Terraform differ, the lowering sides with Terraform: text is read again from the source, line by
//! line, so that `<<-` and strip markers do what they do there; quoted strings over several lines and ambiguous keys
//! are refused; numbers keep every digit; of equal keys of an object the last is taken. What remains different: of what is nested
//! more than 64 deep, blocks of resources are passed over, the rest is an error.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::{
    BinaryOperator, Expression as Parsed, ForExpr, FuncCall, ObjectKey, TraversalOperator, UnaryOperator,
};
use hcl_edit::parser::Error as ParseError;
use hcl_edit::structure::{Body as ParsedBody, Structure};
use hcl_edit::template::{Directive, Element};
use poolform_value::{Diagnostic, Diagnostics, Span, Value, parse_number};

use super::given::parse;
use super::lines::{Flat, flush, meld, oddities, statements, strip};
use super::refused::{Refused, refused};
use super::{Attribute, Binary, Block, Body, Call, Expression, For, Item, Kind, Part, Step, Unary, error_at};

type Lowered<T> = Result<T, Diagnostics>;

/// How many statements of a file that cannot be read are looked at on their own.
const STATEMENTS: usize = 200;
/// Blocks that may be passed over: a reference to one is refused where it stands.
const PASSED_OVER: &[&str] = &["action", "check", "data", "ephemeral", "resource"];
/// What is wrong with a file.
struct Mistakes {
    found: Diagnostics,
    /// Blocks that Terraform reads and the parser does not.
    too_deep: Vec<Range<usize>>,
}

/// Reads one text.
pub(crate) struct Reader<'t> {
    file: &'t Arc<str>,
    text: &'t str,
    /// The place of everything, where the text itself stands in no file as it is.
    fixed: Option<&'t Span>,
}

impl<'t> Reader<'t> {
    pub fn new(file: &'t Arc<str>, text: &'t str) -> Self {
        Reader { file, text, fixed: None }
    }

    /// Reads `text`, which stands at `span` in another notation.
    pub fn within(span: &'t Span, text: &'t str) -> Self {
        Reader { file: &span.file, text, fixed: Some(span) }
    }

    /// A whole file. Where it cannot be read, the mistakes of all its blocks.
    pub fn body(&self) -> Lowered<Body> {
        let readable = self.readable();
        let first = match parse(&readable, hcl_edit::parser::parse_body) {
            Ok(parsed) => return self.lower_body(&parsed),
            Err(first) => first,
        };
        let Mistakes { found, too_deep } = self.mistakes(&readable);
        if !found.is_empty() || too_deep.is_empty() {
            return Err(if found.is_empty() { self.syntax_error(&first) } else { found });
        }
        // What Terraform reads and this parser does not must not stop a root whose pools do not reach it.
        let mut rest = readable.into_owned();
        let mut passed_over = Diagnostics::new();
        for range in too_deep {
            let line = self.text[range.clone()].find('\n').map_or(range.end, |length| range.start + length);
            let detail = "This is nested too deeply for poolform, which reads 64 levels, and is passed over.";
            let span = self.span(Some(range.start..line));
            passed_over.push(Diagnostic::warning("Too deeply nested", detail).at(Some(&span)));
            rest.replace_range(range.clone(), &" ".repeat(range.len()));
        }
        let parsed = parse(&rest, hcl_edit::parser::parse_body).map_err(|error| self.syntax_error(&error))?;
        Ok(Body { passed_over, ..self.lower_body(&parsed)? })
    }

    /// A single expression.
    pub fn expression(&self) -> Lowered<Expression> {
        let readable = self.readable();
        let parsed =
            parse(readable.trim_end(), hcl_edit::parser::parse_expr).map_err(|error| self.syntax_error(&error))?;
        self.lower(&parsed)
    }

    /// What is wrong with each statement of a file that cannot be read, one mistake each: the parser stops at the first.
    fn mistakes(&self, readable: &str) -> Mistakes {
        let statements = statements(readable);
        let broken = oddities(self.text).broken_string;
        let (mut found, mut too_deep) = (Diagnostics::new(), Vec::new());
        for range in statements.into_iter().take(STATEMENTS) {
            // The others are blank, so that places stay.
            let mut alone = " ".repeat(range.start);
            alone.push_str(&readable[range.clone()]);
            if let Err(error) = parse(&alone, hcl_edit::parser::parse_body) {
                let declares = |kind: &&str| readable[range.clone()].starts_with(&format!("{kind} "));
                if [Refused::Nesting, Refused::Chain].contains(&refused(&error)) && PASSED_OVER.iter().any(declares) {
                    too_deep.push(range);
                    continue;
                }
                found.extend(match broken.filter(|quote| range.contains(quote)) {
                    Some(quote) => self.broken_string(quote),
                    None => self.parser_error(&error),
                });
            }
        }
        Mistakes { found, too_deep }
    }

    /// A template without quotes around it.
    pub fn template(&self) -> Lowered<Expression> {
        let span = self.span(Some(0..self.text.len()));
        let parsed = hcl_edit::parser::parse_template(self.text).map_err(|error| self.syntax_error(&error))?;
        let parts = self.lower_template(parsed.iter(), Text::Lines, false)?;
        Ok(Expression { kind: Kind::Template(parts), span })
    }

    /// The text as the parser understands it: an empty heredoc is an empty string of the same length.
    fn readable(&self) -> Cow<'t, str> {
        if !self.text.contains("<<") {
            return Cow::Borrowed(self.text);
        }
        let mut readable = self.text.to_owned();
        for range in oddities(self.text).empty_heredocs {
            let blank = format!("{:<1$}", "\"\"", range.len());
            readable.replace_range(range, &blank);
        }
        Cow::Owned(readable)
    }

    fn span(&self, range: Option<Range<usize>>) -> Span {
        match self.fixed {
            Some(span) => span.clone(),
            None => {
                let range = range.unwrap_or(0..0);
                Span::new(self.file, range.start, range.end)
            }
        }
    }

    fn syntax_error(&self, error: &ParseError) -> Diagnostics {
        match oddities(self.text).broken_string {
            // Where the parser gives up on a whole statement it says only where that begins.
            Some(quote) if quote <= error.location().offset() || refused(error) == Refused::Whole => {
                self.broken_string(quote)
            }
            _ => self.parser_error(error),
        }
    }

    fn broken_string(&self, quote: usize) -> Diagnostics {
        let end = self.text[quote..].find('\n').map_or(self.text.len(), |length| quote + length);
        error_at(
            &self.span(Some(quote..end)),
            "Invalid multi-line string",
            "Quoted strings may not be split over multiple lines: is a closing quote missing? To produce a multi-line \
             string, use \\n for each line break or a heredoc (<<-EOT … EOT).",
        )
    }

    fn parser_error(&self, error: &ParseError) -> Diagnostics {
        // The parser counts to the end of the text, and to any byte of a letter.
        let mut at = error.location().offset().min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let end = self.text[at..].chars().next().map_or(at, |letter| at + letter.len_utf8());
        let place = self.span(Some(at..end));
        let message = error.message();
        let (summary, detail) = match refused(error) {
            Refused::Key => (
                "Duplicate object key",
                "This key stands more than once in the same object. Keep the last one, which Terraform would take."
                    .to_owned(),
            ),
            Refused::Argument => (
                "Attribute redefined",
                "This argument was already set in the same block: keep one of the two.".to_owned(),
            ),
            Refused::Nesting => {
                ("Too deeply nested", "Expressions and blocks may be nested at most 64 levels deep.".to_owned())
            }
            _ if self.text[at..].trim().is_empty() => {
                ("Unexpected end of file", format!("Something that was begun is not finished here: {message}."))
            }
            _ => ("Invalid syntax", format!("This cannot be read as Terraform's language: {message}.")),
        };
        error_at(&place, summary, detail)
    }

    fn lower_body(&self, parsed: &ParsedBody) -> Lowered<Body> {
        let mut body = Body::default();
        let mut failed = Diagnostics::new();
        for structure in parsed.iter() {
            match structure {
                Structure::Attribute(attribute) => match self.lower(&attribute.value) {
                    Ok(expression) => body.attributes.push(Attribute {
                        name: attribute.key.as_str().to_owned(),
                        name_span: self.span(attribute.key.span()),
                        expression,
                    }),
                    Err(diagnostics) => failed.extend(diagnostics),
                },
                Structure::Block(block) => {
                    let mut header = self.span(block.ident.span());
                    let mut labels = Vec::new();
                    for label in &block.labels {
                        let span = self.span(label.span());
                        header.end = header.end.max(span.end);
                        labels.push((label.as_str().to_owned(), span));
                    }
                    match self.lower_body(&block.body) {
                        Ok(inner) => body.blocks.push(Block {
                            kind: block.ident.as_str().to_owned(),
                            labels,
                            body: inner,
                            header,
                        }),
                        Err(diagnostics) => failed.extend(diagnostics),
                    }
                }
            }
        }
        if failed.is_empty() { Ok(body) } else { Err(failed) }
    }

    fn lower_all<'p>(&self, parsed: impl Iterator<Item = &'p Parsed>) -> Lowered<Vec<Expression>> {
        parsed.map(|parsed| self.lower(parsed)).collect()
    }

    fn boxed(&self, parsed: &Parsed) -> Lowered<Box<Expression>> {
        self.lower(parsed).map(Box::new)
    }

    fn lower(&self, parsed: &Parsed) -> Lowered<Expression> {
        let span = self.span(parsed.span());
        let kind = match parsed {
            Parsed::Null(_) => Kind::Literal(Value::null()),
            Parsed::Bool(value) => Kind::Literal((*value.value()).into()),
            Parsed::Number(number) => Kind::Literal(self.lower_number(number, &span)?),
            Parsed::String(text) => {
                // Between the quotes, read again: the parser has lost which line breaks were escapes.
                let raw = text.span().and_then(|range| self.text.get(range.start + 1..range.end.checked_sub(1)?));
                let text = match raw {
                    Some(raw) => self.one_line(raw, &span).map(unescape)?,
                    None => text.value().clone(),
                };
                Kind::Template(meld(vec![Part::Text(text)]))
            }
            Parsed::StringTemplate(template) => {
                Kind::Template(self.lower_template(template.iter(), Text::Quoted, false)?)
            }
            Parsed::HeredocTemplate(heredoc) => {
                let start = parsed.span().map_or(0, |range| range.start);
                let flushed = self.text.get(start..).is_some_and(|text| text.starts_with("<<-"));
                Kind::Template(self.lower_template(heredoc.template.iter(), Text::Lines, flushed)?)
            }
            Parsed::Array(array) => Kind::Tuple(self.lower_all(array.iter())?),
            Parsed::Object(object) => {
                let mut items = Vec::with_capacity(object.len());
                for (key, value) in object.iter() {
                    items.push(Item { key: self.lower_key(key)?, value: self.lower(value.expr())? });
                }
                Kind::Object(items)
            }
            Parsed::Parenthesis(inner) => Kind::Parenthesis(self.boxed(inner.inner())?),
            Parsed::Variable(name) => Kind::Name(name.as_str().to_owned()),
            Parsed::Conditional(parts) => Kind::Conditional(Box::new([
                self.lower(&parts.cond_expr)?,
                self.lower(&parts.true_expr)?,
                self.lower(&parts.false_expr)?,
            ])),
            Parsed::FuncCall(call) => Kind::Call(self.lower_call(call)?),
            Parsed::Traversal(traversal) => {
                let steps = traversal
                    .operators
                    .iter()
                    .map(|operator| {
                        let span = self.span(operator.span());
                        Ok(match operator.value() {
                            TraversalOperator::GetAttr(name) => Step::Attribute(name.as_str().to_owned(), span),
                            TraversalOperator::Index(key) => Step::Index(self.lower(key)?),
                            TraversalOperator::LegacyIndex(index) => Step::LegacyIndex(*index.value(), span),
                            TraversalOperator::FullSplat(_) => Step::FullSplat(span),
                            TraversalOperator::AttrSplat(_) => Step::AttributeSplat(span),
                        })
                    })
                    .collect::<Lowered<_>>()?;
                Kind::Traversal(self.boxed(&traversal.expr)?, steps)
            }
            Parsed::UnaryOp(operation) => {
                let operator = match operation.operator.value() {
                    UnaryOperator::Neg => Unary::Negate,
                    UnaryOperator::Not => Unary::Not,
                };
                Kind::Unary(operator, self.boxed(&operation.expr)?)
            }
            Parsed::BinaryOp(operation) => Kind::Binary(
                lower_operator(*operation.operator.value()),
                Box::new([self.lower(&operation.lhs_expr)?, self.lower(&operation.rhs_expr)?]),
            ),
            Parsed::ForExpr(it) => Kind::For(Box::new(self.lower_for(it)?)),
        };
        Ok(Expression { kind, span })
    }

    fn lower_number(&self, number: &hcl_edit::Formatted<hcl_edit::Number>, span: &Span) -> Lowered<Value> {
        let written = number.span().and_then(|range| self.text.get(range)).unwrap_or_default().replace(' ', "");
        parse_number(&written).map(Value::from).ok_or_else(|| {
            error_at(span, "Invalid number", format!("The number {written} has too many digits: 10,000 are enough."))
        })
    }

    fn lower_key(&self, key: &ObjectKey) -> Lowered<Expression> {
        let text = |text: &str, span: Option<Range<usize>>| {
            let kind = Kind::Template(vec![Part::Text(text.to_owned())]);
            Ok(Expression { kind, span: self.span(span) })
        };
        match key {
            // As it is written: the parser may have been given another name for a key that stands twice.
            ObjectKey::Ident(name) => {
                let written = name.span().and_then(|range| self.text.get(range));
                text(written.unwrap_or(name.as_str()), name.span())
            }
            ObjectKey::Expression(Parsed::Null(null)) => text("null", null.span()),
            ObjectKey::Expression(Parsed::Bool(value)) => text(&value.value().to_string(), value.span()),
            ObjectKey::Expression(expression @ Parsed::Traversal(_)) => Err(error_at(
                &self.span(expression.span()),
                "Ambiguous attribute key",
                "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as \
                 a literal name containing periods, wrap it in quotes to create a string literal.",
            )),
            // The parser was given a plain name for a key with an interpolation that stands twice.
            ObjectKey::Expression(expression @ Parsed::String(_)) => {
                let span = self.span(expression.span());
                match expression.span().and_then(|range| self.text.get(range)) {
                    Some(raw) if raw.contains("${") && !raw.contains("$${") => Reader::within(&span, raw).expression(),
                    _ => self.lower(expression),
                }
            }
            ObjectKey::Expression(expression) => self.lower(expression),
        }
    }

    fn lower_call(&self, call: &FuncCall) -> Lowered<Call> {
        let mut name = String::new();
        for space in &call.name.namespace {
            name.push_str(space.as_str());
            name.push_str("::");
        }
        name.push_str(call.name.name.as_str());
        Ok(Call {
            name,
            name_span: self.span(call.name.name.span()),
            arguments: self.lower_all(call.args.iter())?,
            expand: call.args.expand_final(),
        })
    }

    fn lower_for(&self, it: &ForExpr) -> Lowered<For> {
        Ok(For {
            key_name: it.intro.key_var.as_ref().map(|name| name.as_str().to_owned()),
            value_name: it.intro.value_var.as_str().to_owned(),
            collection: self.lower(&it.intro.collection_expr)?,
            key: it.key_expr.as_ref().map(|key| self.lower(key)).transpose()?,
            value: self.lower(&it.value_expr)?,
            condition: it.cond.as_ref().map(|condition| self.lower(&condition.expr)).transpose()?,
            grouping: it.grouping,
        })
    }

    fn lower_template<'p>(
        &self,
        elements: impl Iterator<Item = &'p Element>,
        text: Text,
        flushed: bool,
    ) -> Lowered<Vec<Part>> {
        let mut marks = Vec::new();
        let mut parts = self.lower_elements(elements, text, &mut marks)?;
        let mut marks = marks.into_iter();
        let mut flat = Vec::new();
        flatten(&mut parts, &mut marks, &mut flat);
        strip(&mut flat);
        if flushed {
            flush(&mut flat);
        }
        Ok(meld(parts))
    }

    /// Lowers elements, and notes in `marks` the strip markers in the order in which [`flatten`] asks for them.
    fn lower_elements<'p>(
        &self,
        elements: impl Iterator<Item = &'p Element>,
        text: Text,
        marks: &mut Vec<(bool, bool)>,
    ) -> Lowered<Vec<Part>> {
        let mut parts = Vec::new();
        let mark = |strip: hcl_edit::template::Strip| (strip.strip_start(), strip.strip_end());
        for element in elements {
            match element {
                Element::Literal(literal) => {
                    let range = literal.span().unwrap_or(0..0);
                    let raw = self.text.get(range.clone()).unwrap_or(literal.as_str());
                    match text {
                        Text::Quoted => parts.push(Part::Text(unescape(self.one_line(raw, &self.span(Some(range)))?))),
                        Text::Lines => {
                            parts.extend(
                                raw.split_inclusive('\n')
                                    .map(|line| Part::Text(line.replace("$${", "${").replace("%%{", "%{"))),
                            );
                        }
                    }
                }
                Element::Interpolation(interpolation) => {
                    marks.push(mark(interpolation.strip));
                    parts.push(Part::Interpolation(self.lower(&interpolation.expr)?));
                }
                Element::Directive(directive) => match directive.as_ref() {
                    Directive::If(it) => {
                        marks.push(mark(it.if_expr.strip));
                        let condition = self.lower(&it.if_expr.cond_expr)?;
                        let then = self.lower_elements(it.if_expr.template.iter(), text, marks)?;
                        let otherwise = match &it.else_expr {
                            Some(it) => {
                                marks.push(mark(it.strip));
                                self.lower_elements(it.template.iter(), text, marks)?
                            }
                            // Nothing stands between two directives that are not there.
                            None => Vec::new(),
                        };
                        if it.else_expr.is_none() {
                            marks.push((false, false));
                        }
                        marks.push(mark(it.endif_expr.strip));
                        parts.push(Part::If { condition, then, otherwise });
                    }
                    Directive::For(it) => {
                        marks.push(mark(it.for_expr.strip));
                        let body = self.lower_elements(it.for_expr.template.iter(), text, marks)?;
                        marks.push(mark(it.endfor_expr.strip));
                        parts.push(Part::For {
                            key_name: it.for_expr.key_var.as_ref().map(|name| name.as_str().to_owned()),
                            value_name: it.for_expr.value_var.as_str().to_owned(),
                            collection: self.lower(&it.for_expr.collection_expr)?,
                            body,
                        });
                    }
                },
            }
        }
        Ok(parts)
    }

    fn one_line<'r>(&self, raw: &'r str, span: &Span) -> Lowered<&'r str> {
        // In a text without a file the line breaks are part of the notation around it.
        if self.fixed.is_none() && raw.contains('\n') {
            return Err(Diagnostic::error(
                "Invalid multi-line string",
                "Quoted strings may not be split over multiple lines. To produce a multi-line string, use \\n for each \
                 line break or a heredoc (<<-EOT … EOT).",
            )
            .at(Some(span))
            .into());
        }
        Ok(raw)
    }
}

#[derive(Clone, Copy)]
enum Text {
    Quoted,
    Lines,
}

fn flatten<'p>(parts: &'p mut [Part], marks: &mut dyn Iterator<Item = (bool, bool)>, flat: &mut Vec<Flat<'p>>) {
    let control = |marks: &mut dyn Iterator<Item = (bool, bool)>, flat: &mut Vec<Flat<'p>>| {
        let (before, after) = marks.next().unwrap_or_default();
        flat.push(Flat::Control(before, after));
    };
    for part in parts {
        match part {
            Part::Text(text) => flat.push(Flat::Text(text)),
            Part::Interpolation(_) => control(marks, flat),
            Part::If { then, otherwise, .. } => {
                control(marks, flat);
                flatten(then, marks, flat);
                let (before, after) = marks.next().unwrap_or_default();
                if !otherwise.is_empty() || before || after {
                    flat.push(Flat::Control(before, after));
                }
                flatten(otherwise, marks, flat);
                control(marks, flat);
            }
            Part::For { body, .. } => {
                control(marks, flat);
                flatten(body, marks, flat);
                control(marks, flat);
            }
        }
    }
}

fn lower_operator(operator: BinaryOperator) -> Binary {
    match operator {
        BinaryOperator::Eq => Binary::Equal,
        BinaryOperator::NotEq => Binary::NotEqual,
        BinaryOperator::LessEq => Binary::LessOrEqual,
        BinaryOperator::GreaterEq => Binary::GreaterOrEqual,
        BinaryOperator::Less => Binary::Less,
        BinaryOperator::Greater => Binary::Greater,
        BinaryOperator::Plus => Binary::Add,
        BinaryOperator::Minus => Binary::Subtract,
        BinaryOperator::Mul => Binary::Multiply,
        BinaryOperator::Div => Binary::Divide,
        BinaryOperator::Mod => Binary::Modulo,
        BinaryOperator::And => Binary::And,
        BinaryOperator::Or => Binary::Or,
    }
}

/// What quoted text means. The parser has already refused wrong escapes.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some(digits @ ('u' | 'U')) => {
                    let count = if digits == 'u' { 4 } else { 8 };
                    let code: String = characters.by_ref().take(count).collect();
                    text.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                }
                Some(other) => text.push(other),
                None => {}
            },
            '$' | '%' if characters.peek() == Some(&character) => {
                let mut ahead = characters.clone();
                ahead.next();
                if ahead.peek() == Some(&'{') {
                    characters.next();
                }
                text.push(character);
            }
            other => text.push(other),
        }
    }
    text
}
