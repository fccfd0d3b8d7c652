//! How many of everything there may be.

use crate::forms::refusal::{Answer, QUOTA};

/// The quotas of an account. The defaults are AWS's (Service Quotas and the developer guide, service rules C6); those of
/// an account can be raised on request, these here by setting them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// User pools of an account in a Region: 1,000.
    pub user_pools: u64,
    /// App clients of a pool: 1,000.
    pub clients: u64,
    /// Identity providers of a pool: 300.
    pub identity_providers: u64,
    /// Resource servers of a pool: 25.
    pub resource_servers: u64,
    /// Groups of a pool: 10,000.
    pub groups: u64,
    /// Groups that a user is in: 100.
    pub groups_of_user: u64,
    /// Custom attributes of a pool: 50.
    pub custom_attributes: u64,
    /// Custom domains of an account: 4.
    pub custom_domains: u64,
    /// Tags of a pool: 50.
    pub tags: u64,
    /// Secrets of a client: 2.
    pub client_secrets: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Quotas {
            user_pools: 1_000,
            clients: 1_000,
            identity_providers: 300,
            resource_servers: 25,
            groups: 10_000,
            groups_of_user: 100,
            custom_attributes: 50,
            custom_domains: 4,
            tags: 50,
            client_secrets: 2,
        }
    }
}

/// Refuses when `count` of `what` would be more than `quota`.
pub(crate) fn expect_room(count: u64, quota: u64, what: &str) -> Answer<()> {
    if count > quota { Err(QUOTA.with(&[&quota.to_string(), what])) } else { Ok(()) }
}
