//! App client. Built on CreateUserPoolClient, UpdateUserPoolClient, DescribeUserPoolClient, DeleteUserPoolClient.
//!
//! Cannot change in place: whether it has a secret; its id. Cannot be unset: nothing. Must exist first: the pool, its
//! custom attributes, the resource servers whose scopes and the identity providers whose names it lists.
//! UpdateUserPoolClient resets what is left out, so every update is a full echo.

mod advice;
mod output;
mod siblings;

pub(crate) use output::output;
use poolform_model::Object;
use poolform_value::{AttributePath, Diagnostic, Diagnostics, Value};
use serde_json::{Value as Json, json};

use super::user_pool::KEPT_BY_COGNITO;
use super::{Kind, Listed, Names, PLAIN, Replacement, Rules, Terraform, identity_provider, resource_server};
use crate::argument::{Argument, Default, Reset, Rule, Simple, bool, number, record, set, string};
use crate::decode::Decoded;
use crate::fold::Fold;
use crate::output::Endpoints;
use crate::plan::{self, Draft, Drafting, Siblings};
use crate::resource::{Desired, Form, Observed};
use crate::setting;

const FLOWS: &[&str] = &[
    "ADMIN_NO_SRP_AUTH",
    "CUSTOM_AUTH_FLOW_ONLY",
    "USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_AUTH",
];

const UNITS: Rule = Rule::OneOf(&["seconds", "minutes", "hours", "days"]);

static ANALYTICS: &[Argument] = &[
    string("application_arn").api("AnalyticsConfiguration.ApplicationArn").doc("ARN of the Pinpoint project."),
    string("application_id").api("AnalyticsConfiguration.ApplicationId").doc("Id of the Pinpoint project."),
    string("external_id").api("AnalyticsConfiguration.ExternalId").doc("External id of the role's trust policy."),
    string("role_arn").api("AnalyticsConfiguration.RoleArn").doc("Role with which Cognito publishes events."),
    bool("user_data_shared").api("AnalyticsConfiguration.UserDataShared").doc("Whether events carry user data."),
];

static VALIDITY_UNITS: &[Argument] = &[
    string("access_token")
        .api("TokenValidityUnits.AccessToken")
        .or(Default::Text("hours"))
        .rule(UNITS)
        .doc("Unit of access_token_validity: seconds, minutes, hours or days."),
    string("id_token")
        .api("TokenValidityUnits.IdToken")
        .or(Default::Text("hours"))
        .rule(UNITS)
        .doc("Unit of id_token_validity: seconds, minutes, hours or days."),
    string("refresh_token")
        .api("TokenValidityUnits.RefreshToken")
        .or(Default::Text("days"))
        .rule(UNITS)
        .doc("Unit of refresh_token_validity: seconds, minutes, hours or days."),
];

static ROTATION: &[Argument] = &[
    string("feature")
        .api("RefreshTokenRotation.Feature")
        .required()
        .rule(Rule::OneOf(&["ENABLED", "DISABLED"]))
        .doc("ENABLED or DISABLED."),
    number("retry_grace_period_seconds")
        .api("RefreshTokenRotation.RetryGracePeriodSeconds")
        .rule(Rule::Between(0, 60))
        .doc("How long the token before still works, 0 to 60 seconds."),
];

