//! Requests and answers as bytes: JSON 1.1 as the service speaks it (W1 of the recorded refusals, recorded/README.md).

use std::io;

use poolform_model::{Failure, Object, Refusal, Request, TARGET_PREFIX, operation};
use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Value as Json, json};

use crate::emulator::Emulator;
use crate::forms::identifier;
use crate::forms::refusal::{NOT_A_MAP, NOT_JSON};

/// The content type of requests and answers.
pub(crate) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// What a path that is nothing answers [well-known.2025-08.wrong-path].
pub(crate) const WRONG_PATH: &str = r#"{"code":"BadRequest","message":"The server did not understand the operation that was requested.","type":"client"}"#;

/// Exceptions of the front end, whose text is in `Message` (W1).
const UPPER_CASE_MESSAGE: &[&str] = &["SerializationException", "AccessDeniedException"];

/// The most that the header with the message holds.
const HEADER_LENGTH: usize = 1024;

/// An answer on its way to the socket.
#[derive(Debug)]
pub struct Reply {
    /// The status of HTTP.
    pub status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) request_id: String,
    /// `x-amzn-ErrorType` and `x-amzn-ErrorMessage`.
    pub refused: Option<(String, String)>,
    /// As it is sent.
    pub body: Vec<u8>,
}

impl Reply {
    fn new(status: u16, body: Vec<u8>) -> Self {
        Reply { status, content_type: CONTENT_TYPE, request_id: identifier::uuid(), refused: None, body }
    }

    /// A refusal in the service's form.
    pub(crate) fn refusal(refusal: &Refusal) -> Self {
        let member = if UPPER_CASE_MESSAGE.contains(&refusal.code.as_str()) { "Message" } else { "message" };
        let mut body = Object::new();
        body.insert("__type".to_owned(), json!(refusal.code));
        if !refusal.message.is_empty() {
            body.insert(member.to_owned(), json!(refusal.message));
        }
        Reply {
            // The type ends with a colon on the wire (W1, sdk-cpp#1789).
            refused: Some((format!("{}:", refusal.code), header_text(&refusal.message))),
            ..Reply::new(refusal.status, encode(&body))
        }
    }
}

/// A text that can stand in a header: one line of ASCII.
fn header_text(text: &str) -> String {
    let plain = text.chars().map(|letter| match letter {
        '\n' | '\r' | '\t' => ' ',
        ' '..='~' => letter,
        _ => '?',
    });
    plain.take(HEADER_LENGTH).collect()
}

/// What a request says before its body.
#[derive(Debug, Default)]
pub struct Head {
    /// `X-Amz-Target`
    pub target: Option<String>,
    /// `Content-Type`
    pub content_type: Option<String>,
    /// Whether there is an Authorization header. Signatures are not verified: there is no account to verify them with.
    pub signed: bool,
}

/// Answers one request: target, signature, JSON, then the operation.
pub fn answer(emulator: &Emulator, head: &Head, body: &[u8]) -> Reply {
    let kind = head.content_type.as_deref().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case(CONTENT_TYPE) {
        // V2: measured on a sibling of the service.
        let body = b"<UnknownOperationException/>\n".to_vec();
        return Reply { content_type: "application/xml", ..Reply::new(404, body) };
    }
    let name = head.target.as_deref().and_then(|target| target.strip_prefix(TARGET_PREFIX)?.strip_prefix('.'));
    let Some(operation) = name.and_then(operation) else {
        return Reply::refusal(&Refusal::new("UnknownOperationException", ""));
    };
    if operation.signed && !head.signed {
        return Reply::refusal(&Refusal::new("MissingAuthenticationTokenException", "Missing Authentication Token"));
    }
    let body = match serde_json::from_slice::<Json>(if body.is_empty() { b"null" } else { body }) {
        Ok(Json::Object(members)) => members,
        Ok(Json::Null) => Object::new(),
        Ok(_) => return Reply::refusal(&NOT_A_MAP.with(&[])),
        Err(error) => return Reply::refusal(&NOT_JSON.with(&[&error.to_string()])),
    };
    let id = identifier::uuid();
    let reply = match emulator.call_with_id(&Request::new(&operation.name, body), &id) {
        // No output shape: an empty body [DeleteUserPool.2017-11]; a shape without members: {}.
        Ok(_) if operation.output.is_none() => Reply::new(200, Vec::new()),
        Ok(answer) => Reply::new(200, encode(&answer)),
        Err(Failure::Refused(refusal)) => Reply::refusal(&refusal),
        Err(Failure::Unreachable(reason)) => {
            Reply::refusal(&Refusal { status: 500, ..Refusal::new("InternalErrorException", reason) })
        }
    };
    Reply { request_id: id, ..reply }
}

/// JSON as the service writes it: dates in the form of Java's doubles, `1.747648876981E9`.
pub(crate) fn encode(answer: &Object) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Java);
    match answer.serialize(&mut serializer) {
        Ok(()) => bytes,
        // Maps with text keys can always be written.
        Err(_) => b"{}".to_vec(),
    }
}

struct Java;

impl Formatter for Java {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(java_double(value).as_bytes())
    }
}

/// `Double.toString`: plain between a thousandth and ten million, with an exponent beyond.
fn java_double(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{value:?}");
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_the_form_of_java() {
        let object = json!({"CreationDate": 1_747_648_876.981, "Zero": 0.0, "Whole": 1_700_000_000.0, "Count": 3});
        let bytes = encode(object.as_object().unwrap());
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            r#"{"CreationDate":1.747648876981E9,"Zero":0.0,"Whole":1.7E9,"Count":3}"#
        );
        assert_eq!(serde_json::from_slice::<Json>(&bytes).unwrap(), object);
        assert_eq!(java_double(1_000_000_000.0), "1.0E9");
    }

    #[test]
    fn refusals_have_the_form_of_the_service() {
        let reply = Reply::refusal(&Refusal::new("UserNotFoundException", "User does not exist."));
        assert_eq!(reply.body, br#"{"__type":"UserNotFoundException","message":"User does not exist."}"#);
        assert_eq!(reply.refused.unwrap().0, "UserNotFoundException:");
        let reply = Reply::refusal(&Refusal::new("SerializationException", "Expected map or null"));
        assert_eq!(reply.body, br#"{"__type":"SerializationException","Message":"Expected map or null"}"#);
        let reply = Reply::refusal(&Refusal::new("UnknownOperationException", ""));
        assert_eq!(reply.body, br#"{"__type":"UnknownOperationException"}"#);
    }
}
