//! From an operation's name to the function that carries it out: one table, from which everything else about what is
//! built follows.

use poolform_model::{Object, Operation, Refusal, Request, operation};

use crate::call::Call;
use crate::effects::{Effects, Outside};
use crate::forms::identifier;
use crate::forms::members::{Members, without_nulls};
use crate::forms::refusal::{Answer, NOT_BUILT};
use crate::kept::store::{Reader, Writer};
use crate::kept::vault::Vault;
use crate::sign_in::refresh;
use crate::trace::SIGNED_IN;
use crate::transaction::Transaction;
use crate::user::{admin, factor, list, own, recovery, sign_up};
use crate::{
    Emulator, Options, client, client_secret, device, domain, group, identity_provider, membership, mfa,
    resource_server, schema, sign_in, tags, user_pool, validation,
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
    /// It looks at the store as of one moment.
    Read(fn(&Call, &dyn Reader) -> Answer),
    /// It changes the store in one transaction, and reaches nothing else.
    Write(fn(&Call, &mut Writer) -> Answer),
    /// It changes the store in one transaction, calls triggers and sends messages.
    Transact(fn(&Call, &mut Transaction) -> Answer),
    /// In steps of its own, with what is kept: what takes long, hashing and signing, happens outside of transactions.
    Keep(fn(&Call, &Vault) -> Answer),
    /// In steps of its own, and it reaches what is outside.
    Reach(fn(&Call, &Effects) -> Answer),
}

use Run::{Keep, Read, Transact, Write};

/// The operations that work.
const OPERATIONS: &[(&str, Run)] = &[
    ("CreateUserPool", Write(user_pool::create)),
    ("DescribeUserPool", Read(user_pool::describe)),
    ("UpdateUserPool", Write(user_pool::update)),
    ("DeleteUserPool", Keep(user_pool::delete)),
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
    ("AdminCreateUser", Transact(admin::create)),
    ("AdminGetUser", Read(admin::get)),
    ("AdminDeleteUser", Write(admin::delete)),
    ("AdminConfirmSignUp", Transact(admin::confirm)),
    ("AdminSetUserPassword", Write(admin::set_password)),
    ("AdminResetUserPassword", Transact(admin::reset_password)),
    ("AdminEnableUser", Write(admin::enable)),
    ("AdminDisableUser", Write(admin::disable)),
    ("AdminUpdateUserAttributes", Transact(admin::update_attributes)),
    ("AdminDeleteUserAttributes", Write(admin::delete_attributes)),
    ("ListUsers", Read(list::list)),
    ("AdminAddUserToGroup", Write(membership::add)),
    ("AdminRemoveUserFromGroup", Write(membership::remove)),
    ("AdminListGroupsForUser", Read(membership::groups_of_user)),
    ("ListUsersInGroup", Read(membership::users_in_group)),
    ("SignUp", Run::Reach(sign_up::sign_up)),
    ("ConfirmSignUp", Transact(sign_up::confirm)),
    ("ResendConfirmationCode", Transact(sign_up::resend)),
    ("ForgotPassword", Transact(recovery::forgot)),
    ("ConfirmForgotPassword", Transact(recovery::confirm)),
    ("InitiateAuth", Run::Reach(sign_in::initiate)),
    ("AdminInitiateAuth", Run::Reach(sign_in::admin_initiate)),
    ("RespondToAuthChallenge", Run::Reach(sign_in::respond)),
    ("AdminRespondToAuthChallenge", Run::Reach(sign_in::admin_respond)),
    ("GetTokensFromRefreshToken", Run::Reach(refresh::get_tokens)),
    ("RevokeToken", Keep(refresh::revoke)),
    ("GlobalSignOut", Keep(own::sign_out)),
    ("AdminUserGlobalSignOut", Write(admin::sign_out)),
    ("GetUser", Keep(own::get)),
    ("UpdateUserAttributes", Run::Reach(own::update)),
    ("DeleteUserAttributes", Keep(own::delete_attributes)),
    ("GetUserAttributeVerificationCode", Run::Reach(own::send_code)),
    ("VerifyUserAttribute", Keep(own::verify)),
    ("ChangePassword", Keep(own::change_password)),
    ("DeleteUser", Keep(own::delete)),
    ("GetUserAuthFactors", Keep(own::auth_factors)),
    ("AdminGetUserAuthFactors", Read(factor::admin_auth_factors)),
    ("AssociateSoftwareToken", Keep(factor::associate)),
    ("VerifySoftwareToken", Keep(factor::verify)),
    ("SetUserMFAPreference", Keep(factor::set_preference)),
    ("AdminSetUserMFAPreference", Write(factor::admin_set_preference)),
    ("AdminDeleteSoftwareToken", Write(factor::admin_delete_totp)),
    ("ConfirmDevice", Keep(device::confirm)),
    ("UpdateDeviceStatus", Keep(device::update_status)),
    ("GetDevice", Keep(device::get)),
    ("ListDevices", Keep(device::list)),
    ("ForgetDevice", Keep(device::forget)),
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
            Write(_) | Transact(_) | Keep(_) | Run::Reach(_) => Reach::Writes,
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
    let outcome = answer.as_ref().map(|answer| {
        let done = answer.contains_key("AuthenticationResult");
        if done { Some(SIGNED_IN) } else { answer.text("ChallengeName") }
    });
    emulator.trace.note(emulator.options.clock.now(), name, body, hosted, outcome);
    answer
}

fn carried_out(emulator: &Emulator, name: &str, body: &Object, id: &str, hosted: bool) -> Answer {
    let Some(operation) = operation(name) else {
        return Err(Refusal::new("UnknownOperationException", ""));
    };
    let Some((_, run)) = OPERATIONS.iter().find(|(name, _)| *name == operation.name) else {
        return Err(NOT_BUILT.with(&[&operation.name]));
    };
    let mut body = without_nulls(body);
    validation::complete(operation, &mut body);
    validation::check(operation, &body)?;
    with_call(emulator, Some(operation), &body, id, hosted, |call, effects| match run {
        Read(read) => effects.read(|reader| read(call, reader)),
        Write(write) => effects.write(|writer| write(call, writer)),
        Transact(transact) => effects.transact(call, |transaction| transact(call, transaction)),
        Keep(keep) => keep(call, effects),
        Run::Reach(reach) => reach(call, effects),
    })
}

/// Does what is no operation of the API: requests to a domain.
pub(crate) fn outside<T>(emulator: &Emulator, body: &Object, run: impl FnOnce(&Call, &Effects) -> T) -> T {
    with_call(emulator, None, body, &identifier::uuid(), true, run)
}

/// Runs with all that a request may need.
fn with_call<T>(
    emulator: &Emulator,
    operation: Option<&'static Operation>,
    body: &Object,
    id: &str,
    hosted: bool,
    run: impl FnOnce(&Call, &Effects) -> T,
) -> T {
    let issuer = emulator.issuer();
    let Options { region, account, quotas, omission, clock, outbox, triggers, providers, durability: _ } =
        &emulator.options;
    let call = Call {
        operation,
        body,
        region,
        account,
        quotas,
        omission: *omission,
        now: clock.now(),
        id,
        hosted,
        issuer: &issuer,
        on_behalf: None,
    };
    let vault = Vault { store: &emulator.store, key_ring: &emulator.keys };
    let outside = Outside { triggers, outbox, providers, trace: &emulator.trace };
    run(&call, &Effects { vault, outside })
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
