//! The plan: which requests, in which order, and why. A complete value; whoever applies it chooses nothing.
//!
//! What one address takes is in `address`, requests before they have a place in `draft`, their order in `order`, the way
//! back in `restore`.

mod address;
mod alone;
mod draft;
mod order;
mod restore;
mod siblings;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use poolform_model::Object;
use poolform_value::{Diagnostics, Subject};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use crate::address::{call_of, instance_of, within};
use crate::change::{self, Action, Change};
use crate::declaration::{Declaration, kind_of};
use crate::kinds::KINDS;
use crate::resource::{Address, Desired, Form, Observed, Recorded};
use crate::terraform::block::in_resource_words;
use address::One;
pub use alone::Alone;
pub(crate) use draft::{Draft, Drafting, part};
pub(crate) use order::Phase;
use order::place;
pub use restore::{Kept, keep, restore};
pub(crate) use siblings::Siblings;

/// The layout of a plan's JSON.
pub const VERSION: u32 = 2;

/// A member of a request that an earlier step gives: the identity of another address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hole {
    /// The member, at the root of the body.
    pub member: String,
    /// Whose identity has a member of that name.
    pub address: Address,
}

/// A read that is repeated until what it answers has come true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Until {
    /// Path in the answer.
    pub path: String,
    /// What it must become.
    pub is: String,
    /// What it must never become.
    pub fails: String,
}

/// One request of a plan.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Whose.
    pub address: Address,
    /// The address of its pool.
    pub pool: Address,
    /// The name of its kind.
    pub kind: String,
    /// `CreateUserPool`
    pub operation: String,
    /// The body, complete but for the holes.
    pub body: Object,
    /// What earlier steps give.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<Hole>,
    /// The steps that must have succeeded, by position in the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<usize>,
    /// Why it is there.
    pub why: String,
    /// Repeat until this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
    /// Whether the answer names something new whose identity must be kept at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub remembers: bool,
    /// Addresses that are gone once it has succeeded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forgets: Vec<Address>,
    /// Paths in the body that are secret.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub secret: BTreeSet<String>,
}

/// Never shows the body of a step that carries a secret.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body =
            if self.secret.is_empty() { Json::Object(self.body.clone()).to_string() } else { "(sensitive)".to_owned() };
        write!(f, "{} {} {body} after {:?}", self.address, self.operation, self.after)
    }
}

/// What is lost when a pool goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stake {
    /// The pool.
    pub address: Address,
    /// Its name.
    pub name: String,
    /// Whether it has any user that is not declared; None when nobody asked.
    pub users: Option<bool>,
    /// Declared users that it has.
    #[serde(default, skip_serializing_if = "is_none")]
    pub declared_users: usize,
    /// Cognito's estimate, which lags.
    pub estimated_users: u64,
    /// App clients that go with it.
    pub clients: usize,
    /// Its domain.
    pub domain: Option<String>,
    /// Whether deletion protection is on.
    pub protected: bool,
    /// A pool that comes in the same plan, for which this one may only have another address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<Address>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Layout.
    pub version: u32,
    /// Per address, parents first.
    pub changes: Vec<Change>,
    /// In an order in which they could be done one by one.
    pub steps: Vec<Step>,
    /// What the state will remember of each address once its steps have succeeded, identity apart.
    pub records: BTreeMap<Address, Recorded>,
    /// What is lost.
    pub stakes: Vec<Stake>,
    /// Per address, the paths of settings that the files mark as sensitive, entries of maps as `PATH["KEY"]`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hidden: BTreeMap<Address, BTreeSet<String>>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether any step carries a secret.
    pub fn has_secrets(&self) -> bool {
        self.steps.iter().any(|step| !step.secret.is_empty())
    }

    /// The paths of an address whose values must never be shown.
    pub fn hidden(&self, address: &str) -> BTreeSet<String> {
        self.hidden.get(address).cloned().unwrap_or_default()
    }

    /// How many addresses an action happens to.
    pub fn count(&self, action: Action) -> usize {
        self.changes.iter().filter(|change| change.action == action).count()
    }
}

/// What the operator has allowed by name.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// Pools with users that may be deleted.
    pub delete: BTreeSet<Address>,
    /// Pools and clients that may be replaced.
    pub replace: BTreeSet<Address>,
}

/// Everything a plan is made of.
pub struct Request<'a> {
    /// What the files declare.
    pub declarations: &'a [Declaration],
    /// What the state remembers.
    pub recorded: &'a BTreeMap<Address, Recorded>,
    /// What Cognito answered about what is recorded; absent when it is not there any more.
    pub observed: &'a BTreeMap<Address, Observed>,
    /// What is allowed.
    pub permissions: &'a Permissions,
    /// Only these addresses and what they need; empty for all.
    pub targets: &'a [String],
    /// What is to be replaced because something else changes, and what that is.
    pub triggered: &'a BTreeMap<Address, String>,
}

