//! The user whom a request names, and what a new one may be called.

use crate::forms::contact::{is_email, is_phone};
use crate::forms::members::Members;
use crate::forms::refusal::{
    ALIAS_EXISTS, Answer, NO_USER, USERNAME_EITHER, USERNAME_EMAIL, USERNAME_IS_EMAIL, USERNAME_IS_PHONE,
    USERNAME_PHONE, Words,
};
use crate::kept::pool::Pool;
use crate::kept::store::Reader;
use crate::kept::user::{User, find, signs_in_with};
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;

/// The user of an operation of an administrator, with its pool.
pub(crate) fn named_user(call: &Call, reader: &dyn Reader) -> Answer<(Pool, User)> {
    let pool = call.pool(reader)?;
    match find(reader, (call.pool_id(), &pool), call.text("Username"))? {
        Some(user) => Ok((pool, user)),
        None => NO_USER.refuse(),
    }
}

/// The client of a request of somebody who has not signed in, its secret proved, and the user, if there is one.
pub(crate) fn client_and_user(call: &Call, reader: &dyn Reader) -> Answer<(AppClient, Option<User>)> {
    let app = call.app(reader)?;
    let name = call.text("Username");
    app.check_secret_hash(call.body.text("SecretHash"), name)?;
    let user = find(reader, (&app.pool_id, &app.pool), name)?;
    Ok((app, user))
}

/// Whether a name can be one of a new user.
pub(crate) fn check_name(pool: &Pool, name: &str) -> Answer<()> {
    let names = pool.answer.texts("UsernameAttributes");
    let (by_email, by_phone) = (names.contains(&"email"), names.contains(&"phone_number"));
    match (by_email, by_phone) {
        (true, true) if !is_email(name) && !is_phone(name) => return USERNAME_EITHER.refuse(),
        (true, false) if !is_email(name) => return USERNAME_EMAIL.refuse(),
        (false, true) if !is_phone(name) => return USERNAME_PHONE.refuse(),
        _ => {}
    }
    let aliases = pool.answer.texts("AliasAttributes");
    if aliases.contains(&"email") && is_email(name) {
        return USERNAME_IS_EMAIL.refuse();
    }
    if aliases.contains(&"phone_number") && is_phone(name) {
        return USERNAME_IS_PHONE.refuse();
    }
    Ok(())
}

/// Refuses when a new user of this name would be a second one. Of a name the words differ by operation, of an address they
/// do not (idjs-dart#73: SignUp with a taken address).
pub(crate) fn expect_new(reader: &dyn Reader, pool: (&str, &Pool), given: &str, taken: &Words) -> Answer<()> {
    if find(reader, pool, given)?.is_none() {
        return Ok(());
    }
    match signs_in_with(pool.1, given) {
        Some(attribute) => Err(ALIAS_EXISTS.with(&[attribute])),
        None => taken.refuse(),
    }
}
