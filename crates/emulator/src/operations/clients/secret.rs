//! Secrets of clients one by one: AddUserPoolClientSecret, ListUserPoolClientSecrets, DeleteUserPoolClientSecret.
//!
//! Two at most, for rotation without an interruption. The value is answered once, and only when the service made it (API
//! reference). A client whose secrets were rotated no longer shows one in DescribeUserPoolClient: so say two projects
//! that use it (2026), nothing is recorded.

use poolform_model::Object;
use serde_json::Value as Json;

use crate::forms::identifier;
use crate::forms::members::{Members, only};
use crate::forms::refusal::{Answer, LAST_SECRET, NO_SECRET, SECRET_OF_PUBLIC, SECRETS_FULL};
use crate::kept::client::Secret;
use crate::kept::shelf::CLIENTS;
use crate::kept::store::{Reader, Writer};
use crate::rules::call::Call;

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
