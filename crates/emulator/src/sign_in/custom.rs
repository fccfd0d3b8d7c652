//! CUSTOM_AUTH: a sign-in whose challenges a pool's own triggers define, create and verify.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::app::App;
use crate::call::Call;
use crate::effects::Effects;
use crate::forms::members::{Members, only};
use crate::forms::refusal::{Answer, CUSTOM_AUTH_UNSET, NO_USER, SESSION_INVALID, TRIGGER_OUTPUT, WRONG_PASSWORD};
use crate::keys::Keys;
use crate::sign_in::proof::{assumed_name, assumed_sub};
use crate::sign_in::{Progress, Session, Whom, attempts, expect_session, open_session, parameter};
use crate::trigger::Event;
use crate::user::User;
use crate::{trigger, user};

/// The challenge that triggers make.
const CHALLENGE: &str = "CUSTOM_CHALLENGE";

/// What has happened so far, and what the answer is compared with: carried in the session.
#[derive(Clone, Default, serde::Deserialize, serde::Serialize)]
pub(crate) struct Custom {
    /// `{"challengeName", "challengeResult", "challengeMetadata"}` each.
    past: Vec<Json>,
    private: Json,
    metadata: Json,
    /// 1 where existence errors are hidden and there is no such user; a digit, so that sessions of nobody are as long as those
    /// of somebody.
    #[serde(default)]
    nobody: u8,
}

pub(super) fn start(call: &Call, effects: &Effects, app: App, parameters: Option<&Object>) -> Answer {
    if !trigger::declares(&app.pool, "DefineAuthChallenge") {
        return CUSTOM_AUTH_UNSET.refuse();
    }
    let name = parameter(parameters, "USERNAME")?;
    app.check_secret_hash(parameters.and_then(|parameters| parameters.text("SECRET_HASH")), name)?;
    let found = effects.read(|reader| user::find(reader, (&app.pool_id, &app.pool), name))?;
    // Who is disabled is nobody, where existence errors are hidden.
    let Some(user) = found.filter(|user| user.is_enabled() || !app.hides_users()) else {
        if !app.hides_users() {
            return NO_USER.refuse();
        }
        attempts::of_nobody(effects, &app, name)?.check(call.now)?;
        let keys = effects.keys(&app.pool_id)?;
        let nobody = stand_in(&keys, &app, name);
        crate::sign_in::pre_authentication(call, effects, &app, Whom::Nobody(nobody.name()))?;
        let custom = Custom { nobody: 1, ..Custom::default() };
        return go_on(call, effects, Progress::new(app, nobody, None), custom);
    };
    user.attempts.check(call.now)?;
    crate::sign_in::password::expect_open(&app, &user)?;
    crate::sign_in::pre_authentication(call, effects, &app, Whom::User(&user))?;
    go_on(call, effects, Progress::new(app, user, None), Custom::default())
}

/// Who stands for nobody on the way through a sign-in; no such user is ever kept.
fn stand_in(keys: &Keys, app: &App, given: &str) -> User {
    let mut user = User::new(only("Username", assumed_name(keys, app, given)));
    user.answer.insert("Attributes".to_owned(), json!([{"Name": "sub", "Value": assumed_sub(keys, app, given)}]));
    user
}

impl Custom {
    fn whom<'a>(&self, user: &'a User) -> Whom<'a> {
        if self.nobody == 1 { Whom::Nobody(user.name()) } else { Whom::User(user) }
    }
}

