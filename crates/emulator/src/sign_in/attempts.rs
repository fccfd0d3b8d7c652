//! Locking out after failures: from the fifth wrong password on, for one second, twice as long after each further one, up
//! to about 15 minutes; what is tried meanwhile is refused and does not count; 15 minutes without an attempt forget
//! (developer guide, lockout behaviour).

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::call::Call;
use crate::forms::refusal::{ATTEMPTS_EXCEEDED, Answer, WRONG_PASSWORD};
use crate::store::{STRANGERS, USERS, Writer};
use crate::user;
use crate::user::User;
use crate::vault::Vault;

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

    fn fail(&mut self, now: i64) {
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

/// Counts a wrong password and refuses.
pub(crate) fn fail<T>(call: &Call, vault: &Vault, app: &App, user: &User) -> Answer<T> {
    let outcome: Answer<()> = change(vault, app, user, |attempts| attempts.fail(call.now));
    outcome?;
    WRONG_PASSWORD.refuse()
}

/// Names that nobody has whose wrong passwords are counted, of a pool; beyond that all are forgotten.
const STRANGERS_KEPT: u64 = 1000;

/// The wrong passwords of a name that nobody has. Where existence errors are hidden they count like a user's: a lock
/// would tell who is one.
pub(crate) fn of_nobody(vault: &Vault, app: &App, name: &str) -> Answer<Attempts> {
    let key = user::key(&app.pool, name);
    Ok(vault.read(|reader| reader.get(STRANGERS, &app.pool_id, &key))?.unwrap_or_default())
}

/// Forgets what is kept of names that nobody has, when there are too many.
pub(crate) fn make_room(writer: &mut Writer, app: &App) -> Answer<()> {
    if writer.reader().count(STRANGERS, &app.pool_id)? >= STRANGERS_KEPT {
        writer.clear(STRANGERS, &app.pool_id)?;
    }
    Ok(())
}

/// As [`fail`], of a name that nobody has.
pub(crate) fn fail_nobody<T>(call: &Call, vault: &Vault, app: &App, name: &str) -> Answer<T> {
    vault.write(|writer| {
        make_room(writer, app)?;
        let key = user::key(&app.pool, name);
        let mut attempts: Attempts = writer.reader().get(STRANGERS, &app.pool_id, &key)?.unwrap_or_default();
        attempts.fail(call.now);
        writer.put(STRANGERS, &app.pool_id, &key, &attempts)
    })?;
    WRONG_PASSWORD.refuse()
}

/// Forgets wrong passwords after a right one; nothing is written where there were none.
pub(crate) fn succeed(vault: &Vault, app: &App, user: &User) -> Answer<()> {
    if user.attempts.is_clean() {
        return Ok(());
    }
    change(vault, app, user, |attempts| *attempts = Attempts::default())
}

/// Changes the count of a user as the store has it by now.
fn change(vault: &Vault, app: &App, user: &User, change: impl FnOnce(&mut Attempts)) -> Answer<()> {
    vault.write(|writer: &mut Writer| {
        let key = user::key(&app.pool, user.name());
        if let Some(mut user) = writer.reader().get::<User>(USERS, &app.pool_id, &key)? {
            change(&mut user.attempts);
            writer.put(USERS, &app.pool_id, &key, &user)?;
        }
        Ok(())
    })
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
