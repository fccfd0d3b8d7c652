//! Triggers: functions that the service calls on its way, here at addresses that whoever starts the server gives
//! (`poolform serve -trigger pre_sign_up=http://127.0.0.1:9000/…`): a plain HTTP server, or the invocation endpoint of a
//! local Lambda runtime. What depends on a trigger without an address is refused by name.
//!
//! A trigger may well call this server back, so none is called while a transaction is open: an operation that needs one
//! inside breaks off, and runs again with the answer (`Call::write`).

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::identifier;
use crate::members::Members;
use crate::outbound::Outbound;
use crate::refusal::{TRIGGER_FAILED, TRIGGER_NOT_BUILT, TRIGGER_OUTPUT, TRIGGER_UNREACHABLE, TRIGGER_WITHOUT_ADDRESS};
use crate::user::User;
use crate::user_pool::Pool;

/// The triggers that can be called: name of the option, member of LambdaConfig, which is also the name in refusals.
const NAMES: &[(&str, &str)] = &[
    ("pre_sign_up", "PreSignUp"),
    ("custom_message", "CustomMessage"),
    ("post_confirmation", "PostConfirmation"),
    ("pre_authentication", "PreAuthentication"),
    ("post_authentication", "PostAuthentication"),
    ("pre_token_generation", "PreTokenGeneration"),
    ("define_auth_challenge", "DefineAuthChallenge"),
    ("create_auth_challenge", "CreateAuthChallenge"),
    ("verify_auth_challenge_response", "VerifyAuthChallengeResponse"),
    ("user_migration", "UserMigration"),
];

/// Where triggers are.
#[derive(Clone, Debug, Default)]
pub struct Triggers(BTreeMap<&'static str, String>);

impl Triggers {
    /// Reads `pre_sign_up=http://127.0.0.1:9000/`.
    ///
    /// # Errors
    /// When the name is none that can be called, or the address is not plain HTTP.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let (name, address) = text.split_once('=').ok_or_else(|| format!("{text}: expected NAME=http://…"))?;
        let Some((_, member)) = NAMES.iter().find(|(option, _)| *option == name) else {
            let known: Vec<&str> = NAMES.iter().map(|(option, _)| *option).collect();
            return Err(format!("{name} is no trigger that can be called; these can: {}", known.join(", ")));
        };
        if !address.starts_with("http://") {
            return Err(format!("{address}: a trigger's address begins with http://"));
        }
        self.0.insert(member, address.to_owned());
        Ok(())
    }
}

/// A trigger about to be called.
#[derive(Clone)]
pub(crate) struct Invocation {
    member: &'static str,
    address: String,
    event: Json,
}

/// Refuses when the pool declares one of these, which cannot be called at all.
pub(crate) fn expect_none(pool: &Pool, triggers: &[&str]) -> Answer<()> {
    let declared = pool.answer.object("LambdaConfig");
    match triggers.iter().find(|name| declared.is_some_and(|declared| declared.member(name).is_some())) {
        Some(name) => Err(TRIGGER_NOT_BUILT.with(&[name])),
        None => Ok(()),
    }
}

/// Whether the pool declares a trigger; token generation has two members for one.
pub(crate) fn declares(pool: &Pool, member: &str) -> bool {
    let declared = pool.answer.object("LambdaConfig");
    let has = |name: &str| declared.is_some_and(|declared| declared.member(name).is_some());
    has(member) || (member == "PreTokenGeneration" && has("PreTokenGenerationConfig"))
}

/// What all events have in common.
pub(crate) struct Event<'a> {
    pub(crate) pool: (&'a str, &'a Pool),
    /// `PreSignUp_SignUp`
    pub(crate) source: String,
    pub(crate) user: &'a str,
    pub(crate) request: Json,
    /// Its members, null or false: triggers fill them in.
    pub(crate) response: Json,
    /// `1`, or that of token generation.
    pub(crate) version: &'static str,
}

