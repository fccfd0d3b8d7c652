//! Users who sign themselves up: SignUp, ConfirmSignUp, ResendConfirmationCode.

use poolform_model::Object;
use serde_json::json;

use crate::forms::identifier;
use crate::forms::members::{Members, only};
use crate::forms::refusal::{
    ALIAS_EXISTS, ALIAS_TAKEN, ALREADY_CONFIRMED, Answer, CODE_EXPIRED, NO_CONFIRMATION, NO_RESEND, NO_SIGN_UP,
    NO_USER_OF_CLIENT, PASSWORD_MISSING, SIGNED_UP, VERIFIED_NOTHING,
};
use crate::kept::code::{Code, DAY};
use crate::kept::password::Password;
use crate::kept::user::{EXTERNAL, TakenAliases, User, claim_aliases, keep, new_user, verified_flag};
use crate::operations::users::recovery;
use crate::outside::delivery;
use crate::outside::effects::Effects;
use crate::outside::message::Reason;
use crate::outside::sign_up_events::{VOUCHED, post_confirmation, pre_sign_up_event, take_verified};
use crate::outside::transaction::Transaction;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::password::{self, Wording};
use crate::rules::user::{check_name, client_and_user, expect_new};
use crate::rules::{attributes, mfa};

/// SignUp. The password is hashed between two transactions: it takes longer than all the rest.
pub(crate) fn sign_up(call: &Call, effects: &Effects) -> Answer {
    let (app, mut user) = effects.read(|reader| {
        let app = call.app(reader)?;
        let user = checked(call, &app)?;
        expect_new(reader, (&app.pool_id, &app.pool), call.text("Username"), &SIGNED_UP)?;
        Ok((app, user))
    })?;
    let vouched = TakenAliases::Only(pre_sign_up(call, effects, &app, &mut user)?);
    let password = Password::new(&app.pool_id, user.name(), call.text("Password"), call.now)?;
    user.passwords.set(password, app.pool.password_history());
    effects.transact(call, |transaction| {
        let app = call.app(transaction.reader())?;
        expect_new(transaction.reader(), (&app.pool_id, &app.pool), call.text("Username"), &SIGNED_UP)?;
        register(call, transaction, &app, user.clone(), &vouched)
    })
}

/// Asks PreSignUp, which may refuse the user, confirm it and verify its addresses: those that it verified. It sees no `sub`
/// [event.PreSignUp_SignUp.2021-02].
fn pre_sign_up(call: &Call, effects: &Effects, app: &AppClient, user: &mut User) -> Answer<Vec<&'static str>> {
    let event = pre_sign_up_event(call, (&app.pool_id, &app.pool), user, "PreSignUp_SignUp");
    let Some(response) = effects.ask(call, event)? else { return Ok(Vec::new()) };
    if response.flag("autoConfirmUser") == Some(true) {
        user.set_status("CONFIRMED");
    }
    // An address that is verified must be there, or the user cannot sign up (developer guide, autoVerifyEmail).
    for (member, attribute) in VOUCHED {
        if response.flag(member) == Some(true) && user.attribute(attribute).is_none() {
            return Err(VERIFIED_NOTHING.with(&[attribute]));
        }
    }
    Ok(take_verified(user, &response))
}

/// The user that a request describes; the password is looked at last (refusals, order of checks).
fn checked(call: &Call, app: &AppClient) -> Answer<User> {
    let (pool, given) = (&app.pool, call.text("Username"));
    app.check_secret_hash(call.body.text("SecretHash"), given)?;
    let config = pool.answer.object("AdminCreateUserConfig");
    if config.and_then(|config| config.flag("AllowAdminCreateUserOnly")) == Some(true) {
        return NO_SIGN_UP.refuse();
    }
    check_name(pool, given)?;
    let attributes = attributes::check(pool, call.body.list("UserAttributes"))?;
    attributes::expect_no_early_alias(pool, "UNCONFIRMED", &attributes)?;
    app.check_may_write(attributes.iter().map(|(name, _)| name.as_str()))?;
    attributes::expect_required(pool, &attributes, given)?;
    let Some(password) = call.body.text("Password") else {
        return Err(PASSWORD_MISSING.with(&[&mfa::first_factors(&pool.answer).join(", ")]));
    };
    password::check(pool, password, Wording::With)?;
    let attributes = attributes.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    Ok(new_user(call.now, pool, given, attributes, "UNCONFIRMED", identifier::sub(call.region)))
}

/// Writes the new user and sends the code.
fn register(
    call: &Call,
    transaction: &mut Transaction,
    app: &AppClient,
    mut user: User,
    takes: &TakenAliases,
) -> Answer {
    let place = (app.pool_id.as_str(), &app.pool);
    claim_aliases(transaction, place, &user, takes, &ALIAS_EXISTS)?;
    let confirmed = user.status() == "CONFIRMED";
    let mut answer = only("UserConfirmed", confirmed);
    if confirmed {
        transaction.ask_after(call, post_confirmation(place, &user, "ConfirmSignUp"))?;
    } else if let Some(attribute) = to_verify(app, &user) {
        let details = send_code(call, transaction, app, &mut user, attribute, Reason::SignUp)?;
        answer.insert("CodeDeliveryDetails".to_owned(), details);
    }
    answer.insert("UserSub".to_owned(), json!(user.attribute("sub")));
    keep(transaction, place, None, &user)?;
    Ok(answer)
}

