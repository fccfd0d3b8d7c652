//! Secrets of clients one by one: AddUserPoolClientSecret, ListUserPoolClientSecrets, DeleteUserPoolClientSecret.
//!
//! Two at most, for rotation without an interruption. The value is answered once, and only when the service made it (API
//! reference). A client whose secrets were rotated no longer shows one in DescribeUserPoolClient: so say two projects
//! that use it (2026), nothing is recorded.

use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::Call;
use crate::forms::clock::stamp;
use crate::forms::identifier;
use crate::forms::members::{Members, only};
use crate::forms::refusal::{Answer, LAST_SECRET, NO_SECRET, SECRET_OF_PUBLIC, SECRETS_FULL};
use crate::store::{CLIENTS, Reader, Writer};

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

    fn shown(&self, with_value: bool) -> Json {
        let mut answer = only("ClientSecretId", self.id.as_str());
        if with_value {
            answer.insert("ClientSecretValue".to_owned(), json!(self.value));
        }
        answer.insert("ClientSecretCreateDate".to_owned(), stamp(self.created));
        Json::Object(answer)
    }
}

/// AddUserPoolClientSecret
pub(crate) fn add(call: &Call, writer: &mut Writer) -> Answer {
    let mut client = call.named_client(writer.reader())?;
    let id = call.text("ClientId");
    if !client.is_confidential() {
        return Err(SECRET_OF_PUBLIC.with(&[id]));
    }
    if client.secrets.len() as u64 >= call.quotas.client_secrets {
        return SECRETS_FULL.refuse();
    }
    let given = call.body.text("ClientSecret");
    let value = given.map_or_else(identifier::secret, str::to_owned);
    // Ids carry the time; two secrets of one millisecond must differ.
    let newest = client.secrets.iter().map(|secret| secret.created).max().unwrap_or_default();
    let secret = Secret::new(id, value, call.now.max(newest + 1));
    let shown = secret.shown(given.is_none());
    client.secrets.push(secret);
    client.rotated = true;
    writer.put(CLIENTS, call.pool_id(), id, &client)?;
    Ok(only("ClientSecretDescriptor", shown))
}

/// ListUserPoolClientSecrets: ids and dates, never values.
pub(crate) fn list(call: &Call, reader: &dyn Reader) -> Answer {
    let client = call.named_client(reader)?;
    let shown: Vec<Json> = client.secrets.iter().map(|secret| secret.shown(false)).collect();
    Ok(only("ClientSecrets", shown))
}

/// DeleteUserPoolClientSecret
pub(crate) fn delete(call: &Call, writer: &mut Writer) -> Answer {
    let mut client = call.named_client(writer.reader())?;
    let id = call.text("ClientSecretId");
    let Some(at) = client.secrets.iter().position(|secret| secret.id == id) else {
        return Err(NO_SECRET.with(&[id]));
    };
    if client.secrets.len() == 1 {
        return LAST_SECRET.refuse();
    }
    client.secrets.remove(at);
    client.rotated = true;
    writer.put(CLIENTS, call.pool_id(), call.text("ClientId"), &client)?;
    Ok(Object::new())
}
