//! The password as the first factor: USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH.

use poolform_model::Object;

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, NO_USER};
use crate::kept::password::Password;
use crate::kept::user::{self, User};
use crate::operations::sign_in::nobody::assumed_name;
use crate::operations::sign_in::person::{Person, pre_authentication};
use crate::operations::sign_in::progress::{Progress, Step, parameter};
use crate::operations::users::migration;
use crate::outside::effects::Effects;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::lockout as attempts;
use crate::rules::sign_in::{expect_open, expect_usable, is_hidden};

pub(super) fn start(call: &Call, effects: &Effects, app: AppClient, parameters: Option<&Object>) -> Answer<Step> {
    let name = parameter(parameters, "USERNAME")?;
    let password = parameter(parameters, "PASSWORD")?;
    let optional = |name: &str| parameters.and_then(|parameters| parameters.text(name));
    app.check_secret_hash(optional("SECRET_HASH"), name)?;
    let device = optional("DEVICE_KEY").map(str::to_owned);
    let (app, user) = check(call, effects, app, name, password)?;
    Ok(Step::Reaches(Box::new(Progress::new(app, user, device))))
}

/// The user whose password it is; refused for every other reason than a second factor.
pub(super) fn check(
    call: &Call,
    effects: &Effects,
    app: AppClient,
    name: &str,
    password: &str,
) -> Answer<(AppClient, User)> {
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
        pre_authentication(call, effects, &app, Person::Nobody(&assumed_name(&keys, &app, name)))?;
        // As long as it takes for a user who is there.
        Password::new(&app.pool_id, name, password, call.now)?;
        return attempts::fail_nobody(call, effects, &app, name);
    };
    user.attempts.check(call.now)?;
    expect_open(&app, &user)?;
    pre_authentication(call, effects, &app, Person::User(&user))?;
    let right = user.passwords.current.as_ref().is_some_and(|current| current.is(&app.pool_id, user.name(), password));
    if !right || is_hidden(call, &app, &user) {
        return attempts::fail(call, effects, &app, &user);
    }
    expect_usable(call, &app, &user)?;
    attempts::succeed(effects, &app, &user)?;
    Ok((app, user))
}
