//! `poolform check`: the audit of the files, of a saved plan, or of a pool that is there.

mod sarif;
mod suppression;

use std::sync::Arc;

use poolform_core::check::advice::{Finding, Subject, audit, declared, observed, planned};
use poolform_value::{Diagnostic, Diagnostics, Subject as Place};
use serde_json::{Value as Json, json};

use crate::cli::{CheckArgs, Format};
use crate::commands::adopt;
use crate::render;
use crate::render::json::position;
use crate::root::Root;
use crate::saved::Saved;
use crate::stop::{Exit, Stop};

/// A finding, its place in the files where it has one, and the reason that it is suppressed for.
struct Placed {
    finding: Finding,
    diagnostic: Diagnostic,
    suppressed: Option<String>,
}

/// Everything that is said.
struct Report {
    placed: Vec<Placed>,
    /// What was said of the files besides, and of their suppressions.
    warnings: Diagnostics,
}

/// The text of a file, by the name that spans use.
type Text<'t> = &'t dyn Fn(&str) -> Option<Arc<str>>;

/// Audits the files, a saved plan, or a pool.
pub fn run(directory: &str, args: &CheckArgs) -> Result<Exit, Stop> {
    match (&args.pool, &args.plan) {
        (Some(_), Some(_)) => Err(Stop::message(
            "Two sources",
            "-pool names a pool that is there and PLAN a saved plan. Give one of them.",
        )),
        (Some(id), None) => {
            let found = adopt::found(directory, &args.root, id)?;
            let all = found.iter().map(|(address, (recorded, observed))| (address, recorded, observed));
            let mut report = of_subjects(&observed(all), true);
            // Its parts have the addresses that a call would give them.
            for placed in &mut report.placed {
                placed.finding.address = placed.finding.address.replacen("module.pool", id, 1);
                placed.diagnostic.subject = Some(Place::Address(placed.finding.address.clone()));
            }
            said(&report, args, &|_| None)
        }
        (None, Some(file)) => said(&of_subjects(&planned(&Saved::read(file)?.plan), false), args, &|_| None),
        (None, None) => {
            let mut root = Root::read(directory, &args.root)?;
            let report = of_files(&mut root);
            said(&report, args, &|file| root.configuration().sources().text(file))
        }
    }
}

/// The findings without places in files, by their addresses.
fn of_subjects(subjects: &[Subject<'_>], complete: bool) -> Report {
    let placed = audit(subjects, complete).into_iter().map(|finding| {
        let diagnostic = diagnostic(&finding).of(&finding.address);
        Placed { finding, diagnostic, suppressed: None }
    });
    Report { placed: placed.collect(), warnings: Diagnostics::new() }
}

fn of_files(root: &mut Root) -> Report {
    let declarations = root.declarations.clone();
    let findings = audit(&declared(&declarations), root.waiting.is_empty());
    let mut suppressions = suppression::Suppressions::of(root.configuration().sources());
    let mut placed: Vec<Placed> = Vec::new();
    for finding in findings {
        let about = diagnostic(&finding);
        let about = match &finding.place {
            Some((call, path)) => about.about(call, path),
            None => about.of(&finding.address),
        };
        let located = root.locate(about.into()).0.remove(0);
        // The same line of several instances is said once.
        if placed.iter().any(|other| other.diagnostic == located) {
            continue;
        }
        let block = finding.place.as_ref().and_then(|(call, _)| root.block(call));
        let suppressed = suppressions.find(finding.rule.id, &located.subject, block.as_ref());
        placed.push(Placed { finding, diagnostic: located, suppressed });
    }
    let mut warnings = std::mem::take(&mut root.warnings);
    warnings.extend(suppressions.left());
    Report { placed, warnings }
}

fn diagnostic(finding: &Finding) -> Diagnostic {
    let Finding { rule, reason, remedy, .. } = finding;
    let detail = format!("{reason} {remedy}\n{} ({}), {}", rule.id, rule.severity.name(), rule.reference);
    Diagnostic::warning(rule.summary, detail)
}

fn said(report: &Report, args: &CheckArgs, text: Text<'_>) -> Result<Exit, Stop> {
    let mut shown: Vec<&Placed> =
        report.placed.iter().filter(|placed| placed.finding.rule.severity >= args.severity).collect();
    shown.sort_by_key(|placed| std::cmp::Reverse(placed.finding.rule.severity));
    let format = if args.root.json { Format::Json } else { args.format };
    match format {
        Format::Text => print(report, &shown, text)?,
        Format::Json => render::json::document(
            "audit",
            &[
                ("findings", shown.iter().map(|placed| json_of(placed, text)).collect()),
                ("diagnostics", render::json::diagnostics(&report.warnings, text)),
            ],
        )?,
        Format::Sarif => render::json::line(&sarif::log(&shown, text))?,
    }
    let open = shown.iter().filter(|placed| placed.suppressed.is_none()).count() + report.warnings.0.len();
    Ok(if args.detailed_exitcode && open > 0 { Exit::Changes } else { Exit::Fine })
}

fn print(report: &Report, shown: &[&Placed], text: Text<'_>) -> Result<(), Stop> {
    let mut all = report.warnings.clone();
    let open = shown.iter().filter(|placed| placed.suppressed.is_none());
    open.for_each(|placed| all.push(placed.diagnostic.clone()));
    render::diagnostic::print(&all, text);
    let found = all.0.len();
    let suppressed = shown.len() - shown.iter().filter(|placed| placed.suppressed.is_none()).count();
    let more = report.placed.len() - shown.len();
    let mut line = format!("{found} {}", if found == 1 { "warning" } else { "warnings" });
    if suppressed > 0 {
        line.push_str(&format!(", {suppressed} suppressed"));
    }
    if more > 0 {
        line.push_str(&format!(", {more} below the severity that is shown (-severity)"));
    }
    print_line!("{line}.");
    Ok(())
}

fn json_of(placed: &Placed, text: Text<'_>) -> Json {
    let Placed { finding, diagnostic, suppressed } = placed;
    let mut entry = json!({
        "rule": finding.rule.id,
        "severity": finding.rule.severity.name(),
        "summary": finding.rule.summary,
        "reason": finding.reason,
        "remedy": finding.remedy,
        "reference": finding.rule.reference,
        "address": finding.address,
        "suppressed": suppressed,
    });
    if let Some(Place::Source(span)) = &diagnostic.subject {
        let source = text(&span.file).unwrap_or_else(|| "".into());
        let point = |at: usize| {
            let (line, column) = position(&source, at);
            json!({"line": line, "column": column, "byte": at})
        };
        entry["range"] = json!({"filename": &*span.file, "start": point(span.start), "end": point(span.end)});
    }
    entry
}
