//! New tokens for old: GetTokensFromRefreshToken with rotation, RevokeToken.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::identifier;
use crate::forms::members::{Members, in_model_order, only};
use crate::forms::refusal::{
    Answer, CLIENT_SECRET_WRONG, DISABLED, NO_USER, NOT_BUILT, REFRESH_EXPIRED, REFRESH_INVALID, REFRESH_REUSED,
    REFRESH_REVOKED, REVOCATION_OFF, TOKEN_NOT_REFRESH, UNAUTHORIZED_CLIENT, otherwise,
};
use crate::kept::one_time;
use crate::kept::shelf::USERS;
use crate::kept::user::User;
use crate::kept::vault::Vault;
use crate::operations::tokens::issue;
use crate::outside::effects::Effects;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::token::Grant;

/// GetTokensFromRefreshToken. It is no flow of ExplicitAuthFlows: its page asks for a refresh token of the client and nothing
/// else, with rotation or without (API reference, RefreshTokenRotationType).
pub(crate) fn get_tokens(call: &Call, effects: &Effects) -> Answer {
    let app = effects.read(|reader| call.app(reader))?;
    app.expect_built()?;
    if !app.is_secret(call.body.text("ClientSecret")) {
        return Err(CLIENT_SECRET_WRONG.with(&[&app.id]));
    }
    let (grant, user) = check(call, effects, &app, call.text("RefreshToken"), call.body.text("DeviceKey"))?;
    let mut result = issue(call, effects, &app, &user, &grant)?;
    if let Some(next) = turned(call, effects, &app, &grant)? {
        let keys = effects.keys(&app.pool_id)?;
        result.insert("RefreshToken".to_owned(), json!(next.encrypted(&keys)?));
    }
    let result = in_model_order("AuthenticationResultType", result);
    Ok(only("AuthenticationResult", Json::Object(result)))
}

/// The refresh token that takes the place of one, where the client rotates them. Its end stays where it was (developer
/// guide, refresh token rotation).
pub(crate) fn turned(call: &Call, vault: &Vault, app: &AppClient, grant: &Grant) -> Answer<Option<Grant>> {
    let Some(grace) = app.rotation() else { return Ok(None) };
    let first =
        vault.write(|writer| one_time::use_up(writer, call.now, &app.pool_id, grant.expires * 1000, &grant.id))?;
    // Two requests with one token at the same moment have both been let through so far.
    if !first && grace == 0 {
        return REFRESH_REUSED.refuse();
    }
    Ok(Some(Grant { id: identifier::uuid(), issued: call.now, ..grant.clone() }))
}

pub(crate) fn issue(call: &Call, effects: &Effects, app: &AppClient, user: &User, grant: &Grant) -> Answer {
    issue::issue(call, effects, app, user, grant, "RefreshTokens")
}

/// The grant of a refresh token that is good for this client and device, and its user.
pub(crate) fn check(
    call: &Call,
    vault: &Vault,
    app: &AppClient,
    token: &str,
    device: Option<&str>,
) -> Answer<(Grant, User)> {
    let keys = vault.keys(&app.pool_id)?;
    let Some(grant) = Grant::decrypted(&keys, token).filter(|grant| grant.client == app.id) else {
        return REFRESH_INVALID.refuse();
    };
    if grant.device.is_some() && grant.device.as_deref() != device {
        return REFRESH_INVALID.refuse();
    }
    if grant.expires <= call.now / 1000 {
        return REFRESH_EXPIRED.refuse();
    }
    let (user, revoked, used) = vault.read(|reader| {
        let user: Option<User> = reader.get(USERS, &app.pool_id, &grant.user)?;
        let revoked = one_time::is_revoked(reader, &app.pool_id, &grant.origin)?;
        Ok((user, revoked, one_time::look_up(reader, &app.pool_id, grant.expires * 1000, &grant.id)?))
    })?;
    let Some(user) = user.filter(|user| user.attribute("sub") == Some(&grant.sub)) else {
        return NO_USER.refuse();
    };
    if !user.is_enabled() {
        return DISABLED.refuse();
    }
    if revoked || grant.issued <= user.signed_out {
        return REFRESH_REVOKED.refuse();
    }
    if used.at != 0 && call.now > used.at + app.rotation().unwrap_or_default() * 1000 {
        return REFRESH_REUSED.refuse();
    }
    Ok((grant, user))
}

/// RevokeToken: the refresh token and all access tokens that came of its sign-in. A token that is unknown or revoked is
/// no refusal (RFC 7009).
pub(crate) fn revoke(call: &Call, vault: &Vault) -> Answer {
    let app = otherwise(vault.read(|reader| call.app(reader)), &UNAUTHORIZED_CLIENT)?;
    if !app.is_secret(call.body.text("ClientSecret")) {
        return UNAUTHORIZED_CLIENT.refuse();
    }
    if !app.revokes() {
        return REVOCATION_OFF.refuse();
    }
    if call.body.flag("RevokeAssociatedSessions") == Some(true) {
        return Err(NOT_BUILT.with(&["RevokeAssociatedSessions"]));
    }
    let keys = vault.keys(&app.pool_id)?;
    let token = call.text("Token");
    let Some(grant) = Grant::decrypted(&keys, token) else {
        // Three parts are a JWT.
        return if token.split('.').count() == 3 { TOKEN_NOT_REFRESH.refuse() } else { Ok(Object::new()) };
    };
    if grant.client != app.id {
        return UNAUTHORIZED_CLIENT.refuse();
    }
    vault.write(|writer| one_time::revoke(writer, call.now, &app.pool_id, &grant.origin))?;
    Ok(Object::new())
}
