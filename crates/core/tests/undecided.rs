//! What is not known is neither absent nor wrong, and what is wrong is not absent: one cause, one error, in every rule.

#![recursion_limit = "256"]

use std::collections::BTreeMap;

use poolform_core::{Call, Context, LISTS, declare};
use poolform_value::{Diagnostic, Severity, Value, from_json};
use serde_json::{Value as Json, json};

type Arguments = BTreeMap<String, Value>;

/// A call that touches every rule between arguments and breaks none.
fn whole() -> Json {
    let role = "arn:aws:iam::123456789012:role/sms";
    json!({
        "name": "orders", "module_enabled": true, "module_tags": {"a": "1"}, "tags": {"b": "2"},
        "username_attributes": ["email"], "mfa_configuration": "ON", "allow_software_mfa_token": false,
        "sms_configuration": {"external_id": "orders", "sns_caller_arn": role},
        "auto_verified_attributes": ["email", "phone_number"],
        "email_sending_account": "DEVELOPER", "email_from_address": "Orders <a@orders.example>",
        "email_source_arn": "arn:aws:ses:us-east-1:123456789012:identity/orders.example",
        "account_recovery_mechanisms": [
            {"name": "verified_email", "priority": 1}, {"name": "verified_phone_number", "priority": 2}],
        "advanced_security_mode": "AUDIT", "user_pool_tier": "PLUS",
        "user_device_tracking": "ALWAYS", "challenge_required_on_new_device": true,
        "domain": "auth.orders.example",
        "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/0-0",
        "schema_attributes": [
            {"name": "tenant", "type": "String", "min_length": 1, "max_length": 9},
            {"name": "preferred_username", "type": "String", "required": true}],
        "default_client_callback_urls": ["https://a.example/cb"], "default_client_generate_secret": true,
        "default_client_access_token_validity": 1,
        "clients": [
            {
                "name": "web", "allowed_oauth_flows_user_pool_client": true, "allowed_oauth_flows": ["code"],
                "allowed_oauth_scopes": ["openid", "https://api.example/read"], "callback_urls": ["https://b.example/cb"],
                "default_redirect_uri": "https://b.example/cb", "logout_urls": ["https://b.example/"],
                "access_token_validity": 30, "id_token_validity": 30, "refresh_token_validity": 120,
                "token_validity_units": {"access_token": "minutes", "id_token": "minutes", "refresh_token": "minutes"},
                "generate_secret": true, "explicit_auth_flows": ["ALLOW_USER_SRP_AUTH"],
                "supported_identity_providers": ["COGNITO", "Google"], "write_attributes": ["preferred_username"],
                "read_attributes": ["custom:tenant"], "prevent_user_existence_errors": "ENABLED"
            },
            {"name": "default", "allowed_oauth_flows_user_pool_client": true, "allowed_oauth_flows": ["code"],
                "allowed_oauth_scopes": ["openid"]},
            {"name": "job", "allowed_oauth_flows_user_pool_client": true, "allowed_oauth_flows": ["client_credentials"],
                "allowed_oauth_scopes": ["https://api.example/read"]}
        ],
        "resource_servers": [{"identifier": "https://api.example", "name": "API",
            "scopes": [{"scope_name": "read", "scope_description": "Reads"}]}],
        "user_groups": [{"name": "staff", "description": "All", "precedence": 1, "role_arn": role}],
        "identity_providers": [{"provider_name": "Google", "provider_type": "Google",
            "provider_details": {"client_id": "id", "client_secret": "hush", "authorize_scopes": "openid"},
            "attribute_mapping": {"email": "email"}, "idp_identifiers": ["google.example"]}]
    })
}

fn arguments() -> Arguments {
    let mut all = from_json(&whole()).members().unwrap().clone();
    // Details of providers are secrets.
    let provider = all["identity_providers"].items().unwrap()[0].members().unwrap().clone();
    let hidden = provider.into_iter().map(|(name, value)| {
        let hide = name == "provider_details";
        (name, value.marked(hide))
    });
    all.insert("identity_providers".to_owned(), Value::tuple(vec![Value::object(hidden)]));
    all
}

fn errors(arguments: &Arguments) -> Vec<Diagnostic> {
    let call = Call { address: "module.pool".to_owned(), arguments: arguments.clone() };
    let said = declare(&call, &Context::default()).1;
    said.0.into_iter().filter(|each| each.severity == Severity::Error).collect()
}

/// The arguments with one value of one after the other put in place of another: of the call, and of each item of its lists.
fn with_one(put: &Value) -> Vec<(String, Arguments)> {
    let whole = arguments();
    let mut all = Vec::new();
    for name in whole.keys() {
        let mut changed = whole.clone();
        changed.insert(name.clone(), put.clone());
        all.push((name.clone(), changed));
        if !LISTS.iter().any(|(list, _)| list.name == name) {
            continue;
        }
        let items = whole[name].items().unwrap();
        for (index, item) in items.iter().enumerate() {
            for attribute in item.members().unwrap().keys() {
                let mut item = item.members().unwrap().clone();
                item.insert(attribute.clone(), put.clone());
                let mut items = items.to_vec();
                items[index] = Value::object(item);
                let mut changed = whole.clone();
                changed.insert(name.clone(), Value::tuple(items));
                all.push((format!("{name}[{index}].{attribute}"), changed));
            }
        }
    }
    all
}

#[test]
fn an_unresolved_reference_is_the_only_error() {
    assert_eq!(errors(&arguments()), []);
    let unknown = Value::unknown("module.other.value", None);
    let tried = with_one(&unknown);
    assert!(tried.len() > 60, "{}", tried.len());
    for (place, arguments) in tried {
        let found = errors(&arguments);
        let said: Vec<&str> = found.iter().map(|each| each.summary.as_str()).collect();
        assert_eq!(said, ["Unresolved reference"], "{place}: {found:?}");
    }
}

#[test]
fn a_value_of_another_type_is_the_only_error() {
    // No argument takes a list of lists.
    let wrong = from_json(&json!([[["wrong"]]]));
    for (place, arguments) in with_one(&wrong) {
        if place.ends_with("module_enabled") {
            continue;
        }
        let found = errors(&arguments);
        assert_eq!(found.len(), 1, "{place}: {found:?}");
        assert_eq!(found[0].summary, "Invalid value for an argument", "{place}");
    }
}

#[test]
fn a_misspelt_argument_is_the_only_error() {
    let mut changed = arguments();
    let source = changed.remove("email_source_arn").unwrap();
    changed.insert("email_source_arm".to_owned(), source);
    let found = errors(&changed);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].detail.contains("Did you mean \"email_source_arn\"?"), "{found:?}");
}
