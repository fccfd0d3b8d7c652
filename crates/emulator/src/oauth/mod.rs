//! What a domain offers: OAuth 2 and OpenID Connect at `http://PREFIX.auth.REGION.localhost:PORT`, for a custom domain at
//! `http://NAME.localhost:PORT`, and for each at `http://127.0.0.1:PORT/POOL_ID` too: browsers resolve names under
//! `localhost`, most other programs do not. The domain is read from the request's Host, or from its path.
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

pub use crate::oauth::federation::Providers;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::call::Call;
use crate::effects::Effects;
use crate::forms::identifier;
use crate::forms::members::Members;
use crate::forms::refusal::{Answer, is_fault};
use crate::kept::pool::Pool;
use crate::kept::shelf::USER_POOLS;
use crate::kept::store::Reader;
use crate::kept::{domain, user};
use crate::oauth::visit::Visit;
use crate::{Emulator, dispatch};

/// Where the links of confirmations go (developer guide, confirmation by link).
pub(crate) const CONFIRM: &str = "/confirmUser";

/// How a request names a domain.
#[derive(Debug)]
pub(crate) enum Way {
    /// By the domain's own host: without its port, in lower case.
    Host(String),
    /// By the pool's id, before the path.
    Pool(String),
}

/// A request to a domain.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) way: Way,
    /// As a domain has it, without the pool's id.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) content_type: String,
    pub(crate) authorization: Option<String>,
    pub(crate) cookies: String,
    /// Whether a browser goes there, with its address bar (Fetch Metadata, `Sec-Fetch-Mode: navigate`).
    pub(crate) navigates: bool,
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

    /// What an endpoint for apps is told: the form, and then the query. The service reads both (public apps that sign in by
    /// `POST /oauth2/token?grant_type=…` with an empty body).
    fn told(&self) -> Fields {
        let mut fields = self.form();
        fields.0.extend(self.fields().0);
        fields
    }

    fn fields(&self) -> Fields {
        Fields::read(self.query.as_bytes())
    }

    /// What stands before a domain's paths: nothing under its own host, `/POOL_ID` under the server's.
    fn base(&self) -> String {
        match &self.way {
            Way::Host(_) => String::new(),
            Way::Pool(pool) => format!("/{pool}"),
        }
    }

    /// Another path of this domain, for a redirect, a link or a form.
    fn at(&self, path: &str) -> String {
        self.base() + path
    }

    /// The attributes of a cookie of this domain. Under the server's host it is the pool's alone: cookies know no ports, and
    /// apps of this machine have their own.
    fn cookie_for(&self, pair: &str, seconds: Option<i64>) -> String {
        let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
        format!("{pair}{age}; Path={}; HttpOnly; SameSite=Lax", self.at("/"))
    }

    fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies
            .split(';')
            .find_map(|pair| pair.trim().split_once('=').filter(|(found, _)| *found == name))
            .map(|(_, value)| value)
    }
}

/// Where a pool's pages are, of a server at an address; None for a pool without a domain.
pub(crate) fn address_of(pool: &Pool, server: &str) -> Option<String> {
    let domain = pool.answer.text("CustomDomain").or(pool.answer.text("Domain"))?;
    pages_at(server, pool.answer.text("Id")?, domain)
}

/// Where the pages of a pool's domain are, of a server at an address (`http://127.0.0.1:9229`): at a name that browsers take
/// for this machine. A custom domain, which has dots, has a name of its own that would lead to the real one. None for an address
/// without a port.
pub fn pages_at(server: &str, pool: &str, domain: &str) -> Option<String> {
    let (scheme, rest) = server.split_once("://")?;
    let port = rest.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))?.1;
    let region = identifier::region_of(pool);
    Some(match domain.contains('.') {
        // The server's certificate has no such name.
        true if scheme == "https" => format!("{server}/{pool}"),
        true => format!("{scheme}://{domain}.localhost:{port}"),
        false => format!("{scheme}://{domain}.auth.{region}.localhost:{port}"),
    })
}

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
fn pool_of(reader: &dyn Reader, way: &Way) -> Answer<Option<String>> {
    match way {
        Way::Host(host) => pool_at(reader, host),
        Way::Pool(id) => {
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
    let told = request.told();
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
        return Visit::open(emulator, call, effects, pool_id, request).map_or_else(|reply| reply, |visit| page(&visit));
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
fn confirm(emulator: &Emulator, effects: &Effects, pool_id: &str, request: &Request) -> Reply {
    let fields = request.fields();
    let app = match granted(effects.read(|reader| App::read(reader, pool_id.to_owned(), fields.text("client_id")))) {
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
            crate::user::sign_up::confirm_found(call, transaction, &app, found)
        })
    }) {
        Ok(_) => page::done("Your registration has been confirmed", "You can sign in now.", Vec::new()),
        Err(refusal) => page::failed(400, &refusal.message),
    }
}

/// What was asked of the store, or nothing where that was refused. A fault of the store is neither: its answer is a fault.
fn granted<T>(answer: Answer<T>) -> Result<Option<T>, Reply> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(refusal) if is_fault(&refusal) => Err(Reply::json(500, &json!({"error": "server_error"}))),
        Err(_) => Ok(None),
    }
}

/// The client of a request, by Basic header or by the form; otherwise an answer of that status. The service says what is
/// wrong with the secret of a client that it knows [oauth2-token.errors.newer].
fn client(effects: &Effects, pool_id: &str, request: &Request, form: &Fields, status: u16) -> Result<App, Reply> {
    let unknown = || Reply::json(status, &json!({"error": "invalid_client"}));
    let (id, secret) = credentials(request, form).ok_or_else(unknown)?;
    let app = granted(effects.read(|reader| App::read(reader, pool_id.to_owned(), &id)))?.ok_or_else(unknown)?;
    if app.is_secret(secret.as_deref()) {
        Ok(app)
    } else {
        let words = json!({"error": "invalid_client", "error_description": "invalid_client_secret"});
        Err(Reply::json(status, &words))
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
