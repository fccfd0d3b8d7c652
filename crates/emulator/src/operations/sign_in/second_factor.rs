//! The second factor: SMS_MFA, EMAIL_OTP, SOFTWARE_TOKEN_MFA, SELECT_MFA_TYPE, MFA_SETUP.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::refusal::{
    Answer, FACTOR_UNKNOWN, MFA_CODE_WRONG, SESSION_INVALID, TOTP_TWICE, TOTP_WRONG, is_fault,
};
use crate::forms::{identifier, totp};
use crate::kept::factor::{EMAIL, SMS, TOTP, attribute_of};
use crate::kept::session::Session;
use crate::kept::shelf::USERS;
use crate::kept::user::{self, User};
use crate::operations::sign_in::progress::{Progress, Step, parameter};
use crate::operations::sign_in::session;
use crate::outside::delivery;
use crate::outside::effects::Effects;
use crate::outside::message::{self, Medium, Reason};
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::mfa;

/// The challenge that a user must pass; None for one who need not. Where MFA is required, a user with none of the pool's
/// factors gets messages to the address it has, or else must set one up.
pub(super) fn challenge(call: &Call, effects: &Effects, progress: &Progress) -> Answer<Option<Object>> {
    let (pool, user) = (&progress.app.pool, &progress.user);
    if !mfa::wanted(&pool.answer) {
        return Ok(None);
    }
    let required = pool.answer.get("MfaConfiguration").and_then(Json::as_str) == Some("ON");
    let mut usable = user.usable_factors(pool);
    if usable.is_empty() && required {
        usable.extend([SMS, EMAIL].into_iter().find(|factor| {
            pool.factors.has(factor) && attribute_of(factor).is_some_and(|name| user.attribute(name).is_some())
        }));
    }
    let preferred = usable.iter().find(|one| user.factors.preferred.as_deref() == Some(**one));
    match (preferred, usable.as_slice()) {
        (Some(one), _) | (None, [one]) => ask(call, effects, progress, one).map(Some),
        (None, []) if required => {
            let can = json!([SMS, TOTP].iter().filter(|factor| pool.factors.has(factor)).collect::<Vec<_>>());
            let parameters = parameters(user, [("MFAS_CAN_SETUP", can.to_string())]);
            progress.challenge(call, effects, "MFA_SETUP", parameters, None).map(Some)
        }
        (None, []) => Ok(None),
        (None, several) => {
            let parameters = parameters(user, [("MFAS_CAN_CHOOSE", json!(several).to_string())]);
            progress.challenge(call, effects, "SELECT_MFA_TYPE", parameters, None).map(Some)
        }
    }
}

/// Parameters of a challenge, and the user's name.
fn parameters<const N: usize>(user: &User, members: [(&str, String); N]) -> Object {
    let mut parameters: Object = members.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    parameters.insert("USER_ID_FOR_SRP".to_owned(), json!(user.name()));
    parameters
}

/// Asks for a code of a factor; sends it where it goes by message.
fn ask(call: &Call, effects: &Effects, progress: &Progress, factor: &str) -> Answer {
    let user = &progress.user;
    let Some(attribute) = attribute_of(factor) else {
        // FRIENDLY_DEVICE_NAME only where the app was named [InitiateAuth.2025-07.SOFTWARE_TOKEN_MFA].
        let mut parameters = parameters(user, []);
        if let Some(name) = user.factors.totp.as_ref().and_then(|totp| totp.name.as_deref()) {
            parameters.insert("FRIENDLY_DEVICE_NAME".to_owned(), json!(name));
        }
        return progress.challenge(call, effects, factor, parameters, None);
    };
    let to = user.attribute(attribute).unwrap_or_default();
    let code = identifier::code();
    effects.transact(call, |transaction| {
        let place = (progress.app.pool_id.as_str(), &progress.app.pool);
        let receiver = (user, user.name());
        delivery::send(call, transaction, place, receiver, Reason::Authentication, (attribute, to), &code)
    })?;
    let parameters = parameters(
        user,
        [
            ("CODE_DELIVERY_DELIVERY_MEDIUM", Medium::of(attribute).name().to_owned()),
            ("CODE_DELIVERY_DESTINATION", message::masked(to)),
        ],
    );
    progress.challenge(call, effects, factor, parameters, Some(code))
}

