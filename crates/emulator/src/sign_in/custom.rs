//! CUSTOM_AUTH: a sign-in whose challenges a pool's own triggers define, create and verify.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use super::{Progress, Session, expect_session, parameter};
use crate::app::App;
use crate::call::{Answer, Call};
use crate::members::Members;
use crate::refusal::{CUSTOM_AUTH_UNSET, NO_USER, TRIGGER_OUTPUT, WRONG_PASSWORD};
use crate::store::Store;
use crate::trigger::{self, Event};
use crate::user::{self, User};

/// The challenge that triggers make.
const CHALLENGE: &str = "CUSTOM_CHALLENGE";

/// What has happened so far, and what the answer is compared with: carried in the session.
#[derive(Clone, Default, serde::Deserialize, serde::Serialize)]
pub(crate) struct Custom {
    /// `{"challengeName", "challengeResult", "challengeMetadata"}` each.
    past: Vec<Json>,
    private: Json,
    metadata: Json,
}

pub(super) fn start(call: &Call, store: &Store, app: App, parameters: Option<&Object>) -> Answer {
    if !trigger::declares(&app.pool, "DefineAuthChallenge") {
        return CUSTOM_AUTH_UNSET.refuse();
    }
    let name = parameter(parameters, "USERNAME")?;
    app.check_secret_hash(parameters.and_then(|parameters| parameters.text("SECRET_HASH")), name)?;
    let Some(user) = store.read(|look| user::find(look, (&app.pool_id, &app.pool), name))? else {
        // Triggers for a user who is not there (userNotFound) are not built: nobody can sign in so.
        return if app.hides_users() { WRONG_PASSWORD.refuse() } else { NO_USER.refuse() };
    };
    user.attempts.check(call.now)?;
    super::password::expect_open(&app, &user)?;
    super::pre_authentication(call, &app, &user)?;
    go_on(call, store, Progress::new(app, user, None), Custom::default())
}

/// Asks DefineAuthChallenge what comes next, and does it.
fn go_on(call: &Call, store: &Store, progress: Progress, mut custom: Custom) -> Answer {
    let (app, user) = (&progress.app, &progress.user);
    let empty = json!({"challengeName": null, "issueTokens": null, "failAuthentication": null});
    let Some(next) = ask(call, app, user, "DefineAuthChallenge", json!({"session": custom.past}), empty)? else {
        return CUSTOM_AUTH_UNSET.refuse();
    };
    if next.flag("failAuthentication") == Some(true) {
        return WRONG_PASSWORD.refuse();
    }
    if next.flag("issueTokens") == Some(true) {
        return progress.finish(call, store);
    }
    if next.text("challengeName") != Some(CHALLENGE) {
        // PASSWORD_VERIFIER and the like between custom challenges are not built.
        return TRIGGER_OUTPUT.refuse();
    }
    let empty =
        json!({"publicChallengeParameters": null, "privateChallengeParameters": null, "challengeMetadata": null});
    let request = json!({"challengeName": CHALLENGE, "session": custom.past});
    let Some(made) = ask(call, app, user, "CreateAuthChallenge", request, empty)? else {
        return CUSTOM_AUTH_UNSET.refuse();
    };
    let mut parameters = made.object("publicChallengeParameters").cloned().unwrap_or_default();
    parameters.insert("USERNAME".to_owned(), json!(user.name()));
    custom.private = made.get("privateChallengeParameters").cloned().unwrap_or_default();
    custom.metadata = made.get("challengeMetadata").cloned().unwrap_or_default();
    let keys = call.keys.of_pool(store, &app.pool_id)?;
    let session = Session::new(call, &progress, CHALLENGE, None).with(custom).sealed(&keys)?;
    Ok(super::challenged(CHALLENGE, parameters, Some(session)))
}

/// Calls one of the three triggers.
fn ask(call: &Call, app: &App, user: &User, trigger: &str, mut request: Json, response: Json) -> Answer<Option<Json>> {
    if let Json::Object(members) = &mut request {
        members.insert("userAttributes".to_owned(), trigger::attributes(&app.pool, user));
        members.insert("userNotFound".to_owned(), json!(false));
    }
    let source = format!("{trigger}_Authentication");
    let pool = (app.pool_id.as_str(), &app.pool);
    Event { pool, source, user: user.name(), request, response, version: "1" }.now(call)
}

pub(super) fn answer(call: &Call, store: &Store, app: App, responses: Option<&Object>) -> Answer {
    let (session, user) = expect_session(call, store, &app)?;
    let given = parameter(responses, "ANSWER")?;
    session.spend_now(call, store)?;
    let mut custom = session.custom.clone().unwrap_or_default();
    let request = json!({"privateChallengeParameters": custom.private, "challengeAnswer": given});
    let empty = json!({"answerCorrect": null});
    let Some(judged) = ask(call, &app, &user, "VerifyAuthChallengeResponse", request, empty)? else {
        return CUSTOM_AUTH_UNSET.refuse();
    };
    custom.past.push(json!({
        "challengeName": CHALLENGE,
        "challengeResult": judged.flag("answerCorrect") == Some(true),
        "challengeMetadata": custom.metadata,
    }));
    go_on(call, store, session.progress(app, user), custom)
}
