//! /login: the page on which a person signs in, and the steps that may follow it on the same address.
//!
//! Each form carries a token that must equal the browser's cookie, so that no other page can send one.

use poolform_model::Object;
use serde_json::json;

use super::authorize::{self, Wanted, browser_cookie, finish};
use super::{Fields, Reply, Request, page};
use crate::Emulator;
use crate::app::App;
use crate::call::{Answer, Call};
use crate::dispatch;
use crate::identifier;
use crate::members::Members;
use crate::sign_in;
use crate::store::Store;
use crate::user::{self, User};

/// The name of the cookie, which is the service's [oauth2-token.2022-10.authorization_code].
const COOKIE: &str = "XSRF-TOKEN";

/// The page, empty.
pub(super) fn show(call: &Call, store: &Store, pool_id: &str, request: &Request) -> Reply {
    match open(call, store, pool_id, request) {
        Ok(_) => with_token(request, |token| page::sign_in(&request.query, token, "")),
        Err(reply) => reply,
    }
}

/// The client and its wish; a reply where nobody can sign in to it here.
fn open(_call: &Call, store: &Store, pool_id: &str, request: &Request) -> Result<(App, Wanted), Reply> {
    authorize::wanted(store, pool_id, &request.fields())
}

/// A page whose form carries the browser's token; a new one where it has none.
fn with_token(request: &Request, page: impl FnOnce(&str) -> Reply) -> Reply {
    let known = request.cookie(COOKIE).filter(|token| token.len() == 36);
    let token = known.map_or_else(identifier::uuid, str::to_owned);
    page(&token).with("set-cookie", format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax"))
}

/// A form of the page.
pub(super) fn submit(emulator: &Emulator, call: &Call, store: &Store, pool_id: &str, request: &Request) -> Reply {
    let (app, wanted) = match open(call, store, pool_id, request) {
        Ok(found) => found,
        Err(reply) => return reply,
    };
    let form = request.form();
    if form.get("_csrf").is_none() || form.get("_csrf") != request.cookie(COOKIE) {
        return page::failed(403, "The form has expired. Go back and load the page again.");
    }
    let id = app.id.clone();
    let outcome = match form.get("challenge") {
        None => first(call, store, app, &form),
        Some(challenge) => next(emulator, store, app, challenge, &form),
    };
    match outcome {
        Ok(answer) => go_on(call, store, pool_id, request, &id, &wanted, &form, &answer),
        Err(refusal) => {
            let message = refusal.message.as_str();
            with_token(request, |token| match form.get("challenge") {
                None => page::sign_in(&request.query, token, message),
                Some(challenge) => {
                    let shown = page::Challenge::read(challenge, &form);
                    page::challenge(&request.query, token, &shown, message)
                }
            })
        }
    }
}

/// User name and password.
fn first(call: &Call, store: &Store, app: App, form: &Fields) -> Answer {
    sign_in::hosted_start(call, store, app, form.text("username"), form.text("password"))
}

/// The answer to a challenge, as the API would be told.
fn next(emulator: &Emulator, store: &Store, app: App, challenge: &str, form: &Fields) -> Answer {
    let member = match challenge {
        "NEW_PASSWORD_REQUIRED" => "NEW_PASSWORD".to_owned(),
        "SELECT_MFA_TYPE" => "ANSWER".to_owned(),
        code => format!("{code}_CODE"),
    };
    let mut responses = Object::new();
    responses.insert("USERNAME".to_owned(), json!(form.text("username")));
    responses.insert(member, json!(form.text("answer")));
    for (name, value) in form.0.iter().filter(|(name, _)| name.starts_with("userAttributes.")) {
        responses.insert(name.clone(), json!(value));
    }
    let mut body = Object::new();
    body.insert("ChallengeName".to_owned(), json!(challenge));
    body.insert("Session".to_owned(), json!(form.text("session")));
    body.insert("ChallengeResponses".to_owned(), json!(responses));
    dispatch::outside(emulator, &body, |call, _| sign_in::hosted_answer(call, store, app))
}

/// Back to the client when the sign-in is done, or the page of the next challenge.
#[allow(clippy::too_many_arguments, reason = "one step of one request, nothing to group")]
fn go_on(
    call: &Call,
    store: &Store,
    pool_id: &str,
    request: &Request,
    client: &str,
    wanted: &Wanted,
    form: &Fields,
    answer: &Object,
) -> Reply {
    if let Some(name) = answer.text(sign_in::DONE) {
        let done = || -> Answer<Reply> {
            let app = store.read(|look| App::read(look, pool_id.to_owned(), client))?;
            let user: Option<User> = store.read(|look| user::find(look, (pool_id, &app.pool), name))?;
            let Some(user) = user else { return crate::refusal::NO_USER.refuse() };
            let cookie = browser_cookie(call, store, &app, &user)?;
            Ok(finish(call, store, &app, &user, wanted, call.now / 1000)?.with("set-cookie", cookie))
        };
        return done().unwrap_or_else(|_| authorize::back(wanted, &[("error", "server_error")], false));
    }
    if answer.text("ChallengeName").is_none() {
        // A session of the API is none of a page's.
        return page::failed(400, "The session is not one of this page.");
    }
    let shown = page::Challenge::asked(answer, form.text("username"));
    if shown.name == "MFA_SETUP" {
        return page::not_built("Setting up an authenticator app on a page");
    }
    with_token(request, |token| page::challenge(&request.query, token, &shown, ""))
}
