//! The password as the first factor: USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH.

use poolform_model::Object;

use crate::app::App;
use crate::call::Call;
use crate::effects::Effects;
use crate::forms::members::Members;
use crate::forms::refusal::{Answer, DISABLED, NO_USER, NOT_CONFIRMED, RESET_REQUIRED, TEMPORARY_OVER};
use crate::password::{Password, temporary_days};
use crate::sign_in::proof::assumed_name;
use crate::sign_in::{Progress, Whom, attempts, parameter};
use crate::user;
use crate::user::admin::FORCE_CHANGE;
use crate::user::{User, migration};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

pub(super) fn start(call: &Call, effects: &Effects, app: App, parameters: Option<&Object>) -> Answer {
    let name = parameter(parameters, "USERNAME")?;
    let password = parameter(parameters, "PASSWORD")?;
    let optional = |name: &str| parameters.and_then(|parameters| parameters.text(name));
    app.check_secret_hash(optional("SECRET_HASH"), name)?;
    let device = optional("DEVICE_KEY").map(str::to_owned);
    let (app, user) = check(call, effects, app, name, password)?;
    Progress::new(app, user, device).proceed(call, effects)
}

/// The user whose password it is; refused for every other reason than a second factor.
pub(super) fn check(call: &Call, effects: &Effects, app: App, name: &str, password: &str) -> Answer<(App, User)> {
    let mut found = effects.read(|reader| user::find(reader, (&app.pool_id, &app.pool), name))?;
    if found.is_none() {
        found = migration::ask(call, effects, &app, name, password)?;
    }
    let Some(user) = found else {
        if !app.hides_users() {
            return NO_USER.refuse();
        }
        attempts::of_nobody(effects, &app, name)?.check(call.now)?;
        let keys = effects.keys(&app.pool_id)?;
        crate::sign_in::pre_authentication(call, effects, &app, Whom::Nobody(&assumed_name(&keys, &app, name)))?;
        // As long as it takes for a user who is there.
        Password::new(&app.pool_id, name, password, call.now)?;
        return attempts::fail_nobody(call, effects, &app, name);
    };
    user.attempts.check(call.now)?;
    expect_open(&app, &user)?;
    crate::sign_in::pre_authentication(call, effects, &app, Whom::User(&user))?;
    let right = user.passwords.current.as_ref().is_some_and(|current| current.is(&app.pool_id, user.name(), password));
    if !right || is_hidden(call, &app, &user) {
        return attempts::fail(call, effects, &app, &user);
    }
    expect_usable(call, &app, &user)?;
    attempts::succeed(effects, &app, &user)?;
    Ok((app, user))
}

/// Refuses users who cannot sign in whatever their password is: before it is looked at (refusals, order of checks). Who is
/// not confirmed is told so with any password, existence errors hidden or not: intended, say the service's people (idjs#288).
pub(super) fn expect_open(app: &App, user: &User) -> Answer<()> {
    let hides = app.hides_users();
    if !hides && !user.is_enabled() {
        return DISABLED.refuse();
    }
    match user.status() {
        "UNCONFIRMED" => NOT_CONFIRMED.refuse(),
        "RESET_REQUIRED" if !hides => RESET_REQUIRED.refuse(),
        _ => Ok(()),
    }
}

/// Whether even the right password is told as a wrong one, and counts as one: hidden existence errors hide that a password is
/// to be reset (S1, guide23, of imported users) or is over.
pub(super) fn is_hidden(call: &Call, app: &App, user: &User) -> bool {
    app.hides_users() && user.is_enabled() && (user.status() == "RESET_REQUIRED" || is_over(call, app, user))
}

/// Refuses, after the password was right, who may not use it: who is disabled, which hidden existence errors hide from whoever
/// has no password of theirs (developer guide of 2020, managing error responses), and a temporary one whose days are over.
pub(super) fn expect_usable(call: &Call, app: &App, user: &User) -> Answer<()> {
    if !user.is_enabled() {
        return DISABLED.refuse();
    }
    if is_over(call, app, user) { TEMPORARY_OVER.refuse() } else { Ok(()) }
}

/// Whether a password is a temporary one whose days are over.
fn is_over(call: &Call, app: &App, user: &User) -> bool {
    let set = user.passwords.current.as_ref().map_or(0, |password| password.set);
    user.status() == FORCE_CHANGE && call.now > set + temporary_days(&app.pool) * DAY
}
