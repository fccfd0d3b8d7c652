//! Signing in: InitiateAuth, AdminInitiateAuth, RespondToAuthChallenge, AdminRespondToAuthChallenge.
//!
//! A sign-in goes through steps: the first factor (`password`, `proof` for SRP), a new password where the old one was
//! temporary, a device that is known (`device`), a second factor (`second_factor`), tokens. Between two requests the
//! client carries what has been done, sealed, in Session. Reading, hashing and signing happen outside of transactions
//! that write.

mod attempts;
mod custom;
mod device;
mod new_password;
mod password;
mod proof;
pub(crate) mod refresh;
pub(crate) mod second_factor;
mod session;

use crate::app::App;
use crate::call::Call;
use crate::effects::Effects;
use crate::forms::members::{Members, in_model_order, only};
use crate::forms::refusal::{
    ADMIN_FLOW, Answer, CHALLENGE_UNKNOWN, CUSTOM_AUTH_OFF, FLOW_NOT_BUILT, FLOW_OFF, FLOW_UNSUPPORTED, NO_PARAMETER,
    PROTECTION_NOT_BUILT, REFRESH_ROTATED, SRP_OFF,
};
pub(crate) use crate::sign_in::attempts::{Attempts, fail, make_room as make_room_for_stranger};
pub(crate) use crate::sign_in::custom::Custom;
pub(crate) use crate::sign_in::session::{Session, expect_session, open_session};
use crate::token::Grant;
use crate::trigger::Event;
use crate::user::User;
use crate::{token, trigger};

use poolform_model::Object;
use serde_json::{Value as Json, json};

/// A sign-in on its way.
pub(crate) struct Progress {
    pub(crate) app: App,
    pub(crate) user: User,
    /// The device that the client says it is.
    pub(crate) device: Option<String>,
    /// Whether the second factor has been shown, or the device that stands for it.
    pub(crate) second: bool,
    /// Whether the device has been shown.
    pub(crate) device_shown: bool,
    /// Whether it takes place on the pages of a domain, which go on with a code of their own.
    pub(crate) hosted: bool,
    /// Whether a new password has just been set.
    pub(crate) new_password: bool,
}

/// The member of the answer to a sign-in on a page that is done: the user's name. No answer of the API has it.
pub(crate) const DONE: &str = "Done";

/// InitiateAuth
pub(crate) fn initiate(call: &Call, effects: &Effects) -> Answer {
    let app = effects.read(|reader| call.app(reader))?;
    start(call, effects, app, false)
}

/// AdminInitiateAuth
pub(crate) fn admin_initiate(call: &Call, effects: &Effects) -> Answer {
    let app = effects.read(|reader| call.app_of_pool(reader))?;
    start(call, effects, app, true)
}

/// A parameter of AuthParameters or ChallengeResponses that must be there.
pub(crate) fn parameter<'a>(parameters: Option<&'a Object>, name: &str) -> Answer<&'a str> {
    match parameters.and_then(|parameters| parameters.text(name)) {
        Some(value) => Ok(value),
        None => Err(NO_PARAMETER.with(&[name])),
    }
}

fn start(call: &Call, effects: &Effects, app: App, admin: bool) -> Answer {
    let flow = call.text("AuthFlow");
    let parameters = call.body.object("AuthParameters");
    // Flows of the one operation are none of the other's; SRP, refresh and custom flows are of both.
    let flow = match (flow, admin) {
        ("ADMIN_NO_SRP_AUTH" | "ADMIN_USER_PASSWORD_AUTH", true) => "ADMIN_USER_PASSWORD_AUTH",
        ("ADMIN_NO_SRP_AUTH" | "ADMIN_USER_PASSWORD_AUTH", false) | ("USER_PASSWORD_AUTH", true) => {
            return FLOW_UNSUPPORTED.refuse();
        }
        ("REFRESH_TOKEN" | "REFRESH_TOKEN_AUTH", _) => "REFRESH_TOKEN_AUTH",
        (other, _) => other,
    };
    if !app.allows(flow) {
        return match flow {
            "REFRESH_TOKEN_AUTH" if app.rotation().is_some() => REFRESH_ROTATED.refuse(),
            "ADMIN_USER_PASSWORD_AUTH" => ADMIN_FLOW.refuse(),
            "USER_SRP_AUTH" => SRP_OFF.refuse(),
            "CUSTOM_AUTH" => CUSTOM_AUTH_OFF.refuse(),
            other => Err(FLOW_OFF.with(&[other])),
        };
    }
    expect_built(&app)?;
    match flow {
        "USER_PASSWORD_AUTH" | "ADMIN_USER_PASSWORD_AUTH" => password::start(call, effects, app, parameters),
        "USER_SRP_AUTH" => proof::start(call, effects, &app, parameters),
        "REFRESH_TOKEN_AUTH" => refresh::start(call, effects, &app, parameters),
        "CUSTOM_AUTH" => custom::start(call, effects, app, parameters),
        other => Err(FLOW_NOT_BUILT.with(&[other])),
    }
}

