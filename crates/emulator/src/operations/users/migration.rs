//! Users who come over from elsewhere at their first sign-in, or when they say that their password is lost: the trigger
//! UserMigration.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::identifier;
use crate::forms::members::Members;
use crate::forms::refusal::{ALIAS_EXISTS, Answer, MIGRATION_FAILED, MIGRATION_NAME, TRIGGER_OUTPUT};
use crate::kept::password::Password;
use crate::kept::store::Writer;
use crate::kept::user::{TakenAliases, User, claim_aliases, find, keep, new_user};
use crate::outside::effects::Effects;
use crate::outside::transaction::Transaction;
use crate::outside::trigger::{self, Event};
use crate::rules::app_client::AppClient;
use crate::rules::attributes;
use crate::rules::call::Call;
use crate::rules::user::check_name;

/// Asks the trigger about somebody who signs in and is not there; None where the pool declares none, and where it knows
/// nobody. A user whom it knows is kept with the password that was given.
pub(crate) fn ask(call: &Call, effects: &Effects, app: &AppClient, name: &str, password: &str) -> Answer<Option<User>> {
    let pool = (app.pool_id.as_str(), &app.pool);
    let response = effects.ask(call, event(call, app, name, Some(password))).map_err(|refusal| failed(refusal, app))?;
    let Some((mut user, takes)) =
        known(call, app, name, response.as_ref(), "CONFIRMED", || identifier::sub(call.region))?
    else {
        return Ok(None);
    };
    user.passwords.set(Password::new(pool.0, user.name(), password, call.now)?, app.pool.password_history());
    effects.transact(call, |transaction| {
        // Another sign-in may have been faster.
        if let Some(user) = find(transaction.reader(), pool, name)? {
            return Ok(Some(user));
        }
        register(transaction, app, &user, &takes)?;
        Ok(Some(user.clone()))
    })
}

/// As [`ask`], of somebody who has lost the password, which is not known then: a new one must be set. Inside of
/// a transaction.
pub(super) fn ask_forgotten(
    call: &Call,
    transaction: &mut Transaction,
    app: &AppClient,
    name: &str,
) -> Answer<Option<User>> {
    let response = transaction.ask(call, event(call, app, name, None)).map_err(|refusal| failed(refusal, app))?;
    let Some((user, takes)) = known(call, app, name, response.as_ref(), "RESET_REQUIRED", || transaction.sub(call))?
    else {
        return Ok(None);
    };
    register(transaction, app, &user, &takes)?;
    Ok(Some(user))
}

/// The event. The password is not sent where it is lost, and what a sign-in brings along is validationData (developer guide,
/// migrate user trigger).
fn event<'a>(call: &Call, app: &'a AppClient, name: &'a str, password: Option<&str>) -> Event<'a> {
    let mut request = json!({"validationData": trigger::sign_in_data(call), "userAttributes": null});
    if let Some(password) = password {
        request["password"] = json!(password);
    }
    Event {
        pool: (&app.pool_id, &app.pool),
        source: format!("UserMigration_{}", if password.is_some() { "Authentication" } else { "ForgotPassword" }),
        user: name,
        request,
        response: json!({
            "userAttributes": null,
            "forceAliasCreation": null,
            "enableSMSMFA": null,
            "finalUserStatus": null,
            "messageAction": null,
            "desiredDeliveryMediums": null,
        }),
        version: "1",
    }
}

/// An answer that is no event at all is told as a migration that failed, also where existence errors are hidden (re:Post,
/// QU3VgGes1IRne3OVkCDMjrBA, of 2020).
fn failed(refusal: poolform_model::Refusal, app: &AppClient) -> poolform_model::Refusal {
    if refusal.code == TRIGGER_OUTPUT.code { MIGRATION_FAILED.with(&[&app.id]) } else { refusal }
}

/// The user of an answer, and whose aliases it takes; None where there are no attributes: "userAttributes" must hold one or
/// more (developer guide, migrate user trigger), and an empty response stands for nobody (managing error responses).
fn known(
    call: &Call,
    app: &AppClient,
    asked: &str,
    response: Option<&Json>,
    status: &str,
    sub: impl FnOnce() -> String,
) -> Answer<Option<(User, TakenAliases)>> {
    let attributes = response.and_then(|response| response.object("userAttributes"));
    let (Some(response), Some(attributes)) = (response, attributes.filter(|members| !members.is_empty())) else {
        return Ok(None);
    };
    let status = match response.text("finalUserStatus") {
        None | Some("") => status,
        Some(given @ ("CONFIRMED" | "RESET_REQUIRED")) => given,
        Some(_) => return TRIGGER_OUTPUT.refuse(),
    };
    let name = name_of(app, asked, attributes)?;
    let given: Vec<Json> = attributes
        .iter()
        .filter(|(attribute, _)| !matches!(attribute.as_str(), "username" | "sub"))
        .map(|(attribute, value)| json!({"Name": attribute, "Value": value}))
        .collect();
    let attributes = attributes::check(&app.pool, &given)?;
    let attributes = attributes.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let user = new_user(call.now, &app.pool, name, attributes, status, sub());
    let takes =
        if response.flag("forceAliasCreation") == Some(true) { TakenAliases::All } else { TakenAliases::Nothing };
    Ok(Some((user, takes)))
}

/// The name of the new user: what the answer says, or else what was asked for. Who signs in by an alias needs both, a name
/// and that alias (localstack-ext 3.8.1, snapshot of AWS of 2024-08: the answer's `username` becomes the name).
fn name_of<'a>(app: &AppClient, asked: &'a str, attributes: &'a Object) -> Answer<&'a str> {
    let by_attribute = !app.pool.answer.list("UsernameAttributes").is_empty();
    let named = attributes.text("username").filter(|name| !name.is_empty() && !by_attribute);
    let name = named.unwrap_or(asked);
    let aliases = app.pool.answer.texts("AliasAttributes");
    let is_reached = name == asked || aliases.iter().any(|alias| attributes.text(alias) == Some(asked));
    if is_reached && check_name(&app.pool, name).is_ok() { Ok(name) } else { Err(MIGRATION_NAME.with(&[&app.id])) }
}

fn register(writer: &mut Writer, app: &AppClient, user: &User, takes: &TakenAliases) -> Answer<()> {
    let pool = (app.pool_id.as_str(), &app.pool);
    claim_aliases(writer, pool, user, takes, &ALIAS_EXISTS)?;
    keep(writer, pool, None, user)
}
