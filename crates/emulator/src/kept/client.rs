//! App clients and their secrets, as kept.

use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::forms::clock::stamp;
use crate::forms::identifier;
use crate::forms::members::only;

/// A client as it is kept. No Debug: it holds secrets.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Client {
    /// The members of UserPoolClientType, but for ClientSecret.
    pub(crate) answer: Object,
    /// Its secrets, oldest first; none for a public client.
    pub(crate) secrets: Vec<Secret>,
    /// Whether secrets were added or removed one by one: such a client no longer shows its secret (reports of 2026, see
    /// `client_secret`).
    #[serde(default)]
    pub(crate) rotated: bool,
}

impl Client {
    /// Whether it has a secret.
    pub(crate) fn is_confidential(&self) -> bool {
        !self.secrets.is_empty()
    }
}

/// A secret. No Debug.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Secret {
    /// `CLIENT--TIME`
    pub(crate) id: String,
    pub(crate) value: String,
    /// When it was made, milliseconds since 1970.
    pub(crate) created: i64,
}

impl Secret {
    pub(crate) fn new(client: &str, value: String, now: i64) -> Self {
        Secret { id: identifier::secret_id(client, now), value, created: now }
    }

    pub(crate) fn shown(&self, with_value: bool) -> Json {
        let mut answer = only("ClientSecretId", self.id.as_str());
        if with_value {
            answer.insert("ClientSecretValue".to_owned(), json!(self.value));
        }
        answer.insert("ClientSecretCreateDate".to_owned(), stamp(self.created));
        Json::Object(answer)
    }
}
