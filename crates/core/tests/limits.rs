//! What is not refused with its place is within the limits of the API model: no row is left out, however it is placed.

use std::collections::BTreeMap;

use poolform_core::argument::{Argument, Kind as Type};
use poolform_core::kinds::{client, domain, group, identity_provider, resource_server, user_pool};
use poolform_core::{Call, Context, Permissions, Request, check, declare, plan};
use poolform_value::{Severity, Value};

type Arguments = BTreeMap<String, Value>;

/// Values at and beyond the edges.
fn values(row: &Argument) -> Vec<Value> {
    let long = "x".repeat(140_000);
    match row.kind {
        Type::String => {
            vec!["".into(), "x".into(), long.as_str().into(), "arn:aws:x::1:y".into(), "arn:a:b::1:c d".into()]
        }
        Type::Bool => vec![true.into()],
        Type::Number => vec![(-1).into(), 0.into(), 2_000_000_000_i64.into()],
        Type::Set => {
            let many = (0..120).map(|each| Value::from(format!("https://a.example/{each}"))).collect();
            vec![Value::tuple(vec![long.as_str().into()]), Value::tuple(vec!["".into()]), Value::tuple(many)]
        }
        Type::Map => vec![Value::object([("k".repeat(300), Value::from("v".repeat(3_000)))])],
        Type::Record(rows) | Type::Records(rows) => {
            let one = |choice: usize| {
                Value::object(rows.iter().filter_map(|row| {
                    let values = values(row);
                    Some((row.name, values.get(choice % values.len().max(1))?.clone()))
                }))
            };
            let all = (0..5).map(one);
            match row.kind {
                Type::Records(_) => all.map(|item| Value::tuple(vec![item])).collect(),
                _ => all.collect(),
            }
        }
        Type::Any => Vec::new(),
    }
}

/// A call with everything that others need, so that one value alone is in question.
fn usual() -> Arguments {
    BTreeMap::from([
        ("name".to_owned(), Value::from("orders")),
        ("domain".to_owned(), Value::from("auth.orders.example")),
        ("certificate_arn".to_owned(), Value::from("arn:aws:acm:us-east-1:123456789012:certificate/0-0")),
    ])
}

fn expect_refusal_or_limits(arguments: &Arguments) {
    let call = Call { address: "module.pool".to_owned(), arguments: arguments.clone() };
    let (declaration, mut said) = declare(&call, &Context::default());
    let recorded = BTreeMap::new();
    let permissions = Permissions::default();
    let (plan, more) = plan(&Request {
        declarations: &[declaration],
        recorded: &recorded,
        observed: &BTreeMap::new(),
        permissions: &permissions,
        targets: &[],
        triggered: &BTreeMap::new(),
    });
    said.extend(more);
    if !said.0.iter().any(|each| each.severity == Severity::Error) {
        assert_eq!(check::defects(&plan, &permissions, &recorded), [], "{:?}", arguments.keys());
    }
}

#[test]
fn what_is_declared_is_within_the_limits_or_refused() {
    let mut tried = 0;
    for row in user_pool::ARGUMENTS.iter().chain(domain::ARGUMENTS) {
        for value in values(row) {
            let mut arguments = usual();
            arguments.insert(row.name.to_owned(), value);
            expect_refusal_or_limits(&arguments);
            tried += 1;
        }
    }
    for (list, rows, required) in [
        ("clients", client::ARGUMENTS, vec![("name", "web")]),
        ("user_groups", group::ARGUMENTS, vec![("name", "staff")]),
        ("resource_servers", resource_server::ARGUMENTS, vec![("identifier", "https://x"), ("name", "X")]),
        ("identity_providers", identity_provider::ARGUMENTS, vec![("provider_name", "P"), ("provider_type", "SAML")]),
    ] {
        for row in rows {
            for value in values(row) {
                let mut item: Arguments =
                    required.iter().map(|(name, text)| ((*name).to_owned(), Value::from(*text))).collect();
                if list == "identity_providers" {
                    let metadata = Value::object([("MetadataURL", Value::from("https://a.example/metadata"))]);
                    item.insert("provider_details".to_owned(), metadata);
                }
                item.insert(row.name.to_owned(), value);
                let mut arguments = usual();
                arguments.insert(list.to_owned(), Value::tuple(vec![Value::object(item)]));
                expect_refusal_or_limits(&arguments);
                tried += 1;
            }
        }
    }
    assert!(tried > 250, "{tried}");
}

#[test]
fn what_code_places_is_refused_at_its_argument() {
    // ARNs have 20 to 2048 characters (API model: ArnType).
    let mut arguments = usual();
    arguments.insert("certificate_arn".to_owned(), "arn:p:acm:r:1:x".into());
    let call = Call { address: "module.pool".to_owned(), arguments };
    let (_, said) = declare(&call, &Context::default());
    let told: Vec<String> = said.0.iter().map(|each| format!("{:?} {}", each.subject, each.detail)).collect();
    assert!(told.iter().any(|each| each.contains("certificate_arn") && each.contains("at least 20")), "{told:?}");
}
