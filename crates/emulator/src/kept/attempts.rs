//! Wrong passwords, and the lock that comes of them: from the fifth on for one second, twice as long after each further one, up
//! to about 15 minutes; what is tried meanwhile is refused and does not count; 15 minutes without an attempt forget
//! (developer guide, lockout behaviour).

use serde::{Deserialize, Serialize};

use crate::forms::refusal::{ATTEMPTS_EXCEEDED, Answer};

/// Wrong passwords that cost nothing.
const FREE: u32 = 4;

/// Milliseconds of the longest lock, and of quiet after which all is forgotten.
const LONGEST: i64 = 15 * 60_000;

/// Wrong passwords of a user.
#[derive(Clone, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub(crate) struct Attempts {
    failures: u32,
    /// When the last one was, milliseconds since 1970.
    last: i64,
    /// Until when the user is locked out.
    locked: i64,
}

impl Attempts {
    /// Refuses while the user is locked out.
    pub(crate) fn check(&self, now: i64) -> Answer<()> {
        if now < self.locked { ATTEMPTS_EXCEEDED.refuse() } else { Ok(()) }
    }

    pub(crate) fn fail(&mut self, now: i64) {
        if now - self.last > LONGEST {
            self.failures = 0;
        }
        self.failures += 1;
        self.last = now;
        if self.failures > FREE {
            let doublings = (self.failures - FREE - 1).min(10);
            self.locked = now + (1000_i64 << doublings).min(LONGEST);
        }
    }

    pub(crate) fn is_clean(&self) -> bool {
        *self == Attempts::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_double_and_are_forgotten() {
        let mut attempts = Attempts::default();
        for _ in 0..4 {
            attempts.fail(1_000_000);
            assert!(attempts.check(1_000_000).is_ok());
        }
        attempts.fail(1_000_000);
        assert!(attempts.check(1_000_999).is_err() && attempts.check(1_001_000).is_ok(), "one second");
        attempts.fail(1_001_000);
        assert!(attempts.check(1_002_999).is_err() && attempts.check(1_003_000).is_ok(), "two seconds");
        for _ in 0..40 {
            attempts.fail(1_003_000);
        }
        assert!(attempts.check(1_003_000 + LONGEST).is_ok(), "a quarter of an hour at most");
        attempts.fail(1_003_000 + 2 * LONGEST);
        assert!(attempts.check(1_003_000 + 2 * LONGEST).is_ok(), "forgotten after a quarter of an hour");
    }
}
