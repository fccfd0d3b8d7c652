//! Triggers: functions that the service calls on its way. None can be called yet, so an operation that would call one
//! refuses where the pool declares it.

use crate::call::Answer;
use crate::members::Members;
use crate::refusal::TRIGGER_NOT_BUILT;
use crate::user_pool::Pool;

/// Triggers of every sign-in.
pub(crate) const SIGN_IN: &[&str] =
    &["PreAuthentication", "PostAuthentication", "PreTokenGeneration", "PreTokenGenerationConfig"];

/// Triggers of CUSTOM_AUTH.
pub(crate) const CUSTOM_AUTH: &[&str] = &["DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"];

/// Refuses when the pool declares one of the triggers.
pub(crate) fn expect_none(pool: &Pool, triggers: &[&str]) -> Answer<()> {
    let declared = pool.answer.object("LambdaConfig");
    match triggers.iter().find(|name| declared.is_some_and(|declared| declared.member(name).is_some())) {
        Some(name) => Err(TRIGGER_NOT_BUILT.with(&[name])),
        None => Ok(()),
    }
}
