//! One resource by itself, as a Terraform provider plans and applies it.

use std::collections::BTreeMap;

use poolform_value::Diagnostics;
use serde_json::Value as Json;

use super::{Permissions, Plan, Request, plan};
use crate::check::{Checked, Defect};
use crate::declaration::Declaration;
use crate::kinds::{self, Kind};
use crate::resource::{Address, Desired, Observed, Recorded};

/// The address of the pool that a resource by itself belongs to. Terraform does not tell providers its own addresses.
const POOL: &str = "module.pool";

/// One resource and what is known of it, in the shape in which plans are made and run.
#[derive(Clone, Debug)]
pub struct Alone {
    /// Its address.
    pub address: Address,
    /// What the state remembers: of the resource, and of its pool.
    pub recorded: BTreeMap<Address, Recorded>,
    /// What Cognito answered about it. Its pool is taken to be there.
    pub observed: BTreeMap<Address, Observed>,
    declarations: Vec<Declaration>,
}

impl Alone {
    /// The address of a resource of a kind.
    pub fn address(kind: &Kind) -> Address {
        kind.address(POOL, "")
    }

    /// A resource that ought to exist as `desired` says, or to go where that is None. `pool` is the id of the pool that a
    /// part belongs to.
    pub fn new(
        kind: &Kind,
        desired: Option<Desired>,
        recorded: Option<Recorded>,
        observed: Option<Observed>,
        pool: Option<&str>,
    ) -> Alone {
        let address = Alone::address(kind);
        let mut alone = Alone {
            address: address.clone(),
            recorded: recorded.into_iter().map(|recorded| (address.clone(), recorded)).collect(),
            observed: observed.into_iter().map(|observed| (address.clone(), observed)).collect(),
            declarations: Vec::new(),
        };
        if let Some(pool) = pool.filter(|_| !kind.is_pool()) {
            let identity = BTreeMap::from([("UserPoolId".to_owned(), pool.to_owned())]);
            let recorded = Recorded { kind: kinds::pool().name.to_owned(), identity, ..Recorded::default() };
            alone.recorded.insert(POOL.to_owned(), recorded);
            alone.observed.insert(POOL.to_owned(), Observed::default());
        }
        alone.declarations.extend(desired.map(|desired| Declaration {
            address: POOL.to_owned(),
            enabled: true,
            desired: vec![desired],
            own_tags: Json::Null,
        }));
        alone
    }

    /// What the caller has judged: where `allowed`, every removal and replacement of it.
    fn permissions(&self, allowed: bool) -> Permissions {
        let mut permissions = Permissions::default();
        if allowed {
            permissions.delete.insert(self.address.clone());
            permissions.replace.insert(self.address.clone());
        }
        permissions
    }

    /// The plan for it, checked, so that it can be carried out; its defects where there are any.
    pub fn checked(&self, plan: Plan, allowed: bool) -> Result<Checked, Vec<Defect>> {
        Checked::new(plan, &self.permissions(allowed), &self.recorded)
    }

    /// The plan for it, and for nothing else of its pool. What it allows, the caller has judged: every removal and
    /// replacement that `allowed` permits.
    pub fn plan(&self, allowed: bool) -> (Plan, Diagnostics) {
        let permissions = self.permissions(allowed);
        plan(&Request {
            declarations: &self.declarations,
            recorded: &self.recorded,
            observed: &self.observed,
            permissions: &permissions,
            targets: std::slice::from_ref(&self.address),
            triggered: &BTreeMap::new(),
        })
    }
}
