//! The session of a request: whether it is one, and whose.

use crate::forms::members::Members;
use crate::forms::refusal::{Answer, DISABLED, SESSION_EXPIRED, SESSION_INVALID, SESSION_MISSING, otherwise};
use crate::kept::one_time::{self, Usage};
use crate::kept::pool::pool;
use crate::kept::session::Session;
use crate::kept::shelf::USERS;
use crate::kept::store::Reader;
use crate::kept::user::{self, User};
use crate::kept::vault::Vault;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;

/// Wrong answers after which a session is worth nothing. The service's number is not known.
const ATTEMPTS: u32 = 5;

/// The user of a session, as the store has it now.
pub(crate) fn user_of(session: &Session, reader: &dyn Reader) -> Answer<User> {
    let user: Option<User> = reader.get(USERS, &session.pool, &session.user)?;
    match user.filter(|user| user.attribute("sub") == Some(&session.sub)) {
        Some(user) if user.is_enabled() => Ok(user),
        Some(_) => DISABLED.refuse(),
        None => SESSION_INVALID.refuse(),
    }
}

/// Whether a session is the client's, and for the request's challenge.
pub(super) fn answers(session: &Session, call: &Call, app: &AppClient) -> bool {
    session.client == app.id && session.pool == app.pool_id && session.challenge == call.text("ChallengeName")
}

/// Uses a session up, in a transaction of its own.
pub(super) fn use_up(session: &Session, call: &Call, vault: &Vault) -> Answer<()> {
    vault.write(|writer| session.use_up(writer, call.now))
}

/// Counts a wrong answer.
pub(super) fn fail(session: &Session, call: &Call, vault: &Vault) -> Answer<()> {
    vault.write(|writer| {
        let known = one_time::look_up(writer.reader(), &session.pool, session.until, &session.id)?;
        let failures = known.failures + 1;
        let at = if failures >= ATTEMPTS { call.now } else { known.at };
        one_time::keep(writer, call.now, &session.pool, session.until, &session.id, Usage { at, failures })
    })
}

/// The session of a request, whatever it answers. Refused when it is none, was used, or is over, and when it is of a page
/// and shown to the API, or the other way round.
pub(crate) fn open(call: &Call, vault: &Vault) -> Answer<Session> {
    let Some(text) = call.body.text("Session") else { return SESSION_MISSING.refuse() };
    let Some((pool_id, encrypted)) = text.split_once('.') else { return SESSION_INVALID.refuse() };
    otherwise(vault.read(|reader| pool(reader, pool_id)), &SESSION_INVALID)?;
    let keys = vault.keys(pool_id)?;
    let Some(session) = Session::decrypted(&keys, encrypted) else {
        return SESSION_INVALID.refuse();
    };
    if session.pool != pool_id || session.hosted != call.hosted {
        return SESSION_INVALID.refuse();
    }
    if call.now > session.until {
        return SESSION_EXPIRED.refuse();
    }
    let known = vault.read(|reader| one_time::look_up(reader, pool_id, session.until, &session.id))?;
    if known.at != 0 {
        return SESSION_INVALID.refuse();
    }
    Ok(session)
}

/// The session that answers the request's challenge for its client, and its user.
pub(super) fn expect(call: &Call, vault: &Vault, app: &AppClient) -> Answer<(Session, User)> {
    let session = open(call, vault)?;
    if !answers(&session, call, app) {
        return SESSION_INVALID.refuse();
    }
    let user = vault.read(|reader| user_of(&session, reader))?;
    // The name may be any of the user's, but must be the user's.
    let responses = call.body.object("ChallengeResponses");
    let name = responses.and_then(|responses| responses.text("USERNAME")).unwrap_or_default();
    let found = vault.read(|reader| user::find(reader, (&app.pool_id, &app.pool), name))?;
    if found.is_none_or(|found| found.name() != user.name()) {
        return SESSION_INVALID.refuse();
    }
    Ok((session, user))
}
