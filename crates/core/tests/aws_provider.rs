//! The arguments of the AWS provider's Cognito resources, from `fixtures/aws-provider.json`, against what is read. The
//! file's rows are of the provider's source at v6.58.0: name, type, and use: R required, O optional, C computed, "new"
//! where a change replaces.

use std::collections::{BTreeMap, BTreeSet};

use poolform_core::kinds::Kind;
use poolform_core::terraform::resources::{is_read, not_applied};
use poolform_core::terraform::schema::{Attribute, Shape, attributes};
use poolform_core::terraform::{aws_type, kind_of_type};
use serde_json::Value as Json;

/// Arguments that no kind reads, and why: type, name (of a block: all in it), reason. A type that is empty is any.
const NOT_READ: &[(&str, &str, &str)] = &[];

fn file() -> BTreeMap<String, Vec<Json>> {
    serde_json::from_str(include_str!("../../../fixtures/aws-provider.json")).unwrap()
}

fn text<'r>(row: &'r Json, member: &str) -> &'r str {
    row[member].as_str().unwrap_or_default()
}

/// Whether somebody writes it, and not the service alone.
fn is_written(row: &Json) -> bool {
    let usage = text(row, "use").split(' ').next().unwrap_or_default();
    usage.contains('R') || usage.contains('O')
}

/// Every attribute that can be written, by its path.
fn read(all: &[Attribute], around: &str, found: &mut BTreeSet<String>) {
    for attribute in all {
        let path = if around.is_empty() { attribute.name.to_owned() } else { format!("{around}.{}", attribute.name) };
        match &attribute.shape {
            Shape::Computed(_) => continue,
            Shape::Row(..) | Shape::Own(_) => {}
            Shape::Records(_, inner) | Shape::Group(inner) => read(inner, &path, found),
        }
        found.insert(path);
    }
}

fn read_of(kind: &Kind) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    read(&attributes(kind), "", &mut found);
    found.extend(kind.arguments.iter().map(|row| row.resource_alias.to_owned()).filter(|alias| !alias.is_empty()));
    found
}

/// The arguments of a type that are neither read nor left out for a reason.
fn unread(ty: &str, kind: &Kind, rows: &[Json]) -> Vec<String> {
    let read = read_of(kind);
    let excused = |name: &str| {
        let within = |whole: &str| name == whole || name.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'));
        NOT_READ.iter().any(|(of, whole, _)| (of.is_empty() || *of == ty) && within(whole))
    };
    rows.iter()
        .filter(|row| is_written(row))
        .map(|row| text(row, "name"))
        .filter(|name| !read.contains(*name) && !excused(name))
        .map(|name| format!("{ty}.{name}"))
        .collect()
}

#[test]
fn every_argument_is_read_or_left_out_for_a_reason() {
    let mut found = Vec::new();
    let mut kinds = 0;
    for (ty, rows) in &file() {
        if let Some(kind) = kind_of_type(ty) {
            assert_eq!(aws_type(kind), ty);
            assert!(rows.iter().any(is_written), "{ty} has no arguments in the file");
            kinds += 1;
            found.extend(unread(ty, kind, rows));
        }
    }
    assert!(kinds >= 8, "only {kinds} types have a kind");
    assert!(found.is_empty(), "neither read nor in NOT_READ: {found:#?}");
}

#[test]
fn an_argument_that_is_new_is_found() {
    let kind = kind_of_type("aws_cognito_user_pool").unwrap();
    let row = |name: &str, usage: &str| serde_json::json!({"name": name, "type": "string", "use": usage});
    let rows =
        [row("name", "R"), row("replica_configuration.region_name", "O new"), row("arn", "C"), row("status", "OC")];
    let found = unread("aws_cognito_user_pool", kind, &rows);
    assert_eq!(found, ["aws_cognito_user_pool.replica_configuration.region_name", "aws_cognito_user_pool.status"]);
}

#[test]
fn every_type_has_a_kind_or_a_reason() {
    for ty in file().keys() {
        assert!(is_read(ty), "{ty} is passed over in silence");
        if kind_of_type(ty).is_none() {
            let (summary, detail) = not_applied(ty).unwrap_or_else(|| panic!("{ty} is not refused"));
            assert_ne!(summary, "Resource that is not known", "{ty}");
            assert!(!detail.is_empty(), "{ty}");
        }
    }
}

#[test]
fn every_reason_is_of_an_argument_that_is_there_and_not_read() {
    let file = file();
    for (of, name, reason) in NOT_READ {
        assert!(!reason.is_empty(), "{of}.{name}");
        let types: Vec<&String> = file.keys().filter(|ty| of.is_empty() || ty == of).collect();
        let kinds = types.iter().filter_map(|ty| kind_of_type(ty));
        assert!(kinds.clone().count() > 0, "{of} has no kind");
        assert!(kinds.clone().all(|kind| !read_of(kind).contains(*name)), "{of}.{name} is read");
        let is_there = |ty: &String| file[ty].iter().any(|row| text(row, "name") == *name);
        assert!(types.iter().any(|ty| is_there(ty)), "{of}.{name} is not in the file");
    }
}
