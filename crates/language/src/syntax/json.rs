//! JSON with places, and the JSON form of Terraform files (`.tf.json`, `.tfvars.json`).

use std::sync::Arc;

use bigdecimal::BigDecimal;
use poolform_value::{Content, Diagnostics, Span, Value, parse_number};

use super::native::Reader;
use super::{Attribute, Block, Body, Expression, Item, Kind, Part, error_at};
use crate::blocks::{BlockKind, Contents};

/// How deep arrays and objects may be nested.
const DEEPEST: usize = 100;

/// A JSON value and its place.
#[derive(Debug)]
pub(crate) struct Node {
    pub kind: NodeKind,
    pub span: Span,
}

#[derive(Debug)]
pub(crate) enum NodeKind {
    Null,
    Bool(bool),
    Number(BigDecimal),
    Text(String),
    Array(Vec<Node>),
    /// Members as written: names may stand more than once.
    Object(Vec<(String, Span, Node)>),
}

/// Reads a whole text.
pub(crate) fn parse(file: &Arc<str>, text: &str) -> Result<Node, Diagnostics> {
    let mut reader = Cursor { file, text, at: 0 };
    let node = reader.node(0)?;
    reader.skip_space();
    if reader.at < text.len() {
        return Err(reader.error("There is more after the end of the value."));
    }
    Ok(node)
}

struct Cursor<'t> {
    file: &'t Arc<str>,
    text: &'t str,
    at: usize,
}