impl Event<'_> {
    /// The invocation, where the pool declares the trigger; the trigger is the source's first word, but for token
    /// generation.
    pub(crate) fn invocation(self, call: &Call) -> Answer<Option<Invocation>> {
        let first = self.source.split('_').next().unwrap_or_default();
        let name = if first == "TokenGeneration" { "PreTokenGeneration" } else { first };
        let Some((option, member)) = NAMES.iter().find(|(_, member)| *member == name) else { return Ok(None) };
        if !declares(self.pool.1, member) {
            return Ok(None);
        }
        let Some(address) = call.options.triggers.0.get(member) else {
            return Err(TRIGGER_WITHOUT_ADDRESS.with(&[member, option]));
        };
        let mut request = self.request;
        if let (Json::Object(members), Some(metadata)) = (&mut request, call.body.member("ClientMetadata")) {
            members.insert("clientMetadata".to_owned(), metadata.clone());
        }
        let event = json!({
            "version": self.version,
            "region": identifier::region_of(self.pool.0),
            "userPoolId": self.pool.0,
            "userName": self.user,
            "callerContext": {
                "awsSdkVersion": "aws-sdk-unknown-unknown",
                "clientId": call.client().unwrap_or_else(|| "CLIENT_ID_NOT_APPLICABLE".to_owned()),
            },
            "triggerSource": self.source,
            "request": request,
            "response": self.response,
        });
        Ok(Some(Invocation { member, address: address.clone(), event }))
    }

    /// Calls the trigger, outside of transactions; None where the pool declares none.
    pub(crate) fn now(self, call: &Call) -> Answer<Option<Json>> {
        self.invocation(call)?.map(|invocation| invocation.run()).transpose()
    }
}

/// The attributes of a user as events carry them: with its status and the aliases that are verified.
pub(crate) fn attributes(pool: &Pool, user: &User) -> Json {
    let mut members: serde_json::Map<String, Json> =
        user.attributes().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    members.insert("cognito:user_status".to_owned(), json!(user.status()));
    for name in ["email", "phone_number"] {
        if pool.answer.texts("AliasAttributes").contains(&name) && user.is_verified(name) {
            members.insert(format!("cognito:{name}_alias"), json!(user.attribute(name)));
        }
    }
    Json::Object(members)
}

/// A list of names and values as events carry it; null when there is none.
pub(crate) fn validation_data(entries: &[Json]) -> Json {
    if entries.is_empty() {
        return Json::Null;
    }
    let pairs = entries.iter().filter_map(|entry| Some((entry.text("Name")?.to_owned(), json!(entry.text("Value")))));
    Json::Object(pairs.collect())
}

impl Invocation {
    /// Sends the event and reads the `response` of the answer (S2).
    pub(crate) fn run(self) -> Answer<Json> {
        let Invocation { member, address, event } = self;
        let sent = Outbound::post(&address, "application/json", event.to_string()).send();
        let body = sent.and_then(|(status, body)| {
            // A status other than 200 is a failure, unless the body says which.
            let says = serde_json::from_slice::<Json>(&body).is_ok_and(|answer| answer.text("errorMessage").is_some());
            if (200..300).contains(&status) || says { Ok(body) } else { Err(format!("status {status}")) }
        });
        let body = body.map_err(|reason| TRIGGER_UNREACHABLE.with(&[member, &reason]))?;
        let Ok(answer) = serde_json::from_slice::<Json>(&body) else { return TRIGGER_OUTPUT.refuse() };
        // As a Lambda runtime reports what a function throws.
        if let Some(message) = answer.text("errorMessage") {
            return Err(TRIGGER_FAILED.with(&[member, message]));
        }
        match answer.get("response") {
            Some(response @ Json::Object(_)) => Ok(response.clone()),
            _ => TRIGGER_OUTPUT.refuse(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let mut triggers = Triggers::default();
        assert!(triggers.add("pre_sign_up=http://127.0.0.1:9000/x=y").is_ok());
        assert_eq!(triggers.0["PreSignUp"], "http://127.0.0.1:9000/x=y");
        for wrong in ["pre_sign_up", "presignup=http://127.0.0.1", "custom_message=https://x", "=http://x"] {
            assert!(triggers.add(wrong).is_err(), "{wrong}");
        }
    }
}
