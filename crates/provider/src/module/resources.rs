//! The resources of the module, from the rows: each argument where it stands in its resource.

use std::fmt::Write as _;

use poolform_core::argument::{Argument, Default, Kind as Type};
use poolform_core::describe::expression;
use poolform_core::kinds::Kind;
use poolform_core::terraform::schema::{POOL_ID, names_the_pool, type_name};
use poolform_core::{LISTS, SINGLES};
use poolform_value::to_json;

use super::{Language, MADE, OWN, is_required};

/// What stands for an argument that its variable alone does not say, as the core's `Rules` of the pool and the domain place it.
const SAID_OTHERWISE: &[(&str, &str)] = &[
    (
        "alias_attributes",
        "var.alias_attributes == null && var.username_attributes == null ? toset([\"email\", \"preferred_username\"]) : var.alias_attributes",
    ),
    ("tags", "merge(var.module_tags, var.tags)"),
    ("user_device_tracking", "local.tracking == \"USER_OPT_IN\""),
    // Of an element of schema_attributes. What the rows have no default for, Cognito has.
    ("min_length", "try(each.min_length, 0)"),
    ("max_length", "try(each.max_length, 2048)"),
];

/// When a block of a resource is not there at all.
const ABSENT: &[(&str, &str)] = &[
    ("device_configuration", "local.tracking == \"OFF\""),
    ("software_token_mfa_configuration", "!local.has_factors || var.allow_software_mfa_token == null"),
    ("string_attribute_constraints", "try(each.type, null) != \"String\""),
    ("number_attribute_constraints", "try(each.type, null) != \"Number\""),
];

/// What the two tables above and the outputs ask.
const CONDITIONS: &[(&str, &str)] = &[
    ("has_domain", "var.domain != null"),
    ("has_custom_domain", "var.domain != null && length(split(\".\", coalesce(var.domain, \"x\"))) > 1"),
    ("has_factors", "contains([\"ON\", \"OPTIONAL\"], coalesce(var.mfa_configuration, \"OFF\"))"),
    ("tracking", "upper(coalesce(var.user_device_tracking, \"OFF\"))"),
];

/// The kinds of which there is one or none, by segment, and when there is one.
const COUNT: &[(&str, &str)] = &[("", "var.module_enabled"), ("domain", "var.module_enabled && local.has_domain")];

/// The longest line that a block of one attribute is written in.
const LINE: usize = 160;

/// `main.tf`.
pub(super) fn file(language: Language) -> String {
    let mut file = format!(
        "# Each argument where it stands in its resource. {MADE} from the rows in `crates/core/src/kinds`.\n\n{}",
        locals()
    );
    for kind in SINGLES {
        file.push_str(&single(kind, language));
    }
    for (list, kind) in LISTS.iter().filter(|(_, kind)| kind.names.is_empty()) {
        file.push_str(&listed(list, kind, language));
    }
    // What names others comes last.
    for (list, kind) in LISTS.iter().filter(|(_, kind)| !kind.names.is_empty()) {
        file.push_str(&listed(list, kind, language));
    }
    file
}

fn found(table: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(each, _)| *each == name).map(|(_, text)| *text)
}

/// What stands in a resource or in a block of it.
struct Node {
    name: String,
    value: Value,
}

/// What an attribute is.
enum Value {
    /// An expression.
    Is(String),
    /// A list of one object; null where `absent` is true.
    Block { absent: Option<String>, members: Vec<Node> },
    /// A list of an object for each of `list`, likewise.
    Each { absent: Option<String>, each: &'static str, list: String, members: Vec<Node> },
}

impl Node {
    fn is(name: &str, expression: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value: Value::Is(expression.into()) }
    }

    fn is_block(&self) -> bool {
        !matches!(self.value, Value::Is(_))
    }

    /// The expression, where it takes one line.
    fn line(&self) -> Option<String> {
        match &self.value {
            Value::Is(expression) => Some(expression.clone()),
            Value::Block { absent, members } => {
                let [Node { name, value: Value::Is(expression) }] = members.as_slice() else { return None };
                let line = format!("{}[{{ {name} = {expression} }}]", unless(absent));
                (line.len() < LINE).then_some(line)
            }
            Value::Each { .. } => None,
        }
    }

    /// The expression over several lines.
    fn lines(&self, depth: usize) -> String {
        let indent = "  ".repeat(depth);
        match &self.value {
            Value::Is(expression) => expression.clone(),
            Value::Block { absent, members } => {
                format!("{}[{{\n{}{indent}}}]", unless(absent), written(members, depth + 1))
            }
            Value::Each { absent, each, list, members } => format!(
                "{}[\n{indent}  for {each} in {list} : {{\n{}{indent}  }}\n{indent}]",
                unless(absent),
                written(members, depth + 2)
            ),
        }
    }
}

