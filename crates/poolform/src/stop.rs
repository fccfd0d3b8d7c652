//! How a command ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use poolform_apply::LookError;
use poolform_value::{Diagnostic, Diagnostics};

use crate::render;

/// Whether this run speaks to a machine: `-json`. One command runs per process.
static FOR_MACHINES: AtomicBool = AtomicBool::new(false);

/// Errors will be documents on standard output.
pub fn speak_json() {
    FOR_MACHINES.store(true, Ordering::Relaxed);
}

/// A command that did what it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Exit code 0.
    Fine,
    /// Exit code 2: changes are pending and `-detailed-exitcode` was given.
    Changes,
}

/// From the name of a file to its text, for showing diagnostics.
pub type Texts = Box<dyn Fn(&str) -> Option<Arc<str>>>;

/// A command that did not.
pub struct Stop {
    diagnostics: Diagnostics,
    text: Texts,
}

impl Stop {
    /// One error without a place.
    pub fn message(summary: &str, detail: impl Into<String>) -> Self {
        Stop::of(Diagnostic::error(summary, detail).into(), Box::new(|_| None))
    }

    /// Diagnostics, with the text of the files that they speak of.
    pub fn of(diagnostics: Diagnostics, text: Texts) -> Self {
        Stop { diagnostics, text }
    }

    /// What it says.
    pub fn into_diagnostics(self) -> Diagnostics {
        self.diagnostics
    }

    /// Says why: on standard error, or as a document on standard output for machines.
    pub fn report(&self) {
        if FOR_MACHINES.load(Ordering::Relaxed) {
            let diagnostics = render::json::diagnostics(&self.diagnostics, &*self.text);
            // When standard output fails too, the exit code is all that is left.
            let _ = render::json::document("diagnostics", &[("diagnostics", diagnostics)]);
        } else {
            render::diagnostic::print(&self.diagnostics, &*self.text);
        }
    }
}

impl From<LookError> for Stop {
    fn from(error: LookError) -> Self {
        Stop::message("Cognito could not be read", format!("{error}."))
    }
}