/// One app client of `clients`.
pub static ARGUMENTS: &[Argument] = &[
    string("name")
        .api("ClientName")
        .by_code()
        .required()
        .doc("Name of the client. The registered name is in lower case, with a hyphen for all but letters and digits."),
    string("user_pool_id")
        .api("UserPoolId")
        .by_code()
        .reset(Reset::Never("a client belongs to its pool"))
        .immutable("a client of another pool is declared in that pool's own module call")
        .doc("May repeat the id of the pool that is being managed; any other pool is an error."),
    number("access_token_validity")
        .api("AccessTokenValidity")
        .shared("default_client_access_token_validity")
        .doc("How long access tokens live: 5 minutes to 1 day, in token_validity_units (hours unless told)."),
    bool("allowed_oauth_flows_user_pool_client")
        .api("AllowedOAuthFlowsUserPoolClient")
        .shared("default_client_allowed_oauth_flows_user_pool_client")
        .reset(Reset::Json("false"))
        .doc("Whether the client may use OAuth at all; without it Cognito keeps the OAuth settings and ignores them."),
    set("allowed_oauth_flows")
        .api("AllowedOAuthFlows")
        .shared("default_client_allowed_oauth_flows")
        .rule(Rule::OneOf(&["code", "implicit", "client_credentials"]))
        .doc("OAuth flows: code, implicit, or client_credentials alone."),
    set("allowed_oauth_scopes")
        .api("AllowedOAuthScopes")
        .shared("default_client_allowed_oauth_scopes")
        .rule(Rule::AtMost(50))
        .doc("Scopes: phone, email, openid, profile, aws.cognito.signin.user.admin or IDENTIFIER/SCOPE; 50 at most."),
    record("analytics_configuration", ANALYTICS)
        .doc("Pinpoint analytics. The service behind it ended in October 2026."),
    set("callback_urls")
        .api("CallbackURLs")
        .shared("default_client_callback_urls")
        .doc("Where sign-in may return to: https, http on localhost, or an app's scheme; 100 at most."),
    string("default_redirect_uri")
        .api("DefaultRedirectURI")
        .shared("default_client_default_redirect_uri")
        .doc("The callback URL that is taken when a request names none; one of callback_urls."),
    bool("enable_token_revocation")
        .api("EnableTokenRevocation")
        .shared("default_client_enable_token_revocation")
        .reset(Reset::Json("true"))
        .doc("Whether tokens can be revoked; Cognito's default is true."),
    set("explicit_auth_flows")
        .api("ExplicitAuthFlows")
        .shared("default_client_explicit_auth_flows")
        .rule(Rule::OneOf(FLOWS))
        .doc("Sign-in flows of the API; Cognito's default is refresh, SRP and custom."),
    bool("generate_secret")
        .api("GenerateSecret")
        .shared("default_client_generate_secret")
        .reset(Reset::Json("false"))
        .immutable("Cognito decides at creation whether a client has a secret; another client would have another id, which apps hold")
        .doc("Whether the client has a secret."),
    number("id_token_validity")
        .api("IdTokenValidity")
        .shared("default_client_id_token_validity")
        .doc("How long ID tokens live: 5 minutes to 1 day, in token_validity_units (hours unless told)."),
    set("logout_urls")
        .api("LogoutURLs")
        .shared("default_client_logout_urls")
        .doc("Where sign-out may return to; 100 at most."),
    string("prevent_user_existence_errors")
        .api("PreventUserExistenceErrors")
        .shared("default_client_prevent_user_existence_errors")
        .rule(Rule::OneOf(&["LEGACY", "ENABLED"]))
        .reset(Reset::Json("\"LEGACY\""))
        .doc("ENABLED hides whether a user exists; LEGACY, Cognito's default, tells."),
    set("read_attributes")
        .api("ReadAttributes")
        .shared("default_client_read_attributes")
        .doc("User attributes that the client may read; Cognito's default is all standard ones."),
    number("refresh_token_validity")
        .api("RefreshTokenValidity")
        .shared("default_client_refresh_token_validity")
        .or(Default::Number(30))
        .reset(Reset::Json("30"))
        .doc("How long refresh tokens live: 60 minutes to 10 years, in token_validity_units (days unless told)."),
    set("supported_identity_providers")
        .api("SupportedIdentityProviders")
        .shared("default_client_supported_identity_providers")
        .doc("Names of identity providers; COGNITO for the pool's own users."),
    record("token_validity_units", VALIDITY_UNITS)
        .shared("default_client_token_validity_units")
        .doc("Units of the three validities; a missing one is hours for access and ID tokens, days for refresh tokens."),
    set("write_attributes")
        .api("WriteAttributes")
        .shared("default_client_write_attributes")
        .doc("User attributes that the client may write; Cognito's default is all standard ones that are mutable."),
    number("auth_session_validity")
        .api("AuthSessionValidity")
        .shared("default_client_auth_session_validity")
        .reset(Reset::Json("3"))
        .rule(Rule::Between(3, 15))
        .doc("How long a sign-in may take, 3 to 15 minutes; Cognito's default is 3."),
    bool("enable_propagate_additional_user_context_data")
        .api("EnablePropagateAdditionalUserContextData")
        .shared("default_client_enable_propagate_additional_user_context_data")
        .reset(Reset::Json("false"))
        .doc("Whether the context of users is passed on to threat protection; needs a secret."),
    record("refresh_token_rotation", ROTATION)
        .shared("default_client_refresh_token_rotation")
        .doc("Whether each refresh gives another refresh token; not together with ALLOW_REFRESH_TOKEN_AUTH."),
];

