//! How a command ends.

use std::sync::Arc;

use poolform_value::{Diagnostic, Diagnostics};

use crate::render;

/// A command that did what it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Exit code 0.
    Fine,
    /// Exit code 2: changes are pending and `-detailed-exitcode` was given.
    Changes,
}

/// A command that did not.
pub struct Stop {
    diagnostics: Diagnostics,
    text: Box<dyn Fn(&str) -> Option<Arc<str>>>,
    json: bool,
}

impl Stop {
    /// One error without a place.
    pub fn message(summary: &str, detail: impl Into<String>) -> Self {
        Stop::of(Diagnostic::error(summary, detail).into(), Box::new(|_| None), false)
    }

    /// Diagnostics, with the text of the files that they speak of.
    pub fn of(diagnostics: Diagnostics, text: Box<dyn Fn(&str) -> Option<Arc<str>>>, json: bool) -> Self {
        Stop { diagnostics, text, json }
    }

    /// Says why: on standard error, or as a document on standard output for machines.
    pub fn report(&self) {
        if self.json {
            render::json::document(
                "diagnostics",
                &[("diagnostics", render::json::diagnostics(&self.diagnostics, &*self.text))],
            );
        } else {
            render::diagnostic::print(&self.diagnostics, &*self.text);
        }
    }
}
