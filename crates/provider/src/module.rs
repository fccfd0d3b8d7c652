//! The variables of the drop-in module, from the rows: `terraform/variables.tf`; and `terraform/without-moves/`, the same
//! module for a Terraform that cannot move a resource to another type.

use std::fmt::Write as _;

use poolform_core::argument::{Argument, Default, Kind as Type, Rule};
use poolform_core::describe::expression;
use poolform_core::kinds::Kind;
use poolform_core::{LISTS, arguments};
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
/// is the provider's. Nothing looks at another variable, which Terraform allows from 1.9 on; and `try` and `can` get single
/// attributes where they can, because they say nothing about a value of which some part is not known yet.
fn validations(row: &Argument, messages: Messages) -> String {
    let name = row.name;
    let mut all: Vec<(String, String)> = Vec::new();
    if let Rule::OneOfAnyCase(words) = row.rule {
        all.push((
            format!("contains([{}], upper(coalesce(var.{name}, \"{}\")))", quoted(words), words[0]),
            format!("The argument \\\"{name}\\\" must be one of {}, in any letter case.", words.join(", ")),
        ));
    }
    match row.kind {
        Type::Records(attributes) => of_elements(name, attributes, messages, &mut all),
        Type::Record(attributes) if ty(row, false) == "any" => {
            let known = names(attributes);
            all.push((
                format!("var.{name} == null ? true : {}", has_only(&format!("var.{name}"), &known)),
                only(name, &known),
            ));
        }
        _ => {}
    }
    all.iter().fold(String::new(), |mut text, (condition, message)| {
        let _ = write!(
            text,
            "\n  validation {{\n    condition     = {condition}\n    error_message = \"{message}\"\n  }}\n"
        );
        text
    })
}

fn of_elements(name: &str, attributes: &'static [Argument], messages: Messages, all: &mut Vec<(String, String)>) {
    // Null is a list of nothing.
    let each = format!("for each in var.{name}[*]");
    all.push((
        format!("alltrue([{each} : each == null || can(keys(each))])"),
        format!("Each element of {name} must be an object."),
    ));
    let known = names(attributes);
    let unknown = format!("setsubtract(keys(each), [{}])", quoted(&known));
    let which = match messages {
        Messages::Expressions => format!(": ${{join(\", \", flatten([{each} : {unknown} if each != null]))}}"),
        Messages::Literals => String::new(),
    };
    all.push((
        format!("alltrue([{each} : length({unknown}) == 0 if each != null])"),
        format!("Unknown attribute in {name}{which}. Known are {}.", known.join(", ")),
    ));
    if let Some((_, kind)) = LISTS.iter().find(|(row, _)| row.name == name) {
        of_keys(name, kind, messages, all);
    }
    for row in attributes.iter().filter(|row| !row.only_in_resource) {
        let one = row.name;
        if !row.alias.is_empty() {
            let alias = row.alias;
            all.push((
                format!("alltrue([{each} : !can(each.{one}) || !can(each.{alias})])"),
                format!(
                    "\\\"{one}\\\" and \\\"{alias}\\\" are two names of one attribute of {name}. Give one of them."
                ),
            ));
        }
        match row.kind {
            Type::Record(inner) => {
                let known = names(inner);
                let has_only = has_only(&format!("each.{one}"), &known);
                all.push((
                    format!("alltrue([{each} : try(each.{one}, null) == null ? true : {has_only}])"),
                    only(&format!("{one} in {name}"), &known),
                ));
            }
            Type::Records(inner) => {
                let known = names(inner);
                let given = if row.alias.is_empty() { String::new() } else { format!("each.{}, ", row.alias) };
                let has_only = has_only("one", &known);
                all.push((
                    format!("alltrue([{each} : alltrue([for one in try(each.{one}, {given}null)[*] : {has_only}])])"),
                    only(&format!("each of {one} in {name}"), &known),
                ));
            }
            _ => {}
        }
    }
}

