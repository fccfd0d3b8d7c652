//! CUSTOM_AUTH: a sign-in whose challenges a pool's own triggers define, create and verify.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use super::proof::assumed_name;
use super::{Progress, Session, Whom, attempts, expect_session, open_session, parameter};
use crate::app::App;
use crate::call::{Answer, Call};
use crate::members::{Members, only};
use crate::refusal::{CUSTOM_AUTH_UNSET, NO_USER, SESSION_INVALID, TRIGGER_OUTPUT, WRONG_PASSWORD};
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
    /// The name that nobody has, where existence errors are hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nobody: Option<String>,
}

pub(super) fn start(call: &Call, store: &Store, app: App, parameters: Option<&Object>) -> Answer {
    if !trigger::declares(&app.pool, "DefineAuthChallenge") {
        return CUSTOM_AUTH_UNSET.refuse();
    }
    let name = parameter(parameters, "USERNAME")?;
    app.check_secret_hash(parameters.and_then(|parameters| parameters.text("SECRET_HASH")), name)?;
    let found = store.read(|look| user::find(look, (&app.pool_id, &app.pool), name))?;
    // Who is disabled is nobody, where existence errors are hidden.
    let Some(user) = found.filter(|user| user.is_enabled() || !app.hides_users()) else {
        if !app.hides_users() {
            return NO_USER.refuse();
        }
        attempts::of_nobody(store, &app, name)?.check(call.now)?;
        super::pre_authentication(call, &app, Whom::Nobody(name))?;
        let custom = Custom { nobody: Some(name.to_owned()), ..Custom::default() };
        return go_on(call, store, Progress::new(app, nobody(name), None), custom);
    };
    user.attempts.check(call.now)?;
    super::password::expect_open(&app, &user)?;
    super::pre_authentication(call, &app, Whom::User(&user))?;
    go_on(call, store, Progress::new(app, user, None), Custom::default())
}

/// Who stands for nobody on the way through a sign-in; no such user is ever kept.
fn nobody(name: &str) -> User {
    User::new(only("Username", name))
}

/// Asks DefineAuthChallenge what comes next, and does it.
fn go_on(call: &Call, store: &Store, progress: Progress, mut custom: Custom) -> Answer {
    let app = &progress.app;
    let stranger = custom.nobody.clone();
    let whom = stranger.as_deref().map_or(Whom::User(&progress.user), Whom::Nobody);
    let empty = json!({"challengeName": null, "issueTokens": null, "failAuthentication": null});
    let Some(next) = ask(call, app, whom, "DefineAuthChallenge", json!({"session": custom.past}), empty)? else {
        return CUSTOM_AUTH_UNSET.refuse();
    };
    if next.flag("failAuthentication") == Some(true) {
        return WRONG_PASSWORD.refuse();
    }
    if next.flag("issueTokens") == Some(true) {
        // There is nobody whose tokens these could be, and nobody whose password was reset in vain.
        return if whom.is_nobody() || super::password::is_hidden(call, app, &progress.user) {
            WRONG_PASSWORD.refuse()
        } else {
            progress.finish(call, store)
        };
    }
    if next.text("challengeName") != Some(CHALLENGE) {
        // PASSWORD_VERIFIER and the like between custom challenges are not built.
        return TRIGGER_OUTPUT.refuse();
    }
    let empty =
        json!({"publicChallengeParameters": null, "privateChallengeParameters": null, "challengeMetadata": null});
    let request = json!({"challengeName": CHALLENGE, "session": custom.past});
    let Some(made) = ask(call, app, whom, "CreateAuthChallenge", request, empty)? else {
        return CUSTOM_AUTH_UNSET.refuse();
    };
    let mut parameters = made.object("publicChallengeParameters").cloned().unwrap_or_default();
    let keys = call.keys.of_pool(store, &app.pool_id)?;
    let name = match whom {
        Whom::User(user) => user.name().to_owned(),
        Whom::Nobody(name) => assumed_name(&keys, app, name),
    };
    parameters.insert("USERNAME".to_owned(), json!(name));
    custom.private = made.get("privateChallengeParameters").cloned().unwrap_or_default();
    custom.metadata = made.get("challengeMetadata").cloned().unwrap_or_default();
    let session = Session::new(call, &progress, CHALLENGE, None).with(custom).sealed(&keys)?;
    Ok(super::challenged(CHALLENGE, parameters, Some(session)))
}

/// Calls one of the three triggers.
fn ask(call: &Call, app: &App, whom: Whom, trigger: &str, mut request: Json, response: Json) -> Answer<Option<Json>> {
    if let Json::Object(members) = &mut request {
        members.insert("userAttributes".to_owned(), whom.attributes(app));
        members.insert("userNotFound".to_owned(), json!(whom.is_nobody()));
    }
    let source = format!("{trigger}_Authentication");
    let pool = (app.pool_id.as_str(), &app.pool);
    Event { pool, source, user: whom.name(), request, response, version: "1" }.now(call)
}

/// The session of a request, and its user; who stands for nobody, where it is nobody's.
fn session_of(call: &Call, store: &Store, app: &App, responses: Option<&Object>) -> Answer<(Session, User)> {
    let session = open_session(call, store)?;
    let Some(name) = session.custom.as_ref().and_then(|custom| custom.nobody.clone()) else {
        return expect_session(call, store, app);
    };
    let given = parameter(responses, "USERNAME")?;
    let keys = call.keys.of_pool(store, &app.pool_id)?;
    if !session.answers(call, app) || (given != name && given != assumed_name(&keys, app, &name)) {
        return SESSION_INVALID.refuse();
    }
    Ok((session, nobody(&name)))
}

pub(super) fn answer(call: &Call, store: &Store, app: App, responses: Option<&Object>) -> Answer {
    let (session, user) = session_of(call, store, &app, responses)?;
    let given = parameter(responses, "ANSWER")?;
    session.spend_now(call, store)?;
    let mut custom = session.custom.clone().unwrap_or_default();
    let request = json!({"privateChallengeParameters": custom.private, "challengeAnswer": given});
    let empty = json!({"answerCorrect": null});
    let stranger = custom.nobody.clone();
    let whom = stranger.as_deref().map_or(Whom::User(&user), Whom::Nobody);
    let Some(judged) = ask(call, &app, whom, "VerifyAuthChallengeResponse", request, empty)? else {
        return CUSTOM_AUTH_UNSET.refuse();
    };
    custom.past.push(json!({
        "challengeName": CHALLENGE,
        "challengeResult": judged.flag("answerCorrect") == Some(true),
        "challengeMetadata": custom.metadata,
    }));
    go_on(call, store, session.progress(app, user), custom)
}
