//! Findings as a SARIF 2.1.0 log, which code hosts show beside the lines (docs.oasis-open.org/sarif/sarif/v2.1.0).

use poolform_core::check::advice::rules;
use poolform_core::kinds::Severity;
use poolform_value::Subject;
use serde_json::{Value as Json, json};

use super::{Placed, Text};
use crate::render::json::position;

/// The level of a result (§3.27.10).
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The number by which code hosts rank what is about security, 0 to 10 (`security-severity`).
fn rank(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "8.0",
        Severity::Medium => "5.0",
        Severity::Low => "3.0",
        Severity::Info => "1.0",
    }
}

/// The log of one run.
pub fn log(found: &[&Placed], text: Text<'_>) -> Json {
    let described: Vec<Json> = rules()
        .map(|(_, rule)| {
            json!({
                "id": rule.id,
                "shortDescription": {"text": rule.summary},
                "fullDescription": {"text": rule.reason.replace("{}", "it")},
                "help": {"text": rule.remedy},
                "helpUri": rule.reference,
                "defaultConfiguration": {"level": level(rule.severity)},
                "properties": {"security-severity": rank(rule.severity), "tags": ["security", rule.severity.name()]},
            })
        })
        .collect();
    let results: Vec<Json> = found.iter().map(|placed| result(placed, text)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "poolform", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": described}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(placed: &Placed, text: Text<'_>) -> Json {
    let finding = &placed.finding;
    let mut result = json!({
        "ruleId": finding.rule.id,
        "ruleIndex": rules().position(|(_, rule)| rule.id == finding.rule.id),
        "level": level(finding.rule.severity),
        "message": {"text": format!("{} {}", finding.reason, finding.remedy)},
    });
    let mut location = json!({"logicalLocations": [{"fullyQualifiedName": finding.address, "kind": "resource"}]});
    if let Some(Subject::Source(span)) = &placed.diagnostic.subject {
        let source = text(&span.file).unwrap_or_else(|| "".into());
        let ((line, column), (end_line, end_column)) = (position(&source, span.start), position(&source, span.end));
        location["physicalLocation"] = json!({
            "artifactLocation": {"uri": uri(&span.file)},
            "region": {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column},
        });
    }
    result["locations"] = json!([location]);
    if let Some(reason) = &placed.suppressed {
        result["suppressions"] = json!([{"kind": "inSource", "justification": reason}]);
    }
    result
}

/// A path as a relative reference: what no URI may have is escaped.
fn uri(path: &str) -> String {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().fold(String::new(), |text, byte| {
        if allowed(byte) { text + char::from(byte).encode_utf8(&mut [0; 4]) } else { text + &format!("%{byte:02X}") }
    })
}
