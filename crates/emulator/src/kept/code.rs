//! Codes that users are sent: to confirm a sign-up, to verify an attribute, to set a new password.

use serde::{Deserialize, Serialize};

use crate::forms::identifier;
use crate::forms::refusal::{Answer, CODE_EXPIRED, CODE_WRONG, TOO_MANY_ATTEMPTS};

/// Milliseconds that codes live: 24 hours to confirm a sign-up or an attribute, one hour to set a new password
/// (developer guide, verification codes).
pub(crate) const DAY: i64 = 24 * 3_600_000;
pub(crate) const HOUR: i64 = 3_600_000;

/// Wrong codes after which a code is worth nothing more. The API reference speaks of 5 to 20 attempts in an hour.
pub(crate) const ATTEMPTS: u32 = 5;

/// A code on its way. No Debug.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Code {
    /// Six digits.
    pub(crate) value: String,
    /// When it was sent, milliseconds since 1970.
    sent: i64,
    /// The attribute to which it went.
    pub(crate) attribute: String,
    /// Wrong codes so far.
    failures: u32,
}

impl Code {
    pub(crate) fn new(attribute: &str, now: i64) -> Code {
        Code { value: identifier::code(), sent: now, attribute: attribute.to_owned(), failures: 0 }
    }

    /// Refuses a code that is not this one, and counts; the caller keeps the count.
    pub(crate) fn check(&mut self, given: &str, now: i64, lives: i64) -> Answer<()> {
        if self.failures >= ATTEMPTS {
            return TOO_MANY_ATTEMPTS.refuse();
        }
        if now > self.sent + lives {
            return CODE_EXPIRED.refuse();
        }
        if !self.is(given) {
            self.failures += 1;
            return CODE_WRONG.refuse();
        }
        Ok(())
    }

    fn is(&self, given: &str) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.value.as_bytes(), given.as_bytes()).is_ok()
    }
}
