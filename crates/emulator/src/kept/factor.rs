//! Second factors of users, as kept.

use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::kept::pool::Pool;

/// Names of factors, which are those of their challenges.
pub(crate) const SMS: &str = "SMS_MFA";

pub(crate) const TOTP: &str = "SOFTWARE_TOKEN_MFA";

pub(crate) const EMAIL: &str = "EMAIL_OTP";

/// The attribute to which codes of a factor go.
pub(crate) fn attribute_of(factor: &str) -> Option<&'static str> {
    match factor {
        SMS => Some("phone_number"),
        EMAIL => Some("email"),
        _ => None,
    }
}

/// An authenticator app. No Debug.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Totp {
    /// Base 32.
    pub(crate) secret: String,
    /// Whether the user has shown a code of it.
    pub(crate) verified: bool,
    /// The step of the last code that was used.
    pub(crate) last: i64,
    /// What the user calls it.
    pub(crate) name: Option<String>,
}

/// A user's second factors.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct UserFactors {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) totp: Option<Totp>,
    /// A new secret that has not been verified yet; the old app goes on until it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fresh: Option<String>,
    /// Factors that the user has turned on, in the order in which answers list them.
    enabled: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preferred: Option<String>,
}

impl UserFactors {
    pub(crate) fn is_empty(&self) -> bool {
        self.totp.is_none() && self.fresh.is_none() && self.enabled.is_empty() && self.preferred.is_none()
    }

    /// The factors that are on, can be used, and that the pool offers. `has` says which attributes the user has.
    pub(crate) fn usable(&self, pool: &Pool, has: impl Fn(&str) -> bool) -> Vec<&'static str> {
        let can = |factor: &str| match attribute_of(factor) {
            Some(attribute) => has(attribute),
            None => self.totp.as_ref().is_some_and(|totp| totp.verified),
        };
        [SMS, TOTP, EMAIL]
            .into_iter()
            .filter(|factor| self.enabled.iter().any(|one| one == factor) && pool.factors.has(factor) && can(factor))
            .collect()
    }

    /// As GetUser and AdminGetUser show them; absent without any [AdminGetUser.2025-07, AdminGetUser.2025-07.totp].
    pub(crate) fn show(&self, answer: &mut Object) {
        if let Some(preferred) = &self.preferred {
            answer.insert("PreferredMfaSetting".to_owned(), json!(preferred));
        }
        if !self.enabled.is_empty() {
            answer.insert("UserMFASettingList".to_owned(), json!(self.enabled));
        }
    }

    pub(crate) fn turn(&mut self, factor: &str, on: bool) {
        self.enabled.retain(|one| one != factor);
        if on {
            self.enabled.push(factor.to_owned());
        } else if self.preferred.as_deref() == Some(factor) {
            self.preferred = None;
        }
    }
}