/// App client.
pub static KIND: Kind = Kind {
    name: "Client",
    noun: "app client",
    segment: "client",
    key: "ClientName",
    arguments: ARGUMENTS,
    create: "CreateUserPoolClient",
    update: "UpdateUserPoolClient",
    delete: "DeleteUserPoolClient",
    look: &[("DescribeUserPoolClient", "UserPoolClient", "")],
    identity: &[("UserPoolId", "UserPoolId"), ("ClientId", "ClientId")],
    listed: Some(Listed {
        operation: "ListUserPoolClients",
        member: "UserPoolClients",
        limit: "MaxResults",
        most: 60,
        name: "ClientId",
    }),
    namesakes: Some(("ListUserPoolClients", "UserPoolClients", "ClientName", "ClientId")),
    replacement: Replacement::Named,
    names: &[
        Names {
            path: "SupportedIdentityProviders",
            kind: &identity_provider::KIND,
            part: |name| (name != "COGNITO").then_some(name),
        },
        // Scopes of its own have no slash.
        Names {
            path: "AllowedOAuthScopes",
            kind: &resource_server::KIND,
            part: |scope| scope.rsplit_once('/').map(|(server, _)| server),
        },
    ],
    advice: advice::ADVICE,
    terraform: Terraform {
        aws_type: "aws_cognito_user_pool_client",
        offered: true,
        id: None,
        import: Some('/'),
        computed: &[
            ("id", Simple::String, false, "Client id."),
            ("client_secret", Simple::String, true, "Its secret; null with store_secret = false."),
        ],
        own: &[
            (
                "allow_replace",
                Simple::Bool,
                false,
                "Whether a change that is not possible in place may replace the client, and lose its id.",
            ),
            ("store_secret", Simple::Bool, false, "Whether client_secret is kept in the state; true unless told."),
        ],
        example: "  user_pool_id    = poolform_user_pool.pool.id\n  name            = \"web\"\n  generate_secret = true\n",
        example_id: "us-east-1_AbCdEfGhI/CLIENT_ID",
    },
    rules: &Client,
    ..PLAIN
};

struct Client;

/// As the module has always registered them.
const REGISTERED: Fold = Fold::CaseAndSigns;

impl Rules for Client {
    fn place(&self, decoded: &Decoded, _tags: &Object, form: Form, settings: &mut Object) {
        let text = |argument: &str| decoded.get(argument).and_then(Value::as_str);
        if let Some(name) = text("name") {
            let name = if form == Form::Module { REGISTERED.fold(name) } else { name.to_owned() };
            setting::put(settings, KIND.key, json!(name));
        }
        if let Some(pool) = text("user_pool_id") {
            setting::put(settings, "UserPoolId", json!(pool));
        }
    }

    fn check(&self, _decoded: &Decoded, desired: &Desired, diagnostics: &mut Diagnostics) {
        check(desired, diagnostics);
    }

