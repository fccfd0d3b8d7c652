//! A plan for people: per address, per setting, old and new, and why.

use poolform_core::{Action, Change, Plan, SettingChange, Stake, Why, kinds};
use serde_json::Value as Json;

use crate::stop::Stop;

const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const RED: &str = "\x1b[31m";
const DIM: &str = "\x1b[2m";
const BOLD: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

fn glyph(action: Action) -> (&'static str, &'static str, &'static str) {
    match action {
        Action::Create => (GREEN, "+", "will be created"),
        Action::Update => (YELLOW, "~", "will be updated in place"),
        Action::Replace => (RED, "-/+", "will be replaced"),
        Action::Delete => (RED, "-", "will be deleted"),
        Action::Forget => (DIM, ".", "is no longer there and will be forgotten"),
    }
}

/// Prints it on standard output.
pub fn print(plan: &Plan) -> Result<(), Stop> {
    super::output::print(&render(plan))
}

fn render(plan: &Plan) -> String {
    if plan.is_empty() {
        return format!("{BOLD}No changes.{PLAIN} What Cognito has is what the files declare.\n");
    }
    let mut text = String::new();
    for change in &plan.changes {
        text.push_str(&render_change(plan, change));
        text.push('\n');
    }
    for stake in &plan.stakes {
        text.push_str(&render_stake(stake));
    }
    let part = |action, word: &str| match plan.count(action) {
        0 => None,
        count => Some(format!("{count} to {word}")),
    };
    let parts: Vec<String> = [
        part(Action::Create, "create"),
        part(Action::Update, "update"),
        part(Action::Replace, "replace"),
        part(Action::Delete, "delete"),
        part(Action::Forget, "forget"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let requests = plan.steps.len();
    text.push_str(&format!(
        "{BOLD}Plan:{PLAIN} {}, by {requests} {}.\n",
        parts.join(", "),
        if requests == 1 { "request" } else { "requests" }
    ));
    text
}

fn render_change(plan: &Plan, change: &Change) -> String {
    let (colour, glyph, words) = glyph(change.action);
    let noun = kinds::kind(&change.kind).map_or(change.kind.as_str(), |kind| kind.noun);
    let mut text = format!("{colour}{glyph:>3}{PLAIN} {BOLD}{}{PLAIN} ({noun}) {words}\n", change.address);
    let width = change.settings.iter().map(|setting| setting.argument.chars().count()).max().unwrap_or(0);
    for setting in &change.settings {
        text.push_str(&render_setting(setting, width));
    }
    for note in &change.notes {
        text.push_str(&format!("      {DIM}# {note}{PLAIN}\n"));
    }
    let steps: Vec<String> = plan
        .steps
        .iter()
        .filter(|step| step.address == change.address)
        .map(|step| format!("{} ({})", step.operation, step.why))
        .collect();
    if !steps.is_empty() {
        text.push_str(&format!("      {DIM}# {}{PLAIN}\n", steps.join(", then ")));
    } else if change.action == Action::Delete {
        text.push_str(&format!("      {DIM}# it goes with its pool{PLAIN}\n"));
    }
    text
}

fn render_setting(setting: &SettingChange, width: usize) -> String {
    let (colour, glyph) = match (setting.secret, setting.old.is_null(), setting.new.is_null()) {
        (true, ..) | (_, false, false) => (YELLOW, "~"),
        (_, true, _) => (GREEN, "+"),
        (_, false, true) => (RED, "-"),
    };
    let values = if setting.secret {
        "(sensitive)".to_owned()
    } else if setting.old.is_null() {
        shown(&setting.new)
    } else {
        format!("{} -> {}", shown(&setting.old), shown(&setting.new))
    };
    let why = match &setting.why {
        Why::Declared => String::new(),
        Why::NoLongerDeclared => format!("  {DIM}# no longer declared: Cognito's default{PLAIN}"),
        Why::Added(reason) => format!("  {DIM}# {reason}{PLAIN}"),
    };
    format!("      {colour}{glyph}{PLAIN} {:width$} = {values}{why}\n", setting.argument)
}

/// A value on one line.
fn shown(value: &Json) -> String {
    match value {
        Json::Null => "(none)".to_owned(),
        other => other.to_string(),
    }
}

fn render_stake(stake: &Stake) -> String {
    let users = match stake.users {
        Some(false) => "no users".to_owned(),
        _ => format!("users (Cognito estimates {})", stake.estimated_users),
    };
    let domain = stake.domain.as_ref().map(|domain| format!(", the domain {domain}")).unwrap_or_default();
    let protection = if stake.protected { "; its deletion protection will be turned off first" } else { "" };
    format!(
        "{RED}At stake in {}{PLAIN}: the pool \"{}\" with {users}, {} app clients{domain}{protection}.\n\n",
        stake.address, stake.name, stake.clients
    )
}
