//! /login: the page on which a person signs in.

use crate::forms::members::Members;
use crate::forms::refusal::Answer;
use crate::kept::pool::Pool;
use crate::oauth::page::{Field, Form, Link};
use crate::oauth::page_request::PageRequest;
use crate::oauth::request::Reply;
use crate::oauth::{challenge, recovery, sign_up};
use crate::operations::sign_in::{self, Outcome};

/// The page: what a user signs in with, and the other ways.
pub(super) fn show(request: &PageRequest) -> Reply {
    page(request, "", "")
}

/// The page, with what went wrong or what has happened.
pub(super) fn page(request: &PageRequest, message: &str, notice: &str) -> Reply {
    let providers = request.app.providers();
    let own = request.app.signs_in_here();
    let mut form = Form {
        title: "Sign in",
        message: message.to_owned(),
        notice: notice.to_owned(),
        action: request.address("/login"),
        ..Form::default()
    };
    if own {
        form.button = "Sign in";
        form.fields = vec![
            Field::text("username", names(&request.app.pool), "text", "username")
                .holding(request.form.text("username")),
            Field::text("password", "Password", "password", "current-password"),
        ];
        if recovery::is_open(&request.app.pool) {
            form.links.push(Link::new(request.address("/forgotPassword"), "Forgot your password?"));
        }
        if sign_up::is_open(&request.app.pool) {
            form.links.push(Link::new(request.address("/signup"), "Create an account"));
        }
    }
    for name in providers {
        let query = form_urlencoded::Serializer::new(request.address("/oauth2/authorize"))
            .append_pair("identity_provider", name)
            .finish();
        form.providers.push(Link::new(query, format!("Continue with {name}")));
    }
    request.show(form)
}

/// What the pool's users call the name with which they sign in.
pub(super) fn names(pool: &Pool) -> &'static str {
    let known = [pool.answer.texts("UsernameAttributes"), pool.answer.texts("AliasAttributes")];
    let has = |list: &[&str], name: &str| list.contains(&name);
    match (has(&known[0], "email"), has(&known[0], "phone_number")) {
        (true, true) => "E-mail address or phone number",
        (true, false) => "E-mail address",
        (false, true) => "Phone number",
        (false, false) if has(&known[1], "email") => "User name or e-mail address",
        (false, false) => "User name",
    }
}

/// A form of the page, or of a challenge that followed it.
pub(super) fn submit(request: &PageRequest) -> Reply {
    if let Some(name) = request.form.get("challenge") {
        return challenge::submit(request, name);
    }
    let (name, password) = (request.form.text("username"), request.form.text("password"));
    let answer = request.app().and_then(|app| -> Answer<Outcome> {
        sign_in::hosted_start(&request.call(), request.effects, app, name, password)
    });
    request.note(name, &answer);
    match answer {
        Ok(answer) => challenge::go_on(request, &answer),
        Err(refusal) => match refusal.code.as_str() {
            "UserNotConfirmedException" => sign_up::confirmation(
                request,
                name,
                "",
                "Your account is not confirmed yet. Enter the code you were sent.",
                "",
            ),
            "PasswordResetRequiredException" => recovery::code(
                request,
                name,
                "Your password must be reset. Ask for a code, or enter the one you were sent.",
                "",
            ),
            _ => page(request, &refusal.message, ""),
        },
    }
}