/// Where the code of a sign-up goes: to the phone number before the e-mail address, where the pool verifies both
/// (developer guide, verifying contact information).
fn to_verify(app: &AppClient, user: &User) -> Option<&'static str> {
    let verified = app.pool.answer.texts("AutoVerifiedAttributes");
    ["phone_number", "email"].into_iter().find(|name| verified.contains(name) && user.attribute(name).is_some())
}

/// Whether a code can go to a user, or need not.
fn may_be_sent(app: &AppClient, user: &User) -> bool {
    user.status() != "UNCONFIRMED" || to_verify(app, user).is_some()
}

fn send_code(
    call: &Call,
    transaction: &mut Transaction,
    app: &AppClient,
    user: &mut User,
    attribute: &str,
    reason: Reason,
) -> Answer<serde_json::Value> {
    let to = user.attribute(attribute).unwrap_or_default().to_owned();
    let code = Code::new(attribute, call.now);
    let place = (app.pool_id.as_str(), &app.pool);
    let details = delivery::send(
        call,
        transaction,
        place,
        (&*user, call.text("Username")),
        reason,
        (attribute, &to),
        &code.value,
    )?;
    user.codes.insert("confirm".to_owned(), code);
    Ok(details)
}

/// ConfirmSignUp
pub(crate) fn confirm(call: &Call, transaction: &mut Transaction) -> Answer {
    let (app, found) = client_and_user(call, transaction.reader())?;
    confirm_found(call, transaction, &app, found)
}

/// Confirms the user that was found, by the code of the request.
pub(crate) fn confirm_found(
    call: &Call,
    transaction: &mut Transaction,
    app: &AppClient,
    found: Option<User>,
) -> Answer {
    let place = (app.pool_id.as_str(), &app.pool);
    // With existence errors hidden, as if no code had been asked for (S2). Somebody of another provider, who never has a code,
    // is told no more.
    let hidden = app.hides_users() && found.as_ref().is_none_or(|user| user.status() == EXTERNAL);
    let Some(before) = found.filter(|_| !hidden) else {
        return if hidden { CODE_EXPIRED.refuse() } else { NO_USER_OF_CLIENT.refuse() };
    };
    if before.status() != "UNCONFIRMED" {
        return Err(NO_CONFIRMATION.with(&[before.status()]));
    }
    let mut user = before.clone();
    let Some(code) = user.codes.get_mut("confirm") else { return CODE_EXPIRED.refuse() };
    let attribute = code.attribute.clone();
    if let Err(refusal) = code.check(call.text("ConfirmationCode"), call.now, DAY) {
        transaction.keep_when_refused();
        keep(transaction, place, Some(&before), &user)?;
        return Err(refusal);
    }
    user.codes.remove("confirm");
    user.set_status("CONFIRMED");
    user.set_attribute(&verified_flag(&attribute), "true");
    user.touch(call.now);
    let takes =
        if call.body.flag("ForceAliasCreation") == Some(true) { TakenAliases::All } else { TakenAliases::Nothing };
    claim_aliases(transaction, place, &user, &takes, &ALIAS_TAKEN)?;
    keep(transaction, place, Some(&before), &user)?;
    transaction.ask_after(call, post_confirmation(place, &user, "ConfirmSignUp"))?;
    Ok(Object::new())
}

/// ResendConfirmationCode
pub(crate) fn resend(call: &Call, transaction: &mut Transaction) -> Answer {
    let (app, found) = client_and_user(call, transaction.reader())?;
    let place = (app.pool_id.as_str(), &app.pool);
    let reached = |user: &User| user.is_enabled() && user.status() != EXTERNAL && may_be_sent(&app, user);
    // As if a code had been sent to everybody who does not get one (developer guide, managing error responses), but for
    // those who need none: of them nothing is said there, and the refusal is recorded (S2, amp-ui fixture).
    if app.hides_users() && !found.as_ref().is_some_and(reached) {
        return recovery::pretended(call, transaction, &app);
    }
    let Some(before) = found else { return NO_USER_OF_CLIENT.refuse() };
    if before.status() != "UNCONFIRMED" {
        return ALREADY_CONFIRMED.refuse();
    }
    let mut user = before.clone();
    let Some(attribute) = to_verify(&app, &user) else { return NO_RESEND.refuse() };
    let details = send_code(call, transaction, &app, &mut user, attribute, Reason::ResendCode)?;
    keep(transaction, place, Some(&before), &user)?;
    Ok(only("CodeDeliveryDetails", details))
}
