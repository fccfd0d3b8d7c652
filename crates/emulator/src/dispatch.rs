//! From an operation's name to the function that carries it out: one table, from which everything else about what is
//! built follows.

use std::cell::RefCell;

use poolform_model::{Object, Operation, Refusal, Request, operation};

use crate::call::{Answer, Call};
use crate::identifier;
use crate::members::without_nulls;
use crate::refusal::NOT_BUILT;
use crate::sign_in::{self, refresh};
use crate::store::{Reader, Store, Writer};
use crate::user::{admin, factor, list, own, recovery, sign_up};
use crate::{
    Emulator, client, client_secret, device, domain, group, identity_provider, membership, mfa, resource_server,
    schema, tags, user_pool, validation,
};

/// What an operation does to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It looks.
    Reads,
    /// It changes something, in one transaction.
    Writes,
}

enum Run {
    Read(fn(&Call, &dyn Reader) -> Answer),
    Write(fn(&Call, &mut Writer) -> Answer),
    /// In steps of its own: what takes long, hashing and signing, happens outside of transactions.
    Steps(fn(&Call, &Store) -> Answer),
}

use Run::{Read, Steps, Write};

/// The operations that work.
const OPERATIONS: &[(&str, Run)] = &[
    ("CreateUserPool", Write(user_pool::create)),
    ("DescribeUserPool", Read(user_pool::describe)),
    ("UpdateUserPool", Write(user_pool::update)),
    ("DeleteUserPool", Write(user_pool::delete)),
    ("ListUserPools", Read(user_pool::list)),
    ("AddCustomAttributes", Write(schema::add)),
    ("GetUserPoolMfaConfig", Read(mfa::get)),
    ("SetUserPoolMfaConfig", Write(mfa::set)),
    ("CreateUserPoolClient", Write(client::create)),
    ("DescribeUserPoolClient", Read(client::describe)),
    ("UpdateUserPoolClient", Write(client::update)),
    ("DeleteUserPoolClient", Write(client::delete)),
    ("ListUserPoolClients", Read(client::list)),
    ("AddUserPoolClientSecret", Write(client_secret::add)),
    ("ListUserPoolClientSecrets", Read(client_secret::list)),
    ("DeleteUserPoolClientSecret", Write(client_secret::delete)),
    ("CreateUserPoolDomain", Write(domain::create)),
    ("DescribeUserPoolDomain", Read(domain::describe)),
    ("UpdateUserPoolDomain", Write(domain::update)),
    ("DeleteUserPoolDomain", Write(domain::delete)),
    ("CreateResourceServer", Write(resource_server::create)),
    ("DescribeResourceServer", Read(resource_server::describe)),
    ("UpdateResourceServer", Write(resource_server::update)),
    ("DeleteResourceServer", Write(resource_server::delete)),
    ("ListResourceServers", Read(resource_server::list)),
    ("CreateGroup", Write(group::create)),
    ("GetGroup", Read(group::get)),
    ("UpdateGroup", Write(group::update)),
    ("DeleteGroup", Write(group::delete)),
    ("ListGroups", Read(group::list)),
    ("CreateIdentityProvider", Write(identity_provider::create)),
    ("DescribeIdentityProvider", Read(identity_provider::describe)),
    ("GetIdentityProviderByIdentifier", Read(identity_provider::by_identifier)),
    ("UpdateIdentityProvider", Write(identity_provider::update)),
    ("DeleteIdentityProvider", Write(identity_provider::delete)),
    ("ListIdentityProviders", Read(identity_provider::list)),
    ("TagResource", Write(tags::tag)),
    ("UntagResource", Write(tags::untag)),
    ("ListTagsForResource", Read(tags::list)),
    ("AdminCreateUser", Write(admin::create)),
    ("AdminGetUser", Read(admin::get)),
    ("AdminDeleteUser", Write(admin::delete)),
    ("AdminConfirmSignUp", Write(admin::confirm)),
    ("AdminSetUserPassword", Write(admin::set_password)),
    ("AdminResetUserPassword", Write(admin::reset_password)),
    ("AdminEnableUser", Write(admin::enable)),
    ("AdminDisableUser", Write(admin::disable)),
    ("AdminUpdateUserAttributes", Write(admin::update_attributes)),
    ("AdminDeleteUserAttributes", Write(admin::delete_attributes)),
    ("ListUsers", Read(list::list)),
    ("AdminAddUserToGroup", Write(membership::add)),
    ("AdminRemoveUserFromGroup", Write(membership::remove)),
    ("AdminListGroupsForUser", Read(membership::groups_of_user)),
    ("ListUsersInGroup", Read(membership::users_in_group)),
    ("SignUp", Steps(sign_up::sign_up)),
    ("ConfirmSignUp", Write(sign_up::confirm)),
    ("ResendConfirmationCode", Write(sign_up::resend)),
    ("ForgotPassword", Write(recovery::forgot)),
    ("ConfirmForgotPassword", Write(recovery::confirm)),
    ("InitiateAuth", Steps(sign_in::initiate)),
    ("AdminInitiateAuth", Steps(sign_in::admin_initiate)),
    ("RespondToAuthChallenge", Steps(sign_in::respond)),
    ("AdminRespondToAuthChallenge", Steps(sign_in::admin_respond)),
    ("GetTokensFromRefreshToken", Steps(refresh::get_tokens)),
    ("RevokeToken", Steps(refresh::revoke)),
    ("GlobalSignOut", Steps(own::sign_out)),
    ("AdminUserGlobalSignOut", Write(admin::sign_out)),
    ("GetUser", Steps(own::get)),
    ("UpdateUserAttributes", Steps(own::update)),
    ("DeleteUserAttributes", Steps(own::delete_attributes)),
    ("GetUserAttributeVerificationCode", Steps(own::send_code)),
    ("VerifyUserAttribute", Steps(own::verify)),
    ("ChangePassword", Steps(own::change_password)),
    ("DeleteUser", Steps(own::delete)),
    ("GetUserAuthFactors", Steps(own::auth_factors)),
    ("AdminGetUserAuthFactors", Read(factor::admin_auth_factors)),
    ("AssociateSoftwareToken", Steps(factor::associate)),
    ("VerifySoftwareToken", Steps(factor::verify)),
    ("SetUserMFAPreference", Steps(factor::set_preference)),
    ("AdminSetUserMFAPreference", Write(factor::admin_set_preference)),
    ("AdminDeleteSoftwareToken", Write(factor::admin_delete_totp)),
    ("ConfirmDevice", Steps(device::confirm)),
    ("UpdateDeviceStatus", Steps(device::update_status)),
    ("GetDevice", Steps(device::get)),
    ("ListDevices", Steps(device::list)),
    ("ForgetDevice", Steps(device::forget)),
    ("AdminUpdateDeviceStatus", Write(device::admin_update_status)),
    ("AdminGetDevice", Read(device::admin_get)),
    ("AdminListDevices", Read(device::admin_list)),
    ("AdminForgetDevice", Write(device::admin_forget)),
];

