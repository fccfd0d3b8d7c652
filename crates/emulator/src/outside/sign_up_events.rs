//! The events of triggers about new users.

use poolform_model::Object;
use serde_json::json;

use crate::forms::members::Members;
use crate::kept::pool::Pool;
use crate::kept::user::{User, verified_flag};
use crate::outside::trigger::{self, Event};
use crate::rules::call::Call;

/// Members by which PreSignUp vouches for addresses.
pub(crate) const VOUCHED: [(&str, &str); 2] = [("autoVerifyEmail", "email"), ("autoVerifyPhone", "phone_number")];

/// The event of PreSignUp.
pub(crate) fn pre_sign_up_event<'a>(call: &Call, pool: (&'a str, &'a Pool), user: &'a User, source: &str) -> Event<'a> {
    let attributes: Object = user
        .attributes()
        .filter(|(name, _)| *name != "sub")
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    // Empty instead of null from a page (recorded/README.md, events).
    let validation = match trigger::validation_data(call.body.list("ValidationData")) {
        serde_json::Value::Null if call.hosted => json!({}),
        data => data,
    };
    Event {
        pool,
        source: source.to_owned(),
        user: user.name(),
        request: json!({"userAttributes": attributes, "validationData": validation}),
        response: json!({"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false}),
        version: "1",
    }
}

/// Verifies the addresses that PreSignUp vouches for, and names them: an alias that somebody else has moves to the new user
/// (developer guide, pre sign-up trigger, autoVerifyEmail).
pub(crate) fn take_verified(user: &mut User, response: &serde_json::Value) -> Vec<&'static str> {
    let mut vouched = Vec::new();
    for (member, attribute) in VOUCHED {
        if response.flag(member) == Some(true) && user.attribute(attribute).is_some() {
            user.set_attribute(&verified_flag(attribute), "true");
            vouched.push(attribute);
        }
    }
    vouched
}

/// The event of PostConfirmation, about a user as it is by then.
pub(crate) fn post_confirmation<'a>(pool: (&'a str, &'a Pool), user: &'a User, what: &str) -> Event<'a> {
    Event {
        pool,
        source: format!("PostConfirmation_{what}"),
        user: user.name(),
        request: json!({"userAttributes": trigger::attributes(pool.1, user)}),
        response: json!({}),
        version: "1",
    }
}
