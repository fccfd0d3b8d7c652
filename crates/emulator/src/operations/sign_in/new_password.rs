//! The challenge of a temporary password: NEW_PASSWORD_REQUIRED.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::members::Members;
use crate::forms::refusal::{ATTRIBUTE_MISSING, Answer};
use crate::kept::password;
use crate::kept::shelf::USERS;
use crate::kept::user::{self, User};
use crate::operations::sign_in::progress::{Progress, Step, parameter};
use crate::operations::sign_in::session::{self, user_of};
use crate::operations::users::attributes::set_first;
use crate::outside::effects::Effects;
use crate::rules::app_client::AppClient;
use crate::rules::attributes;
use crate::rules::call::Call;
use crate::rules::password::{Wording, check};
use crate::rules::schema::KEPT_BY_SERVICE;

/// The front of names of attributes in parameters and responses.
const PREFIX: &str = "userAttributes.";

fn missing<'a>(app: &'a AppClient, user: &'a User) -> impl Iterator<Item = &'a str> {
    attributes::required(&app.pool).filter(|name| user.attribute(name).is_none())
}

/// Both lists are JSON in a text; what the service keeps is left out [InitiateAuth.2024-10.NEW_PASSWORD_REQUIRED].
pub(super) fn challenge(call: &Call, effects: &Effects, progress: &Progress) -> Answer {
    let (app, user) = (&progress.app, &progress.user);
    let required: Vec<String> = missing(app, user).map(|name| format!("{PREFIX}{name}")).collect();
    let shown: Object = user
        .attributes()
        .filter(|(name, _)| !KEPT_BY_SERVICE.contains(name) && app.may_read(name))
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let mut parameters = Object::new();
    for (name, value) in [
        ("USER_ID_FOR_SRP", json!(user.name())),
        ("requiredAttributes", json!(json!(required).to_string())),
        ("userAttributes", json!(Json::Object(shown).to_string())),
    ] {
        parameters.insert(name.to_owned(), value);
    }
    progress.challenge(call, effects, "NEW_PASSWORD_REQUIRED", parameters, None)
}

pub(super) fn answer(call: &Call, effects: &Effects, app: AppClient, responses: Option<&Object>) -> Answer<Step> {
    let (session, user) = session::expect(call, effects, &app)?;
    let new = parameter(responses, "NEW_PASSWORD")?;
    let given: Vec<Json> = responses
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some(json!({"Name": name.strip_prefix(PREFIX)?, "Value": value})))
        .collect();
    let names: Vec<&str> = given.iter().filter_map(|entry| entry.text("Name")).collect();
    app.check_may_write(names.iter().copied())?;
    if let Some(name) = missing(&app, &user).find(|name| !names.contains(name)) {
        return Err(ATTRIBUTE_MISSING.with(&[name]));
    }
    check(&app.pool, new, Wording::To)?;
    user.passwords.check_history(app.pool.password_history(), &app.pool_id, user.name(), new)?;
    let hashed = password::Password::new(&app.pool_id, user.name(), new, call.now)?;
    let place = (app.pool_id.as_str(), &app.pool);
    let user = effects.transact(call, |transaction| {
        session.use_up(transaction, call.now)?;
        let mut before = user_of(&session, transaction.reader())?;
        if !given.is_empty() {
            set_first(call, transaction, place, &before, &given)?;
            before = user_of(&session, transaction.reader())?;
        }
        let mut user = before.clone();
        user.passwords.set(hashed.clone(), app.pool.password_history());
        user.set_status("CONFIRMED");
        user.touch(call.now);
        transaction.put(USERS, &app.pool_id, &user::key(&app.pool, user.name()), &user)?;
        Ok(user)
    })?;
    let progress = Progress { new_password: true, ..Progress::resumed(&session, app, user) };
    Ok(Step::Reaches(Box::new(progress)))
}