    fn check_together(&self, all: &[Desired], complete: &dyn Fn(&Kind) -> bool, diagnostics: &mut Diagnostics) {
        let servers = all.iter().filter(|each| each.kind == resource_server::KIND.name);
        let known = servers.into_iter().all(|server| server.decided(&["identifier", "scopes"]));
        if known && complete(&resource_server::KIND) {
            siblings::check_scopes(all, diagnostics);
        }
    }

    fn registered(&self) -> Fold {
        REGISTERED
    }

    fn why_same_name(&self, _list: &str, name: &str, _exactly: bool) -> String {
        format!(
            "Two clients are registered as \"{name}\": names are taken in lower case, with a hyphen for all but letters and digits. Rename one of them."
        )
    }

    fn settle(&self, answer: &Object) -> Object {
        let mut settings = setting::compact(answer);
        // The answer shows the secret instead of the wish for one. The secret itself is no setting.
        let has_secret = settings.remove("ClientSecret").is_some();
        settings.insert("GenerateSecret".to_owned(), Json::Bool(has_secret));
        settings
    }

    fn same(&self, path: &str, desired: &Json, observed: &Json) -> Option<bool> {
        match path {
            // A client that was made elsewhere may be spelt in another way; it is the same client, and keeps its name.
            "ClientName" => Some(
                observed == desired
                    || observed.as_str().map(|name| REGISTERED.fold(name)).as_deref() == desired.as_str(),
            ),
            // Cognito takes 0 as its default of 30 days, which is what it then shows.
            "RefreshTokenValidity" if *desired == 0 => {
                Some(setting::is_empty(observed) || *observed == 0 || *observed == 30)
            }
            _ => None,
        }
    }

    fn check_siblings(&self, siblings: &Siblings<'_>, diagnostics: &mut Diagnostics) {
        siblings::check_names(siblings, diagnostics);
        siblings::check_attributes(siblings, diagnostics);
    }

    fn lost_with(&self, observed: &Observed) -> Option<String> {
        let id = setting::get(&observed.answer, "ClientId").as_str()?;
        Some(format!("the client id {id} will be refused from then on; another id comes"))
    }

    fn stake(&self, observed: &Observed) -> Option<(String, &'static str)> {
        let id = setting::get(&observed.answer, "ClientId").as_str().unwrap_or_default();
        Some((format!("At stake is the client id {id}, which apps hold."), "To replace the client all the same"))
    }

    fn gone(&self, observed: &Observed) -> Option<String> {
        let id = setting::get(&observed.answer, "ClientId").as_str().unwrap_or_default();
        Some(format!("client id {id} will be refused from then on"))
    }

    fn draft(&self, drafting: &Drafting<'_>) -> Vec<Draft> {
        plan::part(drafting, plan::Phase::Client, plan::Phase::ClientRemoval)
    }

    fn attributes(&self, _: &Kind, observed: &Observed, _: &Json, _: &Json, _: &Endpoints<'_>) -> Object {
        output(&observed.answer, Some(&observed.settings)).as_object().cloned().unwrap_or_default()
    }
}

/// Longest and shortest lives, in seconds: access and ID tokens 5 minutes to 1 day, refresh tokens 60 minutes to
/// 3,650 days (CreateUserPoolClient, recorded refusals).
const VALIDITIES: &[(&str, &str, &str, i64, i64)] = &[
    ("AccessTokenValidity", "AccessToken", "hours", 300, 86_400),
    ("IdTokenValidity", "IdToken", "hours", 300, 86_400),
    ("RefreshTokenValidity", "RefreshToken", "days", 3_600, 315_360_000),
];

fn seconds(unit: &str) -> i64 {
    match unit {
        "seconds" => 1,
        "minutes" => 60,
        "hours" => 3_600,
        _ => 86_400,
    }
}

