//! /oauth2/token, /oauth2/userInfo, /oauth2/revoke.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use poolform_model::Refusal;
use serde_json::{Value as Json, json};

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, REFRESH_INVALID, is_fault};
use crate::kept::one_time;
use crate::kept::shelf::{AUTHORIZATION_CODES, USERS};
use crate::kept::user::User;
use crate::oauth::authorization::AuthorizationCode;
use crate::oauth::client::{client, granted, may_flow, scopes};
use crate::oauth::error::OauthError;
use crate::oauth::request::{Fields, Reply, Request};
use crate::operations::tokens::{issue, refresh};
use crate::outside::effects::Effects;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::token::{self, Grant};
use crate::rules::token_changes;

/// The header that says why userInfo is refused.
const AUTHENTICATE: &str = "www-authenticate";

pub(super) fn token(call: &Call, effects: &Effects, pool_id: &str, request: &Request) -> Reply {
    if !request.content_type.starts_with("application/x-www-form-urlencoded") {
        // A body that is JSON is answered, one of an unreadable type is not (O1).
        return if request.content_type.starts_with("application/json") {
            OauthError::InvalidRequest.reply()
        } else {
            Reply { status: 405, headers: Vec::new(), body: String::new() }
        };
    }
    let form = request.parameters();
    let app = match client(effects, pool_id, request, &form, 400) {
        Ok(app) => app,
        Err(reply) => return reply,
    };
    let outcome = match form.get("grant_type") {
        Some("authorization_code") => by_code(call, effects, &app, &form),
        Some("refresh_token") => by_refresh(call, effects, &app, &form),
        Some("client_credentials") => by_client(call, effects, &app, &form),
        Some(_) => Err(OauthError::UnsupportedGrantType),
        None => Err(OauthError::InvalidRequest),
    };
    outcome.map_or_else(OauthError::reply, |answer| Reply::json(200, &answer))
}

/// The answer of a sign-in, members in the recorded order [oauth2-token.2025-07.authorization_code].
fn answer(
    call: &Call,
    effects: &Effects,
    app: &AppClient,
    user: &User,
    grant: &Grant,
    refresh: bool,
    why: &str,
) -> Answer<Json> {
    let keys = effects.keys(&app.pool_id)?;
    let mut result = issue::issue(&call.of_client(&app.id), effects, app, user, grant, why)?;
    let mut answer = serde_json::Map::new();
    answer.extend(result.remove("IdToken").map(|token| ("id_token".to_owned(), token)));
    answer.extend(result.remove("AccessToken").map(|token| ("access_token".to_owned(), token)));
    if refresh {
        answer.insert("refresh_token".to_owned(), json!(grant.encrypted(&keys)?));
    }
    answer.insert("expires_in".to_owned(), json!(app.validity("Access")));
    answer.insert("token_type".to_owned(), json!("Bearer"));
    Ok(Json::Object(answer))
}

fn by_code(call: &Call, effects: &Effects, app: &AppClient, form: &Fields) -> Result<Json, OauthError> {
    let (Some(code), Some(redirect)) = (form.get("code"), form.get("redirect_uri")) else {
        return Err(OauthError::InvalidRequest);
    };
    if !may_flow(app, "code") {
        return Err(OauthError::UnauthorizedClient);
    }
    // A code is good for one try: whoever shows it, it is gone.
    let issued = effects
        .write(|writer| {
            let issued: Option<AuthorizationCode> = writer.reader().get(AUTHORIZATION_CODES, &app.pool_id, code)?;
            writer.remove(AUTHORIZATION_CODES, &app.pool_id, code)?;
            Ok(issued)
        })
        .map_err(|_| OauthError::ServerError)?;
    let Some(issued) = issued.filter(|issued| issued.grant.client == app.id && call.now / 1000 <= issued.until) else {
        return Err(OauthError::InvalidGrant);
    };
    if issued.wanted.redirect != redirect {
        return Err(OauthError::UnauthorizedClient);
    }
    let shown = form.get("code_verifier").map(|one| URL_SAFE_NO_PAD.encode(digest(&SHA256, one.as_bytes())));
    if issued.wanted.challenge != shown {
        return Err(OauthError::InvalidGrant);
    }
    let user: Option<User> = effects
        .read(|reader| reader.get(USERS, &app.pool_id, &issued.grant.user))
        .map_err(|_| OauthError::ServerError)?;
    let user = user.filter(|user| user.is_enabled() && user.attribute("sub") == Some(&issued.grant.sub));
    let user = user.filter(|user| issued.grant.issued > user.signed_out).ok_or(OauthError::InvalidGrant)?;
    answer(call, effects, app, &user, &issued.grant, true, "HostedAuth").map_err(|_| OauthError::ServerError)
}

