//! Who may sign in, and what the others are told.

use crate::forms::refusal::{Answer, DISABLED, NOT_CONFIRMED, RESET_REQUIRED, TEMPORARY_OVER};
use crate::kept::user::{FORCE_CHANGE, User};
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;
use crate::rules::password::temporary_days;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Refuses users who cannot sign in whatever their password is: before it is looked at (refusals, order of checks). Who is
/// not confirmed is told so with any password, existence errors hidden or not: intended, say the service's people (idjs#288).
pub(crate) fn expect_open(app: &AppClient, user: &User) -> Answer<()> {
    let hides = app.hides_users();
    if !hides && !user.is_enabled() {
        return DISABLED.refuse();
    }
    match user.status() {
        "UNCONFIRMED" => NOT_CONFIRMED.refuse(),
        "RESET_REQUIRED" if !hides => RESET_REQUIRED.refuse(),
        _ => Ok(()),
    }
}

/// Whether even the right password is told as a wrong one, and counts as one: hidden existence errors hide that a password is
/// to be reset (S1, guide23, of imported users) or is over.
pub(crate) fn is_hidden(call: &Call, app: &AppClient, user: &User) -> bool {
    app.hides_users() && user.is_enabled() && (user.status() == "RESET_REQUIRED" || is_over(call, app, user))
}

/// Refuses, after the password was right, who may not use it: who is disabled, which hidden existence errors hide from whoever
/// has no password of theirs (developer guide of 2020, managing error responses), and a temporary one whose days are over.
pub(crate) fn expect_usable(call: &Call, app: &AppClient, user: &User) -> Answer<()> {
    if !user.is_enabled() {
        return DISABLED.refuse();
    }
    if is_over(call, app, user) { TEMPORARY_OVER.refuse() } else { Ok(()) }
}

/// Whether a password is a temporary one whose days are over.
fn is_over(call: &Call, app: &AppClient, user: &User) -> bool {
    let set = user.passwords.current.as_ref().map_or(0, |password| password.set);
    user.status() == FORCE_CHANGE && call.now > set + temporary_days(&app.pool) * DAY
}
