//! Where in a source file something stands.

use std::sync::Arc;

use crate::{AttributePath, Content, Segment, Value};

/// A range of bytes in one source file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file as the user would name it: relative to the root module.
    pub file: Arc<str>,
    /// First byte, counted from 0.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span over `start..end` of `file`.
    pub fn new(file: &Arc<str>, start: usize, end: usize) -> Self {
        Span { file: Arc::clone(file), start, end }
    }
}

/// The place of the deepest value on `path` that has one, walking from `value`.
///
/// The place of an attribute is its name where that is known, otherwise its value; what is missing is placed at the
/// object that should have it.
pub fn locate<'v>(value: &'v Value, path: &[Segment]) -> Option<&'v Span> {
    let Some((first, rest)) = path.split_first() else {
        return value.span.as_ref();
    };
    let inner = match (&value.content, first) {
        (Content::Object(members) | Content::Map(_, members), Segment::Attribute(name) | Segment::Key(name)) => {
            members.get(name)
        }
        (Content::List(_, items) | Content::Set(_, items) | Content::Tuple(items), Segment::Index(index)) => {
            items.get(*index)
        }
        _ => None,
    };
    inner
        .and_then(
            |inner| {
                if rest.is_empty() { inner.name_span.as_ref().or(inner.span.as_ref()) } else { locate(inner, rest) }
            },
        )
        .or(value.span.as_ref())
}

impl AttributePath {
    /// See [`locate`].
    pub fn locate<'v>(&self, value: &'v Value) -> Option<&'v Span> {
        locate(value, &self.segments)
    }
}
