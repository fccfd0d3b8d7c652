//! The secret of the server between two steps of SRP: SECRET_BLOCK. The client carries it, encrypted, and it is good for one
//! use.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::forms::refusal::{Answer, SRP_VALUE, fault};
use crate::forms::{encryption, identifier, srp};
use crate::kept::keys::Keys;
use crate::kept::one_time;
use crate::kept::session::Session;
use crate::kept::vault::Vault;
use crate::rules::app_client::AppClient;
use crate::rules::call::Call;

/// Hex digits of the server's secret: 256 bits.
const SECRET: usize = 64;

/// What is in a secret block. No Debug.
#[derive(Deserialize, Serialize)]
pub(super) struct SecretBlock {
    id: String,
    client: String,
    /// The user's name; for a user who is not there one that could be. For a device its key.
    pub(super) who: String,
    /// The name that was given. Of users who are there too: a block must be as long for them as for nobody.
    #[serde(default)]
    pub(super) given: String,
    /// A, as the client sent it.
    value: String,
    /// b
    secret: String,
    until: i64,
    /// The sign-in that goes on when a device has been shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<Session>,
}

impl SecretBlock {
    pub(super) fn new(call: &Call, app: &AppClient, who: &str, value: &str) -> Answer<SecretBlock> {
        if srp::public_value(value).is_none() {
            return SRP_VALUE.refuse();
        }
        Ok(SecretBlock {
            id: identifier::uuid(),
            client: app.id.clone(),
            who: who.to_owned(),
            given: String::new(),
            value: value.to_owned(),
            secret: identifier::hex(SECRET),
            until: call.now + app.session_validity(),
            after: None,
        })
    }

    /// This block, of a name that was given.
    pub(super) fn given(self, name: &str) -> SecretBlock {
        SecretBlock { given: name.to_owned(), ..self }
    }

    /// This block, and a sign-in that goes on after it.
    pub(super) fn after(self, session: Session) -> SecretBlock {
        SecretBlock { after: Some(session), ..self }
    }

    /// B for a verifier.
    pub(super) fn server_value(&self, verifier: &str) -> Answer<String> {
        srp::server_value(verifier, &self.secret).ok_or_else(|| fault("a verifier cannot be read"))
    }

    /// As the challenge carries it: standard base64.
    pub(super) fn encrypted(&self, keys: &Keys, purpose: &str) -> Answer<String> {
        let bytes = serde_json::to_vec(self).map_err(fault)?;
        Ok(STANDARD.encode(encryption::encrypt_bytes(&keys.encryption, purpose, &bytes)?))
    }

    /// A block of the client that is still good, and is spent with this.
    pub(super) fn open(
        call: &Call,
        vault: &Vault,
        app: &AppClient,
        purpose: &str,
        encrypted: &str,
    ) -> Answer<Option<(SecretBlock, Vec<u8>)>> {
        let keys = vault.keys(&app.pool_id)?;
        let Ok(bytes) = STANDARD.decode(encrypted) else { return Ok(None) };
        let Some(block) = encryption::decrypt_bytes::<SecretBlock>(&keys.encryption, purpose, &bytes) else {
            return Ok(None);
        };
        if block.client != app.id || call.now > block.until {
            return Ok(None);
        }
        let fresh = vault.write(|writer| one_time::use_up(writer, call.now, &app.pool_id, block.until, &block.id))?;
        Ok(fresh.then_some((block, bytes)))
    }

    /// Whether a claim signature shows the password: over who, block and time stamp.
    pub(super) fn is_shown(&self, group: &str, verifier: &str, bytes: &[u8], stamp: &str, signature: &str) -> bool {
        let Some(value) = srp::public_value(&self.value) else { return false };
        let Some(key) = srp::key(&value, verifier, &self.secret) else { return false };
        let signature = STANDARD.decode(signature).unwrap_or_default();
        srp::is_signed(&key, &[group.as_bytes(), self.who.as_bytes(), bytes, stamp.as_bytes()], &signature)
    }
}
