//! The variables of the module: types, defaults, and what Terraform checks before any resource.

use std::fmt::Write as _;

use poolform_core::argument::{Argument, Default, Kind as Type, Rule};
use poolform_core::describe::expression;
use poolform_core::fold::Fold;
use poolform_core::kinds::Kind;
use poolform_core::{LISTS, arguments};
use poolform_value::to_json;

use super::{Language, MADE, OWN, is_required};

/// `variables.tf`.
pub(super) fn file(language: Language) -> String {
    let mut file = format!("# The arguments of the module. {MADE} from the rows in `crates/core/src/kinds`.\n");
    for row in arguments() {
        let shared = row.name.starts_with("default_client_");
        let ty = ty(&row, shared);
        let default = match row.default {
            Default::Required => None,
            _ => to_json(&row.default_value()).map(|json| expression(&json, 1)),
        };
        let _ =
            write!(file, "\n{}", variable(row.name, &doc(&row, shared), &ty, default, &validations(&row, language)));
    }
    for own in OWN {
        let _ = write!(file, "\n{}", variable(own.name, own.doc, own.ty, Some(own.default.to_owned()), ""));
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
        Type::Record(attributes) if attributes.iter().all(is_required) => {
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
fn validations(row: &Argument, language: Language) -> String {
    let name = row.name;
    let mut all: Vec<(String, String)> = Vec::new();
    if let Rule::OneOfAnyCase(words) = row.rule {
        all.push((
            format!("contains([{}], upper(coalesce(var.{name}, \"{}\")))", quoted(words), words[0]),
            format!("The argument \\\"{name}\\\" must be one of {}, in any letter case.", words.join(", ")),
        ));
    }
    match row.kind {
        Type::Records(attributes) => of_elements(name, attributes, language, &mut all),
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

fn of_elements(name: &str, attributes: &'static [Argument], language: Language, all: &mut Vec<(String, String)>) {
    // Null is a list of nothing.
    let each = format!("for each in var.{name}[*]");
    all.push((
        format!("alltrue([{each} : each == null || can(keys(each))])"),
        format!("Each element of {name} must be an object."),
    ));
    let known = names(attributes);
    let unknown = format!("setsubtract(keys(each), [{}])", quoted(&known));
    let which = match language {
        Language::New => format!(": ${{join(\", \", flatten([{each} : {unknown} if each != null]))}}"),
        Language::Old => String::new(),
    };
    all.push((
        format!("alltrue([{each} : length({unknown}) == 0 if each != null])"),
        format!("Unknown attribute in {name}{which}. Known are {}.", known.join(", ")),
    ));
    if let Some((_, kind)) = LISTS.iter().find(|(row, _)| row.name == name) {
        of_keys(name, kind, language, all);
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
fn of_keys(name: &str, kind: &Kind, language: Language, all: &mut Vec<(String, String)>) {
    let Some(key) = kind.arguments.iter().find(|row| row.api == kind.key).map(|row| row.name) else { return };
    let lacks =
        format!("[for index, each in var.{name}[*] : \"{name}[${{index}}].{key}\" if try(each.{key}, null) == null]");
    all.push((
        format!("length({lacks}) == 0"),
        match language {
            Language::New => format!("Not given, and needed: ${{join(\", \", {lacks})}}."),
            Language::Old => format!("Each element of {name} needs {key}."),
        },
    ));
    // As the declaration tells elements apart (`declaration.rs` of the core).
    let (registered, alike) = (kind.folds_registered(), kind.folds_alike());
    let same = alike.expression(&registered.expression(&format!("each.{key}")));
    let why = match (registered, alike) {
        (Fold::CaseAndSigns, _) => " Names are taken in lower case, with a hyphen for all but letters and digits.",
        (_, Fold::Not) => "",
        _ => " Letter case makes no difference to Cognito.",
    };
    let twice = format!(
        "[for key, alike in {{ for each in var.{name}[*] : {same} => true... if try(each.{key}, null) != null }} : \
         key if length(alike) > 1]"
    );
    let which = match language {
        Language::New => format!(": ${{join(\", \", {twice})}}"),
        Language::Old => String::new(),
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
