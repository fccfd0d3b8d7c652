//! A check of finished plans by code that did not make them: what must never be in one, whatever made it.

pub mod advice;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use poolform_model::{Constraint, Step, operation, shape, violations};
use serde_json::Value as Json;

use crate::change::Action;
use crate::kinds::{Replacement, kind, pool};
use crate::plan::{Permissions, Plan};
use crate::resource::{Address, Recorded};

/// A defect of a plan. Each is a mistake of poolform, never of its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// A step waits for itself or for a later one.
    Order(usize),
    /// A step takes an identity that neither the state nor an earlier step that it waits for gives.
    Hole(usize, String),
    /// A body breaks a limit of the API model.
    Body(usize, String),
    /// A pool is deleted, or anything replaced, without permission.
    Permission(String),
    /// A pool is deleted before everything else of it is over.
    PoolTooEarly(usize),
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Defect::Order(step) => write!(f, "step {step} waits for a later one"),
            Defect::Hole(step, member) => write!(f, "step {step} has no {member}"),
            Defect::Body(step, what) => write!(f, "step {step} has a body that Cognito refuses: {what}"),
            Defect::Permission(address) => write!(f, "{address} goes without permission"),
            Defect::PoolTooEarly(step) => write!(f, "step {step} deletes a pool before the rest of it is over"),
        }
    }
}

/// A plan that has been checked. Whoever carries plans out takes nothing else, and [`Checked::new`] is the only way to one.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked(Plan);

impl Checked {
    /// The plan, where nothing is wrong with it; its defects otherwise. `recorded` is what the state remembers.
    pub fn new(
        plan: Plan,
        permissions: &Permissions,
        recorded: &BTreeMap<Address, Recorded>,
    ) -> Result<Checked, Vec<Defect>> {
        let found = defects(&plan, permissions, recorded);
        if found.is_empty() { Ok(Checked(plan)) } else { Err(found) }
    }

    /// The plan itself, for keeping it in a file.
    pub fn into_plan(self) -> Plan {
        self.0
    }
}

impl Deref for Checked {
    type Target = Plan;

    fn deref(&self) -> &Plan {
        &self.0
    }
}

/// Every defect of `plan`. `recorded` is what the state remembers.
pub fn defects(plan: &Plan, permissions: &Permissions, recorded: &BTreeMap<Address, Recorded>) -> Vec<Defect> {
    let mut found = Vec::new();
    for (position, step) in plan.steps.iter().enumerate() {
        if step.after.iter().any(|earlier| *earlier >= position) {
            found.push(Defect::Order(position));
        }
        let mut body = step.body.clone();
        for hole in &step.holes {
            // What this plan makes anew has another identity than the one that is remembered.
            let made_here = plan.steps.iter().any(|each| each.remembers && each.address == hole.address);
            let known = recorded.get(&hole.address).is_some_and(|each| each.identity.contains_key(&hole.member));
            if !(known && !made_here || waits_for_creation(plan, position, &hole.address)) {
                found.push(Defect::Hole(position, hole.member.clone()));
            }
            // Anything that fits the patterns of ids: a pool's, and all others.
            let id = if hole.member == "UserPoolId" { "us-east-1_000000000" } else { "00000000000000000000000000" };
            body.insert(hole.member.clone(), Json::String(id.to_owned()));
        }
        if let Some(input) = operation(&step.operation).and_then(|operation| shape(operation.input)) {
            for violation in violations(input, &Json::Object(body)) {
                // A custom domain, for one, is no prefix, and the model's pattern is for prefixes.
                let beyond = matches!(violation.path.as_slice(), [Step::Member(name)]
                    if kind(&step.kind).is_some_and(|kind| kind.beyond_model.contains(&name.as_str())));
                // What Cognito has and the model does not is sent back as it came.
                let newer = violation.constraint == Constraint::Unknown
                    && kind(&step.kind).is_some_and(|kind| kind.update == step.operation);
                if !(newer || beyond) {
                    found.push(Defect::Body(position, format!("{:?}: {}", violation.path, violation.constraint)));
                }
            }
        }
        if step.operation == pool().delete {
            let others =
                plan.steps.iter().enumerate().filter(|(other, each)| *other != position && each.pool == step.address);
            for (other, _) in others {
                // What comes after a pool is of its successor.
                if !step.after.contains(&other) && !waits_for(plan, other, position) {
                    found.push(Defect::PoolTooEarly(position));
                }
            }
        }
    }
    for stake in &plan.stakes {
        let precious = stake.users != Some(false) || stake.protected && stake.successor.is_some();
        if precious && !permissions.delete.contains(&stake.address) {
            found.push(Defect::Permission(stake.address.clone()));
        }
    }
    let replaced =
        |address: &str| plan.changes.iter().any(|change| change.address == address && change.action == Action::Replace);
    // Others make room only because their own name changes.
    let by_name = |name: &str| kind(name).is_some_and(|kind| kind.replacement != Replacement::Named);
    for change in plan.changes.iter().filter(|change| change.action == Action::Replace && !by_name(&change.kind)) {
        // A pool that may be replaced takes its parts along.
        let pool = change.pool.as_str();
        let with_its_pool = replaced(pool) && permissions.replace.contains(pool);
        if !with_its_pool && !permissions.replace.contains(&change.address) {
            found.push(Defect::Permission(change.address.clone()));
        }
    }
    found
}

fn waits_for(plan: &Plan, position: usize, wanted: usize) -> bool {
    let mut open: Vec<usize> = plan.steps[position].after.clone();
    while let Some(step) = open.pop() {
        if step == wanted {
            return true;
        }
        if step < position {
            open.extend(plan.steps[step].after.iter().filter(|earlier| **earlier < step));
        }
    }
    false
}

fn waits_for_creation(plan: &Plan, position: usize, address: &str) -> bool {
    let mut open: Vec<usize> = plan.steps[position].after.clone();
    while let Some(step) = open.pop() {
        if step >= position {
            continue;
        }
        if plan.steps[step].address == address && plan.steps[step].remembers {
            return true;
        }
        open.extend(&plan.steps[step].after);
    }
    false
}
