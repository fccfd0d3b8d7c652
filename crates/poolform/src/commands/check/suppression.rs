//! Comments that suppress findings: `# poolform:ignore RULE REASON` on the line of the argument or the block, or right above it.

use std::collections::BTreeSet;
use std::sync::Arc;

use poolform_core::check::advice::rules;
use poolform_language::Sources;
use poolform_value::{Diagnostic, Diagnostics, Span, Subject, suggest};

/// What such a comment begins with.
const MARK: &str = "poolform:ignore";

/// A comment that suppresses a rule.
struct Suppression {
    span: Span,
    /// The line that it stands in, counted from 0.
    line: usize,
    /// Whether nothing but the comment stands in its line.
    alone: bool,
    rules: Vec<String>,
    reason: String,
    used: bool,
}

/// All of them in the files.
pub struct Suppressions {
    all: Vec<Suppression>,
    texts: Vec<(Arc<str>, Arc<str>)>,
}

fn line_of(text: &str, at: usize) -> usize {
    text.get(..at.min(text.len())).unwrap_or_default().matches('\n').count()
}

/// The comment of a line: where it begins, behind its mark. None where the mark stands in no comment.
fn comment(line: &str) -> Option<(usize, &str)> {
    let at = line.find(MARK)?;
    let before = line[..at].trim_end();
    let opens = ["#", "//", "/*"].into_iter().find(|sign| before.ends_with(sign))?;
    Some((before.len() - opens.len(), line[at + MARK.len()..].trim().trim_end_matches("*/").trim()))
}

impl Suppressions {
    /// Those in all files that were read.
    pub fn of(sources: &Sources) -> Self {
        let mut found = Suppressions { all: Vec::new(), texts: Vec::new() };
        for file in sources.files() {
            let Some(text) = sources.text(&file) else { continue };
            let mut start = 0;
            for (line, written) in text.split('\n').enumerate() {
                if let Some((at, words)) = comment(written) {
                    let (rules, reason) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
                    found.all.push(Suppression {
                        span: Span {
                            file: Arc::clone(&file),
                            start: start + at,
                            end: start + written.trim_end().len(),
                        },
                        line,
                        alone: written[..at].trim().is_empty(),
                        rules: rules.split(',').filter(|rule| !rule.is_empty()).map(str::to_owned).collect(),
                        reason: reason.trim().to_owned(),
                        used: false,
                    });
                }
                start += written.len() + 1;
            }
            found.texts.push((file, text));
        }
        found
    }

    /// The reason for which a finding is suppressed, at its place or for the whole block around it.
    pub fn find(&mut self, rule: &str, place: &Option<Subject>, block: Option<&Span>) -> Option<String> {
        let own = match place {
            Some(Subject::Source(span)) => Some(span),
            _ => None,
        };
        own.into_iter().chain(block).find_map(|span| self.at(rule, span))
    }

    fn at(&mut self, rule: &str, span: &Span) -> Option<String> {
        let text = self.texts.iter().find(|(file, _)| *file == span.file).map(|(_, text)| Arc::clone(text))?;
        let line = line_of(&text, span.start);
        let lines: Vec<&str> = text.split('\n').collect();
        // Comments right above belong to what follows them.
        let is_comment = |line: usize| lines[line].trim_start().starts_with(['#', '/']);
        let first = (0..line).rev().take_while(|above| is_comment(*above)).last().unwrap_or(line);
        let found = self.all.iter_mut().find(|each| {
            each.span.file == span.file
                && (each.line == line || each.alone && (first..line).contains(&each.line))
                && each.rules.iter().any(|named| named == rule)
                && !each.reason.is_empty()
        })?;
        found.used = true;
        Some(found.reason.clone())
    }

    /// What is wrong with those that suppress nothing.
    pub fn left(&self) -> Diagnostics {
        let known: BTreeSet<&str> = rules().map(|(_, rule)| rule.id).collect();
        let mut found = Diagnostics::new();
        for each in &self.all {
            let unknown = each.rules.iter().find(|rule| !known.contains(rule.as_str()));
            let (summary, detail) = if each.rules.is_empty() {
                ("Suppression of nothing", format!("Say what is suppressed, and why: # {MARK} RULE REASON."))
            } else if let Some(unknown) = unknown {
                let near = suggest(unknown, known.iter().copied());
                let remedy = near.map_or_else(
                    || "docs/reference/audit.md lists the rules.".to_owned(),
                    |near| format!("Did you mean {near}?"),
                );
                ("Suppression of an unknown rule", format!("There is no rule {unknown}. {remedy}"))
            } else if each.reason.is_empty() {
                let detail =
                    format!("Say why it is all right: # {MARK} {} REASON. Until then it counts.", each.rules.join(","));
                ("Suppression without a reason", detail)
            } else if !each.used {
                let detail = format!("Nothing here breaks {}. Take the comment out.", each.rules.join(", "));
                ("Suppression that is not needed", detail)
            } else {
                continue;
            };
            found.push(Diagnostic::warning(summary, detail).at(Some(&each.span)));
        }
        found
    }
}
