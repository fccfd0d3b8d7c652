//! YAML, as Terraform reads and writes it.

use std::fmt::Write;

use poolform_value::{Content, Value, number_text, parse_number};
use yaml_rust2::parser::{Event, Parser, Tag};
use yaml_rust2::scanner::TScalarStyle;

use super::{Context, Failure, text};
use crate::number::from_double;

type Outcome = Result<Value, Failure>;

/// How deep collections may be nested.
const DEEPEST: usize = 100;

pub(super) fn yamldecode(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let mut reader = Reader { parser: Parser::new_from_str(text(arguments, 0)), anchors: Vec::new(), context };
    let mut document = None;
    loop {
        match reader.next()? {
            Event::StreamEnd => break,
            Event::DocumentStart if document.is_some() => {
                return Failure::argument(0, "unexpected extra content after value");
            }
            Event::DocumentStart | Event::StreamStart | Event::DocumentEnd | Event::Nothing => {}
            event => document = Some(reader.node(event, 0)?),
        }
    }
    match document {
        Some(value) => Ok(value),
        None => Failure::argument(0, "missing start of document"),
    }
}

struct Reader<'r, 's, 'e> {
    parser: Parser<std::str::Chars<'r>>,
    anchors: Vec<(usize, Value)>,
    context: &'r Context<'s, 'e>,
}

impl Reader<'_, '_, '_> {
    fn next(&mut self) -> Result<Event, Failure> {
        match self.parser.next_token() {
            Ok((event, _)) => Ok(event),
            Err(error) => Failure::argument(0, error.to_string()),
        }
    }

    fn node(&mut self, event: Event, depth: usize) -> Outcome {
        if depth > DEEPEST {
            return Failure::argument(0, "collections are nested too deeply");
        }
        self.context.scope.meter.charge(1)?;
        let (anchor, value) = match event {
            Event::Alias(anchor) => {
                let found = self.anchors.iter().rfind(|(id, _)| *id == anchor).map(|(_, value)| value.clone());
                let Some(value) = found else {
                    return Failure::argument(0, "cannot refer to an anchor from inside it");
                };
                // Aliases of aliases double on every line.
                self.context.scope.meter.charge_value(&value)?;
                return Ok(value);
            }
            Event::Scalar(text, style, anchor, tag) => (anchor, scalar(text, style, tag)?),
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        event => items.push(self.node(event, depth + 1)?),
                    }
                }
                (anchor, Value::tuple(items))
            }
            Event::MappingStart(anchor, _) => {
                let mut members = std::collections::BTreeMap::new();
                loop {
                    let key = match self.next()? {
                        Event::MappingEnd => break,
                        event => event,
                    };
                    let merges = matches!(&key, Event::Scalar(text, TScalarStyle::Plain, _, _) if text == "<<");
                    let key = self.node(key, depth + 1)?;
                    let event = self.next()?;
                    let value = self.node(event, depth + 1)?;
                    if merges {
                        let sources = value.items().map_or_else(|| vec![value.clone()], <[Value]>::to_vec);
                        for source in sources {
                            for (name, member) in source.members().into_iter().flatten() {
                                members.entry(name.clone()).or_insert_with(|| member.clone());
                            }
                        }
                        continue;
                    }
                    match poolform_value::convert(&key, &poolform_value::Type::String) {
                        Ok(key) if key.as_str().is_some() => {
                            members.insert(key.as_str().unwrap_or_default().to_owned(), value);
                        }
                        _ => return Failure::argument(0, "only strings can be keys of mappings"),
                    }
                }
                (anchor, Content::Object(members).into())
            }
            _ => return Failure::argument(0, "a value is missing"),
        };
        if anchor > 0 {
            self.anchors.push((anchor, value.clone()));
        }
        Ok(value)
    }
}

fn scalar(text: String, style: TScalarStyle, tag: Option<Tag>) -> Outcome {
    let tag = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix));
    let tag = tag.as_deref().map(|tag| tag.trim_start_matches("tag:yaml.org,2002:"));
    match tag {
        Some("str" | "!" | "binary") => return Ok(text.into()),
        None | Some("int" | "float" | "bool" | "null" | "timestamp") => {}
        Some(other) => return Failure::argument(0, format!("unsupported tag {other:?}")),
    }
    if style != TScalarStyle::Plain && tag.is_none() {
        return Ok(text.into());
    }
    Ok(match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Value::null(),
        "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => true.into(),
        "false" | "False" | "FALSE" | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => false.into(),
        _ => match number(&text) {
            Some(number) => number,
            None => date(&text).map_or_else(|| text.into(), Value::from),
        },
    })
}