impl Cursor<'_> {
    fn error(&self, detail: &str) -> Diagnostics {
        let start = self.text.floor_char_boundary(self.at);
        let letter = self.text[start..].chars().next().map_or(0, char::len_utf8);
        error_at(&Span::new(self.file, start, start + letter), "Invalid JSON", detail)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        self.at += usize::from(taken);
        taken
    }

    fn node(&mut self, depth: usize) -> Result<Node, Diagnostics> {
        self.skip_space();
        let start = self.at;
        if depth > DEEPEST {
            return Err(self.error("Arrays and objects are nested too deeply here."));
        }
        let kind = match self.peek() {
            Some(b'{') => NodeKind::Object(self.object(depth)?),
            Some(b'[') => NodeKind::Array(self.array(depth)?),
            Some(b'"') => NodeKind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => NodeKind::Number(self.number()?),
            Some(b't' | b'f' | b'n') => self.word()?,
            Some(_) => return Err(self.error("A JSON value must begin here: a string, number, array or object.")),
            None => return Err(self.error("The text ends where a JSON value should begin.")),
        };
        Ok(Node { kind, span: Span::new(self.file, start, self.at) })
    }

    fn word(&mut self) -> Result<NodeKind, Diagnostics> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (kind, length) = if rest.starts_with("true") {
            (NodeKind::Bool(true), 4)
        } else if rest.starts_with("false") {
            (NodeKind::Bool(false), 5)
        } else if rest.starts_with("null") {
            (NodeKind::Null, 4)
        } else {
            return Err(self.error("JSON has only the words true, false and null; strings need quotes."));
        };
        self.at += length;
        Ok(kind)
    }

    fn number(&mut self) -> Result<BigDecimal, Diagnostics> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        let digits = text.trim_start_matches('-').as_bytes();
        // Terraform's numbers in text may begin with a point or with zeros, and end with a point; JSON's may not.
        let strict = match digits {
            [b'0', b'0'..=b'9', ..] | [.., b'.'] => false,
            [b'0'..=b'9', ..] => !text.contains(".e") && !text.contains(".E"),
            _ => false,
        };
        match parse_number(text).filter(|_| strict) {
            Some(number) => Ok(number),
            None => {
                self.at = start;
                Err(self.error("This number is not one that JSON allows, or has more than 10,000 digits."))
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Vec<Node>, Diagnostics> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.take(b']') {
            return Ok(items);
        }
        loop {
            items.push(self.node(depth + 1)?);
            self.skip_space();
            if self.take(b']') {
                return Ok(items);
            }
            if !self.take(b',') {
                return Err(self.error("A comma or the closing bracket of the array is missing here."));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Vec<(String, Span, Node)>, Diagnostics> {
        self.at += 1;
        let mut members = Vec::new();
        self.skip_space();
        if self.take(b'}') {
            return Ok(members);
        }
        loop {
            self.skip_space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.error("The name of a member must stand here, in quotes."));
            }
            let name = self.string()?;
            let span = Span::new(self.file, start, self.at);
            self.skip_space();
            if !self.take(b':') {
                return Err(self.error("A colon is missing after the name of the member."));
            }
            members.push((name, span, self.node(depth + 1)?));
            self.skip_space();
            if self.take(b'}') {
                return Ok(members);
            }
            if !self.take(b',') {
                return Err(self.error("A comma or the closing brace of the object is missing here."));
            }
        }
    }

    fn string(&mut self) -> Result<String, Diagnostics> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let Some(character) = rest.chars().next() else {
                return Err(self.error("The text ends inside a string: a closing quote is missing."));
            };
            match character {
                '"' => {
                    self.at += 1;
                    return Ok(text);
                }
                '\\' => text.push(self.escape()?),
                '\0'..='\x1f' => return Err(self.error("A string may not contain line breaks or control characters.")),
                other => {
                    text.push(other);
                    self.at += other.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Diagnostics> {
        let escaped = self.text.as_bytes().get(self.at + 1).copied();
        let simple = match escaped {
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.error("JSON has no such escape.")),
        };
        self.at += 2;
        Ok(simple)
    }

    fn unicode(&mut self) -> Result<char, Diagnostics> {
        let unit = |at: usize| {
            let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
            if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return None;
            }
            u16::from_str_radix(digits, 16).ok()
        };
        let Some(first) = unit(self.at) else {
            return Err(self.error("Four hexadecimal digits must follow \\u."));
        };
        let second = if (0xD800..0xDC00).contains(&first) { unit(self.at + 6) } else { None };
        let units: Vec<u16> = std::iter::once(first).chain(second).collect();
        let decoded = char::decode_utf16(units).next();
        Ok(match decoded {
            Some(Ok(character)) => {
                self.at += if character.len_utf16() == 2 { 12 } else { 6 };
                character
            }
            _ => {
                self.at += 6;
                char::REPLACEMENT_CHARACTER
            }
        })
    }
}

impl Node {
    /// The value that `jsondecode` makes of this: text is text.
    pub fn to_value(&self) -> Value {
        let value: Value = match &self.kind {
            NodeKind::Null => Value::null(),
            NodeKind::Bool(value) => (*value).into(),
            NodeKind::Number(number) => number.clone().into(),
            NodeKind::Text(text) => text.as_str().into(),
            NodeKind::Array(items) => Value::tuple(items.iter().map(Node::to_value).collect()),
            NodeKind::Object(members) => Content::Object(
                members
                    .iter()
                    .map(|(name, span, node)| {
                        let mut value = node.to_value();
                        value.name_span = Some(span.clone());
                        (name.clone(), value)
                    })
                    .collect(),
            )
            .into(),
        };
        value.at(Some(self.span.clone()))
    }

    /// The expression that Terraform reads in this: text is a template.
    pub fn to_expression(&self) -> Result<Expression, Diagnostics> {
        let kind = match &self.kind {
            NodeKind::Null => Kind::Literal(Value::null()),
            NodeKind::Bool(value) => Kind::Literal((*value).into()),
            NodeKind::Number(number) => Kind::Literal(number.clone().into()),
            NodeKind::Text(text) => template(text, &self.span)?,
            NodeKind::Array(items) => Kind::Tuple(items.iter().map(Node::to_expression).collect::<Result<_, _>>()?),
            NodeKind::Object(members) => Kind::Object(
                members
                    .iter()
                    .map(|(name, span, node)| {
                        let key = Expression { kind: template(name, span)?, span: span.clone() };
                        Ok(Item { key, value: node.to_expression()? })
                    })
                    .collect::<Result<_, Diagnostics>>()?,
            ),
        };
        Ok(Expression { kind, span: self.span.clone() })
    }

    /// This file as the body that `kind` says it is.
    pub fn to_body(&self, kind: &BlockKind) -> Result<Body, Diagnostics> {
        let mut body = Body::default();
        self.add_to(&mut body, kind)?;
        Ok(body)
    }

    fn add_to(&self, body: &mut Body, kind: &BlockKind) -> Result<(), Diagnostics> {
        match &self.kind {
            // Several objects stand for one, so that names may be repeated.
            NodeKind::Array(items) => items.iter().try_for_each(|item| item.add_to(body, kind)),
            NodeKind::Object(members) => {
                for (name, span, node) in members {
                    if name == "//" {
                        continue;
                    }
                    if let Some(inner) = kind.block(name) {
                        node.add_blocks(body, inner, span, &mut Vec::new())?;
                        continue;
                    }
                    if body.attribute(name).is_some() {
                        return Err(error_at(
                            span,
                            "Duplicate argument",
                            format!("The argument {name:?} was already set in the same block: keep one of the two."),
                        ));
                    }
                    let expression = match kind.contents(name) {
                        // Types and addresses are written as text in JSON.
                        Contents::Verbatim => node.to_verbatim()?,
                        Contents::Expression => node.to_expression()?,
                        Contents::Literal => {
                            Expression { kind: Kind::Literal(node.to_value()), span: node.span.clone() }
                        }
                    };
                    body.attributes.push(Attribute { name: name.clone(), name_span: span.clone(), expression });
                }
                Ok(())
            }
            _ => Err(error_at(&self.span, "Incorrect JSON value type", "A JSON object is required here, for a block.")),
        }
    }

    fn add_blocks(
        &self,
        body: &mut Body,
        kind: &BlockKind,
        name_span: &Span,
        labels: &mut Vec<(String, Span)>,
    ) -> Result<(), Diagnostics> {
        match &self.kind {
            NodeKind::Array(items) => items.iter().try_for_each(|item| item.add_blocks(body, kind, name_span, labels)),
            NodeKind::Null => Ok(()),
            NodeKind::Object(members) if labels.len() < kind.labels.len() => {
                for (name, span, node) in members.iter().filter(|(name, ..)| name != "//") {
                    labels.push((name.clone(), span.clone()));
                    node.add_blocks(body, kind, name_span, labels)?;
                    labels.pop();
                }
                Ok(())
            }
            NodeKind::Object(_) => {
                let header = labels.last().map_or(name_span, |(_, span)| span).clone();
                let block =
                    Block { kind: kind.name.to_owned(), labels: labels.clone(), body: self.to_body(kind)?, header };
                body.blocks.push(block);
                Ok(())
            }
            _ => Err(error_at(
                &self.span,
                "Incorrect JSON value type",
                format!("A JSON object is required here, for {} blocks.", kind.name),
            )),
        }
    }

    fn to_verbatim(&self) -> Result<Expression, Diagnostics> {
        match &self.kind {
            NodeKind::Text(text) => Reader::within(&self.span, text.trim()).expression(),
            NodeKind::Array(items) => {
                let items = items.iter().map(Node::to_verbatim).collect::<Result<_, _>>()?;
                Ok(Expression { kind: Kind::Tuple(items), span: self.span.clone() })
            }
            NodeKind::Object(members) => {
                let items = members
                    .iter()
                    .map(|(name, span, node)| {
                        let key = Kind::Template(vec![Part::Text(name.clone())]);
                        Ok(Item { key: Expression { kind: key, span: span.clone() }, value: node.to_verbatim()? })
                    })
                    .collect::<Result<_, Diagnostics>>()?;
                Ok(Expression { kind: Kind::Object(items), span: self.span.clone() })
            }
            _ => self.to_expression(),
        }
    }
}

fn template(text: &str, span: &Span) -> Result<Kind, Diagnostics> {
    if !text.contains("${") && !text.contains("%{") {
        return Ok(Kind::Template(if text.is_empty() { vec![] } else { vec![Part::Text(text.to_owned())] }));
    }
    Ok(Reader::within(span, text).template()?.kind)
}

#[cfg(test)]
mod tests {
    use poolform_value::Subject;

    use super::*;

    #[test]
    fn places_of_mistakes_hold_whole_letters() {
        for text in ["é", "{\"a\": 1, é\": 2}", "{\"a\" é}", "[1 é]", "\"\\é\"", "\"\\uéé\"", "1é", "{", "\""] {
            let found = parse(&"main.tf.json".into(), text).unwrap_err();
            let Some(Subject::Source(span)) = &found.0[0].subject else { panic!("{text}: no place") };
            assert!(text.get(span.start..span.end).is_some(), "{text}: {span:?}");
        }
    }
}
