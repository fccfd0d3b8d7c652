//! The variables of the drop-in module, from the rows: `terraform/variables.tf`; and `terraform/without-moves/`, the same
//! module for a Terraform that cannot move a resource to another type.

use std::fmt::Write as _;

use poolform_core::argument::{Argument, Default, Kind as Type, Rule};
use poolform_core::arguments;
use poolform_core::describe::expression;
use poolform_value::to_json;

/// Arguments of the module that are settings of the resources alone: name, type, default, description.
const OWN: &[(&str, &str, &str, &str)] = &[
    (
        "allow_delete",
        "bool",
        "false",
        "Whether the pool may be deleted although it has users. Counts once it is applied.",
    ),
    (
        "allow_replace",
        "bool",
        "false",
        "Whether a change that is not possible in place may replace the pool, and lose its users and ids.",
    ),
    (
        "allow_replace_clients",
        "set(string)",
        "[]",
        "Registered names of clients that a change which is not possible in place may replace, so that they get other ids.",
    ),
    (
        "store_client_secrets",
        "bool",
        "true",
        "Whether the secrets of clients are kept in the state. Without, client_secrets has none of them; the ephemeral resource poolform_user_pool_client_secret gives them.",
    ),
];

const MADE: &str = "Made by `UPDATE=1 cargo test -p poolform-provider --test pages`";

/// The files that are made: path in the repository, and text. `main` and `outputs` are the texts of the module's own
/// `main.tf` and `outputs.tf`.
pub fn files(main: &str, outputs: &str) -> Vec<(String, String)> {
    let made = |from: &str| format!("# {MADE} from {from}.\n\n");
    let without = |name: &str, text: String| (format!("terraform/without-moves/{name}"), text);
    vec![
        ("terraform/variables.tf".to_owned(), variables(Messages::Expressions)),
        without("variables.tf", variables(Messages::Literals)),
        without("main.tf", made("../main.tf") + &without_preconditions(main)),
        without("outputs.tf", made("../outputs.tf") + outputs),
    ]
}

/// What the message of a failed validation may be.
#[derive(Clone, Copy, PartialEq)]
enum Messages {
    /// Any expression: from Terraform 1.2 on.
    Expressions,
    /// Text alone.
    Literals,
}

fn variables(messages: Messages) -> String {
    let mut file = format!("# The arguments of the module. {MADE} from the rows in `crates/core/src/kinds`.\n");
    for row in arguments() {
        let shared = row.name.starts_with("default_client_");
        let ty = ty(&row, shared);
        let default = match row.default {
            Default::Required => None,
            _ => to_json(&row.default_value()).map(|json| expression(&json, 1)),
        };
        let _ =
            write!(file, "\n{}", variable(row.name, &doc(&row, shared), &ty, default, &validations(&row, messages)));
    }
    for (name, ty, default, doc) in OWN {
        let _ = write!(file, "\n{}", variable(name, doc, ty, Some((*default).to_owned()), ""));
    }
    file
}

fn variable(name: &str, doc: &str, ty: &str, default: Option<String>, validations: &str) -> String {
    let default = default.map_or_else(String::new, |default| format!("  default     = {default}\n"));
    let doc = expression(&doc.into(), 1);
    format!("variable \"{name}\" {{\n  description = {doc}\n  type        = {ty}\n{default}{validations}}}\n")
}

fn doc(row: &Argument, shared: bool) -> String {
    match row.name.strip_prefix("default_client_").filter(|_| shared) {
        Some(attribute) => format!("Default of {attribute} for all clients."),
        None => row.doc.to_owned(),
    }
}

/// The type as the original module writes it: `any` for what may have different attributes.
fn ty(row: &Argument, shared: bool) -> String {
    match row.kind {
        Type::Set if shared => "list(string)".to_owned(),
        Type::Record(attributes) if attributes.iter().all(|row| matches!(row.default, Default::Required)) => {
            let members: Vec<String> = attributes.iter().map(|row| format!("{} = {}", row.name, row.ty())).collect();
            format!("object({{ {} }})", members.join(", "))
        }
        Type::Record(_) | Type::Records(_) => "any".to_owned(),
        _ => row.ty().to_string(),
    }
}

