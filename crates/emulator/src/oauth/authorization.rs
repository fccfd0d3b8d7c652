//! A request for authorization, and the way back to the client that made it.

use serde::{Deserialize, Serialize};

use crate::forms::members::Members;
use crate::forms::refusal::Answer;
use crate::forms::{encryption, identifier};
use crate::kept::shelf::{AUTHORIZATION_CODES, USERS};
use crate::kept::store::{Writer, decode};
use crate::kept::user::{self, User};
use crate::oauth::client::{granted, may_flow, scopes};
use crate::oauth::request::{Reply, Request};
use crate::operations::tokens::issue;
use crate::outside::effects::Effects;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::token::Grant;

/// Seconds that a code is good for (developer guide, authorize endpoint).
const CODE_SECONDS: i64 = 300;

/// Codes that may lie about before those past their time are cleared away.
const CODES_KEPT: u64 = 64;

/// Seconds that a browser stays signed in [oauth2-token.2022-10.authorization_code].
const BROWSER_SECONDS: i64 = 3600;

/// The cookie of a browser that has signed in; the service's has this name [oauth2-token.2022-10.authorization_code].
pub(crate) const SESSION: &str = "cognito";

/// What the cookie of a browser is encrypted for.
const BROWSER: &str = "browser";

/// A request for authorization that holds.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct AuthorizationRequest {
    pub(crate) redirect: String,
    pub(crate) scope: String,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    /// The S256 challenge of PKCE.
    pub(crate) challenge: Option<String>,
    /// Whether tokens are given at once instead of a code.
    pub(crate) implicit: bool,
}

/// A code on its way. No Debug.
#[derive(Deserialize, Serialize)]
pub(crate) struct AuthorizationCode {
    pub(crate) wanted: AuthorizationRequest,
    pub(crate) grant: Grant,
    /// Seconds since 1970.
    pub(crate) until: i64,
}

/// A browser that has signed in.
#[derive(Deserialize, Serialize)]
struct SignedInBrowser {
    user: String,
    sub: String,
    /// Milliseconds since 1970.
    since: i64,
}

/// The error page of the domain: never the client's address, which may not be the client's.
pub(crate) fn own_error(request: &Request, name: &str, client: &str) -> Reply {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("error", name)
        .append_pair("client_id", client)
        .finish();
    Reply::redirect(&format!("{}?{query}", request.at("/error")))
}

/// An address of the client with more in its query, or in its fragment.
pub(crate) fn back(wanted: &AuthorizationRequest, members: &[(&str, &str)], fragment: bool) -> Reply {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(members);
    if let Some(state) = &wanted.state {
        query.append_pair("state", state);
    }
    let sign = match (fragment, wanted.redirect.contains('?')) {
        (true, _) => '#',
        (false, true) => '&',
        (false, false) => '?',
    };
    Reply::redirect(&format!("{}{sign}{}", wanted.redirect, query.finish()))
}

/// The client and what it wants; a reply when the request does not hold (O1).
pub(crate) fn wanted(
    effects: &Effects,
    pool_id: &str,
    request: &Request,
) -> Result<(AppClient, AuthorizationRequest), Reply> {
    let fields = &request.fields();
    let client = fields.text("client_id");
    let app = granted(effects.read(|reader| AppClient::read(reader, pool_id.to_owned(), client)))?;
    let app = app.ok_or_else(|| own_error(request, "invalid_request", client))?;
    let addresses = app.client.answer.texts("CallbackURLs");
    let redirect = match fields.get("redirect_uri") {
        Some(given) if addresses.contains(&given) => given.to_owned(),
        Some(_) => return Err(own_error(request, "redirect_mismatch", client)),
        None => match app.client.answer.text("DefaultRedirectURI") {
            Some(default) => default.to_owned(),
            None => return Err(own_error(request, "redirect_mismatch", client)),
        },
    };
    let mut wanted = AuthorizationRequest {
        redirect,
        scope: String::new(),
        state: fields.get("state").map(str::to_owned),
        nonce: fields.get("nonce").map(str::to_owned),
        challenge: fields.get("code_challenge").map(str::to_owned),
        implicit: fields.get("response_type") == Some("token"),
    };
    let refuse = |wanted: &AuthorizationRequest, name: &str| Err(back(wanted, &[("error", name)], false));
    let flow = match fields.get("response_type") {
        Some("code") => "code",
        Some("token") => "implicit",
        _ => return refuse(&wanted, "invalid_request"),
    };
    if wanted.challenge.is_some() != (fields.get("code_challenge_method") == Some("S256")) {
        return refuse(&wanted, "invalid_request");
    }
    if !may_flow(&app, flow) {
        return refuse(&wanted, "unauthorized_client");
    }
    match scopes(&app, fields.get("scope"), |_| true) {
        Some(scope) => wanted.scope = scope,
        None => return refuse(&wanted, "invalid_scope"),
    }
    Ok((app, wanted))
}

