//! Devices of users: ConfirmDevice, UpdateDeviceStatus, GetDevice, ListDevices, ForgetDevice, and the same for
//! administrators.
//!
//! A sign-in in a pool that tracks devices gives the client a key; ConfirmDevice keeps the verifier of a secret that the
//! client made for it.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poolform_model::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::Call;
use crate::forms::clock::stamp;
use crate::forms::members::{Members, in_model_order, only};
use crate::forms::refusal::{Answer, DEVICE_EXISTS, DEVICE_INVALID, DEVICE_UNKNOWN, NO_TRACKING};
use crate::kept::session::Session;
use crate::keys::Keys;
use crate::store::{DEVICES, Reader, Writer};
use crate::user_pool::Pool;
use crate::vault::Vault;
use crate::{paging, token, user};

/// A device as kept. No Debug.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Device {
    pub(crate) key: String,
    name: Option<String>,
    /// Hex.
    pub(crate) salt: String,
    /// Hex.
    pub(crate) verifier: String,
    /// Whether the user said that it shall be remembered.
    remembered: bool,
    created: i64,
    modified: i64,
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
    fn shown(&self, pool: &Pool) -> Json {
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
fn asks(pool: &Pool) -> bool {
    let tracking = pool.answer.object("DeviceConfiguration");
    tracking.and_then(|tracking| tracking.flag("DeviceOnlyRememberedOnUserPrompt")) == Some(true)
}

/// The key of a device's group: a dash and eight letters or digits [AdminInitiateAuth.2022-07.device], made of the
/// device's key so that nothing needs to be kept before the device is confirmed.
pub(crate) fn group_key(keys: &Keys, device: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &keys.encryption);
    let tag = STANDARD.encode(hmac::sign(&key, device.as_bytes()));
    let letters: String = tag.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    format!("-{letters}")
}

