//! What is said about wrong or doubtful input.

use crate::{AttributePath, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is done while there is one.
    Error,
    /// Work goes on.
    Warning,
}

/// What a diagnostic is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A place in a source file.
    Source(Span),
    /// A value of a module call, by the call's address (`module.pool`) and the path of the value in its arguments.
    /// Whoever holds the source resolves it to a [`Span`].
    Argument(String, AttributePath),
    /// An address without a place: `module.pool.client["web"]`.
    Address(String),
}

/// One message: what is wrong, where, why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Short and constant, without any chosen name, so that users learn it.
    pub summary: String,
    /// Full sentences: what was wrong, why where that is not obvious, and the remedy.
    pub detail: String,
    /// What it is about.
    pub subject: Option<Subject>,
    /// Whether a secret stands there, so that the line of the source is not shown.
    pub secret: bool,
}

impl Diagnostic {
    /// An error.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        let (summary, detail) = (summary.into(), detail.into());
        Diagnostic { severity: Severity::Error, summary, detail, subject: None, secret: false }
    }

    /// A warning.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(summary, detail) }
    }

    /// This diagnostic about a place where a secret stands.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// This diagnostic about a place in the source.
    #[must_use]
    pub fn at(mut self, span: Option<&Span>) -> Self {
        self.subject = span.cloned().map(Subject::Source);
        self
    }

    /// This diagnostic about a value of a call.
    #[must_use]
    pub fn about(mut self, address: &str, path: &AttributePath) -> Self {
        self.subject = Some(Subject::Argument(address.to_owned(), path.clone()));
        self
    }

    /// This diagnostic about an address.
    #[must_use]
    pub fn of(mut self, address: &str) -> Self {
        self.subject = Some(Subject::Address(address.to_owned()));
        self
    }
}

/// Diagnostics in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// None so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one, unless the very same was said before.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.0.contains(&diagnostic) {
            self.0.push(diagnostic);
        }
    }

    /// Adds all of `other`.
    pub fn extend(&mut self, other: Diagnostics) {
        for diagnostic in other.0 {
            self.push(diagnostic);
        }
    }

    /// Whether any is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics(vec![diagnostic])
    }
}

/// The candidate that `given` is most likely a misspelling of, if any is near enough (a third of its length).
pub fn suggest<'c>(given: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(given, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1.max(candidate.chars().count().max(given.chars().count()) / 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The optimal string alignment distance, letter case aside: insertions, deletions, substitutions, swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substitution = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substitution.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_the_nearest_name_and_nothing_far() {
        let names = ["callback_urls", "logout_urls", "name"];
        assert_eq!(suggest("calback_urls", names), Some("callback_urls"));
        assert_eq!(suggest("callback_url", names), Some("callback_urls"));
        assert_eq!(suggest("NAME", names), Some("name"));
        assert_eq!(suggest("nmae", names), Some("name"));
        assert_eq!(suggest("colour", names), None);
    }
}