/// The user of a browser that has signed in, and when that was, seconds since 1970.
pub(crate) fn browser(
    call: &Call,
    effects: &Effects,
    app: &AppClient,
    request: &Request,
) -> Answer<Option<(User, i64)>> {
    let Some(cookie) = request.cookie(SESSION) else { return Ok(None) };
    let keys = effects.keys(&app.pool_id)?;
    let browser: Option<SignedInBrowser> = encryption::decrypt(&keys.encryption, BROWSER, cookie);
    let Some(browser) = browser.filter(|browser| call.now <= browser.since + BROWSER_SECONDS * 1000) else {
        return Ok(None);
    };
    let user: Option<User> = effects.read(|reader| reader.get(USERS, &app.pool_id, &browser.user))?;
    let same = |user: &User| {
        user.attribute("sub") == Some(&browser.sub) && user.is_enabled() && browser.since > user.signed_out
    };
    Ok(user.filter(same).map(|user| (user, browser.since / 1000)))
}

/// The cookie that keeps a browser signed in, name and value.
fn browser_cookie(call: &Call, effects: &Effects, app: &AppClient, user: &User) -> Answer<String> {
    let keys = effects.keys(&app.pool_id)?;
    let sub = user.attribute("sub").unwrap_or_default().to_owned();
    let browser = SignedInBrowser { user: user::key(&app.pool, user.name()), sub, since: call.now };
    let encrypted = encryption::encrypt(&keys.encryption, BROWSER, &browser)?;
    Ok(format!("{SESSION}={encrypted}"))
}

/// Sends a browser back to the client with a user who has just signed in, whom its cookie keeps.
pub(crate) fn leave(
    call: &Call,
    effects: &Effects,
    app: &AppClient,
    user: &User,
    wanted: &AuthorizationRequest,
    request: &Request,
) -> Answer<Reply> {
    let cookie = browser_cookie(call, effects, app, user)?;
    let reply = finish(call, effects, app, user, wanted, call.now / 1000)?;
    Ok(reply.with("set-cookie", request.cookie_for(&cookie, Some(BROWSER_SECONDS))))
}

/// Sends the browser back to the client: with a code, or with tokens.
pub(crate) fn finish(
    call: &Call,
    effects: &Effects,
    app: &AppClient,
    user: &User,
    wanted: &AuthorizationRequest,
    since: i64,
) -> Answer<Reply> {
    let mut grant = Grant::new(call, app, user, None);
    grant.auth_time = since;
    grant.scope.clone_from(&wanted.scope);
    grant.hosted = true;
    grant.nonce.clone_from(&wanted.nonce);
    if wanted.implicit {
        let result = issue::issue(call, effects, app, user, &grant, "HostedAuth")?;
        let seconds = app.validity("Access").to_string();
        let mut members = Vec::new();
        members.extend(result.text("IdToken").map(|token| ("id_token", token)));
        members.extend(result.text("AccessToken").map(|token| ("access_token", token)));
        members.extend([("expires_in", seconds.as_str()), ("token_type", "Bearer")]);
        return Ok(back(wanted, &members, true));
    }
    let code = identifier::uuid();
    let issued = AuthorizationCode { wanted: wanted.clone(), grant, until: call.now / 1000 + CODE_SECONDS };
    effects.write(|writer| {
        clear(call, writer, &app.pool_id)?;
        writer.put(AUTHORIZATION_CODES, &app.pool_id, &code, &issued)
    })?;
    Ok(back(wanted, &[("code", &code)], false))
}

/// Clears codes away that nobody came for, once there are some.
pub(crate) fn clear(call: &Call, writer: &mut Writer, pool_id: &str) -> Answer<()> {
    if writer.reader().count(AUTHORIZATION_CODES, pool_id)? < CODES_KEPT {
        return Ok(());
    }
    let mut past = Vec::new();
    writer.reader().visit(AUTHORIZATION_CODES, pool_id, None, &mut |name, bytes| {
        if decode::<AuthorizationCode>(bytes)?.until < call.now / 1000 {
            past.push(name.to_owned());
        }
        Ok(true)
    })?;
    for code in past {
        writer.remove(AUTHORIZATION_CODES, pool_id, &code)?;
    }
    Ok(())
}
