//! The limits of the API model, held against everything that a declaration places, whatever placed it: what rows place by
//! themselves is checked where it is decoded, and the rest here, as it will be sent.

use poolform_model::{Constraint, Step, operation, shape, violations};
use poolform_value::{Diagnostic, Diagnostics, Segment, Severity, Subject};
use serde_json::Value as Json;

use crate::kinds::Kind;
use crate::resource::Desired;
use crate::rule::limit;
use crate::setting;

/// The requests that settings go into: the operation, and the member of the tree that it takes; empty for the rest.
fn requests(kind: &Kind) -> Vec<(&'static str, &'static str)> {
    let mut found = vec![(kind.create, "")];
    found.extend(kind.families.iter().map(|family| (family.operation, family.under)));
    found
}

/// Says which settings break a limit, where nothing has been said of them yet.
pub(crate) fn check(kind: &Kind, desired: &Desired, diagnostics: &mut Diagnostics) {
    let settings = setting::compact(&desired.settings);
    for (name, under) in requests(kind) {
        let Some(input) = operation(name).and_then(|operation| shape(operation.input)) else { continue };
        let mut body = settings.clone();
        if under.is_empty() {
            requests(kind)
                .iter()
                .filter(|(_, other)| !other.is_empty())
                .for_each(|(_, other)| setting::remove(&mut body, other));
        } else {
            body = settings.get(under).and_then(Json::as_object).cloned().unwrap_or_default();
        }
        for violation in violations(input, &Json::Object(body)) {
            // What is not placed yet is no mistake of the files, nor what only poolform's tree has.
            if matches!(violation.constraint, Constraint::NotNull | Constraint::Unknown) {
                continue;
            }
            let members = violation.path.iter().map_while(|step| match step {
                Step::Member(name) => Some(name.as_str()),
                Step::Index(_) | Step::Key(_) => None,
            });
            let path =
                std::iter::once(under).filter(|under| !under.is_empty()).chain(members).collect::<Vec<_>>().join(".");
            // The model's pattern is for prefixes, and names of either form have rules of their own.
            if kind.beyond_model.contains(&path.as_str()) {
                continue;
            }
            let place = desired.place(&path);
            let said = |diagnostic: &Diagnostic| match &diagnostic.subject {
                Some(Subject::Argument(call, at)) => {
                    let (at, place) = (&at.segments, &place.segments);
                    *call == desired.call && (at.starts_with(place) || place.starts_with(at))
                }
                _ => false,
            };
            if diagnostics.0.iter().any(|each| each.severity == Severity::Error && said(each)) {
                continue;
            }
            let argument = place.segments.iter().rev().find_map(|segment| match segment {
                Segment::Attribute(name) => Some(name.as_str()),
                _ => None,
            });
            let reason = limit(&violation, desired.hides(&path));
            let detail = format!("The argument \"{}\" {reason}.", argument.unwrap_or(&path));
            diagnostics.push(Diagnostic::error("Invalid value for an argument", detail).about(&desired.call, &place));
        }
    }
}