/// The answer to a challenge for a code. A wrong one leaves the session as it is, for so many tries.
pub(super) fn answer(call: &Call, effects: &Effects, app: AppClient, responses: Option<&Object>) -> Answer<Step> {
    let (session, user) = session::expect(call, effects, &app)?;
    let factor = session.challenge.clone();
    let given = parameter(responses, &format!("{factor}_CODE"))?;
    let user = if factor == TOTP {
        let outcome = check_totp(call, effects, &app, &user, given);
        if outcome.as_ref().is_err_and(|refusal| !is_fault(refusal)) {
            session::fail(&session, call, effects)?;
        }
        outcome?
    } else {
        let right = session.code.as_deref().is_some_and(|code| {
            aws_lc_rs::constant_time::verify_slices_are_equal(code.as_bytes(), given.as_bytes()).is_ok()
        });
        if !right {
            session::fail(&session, call, effects)?;
            return MFA_CODE_WRONG.refuse();
        }
        user
    };
    session::use_up(&session, call, effects)?;
    let progress = Progress { second: true, ..Progress::resumed(&session, app, user) };
    Ok(Step::Reaches(Box::new(progress)))
}

/// A code of the user's app, each good for one sign-in; the user as it is then.
fn check_totp(call: &Call, effects: &Effects, app: &AppClient, user: &User, given: &str) -> Answer<User> {
    effects.write(|writer| {
        let key = user::key(&app.pool, user.name());
        let Some(mut user) = writer.reader().get::<User>(USERS, &app.pool_id, &key)? else {
            return SESSION_INVALID.refuse();
        };
        let Some(totp) = user.factors.totp.as_mut().filter(|totp| totp.verified) else { return TOTP_WRONG.refuse() };
        let Some(step) = totp::step_of(&totp.secret, given, call.now) else { return TOTP_WRONG.refuse() };
        if step <= totp.last {
            return TOTP_TWICE.refuse();
        }
        totp.last = step;
        writer.put(USERS, &app.pool_id, &key, &user)?;
        Ok(user)
    })
}

/// The answer to SELECT_MFA_TYPE: which factor to ask for.
pub(super) fn select(call: &Call, effects: &Effects, app: AppClient, responses: Option<&Object>) -> Answer<Step> {
    let (session, user) = session::expect(call, effects, &app)?;
    let factor = parameter(responses, "ANSWER")?;
    let usable = user.usable_factors(&app.pool);
    let Some(factor) = usable.into_iter().find(|one| *one == factor) else {
        return Err(FACTOR_UNKNOWN.with(&[factor]));
    };
    session::use_up(&session, call, effects)?;
    ask(call, effects, &Progress::resumed(&session, app, user), factor).map(Step::Asks)
}

/// The answer to MFA_SETUP, with the session that VerifySoftwareToken gave: the code was shown there.
pub(super) fn set_up(call: &Call, effects: &Effects, app: AppClient) -> Answer<Step> {
    let (session, user) = session::expect(call, effects, &app)?;
    if !user.usable_factors(&app.pool).contains(&TOTP) || !session.set_up {
        return SESSION_INVALID.refuse();
    }
    session::use_up(&session, call, effects)?;
    let progress = Progress { second: true, ..Progress::resumed(&session, app, user) };
    Ok(Step::Reaches(Box::new(progress)))
}

/// The session with which MFA_SETUP goes on after an app was verified.
pub(crate) fn verified(session: Session) -> Session {
    Session { set_up: true, ..session.turned("MFA_SETUP") }
}
