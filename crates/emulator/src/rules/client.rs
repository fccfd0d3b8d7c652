//! What the service refuses in a client's settings (C1 of the recorded refusals, C12 of the rules), in the order in which
//! it is checked here.

use poolform_model::Object;
use serde_json::Value as Json;

use crate::forms::members::Members;
use crate::forms::refusal::{
    Answer, CONTEXT_WITHOUT_SECRET, CREDENTIALS_BESIDE, CREDENTIALS_WITHOUT_SECRET, FLOWS_MIXED, NO_CALLBACK,
    NO_PROVIDER, NO_SCOPE, OAUTH_INCOMPLETE, READ_ATTRIBUTES, REDIRECT_UNLISTED, ROTATION_WITH_REFRESH, URL_FRAGMENT,
    URL_HTTP, VALIDITY_ORDER, VALIDITY_RANGE, WRITE_ATTRIBUTES,
};
use crate::kept::client::Client;
use crate::kept::pool::Pool;
use crate::kept::store::Reader;
use crate::kept::{identity_provider, resource_server};
use crate::rules::schema::KEPT_BY_SERVICE;
use crate::rules::tier;

/// Scopes that exist without a resource server (developer guide, scopes).
const SCOPES: &[&str] = &["phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"];

/// The one address for which http is allowed in each of its spellings.
const LOOPBACK: &[&str] = &["localhost", "127.0.0.1", "[::1]"];

/// Least and greatest seconds of an access or ID token: 5 minutes, 1 day.
const SHORT: (i64, i64) = (300, 86_400);
/// Least and greatest seconds of a refresh token: 60 minutes, 10 years.
const LONG: (i64, i64) = (3_600, 315_360_000);

/// All rules on a client as it would be. `doing` is the service's word for the operation.
pub(crate) fn check(reader: &dyn Reader, pool: &Pool, client: &Client, doing: &str) -> Answer<()> {
    let answer = &client.answer;
    check_flows(pool, answer)?;
    check_validity(answer)?;
    check_oauth(reader, pool, client)?;
    check_addresses(answer)?;
    check_attributes(pool, answer, doing)?;
    if answer.flag("EnablePropagateAdditionalUserContextData") == Some(true) && !client.is_confidential() {
        return CONTEXT_WITHOUT_SECRET.refuse();
    }
    Ok(())
}

/// ExplicitAuthFlows and rotation. That flows must include a refresh flow (C1, cdk#7625 of 2020) no longer holds: clients
/// without one were accepted in 2024 and 2025 [CreateUserPoolClient.2024-11, .2025-07].
fn check_flows(pool: &Pool, answer: &Object) -> Answer<()> {
    let flows = answer.texts("ExplicitAuthFlows");
    let modern = flows.iter().filter(|flow| flow.starts_with("ALLOW_")).count();
    if modern > 0 && modern < flows.len() {
        return FLOWS_MIXED.refuse();
    }
    if flows.contains(&"ALLOW_USER_AUTH") {
        tier::expect_more_than_lite(&pool.answer, tier::CHOICE)?;
    }
    if tier::enabled(answer.member("RefreshTokenRotation")) {
        tier::expect_more_than_lite(&pool.answer, tier::ROTATION)?;
        if flows.contains(&"ALLOW_REFRESH_TOKEN_AUTH") {
            return ROTATION_WITH_REFRESH.refuse();
        }
    }
    Ok(())
}

/// Seconds of a validity in its unit.
fn seconds(answer: &Object, member: &str, unit_member: &str, default: i64, default_unit: &str) -> i64 {
    let units = answer.object("TokenValidityUnits");
    let unit = units.and_then(|units| units.text(unit_member)).unwrap_or(default_unit);
    let factor = match unit {
        "seconds" => 1,
        "minutes" => 60,
        "hours" => 3_600,
        _ => 86_400,
    };
    answer.number(member).unwrap_or(default).saturating_mul(factor)
}

fn check_validity(answer: &Object) -> Answer<()> {
    // A validity that is not set lasts an hour whatever the unit (service rules C2).
    let token = |member: &str, unit: &str| {
        if answer.contains_key(member) { seconds(answer, member, unit, 1, "hours") } else { 3_600 }
    };
    let short = [token("AccessTokenValidity", "AccessToken"), token("IdTokenValidity", "IdToken")];
    let long = seconds(answer, "RefreshTokenValidity", "RefreshToken", 30, "days");
    let within = |value: i64, (least, most): (i64, i64)| (least..=most).contains(&value);
    if !short.iter().all(|value| within(*value, SHORT)) || !within(long, LONG) {
        return VALIDITY_RANGE.refuse();
    }
    if short.iter().any(|value| *value > long) {
        return VALIDITY_ORDER.refuse();
    }
    Ok(())
}

