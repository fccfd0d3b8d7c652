//! What comes next in a sign-in: a challenge, or that it is done.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::identifier;
use crate::forms::members::in_model_order;
use crate::forms::refusal::Answer;
use crate::kept::device::group_key;
use crate::kept::user::FORCE_CHANGE;
use crate::operations::sign_in::person::ask_authentication;
use crate::operations::sign_in::progress::{Progress, Step};
use crate::operations::sign_in::{device, new_password, second_factor};
use crate::operations::tokens::issue;
use crate::outside::effects::Effects;
use crate::outside::trigger;
use crate::rules::call::Call;
use crate::rules::token::Grant;

/// What a sign-in comes to.
pub(crate) enum Outcome {
    /// A challenge, as its answer shows it.
    Asks(Object),
    /// The user has signed in.
    SignedIn(Box<Progress>),
}

/// Goes on from a step.
pub(super) fn proceed(call: &Call, effects: &Effects, step: Step) -> Answer<Outcome> {
    let progress = match step {
        Step::Asks(challenge) => return Ok(Outcome::Asks(challenge)),
        Step::Ends(progress) => return finish(call, effects, progress),
        Step::Reaches(progress) => progress,
    };
    if progress.user.status() == FORCE_CHANGE {
        return new_password::challenge(call, effects, &progress).map(Outcome::Asks);
    }
    if let Some(challenge) = device::challenge(call, effects, &progress)? {
        return Ok(Outcome::Asks(challenge));
    }
    if !progress.second
        && let Some(challenge) = second_factor::challenge(call, effects, &progress)?
    {
        return Ok(Outcome::Asks(challenge));
    }
    finish(call, effects, progress)
}

/// Tells PostAuthentication that the user has signed in.
fn finish(call: &Call, effects: &Effects, progress: Box<Progress>) -> Answer<Outcome> {
    let Progress { app, user, .. } = &*progress;
    let fresh = app.pool.answer.contains_key("DeviceConfiguration") && !progress.device_shown && !progress.hosted;
    let request = json!({"userAttributes": trigger::attributes(&app.pool, user), "newDeviceUsed": fresh});
    ask_authentication(call, effects, app, user, "PostAuthentication_Authentication", request)?;
    Ok(Outcome::SignedIn(progress))
}

/// The tokens of a sign-in by the API.
pub(super) fn tokens(call: &Call, effects: &Effects, progress: &Progress) -> Answer {
    let Progress { app, user, .. } = progress;
    let keys = effects.keys(&app.pool_id)?;
    let tracks = app.pool.answer.contains_key("DeviceConfiguration");
    let known = progress.device.clone().filter(|_| progress.device_shown);
    let fresh = (tracks && known.is_none()).then(|| identifier::device(identifier::region_of(&app.pool_id)));
    let grant = Grant::new(call, app, user, known.or_else(|| fresh.clone()));
    let why = if progress.new_password { "NewPasswordChallenge" } else { "Authentication" };
    let mut result = issue::issue(call, effects, app, user, &grant, why)?;
    result.insert("RefreshToken".to_owned(), json!(grant.encrypted(&keys)?));
    if let Some(key) = fresh {
        let group = group_key(&keys, &key);
        result.insert("NewDeviceMetadata".to_owned(), json!({"DeviceKey": key, "DeviceGroupKey": group}));
    }
    Ok(signed_in(result))
}

/// The answer that carries tokens: `ChallengeParameters` is there and empty.
pub(super) fn signed_in(result: Object) -> Object {
    let mut answer = Object::new();
    answer.insert("ChallengeParameters".to_owned(), json!({}));
    let result = in_model_order("AuthenticationResultType", result);
    answer.insert("AuthenticationResult".to_owned(), Json::Object(result));
    answer
}
