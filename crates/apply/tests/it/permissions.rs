//! Whatever is allowed and whatever is there: a plan without errors passes its own check, and can be carried out.

use std::collections::{BTreeMap, BTreeSet};

use poolform_apply::observe;
use poolform_core::{
    Address, Call, Context, Observed, Permissions, Plan, Recorded, Request, check, declare, kinds, plan,
};
use poolform_value::Diagnostics;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::declarations::arguments;
use crate::world::{Arguments, World};

/// Calls that look like parts of each other, and are none: a wrapper of the same name, instances, another pool.
const CALLS: &[&str] = &["module.pool", "module.pool.module.pool", "module.pool[\"a\"]", "module.other"];

/// Pools by their call. Only one has a domain: two would want the same.
fn shape() -> impl Strategy<Value = Vec<(&'static str, Arguments)>> {
    (subsequence(CALLS.to_vec(), 0..=2), vec(arguments(), 2)).prop_map(|(calls, arguments)| {
        let mut shape: Vec<_> = calls.into_iter().zip(arguments).collect();
        shape.iter_mut().skip(1).for_each(|(_, arguments)| {
            arguments.remove("domain");
        });
        shape
    })
}

#[derive(Debug)]
struct Allowed {
    delete: Vec<bool>,
    replace: Vec<bool>,
    targets: Vec<bool>,
    users: Vec<bool>,
    gone: Vec<bool>,
}

fn allowed() -> impl Strategy<Value = Allowed> {
    let often = || vec(prop::bool::weighted(0.7), 16);
    let seldom = || prop_oneof![2 => Just(Vec::new()), 1 => vec(prop::bool::weighted(0.2), 16)];
    (often(), often(), seldom(), seldom(), seldom()).prop_map(|(delete, replace, targets, users, gone)| Allowed {
        delete,
        replace,
        targets,
        users,
        gone,
    })
}

/// Those of `all` that `choice` has.
fn chosen(all: &BTreeSet<Address>, choice: &[bool]) -> BTreeSet<Address> {
    all.iter().zip(choice).filter(|(_, chosen)| **chosen).map(|(address, _)| address.clone()).collect()
}

type Planned = (Plan, BTreeMap<Address, Observed>, Diagnostics, Permissions);

fn planned(world: &World, shape: &[(&str, Arguments)], allowed: &Allowed) -> Planned {
    let mut said = Diagnostics::new();
    let declarations: Vec<_> = shape
        .iter()
        .map(|(address, arguments)| {
            let call = Call { address: (*address).to_owned(), arguments: arguments.clone() };
            let (declaration, diagnostics) = declare(&call, &Context::default());
            said.extend(diagnostics);
            declaration
        })
        .collect();
    let desired = declarations.iter().flat_map(|declaration| &declaration.desired);
    let mut all: BTreeSet<Address> = desired.map(|desired| desired.address.clone()).collect();
    all.extend(world.recorded.keys().cloned());
    let permissions = Permissions { delete: chosen(&all, &allowed.delete), replace: chosen(&all, &allowed.replace) };
    let targets: Vec<Address> = chosen(&all, &allowed.targets).into_iter().collect();
    let mut observed = observe(&world.cognito, &world.recorded, 4).unwrap();
    for address in chosen(&all, &allowed.gone) {
        // Of a pool that is gone nothing is there.
        observed.retain(|each, _| {
            *each != address
                && !(CALLS.contains(&address.as_str())
                    && kinds::KINDS.iter().any(|kind| {
                        !kind.segment.is_empty() && each.starts_with(&format!("{address}.{}", kind.segment))
                    }))
        });
    }
    let users = chosen(&all, &allowed.users);
    observed.iter_mut().for_each(|(address, each)| each.users = Some(users.contains(address)));
    let (plan, diagnostics) = plan(&Request {
        declarations: &declarations,
        recorded: &world.recorded,
        observed: &observed,
        permissions: &permissions,
        targets: &targets,
        triggered: &BTreeMap::new(),
    });
    said.extend(diagnostics);
    (plan, observed, said, permissions)
}

const EVERYTHING: Allowed =
    Allowed { delete: Vec::new(), replace: Vec::new(), targets: Vec::new(), users: Vec::new(), gone: Vec::new() };

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// An internal error is never a user's answer: nothing that may be planned has a defect (invariant 1), and Cognito
    /// takes it.
    #[test]
    fn no_plan_fails_its_own_check(before in shape(), after in shape(), allowed in allowed()) {
        let mut world = World::new();
        let (plan, observed, said, _) = planned(&world, &before, &EVERYTHING);
        prop_assume!(!said.has_errors());
        let outcome = world.carry_out(&plan, observed, None);
        prop_assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
        let (plan, observed, said, permissions) = planned(&world, &after, &allowed);
        if said.has_errors() {
            return Ok(());
        }
        let recorded: &BTreeMap<Address, Recorded> = &world.recorded;
        prop_assert_eq!(check::defects(&plan, &permissions, recorded), [], "{:#?}", plan);
        if allowed.gone.iter().any(|gone| *gone) {
            return Ok(());
        }
        world.permissions = permissions;
        let targeted = allowed.targets.iter().any(|target| *target);
        let outcome = world.carry_out(&plan, observed, None);
        // What is not targeted may hold a domain or an identifier that is wanted.
        prop_assert!(outcome.failed.is_empty() || targeted, "{:?}\n{:#?}", outcome.failed, plan);
        if !targeted {
            let (left, _, said, _) = planned(&world, &after, &EVERYTHING);
            prop_assert!(left.is_empty() && !said.has_errors(), "{left:#?} {said:?}");
        }
    }
}
