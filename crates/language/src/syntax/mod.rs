//! The syntax of Terraform files: own trees with places, read from native syntax and from JSON.

mod given;
pub(crate) mod json;
mod lines;
pub(crate) mod native;
mod refused;
mod tree;

pub(crate) use tree::*;

use poolform_value::{Diagnostic, Diagnostics, Span};
use std::sync::Arc;

/// One error at a place, as the only thing said.
pub(crate) fn error_at(span: &Span, summary: &str, detail: impl Into<String>) -> Diagnostics {
    Diagnostic::error(summary, detail).at(Some(span)).into()
}

/// An expression given outside of files: after `-var`, in an environment variable.
pub(crate) fn parse_expression(file: &Arc<str>, text: &str) -> Result<Expression, Diagnostics> {
    native::Reader::new(file, text).expression()
}
