//! Documents for machines. Each says its schema, `poolform.KIND/1`; docs/reference/json.md describes them.

use std::sync::Arc;

use poolform_core::{Action, Plan};
use poolform_value::{Diagnostics, Severity, Subject};
use serde_json::{Map, Value as Json, json};

use super::output;
use crate::stop::Stop;

/// Prints one document on standard output.
pub fn document(kind: &str, members: &[(&str, Json)]) -> Result<(), Stop> {
    let mut document = Map::new();
    document.insert("schema".to_owned(), json!(format!("poolform.{kind}/1")));
    document.extend(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    line(&Json::Object(document))
}

/// Prints one line of JSON on standard output.
pub fn line(json: &Json) -> Result<(), Stop> {
    output::line(&json.to_string())
}

/// Line and column of a byte, counted from 1.
pub fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at.min(text.len())).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// Diagnostics with their places.
pub fn diagnostics(diagnostics: &Diagnostics, text: &dyn Fn(&str) -> Option<Arc<str>>) -> Json {
    let one = |diagnostic: &poolform_value::Diagnostic| {
        let mut entry = json!({
            "severity": match diagnostic.severity { Severity::Error => "error", Severity::Warning => "warning" },
            "summary": diagnostic.summary,
            "detail": diagnostic.detail,
        });
        match &diagnostic.subject {
            Some(Subject::Source(span)) => {
                let source = text(&span.file).unwrap_or_else(|| "".into());
                let (line, column) = position(&source, span.start);
                let (end_line, end_column) = position(&source, span.end);
                entry["range"] = json!({
                    "filename": &*span.file,
                    "start": {"line": line, "column": column, "byte": span.start},
                    "end": {"line": end_line, "column": end_column, "byte": span.end},
                });
            }
            Some(Subject::Address(address)) => entry["address"] = json!(address),
            Some(Subject::Argument(address, path)) => {
                entry["address"] = json!(address);
                entry["argument"] = json!(path.to_string());
            }
            None => {}
        }
        entry
    };
    diagnostics.0.iter().map(one).collect()
}

/// A plan: changes with secrets left out, steps without their bodies, what is at stake.
pub fn plan(plan: &Plan) -> Json {
    let steps: Vec<Json> = plan
        .steps
        .iter()
        .map(|step| json!({"address": step.address, "operation": step.operation, "after": step.after, "why": step.why}))
        .collect();
    let count = |action| plan.count(action);
    json!({
        "changes": plan.changes,
        "steps": steps,
        "stakes": plan.stakes,
        "summary": {
            "create": count(Action::Create), "update": count(Action::Update), "replace": count(Action::Replace),
            "delete": count(Action::Delete), "forget": count(Action::Forget), "requests": plan.steps.len(),
        },
    })
}
