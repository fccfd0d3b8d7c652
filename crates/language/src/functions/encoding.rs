//! Functions of encodings. JSON is written as Go writes it, with every digit of every number.

use std::fmt::Write;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poolform_value::{Content, Value, number_text};

use super::{Context, Failure, text};
use crate::syntax::json::parse;

type Outcome = Result<Value, Failure>;

pub(super) fn base64encode(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(STANDARD.encode(text(arguments, 0)).into())
}

pub(super) fn base64decode(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    // Line breaks inside are looked past, as Go does.
    let given: String = text(arguments, 0).chars().filter(|character| !"\r\n".contains(*character)).collect();
    let bytes = STANDARD.decode(given).or_else(|_| Failure::argument(0, "failed to decode base64 data"))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) => Failure::argument(0, "the result of decoding the provided string is not valid UTF-8"),
    }
}

pub(super) fn urlencode(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let mut encoded = String::new();
    for byte in text(arguments, 0).bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(byte as char),
            b' ' => encoded.push('+'),
            other => {
                let _ = write!(encoded, "%{other:02X}");
            }
        }
    }
    Ok(encoded.into())
}

pub(super) fn csvdecode(context: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(text(arguments, 0).as_bytes());
    let failed = |error: csv::Error| Failure::Whole(error.to_string());
    let header = reader.headers().map_err(failed)?.clone();
    if header.is_empty() {
        return Failure::whole("missing header line");
    }
    let mut rows = Vec::new();
    for (position, name) in header.iter().enumerate() {
        if header.iter().take(position).any(|other| other == name) {
            return Failure::whole(format!("duplicate column name {name:?}"));
        }
    }
    for record in reader.records() {
        let record = record.map_err(failed)?;
        context.scope.meter.charge(record.len() as u64)?;
        rows.push(Value::object(header.iter().zip(record.iter()).map(|(name, field)| (name, Value::from(field)))));
    }
    let ty = Value::object(header.iter().map(|name| (name, Value::from("")))).ty();
    Ok(Content::List(ty, rows).into())
}

pub(super) fn jsondecode(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let file: Arc<str> = "".into();
    let node = parse(&file, text(arguments, 0)).map_err(|diagnostics| {
        let first = diagnostics.0.into_iter().next();
        Failure::Argument(0, first.map_or(String::new(), |first| first.detail.trim_end_matches('.').to_owned()))
    })?;
    let mut value = node.to_value();
    unplace(&mut value);
    Ok(value)
}

/// Places in decoded text are in no file.
pub(super) fn unplace(value: &mut Value) {
    value.span = None;
    value.name_span = None;
    match &mut value.content {
        Content::Tuple(items) => items.iter_mut().for_each(unplace),
        Content::Object(members) => members.values_mut().for_each(unplace),
        _ => {}
    }
}

pub(super) fn jsonencode(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    Ok(json_text(&arguments[0], true).into())
}

/// `value` as JSON, `<`, `>` and `&` escaped where `html`.
pub(super) fn json_text(value: &Value, html: bool) -> String {
    let mut text = String::new();
    write_json(value, html, &mut text);
    text
}

fn write_json(value: &Value, html: bool, output: &mut String) {
    match &value.content {
        Content::Null(_) | Content::Unknown(..) => output.push_str("null"),
        Content::Bool(truth) => output.push_str(if *truth { "true" } else { "false" }),
        Content::Number(number) => output.push_str(&number_text(number)),
        Content::String(text) => write_json_text(text, html, output),
        Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items) => {
            output.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    output.push(',');
                }
                write_json(item, html, output);
            }
            output.push(']');
        }
        Content::Map(_, members) | Content::Object(members) => {
            output.push('{');
            for (position, (name, member)) in members.iter().enumerate() {
                if position > 0 {
                    output.push(',');
                }
                write_json_text(name, html, output);
                output.push(':');
                write_json(member, html, output);
            }
            output.push('}');
        }
    }
}