/// Whether `address` is one of `targets` or lies below one.
fn targeted(targets: &[String], address: &str) -> bool {
    targets.is_empty() || targets.iter().any(|target| within(address, target))
}

/// What the state will remember of a declaration, identity apart.
pub fn records(declarations: &[Declaration]) -> BTreeMap<Address, Recorded> {
    let desired = declarations.iter().flat_map(|declaration| &declaration.desired);
    desired
        .filter_map(|desired| Some((desired.address.clone(), change::record(kind_of(desired.kind)?, desired))))
        .collect()
}

/// Makes the plan. With errors among the diagnostics the plan must not be applied.
pub fn plan(request: &Request<'_>) -> (Plan, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut plan = Plan { version: VERSION, ..Plan::default() };
    let mut drafts: Vec<(Address, Draft)> = Vec::new();
    let desired: BTreeMap<&str, &Desired> = request
        .declarations
        .iter()
        .flat_map(|declaration| &declaration.desired)
        .map(|desired| (desired.address.as_str(), desired))
        .collect();
    let mut addresses: Vec<(usize, &str)> = desired
        .iter()
        .map(|(address, desired)| (order(desired.kind), *address))
        .chain(request.recorded.iter().map(|(address, recorded)| (order(&recorded.kind), address.as_str())))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    let wanted: BTreeSet<&str> = addresses
        .iter()
        .map(|(_, address)| *address)
        .filter(|address| {
            let goes_with = |recorded: &Recorded| {
                let pool = recorded.pool_of(address);
                !desired.contains_key(pool) && !desired.contains_key(address) && targeted(request.targets, pool)
            };
            targeted(request.targets, address)
                // A part goes with its pool, wherever it is declared.
                || request.recorded.get(*address).is_some_and(goes_with)
                // A part needs its pool.
                || desired.contains_key(address)
                    && request.targets.iter().any(|target| {
                        desired.values().any(|part| part.pool == **address && targeted(std::slice::from_ref(target), &part.address))
                            || target.strip_prefix(address).is_some_and(|rest| rest.starts_with('.'))
                    })
        })
        .collect();
    let one = |address| One {
        address,
        desired: desired.get(address).copied(),
        recorded: request.recorded.get(address),
        observed: request.observed.get(address),
    };
    // A pool that is replaced takes all its parts along, whatever the targets.
    let replaced: BTreeSet<&str> =
        wanted.iter().copied().filter(|address| one(*address).is_a_pool_to_replace(request)).collect();
    let wanted = addresses
        .iter()
        .map(|(_, address)| *address)
        .filter(|address| wanted.contains(address) || replaced.contains(one(address).pool()));
    let mut removals: Vec<(Address, Draft)> = Vec::new();
    let of_desired = desired.iter().map(|(address, desired)| (*address, change::hidden(desired)));
    let of_recorded = request.recorded.iter().map(|(address, recorded)| (address.as_str(), recorded.hidden.clone()));
    for (address, hidden) in of_desired.chain(of_recorded).filter(|(_, hidden)| !hidden.is_empty()) {
        plan.hidden.entry(address.to_owned()).or_default().extend(hidden);
    }
    for address in wanted {
        let one = one(address);
        let resolved = one.with_ids(request, &plan);
        let one = One { desired: resolved.as_ref().or(one.desired), ..one };
        if replaced.contains(one.pool()) {
            one.replace(request, &desired, &mut plan, &mut removals, &mut drafts, &mut diagnostics);
        } else {
            one.plan(request, &desired, &mut plan, &mut drafts, &mut diagnostics);
        }
    }
    KINDS.iter().for_each(|kind| kind.rules.arrange(&mut drafts, request));
    // The old pools go before the new ones come: their domains may be wanted again.
    place(removals, &mut plan);
    place(drafts, &mut plan);
    // Rules speak of the module's arguments; resources have other names for them.
    for diagnostic in &mut diagnostics.0 {
        let (Some(Subject::Argument(about, _)) | Some(Subject::Address(about))) = &diagnostic.subject else { continue };
        if desired.get(about.as_str()).is_some_and(|desired| desired.form == Form::Resource) {
            diagnostic.detail = in_resource_words(&diagnostic.detail);
        }
    }
    (plan, diagnostics)
}

fn order(kind: &str) -> usize {
    KINDS.iter().position(|each| each.name == kind).unwrap_or(KINDS.len())
}