fn by_refresh(call: &Call, effects: &Effects, app: &AppClient, form: &Fields) -> Result<Json, OauthError> {
    let token = form.get("refresh_token").ok_or(OauthError::InvalidRequest)?;
    let name = |refusal: Refusal| if is_fault(&refusal) { OauthError::ServerError } else { OauthError::InvalidGrant };
    let (grant, user) = refresh::check(call, effects, app, token, None).map_err(name)?;
    let next = refresh::turned(call, effects, app, &grant).map_err(|_| OauthError::ServerError)?;
    let turns = next.is_some();
    answer(call, effects, app, &user, next.as_ref().unwrap_or(&grant), turns, "RefreshTokens")
        .map_err(|_| OauthError::ServerError)
}

/// A token of the client itself: scopes of resource servers only.
fn by_client(call: &Call, effects: &Effects, app: &AppClient, form: &Fields) -> Result<Json, OauthError> {
    if !may_flow(app, "client_credentials") {
        // A client whose flows are not switched on (O1, sdk-js3#7158).
        let listed = app.client.answer.texts("AllowedOAuthFlows").contains(&"client_credentials");
        return Err(if listed { OauthError::InvalidGrant } else { OauthError::UnauthorizedClient });
    }
    let scope = scopes(app, form.get("scope"), |scope| scope.contains('/')).ok_or(OauthError::InvalidScope)?;
    if token_changes::version(&app.pool) == "3" {
        // The third version of PreTokenGeneration is for tokens like this one, and is not called for them yet.
        return Err(OauthError::NotBuilt(
            "PreTokenGenerationConfig V3_0 is not built into poolform's local Cognito yet. See docs/reference/local.md.",
        ));
    }
    let keys = effects.keys(&app.pool_id).map_err(|_| OauthError::ServerError)?;
    let token = token::of_client(call, &keys, app, &scope).map_err(|_| OauthError::ServerError)?;
    Ok(json!({"access_token": token, "expires_in": app.validity("Access"), "token_type": "Bearer"}))
}

/// /oauth2/userInfo: all values are texts [oauth2-userInfo.2019-06].
pub(super) fn user_info(call: &Call, effects: &Effects, pool_id: &str, request: &Request) -> Reply {
    // In the header (developer guide, userInfo endpoint), and in the body, where apps show it (simov/grant#189).
    let refuse = |status: u16, name: &str, words: &str| {
        Reply::json(status, &json!({"error": name, "error_description": words}))
            .with(AUTHENTICATE, format!("error=\"{name}\", error_description=\"{words}\""))
    };
    let Some(token) = request.authorization.as_deref().and_then(|header| header.strip_prefix("Bearer ")) else {
        return refuse(400, "invalid_request", "Bad OAuth2 request at UserInfo Endpoint");
    };
    let access = token::verified(call, effects, token)
        .and_then(|verified| effects.read(|reader| token::bearer(reader, verified)));
    let access = match granted(access) {
        Ok(access) => access,
        Err(fault) => return fault,
    };
    // A domain knows the tokens of its own pool only.
    let Some(access) = access.filter(|access| access.app.pool_id == pool_id) else {
        let words = "Access token is expired, disabled, or deleted, or the user has globally signed out.";
        return refuse(401, "invalid_token", words);
    };
    let scope = access.claims.text("scope").unwrap_or_default();
    if !scope.split(' ').any(|one| one == "openid") {
        // [oauth2-token.errors.newer; simov/grant#189]
        return refuse(401, "invalid_token", "Access token does not contain openid scope");
    }
    let mut answer = serde_json::Map::new();
    answer.insert("sub".to_owned(), json!(access.user.attribute("sub")));
    for (name, value) in access.user.attributes() {
        if !matches!(name, "sub" | "identities") && access.app.may_read(name) && token::in_scope(scope, name) {
            answer.insert(name.to_owned(), json!(value));
        }
    }
    answer.insert("username".to_owned(), json!(access.user.name()));
    Reply::json(200, &Json::Object(answer))
}

/// /oauth2/revoke. Wrong credentials are 401 here, and 400 at the token endpoint (O1).
pub(super) fn revoke(call: &Call, effects: &Effects, pool_id: &str, request: &Request) -> Reply {
    let form = request.parameters();
    let app = match client(effects, pool_id, request, &form, 401) {
        Ok(app) => app,
        Err(reply) => return reply,
    };
    let Some(token) = form.get("token").filter(|_| app.revokes()) else { return OauthError::InvalidRequest.reply() };
    let done = effects.keys(pool_id).and_then(|keys| match Grant::decrypted(&keys, token) {
        Some(grant) if grant.client == app.id => {
            effects.write(|writer| one_time::revoke(writer, call.now, pool_id, &grant.origin))
        }
        Some(_) => REFRESH_INVALID.refuse(),
        None => Ok(()),
    });
    match done {
        Ok(()) if token.split('.').count() == 3 => OauthError::UnsupportedTokenType.reply(),
        Ok(()) => Reply { status: 200, headers: Vec::new(), body: String::new() },
        Err(refusal) if is_fault(&refusal) => OauthError::ServerError.reply(),
        Err(_) => OauthError::InvalidRequest.reply(),
    }
}