/// The operations that work, with what they do to the store.
pub fn implemented() -> impl Iterator<Item = (&'static str, Reach)> {
    OPERATIONS.iter().map(|(name, run)| {
        let reach = match run {
            Read(_) => Reach::Reads,
            Write(_) | Steps(_) => Reach::Writes,
        };
        (*name, reach)
    })
}

/// Carries out a request: limits of the model, then what it names, then rules.
pub(crate) fn call(emulator: &Emulator, request: &Request, id: &str) -> Answer {
    checked(emulator, &request.operation, &request.body, id, false)
}

/// The same for a person on a page of a domain.
pub(crate) fn from_page(emulator: &Emulator, operation: &str, body: &Object) -> Answer {
    checked(emulator, operation, body, &identifier::uuid(), true)
}

fn checked(emulator: &Emulator, name: &str, body: &Object, id: &str, hosted: bool) -> Answer {
    let answer = carried_out(emulator, name, body, id, hosted);
    emulator.trace.note(emulator.options.clock.now(), name, body, hosted, &answer);
    answer
}

fn carried_out(emulator: &Emulator, name: &str, body: &Object, id: &str, hosted: bool) -> Answer {
    let store = &*emulator.store;
    let Some(operation) = operation(name) else {
        return Err(Refusal::new("UnknownOperationException", ""));
    };
    let Some((_, run)) = OPERATIONS.iter().find(|(name, _)| *name == operation.name) else {
        return Err(NOT_BUILT.with(&[&operation.name]));
    };
    let mut body = without_nulls(body);
    validation::complete(operation, &mut body);
    validation::check(operation, &body)?;
    with_call(emulator, Some(operation), &body, id, hosted, |call| match run {
        Read(read) => store.read(|reader| read(call, reader)),
        Write(write) => call.write(store, |writer| write(call, writer)),
        Steps(steps) => steps(call, store),
    })
}

/// Does what is no operation of the API: requests to a domain.
pub(crate) fn outside<T>(emulator: &Emulator, body: &Object, run: impl FnOnce(&Call, &Store) -> T) -> T {
    with_call(emulator, None, body, &identifier::uuid(), true, |call| run(call, &emulator.store))
}

/// Runs with all that a request needs, and tells of the messages that were kept and of the triggers that were left out.
fn with_call<T>(
    emulator: &Emulator,
    operation: Option<&'static Operation>,
    body: &Object,
    id: &str,
    hosted: bool,
    run: impl FnOnce(&Call) -> T,
) -> T {
    let issuer = emulator.issuer();
    let options = &emulator.options;
    let call = Call {
        operation,
        body,
        options,
        now: options.clock.now(),
        id,
        hosted,
        issuer: &issuer,
        keys: &emulator.keys,
        sent: RefCell::default(),
        left_out: RefCell::default(),
        replay: RefCell::default(),
    };
    let outcome = run(&call);
    for left_out in call.left_out.take() {
        options.triggers.say(&left_out);
        emulator.trace.note_left_out(call.now, &left_out, call.client());
    }
    for message in call.sent.take() {
        options.outbox.tell(&message);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_an_operation_of_the_model_and_once() {
        let mut seen = std::collections::BTreeSet::new();
        for (name, _) in implemented() {
            assert!(operation(name).is_some(), "{name}");
            assert!(seen.insert(name), "{name} is there twice");
        }
    }
}