/// The rules between a client's settings.
fn check(desired: &Desired, diagnostics: &mut Diagnostics) {
    let at = |path: &str| desired.place(path);
    let settings = &desired.settings;
    let error = |summary: &str, detail: String, path: &AttributePath| {
        Diagnostic::error(summary, detail).about(&desired.call, path)
    };
    let decided = |arguments: &[&str]| desired.decided(arguments);
    let name = setting::get(settings, KIND.key).as_str().unwrap_or_default();
    if decided(&["name"]) && (name.is_empty() || name.chars().count() > 128) {
        let detail = "The name of a client must have a length of 1 to 128.".to_owned();
        diagnostics.push(error("Invalid client name", detail, &at(KIND.key)));
    }
    let strings = |path: &str| -> Vec<String> {
        setting::get(settings, path)
            .as_array()
            .map(|items| items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
            .unwrap_or_default()
    };
    let shown_life = |member: &str, unit: &str, life: &str| {
        let unit = format!("TokenValidityUnits.{unit}");
        desired.shown(if desired.hides(&unit) { unit.as_str() } else { member }, life)
    };
    let mut lives = Vec::new();
    for (member, unit_member, default_unit, least, most) in VALIDITIES {
        let Some(validity) = setting::get(settings, member).as_i64().filter(|_| decided(&["token_validity_units"]))
        else {
            continue;
        };
        let unit = setting::get(settings, &format!("TokenValidityUnits.{unit_member}"))
            .as_str()
            .unwrap_or(default_unit)
            .to_owned();
        let life = validity.saturating_mul(seconds(&unit));
        if validity == 0 && *member == "RefreshTokenValidity" {
            continue; // Cognito takes 0 as its default of 30 days (API page of CreateUserPoolClient).
        }
        if life < *least || life > *most {
            let (least, most) = if *most > 86_400 { ("60 minutes", "3650 days") } else { ("5 minutes", "1 day") };
            diagnostics.push(error(
                "Token validity out of range",
                format!(
                    "{} is not between {least} and {most}. Change the number or its unit in token_validity_units.",
                    shown_life(member, unit_member, &format!("{validity} {unit}"))
                ),
                &at(member),
            ));
            return;
        }
        lives.push((*member, life));
    }
    if let Some((_, refresh)) = lives.iter().find(|(member, _)| *member == "RefreshTokenValidity") {
        for (member, life) in lives.iter().filter(|(member, _)| *member != "RefreshTokenValidity") {
            if life > refresh {
                diagnostics.push(error(
                    "Token outlives the refresh token",
                    "Access and ID tokens must not live longer than the refresh token. Shorten this or lengthen refresh_token_validity.".to_owned(),
                    &at(member),
                ));
            }
        }
    }
    let flows = strings("AllowedOAuthFlows");
    let has = |flow: &str| flows.iter().any(|each| each == flow);
    let enabled = setting::get(settings, "AllowedOAuthFlowsUserPoolClient").as_bool().unwrap_or(false);
    let scopes = strings("AllowedOAuthScopes");
    let callbacks = strings("CallbackURLs");
    let known = decided(&["allowed_oauth_flows_user_pool_client", "allowed_oauth_flows", "allowed_oauth_scopes"]);
    if known && enabled && (flows.is_empty() || scopes.is_empty()) {
        diagnostics.push(error(
            "OAuth without flows or scopes",
            "A client with allowed_oauth_flows_user_pool_client needs both allowed_oauth_flows and allowed_oauth_scopes.".to_owned(),
            &at("AllowedOAuthFlowsUserPoolClient"),
        ));
    }
    if decided(&["callback_urls"]) && (has("code") || has("implicit")) && callbacks.is_empty() {
        diagnostics.push(error(
            "OAuth flow without a callback URL",
            "The flows code and implicit return to a callback URL. Give callback_urls.".to_owned(),
            &at("AllowedOAuthFlows"),
        ));
    }
    if has("client_credentials") && (has("code") || has("implicit")) {
        diagnostics.push(error(
            "OAuth flows exclude each other",
            "client_credentials cannot be combined with code or implicit. Give it a client of its own.".to_owned(),
            &at("AllowedOAuthFlows"),
        ));
    }
    let secret_known = decided(&["generate_secret"]);
    if secret_known && has("client_credentials") && setting::get(settings, "GenerateSecret").as_bool() != Some(true) {
        diagnostics.push(error(
            "OAuth flow without a secret",
            "The flow client_credentials needs a client with generate_secret = true.".to_owned(),
            &at("AllowedOAuthFlows"),
        ));
    }
    for (member, urls) in [("CallbackURLs", &callbacks), ("LogoutURLs", &strings("LogoutURLs"))] {
        for url in urls {
            if let Some(reason) = refused_url(url) {
                diagnostics.push(error(
                    "Invalid redirect URL",
                    format!("{} {reason}.", desired.shown(member, url)),
                    &at(member),
                ));
            }
        }
    }
    if let Some(default) = setting::get(settings, "DefaultRedirectURI").as_str()
        && decided(&["callback_urls"])
        && !callbacks.iter().any(|callback| callback == default)
    {
        diagnostics.push(error(
            "Default redirect URI not listed",
            format!("{} is not one of callback_urls. Add it there.", desired.shown("DefaultRedirectURI", default)),
            &at("DefaultRedirectURI"),
        ));
    }
    let auth = strings("ExplicitAuthFlows");
    if auth.iter().any(|flow| flow.starts_with("ALLOW_")) && auth.iter().any(|flow| !flow.starts_with("ALLOW_")) {
        diagnostics.push(error(
            "Legacy and current flow names mixed",
            "Names with ALLOW_ and the older names without it cannot stand together.".to_owned(),
            &at("ExplicitAuthFlows"),
        ));
    }
    for name in strings("WriteAttributes").iter().filter(|name| KEPT_BY_COGNITO.contains(&name.as_str())) {
        diagnostics.push(error(
            "Attribute that no client can write",
            format!(
                "{} is kept by Cognito itself. Take it out of write_attributes.",
                desired.shown("WriteAttributes", name)
            ),
            &at("WriteAttributes"),
        ));
    }
    let oauth_given = !flows.is_empty() || !scopes.is_empty() || !callbacks.is_empty();
    if decided(&["allowed_oauth_flows_user_pool_client"]) && oauth_given && !enabled {
        diagnostics.push(
            Diagnostic::warning(
                "OAuth settings that Cognito ignores",
                "Without allowed_oauth_flows_user_pool_client = true Cognito keeps OAuth settings of this client and does not use them.",
            )
            .about(&desired.call, &at("")),
        );
    }
    if !setting::is_empty(setting::get(settings, "AnalyticsConfiguration")) {
        diagnostics.push(
            Diagnostic::warning(
                "Analytics service has ended",
                "Amazon Pinpoint, to which analytics_configuration sends events, ended in October 2026.",
            )
            .about(&desired.call, &at("AnalyticsConfiguration")),
        );
    }
}

/// Why Cognito refuses a redirect URL, if it does: plain http off localhost, a fragment, no scheme.
fn refused_url(url: &str) -> Option<&'static str> {
    let Some((scheme, rest)) = url.split_once(':') else { return Some("has no scheme") };
    if url.contains('#') {
        return Some("has a fragment, which Cognito refuses");
    }
    let host = rest.trim_start_matches('/').split(['/', ':', '?']).next().unwrap_or_default();
    let loopback = ["localhost", "127.0.0.1", "[::1]", "["].contains(&host);
    (scheme.eq_ignore_ascii_case("http") && !loopback).then_some("uses http, which Cognito allows for localhost only")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_registered_as_the_module_always_did() {
        assert_eq!(REGISTERED.fold("Web App (Prod)"), "web-app--prod-");
        assert_eq!(REGISTERED.fold("ios_native"), "ios-native");
    }

    #[test]
    fn refuses_urls_that_cognito_refuses() {
        assert!(refused_url("https://a.example/cb").is_none());
        assert!(refused_url("http://localhost:3000/cb").is_none());
        assert!(refused_url("myapp://cb").is_none());
        assert!(refused_url("http://a.example/cb").is_some());
        assert!(refused_url("https://a.example/#x").is_some());
        assert!(refused_url("nonsense").is_some());
    }
}
