//! The data source `aws_iam_policy_document`: JSON out of blocks, letter for letter as the AWS provider 5.100 makes it.

use std::collections::BTreeMap;

use poolform_value::{Diagnostics, Type, Value};
use serde_json::{Map, Value as Json, json};

use crate::decode::{Written, decode};
use crate::schema::{AttributeSchema, BlockSchema, NestedBlock, Nesting};
use crate::scope::Scope;
use crate::syntax::Block;
use crate::view::Source;

/// The version of a policy that names none: the default of the provider.
const VERSION: &str = "2012-10-17";

/// The attribute `json` or `minified_json` of the document that `block` declares. None where it hangs on something unknown, or
/// is put together of other documents.
pub(crate) fn policy_document(block: &Block, attribute: &str, scope: Scope<'_, '_>) -> Option<Value> {
    let mut found = Diagnostics::new();
    let written = decode(Source::Body(&block.body), &block.header, &schema(), scope, true, &mut found);
    let whole = Value::object(written.clone());
    if found.has_errors() || whole.first_unknown().is_some() {
        return None;
    }
    if written.keys().any(|name| name.starts_with("source_") || name.starts_with("override_")) {
        return None;
    }
    let mut document = vec![("Version", text(&written, "version").unwrap_or_else(|| VERSION.to_owned()).into())];
    document.extend(text(&written, "policy_id").map(|id| ("Id", id.into())));
    let statements: Vec<Json> = blocks(&written, "statement").map(statement).collect();
    if !statements.is_empty() {
        document.push(("Statement", statements.into()));
    }
    let document = Json::Object(document.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    let text = match attribute {
        "json" => serde_json::to_string_pretty(&document).ok()?,
        "minified_json" => document.to_string(),
        _ => return None,
    };
    Some(Value::from(escaped(&text)).marked(whole.contains_sensitive()))
}

fn statement(written: &Written) -> Json {
    let mut statement = Map::new();
    let mut set = |name: &str, value: Option<Json>| {
        if let Some(value) = value {
            statement.insert(name.to_owned(), value);
        }
    };
    set("Sid", text(written, "sid").filter(|sid| !sid.is_empty()).map(Json::from));
    set("Effect", Some(text(written, "effect").unwrap_or_else(|| "Allow".to_owned()).into()));
    for (name, argument) in [
        ("Action", "actions"),
        ("NotAction", "not_actions"),
        ("Resource", "resources"),
        ("NotResource", "not_resources"),
    ] {
        set(name, one_or_many(sorted(written, argument)));
    }
    set("Principal", principals(blocks(written, "principals").collect()));
    set("NotPrincipal", principals(blocks(written, "not_principals").collect()));
    let mut conditions: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for condition in blocks(written, "condition") {
        let name = |argument: &str| text(condition, argument).unwrap_or_default();
        let values = conditions.entry(name("test")).or_default().entry(name("variable")).or_default();
        values.extend(texts(condition, "values"));
    }
    let of_test = |(test, variables): (String, BTreeMap<String, Vec<String>>)| {
        let variables = variables.into_iter().map(|(name, values)| (name, one_or_many(values).unwrap_or(json!([]))));
        (test, Json::Object(variables.collect()))
    };
    let conditions: Map<String, Json> = conditions.into_iter().map(of_test).collect();
    set("Condition", (!conditions.is_empty()).then(|| conditions.into()));
    statement.into()
}

fn principals(blocks: Vec<&Written>) -> Option<Json> {
    if let [only] = blocks.as_slice()
        && text(only, "type").as_deref() == Some("*")
        && texts(only, "identifiers") == ["*"]
    {
        return Some("*".into());
    }
    let mut by_type: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for block in &blocks {
        by_type.entry(text(block, "type").unwrap_or_default()).or_default().extend(sorted(block, "identifiers"));
    }
    let by_type = by_type.into_iter().filter_map(|(ty, all)| Some((ty, one_or_many(all)?)));
    let by_type: Map<String, Json> = by_type.collect();
    (!by_type.is_empty()).then(|| by_type.into())
}

fn blocks<'w>(written: &'w Written, kind: &str) -> impl Iterator<Item = &'w Written> + use<'w> {
    written.get(kind).and_then(Value::items).unwrap_or_default().iter().filter_map(Value::members)
}

/// Variables of policies are written `&{…}`, as `${…}` is Terraform's.
fn text(written: &Written, name: &str) -> Option<String> {
    Some(written.get(name)?.as_str()?.replace("&{", "${"))
}

fn texts(written: &Written, name: &str) -> Vec<String> {
    let items = written.get(name).and_then(Value::items).unwrap_or_default();
    items.iter().filter_map(|item| Some(item.as_str()?.replace("&{", "${"))).collect()
}

/// The elements of a set, the last first.
fn sorted(written: &Written, name: &str) -> Vec<String> {
    let mut texts = texts(written, name);
    texts.sort_by(|a, b| b.cmp(a));
    texts
}

fn one_or_many(mut texts: Vec<String>) -> Option<Json> {
    match texts.len() {
        0 => None,
        1 => texts.pop().map(Json::from),
        _ => Some(texts.into()),
    }
}

/// As Go's encoder writes what could end a script.
fn escaped(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn schema() -> BlockSchema {
    let attribute = |ty: &Type, required: bool| AttributeSchema {
        ty: ty.clone(),
        required,
        optional: !required,
        computed: false,
        sensitive: false,
    };
    let set = Type::Set(Box::new(Type::String));
    let list = Type::List(Box::new(Type::String));
    let body = |attributes: &[(&str, &Type, bool)], blocks: Vec<(&str, Nesting, BlockSchema)>| BlockSchema {
        attributes: attributes
            .iter()
            .map(|(name, ty, required)| ((*name).to_owned(), attribute(ty, *required)))
            .collect(),
        blocks: blocks
            .into_iter()
            .map(|(name, nesting, block)| (name.to_owned(), NestedBlock { nesting, min: 0, max: None, block }))
            .collect(),
    };
    let principals = || body(&[("type", &Type::String, true), ("identifiers", &set, true)], Vec::new());
    let condition =
        body(&[("test", &Type::String, true), ("variable", &Type::String, true), ("values", &list, true)], Vec::new());
    let statement = body(
        &[
            ("sid", &Type::String, false),
            ("effect", &Type::String, false),
            ("actions", &set, false),
            ("not_actions", &set, false),
            ("resources", &set, false),
            ("not_resources", &set, false),
        ],
        vec![
            ("principals", Nesting::Set, principals()),
            ("not_principals", Nesting::Set, principals()),
            ("condition", Nesting::Set, condition),
        ],
    );
    body(
        &[
            ("version", &Type::String, false),
            ("policy_id", &Type::String, false),
            ("source_json", &Type::String, false),
            ("override_json", &Type::String, false),
            ("source_policy_documents", &list, false),
            ("override_policy_documents", &list, false),
        ],
        vec![("statement", Nesting::List, statement)],
    )
}
