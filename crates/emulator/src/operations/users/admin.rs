//! What administrators do with users: AdminCreateUser, AdminGetUser, AdminDeleteUser, AdminConfirmSignUp,
//! AdminSetUserPassword, AdminResetUserPassword, AdminEnableUser, AdminDisableUser, AdminUpdateUserAttributes,
//! AdminDeleteUserAttributes, AdminUserGlobalSignOut.

use poolform_model::Object;
use serde_json::json;

use crate::forms::members::{Members, in_model_order, only};
use crate::forms::refusal::{
    ALIAS_EXISTS, Answer, DISABLED, NO_CONFIRMATION, NO_MEDIUM, RESET_STATE, USER_EXISTS, USER_STATE, VERIFIED_ALONE,
};
use crate::kept::pool::Pool;
use crate::kept::store::{Reader, Writer};
use crate::kept::user::{self, EXTERNAL, FORCE_CHANGE, TakenAliases, User, claim_aliases, keep, new_user, remove};
use crate::operations::users::attributes::{remove_attributes, set_attributes};
use crate::operations::users::recovery;
use crate::outside::delivery;
use crate::outside::message::{Medium, Reason};
use crate::outside::sign_up_events::{post_confirmation, pre_sign_up_event};
use crate::outside::transaction::Transaction;
use crate::rules::attributes;
use crate::rules::call::Call;
use crate::rules::password::{self, Wording};
use crate::rules::user::{check_name, expect_new, named_user};

/// AdminCreateUser
pub(crate) fn create(call: &Call, transaction: &mut Transaction) -> Answer {
    if call.body.text("MessageAction") == Some("RESEND") {
        return resend(call, transaction);
    }
    let pool_id = call.pool_id();
    let pool = call.pool(transaction.reader())?;
    let given = call.text("Username");
    check_name(&pool, given)?;
    // Required attributes may be left out: the user is asked for them with the first password.
    let attributes = attributes::check(&pool, call.body.list("UserAttributes"))?;
    for address in ["email", "phone_number"] {
        let says = |name: &str| attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        let vouched = says(&user::verified_flag(address)) == Some("true");
        if vouched
            && says(address).is_none_or(str::is_empty)
            && !pool.answer.texts("UsernameAttributes").contains(&address)
        {
            return Err(VERIFIED_ALONE.with(&[address, address]));
        }
    }
    if let Some(password) = call.body.text("TemporaryPassword") {
        password::check(&pool, password, Wording::With)?;
    }
    expect_new(transaction.reader(), (pool_id, &pool), given, &USER_EXISTS)?;
    let attributes = attributes.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let mut user = new_user(call.now, &pool, given, attributes, FORCE_CHANGE, transaction.sub(call));
    // The trigger may refuse; what it says of confirming and verifying is ignored here (developer guide, pre sign-up trigger).
    let event = pre_sign_up_event(call, (pool_id, &pool), &user, "PreSignUp_AdminCreateUser");
    transaction.ask(call, event)?;
    // The API reference speaks of AliasExistsException; the operation declares none, and boto3#3213 saw the other one.
    let takes =
        if call.body.flag("ForceAliasCreation") == Some(true) { TakenAliases::All } else { TakenAliases::Nothing };
    claim_aliases(transaction, (pool_id, &pool), &user, &takes, &ALIAS_EXISTS)?;
    invite(call, transaction, (pool_id, &pool), &mut user, given)?;
    keep(transaction, (pool_id, &pool), None, &user)?;
    Ok(only("User", in_model_order("UserType", user.answer)))
}

/// AdminCreateUser that sends the invitation again: a new temporary password, its days counted anew.
fn resend(call: &Call, transaction: &mut Transaction) -> Answer {
    let (pool, before) = named_user(call, transaction.reader())?;
    if before.status() != FORCE_CHANGE {
        return Err(USER_STATE.with(&[before.status()]));
    }
    if let Some(password) = call.body.text("TemporaryPassword") {
        password::check(&pool, password, Wording::With)?;
    }
    let mut user = before.clone();
    invite(call, transaction, (call.pool_id(), &pool), &mut user, call.text("Username"))?;
    user.touch(call.now);
    keep(transaction, (call.pool_id(), &pool), Some(&before), &user)?;
    Ok(only("User", in_model_order("UserType", user.answer)))
}

/// Gives a temporary password and sends it, unless the request suppresses messages. Without DesiredDeliveryMediums it
/// goes by text message where the user has a number and the pool can send some, or else by e-mail; a medium that is
/// asked for needs its attribute (API reference).
fn invite(call: &Call, transaction: &mut Transaction, pool: (&str, &Pool), user: &mut User, name: &str) -> Answer<()> {
    let password = call.body.text("TemporaryPassword").map_or_else(|| password::generated(pool.1), str::to_owned);
    user.set_password(pool, &password, call.now)?;
    if call.body.text("MessageAction") == Some("SUPPRESS") {
        return Ok(());
    }
    let asked = call.body.texts("DesiredDeliveryMediums");
    let mut to_send = Vec::new();
    for (attribute, medium) in [("phone_number", Medium::Sms), ("email", Medium::Email)] {
        let wanted = asked.contains(&medium.name());
        let Some(to) = user.attribute(attribute).map(str::to_owned) else {
            if wanted {
                return Err(NO_MEDIUM.with(&[medium.name(), attribute]));
            }
            continue;
        };
        let can = medium == Medium::Email || pool.1.answer.contains_key("SmsConfiguration");
        if wanted || (asked.is_empty() && to_send.is_empty() && can) {
            to_send.push((attribute, to));
        }
    }
    for (attribute, to) in to_send {
        let receiver = (&*user, name);
        delivery::send(call, transaction, pool, receiver, Reason::AdminCreateUser, (attribute, &to), &password)?;
    }
    Ok(())
}

