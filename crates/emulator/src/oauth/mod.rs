//! What a domain offers: OAuth 2 and OpenID Connect at `http://PREFIX.auth.REGION.localhost:PORT`, and at a custom
//! domain's own name. The domain is read from the request's Host.
//!
//! /oauth2/authorize with code (and PKCE) and implicit flows, /oauth2/token, /oauth2/userInfo, /oauth2/revoke, /logout, and
//! pages: /login with all its challenges, /signup, /forgotPassword. Users may come from an identity provider that speaks
//! OpenID Connect (`federation`). Not built: SAML, which is refused by name.

mod authorize;
mod challenge;
mod federation;
mod login;
mod page;
mod recovery;
mod sign_up;
mod token_endpoint;
mod visit;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::Emulator;
use crate::app::App;
use crate::call::{Answer, Call};
use crate::dispatch;
use crate::domain::Domain;
use crate::identifier;
use crate::members::Members;
use crate::store::{DOMAINS, Look, Store};
use crate::user;
use crate::user_pool::Pool;

pub use federation::Providers;
use visit::Visit;

/// Where the links of confirmations go (developer guide, confirmation by link).
pub(crate) const CONFIRM: &str = "/confirmUser";

/// A request to a domain.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Without its port, in lower case.
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) content_type: String,
    pub(crate) authorization: Option<String>,
    pub(crate) cookies: String,
    pub(crate) body: Vec<u8>,
}

/// The answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Reply {
    fn json(status: u16, body: &Json) -> Reply {
        // Never to be kept [oauth2-token.2022-01.client_credentials].
        let headers = vec![
            ("content-type", "application/json;charset=UTF-8".to_owned()),
            ("cache-control", "no-cache, no-store, max-age=0, must-revalidate".to_owned()),
            ("pragma", "no-cache".to_owned()),
        ];
        Reply { status, headers, body: body.to_string() }
    }

    /// A page of a template.
    pub(crate) fn page(status: u16, template: &str, context: impl serde::Serialize) -> Reply {
        let headers = crate::page::HEADERS.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Reply { status, headers, body: crate::page::render(template, context) }
    }

    fn redirect(to: &str) -> Reply {
        Reply { status: 302, headers: vec![("location", to.to_owned())], body: String::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: String) -> Reply {
        self.headers.push((name, value));
        self
    }
}

/// The fields of a query or a form, decoded; of a name that comes twice the first.
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    pub(crate) fn read(text: &[u8]) -> Fields {
        Fields(form_urlencoded::parse(text).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A value that may be absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }
}

impl Request {
    fn form(&self) -> Fields {
        Fields::read(&self.body)
    }

    fn fields(&self) -> Fields {
        Fields::read(self.query.as_bytes())
    }

    fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies
            .split(';')
            .find_map(|pair| pair.trim().split_once('=').filter(|(found, _)| *found == name))
            .map(|(_, value)| value)
    }
}

/// Where a domain answers: the name of its host, of a server at an address.
pub(crate) fn address_of(pool: &Pool, server: &str) -> Option<String> {
    let region = identifier::region_of(pool.answer.text("Id")?);
    let (scheme, rest) = server.split_once("://")?;
    let port = rest.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))?.1;
    let host = match (pool.answer.text("CustomDomain"), pool.answer.text("Domain")) {
        (Some(custom), _) => custom.to_owned(),
        (None, Some(prefix)) => format!("{prefix}.auth.{region}.localhost"),
        (None, None) => return None,
    };
    Some(format!("{scheme}://{host}:{port}"))
}

/// The pool whose domain a host is: `PREFIX.auth.REGION.localhost`, or a custom domain, which has dots.
fn pool_of(look: &dyn Look, host: &str) -> Answer<Option<String>> {
    let prefix = host.strip_suffix(".localhost").and_then(|rest| rest.split_once(".auth."));
    let (name, region) = match prefix {
        Some((prefix, region)) => (prefix, Some(region)),
        None if host.contains('.') => (host, None),
        None => return Ok(None),
    };
    let domain: Option<Domain> = look.get(DOMAINS, "", name)?;
    let pool = domain.and_then(|domain| domain.answer.text("UserPoolId").map(str::to_owned));
    Ok(pool.filter(|pool| region.is_none_or(|region| identifier::region_of(pool) == region)))
}

/// Whether a host is the domain of a pool.
pub(crate) fn is_domain(emulator: &Emulator, host: &str) -> bool {
    matches!(emulator.store.read(|look| pool_of(look, host)), Ok(Some(_)))
}

/// Answers a request to a domain; None when the host is no domain of a pool.
pub(crate) fn answer(emulator: &Emulator, request: &Request) -> Option<Reply> {
    let pool_id = emulator.store.read(|look| pool_of(look, &request.host)).ok()??;
    let emulator = &emulator.in_region(identifier::region_of(&pool_id));
    let body = Object::new();
    let reply = dispatch::outside(emulator, &body, |call, store| route(emulator, call, store, &pool_id, request));
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
    let (fields, form) = (request.fields(), request.form());
    let client = fields.get("client_id").or(form.get("client_id"));
    let now = emulator.options().clock.now();
    let what = format!("{} {}", request.method, request.path);
    emulator.trace.note_domain(now, what, pool_id, client, refused.map(|words| (reply.status, words)));
}