/// Refuses where the pool declares something about every sign-in that is not built.
fn expect_built(app: &App) -> Answer<()> {
    // AUDIT only watches; ENFORCED would judge each sign-in.
    let protection = app.pool.answer.object("UserPoolAddOns");
    if protection.and_then(|add_ons| add_ons.text("AdvancedSecurityMode")) == Some("ENFORCED") {
        return PROTECTION_NOT_BUILT.refuse();
    }
    Ok(())
}

/// Who signs in.
#[derive(Clone, Copy)]
enum Whom<'a> {
    User(&'a User),
    /// Nobody of this name, where existence errors are hidden: triggers are asked all the same (developer guide, managing
    /// error responses).
    Nobody(&'a str),
}

impl Whom<'_> {
    fn name(&self) -> &str {
        match self {
            Whom::User(user) => user.name(),
            Whom::Nobody(name) => name,
        }
    }

    /// As events carry them.
    fn attributes(&self, app: &App) -> Json {
        match self {
            Whom::User(user) => trigger::attributes(&app.pool, user),
            Whom::Nobody(_) => json!({}),
        }
    }

    fn is_nobody(&self) -> bool {
        matches!(self, Whom::Nobody(_))
    }
}

/// Asks PreAuthentication, which may refuse the sign-in, before the password is looked at. Whether the user was found stands
/// in the event where existence errors are hidden (developer guide, pre authentication trigger).
fn pre_authentication(call: &Call, effects: &Effects, app: &App, whom: Whom) -> Answer<()> {
    let mut request = json!({"userAttributes": whom.attributes(app), "validationData": trigger::sign_in_data(call)});
    if app.hides_users() {
        request["userNotFound"] = json!(whom.is_nobody());
    }
    let (pool, source) = ((app.pool_id.as_str(), &app.pool), "PreAuthentication_Authentication".to_owned());
    let event = Event { pool, source, user: whom.name(), request, response: json!({}), version: "1" };
    effects.ask(call, event).map(|_| ())
}

pub(crate) fn ask_authentication(
    call: &Call,
    effects: &Effects,
    app: &App,
    user: &User,
    source: &str,
    request: Json,
) -> Answer<()> {
    let (pool, source) = ((app.pool_id.as_str(), &app.pool), source.to_owned());
    let event = Event { pool, source, user: user.name(), request, response: json!({}), version: "1" };
    effects.ask(call, event).map(|_| ())
}

/// RespondToAuthChallenge
pub(crate) fn respond(call: &Call, effects: &Effects) -> Answer {
    let app = effects.read(|reader| call.app(reader))?;
    answer(call, effects, app)
}

/// AdminRespondToAuthChallenge
pub(crate) fn admin_respond(call: &Call, effects: &Effects) -> Answer {
    let app = effects.read(|reader| call.app_of_pool(reader))?;
    answer(call, effects, app)
}

fn answer(call: &Call, effects: &Effects, app: App) -> Answer {
    expect_built(&app)?;
    let responses = call.body.object("ChallengeResponses");
    let name = parameter(responses, "USERNAME")?;
    app.check_secret_hash(responses.and_then(|responses| responses.text("SECRET_HASH")), name)?;
    pass(call, effects, app, responses)
}

/// A sign-in on a page: the client has shown itself by its address, and its flows are those of OAuth.
pub(crate) fn hosted_start(call: &Call, effects: &Effects, app: App, name: &str, password: &str) -> Answer {
    expect_built(&app)?;
    let (app, user) = password::check(call, effects, app, name, password)?;
    let progress = Progress { hosted: true, ..Progress::new(app, user, None) };
    progress.proceed(call, effects)
}

/// The sign-in of a user on the page on which it has just set its password.
pub(crate) fn hosted_enter(call: &Call, effects: &Effects, app: App, user: User) -> Answer {
    expect_built(&app)?;
    Progress { hosted: true, ..Progress::new(app, user, None) }.proceed(call, effects)
}

/// The answer to a challenge on a page.
pub(crate) fn hosted_answer(call: &Call, effects: &Effects, app: App) -> Answer {
    expect_built(&app)?;
    pass(call, effects, app, call.body.object("ChallengeResponses"))
}

