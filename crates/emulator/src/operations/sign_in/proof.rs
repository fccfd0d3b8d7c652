//! The password shown by SRP: USER_SRP_AUTH and its challenge PASSWORD_VERIFIER.
//!
//! The server keeps nothing between the two requests: its secret travels in SECRET_BLOCK, encrypted, good for one use.

use poolform_model::Object;
use serde_json::json;

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, NO_USER, WRONG_PASSWORD};
use crate::kept::password::short;
use crate::kept::user::{self, User};
use crate::operations::sign_in::nobody::{assumed_name, simulated};
use crate::operations::sign_in::person::{Person, pre_authentication};
use crate::operations::sign_in::progress::{Progress, Step, challenged, parameter};
use crate::operations::sign_in::secret_block::SecretBlock;
use crate::outside::effects::Effects;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::lockout as attempts;
use crate::rules::sign_in::{expect_open, expect_usable, is_hidden};

/// What secret blocks of users are encrypted for.
const PURPOSE: &str = "srp";

pub(super) fn start(call: &Call, effects: &Effects, app: &AppClient, parameters: Option<&Object>) -> Answer<Step> {
    let name = parameter(parameters, "USERNAME")?;
    let value = parameter(parameters, "SRP_A")?;
    app.check_secret_hash(parameters.and_then(|parameters| parameters.text("SECRET_HASH")), name)?;
    let found = effects.read(|reader| user::find(reader, (&app.pool_id, &app.pool), name))?;
    if found.is_none() && !app.hides_users() {
        return NO_USER.refuse();
    }
    let keys = effects.keys(&app.pool_id)?;
    let stand_in = assumed_name(&keys, app, name);
    let who = found.as_ref().map_or(stand_in.as_str(), User::name);
    let password = match found.as_ref().and_then(|user| user.passwords.current.clone()) {
        Some(password) => password,
        None => simulated(call, &keys, who),
    };
    // A user who is not there must not be found by the block either.
    let block = SecretBlock::new(call, app, who, value)?.given(name);
    let mut parameters = Object::new();
    for (member, value) in [
        ("SALT", password.salt.as_str()),
        ("SECRET_BLOCK", &block.encrypted(&keys, PURPOSE)?),
        ("SRP_B", &block.server_value(&password.verifier)?),
        ("USERNAME", who),
        ("USER_ID_FOR_SRP", who),
    ] {
        parameters.insert(member.to_owned(), json!(value));
    }
    Ok(Step::Asks(challenged("PASSWORD_VERIFIER", parameters, None)))
}

pub(super) fn answer(call: &Call, effects: &Effects, app: AppClient, responses: Option<&Object>) -> Answer<Step> {
    let encrypted = parameter(responses, "PASSWORD_CLAIM_SECRET_BLOCK")?;
    let signature = parameter(responses, "PASSWORD_CLAIM_SIGNATURE")?;
    let stamp = parameter(responses, "TIMESTAMP")?;
    let Some((block, bytes)) = SecretBlock::open(call, effects, &app, PURPOSE, encrypted)? else {
        return WRONG_PASSWORD.refuse();
    };
    let Some(user) = effects.read(|reader| user::find(reader, (&app.pool_id, &app.pool), &block.who))? else {
        let name = block.given.as_str();
        attempts::of_nobody(effects, &app, name)?.check(call.now)?;
        if app.hides_users() {
            pre_authentication(call, effects, &app, Person::Nobody(&block.who))?;
        }
        // The proof is the better part of the time that it takes for a user who is there.
        let nobody = simulated(call, &*effects.keys(&app.pool_id)?, &block.who);
        block.is_shown(short(&app.pool_id), &nobody.verifier, &bytes, stamp, signature);
        return attempts::fail_nobody(call, effects, &app, name);
    };
    user.attempts.check(call.now)?;
    expect_open(&app, &user)?;
    pre_authentication(call, effects, &app, Person::User(&user))?;
    let shown = user
        .passwords
        .current
        .as_ref()
        .is_some_and(|one| block.is_shown(short(&app.pool_id), &one.verifier, &bytes, stamp, signature));
    if !shown || is_hidden(call, &app, &user) {
        return attempts::fail(call, effects, &app, &user);
    }
    expect_usable(call, &app, &user)?;
    let device = responses.and_then(|responses| responses.text("DEVICE_KEY")).map(str::to_owned);
    attempts::succeed(effects, &app, &user)?;
    Ok(Step::Reaches(Box::new(Progress::new(app, user, device))))
}
