//! Shared data without any I/O: values as Terraform has them, types, paths, spans and diagnostics.
//!
//! Everything above this crate speaks in these words: the language makes [`Value`]s with [`Span`]s, the core reads
//! them and reports [`Diagnostic`]s by [`AttributePath`], and whoever holds the source resolves a path to a span.

mod convert;
#[cfg(test)]
mod convert_tests;
mod diagnostic;
mod json;
mod number;
mod path;
mod span;
mod types;
mod value;

pub use convert::{ConvertError, convert, unify};
pub use diagnostic::{Diagnostic, Diagnostics, Severity, Subject, suggest};
pub use json::{from_json, to_json};
pub use number::{number_text, parse_number};
pub use path::{AttributePath, Segment};
pub use span::{Span, locate};
pub use types::{ObjectAttribute, Type};
pub use value::{Content, Origin, Value};
