//! User pools and their second factors, as kept.

use poolform_model::Object;
use serde::{Deserialize, Serialize};

use crate::forms::clock::stamp;
use crate::forms::members::Members;
use crate::forms::refusal::{Answer, NO_POOL};
use crate::kept::shelf::USER_POOLS;
use crate::kept::store::Reader;

/// A pool as it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Pool {
    /// The members of UserPoolType as Describe answers them, but for EstimatedNumberOfUsers.
    pub(crate) answer: Object,
    /// Its second factors.
    pub(crate) factors: Factors,
    /// The certificate for encrypted SAML assertions, made with the first SAML provider. Public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) saml_certificate: Option<String>,
}

impl Pool {
    /// A change now.
    pub(crate) fn touch(&mut self, now: i64) {
        self.answer.insert("LastModifiedDate".to_owned(), stamp(now));
    }

    /// What it asks of passwords.
    pub(crate) fn password_policy(&self) -> Option<&Object> {
        self.answer.object("Policies").and_then(|policies| policies.object("PasswordPolicy"))
    }

    /// How many of a user's passwords, the one in use among them, must not be used again.
    pub(crate) fn password_history(&self) -> usize {
        let size = self.password_policy().and_then(|policy| policy.number("PasswordHistorySize")).unwrap_or_default();
        usize::try_from(size).unwrap_or_default()
    }

    /// The member that names a domain: custom ones have dots.
    pub(crate) fn domain_member(custom: bool) -> &'static str {
        if custom { "CustomDomain" } else { "Domain" }
    }

    /// Whether user names that differ in letter case only are different ones. Without UsernameConfiguration they are
    /// (service rules C2).
    pub(crate) fn is_case_sensitive(&self) -> bool {
        let configuration = self.answer.object("UsernameConfiguration");
        configuration.and_then(|configuration| configuration.flag("CaseSensitive")).unwrap_or(true)
    }
}

/// A pool by its id.
pub(crate) fn pool(reader: &dyn Reader, id: &str) -> Answer<Pool> {
    reader.get(USER_POOLS, "", id)?.ok_or_else(|| NO_POOL.with(&[id]))
}

/// The second factors of a pool.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Factors {
    /// Codes by text message.
    pub(crate) sms: bool,
    /// Codes of an authenticator app.
    pub(crate) software_token: bool,
    /// Whether they were set at all: answers show the block even when it says that they are off (the AWS provider plans a
    /// change for ever otherwise; its acceptance runs set `enabled = false` and find it).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) software_token_set: bool,
    /// Codes by e-mail: text and subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<Object>,
    /// Passkeys, as set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) passkeys: Option<Object>,
}

impl Factors {
    /// Whether one is on.
    pub(crate) fn any(&self) -> bool {
        self.sms || self.software_token || self.email.is_some()
    }

    /// Whether one is on, by the name of its challenge.
    pub(crate) fn has(&self, factor: &str) -> bool {
        match factor {
            "SMS_MFA" => self.sms,
            "SOFTWARE_TOKEN_MFA" => self.software_token,
            "EMAIL_OTP" => self.email.is_some(),
            _ => false,
        }
    }

    /// Whether text messages are the one that is on.
    pub(crate) fn only_sms(&self) -> bool {
        self.sms && !self.software_token && self.email.is_none()
    }

    /// Turning MFA off drops the factors (P4, cdkd #1923); passkeys are no second factor.
    pub(crate) fn drop_all(&mut self) {
        *self = Factors { passkeys: self.passkeys.take(), ..Factors::default() };
    }
}
