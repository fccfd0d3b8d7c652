//! /oauth2/authorize: from the client's request to a sign-in and back, and /logout.

use crate::forms::members::Members;
use crate::oauth::authorization::{SESSION, back, browser, finish, own_error, wanted};
use crate::oauth::client::granted;
use crate::oauth::request::{DomainName, Reply, Request};
use crate::oauth::{federation, page};
use crate::outside::effects::Effects;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::domain_address::address_of;

pub(super) fn start(call: &Call, effects: &Effects, pool_id: &str, request: &Request) -> Reply {
    let fields = request.fields();
    let (app, wanted) = match wanted(effects, pool_id, request) {
        Ok(found) => found,
        Err(reply) => return reply,
    };
    // A browser that has signed in goes on at once, unless the client wants the user to.
    let known = match fields.get("prompt") {
        Some("login") => Ok(None),
        _ => browser(call, effects, &app, request),
    };
    let entered = known
        .and_then(|known| known.map(|(user, since)| finish(call, effects, &app, &user, &wanted, since)).transpose());
    match entered {
        Ok(Some(reply)) => return reply,
        Ok(None) => {}
        Err(_) => return back(&wanted, &[("error", "server_error")], false),
    }
    if fields.get("prompt") == Some("none") {
        return back(&wanted, &[("error", "login_required")], false);
    }
    match federation::chosen(effects, &app, &fields) {
        Ok(Some(provider)) => return federation::start(call, effects, &app, wanted, &provider, request),
        Ok(None) => {}
        Err(error) => return back(&wanted, &[("error", error.name())], false),
    }
    Reply::redirect(&format!("{}?{}", request.at("/login"), request.query))
}

/// What /logout takes (developer guide, logout endpoint). Libraries for OpenID Connect send `post_logout_redirect_uri`, which
/// the service does not read.
const LOGOUT: &str = "Cognito's /logout takes client_id and logout_uri, which must be one of the client's sign-out URLs \
                      (LogoutURLs), letter for letter; or client_id, redirect_uri and what else /login takes, to sign in \
                      again. It does not read post_logout_redirect_uri and id_token_hint.";

/// The member of a query that says that /logout has been asked for under the domain's other name.
const ASKED_BEFORE: &str = "_poolform_logout";

/// Where /logout is asked for under the domain's other name (`Way`): a browser that has no session under this one may have it
/// under that. None when it was there, and for a program, which has only what it is given.
fn other_logout(call: &Call, app: &AppClient, request: &Request) -> Option<String> {
    if !request.navigates || request.cookie(SESSION).is_some() || request.fields().get(ASKED_BEFORE).is_some() {
        return None;
    }
    let domain = match &request.way {
        DomainName::Host(_) => format!("{}/{}", call.issuer, app.pool_id),
        DomainName::Pool(_) => address_of(&app.pool, call.issuer)?,
    };
    Some(format!("{domain}/logout?{}&{ASKED_BEFORE}=yes", request.query))
}

/// /logout: signs the browser out and goes to a listed address, or back to signing in.
pub(super) fn logout(call: &Call, effects: &Effects, pool_id: &str, request: &Request) -> Reply {
    let fields = request.fields();
    let client = fields.get("client_id");
    let app = client.map(|client| granted(effects.read(|reader| AppClient::read(reader, pool_id.to_owned(), client))));
    // The first words of what is absent are the service's (public threads on Spring's text, and of streamlit 14601).
    let reply = match (app, fields.get("logout_uri"), fields.get("redirect_uri")) {
        (None, _, _) => page::failed(400, &format!("Required String parameter 'client_id' is not present\n{LOGOUT}")),
        (Some(Err(fault)), _, _) => fault,
        (Some(Ok(None)), _, _) => own_error(request, "invalid_request", fields.text("client_id")),
        (Some(Ok(Some(app))), Some(to), _) => {
            let listed = app.client.answer.texts("LogoutURLs");
            if listed.contains(&to) {
                Reply::redirect(&other_logout(call, &app, request).unwrap_or_else(|| to.to_owned()))
            } else {
                let known = if listed.is_empty() { "none".to_owned() } else { listed.join(", ") };
                let words = format!("redirect_mismatch: {to} is not a sign-out URL of the client, which has {known}.");
                page::failed(400, &format!("{words}\n{LOGOUT}"))
            }
        }
        (Some(Ok(Some(app))), None, Some(_)) => {
            let login = || format!("{}?{}", request.at("/login"), request.query);
            Reply::redirect(&other_logout(call, &app, request).unwrap_or_else(login))
        }
        (Some(Ok(Some(_))), None, None) => {
            page::failed(400, &format!("Required String parameter 'redirect_uri' is not present\n{LOGOUT}"))
        }
    };
    reply.with("set-cookie", request.cookie_for(&format!("{SESSION}="), Some(0)))
}
