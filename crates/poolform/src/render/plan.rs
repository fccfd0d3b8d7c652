//! A plan for people: per address, per setting, old and new, and why.

use poolform_core::{Action, Change, Plan, SettingChange, Stake, Why, kinds};

use super::difference::{self, Line, Sign, note};
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

/// The column of a setting's sign.
const COLUMN: usize = 6;

fn render_change(plan: &Plan, change: &Change) -> String {
    let (colour, glyph, words) = glyph(change.action);
    let noun = kinds::kind(&change.kind).map_or(change.kind.as_str(), |kind| kind.noun);
    let mut text = format!("{colour}{glyph:>3}{PLAIN} {BOLD}{}{PLAIN} ({noun}) {words}\n", change.address);
    let width = change.settings.iter().map(|setting| setting.argument.chars().count()).max().unwrap_or(0);
    for setting in &change.settings {
        text.push_str(&render_lines(&setting_lines(setting, width)));
    }
    for remark in &change.notes {
        text.push_str(&render_lines(&note(remark, COLUMN)));
    }
    let steps: Vec<String> = plan
        .steps
        .iter()
        .filter(|step| step.address == change.address)
        .map(|step| format!("{} ({})", step.operation, step.why))
        .collect();
    if !steps.is_empty() {
        text.push_str(&render_lines(&note(&steps.join(", then "), COLUMN)));
    } else if change.action == Action::Delete {
        text.push_str(&render_lines(&note("it goes with its pool", COLUMN)));
    }
    text
}

fn setting_lines(setting: &SettingChange, width: usize) -> Vec<Line> {
    let head = format!("{:width$} = ", setting.argument);
    let mut lines = if setting.secret {
        vec![Line { column: COLUMN, sign: Sign::Change, text: format!("{head}(sensitive)") }]
    } else {
        difference::lines(&head, &setting.old, &setting.new, COLUMN)
    };
    let why = match &setting.why {
        Why::Declared => return lines,
        Why::NoLongerDeclared => "no longer declared: Cognito's default",
        Why::Added(reason) => reason.as_str(),
    };
    lines.extend(note(why, COLUMN + 2));
    lines
}

fn render_lines(lines: &[Line]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let (colour, glyph) = match line.sign {
            Sign::Add => (GREEN, "+"),
            Sign::Remove => (RED, "-"),
            Sign::Change => (YELLOW, "~"),
            Sign::None => ("", " "),
            Sign::Note => (DIM, "#"),
        };
        let indent = " ".repeat(line.column);
        let words = &line.text;
        text.push_str(&match line.sign {
            Sign::None => format!("{indent}  {words}\n"),
            // A remark is dim as a whole.
            Sign::Note => format!("{indent}{colour}{glyph} {words}{PLAIN}\n"),
            _ => format!("{indent}{colour}{glyph}{PLAIN} {words}\n"),
        });
        text
    })
}

fn render_stake(stake: &Stake) -> String {
    let users = match (stake.users, stake.declared_users) {
        (Some(false), 0) => "no users".to_owned(),
        (Some(false), 1) => "1 user, who is declared".to_owned(),
        (Some(false), declared) => format!("{declared} users, all declared"),
        _ => format!("users (Cognito estimates {})", stake.estimated_users),
    };
    let domain = stake.domain.as_ref().map(|domain| format!(", the domain {domain}")).unwrap_or_default();
    let protection = if stake.protected { "; its deletion protection will be turned off first" } else { "" };
    let clients = if stake.clients == 1 { "1 app client".to_owned() } else { format!("{} app clients", stake.clients) };
    let head = format!("At stake in {}:", stake.address);
    let text = format!("{head} the pool \"{}\" with {users}, {clients}{domain}{protection}.", stake.name);
    let folded = difference::paragraph(&text);
    format!("{}\n\n", folded.replacen(&head, &format!("{RED}{head}{PLAIN}"), 1))
}