fn unless(absent: &Option<String>) -> String {
    absent.as_ref().map_or_else(String::new, |absent| format!("{absent} ? null : "))
}

/// Attributes as the formatter of Terraform has them: those of one line in alignment. Blocks of a resource stand alone.
fn written(nodes: &[Node], depth: usize) -> String {
    let indent = "  ".repeat(depth);
    let alone = |node: &Node| depth == 1 && node.is_block();
    let together =
        |one: &Node, other: &Node| !alone(one) && !alone(other) && one.line().is_some() && other.line().is_some();
    let mut text = String::new();
    for (at, run) in nodes.chunk_by(together).enumerate() {
        if at > 0 && depth == 1 {
            text.push('\n');
        }
        let width = run.iter().map(|node| node.name.len()).max().unwrap_or(0);
        for node in run {
            let value = node.line().unwrap_or_else(|| node.lines(depth));
            let _ = writeln!(text, "{indent}{:width$} = {value}", node.name);
        }
    }
    text
}

/// The places of rows as a tree. `value` says what stands for a row.
fn tree(rows: &[&'static Argument], value: &dyn Fn(&'static Argument) -> Value) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for row in rows {
        place(&mut nodes, row.resource_path(), value(row));
    }
    nodes
}

fn place(nodes: &mut Vec<Node>, path: &str, value: Value) {
    let Some((block, rest)) = path.split_once('.') else {
        nodes.push(Node { name: path.to_owned(), value });
        return;
    };
    for node in nodes.iter_mut().filter(|node| node.name == block) {
        if let Value::Block { members, .. } = &mut node.value {
            return place(members, rest, value);
        }
    }
    let absent = found(ABSENT, block).map(str::to_owned);
    let mut members = Vec::new();
    place(&mut members, rest, value);
    nodes.push(Node { name: block.to_owned(), value: Value::Block { absent, members } });
}

/// Blocks of one argument that may be null are there with it alone.
fn with_it_alone(nodes: &mut [Node], kind: &Kind) {
    let may_be_null = |expression: &str| {
        let mut rows = rows(kind.arguments).into_iter().filter(|row| matches!(row.default, Default::Null));
        rows.any(|row| expression.strip_prefix("var.") == Some(row.name))
    };
    for node in nodes {
        let Value::Block { absent, members } = &mut node.value else { continue };
        with_it_alone(members, kind);
        if let ([Node { value: Value::Is(expression), .. }], None) = (members.as_slice(), &absent)
            && may_be_null(expression)
        {
            *absent = Some(format!("{expression} == null"));
        }
    }
}

