//! What a client carries between two steps of a sign-in.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::forms::refusal::{Answer, SESSION_INVALID};
use crate::forms::{encryption, identifier};
use crate::kept::keys::Keys;
use crate::kept::one_time;
use crate::kept::store::Writer;

/// What sessions are encrypted for.
const PURPOSE: &str = "session";

/// A session. No Debug: it holds a code.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    /// The pool's id: AssociateSoftwareToken names nothing else.
    pub(crate) pool: String,
    pub(crate) client: String,
    /// The user's key.
    pub(crate) user: String,
    pub(crate) sub: String,
    /// The challenge that it answers.
    pub(crate) challenge: String,
    /// Milliseconds since 1970.
    pub(crate) until: i64,
    /// The code that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// Whether an authenticator app has been verified with it, of MFA_SETUP.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) set_up: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) device: Option<String>,
    pub(crate) second: bool,
    pub(crate) device_shown: bool,
    /// Whether it is a page's.
    #[serde(default)]
    pub(crate) hosted: bool,
    /// Of CUSTOM_AUTH.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) custom: Option<CustomAuth>,
}

/// What has happened so far of CUSTOM_AUTH, and what the answer is compared with.
#[derive(Clone, Default, Deserialize, Serialize)]
pub(crate) struct CustomAuth {
    /// `{"challengeName", "challengeResult", "challengeMetadata"}` each.
    pub(crate) past: Vec<Json>,
    pub(crate) private: Json,
    pub(crate) metadata: Json,
    /// 1 where existence errors are hidden and there is no such user; a digit, so that sessions of nobody are as long as those
    /// of somebody.
    #[serde(default)]
    pub(crate) nobody: u8,
}

impl Session {
    /// As the client carries it: the pool's id in front, so that it can be found without naming it.
    pub(crate) fn encrypted(&self, keys: &Keys) -> Answer<String> {
        Ok(format!("{}.{}", self.pool, encryption::encrypt(&keys.encryption, PURPOSE, self)?))
    }

    /// What follows the pool's id in a session of its; None for anything else.
    pub(crate) fn decrypted(keys: &Keys, encrypted: &str) -> Option<Session> {
        encryption::decrypt(&keys.encryption, PURPOSE, encrypted)
    }

    /// This session with what CUSTOM_AUTH needs.
    pub(crate) fn with(self, custom: CustomAuth) -> Session {
        Session { custom: Some(custom), ..self }
    }

    /// The same session as an answer to another challenge.
    pub(crate) fn turned(self, challenge: &str) -> Session {
        Session { id: identifier::uuid(), challenge: challenge.to_owned(), ..self }
    }

    /// Uses the session up; refuses when it was used before.
    pub(crate) fn use_up(&self, writer: &mut Writer, now: i64) -> Answer<()> {
        if one_time::use_up(writer, now, &self.pool, self.until, &self.id)? { Ok(()) } else { SESSION_INVALID.refuse() }
    }
}
