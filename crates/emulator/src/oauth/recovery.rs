//! /forgotPassword and /confirmForgotPassword: a new password for somebody who has lost theirs.

use poolform_model::Object;
use serde_json::json;

use crate::forms::members::Members;
use crate::kept::pool::Pool;
use crate::oauth::login;
use crate::oauth::page::{self, Field, Form, Link};
use crate::oauth::page_request::PageRequest;
use crate::oauth::request::Reply;
use crate::rules::password::{self, Wording};

/// Whether people can get a new password themselves.
pub(super) fn is_open(pool: &Pool) -> bool {
    let setting = pool.answer.object("AccountRecoverySetting");
    let ways = setting.map_or(&[][..], |setting| setting.list("RecoveryMechanisms"));
    !ways.iter().any(|way| way.text("Name") == Some("admin_only"))
}

/// The page that asks whose password is lost.
pub(super) fn show(request: &PageRequest, message: &str) -> Reply {
    let typed = request.form.text("username");
    request.show(Form {
        title: "Forgot your password?",
        message: message.to_owned(),
        action: request.address("/forgotPassword"),
        fields: vec![Field::text("username", login::names(&request.app.pool), "text", "username").holding(typed)],
        button: "Send a code",
        links: vec![Link::new(request.address("/login"), "Back to signing in")],
        ..Form::default()
    })
}

/// The form of /forgotPassword.
pub(super) fn submit(request: &PageRequest) -> Reply {
    let name = request.form.text("username");
    match ask(request, name) {
        Ok(notice) => code(request, name, &notice, ""),
        Err(message) => show(request, &message),
    }
}

/// Has a code sent; where to, or why not.
fn ask(request: &PageRequest, name: &str) -> Result<String, String> {
    let mut body = Object::new();
    body.insert("Username".to_owned(), json!(name));
    let answer = request.ask("ForgotPassword", body).map_err(|refusal| refusal.message)?;
    let to = answer.object("CodeDeliveryDetails").and_then(|details| details.text("Destination")).unwrap_or_default();
    Ok(format!("A code has been sent to {to}."))
}

/// The page that asks for the code and the new password.
pub(super) fn code(request: &PageRequest, name: &str, notice: &str, message: &str) -> Reply {
    request.show(Form {
        title: "Choose a new password",
        message: message.to_owned(),
        notice: notice.to_owned(),
        action: request.address("/confirmForgotPassword"),
        hidden: vec![("username", name.to_owned())],
        fields: vec![Field::code("code", "Code"), Field::new_password("password", &request.app.pool)],
        button: "Change password",
        again: Some("Send another code"),
        links: vec![Link::new(request.address("/login"), "Back to signing in")],
        ..Form::default()
    })
}

/// The form of /confirmForgotPassword: code and password, or the wish for another code.
pub(super) fn confirm(request: &PageRequest) -> Reply {
    let name = request.form.text("username");
    if request.form.get("again").is_some() {
        return match ask(request, name) {
            Ok(notice) => code(request, name, &notice, ""),
            Err(message) => code(request, name, "", &message),
        };
    }
    let password = request.form.text("password");
    let mut body = Object::new();
    body.insert("Username".to_owned(), json!(name));
    body.insert("ConfirmationCode".to_owned(), json!(request.form.text("code").trim()));
    body.insert("Password".to_owned(), json!(password));
    let done = password::check(&request.app.pool, password, Wording::With)
        .and_then(|()| request.ask("ConfirmForgotPassword", body));
    match done {
        Ok(_) => login::page(request, "", "Your password has been changed. You can sign in now."),
        Err(refusal) => {
            let message = page::refused_password(&request.app.pool, password, &refusal);
            code(request, name, "", &message)
        }
    }
}
