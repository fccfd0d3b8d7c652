//! What is kept of passwords.

use serde::{Deserialize, Serialize};

use crate::forms::refusal::{Answer, PASSWORD_AGAIN, fault};
use crate::forms::{identifier, srp};

/// What is kept of a password. No Debug.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Password {
    /// 32 hex digits [InitiateAuth.unknown.PASSWORD_VERIFIER].
    pub(crate) salt: String,
    /// See `srp`.
    pub(crate) verifier: String,
    /// When it was set, milliseconds since 1970: a temporary one is good for so many days.
    pub(crate) set: i64,
}

impl Password {
    /// What to keep of a user's password.
    pub(crate) fn new(pool_id: &str, user: &str, password: &str, now: i64) -> Answer<Password> {
        let salt = srp::salt(&identifier::hex(32));
        let verifier = srp::verifier(&salt, short(pool_id), user, password)
            .ok_or_else(|| fault("a password could not be hashed"))?;
        Ok(Password { salt, verifier, set: now })
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, pool_id: &str, user: &str, password: &str) -> bool {
        let again = srp::verifier(&self.salt, short(pool_id), user, password);
        again.is_some_and(|again| {
            aws_lc_rs::constant_time::verify_slices_are_equal(again.as_bytes(), self.verifier.as_bytes()).is_ok()
        })
    }
}

/// The part of a pool's id after the Region, which stands for the pool in SRP.
pub(crate) fn short(pool_id: &str) -> &str {
    pool_id.split_once('_').map_or(pool_id, |(_, short)| short)
}

/// The passwords of a user: the one in use, and former ones as far as the policy needs them.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Passwords {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) current: Option<Password>,
    /// Newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    former: Vec<Password>,
}

impl Passwords {
    /// Refuses a password that the user had: the policy's PasswordHistorySize counts the one in use (API reference:
    /// "the number of previous passwords").
    pub(crate) fn check_history(&self, history: usize, pool_id: &str, user: &str, password: &str) -> Answer<()> {
        let known = self.current.iter().chain(&self.former).take(history);
        for former in known {
            if former.is(pool_id, user, password) {
                return PASSWORD_AGAIN.refuse();
            }
        }
        Ok(())
    }

    /// Puts a password into use, and keeps as many former ones as the pool's history needs.
    pub(crate) fn set(&mut self, password: Password, history: usize) {
        self.former.splice(0..0, self.current.replace(password));
        self.former.truncate(history.saturating_sub(1));
    }
}
