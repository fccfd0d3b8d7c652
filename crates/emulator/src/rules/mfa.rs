//! Which factors a pool wants.

use poolform_model::Object;

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, FACTORS_UNDER_MFA};

/// Whether MFA is on or optional.
pub(crate) fn wanted(pool: &Object) -> bool {
    matches!(pool.text("MfaConfiguration"), Some("ON" | "OPTIONAL"))
}

/// AllowedFirstAuthFactors of a pool.
pub(crate) fn first_factors(pool: &Object) -> Vec<&str> {
    let policy = pool.object("Policies").and_then(|policies| policies.object("SignInPolicy"));
    policy.map(|policy| policy.texts("AllowedFirstAuthFactors")).unwrap_or_default()
}

/// One-time passwords as first factor do not go with MFA that is ON; OPTIONAL is accepted (P4, cdkd #1975).
pub(crate) fn check_first_factors(pool: &Object) -> Answer<()> {
    let otp = |factor: &&str| matches!(*factor, "EMAIL_OTP" | "SMS_OTP");
    if pool.text("MfaConfiguration") == Some("ON") && first_factors(pool).iter().any(otp) {
        return FACTORS_UNDER_MFA.refuse();
    }
    Ok(())
}