fn pass(call: &Call, effects: &Effects, app: App, responses: Option<&Object>) -> Answer {
    match call.text("ChallengeName") {
        "PASSWORD_VERIFIER" => proof::answer(call, effects, app, responses),
        "NEW_PASSWORD_REQUIRED" => new_password::answer(call, effects, app, responses),
        "SMS_MFA" | "SOFTWARE_TOKEN_MFA" | "EMAIL_OTP" => second_factor::answer(call, effects, app, responses),
        "SELECT_MFA_TYPE" => second_factor::select(call, effects, app, responses),
        "MFA_SETUP" => second_factor::set_up(call, effects, app),
        "DEVICE_SRP_AUTH" => device::start(call, effects, app, responses),
        "DEVICE_PASSWORD_VERIFIER" => device::answer(call, effects, app, responses),
        "CUSTOM_CHALLENGE" => custom::answer(call, effects, app, responses),
        other => Err(CHALLENGE_UNKNOWN.with(&[other])),
    }
}

impl Progress {
    pub(crate) fn new(app: App, user: User, device: Option<String>) -> Progress {
        Progress { app, user, device, second: false, device_shown: false, hosted: false, new_password: false }
    }

    /// What comes next: a challenge, or tokens.
    pub(crate) fn proceed(self, call: &Call, effects: &Effects) -> Answer {
        if self.user.status() == crate::user::admin::FORCE_CHANGE {
            return new_password::challenge(call, effects, &self);
        }
        if let Some(challenge) = device::challenge(call, effects, &self)? {
            return Ok(challenge);
        }
        if !self.second
            && let Some(challenge) = second_factor::challenge(call, effects, &self)?
        {
            return Ok(challenge);
        }
        self.finish(call, effects)
    }

    /// Tokens, or for a page that it is done.
    fn finish(self, call: &Call, effects: &Effects) -> Answer {
        let attributes = trigger::attributes(&self.app.pool, &self.user);
        let fresh = self.app.pool.answer.contains_key("DeviceConfiguration") && !self.device_shown && !self.hosted;
        let request = json!({"userAttributes": attributes, "newDeviceUsed": fresh});
        ask_authentication(call, effects, &self.app, &self.user, "PostAuthentication_Authentication", request)?;
        if self.hosted {
            return Ok(only(DONE, self.user.name()));
        }
        let keys = effects.keys(&self.app.pool_id)?;
        let tracks = self.app.pool.answer.contains_key("DeviceConfiguration");
        let known = self.device.filter(|_| self.device_shown);
        let fresh = (tracks && known.is_none())
            .then(|| crate::forms::identifier::device(crate::forms::identifier::region_of(&self.app.pool_id)));
        let grant = Grant::new(call, &self.app, &self.user, known.or_else(|| fresh.clone()));
        let why = if self.new_password { "NewPasswordChallenge" } else { "Authentication" };
        let mut result = token::issue(call, effects, &self.app, &self.user, &grant, why)?;
        result.insert("RefreshToken".to_owned(), json!(grant.sealed(&keys)?));
        if let Some(key) = fresh {
            let group = crate::device::group_key(&keys, &key);
            result.insert("NewDeviceMetadata".to_owned(), json!({"DeviceKey": key, "DeviceGroupKey": group}));
        }
        Ok(signed_in(result))
    }

    /// A challenge, with what has been done in its session.
    pub(crate) fn challenge(
        &self,
        call: &Call,
        effects: &Effects,
        name: &str,
        parameters: Object,
        code: Option<String>,
    ) -> Answer {
        let keys = effects.keys(&self.app.pool_id)?;
        let session = Session::new(call, self, name, code).sealed(&keys)?;
        Ok(challenged(name, parameters, Some(session)))
    }
}

/// The answer that carries tokens: `ChallengeParameters` is there and empty.
pub(crate) fn signed_in(result: Object) -> Object {
    let mut answer = Object::new();
    answer.insert("ChallengeParameters".to_owned(), json!({}));
    let result = in_model_order("AuthenticationResultType", result);
    answer.insert("AuthenticationResult".to_owned(), Json::Object(result));
    answer
}

/// The answer that carries a challenge.
pub(crate) fn challenged(name: &str, parameters: Object, session: Option<String>) -> Object {
    let mut answer = Object::new();
    answer.insert("ChallengeName".to_owned(), json!(name));
    if let Some(session) = session {
        answer.insert("Session".to_owned(), json!(session));
    }
    answer.insert("ChallengeParameters".to_owned(), Json::Object(parameters));
    answer
}
