//! Diagnostics for people: the place, the line, the reason and the remedy, on standard error.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use poolform_value::{Diagnostic, Diagnostics, Severity, Span, Subject};

/// Prints all of them.
pub fn print(diagnostics: &Diagnostics, text: &dyn Fn(&str) -> Option<Arc<str>>) {
    for diagnostic in &diagnostics.0 {
        super::output::say(&format!("{}\n", render(diagnostic, text)));
    }
}

/// One of them.
fn render(diagnostic: &Diagnostic, text: &dyn Fn(&str) -> Option<Arc<str>>) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let source = match &diagnostic.subject {
        Some(Subject::Source(span)) => text(&span.file).map(|source| (span, source)),
        _ => None,
    };
    let title = match &diagnostic.subject {
        Some(Subject::Address(address)) => format!("{} ({address})", diagnostic.summary),
        Some(Subject::Argument(address, path)) => format!("{} ({address}, {path})", diagnostic.summary),
        _ => diagnostic.summary.clone(),
    };
    let note = (!diagnostic.detail.is_empty()).then(|| Level::NOTE.no_name().message(diagnostic.detail.as_str()));
    let group = match &source {
        Some((span, source)) if diagnostic.secret => {
            let (line, column) = super::json::position(source, span.start);
            let origin = Origin::path(&*span.file).line(line).char_column(column);
            Group::with_title(level.primary_title(title.as_str())).element(origin)
        }
        Some((span, source)) => {
            let snippet = Snippet::source(&**source)
                .path(&*span.file)
                .annotation(AnnotationKind::Primary.span(first_line(span, source)));
            Group::with_title(level.primary_title(title.as_str())).element(snippet)
        }
        None => Group::with_title(level.primary_title(title.as_str())),
    };
    let group = match note {
        Some(note) => group.element(note),
        None => group,
    };
    Renderer::styled().render(&[group])
}

/// The part of a span on its first line: a long object is named by its beginning.
fn first_line(span: &Span, source: &str) -> Range<usize> {
    let start = span.start.min(source.len());
    let end = span.end.clamp(start, source.len());
    let shown = source.get(start..end).unwrap_or_default();
    start..start + shown.find('\n').unwrap_or(shown.len())
}
