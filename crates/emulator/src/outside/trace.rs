//! The last requests and how they ended, for whoever looks at the inspector. Kept in memory, without bodies: what is named
//! is the operation, the pool, the client and the user.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use poolform_model::{Object, Refusal};
use serde::Serialize;

use crate::forms::clock;
use crate::forms::members::Members;
use crate::outside::trigger::LeftOut;

/// Requests that are kept; the oldest go first.
const KEPT: usize = 500;

/// One request.
#[derive(Clone, Serialize)]
pub(crate) struct Entry {
    /// `2026-11-24T06:00:00.000Z`
    pub(crate) at: String,
    pub(crate) operation: String,
    /// Whether a person on a page of a domain made it.
    pub(crate) page: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    /// What a sign-in came to: `signed in`, or the name of the challenge. Of a call of a trigger, that it was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<String>,
    /// The code of a refusal, and its words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<(String, String)>,
}

impl Entry {
    /// Whether it is a step of a sign-in.
    pub(crate) fn is_sign_in(&self) -> bool {
        matches!(
            self.operation.as_str(),
            "InitiateAuth" | "AdminInitiateAuth" | "RespondToAuthChallenge" | "AdminRespondToAuthChallenge" | SIGN_IN
        )
    }
}

/// What a sign-in comes to that is done.
pub(crate) const SIGNED_IN: &str = "signed in";

/// The name of a sign-in on a page, which is no operation of the API.
pub(crate) const SIGN_IN: &str = "sign-in";

/// The last requests, newest first.
#[derive(Default)]
pub(crate) struct Trace(Mutex<VecDeque<Entry>>);

impl Trace {
    /// Keeps a request, and what it came to or why it was refused.
    pub(crate) fn note(
        &self,
        now: i64,
        operation: &str,
        body: &Object,
        page: bool,
        outcome: Result<Option<&str>, &Refusal>,
    ) {
        let named = |text: Option<&str>| text.map(|text| text.chars().take(256).collect::<String>());
        let user = body.text("Username").or_else(|| {
            let parameters = body.object("AuthParameters").or(body.object("ChallengeResponses"));
            parameters.and_then(|parameters| parameters.text("USERNAME"))
        });
        let entry = Entry {
            at: clock::iso(now),
            operation: operation.to_owned(),
            page,
            pool: named(body.text("UserPoolId")),
            client: named(body.text("ClientId")),
            user: named(user),
            outcome: outcome.ok().flatten().map(str::to_owned),
            refused: outcome.err().map(|refusal| (refusal.code.clone(), refusal.message.clone())),
        };
        self.keep(entry);
    }

    /// Keeps a request to a domain and the answer's status; of a refusal its name.
    pub(crate) fn note_domain(
        &self,
        now: i64,
        what: String,
        pool: &str,
        client: Option<&str>,
        refused: Option<(u16, String)>,
    ) {
        self.keep(Entry {
            at: clock::iso(now),
            operation: what,
            page: false,
            pool: Some(pool.to_owned()),
            client: client.map(str::to_owned),
            user: None,
            outcome: None,
            refused: refused.map(|(status, name)| (status.to_string(), name)),
        });
    }

    /// Keeps a call of a trigger that was not made.
    pub(crate) fn note_left_out(&self, now: i64, left_out: &LeftOut, client: Option<String>) {
        self.keep(Entry {
            at: clock::iso(now),
            operation: left_out.source.clone(),
            page: false,
            pool: Some(left_out.pool.clone()),
            client,
            user: Some(left_out.user.clone()),
            outcome: Some(format!("left out; -trigger {}=http://… calls it", left_out.option)),
            refused: None,
        });
    }

    fn keep(&self, entry: Entry) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(KEPT - 1);
        kept.push_front(entry);
    }

    /// Those that `keep` picks.
    pub(crate) fn list(&self, keep: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|entry| keep(entry)).cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_newest_are_kept_without_what_is_secret() {
        let trace = Trace::default();
        let body = json!({"ClientId": "c", "AuthParameters": {"USERNAME": "anna", "PASSWORD": "Secret-pass-1"}});
        for _ in 0..KEPT + 10 {
            trace.note(0, "InitiateAuth", body.as_object().unwrap(), false, Ok(None));
        }
        trace.note(
            1,
            "InitiateAuth",
            body.as_object().unwrap(),
            false,
            Err(&crate::forms::refusal::WRONG_PASSWORD.with(&[])),
        );
        let kept = trace.list(|_| true);
        assert_eq!(kept.len(), KEPT);
        assert_eq!(kept[0].refused.as_ref().unwrap().0, "NotAuthorizedException");
        assert_eq!(kept[0].user.as_deref(), Some("anna"));
        assert!(!serde_json::to_string(&kept).unwrap().contains("Secret-pass-1"));
    }
}
