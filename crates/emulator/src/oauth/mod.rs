//! What a domain offers: OAuth 2 and OpenID Connect at `http://PREFIX.auth.REGION.localhost:PORT`, for a custom domain at
//! `http://NAME.localhost:PORT`, and for each at `http://127.0.0.1:PORT/POOL_ID` too: browsers resolve names under
//! `localhost`, most other programs do not. The domain is read from the request's Host, or from its path.
//!
//! /oauth2/authorize with code (and PKCE) and implicit flows, /oauth2/token, /oauth2/userInfo, /oauth2/revoke, /logout, and
//! pages: /login with all its challenges, /signup, /forgotPassword. Users may come from an identity provider that speaks
//! OpenID Connect (`federation`). Not built: SAML, which is refused by name.

mod authorization;
mod authorize;
mod challenge;
mod client;
mod error;
mod external;
#[cfg(test)]
mod faults;
mod federation;
mod login;
mod page;
mod page_request;
mod recovery;
pub(crate) mod request;
mod sign_up;
pub(crate) mod template;
mod token_endpoint;

pub(crate) mod well_known;

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::emulator::{Emulator, dispatch};
use crate::forms::identifier;
use crate::forms::members::Members;
use crate::forms::refusal::Answer;
use crate::kept::pool::Pool;
use crate::kept::shelf::USER_POOLS;
use crate::kept::store::Reader;
use crate::kept::{domain, user};
use crate::oauth::client::granted;
use crate::oauth::page_request::PageRequest;
use crate::oauth::request::{DomainName, Fields, Reply, Request};
use crate::operations::users::sign_up::confirm_found;
use crate::outside::effects::Effects;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::domain_address::CONFIRM;

/// The pool whose domain a host is: `PREFIX.auth.REGION.localhost`, or a custom domain, which has dots, with `.localhost` or
/// without (who has such a name resolved by a hosts file).
fn pool_at(reader: &dyn Reader, host: &str) -> Answer<Option<String>> {
    let name = host.strip_suffix(".localhost").unwrap_or(host);
    let prefix =
        name.rsplit_once(".auth.").filter(|(_, region)| name.len() < host.len() && identifier::is_region(region));
    let (name, region) = match prefix {
        Some((prefix, region)) => (prefix, Some(region)),
        None if name.contains('.') => (name, None),
        None => return Ok(None),
    };
    let pool = domain::find(reader, name, region.unwrap_or_default())?
        .and_then(|domain| domain.answer.text("UserPoolId").map(str::to_owned));
    Ok(pool.filter(|pool| region.is_none_or(|region| identifier::region_of(pool) == region)))
}

/// The pool that a request to a domain means; None when there is none, or it has no domain.
fn pool_of(reader: &dyn Reader, way: &DomainName) -> Answer<Option<String>> {
    match way {
        DomainName::Host(host) => pool_at(reader, host),
        DomainName::Pool(id) => {
            let pool: Option<Pool> = reader.get(USER_POOLS, "", id)?;
            let has = |pool: &Pool| ["Domain", "CustomDomain"].iter().any(|member| pool.answer.text(member).is_some());
            Ok(pool.filter(has).map(|_| id.clone()))
        }
    }
}

/// Whether a host is the domain of a pool.
pub(crate) fn is_domain(emulator: &Emulator, host: &str) -> bool {
    matches!(emulator.store.read(|reader| pool_at(reader, host)), Ok(Some(_)))
}

/// Answers a request to a domain; None when it names no domain of a pool.
pub(crate) fn answer(emulator: &Emulator, request: &Request) -> Option<Reply> {
    let pool_id = match granted(emulator.store.read(|reader| pool_of(reader, &request.way))) {
        Ok(pool_id) => pool_id??,
        Err(fault) => return Some(fault),
    };
    let emulator = &emulator.in_region(identifier::region_of(&pool_id));
    let body = Object::new();
    let reply = dispatch::outside(emulator, &body, |call, effects| route(emulator, call, effects, &pool_id, request));
    if request.path.starts_with("/oauth2/") {
        note(emulator, &pool_id, request, &reply);
    }
    Some(reply)
}

/// Shows a request to an endpoint to whoever looks at the inspector: without codes, secrets and tokens.
fn note(emulator: &Emulator, pool_id: &str, request: &Request, reply: &Reply) {
    let location = reply.headers.iter().find(|(name, _)| *name == "location").map(|(_, to)| to.as_str());
    let redirected = location.and_then(|to| to.split_once(['?', '#'])).map(|(_, query)| Fields::read(query.as_bytes()));
    let said = redirected.and_then(|fields| {
        let error = fields.get("error")?;
        Some(fields.get("error_description").map_or_else(|| error.to_owned(), |words| format!("{error}: {words}")))
    });
    let body: Json = serde_json::from_str(&reply.body).unwrap_or_default();
    let refused = said.or_else(|| (reply.status >= 400).then(|| body.text("error").unwrap_or("refused").to_owned()));
    let told = request.parameters();
    let client = told.get("client_id");
    let now = emulator.options().clock.now();
    let what = format!("{} {}", request.method, request.path);
    emulator.trace.note_domain(now, what, pool_id, client, refused.map(|words| (reply.status, words)));
}

