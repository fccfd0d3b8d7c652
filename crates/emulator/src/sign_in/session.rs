//! What a client carries between two steps of a sign-in.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::call::Call;
use crate::forms::members::Members;
use crate::forms::refusal::{Answer, SESSION_EXPIRED, SESSION_INVALID, SESSION_MISSING, otherwise};
use crate::forms::{encryption, identifier};
use crate::keys::Keys;
use crate::sign_in::{Custom, Progress};
use crate::spent::Use;
use crate::store::{Reader, USERS, Writer};
use crate::user::User;
use crate::user_pool::{Pool, pool};
use crate::vault::Vault;
use crate::{spent, user};

/// What sessions are sealed for.
const SESSION: &str = "session";

/// Wrong answers after which a session is worth nothing. The service's number is not known.
const ATTEMPTS: u32 = 5;

/// A session. No Debug: it holds a code.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Session {
    id: String,
    /// The pool's id: AssociateSoftwareToken names nothing else.
    pub(crate) pool: String,
    pub(crate) client: String,
    /// The user's key.
    user: String,
    sub: String,
    /// The challenge that it answers.
    pub(crate) challenge: String,
    /// Milliseconds since 1970.
    until: i64,
    /// The code that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    second: bool,
    device_shown: bool,
    /// Whether it is a page's.
    #[serde(default)]
    hosted: bool,
    /// Of CUSTOM_AUTH.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) custom: Option<Custom>,
}

impl Session {
    pub(super) fn new(call: &Call, progress: &Progress, challenge: &str, code: Option<String>) -> Session {
        Session {
            id: identifier::uuid(),
            pool: progress.app.pool_id.clone(),
            client: progress.app.id.clone(),
            user: user::key(&progress.app.pool, progress.user.name()),
            sub: progress.user.attribute("sub").unwrap_or_default().to_owned(),
            challenge: challenge.to_owned(),
            until: call.now + progress.app.session_validity(),
            code,
            device: progress.device.clone(),
            second: progress.second,
            device_shown: progress.device_shown,
            hosted: progress.hosted,
            custom: None,
        }
    }

    /// As the client carries it: the pool's short id in front, so that it can be found without naming it.
    pub(crate) fn sealed(&self, keys: &Keys) -> Answer<String> {
        Ok(format!("{}.{}", self.pool, encryption::encrypt(&keys.sealing, SESSION, self)?))
    }

    /// This session with what CUSTOM_AUTH needs.
    pub(super) fn with(self, custom: Custom) -> Session {
        Session { custom: Some(custom), ..self }
    }

    /// The same session as an answer to another challenge.
    pub(crate) fn turned(self, challenge: &str) -> Session {
        Session { id: identifier::uuid(), challenge: challenge.to_owned(), ..self }
    }

    /// The user, as the store has it now.
    pub(crate) fn user(&self, reader: &dyn Reader) -> Answer<User> {
        let user: Option<User> = reader.get(USERS, &self.pool, &self.user)?;
        match user.filter(|user| user.attribute("sub") == Some(&self.sub)) {
            Some(user) if user.is_enabled() => Ok(user),
            Some(_) => crate::forms::refusal::DISABLED.refuse(),
            None => SESSION_INVALID.refuse(),
        }
    }

    /// The sign-in where it stood.
    pub(crate) fn progress(&self, app: App, user: User) -> Progress {
        let Session { device, second, device_shown, hosted, .. } = self.clone();
        Progress { device, second, device_shown, hosted, ..Progress::new(app, user, None) }
    }

    /// Whether it is the client's, and for the request's challenge.
    pub(super) fn answers(&self, call: &Call, app: &App) -> bool {
        self.client == app.id && self.pool == app.pool_id && self.challenge == call.text("ChallengeName")
    }

    /// Whether it is that of a user of this name.
    pub(super) fn is_of_user(&self, pool: &Pool, name: &str) -> bool {
        self.user == user::key(pool, name)
    }

    /// Whether it is the client's and not over.
    pub(super) fn is_of(&self, call: &Call, app: &App) -> bool {
        self.client == app.id && call.now <= self.until
    }

    /// Uses the session up; refuses when it was used before.
    pub(crate) fn spend(&self, call: &Call, writer: &mut Writer) -> Answer<()> {
        if spent::spend(call, writer, &self.pool, self.until, &self.id)? { Ok(()) } else { SESSION_INVALID.refuse() }
    }

    /// As [`Session::spend`], in a transaction of its own.
    pub(crate) fn spend_now(&self, call: &Call, vault: &Vault) -> Answer<()> {
        vault.write(|writer| self.spend(call, writer))
    }

    /// Counts a wrong answer.
    pub(crate) fn fail(&self, call: &Call, vault: &Vault) -> Answer<()> {
        vault.write(|writer| {
            let known = spent::look_up(writer.reader(), &self.pool, self.until, &self.id)?;
            let failures = known.failures + 1;
            let at = if failures >= ATTEMPTS { call.now } else { known.at };
            spent::keep(call, writer, &self.pool, self.until, &self.id, Use { at, failures })
        })
    }
}

/// The session of a request, whatever it answers. Refused when it is none, was used, or is over, and when it is of a page
/// and shown to the API, or the other way round.
pub(crate) fn open_session(call: &Call, vault: &Vault) -> Answer<Session> {
    let Some(text) = call.body.text("Session") else { return SESSION_MISSING.refuse() };
    let Some((pool_id, sealed)) = text.split_once('.') else { return SESSION_INVALID.refuse() };
    otherwise(vault.read(|reader| pool(reader, pool_id)), &SESSION_INVALID)?;
    let keys = vault.keys(pool_id)?;
    let Some(session) = encryption::decrypt::<Session>(&keys.sealing, SESSION, sealed) else {
        return SESSION_INVALID.refuse();
    };
    if session.pool != pool_id || session.hosted != call.hosted {
        return SESSION_INVALID.refuse();
    }
    if call.now > session.until {
        return SESSION_EXPIRED.refuse();
    }
    let known = vault.read(|reader| spent::look_up(reader, pool_id, session.until, &session.id))?;
    if known.at != 0 {
        return SESSION_INVALID.refuse();
    }
    Ok(session)
}

/// The session that answers the request's challenge for its client, and its user.
pub(crate) fn expect_session(call: &Call, vault: &Vault, app: &App) -> Answer<(Session, User)> {
    let session = open_session(call, vault)?;
    if !session.answers(call, app) {
        return SESSION_INVALID.refuse();
    }
    let user = vault.read(|reader| session.user(reader))?;
    // The name may be any of the user's, but must be the user's.
    let responses = call.body.object("ChallengeResponses");
    let name = responses.and_then(|responses| responses.text("USERNAME")).unwrap_or_default();
    let found = vault.read(|reader| user::find(reader, (&app.pool_id, &app.pool), name))?;
    if found.is_none_or(|found| found.name() != user.name()) {
        return SESSION_INVALID.refuse();
    }
    Ok((session, user))
}