fn number(text: &str) -> Option<Value> {
    let based = [("0x", 16), ("0o", 8)]
        .into_iter()
        .find_map(|(prefix, base)| i64::from_str_radix(text.strip_prefix(prefix)?, base).ok());
    if let Some(number) = based {
        return Some(number.into());
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let exact = parse_number(text)?;
    // Fractions are doubles there.
    if text.contains(['.', 'e', 'E']) {
        text.parse().ok().and_then(from_double).map(Value::from)
    } else {
        Some(exact.into())
    }
}

/// A date or time is its RFC 3339 text.
fn date(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() >= 10
        && bytes[..10]
            .iter()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() });
    if !shaped {
        return None;
    }
    if bytes.len() == 10 {
        text.parse::<jiff::civil::Date>().ok()?;
        return Some(format!("{text}T00:00:00Z"));
    }
    let normal = text.replacen(' ', "T", 1);
    super::date::Moment::parse(&normal).map(|moment| moment.to_string())
}

pub(super) fn yamlencode(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let value = &arguments[0];
    let mut output = String::new();
    match (value.items(), value.members()) {
        (Some([]), _) => output.push_str("[]\n"),
        (_, Some(members)) if members.is_empty() => output.push_str("{}\n"),
        (Some(_), _) | (_, Some(_)) => write_block(value, 0, &mut output),
        _ => {
            output.push_str(scalar_text(value, 0).trim_start());
            output.push('\n');
            // A plain word as a whole document is closed, because it might go on.
            if value.as_str().is_none() {
                output.push_str("...\n");
            }
        }
    }
    Ok(output.into())
}

/// A collection that is not empty, its first line where the output stands.
fn write_block(value: &Value, indent: usize, output: &mut String) {
    let margin = " ".repeat(indent);
    let mut first = true;
    let mut start = |output: &mut String| {
        if !std::mem::take(&mut first) {
            output.push_str(&margin);
        }
    };
    for item in value.items().into_iter().flatten() {
        start(output);
        output.push('-');
        if is_block(item) {
            output.push(' ');
            write_block(item, indent + 2, output);
        } else {
            output.push_str(&scalar_text(item, indent));
            output.push('\n');
        }
    }
    for (name, member) in value.members().into_iter().flatten() {
        start(output);
        output.push_str(&quoted(name));
        output.push(':');
        if is_block(member) {
            output.push('\n');
            // Lists stand below their key, maps further in.
            let inner = if member.items().is_some() { indent } else { indent + 2 };
            output.push_str(&" ".repeat(inner));
            write_block(member, inner, output);
        } else {
            output.push_str(&scalar_text(member, indent));
            output.push('\n');
        }
    }
}

fn is_block(value: &Value) -> bool {
    value.items().is_some_and(|items| !items.is_empty()) || value.members().is_some_and(|members| !members.is_empty())
}

/// What follows `-` or `key:`, with the space before it.
fn scalar_text(value: &Value, indent: usize) -> String {
    match &value.content {
        Content::Null(_) | Content::Unknown(..) => " null".to_owned(),
        Content::Bool(truth) => format!(" {truth}"),
        Content::Number(number) => format!(" {}", number_text(number)),
        Content::String(text) if is_literal(text) => {
            let body = text.strip_suffix('\n');
            let chomp = match body {
                None => "-",
                Some(rest) if rest.ends_with('\n') => "+",
                Some(_) => "",
            };
            let margin = " ".repeat(indent + 2);
            let mut lines = format!(" |{chomp}");
            for line in body.unwrap_or(text).split('\n') {
                lines.push('\n');
                if !line.is_empty() {
                    lines.push_str(&margin);
                    lines.push_str(line);
                }
            }
            lines
        }
        Content::String(text) => format!(" {}", quoted(text)),
        Content::Map(..) | Content::Object(_) => " {}".to_owned(),
        _ => " []".to_owned(),
    }
}

/// Whether text is written as a block of lines.
fn is_literal(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n', '\t'])
        && !text.contains(" \n")
        && !text.chars().any(|character| character.is_control() && character != '\n' && character != '\t')
}

fn quoted(text: &str) -> String {
    let mut output = "\"".to_owned();
    for character in text.chars() {
        match character {
            '"' => output.push_str("\\\""),
            '\\' => output.push_str("\\\\"),
            '\n' => output.push_str("\\n"),
            '\r' => output.push_str("\\r"),
            '\t' => output.push_str("\\t"),
            '\0' => output.push_str("\\0"),
            '\u{7}' => output.push_str("\\a"),
            '\u{8}' => output.push_str("\\b"),
            '\u{b}' => output.push_str("\\v"),
            '\u{c}' => output.push_str("\\f"),
            '\u{1b}' => output.push_str("\\e"),
            '\u{85}' => output.push_str("\\N"),
            '\u{a0}' => output.push_str("\\_"),
            '\u{2028}' => output.push_str("\\L"),
            '\u{2029}' => output.push_str("\\P"),
            control if control.is_control() => {
                let _ = write!(output, "\\x{:02X}", control as u32);
            }
            other => output.push(other),
        }
    }
    output.push('"');
    output
}