/// Asks DefineAuthChallenge what comes next, and does it.
fn go_on(call: &Call, effects: &Effects, progress: Progress, mut custom: Custom) -> Answer {
    let app = &progress.app;
    let whom = custom.whom(&progress.user);
    let empty = json!({"challengeName": null, "issueTokens": null, "failAuthentication": null});
    let Some(next) = ask(call, effects, (app, whom), "DefineAuthChallenge", json!({"session": custom.past}), empty)?
    else {
        return CUSTOM_AUTH_UNSET.refuse();
    };
    if next.flag("failAuthentication") == Some(true) {
        return WRONG_PASSWORD.refuse();
    }
    if next.flag("issueTokens") == Some(true) {
        // There is nobody whose tokens these could be, and nobody whose password was reset in vain.
        return if whom.is_nobody() || crate::sign_in::password::is_hidden(call, app, &progress.user) {
            WRONG_PASSWORD.refuse()
        } else {
            progress.finish(call, effects)
        };
    }
    if next.text("challengeName") != Some(CHALLENGE) {
        // PASSWORD_VERIFIER and the like between custom challenges are not built.
        return TRIGGER_OUTPUT.refuse();
    }
    let empty =
        json!({"publicChallengeParameters": null, "privateChallengeParameters": null, "challengeMetadata": null});
    let request = json!({"challengeName": CHALLENGE, "session": custom.past});
    let Some(made) = ask(call, effects, (app, whom), "CreateAuthChallenge", request, empty)? else {
        return CUSTOM_AUTH_UNSET.refuse();
    };
    let mut parameters = made.object("publicChallengeParameters").cloned().unwrap_or_default();
    let keys = effects.keys(&app.pool_id)?;
    parameters.insert("USERNAME".to_owned(), json!(whom.name()));
    custom.private = made.get("privateChallengeParameters").cloned().unwrap_or_default();
    custom.metadata = made.get("challengeMetadata").cloned().unwrap_or_default();
    let session = Session::new(call, &progress, CHALLENGE, None).with(custom).sealed(&keys)?;
    Ok(crate::sign_in::challenged(CHALLENGE, parameters, Some(session)))
}

/// Calls one of the three triggers.
fn ask(
    call: &Call,
    effects: &Effects,
    (app, whom): (&App, Whom),
    trigger: &str,
    mut request: Json,
    response: Json,
) -> Answer<Option<Json>> {
    if let Json::Object(members) = &mut request {
        members.insert("userAttributes".to_owned(), whom.attributes(app));
        members.insert("userNotFound".to_owned(), json!(whom.is_nobody()));
    }
    let source = format!("{trigger}_Authentication");
    let pool = (app.pool_id.as_str(), &app.pool);
    effects.ask(call, Event { pool, source, user: whom.name(), request, response, version: "1" })
}

/// The session of a request, and its user; who stands for nobody, where it is nobody's.
fn session_of(call: &Call, effects: &Effects, app: &App, responses: Option<&Object>) -> Answer<(Session, User)> {
    let session = open_session(call, effects)?;
    if session.custom.as_ref().is_none_or(|custom| custom.nobody == 0) {
        return expect_session(call, effects, app);
    }
    // The name may be the one that was given, or the one that the challenge named.
    let given = parameter(responses, "USERNAME")?;
    let keys = effects.keys(&app.pool_id)?;
    let nobody = stand_in(&keys, app, given);
    if session.answers(call, app) && session.is_of_user(&app.pool, nobody.name()) {
        return Ok((session, nobody));
    }
    if session.answers(call, app) && session.is_of_user(&app.pool, given) {
        return Ok((session, User::new(only("Username", given))));
    }
    SESSION_INVALID.refuse()
}

pub(super) fn answer(call: &Call, effects: &Effects, app: App, responses: Option<&Object>) -> Answer {
    let (session, user) = session_of(call, effects, &app, responses)?;
    let given = parameter(responses, "ANSWER")?;
    session.spend_now(call, effects)?;
    let mut custom = session.custom.clone().unwrap_or_default();
    let request = json!({"privateChallengeParameters": custom.private, "challengeAnswer": given});
    let empty = json!({"answerCorrect": null});
    let whom = custom.whom(&user);
    let Some(judged) = ask(call, effects, (&app, whom), "VerifyAuthChallengeResponse", request, empty)? else {
        return CUSTOM_AUTH_UNSET.refuse();
    };
    custom.past.push(json!({
        "challengeName": CHALLENGE,
        "challengeResult": judged.flag("answerCorrect") == Some(true),
        "challengeMetadata": custom.metadata,
    }));
    go_on(call, effects, session.progress(app, user), custom)
}
