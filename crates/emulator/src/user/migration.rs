//! Users who come over from elsewhere at their first sign-in: the trigger UserMigration. At ForgotPassword it is not built.

use serde_json::{Value as Json, json};

use super::{User, attributes, check_name, claim_aliases, find, keep, made};
use crate::app::App;
use crate::call::{Answer, Call};
use crate::members::Members;
use crate::password::Password;
use crate::refusal::ALIAS_EXISTS;
use crate::store::Store;
use crate::trigger::Event;

/// Asks the trigger about somebody who is not there; None where the pool declares none. A user whom it knows is kept with
/// the password that was given, confirmed if it says so, and else in need of a new password (API reference,
/// finalUserStatus).
pub(crate) fn ask(call: &Call, store: &Store, app: &App, name: &str, password: &str) -> Answer<Option<User>> {
    let pool = (app.pool_id.as_str(), &app.pool);
    let event = Event {
        pool,
        source: "UserMigration_Authentication".to_owned(),
        user: name,
        request: json!({"password": password, "validationData": Json::Null}),
        response: json!({
            "userAttributes": null,
            "finalUserStatus": null,
            "messageAction": null,
            "desiredDeliveryMediums": null,
            "forceAliasCreation": null,
        }),
        version: "1",
    };
    let Some(response) = event.now(call)? else { return Ok(None) };
    let given: Vec<Json> = response
        .object("userAttributes")
        .into_iter()
        .flatten()
        .filter(|(attribute, _)| !matches!(attribute.as_str(), "username" | "sub"))
        .map(|(attribute, value)| json!({"Name": attribute, "Value": value}))
        .collect();
    check_name(&app.pool, name)?;
    let attributes = attributes::check(&app.pool, &given)?;
    let status = if response.text("finalUserStatus") == Some("CONFIRMED") { "CONFIRMED" } else { "RESET_REQUIRED" };
    let mut user = made(call, &app.pool, name, attributes, status);
    user.passwords.set(&app.pool, Password::new(pool.0, user.name(), password, call.now)?);
    let force = response.flag("forceAliasCreation") == Some(true);
    call.write(store, |writing| {
        // Another sign-in may have been faster.
        if let Some(user) = find(writing.look(), pool, name)? {
            return Ok(Some(user));
        }
        claim_aliases(writing, pool, &user, force, &ALIAS_EXISTS)?;
        keep(writing, pool, None, &user)?;
        Ok(Some(user.clone()))
    })
}
