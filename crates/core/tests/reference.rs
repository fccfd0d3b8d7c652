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

#[test]
fn the_reference_of_arguments_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/arguments.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/reference/arguments.md is stale: UPDATE=1 cargo test -p poolform-core --test reference"
    );
}
