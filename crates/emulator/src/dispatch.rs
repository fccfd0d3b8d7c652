//! From an operation's name to the function that carries it out: one table, from which everything else about what is
//! built follows.

use poolform_model::{Refusal, Request, operation};

use crate::call::{Answer, Call};
use crate::members::without_nulls;
use crate::refusal::NOT_BUILT;
use crate::store::{Look, Store, Writing};
use crate::{
    Options, client, client_secret, domain, group, identity_provider, mfa, resource_server, schema, tags, user,
    user_pool, validation,
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
    Read(fn(&Call, &dyn Look) -> Answer),
    Write(fn(&Call, &mut Writing) -> Answer),
}

use Run::{Read, Write};

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
    ("AdminCreateUser", Write(user::create)),
    ("AdminGetUser", Read(user::get)),
    ("AdminDeleteUser", Write(user::delete)),
    ("ListUsers", Read(user::list)),
];

/// The operations that work, with what they do to the store.
pub fn implemented() -> impl Iterator<Item = (&'static str, Reach)> {
    OPERATIONS.iter().map(|(name, run)| {
        let reach = match run {
            Read(_) => Reach::Reads,
            Write(_) => Reach::Writes,
        };
        (*name, reach)
    })
}

/// Carries out a request: limits of the model, then what it names, then rules.
pub(crate) fn call(store: &Store, options: &Options, request: &Request) -> Answer {
    let Some(operation) = operation(&request.operation) else {
        return Err(Refusal::new("UnknownOperationException", ""));
    };
    let Some((_, run)) = OPERATIONS.iter().find(|(name, _)| *name == operation.name) else {
        return Err(NOT_BUILT.with(&[&operation.name]));
    };
    let mut body = without_nulls(&request.body);
    validation::complete(operation, &mut body);
    validation::check(operation, &body)?;
    let call = Call { body: &body, options, now: options.clock.now() };
    match run {
        Read(read) => store.read(|look| read(&call, look)),
        Write(write) => store.write(|writing| write(&call, writing)),
    }
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
