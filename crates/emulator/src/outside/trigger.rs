//! Triggers: functions that the service calls on its way, here at addresses that whoever starts the server gives
//! (`poolform serve -trigger pre_sign_up=http://127.0.0.1:9000/…`): a plain HTTP server, or the invocation endpoint of a
//! local Lambda runtime. A trigger can be left out (`-trigger pre_sign_up=off`): everything goes on as if the pool did not
//! declare it, and each call that would have been made is told. What depends on a trigger of which neither was said is
//! refused by name, unless all such are left out ([`Triggers::leave_out_the_rest`]).
//!
//! A trigger may well call this server back, so none is called while a transaction is open: an operation that needs one
//! inside breaks off, and runs again with the answer (`transaction`).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::forms::identifier;
use crate::forms::members::Members;
use crate::forms::refusal::{
    Answer, TRIGGER_FAILED, TRIGGER_NOT_BUILT, TRIGGER_OUTPUT, TRIGGER_UNREACHABLE, TRIGGER_WITHOUT_ADDRESS,
};
use crate::kept::pool::Pool;
use crate::kept::user::User;
use crate::outside::outbound::Outbound;
use crate::rules::call::Call;

/// The triggers that can be called: name of the option (that of the module's variable, without `lambda_`), member of
/// LambdaConfig, which is also the name in refusals.
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

/// The triggers that are not built, and can be left out.
const NOT_CALLED: &[(&str, &str)] =
    &[("custom_email_sender", "CustomEmailSender"), ("custom_sms_sender", "CustomSMSSender")];

/// What stands for an address where a trigger is left out.
const OFF: &str = "off";

/// A call that would have been made, had its trigger not been left out.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// `PreSignUp_SignUp`
    pub source: String,
    /// `pre_sign_up`
    pub option: &'static str,
    /// The pool's id.
    pub pool: String,
    /// The user's name.
    pub user: String,
}

impl LeftOut {
    fn new(source: &str, option: &'static str, (pool, user): (&str, &str)) -> LeftOut {
        LeftOut { source: source.to_owned(), option, pool: pool.to_owned(), user: user.to_owned() }
    }
}

/// Somebody who is told of triggers that were left out.
type Listener = dyn Fn(&LeftOut) + Send + Sync;

/// Somebody who knows the address of a function by its ARN.
type Functions = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Where triggers are.
#[derive(Clone, Default)]
pub struct Triggers {
    /// Of functions that the pool's own ARNs lead to.
    functions: Option<Arc<Functions>>,
    /// By their member in LambdaConfig; none for those that are left out.
    places: BTreeMap<&'static str, Option<String>>,
    /// Whether those that nothing was said of are left out.
    rest_is_off: bool,
    listener: Option<Arc<Listener>>,
}

impl fmt::Debug for Triggers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Triggers { places, rest_is_off, functions: _, listener: _ } = self;
        f.debug_struct("Triggers").field("places", places).field("rest_is_off", rest_is_off).finish_non_exhaustive()
    }
}

/// Where one trigger is.
#[derive(Debug, PartialEq)]
enum Place {
    At(String),
    Off,
    Unknown,
}

impl Triggers {
    /// Reads `pre_sign_up=http://127.0.0.1:9000/`, or `pre_sign_up=off`.
    ///
    /// # Errors
    /// When the name is none of a trigger, the address is not plain HTTP, or the trigger cannot be called at all.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let (name, address) =
            text.split_once('=').ok_or_else(|| format!("{text}: expected NAME=http://… or NAME={OFF}"))?;
        let named = |list: &'static [(&str, &str)]| list.iter().find(|(option, _)| *option == name);
        let Some((option, member)) = named(NAMES).or_else(|| named(NOT_CALLED)) else {
            let known: Vec<&str> = NAMES.iter().chain(NOT_CALLED).map(|(option, _)| *option).collect();
            return Err(format!("{name} is no trigger; these are: {}", known.join(", ")));
        };
        if address == OFF {
            self.places.insert(member, None);
            return Ok(());
        }
        if named(NAMES).is_none() {
            return Err(format!("{name} cannot be called from here yet, only be left out: {option}={OFF}"));
        }
        if !address.starts_with("http://") {
            return Err(format!("{address}: a trigger's address begins with http://, or is {OFF} to leave it out"));
        }
        self.places.insert(member, Some(address.to_owned()));
        Ok(())
    }

    /// Leaves out every trigger that nothing is said of.
    pub fn leave_out_the_rest(&mut self) {
        self.rest_is_off = true;
    }

    /// Looks for functions by the ARNs that pools declare, where nothing else is said of a trigger.
    pub fn find_by_arn(&mut self, functions: impl Fn(&str) -> Option<String> + Send + Sync + 'static) {
        self.functions = Some(Arc::new(functions));
    }

    /// Calls `listener` with each call that would have been made.
    pub fn tell(&mut self, listener: impl Fn(&LeftOut) + Send + Sync + 'static) {
        self.listener = Some(Arc::new(listener));
    }

    pub(crate) fn tell_left_out(&self, left_out: &LeftOut) {
        if let Some(listener) = &self.listener {
            listener(left_out);
        }
    }

    /// Refuses when the pool declares a trigger that cannot be called at all, and was not left out.
    pub(crate) fn expect_none(
        &self,
        left_out: &mut Vec<LeftOut>,
        (pool_id, pool): (&str, &Pool),
        user: &str,
        source: &str,
    ) -> Answer<()> {
        let name = source.split('_').next().unwrap_or_default();
        let Some((option, member)) = NOT_CALLED.iter().find(|(_, member)| *member == name) else { return Ok(()) };
        if !declares(pool, member) {
            return Ok(());
        }
        match self.place(member, "") {
            Place::Off => {
                left_out.push(LeftOut::new(source, option, (pool_id, user)));
                Ok(())
            }
            _ => Err(TRIGGER_NOT_BUILT.with(&[member, option])),
        }
    }

    /// Where a trigger is that a pool declares by `arn`.
    fn place(&self, member: &str, arn: &str) -> Place {
        match self.places.get(member) {
            Some(Some(address)) => Place::At(address.clone()),
            Some(None) => Place::Off,
            None => match self.functions.as_ref().and_then(|functions| functions(arn)) {
                Some(address) => Place::At(address),
                None if self.rest_is_off => Place::Off,
                None => Place::Unknown,
            },
        }
    }
}

