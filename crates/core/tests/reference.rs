//! The reference page of arguments is made from the rows. `UPDATE=1` writes it; without, a stale page fails.

#![allow(clippy::disallowed_methods, reason = "tests are at the edge")]

use std::fmt::Write as _;
use std::path::Path;

use poolform_core::argument::{Argument, Default, Kind as Type, Reset, Rule};
use poolform_core::kinds::{KINDS, client, domain, user_pool};
use poolform_core::{MODULE_ARGUMENTS, OUTPUTS, arguments};
use poolform_value::to_json;

fn ty(row: &Argument) -> String {
    match row.kind {
        Type::Record(_) => "object".to_owned(),
        Type::Records(_) => "list(object)".to_owned(),
        _ => row.ty().to_string(),
    }
}

fn default(row: &Argument) -> String {
    match row.default {
        Default::Required => "required".to_owned(),
        _ => to_json(&row.default_value()).map_or_else(String::new, |json| format!("`{json}`")),
    }
}

fn notes(row: &Argument) -> String {
    let mut notes = row.doc.replace('|', "\\|");
    match row.rule {
        Rule::OneOf(words) | Rule::OneOfAnyCase(words) if words.len() > 4 => {
            let _ = write!(notes, " One of {}.", words.join(", "));
        }
        _ => {}
    }
    if !row.alias.is_empty() {
        let _ = write!(notes, " Also spelt `{}`.", row.alias);
    }
    if !row.immutable.is_empty() {
        let _ = write!(notes, " **Cannot change in place:** {}.", row.immutable);
    }
    if let Reset::Never(reason) = row.reset {
        let _ = write!(notes, " **Cannot be unset:** {reason}.");
    }
    notes
}

fn table(page: &mut String, rows: &[Argument], prefix: &str) {
    page.push_str("| argument | type | default | |\n|---|---|---|---|\n");
    lines(page, rows, prefix);
    page.push('\n');
}

fn lines(page: &mut String, rows: &[Argument], prefix: &str) {
    for row in rows.iter().filter(|row| !row.only_in_resource) {
        let _ = writeln!(page, "| `{prefix}{}` | {} | {} | {} |", row.name, ty(row), default(row), notes(row));
        match row.kind {
            Type::Record(inner) => lines(page, inner, &format!("{prefix}{}.", row.name)),
            Type::Records(inner)
                if prefix.is_empty() && !KINDS.iter().any(|kind| std::ptr::eq(kind.arguments, inner)) =>
            {
                lines(page, inner, &format!("{}[*].", row.name));
            }
            Type::Records(inner) if !prefix.is_empty() => lines(page, inner, &format!("{prefix}{}[*].", row.name)),
            _ => {}
        }
    }
}

fn page() -> String {
    let mut page = String::from(
        "# Arguments\n\nMade from the rows in `crates/core/src/kinds` by `UPDATE=1 cargo test -p poolform-core --test reference`.\n\n\
         What \"default\" names is declared even when it is not written. `null` is sent as nothing. A setting that was\n\
         declared and no longer is goes back to Cognito's own default, as a line of the plan; one that never was declared\n\
         is left as Cognito has it.\n\n",
    );
    let section = |page: &mut String, title: &str, text: &str| {
        let _ = write!(page, "## {title}\n\n");
        if !text.is_empty() {
            let _ = write!(page, "{text}\n\n");
        }
    };
    section(&mut page, "The module", "Arguments that belong to no single resource.");
    table(&mut page, MODULE_ARGUMENTS, "");
    section(&mut page, "User pool", "");
    table(&mut page, user_pool::ARGUMENTS, "");
    section(&mut page, "Domain", "");
    table(&mut page, domain::ARGUMENTS, "");
    for (list, kind) in poolform_core::LISTS {
        section(&mut page, &format!("`{}`", list.name), list.doc);
        table(&mut page, kind.arguments, &format!("{}[*].", list.name));
    }
    section(
        &mut page,
        "Defaults of all clients",
        "What `clients[*]` does not say. An attribute that is there beats the default, even when it is null.",
    );
    let shared: Vec<Argument> = arguments().into_iter().filter(|row| row.name.starts_with("default_client_")).collect();
    page.push_str("| argument | type | default |\n|---|---|---|\n");
    for row in &shared {
        let _ = writeln!(page, "| `{}` | {} | {} |", row.name, ty(row), default(row));
    }
    page.push('\n');
    section(&mut page, "Outputs", "");
    let _ = writeln!(page, "{}", OUTPUTS.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "));
    let _ = writeln!(
        page,
        "\nThe first five are the original's, with the attribute names of the resources of the AWS provider. The secrets in\n\
         `clients` are null; `client_secrets` is sensitive."
    );
    let _ = writeln!(
        page,
        "\n{} arguments, {} of them of one client.",
        arguments().len(),
        client::KIND.module_arguments().len()
    );
    page
}

fn audit_page() -> String {
    let mut page = String::from(
        "# The audit\n\n\
         Made from the rules in `crates/core/src/kinds` by `UPDATE=1 cargo test -p poolform-core --test reference`.\n\n\
         `poolform check` says what the files allow that their owner may not know of; `poolform check PLAN` looks at a plan that\n\
         `plan -out` has saved, `poolform check -pool ID` at a pool that is there. `-severity` is the least that is said (`low`),\n\
         `-format` one of `text`, `json` and `sarif`; with `-detailed-exitcode` it exits with 2 where anything is found.\n\n\
         A comment suppresses rules for an argument, or for a whole block, in its line or right above it. It needs a reason:\n\n\
         ```terraform\n\
         # poolform:ignore no-second-factor,anybody-signs-up a pool for tests\n\
         resource \"aws_cognito_user_pool\" \"tests\" {\n  name = \"tests\"\n}\n```\n\n\
         Comments that suppress nothing, and rules that there are not, are warnings. Web application firewalls, which other audits ask\n\
         for, are no part of Cognito's API and not looked at; callbacks without TLS are refused as Cognito refuses them.\n\n\
         | rule | severity | what it finds | what follows |\n|---|---|---|---|\n",
    );
    for (kind, rule) in poolform_core::check::advice::rules() {
        let reason = rule.reason.replace("{}", "…").replace('|', "\\|");
        let _ = writeln!(
            page,
            "| [`{}`]({}) | {} | {}: {} | {reason} {} |",
            rule.id,
            rule.reference,
            rule.severity.name(),
            kind.noun,
            rule.summary,
            rule.remedy
        );
    }
    page
}

#[test]
fn the_reference_pages_are_up_to_date() {
    is_up_to_date("arguments.md", &page());
    is_up_to_date("audit.md", &audit_page());
}

fn is_up_to_date(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/reference/{name} is stale: UPDATE=1 cargo test -p poolform-core --test reference");
}
