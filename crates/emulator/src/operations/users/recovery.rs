//! New passwords for users who lost theirs: ForgotPassword, ConfirmForgotPassword.

use poolform_model::Object;
use serde_json::Value as Json;

use crate::forms::contact::{is_email, is_phone};
use crate::forms::members::{Members, only};
use crate::forms::refusal::{
    ADMIN_ONLY, Answer, CODE_EXPIRED, CODE_WRONG, DISABLED, NO_CONTACT, NO_USER_OF_CLIENT, RESET_STATE,
    TOO_MANY_ATTEMPTS, is_fault,
};
use crate::kept::code::{ATTEMPTS, Code, HOUR};
use crate::kept::pool::Pool;
use crate::kept::shelf::STRANGERS;
use crate::kept::store::Writer;
use crate::kept::user::{self, EXTERNAL, FORCE_CHANGE, User, keep};
use crate::operations::users::migration;
use crate::outside::message::{self, Reason};
use crate::outside::transaction::Transaction;
use crate::outside::{delivery, sign_up_events};
use crate::rules;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::password::{self, Wording};
use crate::rules::user::client_and_user;

/// The ways of a pool that says nothing: the phone number first (API reference, AccountRecoverySetting: legacy).
const LEGACY: &[&str] = &["verified_phone_number", "verified_email"];

/// ForgotPassword
pub(crate) fn forgot(call: &Call, transaction: &mut Transaction) -> Answer {
    let (app, found) = client_and_user(call, transaction.reader())?;
    let place = (app.pool_id.as_str(), &app.pool);
    // Of the pool, and so the same for everybody.
    if ways(&app.pool).contains(&ADMIN) {
        return ADMIN_ONLY.refuse();
    }
    let found = match found {
        Some(user) => Some(user),
        None => migration::ask_forgotten(call, transaction, &app, call.text("Username"))?,
    };
    let reached = match &found {
        Some(user) => may_reset(&app.pool, user),
        None => NO_USER_OF_CLIENT.refuse(),
    };
    let (before, attribute) = match (found, reached) {
        (Some(user), Ok(attribute)) => (user, attribute),
        // Nobody, somebody who is disabled, and somebody whom no code can reach are told the same (developer guide, managing
        // error responses); so are those whose password is not theirs to reset.
        (_, Err(refusal)) if app.hides_users() && !is_fault(&refusal) => return pretended(call, transaction, &app),
        (_, Err(refusal)) => return Err(refusal),
        (None, Ok(_)) => return NO_USER_OF_CLIENT.refuse(),
    };
    let mut user = before.clone();
    let details = send_code(call, transaction, place, &mut user, attribute)?;
    keep(transaction, place, Some(&before), &user)?;
    Ok(only("CodeDeliveryDetails", details))
}

/// The attribute to which a code for a new password of this user goes; refused when there can be no such code.
fn may_reset(pool: &Pool, user: &User) -> Answer<&'static str> {
    if !user.is_enabled() {
        return DISABLED.refuse();
    }
    if matches!(user.status(), FORCE_CHANGE | EXTERNAL) {
        return RESET_STATE.refuse();
    }
    destination(pool, user, false)
}

/// As if a code had been sent to a user who is not there: about as much is written, so that the time does not tell.
pub(super) fn pretended(call: &Call, writer: &mut Writer, app: &AppClient) -> Answer {
    let name = call.text("Username");
    let details = simulated(&app.pool, name);
    // A new code is as good as the first.
    writer.remove(STRANGERS, &app.pool_id, &pretended_code(app, name))?;
    // What a message and a user's record come to, and away again; under keys that are nobody's name.
    let filler = "x".repeat(1500);
    for turn in ["\nmessage", "\nuser"] {
        writer.put(STRANGERS, &app.pool_id, turn, &filler)?;
        writer.remove(STRANGERS, &app.pool_id, turn)?;
    }
    Ok(only("CodeDeliveryDetails", details))
}

/// What is answered about a user who is not there, where that is hidden: the name itself if it is an address, or else one
/// made of it, the same each time. "Determined by the input user name format and verification settings" (developer guide,
/// managing error responses); its form is not recorded.
fn simulated(pool: &Pool, name: &str) -> Json {
    let verified = pool.answer.texts("AutoVerifiedAttributes");
    if is_email(name) {
        return message::delivery("email", name);
    }
    if is_phone(name) {
        return message::delivery("phone_number", name);
    }
    if verified == ["phone_number"] {
        let number = name.bytes().fold(7_u32, |number, byte| number.wrapping_mul(31).wrapping_add(u32::from(byte)));
        return message::delivery("phone_number", &format!("+1555555{:04}", number % 10_000));
    }
    let first: String = name.chars().take(1).collect();
    message::delivery("email", &format!("{first}@{first}"))
}