fn route(emulator: &Emulator, call: &Call, effects: &Effects, pool_id: &str, request: &Request) -> Reply {
    // What is asked of a page without its text is asked of the page; the server leaves the text out. But for what a link of a
    // message does: who looks whether it is there must not have done it.
    let path = request.path.as_str();
    let looks = request.method == "HEAD" && !matches!(path, CONFIRM | federation::RETURN);
    let method = if looks { "GET" } else { request.method.as_str() };
    if let Some((_, _, page)) = PAGES.iter().find(|(of, at, _)| (*of, *at) == (method, path)) {
        return PageRequest::open(emulator, call, effects, pool_id, request)
            .map_or_else(|reply| reply, |request| page(&request));
    }
    match (method, path) {
        ("GET", "/oauth2/authorize") => authorize::start(call, effects, pool_id, request),
        ("GET", federation::RETURN) => federation::finish(emulator, call, effects, pool_id, request),
        ("GET" | "POST", "/saml2/idpresponse") => page::not_built("Signing in by SAML"),
        ("GET", "/logout") => authorize::logout(call, effects, pool_id, request),
        ("GET", CONFIRM) => confirm(emulator, effects, pool_id, request),
        ("GET", "/error") => page::error(&request.fields()),
        ("POST", "/oauth2/token") => token_endpoint::token(call, effects, pool_id, request),
        ("GET" | "POST", "/oauth2/userInfo") => token_endpoint::user_info(call, effects, pool_id, request),
        ("POST", "/oauth2/revoke") => token_endpoint::revoke(call, effects, pool_id, request),
        _ => match allowed(path) {
            // [well-known.2025-08.wrong-path]
            "" => Reply::json(404, &json!({"error": "This URL doesn't exist on the authorization server."})),
            // The pages of the developer guide on these endpoints name the one method that each supports. The service's own
            // words for another are not recorded.
            methods => Reply { status: 405, headers: vec![("allow", methods.to_owned())], body: String::new() },
        },
    }
}

/// The methods of a path; none of a path that is nothing.
fn allowed(path: &str) -> &'static str {
    let pages = |method: &str| PAGES.iter().any(|(of, at, _)| (*of, *at) == (method, path));
    match path {
        federation::RETURN | CONFIRM => "GET",
        "/oauth2/authorize" | "/logout" | "/error" => "GET, HEAD",
        "/oauth2/token" | "/oauth2/revoke" => "POST",
        "/oauth2/userInfo" | "/saml2/idpresponse" => "GET, HEAD, POST",
        _ if pages("GET") => "GET, HEAD, POST",
        _ if pages("POST") => "POST",
        _ => "",
    }
}

/// What answers on a page.
type Page = fn(&PageRequest) -> Reply;

/// Methods and paths of the pages on the way of a request for authorization, whose query they keep.
const PAGES: &[(&str, &str, Page)] = &[
    ("GET", "/login", login::show),
    ("POST", "/login", login::submit),
    ("GET", "/signup", |request| sign_up::show(request, "")),
    ("POST", "/signup", sign_up::submit),
    ("POST", "/confirm", sign_up::confirm),
    ("GET", "/forgotPassword", |request| recovery::show(request, "")),
    ("POST", "/forgotPassword", recovery::submit),
    ("POST", "/confirmForgotPassword", recovery::confirm),
];

/// A link of a confirmation: ConfirmSignUp for the client that the link names, whose secret a link cannot prove.
fn confirm(emulator: &Emulator, effects: &Effects, pool_id: &str, request: &Request) -> Reply {
    let fields = request.fields();
    let app =
        match granted(effects.read(|reader| AppClient::read(reader, pool_id.to_owned(), fields.text("client_id")))) {
            Ok(Some(app)) => app,
            Ok(None) => return page::failed(400, "The link is not one of this user pool."),
            Err(fault) => return fault,
        };
    let mut body = Object::new();
    body.insert("ClientId".to_owned(), json!(app.id));
    body.insert("Username".to_owned(), json!(fields.text("user_name")));
    body.insert("ConfirmationCode".to_owned(), json!(fields.text("confirmation_code")));
    match dispatch::outside(emulator, &body, |call, effects| {
        effects.transact(call, |transaction| {
            let found = user::find(transaction.reader(), (pool_id, &app.pool), call.text("Username"))?;
            confirm_found(call, transaction, &app, found)
        })
    }) {
        Ok(_) => page::done("Your registration has been confirmed", "You can sign in now.", Vec::new()),
        Err(refusal) => page::failed(400, &refusal.message),
    }
}
