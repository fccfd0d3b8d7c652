//! What is asked: one folder for each family of operations, one function for each operation.
//!
//! The table of all operations is made of the families' own. Everything else about what is built follows from it, the page
//! of operations too.

pub(crate) mod branding;
pub(crate) mod clients;
pub(crate) mod devices;
pub(crate) mod domains;
pub(crate) mod factors;
pub(crate) mod groups;
pub(crate) mod identity_providers;
pub(crate) mod log_delivery;
pub(crate) mod pools;
pub(crate) mod resource_servers;
pub(crate) mod run;
pub(crate) mod sign_in;
pub(crate) mod threat_protection;
pub(crate) mod tokens;
pub(crate) mod users;

use crate::operations::run::{Operation, Reach};

/// The families.
const FAMILIES: &[&[Operation]] = &[
    pools::OPERATIONS,
    clients::OPERATIONS,
    domains::OPERATIONS,
    resource_servers::OPERATIONS,
    groups::OPERATIONS,
    identity_providers::OPERATIONS,
    users::OPERATIONS,
    sign_in::OPERATIONS,
    tokens::OPERATIONS,
    factors::OPERATIONS,
    devices::OPERATIONS,
    branding::OPERATIONS,
    threat_protection::OPERATIONS,
    log_delivery::OPERATIONS,
];

/// An operation that works, by its name.
pub(crate) fn find(name: &str) -> Option<&'static run::Run> {
    FAMILIES.iter().copied().flatten().find(|(known, _)| *known == name).map(|(_, run)| run)
}

/// The operations that work, with what they do to the store.
pub fn implemented() -> impl Iterator<Item = (&'static str, Reach)> {
    FAMILIES.iter().copied().flatten().map(|(name, run)| (*name, run.reach()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_an_operation_of_the_model_and_once() {
        let mut seen = std::collections::BTreeSet::new();
        for (name, _) in implemented() {
            assert!(poolform_model::operation(name).is_some(), "{name}");
            assert!(seen.insert(name), "{name} is there twice");
        }
    }
}