/// Where the wrong codes of a name are counted to whom none was sent. No name begins with a line feed.
fn pretended_code(app: &AppClient, name: &str) -> String {
    format!("\ncode\n{}", user::key(&app.pool, name))
}

/// A wrong code of a name to whom none was sent: there are as many tries as of one that was.
fn wrong_code(call: &Call, writer: &mut Writer, app: &AppClient) -> Answer {
    let key = pretended_code(app, call.text("Username"));
    let failures: u32 = writer.reader().get(STRANGERS, &app.pool_id, &key)?.unwrap_or_default();
    if failures >= ATTEMPTS {
        return TOO_MANY_ATTEMPTS.refuse();
    }
    rules::lockout::make_room(writer, app)?;
    writer.put(STRANGERS, &app.pool_id, &key, &(failures + 1))?;
    writer.keep_when_refused();
    CODE_WRONG.refuse()
}

/// The one way that is none for users themselves.
const ADMIN: &str = "admin_only";

/// The ways of a pool, by their priority.
fn ways(pool: &Pool) -> Vec<&str> {
    let setting = pool.answer.object("AccountRecoverySetting");
    let mut ways: Vec<(i64, &str)> = setting
        .map_or(&[][..], |setting| setting.list("RecoveryMechanisms"))
        .iter()
        .filter_map(|way| Some((way.number("Priority").unwrap_or_default(), way.text("Name")?)))
        .collect();
    ways.sort_unstable();
    ways.into_iter().map(|(_, way)| way).collect()
}

/// The attribute to which a code for a new password goes: the first of the pool's ways that is verified. An
/// administrator may use any of them.
pub(super) fn destination(pool: &Pool, user: &User, by_admin: bool) -> Answer<&'static str> {
    let mut ways = ways(pool);
    if ways.is_empty() || (by_admin && ways.contains(&ADMIN)) {
        ways = LEGACY.to_vec();
    }
    if ways.contains(&ADMIN) {
        return ADMIN_ONLY.refuse();
    }
    let sms = pool.answer.contains_key("SmsConfiguration");
    for way in ways {
        let attribute = if way == "verified_email" { "email" } else { "phone_number" };
        if user.is_verified(attribute) && user.attribute(attribute).is_some() && (attribute == "email" || sms) {
            return Ok(attribute);
        }
    }
    NO_CONTACT.refuse()
}

pub(super) fn send_code(
    call: &Call,
    transaction: &mut Transaction,
    place: (&str, &Pool),
    user: &mut User,
    attribute: &str,
) -> Answer<Json> {
    let to = user.attribute(attribute).unwrap_or_default().to_owned();
    let code = Code::new(attribute, call.now);
    let receiver = (&*user, call.text("Username"));
    let details =
        delivery::send(call, transaction, place, receiver, Reason::ForgotPassword, (attribute, &to), &code.value)?;
    user.codes.insert("reset".to_owned(), code);
    Ok(details)
}

/// ConfirmForgotPassword
pub(crate) fn confirm(call: &Call, transaction: &mut Transaction) -> Answer {
    let (app, found) = client_and_user(call, transaction.reader())?;
    let place = (app.pool_id.as_str(), &app.pool);
    // A mismatch for nobody and for who is disabled, an expired code for a user who asked for none (developer guide, managing
    // error responses). Whoever was told of a code that was not sent is nobody here too.
    let has_code = |user: &User| user.codes.contains_key("reset") || may_reset(&app.pool, user).is_ok();
    if app.hides_users() && !found.as_ref().is_some_and(|user| user.is_enabled() && has_code(user)) {
        return wrong_code(call, transaction, &app);
    }
    let Some(before) = found else { return NO_USER_OF_CLIENT.refuse() };
    if !before.is_enabled() {
        return DISABLED.refuse();
    }
    let password = call.text("Password");
    let mut user = before.clone();
    let Some(code) = user.codes.get_mut("reset") else { return CODE_EXPIRED.refuse() };
    if let Err(refusal) = code.check(call.text("ConfirmationCode"), call.now, HOUR) {
        transaction.keep_when_refused();
        keep(transaction, place, Some(&before), &user)?;
        return Err(refusal);
    }
    password::check(&app.pool, password, Wording::With)?;
    user.passwords.check_history(app.pool.password_history(), place.0, user.name(), password)?;
    user.codes.remove("reset");
    user.set_password(place, password, call.now)?;
    user.set_status("CONFIRMED");
    user.touch(call.now);
    keep(transaction, place, Some(&before), &user)?;
    transaction.ask_after(call, sign_up_events::post_confirmation(place, &user, "ConfirmForgotPassword"))?;
    Ok(Object::new())
}
