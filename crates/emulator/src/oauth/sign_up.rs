//! /signup and /confirm: a person makes an account, and shows that the address is theirs.

use poolform_model::Object;
use serde_json::json;

use crate::forms::members::Members;
use crate::forms::refusal::Answer;
use crate::kept::pool::Pool;
use crate::oauth::page::{self, Field, Form, Link};
use crate::oauth::page_request::PageRequest;
use crate::oauth::request::Reply;
use crate::oauth::{challenge, login};
use crate::outside::delivery;
use crate::rules::attributes;
use crate::rules::password::{self, Wording};

/// Whether people can make accounts themselves.
pub(super) fn is_open(pool: &Pool) -> bool {
    let config = pool.answer.object("AdminCreateUserConfig");
    config.and_then(|config| config.flag("AllowAdminCreateUserOnly")) != Some(true)
}

/// The attributes to ask for beside the name: the required ones, and addresses that the pool verifies by itself, without
/// which nobody could be confirmed.
fn asked(pool: &Pool) -> Vec<&str> {
    let mut asked: Vec<&str> = attributes::required(pool).collect();
    let verified = pool.answer.texts("AutoVerifiedAttributes");
    if !verified.iter().any(|name| asked.contains(name)) && pool.answer.list("UsernameAttributes").is_empty() {
        asked.extend(verified.first());
    }
    // What users sign in with is the name.
    let names = pool.answer.texts("UsernameAttributes");
    if let [only] = names.as_slice() {
        asked.retain(|name| name != only);
    }
    asked
}

/// The page.
pub(super) fn show(request: &PageRequest, message: &str) -> Reply {
    let pool = &request.app.pool;
    if !is_open(pool) {
        return page::failed(403, "This user pool does not let people create accounts; an administrator does.");
    }
    let typed = |name: &str| request.form.text(name);
    let mut fields = vec![Field::text("username", own_name(pool), "text", "username").holding(typed("username"))];
    fields.extend(asked(pool).into_iter().map(|name| Field::attribute(name, typed(name))));
    fields.push(Field::new_password("password", pool));
    request.show(Form {
        title: "Create an account",
        message: message.to_owned(),
        action: request.address("/signup"),
        fields,
        button: "Create account",
        links: vec![Link::new(request.address("/login"), "Sign in with an account you have")],
        ..Form::default()
    })
}

/// A name for a new account: an alias is not one.
fn own_name(pool: &Pool) -> &'static str {
    if pool.answer.list("UsernameAttributes").is_empty() { "User name" } else { login::names(pool) }
}

/// The form of /signup.
pub(super) fn submit(request: &PageRequest) -> Reply {
    let name = request.form.text("username");
    match register(request, name) {
        Ok(reply) => reply,
        Err(refusal) => {
            let password = request.form.text("password");
            show(request, &page::refused_password(&request.app.pool, password, &refusal))
        }
    }
}

fn register(request: &PageRequest, name: &str) -> Answer<Reply> {
    let pool = &request.app.pool;
    let password = request.form.text("password");
    // First, so that a short one is answered in the policy's words and not in those of the API's limits.
    password::check(pool, password, Wording::With)?;
    let attributes = asked(pool).into_iter().map(|name| json!({"Name": name, "Value": request.form.text(name)}));
    let mut body = Object::new();
    body.insert("Username".to_owned(), json!(name));
    body.insert("Password".to_owned(), json!(password));
    body.insert("UserAttributes".to_owned(), attributes.collect());
    let answer = request.ask("SignUp", body)?;
    let mark = request.mark(name)?;
    if answer.flag("UserConfirmed") == Some(true) {
        let entered = challenge::enter(request, &mark, name)?;
        return Ok(entered.unwrap_or_else(|| login::page(request, "", "Your account has been created.")));
    }
    let Some(details) = answer.object("CodeDeliveryDetails") else {
        let words = "Your account has been created. An administrator has to confirm it before you can sign in.";
        return Ok(page::done("Account created", words, vec![Link::new(request.address("/login"), "Sign in")]));
    };
    let to = details.text("Destination").unwrap_or_default();
    if delivery::confirms_by_link(pool, details.text("DeliveryMedium") == Some("EMAIL")) {
        let words = format!("A link has been sent to {to}. Follow it, then sign in.");
        return Ok(page::done("Confirm your account", &words, vec![Link::new(request.address("/login"), "Sign in")]));
    }
    Ok(confirmation(request, name, &mark, &format!("A code has been sent to {to}."), ""))
}

/// The page that asks for the code of a sign-up.
pub(super) fn confirmation(request: &PageRequest, name: &str, mark: &str, notice: &str, message: &str) -> Reply {
    request.show(Form {
        title: "Confirm your account",
        message: message.to_owned(),
        notice: notice.to_owned(),
        action: request.address("/confirm"),
        hidden: vec![("username", name.to_owned()), ("registered", mark.to_owned())],
        fields: vec![Field::code("code", "Code")],
        button: "Confirm",
        again: Some("Send another code"),
        links: vec![Link::new(request.address("/login"), "Back to signing in")],
        ..Form::default()
    })
}

/// The form of /confirm: the code, or the wish for another.
pub(super) fn confirm(request: &PageRequest) -> Reply {
    let (name, mark) = (request.form.text("username"), request.form.text("registered"));
    let mut body = Object::new();
    body.insert("Username".to_owned(), json!(name));
    if request.form.get("again").is_some() {
        return match request.ask("ResendConfirmationCode", body) {
            Ok(answer) => {
                let to = answer.object("CodeDeliveryDetails").and_then(|details| details.text("Destination"));
                let notice = format!("Another code has been sent to {}.", to.unwrap_or_default());
                confirmation(request, name, mark, &notice, "")
            }
            Err(refusal) => confirmation(request, name, mark, "", &refusal.message),
        };
    }
    body.insert("ConfirmationCode".to_owned(), json!(request.form.text("code").trim()));
    match request.ask("ConfirmSignUp", body).and_then(|_| challenge::enter(request, mark, name)) {
        Ok(Some(reply)) => reply,
        Ok(None) => login::page(request, "", "Your account has been confirmed. You can sign in now."),
        Err(refusal) => confirmation(request, name, mark, "", &refusal.message),
    }
}
