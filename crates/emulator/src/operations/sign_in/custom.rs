//! CUSTOM_AUTH: a sign-in whose challenges a pool's own triggers define, create and verify.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::members::{Members, only};
use crate::forms::refusal::{Answer, CUSTOM_AUTH_UNSET, NO_USER, SESSION_INVALID, TRIGGER_OUTPUT, WRONG_PASSWORD};
use crate::kept::session::{CustomAuth, Session};
use crate::kept::user::{self, User};
use crate::operations::sign_in::nobody::stand_in;
use crate::operations::sign_in::person::{Person, pre_authentication};
use crate::operations::sign_in::progress::{Progress, Step, challenged, parameter};
use crate::operations::sign_in::session;
use crate::outside::effects::Effects;
use crate::outside::trigger::{self, Event};
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::lockout as attempts;
use crate::rules::sign_in::{expect_open, is_hidden};

/// The challenge that triggers make.
const CHALLENGE: &str = "CUSTOM_CHALLENGE";

pub(super) fn start(call: &Call, effects: &Effects, app: AppClient, parameters: Option<&Object>) -> Answer<Step> {
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
        pre_authentication(call, effects, &app, Person::Nobody(nobody.name()))?;
        let custom = CustomAuth { nobody: 1, ..CustomAuth::default() };
        return go_on(call, effects, Progress::new(app, nobody, None), custom);
    };
    user.attempts.check(call.now)?;
    expect_open(&app, &user)?;
    pre_authentication(call, effects, &app, Person::User(&user))?;
    go_on(call, effects, Progress::new(app, user, None), CustomAuth::default())
}

/// Who signs in.
fn person_of<'a>(custom: &CustomAuth, user: &'a User) -> Person<'a> {
    if custom.nobody == 1 { Person::Nobody(user.name()) } else { Person::User(user) }
}

/// Asks DefineAuthChallenge what comes next, and does it.
fn go_on(call: &Call, effects: &Effects, progress: Progress, mut custom: CustomAuth) -> Answer<Step> {
    let app = &progress.app;
    let person = person_of(&custom, &progress.user);
    let empty = json!({"challengeName": null, "issueTokens": null, "failAuthentication": null});
    let Some(next) = ask(call, effects, (app, person), "DefineAuthChallenge", json!({"session": custom.past}), empty)?
    else {
        return CUSTOM_AUTH_UNSET.refuse();
    };
    if next.flag("failAuthentication") == Some(true) {
        return WRONG_PASSWORD.refuse();
    }
    if next.flag("issueTokens") == Some(true) {
        // There is nobody whose tokens these could be, and nobody whose password was reset in vain.
        return if person.is_nobody() || is_hidden(call, app, &progress.user) {
            WRONG_PASSWORD.refuse()
        } else {
            Ok(Step::Ends(Box::new(progress)))
        };
    }
    if next.text("challengeName") != Some(CHALLENGE) {
        // PASSWORD_VERIFIER and the like between custom challenges are not built.
        return TRIGGER_OUTPUT.refuse();
    }
    let empty =
        json!({"publicChallengeParameters": null, "privateChallengeParameters": null, "challengeMetadata": null});
    let request = json!({"challengeName": CHALLENGE, "session": custom.past});
    let Some(made) = ask(call, effects, (app, person), "CreateAuthChallenge", request, empty)? else {
        return CUSTOM_AUTH_UNSET.refuse();
    };
    let mut parameters = made.object("publicChallengeParameters").cloned().unwrap_or_default();
    let keys = effects.keys(&app.pool_id)?;
    parameters.insert("USERNAME".to_owned(), json!(person.name()));
    custom.private = made.get("privateChallengeParameters").cloned().unwrap_or_default();
    custom.metadata = made.get("challengeMetadata").cloned().unwrap_or_default();
    let session = progress.session(call, CHALLENGE, None).with(custom).encrypted(&keys)?;
    Ok(Step::Asks(challenged(CHALLENGE, parameters, Some(session))))
}

/// Calls one of the three triggers.
fn ask(
    call: &Call,
    effects: &Effects,
    (app, person): (&AppClient, Person),
    trigger: &str,
    mut request: Json,
    response: Json,
) -> Answer<Option<Json>> {
    if let Json::Object(members) = &mut request {
        members.insert("userAttributes".to_owned(), person.attributes(app));
        members.insert("userNotFound".to_owned(), json!(person.is_nobody()));
    }
    let source = format!("{trigger}_Authentication");
    let pool = (app.pool_id.as_str(), &app.pool);
    effects.ask(call, Event { pool, source, user: person.name(), request, response, version: "1" })
}

/// The session of a request, and its user; who stands for nobody, where it is nobody's.
fn session_of(call: &Call, effects: &Effects, app: &AppClient, responses: Option<&Object>) -> Answer<(Session, User)> {
    let session = session::open(call, effects)?;
    if session.custom.as_ref().is_none_or(|custom| custom.nobody == 0) {
        return session::expect(call, effects, app);
    }
    // The name may be the one that was given, or the one that the challenge named.
    let given = parameter(responses, "USERNAME")?;
    let keys = effects.keys(&app.pool_id)?;
    let nobody = stand_in(&keys, app, given);
    if session::answers(&session, call, app) && session.user == user::key(&app.pool, nobody.name()) {
        return Ok((session, nobody));
    }
    if session::answers(&session, call, app) && session.user == user::key(&app.pool, given) {
        return Ok((session, User::new(only("Username", given))));
    }
    SESSION_INVALID.refuse()
}

pub(super) fn answer(call: &Call, effects: &Effects, app: AppClient, responses: Option<&Object>) -> Answer<Step> {
    let (session, user) = session_of(call, effects, &app, responses)?;
    let given = parameter(responses, "ANSWER")?;
    session::use_up(&session, call, effects)?;
    let mut custom = session.custom.clone().unwrap_or_default();
    let request = json!({"privateChallengeParameters": custom.private, "challengeAnswer": given});
    let empty = json!({"answerCorrect": null});
    let person = person_of(&custom, &user);
    let Some(judged) = ask(call, effects, (&app, person), "VerifyAuthChallengeResponse", request, empty)? else {
        return CUSTOM_AUTH_UNSET.refuse();
    };
    custom.past.push(json!({
        "challengeName": CHALLENGE,
        "challengeResult": judged.flag("answerCorrect") == Some(true),
        "challengeMetadata": custom.metadata,
    }));
    go_on(call, effects, Progress::resumed(&session, app, user), custom)
}
