//! A device that the user has used before, shown by SRP: DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER.
//!
//! Clients answer both without a Session (pycognito, amazon-cognito-identity-js), so the sign-in waits with the device,
//! and then travels in the secret block.

use poolform_model::Object;
use serde_json::json;

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, DEVICE_UNKNOWN, SESSION_INVALID, WRONG_PASSWORD};
use crate::kept::device::{self, Device};
use crate::kept::user::{self, User};
use crate::operations::sign_in::progress::{Progress, Step, challenged, parameter};
use crate::operations::sign_in::secret_block::SecretBlock;
use crate::operations::sign_in::session::user_of;
use crate::outside::effects::Effects;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;

/// What secret blocks of devices are encrypted for.
const PURPOSE: &str = "device";

/// The first of the two challenges.
const CHALLENGE: &str = "DEVICE_SRP_AUTH";

/// Asks a remembered device to show itself.
pub(super) fn challenge(call: &Call, effects: &Effects, progress: &Progress) -> Answer<Option<Object>> {
    let Some(key) = progress.device.as_deref().filter(|_| !progress.device_shown) else { return Ok(None) };
    let app = &progress.app;
    let found =
        effects.read(|reader| device::find(reader, &app.pool_id, &user::key(&app.pool, progress.user.name()), key))?;
    let Some(mut device) = found.filter(|device| device.is_remembered(&app.pool)) else { return Ok(None) };
    let session = progress.session(call, CHALLENGE, None);
    let encrypted = session.encrypted(&*effects.keys(&app.pool_id)?)?;
    device.waiting = Some(session);
    effects.write(|writer| device::keep(writer, &app.pool_id, &user::key(&app.pool, progress.user.name()), &device))?;
    // No parameters are recorded; clients go on with what they know.
    Ok(Some(challenged(CHALLENGE, Object::new(), Some(encrypted))))
}

/// The user and the device of a request, which must be the user's.
fn named(effects: &Effects, app: &AppClient, responses: Option<&Object>) -> Answer<(User, Device)> {
    let (name, key) = (parameter(responses, "USERNAME")?, parameter(responses, "DEVICE_KEY")?);
    let found =
        effects.read(|reader| match user::find(reader, (&app.pool_id, &app.pool), name)? {
            Some(user) => Ok(device::find(reader, &app.pool_id, &user::key(&app.pool, user.name()), key)?
                .map(|device| (user, device))),
            None => Ok(None),
        })?;
    found.map_or_else(|| DEVICE_UNKNOWN.refuse(), Ok)
}

pub(super) fn start(call: &Call, effects: &Effects, app: AppClient, responses: Option<&Object>) -> Answer<Step> {
    let (user, mut device) = named(effects, &app, responses)?;
    let Some(session) = device.waiting.take().filter(|session| session.client == app.id && call.now <= session.until)
    else {
        return SESSION_INVALID.refuse();
    };
    let keys = effects.keys(&app.pool_id)?;
    let block = SecretBlock::new(call, &app, &device.key, parameter(responses, "SRP_A")?)?.after(session);
    effects.write(|writer| device::keep(writer, &app.pool_id, &user::key(&app.pool, user.name()), &device))?;
    let mut parameters = Object::new();
    for (member, value) in [
        ("SALT", device.salt.as_str()),
        ("SECRET_BLOCK", &block.encrypted(&keys, PURPOSE)?),
        ("SRP_B", &block.server_value(&device.verifier)?),
        ("DEVICE_KEY", &device.key),
        ("USERNAME", user.name()),
    ] {
        parameters.insert(member.to_owned(), json!(value));
    }
    Ok(Step::Asks(challenged("DEVICE_PASSWORD_VERIFIER", parameters, None)))
}

pub(super) fn answer(call: &Call, effects: &Effects, app: AppClient, responses: Option<&Object>) -> Answer<Step> {
    let (_, mut device) = named(effects, &app, responses)?;
    let encrypted = parameter(responses, "PASSWORD_CLAIM_SECRET_BLOCK")?;
    let signature = parameter(responses, "PASSWORD_CLAIM_SIGNATURE")?;
    let stamp = parameter(responses, "TIMESTAMP")?;
    let keys = effects.keys(&app.pool_id)?;
    let opened =
        SecretBlock::open(call, effects, &app, PURPOSE, encrypted)?.filter(|(block, _)| block.who == device.key);
    let group = device::group_key(&keys, &device.key);
    let shown = opened.filter(|(block, bytes)| block.is_shown(&group, &device.verifier, bytes, stamp, signature));
    let Some(session) = shown.and_then(|(block, _)| block.after) else { return WRONG_PASSWORD.refuse() };
    let user = effects.read(|reader| user_of(&session, reader))?;
    device.used = call.now;
    effects.write(|writer| device::keep(writer, &app.pool_id, &user::key(&app.pool, user.name()), &device))?;
    let tracking = app.pool.answer.object("DeviceConfiguration");
    // The device stands for the second factor where new devices alone are asked for one (API reference,
    // ChallengeRequiredOnNewDevice).
    let stands = tracking.and_then(|tracking| tracking.flag("ChallengeRequiredOnNewDevice")) == Some(true);
    let before = Progress::resumed(&session, app, user);
    let progress = Progress { device: Some(device.key), device_shown: true, second: before.second || stands, ..before };
    Ok(Step::Reaches(Box::new(progress)))
}