/// What Terraform checks before any resource: what is asked of `any`, and words that the module itself looks at. All else
/// is the provider's.
fn validations(row: &Argument, messages: Messages) -> String {
    let name = row.name;
    let mut text = String::new();
    let mut validation = |condition: &str, message: &str| {
        let _ = write!(
            text,
            "\n  validation {{\n    condition     = {condition}\n    error_message = \"{message}\"\n  }}\n"
        );
    };
    if let Rule::OneOfAnyCase(words) = row.rule {
        let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        validation(
            &format!("contains([{}], upper(coalesce(var.{name}, \"{}\")))", quoted.join(", "), words[0]),
            &format!("The argument \\\"{name}\\\" must be one of {}, in any letter case.", words.join(", ")),
        );
    }
    if let Type::Records(attributes) = row.kind {
        let mut known: Vec<&str> = Vec::new();
        for attribute in attributes {
            known.extend([attribute.name, attribute.alias].iter().filter(|name| !name.is_empty()));
        }
        let quoted: Vec<String> = known.iter().map(|name| format!("\"{name}\"")).collect();
        // Null is a list of nothing, and a list of objects that differ no list at all.
        let each = format!("for each in try([for each in var.{name} : each], [])");
        let unknown = format!("setsubtract(keys(each), [{}])", quoted.join(", "));
        let which = match messages {
            Messages::Expressions => format!(": ${{join(\", \", flatten([{each} : {unknown}]))}}"),
            Messages::Literals => String::new(),
        };
        validation(
            &format!("alltrue([{each} : length({unknown}) == 0])"),
            &format!("Unknown attribute in {name}{which}. Known are {}.", known.join(", ")),
        );
        for Argument { name: one, alias, .. } in attributes.iter().filter(|attribute| !attribute.alias.is_empty()) {
            validation(
                &format!("alltrue([{each} : !can(each.{one}) || !can(each.{alias})])"),
                &format!(
                    "\\\"{one}\\\" and \\\"{alias}\\\" are two names of one attribute of {name}. Give one of them."
                ),
            );
        }
    }
    text
}

/// The resources of `main.tf` with each precondition asked where `allow_replace` is given. Before Terraform 1.2 a
/// configuration stops by an expression that fails, and the text that is no truth stands in the error.
fn without_preconditions(main: &str) -> String {
    let mut file = String::new();
    let mut rest = main;
    while let Some(at) = rest.find("\n  lifecycle {\n") {
        let (before, block) = rest.split_at(at);
        let end = block.find("\n  }\n").map_or(block.len(), |end| end + "\n  }\n".len());
        let given = |name: &str| {
            let line = block[..end].lines().find_map(|line| line.trim_start().strip_prefix(name));
            line.map_or("", |line| line.trim_start().trim_start_matches("= "))
        };
        let (condition, message) = (given("condition"), given("error_message"));
        let asked = before.rfind("  allow_replace ").unwrap_or(0);
        let line = before[asked..].find('\n').map_or(before.len(), |end| asked + end);
        let assigned = before[asked..line].find("= ").map_or(asked, |sign| asked + sign + 2);
        let value = &before[assigned..line];
        let _ = write!(file, "{}({condition}) ? {value} : tobool({message}){}", &before[..assigned], &before[line..]);
        rest = &block[end..];
    }
    file + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_precondition_becomes_part_of_the_argument() {
        let main = "resource \"a\" \"b\" {\n  name          = 1\n  allow_replace = var.x\n  more          = 2\n\n  lifecycle {\n    \
                    precondition {\n      condition     = y == 1\n      error_message = \"No ${y}.\"\n    }\n  }\n\n  \
                    depends_on = [z]\n}\n";
        assert_eq!(
            without_preconditions(main),
            "resource \"a\" \"b\" {\n  name          = 1\n  allow_replace = (y == 1) ? var.x : tobool(\"No ${y}.\")\n  \
             more          = 2\n\n  depends_on = [z]\n}\n"
        );
    }
}