/// OAuth settings without AllowedOAuthFlowsUserPoolClient are accepted (C12).
fn check_oauth(reader: &dyn Reader, pool: &Pool, client: &Client) -> Answer<()> {
    let answer = &client.answer;
    let flows = answer.texts("AllowedOAuthFlows");
    let scopes = answer.texts("AllowedOAuthScopes");
    if answer.flag("AllowedOAuthFlowsUserPoolClient") == Some(true) && (flows.is_empty() || scopes.is_empty()) {
        return OAUTH_INCOMPLETE.refuse();
    }
    let with_page = flows.contains(&"code") || flows.contains(&"implicit");
    if flows.contains(&"client_credentials") {
        if with_page {
            return CREDENTIALS_BESIDE.refuse();
        }
        if !client.is_confidential() {
            return CREDENTIALS_WITHOUT_SECRET.refuse();
        }
    }
    if with_page && answer.list("CallbackURLs").is_empty() {
        return NO_CALLBACK.refuse();
    }
    let id = pool.answer.text("Id").unwrap_or_default();
    for provider in answer.texts("SupportedIdentityProviders") {
        if !identity_provider::is_known(reader, id, provider)? {
            return Err(NO_PROVIDER.with(&[provider, id]));
        }
    }
    let beyond: Vec<&str> = scopes.into_iter().filter(|scope| !SCOPES.contains(scope)).collect();
    if !beyond.is_empty() {
        let known = resource_server::scopes(reader, id)?;
        if let Some(scope) = beyond.into_iter().find(|scope| !known.contains(*scope)) {
            return Err(NO_SCOPE.with(&[scope]));
        }
    }
    Ok(())
}

fn check_addresses(answer: &Object) -> Answer<()> {
    let callbacks = answer.texts("CallbackURLs");
    for address in callbacks.iter().chain(&answer.texts("LogoutURLs")) {
        if address.contains('#') {
            return Err(URL_FRAGMENT.with(&[address]));
        }
        if let Some(rest) = address.strip_prefix("http://") {
            let host = rest.split(['/', '?']).next().unwrap_or_default();
            let loopback = LOOPBACK
                .iter()
                .any(|name| host.strip_prefix(name).is_some_and(|port| port.is_empty() || port.starts_with(':')));
            // A pool of this machine that has another for its identity provider is a client of that one.
            let here = host.split(':').next().is_some_and(|name| name.ends_with(".localhost"));
            if !loopback && !here {
                return Err(URL_HTTP.with(&[address]));
            }
        }
    }
    match answer.text("DefaultRedirectURI") {
        Some(address) if !callbacks.contains(&address) => Err(REDIRECT_UNLISTED.with(&[address])),
        _ => Ok(()),
    }
}

fn check_attributes(pool: &Pool, answer: &Object, doing: &str) -> Answer<()> {
    let schema = pool.answer.list("SchemaAttributes");
    let find = |name: &str| schema.iter().find(|attribute| attribute.text("Name") == Some(name));
    let usable = |attribute: &Json| attribute.flag("DeveloperOnlyAttribute") != Some(true);
    let read = answer.texts("ReadAttributes");
    if !read.iter().all(|name| find(name).is_some_and(usable)) {
        return Err(READ_ATTRIBUTES.with(&[doing]));
    }
    let write = answer.texts("WriteAttributes");
    if write.is_empty() {
        return Ok(());
    }
    let writable = |name: &&str| {
        !KEPT_BY_SERVICE.contains(name)
            && find(name).is_some_and(|attribute| usable(attribute) && attribute.flag("Mutable") == Some(true))
    };
    let required = schema.iter().filter(|attribute| attribute.flag("Required") == Some(true));
    let mut needed = required
        .filter_map(|attribute| attribute.text("Name"))
        // One that can never be written cannot be asked for either.
        .filter(|name| writable(name));
    if !write.iter().all(writable) || !needed.all(|name| write.contains(&name)) {
        return Err(WRITE_ATTRIBUTES.with(&[doing]));
    }
    Ok(())
}