/// The rows that the module has arguments for, but for what names the pool.
fn rows(rows: &'static [Argument]) -> Vec<&'static Argument> {
    rows.iter().filter(|row| !row.only_in_resource && !names_the_pool(row)).collect()
}

/// The default of a row as an expression.
fn default(row: &Argument) -> String {
    match row.default {
        Default::Required | Default::Null => "null".to_owned(),
        _ => to_json(&row.default_value()).map_or_else(|| "null".to_owned(), |json| expression(&json, 0)),
    }
}

/// The members of an object `of` that may lack any: each by its name, or what stands for it.
fn members(attributes: &'static [Argument], of: &str) -> Vec<Node> {
    tree(&rows(attributes), &|row| {
        let given = || format!("try({of}.{}, {})", row.name, default(row));
        Value::Is(found(SAID_OTHERWISE, row.name).map_or_else(given, str::to_owned))
    })
}

/// What stands for an argument of the module itself.
fn of_variable(row: &'static Argument) -> Value {
    let variable = format!("var.{}", row.name);
    if let Some(otherwise) = found(SAID_OTHERWISE, row.name) {
        return Value::Is(otherwise.to_owned());
    }
    match row.kind {
        Type::Record(_) => Value::Is(format!("{variable} == null ? null : [{variable}]")),
        Type::Records(attributes) => Value::Each {
            absent: None,
            each: "each",
            list: format!("{variable}[*]"),
            members: members(attributes, "each"),
        },
        // A truth for which the resource has two words.
        Type::Bool if !row.words.is_empty() => {
            let word = |truth: &str| row.words.iter().find(|(_, word)| *word == truth).map_or("null", |(api, _)| *api);
            Value::Is(format!("{variable} == null ? null : ({variable} ? {} : {})", word("true"), word("false")))
        }
        _ => Value::Is(variable),
    }
}

/// The blocks of a kind of which every argument may be null: they are there with one that is not. By name.
fn optional_blocks(kind: &Kind) -> Vec<(&'static str, Vec<&'static Argument>)> {
    let mut blocks: Vec<(&'static str, Vec<&'static Argument>)> = Vec::new();
    for row in rows(kind.arguments) {
        let Some((block, _)) = row.resource_path().split_once('.') else { continue };
        match blocks.iter_mut().find(|(name, _)| *name == block) {
            Some((_, rows)) => rows.push(row),
            None => blocks.push((block, vec![row])),
        }
    }
    // A block of one argument says the same by itself.
    blocks.retain(|(_, rows)| rows.len() > 1 && rows.iter().all(|row| matches!(row.default, Default::Null)));
    blocks
}

/// What of each element of a list that is a setting of the pool must be given.
fn missing() -> Vec<String> {
    let lists = SINGLES.iter().flat_map(|kind| rows(kind.arguments)).filter_map(|row| match row.kind {
        Type::Records(attributes) => Some((row.name, attributes)),
        _ => None,
    });
    let of = |(list, attributes): (&str, &'static [Argument])| {
        let needed = attributes.iter().filter(|row| is_required(row)).map(|row| row.name);
        let needed: Vec<String> = needed.map(|name| format!("{name} = try(each.{name}, null)")).collect();
        format!(
            "    flatten([\n      for index, each in var.{list}[*] : [\n        for name, value in {{ {} }} :\n        \
             \"{list}[${{index}}].${{name}}\" if value == null\n      ]\n    ]),\n",
            needed.join(", ")
        )
    };
    lists.map(of).collect()
}

fn locals() -> String {
    let mut text = "locals {\n  # By the names that they are registered under.\n".to_owned();
    let lists = LISTS.iter().map(|(list, kind)| {
        let key = kind.folds_registered().expression(&format!("each.{}", key_row(kind).name));
        Node::is(list.name, format!("{{ for each in var.{}[*] : {key} => each if var.module_enabled }}", list.name))
    });
    text.push_str(&written(&lists.collect::<Vec<_>>(), 1));
    let _ = write!(text, "\n  # What settings of the pool lack.\n  missing = concat(\n{}  )\n\n", missing().concat());
    let conditions = CONDITIONS.iter().map(|(name, condition)| Node::is(name, *condition));
    text.push_str(&written(&conditions.collect::<Vec<_>>(), 1));
    for (block, rows) in SINGLES.iter().flat_map(|kind| optional_blocks(kind)) {
        for node in tree(&rows, &of_variable) {
            let Value::Block { members, .. } = node.value else { continue };
            let _ = write!(text, "\n  {block} = {{\n{}  }}\n", written(&members, 2));
        }
    }
    text + "}\n"
}

/// The row whose value tells one of a list from the others.
fn key_row(kind: &Kind) -> &'static Argument {
    kind.arguments.iter().find(|row| row.api == kind.key).unwrap_or_else(|| kind.name_row())
}

/// A condition that must hold, and what is said otherwise; both are expressions.
type Needed = (String, String);

/// A resource: what is before its attributes, they, what must be true of it, and what must be there first.
fn resource(
    kind: &Kind,
    head: &str,
    mut nodes: Vec<Node>,
    needed: &[Needed],
    first: &[String],
    language: Language,
) -> String {
    let own = OWN.iter().map(|own| own.to).filter(|(segment, ..)| *segment == kind.segment);
    nodes.extend(own.map(|(_, attribute, value)| Node::is(attribute, value)));
    // Attributes stand before blocks.
    nodes.sort_by_key(Node::is_block);
    if !kind.is_pool() {
        nodes.insert(0, Node::is(POOL_ID, format!("{}[0].id", pool())));
    }
    let mut after = String::new();
    for (condition, message) in needed {
        if language == Language::New {
            let _ = write!(
                after,
                "\n  lifecycle {{\n    precondition {{\n      condition     = {condition}\n      error_message = {message}\n    }}\n  }}\n"
            );
            continue;
        }
        // Asked where a replacement is allowed, or else in the last attribute.
        let lines = nodes.iter().filter(|node| !node.is_block()).count();
        let at = nodes.iter().position(|node| node.name == "allow_replace").unwrap_or(lines - 1);
        if let Value::Is(value) = &mut nodes[at].value {
            *value = format!("({condition}) ? {value} : tobool({message})");
        }
    }
    match first {
        [] => {}
        [one] => {
            let _ = write!(after, "\n  depends_on = [{one}]\n");
        }
        all => {
            let all: String = all.iter().map(|each| format!("    {each},\n")).collect();
            let _ =
                write!(after, "\n  # What it names must be there first, and goes last.\n  depends_on = [\n{all}  ]\n");
        }
    }
    format!("\nresource \"{}\" \"{}\" {{\n  {head}\n\n{}{after}}}\n", type_name(kind), label(kind), written(&nodes, 1))
}

/// The name of a kind's resource in the module.
fn label(kind: &Kind) -> &'static str {
    if kind.is_pool() { "user_pool" } else { kind.segment }
}

