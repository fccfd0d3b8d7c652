//! Wrong passwords: counted for users, and for names that nobody has.

use crate::forms::refusal::{Answer, WRONG_PASSWORD};
use crate::kept::attempts::Attempts;
use crate::kept::shelf::{STRANGERS, USERS};
use crate::kept::store::Writer;
use crate::kept::user::{self, User};
use crate::kept::vault::Vault;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;

/// Counts a wrong password and refuses.
pub(crate) fn fail<T>(call: &Call, vault: &Vault, app: &AppClient, user: &User) -> Answer<T> {
    let outcome: Answer<()> = change(vault, app, user, |attempts| attempts.fail(call.now));
    outcome?;
    WRONG_PASSWORD.refuse()
}

/// Names that nobody has whose wrong passwords are counted, of a pool; beyond that all are forgotten.
const STRANGERS_KEPT: u64 = 1000;

/// The wrong passwords of a name that nobody has. Where existence errors are hidden they count like a user's: a lock
/// would tell who is one.
pub(crate) fn of_nobody(vault: &Vault, app: &AppClient, name: &str) -> Answer<Attempts> {
    let key = user::key(&app.pool, name);
    Ok(vault.read(|reader| reader.get(STRANGERS, &app.pool_id, &key))?.unwrap_or_default())
}

/// Forgets what is kept of names that nobody has, when there are too many.
pub(crate) fn make_room(writer: &mut Writer, app: &AppClient) -> Answer<()> {
    if writer.reader().count(STRANGERS, &app.pool_id)? >= STRANGERS_KEPT {
        writer.clear(STRANGERS, &app.pool_id)?;
    }
    Ok(())
}

/// As [`fail`], of a name that nobody has.
pub(crate) fn fail_nobody<T>(call: &Call, vault: &Vault, app: &AppClient, name: &str) -> Answer<T> {
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
pub(crate) fn succeed(vault: &Vault, app: &AppClient, user: &User) -> Answer<()> {
    if user.attempts.is_clean() {
        return Ok(());
    }
    change(vault, app, user, |attempts| *attempts = Attempts::default())
}

/// Changes the count of a user as the store has it by now.
fn change(vault: &Vault, app: &AppClient, user: &User, change: impl FnOnce(&mut Attempts)) -> Answer<()> {
    vault.write(|writer: &mut Writer| {
        let key = user::key(&app.pool, user.name());
        if let Some(mut user) = writer.reader().get::<User>(USERS, &app.pool_id, &key)? {
            change(&mut user.attempts);
            writer.put(USERS, &app.pool_id, &key, &user)?;
        }
        Ok(())
    })
}
