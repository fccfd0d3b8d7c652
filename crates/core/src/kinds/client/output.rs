//! The attributes of a client in the AWS provider's words.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::setting;

/// The `clients[NAME]` output: the attribute names of `aws_cognito_user_pool_client`, the secret left null.
pub(crate) fn output(answer: &Object, desired: Option<&Object>) -> Json {
    let list = |name: &str| setting::sorted(answer.get(name).unwrap_or(&json!([])));
    let text = |name: &str| answer.get(name).cloned().unwrap_or_else(|| json!(""));
    let or = |name: &str, default: Json| answer.get(name).cloned().unwrap_or(default);
    let units = match answer.get("TokenValidityUnits") {
        Some(units) if !setting::is_empty(units) => json!([{
            "access_token": units["AccessToken"], "id_token": units["IdToken"], "refresh_token": units["RefreshToken"],
        }]),
        _ => json!([]),
    };
    let analytics = match answer.get("AnalyticsConfiguration") {
        Some(analytics) if !setting::is_empty(analytics) => json!([{
            "application_arn": analytics["ApplicationArn"], "application_id": analytics["ApplicationId"],
            "external_id": analytics["ExternalId"], "role_arn": analytics["RoleArn"],
            "user_data_shared": analytics["UserDataShared"],
        }]),
        _ => json!([]),
    };
    json!({
        "access_token_validity": or("AccessTokenValidity", json!(0)),
        "allowed_oauth_flows": list("AllowedOAuthFlows"),
        "allowed_oauth_flows_user_pool_client": or("AllowedOAuthFlowsUserPoolClient", json!(false)),
        "allowed_oauth_scopes": list("AllowedOAuthScopes"),
        "analytics_configuration": analytics,
        "auth_session_validity": or("AuthSessionValidity", json!(3)),
        "callback_urls": list("CallbackURLs"),
        "client_secret": null,
        "default_redirect_uri": text("DefaultRedirectURI"),
        "enable_propagate_additional_user_context_data": or("EnablePropagateAdditionalUserContextData", json!(false)),
        "enable_token_revocation": or("EnableTokenRevocation", json!(true)),
        "explicit_auth_flows": list("ExplicitAuthFlows"),
        "generate_secret": desired.map_or(Json::Null, |settings| setting::get(settings, "GenerateSecret").clone()),
        "id": text("ClientId"),
        "id_token_validity": or("IdTokenValidity", json!(0)),
        "logout_urls": list("LogoutURLs"),
        "name": text("ClientName"),
        "prevent_user_existence_errors": text("PreventUserExistenceErrors"),
        "read_attributes": list("ReadAttributes"),
        "refresh_token_validity": or("RefreshTokenValidity", json!(30)),
        "supported_identity_providers": list("SupportedIdentityProviders"),
        "token_validity_units": units,
        "user_pool_id": text("UserPoolId"),
        "write_attributes": list("WriteAttributes"),
    })
}
