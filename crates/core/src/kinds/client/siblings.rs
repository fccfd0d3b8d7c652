//! What a client names of its pool: identity providers, scopes, attributes of users.

use poolform_value::{Diagnostic, Diagnostics, Segment};
use serde_json::Value as Json;

use super::KIND;
use crate::kinds::{identity_provider, resource_server, user_pool};
use crate::plan::Siblings;
use crate::resource::Desired;
use crate::setting;

/// A client of a pool that is not there yet can only name what is declared beside it; of one that is there nothing that
/// goes.
pub(super) fn check_names(siblings: &Siblings<'_>, diagnostics: &mut Diagnostics) {
    let (desired, pool_is_new) = (siblings.desired, siblings.pool_is_new());
    let mut providers = vec!["COGNITO".to_owned()];
    for each in siblings.of_kind(&identity_provider::KIND) {
        providers.extend(setting::get(&each.settings, "ProviderName").as_str().map(str::to_owned));
    }
    let mut scopes: Vec<String> = STANDARD_SCOPES.iter().map(|scope| (*scope).to_owned()).collect();
    scopes.extend(siblings.of_kind(&resource_server::KIND).flat_map(|each| resource_server::scopes(&each.settings)));
    for (path, known, noun, list, kind) in [
        ("SupportedIdentityProviders", &providers, "identity provider", "identity_providers", &identity_provider::KIND),
        ("AllowedOAuthScopes", &scopes, "scope", "resource_servers", &resource_server::KIND),
    ] {
        let going = siblings.going(kind);
        let wanted = setting::get(&desired.settings, path).as_array().into_iter().flatten().filter_map(Json::as_str);
        for name in wanted.filter(|name| !known.iter().any(|other| other == name)) {
            let of_one =
                |going: &&&str| name.strip_prefix(**going).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if let Some(goes) = going.iter().find(of_one).filter(|_| !pool_is_new) {
                let named = desired.shown(path, format_args!("\"{name}\""));
                let goes = desired.shown(path, format_args!("\"{goes}\""));
                let detail = format!(
                    "This client names {named}, and the {} {goes} is no longer declared, so that it goes. Take it out \
                     of the client, or leave it in {list}.",
                    kind.noun
                );
                let summary = format!("Named {} that goes", kind.noun);
                diagnostics.push(Diagnostic::error(summary, detail).about(&desired.call, &desired.place(path)));
                continue;
            }
            if !pool_is_new {
                // Made elsewhere, for all that is known here.
                continue;
            }
            let near = poolform_value::suggest(name, known.iter().map(String::as_str));
            let remedy = near
                .filter(|_| !desired.hides(path))
                .map_or_else(|| format!("Declare it in {list}."), |near| format!("Did you mean \"{near}\"?"));
            let name = desired.shown(path, format_args!("\"{name}\""));
            let detail = format!("The {noun} {name} does not exist in a pool that is new. {remedy}");
            let summary = format!("Unknown {noun}");
            diagnostics.push(Diagnostic::error(summary, detail).about(&desired.call, &desired.place(path)));
        }
    }
}

/// A client can only read and write attributes that its pool has or gets.
pub(super) fn check_attributes(siblings: &Siblings<'_>, diagnostics: &mut Diagnostics) {
    let (desired, pool) = (siblings.desired, siblings.pool);
    let Some(schema) = user_pool::schema_of(siblings) else { return };
    let schema = &schema;
    let where_to = siblings.where_to();
    let listed = |path: &str| -> Vec<&str> {
        setting::get(&desired.settings, path).as_array().into_iter().flatten().filter_map(Json::as_str).collect()
    };
    let access = |name: &str| match user_pool::exactly(pool, name) {
        Some(entry) => {
            let kept = user_pool::KEPT_BY_COGNITO.contains(&name);
            (!name.starts_with("dev:"), entry["Mutable"] != Json::Bool(false) && !kept)
        }
        None => user_pool::attribute_access(schema, name),
    };
    let (read, written) = (listed("ReadAttributes"), listed("WriteAttributes"));
    let mut refuse = |path: &str, name: &str, reason: &str| {
        let name = desired.shown(path, format_args!("\"{name}\""));
        let detail = format!("The attribute {name} {reason}");
        diagnostics.push(Diagnostic::error("Impossible attribute", detail).about(&desired.call, &desired.place(path)));
    };
    let missing = format!(
        "does not exist {where_to}, or only administrators see it. Declare it in schema_attributes, and write custom:NAME here."
    );
    let missing = missing.as_str();
    for name in read.into_iter().filter(|name| !access(name).0) {
        refuse("ReadAttributes", name, missing);
    }
    for name in &written {
        match access(name) {
            (false, _) => refuse("WriteAttributes", name, missing),
            // What Cognito keeps is refused with the client itself.
            (true, false) if !user_pool::KEPT_BY_COGNITO.contains(name) => {
                refuse("WriteAttributes", name, "is not mutable, so that no client can write it.");
            }
            (true, _) => {}
        }
    }
    if !written.is_empty() {
        for name in user_pool::required_of_writers(schema).into_iter().filter(|name| !written.contains(name)) {
            refuse("WriteAttributes", name, "is required of every user and must be among write_attributes.");
        }
    }
}

/// Scopes that every pool has (CreateUserPoolClient).
const STANDARD_SCOPES: &[&str] = &["phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"];

/// Scopes of a declared resource server that clients name must be among its scopes.
pub(super) fn check_scopes(desired: &[Desired], diagnostics: &mut Diagnostics) {
    let servers: Vec<&Desired> = desired.iter().filter(|each| each.kind == resource_server::KIND.name).collect();
    let known: Vec<String> = servers.iter().flat_map(|server| resource_server::scopes(&server.settings)).collect();
    for each in desired.iter().filter(|each| each.kind == KIND.name) {
        let wanted = setting::get(&each.settings, "AllowedOAuthScopes").as_array().cloned().unwrap_or_default();
        for (index, scope) in wanted.iter().filter_map(Json::as_str).enumerate() {
            if STANDARD_SCOPES.contains(&scope) || known.iter().any(|other| other == scope) {
                continue;
            }
            let declared_here = servers.iter().any(|server| {
                setting::get(&server.settings, "Identifier")
                    .as_str()
                    .is_some_and(|identifier| scope.strip_prefix(identifier).is_some_and(|rest| rest.starts_with('/')))
            });
            if declared_here || !scope.contains('/') {
                let remedy = poolform_value::suggest(
                    scope,
                    known.iter().map(String::as_str).chain(STANDARD_SCOPES.iter().copied()),
                )
                .filter(|_| !each.hides("AllowedOAuthScopes"))
                .map_or_else(
                    || "Declare it in resource_servers.".to_owned(),
                    |near| format!("Did you mean \"{near}\"?"),
                );
                diagnostics.push(
                    Diagnostic::error(
                        "Unknown OAuth scope",
                        format!(
                            "No resource server has the scope {}. {remedy}",
                            each.shown("AllowedOAuthScopes", format_args!("\"{scope}\""))
                        ),
                    )
                    .about(&each.call, &each.place("AllowedOAuthScopes").then(Segment::Index(index))),
                );
            }
        }
    }
}