/// AdminGetUser
pub(crate) fn get(call: &Call, reader: &dyn Reader) -> Answer {
    let (_, mut user) = named_user(call, reader)?;
    // The one answer that names the list differently.
    if let Some(attributes) = user.answer.shift_remove("Attributes") {
        user.answer.insert("UserAttributes".to_owned(), attributes);
    }
    user.factors.show(&mut user.answer);
    Ok(in_model_order("AdminGetUserResponse", user.answer))
}

/// AdminUserGlobalSignOut
pub(crate) fn sign_out(call: &Call, writer: &mut Writer) -> Answer {
    let (pool, before) = named_user(call, writer.reader())?;
    let user = User { signed_out: call.now, ..before.clone() };
    keep(writer, (call.pool_id(), &pool), Some(&before), &user)?;
    Ok(Object::new())
}

/// AdminDeleteUser
pub(crate) fn delete(call: &Call, writer: &mut Writer) -> Answer {
    let (pool, user) = named_user(call, writer.reader())?;
    remove(writer, (call.pool_id(), &pool), &user)?;
    Ok(Object::new())
}

/// AdminConfirmSignUp: the user is confirmed, its addresses are not verified by it.
pub(crate) fn confirm(call: &Call, transaction: &mut Transaction) -> Answer {
    let (pool, before) = named_user(call, transaction.reader())?;
    if before.status() != "UNCONFIRMED" {
        return Err(NO_CONFIRMATION.with(&[before.status()]));
    }
    let mut user = before.clone();
    user.set_status("CONFIRMED");
    user.codes.remove("confirm");
    user.touch(call.now);
    keep(transaction, (call.pool_id(), &pool), Some(&before), &user)?;
    transaction.ask_after(call, post_confirmation((call.pool_id(), &pool), &user, "ConfirmSignUp"))?;
    Ok(Object::new())
}

/// AdminSetUserPassword
pub(crate) fn set_password(call: &Call, writer: &mut Writer) -> Answer {
    let (pool, before) = named_user(call, writer.reader())?;
    let place = (call.pool_id(), &pool);
    let password = call.text("Password");
    password::check(&pool, password, Wording::With)?;
    before.passwords.check_history(pool.password_history(), place.0, before.name(), password)?;
    let mut user = before.clone();
    user.set_password(place, password, call.now)?;
    user.set_status(if call.body.flag("Permanent") == Some(true) { "CONFIRMED" } else { FORCE_CHANGE });
    user.codes.remove("reset");
    user.touch(call.now);
    keep(writer, place, Some(&before), &user)?;
    Ok(Object::new())
}

/// AdminResetUserPassword: the password is worth nothing until the user sets a new one with the code.
pub(crate) fn reset_password(call: &Call, transaction: &mut Transaction) -> Answer {
    let (pool, before) = named_user(call, transaction.reader())?;
    if !before.is_enabled() {
        return DISABLED.refuse();
    }
    if matches!(before.status(), FORCE_CHANGE | EXTERNAL | "UNCONFIRMED") {
        return RESET_STATE.refuse();
    }
    let place = (call.pool_id(), &pool);
    let mut user = before.clone();
    let attribute = recovery::destination(&pool, &user, true)?;
    recovery::send_code(call, transaction, place, &mut user, attribute)?;
    user.set_status("RESET_REQUIRED");
    user.touch(call.now);
    keep(transaction, place, Some(&before), &user)?;
    Ok(Object::new())
}

/// AdminEnableUser
pub(crate) fn enable(call: &Call, writer: &mut Writer) -> Answer {
    set_enabled(call, writer, true)
}

/// AdminDisableUser
pub(crate) fn disable(call: &Call, writer: &mut Writer) -> Answer {
    set_enabled(call, writer, false)
}

fn set_enabled(call: &Call, writer: &mut Writer, enabled: bool) -> Answer {
    let (pool, before) = named_user(call, writer.reader())?;
    let mut user = before.clone();
    user.answer.insert("Enabled".to_owned(), json!(enabled));
    user.touch(call.now);
    keep(writer, (call.pool_id(), &pool), Some(&before), &user)?;
    Ok(Object::new())
}

/// AdminUpdateUserAttributes
pub(crate) fn update_attributes(call: &Call, transaction: &mut Transaction) -> Answer {
    let (pool, user) = named_user(call, transaction.reader())?;
    set_attributes(call, transaction, (call.pool_id(), &pool), &user, call.body.list("UserAttributes"))?;
    Ok(Object::new())
}

/// AdminDeleteUserAttributes
pub(crate) fn delete_attributes(call: &Call, writer: &mut Writer) -> Answer {
    let (pool, user) = named_user(call, writer.reader())?;
    remove_attributes(call, writer, (call.pool_id(), &pool), &user, &call.body.texts("UserAttributeNames"))?;
    Ok(Object::new())
}