fn write_json_text(text: &str, html: bool, output: &mut String) {
    output.push('"');
    for character in text.chars() {
        match character {
            '"' => output.push_str("\\\""),
            '\\' => output.push_str("\\\\"),
            '\n' => output.push_str("\\n"),
            '\r' => output.push_str("\\r"),
            '\t' => output.push_str("\\t"),
            '\u{8}' => output.push_str("\\b"),
            '\u{c}' => output.push_str("\\f"),
            '<' | '>' | '&' if html => {
                let _ = write!(output, "\\u{:04x}", character as u32);
            }
            '\0'..='\x1f' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(output, "\\u{:04x}", character as u32);
            }
            other => output.push(other),
        }
    }
    output.push('"');
}

/// The character encodings that are known by name. `textencodebase64` of Terraform has all of IANA's; these are those that
/// configurations are found with.
fn charset(arguments: &[Value]) -> Result<Charset, Failure> {
    match text(arguments, 1).to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => Ok(Charset::Utf8),
        "utf-16" => Ok(Charset::Utf16),
        "utf-16le" => Ok(Charset::Utf16Le),
        "utf-16be" => Ok(Charset::Utf16Be),
        "iso-8859-1" | "iso_8859-1" | "latin1" | "l1" => Ok(Charset::Latin1),
        "us-ascii" | "ascii" => Ok(Charset::Ascii),
        name => Failure::argument(
            1,
            format!(
                "{name:?} is not an encoding that poolform knows: UTF-8, UTF-16, UTF-16LE, UTF-16BE, ISO-8859-1 and US-ASCII \
                 are"
            ),
        ),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Charset {
    Utf8,
    /// With a mark in front; the high byte first where there is none.
    Utf16,
    Utf16Le,
    Utf16Be,
    Latin1,
    Ascii,
}

pub(super) fn textencodebase64(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let (given, charset) = (text(arguments, 0), charset(arguments)?);
    let narrow = |most: u32| -> Result<Vec<u8>, Failure> {
        given
            .chars()
            .map(|letter| u8::try_from(u32::from(letter)).ok().filter(|_| u32::from(letter) <= most))
            .collect::<Option<_>>()
            .ok_or_else(|| {
                Failure::Argument(0, "the given string contains characters that the encoding has not".to_owned())
            })
    };
    let bytes = match charset {
        Charset::Utf8 => given.as_bytes().to_vec(),
        Charset::Utf16Le => given.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Charset::Utf16Be => given.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Charset::Utf16 => [0xFEFF].into_iter().chain(given.encode_utf16()).flat_map(u16::to_be_bytes).collect(),
        Charset::Latin1 => narrow(0xFF)?,
        Charset::Ascii => narrow(0x7F)?,
    };
    Ok(STANDARD.encode(bytes).into())
}

pub(super) fn textdecodebase64(_: &Context<'_, '_>, arguments: &[Value]) -> Outcome {
    let charset = charset(arguments)?;
    let bytes =
        STANDARD.decode(text(arguments, 0)).or_else(|_| Failure::argument(0, "failed to decode base64 data"))?;
    let pairs = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        if rest.is_empty() { String::from_utf16(&units).ok() } else { None }
    };
    let decoded = match charset {
        Charset::Utf8 => String::from_utf8(bytes).ok(),
        Charset::Utf16Le => pairs(&bytes, u16::from_le_bytes),
        Charset::Utf16Be => pairs(&bytes, u16::from_be_bytes),
        Charset::Utf16 => match bytes.as_slice() {
            [0xFF, 0xFE, rest @ ..] => pairs(rest, u16::from_le_bytes),
            [0xFE, 0xFF, rest @ ..] => pairs(rest, u16::from_be_bytes),
            all => pairs(all, u16::from_be_bytes),
        },
        Charset::Latin1 => Some(bytes.into_iter().map(char::from).collect()),
        Charset::Ascii => bytes.is_ascii().then(|| bytes.into_iter().map(char::from).collect()),
    };
    match decoded {
        Some(text) => Ok(text.into()),
        None => Failure::argument(0, "the bytes are not text in this encoding"),
    }
}
