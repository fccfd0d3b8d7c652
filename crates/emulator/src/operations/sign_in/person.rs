//! Who signs in, and the triggers that are told.

use serde_json::{Value as Json, json};

use crate::forms::refusal::Answer;
use crate::kept::user::User;
use crate::outside::effects::Effects;
use crate::outside::trigger::{self, Event};
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;

/// Who signs in.
#[derive(Clone, Copy)]
pub(super) enum Person<'a> {
    User(&'a User),
    /// Nobody of this name, where existence errors are hidden: triggers are asked all the same (developer guide, managing
    /// error responses).
    Nobody(&'a str),
}

impl Person<'_> {
    pub(super) fn name(&self) -> &str {
        match self {
            Person::User(user) => user.name(),
            Person::Nobody(name) => name,
        }
    }

    /// As events carry them.
    pub(super) fn attributes(&self, app: &AppClient) -> Json {
        match self {
            Person::User(user) => trigger::attributes(&app.pool, user),
            Person::Nobody(_) => json!({}),
        }
    }

    pub(super) fn is_nobody(&self) -> bool {
        matches!(self, Person::Nobody(_))
    }
}

/// Asks PreAuthentication, which may refuse the sign-in, before the password is looked at. Whether the user was found stands
/// in the event where existence errors are hidden (developer guide, pre authentication trigger).
pub(super) fn pre_authentication(call: &Call, effects: &Effects, app: &AppClient, person: Person) -> Answer<()> {
    let mut request = json!({"userAttributes": person.attributes(app), "validationData": trigger::sign_in_data(call)});
    if app.hides_users() {
        request["userNotFound"] = json!(person.is_nobody());
    }
    let (pool, source) = ((app.pool_id.as_str(), &app.pool), "PreAuthentication_Authentication".to_owned());
    let event = Event { pool, source, user: person.name(), request, response: json!({}), version: "1" };
    effects.ask(call, event).map(|_| ())
}

/// Asks a trigger that may refuse the sign-in.
pub(crate) fn ask_authentication(
    call: &Call,
    effects: &Effects,
    app: &AppClient,
    user: &User,
    source: &str,
    request: Json,
) -> Answer<()> {
    let (pool, source) = ((app.pool_id.as_str(), &app.pool), source.to_owned());
    let event = Event { pool, source, user: user.name(), request, response: json!({}), version: "1" };
    effects.ask(call, event).map(|_| ())
}
