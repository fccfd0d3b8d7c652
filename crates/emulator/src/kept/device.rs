//! Devices of users, as kept.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::forms::clock::stamp;
use crate::forms::members::{Members, in_model_order, only};
use crate::forms::refusal::Answer;
use crate::kept::keys::Keys;
use crate::kept::pool::Pool;
use crate::kept::session::Session;
use crate::kept::shelf::DEVICES;
use crate::kept::store::{Reader, Writer};

/// A device as kept. No Debug.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Device {
    pub(crate) key: String,
    pub(crate) name: Option<String>,
    /// Hex.
    pub(crate) salt: String,
    /// Hex.
    pub(crate) verifier: String,
    /// Whether the user said that it shall be remembered.
    pub(crate) remembered: bool,
    pub(crate) created: i64,
    pub(crate) modified: i64,
    pub(crate) used: i64,
    /// A sign-in that waits for the device to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) waiting: Option<Session>,
}

impl Device {
    /// Whether it is asked to show itself: where users are asked first, after they said so.
    pub(crate) fn is_remembered(&self, pool: &Pool) -> bool {
        self.remembered || !asks(pool)
    }

    /// DeviceType
    pub(crate) fn shown(&self, pool: &Pool) -> Json {
        let mut attributes = vec![json!({
            "Name": "device_status",
            "Value": if self.is_remembered(pool) { "remembered" } else { "not_remembered" },
        })];
        attributes.extend(self.name.iter().map(|name| json!({"Name": "device_name", "Value": name})));
        let mut answer = only("DeviceKey", self.key.as_str());
        for (name, value) in [
            ("DeviceAttributes", Json::Array(attributes)),
            ("DeviceCreateDate", stamp(self.created)),
            ("DeviceLastModifiedDate", stamp(self.modified)),
            ("DeviceLastAuthenticatedDate", stamp(self.used)),
        ] {
            answer.insert(name.to_owned(), value);
        }
        Json::Object(in_model_order("DeviceType", answer))
    }
}

/// DeviceOnlyRememberedOnUserPrompt
pub(crate) fn asks(pool: &Pool) -> bool {
    let tracking = pool.answer.object("DeviceConfiguration");
    tracking.and_then(|tracking| tracking.flag("DeviceOnlyRememberedOnUserPrompt")) == Some(true)
}

pub(crate) fn place(user_key: &str, device: &str) -> String {
    format!("{user_key}\n{device}")
}

/// A device of a user.
pub(crate) fn find(reader: &dyn Reader, pool_id: &str, user_key: &str, device: &str) -> Answer<Option<Device>> {
    reader.get(DEVICES, pool_id, &place(user_key, device))
}

/// Writes a device of a user.
pub(crate) fn keep(writer: &mut Writer, pool_id: &str, user_key: &str, device: &Device) -> Answer<()> {
    writer.put(DEVICES, pool_id, &place(user_key, &device.key), device)
}

/// Forgets a device of a user.
pub(crate) fn forget_one(writer: &mut Writer, pool_id: &str, user_key: &str, device: &str) -> Answer<()> {
    writer.remove(DEVICES, pool_id, &place(user_key, device)).map(|_| ())
}

/// Forgets all devices of a user.
pub(crate) fn forget_all(writer: &mut Writer, pool_id: &str, user_key: &str) -> Answer<()> {
    for key in keys_of(writer.reader(), pool_id, user_key, None, usize::MAX)?.0 {
        forget_one(writer, pool_id, user_key, &key)?;
    }
    Ok(())
}

/// Keys of a user's devices after one, and whether there are more.
pub(crate) fn keys_of(
    reader: &dyn Reader,
    pool_id: &str,
    user_key: &str,
    after: Option<&str>,
    limit: usize,
) -> Answer<(Vec<String>, bool)> {
    let prefix = place(user_key, "");
    let mut keys = Vec::new();
    let mut more = false;
    reader.visit(DEVICES, pool_id, Some(after.unwrap_or(&prefix)), &mut |name, _| {
        let Some(key) = name.strip_prefix(&prefix) else { return Ok(false) };
        more = keys.len() == limit;
        if !more {
            keys.push(key.to_owned());
        }
        Ok(!more)
    })?;
    Ok((keys, more))
}

/// The key of a device's group: a dash and eight letters or digits [AdminInitiateAuth.2022-07.device], made of the
/// device's key so that nothing needs to be kept before the device is confirmed.
pub(crate) fn group_key(keys: &Keys, device: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &keys.encryption);
    let tag = STANDARD.encode(hmac::sign(&key, device.as_bytes()));
    let letters: String = tag.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    format!("-{letters}")
}
