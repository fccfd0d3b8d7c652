//! What poolform itself offers under `/_poolform/`, beside the service: pages that show what is there, an inbox, the last
//! requests, a clock that can be moved forward, and a reset. No path of the service's begins so.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::emulator::Emulator;
use crate::forms::clock;
use crate::forms::members::Members;
use crate::forms::refusal::{Answer, fault};
use crate::kept::client::Client;
use crate::kept::group::Group;
use crate::kept::paging;
use crate::kept::pool::{Pool, pool};
use crate::kept::shelf::{CLIENTS, GROUPS, USER_POOLS, USERS, of_users};
use crate::kept::store::Reader;
use crate::kept::user::User;
use crate::oauth::request::{Fields, Reply};
use crate::outside::trace::Entry;
use crate::rules::domain_address;

/// Where all of it is.
pub(crate) const PREFIX: &str = "/_poolform/";

/// Users that a page shows.
const USERS_SHOWN: usize = 100;
/// Requests that a page shows.
const REQUESTS_SHOWN: usize = 50;
/// The farthest that the clock moves at once: ten years, in seconds.
const FARTHEST: i64 = 315_360_000;

/// A request: its method, what follows [`PREFIX`], its query, and the body of a form or of JSON.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: Vec<u8>,
    /// Whether the body is a form, which is answered with a page.
    pub(crate) form: bool,
}

impl Request {
    /// What it says, in its query, its form or its JSON.
    fn fields(&self) -> Fields {
        if let Ok(Json::Object(members)) = serde_json::from_slice::<Json>(&self.body) {
            let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            return Fields(members.iter().map(|(name, value)| (name.clone(), text(value))).collect());
        }
        let mut fields = Fields::read(self.query.as_bytes());
        fields.0.extend(Fields::read(&self.body).0);
        fields
    }
}

/// The answer to a request.
pub(crate) fn answer(emulator: &Emulator, request: &Request) -> Reply {
    let fields = request.fields();
    let outcome = match (request.method.as_str(), request.path.as_str()) {
        ("GET", "") => overview(emulator),
        ("GET", "inbox") => inbox(emulator, &fields),
        ("GET", "messages") => messages(emulator, &fields).map(plain),
        ("GET", "requests") => Ok(plain(json!({"requests": requests(emulator, &fields)}))),
        ("GET", "clock") => Ok(plain(json!({"now": clock::iso(emulator.options().clock.now())}))),
        ("POST", "clock") => Ok(move_clock(emulator, &fields, request.form)),
        ("POST", "reset") => reset(emulator, fields.get("pool"), request.form),
        (method, path) => match path.strip_prefix("pools/").filter(|_| method == "GET") {
            Some(id) => one_pool(emulator, id),
            None => Ok(refused(404, "Nothing is here. See /_poolform/.")),
        },
    };
    outcome.unwrap_or_else(|refusal| refused(if refusal.status == 500 { 500 } else { 404 }, &refusal.message))
}

fn plain(body: Json) -> Reply {
    let headers = vec![("content-type", "application/json".to_owned()), ("cache-control", "no-store".to_owned())];
    Reply { status: 200, headers, body: format!("{body}\n") }
}

fn refused(status: u16, words: &str) -> Reply {
    Reply { status, ..plain(json!({"message": words})) }
}

fn shown(template: &str, context: Json) -> Reply {
    let mut reply = Reply::page(200, template, context);
    // With no-referrer a browser hides a form's origin, by which the server knows its own pages.
    reply.headers.retain(|(name, _)| *name != "referrer-policy");
    reply.with("referrer-policy", "same-origin".to_owned())
}

/// Back to a page, after its form has done what it says.
fn back(to: &str) -> Reply {
    Reply { status: 303, headers: vec![("location", to.to_owned())], body: String::new() }
}

fn messages(emulator: &Emulator, fields: &Fields) -> Answer<Json> {
    emulator.messages(fields.get("pool"), fields.get("to")).map(Json::Object).map_err(fault)
}

/// The last requests: of one pool, of one user, only those refused, only sign-ins.
fn requests(emulator: &Emulator, fields: &Fields) -> Vec<Entry> {
    let is =
        |value: &Option<String>, name: &str| fields.get(name).is_none_or(|wanted| value.as_deref() == Some(wanted));
    let asked = |name: &str| fields.get(name) == Some("true");
    emulator.trace.list(|entry| {
        is(&entry.pool, "pool")
            && is(&entry.user, "user")
            && (!asked("refused") || entry.refused.is_some())
            && (!asked("sign_ins") || entry.is_sign_in())
    })
}

fn overview(emulator: &Emulator) -> Answer<Reply> {
    let pools = emulator.store.read(|reader| {
        let pools: Vec<Pool> = reader.all(USER_POOLS, "")?;
        pools.iter().map(|pool| summary(reader, emulator, pool)).collect::<Answer<Vec<Json>>>()
    })?;
    let mut last = requests(emulator, &Fields(Vec::new()));
    last.truncate(REQUESTS_SHOWN);
    Ok(shown(
        "inspector.html",
        json!({
            "title": "poolform's local Cognito",
            "pools": pools,
            "requests": last,
            "now": clock::iso(emulator.options().clock.now()),
            "address": emulator.issuer(),
        }),
    ))
}

