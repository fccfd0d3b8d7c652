//! How far a sign-in has got, and what is said on its way.

use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::identifier;
use crate::forms::members::Members;
use crate::forms::refusal::{Answer, NO_PARAMETER};
use crate::kept::session::Session;
use crate::kept::user::{self, User};
use crate::kept::vault::Vault;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;

/// A sign-in on its way.
pub(crate) struct Progress {
    pub(crate) app: AppClient,
    pub(crate) user: User,
    /// The device that the client says it is.
    pub(crate) device: Option<String>,
    /// Whether the second factor has been shown, or the device that stands for it.
    pub(crate) second: bool,
    /// Whether the device has been shown.
    pub(crate) device_shown: bool,
    /// Whether it takes place on the pages of a domain, which go on with a code of their own.
    pub(crate) hosted: bool,
    /// Whether a new password has just been set.
    pub(crate) new_password: bool,
}

/// What a step of a sign-in comes to.
pub(super) enum Step {
    /// The client is asked for something.
    Asks(Object),
    /// The sign-in has got so far; what comes next is for `next` to say.
    Reaches(Box<Progress>),
    /// Nothing more is asked: the pool's own triggers say so.
    Ends(Box<Progress>),
}

/// A parameter of AuthParameters or ChallengeResponses that must be there.
pub(crate) fn parameter<'a>(parameters: Option<&'a Object>, name: &str) -> Answer<&'a str> {
    match parameters.and_then(|parameters| parameters.text(name)) {
        Some(value) => Ok(value),
        None => Err(NO_PARAMETER.with(&[name])),
    }
}

impl Progress {
    pub(super) fn new(app: AppClient, user: User, device: Option<String>) -> Progress {
        Progress { app, user, device, second: false, device_shown: false, hosted: false, new_password: false }
    }

    /// A sign-in where its session says that it stood.
    pub(super) fn resumed(session: &Session, app: AppClient, user: User) -> Progress {
        let Session { device, second, device_shown, hosted, .. } = session.clone();
        Progress { device, second, device_shown, hosted, ..Progress::new(app, user, None) }
    }

    /// The session in which what has been done is carried to the answer of a challenge.
    pub(super) fn session(&self, call: &Call, challenge: &str, code: Option<String>) -> Session {
        Session {
            id: identifier::uuid(),
            pool: self.app.pool_id.clone(),
            client: self.app.id.clone(),
            user: user::key(&self.app.pool, self.user.name()),
            sub: self.user.attribute("sub").unwrap_or_default().to_owned(),
            challenge: challenge.to_owned(),
            until: call.now + self.app.session_validity(),
            code,
            set_up: false,
            device: self.device.clone(),
            second: self.second,
            device_shown: self.device_shown,
            hosted: self.hosted,
            custom: None,
        }
    }

    /// A challenge, with what has been done in its session.
    pub(super) fn challenge(
        &self,
        call: &Call,
        vault: &Vault,
        name: &str,
        parameters: Object,
        code: Option<String>,
    ) -> Answer {
        let keys = vault.keys(&self.app.pool_id)?;
        let session = self.session(call, name, code).encrypted(&keys)?;
        Ok(challenged(name, parameters, Some(session)))
    }
}

/// The answer that carries a challenge.
pub(crate) fn challenged(name: &str, parameters: Object, session: Option<String>) -> Object {
    let mut answer = Object::new();
    answer.insert("ChallengeName".to_owned(), json!(name));
    if let Some(session) = session {
        answer.insert("Session".to_owned(), json!(session));
    }
    answer.insert("ChallengeParameters".to_owned(), Json::Object(parameters));
    answer
}
