//! New passwords for users who lost theirs: ForgotPassword, ConfirmForgotPassword.

use poolform_model::Object;
use serde_json::Value as Json;

use super::admin::FORCE_CHANGE;
use super::external::EXTERNAL;
use super::{User, asked, keep};
use crate::app::App;
use crate::call::{Answer, Call};
use crate::code::{Code, HOUR};
use crate::members::{Members, only};
use crate::message::{self, Reason};
use crate::password::{self, Wording};
use crate::pool_rules::is_email;
use crate::refusal::{ADMIN_ONLY, CODE_EXPIRED, CODE_WRONG, DISABLED, NO_CONTACT, NO_USER_OF_CLIENT, RESET_STATE};
use crate::store::{STRANGERS, Writing};
use crate::trigger;
use crate::user_pool::Pool;

/// The ways of a pool that says nothing: the phone number first (API reference, AccountRecoverySetting: legacy).
const LEGACY: &[&str] = &["verified_phone_number", "verified_email"];

/// ForgotPassword
pub(crate) fn forgot(call: &Call, writing: &mut Writing) -> Answer {
    let (app, found) = asked(call, writing.look())?;
    let place = (app.pool_id.as_str(), &app.pool);
    let Some(before) = found else {
        trigger::expect_none(&app.pool, &["UserMigration"])?;
        return if app.hides_users() { pretended(call, writing, &app) } else { NO_USER_OF_CLIENT.refuse() };
    };
    if !before.is_enabled() {
        return DISABLED.refuse();
    }
    if matches!(before.status(), FORCE_CHANGE | EXTERNAL) {
        return RESET_STATE.refuse();
    }
    let mut user = before.clone();
    let attribute = destination(&app.pool, &user, false)?;
    let details = send_code(call, writing, place, &mut user, attribute)?;
    keep(writing, place, Some(&before), &user)?;
    Ok(only("CodeDeliveryDetails", details))
}

/// As if a code had been sent to a user who is not there: about as much is written, so that the time does not tell.
pub(super) fn pretended(call: &Call, writing: &mut Writing, app: &App) -> Answer {
    let name = call.text("Username");
    let details = simulated(name);
    // What a message and a user's record come to, and away again; under keys that are nobody's name.
    let filler = "x".repeat(1500);
    for turn in ["\nmessage", "\nuser"] {
        writing.put(STRANGERS, &app.pool_id, turn, &filler)?;
        writing.remove(STRANGERS, &app.pool_id, turn)?;
    }
    Ok(only("CodeDeliveryDetails", details))
}

/// What is answered about a user who is not there, where that is hidden: the name itself if it is an address, or else an
/// address made of it, the same each time (S2: simulated delivery; its form is not recorded).
fn simulated(name: &str) -> Json {
    let first: String = name.chars().take(1).collect();
    let to = if is_email(name) { name.to_owned() } else { format!("{first}@{first}") };
    message::delivery("email", &to)
}

/// The attribute to which a code for a new password goes: the first of the pool's ways that is verified. An
/// administrator may use any of them.
pub(super) fn destination(pool: &Pool, user: &User, by_admin: bool) -> Answer<&'static str> {
    let setting = pool.answer.object("AccountRecoverySetting");
    let mut ways: Vec<(i64, &str)> = setting
        .map_or(&[][..], |setting| setting.list("RecoveryMechanisms"))
        .iter()
        .filter_map(|way| Some((way.number("Priority").unwrap_or_default(), way.text("Name")?)))
        .collect();
    ways.sort_unstable();
    if ways.is_empty() || (by_admin && ways.iter().any(|(_, way)| *way == "admin_only")) {
        ways = LEGACY.iter().map(|way| (0, *way)).collect();
    }
    if ways.iter().any(|(_, way)| *way == "admin_only") {
        return ADMIN_ONLY.refuse();
    }
    let sms = pool.answer.contains_key("SmsConfiguration");
    for (_, way) in ways {
        let attribute = if way == "verified_email" { "email" } else { "phone_number" };
        if user.is_verified(attribute) && user.attribute(attribute).is_some() && (attribute == "email" || sms) {
            return Ok(attribute);
        }
    }
    NO_CONTACT.refuse()
}

pub(super) fn send_code(
    call: &Call,
    writing: &mut Writing,
    place: (&str, &Pool),
    user: &mut User,
    attribute: &str,
) -> Answer<Json> {
    let to = user.attribute(attribute).unwrap_or_default().to_owned();
    let code = Code::new(attribute, call.now);
    let receiver = (&*user, call.text("Username"));
    let details = message::send(call, writing, place, receiver, Reason::ForgotPassword, (attribute, &to), &code.value)?;
    user.codes.insert("reset".to_owned(), code);
    Ok(details)
}

/// ConfirmForgotPassword
pub(crate) fn confirm(call: &Call, writing: &mut Writing) -> Answer {
    let (app, found) = asked(call, writing.look())?;
    let place = (app.pool_id.as_str(), &app.pool);
    let Some(before) = found else {
        return if app.hides_users() { CODE_WRONG.refuse() } else { NO_USER_OF_CLIENT.refuse() };
    };
    if !before.is_enabled() {
        return DISABLED.refuse();
    }
    let password = call.text("Password");
    let mut user = before.clone();
    let Some(code) = user.codes.get_mut("reset") else { return CODE_EXPIRED.refuse() };
    if let Err(refusal) = code.check(call.text("ConfirmationCode"), call.now, HOUR) {
        writing.keep_when_refused();
        keep(writing, place, Some(&before), &user)?;
        return Err(refusal);
    }
    password::check(&app.pool, password, Wording::With)?;
    user.passwords.check_history(&app.pool, place.0, user.name(), password)?;
    user.codes.remove("reset");
    user.set_password(place, password, call.now)?;
    user.set_status("CONFIRMED");
    user.touch(call);
    keep(writing, place, Some(&before), &user)?;
    call.trigger_after(super::sign_up::post_confirmation(place, &user, "ConfirmForgotPassword"))?;
    Ok(Object::new())
}
