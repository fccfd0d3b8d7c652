//! The arguments against the original's interface, and what each kind must have.

use std::collections::BTreeSet;

use poolform_core::argument::{Argument, Kind as Type, Reset};
use poolform_core::kinds::{KINDS, client, resource_server};
use poolform_core::{MODULE_ARGUMENTS, arguments};
use poolform_model::{operation, resolve, shape};
use poolform_value::{from_json, to_json};

/// Rows of the original's table: name, type, default.
fn originals() -> Vec<(String, String, String)> {
    include_str!("../../../fixtures/variables.md")
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            let cells: Vec<String> = line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect();
            (cells[1].clone(), cells[2].clone(), cells[3].clone())
        })
        .collect()
}

/// Names that poolform adds to the original's.
const OWN: &[&str] = &[
    "user_groups",
    "identity_providers",
    "user_pool_tier",
    "deletion_protection",
    "acr_configuration",
    "advanced_security_custom_auth_mode",
    "allowed_first_auth_factors",
    "attributes_require_verification_before_update",
    "default_client_auth_session_validity",
    "default_client_enable_propagate_additional_user_context_data",
    "default_client_refresh_token_rotation",
    "dcr_configuration",
    "domain_routing",
    "domain_security_policy",
    "email_configuration_set",
    "email_mfa_configuration",
    "issuer_configuration",
    "key_configuration",
    "lambda_custom_email_sender",
    "lambda_custom_sms_sender",
    "lambda_inbound_federation",
    "lambda_kms_key_id",
    "lambda_pre_token_generation_config",
    "managed_login_version",
    "password_history_size",
    "web_authn_configuration",
];

#[test]
fn has_every_variable_of_the_original_with_its_type_and_default() {
    let rows = arguments();
    let originals = originals();
    assert_eq!(originals.len(), 69);
    for (name, ty, default) in &originals {
        let row = rows.iter().find(|row| row.name == name).unwrap_or_else(|| panic!("{name} is missing"));
        let kind_fits = match ty.as_str() {
            "string" => matches!(row.kind, Type::String),
            "bool" => matches!(row.kind, Type::Bool),
            "number" => matches!(row.kind, Type::Number),
            "set(string)" | "list(string)" => matches!(row.kind, Type::Set),
            "map(string)" => matches!(row.kind, Type::Map),
            "any" => matches!(row.kind, Type::Records(_) | Type::Record(_) | Type::Any),
            _ => matches!(row.kind, Type::Record(_)),
        };
        assert!(kind_fits, "{name} is {:?}, the original's is {ty}", row.kind);
        if default != "(required)" {
            let expected = from_json(&serde_json::from_str(default).unwrap());
            assert_eq!(to_json(&row.default_value()), to_json(&expected), "default of {name}");
        }
    }
    let known: BTreeSet<&str> = originals.iter().map(|(name, ..)| name.as_str()).chain(OWN.iter().copied()).collect();
    let ours: BTreeSet<&str> = rows.iter().map(|row| row.name).collect();
    assert_eq!(ours, known);
}

#[test]
fn every_client_attribute_with_a_module_wide_default_is_the_same_argument_twice() {
    for row in client::ARGUMENTS.iter().filter(|row| !row.shared.is_empty()) {
        assert_eq!(row.shared, format!("default_client_{}", row.name));
    }
    // The ones without: name, the pool's id, and analytics.
    assert_eq!(client::KIND.module_arguments().iter().filter(|row| row.shared.is_empty()).count(), 3);
}

fn each(rows: &'static [Argument], visit: &mut dyn FnMut(&'static Argument)) {
    for row in rows {
        visit(row);
        if let Type::Record(inner) | Type::Records(inner) = row.kind {
            each(inner, visit);
        }
    }
}

#[test]
fn every_row_is_documented_and_has_a_place() {
    for kind in KINDS {
        each(kind.arguments, &mut |row| {
            assert!(row.doc.ends_with('.'), "{}: {} has no sentence", kind.name, row.name);
            assert!(row.doc.len() <= 140, "{}: {}: one line is enough", kind.name, row.name);
        });
    }
    each(MODULE_ARGUMENTS, &mut |row| assert!(row.doc.ends_with('.'), "{} has no sentence", row.name));
}

/// What a kind lacks, in words: this is what a new kind is told.
#[test]
fn every_kind_is_complete() {
    let mut missing = Vec::new();
    for kind in KINDS {
        let mut lacks = |what: String| missing.push(format!("{}: {what}", kind.name));
        for name in [kind.create, kind.update, kind.delete].into_iter().chain(kind.look.iter().map(|(name, ..)| *name))
        {
            if operation(name).is_none() {
                lacks(format!("{name} is no operation"));
            }
        }
        let said = [kind.name, kind.noun, kind.create, kind.update, kind.delete, kind.terraform.aws_type];
        if said.contains(&"") || kind.segment.is_empty() && !kind.is_pool() || kind.arguments.is_empty() {
            lacks("a name, an operation or a row".to_owned());
        }
        if kind.look.is_empty() || kind.identity.is_empty() {
            lacks("a way to look".to_owned());
        }
        for row in kind.settings() {
            // What is kept under a member of its own belongs to the request that sets it.
            let other = row.api.split_once('.').filter(|(first, _)| kind.look.iter().any(|(.., under)| under == first));
            let known = match other {
                Some((_, path)) => {
                    path == "SmsMfaConfiguration.Enabled" || resolve("SetUserPoolMfaConfigRequest", path).is_some()
                }
                // Or to a request of its own, where the model says nothing of it.
                None => resolve(kind.shape(), row.api).is_some() || kind.beyond_model.contains(&row.api),
            };
            if !known {
                lacks(format!("the API has no {} for {}", row.api, row.name));
            }
            if let Reset::Json(text) = row.reset
                && serde_json::from_str::<serde_json::Value>(text).is_err()
            {
                lacks(format!("the default of {} is no JSON", row.name));
            }
        }
        for (member, reason) in kind.never_echoed {
            if reason.is_empty() || kind.update.is_empty() {
                lacks(format!("a reason for not echoing {member}"));
            }
        }
        for (member, _) in kind.identity {
            let takes = |name: &str| {
                operation(name).and_then(|each| shape(each.input)).is_some_and(|input| input.member(member).is_some())
            };
            // Or it leads there: what a look answers has the id that the deletion takes.
            if !takes(kind.delete) && !kind.look.iter().any(|(name, ..)| takes(name)) {
                lacks(format!("{} takes no {member}", kind.delete));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn the_readme_spelling_of_scopes_is_understood() {
    assert!(resource_server::ARGUMENTS.iter().any(|row| row.name == "scopes" && row.alias == "scope"));
}
