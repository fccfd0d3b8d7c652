//! Signing in: InitiateAuth, AdminInitiateAuth, RespondToAuthChallenge, AdminRespondToAuthChallenge.
//!
//! A sign-in goes through steps: the first factor (`password`, `proof` for SRP), a new password where the old one was
//! temporary, a device that is known (`device`), a second factor (`second_factor`), tokens. Between two requests the
//! client carries what has been done, encrypted, in Session. Reading, hashing and signing happen outside of transactions
//! that write.

mod custom;
mod device;
mod new_password;
mod next;
mod nobody;
mod password;
mod person;
mod progress;
mod proof;
mod refresh;
pub(crate) mod second_factor;
mod secret_block;
pub(crate) mod session;

pub(crate) use crate::operations::sign_in::next::Outcome;
pub(crate) use crate::operations::sign_in::person::ask_authentication;

use poolform_model::Object;

use crate::forms::members::Members;
use crate::forms::refusal::{
    ADMIN_FLOW, Answer, CHALLENGE_UNKNOWN, CUSTOM_AUTH_OFF, FLOW_NOT_BUILT, FLOW_OFF, FLOW_UNSUPPORTED,
    REFRESH_ROTATED, SRP_OFF,
};
use crate::kept::user::User;
use crate::operations::run::Operation;
use crate::operations::run::Run::Outside;
use crate::operations::sign_in::progress::{Progress, Step, parameter};
use crate::outside::effects::Effects;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("InitiateAuth", Outside(initiate)),
    ("AdminInitiateAuth", Outside(admin_initiate)),
    ("RespondToAuthChallenge", Outside(respond)),
    ("AdminRespondToAuthChallenge", Outside(admin_respond)),
];

/// InitiateAuth
fn initiate(call: &Call, effects: &Effects) -> Answer {
    let app = effects.read(|reader| call.app(reader))?;
    start(call, effects, app, false)
}

/// AdminInitiateAuth
fn admin_initiate(call: &Call, effects: &Effects) -> Answer {
    let app = effects.read(|reader| call.app_of_pool(reader))?;
    start(call, effects, app, true)
}

fn start(call: &Call, effects: &Effects, app: AppClient, admin: bool) -> Answer {
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
    app.expect_built()?;
    let step = match flow {
        "USER_PASSWORD_AUTH" | "ADMIN_USER_PASSWORD_AUTH" => password::start(call, effects, app, parameters),
        "USER_SRP_AUTH" => proof::start(call, effects, &app, parameters),
        "REFRESH_TOKEN_AUTH" => return refresh::start(call, effects, &app, parameters),
        "CUSTOM_AUTH" => custom::start(call, effects, app, parameters),
        other => Err(FLOW_NOT_BUILT.with(&[other])),
    }?;
    answered(call, effects, next::proceed(call, effects, step)?)
}

/// RespondToAuthChallenge
pub(crate) fn respond(call: &Call, effects: &Effects) -> Answer {
    let app = effects.read(|reader| call.app(reader))?;
    answer(call, effects, app)
}

/// AdminRespondToAuthChallenge
fn admin_respond(call: &Call, effects: &Effects) -> Answer {
    let app = effects.read(|reader| call.app_of_pool(reader))?;
    answer(call, effects, app)
}

fn answer(call: &Call, effects: &Effects, app: AppClient) -> Answer {
    app.expect_built()?;
    let responses = call.body.object("ChallengeResponses");
    let name = parameter(responses, "USERNAME")?;
    app.check_secret_hash(responses.and_then(|responses| responses.text("SECRET_HASH")), name)?;
    let outcome = pass(call, effects, app, responses)?;
    answered(call, effects, outcome)
}

/// The answer of the API.
fn answered(call: &Call, effects: &Effects, outcome: Outcome) -> Answer {
    match outcome {
        Outcome::Asks(challenge) => Ok(challenge),
        Outcome::SignedIn(progress) => next::tokens(call, effects, &progress),
    }
}

/// A sign-in on a page: the client has shown itself by its address, and its flows are those of OAuth.
pub(crate) fn hosted_start(
    call: &Call,
    effects: &Effects,
    app: AppClient,
    name: &str,
    password: &str,
) -> Answer<Outcome> {
    app.expect_built()?;
    let (app, user) = password::check(call, effects, app, name, password)?;
    let progress = Progress { hosted: true, ..Progress::new(app, user, None) };
    next::proceed(call, effects, Step::Reaches(Box::new(progress)))
}

/// The sign-in of a user on the page on which it has just set its password.
pub(crate) fn hosted_enter(call: &Call, effects: &Effects, app: AppClient, user: User) -> Answer<Outcome> {
    app.expect_built()?;
    let progress = Progress { hosted: true, ..Progress::new(app, user, None) };
    next::proceed(call, effects, Step::Reaches(Box::new(progress)))
}

/// The answer to a challenge on a page.
pub(crate) fn hosted_answer(call: &Call, effects: &Effects, app: AppClient) -> Answer<Outcome> {
    app.expect_built()?;
    pass(call, effects, app, call.body.object("ChallengeResponses"))
}

fn pass(call: &Call, effects: &Effects, app: AppClient, responses: Option<&Object>) -> Answer<Outcome> {
    let step = match call.text("ChallengeName") {
        "PASSWORD_VERIFIER" => proof::answer(call, effects, app, responses),
        "NEW_PASSWORD_REQUIRED" => new_password::answer(call, effects, app, responses),
        "SMS_MFA" | "SOFTWARE_TOKEN_MFA" | "EMAIL_OTP" => second_factor::answer(call, effects, app, responses),
        "SELECT_MFA_TYPE" => second_factor::select(call, effects, app, responses),
        "MFA_SETUP" => second_factor::set_up(call, effects, app),
        "DEVICE_SRP_AUTH" => device::start(call, effects, app, responses),
        "DEVICE_PASSWORD_VERIFIER" => device::answer(call, effects, app, responses),
        "CUSTOM_CHALLENGE" => custom::answer(call, effects, app, responses),
        other => Err(CHALLENGE_UNKNOWN.with(&[other])),
    }?;
    next::proceed(call, effects, step)
}
