//! What users do with themselves, by their access token: GetUser, UpdateUserAttributes, DeleteUserAttributes,
//! GetUserAttributeVerificationCode, VerifyUserAttribute, ChangePassword, DeleteUser, GlobalSignOut.

use poolform_model::Object;

use crate::forms::members::{Members, in_model_order, only};
use crate::forms::refusal::{ALIAS_TAKEN, Answer, CODE_EXPIRED, NOT_VERIFIABLE, NOTHING_TO_VERIFY};
use crate::kept::code::{Code, DAY};
use crate::kept::password::Password;
use crate::kept::shelf::USERS;
use crate::kept::store::{Reader, Writer};
use crate::kept::user::{self, TakenAliases, User, claim_aliases, keep, remove, verified_flag};
use crate::kept::vault::Vault;
use crate::operations::users::attributes::{remove_attributes, set_attributes};
use crate::outside::delivery;
use crate::outside::effects::Effects;
use crate::outside::message::Reason;
use crate::outside::transaction::Transaction;
use crate::rules::call::Call;
use crate::rules::password::{self, Wording};
use crate::rules::token::{self, Access};
use crate::rules::{attributes, lockout};

/// The bearer as the store has it by now.
fn bearer(call: &Call, reader: &dyn Reader, access: &Access) -> Answer<User> {
    let key = user::key(&access.app.pool, access.user.name());
    let user: Option<User> = reader.get(USERS, &access.app.pool_id, &key)?;
    user.ok_or_else(|| call.no_bearer())
}

/// Changes the bearer.
fn change<T>(call: &Call, vault: &Vault, change: impl FnOnce(&mut Writer, &Access, &User) -> Answer<T>) -> Answer<T> {
    let access = token::access(call, vault)?;
    vault.write(|writer| {
        let user = bearer(call, writer.reader(), &access)?;
        change(writer, &access, &user)
    })
}

/// Changes the bearer and sends messages, on behalf of the client of the token. That may need a trigger, so the change may
/// run again.
fn change_and_tell<T>(
    call: &Call,
    effects: &Effects,
    change: impl Fn(&Call, &mut Transaction, &Access, &User) -> Answer<T>,
) -> Answer<T> {
    let access = token::access(call, effects)?;
    let call = &call.of_client(&access.app.id);
    effects.transact(call, |transaction| {
        let user = bearer(call, transaction.reader(), &access)?;
        change(call, transaction, &access, &user)
    })
}

/// GetUser: the attributes that the client may read.
pub(crate) fn get(call: &Call, vault: &Vault) -> Answer {
    let access = token::access(call, vault)?;
    let mut answer = only("Username", access.user.name());
    let shown = attributes::shown(&access.user, |name| access.app.may_read(name));
    answer.insert("UserAttributes".to_owned(), shown);
    access.user.factors.show(&mut answer);
    Ok(in_model_order("GetUserResponse", answer))
}

/// UpdateUserAttributes
pub(crate) fn update(call: &Call, effects: &Effects) -> Answer {
    change_and_tell(call, effects, |call, transaction, access, user| {
        let given = call.body.list("UserAttributes");
        access.app.check_may_write(given.iter().filter_map(|entry| entry.text("Name")))?;
        let delivered = set_attributes(call, transaction, access.place(), user, given)?;
        Ok(if delivered.is_empty() { Object::new() } else { only("CodeDeliveryDetailsList", delivered) })
    })
}

/// DeleteUserAttributes
pub(crate) fn delete_attributes(call: &Call, vault: &Vault) -> Answer {
    change(call, vault, |writer, access, user| {
        let names = call.body.texts("UserAttributeNames");
        access.app.check_may_write(names.iter().copied())?;
        remove_attributes(call, writer, access.place(), user, &names)?;
        Ok(Object::new())
    })
}

/// GetUserAttributeVerificationCode: to the value that waits for it, or else to the one there is.
pub(crate) fn send_code(call: &Call, effects: &Effects) -> Answer {
    change_and_tell(call, effects, |call, transaction, access, before| {
        let attribute = call.text("AttributeName");
        let words = match attribute {
            "email" => "email address",
            "phone_number" => "phone number",
            _ => return NOT_VERIFIABLE.refuse(),
        };
        let mut user = before.clone();
        let to = before.pending.get(attribute).map(String::as_str).or(before.attribute(attribute));
        let Some(to) = to else { return Err(NOTHING_TO_VERIFY.with(&[words])) };
        let code = Code::new(attribute, call.now);
        let receiver = (before, before.name());
        let reason = Reason::VerifyUserAttribute;
        let details =
            delivery::send(call, transaction, access.place(), receiver, reason, (attribute, to), &code.value)?;
        user.codes.insert(attribute.to_owned(), code);
        keep(transaction, access.place(), Some(before), &user)?;
        Ok(only("CodeDeliveryDetails", details))
    })
}

/// VerifyUserAttribute
pub(crate) fn verify(call: &Call, vault: &Vault) -> Answer {
    change(call, vault, |writer, access, before| {
        let attribute = call.text("AttributeName");
        let mut user = before.clone();
        let Some(code) = user.codes.get_mut(attribute) else { return CODE_EXPIRED.refuse() };
        if let Err(refusal) = code.check(call.text("Code"), call.now, DAY) {
            writer.keep_when_refused();
            keep(writer, access.place(), Some(before), &user)?;
            return Err(refusal);
        }
        user.codes.remove(attribute);
        if let Some(value) = user.pending.remove(attribute) {
            user.set_attribute(attribute, &value);
        }
        user.set_attribute(&verified_flag(attribute), "true");
        user.touch(call.now);
        claim_aliases(writer, access.place(), &user, &TakenAliases::Nothing, &ALIAS_TAKEN)?;
        keep(writer, access.place(), Some(before), &user)?;
        Ok(Object::new())
    })
}

/// ChangePassword. A wrong old password counts like one of a sign-in.
pub(crate) fn change_password(call: &Call, vault: &Vault) -> Answer {
    let access = token::access(call, vault)?;
    let (app, user) = (&access.app, &access.user);
    user.attempts.check(call.now)?;
    // A user without a password, made so by an administrator, needs no old one (API reference).
    let old = call.body.text("PreviousPassword").unwrap_or_default();
    if user.passwords.current.as_ref().is_some_and(|current| !current.is(&app.pool_id, user.name(), old)) {
        return lockout::fail(call, vault, app, user);
    }
    let new = call.text("ProposedPassword");
    password::check(&app.pool, new, Wording::With)?;
    user.passwords.check_history(app.pool.password_history(), &app.pool_id, user.name(), new)?;
    let hashed = Password::new(&app.pool_id, user.name(), new, call.now)?;
    change(call, vault, |writer, access, before| {
        let mut user = before.clone();
        user.passwords.set(hashed.clone(), access.app.pool.password_history());
        user.touch(call.now);
        keep(writer, access.place(), Some(before), &user)?;
        Ok(Object::new())
    })
}

/// DeleteUser
pub(crate) fn delete(call: &Call, vault: &Vault) -> Answer {
    change(call, vault, |writer, access, user| {
        remove(writer, access.place(), user)?;
        Ok(Object::new())
    })
}

/// GlobalSignOut
pub(crate) fn sign_out(call: &Call, vault: &Vault) -> Answer {
    change(call, vault, |writer, access, before| {
        let user = User { signed_out: call.now, ..before.clone() };
        keep(writer, access.place(), Some(before), &user)?;
        Ok(Object::new())
    })
}
