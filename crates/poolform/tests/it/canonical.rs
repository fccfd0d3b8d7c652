//! What an embedded Cognito holds, in the canonical form of the recordings.

use std::path::Path;

use poolform_emulator::{Emulator, Options};
use poolform_model::{Cognito, Request};
use serde_json::{Map, Value, json};

/// Volatile members, and two whose defaults differ on purpose.
const VOLATILE: &[&str] = &[
    "Id",
    "Arn",
    "ClientId",
    "UserPoolId",
    "CreationDate",
    "LastModifiedDate",
    "CloudFrontDistribution",
    "S3Bucket",
    "Version",
    "AWSAccountId",
    "Status",
    "DeletionProtection",
    "UserPoolTier",
];

const SETS: &[&str] = &[
    "AliasAttributes",
    "UsernameAttributes",
    "AutoVerifiedAttributes",
    "ReadAttributes",
    "WriteAttributes",
    "ExplicitAuthFlows",
    "AllowedOAuthFlows",
    "AllowedOAuthScopes",
    "CallbackURLs",
    "LogoutURLs",
    "SupportedIdentityProviders",
    "Scopes",
    "SchemaAttributes",
    "RecoveryMechanisms",
];

fn call(cognito: &dyn Cognito, operation: &str, body: Value) -> Value {
    let body = body.as_object().cloned().unwrap_or_default();
    Value::Object(
        cognito.call(&Request::new(operation, body)).unwrap_or_else(|failure| panic!("{operation}: {failure}")),
    )
}

/// Everything in the embedded Cognito's store at `path`, of both regions that most of these tests use.
pub fn holds_at(path: &Path) -> Value {
    holds_in(path, &["us-east-1", "eu-west-1"])
}

/// Everything in the embedded Cognito's store at `path`, of these regions.
pub fn holds_in(path: &Path, regions: &[&str]) -> Value {
    let emulator = Emulator::open(path, Options::default()).unwrap();
    let of = |region: &&str| holds(&emulator.in_region(region)).as_array().cloned().unwrap();
    Value::Array(regions.iter().flat_map(of).collect())
}

/// Everything that a Cognito holds.
pub fn holds(cognito: &dyn Cognito) -> Value {
    let mut all = Vec::new();
    for pool in call(cognito, "ListUserPools", json!({"MaxResults": 60}))["UserPools"].as_array().unwrap() {
        let id = &pool["Id"];
        let described = call(cognito, "DescribeUserPool", json!({"UserPoolId": id}))["UserPool"].clone();
        let list = |operation: &str, member: &str, most: u32| {
            let mut all = Vec::new();
            let mut body = json!({"UserPoolId": id, "MaxResults": most});
            loop {
                let page = call(cognito, operation, body.clone());
                all.extend(page[member].as_array().cloned().unwrap_or_default());
                if page["NextToken"].is_null() {
                    return all;
                }
                body["NextToken"] = page["NextToken"].clone();
            }
        };
        let mut clients: Vec<Value> = list("ListUserPoolClients", "UserPoolClients", 60)
            .iter()
            .map(|client| {
                call(cognito, "DescribeUserPoolClient", json!({"UserPoolId": id, "ClientId": client["ClientId"]}))["UserPoolClient"].clone()
            })
            .collect();
        clients.sort_by_key(|client| client["ClientName"].to_string());
        let mut servers = list("ListResourceServers", "ResourceServers", 50);
        servers.sort_by_key(|server| server["Identifier"].to_string());
        let mut providers: Vec<Value> = list("ListIdentityProviders", "Providers", 60)
            .iter()
            .map(|provider| {
                let body = json!({"UserPoolId": id, "ProviderName": provider["ProviderName"]});
                call(cognito, "DescribeIdentityProvider", body)["IdentityProvider"].clone()
            })
            .collect();
        providers.sort_by_key(|provider| provider["ProviderName"].to_string());
        let of_pool = |operation: &str, member: &str| {
            call(cognito, operation, json!({"UserPoolId": id}))[member].as_array().cloned().unwrap_or_default()
        };
        let mut users: Vec<Value> = of_pool("ListUsers", "Users")
            .iter()
            .map(|user| {
                let mut attributes = user["Attributes"].as_array().cloned().unwrap_or_default();
                attributes.retain(|attribute| attribute["Name"] != "sub");
                attributes.sort_by_key(|attribute| attribute["Name"].to_string());
                json!({"Username": user["Username"], "Attributes": attributes})
            })
            .collect();
        users.sort_by_key(|user| user["Username"].to_string());
        let mut groups = of_pool("ListGroups", "Groups");
        // Cognito makes one for the users of each provider.
        groups.retain(|group| !group["GroupName"].as_str().unwrap_or_default().starts_with(id.as_str().unwrap_or("?")));
        groups.sort_by_key(|group| group["GroupName"].to_string());
        let name = described.get("CustomDomain").or(described.get("Domain"));
        let domain = name
            .map(|name| call(cognito, "DescribeUserPoolDomain", json!({"Domain": name}))["DomainDescription"].clone());
        all.push(json!({
            "pool": described,
            "mfa": call(cognito, "GetUserPoolMfaConfig", json!({"UserPoolId": id})),
            "clients": clients,
            "resource_servers": servers,
            "domain": domain,
            "groups": groups,
            "identity_providers": providers,
            "users": users,
        }));
    }
    all.sort_by_key(|each| each["pool"]["Name"].to_string());
    canonical(&Value::Array(all), "")
}

/// Without what is volatile or empty, sets in order.
pub fn canonical(value: &Value, name: &str) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(name, value)| !VOLATILE.contains(&name.as_str()) && !empty(value))
                .map(|(name, value)| {
                    let shown = if name == "ClientSecret" { json!("<set>") } else { canonical(value, name) };
                    (name.clone(), shown)
                })
                .collect::<Map<_, _>>(),
        ),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| canonical(item, "")).collect();
            if SETS.contains(&name) {
                items.sort_by_key(Value::to_string);
            }
            Value::Array(items)
        }
        other => other.clone(),
    }
}

pub fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// What of `expected` is not there and equal in `actual`, which may be richer.
pub fn missing(expected: &Value, actual: &Value, path: &str, found: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (name, value) in expected {
                let path = format!("{path}.{name}");
                match actual.get(name) {
                    Some(actual) => missing(value, actual, &path, found),
                    None if empty(value) => {}
                    None => found.push(format!("{path} is missing, expected {value}")),
                }
            }
        }
        (Value::Array(expected), Value::Array(actual)) if path.ends_with("SchemaAttributes") => {
            for entry in expected {
                match actual.iter().find(|other| other["Name"] == entry["Name"]) {
                    Some(other) => missing(entry, other, &format!("{path}[{}]", entry["Name"]), found),
                    None => found.push(format!("{path} lacks {entry}")),
                }
            }
        }
        (Value::Array(expected), Value::Array(actual)) => {
            if expected.len() != actual.len() {
                found.push(format!("{path}: expected {} elements, found {}", expected.len(), actual.len()));
            }
            for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                missing(expected, actual, &format!("{path}[{index}]"), found);
            }
        }
        // In the canonical form, absence and emptiness are one; numbers and texts are not.
        (expected, actual) if expected != actual => found.push(format!("{path}: expected {expected}, found {actual}")),
        _ => {}
    }
}