/// The resource of a kind.
fn address(kind: &Kind) -> String {
    format!("{}.{}", type_name(kind), label(kind))
}

fn pool() -> String {
    address(poolform_core::kinds::pool())
}

/// The pool, and what there is at most one of.
fn single(kind: &'static Kind, language: Language) -> String {
    let optional = optional_blocks(kind);
    let is_optional = |row: &&Argument| optional.iter().flat_map(|(_, rows)| rows).any(|each| each.name == row.name);
    let others: Vec<&'static Argument> = rows(kind.arguments).into_iter().filter(|row| !is_optional(row)).collect();
    let mut nodes = tree(&others, &of_variable);
    with_it_alone(&mut nodes, kind);
    for node in &mut nodes {
        // A list, or a block of nothing but a list, is there with an element.
        let empty = |list: &str| Some(format!("length({list}) == 0"));
        match &mut node.value {
            Value::Each { absent, list, .. } => *absent = empty(list),
            Value::Block { absent, members } => {
                if let [Node { value: Value::Each { list, .. }, .. }] = members.as_slice() {
                    *absent = empty(list);
                }
            }
            Value::Is(_) => {}
        }
    }
    nodes.extend(optional.iter().map(|(block, _)| {
        let none = format!("alltrue([for given in local.{block} : given == null])");
        Node::is(block, format!("{none} ? null : [local.{block}]"))
    }));
    let count = found(COUNT, kind.segment).unwrap_or("var.module_enabled");
    let is_pool = kind.is_pool();
    let needed = is_pool.then(|| {
        (
            "length(local.missing) == 0".to_owned(),
            "\"Not given, and needed: ${join(\", \", local.missing)}.\"".to_owned(),
        )
    });
    let first = if is_pool { vec!["var.module_depends_on".to_owned()] } else { Vec::new() };
    resource(kind, &format!("count = {count} ? 1 : 0"), nodes, needed.as_slice(), &first, language)
}

/// The elements of a list, each a resource.
fn listed(list: &Argument, kind: &'static Kind, language: Language) -> String {
    let key = key_row(kind);
    let nodes = tree(&rows(kind.arguments), &|row| of_element(row, key));
    let mut needed: Vec<Needed> = Vec::new();
    for row in kind.arguments.iter().filter(|row| !row.only_in_resource) {
        let given = format!("try(each.value.{}, null)", row.name);
        if names_the_pool(row) {
            needed.push((
                format!("{given} == null || {given} == {}[0].id", pool()),
                format!(
                    "\"{} of the {} \\\"${{each.key}}\\\" names another pool. Leave it out, or declare the {1} in that pool's own module call.\"",
                    row.name, kind.segment
                ),
            ));
        // What is secret is left to the provider: a condition of it would be a secret too.
        } else if is_required(row) && row.name != key.name && !row.secret {
            needed.push((
                format!("{given} != null"),
                format!("\"Not given, and needed: {}[\\\"${{each.key}}\\\"].{}.\"", list.name, row.name),
            ));
        }
    }
    let first: Vec<String> = kind.names.iter().map(|names| address(names.kind)).collect();
    resource(kind, &format!("for_each = local.{}", list.name), nodes, &needed, &first, language)
}

/// What stands for an attribute of an element of a list.
fn of_element(row: &'static Argument, key: &Argument) -> Value {
    if row.name == key.name {
        return Value::Is("each.key".to_owned());
    }
    let alias = if row.alias.is_empty() { String::new() } else { format!("each.value.{}, ", row.alias) };
    let otherwise = match row.kind {
        _ if !row.shared.is_empty() => format!("var.{}", row.shared),
        Type::Records(_) => "[]".to_owned(),
        _ => "null".to_owned(),
    };
    let given = format!("try(each.value.{}, {alias}{otherwise})", row.name);
    match row.kind {
        Type::Record(attributes) => Value::Each {
            absent: Some(format!("{given} == null")),
            each: "given",
            list: format!("[{given}]"),
            members: members(attributes, "given"),
        },
        _ => Value::Is(given),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_between_user_and_provider_is_handed_on() {
        let kinds = SINGLES.iter().copied().chain(LISTS.iter().map(|(_, kind)| *kind));
        for kind in kinds {
            for (name, ..) in kind.terraform.own {
                let handed = OWN.iter().any(|own| own.to.0 == kind.segment && own.to.1 == *name);
                assert!(handed, "{name} of {kind:?} has no argument in the module's OWN");
            }
        }
    }

    #[test]
    fn an_old_terraform_is_asked_in_an_attribute() {
        let old = file(Language::Old);
        assert!(!old.contains("lifecycle"));
        assert!(old.contains(
            "allow_replace              = (length(local.missing) == 0) ? var.allow_replace : tobool(\"Not given"
        ));
    }
}
