//! What each plan allows (service rules C8).

use poolform_model::Object;
use serde_json::Value as Json;

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, TIER, TIER_OF_POOL};

/// The plan of a pool that does not say so: new pools are ESSENTIALS [DescribeUserPool.2025-05.essentials.console].
const DEFAULT: &str = "ESSENTIALS";

/// A pool setting that needs a plan: its name in refusals, the plans that have it, how to see it.
struct Feature {
    name: &'static str,
    plans: &'static [&'static str],
    used: fn(&Object) -> bool,
}

const NOT_LITE: &[&str] = &["ESSENTIALS", "PLUS"];

/// Feature names are those of recorded refusals (P2) but for the last, which is ours.
const OF_POOL: &[Feature] = &[
    Feature {
        name: "Threat Protection",
        plans: &["PLUS"],
        used: |pool| {
            let add_ons = pool.object("UserPoolAddOns");
            let on = |mode: Option<&str>| mode.is_some_and(|mode| mode != "OFF");
            on(add_ons.and_then(|add_ons| add_ons.text("AdvancedSecurityMode")))
                || on(add_ons
                    .and_then(|add_ons| add_ons.object("AdvancedSecurityAdditionalFlows"))
                    .and_then(|flows| flows.text("CustomAuthMode")))
        },
    },
    Feature {
        name: "Passwordless Sign-In",
        plans: NOT_LITE,
        used: |pool| {
            let policy = pool.object("Policies").and_then(|policies| policies.object("SignInPolicy"));
            policy.is_some_and(|policy| {
                policy.texts("AllowedFirstAuthFactors").iter().any(|factor| *factor != "PASSWORD")
            })
        },
    },
    Feature {
        name: "Token Customization with Pre-Token Generation Lambda V2_0",
        plans: NOT_LITE,
        used: |pool| {
            let triggers = pool.object("LambdaConfig");
            let trigger = triggers.and_then(|triggers| triggers.object("PreTokenGenerationConfig"));
            trigger.and_then(|trigger| trigger.text("LambdaVersion")).is_some_and(|version| version != "V1_0")
        },
    },
    // The price list has "disallowing password reuse" from ESSENTIALS on.
    Feature {
        name: "Password History",
        plans: NOT_LITE,
        used: |pool| {
            let policy = pool.object("Policies").and_then(|policies| policies.object("PasswordPolicy"));
            policy.and_then(|policy| policy.number("PasswordHistorySize")).is_some_and(|size| size > 0)
        },
    },
];

/// Settings outside the pool's own request that need ESSENTIALS or PLUS.
pub(crate) const MANAGED_LOGIN: &str = "Managed Login Version 2";
/// Not recorded: our words.
pub(crate) const EMAIL_MFA: &str = "Email MFA";
/// Not recorded: our words.
pub(crate) const ROTATION: &str = "Refresh Token Rotation";
/// Not recorded: our words.
pub(crate) const CHOICE: &str = "Choice-based Sign-In";

/// Not recorded: our words.
pub(crate) const ACTIVITY_LOG: &str = "User Activity Log Export";

/// The pool's plan.
pub(crate) fn of(pool: &Object) -> &str {
    pool.text("UserPoolTier").unwrap_or(DEFAULT)
}

/// Refuses settings of the pool that its plan does not have. Several are named together; how the service separates them
/// is not recorded.
pub(crate) fn check_pool(pool: &Object) -> Answer<()> {
    let plan = of(pool);
    let beyond: Vec<&str> = OF_POOL
        .iter()
        .filter(|feature| !feature.plans.contains(&plan) && (feature.used)(pool))
        .map(|feature| feature.name)
        .collect();
    if beyond.is_empty() { Ok(()) } else { Err(TIER_OF_POOL.with(&[plan, &beyond.join(", ")])) }
}

/// Refuses a feature of another operation on a LITE pool.
pub(crate) fn expect_more_than_lite(pool: &Object, feature: &str) -> Answer<()> {
    match of(pool) {
        plan @ "LITE" => Err(TIER.with(&[plan, feature])),
        _ => Ok(()),
    }
}

/// Refuses a feature of another operation on a pool that is not PLUS.
pub(crate) fn expect_plus(pool: &Object, feature: &str) -> Answer<()> {
    match of(pool) {
        "PLUS" => Ok(()),
        plan => Err(TIER.with(&[plan, feature])),
    }
}

/// Whether a value says that something is there.
pub(crate) fn enabled(setting: Option<&Json>) -> bool {
    setting.and_then(|setting| setting.text("Feature")) == Some("ENABLED")
}
