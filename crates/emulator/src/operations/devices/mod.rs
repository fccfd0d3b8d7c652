//! Devices of users: ConfirmDevice, UpdateDeviceStatus, GetDevice, ListDevices, ForgetDevice, and the same for
//! administrators.
//!
//! A sign-in in a pool that tracks devices gives the client a key; ConfirmDevice keeps the verifier of a secret that the
//! client made for it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poolform_model::Object;
use serde_json::{Value as Json, json};

use crate::forms::members::{Members, only};
use crate::forms::refusal::{Answer, DEVICE_EXISTS, DEVICE_INVALID, DEVICE_UNKNOWN, NO_TRACKING};
use crate::kept::device::{Device, asks, find, forget_one, keep, keys_of, place};
use crate::kept::pool::Pool;
use crate::kept::store::{Reader, Writer};
use crate::kept::vault::Vault;
use crate::kept::{paging, user};
use crate::operations::run::Operation;
use crate::operations::run::Run::{Read, Steps, Write};
use crate::rules::call::Call;
use crate::rules::token;
use crate::rules::user::named_user;

/// The operations of the family.
pub(crate) const OPERATIONS: &[Operation] = &[
    ("ConfirmDevice", Steps(confirm)),
    ("UpdateDeviceStatus", Steps(update_status)),
    ("GetDevice", Steps(get)),
    ("ListDevices", Steps(list)),
    ("ForgetDevice", Steps(forget)),
    ("AdminUpdateDeviceStatus", Write(admin_update_status)),
    ("AdminGetDevice", Read(admin_get)),
    ("AdminListDevices", Read(admin_list)),
    ("AdminForgetDevice", Write(admin_forget)),
];

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
        let (pool, user) = named_user(call, reader)?;
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
fn confirm(call: &Call, vault: &Vault) -> Answer {
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
fn update_status(call: &Call, vault: &Vault) -> Answer {
    let (owner, _) = Owner::bearer(call, vault)?;
    vault.write(|writer| owner.set_status(call, writer))
}

/// GetDevice
fn get(call: &Call, vault: &Vault) -> Answer {
    let (owner, _) = Owner::bearer(call, vault)?;
    vault.read(|reader| owner.show(call, reader))
}

/// ListDevices
fn list(call: &Call, vault: &Vault) -> Answer {
    let (owner, _) = Owner::bearer(call, vault)?;
    vault.read(|reader| owner.list(call, reader))
}

/// ForgetDevice
fn forget(call: &Call, vault: &Vault) -> Answer {
    let (owner, _) = Owner::bearer(call, vault)?;
    vault.write(|writer| owner.forget(call, writer))
}

/// AdminUpdateDeviceStatus
fn admin_update_status(call: &Call, writer: &mut Writer) -> Answer {
    Owner::named(call, writer.reader())?.set_status(call, writer)
}

/// AdminGetDevice
fn admin_get(call: &Call, reader: &dyn Reader) -> Answer {
    Owner::named(call, reader)?.show(call, reader)
}

/// AdminListDevices
fn admin_list(call: &Call, reader: &dyn Reader) -> Answer {
    Owner::named(call, reader)?.list(call, reader)
}

/// AdminForgetDevice
fn admin_forget(call: &Call, writer: &mut Writer) -> Answer {
    Owner::named(call, writer.reader())?.forget(call, writer)
}
