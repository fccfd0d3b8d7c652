//! /forgotPassword and /confirmForgotPassword: a new password for somebody who has lost theirs.

use poolform_model::Object;
use serde_json::json;

use crate::forms::members::Members;
use crate::kept::pool::Pool;
use crate::oauth::page::{Field, Form, Link};
use crate::oauth::request::Reply;
use crate::oauth::visit::Visit;
use crate::oauth::{login, page};
use crate::rules::password;
use crate::rules::password::Wording;

/// Whether people can get a new password themselves.
pub(super) fn is_open(pool: &Pool) -> bool {
    let setting = pool.answer.object("AccountRecoverySetting");
    let ways = setting.map_or(&[][..], |setting| setting.list("RecoveryMechanisms"));
    !ways.iter().any(|way| way.text("Name") == Some("admin_only"))
}

/// The page that asks whose password is lost.
pub(super) fn show(visit: &Visit, message: &str) -> Reply {
    let typed = visit.form.text("username");
    visit.show(Form {
        title: "Forgot your password?",
        message: message.to_owned(),
        action: visit.address("/forgotPassword"),
        fields: vec![Field::text("username", login::names(&visit.app.pool), "text", "username").holding(typed)],
        button: "Send a code",
        links: vec![Link::new(visit.address("/login"), "Back to signing in")],
        ..Form::default()
    })
}

/// The form of /forgotPassword.
pub(super) fn submit(visit: &Visit) -> Reply {
    let name = visit.form.text("username");
    match ask(visit, name) {
        Ok(notice) => code(visit, name, &notice, ""),
        Err(message) => show(visit, &message),
    }
}

/// Has a code sent; where to, or why not.
fn ask(visit: &Visit, name: &str) -> Result<String, String> {
    let mut body = Object::new();
    body.insert("Username".to_owned(), json!(name));
    let answer = visit.ask("ForgotPassword", body).map_err(|refusal| refusal.message)?;
    let to = answer.object("CodeDeliveryDetails").and_then(|details| details.text("Destination")).unwrap_or_default();
    Ok(format!("A code has been sent to {to}."))
}

/// The page that asks for the code and the new password.
pub(super) fn code(visit: &Visit, name: &str, notice: &str, message: &str) -> Reply {
    visit.show(Form {
        title: "Choose a new password",
        message: message.to_owned(),
        notice: notice.to_owned(),
        action: visit.address("/confirmForgotPassword"),
        hidden: vec![("username", name.to_owned())],
        fields: vec![Field::code("code", "Code"), Field::new_password("password", &visit.app.pool)],
        button: "Change password",
        again: Some("Send another code"),
        links: vec![Link::new(visit.address("/login"), "Back to signing in")],
        ..Form::default()
    })
}

/// The form of /confirmForgotPassword: code and password, or the wish for another code.
pub(super) fn confirm(visit: &Visit) -> Reply {
    let name = visit.form.text("username");
    if visit.form.get("again").is_some() {
        return match ask(visit, name) {
            Ok(notice) => code(visit, name, &notice, ""),
            Err(message) => code(visit, name, "", &message),
        };
    }
    let password = visit.form.text("password");
    let mut body = Object::new();
    body.insert("Username".to_owned(), json!(name));
    body.insert("ConfirmationCode".to_owned(), json!(visit.form.text("code").trim()));
    body.insert("Password".to_owned(), json!(password));
    let done = password::check(&visit.app.pool, password, Wording::With)
        .and_then(|()| visit.ask("ConfirmForgotPassword", body));
    match done {
        Ok(_) => login::page(visit, "", "Your password has been changed. You can sign in now."),
        Err(refusal) => {
            let message = page::refused_password(&visit.app.pool, password, &refusal);
            code(visit, name, "", &message)
        }
    }
}