/// A pool in a list.
fn summary(reader: &dyn Reader, emulator: &Emulator, pool: &Pool) -> Answer<Json> {
    let id = pool.answer.text("Id").unwrap_or_default();
    Ok(json!({
        "id": id,
        "name": pool.answer.text("Name"),
        "users": reader.count(USERS, id)?,
        "clients": reader.count(CLIENTS, id)?,
        "mfa": pool.answer.text("MfaConfiguration"),
        "domain": domain_address::address_of(pool, &emulator.issuer()),
    }))
}

fn one_pool(emulator: &Emulator, id: &str) -> Answer<Reply> {
    let mut context = emulator.store.read(|reader| {
        let pool = pool(reader, id)?;
        let (users, more) = paging::page::<User>(reader, USERS, id, USERS_SHOWN, None)?;
        let domain = domain_address::address_of(&pool, &emulator.issuer());
        let clients = reader.all::<Client>(CLIENTS, id)?;
        let clients = clients.iter().map(|client| client_row(client, domain.as_deref())).collect::<Vec<Json>>();
        let groups = reader.all::<Group>(GROUPS, id)?;
        let groups = groups.iter().map(|group| json!(group.answer)).collect::<Vec<Json>>();
        Ok(json!({
            "title": pool.answer.text("Name"),
            "pool": summary(reader, emulator, &pool)?,
            "issuer": format!("{}/{id}", emulator.issuer()),
            "users": users.iter().map(user_row).collect::<Vec<Json>>(),
            "more": more.is_some(),
            "clients": clients,
            "groups": groups,
        }))
    })?;
    let clients: Vec<String> = context["clients"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one.text("id").map(str::to_owned))
        .collect();
    // Requests of apps name the client alone.
    let mut sign_ins = emulator.trace.list(|entry| {
        entry.is_sign_in()
            && (entry.pool.as_deref() == Some(id)
                || entry.client.as_ref().is_some_and(|client| clients.contains(client)))
    });
    sign_ins.truncate(REQUESTS_SHOWN);
    context["sign_ins"] = json!(sign_ins);
    Ok(shown("pool.html", context))
}

fn user_row(user: &User) -> Json {
    let attributes: Vec<(&str, &str)> = user.attributes().filter(|(name, _)| *name != "sub").collect();
    json!({
        "name": user.name(),
        "status": user.status(),
        "enabled": user.is_enabled(),
        "attributes": attributes,
        "groups": user.groups,
    })
}

/// A client, and where a person signs in to it.
fn client_row(client: &Client, domain: Option<&str>) -> Json {
    let id = client.answer.text("ClientId").unwrap_or_default();
    let redirect = client.answer.texts("CallbackURLs").first().map(|address| (*address).to_owned());
    let flows = client.answer.texts("AllowedOAuthFlows");
    let kind = if flows.contains(&"code") { Some("code") } else { flows.contains(&"implicit").then_some("token") };
    let sign_in = match (domain, redirect, kind) {
        (Some(domain), Some(redirect), Some(kind)) => {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("client_id", id)
                .append_pair("response_type", kind)
                .append_pair("redirect_uri", &redirect)
                .finish();
            Some(format!("{domain}/oauth2/authorize?{query}"))
        }
        _ => None,
    };
    json!({
        "id": id,
        "name": client.answer.text("ClientName"),
        "secret": client.is_confidential(),
        "flows": client.answer.texts("ExplicitAuthFlows"),
        "sign_in": sign_in,
    })
}

fn inbox(emulator: &Emulator, fields: &Fields) -> Answer<Reply> {
    let listed = messages(emulator, fields)?;
    let to = fields.text("to");
    Ok(shown(
        "inbox.html",
        json!({"title": "Inbox", "messages": listed["messages"], "to": to, "pool": fields.text("pool")}),
    ))
}

/// Moves the clock forward by so many seconds: codes and tokens come to their end, temporary passwords too.
fn move_clock(emulator: &Emulator, fields: &Fields, form: bool) -> Reply {
    let seconds = fields.get("advance").and_then(|text| text.parse::<i64>().ok());
    let Some(seconds) = seconds.filter(|seconds| (0..=FARTHEST).contains(seconds)) else {
        let words =
            format!("advance must be seconds to move the clock forward by: a whole number from 0 to {FARTHEST}.");
        return refused(400, &words);
    };
    if !emulator.options().clock.forward(seconds * 1000) {
        return refused(409, "This server's clock cannot be moved.");
    }
    if form { back(PREFIX) } else { plain(json!({"now": clock::iso(emulator.options().clock.now())})) }
}

/// TakenAliases users away, of one pool or of all, with everything that came of them. Pools, clients and keys stay.
fn reset(emulator: &Emulator, one: Option<&str>, form: bool) -> Answer<Reply> {
    let cleared = emulator.store.write(|writer| {
        let mut pools = Vec::new();
        match one {
            Some(id) => pools.push(pool(writer.reader(), id).map(|_| id.to_owned())?),
            None => writer.reader().visit(USER_POOLS, "", None, &mut |id, _| {
                pools.push(id.to_owned());
                Ok(true)
            })?,
        }
        for id in &pools {
            for shelf in of_users() {
                writer.clear(shelf, id)?;
            }
        }
        Ok(pools)
    })?;
    emulator.trace.clear();
    let to = one.map_or_else(|| PREFIX.to_owned(), |id| format!("{PREFIX}pools/{id}"));
    let mut answer = Object::new();
    answer.insert("pools".to_owned(), json!(cleared));
    Ok(if form { back(&to) } else { plain(Json::Object(answer)) })
}