/// A trigger about to be called.
#[derive(Clone)]
pub(crate) struct Invocation {
    member: &'static str,
    address: String,
    event: Json,
}

/// Whether the pool declares a trigger; token generation has two members for one.
pub(crate) fn declares(pool: &Pool, member: &str) -> bool {
    let declared = pool.answer.object("LambdaConfig");
    let has = |name: &str| declared.is_some_and(|declared| declared.member(name).is_some());
    has(member) || (member == "PreTokenGeneration" && has("PreTokenGenerationConfig"))
}

/// The ARN that a pool declares for a trigger.
fn function<'p>(pool: &'p Pool, member: &str) -> Option<&'p str> {
    let declared = pool.answer.object("LambdaConfig")?;
    let versioned = || declared.object("PreTokenGenerationConfig")?.text("LambdaArn");
    declared.text(member).or_else(|| if member == "PreTokenGeneration" { versioned() } else { None })
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
    pub(crate) fn invocation(
        self,
        call: &Call,
        triggers: &Triggers,
        left_out: &mut Vec<LeftOut>,
    ) -> Answer<Option<Invocation>> {
        let first = self.source.split('_').next().unwrap_or_default();
        let name = if first == "TokenGeneration" { "PreTokenGeneration" } else { first };
        let Some((option, member)) = NAMES.iter().find(|(_, member)| *member == name) else { return Ok(None) };
        if !declares(self.pool.1, member) {
            return Ok(None);
        }
        let arn = function(self.pool.1, member).unwrap_or_default();
        let address = match triggers.place(member, arn) {
            Place::At(address) => address,
            Place::Off => {
                left_out.push(LeftOut::new(&self.source, option, (self.pool.0, self.user)));
                return Ok(None);
            }
            Place::Unknown => return Err(TRIGGER_WITHOUT_ADDRESS.with(&[member, option, option])),
        };
        let mut request = self.request;
        // What a sign-in brings along is validationData, of the triggers that get it (API reference, InitiateAuth).
        let metadata = call.body.member("ClientMetadata").filter(|_| !call.body.contains_key("AuthFlow"));
        if let (Json::Object(members), Some(metadata)) = (&mut request, metadata) {
            members.insert("clientMetadata".to_owned(), metadata.clone());
        }
        let event = json!({
            "version": self.version,
            "region": identifier::region_of(self.pool.0),
            "userPoolId": self.pool.0,
            "userName": self.user,
            "callerContext": {
                "awsSdkVersion": "aws-sdk-unknown-unknown",
                "clientId": call.client().unwrap_or("CLIENT_ID_NOT_APPLICABLE"),
            },
            "triggerSource": self.source,
            "request": request,
            "response": self.response,
        });
        Ok(Some(Invocation { member, address, event }))
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

/// The ClientMetadata of a sign-in as events carry it; null when there is none.
pub(crate) fn sign_in_data(call: &Call) -> Json {
    call.body.member("ClientMetadata").filter(|_| call.body.contains_key("AuthFlow")).cloned().unwrap_or_default()
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
        let body = sent.map_err(|reason| reason.to_string()).and_then(|(status, body)| {
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
        assert_eq!(triggers.place("PreSignUp", ""), Place::At("http://127.0.0.1:9000/x=y".to_owned()));
        for wrong in [
            "pre_sign_up",
            "presignup=http://127.0.0.1",
            "presignup=off",
            "custom_message=https://x",
            "custom_message=",
            "custom_email_sender=http://127.0.0.1",
            "=http://x",
        ] {
            assert!(triggers.add(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn triggers_are_left_out() {
        let mut triggers = Triggers::default();
        for name in ["pre_sign_up", "custom_email_sender"] {
            triggers.add(&format!("{name}=off")).unwrap();
        }
        assert!(matches!(triggers.place("PreSignUp", ""), Place::Off));
        assert!(matches!(triggers.place("CustomEmailSender", ""), Place::Off));
        assert!(matches!(triggers.place("CustomMessage", ""), Place::Unknown));
        triggers.find_by_arn(|arn| (arn == "arn:f").then(|| "http://127.0.0.1:1/f".to_owned()));
        assert_eq!(triggers.place("CustomMessage", "arn:f"), Place::At("http://127.0.0.1:1/f".to_owned()));
        assert!(matches!(triggers.place("PreSignUp", "arn:f"), Place::Off));
        triggers.leave_out_the_rest();
        triggers.add("user_migration=http://127.0.0.1:9000/").unwrap();
        assert!(matches!(triggers.place("CustomMessage", ""), Place::Off));
        assert!(matches!(triggers.place("UserMigration", ""), Place::At(_)));
    }
}