/// What keys of resources are made of, whether the module is enabled or not; the resources ask for the rest.
fn of_keys(name: &str, kind: &Kind, messages: Messages, all: &mut Vec<(String, String)>) {
    let Some(key) = kind.arguments.iter().find(|row| row.api == kind.key).map(|row| row.name) else { return };
    let lacks =
        format!("[for index, each in var.{name}[*] : \"{name}[${{index}}].{key}\" if try(each.{key}, null) == null]");
    all.push((
        format!("length({lacks}) == 0"),
        match messages {
            Messages::Expressions => format!("Not given, and needed: ${{join(\", \", {lacks})}}."),
            Messages::Literals => format!("Each element of {name} needs {key}."),
        },
    ));
    // As the declaration tells elements apart (`declaration.rs` of the core).
    let (fold, why) = kind.terraform.alike;
    let same = fold.replace("NAME", &format!("each.{key}"));
    let twice = format!(
        "[for key, alike in {{ for each in var.{name}[*] : {same} => true... if try(each.{key}, null) != null }} : \
         key if length(alike) > 1]"
    );
    let which = match messages {
        Messages::Expressions => format!(": ${{join(\", \", {twice})}}"),
        Messages::Literals => String::new(),
    };
    all.push((
        format!("length({twice}) == 0"),
        format!("Two elements of {name} are called alike{which}. Rename or remove one of them.{why}"),
    ));
}

/// The attributes of an object, by all their names.
fn names(attributes: &[Argument]) -> Vec<&'static str> {
    attributes
        .iter()
        .filter(|row| !row.only_in_resource)
        .flat_map(|row| [row.name, row.alias])
        .filter(|name| !name.is_empty())
        .collect()
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

/// The condition that something is an object without other attributes than these.
fn has_only(object: &str, known: &[&str]) -> String {
    format!("can(keys({object})) ? length(setsubtract(keys({object}), [{}])) == 0 : false", quoted(known))
}

fn only(what: &str, known: &[&str]) -> String {
    let first = what[..1].to_uppercase();
    // A sentence: Terraform before 1.2 refuses a message that begins otherwise.
    let (start, rest) = if what.starts_with("each") { (first.as_str(), &what[1..]) } else { ("The argument ", what) };
    format!("{start}{rest} must be an object with no other attributes than {}.", known.join(", "))
}

/// The resources of `main.tf` with each precondition asked where `allow_replace` is given, or else in the last argument.
/// Before Terraform 1.2 a configuration stops by an expression that fails, and the text that is no truth stands in the
/// error.
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
        let resource = before.rfind("\nresource ").unwrap_or(0);
        let line = before[resource..].find("\n  allow_replace ").map(|line| resource + line);
        let line = line.or(before.trim_end().rfind('\n')).unwrap_or(0);
        let start = before[line..].find("= ").map_or(line, |sign| line + sign + 2);
        let after = before[start..].find('\n').map_or(before.len(), |end| start + end);
        let (value, after) = (&before[start..after], &before[after..]);
        let _ = write!(file, "{}({condition}) ? {value} : tobool({message}){after}", &before[..start]);
        rest = &block[end..];
    }
    file + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_precondition_becomes_part_of_the_argument() {
        let main = "\nresource \"a\" \"b\" {\n  name          = 1\n  allow_replace = var.x\n  more          = 2\n\n  lifecycle {\n    \
                    precondition {\n      condition     = y == 1\n      error_message = \"No ${y}.\"\n    }\n  }\n\n  \
                    depends_on = [z]\n}\n";
        assert_eq!(
            without_preconditions(main),
            "\nresource \"a\" \"b\" {\n  name          = 1\n  allow_replace = (y == 1) ? var.x : tobool(\"No ${y}.\")\n  \
             more          = 2\n\n  depends_on = [z]\n}\n"
        );
    }
}