fn place(user_key: &str, device: &str) -> String {
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
fn keys_of(
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

/// Whose device a request is about: a pool and a user.
struct Owner {
    pool_id: String,
    pool: Pool,
    key: String,
}

impl Owner {
    /// The bearer of the access token.
    fn bearer(call: &Call, vault: &Vault) -> Answer<(Owner, Json)> {
        let access = token::access(call, vault)?;
        let key = user::key(&access.app.pool, access.user.name());
        let owner = Owner { pool_id: access.app.pool_id, pool: access.app.pool, key };
        owner.expect_tracking()?;
        Ok((owner, access.claims))
    }

    /// The user that an administrator names.
    fn named(call: &Call, reader: &dyn Reader) -> Answer<Owner> {
        let (pool, user) = user::named(call, reader)?;
        let owner = Owner { pool_id: call.pool_id().to_owned(), key: user::key(&pool, user.name()), pool };
        owner.expect_tracking()?;
        Ok(owner)
    }

    fn expect_tracking(&self) -> Answer<()> {
        if self.pool.answer.contains_key("DeviceConfiguration") { Ok(()) } else { NO_TRACKING.refuse() }
    }

    fn device(&self, call: &Call, reader: &dyn Reader) -> Answer<Device> {
        let found = find(reader, &self.pool_id, &self.key, call.text("DeviceKey"))?;
        found.map_or_else(|| DEVICE_UNKNOWN.refuse(), Ok)
    }

    fn show(&self, call: &Call, reader: &dyn Reader) -> Answer {
        Ok(only("Device", self.device(call, reader)?.shown(&self.pool)))
    }

    fn list(&self, call: &Call, reader: &dyn Reader) -> Answer {
        let after = call.body.text("PaginationToken").map(|token| paging::name_in(token, &self.pool_id)).transpose()?;
        let (keys, more) = keys_of(reader, &self.pool_id, &self.key, after.as_deref(), call.limit("Limit", 60))?;
        let mut devices = Vec::new();
        for key in &keys {
            let found = find(reader, &self.pool_id, &self.key, key)?;
            devices.extend(found.map(|device| device.shown(&self.pool)));
        }
        let mut answer = only("Devices", devices);
        if let (true, Some(last)) = (more, keys.last()) {
            let token = paging::token(&self.pool_id, &place(&self.key, last));
            answer.insert("PaginationToken".to_owned(), json!(token));
        }
        Ok(answer)
    }

    fn forget(&self, call: &Call, writer: &mut Writer) -> Answer {
        let device = self.device(call, writer.reader())?;
        forget_one(writer, &self.pool_id, &self.key, &device.key)?;
        Ok(Object::new())
    }

    fn set_status(&self, call: &Call, writer: &mut Writer) -> Answer {
        let mut device = self.device(call, writer.reader())?;
        device.remembered = call.body.text("DeviceRememberedStatus") == Some("remembered");
        device.modified = call.now;
        keep(writer, &self.pool_id, &self.key, &device)?;
        Ok(Object::new())
    }
}

/// ConfirmDevice: of the device that the access token belongs to.
pub(crate) fn confirm(call: &Call, vault: &Vault) -> Answer {
    let (owner, claims) = Owner::bearer(call, vault)?;
    let key = call.text("DeviceKey");
    if claims.text("device_key") != Some(key) {
        return DEVICE_INVALID.refuse();
    }
    let config = call.body.object("DeviceSecretVerifierConfig");
    let hex = |name: &str| -> Option<String> {
        let bytes = STANDARD.decode(config?.text(name)?).ok().filter(|bytes| !bytes.is_empty())?;
        Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    };
    let (Some(salt), Some(verifier)) = (hex("Salt"), hex("PasswordVerifier")) else { return DEVICE_INVALID.refuse() };
    let device = Device {
        key: key.to_owned(),
        name: call.body.text("DeviceName").map(str::to_owned),
        salt,
        verifier,
        remembered: false,
        created: call.now,
        modified: call.now,
        used: call.now,
        waiting: None,
    };
    vault.write(|writer| {
        if find(writer.reader(), &owner.pool_id, &owner.key, key)?.is_some() {
            return DEVICE_EXISTS.refuse();
        }
        keep(writer, &owner.pool_id, &owner.key, &device)
    })?;
    Ok(only("UserConfirmationNecessary", asks(&owner.pool)))
}

/// UpdateDeviceStatus
pub(crate) fn update_status(call: &Call, vault: &Vault) -> Answer {
    let (owner, _) = Owner::bearer(call, vault)?;
    vault.write(|writer| owner.set_status(call, writer))
}

/// GetDevice
pub(crate) fn get(call: &Call, vault: &Vault) -> Answer {
    let (owner, _) = Owner::bearer(call, vault)?;
    vault.read(|reader| owner.show(call, reader))
}

/// ListDevices
pub(crate) fn list(call: &Call, vault: &Vault) -> Answer {
    let (owner, _) = Owner::bearer(call, vault)?;
    vault.read(|reader| owner.list(call, reader))
}

/// ForgetDevice
pub(crate) fn forget(call: &Call, vault: &Vault) -> Answer {
    let (owner, _) = Owner::bearer(call, vault)?;
    vault.write(|writer| owner.forget(call, writer))
}

/// AdminUpdateDeviceStatus
pub(crate) fn admin_update_status(call: &Call, writer: &mut Writer) -> Answer {
    Owner::named(call, writer.reader())?.set_status(call, writer)
}

/// AdminGetDevice
pub(crate) fn admin_get(call: &Call, reader: &dyn Reader) -> Answer {
    Owner::named(call, reader)?.show(call, reader)
}

/// AdminListDevices
pub(crate) fn admin_list(call: &Call, reader: &dyn Reader) -> Answer {
    Owner::named(call, reader)?.list(call, reader)
}

/// AdminForgetDevice
pub(crate) fn admin_forget(call: &Call, writer: &mut Writer) -> Answer {
    Owner::named(call, writer.reader())?.forget(call, writer)
}