fn route(emulator: &Emulator, call: &Call, store: &Store, pool_id: &str, request: &Request) -> Reply {
    let (method, path) = (request.method.as_str(), request.path.as_str());
    if let Some((_, _, page)) = PAGES.iter().find(|(of, at, _)| (*of, *at) == (method, path)) {
        return Visit::open(emulator, call, store, pool_id, request).map_or_else(|reply| reply, |visit| page(&visit));
    }
    match (method, path) {
        ("GET", "/oauth2/authorize") => authorize::start(call, store, pool_id, request),
        ("GET", federation::RETURN) => federation::finish(emulator, call, store, pool_id, request),
        ("GET" | "POST", "/saml2/idpresponse") => page::not_built("Signing in by SAML"),
        ("GET", "/logout") => authorize::logout(store, pool_id, request),
        ("GET", CONFIRM) => confirm(emulator, store, pool_id, request),
        ("GET", "/error") => page::error(&request.fields()),
        ("POST", "/oauth2/token") => token_endpoint::token(call, store, pool_id, request),
        ("GET" | "POST", "/oauth2/userInfo") => token_endpoint::user_info(call, store, pool_id, request),
        ("POST", "/oauth2/revoke") => token_endpoint::revoke(call, store, pool_id, request),
        // [well-known.2025-08.wrong-path]
        _ => Reply::json(404, &json!({"error": "This URL doesn't exist on the authorization server."})),
    }
}

/// What answers on a page.
type Page = fn(&Visit) -> Reply;

/// Methods and paths of the pages on the way of a request for authorization, whose query they keep.
const PAGES: &[(&str, &str, Page)] = &[
    ("GET", "/login", login::show),
    ("POST", "/login", login::submit),
    ("GET", "/signup", |visit| sign_up::show(visit, "")),
    ("POST", "/signup", sign_up::submit),
    ("POST", "/confirm", sign_up::confirm),
    ("GET", "/forgotPassword", |visit| recovery::show(visit, "")),
    ("POST", "/forgotPassword", recovery::submit),
    ("POST", "/confirmForgotPassword", recovery::confirm),
];

/// A link of a confirmation: ConfirmSignUp for the client that the link names, whose secret a link cannot prove.
fn confirm(emulator: &Emulator, store: &Store, pool_id: &str, request: &Request) -> Reply {
    let fields = request.fields();
    let Ok(app) = store.read(|look| App::read(look, pool_id.to_owned(), fields.text("client_id"))) else {
        return page::failed(400, "The link is not one of this user pool.");
    };
    let mut body = Object::new();
    body.insert("ClientId".to_owned(), json!(app.id));
    body.insert("Username".to_owned(), json!(fields.text("user_name")));
    body.insert("ConfirmationCode".to_owned(), json!(fields.text("confirmation_code")));
    match dispatch::outside(emulator, &body, |call, store| {
        call.write(store, |writing| {
            let found = user::find(writing.look(), (pool_id, &app.pool), call.text("Username"))?;
            user::sign_up::confirm_found(call, writing, &app, found)
        })
    }) {
        Ok(_) => page::done("Your registration has been confirmed", "You can sign in now.", Vec::new()),
        Err(refusal) => page::failed(400, &refusal.message),
    }
}

/// The client of a request, by Basic header or by the form. The service says what is wrong with the secret of a client
/// that it knows [oauth2-token.errors.newer].
fn client(store: &Store, pool_id: &str, request: &Request, form: &Fields) -> Result<App, Json> {
    let (id, secret) = credentials(request, form).ok_or_else(|| json!({"error": "invalid_client"}))?;
    let app = store.read(|look| App::read(look, pool_id.to_owned(), &id));
    let app = app.map_err(|_| json!({"error": "invalid_client"}))?;
    if app.is_secret(secret.as_deref()) {
        Ok(app)
    } else {
        Err(json!({"error": "invalid_client", "error_description": "invalid_client_secret"}))
    }
}

/// Id and secret of a client.
fn credentials(request: &Request, form: &Fields) -> Option<(String, Option<String>)> {
    let basic = request.authorization.as_deref().and_then(|header| header.strip_prefix("Basic "));
    match basic {
        Some(basic) => {
            let pair = String::from_utf8(STANDARD.decode(basic.trim()).ok()?).ok()?;
            let (id, secret) = pair.split_once(':')?;
            Some((id.to_owned(), Some(secret.to_owned())))
        }
        None => Some((form.get("client_id")?.to_owned(), form.get("client_secret").map(str::to_owned))),
    }
}

/// Whether a client may use an OAuth flow: `code`, `implicit`, `client_credentials`.
fn may_flow(app: &App, flow: &str) -> bool {
    app.client.answer.flag("AllowedOAuthFlowsUserPoolClient") == Some(true)
        && app.client.answer.texts("AllowedOAuthFlows").contains(&flow)
}

/// The scopes of a request: those asked for, or all the client has; None when one is not the client's.
fn scopes(app: &App, asked: Option<&str>, candidates: impl Fn(&str) -> bool) -> Option<String> {
    let allowed: Vec<&str> =
        app.client.answer.texts("AllowedOAuthScopes").into_iter().filter(|scope| candidates(scope)).collect();
    let asked: Vec<&str> = asked.map_or_else(|| allowed.clone(), |asked| asked.split_whitespace().collect());
    (!asked.is_empty() && asked.iter().all(|scope| allowed.contains(scope))).then(|| asked.join(" "))
}
